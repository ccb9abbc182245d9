// SPDX-License-Identifier: MIT
// Symbols: what isolates need to set them up. The type is in string.h.
#ifndef RILL_VM_OBJECTS_SYMBOLS_H
#define RILL_VM_OBJECTS_SYMBOLS_H

#include "vm/objects/string.h"

// Part of vm_atoms_init. False: out of memory.
bool vm_well_known_symbols_init(void);

// The private name under which CallSite objects keep their frame.
extern Symbol *vm_call_site_frame;

// The registry behind Symbol.for and Symbol.keyFor, one per isolate, which
// frees it. NULL: out of memory.
typedef struct SymbolRegistry SymbolRegistry;
SymbolRegistry *vm_symbol_registry_new(void);
void vm_symbol_registry_free(SymbolRegistry *);

#endif
