// SPDX-License-Identifier: MIT
// rill bench FILE...: times the benchmarks that files register by
// bench(name, function, operations), or a whole file if it registers none. With
// an option of its own it is bench_main.js's, which runs programs.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "runtime/modules/loader.h"

// Registered benchmarks: name, function, operations of a call, name...
static Array *registered;

static Value register_benchmark(Isolate *iso, const NativeCall *call) {
  String *name = vm_to_string(iso, native_argument(call, 0));
  if (name == NULL) return VALUE_EXCEPTION;
  if (!value_is_callable(native_argument(call, 1))) {
    return vm_throw_not_callable(iso, native_argument(call, 1));
  }
  double operations = 1;
  if (!value_is_undefined(native_argument(call, 2)) &&
      !vm_to_double(iso, call->argv[2], &operations)) {
    return VALUE_EXCEPTION;
  }
  if (!vm_array_push(iso, registered, value_from_cell(name)) ||
      !vm_array_push(iso, registered, call->argv[1]) ||
      !vm_array_push(iso, registered, value_from_double(operations))) {
    return VALUE_EXCEPTION;
  }
  return VALUE_UNDEFINED;
}

enum { SAMPLES = 15 };

static int compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// Nanoseconds of `count` calls; negative: threw.
static double time_calls(Runtime *rt, Value function, uint64_t count) {
  uint64_t start = uv_hrtime();
  for (uint64_t i = 0; i < count; i++) {
    Value done = vm_call(rt->isolate, function, VALUE_UNDEFINED, 0, NULL);
    if (value_is_exception(done)) return -1;
    if (value_is_promise(done)) {
      Promise *promise = (Promise *)value_as_cell(done);
      if (!rt_run_loop(rt, promise)) return -1;
      if (promise_state(promise) == PROMISE_REJECTED) {
        vm_throw(rt->isolate, promise->result);
        return -1;
      }
    }
  }
  return (double)(uv_hrtime() - start);
}

static bool run_benchmark(Runtime *rt, const char *name, Value function,
                          double operations) {
  // Warm up, and find how many calls take 50 ms.
  uint64_t count = 1;
  for (;;) {
    double ns = time_calls(rt, function, count);
    if (ns < 0) return false;
    if (ns > 50e6 || count >= (UINT64_C(1) << 40)) break;
    count = ns < 1e6 ? count * 10 : (uint64_t)((double)count * 60e6 / ns) + 1;
  }
  double samples[SAMPLES];
  for (int i = 0; i < SAMPLES; i++) {
    double ns = time_calls(rt, function, count);
    if (ns < 0) return false;
    samples[i] = ns / (double)count / operations;
  }
  qsort(samples, SAMPLES, sizeof *samples, compare_doubles);
  double median = samples[SAMPLES / 2];
  double spread = (samples[SAMPLES * 3 / 4] - samples[SAMPLES / 4]) / median;
  const char *unit = median >= 1e9   ? "s"
                     : median >= 1e6 ? "ms"
                     : median >= 1e3 ? "us"
                                     : "ns";
  double scale = median >= 1e9   ? 1e9
                 : median >= 1e6 ? 1e6
                 : median >= 1e3 ? 1e3
                                 : 1;
  printf("%-40s %10.3f %s/call  spread %4.1f %%  (%d x %llu calls)\n", name,
         median / scale, unit, spread * 100, SAMPLES,
         (unsigned long long)count);
  fflush(stdout);
  return true;
}

static bool run_file(Runtime *rt, const char *path) {
  Isolate *iso = rt->isolate;
  uint64_t start = uv_hrtime();
  Promise *promise;
  char *absolute = realpath(path, NULL);
  if (absolute == NULL) {
    fprintf(stderr, "rill bench: cannot open %s\n", path);
    return false;
  }
  bool loaded = rt_load_main(rt, absolute, absolute, &promise);
  free(absolute);
  if (loaded && promise != NULL) {
    loaded = rt_run_loop(rt, promise);
    if (loaded && promise_state(promise) == PROMISE_REJECTED) {
      vm_throw(iso, promise->result);
      loaded = false;
    }
  }
  if (!loaded) return false;
  uint32_t count = registered->length;
  if (count == 0) {
    if (!rt_run_loop(rt, NULL)) return false;
    printf("%-40s %10.3f ms once\n", path, (double)(uv_hrtime() - start) / 1e6);
    return true;
  }
  for (uint32_t i = 0; i + 2 < count; i += 3) {
    const Value *row = registered->object.elements->values + i;
    char *name = vm_string_to_utf8(iso, value_as_string(row[0]), NULL);
    bool done = run_benchmark(rt, name == NULL ? "?" : name, row[1],
                              value_as_number(row[2]));
    free(name);
    if (!done) return false;
  }
  return true;
}

// Other engines beside this one: rill:internal/bench_main. `shared` are options
// of rill run.
static int compare(char **own, int own_count, char **shared, int shared_count) {
  CliOptions options = {0};
  Runtime *rt = cli_runtime_new(&options);
  if (rt == NULL) return 1;
  int code = 1;
  Array *argument =
      cli_two_lists(rt->isolate, own, own_count, shared, shared_count);
  if (argument == NULL) {
    rt_uncaught(rt);
  } else {
    code = rt_run_builtin(rt, "rill:internal/bench_main",
                          value_from_cell(argument));
  }
  cli_runtime_end(rt, &options);
  return code;
}

static bool time_file(const char *path, const CliOptions *options) {
  Runtime *rt = cli_runtime_new(options);
  if (rt == NULL) return false;
  Isolate *iso = rt->isolate;
  registered = vm_array_new(iso, 0);
  GcRoot root;
  gc_root_add(iso->heap, &root, value_from_cell(registered));
  String *name = vm_atom_from_c("bench");
  vm_put(iso, iso->realm->global, key_from_atom(name),
         value_from_cell(
             vm_native_new(iso, register_benchmark, name, 2, 0, false)),
         PROPERTY_HIDDEN);
  bool done = run_file(rt, path);
  if (!done && vm_has_exception(iso)) rt_uncaught(rt);
  gc_root_remove(iso->heap, &root);
  cli_runtime_finish(rt, options);
  rt_free(rt);
  return done;
}

int cli_bench(int argc, char **argv) {
  CliOptions options = {0};
  char **shared = calloc((size_t)argc * 2 + 1, sizeof *shared);
  if (shared == NULL) return 1;
  char **own = shared + argc;
  int shared_count = 0, own_count = 0, code = 0;
  bool compares = false;
  for (int i = 0; code == 0 && i < argc; i++) {
    int taken = argv[i][0] == '-' ? cli_option(&options, argv[i]) : 0;
    if (taken < 0) code = 2;
    if (taken > 0) {
      shared[shared_count++] = argv[i];
    } else {
      compares |= argv[i][0] == '-';
      own[own_count++] = argv[i];
    }
  }
  if (code == 0 && own_count == 0) {
    fprintf(stderr, "rill bench: which files?\n");
    code = 2;
  }
  if (code == 0 && compares) {
    code = compare(own, own_count, shared, shared_count);
  } else {
    for (int i = 0; code == 0 && i < own_count; i++)
      code = !time_file(own[i], &options);
  }
  free(shared);
  return code;
}
