// SPDX-License-Identifier: MIT
// Before any code is emitted: where every binding lives (register, environment
// slot, by name, import) and which scopes have an environment at run time. Both
// the function that owns a scope and the functions inside, which count the hops
// to it, rely on this one decision.
#include "vm/bytecode/emitter.h"

// Arena -----------------------------------------------------------------------

void *bytecode_arena(CompileUnit *unit, size_t bytes) {
  void *result = arena_try_alloc(unit->arena, bytes);
  if (result) return memset(result, 0, bytes);
  unit->failed = true;
  unit->status = BUILD_OUT_OF_MEMORY;
  return NULL;
}

// Children --------------------------------------------------------------------

#define VISIT(child)                                                           \
  do {                                                                         \
    const AstNode *child_ = (const AstNode *)(child);                          \
    if (child_ && !visit(data, child_)) return false;                          \
  } while (0)

static bool each_of_list(const AstList *list,
                         bool (*visit)(void *, const AstNode *), void *data) {
  for (uint32_t i = 0; i < list->count; i++)
    VISIT(list->items[i]);
  return true;
}
#define VISIT_LIST(list)                                                       \
  do {                                                                         \
    if (!each_of_list(list, visit, data)) return false;                        \
  } while (0)

// Object or callee of a property access or call.
static AstNode *link_of(const AstNode *node) {
  switch ((AstType)node->type) {
  case AST_CALL:
    return ((const AstCall *)node)->callee;
  case AST_MEMBER:
    return ((const AstMember *)node)->object;
  case AST_INDEX:
    return ((const AstIndex *)node)->object;
  default:
    return NULL;
  }
}

// Walks a chain that leans left in a loop, down to its last two links, which
// `visit` sees together.
static bool each_of_chain(const AstNode *node,
                          bool (*visit)(void *, const AstNode *), void *data) {
  for (;;) {
    if (node->type == AST_CALL) {
      VISIT_LIST(&((const AstCall *)node)->arguments);
    } else if (node->type == AST_INDEX) {
      VISIT(((const AstIndex *)node)->index);
    }
    const AstNode *next = link_of(node);
    const AstNode *after = link_of(next);
    if (!after || !link_of(after)) {
      VISIT(next);
      return true;
    }
    node = next;
  }
}

static bool each_of_operators(const AstNode *node,
                              bool (*visit)(void *, const AstNode *),
                              void *data) {
  while (node->type == AST_BINARY || node->type == AST_LOGICAL) {
    VISIT(((const AstBinary *)node)->right);
    node = ((const AstBinary *)node)->left;
  }
  VISIT(node);
  return true;
}

