// SPDX-License-Identifier: MIT
#ifndef RILL_RUNTIME_GLOBALS_GLOBALS_H
#define RILL_RUNTIME_GLOBALS_GLOBALS_H

#include "runtime/runtime.h"

void rt_init_console(Runtime *);

#endif
