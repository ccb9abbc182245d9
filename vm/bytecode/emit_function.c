// SPDX-License-Identifier: MIT
// Functions: the prologue (ECMA-262 10.2.11 FunctionDeclarationInstantiation)
// and the making of closures. Parameters arrive in the first registers and stay
// there unless a closure shares them.
#include "vm/bytecode/emitter.h"

CodeKind bytecode_code_kind(const AstFunction *ast) {
  switch ((AstFunctionKind)ast->kind) {
  case FUNCTION_NORMAL:
    return CODE_NORMAL;
  case FUNCTION_ARROW:
    return CODE_ARROW;
  case FUNCTION_METHOD:
    return CODE_METHOD;
  case FUNCTION_GETTER:
    return CODE_GETTER;
  case FUNCTION_SETTER:
    return CODE_SETTER;
  case FUNCTION_CONSTRUCTOR:
    return CODE_CLASS_CONSTRUCTOR;
  case FUNCTION_DERIVED_CONSTRUCTOR:
    return CODE_DERIVED_CONSTRUCTOR;
  case FUNCTION_INSTANCE_INITIALIZER:
  case FUNCTION_STATIC_INITIALIZER:
    return CODE_FIELD_INITIALIZER;
  case FUNCTION_SCRIPT:
    return CODE_SCRIPT;
  case FUNCTION_MODULE:
    return CODE_MODULE;
  case FUNCTION_EVAL:
    return CODE_EVAL;
  }
  return CODE_NORMAL;
}

// Building --------------------------------------------------------------------

static void report(CompileUnit *unit, const CodeBuilder *b) {
  if (unit->failed) return;
  unit->failed = true;
  unit->status = b->status;
  unit->message = b->failure_message;
}

Template *bytecode_build(CompileUnit *unit, const FunctionState *prototype,
                         BodyEmitter body, void *data, Template *facts) {
  CoverageMark mark = {0};
  if (unit->coverage != NULL) mark = coverage_mark(unit->coverage);
  for (int attempt = 0; attempt < 2; attempt++) {
    FunctionState f = *prototype;
    f.name = facts->name;
    if (unit->coverage != NULL) coverage_reset(unit->coverage, mark);
    f.unit = unit;
    f.environment = NO_REGISTER;
    f.this_register = NO_REGISTER;
    f.completion = NO_REGISTER;
    f.control = NULL;
    f.mapped_parameters = NULL;
    bytecode_builder_init(B(&f), unit->arena, attempt == 1);
    bytecode_temps(B(&f), facts->parameter_count);
    body(&f, data);
    bytecode_return_undefined(&f);
    if (unit->failed) {
      bytecode_builder_discard(B(&f));
      return NULL;
    }
    if (B(&f)->status == BUILD_LONG_JUMPS && attempt == 0) {
      bytecode_builder_discard(B(&f));
      continue;
    }
    size_t size;
    Template *t =
        bytecode_builder_finish(B(&f), facts, f.mapped_parameters, &unit->lines,
                                unit->first_line, unit->head, &size);
    if (!t) {
      report(unit, B(&f));
      return NULL;
    }
    t->source = bytecode_use_file(unit, size);
    return t;
  }
  unit->failed = true;
  unit->status = BUILD_TOO_LARGE;
  return NULL;
}

// Prologue --------------------------------------------------------------------

// Stores what `opcode` loads in a binding's place.
static void initialize_with(FunctionState *f, Binding *b, Opcode opcode) {
  uint32_t mark = mark_of(f);
  Place place = bytecode_place(f, b);
  Register r = place.kind == PLACE_REGISTER ? place.reg : temp(f);
  bytecode_emit(B(f), opcode, r, 0, 0);
  if (place.kind != PLACE_REGISTER) bytecode_place_store(f, place, r);
  release(f, mark);
}

