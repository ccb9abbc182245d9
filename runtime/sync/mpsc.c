// SPDX-License-Identifier: MIT
// mpsc channels. Values are in a list of chunks under a lock; the receiver
// takes the whole list at once and then reads without the lock, so in a stream
// each side pays for the lock once a value, or less. A bounded channel is the
// same list behind a semaphore: a place is a permit, and goes back when its
// value is received.
#include <stdlib.h>

#include "runtime/executor/leaf.h"
#include "runtime/sync/element.h"
#include "runtime/sync/semaphore.h"

enum { CHUNK_BYTES = 2048, CHUNK_MINIMUM = 8 };

typedef struct Chunk {
  struct Chunk *next;
  uint32_t begin, end; // values that are in it
  _Alignas(max_align_t) char values[];
} Chunk;

typedef struct Channel {
  rill_element element;
  uint32_t chunk_values;
  size_t capacity; // 0: unbounded
  rill_semaphore places;
  _Atomic uint32_t references; // of the receiver, and of all senders together
  _Atomic uint32_t senders;
  // The receiver's own, to be read from:
  Chunk *reading;
  _Alignas(64) uv_mutex_t lock;
  // Under the lock:
  Chunk *first, *last;
  Chunk *spare; // an empty one, or NULL
  rill_waker receiver_waker;
  bool senders_gone;
  _Atomic bool closed; // by the receiver; written under the lock
  // Values in the chunks, of the receiver, too. Written under the lock by
  // senders, without it by the receiver.
  _Atomic size_t length;
  WaitList closed_waiters, closed_leaving;
} Channel;
// Both kinds of handle are the channel itself.

static void place_returned(rill_semaphore *);

rill_status rill_mpsc_new(const rill_element *element, size_t capacity,
                          rill_sender **tx, rill_receiver **rx) {
  if (element->size == 0 || element->size > UINT32_MAX) return RILL_INVALID;
  Channel *c = aligned_alloc(_Alignof(Channel), sizeof *c);
  if (c == NULL) return RILL_NO_MEMORY;
  memset(c, 0, sizeof *c);
  c->element = *element;
  c->chunk_values = CHUNK_BYTES / element->size;
  if (c->chunk_values < CHUNK_MINIMUM) c->chunk_values = CHUNK_MINIMUM;
  c->capacity = capacity;
  if (uv_mutex_init(&c->lock) != 0) {
    free(c);
    return RILL_NO_MEMORY;
  }
  if (!sync_semaphore_init(&c->places, capacity)) {
    uv_mutex_destroy(&c->lock);
    free(c);
    return RILL_NO_MEMORY;
  }
  c->places.returned = place_returned;
  atomic_init(&c->references, 2);
  atomic_init(&c->senders, 1);
  wait_list_init(&c->closed_waiters);
  wait_list_init(&c->closed_leaving);
  *tx = (rill_sender *)c;
  *rx = (rill_receiver *)c;
  return RILL_OK;
}

static Channel *of_sender(const rill_sender *tx) {
  return (Channel *)(uintptr_t)tx;
}
static Channel *of_receiver(const rill_receiver *rx) {
  return (Channel *)(uintptr_t)rx;
}

static void *value_at(const Channel *c, Chunk *chunk, uint32_t i) {
  return chunk->values + (size_t)i * c->element.size;
}

static void free_chunks(Channel *c, Chunk *chunk) {
  while (chunk != NULL) {
    Chunk *next = chunk->next;
    for (uint32_t i = chunk->begin; i < chunk->end; i++) {
      element_drop(&c->element, value_at(c, chunk, i));
    }
    free(chunk);
    chunk = next;
  }
}

static void channel_release(Channel *c) {
  if (atomic_fetch_sub_explicit(&c->references, 1, memory_order_acq_rel) != 1)
    return;
  free_chunks(c, c->reading);
  free_chunks(c, c->first);
  free(c->spare);
  rill_waker_release(&c->receiver_waker);
  sync_semaphore_destroy(&c->places);
  uv_mutex_destroy(&c->lock);
  free(c);
}

