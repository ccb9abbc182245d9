// SPDX-License-Identifier: MIT
#ifndef RILL_RUNTIME_POOL_MODULE_H
#define RILL_RUNTIME_POOL_MODULE_H

#include "runtime/runtime.h"

// Ends the pools that a runtime's scripts have made, and waits for that.
void rt_pools_close(Runtime *);

#endif