// A `this` in a register is loaded right before the body, next to its first
// use, unless parameters could use it earlier.
static bool loads_this_late(const FunctionState *f) {
  const Binding *b = f->ast->this_binding;
  return b && f->ast->has_simple_parameters &&
         !(b->emitter_bits & BINDING_IN_ENVIRONMENT);
}

static void pseudo_binding(FunctionState *f, Binding *b) {
  bytecode_place_binding(f, b);
  switch (b->kind) {
  case BINDING_THIS:
    if (loads_this_late(f)) break;
    initialize_with(f, b, f->is_strict ? OP_LOAD_THIS : OP_COERCE_THIS);
    break;
  case BINDING_NEW_TARGET:
    initialize_with(f, b, OP_LOAD_NEW_TARGET);
    break;
  case BINDING_ACTIVE_FUNCTION:
  case BINDING_FUNCTION_NAME:
    initialize_with(f, b, OP_LOAD_CALLEE);
    break;
  default:
    break;
  }
}

// The parameter's index if the binding is an identifier (with or without a
// default) that may live in its parameter's register.
static bool parameter_register(const AstFunction *ast, const Binding *b,
                               uint32_t *index) {
  if ((b->emitter_bits & BINDING_IN_ENVIRONMENT) || b->needs_tdz) return false;
  if (b->is_simple_parameter) {
    *index = (uint32_t)b->parameter_index;
    return true;
  }
  if (ast->has_simple_parameters) return false;
  for (uint32_t i = 0; i < ast->parameters.count; i++) {
    const AstNode *node = ast->parameters.items[i];
    if (node->type != AST_PATTERN_DEFAULT) continue;
    node = ((const AstBinary *)node)->left;
    if (node->type == AST_BINDING_IDENTIFIER &&
        ((const AstIdentifier *)node)->binding == b) {
      *index = i;
      return true;
    }
  }
  return false;
}

static void place_parameter(FunctionState *f, Binding *b) {
  uint32_t index;
  if (parameter_register(f->ast, b, &index)) {
    b->slot = index;
    b->emitter_bits |= BINDING_IN_REGISTER;
    return;
  }
  bytecode_place_binding(f, b);
  // With expressions among the parameters it gets its value in its turn.
  if (b->is_simple_parameter && f->ast->has_simple_parameters) {
    bytecode_place_store(f, bytecode_place(f, b), (Register)b->parameter_index);
  }
}

static void make_arguments(FunctionState *f) {
  AstFunction *ast = f->ast;
  Binding *b = ast->arguments_binding;
  if (!b || !ast->uses_arguments ||
      (b->emitter_bits & BINDING_ARGUMENTS_ELIDED)) {
    return;
  }
  bytecode_place_binding(f, b);
  bool mapped = !ast->is_strict && ast->has_simple_parameters;
  uint32_t mark = mark_of(f);
  Place place = bytecode_place(f, b);
  Register r = place.kind == PLACE_REGISTER ? place.reg : temp(f);
  Register environment = layout_of(ast->scope)->environment;
  if (mapped && ast->parameters.count) {
    uint16_t *slots =
        bytecode_arena(f->unit, ast->parameters.count * sizeof *slots);
    if (!slots) return;
    for (uint32_t i = 0; i < ast->parameters.count; i++)
      slots[i] = UINT16_MAX;
    for (Binding *p = ast->scope->first_binding; p; p = p->next) {
      if (p->is_simple_parameter &&
          (p->emitter_bits & BINDING_IN_ENVIRONMENT)) {
        slots[p->parameter_index] = (uint16_t)p->slot;
      }
    }
    f->mapped_parameters = slots;
  }
  if (environment == NO_REGISTER) { // nothing is mapped
    environment = r;
    bytecode_load_value(f, VALUE_UNDEFINED, r);
  }
  bytecode_emit(B(f), OP_NEW_ARGUMENTS, r, environment, mapped);
  if (place.kind != PLACE_REGISTER) bytecode_place_store(f, place, r);
  release(f, mark);
}

