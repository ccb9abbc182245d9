// SPDX-License-Identifier: MIT
// An eventfd under a uv_poll.
#include "runtime/executor/loop_waker.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct LoopWaker {
  uv_poll_t poll;
  int descriptor;
  void (*on_wake)(void *data);
  void *data;
};

uv_handle_t *exec_loop_waker_handle(LoopWaker *w) {
  return (uv_handle_t *)&w->poll;
}

static void on_readable(uv_poll_t *poll, int status, int events) {
  LoopWaker *w = poll->data;
  uint64_t count;
  while (read(w->descriptor, &count, sizeof count) < 0 && errno == EINTR) {
  }
  if (w->on_wake != NULL) w->on_wake(w->data);
}

static void on_closed(uv_handle_t *handle) {
  free(handle->data);
}

int exec_loop_waker_new(LoopWaker **out, uv_loop_t *loop,
                        void (*on_wake)(void *), void *data) {
  LoopWaker *w = calloc(1, sizeof *w);
  if (w == NULL) return UV_ENOMEM;
  w->on_wake = on_wake;
  w->data = data;
  w->descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  int error = w->descriptor < 0 ? uv_translate_sys_error(errno)
                                : uv_poll_init(loop, &w->poll, w->descriptor);
  if (error != 0) {
    if (w->descriptor >= 0) close(w->descriptor);
    free(w);
    return error;
  }
  w->poll.data = w;
  error = uv_poll_start(&w->poll, UV_READABLE, on_readable);
  if (error != 0)
    exec_loop_waker_close(w);
  else
    *out = w;
  return error;
}

void exec_loop_waker_wake(LoopWaker *w) {
  uint64_t one = 1;
  // EAGAIN: it was woken more often than can be counted.
  while (write(w->descriptor, &one, sizeof one) < 0 && errno == EINTR) {
  }
}

void exec_loop_waker_close(LoopWaker *w) {
  uv_close(exec_loop_waker_handle(w), on_closed);
  close(w->descriptor);
}
