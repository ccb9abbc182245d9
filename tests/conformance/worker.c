// SPDX-License-Identifier: MIT
// One test file: each mode in an isolate of its own.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/modules/loader.h"
#include "tests/conformance/test262.h"

static char *read_text(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return NULL;
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  char *text = malloc((size_t)size + 1);
  *length = text == NULL ? 0 : fread(text, 1, (size_t)size, file);
  if (text != NULL) text[*length] = 0;
  fclose(file);
  return text;
}

bool stress_jit;
int stress_gc;

// Harness files, compiled once: templates belong to no isolate.
typedef struct HarnessFile {
  char name[96];
  Template *template;
} HarnessFile;
static HarnessFile harness[256];
static int harness_count;

static Template *compile_text(Isolate *iso, const char *text, size_t length,
                              const char *name, bool strict,
                              CompileError *error) {
  String *source = vm_string_from_utf8(iso, text, length);
  StringView view;
  if (source == NULL || !vm_string_view(iso, source, &view)) return NULL;
  CompileOptions options = {
      .goal = COMPILE_SCRIPT, .file_name = name, .is_strict = strict};
  return vm_compile(view.units, view.length, view.is_wide, &options, error);
}

static Template *harness_template(Isolate *iso, const char *name) {
  for (int i = 0; i < harness_count; i++) {
    if (strcmp(harness[i].name, name) == 0) return harness[i].template;
  }
  char path[4352];
  snprintf(path, sizeof path, "%s/harness/%s", suite, name);
  size_t length;
  char *text = read_text(path, &length);
  CompileError error = {0};
  Template *template =
      text == NULL ? NULL
                   : compile_text(iso, text, length, name, false, &error);
  free(text);
  if (template != NULL && harness_count < 256) {
    snprintf(harness[harness_count].name, sizeof harness[0].name, "%s", name);
    harness[harness_count++].template = template;
  }
  return template;
}

static bool run_harness(Runtime *rt, const char *name, char *message,
                        size_t size) {
  Template *template = harness_template(rt->isolate, name);
  if (template == NULL) {
    snprintf(message, size, "harness file %s does not compile", name);
    return false;
  }
  if (value_is_exception(vm_run_template(rt->isolate, template))) {
    char shown[256];
    vm_describe(rt->isolate, vm_take_exception(rt->isolate), shown,
                sizeof shown);
    snprintf(message, size, "harness file %s threw %s", name, shown);
    return false;
  }
  return true;
}

// The constructor's name and the message of a thrown value.
static void describe_thrown(Isolate *iso, Value error, char *name,
                            size_t name_size, char *message, size_t size) {
  snprintf(name, name_size, "?");
  vm_describe(iso, error, message, size);
  if (!value_is_object(error)) return;
  Value constructor = vm_get(iso, value_as_object(error), KEY(constructor));
  if (value_is_object(constructor)) {
    Value text = vm_get(iso, value_as_object(constructor), KEY(name));
    if (value_is_string(text)) {
      char *utf8 = vm_string_to_utf8(iso, value_as_string(text), NULL);
      snprintf(name, name_size, "%s", utf8 == NULL ? "?" : utf8);
      free(utf8);
    }
  }
  Value text = vm_get(iso, value_as_object(error), KEY(message));
  if (value_is_string(text)) {
    char *utf8 = vm_string_to_utf8(iso, value_as_string(text), NULL);
    snprintf(message, size, "%s: %s", name, utf8 == NULL ? "?" : utf8);
    free(utf8);
  }
  if (vm_has_exception(iso)) vm_take_exception(iso);
}

typedef struct Outcome {
  NegativePhase phase; // where it threw; NONE: it did not
  char type[64];
  char message[512];
} Outcome;

static void set_thrown(Isolate *iso, Outcome *out, NegativePhase phase,
                       Value error) {
  out->phase = phase;
  describe_thrown(iso, error, out->type, sizeof out->type, out->message,
                  sizeof out->message);
}

static void run_script(Runtime *rt, const char *path, const char *text,
                       size_t length, bool strict, Outcome *out) {
  Isolate *iso = rt->isolate;
  char *full = NULL;
  if (strict) {
    // The text may hold NUL.
    static const char directive[] = "\"use strict\";\n";
    size_t added = sizeof directive - 1;
    full = malloc(added + length + 1);
    if (full == NULL) return;
    memcpy(full, directive, added);
    memcpy(full + added, text, length);
    full[added + length] = 0;
    text = full;
    length += added;
  }
  CompileError error = {0};
  Template *template = compile_text(iso, text, length, path, false, &error);
  free(full);
  if (template == NULL) {
    out->phase = NEGATIVE_PARSE;
    strcpy(out->type,
           error.is_reference_error ? "ReferenceError" : "SyntaxError");
    snprintf(out->message, sizeof out->message, "%u:%u: %.400s", error.line,
             error.column, error.message);
    return;
  }
  Value result = vm_run_template(iso, template);
  vm_template_release(template);
  if (value_is_exception(result)) {
    set_thrown(iso, out, NEGATIVE_RUNTIME, vm_take_exception(iso));
  }
}

