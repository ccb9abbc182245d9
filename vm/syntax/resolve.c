// SPDX-License-Identifier: MIT
// Connects every reference with its binding, after the whole text has been
// parsed. One walk over the scopes, outermost first: name->innermost again
// chains the bindings in sight, so that a lookup is one load. scope->slot holds
// one more than the depth of the deepest scope in which a name may appear at
// run time (`with`, a function with sloppy direct eval), and is zero again when
// the walk leaves.
#include "vm/syntax/parser.h"

static AstFunction *receiver_of(const Scope *scope) {
  AstFunction *function = scope->function;
  while (function->kind == FUNCTION_ARROW)
    function = function->outer;
  return function;
}

static bool is_root(const AstFunction *function) {
  return function->kind >= FUNCTION_SCRIPT;
}

// Appends a binding that names do not lead to.
static Binding *add_pseudo(Parser *p, Scope *scope, Name *name,
                           BindingKind kind) {
  Binding *binding = arena_zalloc(&p->lexer.arena, sizeof(*binding));
  binding->name = name;
  binding->scope = scope;
  binding->kind = kind;
  binding->parameter_index = -1;
  syntax_append_binding(scope, binding);
  return binding;
}

static Binding *pseudo_of(Parser *p, AstFunction *function, BindingKind kind) {
  Binding **place;
  Name *name;
  switch (kind) {
  case BINDING_ARGUMENTS:
    place = &function->arguments_binding;
    name = p->known.arguments;
    break;
  case BINDING_THIS:
    place = &function->this_binding;
    name = p->known.this_;
    break;
  case BINDING_NEW_TARGET:
    place = &function->new_target_binding;
    name = p->known.new_target;
    break;
  case BINDING_HOME_OBJECT:
    place = &function->home_object_binding;
    name = p->known.home;
    function->needs_home_object = true;
    function->has_super_property = true;
    break;
  default:
    place = &function->active_function_binding;
    name = p->known.function_;
    function->has_super_call = true;
    break;
  }
  if (!*place) {
    *place = add_pseudo(p, function->scope, name, kind);
    if (kind == BINDING_THIS && function->kind == FUNCTION_DERIVED_CONSTRUCTOR)
      (*place)->needs_tdz = true;
  }
  return *place;
}

static bool has_binding(const Scope *scope, const Name *name) {
  for (const Binding *b = scope->first_binding; b; b = b->next)
    if (b->name == name) return true;
  return false;
}

// ---- Direct eval ----------------------------------------------------------

static void make_visible(Binding *binding) {
  if (binding->scope->kind == SCOPE_SCRIPT) return;
  binding->is_captured = true;
  binding->is_assigned = true;
  binding->is_referenced = true;
  if (binding_is_lexical(binding) ||
      (binding->kind == BINDING_PARAMETER && binding->initialized_at))
    binding->needs_tdz = true;
}

// What the eval code may ask for by name.
static void add_pseudos_for_eval(Parser *p, AstFunction *function) {
  if (is_root(function)) {
    if (function->kind != FUNCTION_EVAL) pseudo_of(p, function, BINDING_THIS);
    return;
  }
  pseudo_of(p, function, BINDING_THIS);
  pseudo_of(p, function, BINDING_NEW_TARGET);
  if (!has_binding(function->scope, p->known.arguments))
    pseudo_of(p, function, BINDING_ARGUMENTS);
  if (function->kind != FUNCTION_NORMAL)
    pseudo_of(p, function, BINDING_HOME_OBJECT);
  if (function->kind == FUNCTION_DERIVED_CONSTRUCTOR)
    pseudo_of(p, function, BINDING_ACTIVE_FUNCTION);
}

static void note_direct_eval(Parser *p, Scope *scope) {
  scope->function->has_direct_eval = true;
  for (Scope *s = scope; s && !s->has_inner_direct_eval; s = s->parent) {
    s->has_inner_direct_eval = true;
    s->function->has_inner_direct_eval = true;
  }
  add_pseudos_for_eval(p, receiver_of(scope));
  if (scope->is_strict) return;
  Scope *variables = syntax_var_scope(scope);
  if (variables->kind == SCOPE_FUNCTION ||
      variables->kind == SCOPE_FUNCTION_BODY)
    variables->is_extensible_by_eval = true;
}

