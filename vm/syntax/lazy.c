// SPDX-License-Identifier: MIT
// Functions whose bodies are dropped as soon as they have been parsed, and
// parsed again when they are first called.
//
// A body is always parsed whole, so all early errors are early. When it ends,
// the names that it uses and does not declare are collected, and the arena is
// rewound to where the body began: the tree of a large program is never there
// at once. What stays is the AstFunction with one reference for each of those
// names. They are resolved with everything else, so the functions around know
// what is captured, and the emitter knows where each name is found.
//
// Functions that a direct eval or `with` touches are kept, as are those that
// are likely to be called at once and constructors of classes.
#include "vm/syntax/parser.h"

#include <stdlib.h>

typedef struct FreeName {
  Name *name;
  uint32_t start, end;
  uint8_t type; // AstType
  bool is_written;
} FreeName;

// Smaller bodies are kept: they cost less than what would stand for them.
enum { SMALLEST_BODY = 96 };

// ---- Bodies known from before ---------------------------------------------

enum { USE_TEXT, USE_THIS, USE_NEW_TARGET };

void syntax_bodies_release(SyntaxBodies *bodies) {
  free(bodies->items);
  free(bodies->uses);
  *bodies = (SyntaxBodies){0};
}

static const SyntaxBody *find_body(const Parser *p, uint32_t start) {
  const SyntaxBodies *bodies =
      p->options->goal == SYNTAX_LAZY ? p->options->function->bodies : NULL;
  if (!bodies) return NULL;
  uint32_t low = 0, high = bodies->count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (bodies->items[middle].start < start)
      low = middle + 1;
    else
      high = middle;
  }
  const SyntaxBody *body = &bodies->items[low];
  return low < bodies->count && body->start == start && body->end ? body : NULL;
}

// A place for a body that begins inside of another, in order of the starts.
static uint32_t reserve_body(Parser *p, uint32_t start) {
  SyntaxBodies *bodies = &p->lazy.bodies;
  if (bodies->count == bodies->capacity)
    bodies->items = syntax_grow(p, bodies->items, &bodies->capacity,
                                sizeof(*bodies->items));
  bodies->items[bodies->count] = (SyntaxBody){.start = start};
  return bodies->count++;
}

// False: the name is not in the text as it is.
static bool record_use(Parser *p, const FreeName *name, SyntaxUse *use) {
  *use = (SyntaxUse){name->start, name->end, name->type, USE_TEXT,
                     name->is_written};
  if (name->name == p->known.this_) {
    use->kind = USE_THIS;
  } else if (name->name == p->known.new_target) {
    use->kind = USE_NEW_TARGET;
  } else if (name->end - name->start != name->name->length) {
    return false;
  }
  return true;
}

static void record_body(Parser *p, const AstFunction *function,
                        const LazyMark *mark, uint32_t count) {
  SyntaxBodies *bodies = &p->lazy.bodies;
  uint32_t first = bodies->use_count;
  for (uint32_t i = 0; i < count; i++) {
    if (bodies->use_count == bodies->use_capacity)
      bodies->uses = syntax_grow(p, bodies->uses, &bodies->use_capacity,
                                 sizeof(*bodies->uses));
    if (!record_use(p, &p->lazy.names[i], &bodies->uses[bodies->use_count])) {
      bodies->use_count = first;
      return;
    }
    bodies->use_count++;
  }
  SyntaxBody *body = &bodies->items[mark->place];
  body->end = p->previous_end;
  body->first_use = first;
  body->use_count = count;
  body->expected_properties = function->expected_properties;
  body->is_strict = function->is_strict;
  body->needs_home_object = function->needs_home_object;
}

void syntax_lazy_skip(Parser *p, AstFunction *function, const LazyMark *mark) {
  const SyntaxBody *body = mark->body;
  function->is_strict = body->is_strict;
  function->scope->is_strict = body->is_strict;
  function->body_scope = function->scope;
  p->token = (Token){
      .type = TOKEN_RIGHT_BRACE, .start = body->end - 1, .end = body->end};
  p->lexer.position = p->previous_end = body->end;
}