// Functions count as leaves: their code runs in another frame.
bool bytecode_each_child(const AstNode *node,
                         bool (*visit)(void *, const AstNode *), void *data) {
  switch ((AstType)node->type) {
  case AST_TEMPLATE: {
    const AstTemplate *n = (const AstTemplate *)node;
    for (uint32_t i = 0; i < n->expression_count; i++)
      VISIT(n->expressions[i]);
    return true;
  }
  case AST_TAGGED_TEMPLATE:
    VISIT(((const AstTaggedTemplate *)node)->tag);
    VISIT(((const AstTaggedTemplate *)node)->quasi);
    return true;
  case AST_ARRAY:
  case AST_OBJECT:
  case AST_SEQUENCE:
  case AST_ARRAY_PATTERN:
  case AST_OBJECT_PATTERN:
  case AST_DECLARATION:
    VISIT_LIST(&((const AstListNode *)node)->list);
    return true;
  case AST_PROPERTY:
  case AST_PATTERN_PROPERTY: {
    const AstProperty *n = (const AstProperty *)node;
    if (node->flags & AST_COMPUTED) VISIT(n->key);
    VISIT(n->value);
    return true;
  }
  case AST_CLASS:
  case AST_CLASS_DECLARATION: {
    const AstClass *n = (const AstClass *)node;
    VISIT_LIST(&n->decorators);
    VISIT(n->heritage);
    VISIT_LIST(&n->elements);
    return true;
  }
  case AST_CLASS_ELEMENT:
    VISIT_LIST(&((const AstClassElement *)node)->decorators);
    if (node->flags & AST_COMPUTED) VISIT(((const AstClassElement *)node)->key);
    return true;
  case AST_SPREAD:
  case AST_REST:
  case AST_UNARY:
  case AST_UPDATE:
  case AST_OPTIONAL_CHAIN:
  case AST_AWAIT:
  case AST_YIELD:
  case AST_EXPRESSION_STATEMENT:
  case AST_THROW:
  case AST_RETURN:
  case AST_EXPORT:
    VISIT(((const AstUnary *)node)->operand);
    return true;
  case AST_BINARY:
  case AST_LOGICAL:
    return each_of_operators(node, visit, data);
  case AST_PRIVATE_IN:
  case AST_ASSIGN:
  case AST_COMPOUND_ASSIGN:
  case AST_LOGICAL_ASSIGN:
  case AST_PATTERN_DEFAULT:
  case AST_DECLARATOR:
    VISIT(((const AstBinary *)node)->left);
    VISIT(((const AstBinary *)node)->right);
    return true;
  case AST_CONDITIONAL:
  case AST_IF:
    VISIT(((const AstConditional *)node)->test);
    VISIT(((const AstConditional *)node)->then);
    VISIT(((const AstConditional *)node)->otherwise);
    return true;
  case AST_CALL:
  case AST_MEMBER:
  case AST_INDEX:
    return each_of_chain(node, visit, data);
  case AST_NEW:
    VISIT(((const AstCall *)node)->callee);
    VISIT_LIST(&((const AstCall *)node)->arguments);
    return true;
  case AST_SUPER_CALL:
    VISIT_LIST(&((const AstSuperCall *)node)->arguments);
    return true;
  case AST_INTRINSIC_CALL:
    VISIT_LIST(&((const AstIntrinsicCall *)node)->arguments);
    return true;
  case AST_PRIVATE_MEMBER:
    VISIT(((const AstPrivateMember *)node)->object);
    return true;
  case AST_SUPER_MEMBER:
    VISIT(((const AstSuperMember *)node)->index);
    return true;
  case AST_IMPORT_CALL:
    VISIT(((const AstImportCall *)node)->specifier);
    VISIT(((const AstImportCall *)node)->options);
    return true;
  case AST_BLOCK:
    VISIT_LIST(&((const AstBlock *)node)->body);
    return true;
  case AST_FOR:
    VISIT(((const AstFor *)node)->initializer);
    VISIT(((const AstFor *)node)->test);
    VISIT(((const AstFor *)node)->update);
    VISIT(((const AstFor *)node)->body);
    return true;
  case AST_FOR_IN:
  case AST_FOR_OF:
    VISIT(((const AstForIn *)node)->target);
    VISIT(((const AstForIn *)node)->iterated);
    VISIT(((const AstForIn *)node)->body);
    return true;
  case AST_WHILE:
  case AST_DO_WHILE:
    VISIT(((const AstWhile *)node)->test);
    VISIT(((const AstWhile *)node)->body);
    return true;
  case AST_TRY: {
    const AstTry *n = (const AstTry *)node;
    VISIT(n->block);
    VISIT(n->parameter);
    VISIT(n->handler);
    VISIT(n->finalizer);
    return true;
  }
  case AST_SWITCH:
    VISIT(((const AstSwitch *)node)->discriminant);
    VISIT_LIST(&((const AstSwitch *)node)->cases);
    return true;
  case AST_CASE:
    VISIT(((const AstCase *)node)->test);
    VISIT_LIST(&((const AstCase *)node)->body);
    return true;
  case AST_LABELED:
    VISIT(((const AstLabeled *)node)->body);
    return true;
  case AST_WITH:
    VISIT(((const AstWith *)node)->object);
    VISIT(((const AstWith *)node)->body);
    return true;
  case AST_EXPORT_DEFAULT:
    VISIT(((const AstExportDefault *)node)->value);
    return true;
  default:
    return true;
  }
}

// `arguments` ---------------------------------------------------------------

