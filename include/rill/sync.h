/* SPDX-License-Identifier: MIT */
/*
 * Synchronization between tasks, and between tasks and threads.
 *
 * Every operation that waits comes in three forms: a future, a try_ function,
 * and a _wait function that blocks the calling thread (not to be called by a
 * task: RILL_INVALID) for at most some nanoseconds, negative for no limit. All
 * futures are cancel-safe: dropped before they are ready, they have had no
 * effect. Waiting is fair: first come, first served, and nobody overtakes.
 *
 * All functions may be called by any thread, with the primitive's futures
 * polled by any executor or none. A future borrows what it waits for.
 * Constructors return NULL (or RILL_NO_MEMORY) when memory is out. What has a
 * _retain is counted: each retain needs a release.
 *
 * Channels carry values of one size, which are copied in and out.
 */
#ifndef RILL_SYNC_H
#define RILL_SYNC_H

#include "rill/future.h"

RILL_BEGIN_DECLARATIONS

/* Semaphore, mutex, reader-writer lock ---------------------------------- */

/* Permits that are taken and given back. */
typedef struct rill_semaphore rill_semaphore;
/* With so many permits, and one reference, the caller's. NULL: out of memory.
 */
RILL_API rill_semaphore *rill_semaphore_new(size_t permits);
/* One more reference. */
RILL_API void rill_semaphore_retain(rill_semaphore *);
/* One less; the last frees it. NULL does nothing. Nobody may wait any more. */
RILL_API void rill_semaphore_release(rill_semaphore *);
/* RILL_OK: `count` permits are the caller's, until they are added again.
 * RILL_WOULD_BLOCK: there are fewer, or others wait. RILL_CLOSED. */
RILL_API rill_status rill_semaphore_try_acquire(rill_semaphore *, size_t count);
/* Blocks the thread until `count` permits are the caller's. RILL_CLOSED;
 * RILL_TIMED_OUT: it has none of them. */
RILL_API rill_status rill_semaphore_acquire_wait(rill_semaphore *, size_t count,
                                                 int64_t timeout_nanoseconds);
/* Gives permits back, or adds new ones: who waits longest gets them first. Also
 * when it is closed. */
RILL_API void rill_semaphore_add(rill_semaphore *, size_t count);
/* Permits that nobody has now. */
RILL_API size_t rill_semaphore_available(const rill_semaphore *);
/* Who waits, now or later, gets RILL_CLOSED. */
RILL_API void rill_semaphore_close(rill_semaphore *);
/* Was rill_semaphore_close called? */
RILL_API bool rill_semaphore_is_closed(const rill_semaphore *);

/* Ready: `status` is RILL_OK, and the permits (or the lock) are held, or
 * RILL_CLOSED. */
typedef struct rill_acquire {
  rill_future future;
  rill_status status; /* once it is ready */
  size_t count;       /* how many permits */
  uintptr_t private_[8];
} rill_acquire;
/* Begins to wait for `count` permits of a semaphore, which is borrowed. */
RILL_API void rill_acquire_init(rill_acquire *, rill_semaphore *, size_t count);

/* One holder at a time. The three ways to lock end as those to acquire do. */
typedef struct rill_mutex rill_mutex;
/* Unlocked, with one reference, the caller's. NULL: out of memory. */
RILL_API rill_mutex *rill_mutex_new(void);
/* One more reference. */
RILL_API void rill_mutex_retain(rill_mutex *);
/* One less; the last frees it. NULL does nothing. Nobody may wait any more. */
RILL_API void rill_mutex_release(rill_mutex *);
/* Begins to wait for the lock of a mutex, which is borrowed. */
RILL_API void rill_mutex_lock_init(rill_acquire *, rill_mutex *);
/* RILL_OK: the lock is the caller's. RILL_WOULD_BLOCK: another's. */
RILL_API rill_status rill_mutex_try_lock(rill_mutex *);
/* Blocks the thread until the lock is the caller's. RILL_TIMED_OUT: it is not.
 */
RILL_API rill_status rill_mutex_lock_wait(rill_mutex *,
                                          int64_t timeout_nanoseconds);
/* Gives the lock to who waits longest. By any thread: a lock belongs to whoever
 * was told so. */
RILL_API void rill_mutex_unlock(rill_mutex *);

/* Many readers, or one writer; who waits to write keeps later readers waiting.
 * The ways to lock are those of the mutex. */
