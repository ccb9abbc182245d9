// SPDX-License-Identifier: MIT
// Templates as text, for people and tests.
#ifndef RILL_VM_BYTECODE_DISASSEMBLER_H
#define RILL_VM_BYTECODE_DISASSEMBLER_H

#include <stdio.h>

#include "vm/bytecode/template.h"

// Writes the template and all nested ones.
void vm_disassemble(const Template *, FILE *);

#endif
