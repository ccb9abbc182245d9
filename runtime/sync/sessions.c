// SPDX-License-Identifier: MIT
// Sessions: outcomes that are waited for by number. A number is a slot's place
// and how often the slot was used before, so that finding a session is two
// array accesses and an old number is never taken for a new one: a slot whose
// uses are exhausted is not used again. Slots lie in shards with a lock each;
// they are never moved and only freed with the table.
#include "runtime/sync/sessions.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <uv.h>

#include "runtime/executor/leaf.h"
#include "runtime/sync/element.h"
#include "runtime/sync/wait_list.h"

enum {
  SHARD_BITS = 4,
  SHARDS = 1 << SHARD_BITS,
  CHUNK_BITS = 8,
  CHUNK = 1 << CHUNK_BITS, // slots
  PLACE_BITS = 24,         // of a number: shard, then place within it
  USE_BITS = 53 - PLACE_BITS,
  SHARD_LIMIT = 1 << (PLACE_BITS - SHARD_BITS),
  NO_SLOT = -1,
};

typedef enum SlotState {
  SLOT_FREE,
  SLOT_WAITING,
  SLOT_COMPLETED, // with a value, like:
  SLOT_REJECTED,
  SLOT_CANCELLED,
  SLOT_CLOSED,
} SlotState;

// Under its shard's lock.
typedef struct Slot {
  union {
    rill_waker waker;  // WAITING; none: nobody has polled yet
    int32_t next_free; // FREE
  };
  uint32_t use : USE_BITS;
  uint32_t state : 32 - USE_BITS;
  uint32_t service;
  _Alignas(8) unsigned char value[];
} Slot;

typedef struct Shard {
  _Alignas(64) uv_mutex_t lock;
  unsigned char **chunks;
  uint32_t slots, chunk_capacity;
  int32_t first_free;
  uint32_t open; // sessions
  bool closed;
} Shard;

struct rill_sessions {
  _Atomic uint32_t references;
  _Atomic uint32_t next_shard;
  rill_element element;
  size_t slot_size;
  Shard shards[SHARDS];
};

rill_sessions *rill_sessions_new(const rill_element *element) {
  size_t size = (sizeof(rill_sessions) + 63) & ~(size_t)63;
  rill_sessions *t = NULL;
  if (element->size > SIZE_MAX / CHUNK / 2) return NULL;
  if (posix_memalign((void **)&t, 64, size) != 0) return NULL;
  memset(t, 0, size);
  t->references = 1;
  t->element = *element;
  t->slot_size = sizeof(Slot) + ((element->size + 7) & ~(size_t)7);
  for (uint32_t i = 0; i < SHARDS; i++) {
    t->shards[i].first_free = NO_SLOT;
    if (uv_mutex_init(&t->shards[i].lock) == 0) continue;
    while (i > 0)
      uv_mutex_destroy(&t->shards[--i].lock);
    free(t);
    return NULL;
  }
  return t;
}

void rill_sessions_retain(rill_sessions *t) {
  atomic_fetch_add_explicit(&t->references, 1, memory_order_relaxed);
}

// Slots ---------------------------------------------------------------------

static Slot *slot_at(const rill_sessions *t, const Shard *s, uint32_t place) {
  return (Slot *)(void *)(s->chunks[place >> CHUNK_BITS] +
                          (place & (CHUNK - 1)) * t->slot_size);
}

static rill_session number_of(const rill_sessions *t, const Shard *s,
                              uint32_t place, const Slot *slot) {
  uint32_t low = place << SHARD_BITS | (uint32_t)(s - t->shards);
  return (rill_session)slot->use << PLACE_BITS | low;
}

static Shard *shard_of(rill_sessions *t, rill_session session) {
  return &t->shards[session & (SHARDS - 1)];
}

static uint32_t place_of(rill_session session) {
  return (uint32_t)(session & ((1U << PLACE_BITS) - 1)) >> SHARD_BITS;
}

// The session's slot; NULL: there is none any more. The shard is locked.
static Slot *find(rill_sessions *t, Shard *s, rill_session session) {
  uint32_t place = place_of(session);
  if (place >= s->slots) return NULL;
  Slot *slot = slot_at(t, s, place);
  bool is_it = slot->state != SLOT_FREE && slot->use == session >> PLACE_BITS;
  return is_it ? slot : NULL;
}

