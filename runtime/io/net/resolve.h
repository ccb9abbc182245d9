// SPDX-License-Identifier: MIT
#ifndef RILL_RUNTIME_IO_NET_RESOLVE_H
#define RILL_RUNTIME_IO_NET_RESOLVE_H

#include "runtime/trace/snapshot.h"

// Name look-ups under way give no answer any more (the runtime is freed).
void net_lookups_cancel(Runtime *);
void net_lookups_list_waits(Runtime *, TraceGraph *);

#endif
