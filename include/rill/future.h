/* SPDX-License-Identifier: MIT */
/*
 * Futures and wakers.
 *
 * A future is a struct that begins with a rill_future and holds the state of
 * one operation: polling it makes progress and says whether the result is
 * there. A future that returns RILL_PENDING has arranged for the context's
 * waker to be woken once polling is worth while again. Results are fields of
 * the future's own struct, to be read after RILL_READY.
 *
 * A future may be moved (copied, the original forgotten) until it is first
 * polled, not after. It is polled by one thread at a time, not necessarily
 * always the same.
 *
 * `drop` gives back what a future holds: waiters leave their queues, permits
 * that were granted but not taken return. Every future of this library may be
 * dropped at any point between two polls, and more than once; dropping one that
 * is finished does nothing to its result. A task drops its future once, as soon
 * as it is ready or was aborted; the result can still be read by who joins the
 * task, and is discarded after that.
 *
 * A waker tells an executor that a future should be polled. It is a type and a
 * counted reference, may be used by any thread, and waking is cheap when
 * nothing has to be done. Waking a future that has finished does nothing.
 */
#ifndef RILL_FUTURE_H
#define RILL_FUTURE_H

#include "rill/base.h"

RILL_BEGIN_DECLARATIONS

/* What an executor does for its wakers. Any thread calls these. */
typedef struct rill_waker_type {
  void (*retain)(void *data);      /* one more reference */
  void (*release)(void *data);     /* one less */
  void (*wake)(void *data);        /* takes over one reference */
  void (*wake_by_ref)(void *data); /* leaves the references alone */
} rill_waker_type;

/* A type of NULL is no waker. */
typedef struct rill_waker {
  const rill_waker_type *type; /* what it can do; NULL: no waker */
  void *data;                  /* the executor's */
} rill_waker;

/* One more reference to what it wakes. */
static inline rill_waker rill_waker_clone(const rill_waker *w) {
  w->type->retain(w->data);
  return *w;
}
/* Gives up the reference; the waker is none afterwards. None does nothing. */
static inline void rill_waker_release(rill_waker *w) {
  const rill_waker_type *type = w->type;
  w->type = NULL;
  if (type != NULL) type->release(w->data);
}
/* Wakes and gives up the reference; the waker is none afterwards. None does
 * nothing. */
static inline void rill_waker_wake(rill_waker *w) {
  const rill_waker_type *type = w->type;
  w->type = NULL;
  if (type != NULL) type->wake(w->data);
}
/* Wakes and leaves the reference. */
static inline void rill_waker_wake_by_ref(const rill_waker *w) {
  w->type->wake_by_ref(w->data);
}
/* Would the two wake the same? */
static inline bool rill_waker_same(const rill_waker *a, const rill_waker *b) {
  return a->type == b->type && a->data == b->data;
}
/* Makes *kept a reference to `w`, keeping it if it is one already. */
static inline void rill_waker_keep(rill_waker *kept, const rill_waker *w) {
  if (rill_waker_same(kept, w)) return;
  rill_waker_release(kept);
  *kept = rill_waker_clone(w);
}

/* What a future is polled with. The waker is borrowed: clone it to keep it. */
typedef struct rill_context {
  const rill_waker *waker; /* of who polls */
} rill_context;

/* What polling says. */
typedef enum rill_poll {
  RILL_PENDING, /* the waker will be woken */
  RILL_READY    /* the result is there */
} rill_poll;

/* How each future begins. */
typedef struct rill_future rill_future;
/* What a future can do. */
typedef struct rill_future_type {
  size_t size;      /* of the whole struct: what rill_spawn copies */
  const char *name; /* shown where tasks are listed */
  /* Makes progress; see above. */
  rill_poll (*poll)(rill_future *, rill_context *);
  void (*drop)(rill_future *); /* may be NULL */
  /* Frees a task's result after it was read, or if nobody can read it any more.
   * May be NULL. */
  void (*discard)(rill_future *);
} rill_future_type;
struct rill_future {
  /* NULL: it is zeroed, and may only be dropped. */
  const rill_future_type *type;
};

/* Polls a future once. Not after it was ready, unless its comment says so. */
static inline rill_poll rill_future_poll(rill_future *f, rill_context *cx) {
  return f->type->poll(f, cx);
}
/* Gives back what a future holds; of one that is zeroed, too. Its memory stays
 * the caller's. */