static bool has_value(const Slot *slot) {
  return slot->state == SLOT_COMPLETED || slot->state == SLOT_REJECTED;
}

// The session is over: its number finds nothing any more. The shard is locked.
static void end_session(Shard *s, Slot *slot) {
  slot->state = SLOT_FREE;
  s->open--;
}

// Lets the slot of a session that is over be used again. The shard is locked.
static void reuse_slot(rill_sessions *t, Shard *s, rill_session session) {
  Slot *slot = slot_at(t, s, place_of(session));
  if (slot->use == (1U << USE_BITS) - 1) return;
  slot->next_free = s->first_free;
  s->first_free = (int32_t)place_of(session);
}

// The shard is locked. NULL: out of memory, or too many.
static Slot *new_slot(rill_sessions *t, Shard *s, uint32_t *place) {
  if (s->first_free != NO_SLOT) {
    *place = (uint32_t)s->first_free;
    Slot *slot = slot_at(t, s, *place);
    s->first_free = slot->next_free;
    return slot;
  }
  if (s->slots == SHARD_LIMIT) return NULL;
  uint32_t chunk = s->slots >> CHUNK_BITS;
  if ((s->slots & (CHUNK - 1)) == 0) {
    if (chunk == s->chunk_capacity) {
      uint32_t capacity = chunk * 2 + 4;
      unsigned char **grown = realloc(s->chunks, capacity * sizeof *s->chunks);
      if (grown == NULL) return NULL;
      s->chunks = grown;
      s->chunk_capacity = capacity;
    }
    s->chunks[chunk] = malloc(CHUNK * t->slot_size);
    if (s->chunks[chunk] == NULL) return NULL;
  }
  *place = s->slots++;
  Slot *slot = slot_at(t, s, *place);
  slot->use = 0;
  return slot;
}

rill_status rill_session_open(rill_sessions *t, uint32_t service,
                              rill_session *out) {
  uint32_t number =
      atomic_fetch_add_explicit(&t->next_shard, 1, memory_order_relaxed);
  Shard *s = &t->shards[number & (SHARDS - 1)];
  rill_status status = RILL_OK;
  uint32_t place;
  uv_mutex_lock(&s->lock);
  Slot *slot = s->closed ? NULL : new_slot(t, s, &place);
  if (slot == NULL) {
    status = s->closed ? RILL_CLOSED : RILL_NO_MEMORY;
  } else {
    slot->use++; // the first number is not 0
    slot->state = SLOT_WAITING;
    slot->service = service;
    slot->waker = (rill_waker){NULL, NULL};
    s->open++;
    *out = number_of(t, s, place, slot);
  }
  uv_mutex_unlock(&s->lock);
  return status;
}

// Outcomes ------------------------------------------------------------------

// The shard is locked. The waker, for the caller to wake without the lock.
static rill_waker settle(Slot *slot, SlotState state) {
  rill_waker waker = slot->waker;
  slot->waker.type = NULL;
  slot->state = state;
  return waker;
}

static rill_status settle_session(rill_sessions *t, rill_session session,
                                  SlotState state, const void *value) {
  Shard *s = shard_of(t, session);
  rill_waker waker = {NULL, NULL};
  uv_mutex_lock(&s->lock);
  Slot *slot = find(t, s, session);
  bool waits = slot != NULL && slot->state == SLOT_WAITING;
  if (waits) {
    if (value != NULL) element_move(&t->element, slot->value, value);
    waker = settle(slot, state);
  }
  uv_mutex_unlock(&s->lock);
  rill_waker_wake(&waker);
  return waits ? RILL_OK : RILL_CLOSED;
}

rill_status rill_session_complete(rill_sessions *t, rill_session session,
                                  const void *value) {
  return settle_session(t, session, SLOT_COMPLETED, value);
}

rill_status rill_session_reject(rill_sessions *t, rill_session session,
                                const void *reason) {
  return settle_session(t, session, SLOT_REJECTED, reason);
}

rill_status rill_session_cancel(rill_sessions *t, rill_session session) {
  return settle_session(t, session, SLOT_CANCELLED, NULL);
}

