// SPDX-License-Identifier: MIT
// Modules of the embedder: native ones, and what its hooks resolve and load.
// Both lie in the program's table of modules, under names that begin with
// "host:", as no path, URL or builtin does.
#include <stdio.h>
#include <stdlib.h>

#include "runtime/api/api.h"
#include "runtime/embedder.h"
#include "runtime/modules/loader.h"
#include "runtime/values.h"
#include "vm/interpreter/code.h"

// A native module: its exports are copied behind it.
typedef struct ApiModule {
  struct ApiModule *next;
  rill_isolate *api;
  char *name;
  bool (*init)(rill_isolate *, void *data, rill_module *);
  void *data;
  size_t export_count;
  rill_export exports[];
} ApiModule;

// What `init` is given.
struct rill_module {
  Module *module;
};

static void free_module(ApiModule *m) {
  for (size_t i = 0; i < m->export_count; i++)
    free((char *)(uintptr_t)m->exports[i].name);
  free(m->name);
  free(m);
}

void api_free_modules(rill_isolate *api) {
  while (api->modules != NULL) {
    ApiModule *m = api->modules;
    api->modules = m->next;
    free_module(m);
  }
}

// Evaluation ---------------------------------------------------------------

static bool set_export(Isolate *iso, Module *module, const char *name,
                       rill_isolate *api, rill_value value) {
  return vm_module_set_export(iso, module, vm_atom_from_c(name),
                              api_value(api, value));
}

bool rill_module_set(rill_isolate *api, rill_module *m, const char *name,
                     rill_value value) {
  api_use(api);
  if (set_export(api->iso, m->module, name, api, value)) return true;
  if (vm_has_exception(api->iso)) {
    api_fail(api);
  } else {
    api_fail_host(api, "rill_module_set: the module has no such export");
  }
  return false;
}

// SyntheticInit.
static bool init_native(Isolate *iso, Module *module, void *data) {
  ApiModule *m = data;
  rill_isolate *api = m->api;
  ApiMark mark = api_mark(api);
  uint32_t failures = api->failures;
  bool done = true;
  for (size_t i = 0; done && i < m->export_count; i++) {
    const rill_export *e = &m->exports[i];
    if (e->function == NULL) continue;
    rill_value f = rill_function_new(api, e->name, e->function, e->data);
    done = f != NULL && set_export(iso, module, e->name, api, f);
  }
  rill_module handle = {module};
  if (done && m->init != NULL) done = m->init(api, m->data, &handle);
  // A failure without a reason is one all the same.
  if (!done && !value_is_exception(api_returned(api, NULL, failures)))
    vm_throw_error(iso, ERROR_ERROR, "the module %s cannot be set up", m->name);
  api_cut_back(api, mark);
  return done;
}

