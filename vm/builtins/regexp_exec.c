// SPDX-License-Identifier: MIT
// Running regular expressions on strings: ECMA-262 22.2.7, and the realm's
// state behind it (shapes, cache of programs, what the prototype held at
// first).
#include <stdlib.h>

#include "vm/builtins/regexp_builtins.h"
#include "vm/interpreter/run.h"
#include "vm/objects/charge.h"

// ----------------------------------------------------------------- state

// Properties of %RegExp.prototype% that the fast ways rely on.
static PropertyKey watched_key(uint32_t i) {
  switch (i) {
  case 0:
    return KEY(exec);
  case 1:
    return KEY(flags);
  case 2:
    return KEY(hasIndices);
  case 3:
    return KEY(global);
  case 4:
    return KEY(ignoreCase);
  case 5:
    return KEY(multiline);
  case 6:
    return KEY(dotAll);
  case 7:
    return KEY(unicode);
  case 8:
    return KEY(unicodeSets);
  case 9:
    return KEY(sticky);
  case 10:
    return KEY(constructor);
  case 11:
    return SYMBOL_KEY(match);
  case 12:
    return SYMBOL_KEY(matchAll);
  case 13:
    return SYMBOL_KEY(replace);
  case 14:
    return SYMBOL_KEY(search);
  default:
    return SYMBOL_KEY(split);
  }
}

static void set_state(Isolate *iso, uint32_t index, Value v) {
  gc_store_word(iso->heap, &iso->realm->regexp_state->items[index], v);
}

static ValueList *new_list(Isolate *iso, uint32_t count) {
  ValueList *list = gc_allocate(
      iso->heap, sizeof(ValueList) + count * sizeof(Value), CELL_VALUE_LIST);
  list->cell.extra = count;
  for (uint32_t i = 0; i < count; i++)
    list->items[i] = VALUE_UNDEFINED;
  list->count = count;
  return list;
}

static void remember_originals(Isolate *iso, Object *prototype) {
  for (uint32_t i = 0; i < REGEXP_WATCHED_COUNT; i++) {
    PropertySlot slot;
    if (!vm_shape_lookup(iso, prototype->shape, watched_key(i), &slot))
      continue;
    set_state(iso, REGEXP_STATE_ORIGINALS + i,
              *object_slot(prototype, slot.slot));
    set_state(iso, REGEXP_STATE_SLOTS + i, value_from_uint32(slot.slot));
  }
}

void vm_regexp_state_init(Isolate *iso, Realm *realm) {
  Object *prototype = realm->intrinsics[INTRINSIC_RegExpPrototype];
  ValueList *state = new_list(iso, REGEXP_STATE_COUNT);
  state->items[REGEXP_STATE_LAST_INDEX] = value_from_int(0);
  gc_store_pointer(iso->heap, &realm->regexp_state, state);
  Shape *shape = vm_shape_root(iso, CELL_REGEXP, prototype, 1);
  shape = vm_shape_add(iso, shape, KEY(lastIndex), PROPERTY_WRITABLE);
  set_state(iso, REGEXP_STATE_SHAPE, value_from_cell(shape));
  shape = vm_shape_add(iso, realm->array_shape, KEY(index), PROPERTY_DEFAULT);
  shape = vm_shape_add(iso, shape, KEY(input), PROPERTY_DEFAULT);
  shape = vm_shape_add(iso, shape, KEY(groups), PROPERTY_DEFAULT);
  set_state(iso, REGEXP_STATE_RESULT_SHAPE, value_from_cell(shape));
  shape = vm_shape_add(iso, shape, KEY(indices), PROPERTY_DEFAULT);
  set_state(iso, REGEXP_STATE_INDICES_SHAPE, value_from_cell(shape));
  vm_define_action(iso, prototype, remember_originals);
}

// The prototype's layout has changed since the last time: finds the watched
// properties anew.
static __attribute__((noinline, cold)) bool refresh(Isolate *iso,
                                                    Object *prototype) {
  ValidityCell *validity = vm_prototype_validity(iso, prototype);
  if (!validity) return false;
  for (uint32_t i = 0; i < REGEXP_WATCHED_COUNT; i++) {
    PropertySlot slot;
    if (!vm_shape_lookup(iso, prototype->shape, watched_key(i), &slot)) {
      return false;
    }
    set_state(iso, REGEXP_STATE_SLOTS + i, value_from_uint32(slot.slot));
  }
  set_state(iso, REGEXP_STATE_VALIDITY, value_from_cell(validity));
  return true;
}

