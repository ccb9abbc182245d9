// SPDX-License-Identifier: MIT
// rill:internal/sessions: tables of sessions, whose values are messages, for
// modules/lib/rill/sync.js and for embedders. What waits for a session is kept
// small: there may be a million.
#include "runtime/tasks/sessions.h"

#include "runtime/modules/native_modules.h"
#include "runtime/sync/sessions.h"
#include "runtime/tasks/futures.h"

static void *share(void *object) {
  rill_sessions_retain(object);
  return object;
}

static void release(void *object) {
  rill_sessions_release(object);
}

static const SyncType sessions_type = {"Sessions", share, release, false};

HostObject *rt_sessions_handle(Isolate *iso, rill_sessions *sessions) {
  return rt_sync_handle_new(iso, &sessions_type, sessions);
}

static rill_sessions *sessions_of(Isolate *iso, const NativeCall *call) {
  SyncHandle *h = rt_sync_argument(iso, call, &sessions_type, NULL);
  return h == NULL ? NULL : h->object;
}

// The second argument; 0, which none has: it is no session.
static rill_session session_of(const NativeCall *call) {
  Value value = native_argument(call, 1);
  double number = value_is_number(value) ? value_as_number(value) : 0;
  return number >= 0 && number < 0x1p53 ? (rill_session)number : 0;
}

static Value new_sessions(Isolate *iso, const NativeCall *call) {
  (void)call;
  HostObject *o =
      rt_sessions_handle(iso, rill_sessions_new(&rt_message_element));
  return o == NULL ? VALUE_EXCEPTION : value_from_cell(o);
}

static Value throw_closed(Isolate *iso) {
  return rt_throw_dom_exception(iso, "InvalidStateError",
                                "The sessions are closed");
}

// The table's memory is that of each isolate which opens sessions. False: past
// the limit, threw.
static bool count_table(Isolate *iso, HostObject *handle, rill_sessions *t) {
  size_t bytes = rill_sessions_bytes(t);
  size_t more =
      bytes > handle->external_bytes ? bytes - handle->external_bytes : 0;
  if (!gc_reserve_external(iso->heap, more)) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  vm_host_object_takes(iso, handle, bytes);
  return true;
}

// open(handle, service)
static Value open_session(Isolate *iso, const NativeCall *call) {
  rill_sessions *t = sessions_of(iso, call);
  if (t == NULL) return VALUE_EXCEPTION;
  rill_session session;
  rill_status status =
      rill_session_open(t, (uint32_t)session_of(call), &session);
  if (status == RILL_CLOSED) return throw_closed(iso);
  if (status != RILL_OK) return vm_throw_out_of_memory(iso);
  HostObject *handle = (HostObject *)value_as_cell(native_argument(call, 0));
  if (unlikely(sync_session_is_new(session)) && !count_table(iso, handle, t)) {
    rill_session_forget(t, session);
    return VALUE_EXCEPTION;
  }
  return value_from_number((double)session);
}

// Waiting -------------------------------------------------------------------

const SessionTexts rt_session_texts = {
    "The session was cancelled",
    "The sessions are closed, or there is no such session"};

typedef struct SessionWait {
  rill_future future;
  rill_session_recv recv;
  Message *message;        // received, not read yet; else NULL
  rill_sessions *sessions; // a reference
  const SessionTexts *texts;
} SessionWait;

static rill_poll wait_poll(rill_future *f, rill_context *cx) {
  SessionWait *self = (SessionWait *)f;
  self->recv.out = &self->message; // it has been moved
  return rill_future_poll(&self->recv.future, cx);
}

static void wait_drop(rill_future *f) {
  rill_future_drop(&((SessionWait *)f)->recv.future);
}

static const rill_future_type wait_type = {
    .size = sizeof(SessionWait),
    .name = "session",
    .poll = wait_poll,
    .drop = wait_drop,
};

static Value finish_wait(Isolate *iso, rill_future *f) {
  SessionWait *self = (SessionWait *)f;
  rill_status status = self->recv.status;
  if (status == RILL_CANCELLED)
    return rt_throw_dom_exception(iso, "AbortError", "%s",
                                  self->texts->cancelled);
  if (status == RILL_CLOSED)
    return rt_throw_dom_exception(iso, "InvalidStateError", "%s",
                                  self->texts->closed);
  Message *m = self->message;
  self->message = NULL;
  Value value = rt_message_value(iso, m);
  return status == RILL_OK || value_is_exception(value) ? value
                                                        : vm_throw(iso, value);
}

