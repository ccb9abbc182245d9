// SPDX-License-Identifier: MIT
// "rill:internal/..." modules whose exports are native functions: what the
// modules in modules/lib are built on. Only builtin modules can import them.
#ifndef RILL_RUNTIME_MODULES_NATIVE_MODULES_H
#define RILL_RUNTIME_MODULES_NATIVE_MODULES_H

#include "vm/objects/function.h"

typedef struct NativeExport {
  const char *name;
  NativeCode code;
  uint8_t length;
} NativeExport;
typedef struct NativeModule {
  const char *name;
  const NativeExport *exports;
  uint32_t count;
} NativeModule;
#define NATIVE_MODULE(name, table)                                             \
  { name, table, (uint32_t)(sizeof(table) / sizeof((table)[0])) }

extern const NativeModule rt_child_module;      // io/process/module.c
extern const NativeModule rt_crypto_module;     // globals/crypto.c
extern const NativeModule rt_introspect_module; // modules/introspect.c
extern const NativeModule rt_fetch_module;      // io/http/fetch.c
extern const NativeModule rt_heap_module;       // globals/heap.c
extern const NativeModule rt_host_module;       // globals/host.c
extern const NativeModule rt_http_module;       // io/http/module.c
extern const NativeModule rt_net_module;        // io/net/module.c
extern const NativeModule rt_pool_module;       // pool/module.c
extern const NativeModule rt_process_module;    // globals/process.c
extern const NativeModule rt_loop_module;       // program/timers.c
extern const NativeModule rt_tls_module;        // io/tls/module.c
extern const NativeModule rt_signal_module;     // io/process/module.c
extern const NativeModule rt_terminal_module;   // io/process/module.c
extern const NativeModule rt_test_module;       // testing/test_module.c
extern const NativeModule rt_text_module;       // globals/text.c
extern const NativeModule rt_modules_module;    // modules/builtin_modules.c
extern const NativeModule rt_worker_module;     // tasks/thread_worker.c
extern const NativeModule rt_sessions_module;   // tasks/sessions_module.c
extern const NativeModule rt_sync_module;       // tasks/sync_module.c
extern const NativeModule rt_task_module;       // tasks/task_module.c
extern const NativeModule rt_broadcast_module;  // tasks/broadcast.c
extern const NativeModule rt_clock_module;      // web/clock.c
extern const NativeModule rt_clone_module;      // web/clone_module.c
extern const NativeModule rt_context_module;    // trace/context_module.c
extern const NativeModule rt_encoding_module;   // web/encoding_module.c
extern const NativeModule rt_runtime_module;    // tasks/runtime_module.c
extern const NativeModule rt_promise_module;    // web/promise_module.c
extern const NativeModule rt_watch_module;      // io/files/watches.c
extern const NativeModule rt_trace_module;      // trace/trace_module.c
extern const NativeModule rt_url_module;        // web/url_module.c
extern const NativeModule rt_zlib_module;       // globals/zlib.c

#endif
