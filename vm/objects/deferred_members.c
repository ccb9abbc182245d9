// SPDX-License-Identifier: MIT
// Notes are numbers and values in a Slots cell:
//   [0] words in use  [1] the realm
//   then for a table: its address as a number, its length;
//   for an action: its address as a number, -1;
//   for a property: key, value, attributes.
#include "vm/objects/deferred_members.h"
#include "vm/objects/operations.h"
#include "vm/objects/shape_internal.h"

enum { NOTES_USED, NOTES_REALM, FIRST_NOTE, ACTION = -1 };

static bool is_deferred(const Object *o) {
  enum { BOTH = SHAPE_UNIQUE | SHAPE_LAZY };
  return (o->shape->cell.flags & BOTH) == BOTH;
}

// Makes the object a deferred one if it can be.
static bool may_defer(Isolate *iso, Object *o) {
  if (!(iso->realm->cell.flags & REALM_IN_SETUP)) return false;
  if (is_deferred(o)) return true;
  if (o->slots != NULL || o->shape->property_count != 0 ||
      o == iso->realm->global) {
    return false;
  }
  Shape *shape = vm_object_make_unique(iso, o);
  shape->cell.flags |= SHAPE_LAZY;
  return true;
}

static void note(Isolate *iso, Object *o, const Value *words, uint32_t count) {
  uint32_t used = o->slots
                      ? (uint32_t)value_as_int(o->slots->values[NOTES_USED])
                      : FIRST_NOTE;
  uint32_t capacity = o->slots ? o->slots->cell.extra : 0;
  if (used + count > capacity) {
    capacity = vm_slots_capacity(used + count);
    Slots *grown = gc_allocate(
        iso->heap, sizeof(Slots) + capacity * sizeof(Value), CELL_SLOTS);
    grown->cell.extra = capacity;
    grown->values[NOTES_REALM] = value_from_cell(iso->realm);
    if (o->slots != NULL) {
      memcpy(grown->values, o->slots->values, used * sizeof(Value));
    }
    gc_store_pointer(iso->heap, &o->slots, grown);
  }
  for (uint32_t i = 0; i < count; i++)
    gc_publish(&o->slots->values[used + i], words[i]);
  gc_publish(&o->slots->values[NOTES_USED],
             value_from_int((int32_t)(used + count)));
}

// An address is less than 2^53, so a number holds it.
static void note_address(Isolate *iso, Object *o, uintptr_t address,
                         int32_t what) {
  Value words[] = {value_from_double((double)address), value_from_int(what)};
  note(iso, o, words, 2);
}

bool vm_defer_builtins(Isolate *iso, Object *o, const Builtin *rows,
                       uint32_t count) {
  if (!may_defer(iso, o)) return false;
  note_address(iso, o, (uintptr_t)rows, (int32_t)count);
  return true;
}

bool vm_defer_action(Isolate *iso, Object *o,
                     void (*action)(Isolate *, Object *)) {
  if (!may_defer(iso, o)) return false;
  note_address(iso, o, (uintptr_t)action, ACTION);
  return true;
}

bool vm_defer_property(Isolate *iso, Object *o, PropertyKey key, Value value,
                       uint8_t attributes) {
  if (!may_defer(iso, o)) return false;
  Value words[] = {key, value, value_from_int(attributes)};
  note(iso, o, words, 3);
  return true;
}

void vm_make_deferred_members(Isolate *iso, Object *o) {
  Slots *notes = o->slots;
  Realm *realm = iso->realm;
  Value exception = iso->exception;
  iso->realm = (Realm *)value_as_cell(notes->values[NOTES_REALM]);
  iso->exception = VALUE_EMPTY;
  o->shape->cell.flags &= (uint8_t)~SHAPE_LAZY;
  gc_store_pointer(iso->heap, &o->slots, NULL);
  if (object_kind(o) == CELL_NATIVE_FUNCTION) {
    const NativeFunction *f = (const NativeFunction *)o;
    vm_put_length_and_name(iso, o, f->length, f->name);
  }
  uint32_t used = (uint32_t)value_as_int(notes->values[NOTES_USED]);
  for (uint32_t i = FIRST_NOTE; i < used;) {
    const Value *words = &notes->values[i];
    if (value_is_number(words[0])) {
      uintptr_t address = (uintptr_t)value_as_double(words[0]);
      int32_t what = value_as_int(words[1]);
      if (what == ACTION) {
        ((void (*)(Isolate *, Object *))address)(iso, o);
      } else {
        vm_make_builtins(iso, o, (const Builtin *)address, (uint32_t)what);
      }
      i += 2;
    } else {
      vm_put(iso, o, words[0], words[1], (uint8_t)value_as_int(words[2]));
      i += 3;
    }
  }
  iso->realm = realm;
  iso->exception = exception;
}
