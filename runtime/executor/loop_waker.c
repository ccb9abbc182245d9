// SPDX-License-Identifier: MIT
// An eventfd under a uv_poll.
#include "runtime/executor/loop_waker.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void on_readable(uv_poll_t *poll, int status, int events) {
  LoopWaker *w = (LoopWaker *)(void *)poll;
  uint64_t count;
  // Nothing to read: somebody else's descriptor became this one by mistake.
  while (read(w->descriptor, &count, sizeof count) < 0 && errno == EINTR) {
  }
  if (w->on_wake != NULL) w->on_wake(w);
}

int exec_loop_waker_init(LoopWaker *w, uv_loop_t *loop,
                         void (*on_wake)(LoopWaker *)) {
  w->on_wake = on_wake;
  w->descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (w->descriptor < 0) return uv_translate_sys_error(errno);
  int error = uv_poll_init(loop, &w->poll, w->descriptor);
  if (error == 0) error = uv_poll_start(&w->poll, UV_READABLE, on_readable);
  if (error != 0) close(w->descriptor);
  return error;
}

void exec_loop_waker_wake(LoopWaker *w) {
  uint64_t one = 1;
  // EAGAIN: it was woken more often than can be counted.
  while (write(w->descriptor, &one, sizeof one) < 0 && errno == EINTR) {
  }
}

void exec_loop_waker_close(LoopWaker *w) {
  uv_handle_t *handle = (uv_handle_t *)&w->poll;
  if (!uv_is_closing(handle)) uv_close(handle, NULL);
  close(w->descriptor);
  w->descriptor = -1;
}
