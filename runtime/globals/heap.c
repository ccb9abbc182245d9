// SPDX-License-Identifier: MIT
// rill:internal/heap: snapshots of the heap, for rill:runtime and node:v8; and
// the lines of --trace-gc.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "profiler/heap_snapshot.h"
#include "runtime/io/request.h"
#include "runtime/modules/native_modules.h"
#include "runtime/runtime.h"
#include "vm/objects/operations.h"

bool rt_write_heap_snapshot(Runtime *rt, const char *path) {
  Isolate *iso = rt->isolate;
  FILE *out = fopen(path, "we");
  bool written = out != NULL && prof_write_heap_snapshot(iso, out);
  int error = errno;
  if (out != NULL && fclose(out) != 0 && written) {
    error = errno;
    written = false;
  }
  if (written) return true;
  if (out != NULL && error == ENOMEM) {
    vm_throw_out_of_memory(iso);
  } else {
    vm_throw(iso, rt_system_error(iso, uv_translate_sys_error(error),
                                  out == NULL ? "open" : "write", path, NULL));
  }
  return false;
}

// writeSnapshot(path)
static Value write_snapshot(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  if (!rt_check_files_allowed(rt)) return VALUE_EXCEPTION;
  char *path = vm_to_utf8(iso, native_argument(call, 0), NULL);
  if (path == NULL) return VALUE_EXCEPTION;
  bool ok = rt_write_heap_snapshot(rt, path);
  free(path);
  return ok ? VALUE_UNDEFINED : VALUE_EXCEPTION;
}

static void print_cycle(void *data, const GcCycle *c) {
  const double mib = 1 << 20;
  fprintf(stderr,
          "gc %llu: %.1f -> %.1f MiB live, %.1f MiB heap; mark %.2f ms, sweep "
          "%.2f ms, %u stops of %.0f us at most\n",
          (unsigned long long)c->number, (double)c->live_before / mib,
          (double)c->live_after / mib, (double)c->heap_bytes / mib,
          (double)c->mark_ns / 1e6, (double)c->sweep_ns / 1e6, c->stops,
          (double)c->stop_max_ns / 1e3);
}

void rt_trace_gc(Runtime *rt) {
  gc_observe_cycles(rt->isolate->heap, print_cycle, NULL);
}

static const NativeExport heap_exports[] = {
    {"writeSnapshot", write_snapshot, 1},
};
const NativeModule rt_heap_module =
    NATIVE_MODULE("rill:internal/heap", heap_exports);