static void one_parameter(FunctionState *f, AstNode *node, uint32_t index) {
  uint32_t mark = mark_of(f);
  bytecode_at(B(f), node->start);
  if (node->type == AST_REST) {
    AstNode *target = ((AstUnary *)node)->operand;
    Register local = bytecode_local_register(f, target);
    Register r = local != NO_REGISTER ? local : temp(f);
    bytecode_emit(B(f), OP_NEW_REST, r, index, 0);
    if (local == NO_REGISTER) bytecode_assign_target(f, target, r);
    release(f, mark);
    return;
  }
  Register value = (Register)index;
  AstNode *target = node;
  if (node->type == AST_PATTERN_DEFAULT) {
    target = ((AstBinary *)node)->left;
    AstNode *fallback = ((AstBinary *)node)->right;
    Label present = LABEL_INIT;
    bytecode_jump(B(f), OP_JUMP_IF_NOT_UNDEFINED, value, &present);
    bytecode_named_expression(f, fallback, bytecode_target_name(f, target),
                              value);
    bytecode_bind(B(f), &present);
  }
  if (bytecode_local_register(f, target) != value) {
    bytecode_assign_target(f, target, value);
  }
  release(f, mark);
}

static void parameters(FunctionState *f) {
  AstFunction *ast = f->ast;
  for (Binding *b = ast->scope->first_binding; b; b = b->next) {
    if (b->kind == BINDING_PARAMETER || b->is_simple_parameter) {
      place_parameter(f, b);
    }
  }
  make_arguments(f);
  if (ast->has_simple_parameters) return;
  f->in_parameters = true;
  for (uint32_t i = 0; i < ast->parameters.count; i++)
    one_parameter(f, ast->parameters.items[i], i);
  f->in_parameters = false;
}

// First uses ------------------------------------------------------------------

static bool see(void *data, const AstNode *node) {
  if (node->type == AST_IDENTIFIER || node->type == AST_BINDING_IDENTIFIER) {
    Binding *b = ((const AstIdentifier *)node)->binding;
    if (b) b->emitter_bits |= BINDING_IS_SEEN;
    return true;
  }
  return bytecode_each_child(node, see, data);
}

static void see_target(const AstNode *target) {
  if (target->type != AST_IDENTIFIER &&
      target->type != AST_BINDING_IDENTIFIER) {
    see(NULL, target);
    return;
  }
  Binding *b = ((const AstIdentifier *)target)->binding;
  if (!b || target->resolution == REFERENCE_DYNAMIC) return;
  if (!(b->emitter_bits & BINDING_IS_SEEN)) {
    b->emitter_bits |= BINDING_STARTS_ASSIGNED;
  }
  b->emitter_bits |= BINDING_IS_SEEN;
}

static void see_in_order(const AstNode *node) {
  switch ((AstType)node->type) {
  case AST_DECLARATION: {
    const AstList *list = &((const AstListNode *)node)->list;
    for (uint32_t i = 0; i < list->count; i++) {
      const AstBinary *declarator = (const AstBinary *)list->items[i];
      if (!declarator->right) continue;
      see(NULL, declarator->right);
      see_target(declarator->left);
    }
    return;
  }
  case AST_EXPRESSION_STATEMENT:
    see_in_order(((const AstUnary *)node)->operand);
    return;
  case AST_ASSIGN:
    see(NULL, ((const AstBinary *)node)->right);
    see_target(((const AstBinary *)node)->left);
    return;
  case AST_SEQUENCE: {
    const AstList *list = &((const AstListNode *)node)->list;
    for (uint32_t i = 0; i < list->count; i++)
      see_in_order(list->items[i]);
    return;
  }
  case AST_FOR: {
    const AstFor *n = (const AstFor *)node;
    if (n->initializer) see_in_order(n->initializer);
    if (n->test) see(NULL, n->test);
    if (n->update) see(NULL, n->update);
    see(NULL, n->body);
    return;
  }
  case AST_FUNCTION_DECLARATION:
    return;
  default:
    see(NULL, node);
  }
}

