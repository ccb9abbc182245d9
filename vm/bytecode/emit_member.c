// SPDX-License-Identifier: MIT
// Property references: reading, writing, deleting, calling through them, and
// optional chains. A reference evaluates its object and key once, in order.
#include "vm/bytecode/emitter.h"
#include "vm/objects/throw.h"

// Named access ----------------------------------------------------------------

static bool is_index(const String *name) {
  return name->index != STRING_NOT_INDEX;
}

// The cache for a named access. UINT32_MAX: use the element forms.
static uint32_t named_cache(FunctionState *f, CacheKind kind, String *name) {
  if (is_index(name)) return UINT32_MAX;
  return bytecode_cache(B(f), kind, bytecode_atom_key(f, name));
}

static Register key_in_register(FunctionState *f, String *name) {
  Register key = temp(f);
  bytecode_load_key(
      f, is_index(name) ? key_from_index(name->index) : key_from_atom(name),
      key);
  return key;
}

void bytecode_get_named(FunctionState *f, Register dst, Register object,
                        String *name) {
  uint32_t cache = named_cache(f, CACHE_GET, name);
  if (cache != UINT32_MAX) {
    bytecode_emit(B(f), name == ATOM(length) ? OP_GET_LENGTH : OP_GET_NAMED,
                  dst, object, cache);
    return;
  }
  uint32_t mark = mark_of(f);
  bytecode_emit(B(f), OP_GET_ELEMENT, dst, object, key_in_register(f, name));
  release(f, mark);
}

static void set_named(FunctionState *f, Register object, String *name,
                      Register value) {
  uint32_t cache = named_cache(f, CACHE_SET, name);
  if (cache != UINT32_MAX) {
    bytecode_emit(B(f), OP_SET_NAMED, object, cache, value);
    return;
  }
  uint32_t mark = mark_of(f);
  bytecode_emit(B(f), OP_SET_ELEMENT, object, key_in_register(f, name), value);
  release(f, mark);
}

void bytecode_init_named(FunctionState *f, Register object, String *name,
                         Register value) {
  uint32_t cache = named_cache(f, CACHE_INIT, name);
  if (cache != UINT32_MAX) {
    bytecode_emit(B(f), OP_INIT_NAMED, object, cache, value);
    return;
  }
  uint32_t mark = mark_of(f);
  bytecode_emit(B(f), OP_INIT_ELEMENT, object, key_in_register(f, name), value);
  release(f, mark);
}

static void get_method(FunctionState *f, Register base, Register object,
                       String *name) {
  uint32_t cache = named_cache(f, CACHE_GET, name);
  if (cache != UINT32_MAX) {
    bytecode_emit(B(f), OP_GET_METHOD, base, object, cache);
    return;
  }
  uint32_t mark = mark_of(f);
  bytecode_emit(B(f), OP_GET_ELEMENT_METHOD, base, object,
                key_in_register(f, name));
  release(f, mark);
}

// o["name"] is o.name.
static String *constant_key(FunctionState *f, const AstNode *index) {
  if (index->type != AST_STRING) return NULL;
  String *name = bytecode_atom(f->unit, ((const AstString *)index)->value);
  return is_index(name) ? NULL : name;
}

static uint32_t private_cache(FunctionState *f, const AstIdentifier *name) {
  uint32_t cache =
      bytecode_cache(B(f), CACHE_PRIVATE, bytecode_name_key(f, name->name));
  if (cache == UINT32_MAX) bytecode_fail(B(f), BUILD_TOO_LARGE);
  return cache;
}

// Could it create a global variable?
static bool creates_nothing(void *data, const AstNode *node) {
  switch ((AstType)node->type) {
  case AST_CALL:
  case AST_NEW:
  case AST_ASSIGN:
  case AST_TAGGED_TEMPLATE:
  case AST_AWAIT:
  case AST_YIELD:
    return false;
  default:
    return bytecode_each_child(node, creates_nothing, data);
  }
}

