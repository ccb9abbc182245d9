// SPDX-License-Identifier: MIT
#ifndef RILL_RUNTIME_IO_IO_MODULES_H
#define RILL_RUNTIME_IO_IO_MODULES_H

#include "vm/interpreter/modules.h"

// "rill:internal/sleep", "rill:internal/files" (the operations of rill:fs and
// those on descriptors), or "rill:internal/fs-sync" (the same carried out at
// once), if it is that; else NULL.
const char *rt_io_module_name(const char *name);
// Of one of these names.
Module *rt_io_module_new(Isolate *, const char *name);

#endif
