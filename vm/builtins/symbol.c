// SPDX-License-Identifier: MIT
// Symbol, ECMA-262 20.4.
#include "vm/builtins/builtins.h"
#include "vm/objects/operations.h"

// ECMA-262 20.4.1.1
static Value symbol_constructor(Isolate *iso, const NativeCall *call) {
  if (!value_is_undefined(call->new_target))
    return vm_throw_type(iso, "Symbol is not a constructor");
  String *description = NULL;
  if (!value_is_undefined(native_argument(call, 0))) {
    description = vm_to_string(iso, call->argv[0]);
    if (!description) return VALUE_EXCEPTION;
  }
  return value_from_cell(vm_symbol_new(iso, description, 0));
}

// ECMA-262 20.4.2.2
static Value symbol_for(Isolate *iso, const NativeCall *call) {
  String *key = vm_to_string(iso, native_argument(call, 0));
  Symbol *symbol = key ? vm_symbol_for(iso, key) : NULL;
  return symbol ? value_from_cell(symbol) : VALUE_EXCEPTION;
}

// ECMA-262 20.4.2.6
static Value symbol_key_for(Isolate *iso, const NativeCall *call) {
  Value v = native_argument(call, 0);
  if (!value_is_symbol(v))
    return vm_throw_type_value(iso, "%s is not a symbol", v);
  const Symbol *symbol = value_as_symbol(v);
  return symbol->cell.flags & SYMBOL_REGISTERED
             ? value_from_cell(symbol->description)
             : VALUE_UNDEFINED;
}

// ECMA-262 20.4.3.4.1 ThisSymbolValue; NULL: threw
static Symbol *this_symbol(Isolate *iso, const NativeCall *call,
                           const char *method) {
  Value v = call->this_value;
  if (value_is_kind(v, CELL_SYMBOL_OBJECT))
    v = ((PrimitiveObject *)value_as_object(v))->value;
  if (value_is_symbol(v)) return value_as_symbol(v);
  vm_throw_type(iso, "%s requires that 'this' be a Symbol", method);
  return NULL;
}

// ECMA-262 20.4.3.3
static Value symbol_to_string(Isolate *iso, const NativeCall *call) {
  Symbol *symbol = this_symbol(iso, call, "Symbol.prototype.toString");
  String *s = symbol ? vm_symbol_descriptive_string(iso, symbol) : NULL;
  return s ? value_from_cell(s) : VALUE_EXCEPTION;
}

// ECMA-262 20.4.3.4, 20.4.3.5
static Value symbol_value_of(Isolate *iso, const NativeCall *call) {
  Symbol *symbol =
      this_symbol(iso, call,
                  native_magic(call) ? "Symbol.prototype [ @@toPrimitive ]"
                                     : "Symbol.prototype.valueOf");
  return symbol ? value_from_cell(symbol) : VALUE_EXCEPTION;
}

// ECMA-262 20.4.3.2
static Value symbol_description(Isolate *iso, const NativeCall *call) {
  Symbol *symbol = this_symbol(iso, call, "Symbol.prototype.description");
  if (!symbol) return VALUE_EXCEPTION;
  return symbol->description ? value_from_cell(symbol->description)
                             : VALUE_UNDEFINED;
}

static const Builtin symbol_static[] = {
    BUILTIN("for", symbol_for, 1),
    BUILTIN("keyFor", symbol_key_for, 1),
};

static const Builtin symbol_prototype[] = {
    BUILTIN("toString", symbol_to_string, 0),
    BUILTIN_MAGIC("valueOf", symbol_value_of, 0, 0),
    BUILTIN_GET("description", symbol_description),
    {"@@toPrimitive", BUILTIN_FUNCTION, PROPERTY_CONFIGURABLE, 1, 1,
     symbol_value_of, NULL, 0, NULL},
    BUILTIN_TAG("Symbol"),
};

void vm_init_symbol(Isolate *iso, Realm *realm) {
  Object *prototype =
      vm_object_new_with(iso, realm->intrinsics[INTRINSIC_ObjectPrototype]);
  vm_realm_set_intrinsic(realm, INTRINSIC_SymbolPrototype, prototype);
  NativeFunction *constructor = vm_define_constructor(
      iso, "Symbol", symbol_constructor, 0, prototype, NULL);
  vm_realm_set_intrinsic(realm, INTRINSIC_Symbol, &constructor->object);
  VM_DEFINE_BUILTINS(iso, &constructor->object, symbol_static);
  VM_DEFINE_BUILTINS(iso, prototype, symbol_prototype);
  for (int i = 0; i < WELL_KNOWN_SYMBOL_COUNT; i++) {
    Symbol *symbol = vm_well_known_symbols[i];
    // The description is "Symbol.name".
    enum { PREFIX = sizeof "Symbol." - 1 };
    const String *full = symbol->description;
    String *name = vm_atom_from_latin1(full->latin1 + PREFIX,
                                       string_length(full) - PREFIX);
    if (name)
      vm_define_value(iso, &constructor->object, key_from_atom(name),
                      value_from_cell(symbol), 0);
  }
}