static void run_module(Runtime *rt, const char *path, const char *text,
                       size_t length, Outcome *out) {
  Isolate *iso = rt->isolate;
  Module *module = vm_module_compile(iso, text, length, path);
  if (module == NULL) {
    set_thrown(iso, out, NEGATIVE_PARSE, vm_take_exception(iso));
    return;
  }
  if (!rt_remember_module(iso, path, module)) vm_take_exception(iso);
  Promise *loaded = vm_module_load(iso, module);
  if (loaded == NULL) {
    set_thrown(iso, out, NEGATIVE_RESOLUTION, vm_take_exception(iso));
    return;
  }
  loaded->object.cell.aux |= PROMISE_IS_HANDLED;
  rt_run_loop(rt, loaded);
  if (promise_state(loaded) == PROMISE_REJECTED) {
    set_thrown(iso, out, NEGATIVE_RESOLUTION, loaded->result);
    return;
  }
  if (!vm_module_link(iso, module)) {
    set_thrown(iso, out, NEGATIVE_RESOLUTION, vm_take_exception(iso));
    return;
  }
  Promise *done = vm_module_evaluate(iso, module);
  if (done == NULL) {
    set_thrown(iso, out, NEGATIVE_RUNTIME, vm_take_exception(iso));
    return;
  }
  done->object.cell.aux |= PROMISE_IS_HANDLED;
  rt_run_loop(rt, done);
  if (promise_state(done) == PROMISE_REJECTED) {
    set_thrown(iso, out, NEGATIVE_RUNTIME, done->result);
  }
}

static bool judge(const Metadata *m, const Outcome *out, char *message,
                  size_t size) {
  if (m->negative != NEGATIVE_NONE) {
    if (out->phase == NEGATIVE_NONE) {
      snprintf(message, size, "expected %s, nothing was thrown",
               m->negative_type);
      return false;
    }
    // Errors of an imported module's text count as resolution errors.
    bool same_phase =
        out->phase == m->negative ||
        (m->negative == NEGATIVE_PARSE && out->phase == NEGATIVE_RESOLUTION) ||
        (m->negative == NEGATIVE_RESOLUTION && out->phase == NEGATIVE_PARSE);
    if (!same_phase || strcmp(out->type, m->negative_type) != 0) {
      snprintf(message, size, "expected %s in phase %d, got %s in phase %d",
               m->negative_type, m->negative, out->message, out->phase);
      return false;
    }
    return true;
  }
  if (out->phase != NEGATIVE_NONE) {
    snprintf(message, size, "%s", out->message);
    return false;
  }
  if (m->flags & FLAG_ASYNC) {
    if (!test262_host.async_done) {
      snprintf(message, size, "$DONE was not called");
      return false;
    }
    if (test262_host.async_failed) {
      snprintf(message, size, "%s", test262_host.async_message);
      return false;
    }
  }
  return true;
}

static bool run_mode(const char *path, const char *text, size_t length,
                     const Metadata *m, bool strict, char *message,
                     size_t size) {
  memset(&test262_host, 0, sizeof test262_host);
  RuntimeOptions options = {.bare = true,
                            .assume_modules = true,
                            .stress_jit = stress_jit,
                            .gc_stress = (uint32_t)stress_gc};
  Runtime *rt = rt_new(&options);
  if (rt == NULL) {
    snprintf(message, size, "no runtime");
    return false;
  }
  test262_define_host(rt);
  rt->isolate->cannot_block = (m->flags & FLAG_CAN_BLOCK_FALSE) != 0;
  bool ready = true;
  if (!(m->flags & FLAG_RAW)) {
    ready = run_harness(rt, "assert.js", message, size) &&
            run_harness(rt, "sta.js", message, size) &&
            (!(m->flags & FLAG_ASYNC) ||
             run_harness(rt, "doneprintHandle.js", message, size));
    for (int i = 0; ready && i < m->include_count; i++) {
      ready = run_harness(rt, m->includes[i], message, size);
    }
  }
  bool passed = false;
  if (ready) {
    Outcome out = {0};
    rt->ignore_rejections = true;
    if (m->flags & FLAG_MODULE) {
      run_module(rt, path, text, length, &out);
    } else {
      run_script(rt, path, text, length, strict, &out);
    }
    if (m->flags & FLAG_ASYNC) {
      uint64_t limit = uv_hrtime() + UINT64_C(9000000000);
      while (out.phase == NEGATIVE_NONE && !test262_host.async_done &&
             uv_hrtime() < limit && rt_run_loop_once(rt)) {
      }
    } else if (out.phase == NEGATIVE_NONE) {
      rt_run_loop(rt, NULL);
    }
    passed = judge(m, &out, message, size);
  }
  test262_agents_end();
  rt_free(rt);
  return passed;
}

static void run_and_count(const char *path, const char *text, size_t length,
                          const Metadata *m, bool strict, FileResult *out) {
  char message[MESSAGE_BYTES] = "";
  out->runs++;
  if (run_mode(path, text, length, m, strict, message, sizeof message)) {
    return;
  }
  if (out->failed++ == 0) {
    snprintf(out->message, sizeof out->message, "%.*s%s", MESSAGE_BYTES - 20,
             message, strict ? " (strict mode)" : "");
  }
}

void test262_run_file(const char *path, FileResult *out) {
  *out = (FileResult){0};
  size_t length;
  char *text = read_text(path, &length);
  if (text == NULL) {
    *out = (FileResult){.runs = 1, .failed = 1};
    snprintf(out->message, sizeof out->message, "cannot read the file");
    return;
  }
  Metadata m;
  test262_metadata(text, length, &m);
  for (int mode = 0; mode < 2; mode++) {
    if (test262_runs_in(&m, mode == 1)) {
      run_and_count(path, text, length, &m, mode == 1, out);
    }
  }
  free(text);
}
