/* SPDX-License-Identifier: MIT */
/*
 * librill: services: methods of one isolate that others call with `await`, and
 * that C calls through futures. Arguments, results and errors are cloned
 * (rill/clone.h), so that nothing is shared; each isolate stays on its own
 * thread. A service handles many calls at once: one that awaits lets the others
 * go on.
 */
#ifndef RILL_SERVICE_H
#define RILL_SERVICE_H

#include "rill/clone.h"
#include "rill/session.h"

RILL_BEGIN_DECLARATIONS

/* Counted; any thread. */
typedef struct rill_service rill_service;
/* Offers the methods of an object: those of its own enumerable properties that
 * are functions now, each called with the object as `this`. The isolate's
 * thread runs them, while it is in rill_run_loop, rill_await or a worker; the
 * loop does not end before the service does. It ends with rill_service_end or
 * with the isolate. The caller has a reference. NULL: no object, no methods, or
 * no memory. */
RILL_API rill_service *rill_service_new(rill_isolate *, rill_value methods);
/* One more reference. Any thread. */
RILL_API void rill_service_retain(rill_service *);
/* One less; the last frees it. NULL does nothing. Any thread. */
RILL_API void rill_service_release(rill_service *);
/* No call is taken any more, and all that wait for an answer get RILL_CLOSED;
 * what runs goes on unheard. Any thread; once is enough. */
RILL_API void rill_service_end(rill_service *);
/* Calls that wait for an answer. */
RILL_API size_t rill_service_pending(const rill_service *);

/* An object of this isolate, which may be any, on any thread, with a function
 * for each method, which returns a promise: `await stock.take("tea", 2)`. It is
 * rejected with a clone of what the method threw; with an InvalidStateError, if
 * the service has ended. `stock.take.with({ signal, timeout })("tea", 2)` gives
 * the call up when the signal is aborted, with its reason, or after so many
 * milliseconds, with a TimeoutError: a method that has not begun by then does
 * not run. NULL: out of memory. */
RILL_API rill_value rill_service_object(rill_isolate *, rill_service *);

/* A call from C: ready once there is an answer. `status`: RILL_OK, `result` is
 * its value; RILL_FAILED, it is what was thrown; RILL_CANCELLED: the method was
 * ended by a limit; RILL_CLOSED: the service has ended. The result is the
 * caller's to release. Dropped before, it is given up: a method that has begun
 * goes on unheard, and another one does not run. The service is borrowed. */
typedef struct rill_service_call {
  rill_future future;
  rill_status status; /* how it ended, once it is ready */
  rill_clone *result; /* the caller's, once it is ready; or NULL */
  rill_session_recv private_;
} rill_service_call;
/* Sends the call. `arguments` is a clone of an array, borrowed; NULL: none.
 * RILL_INVALID: there is no such method; RILL_CLOSED; RILL_NO_MEMORY. */
RILL_API rill_status rill_service_call_init(rill_service_call *, rill_service *,
                                            const char *method,
                                            rill_clone *arguments);

RILL_END_DECLARATIONS
#endif
