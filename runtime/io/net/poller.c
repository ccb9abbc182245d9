// SPDX-License-Identifier: MIT
// Events are taken in batches. A stream that is closed by another one's event
// is taken out of the batches under way, of which there are several only while
// a callback runs the loop itself.
#include "runtime/io/net/poller.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "runtime/io/net/stream.h"

enum { BATCH = 256 };
// RDHUP and PRI tell that a short read does not mean an empty socket: the
// peer's end, or urgent data, is behind it.
static const uint32_t events_of_interest =
    EPOLLIN | EPOLLRDHUP | EPOLLPRI | (uint32_t)EPOLLET;

typedef struct Batch {
  struct Batch *outer;
  int at, count;
  struct epoll_event events[BATCH];
} Batch;

struct Poller {
  Runtime *rt;
  uv_poll_t handle; // readable while `descriptor` has events
  Batch *batch;     // the innermost under way
  uint32_t wanted;  // streams that keep the program running
  int descriptor;
};

static void on_ready(uv_poll_t *handle, int status, int events) {
  Poller *poller = handle->data;
  Batch batch;
  batch.count = epoll_wait(poller->descriptor, batch.events, BATCH, 0);
  batch.outer = poller->batch;
  poller->batch = &batch;
  for (batch.at = 0; batch.at < batch.count; batch.at++) {
    const struct epoll_event *event = &batch.events[batch.at];
    if (likely(event->data.ptr != NULL))
      stream_ready(event->data.ptr, (event->events & ~(uint32_t)EPOLLIN) != 0);
  }
  stream_run_jobs(poller->rt);
  poller->batch = batch.outer;
}

static void on_closed(uv_handle_t *handle) {
  Poller *poller = handle->data;
  close(poller->descriptor);
  free(poller);
}

int poller_new(Runtime *rt, Poller **out) {
  Poller *poller = calloc(1, sizeof *poller);
  *out = NULL;
  if (poller == NULL) return UV_ENOMEM;
  poller->rt = rt;
  poller->handle.data = poller;
  poller->descriptor = epoll_create1(EPOLL_CLOEXEC);
  int error = poller->descriptor < 0 ? uv_translate_sys_error(errno)
                                     : uv_poll_init(&rt->loop, &poller->handle,
                                                    poller->descriptor);
  if (error != 0) {
    if (poller->descriptor >= 0) close(poller->descriptor);
    free(poller);
    return error;
  }
  uv_unref((uv_handle_t *)&poller->handle);
  error = uv_poll_start(&poller->handle, UV_READABLE, on_ready);
  if (error != 0) {
    poller_close(poller);
    return error;
  }
  *out = poller;
  return 0;
}

void poller_close(Poller *poller) {
  uv_close((uv_handle_t *)&poller->handle, on_closed);
}

static int control(Poller *poller, int operation, Stream *s, int descriptor) {
  struct epoll_event event = {.events = events_of_interest, .data.ptr = s};
  return epoll_ctl(poller->descriptor, operation, descriptor, &event) == 0
             ? 0
             : uv_translate_sys_error(errno);
}

int poller_add(Poller *poller, Stream *s, int descriptor) {
  return control(poller, EPOLL_CTL_ADD, s, descriptor);
}

int poller_rearm(Poller *poller, Stream *s, int descriptor) {
  return control(poller, EPOLL_CTL_MOD, s, descriptor);
}

void poller_remove(Poller *poller, Stream *s, int descriptor) {
  control(poller, EPOLL_CTL_DEL, s, descriptor);
  for (Batch *b = poller->batch; b != NULL; b = b->outer) {
    for (int i = b->at + 1; i < b->count; i++) {
      if (b->events[i].data.ptr == s) b->events[i].data.ptr = NULL;
    }
  }
}

void poller_want(Poller *poller) {
  if (poller->wanted++ == 0) uv_ref((uv_handle_t *)&poller->handle);
}

void poller_unwant(Poller *poller) {
  if (--poller->wanted == 0) uv_unref((uv_handle_t *)&poller->handle);
}