// Sending -------------------------------------------------------------------

// A chunk with room at the end; NULL: out of memory. The lock is held.
static Chunk *chunk_with_room(Channel *c) {
  Chunk *last = c->last;
  if (last != NULL && last->end < c->chunk_values) return last;
  Chunk *chunk = c->spare;
  c->spare = NULL;
  if (chunk == NULL) {
    chunk = malloc(sizeof *chunk + (size_t)c->chunk_values * c->element.size);
    if (chunk == NULL) return NULL;
  }
  chunk->next = NULL;
  chunk->begin = chunk->end = 0;
  if (last == NULL)
    c->first = chunk;
  else
    last->next = chunk;
  c->last = chunk;
  return chunk;
}

// `reserved`: also into a channel that was closed meanwhile.
static rill_status push(Channel *c, const void *value, bool reserved) {
  rill_waker waker = {NULL, NULL};
  rill_status status = RILL_OK;
  uv_mutex_lock(&c->lock);
  Chunk *chunk;
  if (atomic_load_explicit(&c->closed, memory_order_relaxed) && !reserved) {
    status = RILL_CLOSED;
  } else if ((chunk = chunk_with_room(c)) == NULL) {
    status = RILL_NO_MEMORY;
  } else {
    element_move(&c->element, value_at(c, chunk, chunk->end++), value);
    atomic_fetch_add_explicit(&c->length, 1, memory_order_relaxed);
    waker = c->receiver_waker;
    c->receiver_waker.type = NULL;
  }
  uv_mutex_unlock(&c->lock);
  rill_waker_wake(&waker);
  return status;
}

static void wake_receiver(Channel *c) {
  uv_mutex_lock(&c->lock);
  rill_waker waker = c->receiver_waker;
  c->receiver_waker.type = NULL;
  uv_mutex_unlock(&c->lock);
  rill_waker_wake(&waker);
}

// A closed channel is over once no place is reserved any more.
static void place_returned(rill_semaphore *places) {
  wake_receiver((Channel *)((char *)places - offsetof(Channel, places)));
}

rill_sender *rill_sender_clone(rill_sender *tx) {
  atomic_fetch_add_explicit(&of_sender(tx)->senders, 1, memory_order_relaxed);
  return tx;
}

void rill_sender_free(rill_sender *tx) {
  if (tx == NULL) return;
  Channel *c = of_sender(tx);
  if (atomic_fetch_sub_explicit(&c->senders, 1, memory_order_acq_rel) != 1)
    return;
  uv_mutex_lock(&c->lock);
  c->senders_gone = true;
  uv_mutex_unlock(&c->lock);
  wake_receiver(c);
  channel_release(c);
}

rill_status rill_sender_send_reserved(rill_sender *tx, const void *value) {
  return push(of_sender(tx), value, true);
}

void rill_sender_unreserve(rill_sender *tx, size_t count) {
  rill_semaphore_add(&of_sender(tx)->places, count);
}

rill_status rill_sender_try_reserve(rill_sender *tx, size_t count) {
  Channel *c = of_sender(tx);
  return c->capacity == 0 ? RILL_INVALID
                          : rill_semaphore_try_acquire(&c->places, count);
}

// With a place that was just acquired.
static rill_status send_into_place(Channel *c, const void *value) {
  rill_status status = push(c, value, true);
  if (status != RILL_OK) rill_sender_unreserve((rill_sender *)c, 1);
  return status;
}

rill_status rill_sender_try_send(rill_sender *tx, const void *value) {
  Channel *c = of_sender(tx);
  if (c->capacity == 0) return push(c, value, false);
  rill_status status = rill_semaphore_try_acquire(&c->places, 1);
  return status == RILL_OK ? send_into_place(c, value) : status;
}

bool rill_sender_is_closed(const rill_sender *tx) {
  return atomic_load_explicit(&of_sender(tx)->closed, memory_order_acquire);
}

