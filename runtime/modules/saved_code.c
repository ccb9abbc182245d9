// SPDX-License-Identifier: MIT
// Files of saved code (vm/bytecode/serialize.h), as programs and as modules.
#include <stdlib.h>

#include "runtime/modules/loader.h"
#include "vm/bytecode/serialize.h"

// What a file holds.
typedef struct SavedCode {
  Template *template; // a reference
  String *name;       // of the file as it lies now: it imports from there
  uint8_t tag;
} SavedCode;

static bool kind_fits(const SavedCode *saved) {
  CodeKind kind = saved->template->kind;
  switch (saved->tag) {
  case SAVED_MODULE:
    return kind == CODE_MODULE;
  case SAVED_COMMONJS:
    return kind == CODE_NORMAL;
  default:
    return saved->tag < SAVED_MODULE && kind == CODE_SCRIPT;
  }
}

// False: threw, and there is nothing to release.
static bool load(Isolate *iso, const char *bytes, size_t length,
                 const char *path, SavedCode *out) {
  char problem[256];
  SerializeStatus status;
  out->template = bytecode_load((const uint8_t *)bytes, length, &out->tag,
                                &status, problem, sizeof problem);
  if (out->template == NULL && status == SERIALIZE_FAILED) {
    return rt_throw_coded(iso, "ERR_INVALID_SAVED_CODE",
                          vm_string_format(iso, "%s: %s", path, problem),
                          ERROR_TYPE);
  }
  out->name = out->template == NULL ? NULL : vm_atom_from_c(path);
  if (out->name == NULL) {
    vm_throw_out_of_memory(iso);
  } else if (!kind_fits(out)) {
    rt_throw_coded(iso, "ERR_INVALID_SAVED_CODE",
                   vm_string_format(iso, "%s: saved for another use", path),
                   ERROR_TYPE);
  } else {
    return true;
  }
  if (out->template != NULL) vm_template_release(out->template);
  return false;
}

static bool load_file(Isolate *iso, const char *path, SavedCode *out) {
  size_t length;
  char *bytes = rt_read_file(iso, path, &length);
  bool loaded = bytes != NULL && load(iso, bytes, length, path, out);
  free(bytes);
  return loaded;
}

static Module *module_of(Isolate *iso, const SavedCode *saved) {
  Module *module = vm_module_new(iso, saved->template, saved->name);
  if (module != NULL) module->code->referrer = saved->name;
  return module;
}

static Code *commonjs_of(Isolate *iso, const SavedCode *saved) {
  Code *code = vm_code_new(iso, saved->template, NULL);
  if (code != NULL) code->referrer = saved->name;
  return code;
}

// The text that it was compiled from. NULL: threw.
static char *text_of(Isolate *iso, const SavedCode *saved, size_t *length) {
  const SourceFile *source = saved->template->source;
  String *text =
      source->is_wide
          ? vm_string_from_utf16(iso, source->units, source->length)
          : vm_string_from_latin1(iso, source->units, source->length);
  char *utf8 = text == NULL ? NULL : vm_string_to_utf8(iso, text, length);
  if (text != NULL && utf8 == NULL) vm_throw_out_of_memory(iso);
  return utf8;
}

static Module *import_commonjs(Runtime *rt, const SavedCode *saved,
                               const char *path) {
  size_t length;
  char *text = text_of(rt->isolate, saved, &length);
  Code *code = text == NULL ? NULL : commonjs_of(rt->isolate, saved);
  Module *module = code == NULL
                       ? NULL
                       : rt_commonjs_module_new(rt, path, code, text, length);
  free(text);
  return module;
}

Module *rt_saved_module(Runtime *rt, const char *path) {
  Isolate *iso = rt->isolate;
  SavedCode saved;
  if (!load_file(iso, path, &saved)) return NULL;
  Module *module = NULL;
  if (saved.tag == SAVED_MODULE) {
    module = module_of(iso, &saved);
  } else if (saved.tag == SAVED_COMMONJS) {
    module = import_commonjs(rt, &saved, path);
  } else {
    rt_throw_coded(
        iso, "ERR_UNKNOWN_MODULE_FORMAT",
        vm_string_format(iso, "%s was saved as a script, which is no module",
                         path),
        ERROR_TYPE);
  }
  vm_template_release(saved.template);
  return module;
}

Tri rt_saved_commonjs(Runtime *rt, const char *path, Code **out) {
  Isolate *iso = rt->isolate;
  SavedCode saved;
  if (!load_file(iso, path, &saved)) return TRI_THREW;
  Tri is_commonjs = saved.tag == SAVED_COMMONJS;
  if (is_commonjs) {
    *out = commonjs_of(iso, &saved);
    if (*out == NULL) is_commonjs = TRI_THREW;
  }
  vm_template_release(saved.template);
  return is_commonjs;
}

char *rt_saved_commonjs_text(Runtime *rt, const char *path, size_t *length) {
  Isolate *iso = rt->isolate;
  char *text = NULL;
  SavedCode saved;
  if (!load_file(iso, path, &saved)) return NULL;
  if (saved.tag == SAVED_COMMONJS) text = text_of(iso, &saved, length);
  vm_template_release(saved.template);
  return text;
}

bool rt_saved_run(Runtime *rt, const char *bytes, size_t length,
                  const char *path, Promise **out) {
  Isolate *iso = rt->isolate;
  SavedCode saved;
  if (!load(iso, bytes, length, path, &saved)) return false;
  bool done = false;
  if (saved.tag == SAVED_MODULE) {
    Module *module = module_of(iso, &saved);
    if (module != NULL && rt_remember_module(iso, path, module))
      *out = vm_module_run(iso, module);
    done = *out != NULL;
  } else if (saved.tag == SAVED_COMMONJS) {
    Code *code = commonjs_of(iso, &saved);
    done = code != NULL &&
           !value_is_exception(rt_commonjs_run(rt, code, path, VALUE_NULL));
  } else {
    Value value = vm_run_template(iso, saved.template);
    done = !value_is_exception(value);
    // Saved by an embedder, it may await at its top.
    if (done && (saved.template->flags & TEMPLATE_ASYNC) &&
        value_is_promise(value))
      *out = (Promise *)value_as_cell(value);
  }
  vm_template_release(saved.template);
  return done;
}
