// SPDX-License-Identifier: MIT
#ifndef RILL_RUNTIME_IO_RESOLVE_H
#define RILL_RUNTIME_IO_RESOLVE_H

#include "runtime/runtime.h"

// Name look-ups under way give no answer any more (the runtime is freed).
void net_lookups_cancel(Runtime *);

#endif