static bool is_laid_out(Isolate *iso, const Object *o) {
  const Value *state = iso->realm->regexp_state->items;
  if (value_from_cell(o->shape) != state[REGEXP_STATE_SHAPE]) return false;
  Object *prototype = o->shape->prototype;
  Value validity = state[REGEXP_STATE_VALIDITY];
  if (unlikely(value_is_undefined(validity) ||
               !validity_holds((ValidityCell *)value_as_cell(validity))) &&
      !refresh(iso, prototype)) {
    return false;
  }
  return true;
}

static bool holds_original(const Isolate *iso, const Object *o, uint32_t i) {
  const Value *state = iso->realm->regexp_state->items;
  uint32_t slot = (uint32_t)value_as_int(state[REGEXP_STATE_SLOTS + i]);
  return *object_slot(o->shape->prototype, slot) ==
         state[REGEXP_STATE_ORIGINALS + i];
}

bool vm_regexp_is_pristine(Isolate *iso, const Object *o, bool all) {
  if (!is_laid_out(iso, o)) return false;
  uint32_t count = all ? REGEXP_WATCHED_ALL : 1;
  for (uint32_t i = 0; i < count; i++) {
    if (!holds_original(iso, o, i)) return vm_runs_builtin_module(iso);
  }
  return true;
}

bool vm_regexp_call_original(Isolate *iso, Value regexp,
                             RegExpSymbolMethod which, uint32_t argc,
                             const Value *argv, Value *result) {
  static const NativeCode methods[] = {
      [REGEXP_MATCH_METHOD] = vm_regexp_prototype_match,
      [REGEXP_MATCH_ALL_METHOD] = vm_regexp_prototype_match_all,
      [REGEXP_REPLACE_METHOD] = vm_regexp_prototype_replace,
      [REGEXP_SEARCH_METHOD] = vm_regexp_prototype_search,
      [REGEXP_SPLIT_METHOD] = vm_regexp_prototype_split,
  };
  const Object *o = value_as_object(regexp);
  uint32_t watched = REGEXP_WATCHED_ALL + which;
  if (!is_laid_out(iso, o) ||
      (!holds_original(iso, o, watched) && !vm_runs_builtin_module(iso)))
    return false;
  NativeCall call = {
      .this_value = regexp,
      .new_target = VALUE_UNDEFINED,
      .callee = regexp_state(iso, REGEXP_STATE_ORIGINALS + watched),
      .argc = argc,
      .argv = argv,
  };
  *result = methods[which](iso, &call);
  return true;
}

// -------------------------------------------------------------- programs

bool vm_regexp_parse_flags(Isolate *iso, String *flags, uint32_t *out) {
  StringView v;
  if (!vm_string_view(iso, flags, &v)) return false;
  if (regexp_parse_flags(v.units, v.length, v.is_wide, out)) return true;
  char *text = vm_to_utf8(iso, value_from_cell(flags), NULL);
  if (text) {
    vm_throw_syntax(iso, "Invalid flags supplied to RegExp constructor '%s'",
                    text);
    free(text);
  }
  return false;
}

static void release_program(void *program) {
  regexp_release(program);
}

static void throw_compile_error(Isolate *iso, String *pattern, uint32_t flags,
                                const RegExpError *error) {
  if (error->kind == REGEXP_ERROR_OUT_OF_MEMORY) {
    if (vm_goes_on(iso)) vm_throw_out_of_memory(iso);
    return;
  }
  char *text = vm_to_utf8(iso, value_from_cell(pattern), NULL);
  if (!text) return;
  char letters[9];
  int count = 0;
  for (int i = 0; i < 8; i++) {
    if (flags & 1u << i) letters[count++] = "dgimsuvy"[i];
  }
  letters[count] = 0;
  vm_throw_syntax(iso, "Invalid regular expression: /%s/%s: %s at %zu", text,
                  letters, error->message, error->offset);
  free(text);
}

// realm->regexp_cache: triples of pattern, flags, Foreign of the program.
enum { CACHE_SIZE = 256 };