// What is known of the body into p->lazy.names.
static uint32_t recall_names(Parser *p, const SyntaxBody *body) {
  const SyntaxUse *uses = p->options->function->bodies->uses + body->first_use;
  LazyState *lazy = &p->lazy;
  while (lazy->name_capacity < body->use_count)
    lazy->names =
        syntax_grow(p, lazy->names, &lazy->name_capacity, sizeof(*lazy->names));
  for (uint32_t i = 0; i < body->use_count; i++) {
    const SyntaxUse *use = &uses[i];
    Name *name = use->kind == USE_THIS ? p->known.this_
                 : use->kind == USE_NEW_TARGET
                     ? p->known.new_target
                     : syntax_intern_source(&p->lexer, use->start, use->end);
    lazy->names[i] =
        (FreeName){name, use->start, use->end, use->type, use->is_written};
  }
  return body->use_count;
}

// ---- Marks ----------------------------------------------------------------

LazyMark syntax_lazy_begin(Parser *p, const AstFunction *function) {
  LazyMark mark = {.may_drop = false};
  if (!p->lazy.is_on || p->lazy.open_withs ||
      function->kind > FUNCTION_SETTER ||
      function->source_start == p->lazy.eager_start ||
      function->source_start == p->lazy.wanted_start)
    return mark;
  mark.may_drop = true;
  mark.arena = arena_mark(&p->lexer.arena);
  mark.start = p->token.start;
  mark.eval_count = p->lazy.eval_count;
  mark.with_count = p->lazy.with_count;
  mark.body = find_body(p, mark.start);
  mark.place = UINT32_MAX;
  if (p->lazy.depth++ && p->options->goal != SYNTAX_LAZY)
    mark.place = reserve_body(p, mark.start);
  return mark;
}

uint16_t ast_expected_properties(const AstFunction *function) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < function->body.count; i++) {
    const AstNode *node = function->body.items[i];
    if (node->type != AST_EXPRESSION_STATEMENT) continue;
    node = ((const AstUnary *)node)->operand;
    if (node->type != AST_ASSIGN) continue;
    node = ((const AstBinary *)node)->left;
    if (node->type == AST_MEMBER &&
        ((const AstMember *)node)->object->type == AST_THIS)
      count++;
  }
  return (uint16_t)(count > 64 ? 64 : count);
}

// ---- Collecting -----------------------------------------------------------

typedef struct Collection {
  Parser *p;
  AstFunction *function;
  uint32_t depth; // of its scope
  uint32_t count;
} Collection;

static void add_name(Collection *c, const AstIdentifier *reference) {
  LazyState *lazy = &c->p->lazy;
  Name *name = reference->name;
  bool is_written = reference->base.flags & AST_WRITTEN;
  // What free_at holds may be of another function: then it does not fit.
  uint32_t at = name->free_at;
  if (at < c->count && lazy->names[at].name == name) {
    lazy->names[at].is_written |= is_written;
    return;
  }
  if (c->count == lazy->name_capacity)
    lazy->names = syntax_grow(c->p, lazy->names, &lazy->name_capacity,
                              sizeof(*lazy->names));
  name->free_at = c->count;
  lazy->names[c->count++] =
      (FreeName){name, reference->base.start, reference->base.end,
                 reference->base.type, is_written};
}

// Is `this`, `arguments` and the like of `scope` that of a function outside?
static bool has_outer_receiver(const Collection *c, const Scope *scope) {
  const AstFunction *function = scope->function;
  while (function->kind == FUNCTION_ARROW && function != c->function)
    function = function->outer;
  return function->kind == FUNCTION_ARROW;
}

// False: the function has to be kept.
static bool collect_reference(Collection *c, const AstIdentifier *reference,
                              const Scope *scope) {
  const WellKnownNames *known = &c->p->known;
  const Name *name = reference->name;
  switch (reference->base.type) {
  case AST_THIS:
  case AST_NEW_TARGET:
  case AST_PSEUDO_REFERENCE:
    if (has_outer_receiver(c, scope)) {
      // super, which needs what only the function around has.
      if (name == known->home || name == known->function_) return false;
      add_name(c, reference);
    } else if (name == known->home) {
      const AstFunction *function = scope->function;
      while (function->kind == FUNCTION_ARROW)
        function = function->outer;
      if (function == c->function) c->function->needs_home_object = true;
    }
    return true;
  default:
    break;
  }
  const Binding *binding = name->innermost;
  if (binding && binding->scope->depth >= c->depth) return true;
  if (name == known->arguments && !has_outer_receiver(c, scope)) return true;
  add_name(c, reference);
  return true;
}

static bool collect_scope(Collection *c, const Scope *scope) {
  for (const ReferenceChunk *chunk = scope->references; chunk;
       chunk = chunk->next) {
    for (uint32_t i = 0; i < chunk->count; i++) {
      const AstIdentifier *reference = chunk->items[i];
      if (!reference->base.resolution &&
          !collect_reference(c, reference, scope))
        return false;
    }
  }
  return true;
}

