// SPDX-License-Identifier: MIT
// Waking a loop from other threads: an eventfd that the loop polls. A uv_async
// of libuv makes the woken thread spin until the waker's call has returned,
// which the system, when it puts both on one processor, lets happen last.
#ifndef RILL_EXECUTOR_LOOP_WAKER_H
#define RILL_EXECUTOR_LOOP_WAKER_H

#include <uv.h>

typedef struct LoopWaker LoopWaker;

// 0, or a libuv error. `on_wake` may be NULL: being woken is enough.
int exec_loop_waker_new(LoopWaker **out, uv_loop_t *,
                        void (*on_wake)(void *data), void *data);
// Any thread, until it is closed.
void exec_loop_waker_wake(LoopWaker *);
// Frees it, when the loop next runs.
void exec_loop_waker_close(LoopWaker *);
// What keeps the loop alive, as any active handle does.
uv_handle_t *exec_loop_waker_handle(LoopWaker *);

#endif
