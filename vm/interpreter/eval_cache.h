// SPDX-License-Identifier: MIT
// Texts that were compiled by the Function constructors or by indirect eval,
// with their templates: template engines and validators compile the same text
// again and again. Bounded: 64 texts of at most 16,384 characters, the newest
// of those whose hashes meet. Used by the isolate's thread only.
#ifndef RILL_VM_INTERPRETER_EVAL_CACHE_H
#define RILL_VM_INTERPRETER_EVAL_CACHE_H

#include "vm/bytecode/template.h"
#include "vm/objects/string.h"

typedef struct EvalText {
  StringView view;
  uint32_t hash;
  uint32_t split; // where the body begins after the parameters
  uint32_t kind;  // a function's flavour, or EVAL_TEXT_SCRIPT
} EvalText;
enum { EVAL_TEXT_SCRIPT = 4 };

// The template of an equal text, which the caller releases; NULL: none.
Template *vm_eval_cache_find(Isolate *, const EvalText *);
// Remembers it, with a copy of the text; does nothing without memory for that.
void vm_eval_cache_insert(Isolate *, const EvalText *, Template *);
void vm_eval_cache_free(Isolate *);

#endif