// Strict code must not assign to what was undeclared before the right side ran.
static Register resolve_undeclared(FunctionState *f, AstIdentifier *id,
                                   const AstNode *later) {
  if (!f->is_strict || !later || id->binding ||
      id->base.resolution != REFERENCE_GLOBAL || creates_nothing(NULL, later)) {
    return NO_REGISTER;
  }
  Register resolved = temp(f);
  uint32_t mark = mark_of(f);
  bytecode_at(B(f), id->base.start);
  bytecode_emit(B(f), OP_RESOLVE_NAME, resolved, bytecode_environment(f),
                bytecode_name_key(f, id->name));
  release(f, mark);
  return resolved;
}

// References ------------------------------------------------------------------

// this and the key of super.x. `key`: where the key goes.
static void super_operands(FunctionState *f, AstSuperMember *node,
                           Register this_value, Register key) {
  bytecode_load_identifier(f, node->this_reference, this_value, false);
  if (node->index) {
    bytecode_expression(f, node->index, key);
  } else {
    bytecode_load_string(f, node->name, key);
  }
}

Reference bytecode_reference(FunctionState *f, AstNode *target,
                             const AstNode *later) {
  Reference ref = {.node = target,
                   .object = NO_REGISTER,
                   .key = NO_REGISTER,
                   .resolved = NO_REGISTER};
  switch ((AstType)target->type) {
  case AST_IDENTIFIER:
  case AST_BINDING_IDENTIFIER:
    ref.kind = REFERENCE_TO_IDENTIFIER;
    if (!(target->flags & AST_INITIALIZES)) {
      ref.resolved = bytecode_resolve(f, (AstIdentifier *)target);
      if (ref.resolved == NO_REGISTER) {
        ref.resolved = resolve_undeclared(f, (AstIdentifier *)target, later);
      }
    }
    break;
  case AST_MEMBER:
    ref.kind = REFERENCE_TO_NAMED;
    ref.object =
        bytecode_stable_operand(f, ((AstMember *)target)->object, later);
    ref.name = bytecode_atom(f->unit, ((AstMember *)target)->name);
    break;
  case AST_INDEX: {
    AstIndex *n = (AstIndex *)target;
    ref.name = constant_key(f, n->index);
    if (ref.name) {
      ref.kind = REFERENCE_TO_NAMED;
      ref.object = bytecode_stable_operand(f, n->object, later);
      break;
    }
    ref.kind = REFERENCE_TO_ELEMENT;
    uint32_t mark = mark_of(f);
    ref.object = bytecode_stable_operand(f, n->object, later);
    if (ref.object < mark && bytecode_may_assign(f, n->index, ref.object)) {
      Register copy = temp(f);
      bytecode_move(B(f), copy, ref.object);
      ref.object = copy;
    }
    ref.key = bytecode_stable_operand(f, n->index, later);
    break;
  }
  case AST_PRIVATE_MEMBER: {
    AstPrivateMember *n = (AstPrivateMember *)target;
    ref.kind = REFERENCE_TO_PRIVATE;
    ref.object = bytecode_stable_operand(f, n->object, later);
    ref.key = temp(f);
    bytecode_load_identifier(f, n->name, ref.key, false);
    break;
  }
  case AST_SUPER_MEMBER: {
    AstSuperMember *n = (AstSuperMember *)target;
    ref.kind = REFERENCE_TO_SUPER;
    ref.object = temp(f);
    ref.key = bytecode_temps(B(f), 2);
    super_operands(f, n, ref.object, ref.key);
    bytecode_at(B(f), target->start);
    bytecode_emit(B(f), OP_GET_SUPER_BASE, ref.key + 1u, 0, 0);
    break;
  }
  case AST_CALL:
    ref.kind = REFERENCE_TO_CALL;
    bytecode_effect(f, target);
    bytecode_at(B(f), target->start);
    bytecode_throw_error(f, ERROR_REFERENCE,
                         "Invalid left-hand side in assignment");
    break;
  default:
    ref.kind = REFERENCE_TO_PATTERN;
    break;
  }
  return ref;
}

