// SPDX-License-Identifier: MIT
// Texts that were compiled by the Function constructors or by indirect eval,
// with their templates: template engines and validators compile the same text
// again and again. A text is kept when it is compiled for the second time:
// those that are evaluated once cost nothing. Bounded: 512 texts of at most
// 16,384 characters and together 1 MiB, the newest of those whose hashes meet.
// Used by the isolate's thread only.
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
// Tells that the text was compiled to the template, which is remembered if the
// text is not new and there is memory.
void vm_eval_cache_insert(Isolate *, const EvalText *, Template *);
void vm_eval_cache_free(Isolate *);

#endif
