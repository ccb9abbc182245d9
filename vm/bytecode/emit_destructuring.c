// SPDX-License-Identifier: MIT
// Patterns (ECMA-262 8.6.2, 13.15.5): the target's reference is evaluated
// before the value is taken, defaults after. An array pattern's iterator is
// closed on every way out.
#include "vm/bytecode/emitter.h"

typedef struct Element {
  AstNode *target;
  AstNode *fallback; // or NULL
} Element;

static Element element_of(AstNode *node) {
  if (node->type == AST_PATTERN_DEFAULT) {
    return (Element){((AstBinary *)node)->left, ((AstBinary *)node)->right};
  }
  return (Element){node, NULL};
}

static bool is_pattern(const AstNode *node) {
  return node->type == AST_ARRAY_PATTERN || node->type == AST_OBJECT_PATTERN;
}

// The register the value may be produced in: the target itself where nobody
// can see the intermediate value, else a temporary.
static Register value_register(FunctionState *f, Element e) {
  if (e.target->type == AST_BINDING_IDENTIFIER ||
      e.target->type == AST_IDENTIFIER) {
    Register local = bytecode_local_register(f, e.target);
    const Binding *binding = ((AstIdentifier *)e.target)->binding;
    bool unseen = (e.target->flags & AST_INITIALIZES) && !binding->needs_tdz;
    if (local != NO_REGISTER && (unseen || !e.fallback)) return local;
  }
  return temp(f);
}

static void finish_element(FunctionState *f, Element e, Reference *ref,
                           Register value) {
  if (e.fallback) {
    Label present = LABEL_INIT;
    bytecode_jump(B(f), OP_JUMP_IF_NOT_UNDEFINED, value, &present);
    bytecode_named_expression(f, e.fallback, bytecode_target_name(f, e.target),
                              value);
    bytecode_bind(B(f), &present);
  }
  bytecode_reference_set(f, ref, value);
}

void bytecode_assign_target(FunctionState *f, AstNode *target, Register value) {
  uint32_t mark = mark_of(f);
  Reference ref = bytecode_reference(f, target, NULL);
  bytecode_reference_set(f, &ref, value);
  release(f, mark);
}

// Arrays ----------------------------------------------------------------------

static void array_element(FunctionState *f, AstNode *node, Register iterator) {
  uint32_t mark = mark_of(f);
  if (!node) {
    bytecode_emit(B(f), OP_ITERATOR_STEP_OR_UNDEFINED, temp(f), iterator, 0);
    release(f, mark);
    return;
  }
  bool is_rest = node->type == AST_REST;
  Element e =
      is_rest ? (Element){((AstUnary *)node)->operand, NULL} : element_of(node);
  Reference ref = bytecode_reference(f, e.target, NULL);
  Register value = value_register(f, e);
  bytecode_at(B(f), node->start);
  bytecode_emit(B(f),
                is_rest ? OP_ITERATOR_REST : OP_ITERATOR_STEP_OR_UNDEFINED,
                value, iterator, 0);
  finish_element(f, e, &ref, value);
  release(f, mark);
}

static void array_pattern(FunctionState *f, AstListNode *pattern,
                          Register value) {
  uint32_t mark = mark_of(f);
  Register iterator = bytecode_temps(B(f), 3);
  bytecode_at(B(f), pattern->base.start);
  bytecode_emit(B(f), OP_GET_ITERATOR, iterator, value, 0);
  Control guard;
  bytecode_guard_begin(f, &guard, iterator, false);
  for (uint32_t i = 0; i < pattern->list.count; i++)
    array_element(f, pattern->list.items[i], iterator);
  bytecode_at(B(f), pattern->base.start);
  bytecode_guard_end(f, &guard, true);
  release(f, mark);
}

// Objects ---------------------------------------------------------------------

static bool evaluates_nothing(const AstNode *target) {
  if (is_pattern(target) || (target->flags & AST_INITIALIZES)) return true;
  return (target->type == AST_IDENTIFIER ||
          target->type == AST_BINDING_IDENTIFIER) &&
         target->resolution != REFERENCE_DYNAMIC;
}

