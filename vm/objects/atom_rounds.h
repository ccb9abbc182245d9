// SPDX-License-Identifier: MIT
// What there is to know, and to set, about the rounds of atom_rounds.c.
#ifndef RILL_VM_OBJECTS_ATOM_ROUNDS_H
#define RILL_VM_OBJECTS_ATOM_ROUNDS_H

#include <stdint.h>

// Names of the process that are not known to be dead. Any thread.
uint32_t vm_atom_name_count(void);
// For tests: from now on there is a round after the other, however few names
// there are.
void vm_atom_rounds_eager(void);

#endif