typedef struct rill_rwlock rill_rwlock;
/* Unlocked, with one reference, the caller's. NULL: out of memory. */
RILL_API rill_rwlock *rill_rwlock_new(void);
/* One more reference. */
RILL_API void rill_rwlock_retain(rill_rwlock *);
/* One less; the last frees it. NULL does nothing. Nobody may wait any more. */
RILL_API void rill_rwlock_release(rill_rwlock *);
/* Begins to wait for the lock, to read. The lock is borrowed. */
RILL_API void rill_rwlock_read_init(rill_acquire *, rill_rwlock *);
/* Begins to wait for the lock, to write. The lock is borrowed. */
RILL_API void rill_rwlock_write_init(rill_acquire *, rill_rwlock *);
/* RILL_OK: the caller may read. RILL_WOULD_BLOCK: somebody writes, or waits. */
RILL_API rill_status rill_rwlock_try_read(rill_rwlock *);
/* RILL_OK: the caller may write. RILL_WOULD_BLOCK: somebody has the lock, or
 * waits. */
RILL_API rill_status rill_rwlock_try_write(rill_rwlock *);
/* Blocks the thread until the caller may read. RILL_TIMED_OUT: it may not. */
RILL_API rill_status rill_rwlock_read_wait(rill_rwlock *,
                                           int64_t timeout_nanoseconds);
/* Blocks the thread until the caller may write. RILL_TIMED_OUT: it may not. */
RILL_API rill_status rill_rwlock_write_wait(rill_rwlock *,
                                            int64_t timeout_nanoseconds);
/* Ends reading. Any thread. */
RILL_API void rill_rwlock_read_unlock(rill_rwlock *);
/* Ends writing. Any thread. */
RILL_API void rill_rwlock_write_unlock(rill_rwlock *);
/* From writing to reading, with no other writer in between. */
RILL_API void rill_rwlock_downgrade(rill_rwlock *);

/* Notify, barrier ------------------------------------------------------- */

/* Wakes who waits; a notification that finds nobody is kept, but only one. */
typedef struct rill_notify rill_notify;
/* With one reference, the caller's. NULL: out of memory. */
RILL_API rill_notify *rill_notify_new(void);
/* One more reference. */
RILL_API void rill_notify_retain(rill_notify *);
/* One less; the last frees it. NULL does nothing. Nobody may wait any more. */
RILL_API void rill_notify_release(rill_notify *);
/* Wakes the longest waiting; if there is none, the next to wait does not have
 * to. */
RILL_API void rill_notify_one(rill_notify *);
/* Wakes all that wait now. */
RILL_API void rill_notify_all(rill_notify *);
/* Blocks the thread until it is notified. RILL_TIMED_OUT: it was not. */
RILL_API rill_status rill_notify_wait(rill_notify *,
                                      int64_t timeout_nanoseconds);
/* Waits from its first poll on. Dropped after rill_notify_one chose it, it
 * hands the notification on. */
typedef struct rill_notified {
  rill_future future;
  uintptr_t private_[7];
} rill_notified;
/* Of a notify that is borrowed. */
RILL_API void rill_notified_init(rill_notified *, rill_notify *);

/* A place where a number of tasks or threads meet. */
typedef struct rill_barrier rill_barrier;
/* For this many; at least 1. One reference, the caller's. NULL: a count of 0,
 * or out of memory. */
RILL_API rill_barrier *rill_barrier_new(size_t count);
/* One more reference. */
RILL_API void rill_barrier_retain(rill_barrier *);
/* One less; the last frees it. NULL does nothing. Nobody may wait any more. */
RILL_API void rill_barrier_release(rill_barrier *);
/* Ready once `count` have come; then the barrier can be used again. Who came
 * last is the leader. Dropped while it waits, it has not come. */
typedef struct rill_barrier_waiting {
  rill_future future;
  bool leader; /* came last, once it is ready */
  uintptr_t private_[7];
} rill_barrier_waiting;
/* Of a barrier that is borrowed. It comes with its first poll. */
RILL_API void rill_barrier_waiting_init(rill_barrier_waiting *, rill_barrier *);
/* Comes and blocks the thread until all are there. *leader (may be NULL): it
 * came last. RILL_TIMED_OUT: it has not come. */
RILL_API rill_status rill_barrier_wait(rill_barrier *, bool *leader,
                                       int64_t timeout_nanoseconds);

/* Cancellation tokens --------------------------------------------------- */

/* Tells whoever asks that something is to end. */
typedef struct rill_token rill_token;
/* One reference, the caller's. A child is cancelled with its parent, at once if
 * that is cancelled already, not the other way round. NULL parent: a root.
 * NULL: out of memory. */
