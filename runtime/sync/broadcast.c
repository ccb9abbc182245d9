// SPDX-License-Identifier: MIT
// broadcast: a ring of the last values, each with the number of receivers that
// have not seen it; the value is dropped with the last of them, or when the
// ring comes round. A receiver is a position in the stream.
#include <stdlib.h>

#include "runtime/executor/leaf.h"
#include "runtime/sync/element.h"
#include "runtime/sync/wait_list.h"

typedef struct Broadcast {
  rill_element element;
  uv_mutex_t lock;
  // Under the lock:
  uint32_t senders, receivers;
  uint64_t next;    // position of the next value to be sent
  size_t capacity;  // a power of two
  uint32_t *unseen; // by slot; 0: the slot is empty
  char *values;
  WaitList waiters, leaving;
} Broadcast;

struct rill_broadcast_receiver {
  Broadcast *channel;
  uint64_t next; // under the channel's lock
};

typedef struct BroadcastRecv {
  rill_future future;
  rill_status status;
  rill_broadcast_receiver *receiver;
  void *out;
  uint64_t missed;
  WaitNode node;
} BroadcastRecv;
_Static_assert(sizeof(BroadcastRecv) <= sizeof(rill_broadcast_recv),
               "rill_broadcast_recv");

static Broadcast *of_sender(rill_broadcast_sender *tx) {
  return (Broadcast *)tx;
}

static void broadcast_free(Broadcast *b) {
  uv_mutex_destroy(&b->lock);
  free(b->unseen);
  free(b->values);
  free(b);
}

rill_broadcast_sender *rill_broadcast_new(const rill_element *element,
                                          size_t capacity) {
  if (capacity == 0 || capacity > SIZE_MAX / 4 || element->size == 0)
    return NULL;
  size_t rounded = 1;
  while (rounded < capacity) {
    rounded *= 2;
  }
  size_t bytes = element_bytes(element, rounded);
  Broadcast *b = bytes == 0 ? NULL : calloc(1, sizeof *b);
  if (b == NULL) return NULL;
  b->element = *element;
  b->senders = 1;
  b->capacity = rounded;
  b->unseen = calloc(rounded, sizeof *b->unseen);
  b->values = malloc(bytes);
  if (b->unseen == NULL || b->values == NULL || uv_mutex_init(&b->lock) != 0) {
    free(b->unseen);
    free(b->values);
    free(b);
    return NULL;
  }
  wait_list_init(&b->waiters);
  wait_list_init(&b->leaving);
  return (rill_broadcast_sender *)b;
}

rill_broadcast_sender *rill_broadcast_sender_clone(rill_broadcast_sender *tx) {
  Broadcast *b = of_sender(tx);
  uv_mutex_lock(&b->lock);
  b->senders++;
  uv_mutex_unlock(&b->lock);
  return tx;
}

// The lock is held, and given up.
static void wake_receivers(Broadcast *b) {
  wait_list_move(&b->waiters, &b->leaving);
  wait_list_wake_all(&b->leaving, &b->lock, WAIT_GRANTED);
}

void rill_broadcast_sender_free(rill_broadcast_sender *tx) {
  if (tx == NULL) return;
  Broadcast *b = of_sender(tx);
  uv_mutex_lock(&b->lock);
  // The last sender counts until the receivers were told, so that none of them
  // frees the channel meanwhile.
  if (b->senders == 1) {
    b->senders = 0;
    b->receivers++;
    wake_receivers(b);
    uv_mutex_lock(&b->lock);
    b->receivers--;
  } else {
    b->senders--;
  }
  bool last = b->senders == 0 && b->receivers == 0;
  uv_mutex_unlock(&b->lock);
  if (last) broadcast_free(b);
}

static size_t slot_of(const Broadcast *b, uint64_t position) {
  return position & (b->capacity - 1);
}
static void *value_at(const Broadcast *b, size_t slot) {
  return b->values + slot * b->element.size;
}

rill_status rill_broadcast_send(rill_broadcast_sender *tx, const void *value) {
  Broadcast *b = of_sender(tx);
  uv_mutex_lock(&b->lock);
  if (b->receivers == 0) {
    uv_mutex_unlock(&b->lock);
    return RILL_CLOSED;
  }
  size_t slot = slot_of(b, b->next);
  if (b->unseen[slot] != 0) element_drop(&b->element, value_at(b, slot));
  element_move(&b->element, value_at(b, slot), value);
  b->unseen[slot] = b->receivers;
  b->next++;
  wake_receivers(b);
  return RILL_OK;
}

