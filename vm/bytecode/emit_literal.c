// SPDX-License-Identifier: MIT
// Object, array, template and regular expression literals. A literal whose keys
// are known is made with all its values at once.
#include "vm/bytecode/emitter.h"

#include "vm/objects/gmp_call.h"
#include "vm/objects/number_text.h"

#include <gmp.h>

// At most so many values wait in registers before they are stored.
enum { MAX_WAITING = 64 };

// Keys ------------------------------------------------------------------------

// mpz_set_str knows 0x and 0b, and reads no other leading 0 here: the lexer
// allows only 0 itself.
static void set_number(mpz_t number, const char *text) {
  if (text[0] == '0' && (text[1] | 32) == 'o') {
    mpz_set_str(number, text + 2, 8);
  } else {
    mpz_set_str(number, text, 0);
  }
}

// Digits of a BIGINT node as text GMP reads. NULL: failed.
static char *bigint_text(CompileUnit *unit, const Name *digits) {
  char *text = bytecode_arena(unit, digits->length + 1);
  if (text) memcpy(text, digits->units, digits->length);
  return text;
}

static void out_of_memory(CompileUnit *unit) {
  unit->failed = true;
  unit->status = BUILD_OUT_OF_MEMORY;
}

static String *bigint_decimal(CompileUnit *unit, const Name *digits) {
  char *text = bigint_text(unit, digits);
  if (!text) return ATOM(empty);
  GmpCall call;
  if (!vm_gmp_begins(&call)) {
    out_of_memory(unit);
    return ATOM(empty);
  }
  mpz_t number;
  mpz_init(number);
  set_number(number, text);
  size_t size = mpz_sizeinbase(number, 10) + 2;
  char *decimal = bytecode_arena(unit, size);
  if (decimal) mpz_get_str(decimal, 10, number);
  mpz_clear(number);
  vm_gmp_end(&call);
  return decimal ? bytecode_c_atom(unit, decimal) : ATOM(empty);
}

BigInt *bytecode_bigint(CompileUnit *unit, const Name *digits) {
  char *text = bigint_text(unit, digits);
  if (!text) return NULL;
  GmpCall call;
  if (!vm_gmp_begins(&call)) {
    out_of_memory(unit);
    return NULL;
  }
  mpz_t number;
  mpz_init(number);
  set_number(number, text);
  size_t limbs = mpz_size(number);
  BigInt *result = gc_allocate_shared(
      sizeof *result + limbs * sizeof result->limbs[0], CELL_BIGINT);
  if (result) {
    result->cell.extra = (uint32_t)limbs;
    mpz_export(result->limbs, NULL, -1, sizeof result->limbs[0], 0, 0, number);
  } else {
    out_of_memory(unit);
  }
  mpz_clear(number);
  vm_gmp_end(&call);
  return result;
}

PropertyKey bytecode_literal_key(CompileUnit *unit, const AstNode *node) {
  String *atom;
  switch ((AstType)node->type) {
  case AST_NUMBER: {
    double value = ((const AstNumber *)node)->value;
    if (value >= 0 && value < 4294967295.0 && value == (uint32_t)value) {
      return key_from_index((uint32_t)value);
    }
    char text[NUMBER_TEXT_SIZE];
    size_t length = vm_number_to_text(value, text);
    atom = vm_atom_from_latin1((const uint8_t *)text, length);
    if (!atom) atom = ATOM(empty);
    return key_from_atom(atom);
  }
  case AST_BIGINT:
    atom = bigint_decimal(unit, ((const AstString *)node)->value);
    if (atom->index != STRING_NOT_INDEX) return key_from_index(atom->index);
    return key_from_atom(atom);
  default:
    return bytecode_property_key(unit, ((const AstString *)node)->value);
  }
}

// Arrays ----------------------------------------------------------------------

static bool constant_element(FunctionState *f, const AstNode *node,
                             Value *value) {
  if (!node) {
    *value = VALUE_EMPTY;
    return true;
  }
  if (node->type == AST_STRING) {
    *value = value_from_cell(
        bytecode_atom(f->unit, ((const AstString *)node)->value));
    return true;
  }
  return bytecode_constant_of(node, value);
}

