// SPDX-License-Identifier: MIT
// watch: one value and its version; receivers remember which version they saw.
#include <stdlib.h>

#include "runtime/executor/leaf.h"
#include "runtime/sync/element.h"
#include "runtime/sync/wait_list.h"

typedef struct Watch {
  rill_element element;
  uv_mutex_t lock;
  // Under the lock:
  uint32_t senders, receivers;
  uint64_t version;
  WaitList waiters, leaving;
  _Alignas(max_align_t) char value[];
} Watch;

struct rill_watch_receiver {
  Watch *channel;
  uint64_t seen; // under the channel's lock
};

typedef struct WatchChanged {
  rill_future future;
  rill_status status;
  rill_watch_receiver *receiver;
  WaitNode node;
} WatchChanged;
_Static_assert(sizeof(WatchChanged) <= sizeof(rill_watch_changed),
               "rill_watch_changed");

static Watch *of_sender(const rill_watch_sender *tx) {
  return (Watch *)(uintptr_t)tx;
}

static void watch_free(Watch *w) {
  element_drop(&w->element, w->value);
  uv_mutex_destroy(&w->lock);
  free(w);
}

rill_watch_sender *rill_watch_new(const rill_element *element,
                                  const void *initial) {
  Watch *w = calloc(1, sizeof *w + element->size);
  if (w == NULL) return NULL;
  if (uv_mutex_init(&w->lock) != 0) {
    free(w);
    return NULL;
  }
  w->element = *element;
  w->senders = 1;
  wait_list_init(&w->waiters);
  wait_list_init(&w->leaving);
  element_move(element, w->value, initial);
  return (rill_watch_sender *)w;
}

rill_watch_sender *rill_watch_sender_clone(rill_watch_sender *tx) {
  Watch *w = of_sender(tx);
  uv_mutex_lock(&w->lock);
  w->senders++;
  uv_mutex_unlock(&w->lock);
  return tx;
}

// The lock is held, and given up.
static void wake_receivers(Watch *w) {
  wait_list_move(&w->waiters, &w->leaving);
  wait_list_wake_all(&w->leaving, &w->lock, WAIT_GRANTED);
}

void rill_watch_sender_free(rill_watch_sender *tx) {
  if (tx == NULL) return;
  Watch *w = of_sender(tx);
  uv_mutex_lock(&w->lock);
  if (w->senders == 1) {
    // Counts as a receiver until the others were told: none of them frees the
    // channel meanwhile.
    w->senders = 0;
    w->receivers++;
    wake_receivers(w);
    uv_mutex_lock(&w->lock);
    w->receivers--;
  } else {
    w->senders--;
  }
  bool last = w->senders == 0 && w->receivers == 0;
  uv_mutex_unlock(&w->lock);
  if (last) watch_free(w);
}

void rill_watch_send(rill_watch_sender *tx, const void *value) {
  Watch *w = of_sender(tx);
  uv_mutex_lock(&w->lock);
  element_drop(&w->element, w->value);
  element_move(&w->element, w->value, value);
  w->version++;
  wake_receivers(w);
}

bool rill_watch_modify(rill_watch_sender *tx, bool (*change)(void *, void *),
                       void *data) {
  Watch *w = of_sender(tx);
  uv_mutex_lock(&w->lock);
  bool changed = change(data, w->value);
  if (changed) {
    w->version++;
    wake_receivers(w);
  } else {
    uv_mutex_unlock(&w->lock);
  }
  return changed;
}

size_t rill_watch_receivers(const rill_watch_sender *tx) {
  Watch *w = of_sender(tx);
  uv_mutex_lock(&w->lock);
  size_t count = w->receivers;
  uv_mutex_unlock(&w->lock);
  return count;
}

rill_watch_receiver *rill_watch_subscribe(rill_watch_sender *tx) {
  Watch *w = of_sender(tx);
  rill_watch_receiver *r = malloc(sizeof *r);
  if (r == NULL) return NULL;
  r->channel = w;
  uv_mutex_lock(&w->lock);
  w->receivers++;
  r->seen = w->version;
  uv_mutex_unlock(&w->lock);
  return r;
}

void rill_watch_receiver_free(rill_watch_receiver *r) {
  if (r == NULL) return;
  Watch *w = r->channel;
  uv_mutex_lock(&w->lock);
  w->receivers--;
  bool last = w->senders == 0 && w->receivers == 0;
  uv_mutex_unlock(&w->lock);
  if (last) watch_free(w);
  free(r);
}

void rill_watch_get(rill_watch_receiver *r, void *out) {
  Watch *w = r->channel;
  uv_mutex_lock(&w->lock);
  element_copy(&w->element, out, w->value);
  r->seen = w->version;
  uv_mutex_unlock(&w->lock);
}

bool rill_watch_has_changed(const rill_watch_receiver *r) {
  Watch *w = r->channel;
  uv_mutex_lock(&w->lock);
  bool changed = r->seen != w->version;
  uv_mutex_unlock(&w->lock);
  return changed;
}

static rill_poll changed_poll(rill_future *f, rill_context *cx) {
  WatchChanged *self = (WatchChanged *)f;
  rill_watch_receiver *r = self->receiver;
  Watch *w = r->channel;
  if (!exec_leaf_proceed(f, cx)) return RILL_PENDING;
  uv_mutex_lock(&w->lock);
  rill_status status = r->seen != w->version ? RILL_OK
                       : w->senders == 0     ? RILL_CLOSED
                                             : RILL_WOULD_BLOCK;
  bool ready = status != RILL_WOULD_BLOCK;
  if (ready) r->seen = w->version;
  rill_waker old = wait_node_settle(&w->waiters, &self->node, ready, cx->waker);
  uv_mutex_unlock(&w->lock);
  rill_waker_release(&old);
  self->status = status;
  return ready ? RILL_READY : RILL_PENDING;
}

static void changed_drop(rill_future *f) {
  WatchChanged *self = (WatchChanged *)f;
  wait_node_drop(&self->node, &self->receiver->channel->lock);
}

static const rill_future_type changed_type = {
    .size = sizeof(rill_watch_changed),
    .name = "watch changed",
    .poll = changed_poll,
    .drop = changed_drop,
};

void rill_watch_changed_init(rill_watch_changed *f, rill_watch_receiver *r) {
  *f = (rill_watch_changed){
      .future = {&changed_type}, .status = RILL_WOULD_BLOCK, .receiver = r};
}

rill_status rill_watch_changed_wait(rill_watch_receiver *r, int64_t timeout) {
  rill_watch_changed f;
  rill_watch_changed_init(&f, r);
  rill_status status = rill_future_wait(&f.future, timeout);
  rill_future_drop(&f.future);
  return status == RILL_OK ? f.status : status;
}
