// SPDX-License-Identifier: MIT
// Variables: entering and leaving scopes, reading and writing what a name means
// according to the parser's resolution and the layout.
#include "vm/bytecode/emitter.h"

// Where -----------------------------------------------------------------------

// Environments between the one the function closed over and the one of `scope`.
static uint32_t hops_to(const FunctionState *f, const Scope *scope) {
  uint32_t hops = 0;
  for (const Scope *s = f->closure_scope; s && s != scope; s = s->parent) {
    const ScopeLayout *layout = layout_of(s);
    hops += layout->has_environment;
    hops += layout->has_eval_vars;
  }
  return hops;
}

Place bytecode_place(FunctionState *f, const Binding *binding) {
  const Scope *scope = binding->scope;
  bool is_local = f->ast && scope->function == f->ast;
  if (binding->emitter_bits & BINDING_IS_IMPORT) {
    return (Place){.kind = PLACE_IMPORT, .slot = binding->slot};
  }
  if (binding->emitter_bits & BINDING_BY_NAME) {
    return (Place){.kind = scope->kind == SCOPE_SCRIPT ? PLACE_GLOBAL
                                                       : PLACE_DYNAMIC};
  }
  if (binding->emitter_bits & BINDING_IN_ENVIRONMENT) {
    if (is_local) {
      return (Place){.kind = PLACE_SLOT,
                     .reg = layout_of(scope)->environment,
                     .slot = binding->slot};
    }
    return (Place){.kind = PLACE_UPVALUE,
                   .slot = binding->slot,
                   .hops = hops_to(f, scope)};
  }
  return (Place){.kind = PLACE_REGISTER, .reg = (Register)binding->slot};
}

Place bytecode_reference_place(FunctionState *f, const AstIdentifier *id) {
  if (id->base.resolution == REFERENCE_DYNAMIC) {
    return (Place){.kind = PLACE_DYNAMIC};
  }
  if (id->base.resolution == REFERENCE_GLOBAL || !id->binding) {
    return (Place){.kind = PLACE_GLOBAL};
  }
  return bytecode_place(f, id->binding);
}

void bytecode_place_load(FunctionState *f, Place place, Register dst) {
  switch (place.kind) {
  case PLACE_REGISTER:
    bytecode_move(B(f), dst, place.reg);
    break;
  case PLACE_SLOT:
    bytecode_emit(B(f), OP_GET_SLOT, dst, place.reg, place.slot);
    break;
  case PLACE_UPVALUE:
    bytecode_emit(B(f), OP_GET_UPVALUE, dst, place.hops, place.slot);
    break;
  case PLACE_IMPORT:
    bytecode_emit(B(f), OP_GET_IMPORT, dst, place.slot, 0);
    break;
  case PLACE_GLOBAL:
  case PLACE_DYNAMIC:
    break; // by name: the callers have it
  }
}

void bytecode_place_store(FunctionState *f, Place place, Register value) {
  switch (place.kind) {
  case PLACE_REGISTER:
    bytecode_move(B(f), place.reg, value);
    break;
  case PLACE_SLOT:
    bytecode_emit(B(f), OP_SET_SLOT, place.reg, place.slot, value);
    break;
  case PLACE_UPVALUE:
    bytecode_emit(B(f), OP_SET_UPVALUE, value, place.hops, place.slot);
    break;
  case PLACE_IMPORT:
  case PLACE_GLOBAL:
  case PLACE_DYNAMIC:
    break;
  }
}

Register bytecode_environment(FunctionState *f) {
  if (f->environment != NO_REGISTER) return f->environment;
  Register r = temp(f);
  bytecode_emit(B(f), OP_LOAD_ENVIRONMENT, r, 0, 0);
  return r;
}

Register bytecode_local_register(FunctionState *f, const AstNode *node) {
  if (node->type != AST_IDENTIFIER && node->type != AST_BINDING_IDENTIFIER) {
    return NO_REGISTER;
  }
  const AstIdentifier *id = (const AstIdentifier *)node;
  if (node->resolution != REFERENCE_LOCAL || !id->binding ||
      (node->flags & AST_NEEDS_TDZ_CHECK) ||
      !(id->binding->emitter_bits & BINDING_IN_REGISTER)) {
    return NO_REGISTER;
  }
  if ((node->flags & AST_WRITTEN) && !(node->flags & AST_INITIALIZES) &&
      binding_is_immutable(id->binding)) {
    return NO_REGISTER;
  }
  return (Register)id->binding->slot;
}

