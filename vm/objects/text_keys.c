// SPDX-License-Identifier: MIT
// Texts as keys: text_keys.h says what for.
#include "vm/objects/text_keys.h"

#include <stdlib.h>

#include "vm/objects/operations.h"
#include "vm/objects/shape_internal.h"

enum {
  // Objects with fewer properties get their new ones by name, whatever the key:
  // they may be records.
  FEWEST_OF_A_MAP = 16,
  RECENT = 1 << 10,
};

// What `index` remembers of a string that knows no key.
enum { WAS_ADDED = 1 };

// Was the string, or one like it lately, added as a key? Then it is not one
// that comes once, but the name of a column, say: objects with it are to share
// shapes.
static bool comes_again(Isolate *iso, String *s) {
  if (s->index == WAS_ADDED) return true;
  s->index = WAS_ADDED;
  if (iso->recent_texts == NULL)
    iso->recent_texts = calloc(RECENT, sizeof *iso->recent_texts);
  if (iso->recent_texts == NULL) return true;
  uint32_t *place = &iso->recent_texts[s->hash % RECENT];
  if (*place == s->hash) return true;
  *place = s->hash;
  return false;
}

static bool is_dictionary(const Isolate *iso, const Object *o) {
  return shape_is_dictionary(o->shape) && !(o->cell.flags & OBJECT_EXOTIC) &&
         o != iso->realm->global;
}

// The object's own entry of that text, if it is a dictionary with texts.
static ShapeEntry *own_entry(Isolate *iso, Object *o, String *s) {
  ShapeTable *t = o->shape->table;
  if (t == NULL || !shape_table_has_texts(t) || !is_dictionary(iso, o))
    return NULL;
  vm_string_hash(iso, s);
  return shape_table_find_text(t, s);
}

// A text that has no atom is the name of a property only if it is a text there,
// if a LAZY shape hides it, or if an exotic object says so.
static bool may_have_texts(const Object *o) {
  return (o->cell.flags & OBJECT_EXOTIC) ||
         (o->shape->cell.flags & SHAPE_LAZY) ||
         (o->shape->table != NULL && shape_table_has_texts(o->shape->table));
}

static bool is_absent_above(const Object *o) {
  for (o = o->shape->prototype; o != NULL; o = o->shape->prototype)
    if (may_have_texts(o)) return false;
  return true;
}

// DONE: *entry is the object's own. ABSENT: it has none, and the string has no
// atom and spells no index; it is flat or a slice, and hashed.
static TextAnswer find_own(Isolate *iso, Object *o, String *s, PropertyKey *key,
                           ShapeEntry **entry) {
  *key = string_known_key(s);
  if (*key != 0) return VM_TEXT_UNFIT;
  if (unlikely(string_is_rope(s)) && vm_string_flatten(iso, s) == NULL)
    return VM_TEXT_THREW;
  *entry = own_entry(iso, o, s);
  if (*entry != NULL) return VM_TEXT_DONE;
  Tri known = vm_string_find_key(iso, s, key);
  if (known != 0) return known < 0 ? VM_TEXT_THREW : VM_TEXT_UNFIT;
  *key = 0;
  return may_have_texts(o) && !is_dictionary(iso, o) ? VM_TEXT_UNFIT
                                                     : VM_TEXT_ABSENT;
}

// A flat string for keeps: no window of a longer one, or of one with room at
// its end. NULL: threw.
static String *text_of(Isolate *iso, String *s) {
  if (!(s->cell.flags & STRING_SLICE)) return s;
  StringView v = string_view_of(s);
  String *text = v.is_wide ? vm_string_from_utf16(iso, v.units, v.length)
                           : vm_string_from_latin1(iso, v.units, v.length);
  if (text == NULL) return NULL;
  text->hash = s->hash;
  text->cell.flags |= STRING_HASHED;
  return text;
}

TextAnswer vm_text_get(Isolate *iso, Object *o, String *s, PropertyKey *key,
                       Value *out) {
  ShapeEntry *e;
  TextAnswer answer = find_own(iso, o, s, key, &e);
  if (answer == VM_TEXT_DONE) {
    if (e->attributes & PROPERTY_ACCESSOR) return VM_TEXT_UNFIT;
    *out = *object_slot(o, e->slot);
  } else if (answer == VM_TEXT_ABSENT) {
    if (!is_absent_above(o)) return VM_TEXT_UNFIT;
    *out = VALUE_UNDEFINED;
  }
  return answer;
}

// Adds a text that the object does not have, and that nobody above it has.
static TextAnswer add(Isolate *iso, Object *o, String *s, Value value,
                      uint32_t fewest) {
  bool is_map = is_dictionary(iso, o);
  if (!is_map) {
    const Shape *shape = o->shape;
    if ((shape->cell.flags & SHAPE_UNIQUE) || shape->property_count < fewest ||
        object_kind(o) != CELL_OBJECT || (o->cell.flags & OBJECT_EXOTIC))
      return VM_TEXT_UNFIT;
  }
  if (comes_again(iso, s)) return VM_TEXT_UNFIT;
  if (!is_map) vm_object_make_unique(iso, o);
  String *text = text_of(iso, s);
  return text != NULL && vm_object_add_text(iso, o, text, value)
             ? VM_TEXT_DONE
             : VM_TEXT_THREW;
}

TextAnswer vm_text_set(Isolate *iso, Object *o, String *s, Value value,
                       PropertyKey *key) {
  ShapeEntry *e;
  TextAnswer answer = find_own(iso, o, s, key, &e);
  if (answer == VM_TEXT_DONE) {
    if ((e->attributes & (PROPERTY_WRITABLE | PROPERTY_ACCESSOR)) !=
        PROPERTY_WRITABLE)
      return VM_TEXT_UNFIT;
    gc_store_word(iso->heap, object_slot(o, e->slot), value);
  }
  if (answer != VM_TEXT_ABSENT) return answer;
  if ((o->shape->cell.flags & SHAPE_NOT_EXTENSIBLE) || !is_absent_above(o))
    return VM_TEXT_UNFIT;
  return add(iso, o, s, value, FEWEST_OF_A_MAP);
}

TextAnswer vm_text_put(Isolate *iso, Object *o, String *s, Value value,
                       PropertyKey *key) {
  ShapeEntry *e;
  TextAnswer answer = find_own(iso, o, s, key, &e);
  if (answer == VM_TEXT_DONE)
    gc_store_word(iso->heap, object_slot(o, e->slot), value);
  return answer == VM_TEXT_ABSENT
             ? add(iso, o, s, value, VM_TEXT_FEWEST_OF_A_MAP_IN_JSON)
             : answer;
}

TextAnswer vm_text_delete(Isolate *iso, Object *o, String *s,
                          PropertyKey *key) {
  ShapeEntry *e;
  TextAnswer answer = find_own(iso, o, s, key, &e);
  if (answer == VM_TEXT_DONE) {
    if (!(e->attributes & PROPERTY_CONFIGURABLE)) return VM_TEXT_UNFIT;
    vm_object_remove_text(iso, o, s);
  }
  return answer;
}

TextAnswer vm_text_has(Isolate *iso, Object *o, String *s, bool own_only,
                       PropertyKey *key) {
  ShapeEntry *e;
  TextAnswer answer = find_own(iso, o, s, key, &e);
  return answer == VM_TEXT_ABSENT && !own_only && !is_absent_above(o)
             ? VM_TEXT_UNFIT
             : answer;
}