// ---- References -----------------------------------------------------------

// From where on in the text of `scope`'s activation the code of `function`
// may run.
static uint32_t creation_of(const AstFunction *function) {
  if (function->base.type == AST_FUNCTION_DECLARATION && function->binding)
    return function->binding->scope->start;
  return function->base.start;
}

// May the reference run before its binding is initialized?
static bool may_be_uninitialized(const AstIdentifier *reference,
                                 const Scope *scope, const Binding *binding) {
  switch (binding->kind) {
  case BINDING_IMPORT:
    return true;
  case BINDING_LET:
  case BINDING_CONST:
  case BINDING_USING:
  case BINDING_CLASS:
  case BINDING_CLASS_NAME:
  case BINDING_PARAMETER:
  case BINDING_CATCH:
    break;
  default:
    return false;
  }
  if (!binding->initialized_at) return false;
  if (binding->scope->kind == SCOPE_SWITCH) return true;
  uint32_t position = reference->base.start;
  const AstFunction *owner = binding->scope->function;
  for (const AstFunction *function = scope->function; function != owner;
       function = function->outer)
    position = creation_of(function);
  return position < binding->initialized_at;
}

static void use_binding(AstIdentifier *reference, const Scope *scope,
                        Binding *binding) {
  reference->binding = binding;
  binding->is_referenced = true;
  if (reference->base.flags & AST_WRITTEN &&
      !(reference->base.flags & AST_INITIALIZES))
    binding->is_assigned = true;
  if (may_be_uninitialized(reference, scope, binding)) {
    reference->base.flags |= AST_NEEDS_TDZ_CHECK;
    binding->needs_tdz = true;
  }
  if (scope->function == binding->scope->function) {
    reference->base.resolution = REFERENCE_LOCAL;
  } else {
    reference->base.resolution = REFERENCE_CAPTURED;
    binding->is_captured = true;
  }
}

static void resolve_pseudo(Parser *p, AstIdentifier *reference, Scope *scope) {
  AstFunction *function = receiver_of(scope);
  const Name *name = reference->name;
  BindingKind kind = name == p->known.this_        ? BINDING_THIS
                     : name == p->known.new_target ? BINDING_NEW_TARGET
                     : name == p->known.home       ? BINDING_HOME_OBJECT
                                                   : BINDING_ACTIVE_FUNCTION;
  if (is_root(function)) {
    if (function->kind == FUNCTION_EVAL) {
      reference->base.resolution = REFERENCE_DYNAMIC;
      return;
    }
    // The global `this`, or a module's: constants, never captured.
    reference->base.resolution = REFERENCE_LOCAL;
    if (kind == BINDING_THIS) {
      reference->binding = pseudo_of(p, function, kind);
      reference->binding->is_referenced = true;
    }
    return;
  }
  Binding *binding = pseudo_of(p, function, kind);
  reference->binding = binding;
  binding->is_referenced = true;
  if (scope->function == function) {
    reference->base.resolution = REFERENCE_LOCAL;
  } else {
    reference->base.resolution = REFERENCE_CAPTURED;
    binding->is_captured = true;
  }
  if (binding->needs_tdz) reference->base.flags |= AST_NEEDS_TDZ_CHECK;
}

static bool is_outer_private_name(const Parser *p, const Name *name) {
  const SyntaxOptions *options = p->options;
  for (uint32_t i = 0; i < options->private_name_count; i++) {
    const Name *other = options->private_names[i];
    if (other->length != name->length) continue;
    uint32_t k = 0;
    while (k < name->length && name_unit(other, k) == name_unit(name, k))
      k++;
    if (k == name->length) return true;
  }
  return false;
}

static void resolve_private(Parser *p, AstIdentifier *reference, Scope *scope) {
  Binding *binding = reference->name->innermost;
  if (binding) {
    use_binding(reference, scope, binding);
    return;
  }
  if (!is_outer_private_name(p, reference->name))
    syntax_fail_name(p, reference->base.start, reference->base.end,
                     "Private field ", reference->name,
                     " must be declared in an enclosing class");
  reference->base.resolution = REFERENCE_DYNAMIC;
}