void bytecode_reference_fix_key(FunctionState *f, Reference *ref) {
  if (ref->kind != REFERENCE_TO_ELEMENT && ref->kind != REFERENCE_TO_SUPER) {
    return;
  }
  const AstNode *index = ref->kind == REFERENCE_TO_ELEMENT
                             ? ((AstIndex *)ref->node)->index
                             : ((AstSuperMember *)ref->node)->index;
  if (!index || index->type == AST_STRING || index->type == AST_NUMBER) return;
  bool is_super = ref->kind == REFERENCE_TO_SUPER;
  Register base = is_super ? (Register)(ref->key + 1) : ref->object;
  Register key = is_super ? ref->key : temp(f);
  bytecode_at(B(f), index->start);
  // ToObject of the base comes before ToPropertyKey.
  bytecode_emit(B(f), OP_CHECK_COERCIBLE, base, 0, 0);
  bytecode_emit(B(f), OP_TO_PROPERTY_KEY, key, ref->key, 0);
  ref->key = key;
}

static uint32_t reference_position(const AstNode *node) {
  return node->type == AST_MEMBER ? ((const AstMember *)node)->name_start
                                  : node->start;
}

void bytecode_reference_get(FunctionState *f, Reference *ref, Register dst) {
  bytecode_at(B(f), reference_position(ref->node));
  switch (ref->kind) {
  case REFERENCE_TO_NAMED:
    bytecode_get_named(f, dst, ref->object, ref->name);
    break;
  case REFERENCE_TO_ELEMENT:
    bytecode_emit(B(f), OP_GET_ELEMENT, dst, ref->object, ref->key);
    break;
  case REFERENCE_TO_PRIVATE:
    bytecode_emit_word(B(f), OP_GET_PRIVATE, dst, ref->object, ref->key,
                       private_cache(f, ((AstPrivateMember *)ref->node)->name));
    break;
  case REFERENCE_TO_SUPER:
    bytecode_emit(B(f), OP_GET_SUPER_FROM, dst, ref->object, ref->key);
    break;
  case REFERENCE_TO_IDENTIFIER:
    if (ref->resolved != NO_REGISTER) {
      bytecode_emit(B(f), OP_GET_RESOLVED, dst, ref->resolved,
                    bytecode_name_key(f, ((AstIdentifier *)ref->node)->name));
    } else {
      bytecode_load_identifier(f, (AstIdentifier *)ref->node, dst, false);
    }
    break;
  case REFERENCE_TO_CALL:
  case REFERENCE_TO_PATTERN:
    break;
  }
}

void bytecode_reference_set(FunctionState *f, Reference *ref, Register value) {
  bytecode_at(B(f), reference_position(ref->node));
  switch (ref->kind) {
  case REFERENCE_TO_NAMED:
    set_named(f, ref->object, ref->name, value);
    break;
  case REFERENCE_TO_ELEMENT:
    bytecode_emit(B(f), OP_SET_ELEMENT, ref->object, ref->key, value);
    break;
  case REFERENCE_TO_PRIVATE:
    bytecode_emit_word(B(f), OP_SET_PRIVATE, ref->object, ref->key, value,
                       private_cache(f, ((AstPrivateMember *)ref->node)->name));
    break;
  case REFERENCE_TO_SUPER:
    bytecode_emit(B(f), OP_SET_SUPER, ref->object, ref->key, value);
    break;
  case REFERENCE_TO_IDENTIFIER: {
    AstIdentifier *id = (AstIdentifier *)ref->node;
    if (id->base.flags & AST_INITIALIZES) {
      bytecode_initialize(f, id->binding, value);
    } else {
      bytecode_store_identifier(f, id, value, ref->resolved);
    }
    break;
  }
  case REFERENCE_TO_CALL:
    break;
  case REFERENCE_TO_PATTERN:
    bytecode_pattern(f, ref->node, value);
    break;
  }
}

// Chains ----------------------------------------------------------------------

static bool is_link(const AstNode *node) {
  return node->type == AST_MEMBER || node->type == AST_INDEX ||
         node->type == AST_CALL || node->type == AST_PRIVATE_MEMBER;
}

// Object of a link: part of the same chain unless parenthesized.
static Register chain_operand(FunctionState *f, AstNode *node, Label *skip) {
  if (!skip || !is_link(node) || (node->flags & AST_PARENTHESIZED)) {
    return bytecode_operand(f, node);
  }
  Register r = temp(f);
  bytecode_chain_link(f, node, r, skip);
  return r;
}

