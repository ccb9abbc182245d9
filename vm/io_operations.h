// SPDX-License-Identifier: MIT
// The IoOperation enum, made from io_operations.def: the operand X of IO and
// IO_AWAIT.
#ifndef RILL_VM_IO_OPERATIONS_H
#define RILL_VM_IO_OPERATIONS_H

typedef enum {
#define IO_OPERATION(name, module, function, length, options) \
  IO_OPERATION_##name,
#include "vm/io_operations.def"
#undef IO_OPERATION
  IO_OPERATION_COUNT
} IoOperation;

#endif
