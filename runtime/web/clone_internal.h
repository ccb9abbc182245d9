// SPDX-License-Identifier: MIT
// Between the files of structured clone (clone_write.c, clone_functions.c,
// clone_members.c, and what reads: clone_*read.c).
#ifndef RILL_RUNTIME_WEB_CLONE_INTERNAL_H
#define RILL_RUNTIME_WEB_CLONE_INTERNAL_H

#include <stdlib.h>

#include "runtime/web/structured_clone.h"
#include "vm/interpreter/code.h"
#include "vm/objects/charge.h"
#include "vm/objects/hash_table.h"
#include "vm/objects/operations.h"

// The way from the root to the value being written, on the C stack.
typedef struct Place {
  const struct Place *parent;
  PropertyKey key; // 0: by `note`
  const char *note;
  // A captured variable: named by `key`, if that is not 0.
  bool is_capture;
} Place;

enum { KNOWN_NAMES = 256 };

typedef struct CloneWriter {
  Isolate *isolate;
  Clone *out;
  size_t limit; // of its bytes, as they may take as much as the heap; 0: none
  HashTable *seen;    // objects by identity: their numbers
  uint32_t count;     // objects numbered
  Array *transfer;    // or NULL
  bool is_moving;     // writing what a transfer hook gave: it moves, too
  bool ships_code;    // functions and symbols are cloned, too
  bool keeps_classes; // of instances, too
  struct CaptureSource *environments; // those that captures lie in
  uint32_t environment_count;
  // Names written last, by a hash of the key; `number` counts all of them.
  struct {
    PropertyKey key;
    uint32_t number;
  } names[KNOWN_NAMES];
  uint32_t name_count;
} CloneWriter;

// Bytes ---------------------------------------------------------------------

static inline uint8_t *clone_reserve(CloneWriter *w, size_t more) {
  Clone *c = w->out;
  if (c->capacity - c->length < more) {
    size_t capacity = c->capacity * 2 + more + 64;
    if (w->limit != 0 && capacity > w->limit) capacity = w->limit;
    bool fits = capacity >= more && c->length <= capacity - more;
    uint8_t *bytes = fits ? realloc(c->bytes, capacity) : NULL;
    if (bytes == NULL) {
      vm_throw_out_of_memory(w->isolate);
      return NULL;
    }
    c->bytes = bytes;
    c->capacity = capacity;
  }
  return c->bytes + c->length;
}

static inline bool clone_put_bytes(CloneWriter *w, const void *bytes,
                                   size_t length) {
  uint8_t *at = vm_charge(w->isolate, length) ? clone_reserve(w, length) : NULL;
  if (at == NULL) return false;
  memcpy(at, bytes, length);
  w->out->length += length;
  return true;
}

static inline bool clone_put_tag(CloneWriter *w, CloneTag tag) {
  uint8_t byte = (uint8_t)tag;
  return clone_put_bytes(w, &byte, 1);
}

static inline bool clone_put_number(CloneWriter *w, uint64_t n) {
  uint8_t *at = clone_reserve(w, 10);
  if (at == NULL) return false;
  size_t length = 0;
  for (; n >= 0x80; n >>= 7)
    at[length++] = (uint8_t)(n | 0x80);
  at[length++] = (uint8_t)n;
  w->out->length += length;
  return true;
}

static inline bool clone_put_double(CloneWriter *w, CloneTag tag, double d) {
  return clone_put_tag(w, tag) && clone_put_bytes(w, &d, sizeof d);
}

static inline bool clone_put_string(CloneWriter *w, String *s) {
  StringView view;
  return vm_string_view(w->isolate, s, &view) &&
         clone_put_tag(w, view.is_wide ? CLONE_UTF16 : CLONE_LATIN1) &&
         clone_put_number(w, view.length) &&
         clone_put_bytes(w, view.units, (size_t)view.length << view.is_wide);
}