// Settles the waiting ones of a shard, of this service or of all (NULL). The
// shard is locked, and given up. How many.
static size_t settle_all(rill_sessions *t, Shard *s, SlotState state,
                         const uint32_t *service) {
  WakeBatch batch = {.count = 0};
  size_t count = 0;
  // Those that are opened meanwhile may be missed.
  for (uint32_t place = 0; place < s->slots; place++) {
    Slot *slot = slot_at(t, s, place);
    if (slot->state != SLOT_WAITING) continue;
    if (service != NULL && slot->service != *service) continue;
    count++;
    rill_waker waker = settle(slot, state);
    if (waker.type == NULL) continue;
    wake_batch_add(&batch, waker);
    if (!wake_batch_is_full(&batch)) continue;
    uv_mutex_unlock(&s->lock);
    wake_batch_run(&batch);
    uv_mutex_lock(&s->lock);
  }
  uv_mutex_unlock(&s->lock);
  wake_batch_run(&batch);
  return count;
}

size_t rill_sessions_cancel_service(rill_sessions *t, uint32_t service) {
  size_t count = 0;
  for (Shard *s = t->shards; s < t->shards + SHARDS; s++) {
    uv_mutex_lock(&s->lock);
    count += settle_all(t, s, SLOT_CANCELLED, &service);
  }
  return count;
}

void rill_sessions_close(rill_sessions *t) {
  rill_sessions_retain(t); // who is woken may release it
  for (Shard *s = t->shards; s < t->shards + SHARDS; s++) {
    uv_mutex_lock(&s->lock);
    s->closed = true;
    settle_all(t, s, SLOT_CLOSED, NULL);
  }
  rill_sessions_release(t);
}

void rill_sessions_release(rill_sessions *t) {
  if (t == NULL ||
      atomic_fetch_sub_explicit(&t->references, 1, memory_order_acq_rel) != 1)
    return;
  for (Shard *s = t->shards; s < t->shards + SHARDS; s++) {
    for (uint32_t place = 0; place < s->slots; place++) {
      Slot *slot = slot_at(t, s, place);
      if (has_value(slot)) element_drop(&t->element, slot->value);
      if (slot->state == SLOT_WAITING) rill_waker_release(&slot->waker);
    }
    for (uint32_t i = 0; i < (s->slots + CHUNK - 1) >> CHUNK_BITS; i++)
      free(s->chunks[i]);
    free(s->chunks);
    uv_mutex_destroy(&s->lock);
  }
  free(t);
}

// Waiting -------------------------------------------------------------------

// The shard is locked. Any outcome but WOULD_BLOCK ends the session.
static rill_status take(rill_sessions *t, Shard *s, rill_session session,
                        void *out) {
  static const rill_status status_of[] = {
      [SLOT_COMPLETED] = RILL_OK,
      [SLOT_REJECTED] = RILL_FAILED,
      [SLOT_CANCELLED] = RILL_CANCELLED,
      [SLOT_CLOSED] = RILL_CLOSED,
  };
  Slot *slot = find(t, s, session);
  if (slot == NULL) return RILL_CLOSED;
  if (slot->state == SLOT_WAITING) return RILL_WOULD_BLOCK;
  rill_status status = status_of[slot->state];
  if (has_value(slot)) element_move(&t->element, out, slot->value);
  end_session(s, slot);
  reuse_slot(t, s, session);
  return status;
}

rill_status rill_session_try_recv(rill_sessions *t, rill_session session,
                                  void *out) {
  Shard *s = shard_of(t, session);
  uv_mutex_lock(&s->lock);
  rill_status status = take(t, s, session, out);
  uv_mutex_unlock(&s->lock);
  return status;
}

// The waker of who waits, for the caller.
static rill_waker forget(rill_sessions *t, rill_session session) {
  Shard *s = shard_of(t, session);
  rill_waker waker = {NULL, NULL};
  uv_mutex_lock(&s->lock);
  Slot *slot = find(t, s, session);
  if (slot != NULL) {
    bool had_value = has_value(slot);
    if (slot->state == SLOT_WAITING) waker = slot->waker;
    end_session(s, slot);
    if (had_value && t->element.drop != NULL) {
      uv_mutex_unlock(&s->lock); // the slot is nobody's meanwhile
      element_drop(&t->element, slot->value);
      uv_mutex_lock(&s->lock);
    }
    reuse_slot(t, s, session);
  }
  uv_mutex_unlock(&s->lock);
  return waker;
}

