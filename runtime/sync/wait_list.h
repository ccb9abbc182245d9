// SPDX-License-Identifier: MIT
// Lists of waiting futures. A node is part of the future itself, so waiting
// allocates nothing; it is only touched under the lock of the primitive. Wakers
// are taken from nodes under the lock and woken after it.
#ifndef RILL_SYNC_WAIT_LIST_H
#define RILL_SYNC_WAIT_LIST_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "rill/future.h"

// Replaces a waker; the lock is held. The old one, to be released without it.
static inline rill_waker wait_waker_replace(rill_waker *kept,
                                            const rill_waker *waker) {
  rill_waker old = {NULL, NULL};
  if (rill_waker_same(kept, waker)) return old;
  old = *kept;
  *kept = rill_waker_clone(waker);
  return old;
}

typedef enum WaitState {
  WAIT_QUEUED,  // in the list, with a waker
  WAIT_GRANTED, // out of the list: what was waited for is there
  WAIT_CLOSED,  // out of the list: it will not come
} WaitState;

typedef struct WaitNode {
  // Under the primitive's lock, and only while `waiting`:
  struct WaitNode *next, *previous;
  rill_waker waker;
  uint8_t state; // WaitState
  // The future's own: it was queued, and has not seen yet what became of that.
  bool waiting;
} WaitNode;

// A ring through the list's own node.
typedef struct WaitList {
  WaitNode ring;
} WaitList;

static inline void wait_list_init(WaitList *l) {
  l->ring.next = l->ring.previous = &l->ring;
}
static inline bool wait_list_is_empty(const WaitList *l) {
  return l->ring.next == &l->ring;
}
static inline WaitNode *wait_list_first(WaitList *l) {
  return wait_list_is_empty(l) ? NULL : l->ring.next;
}
// Queues a node, last. The waker is cloned.
static inline void wait_list_push(WaitList *l, WaitNode *n,
                                  const rill_waker *waker) {
  n->waker = rill_waker_clone(waker);
  n->state = WAIT_QUEUED;
  n->waiting = true;
  n->next = &l->ring;
  n->previous = l->ring.previous;
  n->previous->next = n;
  l->ring.previous = n;
}
// Takes a queued node out of whatever list it is in. Its waker, for the caller.
static inline rill_waker wait_node_remove(WaitNode *n, WaitState state) {
  n->next->previous = n->previous;
  n->previous->next = n->next;
  n->state = state;
  rill_waker waker = n->waker;
  n->waker.type = NULL;
  return waker;
}
// Moves all nodes of `from` to the end of `to`.
static inline void wait_list_move(WaitList *from, WaitList *to) {
  if (wait_list_is_empty(from)) return;
  WaitNode *first = from->ring.next, *last = from->ring.previous;
  first->previous = to->ring.previous;
  to->ring.previous->next = first;
  last->next = &to->ring;
  to->ring.previous = last;
  wait_list_init(from);
}
// A queued node is polled again: its waker, if it is another one. The old one
// is the caller's to release, without the lock.
static inline rill_waker wait_node_update(WaitNode *n,
                                          const rill_waker *waker) {
  return wait_waker_replace(&n->waker, waker);
}

// What a poll does in the end, with the lock held: if `ready`, the node is out
// of the list, else it is in it with this waker. Releases nothing: the result
// is the caller's to release, without the lock.
static inline rill_waker wait_node_settle(WaitList *l, WaitNode *n, bool ready,
                                          const rill_waker *waker) {
  rill_waker old = {NULL, NULL};
  bool queued = n->waiting && n->state == WAIT_QUEUED;
  if (ready) {
    if (queued) old = wait_node_remove(n, WAIT_GRANTED);
    n->waiting = false;
  } else if (queued) {
    old = wait_node_update(n, waker);
  } else {
    wait_list_push(l, n, waker);
  }
  return old;
}
// The future is dropped. True: it was granted what it has not seen yet.
static inline bool wait_node_drop(WaitNode *n, uv_mutex_t *lock) {
  if (!n->waiting) return false;
  n->waiting = false;
  rill_waker old = {NULL, NULL};
  uv_mutex_lock(lock);
  bool granted = n->state == WAIT_GRANTED;
  if (n->state == WAIT_QUEUED) old = wait_node_remove(n, WAIT_CLOSED);
  uv_mutex_unlock(lock);
  rill_waker_release(&old);
  return granted;
}

// Wakers to be woken once the lock is given up.
enum { WAKE_BATCH = 32 };
typedef struct WakeBatch {
  uint32_t count;
  rill_waker wakers[WAKE_BATCH];
} WakeBatch;
static inline bool wake_batch_is_full(const WakeBatch *b) {
  return b->count == WAKE_BATCH;
}
static inline void wake_batch_add(WakeBatch *b, rill_waker waker) {
  b->wakers[b->count++] = waker;
}
static inline void wake_batch_run(WakeBatch *b) {
  for (uint32_t i = 0; i < b->count; i++) {
    rill_waker_wake(&b->wakers[i]);
  }
  b->count = 0;
}

// Wakes all of a list. The lock is held, and given up: nodes may be dropped by
// their futures between two batches.
static inline void wait_list_wake_all(WaitList *l, uv_mutex_t *lock,
                                      WaitState state) {
  WakeBatch batch = {.count = 0};
  WaitNode *n;
  while ((n = wait_list_first(l)) != NULL) {
    wake_batch_add(&batch, wait_node_remove(n, state));
    if (!wake_batch_is_full(&batch)) continue;
    uv_mutex_unlock(lock);
    wake_batch_run(&batch);
    uv_mutex_lock(lock);
  }
  uv_mutex_unlock(lock);
  wake_batch_run(&batch);
}

#endif