static bool is_name_of(const AstNode *node, const Binding *binding) {
  return node->type == AST_IDENTIFIER &&
         ((const AstIdentifier *)node)->binding == binding;
}

static bool name_is_length(const Name *name) {
  return !name->wide && name->length == 6 &&
         memcmp(name->units, "length", 6) == 0;
}

// f.apply(x, arguments)
bool bytecode_forwards_arguments(const AstCall *node, const Binding *binding) {
  if (node->callee->type != AST_MEMBER || node->has_spread ||
      node->arguments.count != 2 || (node->base.flags & AST_OPTIONAL) ||
      (node->callee->flags & (AST_OPTIONAL | AST_PARENTHESIZED))) {
    return false;
  }
  const Name *name = ((const AstMember *)node->callee)->name;
  return !name->wide && name->length == 5 &&
         memcmp(name->units, "apply", 5) == 0 &&
         is_name_of(node->arguments.items[1], binding);
}

// A property reference to `arguments`, which only reads may be.
static bool is_access_of(const AstNode *node, const Binding *binding) {
  if (node->type == AST_MEMBER) {
    return is_name_of(((const AstMember *)node)->object, binding);
  }
  if (node->type == AST_INDEX) {
    return is_name_of(((const AstIndex *)node)->object, binding);
  }
  return false;
}

static bool only_reads_arguments(void *data, const AstNode *node) {
  const Binding *binding = data;
  switch ((AstType)node->type) {
  case AST_IDENTIFIER:
  case AST_BINDING_IDENTIFIER:
    return ((const AstIdentifier *)node)->binding != binding;
  case AST_MEMBER:
    if (is_access_of(node, binding)) {
      return name_is_length(((const AstMember *)node)->name);
    }
    break;
  case AST_INDEX:
    if (is_access_of(node, binding)) {
      return only_reads_arguments(data, ((const AstIndex *)node)->index);
    }
    break;
  case AST_CALL:
    if (is_access_of(((const AstCall *)node)->callee, binding)) return false;
    if (bytecode_forwards_arguments((const AstCall *)node, binding)) {
      const AstCall *call = (const AstCall *)node;
      return only_reads_arguments(data, ((AstMember *)call->callee)->object) &&
             only_reads_arguments(data, call->arguments.items[0]);
    }
    break;
  case AST_TAGGED_TEMPLATE:
    if (is_access_of(((const AstTaggedTemplate *)node)->tag, binding)) {
      return false;
    }
    break;
  case AST_UNARY:
    if (node->op == AST_OP_DELETE) return false;
    break;
  case AST_UPDATE:
  case AST_REST:
    if (is_access_of(((const AstUnary *)node)->operand, binding)) return false;
    break;
  case AST_ASSIGN:
  case AST_COMPOUND_ASSIGN:
  case AST_LOGICAL_ASSIGN:
  case AST_PATTERN_DEFAULT:
    if (is_access_of(((const AstBinary *)node)->left, binding)) return false;
    break;
  case AST_PATTERN_PROPERTY:
    if (is_access_of(((const AstProperty *)node)->value, binding)) return false;
    break;
  case AST_FOR_IN:
  case AST_FOR_OF:
    if (is_access_of(((const AstForIn *)node)->target, binding)) return false;
    break;
  case AST_ARRAY_PATTERN: {
    const AstList *list = &((const AstListNode *)node)->list;
    for (uint32_t i = 0; i < list->count; i++) {
      if (list->items[i] && is_access_of(list->items[i], binding)) return false;
    }
    break;
  }
  default:
    break;
  }
  return bytecode_each_child(node, only_reads_arguments, data);
}

static bool is_mapped(const AstFunction *function) {
  return !function->is_strict && function->has_simple_parameters;
}

