// SPDX-License-Identifier: MIT
// The template of one function while it is being made: instruction words,
// registers, labels and the pools of constants, keys, caches, records, nested
// templates, handlers and positions.
//
// Every append can run out of memory or of 16-bit indices. The builder then
// remembers the failure and goes on harmlessly; bytecode_builder_finish reports
// it. So emitting code needs no error checks.
#ifndef RILL_VM_BYTECODE_FUNCTION_BUILDER_H
#define RILL_VM_BYTECODE_FUNCTION_BUILDER_H

#include "vm/bytecode/template.h"
#include "vm/syntax/arena.h"
#include "vm/syntax/source_text.h"

typedef uint16_t Register;
#define NO_REGISTER UINT16_MAX

typedef enum {
  BUILD_OK,
  BUILD_OUT_OF_MEMORY,
  BUILD_TOO_LARGE,   // more registers, keys, ... than 16 bits name
  BUILD_LONG_JUMPS,  // internal: a fused jump did not reach; emit again
  BUILD_UNSUPPORTED, // `failure_message` says what
} BuildStatus;

// A place in the code, before or after it is known. Plain data, no cleanup.
typedef struct Label {
  int32_t position;  // -1: not bound yet
  int32_t last_use;  // index in fixups, -1: none
  bool is_reachable; // some jump to it was emitted
} Label;
#define LABEL_INIT ((Label){-1, -1, false})

typedef enum { FIXUP_JMP16, FIXUP_JMP32, FIXUP_X, FIXUP_TABLE } FixupKind;
typedef struct Fixup {
  uint32_t word; // the instruction's first word (X: its second)
  int32_t next;  // in the label's list
  FixupKind kind;
  uint32_t record, entry; // TABLE
} Fixup;

// u64 -> u32, open addressing; key 0 stands for an empty place, value 0 for
// none yet.
typedef struct IndexMap {
  uint64_t *keys;
  uint32_t *values; // less one
  uint32_t capacity, count;
} IndexMap;

typedef struct PendingPosition {
  uint32_t pc, offset;
} PendingPosition;

#define POOL(Type, name)                                                       \
  Type *name;                                                                  \
  uint32_t name##_count, name##_capacity

typedef struct CodeBuilder {
  Arena *arena; // has all that follows; rewound when the template is made
  ArenaMark mark;
  BuildStatus status;
  const char *failure_message;
  bool is_reachable; // can the next instruction run?
  bool long_jumps;   // JMP16 forms are emitted as skips over JUMP
  POOL(Instruction, code);
  POOL(Value, constants);
  POOL(PropertyKey, keys);
  POOL(CacheDescriptor, caches);
  POOL(Template *, functions);
  POOL(Record, records);
  POOL(ExceptionHandler, handlers);
  POOL(PendingPosition, positions);
  POOL(Fixup, fixups);
  POOL(UpvalueName, upvalue_names);
  IndexMap constant_map, key_map, global_map;
  uint32_t offset, recorded_offset; // source offset of what is emitted now
  uint32_t next_register, register_count;
  uint32_t last;    // word of the last instruction
  uint32_t barrier; // no peephole may look at words before this one
} CodeBuilder;
#undef POOL

void bytecode_builder_init(CodeBuilder *, Arena *, bool long_jumps);
// Lets the nested templates go and rewinds the arena to bytecode_builder_init.
void bytecode_builder_discard(CodeBuilder *);
// A template with `facts`, the pools, and mapped_parameters if that is not NULL
// (one for each parameter), in one block. head: columns of the first line that
// are not the user's text. *size: of the block. NULL: see status. The builder
// is discarded.
Template *bytecode_builder_finish(CodeBuilder *, const Template *facts,
                                  const uint16_t *mapped_parameters,
                                  const LineTable *, uint32_t first_line,
                                  uint32_t head, size_t *size);

static inline void bytecode_at(CodeBuilder *b, uint32_t source_offset) {
  b->offset = source_offset;
}

