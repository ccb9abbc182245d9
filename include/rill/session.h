/* SPDX-License-Identifier: MIT */
/*
 * Sessions: requests that are on their way, by number. Who asks a service opens
 * a session, sends its number along with the request, and waits; whoever gets
 * the answer, on whatever thread, completes the session by its number. A table
 * of sessions is what ties the two: it holds any number of them, up to 16
 * million at once, in a few tens of bytes each.
 *
 * All functions may be called by any thread. Futures borrow the table. A value
 * has one size for each table, and is copied in and out (rill_element, whose
 * `copy` is not used).
 */
#ifndef RILL_SESSION_H
#define RILL_SESSION_H

#include "rill/sync.h"

RILL_BEGIN_DECLARATIONS

/* A session's number: below 2^53, so that a script's Number holds it; unique
 * for the life of its table, also after the session is over; never 0. It is no
 * secret: the next ones can be guessed. */
typedef uint64_t rill_session;

/* Counted: each retain needs a release. The last release closes the table. */
typedef struct rill_sessions rill_sessions;
/* A table with one reference, the caller's; the element is copied. NULL: out of
 * memory. */
RILL_API rill_sessions *rill_sessions_new(const rill_element *);
/* One more reference. */
RILL_API void rill_sessions_retain(rill_sessions *);
/* One less; the last closes the table and frees it. NULL does nothing. */
RILL_API void rill_sessions_release(rill_sessions *);
/* Who waits, now or later, gets RILL_CLOSED, unless the answer is there
 * already; no more sessions are opened. */
RILL_API void rill_sessions_close(rill_sessions *);

/* A session that waits for `service`, a number that means what the host wants.
 * It lasts until its outcome was received or it is forgotten. RILL_CLOSED; or
 * RILL_NO_MEMORY, also when there are too many. */
RILL_API rill_status rill_session_open(rill_sessions *, uint32_t service,
                                       rill_session *out);
/* RILL_OK: the value is the table's. RILL_CLOSED: nobody waits for it any more
 * (it has an outcome, or is over); the value is still the caller's. */
RILL_API rill_status rill_session_complete(rill_sessions *, rill_session,
                                           const void *value);
/* The same, but who waits gets RILL_FAILED with the value as its reason. */
RILL_API rill_status rill_session_reject(rill_sessions *, rill_session,
                                         const void *reason);
/* Who waits gets RILL_CANCELLED. RILL_CLOSED as above. */
RILL_API rill_status rill_session_cancel(rill_sessions *, rill_session);
/* Cancels all that wait for this service: it will not answer any more. How many
 * those were. */
RILL_API size_t rill_sessions_cancel_service(rill_sessions *, uint32_t service);

/* What became of a session; any outcome but RILL_WOULD_BLOCK ends it. RILL_OK
 * and RILL_FAILED: *out is the value or the reason, now the caller's.
 * RILL_CANCELLED. RILL_CLOSED: the table was closed, or there is no such
 * session. RILL_WOULD_BLOCK: none yet. */
RILL_API rill_status rill_session_try_recv(rill_sessions *, rill_session,
                                           void *out);
/* Blocks the thread. RILL_TIMED_OUT: the session goes on; wait again, or forget
 * it. */
RILL_API rill_status rill_session_recv_wait(rill_sessions *, rill_session,
                                            void *out,
                                            int64_t timeout_nanoseconds);
/* The same as a future; one at a time waits for a session. Dropped before it is
 * ready (by a task that is aborted, or by rill_timeout, which gives it a time
 * limit), it forgets the session. */
typedef struct rill_session_recv {
  rill_future future;
  rill_status status;      /* as in rill_session_try_recv */
  rill_sessions *sessions; /* borrowed */
  rill_session session;    /* which one */
  void *out;               /* gets the value or the reason */
} rill_session_recv;
/* Begins to wait for a session. `out`: room for a value of the table's size,
 * the caller's, until the future is ready or dropped. */
RILL_API void rill_session_recv_init(rill_session_recv *, rill_sessions *,
                                     rill_session, void *out);
/* Ends a session that nobody wants to hear of: its outcome is dropped. Who
 * waits nevertheless gets RILL_CLOSED. */
RILL_API void rill_session_forget(rill_sessions *, rill_session);

/* Sessions that are not over. */
RILL_API size_t rill_sessions_count(const rill_sessions *);
/* The bytes that the table has for sessions: it keeps what it once needed. */
RILL_API size_t rill_sessions_bytes(const rill_sessions *);
/* Calls back for each session that has no outcome yet. The callback must not
 * use the table. */
RILL_API void rill_sessions_each(rill_sessions *,
                                 void (*)(void *data, rill_session,
                                          uint32_t service),
                                 void *data);

/* A table whose values are rill_clone_element()'s (rill/clone.h) as a
 * `Sessions` object of rill:sync, which holds a reference. Isolate's thread.
 * NULL: the call failed. */
RILL_API rill_value rill_sessions_object(rill_isolate *, rill_sessions *);
/* A promise of what a session of such a table is completed with. Isolate's
 * thread. NULL: the call failed. */
RILL_API rill_value rill_session_promise(rill_isolate *, rill_sessions *,
                                         rill_session);

RILL_END_DECLARATIONS
#endif