// NULL: threw.
static Module *new_native(Isolate *iso, ApiModule *m) {
  String **names = calloc(m->export_count + 1, sizeof *names);
  if (names == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  for (size_t i = 0; i < m->export_count; i++)
    names[i] = vm_atom_from_c(m->exports[i].name);
  Module *module =
      vm_synthetic_module_new(iso, vm_atom_from_c(m->name), names,
                              (uint32_t)m->export_count, init_native, m);
  free(names);
  return module;
}

// Definition ---------------------------------------------------------------

static bool copy_exports(ApiModule *m, const rill_module_options *options) {
  const char *given = (const char *)options->exports;
  for (size_t i = 0; i < options->export_count; i++) {
    rill_export *e = &m->exports[i];
    size_t size = options->export_size;
    memcpy(e, given + i * size, size < sizeof *e ? size : sizeof *e);
    e->name = strdup(e->name);
    if (e->name == NULL) return false;
    m->export_count++;
  }
  return true;
}

static const ApiModule *native_named(const rill_isolate *api,
                                     const char *name) {
  const ApiModule *m = api->modules;
  while (m != NULL && strcmp(m->name, name) != 0)
    m = m->next;
  return m;
}

static const char *what_is_wrong(const rill_isolate *api,
                                 const rill_module_options *o) {
  if (o->name == NULL || o->export_size == 0)
    return "rill_module_define: a name is missing";
  if (native_named(api, o->name) != NULL)
    return "rill_module_define: there is a module of this name";
  const char *given = (const char *)o->exports;
  for (size_t i = 0; i < o->export_count; i++) {
    const char *const *name = (const char *const *)(given + i * o->export_size);
    if (*name == NULL) return "rill_module_define: a name is missing";
    for (size_t j = 0; j < i; j++) {
      const char *const *other =
          (const char *const *)(given + j * o->export_size);
      if (strcmp(*name, *other) == 0)
        return "rill_module_define: an export is named twice";
    }
  }
  return NULL;
}

bool rill_module_define(rill_isolate *api, const rill_module_options *given) {
  api_use(api);
  rill_module_options options = RILL_MODULE_INIT;
  const char *wrong =
      api_copy_in(&options, given, sizeof options)
          ? what_is_wrong(api, &options)
          : API_UNSIZED("rill_module_define", "RILL_MODULE_INIT");
  if (wrong != NULL) {
    api_fail_host(api, wrong);
    return false;
  }
  ApiModule *m =
      calloc(1, sizeof *m + options.export_count * sizeof m->exports[0]);
  if (m != NULL) m->name = strdup(options.name);
  if (m == NULL || m->name == NULL || !copy_exports(m, &options)) {
    if (m != NULL) free_module(m);
    api_fail_host(api, "Out of memory");
    return false;
  }
  m->api = api;
  m->init = options.init;
  m->data = options.data;
  m->next = api->modules;
  api->modules = m;
  api_install_hooks(api);
  return true;
}

// Hooks --------------------------------------------------------------------

void rill_set_module_hooks(rill_isolate *api, const rill_module_hooks *given) {
  api_use(api);
  rill_module_hooks hooks = RILL_MODULE_HOOKS_INIT;
  if (given != NULL && !api_copy_in(&hooks, given, sizeof hooks)) {
    api_fail_host(
        api, API_UNSIZED("rill_set_module_hooks", "RILL_MODULE_HOOKS_INIT"));
    return;
  }
  api->module_hooks = hooks;
  api_install_hooks(api);
}

// The texts of a request, for the embedder.
typedef struct Asked {
  rill_module_request request;
  char **texts; // specifier, referrer, attributes
  size_t count;
} Asked;

static void forget(Asked *asked) {
  for (size_t i = 0; i < asked->count; i++)
    free(asked->texts[i]);
  free(asked->texts);
}

// False: threw.
static bool ask(Isolate *iso, const ModuleLoadRequest *request, Asked *asked) {
  uint32_t attributes = 2 * request->attribute_count;
  *asked = (Asked){.texts = calloc(2 + attributes, sizeof(char *))};
  bool done = asked->texts != NULL;
  if (done) {
    asked->count = 2 + attributes;
    asked->texts[0] = vm_string_to_utf8(iso, request->specifier, NULL);
    asked->texts[1] =
        request->referrer_name == NULL
            ? strdup("")
            : vm_string_to_utf8(iso, request->referrer_name, NULL);
    for (uint32_t i = 0; i < attributes; i++)
      asked->texts[2 + i] =
          vm_string_to_utf8(iso, request->attributes[i], NULL);
    for (size_t i = 0; i < asked->count; i++)
      done = done && asked->texts[i] != NULL;
  }
  if (!done) {
    forget(asked);
    vm_throw_out_of_memory(iso);
    return false;
  }
  asked->request = (rill_module_request){
      .size = sizeof asked->request,
      .specifier = asked->texts[0],
      .referrer = asked->texts[1],
      .is_dynamic = request->is_dynamic,
      .attribute_count = request->attribute_count,
      .attributes = (const char *const *)&asked->texts[2],
  };
  return true;
}

// NULL: threw.
static Module *module_of_source(rill_isolate *api, const char *name,
                                const rill_module_source *source) {
  Isolate *iso = api->iso;
  if (source->kind == RILL_SOURCE_COMPILED) {
    Template *template = source->compiled == NULL
                             ? NULL
                             : api_compiled_template(source->compiled);
    if (template != NULL)
      return vm_module_new(iso, template, vm_atom_from_c(name));
    vm_throw_type(iso, "what the host loads for %s is no compiled module",
                  name);
    return NULL;
  }
  if (source->text == NULL) {
    vm_throw_type(iso, "the host loads no text for %s", name);
    return NULL;
  }
  size_t length = api_text_length(source->text, source->length);
  switch (source->kind) {
  case RILL_SOURCE_MODULE:
    return vm_module_compile(iso, source->text, length, name);
  case RILL_SOURCE_TYPESCRIPT:
    return vm_module_compile_typescript(iso, source->text, length, name);
  case RILL_SOURCE_JSON:
    return rt_value_module_new(iso, name,
                               rt_json_parse(iso, source->text, length, name));
  case RILL_SOURCE_TEXT:
    return rt_value_module_new(iso, name,
                               rt_utf8_value(iso, source->text, length));
  default:
    vm_throw_type(iso, "what the host loads for %s is of no kind", name);
    return NULL;
  }
}

// NULL: threw.
static Module *load(rill_isolate *api, const char *name, const Asked *asked) {
  const rill_module_hooks *hooks = &api->module_hooks;
  Isolate *iso = api->iso;
  if (hooks->load == NULL) {
    vm_throw_error(iso, ERROR_ERROR, "The host loads no modules: %s", name);
    return NULL;
  }
  rill_module_source source = {.size = sizeof source, .length = RILL_TEXT_END};
  uint32_t failures = api->failures;
  bool loaded = hooks->load(api, hooks->data, name, &asked->request, &source);
  Module *module = NULL;
  if (value_is_exception(
          api_returned(api, NULL, loaded ? api->failures : failures))) {
    // thrown
  } else if (!loaded) {
    vm_throw_error(iso, ERROR_ERROR, "Cannot find module '%s' imported from %s",
                   name, asked->request.referrer);
  } else {
    module = module_of_source(api, name, &source);
  }
  if (loaded && source.release != NULL)
    source.release(source.data, source.text);
  return module;
}

// Under the name, and the attributes that it was asked for with. NULL: threw.
static Module *known_or_new(rill_isolate *api, const char *name,
                            const Asked *asked, ApiModule *native) {
  Isolate *iso = api->iso;
  char *key_text = NULL;
  size_t size;
  FILE *out = open_memstream(&key_text, &size);
  if (out != NULL) {
    fprintf(out, "host:%s", name);
    for (size_t i = 2; native == NULL && i < asked->count; i++)
      fprintf(out, "%c%s", i % 2 == 0 ? ';' : '=', asked->texts[i]);
  }
  PropertyKey key;
  Module *module = NULL;
  if (out == NULL || fclose(out) != 0) {
    vm_throw_out_of_memory(iso);
  } else if (rt_path_key(iso, key_text, &key)) {
    Value known = vm_get(iso, rt_module_table(iso, TABLE_RECORDS), key);
    if (value_is_kind(known, CELL_MODULE) &&
        !vm_module_was_cut_off(iso, (Module *)value_as_cell(known))) {
      module = (Module *)value_as_cell(known);
    } else if (!value_is_exception(known)) {
      module =
          native != NULL ? new_native(iso, native) : load(api, name, asked);
      if (module != NULL && !rt_remember_module(iso, key_text, module))
        module = NULL;
    }
  }
  free(key_text);
  return module;
}

bool api_load_module(Runtime *rt, const ModuleLoadRequest *request,
                     Module **out) {
  rill_isolate *api = rt->embedder;
  const rill_module_hooks *hooks = &api->module_hooks;
  *out = NULL;
  if (hooks->resolve == NULL && api->modules == NULL) return false;
  // rill's own modules import theirs.
  StringView referrer;
  if (request->referrer != NULL &&
      vm_string_view(api->iso, request->referrer->name, &referrer) &&
      vm_names_builtin(referrer))
    return false;
  Asked asked;
  if (!ask(api->iso, request, &asked)) return true;
  ApiMark mark = api_mark(api);
  ApiModule *native =
      (ApiModule *)(uintptr_t)native_named(api, asked.request.specifier);
  bool answered = true;
  if (native != NULL) {
    *out = known_or_new(api, native->name, &asked, native);
  } else if (hooks->resolve == NULL) {
    answered = false;
  } else {
    uint32_t failures = api->failures;
    const char *name = hooks->resolve(api, hooks->data, &asked.request);
    if (name == NULL) {
      answered = value_is_exception(api_returned(api, NULL, failures));
    } else {
      char *copy = strdup(name);
      if (copy == NULL) {
        vm_throw_out_of_memory(api->iso);
      } else {
        *out = known_or_new(api, copy, &asked, NULL);
      }
      free(copy);
    }
  }
  api_cut_back(api, mark);
  forget(&asked);
  return answered;
}
