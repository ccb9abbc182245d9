// SPDX-License-Identifier: MIT
// What is known of the registers while loaded code is verified. Private to
// verify_loaded.c, which follows the ways through a function, and to
// verify_uses.c and verify_writes.c, which know the instructions.
#ifndef RILL_VM_BYTECODE_VERIFY_STATES_H
#define RILL_VM_BYTECODE_VERIFY_STATES_H

#include <stdio.h>
#include <stdlib.h>

#include "vm/bytecode/function_builder.h"

typedef uint16_t State;
enum {
  NOTHING, // never written, or not the same on all ways: must not be read
  // Values of the language, or EMPTY.
  ANY,
  UNDEFINED, // also stands for "no environment"
  STRING,
  OBJECT,
  ARRAY,
  FUNCTION,
  ITERATOR, // the three registers of one, written together only
  ITERATOR_NEXT,
  ITERATOR_INDEX,
  LAST_VALUE = ITERATOR_INDEX,
  // Not values.
  ENUMERATOR,  // of for-in
  INITIALIZER, // of fields: its `this` must be an object
  WAITING,     // of the pseudo-register: nothing has suspended it yet
  RUNNING,     // something has: START_GENERATOR of a generator
  FIRST_TYPE,  // and up: environments and resolved names, by types[]
};

// What scopes a function is made over. Number 0 is none.
typedef struct Surrounding {
  uint32_t outer; // number
  uint32_t slots;
  const ScopeDescription *description;
} Surrounding;

typedef struct Type {
  bool is_name;    // what RESOLVE_NAME gave for key `number`
  uint32_t number; // else of a Surrounding
} Type;

typedef struct Check {
  Template *const *templates;
  uint32_t *entries; // by template: Surrounding; UINT32_MAX: never made
  Surrounding *surroundings;
  uint32_t surrounding_count, surrounding_capacity;
  bool no_memory;
  char *problem;
  size_t size;
  // The template being looked at.
  const Template *t;
  uint32_t entry;                // its Surrounding
  uint32_t number, first_nested; // its own, that of the first in it
  uint32_t width;                // registers, and one for WAITING and RUNNING
  uint8_t *leaders; // by word: 1 where ways may meet, 2 to be looked at
  State **at;       // by word: what is known there; NULL: not reached
  State *now;
  uint32_t *sites; // by word: type made there, 0: none yet
  uint16_t *cache_uses;
  Type *types;
  uint32_t type_count, type_capacity;
  uint32_t pc;
  uint64_t work, most_work;
  // The handler of what throws here, and what has been written since it was
  // last told.
  int32_t *handlers; // by word: index, -1: none
  int32_t handler;   // that is told; -1: none
  uint32_t touched[16];
  uint32_t touched_count; // UINT32_MAX: too many, or all is new
} Check;

static inline bool wrong(Check *k, const char *what) {
  const char *name = bytecode_info[k->t->code[k->pc].op].name;
  snprintf(k->problem, k->size, "function %u, word %u (%s): %s", k->number,
           k->pc, name, what);
  return false;
}

static inline bool out_of_memory(Check *k) {
  k->no_memory = true;
  return false;
}

// Items with room for one more.
static inline bool grow(Check *k, void *items, uint32_t count,
                        uint32_t *capacity, size_t size) {
  if (count < *capacity) return true;
  uint32_t wanted = *capacity ? *capacity * 2 : 16;
  void *grown = realloc(*(void **)items, wanted * size);
  if (!grown) return out_of_memory(k);
  *(void **)items = grown;
  *capacity = wanted;
  return true;
}

static inline bool is_value(State s) {
  return s >= ANY && s <= LAST_VALUE;
}

static inline bool is_object(State s) {
  return s >= OBJECT && s <= FUNCTION;
}

static inline State meet(State a, State b) {
  if (a == b) return a;
  if (is_object(a) && is_object(b)) return OBJECT;
  return is_value(a) && is_value(b) ? ANY : NOTHING;
}

// The Surrounding in a register, 0 for none.
static inline bool environment(Check *k, uint32_t r, uint32_t *out) {
  State s = k->now[r];
  *out = 0;
  if (s == UNDEFINED) return true;
  if (s < FIRST_TYPE || k->types[s - FIRST_TYPE].is_name)
    return wrong(k, "needs an environment");
  *out = k->types[s - FIRST_TYPE].number;
  return true;
}

// Does the instruction at k->pc, whose operand is `x`, find before it what it
// needs?
bool bytecode_verify_uses(Check *, Instruction word, uint64_t x);
// What it leaves in the registers. `entry`: of the environment that the
// function is made over.
bool bytecode_verify_writes(Check *, Instruction word, State entry);

#endif