static void resolve_name(Parser *p, AstIdentifier *reference, Scope *scope) {
  Binding *binding = reference->name->innermost;
  if (reference->name == p->known.arguments) {
    AstFunction *function = receiver_of(scope);
    if (!is_root(function) &&
        !(binding && binding->scope->depth >= function->scope->depth))
      binding = pseudo_of(p, function, BINDING_ARGUMENTS);
  }
  if (!binding) {
    bool dynamic = scope->slot || p->options->goal == SYNTAX_DIRECT_EVAL;
    reference->base.resolution = dynamic ? REFERENCE_DYNAMIC : REFERENCE_GLOBAL;
    return;
  }
  const Scope *home = binding->scope;
  use_binding(reference, scope, binding);
  bool is_variable = !binding_is_lexical(binding);
  if (home->kind == SCOPE_SCRIPT) {
    reference->base.resolution = REFERENCE_GLOBAL;
    binding->is_captured = false;
  } else if (home->kind == SCOPE_EVAL && !home->is_strict && is_variable) {
    binding->is_captured = false;
    reference->binding = NULL;
    reference->base.resolution = p->options->goal == SYNTAX_DIRECT_EVAL
                                     ? REFERENCE_DYNAMIC
                                     : REFERENCE_GLOBAL;
  }
  if (scope->slot > home->depth + 1) {
    reference->base.resolution = REFERENCE_DYNAMIC;
    // Found by name in its environment.
    if (home->kind != SCOPE_SCRIPT && reference->binding)
      binding->is_captured = true;
  }
}

static void resolve_references(Parser *p, Scope *scope) {
  for (ReferenceChunk *chunk = scope->references; chunk; chunk = chunk->next) {
    for (uint32_t i = 0; i < chunk->count; i++) {
      AstIdentifier *reference = chunk->items[i];
      // Parameters of arrow functions have become declarations.
      if (reference->base.resolution) continue;
      switch (reference->base.type) {
      case AST_PRIVATE_NAME:
        resolve_private(p, reference, scope);
        break;
      case AST_THIS:
      case AST_NEW_TARGET:
      case AST_PSEUDO_REFERENCE:
        resolve_pseudo(p, reference, scope);
        break;
      default:
        resolve_name(p, reference, scope);
      }
      if (reference->base.resolution == REFERENCE_DYNAMIC &&
          scope->function->is_lazy)
        p->lazy.needs_all = true;
    }
  }
  // Those of a dropped function are all that is known of it.
  if (!scope->function->is_lazy) scope->references = NULL;
}

// ---- The walk -------------------------------------------------------------

static void place_scope(Scope *scope) {
  const Scope *parent = scope->parent;
  if (!parent) return;
  scope->depth = parent->depth + 1;
  if (scope->kind == SCOPE_FUNCTION)
    scope->function->outer = parent->function;
  else
    scope->function = parent->function;
  scope->is_inside_with = parent->is_inside_with || scope->kind == SCOPE_WITH;
}

// `var arguments` names the arguments object itself, or starts with it when the
// parameters have a scope of their own.
static void share_arguments(Parser *p, Scope *scope) {
  AstFunction *function = scope->function;
  if (function->kind == FUNCTION_ARROW) return;
  if (scope != function->body_scope) return;
  for (Binding *b = scope->first_binding; b; b = b->next) {
    if (b->name != p->known.arguments) continue;
    if (b->kind != BINDING_VAR) return;
    if (scope == function->scope) {
      if (function->arguments_binding) return;
      b->kind = BINDING_ARGUMENTS;
      function->arguments_binding = b;
    } else if (!b->parameter) {
      b->parameter = pseudo_of(p, function, BINDING_ARGUMENTS);
      b->parameter->is_referenced = true;
    }
    return;
  }
}

static void enter(Parser *p, Scope *scope) {
  place_scope(scope);
  bool dynamic = scope->kind == SCOPE_WITH || scope->is_extensible_by_eval;
  scope->slot = dynamic         ? scope->depth + 1
                : scope->parent ? scope->parent->slot
                                : 0;
  if ((scope->kind == SCOPE_FUNCTION || scope->kind == SCOPE_FUNCTION_BODY) &&
      scope->binding_count)
    share_arguments(p, scope);
  for (Binding *b = scope->first_binding; b; b = b->next) {
    if (scope->has_inner_direct_eval) make_visible(b);
    if (!b->name) continue;
    if (b->kind > BINDING_ARGUMENTS ||
        (b->kind == BINDING_ARGUMENTS && !b->declared_at))
      continue;
    b->hidden = b->name->innermost;
    b->name->innermost = b;
  }
  resolve_references(p, scope);
}