static void check_optional(FunctionState *f, const AstNode *node,
                           Register object, Label *skip) {
  if (skip && (node->flags & AST_OPTIONAL)) {
    bytecode_jump(B(f), OP_JUMP_IF_NULLISH, object, skip);
  }
}

static bool is_elided_arguments(const AstNode *node) {
  return node->type == AST_IDENTIFIER && ((AstIdentifier *)node)->binding &&
         node->resolution == REFERENCE_LOCAL &&
         (((AstIdentifier *)node)->binding->emitter_bits &
          BINDING_ARGUMENTS_ELIDED);
}

static void member(FunctionState *f, AstMember *node, Register dst,
                   Label *skip) {
  if (is_elided_arguments(node->object)) {
    bytecode_emit(B(f), OP_ARGUMENT_COUNT, dst, 0, 0);
    return;
  }
  Register object = chain_operand(f, node->object, skip);
  check_optional(f, &node->base, object, skip);
  bytecode_at(B(f), node->name_start);
  bytecode_get_named(f, dst, object, bytecode_atom(f->unit, node->name));
}

static Register stable_chain_operand(FunctionState *f, AstNode *node,
                                     const AstNode *later, Label *skip) {
  uint32_t mark = mark_of(f);
  Register r = chain_operand(f, node, skip);
  if (r >= mark || !bytecode_may_assign(f, later, r)) return r;
  Register copy = temp(f);
  bytecode_move(B(f), copy, r);
  return copy;
}

static void element(FunctionState *f, AstIndex *node, Register dst,
                    Label *skip) {
  if (is_elided_arguments(node->object)) {
    Register index = bytecode_operand(f, node->index);
    bytecode_at(B(f), node->base.start);
    bytecode_emit(B(f), OP_GET_ARGUMENT, dst, index, 0);
    return;
  }
  Register object = stable_chain_operand(f, node->object, node->index, skip);
  check_optional(f, &node->base, object, skip);
  String *name = constant_key(f, node->index);
  if (name) {
    bytecode_at(B(f), node->base.start);
    bytecode_get_named(f, dst, object, name);
    return;
  }
  int32_t small;
  if (bytecode_small_int(node->index, &small) && small >= 0) {
    bytecode_at(B(f), node->base.start);
    bytecode_emit(B(f), OP_GET_ELEMENT_INT, dst, object, (uint32_t)small);
    return;
  }
  Register index = bytecode_operand(f, node->index);
  bytecode_at(B(f), node->base.start);
  bytecode_emit(B(f), OP_GET_ELEMENT, dst, object, index);
}

void bytecode_chain_link(FunctionState *f, AstNode *node, Register dst,
                         Label *skip) {
  if (!bytecode_enter(f)) return;
  uint32_t mark = mark_of(f);
  switch ((AstType)node->type) {
  case AST_MEMBER:
    member(f, (AstMember *)node, dst, skip);
    break;
  case AST_INDEX:
    element(f, (AstIndex *)node, dst, skip);
    break;
  case AST_CALL:
    bytecode_call(f, (AstCall *)node, dst, skip, false);
    break;
  case AST_PRIVATE_MEMBER: {
    AstPrivateMember *n = (AstPrivateMember *)node;
    Register object = chain_operand(f, n->object, skip);
    check_optional(f, node, object, skip);
    Register key = temp(f);
    bytecode_load_identifier(f, n->name, key, false);
    bytecode_at(B(f), node->start);
    bytecode_emit_word(B(f), OP_GET_PRIVATE, dst, object, key,
                       private_cache(f, n->name));
    break;
  }
  default: { // SUPER_MEMBER
    Register this_value = temp(f), key = temp(f);
    super_operands(f, (AstSuperMember *)node, this_value, key);
    bytecode_at(B(f), node->start);
    bytecode_emit(B(f), OP_GET_SUPER, dst, this_value, key);
    break;
  }
  }
  release(f, mark);
  bytecode_exit_depth(f);
}