Foreign *vm_regexp_program(Isolate *iso, String *pattern, uint32_t flags) {
  ValueList **cache = &iso->realm->regexp_cache;
  if (*cache == NULL) {
    gc_store_pointer(iso->heap, cache, new_list(iso, 3 * CACHE_SIZE));
  }
  uint32_t hash = vm_string_hash(iso, pattern) + flags * 0x9e3779b1u;
  Value *entry = &(*cache)->items[3 * ((hash ^ hash >> 15) % CACHE_SIZE)];
  if (entry[1] == value_from_int((int32_t)flags) &&
      (entry[0] == value_from_cell(pattern) ||
       vm_string_equals(iso, value_as_string(entry[0]), pattern))) {
    return (Foreign *)value_as_cell(entry[2]);
  }
  StringView v;
  if (!vm_string_view(iso, pattern, &v)) return NULL;
  if (!vm_charge(iso, (size_t)v.length * 16)) return NULL;
  RegExpError error;
  WorkWatch watch = vm_work_watch(iso);
  RegExpProgram *program =
      regexp_compile(v.units, v.length, v.is_wide, flags, &watch, &error);
  if (!program) {
    throw_compile_error(iso, pattern, flags, &error);
    return NULL;
  }
  Foreign *owner = vm_foreign_new(iso, program, release_program);
  owner->external_bytes = regexp_program_bytes(program);
  gc_external_adjust(iso->heap, GC_EXTERNAL_NATIVE,
                     (int64_t)owner->external_bytes);
  gc_store_word(iso->heap, &entry[0], value_from_cell(pattern));
  gc_store_word(iso->heap, &entry[1], value_from_int((int32_t)flags));
  gc_store_word(iso->heap, &entry[2], value_from_cell(owner));
  return owner;
}

RegExpObject *vm_regexp_allocate(Isolate *iso, Object *prototype,
                                 String *source, Foreign *program) {
  Shape *shape = regexp_state_shape(iso, REGEXP_STATE_SHAPE);
  if (prototype && prototype != shape->prototype) {
    shape = vm_shape_root(iso, CELL_REGEXP, prototype, 1);
    shape = vm_shape_add(iso, shape, KEY(lastIndex), PROPERTY_WRITABLE);
  }
  RegExpObject *r = gc_allocate(iso->heap, sizeof *r, CELL_REGEXP);
  r->object.shape = shape;
  r->object.elements = iso->empty_elements;
  r->last_index = value_from_int(0);
  r->source = source;
  r->owner = program;
  r->program = program->pointer;
  r->realm = iso->realm;
  return r;
}

Object *vm_regexp_new(Isolate *iso, String *pattern, String *flags) {
  uint32_t bits;
  if (!vm_regexp_parse_flags(iso, flags, &bits)) return NULL;
  Foreign *program = vm_regexp_program(iso, pattern, bits);
  if (!program) return NULL;
  return &vm_regexp_allocate(iso, NULL, pattern, program)->object;
}

// -------------------------------------------------------------- matching

bool vm_regexp_match_init(Isolate *iso, RegExpMatch *match,
                          const RegExpProgram *program) {
  match->groups = regexp_group_count(program);
  match->captures = match->inline_captures;
  size_t count = 2 * (size_t)match->groups;
  if (count <= sizeof match->inline_captures / sizeof(int32_t)) return true;
  match->captures = malloc(count * sizeof(int32_t));
  if (match->captures) return true;
  vm_throw_out_of_memory(iso);
  return false;
}

void vm_regexp_match_free(RegExpMatch *match) {
  if (match->captures != match->inline_captures) free(match->captures);
}

static bool poll_isolate(void *iso, uint32_t steps) {
  return vm_poll(iso, steps);
}

Tri vm_regexp_search(Isolate *iso, const RegExpProgram *program, StringView v,
                     uint32_t start, RegExpMatch *match) {
  uint32_t steps = 0;
  RegExpHost host = {.poll = poll_isolate, .data = iso, .steps = &steps};
  RegExpResult result = regexp_match(program, v.units, v.length, v.is_wide,
                                     start, match->captures, &host);
  // Many short matches in one call of a method add up.
  if (unlikely(!vm_poll(iso, steps + 1))) return TRI_THREW;
  switch (result) {
  case REGEXP_NO_MATCH:
    return 0;
  case REGEXP_MATCH:
    return 1;
  case REGEXP_INTERRUPTED:
    return TRI_THREW; // by vm_poll
  case REGEXP_OUT_OF_MEMORY:
    vm_throw_out_of_memory(iso);
    return TRI_THREW;
  case REGEXP_TOO_COMPLEX:
    vm_throw_range(iso, "Regular expression too complex for this string");
    return TRI_THREW;
  }
  return 0;
}