static void release_wait(rill_future *f) {
  SessionWait *self = (SessionWait *)f;
  if (self->message != NULL) rt_message_release(self->message);
  rill_sessions_release(self->sessions);
}

static void describe_wait(TraceSnapshot *s, Runtime *rt, const void *future,
                          TraceWait *out) {
  const SessionWait *self = future;
  (void)rt;
  out->kind = TRACE_WAIT_CHANNEL;
  out->resource = self->sessions;
  out->text =
      trace_text(s, "session %llu", (unsigned long long)self->recv.session);
}

static const ScriptFutureType waiting = {finish_wait, release_wait, false,
                                         describe_wait};

Promise *rt_session_promise(Isolate *iso, rill_sessions *sessions,
                            rill_session session, const SessionTexts *texts) {
  SessionWait w = {
      .future = {&wait_type}, .sessions = sessions, .texts = texts};
  rill_sessions_retain(sessions);
  rill_session_recv_init(&w.recv, sessions, session, NULL);
  return rt_future_promise(rt_of(iso), &w.future, sizeof w, &waiting);
}

// wait(handle, session)
static Value wait(Isolate *iso, const NativeCall *call) {
  rill_sessions *t = sessions_of(iso, call);
  Promise *p = t == NULL ? NULL
                         : rt_session_promise(iso, t, session_of(call),
                                              &rt_session_texts);
  return p == NULL ? VALUE_EXCEPTION : value_from_cell(p);
}

// Outcomes ------------------------------------------------------------------

// settle(handle, session, value, transfer): did somebody wait?
static Value settle(Isolate *iso, const NativeCall *call,
                    rill_status (*how)(rill_sessions *, rill_session,
                                       const void *)) {
  rill_sessions *t = sessions_of(iso, call);
  Message *m = t == NULL ? NULL
                         : rt_message_new(iso, native_argument(call, 2),
                                          native_argument(call, 3));
  if (m == NULL) return VALUE_EXCEPTION;
  bool done = how(t, session_of(call), &m->self) == RILL_OK;
  if (!done) rt_message_release(m);
  return value_from_bool(done);
}

static Value complete(Isolate *iso, const NativeCall *call) {
  return settle(iso, call, rill_session_complete);
}

static Value reject(Isolate *iso, const NativeCall *call) {
  return settle(iso, call, rill_session_reject);
}

static Value cancel_session(Isolate *iso, const NativeCall *call) {
  rill_sessions *t = sessions_of(iso, call);
  if (t == NULL) return VALUE_EXCEPTION;
  return value_from_bool(rill_session_cancel(t, session_of(call)) == RILL_OK);
}

// cancelService(handle, service)
static Value cancel_service(Isolate *iso, const NativeCall *call) {
  rill_sessions *t = sessions_of(iso, call);
  if (t == NULL) return VALUE_EXCEPTION;
  uint32_t service = (uint32_t)session_of(call);
  return value_from_number((double)rill_sessions_cancel_service(t, service));
}

static Value forget(Isolate *iso, const NativeCall *call) {
  rill_sessions *t = sessions_of(iso, call);
  if (t == NULL) return VALUE_EXCEPTION;
  rill_session_forget(t, session_of(call));
  return VALUE_UNDEFINED;
}

static Value count(Isolate *iso, const NativeCall *call) {
  rill_sessions *t = sessions_of(iso, call);
  if (t == NULL) return VALUE_EXCEPTION;
  return value_from_number((double)rill_sessions_count(t));
}

static Value close_sessions(Isolate *iso, const NativeCall *call) {
  rill_sessions *t = sessions_of(iso, call);
  if (t == NULL) return VALUE_EXCEPTION;
  rill_sessions_close(t);
  return VALUE_UNDEFINED;
}

static const NativeExport sessions_exports[] = {
    {"cancel", cancel_session, 2},
    {"cancelService", cancel_service, 2},
    {"close", close_sessions, 1},
    {"complete", complete, 4},
    {"count", count, 1},
    {"forget", forget, 2},
    {"newSessions", new_sessions, 0},
    {"open", open_session, 2},
    {"reject", reject, 4},
    {"wait", wait, 2},
};
const NativeModule rt_sessions_module =
    NATIVE_MODULE("rill:internal/sessions", sessions_exports);
