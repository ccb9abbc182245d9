// SPDX-License-Identifier: MIT
// rill:internal/heap: snapshots of the heap, for rill:runtime and node:v8; and
// --trace-gc.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "profiler/heap_snapshot.h"
#include "runtime/globals/gc_report.h"
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

void rt_trace_gc(Runtime *rt) {
  gc_observe_cycles(rt->isolate->heap, rt_print_gc_cycle, NULL);
}

static const NativeExport heap_exports[] = {
    {"writeSnapshot", write_snapshot, 1},
};
const NativeModule rt_heap_module =
    NATIVE_MODULE("rill:internal/heap", heap_exports);