static rill_poll send_poll(rill_future *f, rill_context *cx) {
  rill_send *self = (rill_send *)f;
  Channel *c = of_sender(self->sender);
  if (c->capacity == 0) {
    if (!exec_leaf_proceed(f, cx)) return RILL_PENDING;
    self->status = push(c, self->value, false);
    return RILL_READY;
  }
  if (rill_future_poll(&self->acquire.future, cx) == RILL_PENDING)
    return RILL_PENDING;
  self->status = self->acquire.status == RILL_OK
                     ? send_into_place(c, self->value)
                     : self->acquire.status;
  return RILL_READY;
}

static void send_drop(rill_future *f) {
  rill_send *self = (rill_send *)f;
  if (of_sender(self->sender)->capacity != 0)
    rill_future_drop(&self->acquire.future);
}

static const rill_future_type send_type = {
    .size = sizeof(rill_send),
    .name = "send",
    .poll = send_poll,
    .drop = send_drop,
};

void rill_send_init(rill_send *f, rill_sender *tx, const void *value) {
  f->future.type = &send_type;
  f->status = RILL_WOULD_BLOCK;
  f->sender = tx;
  f->value = value;
  Channel *c = of_sender(tx);
  if (c->capacity != 0) rill_acquire_init(&f->acquire, &c->places, 1);
}

rill_status rill_sender_send_wait(rill_sender *tx, const void *value,
                                  int64_t timeout) {
  rill_send f;
  rill_send_init(&f, tx, value);
  rill_status status = rill_future_wait(&f.future, timeout);
  rill_future_drop(&f.future);
  return status == RILL_OK ? f.status : status;
}

void rill_reserve_init(rill_acquire *f, rill_sender *tx, size_t count) {
  rill_acquire_init(f, &of_sender(tx)->places, count);
}

// The receiver closes -------------------------------------------------------

typedef struct SenderClosed {
  rill_future future;
  Channel *channel;
  WaitNode node;
} SenderClosed;
_Static_assert(sizeof(SenderClosed) <= sizeof(rill_sender_closed),
               "rill_sender_closed");

static rill_poll closed_poll(rill_future *f, rill_context *cx) {
  SenderClosed *self = (SenderClosed *)f;
  Channel *c = self->channel;
  if (!exec_leaf_proceed(f, cx)) return RILL_PENDING;
  uv_mutex_lock(&c->lock);
  bool ready = atomic_load_explicit(&c->closed, memory_order_relaxed);
  rill_waker old =
      wait_node_settle(&c->closed_waiters, &self->node, ready, cx->waker);
  uv_mutex_unlock(&c->lock);
  rill_waker_release(&old);
  return ready ? RILL_READY : RILL_PENDING;
}

static void closed_drop(rill_future *f) {
  SenderClosed *self = (SenderClosed *)f;
  wait_node_drop(&self->node, &self->channel->lock);
}

static const rill_future_type closed_type = {
    .size = sizeof(rill_sender_closed),
    .name = "channel closed",
    .poll = closed_poll,
    .drop = closed_drop,
};

void rill_sender_closed_init(rill_sender_closed *f, rill_sender *tx) {
  *f = (rill_sender_closed){.future = {&closed_type}};
  ((SenderClosed *)f)->channel = of_sender(tx);
}

void rill_receiver_close(rill_receiver *rx) {
  Channel *c = of_receiver(rx);
  rill_semaphore_close(&c->places);
  uv_mutex_lock(&c->lock);
  atomic_store_explicit(&c->closed, true, memory_order_release);
  wait_list_move(&c->closed_waiters, &c->closed_leaving);
  wait_list_wake_all(&c->closed_leaving, &c->lock, WAIT_CLOSED);
}

// Receiving -----------------------------------------------------------------

// Gives back a chunk that was read; one is kept for the next to be filled.
static void recycle(Channel *c, Chunk *chunk) {
  uv_mutex_lock(&c->lock);
  Chunk *surplus = chunk;
  if (c->spare == NULL) {
    c->spare = chunk;
    surplus = NULL;
  }
  uv_mutex_unlock(&c->lock);
  free(surplus);
}