bool vm_regexp_set_last_index(Isolate *iso, Object *o, Value index) {
  if (likely(o->shape == regexp_state_shape(iso, REGEXP_STATE_SHAPE))) {
    gc_store_word(iso->heap, &((RegExpObject *)o)->last_index, index);
    return true;
  }
  return vm_set(iso, o, KEY(lastIndex), index, true);
}

bool vm_regexp_last_index(Isolate *iso, const RegExpObject *r, double *out) {
  if (likely(value_is_int(r->last_index))) {
    int32_t i = value_as_int(r->last_index);
    *out = i < 0 ? 0 : i;
    return true;
  }
  return vm_to_length(iso, r->last_index, out);
}

Tri vm_regexp_step(Isolate *iso, RegExpObject *r, String *s, double last_index,
                   RegExpMatch *match) {
  bool uses_index = regexp_object_flags(r) & (REGEXP_GLOBAL | REGEXP_STICKY);
  if (!uses_index) last_index = 0;
  Tri matched = 0;
  StringView v;
  if (!vm_string_view(iso, s, &v)) return TRI_THREW;
  if (last_index <= v.length) {
    matched = vm_regexp_search(iso, r->program, v, (uint32_t)last_index, match);
    if (matched == TRI_THREW) return TRI_THREW;
  }
  if (matched) regexp_remember(iso, r, s, match->captures[0]);
  if (!uses_index) return matched;
  int32_t next = matched ? match->captures[1] : 0;
  if (!vm_regexp_set_last_index(iso, &r->object, value_from_int(next))) {
    return TRI_THREW;
  }
  return matched;
}

Value vm_regexp_capture(Isolate *iso, String *s, const int32_t *bounds) {
  if (bounds[0] == REGEXP_UNSET) return VALUE_UNDEFINED;
  String *part =
      vm_string_substring(iso, s, (uint32_t)bounds[0], (uint32_t)bounds[1]);
  return part ? value_from_cell(part) : VALUE_EXCEPTION;
}

// --------------------------------------------------------------- results

static String *name_string(Isolate *iso, const RegExpGroupName *name) {
  String *text = vm_string_from_utf16(iso, name->units, name->length);
  return text ? vm_string_intern(iso, text) : NULL;
}

// An object with a property for each name; value(i) is given for row i of the
// names, undefined ones lose against others of the same name.
static Value groups_object(Isolate *iso, RegExpObject *r,
                           const RegExpGroupName *names, uint32_t count,
                           const Value *by_group) {
  if (!r->groups_shape && count <= 16) {
    // No duplicates: the rows are the slots.
    Shape *shape = vm_shape_root(iso, CELL_OBJECT, NULL, (uint16_t)count);
    uint32_t added = 0;
    for (; added < count; added++) {
      String *name = name_string(iso, &names[added]);
      if (!name) return VALUE_EXCEPTION;
      PropertySlot slot;
      PropertyKey key = key_from_atom(name);
      if (vm_shape_lookup(iso, shape, key, &slot)) break;
      shape = vm_shape_add(iso, shape, key, PROPERTY_DEFAULT);
    }
    if (added == count) gc_store_pointer(iso->heap, &r->groups_shape, shape);
  }
  if (r->groups_shape) {
    Object *groups = vm_object_from_shape(iso, r->groups_shape);
    for (uint32_t i = 0; i < count; i++) {
      *object_slot(groups, i) = by_group[names[i].group];
    }
    return value_from_cell(groups);
  }
  Object *groups = vm_object_new_with(iso, NULL);
  for (uint32_t i = 0; i < count; i++) {
    String *name = name_string(iso, &names[i]);
    if (!name) return VALUE_EXCEPTION;
    PropertyKey key = key_from_atom(name);
    Value v = by_group[names[i].group];
    if (value_is_undefined(v)) {
      Tri has = vm_has_own(iso, groups, key);
      if (has == TRI_THREW) return VALUE_EXCEPTION;
      if (has) continue;
    }
    if (vm_create_data(iso, groups, key, v) == TRI_THREW) {
      return VALUE_EXCEPTION;
    }
  }
  return value_from_cell(groups);
}

