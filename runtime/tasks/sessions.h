// SPDX-License-Identifier: MIT
// Tables of sessions as scripts see them.
#ifndef RILL_RUNTIME_TASKS_SESSIONS_H
#define RILL_RUNTIME_TASKS_SESSIONS_H

#include "rill/session.h"
#include "runtime/tasks/messages.h"
#include "runtime/tasks/sync_handles.h"
#include "vm/interpreter/promise.h"

// A handle for the table, whose values are messages: takes a reference over,
// even if it fails. NULL: threw.
HostObject *rt_sessions_handle(Isolate *, rill_sessions *) VM_CHECKED;
// What a promise of a session is rejected with: an AbortError, an
// InvalidStateError. Static.
typedef struct SessionTexts {
  const char *cancelled, *closed;
} SessionTexts;
extern const SessionTexts rt_session_texts; // of sessions as such
// Pending until the session has an outcome. NULL: threw.
Promise *rt_session_promise(Isolate *, rill_sessions *, rill_session,
                            const SessionTexts *) VM_CHECKED;

#endif
