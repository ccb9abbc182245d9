// SPDX-License-Identifier: MIT
// libuv's loops, made where memory may be short.
#ifndef RILL_RUNTIME_EXECUTOR_LOOP_INIT_H
#define RILL_RUNTIME_EXECUTOR_LOOP_INIT_H

#include <stdlib.h>
#include <uv.h>

// uv_loop_init, but UV_ENOMEM where that would abort: it does if its first
// table of watchers finds no memory. There has to be more than it needs.
static inline int exec_loop_init(uv_loop_t *loop) {
  void *room = malloc(256 << 10);
  if (room == NULL) return UV_ENOMEM;
  free(room);
  return uv_loop_init(loop);
}
#endif