// Finds the variables that are assigned before anything else happens to them,
// in code that runs whenever what follows does: they need no `undefined`.
static void find_first_uses(const AstFunction *ast) {
  bool any = false;
  for (const Binding *b = ast->body_scope->first_binding; b; b = b->next)
    any |= b->kind == BINDING_VAR && !b->parameter;
  if (!any) return;
  for (uint32_t i = 0; i < ast->body.count; i++)
    see_in_order(ast->body.items[i]);
}

// Variables and lexical bindings of the body.
static void body_bindings(FunctionState *f, Scope *scope) {
  if (bytecode_code_kind(f->ast) != CODE_FIELD_INITIALIZER) {
    find_first_uses(f->ast);
  }
  for (Binding *b = scope->first_binding; b; b = b->next) {
    if (b->kind == BINDING_PARAMETER || b->is_simple_parameter ||
        b->kind >= BINDING_ARGUMENTS || b->kind == BINDING_FUNCTION_NAME) {
      continue;
    }
    bytecode_place_binding(f, b);
    if (b->parameter) {
      uint32_t mark = mark_of(f);
      Place from = bytecode_place(f, b->parameter);
      Place to = bytecode_place(f, b);
      Register r = to.kind == PLACE_REGISTER ? to.reg : temp(f);
      bytecode_place_load(f, from, r);
      bytecode_place_store(f, to, r);
      release(f, mark);
    }
  }
}

static void run_own_initializer(FunctionState *f) {
  uint32_t mark = mark_of(f);
  Register this_value = temp(f), callee = temp(f);
  bytecode_emit(B(f), OP_LOAD_THIS, this_value, 0, 0);
  if (!f->class_context->inlined) {
    bytecode_emit(B(f), OP_LOAD_CALLEE, callee, 0, 0);
  }
  bytecode_instance_elements(f, this_value, callee);
  release(f, mark);
}

static void function_body(FunctionState *f, void *data) {
  AstFunction *ast = f->ast;
  bytecode_at(B(f), ast->base.start);
  if (ast->kind == FUNCTION_CONSTRUCTOR && f->class_context &&
      f->class_context->has_instance_elements) {
    run_own_initializer(f);
  }
  bytecode_new_environment(f, ast->scope);
  for (Binding *b = ast->scope->first_binding; b; b = b->next) {
    if (b->kind >= BINDING_THIS || b->kind == BINDING_FUNCTION_NAME) {
      pseudo_binding(f, b);
    }
  }
  if (ast->this_binding) {
    Place place = bytecode_place(f, ast->this_binding);
    if (place.kind == PLACE_REGISTER) f->this_register = place.reg;
  }
  parameters(f);
  if (ast->body_scope != ast->scope) {
    bytecode_new_environment(f, ast->body_scope);
  }
  body_bindings(f, ast->body_scope);
  if (ast->body_scope != ast->scope) {
    // What the parser kept in the outer scope besides parameters.
    for (Binding *b = ast->scope->first_binding; b; b = b->next) {
      if (b->kind == BINDING_VAR && !b->is_simple_parameter &&
          !(b->emitter_bits & BINDING_IN_REGISTER)) {
        bytecode_place_binding(f, b);
      }
    }
  }
  bytecode_hoist_functions(f, ast->body_scope);
  if (loads_this_late(f)) {
    initialize_with(f, ast->this_binding,
                    f->is_strict ? OP_LOAD_THIS : OP_COERCE_THIS);
  }
  if (ast->is_generator) bytecode_emit(B(f), OP_START_GENERATOR, 0, 0, 0);
  bytecode_count_function(f);
  if (bytecode_code_kind(ast) == CODE_FIELD_INITIALIZER) {
    bytecode_class_elements(f, ast);
  } else {
    bytecode_scope_statements(f, ast->body_scope, &ast->body);
  }
  bytecode_at(B(f), ast->source_end ? ast->source_end - 1 : 0);
}

