// SPDX-License-Identifier: MIT
// Names of environments, for eval and for what it declares.
#ifndef RILL_VM_INTERPRETER_DYNAMIC_NAMES_H
#define RILL_VM_INTERPRETER_DYNAMIC_NAMES_H

#include "vm/interpreter/code.h"

// GlobalDeclarationInstantiation's checks and bindings. `deletable`: of an
// eval.
bool vm_declare_global_names(Isolate *, const DeclaredName *, uint32_t count,
                             bool deletable) VM_CHECKED;

#endif