// Instructions. The emitted word's index, meaningless when unreachable.
uint32_t bytecode_emit(CodeBuilder *, Opcode, uint32_t a, uint32_t b,
                       uint32_t c);
uint32_t bytecode_emit_imm(CodeBuilder *, Opcode, uint32_t a, int32_t imm);
uint32_t bytecode_emit_word(CodeBuilder *, Opcode, uint32_t a, uint32_t b,
                            uint32_t c, uint64_t x);
// MOVE unless both are the same.
void bytecode_move(CodeBuilder *, Register to, Register from);

// Jumps: with JMP32 in the immediate, JMP16 in c, JMP32 in the X word.
void bytecode_jump(CodeBuilder *, Opcode, Register a, Label *);
void bytecode_jump_compare(CodeBuilder *, Opcode, uint32_t a, uint32_t b,
                           Label *);
void bytecode_jump_x(CodeBuilder *, Opcode, uint32_t a, uint32_t b, uint32_t c,
                     Label *);
void bytecode_goto(CodeBuilder *, Label *); // JUMP or LOOP
// Entry of a jump-table record of the JUMP_TABLE at `word`.
void bytecode_table_entry(CodeBuilder *, uint32_t word, uint32_t record,
                          uint32_t entry, Label *);
void bytecode_bind(CodeBuilder *, Label *);

// Registers, as a stack: what lies at or above next_register is free.
Register bytecode_temp(CodeBuilder *);
Register bytecode_temps(CodeBuilder *, uint32_t count); // consecutive
static inline uint32_t bytecode_mark(const CodeBuilder *b) {
  return b->next_register;
}
static inline void bytecode_release(CodeBuilder *b, uint32_t mark) {
  b->next_register = mark;
}

// Pools: equal entries are shared, except caches and records.
uint32_t bytecode_constant(CodeBuilder *, Value);
uint32_t bytecode_key(CodeBuilder *, PropertyKey);
// UINT32_MAX: no cache index left; use an uncached instruction.
uint32_t bytecode_cache(CodeBuilder *, CacheKind, uint32_t key);
uint32_t bytecode_global_cache(CodeBuilder *, PropertyKey, uint32_t use);
uint32_t bytecode_function(CodeBuilder *, Template *); // takes the reference
uint32_t bytecode_record(CodeBuilder *, Record);       // arrays: the arena's
void bytecode_handler(CodeBuilder *, uint32_t start, uint32_t end,
                      uint32_t handler, Register exception);
void bytecode_upvalue_name(CodeBuilder *, uint32_t hops, uint32_t slot,
                           uint32_t key);
static inline uint32_t bytecode_here(CodeBuilder *b) {
  b->barrier = b->code_count;
  return b->code_count;
}
void bytecode_fail(CodeBuilder *, BuildStatus);

// What an instruction is like, from instructions.def.
typedef enum {
  OPERAND_NONE,
  OPERAND_DST,
  OPERAND_SRC,
  OPERAND_BASE,
  OPERAND_INT,
  OPERAND_UINT,
  OPERAND_IC,
  OPERAND_KEY,
  OPERAND_FUNC,
  OPERAND_REC,
  OPERAND_JMP16,
  OPERAND_IMM32,
  OPERAND_JMP32,
  OPERAND_WORD,
} OperandKind;
enum {
  EFFECT_THROWS = 1,
  EFFECT_CALLS = 2 | EFFECT_THROWS,
  EFFECT_ENDS = 4,
  EFFECT_SUSPENDS = 8,
  EFFECT_BACKEDGE = 16,
};
typedef struct InstructionInfo {
  const char *name;
  uint8_t a, b, c, x; // OperandKind
  uint8_t effects;    // EFFECT_*
  const char *meaning;
} InstructionInfo;
extern const InstructionInfo bytecode_info[OP_COUNT];
static inline uint32_t bytecode_width(Opcode op) {
  return bytecode_info[op].x == OPERAND_NONE ? 1 : 2;
}

#endif