Template *bytecode_compile_function(CompileUnit *unit, FunctionState *outer,
                                    AstFunction *ast, String *name,
                                    const ClassContext *class_context) {
  uint32_t count = ast->parameters.count - ast->has_rest;
  if (count > BYTECODE_MAX_REGISTERS) {
    unit->failed = true;
    unit->status = BUILD_TOO_LARGE;
    return NULL;
  }
  Template facts = {
      .kind = bytecode_code_kind(ast),
      .name = name,
      .parameter_count = (uint16_t)count,
      .length = (uint16_t)ast->length,
      .source_start = ast->source_start,
      .source_end = ast->source_end,
  };
  if (ast->is_strict) facts.flags |= TEMPLATE_STRICT;
  if (ast->is_generator) facts.flags |= TEMPLATE_GENERATOR;
  if (ast->is_async) facts.flags |= TEMPLATE_ASYNC;
  if (unit->options->goal == COMPILE_SELF_HOSTED) {
    facts.flags |= TEMPLATE_SELF_HOSTED;
  }
  if (ast->this_binding) facts.flags |= TEMPLATE_USES_THIS;
  if (ast->has_simple_parameters) {
    facts.flags |= TEMPLATE_HAS_SIMPLE_PARAMETERS;
  }
  if (ast->has_direct_eval) facts.flags |= TEMPLATE_HAS_DIRECT_EVAL;
  if (ast->arguments_binding && ast->uses_arguments &&
      !(ast->arguments_binding->emitter_bits & BINDING_ARGUMENTS_ELIDED)) {
    facts.flags |= TEMPLATE_ARGUMENTS_OBJECT;
  }
  if (ast->kind == FUNCTION_NORMAL || ast->kind == FUNCTION_CONSTRUCTOR) {
    facts.expected_properties =
        ast->is_lazy ? ast->expected_properties : ast_expected_properties(ast);
    if (class_context && class_context->inlined &&
        class_context->inlined->instance_initializer) {
      facts.expected_properties +=
          (uint16_t)class_context->inlined->instance_initializer->body.count;
    }
  }
  if (ast->is_lazy) return bytecode_lazy_stub(unit, ast, &facts);
  FunctionState prototype = {
      .outer = outer,
      .ast = ast,
      .closure_scope = ast->scope->parent,
      .kind = facts.kind,
      .is_strict = ast->is_strict,
      .is_async = ast->is_async,
      .is_generator = ast->is_generator,
      .class_context = class_context,
  };
  return bytecode_build(unit, &prototype, function_body, NULL, &facts);
}

// Closures --------------------------------------------------------------------

uint32_t bytecode_nested(FunctionState *f, AstFunction *ast, String *name,
                         const ClassContext *class_context) {
  if (ast->kind == FUNCTION_ARROW) class_context = f->class_context;
  Template *t = bytecode_compile_function(f->unit, f, ast, name, class_context);
  return t ? bytecode_function(B(f), t) : 0;
}

void bytecode_closure(FunctionState *f, AstFunction *ast, String *name,
                      Register dst) {
  uint32_t mark = mark_of(f);
  uint32_t index = bytecode_nested(f, ast, name, NULL);
  bytecode_emit(B(f), OP_NEW_FUNCTION, dst, bytecode_environment(f), index);
  release(f, mark);
}

void bytecode_method(FunctionState *f, AstFunction *ast, String *name,
                     Register home, Register dst) {
  if (!ast->needs_home_object) {
    bytecode_closure(f, ast, name, dst);
    return;
  }
  uint32_t mark = mark_of(f);
  uint32_t index = bytecode_nested(f, ast, name, NULL);
  bytecode_emit_word(B(f), OP_NEW_METHOD, dst, bytecode_environment(f), index,
                     home);
  release(f, mark);
}