RILL_API rill_token *rill_token_new(rill_token *parent);
/* One more reference. */
RILL_API void rill_token_retain(rill_token *);
/* One less; the last frees it, and cancels nothing. NULL does nothing. */
RILL_API void rill_token_release(rill_token *);
/* Cancels it and all below it, for ever, and wakes who waits. Again: no effect.
 */
RILL_API void rill_token_cancel(rill_token *);
/* Was it, or one above it, cancelled? */
RILL_API bool rill_token_is_cancelled(const rill_token *);
/* Blocks the thread until it is cancelled. RILL_TIMED_OUT: it is not. */
RILL_API rill_status rill_token_wait(rill_token *, int64_t timeout_nanoseconds);
/* Ready once the token is cancelled. */
typedef struct rill_cancelled {
  rill_future future;
  uintptr_t private_[7];
} rill_cancelled;
/* Of a token that is borrowed. */
RILL_API void rill_cancelled_init(rill_cancelled *, rill_token *);

/* Channels -------------------------------------------------------------- */

/* What a channel carries. */
typedef struct rill_element {
  size_t size;               /* bytes of a value; not 0 */
  void (*drop)(void *value); /* for values nobody received; may be NULL */
  /* Broadcast and watch hand out copies; NULL: of the bytes. */
  void (*copy)(void *to, const void *from);
} rill_element;

/* mpsc: many senders, one receiver, in order. Bounded channels make senders
 * wait while they are full. A sender is used by one thread at a time; clone it
 * for others. */
typedef struct rill_sender rill_sender;
/* The other end of an mpsc channel, used by one thread at a time. */
typedef struct rill_receiver rill_receiver;
/* A channel; both ends are the caller's to free. A capacity of 0: unbounded.
 * The element is copied. RILL_INVALID: a size of 0, or of 4 GiB and more;
 * RILL_NO_MEMORY. */
RILL_API rill_status rill_mpsc_new(const rill_element *, size_t capacity,
                                   rill_sender **, rill_receiver **);
RILL_API rill_sender *rill_sender_clone(rill_sender *); /* never NULL */
/* The receiver gets RILL_CLOSED after the last sender's last value. NULL does
 * nothing. */
RILL_API void rill_sender_free(rill_sender *);
/* RILL_OK: the value is the channel's. RILL_WOULD_BLOCK: full. RILL_CLOSED: no
 * receiver. RILL_NO_MEMORY. */
RILL_API rill_status rill_sender_try_send(rill_sender *, const void *value);
/* Blocks the thread until there is room. RILL_OK: the value is the channel's;
 * else, RILL_TIMED_OUT or as above, it is still the caller's. */
RILL_API rill_status rill_sender_send_wait(rill_sender *, const void *value,
                                           int64_t timeout_nanoseconds);
/* Room for values to be sent later. RILL_WOULD_BLOCK: too little; RILL_CLOSED;
 * RILL_INVALID: an unbounded channel. */
RILL_API rill_status rill_sender_try_reserve(rill_sender *, size_t count);
/* Sends into a reserved place. Fails only with RILL_NO_MEMORY, which keeps it.
 */
RILL_API rill_status rill_sender_send_reserved(rill_sender *,
                                               const void *value);
/* Gives back places that were reserved and are not needed. */
RILL_API void rill_sender_unreserve(rill_sender *, size_t count);
/* Has the receiver closed, or is it gone? */
RILL_API bool rill_sender_is_closed(const rill_sender *);

/* Sends; `value` is borrowed until the future is ready or dropped. `status` as
 * in rill_sender_try_send, but never RILL_WOULD_BLOCK. */
typedef struct rill_send {
  rill_future future;
  rill_status status;   /* once it is ready */
  rill_sender *sender;  /* borrowed */
  const void *value;    /* borrowed */
  rill_acquire acquire; /* a place in a bounded channel */
} rill_send;
/* Begins to send. */
RILL_API void rill_send_init(rill_send *, rill_sender *, const void *value);
/* Reserves `count` places: ready as rill_acquire. For bounded channels. */
RILL_API void rill_reserve_init(rill_acquire *, rill_sender *, size_t count);
/* Ready once the receiver has closed, or is gone. */
typedef struct rill_sender_closed {
  rill_future future;
  uintptr_t private_[7];
} rill_sender_closed;
/* Of a sender that is borrowed. */
RILL_API void rill_sender_closed_init(rill_sender_closed *, rill_sender *);

/* RILL_OK: *out is the value, now the caller's. RILL_WOULD_BLOCK: empty.
 * RILL_CLOSED: empty, and nothing more can come. */