rill_broadcast_receiver *rill_broadcast_subscribe(rill_broadcast_sender *tx) {
  Broadcast *b = of_sender(tx);
  rill_broadcast_receiver *r = malloc(sizeof *r);
  if (r == NULL) return NULL;
  r->channel = b;
  uv_mutex_lock(&b->lock);
  b->receivers++;
  r->next = b->next;
  uv_mutex_unlock(&b->lock);
  return r;
}

// The receiver has seen the value at `position`; the lock is held.
static void seen(Broadcast *b, uint64_t position) {
  size_t slot = slot_of(b, position);
  if (--b->unseen[slot] == 0) element_drop(&b->element, value_at(b, slot));
}

static uint64_t oldest(const Broadcast *b) {
  return b->next < b->capacity ? 0 : b->next - b->capacity;
}

void rill_broadcast_receiver_free(rill_broadcast_receiver *r) {
  if (r == NULL) return;
  Broadcast *b = r->channel;
  uv_mutex_lock(&b->lock);
  uint64_t position = r->next < oldest(b) ? oldest(b) : r->next;
  for (; position < b->next; position++) {
    seen(b, position);
  }
  b->receivers--;
  bool last = b->senders == 0 && b->receivers == 0;
  uv_mutex_unlock(&b->lock);
  if (last) broadcast_free(b);
  free(r);
}

// The lock is held.
static rill_status receive(rill_broadcast_receiver *r, void *out,
                           uint64_t *missed) {
  Broadcast *b = r->channel;
  *missed = 0;
  if (r->next < oldest(b)) {
    *missed = oldest(b) - r->next;
    r->next = oldest(b);
    return RILL_LAGGED;
  }
  if (r->next == b->next)
    return b->senders == 0 ? RILL_CLOSED : RILL_WOULD_BLOCK;
  size_t slot = slot_of(b, r->next);
  if (b->unseen[slot] == 1) { // the last one takes the value itself
    element_move(&b->element, out, value_at(b, slot));
    b->unseen[slot] = 0;
  } else {
    element_copy(&b->element, out, value_at(b, slot));
    b->unseen[slot]--;
  }
  r->next++;
  return RILL_OK;
}

rill_status rill_broadcast_try_recv(rill_broadcast_receiver *r, void *out,
                                    uint64_t *missed) {
  uint64_t count;
  uv_mutex_lock(&r->channel->lock);
  rill_status status = receive(r, out, &count);
  uv_mutex_unlock(&r->channel->lock);
  if (missed != NULL) *missed = count;
  return status;
}

static rill_poll recv_poll(rill_future *f, rill_context *cx) {
  BroadcastRecv *self = (BroadcastRecv *)f;
  Broadcast *b = self->receiver->channel;
  if (!exec_leaf_proceed(f, cx)) return RILL_PENDING;
  uv_mutex_lock(&b->lock);
  self->status = receive(self->receiver, self->out, &self->missed);
  bool ready = self->status != RILL_WOULD_BLOCK;
  rill_waker old = wait_node_settle(&b->waiters, &self->node, ready, cx->waker);
  uv_mutex_unlock(&b->lock);
  rill_waker_release(&old);
  return ready ? RILL_READY : RILL_PENDING;
}

static void recv_drop(rill_future *f) {
  BroadcastRecv *self = (BroadcastRecv *)f;
  wait_node_drop(&self->node, &self->receiver->channel->lock);
}

static const rill_future_type recv_type = {
    .size = sizeof(rill_broadcast_recv),
    .name = "broadcast receive",
    .poll = recv_poll,
    .drop = recv_drop,
};

void rill_broadcast_recv_init(rill_broadcast_recv *f,
                              rill_broadcast_receiver *r, void *out) {
  *f = (rill_broadcast_recv){.future = {&recv_type},
                             .status = RILL_WOULD_BLOCK,
                             .receiver = r,
                             .out = out};
}

rill_status rill_broadcast_recv_wait(rill_broadcast_receiver *r, void *out,
                                     uint64_t *missed, int64_t timeout) {
  rill_broadcast_recv f;
  rill_broadcast_recv_init(&f, r, out);
  rill_status status = rill_future_wait(&f.future, timeout);
  rill_future_drop(&f.future);
  if (missed != NULL) *missed = f.missed;
  return status == RILL_OK ? f.status : status;
}
