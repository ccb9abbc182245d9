// SPDX-License-Identifier: MIT
// Native functions, and the tables that builtins are declared in.
#include "vm/interpreter/run.h"
#include "vm/objects/deferred_members.h"
#include "vm/objects/operations.h"
#include "vm/objects/shape_internal.h"

NativeFunction *vm_native_new(Isolate *iso, NativeCode code, String *name,
                              uint16_t length, uint32_t slot_count,
                              bool is_constructor) {
  NativeFunction *f = gc_allocate(
      iso->heap, sizeof(NativeFunction) + slot_count * sizeof(Value),
      CELL_NATIVE_FUNCTION);
  f->object.cell.flags =
      OBJECT_CALLABLE | (is_constructor ? OBJECT_CONSTRUCTOR : 0);
  f->object.shape = iso->realm->function_shapes[FLAVOUR_NATIVE];
  f->object.elements = iso->empty_elements;
  f->code = code;
  f->realm = iso->realm;
  f->length = length;
  f->name = name;
  for (uint32_t i = 0; i < slot_count; i++)
    f->slots[i] = VALUE_UNDEFINED;
  f->slot_count = slot_count;
  return f;
}

static const char *const symbol_names[WELL_KNOWN_SYMBOL_COUNT] = {
    [SYMBOL_asyncIterator] = "asyncIterator",
    [SYMBOL_hasInstance] = "hasInstance",
    [SYMBOL_isConcatSpreadable] = "isConcatSpreadable",
    [SYMBOL_iterator] = "iterator",
    [SYMBOL_match] = "match",
    [SYMBOL_matchAll] = "matchAll",
    [SYMBOL_replace] = "replace",
    [SYMBOL_search] = "search",
    [SYMBOL_species] = "species",
    [SYMBOL_split] = "split",
    [SYMBOL_toPrimitive] = "toPrimitive",
    [SYMBOL_toStringTag] = "toStringTag",
    [SYMBOL_unscopables] = "unscopables",
    [SYMBOL_dispose] = "dispose",
    [SYMBOL_asyncDispose] = "asyncDispose",
};

Symbol *vm_well_known_symbol(const char *name) {
  if (name[0] != '@' || name[1] != '@') return NULL;
  for (uint32_t i = 0; i < WELL_KNOWN_SYMBOL_COUNT; i++) {
    if (strcmp(symbol_names[i], name + 2) == 0) return vm_well_known_symbols[i];
  }
  return NULL;
}

static PropertyKey key_of_name(const char *name) {
  const Symbol *symbol = vm_well_known_symbol(name);
  return symbol != NULL ? key_from_symbol(symbol) : vm_key_from_c(name);
}

static char *append(char *at, const char *end, const char *text) {
  while (*text != 0 && at < end)
    *at++ = *text++;
  return at;
}

// The "name" property of a builtin under a key: "x", "[Symbol.iterator]",
// "get x". Not by snprintf, which a start would be the only one to use.
static String *function_name(const char *name, const char *prefix) {
  bool is_symbol = name[0] == '@' && name[1] == '@';
  if (!is_symbol && prefix[0] == 0) return vm_atom_from_c(name);
  char text[96];
  const char *end = text + sizeof text - 1;
  char *at = append(text, end, prefix);
  if (is_symbol) at = append(at, end, "[Symbol.");
  at = append(at, end, is_symbol ? name + 2 : name);
  if (is_symbol) at = append(at, end, "]");
  *at = 0;
  return vm_atom_from_c(text);
}

static Value native_of_row(Isolate *iso, const Builtin *row, NativeCode code,
                           const char *prefix, uint16_t length) {
  if (code == NULL) return VALUE_UNDEFINED;
  NativeFunction *f = vm_native_new(iso, code, function_name(row->name, prefix),
                                    length, 0, false);
  f->magic = row->magic;
  if (row->kind == BUILTIN_LOOP_FUNCTION) {
    f->object.cell.flags |= NATIVE_RUNS_IN_LOOP;
  }
  return value_from_cell(f);
}

