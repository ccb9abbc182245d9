// SPDX-License-Identifier: MIT
// Scopes and declarations while parsing. name->innermost chains the bindings
// of a name over the open scopes, innermost first, so that a redeclaration is
// found without any table. A `var` leaves a mark in each scope it passes on its
// way out, for conflicts with lexical declarations that come later.
#include "vm/syntax/parser.h"

#include <stdlib.h>

void *syntax_grow(Parser *p, void *items, uint32_t *capacity, size_t size) {
  uint32_t more = *capacity ? *capacity * 2 : 64;
  void *result = realloc(items, more * size);
  if (!result) p->lexer.arena.fail(p->lexer.arena.data);
  *capacity = more;
  return result;
}

// `first`: what is the arena's.
static void *grow_from(Parser *p, void *items, const void *first,
                       uint32_t *capacity, size_t size) {
  if (items != first) return syntax_grow(p, items, capacity, size);
  size_t used = *capacity * size;
  return memcpy(syntax_grow(p, NULL, capacity, size), first, used);
}

void syntax_grow_references(Parser *p) {
  p->references = grow_from(p, p->references, p->first_references,
                            &p->reference_capacity, sizeof(*p->references));
}

void syntax_grow_items(Parser *p) {
  p->items = grow_from(p, p->items, p->first_items, &p->item_capacity,
                       sizeof(*p->items));
}

AstIdentifier *syntax_new_reference(Parser *p, AstType type, Name *name,
                                    uint32_t start, uint32_t end) {
  AstIdentifier *identifier = syntax_new_identifier(p, type, name, start, end);
  push_reference(p, identifier);
  return identifier;
}

Scope *syntax_open_scope(Parser *p, ScopeKind kind, uint32_t start,
                         uint32_t *mark) {
  Scope *scope = arena_zalloc(&p->lexer.arena, sizeof(*scope));
  scope->kind = kind;
  scope->is_strict = p->context.strict;
  scope->start = start;
  scope->parent = p->scope;
  if (p->scope) scope->depth = p->scope->depth + 1;
  p->scope = scope;
  *mark = p->reference_count;
  return scope;
}

void syntax_flush_references(Parser *p, Scope *scope, uint32_t mark) {
  uint32_t count = p->reference_count - mark;
  if (!count) return;
  ReferenceChunk *chunk = arena_alloc(
      &p->lexer.arena, sizeof(*chunk) + count * sizeof(AstIdentifier *));
  chunk->count = count;
  chunk->next = scope->references;
  scope->references = chunk;
  memcpy(chunk->items, p->references + mark, count * sizeof(AstIdentifier *));
  p->reference_count = mark;
}

static bool is_lexical_scope(const Scope *scope) {
  switch (scope->kind) {
  case SCOPE_BLOCK:
  case SCOPE_FOR:
  case SCOPE_SWITCH:
  case SCOPE_CATCH:
  case SCOPE_CLASS:
  case SCOPE_CLASS_BODY:
    return true;
  default:
    return false;
  }
}

static bool is_inner_scope(const Scope *scope) {
  return is_lexical_scope(scope) || scope->kind == SCOPE_WITH;
}

static void unlink_binding(Binding *binding) {
  binding->name->innermost = binding->hidden;
  binding->hidden = NULL;
}

static bool is_mark(const Binding *binding) {
  return binding->kind == BINDING_VAR && binding->is_sloppy_function;
}

// Annex B.3.3: functions of a closing block go on to its parent, unless a name
// of this block would make `var` an early error.
static void lift_candidates(Parser *p, Scope *scope) {
  uint32_t first = p->candidate_count;
  while (first && p->candidates[first - 1].scope == scope)
    first--;
  uint32_t kept = first;
  for (uint32_t i = first; i < p->candidate_count; i++) {
    AnnexBCandidate candidate = p->candidates[i];
    if (candidate.function->binding->scope != scope) {
      Binding *binding =
          syntax_find_binding(candidate.function->name->name, scope);
      if (binding && !is_mark(binding) &&
          !(binding->kind == BINDING_CATCH && binding->is_simple_catch))
        continue;
    }
    candidate.scope = scope->parent;
    p->candidates[kept++] = candidate;
  }
  p->candidate_count = kept;
}

