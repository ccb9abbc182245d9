// SPDX-License-Identifier: MIT
// The instruction word and the opcode enum, made from instructions.def.
#ifndef RILL_VM_BYTECODE_BYTECODE_H
#define RILL_VM_BYTECODE_BYTECODE_H

#include <stdint.h>

typedef enum {
#define INSTRUCTION(name, a, b, c, x, effects, text) OP_##name,
#include "vm/bytecode/instructions.def"
#undef INSTRUCTION
  OP_COUNT
} Opcode;

// One 64-bit word. Registers, cache and table indices have 16 bits each, so no
// wide form is needed (docs/decisions/0001-instruction-words.md).
typedef union Instruction {
  struct {
    uint16_t op, a;
    union {
      struct {
        uint16_t b, c;
      };
      int32_t imm;
    };
  };
  uint64_t word; // second words
} Instruction;
_Static_assert(sizeof(Instruction) == 8, "one word");

#define BYTECODE_MAX_REGISTERS 65000

#endif