void rill_session_forget(rill_sessions *t, rill_session session) {
  rill_waker waker = forget(t, session);
  rill_waker_wake(&waker);
}

static rill_poll recv_poll(rill_future *f, rill_context *cx) {
  rill_session_recv *self = (rill_session_recv *)f;
  rill_sessions *t = self->sessions;
  if (!exec_leaf_proceed(f, cx)) return RILL_PENDING;
  Shard *s = shard_of(t, self->session);
  rill_waker old = {NULL, NULL};
  uv_mutex_lock(&s->lock);
  self->status = take(t, s, self->session, self->out);
  if (self->status == RILL_WOULD_BLOCK)
    old = wait_waker_replace(&find(t, s, self->session)->waker, cx->waker);
  uv_mutex_unlock(&s->lock);
  rill_waker_release(&old);
  return self->status == RILL_WOULD_BLOCK ? RILL_PENDING : RILL_READY;
}

static void recv_drop(rill_future *f) {
  rill_session_recv *self = (rill_session_recv *)f;
  if (self->status != RILL_WOULD_BLOCK) return;
  self->status = RILL_CANCELLED;
  rill_waker waker = forget(self->sessions, self->session);
  rill_waker_release(&waker);
}

static const rill_future_type recv_type = {
    .size = sizeof(rill_session_recv),
    .name = "session",
    .poll = recv_poll,
    .drop = recv_drop,
};

void rill_session_recv_init(rill_session_recv *f, rill_sessions *t,
                            rill_session session, void *out) {
  *f = (rill_session_recv){.future = {&recv_type},
                           .status = RILL_WOULD_BLOCK,
                           .sessions = t,
                           .session = session,
                           .out = out};
}

rill_status rill_session_recv_wait(rill_sessions *t, rill_session session,
                                   void *out, int64_t timeout) {
  rill_session_recv f;
  rill_session_recv_init(&f, t, session, out);
  rill_status status = rill_future_wait(&f.future, timeout);
  return status == RILL_OK ? f.status : status;
}

// Looking -------------------------------------------------------------------

bool sync_session_is_new(rill_session session) {
  return session >> PLACE_BITS == 1 && place_of(session) % CHUNK == 0;
}

bool sync_session_waits(rill_sessions *t, rill_session session) {
  Shard *s = shard_of(t, session);
  uv_mutex_lock(&s->lock);
  const Slot *slot = find(t, s, session);
  bool waits = slot != NULL && slot->state == SLOT_WAITING;
  uv_mutex_unlock(&s->lock);
  return waits;
}

size_t rill_sessions_count(const rill_sessions *table) {
  rill_sessions *t = (rill_sessions *)table; // its locks
  size_t count = 0;
  for (Shard *s = t->shards; s < t->shards + SHARDS; s++) {
    uv_mutex_lock(&s->lock);
    count += s->open;
    uv_mutex_unlock(&s->lock);
  }
  return count;
}

size_t rill_sessions_bytes(const rill_sessions *table) {
  rill_sessions *t = (rill_sessions *)table;
  size_t bytes = sizeof *t;
  for (Shard *s = t->shards; s < t->shards + SHARDS; s++) {
    uv_mutex_lock(&s->lock);
    size_t chunks = (s->slots + CHUNK - 1) >> CHUNK_BITS;
    bytes += s->chunk_capacity * sizeof *s->chunks;
    bytes += chunks * CHUNK * t->slot_size;
    uv_mutex_unlock(&s->lock);
  }
  return bytes;
}

void rill_sessions_each(rill_sessions *t,
                        void (*each)(void *, rill_session, uint32_t),
                        void *data) {
  for (Shard *s = t->shards; s < t->shards + SHARDS; s++) {
    uv_mutex_lock(&s->lock);
    for (uint32_t place = 0; place < s->slots; place++) {
      const Slot *slot = slot_at(t, s, place);
      if (slot->state == SLOT_WAITING)
        each(data, number_of(t, s, place, slot), slot->service);
    }
    uv_mutex_unlock(&s->lock);
  }
}
