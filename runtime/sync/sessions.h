// SPDX-License-Identifier: MIT
// Of tables of sessions, what embedders do not need.
#ifndef RILL_SYNC_SESSIONS_H
#define RILL_SYNC_SESSIONS_H

#include "rill/session.h"

// Was the session's memory made for it, with that of some more? Any thread.
bool sync_session_is_new(rill_session);
// Has the session neither an outcome, nor been forgotten? Any thread.
bool sync_session_waits(rill_sessions *, rill_session);

#endif