// The functions to instantiate on entry, by their place in the text.
static void list_functions(Parser *p, Scope *scope) {
  uint32_t count = 0;
  for (Binding *b = scope->first_binding; b; b = b->next)
    count += b->function != NULL;
  if (!count) return;
  scope->functions =
      arena_alloc(&p->lexer.arena, count * sizeof(*scope->functions));
  for (Binding *b = scope->first_binding; b; b = b->next) {
    if (!b->function) continue;
    uint32_t i = scope->function_count++;
    for (; i && scope->functions[i - 1]->base.start > b->function->base.start;
         i--)
      scope->functions[i] = scope->functions[i - 1];
    scope->functions[i] = b->function;
  }
}

static void append_children(Scope *parent, Scope *first, Scope *last) {
  if (!first) return;
  if (parent->last_child)
    parent->last_child->next_sibling = first;
  else
    parent->first_child = first;
  parent->last_child = last;
}

static void unlink_bindings(Scope *scope) {
  for (Binding *b = scope->first_binding; b; b = b->next)
    if (b->name) unlink_binding(b);
  for (Binding *b = scope->var_marks; b; b = b->next)
    unlink_binding(b);
}

void syntax_abandon_scopes(Parser *p, Scope *until) {
  for (; p->scope != until; p->scope = p->scope->parent)
    unlink_bindings(p->scope);
}

Scope *syntax_close_scope(Parser *p, uint32_t mark) {
  Scope *scope = p->scope;
  Scope *parent = scope->parent;
  scope->end = p->previous_end;
  if (p->candidate_count && is_inner_scope(scope)) lift_candidates(p, scope);
  unlink_bindings(scope);
  scope->var_marks = NULL;
  p->scope = parent;
  if (scope->binding_count || !is_lexical_scope(scope)) {
    syntax_flush_references(p, scope, mark);
    list_functions(p, scope);
    if (parent) append_children(parent, scope, scope);
    return scope;
  }
  // Its references are on top of the parent's: they simply become those.
  for (Scope *child = scope->first_child; child; child = child->next_sibling)
    child->parent = parent;
  append_children(parent, scope->first_child, scope->last_child);
  parent->has_direct_eval |= scope->has_direct_eval;
  return NULL;
}

Scope *syntax_var_scope(Scope *scope) {
  while (is_inner_scope(scope))
    scope = scope->parent;
  return scope;
}

Binding *syntax_find_binding(const Name *name, const Scope *scope) {
  Binding *binding = name->innermost;
  while (binding && binding->scope->depth > scope->depth)
    binding = binding->hidden;
  return binding && binding->scope == scope ? binding : NULL;
}

// Puts the binding into its name's chain, which is sorted by depth.
static void link_binding(Binding *binding) {
  Binding **place = &binding->name->innermost;
  while (*place && (*place)->scope->depth > binding->scope->depth)
    place = &(*place)->hidden;
  binding->hidden = *place;
  *place = binding;
}

static Binding *new_binding(Parser *p, Scope *scope, Name *name,
                            BindingKind kind, uint32_t declared_at) {
  Binding *binding = arena_zalloc(&p->lexer.arena, sizeof(*binding));
  binding->name = name;
  binding->scope = scope;
  binding->kind = kind;
  binding->declared_at = declared_at;
  binding->parameter_index = -1;
  if (name) link_binding(binding);
  return binding;
}

void syntax_append_binding(Scope *scope, Binding *binding) {
  if (scope->last_binding)
    scope->last_binding->next = binding;
  else
    scope->first_binding = binding;
  scope->last_binding = binding;
  scope->binding_count++;
}

Binding *syntax_add_binding(Parser *p, Scope *scope, Name *name,
                            BindingKind kind, uint32_t declared_at) {
  Binding *binding = new_binding(p, scope, name, kind, declared_at);
  syntax_append_binding(scope, binding);
  return binding;
}

static void add_mark(Parser *p, Scope *scope, Name *name) {
  Binding *binding = new_binding(p, scope, name, BINDING_VAR, 0);
  // What tells a mark from a var, which is never in such a scope.
  binding->is_sloppy_function = true;
  binding->next = scope->var_marks;
  scope->var_marks = binding;
}

static _Noreturn void redeclared(Parser *p, const AstIdentifier *identifier) {
  syntax_fail_name(p, identifier->base.start, identifier->base.end,
                   "Identifier ", identifier->name,
                   " has already been declared");
}

