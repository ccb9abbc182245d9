// SPDX-License-Identifier: MIT
// The CellKind enum, made from cell_kinds.def.
#ifndef RILL_VM_OBJECTS_CELL_KINDS_H
#define RILL_VM_OBJECTS_CELL_KINDS_H

typedef enum {
  CELL_NONE,
#define CELL(name, type) CELL_##name,
#define OBJECT(name, type, class_name) CELL_##name,
#include "vm/objects/cell_kinds.def"
  CELL_KIND_COUNT
} CellKind;

enum { CELL_FIRST_OBJECT = CELL_OBJECT };

#endif
