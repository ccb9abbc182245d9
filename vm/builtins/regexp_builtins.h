// SPDX-License-Identifier: MIT
// What the files of RegExp.prototype share: the realm's state, running a
// program on a string, and the test for objects that nobody has tampered with.
#ifndef RILL_VM_BUILTINS_REGEXP_BUILTINS_H
#define RILL_VM_BUILTINS_REGEXP_BUILTINS_H

#include "vm/builtins/regexp.h"
#include "vm/objects/operations.h"

// realm->regexp_state: a ValueList of fixed size, by these indices.
enum {
  REGEXP_STATE_SHAPE,         // of objects with lastIndex alone
  REGEXP_STATE_RESULT_SHAPE,  // array with index, input, groups
  REGEXP_STATE_INDICES_SHAPE, // and indices
  REGEXP_STATE_VALIDITY,      // RegExp.prototype is laid out as SLOTS says
  REGEXP_STATE_ORIGINALS,     // what the watched properties held at first
  REGEXP_WATCHED_ALL = 11,    // exec first; the methods of symbols come after
  REGEXP_WATCHED_COUNT = REGEXP_WATCHED_ALL + 5,
  REGEXP_STATE_SLOTS = REGEXP_STATE_ORIGINALS + REGEXP_WATCHED_COUNT,
  // The last match, for the legacy static properties: enough to do it again.
  REGEXP_STATE_LAST_SUBJECT = REGEXP_STATE_SLOTS + REGEXP_WATCHED_COUNT,
  REGEXP_STATE_LAST_OWNER, // of the program
  REGEXP_STATE_LAST_INDEX,
  REGEXP_STATE_INPUT, // RegExp.input if set by a script, else undefined
  REGEXP_STATE_COUNT,
};
static inline Value regexp_state(const Isolate *iso, uint32_t index) {
  return iso->realm->regexp_state->items[index];
}
static inline Shape *regexp_state_shape(const Isolate *iso, uint32_t index) {
  return (Shape *)value_as_cell(regexp_state(iso, index));
}
void vm_regexp_state_init(Isolate *, Realm *);

// The program of a pattern: from the cache, or compiled. NULL: threw.
Foreign *vm_regexp_program(Isolate *, String *pattern,
                           uint32_t flags) VM_CHECKED;
// ParseFlags; false: threw a SyntaxError.
bool vm_regexp_parse_flags(Isolate *, String *flags, uint32_t *out) VM_CHECKED;
// RegExpAlloc and RegExpInitialize in one; prototype NULL: the realm's own.
// cell.extra is 0.
RegExpObject *vm_regexp_allocate(Isolate *, Object *prototype, String *source,
                                 Foreign *program);

// True while the object has no property but lastIndex, and exec (`all`: also
// the flag getters and constructor) of %RegExp.prototype% are the original
// ones: then what the methods would look up is known, and none of it can be
// observed.
bool vm_regexp_is_pristine(Isolate *, const Object *, bool all);

static inline uint32_t regexp_object_flags(const RegExpObject *r) {
  return regexp_flags(r->program);
}
static inline bool regexp_is_unicode(const RegExpObject *r) {
  return regexp_object_flags(r) & (REGEXP_UNICODE | REGEXP_UNICODE_SETS);
}

// Bounds of one match; lives on the C stack.
typedef struct RegExpMatch {
  int32_t *captures; // 2 * groups
  uint32_t groups;
  int32_t inline_captures[40];
} RegExpMatch;
bool vm_regexp_match_init(Isolate *, RegExpMatch *,
                          const RegExpProgram *) VM_CHECKED;
void vm_regexp_match_free(RegExpMatch *);

// One search from `start`: 1 matched, 0 not, TRI_THREW. Looks at no lastIndex.
Tri vm_regexp_search(Isolate *, const RegExpProgram *, StringView,
                     uint32_t start, RegExpMatch *) VM_CHECKED;
// ToLength of lastIndex: may call scripts, which may recompile the object.
bool vm_regexp_last_index(Isolate *, const RegExpObject *,
                          double *out) VM_CHECKED;
// RegExpBuiltinExec (22.2.7.2) from then up to the result: sets lastIndex. The
// match was made for the object's program.
Tri vm_regexp_step(Isolate *, RegExpObject *, String *, double last_index,
                   RegExpMatch *) VM_CHECKED;
// UpdateLegacyRegExpStaticProperties, for a match at `index`.
void vm_regexp_remember_slowly(Isolate *, RegExpObject *, String *,
                               int32_t index);
static inline void regexp_remember(Isolate *iso, RegExpObject *r, String *s,
                                   int32_t index) {
  Value *state = iso->realm->regexp_state->items;
  if (likely(state[REGEXP_STATE_LAST_SUBJECT] == value_from_cell(s) &&
             state[REGEXP_STATE_LAST_OWNER] == value_from_cell(r->owner) &&
             state[REGEXP_STATE_INPUT] == VALUE_UNDEFINED &&
             !r->object.cell.extra)) {
    gc_publish(&state[REGEXP_STATE_LAST_INDEX], value_from_int(index));
  } else {
    vm_regexp_remember_slowly(iso, r, s, index);
  }
}
// The array (or null) of RegExpBuiltinExec.
Value vm_regexp_builtin_exec(Isolate *, RegExpObject *, String *) VM_CHECKED;
// The object of named groups, or undefined if the pattern has none.
Value vm_regexp_groups(Isolate *, RegExpObject *, String *,
                       const RegExpMatch *) VM_CHECKED;
// RegExpExec (22.2.7.1): calls the object's exec.
Value vm_regexp_exec(Isolate *, Object *, String *) VM_CHECKED;
// The string of a group, or undefined. VALUE_EXCEPTION: threw.
Value vm_regexp_capture(Isolate *, String *, const int32_t *bounds) VM_CHECKED;

// AdvanceStringIndex (22.2.7.3).
uint32_t vm_regexp_advance(StringView, uint32_t index, bool unicode);
// The same for a lastIndex that scripts gave: any integer up to 2^53 - 1.
Value vm_regexp_advance_value(Isolate *, String *, Value index,
                              bool unicode) VM_CHECKED;
bool vm_regexp_set_last_index(Isolate *, Object *, Value) VM_CHECKED;

// The receiver as an object, or a TypeError naming the method. NULL: threw.
Object *vm_regexp_receiver(Isolate *, const NativeCall *,
                           const char *method) VM_CHECKED;

// regexp_exec.c
Value vm_regexp_prototype_exec(Isolate *, const NativeCall *);
Value vm_regexp_prototype_test(Isolate *, const NativeCall *);
// regexp_symbols.c
Value vm_regexp_prototype_match(Isolate *, const NativeCall *);
Value vm_regexp_prototype_match_all(Isolate *, const NativeCall *);
Value vm_regexp_prototype_search(Isolate *, const NativeCall *);
Value vm_regexp_prototype_split(Isolate *, const NativeCall *);
void vm_init_regexp_string_iterator(Isolate *, Realm *);
// regexp_replace.c
Value vm_regexp_prototype_replace(Isolate *, const NativeCall *);
// regexp_legacy.c
void vm_define_regexp_legacy(Isolate *, Object *constructor);
// regexp_accessors.c
Value vm_regexp_get_flag(Isolate *, const NativeCall *); // magic: REGEXP_*
Value vm_regexp_get_flags(Isolate *, const NativeCall *);
Value vm_regexp_get_source(Isolate *, const NativeCall *);
Value vm_regexp_to_string(Isolate *, const NativeCall *);
Value vm_regexp_escape(Isolate *, const NativeCall *);

#endif