static Value groups_of_values(Isolate *iso, RegExpObject *r,
                              const Value *by_group) {
  uint32_t count;
  const RegExpGroupName *names = regexp_group_names(r->program, &count);
  if (!count) return VALUE_UNDEFINED;
  return groups_object(iso, r, names, count, by_group);
}

// The values of all groups as the elements of a new array.
static Array *captures_array(Isolate *iso, String *s,
                             const RegExpMatch *match) {
  enum { MANY = 16 };
  if (match->groups <= MANY) {
    Value values[MANY];
    for (uint32_t i = 0; i < match->groups; i++) {
      values[i] = vm_regexp_capture(iso, s, match->captures + 2 * i);
      if (value_is_exception(values[i])) return NULL;
    }
    return vm_array_from(iso, values, match->groups);
  }
  Array *array = vm_array_new(iso, match->groups);
  for (uint32_t i = 0; i < match->groups; i++) {
    Value v = vm_regexp_capture(iso, s, match->captures + 2 * i);
    if (value_is_exception(v) || !vm_array_push(iso, array, v)) return NULL;
  }
  return array;
}

Value vm_regexp_groups(Isolate *iso, RegExpObject *r, String *s,
                       const RegExpMatch *match) {
  uint32_t count;
  regexp_group_names(r->program, &count);
  if (!count) return VALUE_UNDEFINED;
  Array *values = captures_array(iso, s, match);
  if (!values) return VALUE_EXCEPTION;
  return groups_of_values(iso, r, values->object.elements->values);
}

// ECMA-262 22.2.7.8 MakeMatchIndicesIndexPairArray
static Value indices_array(Isolate *iso, RegExpObject *r,
                           const RegExpMatch *match) {
  Array *array = vm_array_new(iso, match->groups);
  for (uint32_t i = 0; i < match->groups; i++) {
    const int32_t *bounds = match->captures + 2 * i;
    Value pair = VALUE_UNDEFINED;
    if (bounds[0] != REGEXP_UNSET) {
      Value values[] = {value_from_int(bounds[0]), value_from_int(bounds[1])};
      Array *pair_array = vm_array_from(iso, values, 2);
      if (!pair_array) return VALUE_EXCEPTION;
      pair = value_from_cell(pair_array);
    }
    if (!vm_array_push(iso, array, pair)) return VALUE_EXCEPTION;
  }
  Value groups = groups_of_values(iso, r, array->object.elements->values);
  if (value_is_exception(groups)) return groups;
  vm_put(iso, &array->object, KEY(groups), groups, PROPERTY_DEFAULT);
  return value_from_cell(array);
}

static Value result_of(Isolate *iso, RegExpObject *r, String *s,
                       const RegExpMatch *match) {
  Array *array = captures_array(iso, s, match);
  if (!array) return VALUE_EXCEPTION;
  bool has_indices = regexp_object_flags(r) & REGEXP_HAS_INDICES;
  Value groups = groups_of_values(iso, r, array->object.elements->values);
  if (value_is_exception(groups)) return groups;
  Value indices = VALUE_UNDEFINED;
  if (has_indices) {
    indices = indices_array(iso, r, match);
    if (value_is_exception(indices)) return indices;
  }
  uint32_t capacity = vm_slots_capacity(has_indices ? 4 : 3);
  Slots *slots = gc_allocate(
      iso->heap, sizeof(Slots) + capacity * sizeof(Value), CELL_SLOTS);
  slots->cell.extra = capacity;
  slots->values[0] = value_from_int(match->captures[0]);
  slots->values[1] = value_from_cell(s);
  slots->values[2] = groups;
  if (has_indices) slots->values[3] = indices;
  // The storage first: a shape promises its slots.
  gc_store_pointer(iso->heap, &array->object.slots, slots);
  gc_store_pointer(iso->heap, &array->object.shape,
                   regexp_state_shape(iso, has_indices
                                               ? REGEXP_STATE_INDICES_SHAPE
                                               : REGEXP_STATE_RESULT_SHAPE));
  return value_from_cell(array);
}