// Where declarations are written: by name for globals, and for variables of
// sloppy eval code, which live in its caller.
static void connect(const Parser *p, AstIdentifier *identifier,
                    Binding *binding) {
  identifier->binding = binding;
  identifier->base.resolution = REFERENCE_LOCAL;
  const Scope *scope = binding->scope;
  if (scope->kind == SCOPE_SCRIPT)
    identifier->base.resolution = REFERENCE_GLOBAL;
  else if (scope->kind == SCOPE_EVAL && !scope->is_strict &&
           !binding_is_lexical(binding))
    identifier->base.resolution = p->options->goal == SYNTAX_DIRECT_EVAL
                                      ? REFERENCE_DYNAMIC
                                      : REFERENCE_GLOBAL;
}

static bool is_var_like(const Binding *binding) {
  return binding->kind == BINDING_VAR || binding->kind == BINDING_PARAMETER ||
         (binding->kind == BINDING_FUNCTION && binding->is_declared_function);
}

static Binding *declare_var(Parser *p, AstIdentifier *identifier,
                            BindingKind kind) {
  Name *name = identifier->name;
  Scope *scope = p->scope;
  for (; is_inner_scope(scope); scope = scope->parent) {
    if (scope->kind == SCOPE_WITH) continue;
    Binding *binding = syntax_find_binding(name, scope);
    if (!binding) {
      add_mark(p, scope, name);
    } else if (!is_mark(binding) &&
               !(binding->kind == BINDING_CATCH && binding->is_simple_catch &&
                 kind == BINDING_VAR)) {
      redeclared(p, identifier);
    }
  }
  Binding *binding = syntax_find_binding(name, scope);
  if (binding) {
    if (!is_var_like(binding)) redeclared(p, identifier);
    return binding;
  }
  binding = syntax_add_binding(p, scope, name, kind, identifier->base.start);
  if (scope->kind == SCOPE_FUNCTION_BODY)
    binding->parameter = syntax_find_binding(name, scope->parent);
  return binding;
}

// The FUNCTION scope whose parameters conflict with lexical names of `scope`.
static const Scope *parameters_of(const Scope *scope) {
  return scope->kind == SCOPE_FUNCTION_BODY ? scope->parent : NULL;
}

static Binding *declare_lexical(Parser *p, AstIdentifier *identifier,
                                BindingKind kind) {
  Name *name = identifier->name;
  Scope *scope = p->scope;
  if (syntax_find_binding(name, scope)) redeclared(p, identifier);
  const Scope *outer = parameters_of(scope);
  // The catch parameter conflicts with its block's names.
  if (scope->kind == SCOPE_BLOCK && scope->parent->kind == SCOPE_CATCH)
    outer = scope->parent;
  if (outer) {
    Binding *binding = syntax_find_binding(name, outer);
    if (binding &&
        (binding->kind == BINDING_PARAMETER || binding->kind == BINDING_CATCH))
      redeclared(p, identifier);
  }
  return syntax_add_binding(p, scope, name, kind, identifier->base.start);
}

Binding *syntax_declare(Parser *p, AstIdentifier *identifier,
                        BindingKind kind) {
  Binding *binding;
  if (kind == BINDING_VAR) {
    // An ordinary reference: a catch parameter or `with` may come between.
    push_reference(p, identifier);
    return declare_var(p, identifier, kind);
  }
  if (kind == BINDING_PARAMETER) {
    binding = syntax_find_binding(identifier->name, p->scope);
    if (binding && !p->duplicate_parameter) p->duplicate_parameter = identifier;
    if (!binding)
      binding = syntax_add_binding(p, p->scope, identifier->name, kind,
                                   identifier->base.start);
  } else {
    binding = declare_lexical(p, identifier, kind);
  }
  identifier->base.flags |= AST_INITIALIZES;
  connect(p, identifier, binding);
  return binding;
}