// Reading ---------------------------------------------------------------------

static bool name_is(const Name *name, const char *text) {
  size_t length = strlen(text);
  return !name->wide && name->length == length &&
         memcmp(name->units, text, length) == 0;
}

// Properties of the global object that nothing can change or hide.
static bool fixed_global(const AstIdentifier *id, Value *value) {
  if (id->binding) return false;
  if (name_is(id->name, "undefined")) {
    *value = VALUE_UNDEFINED;
  } else if (name_is(id->name, "NaN")) {
    *value = value_from_double(NAN);
  } else if (name_is(id->name, "Infinity")) {
    *value = value_from_double(INFINITY);
  } else {
    return false;
  }
  return true;
}

static PropertyKey name_property(FunctionState *f, const AstIdentifier *id) {
  return key_from_atom(bytecode_atom(f->unit, id->name));
}

// `this` in eval code: a function's, or the global one when there is none.
static void load_dynamic_this(FunctionState *f, AstIdentifier *id,
                              Register dst) {
  uint32_t mark = mark_of(f);
  uint32_t key = bytecode_atom_key(f, ATOM(this_));
  Register resolved = temp(f);
  bytecode_emit(B(f), OP_RESOLVE_NAME, resolved, bytecode_environment(f), key);
  Label global = LABEL_INIT, done = LABEL_INIT;
  bytecode_jump(B(f), OP_JUMP_IF_UNDEFINED, resolved, &global);
  bytecode_emit(B(f), OP_GET_RESOLVED, dst, resolved, key);
  bytecode_goto(B(f), &done);
  bytecode_bind(B(f), &global);
  bytecode_emit(B(f), OP_LOAD_GLOBAL_THIS, dst, 0, 0);
  bytecode_bind(B(f), &done);
  release(f, mark);
}

static bool load_this(FunctionState *f, AstIdentifier *id, Register dst) {
  if (id->base.resolution == REFERENCE_DYNAMIC) {
    load_dynamic_this(f, id, dst);
    return true;
  }
  if (!id->binding) {
    bytecode_emit(B(f), OP_LOAD_GLOBAL_THIS, dst, 0, 0);
    return true;
  }
  const Scope *scope = id->binding->scope;
  if (scope->kind == SCOPE_SCRIPT) {
    bytecode_emit(B(f), OP_LOAD_GLOBAL_THIS, dst, 0, 0);
    return true;
  }
  if (scope->kind == SCOPE_MODULE) {
    bytecode_load_value(f, VALUE_UNDEFINED, dst);
    return true;
  }
  bytecode_place_load(f, bytecode_place(f, id->binding), dst);
  if (scope->function->kind == FUNCTION_DERIVED_CONSTRUCTOR) {
    bytecode_emit(B(f), OP_CHECK_THIS, dst, 0, 0);
  }
  return true;
}

static void load_by_name(FunctionState *f, AstIdentifier *id, Register dst,
                         bool for_typeof) {
  uint32_t mark = mark_of(f);
  uint32_t key = bytecode_atom_key(f, bytecode_atom(f->unit, id->name));
  Register resolved = temp(f);
  bytecode_emit(B(f), OP_RESOLVE_NAME, resolved, bytecode_environment(f), key);
  bytecode_emit(B(f),
                for_typeof ? OP_GET_RESOLVED_OR_UNDEFINED : OP_GET_RESOLVED,
                dst, resolved, key);
  release(f, mark);
}