static bool constant_array(FunctionState *f, const AstList *list,
                           Register dst) {
  Value value;
  if (list->count < 2) return false;
  for (uint32_t i = 0; i < list->count; i++) {
    if (!constant_element(f, list->items[i], &value)) return false;
  }
  Value *values = bytecode_arena(f->unit, list->count * sizeof *values);
  if (!values) return true;
  for (uint32_t i = 0; i < list->count; i++)
    constant_element(f, list->items[i], &values[i]);
  Record record = {.kind = RECORD_VALUE_LIST};
  record.value_list.count = list->count;
  record.value_list.values = values;
  bytecode_emit(B(f), OP_NEW_ARRAY_CONSTANT, dst, bytecode_record(B(f), record),
                0);
  return true;
}

// A long list without spread: its constants are copied at once, the other
// values put in their places one by one.
static bool long_array(FunctionState *f, const AstList *list, Register dst) {
  if (list->count <= MAX_WAITING) return false;
  for (uint32_t i = 0; i < list->count; i++) {
    if (list->items[i] && list->items[i]->type == AST_SPREAD) return false;
  }
  Value *values = bytecode_arena(f->unit, list->count * sizeof *values);
  if (!values) return true;
  for (uint32_t i = 0; i < list->count; i++) {
    if (!constant_element(f, list->items[i], &values[i])) {
      values[i] = VALUE_UNDEFINED;
    }
  }
  Record record = {.kind = RECORD_VALUE_LIST};
  record.value_list.count = list->count;
  record.value_list.values = values;
  uint32_t mark = mark_of(f);
  Register array = temp(f), index = temp(f);
  bytecode_emit(B(f), OP_NEW_ARRAY_CONSTANT, array,
                bytecode_record(B(f), record), 0);
  for (uint32_t i = 0; i < list->count; i++) {
    Value value;
    if (constant_element(f, list->items[i], &value)) continue;
    uint32_t inner = mark_of(f);
    Register r = bytecode_operand(f, list->items[i]);
    bytecode_load_value(f, value_from_int((int32_t)i), index);
    bytecode_emit(B(f), OP_INIT_ELEMENT, array, index, r);
    release(f, inner);
  }
  bytecode_move(B(f), dst, array);
  release(f, mark);
  return true;
}

void bytecode_array_of(FunctionState *f, const AstList *list, Register dst) {
  if (constant_array(f, list, dst) || long_array(f, list, dst)) return;
  uint32_t mark = mark_of(f);
  uint32_t first = 0;
  while (first < list->count && first < MAX_WAITING &&
         !(list->items[first] && list->items[first]->type == AST_SPREAD)) {
    first++;
  }
  Register values = first ? bytecode_temps(B(f), first) : dst;
  for (uint32_t i = 0; i < first; i++) {
    Register place = (Register)(values + i);
    if (list->items[i]) {
      bytecode_expression(f, list->items[i], place);
    } else {
      bytecode_load_value(f, VALUE_EMPTY, place);
    }
  }
  bool is_all = first == list->count;
  Register array = is_all ? dst : temp(f);
  bytecode_emit(B(f), OP_NEW_ARRAY, array, values, first);
  for (uint32_t i = first; i < list->count; i++) {
    uint32_t inner = mark_of(f);
    AstNode *item = list->items[i];
    if (!item) {
      Register hole = temp(f);
      bytecode_load_value(f, VALUE_EMPTY, hole);
      bytecode_emit(B(f), OP_ARRAY_PUSH, array, hole, 0);
    } else if (item->type == AST_SPREAD) {
      Register iterable = bytecode_operand(f, ((AstUnary *)item)->operand);
      bytecode_at(B(f), item->start);
      bytecode_emit(B(f), OP_ARRAY_SPREAD, array, iterable, 0);
    } else {
      Register value = bytecode_operand(f, item);
      bytecode_emit(B(f), OP_ARRAY_PUSH, array, value, 0);
    }
    release(f, inner);
  }
  bytecode_move(B(f), dst, array);
  release(f, mark);
}

void bytecode_array(FunctionState *f, AstListNode *node, Register dst) {
  bytecode_at(B(f), node->base.start);
  bytecode_array_of(f, &node->list, dst);
}

// Objects ---------------------------------------------------------------------

// A property with a constant name and a value that does not need the object.
static bool is_plain(const AstNode *node) {
  if (node->type != AST_PROPERTY || (node->flags & AST_COMPUTED)) return false;
  switch (node->op) {
  case AST_PROPERTY_VALUE:
  case AST_PROPERTY_SHORTHAND:
    return true;
  case AST_PROPERTY_METHOD: {
    const AstFunction *function =
        (const AstFunction *)((const AstProperty *)node)->value;
    return !function->needs_home_object;
  }
  default:
    return false;
  }
}