// What the receiver has taken already: up to `limit` values.
static size_t read_values(Channel *c, char *out, size_t limit) {
  size_t count = 0;
  while (count < limit && c->reading != NULL) {
    Chunk *chunk = c->reading;
    size_t n = chunk->end - chunk->begin;
    if (n > limit - count) n = limit - count;
    memcpy(out + count * c->element.size, value_at(c, chunk, chunk->begin),
           n * c->element.size);
    count += n;
    chunk->begin += (uint32_t)n;
    if (chunk->begin < chunk->end) break;
    c->reading = chunk->next;
    recycle(c, chunk);
  }
  if (count > 0) {
    atomic_fetch_sub_explicit(&c->length, count, memory_order_relaxed);
    if (c->capacity != 0) rill_semaphore_add(&c->places, count);
  }
  return count;
}

// Nothing is there, and nothing can come? The lock is held.
static bool is_over(Channel *c) {
  if (c->senders_gone) return true;
  if (!atomic_load_explicit(&c->closed, memory_order_relaxed)) return false;
  return c->capacity == 0 ||
         rill_semaphore_available(&c->places) == c->capacity;
}

static rill_status receive(Channel *c, void *out, size_t limit, size_t *count,
                           rill_context *cx) {
  *count = 0;
  if (c->reading == NULL) {
    rill_waker old = {NULL, NULL};
    rill_status status = RILL_OK;
    uv_mutex_lock(&c->lock);
    c->reading = c->first;
    c->first = c->last = NULL;
    if (c->reading == NULL) {
      status = is_over(c) ? RILL_CLOSED : RILL_WOULD_BLOCK;
      if (status == RILL_WOULD_BLOCK && cx != NULL &&
          !rill_waker_same(&c->receiver_waker, cx->waker)) {
        old = c->receiver_waker;
        c->receiver_waker = rill_waker_clone(cx->waker);
      }
    }
    uv_mutex_unlock(&c->lock);
    rill_waker_release(&old);
    if (status != RILL_OK) return status;
  }
  *count = read_values(c, out, limit);
  return RILL_OK;
}

rill_status rill_receiver_try_recv(rill_receiver *rx, void *out) {
  size_t count;
  return receive(of_receiver(rx), out, 1, &count, NULL);
}

static rill_poll recv_poll(rill_future *f, rill_context *cx) {
  rill_recv *self = (rill_recv *)f;
  if (!exec_leaf_proceed(f, cx)) return RILL_PENDING;
  self->status = receive(of_receiver(self->receiver), self->out, self->limit,
                         &self->count, cx);
  return self->status == RILL_WOULD_BLOCK ? RILL_PENDING : RILL_READY;
}

static const rill_future_type recv_type = {
    .size = sizeof(rill_recv),
    .name = "receive",
    .poll = recv_poll,
};

void rill_recv_many_init(rill_recv *f, rill_receiver *rx, void *out,
                         size_t limit) {
  *f = (rill_recv){.future = {&recv_type},
                   .status = RILL_WOULD_BLOCK,
                   .receiver = rx,
                   .out = out,
                   .limit = limit};
}

void rill_recv_init(rill_recv *f, rill_receiver *rx, void *out) {
  rill_recv_many_init(f, rx, out, 1);
}

rill_status rill_receiver_recv_wait(rill_receiver *rx, void *out,
                                    int64_t timeout) {
  rill_recv f;
  rill_recv_init(&f, rx, out);
  rill_status status = rill_future_wait(&f.future, timeout);
  return status == RILL_OK ? f.status : status;
}

size_t rill_receiver_length(const rill_receiver *rx) {
  return atomic_load_explicit(&of_receiver(rx)->length, memory_order_relaxed);
}

void rill_receiver_free(rill_receiver *rx) {
  if (rx == NULL) return;
  Channel *c = of_receiver(rx);
  rill_receiver_close(rx);
  // Reserved places may still be filled; those values are dropped at the end.
  uv_mutex_lock(&c->lock);
  Chunk *rest = c->first;
  c->first = c->last = NULL;
  uv_mutex_unlock(&c->lock);
  free_chunks(c, c->reading);
  c->reading = NULL;
  free_chunks(c, rest);
  channel_release(c);
}