void bytecode_load_identifier(FunctionState *f, AstIdentifier *id, Register dst,
                              bool for_typeof) {
  if (id->base.type == AST_THIS) {
    load_this(f, id, dst);
    return;
  }
  bytecode_at(B(f), id->base.start);
  if (id->base.type == AST_NEW_TARGET && !id->binding &&
      id->base.resolution != REFERENCE_DYNAMIC) {
    bytecode_load_value(f, VALUE_UNDEFINED, dst);
    return;
  }
  Place place = bytecode_reference_place(f, id);
  bool check = id->base.flags & AST_NEEDS_TDZ_CHECK;
  Value fixed;
  switch (place.kind) {
  case PLACE_DYNAMIC:
    load_by_name(f, id, dst, for_typeof);
    return;
  case PLACE_GLOBAL:
    if (fixed_global(id, &fixed)) {
      bytecode_load_value(f, fixed, dst);
      return;
    }
    bytecode_emit(
        B(f), for_typeof ? OP_GET_GLOBAL_OR_UNDEFINED : OP_GET_GLOBAL, dst,
        bytecode_global_cache(B(f), name_property(f, id), for_typeof), 0);
    return;
  case PLACE_SLOT:
    if (!check) break;
    bytecode_emit_word(B(f), OP_GET_SLOT_CHECKED, dst, place.reg, place.slot,
                       bytecode_name_key(f, id->name));
    return;
  case PLACE_UPVALUE:
    if (!check) {
      bytecode_upvalue_name(B(f), place.hops, place.slot,
                            bytecode_name_key(f, id->name));
      break;
    }
    bytecode_emit_word(B(f), OP_GET_UPVALUE_CHECKED, dst, place.hops,
                       place.slot, bytecode_name_key(f, id->name));
    return;
  case PLACE_REGISTER:
    if (!check) break;
    bytecode_emit(B(f), OP_CHECK_INITIALIZED, place.reg,
                  bytecode_name_key(f, id->name), 0);
    break;
  case PLACE_IMPORT:
    break;
  }
  bytecode_place_load(f, place, dst);
}

void bytecode_load_binding(FunctionState *f, const Binding *binding,
                           Register dst) {
  bytecode_place_load(f, bytecode_place(f, binding), dst);
}

// Writing ---------------------------------------------------------------------

Register bytecode_resolve(FunctionState *f, AstIdentifier *id) {
  if (bytecode_reference_place(f, id).kind != PLACE_DYNAMIC) return NO_REGISTER;
  Register resolved = temp(f);
  uint32_t mark = mark_of(f);
  bytecode_at(B(f), id->base.start);
  bytecode_emit(B(f), OP_RESOLVE_NAME, resolved, bytecode_environment(f),
                bytecode_name_key(f, id->name));
  release(f, mark);
  return resolved;
}

// The TDZ check of a write, which leaves the place alone otherwise.
static void check_before_write(FunctionState *f, AstIdentifier *id,
                               Place place) {
  if (!(id->base.flags & AST_NEEDS_TDZ_CHECK)) return;
  uint32_t mark = mark_of(f);
  Register r = place.kind == PLACE_REGISTER ? place.reg : temp(f);
  bytecode_place_load(f, place, r);
  bytecode_emit(B(f), OP_CHECK_INITIALIZED, r, bytecode_name_key(f, id->name),
                0);
  release(f, mark);
}

void bytecode_store_identifier(FunctionState *f, AstIdentifier *id,
                               Register value, Register resolved) {
  Place place = bytecode_reference_place(f, id);
  if (place.kind == PLACE_DYNAMIC || resolved != NO_REGISTER) {
    uint32_t mark = mark_of(f);
    if (resolved == NO_REGISTER) resolved = bytecode_resolve(f, id);
    bytecode_at(B(f), id->base.start);
    bytecode_emit(B(f), OP_SET_RESOLVED, resolved, value,
                  bytecode_name_key(f, id->name));
    release(f, mark);
    return;
  }
  bytecode_at(B(f), id->base.start);
  if (place.kind == PLACE_GLOBAL) {
    bytecode_emit(B(f), OP_SET_GLOBAL, value,
                  bytecode_global_cache(B(f), name_property(f, id), 2), 0);
    return;
  }
  check_before_write(f, id, place);
  const Binding *binding = id->binding;
  if (binding_is_immutable(binding)) {
    if (binding->kind == BINDING_FUNCTION_NAME && !f->is_strict) return;
    bytecode_emit(B(f), OP_THROW_CONSTANT_ASSIGNMENT,
                  bytecode_name_key(f, id->name), 0, 0);
    return;
  }
  bytecode_place_store(f, place, value);
}

void bytecode_initialize(FunctionState *f, const Binding *binding,
                         Register value) {
  Place place = bytecode_place(f, binding);
  if (place.kind == PLACE_GLOBAL || place.kind == PLACE_DYNAMIC) {
    uint32_t key = bytecode_name_key(f, binding->name);
    if (binding_is_lexical(binding)) {
      bytecode_emit(B(f), OP_INIT_GLOBAL_LEXICAL, value, key, 0);
    } else if (place.kind == PLACE_GLOBAL) {
      bytecode_emit(B(f), OP_DEFINE_GLOBAL_FUNCTION, value, key, 0);
    } else {
      uint32_t mark = mark_of(f);
      bytecode_emit(B(f), OP_INIT_EVAL_VAR, bytecode_environment(f), key,
                    value);
      release(f, mark);
    }
    return;
  }
  bytecode_place_store(f, place, value);
}

