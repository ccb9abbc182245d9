// SPDX-License-Identifier: MIT
// The emitter's state, shared by its files: emitter.c walks the tree and lays
// the program out, emit_repeat.c has the loops.
#ifndef RILL_VM_REGEXP_EMITTER_H
#define RILL_VM_REGEXP_EMITTER_H

#include "vm/regexp/analysis.h"
#include "vm/regexp/program.h"

typedef struct Emitter {
  Arena *arena;
  Parser *parser;
  uint32_t *code;
  uint32_t code_count, code_capacity;
  MatchSet **sets;
  uint32_t set_count, set_capacity;
  uint32_t range_count; // of all sets
  uint32_t register_count;
  bool unicode;
  MemoPoint *points;
  uint32_t point_count, point_capacity;
  MemoContext *contexts;
  uint32_t context_count, context_capacity;
  uint32_t context; // around what is emitted: index + 1, or 0
  bool has_references;
  bool in_look;         // within a lookaround
  bool behind;          // within a lookbehind: sequences run backwards
  const Node *verified; // a leaf that a guard has tested already
} Emitter;

// Emits a node; `follow` is what the rest of the pattern can begin with (of
// no meaning behind).
void regexp_emit_node(Emitter *, Node *, const FirstSet *follow);
void regexp_emit_repeat(Emitter *, Node *, const FirstSet *follow);

// Appends an instruction word; returns its index.
uint32_t regexp_emit_op(Emitter *, Opcode, uint32_t operand);
void regexp_emit_word(Emitter *, uint32_t word);
// Makes the jump operand at `index` point to the next instruction: operand A
// of an instruction, or a whole word.
void regexp_patch_operand(Emitter *, uint32_t index);
void regexp_patch_word(Emitter *, uint32_t index);
uint32_t regexp_new_register(Emitter *);
// What is emitted from here on depends on this (memo.h); the context around,
// to be put back into `context` where it ends.
uint32_t regexp_enter_context(Emitter *, MemoContext);
// The number of a set; equal sets share one.
uint32_t regexp_add_first_set(Emitter *, const FirstSet *);
// The set of a CHARACTER or SET node.
uint32_t regexp_add_single(Emitter *, Node *);
// Remembers that a guard with this exact first set has tested the leaf that
// the node begins with, if it begins with one.
void regexp_mark_verified(Emitter *, const Node *, const FirstSet *);

#endif
