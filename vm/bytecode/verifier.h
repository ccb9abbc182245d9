// SPDX-License-Identifier: MIT
// Structural check of templates: every operand names something that is there,
// every jump lands on an instruction, control cannot run off the end. The
// interpreter trusts whatever passes.
#ifndef RILL_VM_BYTECODE_VERIFIER_H
#define RILL_VM_BYTECODE_VERIFIER_H

#include <stddef.h>

#include "vm/bytecode/template.h"

// Checks a template and all nested ones. False: `problem` (of `size` bytes)
// says what is wrong and where. Any thread; allocates with malloc only.
bool bytecode_verify(const Template *, char *problem, size_t size);
// What `problem` says if there was no memory for the check.
extern const char bytecode_verify_no_memory[];
// The template alone, not the nested ones.
bool bytecode_verify_code(const Template *, char *problem, size_t size);

#endif