static void link_scope(Collection *c, Scope *scope) {
  const Scope *parent = scope->parent;
  if (scope != c->function->scope) {
    scope->depth = parent->depth + 1;
    if (scope->kind == SCOPE_FUNCTION)
      scope->function->outer = parent->function;
    else
      scope->function = parent->function;
  }
  for (Binding *b = scope->first_binding; b; b = b->next) {
    if (!b->name) continue;
    b->hidden = b->name->innermost;
    b->name->innermost = b;
  }
}

static void unlink_scope(Scope *scope) {
  for (Binding *b = scope->first_binding; b; b = b->next) {
    if (!b->name) continue;
    b->name->innermost = b->hidden;
    b->hidden = NULL;
  }
}

// All scopes of the function, outermost first. False: it has to be kept.
static bool collect(Collection *c) {
  Scope *root = c->function->scope, *scope = root;
  bool complete = true;
  for (;;) {
    link_scope(c, scope);
    complete = complete && collect_scope(c, scope);
    if (scope->first_child) {
      scope = scope->first_child;
      continue;
    }
    for (;;) {
      unlink_scope(scope);
      if (scope == root) return complete;
      if (scope->next_sibling) {
        scope = scope->next_sibling;
        break;
      }
      scope = scope->parent;
    }
  }
}

// ---- Dropping -------------------------------------------------------------

// The references that stand for all of the body's, in place of its scopes.
static void replace_body(Parser *p, AstFunction *function, uint32_t count) {
  Scope *scope = function->scope;
  if (function->name_binding) {
    function->name_binding = NULL;
    function->name->binding = NULL;
    function->name->base.resolution = REFERENCE_UNRESOLVED;
  }
  function->body = (AstList){0};
  function->body_scope = scope;
  scope->first_binding = scope->last_binding = NULL;
  scope->binding_count = 0;
  scope->first_child = scope->last_child = NULL;
  scope->functions = NULL;
  scope->function_count = 0;
  scope->references = NULL;
  if (!count) return;
  Arena *arena = &p->lexer.arena;
  ReferenceChunk *chunk =
      arena_alloc(arena, sizeof(*chunk) + count * sizeof(AstIdentifier *));
  chunk->next = NULL;
  chunk->count = count;
  scope->references = chunk;
  AstIdentifier *references =
      arena_zalloc(arena, count * sizeof(AstIdentifier));
  for (uint32_t i = 0; i < count; i++) {
    const FreeName *from = &p->lazy.names[i];
    AstIdentifier *to = &references[i];
    to->base.type = from->type;
    to->base.start = from->start;
    to->base.end = from->end;
    if (from->is_written) to->base.flags = AST_WRITTEN;
    to->name = from->name;
    chunk->items[i] = to;
  }
}

static void drop(Parser *p, AstFunction *function, const LazyMark *mark,
                 uint32_t count) {
  syntax_arena_rewind(&p->lexer.arena, &mark->arena);
  replace_body(p, function, count);
  function->is_lazy = true;
}

void syntax_lazy_end(Parser *p, AstFunction *function, const LazyMark *mark) {
  p->lazy.depth--;
  if (mark->body) {
    function->expected_properties = mark->body->expected_properties;
    function->needs_home_object = mark->body->needs_home_object;
    drop(p, function, mark, recall_names(p, mark->body));
    return;
  }
  if (p->previous_end - mark->start < SMALLEST_BODY ||
      p->lazy.eval_count != mark->eval_count ||
      p->lazy.with_count != mark->with_count)
    return;
  // `function () {...}(`: called here and now.
  if (function->base.type == AST_FUNCTION &&
      function->kind == FUNCTION_NORMAL &&
      syntax_peek(p).type == TOKEN_LEFT_PAREN)
    return;
  Collection collection = {p, function, function->scope->depth, 0};
  if (!collect(&collection)) return;
  function->expected_properties = ast_expected_properties(function);
  if (mark->place != UINT32_MAX)
    record_body(p, function, mark, collection.count);
  drop(p, function, mark, collection.count);
}

// ---- Parsing again --------------------------------------------------------

static Name *intern(Parser *p, const SyntaxOuterName *from) {
  if (from->wide)
    return syntax_intern_utf16(&p->lexer.names, from->units, from->length,
                               true);
  return syntax_intern_latin1(&p->lexer.names, from->units, from->length);
}