RILL_API rill_status rill_receiver_try_recv(rill_receiver *, void *out);
/* Blocks the thread until there is a value. RILL_TIMED_OUT, or as above. */
RILL_API rill_status rill_receiver_recv_wait(rill_receiver *, void *out,
                                             int64_t timeout_nanoseconds);
/* No more sends; what was sent, and what has a reserved place, still comes. */
RILL_API void rill_receiver_close(rill_receiver *);
/* Closes, and drops what was not received. */
RILL_API void rill_receiver_free(rill_receiver *);
/* Values that were sent and not received. */
RILL_API size_t rill_receiver_length(const rill_receiver *);
/* Receives up to `limit` values into the array `out`, at least one. `status`:
 * RILL_OK, or RILL_CLOSED with a `count` of 0. */
typedef struct rill_recv {
  rill_future future;
  rill_status status;      /* once it is ready */
  rill_receiver *receiver; /* borrowed */
  void *out;               /* room for the values, the caller's */
  size_t limit, count;     /* the most to receive, and how many came */
} rill_recv;
/* Receives one value into *out. */
RILL_API void rill_recv_init(rill_recv *, rill_receiver *, void *out);
/* Receives up to `limit`, which is not 0. */
RILL_API void rill_recv_many_init(rill_recv *, rill_receiver *, void *out,
                                  size_t limit);

/* oneshot: one value, once. */
typedef struct rill_oneshot_sender rill_oneshot_sender;
/* Who gets it. Used by one thread at a time. */
typedef struct rill_oneshot_receiver rill_oneshot_receiver;
/* A channel for one value; both ends are the caller's to free. The element is
 * copied. RILL_NO_MEMORY. */
RILL_API rill_status rill_oneshot_new(const rill_element *,
                                      rill_oneshot_sender **,
                                      rill_oneshot_receiver **);
/* Frees the sender either way. RILL_CLOSED: the receiver is gone, the value is
 * still the caller's. */
RILL_API rill_status rill_oneshot_send(rill_oneshot_sender *,
                                       const void *value);
/* Without a value: the receiver gets RILL_CLOSED. */
RILL_API void rill_oneshot_sender_free(rill_oneshot_sender *);
/* RILL_OK: *out is the value, now the caller's. RILL_WOULD_BLOCK: not yet.
 * RILL_CLOSED: it was received, or never comes. */
RILL_API rill_status rill_oneshot_try_recv(rill_oneshot_receiver *, void *out);
/* Blocks the thread until it is there. RILL_TIMED_OUT, or as above. */
RILL_API rill_status rill_oneshot_recv_wait(rill_oneshot_receiver *, void *out,
                                            int64_t timeout_nanoseconds);
/* Drops the value, if it was not received. NULL does nothing. */
RILL_API void rill_oneshot_receiver_free(rill_oneshot_receiver *);
/* Ready once the value is there, or never comes. */
typedef struct rill_oneshot_recv {
  rill_future future;
  rill_status status;              /* RILL_OK or RILL_CLOSED */
  rill_oneshot_receiver *receiver; /* borrowed */
  void *out;                       /* gets the value, then the caller's */
} rill_oneshot_recv;
/* Of a receiver that is borrowed. `out`: room for the value. */
RILL_API void rill_oneshot_recv_init(rill_oneshot_recv *,
                                     rill_oneshot_receiver *, void *out);
/* Ready once the receiver is gone: nobody wants the value any more. */
typedef struct rill_oneshot_closed {
  rill_future future;
  rill_oneshot_sender *sender; /* borrowed */
} rill_oneshot_closed;
/* Of a sender that is borrowed. */
RILL_API void rill_oneshot_closed_init(rill_oneshot_closed *,
                                       rill_oneshot_sender *);

/* broadcast: every receiver gets every value sent after it subscribed. One that
 * falls behind by more than the capacity loses the oldest, and is told. */
typedef struct rill_broadcast_sender rill_broadcast_sender;
/* Who gets them. Used by one thread at a time. */
typedef struct rill_broadcast_receiver rill_broadcast_receiver;
/* One sender, the caller's to free. The capacity is rounded up to a power of
 * two; the element is copied. NULL: a capacity or size of 0, or out of memory.
 */
RILL_API rill_broadcast_sender *rill_broadcast_new(const rill_element *,
                                                   size_t capacity);
RILL_API rill_broadcast_sender *
rill_broadcast_sender_clone(rill_broadcast_sender *); /* never NULL */
/* Receivers get RILL_CLOSED after the last sender's last value. NULL does
 * nothing. */