static inline bool clone_put_key(CloneWriter *w, PropertyKey key) {
  if (key_is_index(key)) {
    return clone_put_tag(w, CLONE_INDEX) &&
           clone_put_number(w, key_as_index(key));
  }
  unsigned at = (unsigned)((uintptr_t)key >> 5) % KNOWN_NAMES;
  if (w->names[at].key == key) {
    return clone_put_tag(w, CLONE_KNOWN_NAME) &&
           clone_put_number(w, w->names[at].number);
  }
  w->names[at].key = key;
  w->names[at].number = w->name_count++;
  return clone_put_string(w, (String *)value_as_cell(key));
}

static inline bool clone_number_cell(CloneWriter *w, Value cell) {
  return vm_hash_table_set(w->isolate, &w->seen, cell,
                           value_from_uint32(w->count++));
}
// The environment so many levels above; NULL: there are fewer.
static inline Environment *clone_hop(Environment *e, uint64_t hops) {
  while (hops-- > 0 && e != NULL)
    e = e->parent;
  return e;
}
bool rt_clone_write_value(CloneWriter *, Value, const Place *) VM_CHECKED;
// A DataCloneError that names the place. Returns false.
bool rt_clone_refuse(CloneWriter *, Value, const Place *);
// The hooks of the object's class: EMPTY if it has no such class.
Value rt_clone_hooks_of(Isolate *, Object *);

// clone_functions.c: functions, and what only goes along with them.
bool rt_clone_write_function(CloneWriter *, Object *, const Place *) VM_CHECKED;
bool rt_clone_write_symbol(CloneWriter *, Symbol *) VM_CHECKED;
// An own data property's value without running script; EMPTY: none.
Value rt_clone_own_value(Isolate *, Object *, PropertyKey);
bool rt_clone_is_intrinsic(Isolate *, const Object *);
// 1: it is one of the realm's intrinsics, and is written.
Tri rt_clone_write_intrinsic(CloneWriter *, Object *) VM_CHECKED;
// A function of the language's or of a builtin module, which is not copied.
bool rt_clone_goes_by_name(Isolate *, const Object *function);
// Such a function. 0: no global and no export leads to it.
Tri rt_clone_write_by_name(CloneWriter *, Object *function) VM_CHECKED;
// Moves what the Clone needs of the environments into it, and frees the rest.
// False: threw.
bool rt_clone_finish_environments(CloneWriter *, bool keep) VM_CHECKED;

// clone_members.c: prototypes, and objects that have one of their own.
// A prototype or home object: with its own prototype and everything in it.
// Functions, intrinsics and null as they are written anyway.
bool rt_clone_write_whole(CloneWriter *, Value, const Place *) VM_CHECKED;
// The object itself in this way, if it was not written before.
bool rt_clone_write_object_whole(CloneWriter *, Object *,
                                 const Place *) VM_CHECKED;
bool rt_clone_write_members(CloneWriter *, Object *, const Place *) VM_CHECKED;
// Of an object of kind OBJECT. 1: it has a class, and is written.
Tri rt_clone_write_instance(CloneWriter *, Object *, const Place *) VM_CHECKED;
// Of another kind. 1: its class is written, which its value, as that of others
// of its kind, and rt_clone_write_members are to follow.
Tri rt_clone_begin_derived(CloneWriter *, Object *, const Place *) VM_CHECKED;

// clone_classes.c: what makes one know a class again.
bool rt_clone_is_class(const Template *);
// How many environments from the class's on up to the last with private names.
uint32_t rt_clone_class_levels(const Function *);
bool rt_clone_write_class(CloneWriter *, Function *, const Place *) VM_CHECKED;
// clone_functions.c: the slot of an environment is written now, *is_new (may be
// NULL): for the first time. False: threw.
bool rt_clone_take_slot(CloneWriter *, Environment *, uint32_t slot,
                        bool *is_new) VM_CHECKED;

// Reading -----------------------------------------------------------------

