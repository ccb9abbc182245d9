// SPDX-License-Identifier: MIT
// oneshot: one value from one sender to one receiver. The two ends share one
// allocation; each may be waiting for the other.
#include <stdlib.h>
#include <uv.h>

#include "runtime/executor/leaf.h"
#include "runtime/sync/element.h"
#include "runtime/sync/wait_list.h"

// Both handles are this struct; the last one to go frees it.
typedef struct Oneshot {
  uv_mutex_t lock;
  // Under the lock:
  bool sender_gone, receiver_gone, full;
  rill_waker receiver_waker, sender_waker;
  rill_element element;
  _Alignas(max_align_t) char value[];
} Oneshot;

rill_status rill_oneshot_new(const rill_element *element,
                             rill_oneshot_sender **tx,
                             rill_oneshot_receiver **rx) {
  Oneshot *o = calloc(1, sizeof *o + element->size);
  if (o == NULL) return RILL_NO_MEMORY;
  if (uv_mutex_init(&o->lock) != 0) {
    free(o);
    return RILL_NO_MEMORY;
  }
  o->element = *element;
  *tx = (rill_oneshot_sender *)o;
  *rx = (rill_oneshot_receiver *)o;
  return RILL_OK;
}

// The lock is held, and given up. `gone` is the caller's end.
static void leave(Oneshot *o, bool *gone, rill_waker *to_wake,
                  rill_waker *own) {
  *gone = true;
  bool last = o->sender_gone && o->receiver_gone;
  rill_waker wake = *to_wake, release = *own;
  to_wake->type = own->type = NULL;
  uv_mutex_unlock(&o->lock);
  rill_waker_wake(&wake);
  rill_waker_release(&release);
  if (!last) return;
  if (o->full) element_drop(&o->element, o->value);
  uv_mutex_destroy(&o->lock);
  free(o);
}

rill_status rill_oneshot_send(rill_oneshot_sender *tx, const void *value) {
  Oneshot *o = (Oneshot *)tx;
  uv_mutex_lock(&o->lock);
  bool wanted = !o->receiver_gone;
  if (wanted) {
    element_move(&o->element, o->value, value);
    o->full = true;
  }
  leave(o, &o->sender_gone, &o->receiver_waker, &o->sender_waker);
  return wanted ? RILL_OK : RILL_CLOSED;
}

void rill_oneshot_sender_free(rill_oneshot_sender *tx) {
  Oneshot *o = (Oneshot *)tx;
  if (o == NULL) return;
  uv_mutex_lock(&o->lock);
  leave(o, &o->sender_gone, &o->receiver_waker, &o->sender_waker);
}

void rill_oneshot_receiver_free(rill_oneshot_receiver *rx) {
  Oneshot *o = (Oneshot *)rx;
  if (o == NULL) return;
  uv_mutex_lock(&o->lock);
  leave(o, &o->receiver_gone, &o->sender_waker, &o->receiver_waker);
}

// The lock is held.
static rill_status take(Oneshot *o, void *out) {
  if (o->full) {
    o->full = false;
    element_move(&o->element, out, o->value);
    return RILL_OK;
  }
  return o->sender_gone ? RILL_CLOSED : RILL_WOULD_BLOCK;
}

rill_status rill_oneshot_try_recv(rill_oneshot_receiver *rx, void *out) {
  Oneshot *o = (Oneshot *)rx;
  uv_mutex_lock(&o->lock);
  rill_status status = take(o, out);
  uv_mutex_unlock(&o->lock);
  return status;
}

static rill_poll recv_poll(rill_future *f, rill_context *cx) {
  rill_oneshot_recv *self = (rill_oneshot_recv *)f;
  Oneshot *o = (Oneshot *)self->receiver;
  if (!exec_leaf_proceed(f, cx)) return RILL_PENDING;
  rill_waker old = {NULL, NULL};
  uv_mutex_lock(&o->lock);
  self->status = take(o, self->out);
  if (self->status == RILL_WOULD_BLOCK)
    old = wait_waker_replace(&o->receiver_waker, cx->waker);
  uv_mutex_unlock(&o->lock);
  rill_waker_release(&old);
  return self->status == RILL_WOULD_BLOCK ? RILL_PENDING : RILL_READY;
}

static const rill_future_type recv_type = {
    .size = sizeof(rill_oneshot_recv),
    .name = "oneshot receive",
    .poll = recv_poll,
};

void rill_oneshot_recv_init(rill_oneshot_recv *f, rill_oneshot_receiver *rx,
                            void *out) {
  *f = (rill_oneshot_recv){.future = {&recv_type},
                           .status = RILL_WOULD_BLOCK,
                           .receiver = rx,
                           .out = out};
}

rill_status rill_oneshot_recv_wait(rill_oneshot_receiver *rx, void *out,
                                   int64_t timeout) {
  rill_oneshot_recv f;
  rill_oneshot_recv_init(&f, rx, out);
  rill_status status = rill_future_wait(&f.future, timeout);
  return status == RILL_OK ? f.status : status;
}

static rill_poll closed_poll(rill_future *f, rill_context *cx) {
  Oneshot *o = (Oneshot *)((rill_oneshot_closed *)f)->sender;
  if (!exec_leaf_proceed(f, cx)) return RILL_PENDING;
  rill_waker old = {NULL, NULL};
  uv_mutex_lock(&o->lock);
  bool ready = o->receiver_gone;
  if (!ready) old = wait_waker_replace(&o->sender_waker, cx->waker);
  uv_mutex_unlock(&o->lock);
  rill_waker_release(&old);
  return ready ? RILL_READY : RILL_PENDING;
}

static const rill_future_type closed_type = {
    .size = sizeof(rill_oneshot_closed),
    .name = "oneshot closed",
    .poll = closed_poll,
};

void rill_oneshot_closed_init(rill_oneshot_closed *f, rill_oneshot_sender *tx) {
  *f = (rill_oneshot_closed){.future = {&closed_type}, .sender = tx};
}