// In place of a self-hosted function for which there was no memory: makes it
// when it is called. Slots: the row's address as a number, the function.
static Value call_self_hosted_late(Isolate *iso, const NativeCall *call) {
  Value made = native_slot(call, 1);
  if (value_is_undefined(made)) {
    const Builtin *row =
        (const Builtin *)(uintptr_t)value_as_double(native_slot(call, 0));
    NativeFunction *self = (NativeFunction *)value_as_cell(call->callee);
    Function *f =
        vm_self_hosted_function(iso, row->text, self->name, row->length);
    if (f == NULL) return VALUE_EXCEPTION;
    made = value_from_cell(f);
    gc_store_word(iso->heap, &self->slots[1], made);
  }
  return vm_call(iso, made, call->this_value, call->argc, call->argv);
}

static Value value_of_row(Isolate *iso, Object *o, const Builtin *row) {
  switch (row->kind) {
  case BUILTIN_NUMBER:
    return value_from_number(row->number);
  case BUILTIN_STRING:
    return value_from_cell(vm_atom_from_c(row->text));
  case BUILTIN_ALIAS: {
    PropertySlot p;
    bool found = vm_shape_lookup(iso, o->shape, key_of_name(row->text), &p);
    return found ? *object_slot(o, p.slot) : VALUE_UNDEFINED;
  }
  case BUILTIN_SELF_HOSTED: {
    String *name = function_name(row->name, "");
    Function *f = vm_self_hosted_function(iso, row->text, name, row->length);
    if (f != NULL) return value_from_cell(f);
    vm_forget_exception(iso);
    NativeFunction *late =
        vm_native_new(iso, call_self_hosted_late, name, row->length, 2, false);
    late->slots[0] = value_from_double((double)(uintptr_t)row);
    return value_from_cell(late);
  }
  default:
    return native_of_row(iso, row, row->code, "", row->length);
  }
}

void vm_define_builtins(Isolate *iso, Object *o, const Builtin *rows,
                        uint32_t count) {
  if (!vm_defer_builtins(iso, o, rows, count)) {
    vm_make_builtins(iso, o, rows, count);
  }
}

void vm_define_value(Isolate *iso, Object *o, PropertyKey key, Value value,
                     uint8_t attributes) {
  if (!vm_defer_property(iso, o, key, value, attributes)) {
    vm_put(iso, o, key, value, attributes);
  }
}

void vm_define_action(Isolate *iso, Object *o,
                      void (*action)(Isolate *, Object *)) {
  if (!vm_defer_action(iso, o, action)) action(iso, o);
}

void vm_make_builtins(Isolate *iso, Object *o, const Builtin *rows,
                      uint32_t count) {
  vm_object_materialize(iso, o);
  // One of a kind: a dictionary spares the transitions.
  if (count > 4) vm_object_make_unique(iso, o);
  if (o->shape->cell.flags & SHAPE_UNIQUE) {
    vm_object_reserve_properties(iso, o, count);
  }
  for (uint32_t i = 0; i < count; i++) {
    const Builtin *row = &rows[i];
    PropertyKey key = key_of_name(row->name);
    if (row->kind == BUILTIN_GETTER || row->kind == BUILTIN_ACCESSOR) {
      Value getter = native_of_row(iso, row, row->code, "get ", 0);
      Value setter = native_of_row(iso, row, row->setter, "set ", 1);
      vm_put_accessor(iso, o, key, getter, setter, row->attributes);
    } else {
      vm_put(iso, o, key, value_of_row(iso, o, row), row->attributes);
    }
  }
}

NativeFunction *vm_define_constructor(Isolate *iso, const char *name,
                                      NativeCode code, uint16_t length,
                                      Object *prototype,
                                      Object *parent_constructor) {
  bool is_global = name[0] != '%';
  String *atom = vm_atom_from_c(is_global ? name : name + 1);
  NativeFunction *f = vm_native_new(iso, code, atom, length, 0, true);
  Object *o = &f->object;
  if (parent_constructor != NULL) {
    vm_object_reshape(iso, o, parent_constructor, 0, 0);
  }
  if (prototype != NULL) {
    vm_define_value(iso, o, KEY(prototype), value_from_cell(prototype), 0);
    vm_define_value(iso, prototype, KEY(constructor), value_from_cell(f),
                    PROPERTY_HIDDEN);
  }
  if (is_global) {
    vm_put(iso, iso->realm->global, key_from_atom(atom), value_from_cell(f),
           PROPERTY_HIDDEN);
  }
  return f;
}