typedef struct CloneReader {
  Isolate *isolate;
  Clone *clone;
  const uint8_t *at;
  Array *objects;         // by number; NULL: none yet
  Array *names;           // the same
  CellList *environments; // Clone.environments; or NULL
  // Of the receiver's classes that stand for copies: private names with method,
  // or getter and setter, or undefined.
  Array *own_methods;
  Array *own_names; // all their private names
  // Classes for which none stands, and the numbers of their prototypes.
  Array *copies;
  // Objects whose prototype is being read, and whether what was read since the
  // first of them may inherit from one of them.
  uint32_t open;
  bool may_cycle;
  Function *expected; // what the class that comes next may stand for
  CloneArrivals arrivals;
} CloneReader;

static inline uint64_t clone_get_number(CloneReader *r) {
  uint64_t n = 0;
  for (int shift = 0;; shift += 7) {
    uint8_t byte = *r->at++;
    n |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) return n;
  }
}

static inline double clone_get_double(CloneReader *r) {
  double d;
  memcpy(&d, r->at, sizeof d);
  r->at += sizeof d;
  return d;
}

static inline String *clone_get_string(CloneReader *r, CloneTag tag) {
  size_t length = clone_get_number(r);
  const uint8_t *units = r->at;
  if (tag == CLONE_LATIN1) {
    r->at += length;
    return vm_string_from_latin1(r->isolate, units, length);
  }
  r->at += length * 2;
  uint16_t *copy;
  String *s = vm_string_new_utf16(r->isolate, length, &copy);
  if (s != NULL) memcpy(copy, units, length * 2);
  return s;
}
Value rt_clone_read_value(CloneReader *) VM_CHECKED;
// Makes the list when it gets its first value.
static inline bool clone_list_push(CloneReader *r, Array **list, Value value) {
  if (*list == NULL) *list = vm_array_new(r->isolate, 0);
  return *list != NULL && vm_array_push(r->isolate, *list, value);
}
static inline bool clone_number_read(CloneReader *r, void *cell) {
  return cell != NULL && clone_list_push(r, &r->objects, value_from_cell(cell));
}

// clone_functions_read.c
bool rt_clone_make_environments(CloneReader *) VM_CHECKED;
// Imports what functions use. Ahead of all else: the classes of those modules
// stand for copies, whatever is read first.
bool rt_clone_read_imports(CloneReader *) VM_CHECKED;
Value rt_clone_read_function(CloneReader *) VM_CHECKED;
// `instead`: another symbol for a private name; EMPTY: none.
Value rt_clone_read_symbol(CloneReader *, Value instead) VM_CHECKED;
Value rt_clone_read_global(CloneReader *, CloneTag) VM_CHECKED;
// clone_members_read.c
bool rt_clone_read_members(CloneReader *, Object *) VM_CHECKED;
// `instead` stands for it from now on, and has that class as parent; or NULL.
Value rt_clone_read_whole_object(CloneReader *, Object *instead,
                                 Function *parent) VM_CHECKED;
Value rt_clone_read_instance(CloneReader *) VM_CHECKED;
Value rt_clone_read_derived(CloneReader *) VM_CHECKED;
Value rt_clone_read_prototype_of(CloneReader *) VM_CHECKED;
// clone_classes.c
// *out is the receiver's class that the copy stands for; NULL: none. False:
// threw.
bool rt_clone_find_class(CloneReader *, const Template *, const Module *shipped,
                         Function *expected, Function **out) VM_CHECKED;
bool rt_clone_read_class(CloneReader *, Function *copy,
                         Function *own_or_null) VM_CHECKED;
Function *rt_clone_parent_class(const Function *);
// The parent of a copy that the receiver's class stands for, if it is another
// copy, which came first: the class above that one stands for it from now on,
// and what was read of it is of that one. False: threw.
bool rt_clone_replace_parent(CloneReader *, Value parent,
                             const Function *own) VM_CHECKED;
// The functions of a private method or accessor of such a class.
void rt_clone_own_method(CloneReader *, Value name, Value *first,
                         Value *second);
// clone_read.c: names and values, CLONE_END.
bool rt_clone_read_properties(CloneReader *, Object *) VM_CHECKED;

#endif