// Declarations of functions: var-like at the top of functions and scripts,
// lexical in blocks and modules.
void syntax_declare_function(Parser *p, AstFunction *function) {
  Scope *scope = p->scope;
  AstIdentifier *identifier = function->name;
  Name *name = identifier->name;
  bool sloppy =
      !p->context.strict && !function->is_async && !function->is_generator;
  bool block_level = is_inner_scope(scope);
  function->is_block_level = block_level;
  Binding *binding;
  if (block_level || scope->kind == SCOPE_MODULE) {
    binding = syntax_find_binding(name, scope);
    // Annex B.3.3.4: duplicates of sloppy functions in a block.
    if (!(binding && block_level && sloppy && !is_mark(binding) &&
          binding->kind == BINDING_FUNCTION && binding->is_sloppy_function))
      binding = declare_lexical(p, identifier, BINDING_FUNCTION);
    binding->is_sloppy_function = sloppy;
    if (block_level && sloppy) {
      if (p->candidate_count == p->candidate_capacity)
        p->candidates = syntax_grow(p, p->candidates, &p->candidate_capacity,
                                    sizeof(*p->candidates));
      p->candidates[p->candidate_count++] = (AnnexBCandidate){function, scope};
    }
  } else {
    binding = declare_var(p, identifier, BINDING_FUNCTION);
    if (binding->kind == BINDING_VAR) binding->kind = BINDING_FUNCTION;
    binding->is_declared_function = true;
  }
  identifier->base.flags |= AST_INITIALIZES;
  connect(p, identifier, binding);
  function->binding = binding;
  binding->function = function;
}

// Annex B.3.3.1 to B.3.3.3, for the functions in blocks of `var_scope`.
void syntax_settle_annex_b(Parser *p, Scope *var_scope) {
  uint32_t end = p->candidate_count;
  while (p->candidate_count &&
         p->candidates[p->candidate_count - 1].scope == var_scope)
    p->candidate_count--;
  for (uint32_t i = p->candidate_count; i < end; i++) {
    AstFunction *function = p->candidates[i].function;
    Name *name = function->name->name;
    const Scope *parameters = parameters_of(var_scope);
    Binding *binding =
        parameters ? syntax_find_binding(name, parameters) : NULL;
    if (binding && binding->kind == BINDING_PARAMETER) continue;
    binding = syntax_find_binding(name, var_scope);
    if (binding &&
        (!is_var_like(binding) || binding->kind == BINDING_PARAMETER))
      continue;
    if (!binding) {
      binding = syntax_add_binding(p, var_scope, name, BINDING_VAR,
                                   function->name->base.start);
      binding->is_annex_b = true;
    }
    binding->is_assigned = true;
    function->annex_b_binding = binding;
    function->annex_b_reference = syntax_new_identifier(
        p, AST_IDENTIFIER, name, function->name->base.start,
        function->name->base.end);
    function->annex_b_reference->base.flags |= AST_WRITTEN;
    connect(p, function->annex_b_reference, binding);
  }
}

void syntax_declare_private(Parser *p, AstIdentifier *identifier,
                            PrivateKind kind, bool is_static) {
  Scope *scope = p->scope;
  Binding *binding = syntax_find_binding(identifier->name, scope);
  if (!binding) {
    binding = syntax_add_binding(p, scope, identifier->name,
                                 BINDING_PRIVATE_NAME, identifier->base.start);
    binding->private_kind = kind;
    binding->is_static = is_static;
  } else {
    bool pair =
        (binding->private_kind == PRIVATE_GETTER && kind == PRIVATE_SETTER) ||
        (binding->private_kind == PRIVATE_SETTER && kind == PRIVATE_GETTER);
    if (!pair || binding->is_static != is_static) redeclared(p, identifier);
    binding->private_kind = PRIVATE_ACCESSOR;
  }
  connect(p, identifier, binding);
}

void syntax_declare_target(Parser *p, AstNode *target, BindingKind kind,
                           uint32_t initialized_at) {
  syntax_check_stack(p);
  switch (target->type) {
  case AST_BINDING_IDENTIFIER: {
    AstIdentifier *identifier = (AstIdentifier *)target;
    if (binding_is_lexical(&(Binding){.kind = kind}) &&
        identifier->name == p->known.let)
      FAIL_NODE(p, target, "let is disallowed as a lexically bound name");
    syntax_declare(p, identifier, kind)->initialized_at = initialized_at;
    break;
  }
  case AST_PATTERN_DEFAULT:
    syntax_declare_target(p, ((AstBinary *)target)->left, kind, initialized_at);
    break;
  case AST_REST:
    syntax_declare_target(p, ((AstUnary *)target)->operand, kind,
                          initialized_at);
    break;
  case AST_PATTERN_PROPERTY:
    syntax_declare_target(p, ((AstProperty *)target)->value, kind,
                          initialized_at);
    break;
  default: {
    AstList list = ((AstListNode *)target)->list;
    for (uint32_t i = 0; i < list.count; i++)
      if (list.items[i])
        syntax_declare_target(p, list.items[i], kind, initialized_at);
  }
  }
}