// A get of a constant key comes first, and throws by itself.
static bool checks_itself(const AstListNode *pattern) {
  if (pattern->list.count == 0) return false;
  const AstNode *first = pattern->list.items[0];
  if (first->type != AST_PATTERN_PROPERTY || (first->flags & AST_COMPUTED)) {
    return false;
  }
  return evaluates_nothing(
      element_of(((const AstProperty *)first)->value).target);
}

static void get_by_key(FunctionState *f, Register dst, Register object,
                       PropertyKey key) {
  if (!key_is_index(key)) {
    bytecode_get_named(f, dst, object, value_as_string(key));
    return;
  }
  uint32_t mark = mark_of(f);
  Register r = temp(f);
  bytecode_load_key(f, key, r);
  bytecode_emit(B(f), OP_GET_ELEMENT, dst, object, r);
  release(f, mark);
}

static void object_property(FunctionState *f, AstProperty *node,
                            Register object, Register kept_key) {
  uint32_t mark = mark_of(f);
  Element e = element_of(node->value);
  if (!(node->base.flags & AST_COMPUTED)) {
    PropertyKey key = bytecode_literal_key(f->unit, node->key);
    Reference ref = bytecode_reference(f, e.target, NULL);
    Register value = value_register(f, e);
    bytecode_at(B(f), node->base.start);
    get_by_key(f, value, object, key);
    finish_element(f, e, &ref, value);
    release(f, mark);
    return;
  }
  Register key = kept_key;
  if (key == NO_REGISTER && evaluates_nothing(e.target)) {
    key = bytecode_operand(f, node->key); // GET_ELEMENT converts it
  } else {
    if (key == NO_REGISTER) key = temp(f);
    bytecode_expression(f, node->key, key);
    bytecode_at(B(f), node->key->start);
    bytecode_emit(B(f), OP_TO_PROPERTY_KEY, key, key, 0);
  }
  Reference ref = bytecode_reference(f, e.target, NULL);
  Register value = value_register(f, e);
  bytecode_at(B(f), node->base.start);
  bytecode_emit(B(f), OP_GET_ELEMENT, value, object, key);
  finish_element(f, e, &ref, value);
  release(f, mark);
}

static void object_rest(FunctionState *f, AstListNode *pattern, AstUnary *rest,
                        Register object, Register keys, uint32_t key_count) {
  uint32_t mark = mark_of(f);
  Element e = {rest->operand, NULL};
  Reference ref = bytecode_reference(f, e.target, NULL);
  for (uint32_t i = 0; i < key_count; i++) {
    AstProperty *property = (AstProperty *)pattern->list.items[i];
    if (property->base.flags & AST_COMPUTED) continue;
    bytecode_load_key(f, bytecode_literal_key(f->unit, property->key),
                      (Register)(keys + i));
  }
  Register value = temp(f);
  bytecode_at(B(f), rest->base.start);
  bytecode_emit(B(f), OP_NEW_OBJECT, value, 0, 0);
  bytecode_emit_word(B(f), OP_COPY_DATA_PROPERTIES, value, object,
                     key_count ? keys : 0, key_count);
  finish_element(f, e, &ref, value);
  release(f, mark);
}

static void object_pattern(FunctionState *f, AstListNode *pattern,
                           Register object) {
  uint32_t mark = mark_of(f);
  uint32_t count = pattern->list.count;
  AstNode *last = count ? pattern->list.items[count - 1] : NULL;
  bool has_rest = last && last->type == AST_REST;
  bytecode_at(B(f), pattern->base.start);
  if (!checks_itself(pattern)) {
    bytecode_emit(B(f), OP_CHECK_COERCIBLE, object, 0, 0);
  }
  uint32_t properties = count - has_rest;
  Register keys = NO_REGISTER;
  if (has_rest && properties) keys = bytecode_temps(B(f), properties);
  for (uint32_t i = 0; i < properties; i++) {
    object_property(f, (AstProperty *)pattern->list.items[i], object,
                    keys != NO_REGISTER ? (Register)(keys + i) : NO_REGISTER);
  }
  if (has_rest) {
    object_rest(f, pattern, (AstUnary *)last, object, keys, properties);
  }
  release(f, mark);
}

void bytecode_pattern(FunctionState *f, AstNode *pattern, Register value) {
  if (pattern->type == AST_ARRAY_PATTERN) {
    array_pattern(f, (AstListNode *)pattern, value);
  } else {
    object_pattern(f, (AstListNode *)pattern, value);
  }
}