static void leave_function(AstFunction *function) {
  if (function->name_binding && !function->name_binding->is_referenced)
    function->name_binding = NULL;
  function->uses_this =
      function->this_binding && function->this_binding->is_referenced;
  function->uses_arguments =
      function->arguments_binding && function->arguments_binding->is_referenced;
}

static void leave(Scope *scope) {
  bool changes = false, needs_tdz = false;
  for (Binding *b = scope->first_binding; b; b = b->next) {
    if (b->name && b->name->innermost == b) {
      b->name->innermost = b->hidden;
      b->hidden = NULL;
    }
    if (b->is_exported) {
      b->is_captured = true;
      if (binding_is_lexical(b) || b->kind == BINDING_DEFAULT_EXPORT)
        b->needs_tdz = true;
    }
    scope->captured_count += b->is_captured;
    changes |= b->is_captured && b->is_assigned;
    needs_tdz |= b->needs_tdz;
  }
  scope->slot = 0;
  switch (scope->kind) {
  case SCOPE_FOR:
    // Set by the parser for `for (;;)`.
    if (scope->needs_per_iteration_environment)
      scope->needs_per_iteration_environment = changes;
    else
      scope->head_needs_tdz = needs_tdz;
    break;
  case SCOPE_CLASS: {
    AstClass *class = scope->emitter_data;
    if (class && !class->inner_binding->is_referenced)
      class->inner_binding = NULL;
    scope->emitter_data = NULL;
    break;
  }
  case SCOPE_FUNCTION:
  case SCOPE_SCRIPT:
  case SCOPE_MODULE:
  case SCOPE_EVAL:
    leave_function(scope->function);
    break;
  default:
    break;
  }
}

// Depth first, without recursion. `enter_scope` is called outermost first.
static void walk(Parser *p, Scope *root, void (*enter_scope)(Parser *, Scope *),
                 void (*leave_scope)(Scope *)) {
  Scope *scope = root;
  for (;;) {
    enter_scope(p, scope);
    if (scope->first_child) {
      scope = scope->first_child;
      continue;
    }
    for (;;) {
      leave_scope(scope);
      if (scope == root) return;
      if (scope->next_sibling) {
        scope = scope->next_sibling;
        break;
      }
      scope = scope->parent;
    }
  }
}

static void find_eval(Parser *p, Scope *scope) {
  place_scope(scope);
  if (scope->has_direct_eval) note_direct_eval(p, scope);
}

static void leave_nothing(Scope *scope) {
  (void)scope;
}

// ---- Shown lines ----------------------------------------------------------

static void show_scope(Parser *p, Scope *scope) {
  for (Scope *s = scope; s && !s->has_inner_direct_eval; s = s->parent) {
    s->has_inner_direct_eval = true;
    s->function->has_inner_direct_eval = true;
  }
  AstFunction *receiver = receiver_of(scope);
  if (!is_root(receiver)) pseudo_of(p, receiver, BINDING_THIS);
}

static void find_shown(Parser *p, Scope *scope) {
  place_scope(scope);
  const SyntaxOptions *options = p->options;
  const LineTable *lines = &p->shown;
  uint32_t first = options->first_line ? options->first_line : 1;
  for (uint32_t i = 0; i < options->shown_line_count; i++) {
    uint32_t line = options->shown_lines[i] - first;
    if (options->shown_lines[i] < first || line >= lines->count) continue;
    // A scope that has but its end or its beginning there is shown in vain.
    bool begins =
        line + 1 == lines->count || scope->start < lines->starts[line + 1];
    if (begins && (!scope->parent || scope->end >= lines->starts[line]))
      show_scope(p, scope);
  }
}

void syntax_resolve(Parser *p, AstFunction *program) {
  if (p->options->shown_line_count) {
    if (!syntax_line_table_build(&p->shown, p->lexer.source, &p->lexer.arena))
      p->lexer.arena.fail(p->lexer.arena.data);
    walk(p, program->scope, find_shown, leave_nothing);
  }
  if (p->has_direct_eval) walk(p, program->scope, find_eval, leave_nothing);
  walk(p, program->scope, enter, leave);
}