RILL_API void rill_broadcast_sender_free(rill_broadcast_sender *);
/* RILL_CLOSED: there is no receiver, the value is still the caller's. */
RILL_API rill_status rill_broadcast_send(rill_broadcast_sender *,
                                         const void *value);
/* A receiver, the caller's to free, of what is sent from now on. NULL: out of
 * memory. */
RILL_API rill_broadcast_receiver *
rill_broadcast_subscribe(rill_broadcast_sender *);
/* Receives no more. NULL does nothing. */
RILL_API void rill_broadcast_receiver_free(rill_broadcast_receiver *);
/* RILL_OK: *out is a copy of the value, the caller's. RILL_WOULD_BLOCK: none
 * yet. RILL_LAGGED: *missed values were lost; the next receive goes on behind
 * them. RILL_CLOSED: all was received, and no sender is left. */
RILL_API rill_status rill_broadcast_try_recv(rill_broadcast_receiver *,
                                             void *out, uint64_t *missed);
/* Blocks the thread until there is a value. RILL_TIMED_OUT, or as above. */
RILL_API rill_status rill_broadcast_recv_wait(rill_broadcast_receiver *,
                                              void *out, uint64_t *missed,
                                              int64_t timeout_nanoseconds);
/* Ready once there is a value, or none can come. */
typedef struct rill_broadcast_recv {
  rill_future future;
  rill_status status; /* as in rill_broadcast_try_recv, once it is ready */
  rill_broadcast_receiver *receiver; /* borrowed */
  void *out;                         /* gets a copy, then the caller's */
  uint64_t missed;                   /* after RILL_LAGGED: how many */
  uintptr_t private_[6];
} rill_broadcast_recv;
/* Of a receiver that is borrowed. `out`: room for a value. */
RILL_API void rill_broadcast_recv_init(rill_broadcast_recv *,
                                       rill_broadcast_receiver *, void *out);

/* watch: the latest value. */
typedef struct rill_watch_sender rill_watch_sender;
/* Who looks at it. Used by one thread at a time. */
typedef struct rill_watch_receiver rill_watch_receiver;
/* One sender, the caller's to free. The initial value becomes the channel's;
 * the element is copied. NULL: out of memory. */
RILL_API rill_watch_sender *rill_watch_new(const rill_element *,
                                           const void *initial);
RILL_API rill_watch_sender *
rill_watch_sender_clone(rill_watch_sender *); /* never NULL */
/* Receivers get RILL_CLOSED once no sender is left. NULL does nothing. */
RILL_API void rill_watch_sender_free(rill_watch_sender *);
/* Replaces the value, dropping the old one; also without receivers. */
RILL_API void rill_watch_send(rill_watch_sender *, const void *value);
/* Changes the value in place, under the channel's lock; receivers are only told
 * if it returns true. */
RILL_API bool rill_watch_modify(rill_watch_sender *,
                                bool (*)(void *data, void *value), void *data);
/* How many receivers there are. */
RILL_API size_t rill_watch_receivers(const rill_watch_sender *);
/* A receiver, the caller's to free. The value of now counts as seen. NULL: out
 * of memory. */
RILL_API rill_watch_receiver *rill_watch_subscribe(rill_watch_sender *);
/* Looks no more. NULL does nothing. */
RILL_API void rill_watch_receiver_free(rill_watch_receiver *);
/* A copy of the value, which counts as seen from now on. */
RILL_API void rill_watch_get(rill_watch_receiver *, void *out);
/* Is there a value that was not seen? */
RILL_API bool rill_watch_has_changed(const rill_watch_receiver *);
/* Blocks the thread until there is one, which it marks as seen: RILL_OK.
 * RILL_CLOSED: no sender is left; RILL_TIMED_OUT. */
RILL_API rill_status rill_watch_changed_wait(rill_watch_receiver *,
                                             int64_t timeout_nanoseconds);
/* Ready once there is a value that was not seen, which it marks as seen
 * (RILL_OK), or once no sender is left (RILL_CLOSED). */
typedef struct rill_watch_changed {
  rill_future future;
  rill_status status;            /* once it is ready */
  rill_watch_receiver *receiver; /* borrowed */
  uintptr_t private_[6];
} rill_watch_changed;
/* Of a receiver that is borrowed. */
RILL_API void rill_watch_changed_init(rill_watch_changed *,
                                      rill_watch_receiver *);

RILL_END_DECLARATIONS
#endif
