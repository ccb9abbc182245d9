// SPDX-License-Identifier: MIT
// A minimal shell for tests and measurements of the language core, without the
// runtime: runs script files (or modules, --module) one after the other in one
// realm, with print, read, load, quit, gc, console.log and performance.now.
// --gc-stress N, first: collect at every Nth slow allocation.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "vm/interpreter/jobs.h"
#include "vm/interpreter/modules.h"
#include "vm/interpreter/run.h"

static double now_milliseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static char *read_file(const char *path, size_t *length) {
  FILE *f = fopen(path, "rb");
  if (f == NULL) return NULL;
  size_t capacity = 1 << 16, count = 0;
  char *text = malloc(capacity + 1);
  for (;;) {
    count += fread(text + count, 1, capacity - count, f);
    if (count < capacity) break;
    capacity *= 2;
    text = realloc(text, capacity + 1);
  }
  fclose(f);
  text[count] = 0;
  *length = count;
  return text;
}

static void print_value(Isolate *iso, FILE *to, Value v) {
  String *s = value_is_symbol(v) ? NULL : vm_to_string(iso, v);
  if (s == NULL) {
    char text[128];
    if (vm_has_exception(iso)) (void)vm_take_exception(iso);
    vm_describe(iso, v, text, sizeof text);
    fputs(text, to);
    return;
  }
  size_t length;
  char *text = vm_string_to_utf8(iso, s, &length);
  if (text != NULL) fwrite(text, 1, length, to);
  free(text);
}

static Value print(Isolate *iso, const NativeCall *call) {
  for (uint32_t i = 0; i < call->argc; i++) {
    if (i != 0) fputc(' ', stdout);
    if (!value_is_symbol(call->argv[i]) &&
        vm_to_string(iso, call->argv[i]) == NULL)
      return VALUE_EXCEPTION;
    print_value(iso, stdout, call->argv[i]);
  }
  fputc('\n', stdout);
  return VALUE_UNDEFINED;
}

static Value read(Isolate *iso, const NativeCall *call) {
  String *s = vm_to_string(iso, native_argument(call, 0));
  char *path = s != NULL ? vm_string_to_utf8(iso, s, NULL) : NULL;
  size_t length;
  char *text = path != NULL ? read_file(path, &length) : NULL;
  if (text == NULL) {
    vm_throw_error(iso, ERROR_ERROR, "Cannot read %s", path ? path : "");
    free(path);
    return VALUE_EXCEPTION;
  }
  String *content = vm_string_from_utf8(iso, text, length);
  free(text);
  free(path);
  return content != NULL ? value_from_cell(content) : VALUE_EXCEPTION;
}

static Value run_file(Isolate *iso, const char *path) {
  size_t length;
  char *text = read_file(path, &length);
  if (text == NULL)
    return vm_throw_error(iso, ERROR_ERROR, "Cannot read %s", path);
  Value v = vm_evaluate_script(iso, text, length, path);
  free(text);
  return v;
}

static Value load(Isolate *iso, const NativeCall *call) {
  String *s = vm_to_string(iso, native_argument(call, 0));
  char *path = s != NULL ? vm_string_to_utf8(iso, s, NULL) : NULL;
  if (path == NULL) return VALUE_EXCEPTION;
  Value v = run_file(iso, path);
  free(path);
  return v;
}

static Value quit(Isolate *iso, const NativeCall *call) {
  int32_t status = 0;
  if (call->argc != 0) (void)!vm_to_int32(iso, call->argv[0], &status);
  fflush(stdout);
  exit(status);
}

static Value collect(Isolate *iso, const NativeCall *call) {
  (void)call;
  gc_collect(iso->heap, GC_FULL);
  return VALUE_UNDEFINED;
}

static Value now(Isolate *iso, const NativeCall *call) {
  (void)iso, (void)call;
  return value_from_double(now_milliseconds());
}

static const Builtin shell_functions[] = {
    BUILTIN("print", print, 1), BUILTIN("read", read, 1),
    BUILTIN("load", load, 1),   BUILTIN("quit", quit, 0),
    BUILTIN("gc", collect, 0),
};
static const Builtin console_functions[] = {BUILTIN("log", print, 1)};
static const Builtin performance_functions[] = {BUILTIN("now", now, 0)};

static void define_namespace(Isolate *iso, const char *name,
                             const Builtin *table) {
  Object *o = vm_object_new(iso);
  vm_define_builtins(iso, o, table, 1);
  vm_put(iso, iso->realm->global, vm_key_from_c(name), value_from_cell(o),
         PROPERTY_HIDDEN);
}