void bytecode_optional_chain(FunctionState *f, AstUnary *node, Register dst) {
  Label skip = LABEL_INIT, done = LABEL_INIT;
  uint32_t mark = mark_of(f);
  // The chain may read the variable behind dst after a link wrote there; the
  // topmost temporary is no variable.
  Register r = dst + 1u == mark ? dst : temp(f);
  bytecode_chain_link(f, node->operand, r, &skip);
  bytecode_move(B(f), dst, r);
  bytecode_goto(B(f), &done);
  bytecode_bind(B(f), &skip);
  bytecode_load_value(f, VALUE_UNDEFINED, dst);
  bytecode_bind(B(f), &done);
  release(f, mark);
}

// Callees ---------------------------------------------------------------------

static void object_into(FunctionState *f, AstNode *object, Register place,
                        Label *skip, Register *result) {
  Register local = bytecode_local_register(f, object);
  if (local != NO_REGISTER) {
    *result = local;
    return;
  }
  *result = place;
  if (skip && is_link(object) && !(object->flags & AST_PARENTHESIZED)) {
    bytecode_chain_link(f, object, place, skip);
  } else if (object->type == AST_THIS) {
    *result = bytecode_operand(f, object);
  } else {
    bytecode_expression(f, object, place);
  }
}

bool bytecode_callee(FunctionState *f, AstNode *callee, Register base,
                     Label *skip) {
  uint32_t mark = mark_of(f);
  Register this_place = (Register)(base + 1);
  Register object;
  Label *inner = callee->flags & AST_PARENTHESIZED ? NULL : skip;
  switch ((AstType)callee->type) {
  case AST_MEMBER: {
    AstMember *n = (AstMember *)callee;
    if (is_elided_arguments(n->object)) break;
    object_into(f, n->object, this_place, inner, &object);
    check_optional(f, callee, object, inner);
    bytecode_at(B(f), n->name_start);
    get_method(f, base, object, bytecode_atom(f->unit, n->name));
    release(f, mark);
    return true;
  }
  case AST_INDEX: {
    AstIndex *n = (AstIndex *)callee;
    object_into(f, n->object, this_place, inner, &object);
    check_optional(f, callee, object, inner);
    if (object != this_place && bytecode_may_assign(f, n->index, object)) {
      bytecode_move(B(f), this_place, object);
      object = this_place;
    }
    String *name = constant_key(f, n->index);
    if (name) {
      bytecode_at(B(f), callee->start);
      get_method(f, base, object, name);
    } else {
      Register key = bytecode_operand(f, n->index);
      bytecode_at(B(f), callee->start);
      bytecode_emit(B(f), OP_GET_ELEMENT_METHOD, base, object, key);
    }
    release(f, mark);
    return true;
  }
  case AST_PRIVATE_MEMBER: {
    AstPrivateMember *n = (AstPrivateMember *)callee;
    object_into(f, n->object, this_place, inner, &object);
    check_optional(f, callee, object, inner);
    bytecode_move(B(f), this_place, object);
    Register key = temp(f);
    bytecode_load_identifier(f, n->name, key, false);
    bytecode_at(B(f), callee->start);
    bytecode_emit_word(B(f), OP_GET_PRIVATE, base, this_place, key,
                       private_cache(f, n->name));
    release(f, mark);
    return true;
  }
  case AST_SUPER_MEMBER:
    super_operands(f, (AstSuperMember *)callee, this_place, base);
    bytecode_at(B(f), callee->start);
    bytecode_emit(B(f), OP_GET_SUPER, base, this_place, base);
    release(f, mark);
    return true;
  case AST_IDENTIFIER: {
    AstIdentifier *id = (AstIdentifier *)callee;
    Register resolved = bytecode_resolve(f, id);
    if (resolved == NO_REGISTER) break;
    bytecode_emit(B(f), OP_GET_RESOLVED, base, resolved,
                  bytecode_name_key(f, id->name));
    bytecode_emit(B(f), OP_GET_RESOLVED_THIS, this_place, resolved, 0);
    release(f, mark);
    return true;
  }
  case AST_OPTIONAL_CHAIN: { // (a?.b)()
    Label skipped = LABEL_INIT, done = LABEL_INIT;
    if (!bytecode_callee(f, ((AstUnary *)callee)->operand, base, &skipped)) {
      bytecode_load_value(f, VALUE_UNDEFINED, this_place);
    }
    bytecode_goto(B(f), &done);
    bytecode_bind(B(f), &skipped);
    bytecode_load_value(f, VALUE_UNDEFINED, base);
    bytecode_load_value(f, VALUE_UNDEFINED, this_place);
    bytecode_bind(B(f), &done);
    release(f, mark);
    return true;
  }
  case AST_CALL:
    if (inner) {
      bytecode_chain_link(f, callee, base, inner);
      release(f, mark);
      return false;
    }
    break;
  default:
    break;
  }
  bytecode_expression(f, callee, base);
  release(f, mark);
  return false;
}

