// SPDX-License-Identifier: MIT
// Waking a loop from other threads: an eventfd that the loop polls. A uv_async
// of libuv makes the woken thread spin until the waker's call has returned,
// which the system, when it puts both on one processor, lets happen last.
#ifndef RILL_EXECUTOR_LOOP_WAKER_H
#define RILL_EXECUTOR_LOOP_WAKER_H

#include <uv.h>

typedef struct LoopWaker {
  uv_poll_t poll; // of the loop; its data is the user's
  int descriptor;
  void (*on_wake)(struct LoopWaker *); // or NULL: being woken is enough
} LoopWaker;

// 0, or a libuv error.
int exec_loop_waker_init(LoopWaker *, uv_loop_t *,
                         void (*on_wake)(LoopWaker *));
// Any thread, until it is closed.
void exec_loop_waker_wake(LoopWaker *);
// The memory is needed until the loop has closed the handle; if uv_walk closed
// that, this only lets go of the descriptor.
void exec_loop_waker_close(LoopWaker *);

#endif