static bool can_elide_arguments(const AstFunction *function) {
  const Binding *binding = function->arguments_binding;
  if (function->is_async || function->is_generator ||
      function->has_direct_eval || function->has_inner_direct_eval ||
      binding->is_captured || binding->is_assigned || binding->function ||
      (binding->emitter_bits & BINDING_MUST_CAPTURE)) {
    return false;
  }
  if (is_mapped(function)) {
    const Binding *b = function->scope->first_binding;
    for (; b; b = b->next) {
      if (b->is_simple_parameter && (b->is_assigned || b->function)) {
        return false;
      }
    }
  }
  return each_of_list(&function->parameters, only_reads_arguments,
                      (void *)binding) &&
         each_of_list(&function->body, only_reads_arguments, (void *)binding);
}

static void decide_arguments(AstFunction *function) {
  Binding *binding = function->arguments_binding;
  if (!binding || !function->uses_arguments) return;
  if (can_elide_arguments(function)) {
    binding->emitter_bits |= BINDING_ARGUMENTS_ELIDED;
    return;
  }
  if (!is_mapped(function)) return;
  // The arguments object shares these variables with the function.
  for (Binding *b = function->scope->first_binding; b; b = b->next) {
    if (b->is_simple_parameter &&
        (b->is_referenced || b->is_assigned || b->is_captured || b->function)) {
      b->emitter_bits |= BINDING_MUST_CAPTURE;
    }
  }
}

// Scopes ----------------------------------------------------------------------

static bool is_var_like(const Binding *binding) {
  return binding->kind == BINDING_VAR || binding->kind == BINDING_FUNCTION;
}

static bool is_pseudo(const Binding *binding) {
  return binding->kind >= BINDING_THIS;
}

static bool create_layouts(CompileUnit *unit, Scope *scope) {
  ScopeLayout *layout = bytecode_arena(unit, sizeof *layout);
  if (!layout) return false;
  scope->emitter_data = layout;
  layout->environment = layout->eval_vars = NO_REGISTER;
  if (scope->has_inner_direct_eval) layout->is_described = true;
  for (Binding *b = scope->first_binding; b; b = b->next) {
    b->emitter_bits = 0;
  }
  for (Scope *child = scope->first_child; child; child = child->next_sibling) {
    if (!create_layouts(unit, child)) return false;
  }
  if (scope->kind == SCOPE_WITH) {
    // Everything around must be found by name.
    for (Scope *s = scope; s && !(s != scope && layout_of(s) == NULL);
         s = s->parent) {
      layout_of(s)->is_described = true;
      for (Binding *b = s->first_binding; b; b = b->next) {
        b->emitter_bits |= BINDING_MUST_CAPTURE;
      }
    }
  }
  return true;
}

static bool lives_in_environment(const Scope *scope, const Binding *binding) {
  if (binding->is_captured || (binding->emitter_bits & BINDING_MUST_CAPTURE)) {
    return true;
  }
  switch (scope->kind) {
  case SCOPE_MODULE:
    return binding->is_exported || binding->kind == BINDING_DEFAULT_EXPORT;
  case SCOPE_CLASS_BODY:
    return true; // the initializer functions use them
  default:
    return false;
  }
}

// An environment that is there already, as a function's LazyNames say.
static void place_outer_scope(Scope *scope) {
  layout_of(scope)->has_environment = true;
  for (Binding *b = scope->first_binding; b; b = b->next) {
    b->emitter_bits |=
        b->kind == BINDING_IMPORT ? BINDING_IS_IMPORT : BINDING_IN_ENVIRONMENT;
  }
}