// delete ----------------------------------------------------------------------

static void delete_super(FunctionState *f, AstSuperMember *node) {
  uint32_t mark = mark_of(f);
  Register r = temp(f);
  bytecode_load_identifier(f, node->this_reference, r, false);
  if (node->index) bytecode_expression(f, node->index, r);
  bytecode_at(B(f), node->base.start);
  bytecode_throw_error(f, ERROR_REFERENCE, "Unsupported reference to 'super'");
  release(f, mark);
}

static void delete_link(FunctionState *f, AstNode *node, Register dst,
                        Label *skip) {
  uint32_t mark = mark_of(f);
  if (node->type == AST_MEMBER) {
    AstMember *n = (AstMember *)node;
    Register object = chain_operand(f, n->object, skip);
    check_optional(f, node, object, skip);
    bytecode_at(B(f), n->name_start);
    bytecode_emit(B(f), OP_DELETE_NAMED, dst, object,
                  bytecode_name_key(f, n->name));
  } else {
    AstIndex *n = (AstIndex *)node;
    Register object = stable_chain_operand(f, n->object, n->index, skip);
    check_optional(f, node, object, skip);
    Register key = bytecode_operand(f, n->index);
    bytecode_at(B(f), node->start);
    bytecode_emit(B(f), OP_DELETE_ELEMENT, dst, object, key);
  }
  release(f, mark);
}

static void delete_name(FunctionState *f, AstIdentifier *id, Register dst) {
  Place place = bytecode_reference_place(f, id);
  if (place.kind != PLACE_DYNAMIC && place.kind != PLACE_GLOBAL) {
    bytecode_load_value(f, VALUE_FALSE, dst);
    return;
  }
  uint32_t mark = mark_of(f);
  uint32_t key = bytecode_name_key(f, id->name);
  Register resolved = temp(f);
  bytecode_at(B(f), id->base.start);
  bytecode_emit(B(f), OP_RESOLVE_NAME, resolved, bytecode_environment(f), key);
  bytecode_emit(B(f), OP_DELETE_RESOLVED, dst, resolved, key);
  release(f, mark);
}

void bytecode_delete(FunctionState *f, AstNode *operand, Register dst) {
  switch ((AstType)operand->type) {
  case AST_MEMBER:
  case AST_INDEX:
    delete_link(f, operand, dst, NULL);
    return;
  case AST_OPTIONAL_CHAIN: {
    AstNode *link = ((AstUnary *)operand)->operand;
    if (link->type != AST_MEMBER && link->type != AST_INDEX) break;
    Label skip = LABEL_INIT, done = LABEL_INIT;
    uint32_t mark = mark_of(f);
    Register r = temp(f);
    delete_link(f, link, r, &skip);
    bytecode_move(B(f), dst, r);
    bytecode_goto(B(f), &done);
    bytecode_bind(B(f), &skip);
    bytecode_load_value(f, VALUE_TRUE, dst);
    bytecode_bind(B(f), &done);
    release(f, mark);
    return;
  }
  case AST_IDENTIFIER:
    delete_name(f, (AstIdentifier *)operand, dst);
    return;
  case AST_SUPER_MEMBER:
    delete_super(f, (AstSuperMember *)operand);
    return;
  default:
    break;
  }
  bytecode_effect(f, operand);
  bytecode_load_value(f, VALUE_TRUE, dst);
}