Value vm_regexp_builtin_exec(Isolate *iso, RegExpObject *r, String *s) {
  double last_index;
  if (!vm_regexp_last_index(iso, r, &last_index)) return VALUE_EXCEPTION;
  RegExpMatch match;
  if (!vm_regexp_match_init(iso, &match, r->program)) return VALUE_EXCEPTION;
  Tri matched = vm_regexp_step(iso, r, s, last_index, &match);
  Value result = matched == TRI_THREW ? VALUE_EXCEPTION
                 : matched            ? result_of(iso, r, s, &match)
                                      : VALUE_NULL;
  vm_regexp_match_free(&match);
  return result;
}

Value vm_regexp_exec(Isolate *iso, Object *o, String *s) {
  if (vm_regexp_is_pristine(iso, o, false)) {
    return vm_regexp_builtin_exec(iso, (RegExpObject *)o, s);
  }
  Value exec = vm_get(iso, o, KEY(exec));
  if (value_is_exception(exec)) return exec;
  if (value_is_callable(exec)) {
    Value argument = value_from_cell(s);
    Value result = vm_call(iso, exec, value_from_cell(o), 1, &argument);
    if (value_is_exception(result) || value_is_object(result) ||
        value_is_null(result)) {
      return result;
    }
    return vm_throw_type(iso,
                         "object null is not a function or its return value "
                         "is not an object or null");
  }
  if (object_kind(o) != CELL_REGEXP) {
    return vm_throw_type_value(
        iso, "RegExp.prototype.exec called on incompatible receiver %s",
        value_from_cell(o));
  }
  return vm_regexp_builtin_exec(iso, (RegExpObject *)o, s);
}

uint32_t vm_regexp_advance(StringView v, uint32_t index, bool unicode) {
  if (unicode && v.is_wide && index + 1 < v.length &&
      (string_view_at(v, index) & 0xfc00) == 0xd800 &&
      (string_view_at(v, index + 1) & 0xfc00) == 0xdc00) {
    return index + 2;
  }
  return index + 1;
}

Value vm_regexp_advance_value(Isolate *iso, String *s, Value index,
                              bool unicode) {
  double at;
  if (!vm_to_length(iso, index, &at)) return VALUE_EXCEPTION;
  StringView v;
  if (!vm_string_view(iso, s, &v)) return VALUE_EXCEPTION;
  if (at >= v.length) return value_from_number(at + 1);
  return value_from_uint32(vm_regexp_advance(v, (uint32_t)at, unicode));
}

Object *vm_regexp_receiver(Isolate *iso, const NativeCall *call,
                           const char *method) {
  if (likely(value_is_object(call->this_value))) {
    return value_as_object(call->this_value);
  }
  char text[64];
  vm_describe(iso, call->this_value, text, sizeof text);
  vm_throw_type(iso,
                "Method RegExp.prototype.%s called on incompatible receiver %s",
                method, text);
  return NULL;
}

// ECMA-262 22.2.6.2
Value vm_regexp_prototype_exec(Isolate *iso, const NativeCall *call) {
  if (!value_is_kind(call->this_value, CELL_REGEXP)) {
    return vm_throw_type_value(
        iso, "Method RegExp.prototype.exec called on incompatible receiver %s",
        call->this_value);
  }
  String *s = vm_to_string(iso, native_argument(call, 0));
  if (!s) return VALUE_EXCEPTION;
  return vm_regexp_builtin_exec(
      iso, (RegExpObject *)value_as_cell(call->this_value), s);
}

// ECMA-262 22.2.6.16
Value vm_regexp_prototype_test(Isolate *iso, const NativeCall *call) {
  Object *o = vm_regexp_receiver(iso, call, "test");
  if (!o) return VALUE_EXCEPTION;
  String *s = vm_to_string(iso, native_argument(call, 0));
  if (!s) return VALUE_EXCEPTION;
  RegExpObject *r = (RegExpObject *)o;
  if (vm_regexp_is_pristine(iso, o, false)) {
    double last_index;
    if (!vm_regexp_last_index(iso, r, &last_index)) return VALUE_EXCEPTION;
    RegExpMatch match;
    if (!vm_regexp_match_init(iso, &match, r->program)) return VALUE_EXCEPTION;
    Tri matched = vm_regexp_step(iso, r, s, last_index, &match);
    vm_regexp_match_free(&match);
    return matched == TRI_THREW ? VALUE_EXCEPTION : value_from_bool(matched);
  }
  Value result = vm_regexp_exec(iso, o, s);
  if (value_is_exception(result)) return result;
  return value_from_bool(!value_is_null(result));
}