// How many properties from the first on a key list can hold.
static uint32_t plain_run(FunctionState *f, const AstList *list,
                          PropertyKey keys[MAX_WAITING]) {
  uint32_t count = 0;
  while (count < list->count && count < MAX_WAITING) {
    const AstNode *node = list->items[count];
    if (!is_plain(node)) break;
    PropertyKey key =
        bytecode_literal_key(f->unit, ((const AstProperty *)node)->key);
    if (key_is_index(key)) break;
    for (uint32_t i = 0; i < count; i++) {
      if (keys[i] == key) return count;
    }
    keys[count++] = key;
  }
  return count;
}

static void plain_value(FunctionState *f, AstProperty *node, PropertyKey key,
                        Register dst) {
  String *name = ATOM(empty);
  if (node->base.op == AST_PROPERTY_METHOD ||
      ast_is_anonymous_function(node->value)) {
    name = bytecode_key_name(f->unit, key);
  }
  if (node->base.op == AST_PROPERTY_METHOD) {
    bytecode_closure(f, (AstFunction *)node->value, name, dst);
  } else {
    bytecode_named_expression(f, node->value, name, dst);
  }
}

static bool literal_of_run(FunctionState *f, const AstList *list,
                           const PropertyKey *keys, uint32_t count,
                           Register dst) {
  PropertyKey *copy = bytecode_arena(f->unit, count * sizeof *copy);
  if (!copy) return false;
  memcpy(copy, keys, count * sizeof *copy);
  Record record = {.kind = RECORD_KEY_LIST};
  record.key_list.count = count;
  record.key_list.keys = copy;
  uint32_t index = bytecode_record(B(f), record);
  uint32_t cache = bytecode_cache(B(f), CACHE_LITERAL, index);
  if (cache == UINT32_MAX) return false;
  uint32_t mark = mark_of(f);
  Register values = bytecode_temps(B(f), count);
  for (uint32_t i = 0; i < count; i++) {
    plain_value(f, (AstProperty *)list->items[i], keys[i],
                (Register)(values + i));
  }
  bytecode_emit(B(f), OP_NEW_OBJECT_LITERAL, dst, values, cache);
  release(f, mark);
  return true;
}

static void define_constant(FunctionState *f, AstProperty *node,
                            Register object) {
  PropertyKey key = bytecode_literal_key(f->unit, node->key);
  String *name = bytecode_key_name(f->unit, key);
  bool is_getter = node->base.op == AST_PROPERTY_GETTER;
  if (is_getter || node->base.op == AST_PROPERTY_SETTER) {
    Register function = temp(f), key_register = temp(f);
    bytecode_method(
        f, (AstFunction *)node->value,
        bytecode_prefixed(f->unit, is_getter ? "get " : "set ", name), object,
        function);
    bytecode_load_key(f, key, key_register);
    bytecode_emit_word(B(f), OP_DEFINE_ACCESSOR, object, key_register, function,
                       2 | !is_getter);
    return;
  }
  Register value;
  if (node->base.op == AST_PROPERTY_METHOD) {
    value = temp(f);
    bytecode_method(f, (AstFunction *)node->value, name, object, value);
  } else if (ast_is_anonymous_function(node->value)) {
    value = temp(f);
    bytecode_named_expression(f, node->value, name, value);
  } else {
    value = bytecode_operand(f, node->value);
  }
  if (key_is_index(key)) {
    Register key_register = temp(f);
    bytecode_load_key(f, key, key_register);
    bytecode_emit(B(f), OP_INIT_ELEMENT, object, key_register, value);
  } else {
    bytecode_init_named(f, object, value_as_string(key), value);
  }
}