static inline void rill_future_drop(rill_future *f) {
  if (f->type != NULL && f->type->drop != NULL) f->type->drop(f);
}

/* Polls on the calling thread, blocking it in between, until the future is
 * ready or `timeout_nanoseconds` have passed (negative: no limit). Needs no
 * executor, but a future that sleeps or spawns does: use rill_block_on for
 * those. RILL_TIMED_OUT: not ready; it may be waited for again, or dropped.
 * RILL_INVALID: called by a task, which must not block its worker. */
RILL_API rill_status rill_future_wait(rill_future *,
                                      int64_t timeout_nanoseconds);

/* Cooperation: a task may poll this many operations before it has to let
 * others run, although its operations are ready. */
#define RILL_COOP_BUDGET 128
/* To be called by a future's poll before it does a piece of work. False: the
 * budget is used up; the waker was woken, and RILL_PENDING is to be returned.
 * Outside of tasks always true. */
RILL_API bool rill_coop_proceed(rill_context *);
/* What is left of the calling task's budget; RILL_COOP_BUDGET outside. */
RILL_API uint32_t rill_coop_remaining(void);

/* Ready at the second poll: lets other tasks run once. */
typedef struct rill_yield {
  rill_future future;
  bool yielded; /* it was polled once */
} rill_yield;
/* Begins anew. */
RILL_API void rill_yield_init(rill_yield *);

/* Ready once one of its branches is. Branches are polled from a random one on,
 * or in order if `biased`. `winner` tells which; its entry in `branches` is set
 * to NULL, so that the select may be polled again for the others. With no
 * branches left it is ready at once and `winner` is `count`. Branches are
 * borrowed until the select is dropped, which drops those that are left. */
typedef struct rill_select {
  rill_future future;
  rill_future **branches; /* borrowed; an entry is NULL once it won */
  size_t count;           /* how many entries there are */
  size_t winner;          /* once it is ready: the index */
  bool biased;            /* the first branches are preferred */
} rill_select;
/* Of branches that are borrowed, the array of pointers, too. */
RILL_API void rill_select_init(rill_select *, rill_future **branches,
                               size_t count, bool biased);

/* Ready once all of its branches are; finished entries become NULL. Every poll
 * visits every branch: for many, use a join set. Dropping drops what is left.
 */
typedef struct rill_join_all {
  rill_future future;
  rill_future **branches; /* borrowed; an entry is NULL once it is ready */
  size_t count;           /* how many entries there are */
} rill_join_all;
/* Of branches that are borrowed, the array of pointers, too. */
RILL_API void rill_join_all_init(rill_join_all *, rill_future **branches,
                                 size_t count);

/*
 * Writing a future as straight code. `self` has an `int at` field, 0 at first;
 * variables that live across an await are fields of it. No switch may surround
 * an await, and a line holds at most one.
 *
 *   static rill_poll poll_hello(rill_future *f, rill_context *cx) {
 *     Hello *self = (Hello *)f;
 *     RILL_ASYNC_BEGIN(self);
 *     rill_sleep_init(&self->sleep, 10000000);
 *     RILL_AWAIT(self, cx, &self->sleep.future);
 *     puts("hello");
 *     RILL_ASYNC_END(self);
 *   }
 */
#if defined(__GNUC__)
#define RILL_FALL_THROUGH __attribute__((fallthrough))
#else
/* Part of RILL_AWAIT: tells the compiler that a case goes on in the next. */
#define RILL_FALL_THROUGH ((void)0)
#endif
/* Begins the code; once in a poll function. */
#define RILL_ASYNC_BEGIN(self)                                                 \
  switch ((self)->at) {                                                        \
  case 0:
/* Polls a future until it is ready; the poll function returns RILL_PENDING
 * meanwhile. */
#define RILL_AWAIT(self, cx, awaited)                                          \
  do {                                                                         \
    (self)->at = __LINE__;                                                     \
    RILL_FALL_THROUGH;                                                         \
  case __LINE__:                                                               \
    if (rill_future_poll((awaited), (cx)) == RILL_PENDING)                     \
      return RILL_PENDING;                                                     \
  } while (0)
/* Ends the code: the future is ready. */
#define RILL_ASYNC_END(self)                                                   \
  }                                                                            \
  (self)->at = -1;                                                             \
  return RILL_READY

RILL_END_DECLARATIONS
#endif