static bool place_scope(CompileUnit *unit, Scope *scope) {
  ScopeLayout *layout = layout_of(scope);
  if (scope->is_outer) {
    place_outer_scope(scope);
    return true;
  }
  uint32_t slots = scope->kind == SCOPE_WITH ? 1 : 0;
  for (Binding *b = scope->first_binding; b; b = b->next) {
    if (b->emitter_bits & BINDING_IS_IMPORT) continue;
    if (b->kind == BINDING_HOME_OBJECT) continue; // the function has it
    if (scope->kind == SCOPE_SCRIPT) {
      if (!is_pseudo(b)) b->emitter_bits |= BINDING_BY_NAME;
      continue;
    }
    if (scope->kind == SCOPE_EVAL && !scope->is_strict && is_var_like(b)) {
      b->emitter_bits |= BINDING_BY_NAME;
      continue;
    }
    if (!lives_in_environment(scope, b)) continue;
    b->emitter_bits |= BINDING_IN_ENVIRONMENT;
    b->slot = slots++;
    if (b->kind == BINDING_PRIVATE_NAME && b->private_kind != PRIVATE_FIELD) {
      // The method, or getter and setter, follow the name.
      slots += b->private_kind == PRIVATE_METHOD ? 1 : 2;
    }
  }
  if (slots > UINT16_MAX) {
    unit->failed = true;
    unit->status = BUILD_TOO_LARGE;
    return false;
  }
  layout->slot_count = (uint16_t)slots;
  layout->has_environment = slots > 0 && scope->kind != SCOPE_SCRIPT;
  layout->has_eval_vars =
      scope->is_extensible_by_eval &&
      (scope->kind == SCOPE_FUNCTION || scope->kind == SCOPE_FUNCTION_BODY);
  // The linker makes it, empty or not.
  if (scope->kind == SCOPE_MODULE) layout->has_environment = true;
  return true;
}

static bool place_scopes(CompileUnit *unit, Scope *scope) {
  if (scope->kind == SCOPE_FUNCTION && scope->function && !scope->is_outer) {
    decide_arguments(scope->function);
  }
  if (!place_scope(unit, scope)) return false;
  for (Scope *child = scope->first_child; child; child = child->next_sibling) {
    if (!place_scopes(unit, child)) return false;
  }
  return true;
}

bool bytecode_layout(CompileUnit *unit) {
  Scope *root = unit->parse->program->scope;
  return create_layouts(unit, root) && bytecode_module_layout(unit) &&
         place_scopes(unit, root);
}

static ScopeDescriptionKind description_kind(const Scope *scope) {
  switch (scope->kind) {
  case SCOPE_FUNCTION:
  case SCOPE_FUNCTION_BODY:
  case SCOPE_STATIC_BLOCK:
    return DESCRIPTION_FUNCTION;
  case SCOPE_MODULE:
    return DESCRIPTION_MODULE;
  case SCOPE_WITH:
    return DESCRIPTION_WITH;
  case SCOPE_CLASS_BODY:
    return DESCRIPTION_CLASS;
  case SCOPE_EVAL:
    return scope->is_strict ? DESCRIPTION_FUNCTION : DESCRIPTION_BLOCK;
  default:
    return DESCRIPTION_BLOCK;
  }
}

// Does `var name` in an eval inside of this scope conflict with the binding?
static bool conflicts_with_var(const Scope *scope, const Binding *binding) {
  if (binding_is_lexical(binding)) return true;
  switch (scope->kind) {
  case SCOPE_FUNCTION:
    // Parameters with expressions are a scope of their own, outside of the
    // variables (ECMA-262 10.2.11 step 20).
    return scope->function && scope->function->body_scope != scope;
  case SCOPE_CATCH:
    return !binding->is_simple_catch; // B.3.4
  case SCOPE_BLOCK:
  case SCOPE_SWITCH:
    return binding->kind == BINDING_FUNCTION;
  default:
    return false;
  }
}

ScopeDescription bytecode_describe(CompileUnit *unit, const Scope *scope) {
  const ScopeLayout *layout = layout_of(scope);
  ScopeDescription result = {.kind = description_kind(scope),
                             .slot_count = layout->slot_count};
  result.names =
      bytecode_arena(unit, scope->binding_count * sizeof *result.names);
  if (!result.names) return result;
  for (const Binding *b = scope->first_binding; b; b = b->next) {
    if (!(b->emitter_bits & BINDING_IN_ENVIRONMENT) || !b->name) continue;
    ScopeSlot *slot = &result.names[result.name_count];
    slot->name = bytecode_atom(unit, b->name);
    if (!slot->name) return result;
    slot->is_const = binding_is_immutable(b)
                         ? (b->kind == BINDING_FUNCTION_NAME ? 2 : 1)
                         : 0;
    slot->is_lexical = conflicts_with_var(scope, b);
    slot->slot = (uint16_t)b->slot;
    result.name_count++;
  }
  return result;
}
