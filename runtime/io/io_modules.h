// SPDX-License-Identifier: MIT
#ifndef RILL_RUNTIME_IO_IO_MODULES_H
#define RILL_RUNTIME_IO_IO_MODULES_H

#include "vm/interpreter/modules.h"

// "rill:fs", "rill:time", or "rill:internal/fs-sync" (the same operations of
// rill:fs, carried out at once). NULL without an exception: no such module.
Module *rt_io_module_new(Isolate *, const char *name);

#endif
