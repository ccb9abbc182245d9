// SPDX-License-Identifier: MIT
// Names and plain values: atoms of parsed names, constants into registers. An
// atom is looked up once per name of a parse.
#include "vm/bytecode/emitter.h"

#include <stdio.h>

static void out_of_memory(CompileUnit *unit) {
  unit->failed = true;
  unit->status = BUILD_OUT_OF_MEMORY;
}

String *bytecode_atom(CompileUnit *unit, Name *name) {
  if (name->atom) return (String *)name->atom;
  String *atom = name->wide ? vm_atom_from_utf16(name->units, name->length)
                            : vm_atom_from_latin1(name->units, name->length);
  if (!atom) {
    out_of_memory(unit);
    return ATOM(empty);
  }
  name->atom = (uintptr_t)atom;
  return atom;
}

String *bytecode_c_atom(CompileUnit *unit, const char *text) {
  String *atom = vm_atom_from_c(text);
  if (atom) return atom;
  out_of_memory(unit);
  return ATOM(empty);
}

static PropertyKey key_of_atom(const String *atom) {
  return atom->index != STRING_NOT_INDEX ? key_from_index(atom->index)
                                         : key_from_atom(atom);
}

PropertyKey bytecode_property_key(CompileUnit *unit, Name *name) {
  return key_of_atom(bytecode_atom(unit, name));
}

uint32_t bytecode_atom_key(FunctionState *f, String *atom) {
  return bytecode_key(B(f), key_of_atom(atom));
}

uint32_t bytecode_name_key(FunctionState *f, Name *name) {
  return bytecode_atom_key(f, bytecode_atom(f->unit, name));
}

void bytecode_load_value(FunctionState *f, Value value, Register dst) {
  if (value_is_int(value)) {
    bytecode_emit_imm(B(f), OP_LOAD_INT, dst, value_as_int(value));
  } else if (value_is_number(value) || value_is_cell(value)) {
    bytecode_emit_imm(B(f), OP_LOAD_CONSTANT, dst,
                      (int32_t)bytecode_constant(B(f), value));
  } else {
    bytecode_emit_imm(B(f), OP_LOAD_SPECIAL, dst, (int32_t)value);
  }
}

void bytecode_load_string(FunctionState *f, Name *name, Register dst) {
  bytecode_load_value(f, value_from_cell(bytecode_atom(f->unit, name)), dst);
}

String *bytecode_key_name(CompileUnit *unit, PropertyKey key) {
  if (!key_is_index(key)) return value_as_string(key);
  char digits[12];
  snprintf(digits, sizeof digits, "%u", key_as_index(key));
  return bytecode_c_atom(unit, digits);
}

void bytecode_load_key(FunctionState *f, PropertyKey key, Register dst) {
  if (key_is_index(key)) {
    bytecode_load_value(f, value_from_uint32(key_as_index(key)), dst);
  } else {
    bytecode_load_value(f, key, dst);
  }
}

String *bytecode_prefixed(CompileUnit *unit, const char *prefix, String *name) {
  size_t length = strlen(prefix);
  size_t total = length + string_length(name);
  String *atom;
  if (name->cell.flags & STRING_WIDE) {
    uint16_t *units = bytecode_arena(unit, total * 2);
    if (!units) return ATOM(empty);
    for (size_t i = 0; i < length; i++)
      units[i] = (uint8_t)prefix[i];
    memcpy(units + length, name->utf16, (total - length) * 2);
    atom = vm_atom_from_utf16(units, total);
  } else {
    uint8_t *units = bytecode_arena(unit, total + 1);
    if (!units) return ATOM(empty);
    memcpy(units, prefix, length);
    memcpy(units + length, name->latin1, total - length);
    atom = vm_atom_from_latin1(units, total);
  }
  if (atom) return atom;
  out_of_memory(unit);
  return ATOM(empty);
}

void bytecode_throw_error(FunctionState *f, unsigned error_type,
                          const char *message) {
  bytecode_emit(B(f), OP_THROW_ERROR, error_type,
                bytecode_atom_key(f, bytecode_c_atom(f->unit, message)), 0);
}
