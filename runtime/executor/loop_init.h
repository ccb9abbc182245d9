// SPDX-License-Identifier: MIT
// libuv's loops, made where memory or descriptors may be short.
#ifndef RILL_RUNTIME_EXECUTOR_LOOP_INIT_H
#define RILL_RUNTIME_EXECUTOR_LOOP_INIT_H

#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

// uv_loop_init, but UV_ENOMEM where that would abort: it does if its first
// table of watchers finds no memory. There has to be more than it needs. And
// where it fails after it has opened the loop's own descriptor it forgets that.
static inline int exec_loop_init(uv_loop_t *loop) {
  void *room = malloc(256 << 10);
  if (room == NULL) return UV_ENOMEM;
  free(room);
  loop->backend_fd = -1;
  int error = uv_loop_init(loop);
  if (error != 0 && loop->backend_fd >= 0) close(loop->backend_fd);
  return error;
}
#endif