// Scopes ----------------------------------------------------------------------

static uint32_t describe(FunctionState *f, Scope *scope) {
  Record record = {.kind = RECORD_SCOPE,
                   .scope = bytecode_describe(f->unit, scope)};
  return bytecode_record(B(f), record);
}

static Register new_environment(FunctionState *f, bool described,
                                uint32_t slots_or_record) {
  Register parent = f->environment;
  Register r = temp(f);
  if (parent == NO_REGISTER) {
    bytecode_emit(B(f), OP_LOAD_ENVIRONMENT, r, 0, 0);
    parent = r;
  }
  bytecode_emit(B(f), described ? OP_NEW_SCOPE_ENVIRONMENT : OP_NEW_ENVIRONMENT,
                r, parent, slots_or_record);
  f->environment = r;
  return r;
}

void bytecode_new_environment(FunctionState *f, Scope *scope) {
  ScopeLayout *layout = layout_of(scope);
  if (layout->has_eval_vars) {
    Record record = {.kind = RECORD_SCOPE,
                     .scope = {.kind = DESCRIPTION_EVAL_VARS, .slot_count = 1}};
    layout->eval_vars = new_environment(f, true, bytecode_record(B(f), record));
  }
  if (!layout->has_environment || scope->kind == SCOPE_MODULE) return;
  layout->environment = layout->is_described
                            ? new_environment(f, true, describe(f, scope))
                            : new_environment(f, false, layout->slot_count);
}

// A register, or the slot's first value. Variables start as undefined, lexical
// bindings that anyone could see too early as EMPTY, which slots are anyway.
void bytecode_place_binding(FunctionState *f, Binding *b) {
  bool is_var = b->kind == BINDING_VAR;
  if (b->emitter_bits &
      (BINDING_BY_NAME | BINDING_IS_IMPORT | BINDING_ARGUMENTS_ELIDED)) {
    return;
  }
  if (b->kind == BINDING_HOME_OBJECT) return; // the function itself has it
  if (b->emitter_bits & BINDING_IN_ENVIRONMENT) {
    if (!is_var) return;
    uint32_t mark = mark_of(f);
    Register r = temp(f);
    bytecode_load_value(f, VALUE_UNDEFINED, r);
    bytecode_place_store(f, bytecode_place(f, b), r);
    release(f, mark);
    return;
  }
  b->slot = temp(f);
  b->emitter_bits |= BINDING_IN_REGISTER;
  if (is_var) {
    if (b->emitter_bits & BINDING_STARTS_ASSIGNED) return;
    bytecode_load_value(f, VALUE_UNDEFINED, (Register)b->slot);
  } else if (b->needs_tdz) {
    bytecode_load_value(f, VALUE_EMPTY, (Register)b->slot);
  }
}

static void place_bindings(FunctionState *f, Scope *scope) {
  for (Binding *b = scope->first_binding; b; b = b->next)
    bytecode_place_binding(f, b);
}

void bytecode_enter_scope(FunctionState *f, Scope *scope, Register *outer) {
  *outer = f->environment;
  if (!scope) return;
  bytecode_new_environment(f, scope);
  place_bindings(f, scope);
}

void bytecode_leave_scope(FunctionState *f, Scope *scope, Register outer) {
  f->environment = outer;
}

void bytecode_hoist_functions(FunctionState *f, Scope *scope) {
  for (uint32_t i = 0; i < scope->function_count; i++) {
    AstFunction *function = scope->functions[i];
    const Binding *binding = function->binding;
    if (!binding) continue;
    uint32_t mark = mark_of(f);
    String *name = function->name ? bytecode_atom(f->unit, function->name->name)
                                  : ATOM(default_);
    Place place = bytecode_place(f, binding);
    Register r = place.kind == PLACE_REGISTER ? place.reg : temp(f);
    bytecode_closure(f, function, name, r);
    if (place.kind != PLACE_REGISTER) bytecode_initialize(f, binding, r);
    release(f, mark);
  }
}
