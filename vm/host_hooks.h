// SPDX-License-Identifier: MIT
// The one table through which the language core reaches the runtime. All
// entries may be NULL: the feature is then absent and says so in its error.
// Called on the isolate's thread.
#ifndef RILL_VM_HOST_HOOKS_H
#define RILL_VM_HOST_HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Isolate IsolateForHost;
typedef uint64_t HostValue;

// An I/O request that a fiber or a promise waits for. Made by `submit_io`,
// owned by the runtime, completed by vm_io_complete (vm/interpreter/io.h).
typedef struct IoRequest IoRequest;

typedef enum {
  PROMISE_REJECTED_WITHOUT_HANDLER,
  PROMISE_HANDLER_ADDED_AFTER_REJECTION,
} PromiseRejectionEvent;

typedef struct HostHooks {
  // Starts I/O operation `op` (runtime/io numbers them) with its operands;
  // false: it threw (bad operands). On success the request completes later, on
  // this thread, never from within this call.
  bool (*submit_io)(void *host, IsolateForHost *, uint32_t op, uint32_t argc,
                    const HostValue *argv, IoRequest **out);
  // A job was queued while no script was running: run jobs soon.
  void (*wake)(void *host);
  uint64_t (*monotonic_nanoseconds)(void *host);
  double (*wall_milliseconds)(void *host);
  void (*promise_rejection)(void *host, IsolateForHost *, PromiseRejectionEvent,
                            HostValue promise, HostValue reason);
  // Loads the module that `specifier` names from `referrer`; calls
  // vm_module_loaded (vm/interpreter/modules.h), now or later.
  void (*load_module)(void *host, IsolateForHost *, void *load_request);
  void (*import_meta)(void *host, IsolateForHost *, HostValue meta_object,
                      HostValue module);
  // The value of a global name that there is not, for code of a builtin module.
  // The empty value: none. The exception value: threw.
  HostValue (*builtin_global)(void *host, IsolateForHost *, HostValue name);
  // What a place in the text of a SourceFile (of a stack that is shown) was made
  // from: changes file (a String *), line and column, or nothing.
  void (*map_place)(void *host, const void *source_file, void **file,
                    uint32_t *line, uint32_t *column);
  // The function that vm_call_root called, in the current async context, is now
  // another fiber or, at its end, the promise of its result.
  void (*root_changed)(void *host, IsolateForHost *, HostValue root);
  // INTERRUPT_HOST was set. False: terminate the script.
  bool (*on_interrupt)(void *host, IsolateForHost *);
  // Traces what the host keeps alive beside its GcRoots; `tracer` is the
  // collector's. The isolate is stopped.
  void (*trace_roots)(void *host, void *tracer);
  // A FinalizationRegistry has callbacks to run: queue a task for it.
  void (*finalizers_ready)(void *host, IsolateForHost *);
  // A SharedArrayBuffer's bytes (SharedBytes *) have more of them.
  void (*shared_bytes_grown)(void *shared);
} HostHooks;

#endif