static void define_computed(FunctionState *f, AstProperty *node,
                            Register object) {
  Register key = temp(f);
  bytecode_expression(f, node->key, key);
  bytecode_at(B(f), node->key->start);
  bytecode_emit(B(f), OP_TO_PROPERTY_KEY, key, key, 0);
  Register value;
  switch (node->base.op) {
  case AST_PROPERTY_GETTER:
  case AST_PROPERTY_SETTER: {
    bool is_setter = node->base.op == AST_PROPERTY_SETTER;
    value = temp(f);
    bytecode_method(f, (AstFunction *)node->value, ATOM(empty), object, value);
    bytecode_emit(B(f), OP_SET_FUNCTION_NAME, value, key, is_setter ? 2 : 1);
    bytecode_emit_word(B(f), OP_DEFINE_ACCESSOR, object, key, value,
                       2 | is_setter);
    return;
  }
  case AST_PROPERTY_METHOD:
    value = temp(f);
    bytecode_method(f, (AstFunction *)node->value, ATOM(empty), object, value);
    bytecode_emit(B(f), OP_SET_FUNCTION_NAME, value, key, 0);
    break;
  default:
    value = bytecode_operand(f, node->value);
    if (ast_is_anonymous_function(node->value)) {
      bytecode_emit(B(f), OP_SET_FUNCTION_NAME, value, key, 0);
    }
    break;
  }
  bytecode_emit(B(f), OP_INIT_ELEMENT, object, key, value);
}

void bytecode_object(FunctionState *f, AstListNode *node, Register dst) {
  const AstList *list = &node->list;
  PropertyKey keys[MAX_WAITING];
  uint32_t done = plain_run(f, list, keys);
  bytecode_at(B(f), node->base.start);
  uint32_t mark = mark_of(f);
  // Later values may still read a variable that dst is.
  Register object = done == list->count ? dst : temp(f);
  if (!done || !literal_of_run(f, list, keys, done, object)) {
    done = 0;
    bytecode_emit(B(f), OP_NEW_OBJECT, object,
                  list->count > 255 ? 255 : list->count, 0);
  }
  for (uint32_t i = done; i < list->count; i++) {
    uint32_t inner = mark_of(f);
    AstNode *item = list->items[i];
    if (item->type == AST_SPREAD) {
      Register source = bytecode_operand(f, ((AstUnary *)item)->operand);
      bytecode_at(B(f), item->start);
      bytecode_emit_word(B(f), OP_COPY_DATA_PROPERTIES, object, source, 0, 0);
    } else if (item->op == AST_PROPERTY_PROTO) {
      Register prototype = bytecode_operand(f, ((AstProperty *)item)->value);
      bytecode_emit(B(f), OP_SET_LITERAL_PROTOTYPE, object, prototype, 0);
    } else if (item->flags & AST_COMPUTED) {
      define_computed(f, (AstProperty *)item, object);
    } else {
      define_constant(f, (AstProperty *)item, object);
    }
    release(f, inner);
  }
  bytecode_move(B(f), dst, object);
  release(f, mark);
}

// Templates, regular expressions ----------------------------------------------

void bytecode_template(FunctionState *f, AstTemplate *node, Register dst) {
  if (node->expression_count == 0) {
    bytecode_load_string(f, node->parts[0].cooked, dst);
    return;
  }
  uint32_t mark = mark_of(f);
  uint32_t count = node->expression_count;
  for (uint32_t i = 0; i <= node->expression_count; i++)
    count += node->parts[i].cooked->length > 0;
  if (count == 1) {
    Register value = bytecode_operand(f, node->expressions[0]);
    bytecode_at(B(f), node->base.start);
    bytecode_emit(B(f), OP_TO_STRING, dst, value, 0);
    release(f, mark);
    return;
  }
  Register first = bytecode_temps(B(f), count);
  Register next = first;
  for (uint32_t i = 0; i <= node->expression_count; i++) {
    if (node->parts[i].cooked->length) {
      bytecode_load_string(f, node->parts[i].cooked, next++);
    }
    if (i == node->expression_count) break;
    uint32_t inner = mark_of(f);
    Register value = bytecode_operand(f, node->expressions[i]);
    bytecode_at(B(f), node->expressions[i]->start);
    bytecode_emit(B(f), OP_TO_STRING, next++, value, 0);
    release(f, inner);
  }
  bytecode_at(B(f), node->base.start);
  bytecode_emit(B(f), OP_CONCAT, dst, first, count);
  release(f, mark);
}

void bytecode_regexp(FunctionState *f, AstRegExp *node, Register dst) {
  Record record = {.kind = RECORD_REGEXP};
  record.regexp.pattern = bytecode_atom(f->unit, node->pattern);
  record.regexp.flags = bytecode_atom(f->unit, node->flags);
  bytecode_at(B(f), node->base.start);
  bytecode_emit(B(f), OP_NEW_REGEXP, dst, bytecode_record(B(f), record), 0);
}
