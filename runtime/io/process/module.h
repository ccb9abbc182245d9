// SPDX-License-Identifier: MIT
// The natives of "rill:internal/child", "rill:internal/signal-watch" and
// "rill:internal/terminal", on which rill:process and Node's modules stand.
#ifndef RILL_RUNTIME_IO_PROCESS_MODULE_H
#define RILL_RUNTIME_IO_PROCESS_MODULE_H

#include "vm/objects/function.h"

// process_child.c
Value child_spawn(Isolate *, const NativeCall *);
Value child_kill(Isolate *, const NativeCall *);

// process_sync.c
Value child_spawn_sync(Isolate *, const NativeCall *);

// signal_watch.c
Value signal_watch(Isolate *, const NativeCall *);
Value signal_unwatch(Isolate *, const NativeCall *);
Value signal_send(Isolate *, const NativeCall *);

// tty_terminal.c
Value tty_descriptor_kind(Isolate *, const NativeCall *);
Value tty_descriptor_of(Isolate *, const NativeCall *);
Value tty_open_pipe(Isolate *, const NativeCall *);
Value tty_open_input(Isolate *, const NativeCall *);
Value tty_set_raw(Isolate *, const NativeCall *);
Value tty_window_size(Isolate *, const NativeCall *);

#endif
