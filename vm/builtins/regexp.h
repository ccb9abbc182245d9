// SPDX-License-Identifier: MIT
// RegExp objects: CELL_REGEXP.
#ifndef RILL_VM_BUILTINS_REGEXP_H
#define RILL_VM_BUILTINS_REGEXP_H

#include "vm/objects/cells.h"
#include "vm/objects/isolate.h"
#include "vm/regexp/regexp.h"

typedef struct RegExpObject {
  Object object;
  // The own property lastIndex: slot 0, which is in the object (the shapes of
  // this kind have one in-object slot). Not configurable, so always here.
  Value last_index;
  String *source;               // [[OriginalSource]]
  Foreign *owner;               // keeps `program`
  const RegExpProgram *program; // also [[OriginalFlags]]
  Shape *groups_shape;          // of exec's `groups`; NULL: not known yet
  Realm *realm;                 // [[Realm]], of the legacy static properties
  // cell.extra: REGEXP_IS_SUBCLASS.
} RegExpObject;

// Made by a subclass: does not show in RegExp.$1 and friends.
enum { REGEXP_IS_SUBCLASS = 1 };

// A RegExp object of the current realm's %RegExp.prototype%, as RegExpCreate
// makes it. Programs are kept by pattern and flags, so that evaluating a
// literal again costs one allocation. NULL: threw (SyntaxError, ...).
Object *vm_regexp_new(Isolate *, String *pattern, String *flags) VM_CHECKED;

// [[OriginalFlags]], a string.
Value vm_regexp_original_flags(Isolate *, const RegExpObject *) VM_CHECKED;

// The methods that String.prototype's delegate to.
typedef enum {
  REGEXP_MATCH_METHOD,
  REGEXP_MATCH_ALL_METHOD,
  REGEXP_REPLACE_METHOD,
  REGEXP_SEARCH_METHOD,
  REGEXP_SPLIT_METHOD,
} RegExpSymbolMethod;
// Calls %RegExp.prototype%'s own method if that is what GetMethod would find on
// `regexp`, of kind CELL_REGEXP; false, and nothing is done, if it is not.
bool vm_regexp_call_original(Isolate *, Value regexp, RegExpSymbolMethod,
                             uint32_t argc, const Value *argv,
                             Value *result) VM_CHECKED;

#endif