// Prints the pending exception with its stack.
static int report(Isolate *iso) {
  Value e = vm_take_exception(iso);
  iso->terminating = false;
  fflush(stdout);
  fputs("Uncaught ", stderr);
  Value stack = VALUE_UNDEFINED;
  if (value_is_object(e)) {
    stack = vm_get(iso, value_as_object(e), KEY(stack));
    if (stack == VALUE_EXCEPTION) (void)vm_take_exception(iso);
  }
  print_value(iso, stderr, value_is_string(stack) ? stack : e);
  fputc('\n', stderr);
  return 1;
}

// Modules by path, relative to the importing file.
typedef struct Loaded {
  struct Loaded *next;
  char *path;
  GcRoot module;
} Loaded;
static Loaded *loaded;

static Module *module_of(Isolate *iso, const char *path) {
  for (Loaded *l = loaded; l != NULL; l = l->next)
    if (strcmp(l->path, path) == 0)
      return (Module *)value_as_cell(l->module.word);
  size_t length;
  char *text = read_file(path, &length);
  if (text == NULL) {
    vm_throw_error(iso, ERROR_ERROR, "Cannot find module %s", path);
    return NULL;
  }
  Module *module = vm_module_compile(iso, text, length, path);
  free(text);
  if (module == NULL) return NULL;
  Loaded *l = calloc(1, sizeof *l);
  l->path = strdup(path);
  l->next = loaded;
  loaded = l;
  gc_root_add(iso->heap, &l->module, value_from_cell(module));
  return module;
}

static void load_module(void *host, Isolate *iso, void *data) {
  (void)host;
  ModuleLoadRequest *request = data;
  char *from = vm_string_to_utf8(iso, request->referrer_name, NULL);
  char *name = vm_string_to_utf8(iso, request->specifier, NULL);
  char path[4096];
  char *slash = strrchr(from, '/');
  if (name[0] == '/' || slash == NULL) {
    snprintf(path, sizeof path, "%s",
             strncmp(name, "./", 2) == 0 ? name + 2 : name);
  } else {
    snprintf(path, sizeof path, "%.*s/%s", (int)(slash - from), from,
             strncmp(name, "./", 2) == 0 ? name + 2 : name);
  }
  free(from);
  free(name);
  vm_module_loaded(iso, request, module_of(iso, path));
}

static int run_module(Isolate *iso, const char *path) {
  Module *module = module_of(iso, path);
  Promise *promise = module != NULL ? vm_module_run(iso, module) : NULL;
  if (promise == NULL || !vm_run_jobs(iso)) return report(iso);
  if (promise_state(promise) == PROMISE_REJECTED) {
    vm_throw(iso, promise->result);
    return report(iso);
  }
  return 0;
}

int main(int argc, char **argv) {
  static HostHooks hooks = {.load_module = load_module};
  IsolateOptions options = {.hooks = &hooks};
  if (argc > 2 && strcmp(argv[1], "--gc-stress") == 0) {
    options.gc_stress = (uint32_t)atoi(argv[2]);
    argc -= 2;
    argv += 2;
  }
  int first = 1;
  for (; first < argc; first++) {
    // --gc-stress=N: collect at every Nth allocation; --gc-plain: without the
    // collector thread; --gc-limit=MiB.
    if (strncmp(argv[first], "--gc-stress=", 12) == 0) {
      options.gc_stress = (uint32_t)atoi(argv[first] + 12);
    } else if (strcmp(argv[first], "--gc-plain") == 0) {
      options.gc_stop_the_world = true;
    } else if (strncmp(argv[first], "--gc-limit=", 11) == 0) {
      options.max_heap_bytes = (size_t)atoi(argv[first] + 11) << 20;
    } else {
      break;
    }
  }
  Isolate *iso = vm_isolate_new(&options);
  if (iso == NULL) return 2;
  Realm *realm = vm_realm_new(iso);
  if (realm == NULL) return report(iso) + 1;
  vm_define_builtins(iso, realm->global, shell_functions,
                     sizeof shell_functions / sizeof shell_functions[0]);
  define_namespace(iso, "console", console_functions);
  define_namespace(iso, "performance", performance_functions);
  bool module = false;
  int status = 0;
  for (int i = first; i < argc && status == 0; i++) {
    if (strcmp(argv[i], "--module") == 0) {
      module = true;
    } else if (strcmp(argv[i], "-e") == 0 && i + 1 < argc) {
      i++;
      if (vm_evaluate_script(iso, argv[i], strlen(argv[i]), "-e") ==
          VALUE_EXCEPTION)
        status = report(iso);
    } else if (module) {
      status = run_module(iso, argv[i]);
    } else if (run_file(iso, argv[i]) == VALUE_EXCEPTION) {
      status = report(iso);
    }
    while (vm_has_jobs(iso) && !vm_run_jobs(iso))
      status = report(iso);
  }
  fflush(stdout);
  for (Loaded *l = loaded; l != NULL;) {
    Loaded *next = l->next;
    gc_root_remove(iso->heap, &l->module);
    free(l->path);
    free(l);
    l = next;
  }
  vm_isolate_free(iso);
  return status;
}