// A binding around the function, at its place.
static void add_outer(Parser *p, Scope *scope, const SyntaxOuterName *from) {
  AstFunction *function = scope->function;
  Binding *binding =
      syntax_add_binding(p, scope, intern(p, from), (BindingKind)from->kind, 0);
  binding->slot = from->slot;
  binding->is_captured = true;
  binding->is_static = from->is_static;
  binding->private_kind = from->private_kind;
  if (from->needs_check) binding->initialized_at = UINT32_MAX;
  switch (binding->kind) {
  case BINDING_THIS:
    function->kind =
        from->needs_check ? FUNCTION_DERIVED_CONSTRUCTOR : FUNCTION_NORMAL;
    function->this_binding = binding;
    binding->needs_tdz = from->needs_check;
    break;
  case BINDING_NEW_TARGET:
    if (function->kind == FUNCTION_ARROW) function->kind = FUNCTION_NORMAL;
    function->new_target_binding = binding;
    break;
  case BINDING_ARGUMENTS:
    if (function->kind == FUNCTION_ARROW) function->kind = FUNCTION_NORMAL;
    function->arguments_binding = binding;
    break;
  default:
    break;
  }
}

// Scopes for the environments around, the outermost of which has the imports.
static uint32_t open_outer_scopes(Parser *p, uint32_t *marks,
                                  const SyntaxFunction *request) {
  uint32_t levels = 1;
  for (uint32_t i = 0; i < request->name_count; i++) {
    const SyntaxOuterName *name = &request->names[i];
    if (name->kind != BINDING_IMPORT && name->hops + 2u > levels)
      levels = name->hops + 2u;
  }
  for (uint32_t level = levels; level-- > 0;) {
    FunctionHead head = {.kind = FUNCTION_ARROW, .type = AST_ARROW};
    AstFunction *function = syntax_new_function(p, &head);
    Scope *scope = syntax_open_scope(p, SCOPE_FUNCTION, 0, marks);
    scope->is_outer = true;
    scope->function = function;
    function->scope = scope;
    p->context.function = function;
    for (uint32_t i = 0; i < request->name_count; i++) {
      const SyntaxOuterName *name = &request->names[i];
      uint32_t place =
          name->kind == BINDING_IMPORT ? levels - 1 : (uint32_t)name->hops;
      if (place == level) add_outer(p, scope, name);
    }
  }
  return levels;
}

static AstFunction *parse_function(Parser *p, const SyntaxFunction *request) {
  Lexer *lexer = &p->lexer;
  p->lazy.wanted_start = request->start;
  if (request->kind == FUNCTION_ARROW) {
    lexer->position = request->start;
    next(p);
    AstNode *node = syntax_parse_assignment(p);
    if (node->type != AST_ARROW) syntax_unexpected(p, &p->token);
    return (AstFunction *)node;
  }
  FunctionHead head = {.kind = request->kind,
                       .type = request->type,
                       .is_async = request->is_async,
                       .is_generator = request->is_generator,
                       .start = request->start};
  if (request->name_start != NO_OFFSET) {
    lexer->position = request->name_start;
    next(p);
    head.name = syntax_new_identifier(p, AST_BINDING_IDENTIFIER, p->token.name,
                                      p->token.start, p->token.end);
  }
  lexer->position = request->rest_start;
  next(p);
  return syntax_parse_function_rest(p, &head);
}

AstFunction *syntax_parse_lazy(Parser *p, AstFunction **function) {
  const SyntaxFunction *request = p->options->function;
  FunctionHead head = {.kind = request->is_module ? FUNCTION_MODULE
                                                  : FUNCTION_SCRIPT,
                       .type = AST_FUNCTION};
  AstFunction *program = syntax_new_function(p, &head);
  p->context = (Context){
      .function = program,
      .strict = request->is_strict,
      .allow_in = true,
      .await_reserved = request->is_module,
      // Whether these are allowed has been found out.
      .allow_new_target = true,
      .allow_super_property = true,
      .allow_super_call = true,
  };
  uint32_t mark;
  program->scope = syntax_open_scope(
      p, request->is_module ? SCOPE_MODULE : SCOPE_SCRIPT, 0, &mark);
  program->body_scope = program->scope;
  program->scope->function = program;
  uint32_t levels = open_outer_scopes(p, &mark, request);
  *function = parse_function(p, request);
  while (levels-- > 0)
    syntax_close_scope(p, p->reference_count);
  program->has_simple_parameters = true;
  return program;
}
