// SPDX-License-Identifier: MIT
// The natives of "rill:internal/...": scripts do not get hold of them, but what
// would happen if one did? Each is called with values of every kind, in a
// process of its own: it answers or throws.
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/modules/loader.h"
#include "runtime/modules/native_modules.h"
#include "runtime/runtime.h"
#include "vm/objects/elements.h"

enum { CALLS = 400, MOST_ARGUMENTS = 5 };

static const NativeModule *const modules[] = {
    &rt_broadcast_module, &rt_child_module,    &rt_clock_module,
    &rt_clone_module,     &rt_context_module,  &rt_crypto_module,
    &rt_encoding_module,  &rt_fetch_module,    &rt_heap_module,
    &rt_host_module,      &rt_http_module,     &rt_introspect_module,
    &rt_loop_module,      &rt_modules_module,  &rt_net_module,
    &rt_pool_module,      &rt_process_module,  &rt_promise_module,
    &rt_runtime_module,   &rt_signal_module,   &rt_sync_module,
    &rt_task_module,      &rt_terminal_module, &rt_test_module,
    &rt_text_module,      &rt_tls_module,      &rt_trace_module,
    &rt_url_module,       &rt_watch_module,    &rt_worker_module,
    &rt_zlib_module,
};

typedef struct Name {
  const char *module, *name; // NULL: of any
} Name;

// Those that do to the process or the terminal what they say, or take long.
static const Name drastic[] = {
    {NULL, "sendSignal"},
    {NULL, "exit"},
    {NULL, "setIdentity"},
    {NULL, "chdir"},
    {NULL, "umask"},
    {NULL, "killChild"},
    {NULL, "writeError"},
    {NULL, "setPriority"},
    {NULL, "hold"},
    {NULL, "writeWaiting"},
    {NULL, "collect"},
    {NULL, "writeSnapshot"},
    {"rill:internal/process", "write"},
};

static bool is_in(const Name *list, size_t count, const char *module,
                  const char *name) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(name, list[i].name) == 0 &&
        (list[i].module == NULL || strcmp(module, list[i].module) == 0))
      return true;
  }
  return false;
}
#define IS_IN(list, module, name)                                              \
  is_in(list, sizeof list / sizeof *list, module, name)

static const char values_text[] =
    "globalThis.values = [undefined, null, true, 0, -1, 1.5, NaN, 1e300, 2 ** "
    "40, '',"
    "'abc', 'ä\\u{1f600}', 'x'.repeat(1000), Symbol('s'), 10n, {}, [], [1, "
    "'a'],"
    "() => {}, new Uint8Array(3), new ArrayBuffer(8), new DataView("
    "new ArrayBuffer(4)), new Map(), new Error('x'), Promise.resolve(1), /x/,"
    "new Proxy({}, {}), Object.create(null), new WeakMap(), class {}];";

static uint32_t random_state;
static uint32_t random_below(uint32_t bound) {
  random_state = random_state * 1664525 + 1013904223;
  return (random_state >> 16) % bound;
}

static Value export_of(Runtime *rt, const char *module, const char *name) {
  Value exports = rt_builtin_namespace(rt, module);
  return value_is_exception(exports)
             ? exports
             : vm_get(rt->isolate, value_as_object(exports),
                      vm_key_from_c(name));
}

static void call_it(Runtime *rt, const char *module, const char *name) {
  Isolate *iso = rt->isolate;
  rt_enter(rt);
  Value native = export_of(rt, module, name);
  Module *list_module =
      vm_module_compile(iso, values_text, sizeof values_text - 1, "/values");
  Promise *done = vm_module_run(iso, list_module);
  if (value_is_exception(native) || done == NULL) _exit(1);
  rt_leave(rt, VALUE_UNDEFINED);
  rt_run_loop(rt, done);
  rt_enter(rt);
  Value list = vm_get(iso, iso->realm->global, vm_key_from_c("values"));
  for (int i = 0; i < CALLS; i++) {
    Value arguments[MOST_ARGUMENTS + 1];
    for (int k = 0; k <= MOST_ARGUMENTS; k++) {
      Array *values = (Array *)value_as_cell(list);
      arguments[k] =
          values->object.elements->values[random_below(values->length)];
    }
    uint32_t count = random_below(MOST_ARGUMENTS + 1);
    Value result =
        vm_call(iso, native, arguments[MOST_ARGUMENTS], count, arguments);
    if (value_is_exception(result)) vm_take_exception(iso);
    vm_end_termination(iso);
  }
  _exit(0);
}

static void test_natives(void **state) {
  int bad = 0;
  for (size_t m = 0; m < sizeof modules / sizeof *modules; m++) {
    const NativeModule *module = modules[m];
    for (uint32_t i = 0; i < module->count; i++) {
      const char *name = module->exports[i].name;
      if (IS_IN(drastic, module->name, name)) continue;
      fflush(NULL);
      pid_t child = fork();
      if (child == 0) {
        struct rlimit none = {0, 0}, seconds = {10, 10};
        setrlimit(RLIMIT_CORE, &none);
        setrlimit(RLIMIT_CPU, &seconds);
        alarm(15);
        int nowhere = open("/dev/null", O_RDWR);
        for (int k = 0; k < 3; k++)
          dup2(nowhere, k);
        random_state = 1;
        RuntimeOptions options = {0};
        Runtime *rt = rt_new(&options);
        if (rt == NULL) _exit(1);
        call_it(rt, module->name, name);
      }
      int status = 0;
      waitpid(child, &status, 0);
      if (status != 0) {
        bad++;
        print_message("%s %s: %s %d\n", module->name, name,
                      WIFSIGNALED(status) ? "signal" : "exit",
                      WIFSIGNALED(status) ? WTERMSIG(status)
                                          : WEXITSTATUS(status));
      }
    }
  }
  assert_int_equal(bad, 0);
}

// Natives that write or remove files do so in a folder of the test's own.
static int remove_one(const char *path, const struct stat *stat_, int type,
                      struct FTW *where) {
  return remove(path);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_natives)};
  char place[] = "/tmp/rill-natives-XXXXXX";
  if (mkdtemp(place) == NULL || chdir(place) != 0) return 1;
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return chdir("/") == 0 &&
                 nftw(place, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0
             ? failed
             : 1;
}
