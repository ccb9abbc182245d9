// SPDX-License-Identifier: MIT
// Classes (ECMA-262 15.7). Fields and static blocks run inside two synthetic
// functions, whose scopes are entered anew for each element.
#include "vm/syntax/parser.h"

typedef struct ClassBuilder {
  AstClass *class;
  bool is_derived;
} ClassBuilder;

// Modifiers and key of the element being parsed.
typedef struct Element {
  uint32_t start;
  uint32_t method_start; // of the method's own text: behind `static`
  bool is_static;
  bool is_async;
  bool is_generator;
  bool is_computed;
  bool is_erased; // TypeScript: declared only, or a whole index signature
  AstPropertyKind kind;
  AstNode *key; // STRING, NUMBER, BIGINT, PRIVATE_NAME or computed
  AstList decorators;
} Element;

static bool ends_element_name(const Parser *p) {
  switch (p->token.type) {
  case TOKEN_LEFT_PAREN:
  case TOKEN_ASSIGN:
  case TOKEN_SEMICOLON:
  case TOKEN_RIGHT_BRACE:
  case TOKEN_END:
  // Behind a name in TypeScript only.
  case TOKEN_COLON:
  case TOKEN_QUESTION:
  case TOKEN_NOT:
  case TOKEN_LESS:
    return true;
  default:
    return false;
  }
}

static AstNode *word_key(Parser *p, const Token *token) {
  return syntax_new_string(p, token->name, token->start, token->end);
}

static bool has_string_key(const Element *element, const Name *name) {
  return !element->is_computed && element->key->type == AST_STRING &&
         ((const AstString *)element->key)->value == name;
}

// Modifiers of TypeScript, which are erased, and `static` between them.
static void parse_modifiers(Parser *p, Element *element) {
  const TypeWords *words = &p->types.words;
  uint32_t mark = p->types.erasure_count;
  while (syntax_at_modifier(p)) {
    if (at(p, TOKEN_STATIC)) {
      element->is_static = true;
      next(p);
    } else {
      if (at_word(p, words->declare) || at_word(p, words->abstract))
        element->is_erased = true;
      syntax_erase_token(p);
    }
    element->method_start = p->token.start;
  }
  // Without them, the line before would go on here.
  if (p->types.erasure_count > mark &&
      p->types.erasures[mark].start == element->start &&
      (at(p, TOKEN_LEFT_BRACKET) || at(p, TOKEN_MULTIPLY)))
    p->types.erasures[mark].first = ';';
}

// `static`, `async`, `accessor`, `get`, `set`, `*` and the key.
static void parse_element_head(Parser *p, Element *element) {
  element->start = element->method_start = p->token.start;
  element->kind = AST_PROPERTY_VALUE;
  if (p->typescript) {
    parse_modifiers(p, element);
    if (syntax_skip_index_signature(p)) {
      element->is_erased = true;
      return;
    }
  }
  if (at(p, TOKEN_STATIC) && !(p->token.flags & TOKEN_HAS_ESCAPE)) {
    Token token = p->token;
    next(p);
    if (ends_element_name(p)) {
      element->key = word_key(p, &token);
      return;
    }
    element->is_static = true;
    element->method_start = p->token.start;
    if (at(p, TOKEN_LEFT_BRACE)) {
      element->kind = AST_PROPERTY_STATIC_BLOCK;
      return;
    }
  }
  Token token = p->token;
  if (at(p, TOKEN_ASYNC)) {
    next(p);
    if (ends_element_name(p) || after_newline(p)) {
      element->key = word_key(p, &token);
      return;
    }
    element->is_async = true;
  } else if (at_word(p, p->known.accessor)) {
    next(p);
    if (ends_element_name(p) || after_newline(p)) {
      element->key = word_key(p, &token);
      return;
    }
    element->kind = AST_PROPERTY_ACCESSOR;
  } else if (at_word(p, p->known.get) || at_word(p, p->known.set)) {
    next(p);
    if (ends_element_name(p) || (at(p, TOKEN_MULTIPLY) && after_newline(p))) {
      element->key = word_key(p, &token);
      return;
    }
    element->kind =
        token.name == p->known.get ? AST_PROPERTY_GETTER : AST_PROPERTY_SETTER;
  }
  if (element->kind == AST_PROPERTY_VALUE && accept(p, TOKEN_MULTIPLY))
    element->is_generator = true;
  if (at(p, TOKEN_PRIVATE_NAME)) {
    if (p->token.name == p->known.private_constructor)
      FAIL_TOKEN(p,
                 "Classes may not have a private field named "
                 "'#constructor'");
    element->key = &syntax_new_identifier(p, AST_PRIVATE_NAME, p->token.name,
                                          p->token.start, p->token.end)
                        ->base;
    next(p);
    return;
  }
  element->key = syntax_parse_property_key(p, &element->is_computed);
}

static void declare_private(Parser *p, const Element *element) {
  if (element->key->type != AST_PRIVATE_NAME) return;
  static const uint8_t kinds[] = {
      [AST_PROPERTY_METHOD] = PRIVATE_METHOD,
      [AST_PROPERTY_GETTER] = PRIVATE_GETTER,
      [AST_PROPERTY_SETTER] = PRIVATE_SETTER,
      [AST_PROPERTY_FIELD] = PRIVATE_FIELD,
      [AST_PROPERTY_ACCESSOR] = PRIVATE_ACCESSOR,
  };
  syntax_declare_private(p, (AstIdentifier *)element->key, kinds[element->kind],
                         element->is_static);
}

// A place in the class body's environment.
static Binding *add_place(Parser *p, uint32_t start) {
  Binding *binding =
      syntax_add_binding(p, p->scope, NULL, BINDING_COMPUTED_KEY, start);
  binding->is_captured = binding->is_referenced = true;
  return binding;
}

static AstClassElement *new_element(Parser *p, const Element *element) {
  AstClassElement *node =
      NEW(p, AstClassElement, AST_CLASS_ELEMENT, element->start);
  node->base.op = (uint8_t)element->kind;
  if (element->is_computed) node->base.flags |= AST_COMPUTED;
  node->is_static = element->is_static;
  node->key = element->key;
  node->decorators = element->decorators;
  return node;
}

static void parse_constructor(Parser *p, ClassBuilder *builder,
                              const Element *element) {
  const AstNode *key = element->key;
  if (element->kind == AST_PROPERTY_GETTER ||
      element->kind == AST_PROPERTY_SETTER)
    FAIL_NODE(p, key, "Class constructor may not be an accessor");
  if (element->is_generator)
    FAIL_NODE(p, key, "Class constructor may not be a generator");
  if (element->is_async)
    FAIL_NODE(p, key, "Class constructor may not be an async method");
  if (element->decorators.count)
    FAIL_NODE(p, key, "Class constructor may not have decorators");
  if (builder->class->constructor)
    FAIL_NODE(p, key, "A class may only have one constructor");
  FunctionHead head = {.kind = builder->is_derived
                                   ? FUNCTION_DERIVED_CONSTRUCTOR
                                   : FUNCTION_CONSTRUCTOR,
                       .type = AST_FUNCTION,
                       .start = element->start,
                       .may_lack_body = p->typescript};
  builder->class->constructor = syntax_parse_function_rest(p, &head);
}

static void note_private_methods(ClassBuilder *builder,
                                 const Element *element) {
  if (element->key->type != AST_PRIVATE_NAME) return;
  if (element->is_static)
    builder->class->has_static_private_methods = true;
  else
    builder->class->has_private_methods = true;
}

// False: TypeScript's method without a body, of which nothing is left.
static bool parse_method(Parser *p, ClassBuilder *builder, Element *element) {
  if (!element->is_static && has_string_key(element, p->known.constructor)) {
    parse_constructor(p, builder, element);
    return builder->class->constructor;
  }
  if (element->is_static && has_string_key(element, p->known.prototype))
    FAIL_NODE(p, element->key,
              "Classes may not have a static property named 'prototype'");
  if (element->kind == AST_PROPERTY_VALUE) element->kind = AST_PROPERTY_METHOD;
  FunctionHead head = {
      .kind = element->kind == AST_PROPERTY_GETTER   ? FUNCTION_GETTER
              : element->kind == AST_PROPERTY_SETTER ? FUNCTION_SETTER
                                                     : FUNCTION_METHOD,
      .type = AST_FUNCTION,
      .is_async = element->is_async,
      .is_generator = element->is_generator,
      .start = element->method_start,
      .may_lack_body = p->typescript,
  };
  AstClassElement *node = new_element(p, element);
  AstFunction *function = syntax_parse_function_rest(p, &head);
  if (!function) return false;
  node->value = &function->base;
  declare_private(p, element);
  note_private_methods(builder, element);
  if (element->decorators.count && !element->is_static &&
      !builder->class->extra_initializers)
    builder->class->extra_initializers = add_place(p, element->start);
  push_item(p, finish(p, node));
  return true;
}

// The synthetic function that runs the fields of one side of the class.
static AstFunction *initializer(Parser *p, ClassBuilder *builder,
                                bool is_static) {
  AstFunction **place = is_static ? &builder->class->static_initializer
                                  : &builder->class->instance_initializer;
  if (*place) return *place;
  FunctionHead head = {.kind = is_static ? FUNCTION_STATIC_INITIALIZER
                                         : FUNCTION_INSTANCE_INITIALIZER,
                       .type = AST_FUNCTION,
                       .start = builder->class->base.start};
  AstFunction *function = syntax_new_function(p, &head);
  *place = function;
  function->is_synthetic = true;
  function->is_strict = true;
  function->has_simple_parameters = true;
  Scope *class_scope = p->scope;
  uint32_t mark;
  function->scope =
      syntax_open_scope(p, SCOPE_FUNCTION, builder->class->base.start, &mark);
  function->scope->function = function;
  function->body_scope = function->scope;
  p->scope = class_scope;
  return function;
}

static Context initializer_context(Parser *p, AstFunction *function) {
  return (Context){
      .function = function,
      .strict = true,
      .allow_in = true,
      .await_reserved = p->context.await_reserved,
      .in_class_field = true,
      .allow_new_target = true,
      .allow_super_property = true,
  };
}

// The type of a field. Where its name alone would be read with the next line,
// a semicolon stands for it.
static void erase_field_type(Parser *p, const Element *element) {
  uint32_t start = p->token.start, mark = p->types.erasure_count;
  syntax_erase_annotation(p);
  if (at(p, TOKEN_ASSIGN) || at(p, TOKEN_SEMICOLON)) return;
  if (has_string_key(element, p->known.get) ||
      has_string_key(element, p->known.set) ||
      has_string_key(element, p->known.static_)) {
    p->types.erasure_count = mark;
    syntax_erase_but(p, start, p->previous_end, ';', 0);
  }
}

static void parse_field(Parser *p, ClassBuilder *builder, Element *element) {
  if (has_string_key(element, p->known.constructor))
    FAIL_NODE(p, element->key,
              "Classes may not have a field named 'constructor'");
  if (element->is_static && has_string_key(element, p->known.prototype))
    FAIL_NODE(p, element->key,
              "Classes may not have a static property named 'prototype'");
  bool is_accessor = element->kind == AST_PROPERTY_ACCESSOR;
  if (!is_accessor) element->kind = AST_PROPERTY_FIELD;
  declare_private(p, element);
  AstClassElement *node = new_element(p, element);
  if (element->is_computed) node->computed_key = add_place(p, element->start);
  if (is_accessor) {
    node->storage = add_place(p, element->start);
    note_private_methods(builder, element);
  }
  if (element->decorators.count) {
    node->initializers = add_place(p, element->start);
    node->extra_initializers = add_place(p, element->start);
  }
  AstFunction *function = initializer(p, builder, element->is_static);
  if (p->typescript && at(p, TOKEN_COLON)) erase_field_type(p, element);
  if (accept(p, TOKEN_ASSIGN)) {
    Scope *class_scope = p->scope;
    Context saved = p->context;
    p->context = initializer_context(p, function);
    p->scope = function->scope;
    uint32_t mark = p->reference_count;
    node->value = syntax_parse_assignment(p);
    syntax_flush_references(p, function->scope, mark);
    p->scope = class_scope;
    p->context = saved;
  }
  finish(p, node);
  push_item(p, node);
  syntax_expect_semicolon(p);
}

static void parse_static_block(Parser *p, ClassBuilder *builder,
                               Element *element) {
  AstFunction *function = initializer(p, builder, true);
  AstClassElement *node = new_element(p, element);
  AstBlock *block = NEW(p, AstBlock, AST_BLOCK, p->token.start);
  Scope *class_scope = p->scope;
  Context saved = p->context;
  p->context = initializer_context(p, function);
  p->context.in_static_block = true;
  p->scope = function->scope;
  uint32_t mark;
  Scope *scope =
      syntax_open_scope(p, SCOPE_STATIC_BLOCK, p->token.start, &mark);
  block->scope = scope;
  next(p);
  uint32_t items = p->item_count;
  while (!at(p, TOKEN_RIGHT_BRACE))
    push_item(p, syntax_parse_statement_list_item(p));
  block->body = syntax_take_list(p, items);
  p->context = saved;
  next(p);
  syntax_close_scope(p, mark);
  p->scope = class_scope;
  node->value = finish(p, block);
  push_item(p, finish(p, node));
}

static bool is_method(const Parser *p, const Element *element) {
  return element->kind != AST_PROPERTY_ACCESSOR &&
         (at(p, TOKEN_LEFT_PAREN) || at(p, TOKEN_LESS) || element->is_async ||
          element->is_generator || element->kind != AST_PROPERTY_VALUE);
}

// What follows the key. False: as parse_method.
static bool parse_element_rest(Parser *p, ClassBuilder *builder,
                               Element *element) {
  bool has_decorators = element->decorators.count;
  if (element->kind == AST_PROPERTY_STATIC_BLOCK) {
    if (has_decorators) syntax_unexpected(p, &p->token);
    parse_static_block(p, builder, element);
    return true;
  }
  bool is_kept = true;
  if (is_method(p, element))
    is_kept = parse_method(p, builder, element);
  else
    parse_field(p, builder, element);
  if (is_kept && has_decorators) builder->class->has_decorators = true;
  return is_kept;
}

// What is declared only, from behind its name on: a field or an abstract
// method.
static void skip_erased_element(Parser *p, ClassBuilder *builder,
                                Element *element) {
  if (element->key && !at(p, TOKEN_ASSIGN) && !at(p, TOKEN_COLON) &&
      !at(p, TOKEN_SEMICOLON) && is_method(p, element)) {
    if (parse_method(p, builder, element))
      FAIL_NODE(p, element->key, "An abstract method has no body");
    return;
  }
  if (at(p, TOKEN_COLON)) syntax_erase_annotation(p);
  if (accept(p, TOKEN_ASSIGN)) syntax_parse_assignment(p);
}

// An element of TypeScript: some of them are gone when it is read.
static void parse_typed_element(Parser *p, ClassBuilder *builder) {
  Checkpoint before = syntax_checkpoint(p);
  uint32_t start = p->token.start;
  Element element = {.decorators = syntax_parse_decorators(p)};
  parse_element_head(p, &element);
  if (at(p, TOKEN_QUESTION) || (at(p, TOKEN_NOT) && !after_newline(p)))
    syntax_erase_token(p);
  bool is_kept = false;
  if (element.is_erased)
    skip_erased_element(p, builder, &element);
  else
    is_kept = parse_element_rest(p, builder, &element);
  if (is_kept) return;
  syntax_discard(p, &before);
  syntax_expect_semicolon(p);
  syntax_erase_whole(p, start, before.erasure_count);
}

static void parse_element(Parser *p, ClassBuilder *builder) {
  if (p->typescript) {
    parse_typed_element(p, builder);
    return;
  }
  Element element = {.decorators = syntax_parse_decorators(p)};
  parse_element_head(p, &element);
  parse_element_rest(p, builder, &element);
}

// Ends an initializer: its body is the elements of its side.
static void end_initializer(Parser *p, AstFunction *function, AstList elements,
                            bool is_static) {
  if (!function) return;
  uint32_t mark = p->item_count;
  for (uint32_t i = 0; i < elements.count; i++) {
    AstClassElement *element = (AstClassElement *)elements.items[i];
    if (element->is_static == is_static &&
        (element->base.op == AST_PROPERTY_FIELD ||
         element->base.op == AST_PROPERTY_ACCESSOR ||
         element->base.op == AST_PROPERTY_STATIC_BLOCK))
      push_item(p, element);
  }
  function->body = syntax_take_list(p, mark);
  finish(p, function);
  function->source_end = function->base.end;
  p->scope = function->scope;
  syntax_close_scope(p, p->reference_count);
}

static void parse_class_body(Parser *p, ClassBuilder *builder) {
  AstClass *class = builder->class;
  uint32_t mark;
  Scope *scope = syntax_open_scope(p, SCOPE_CLASS_BODY, p->token.start, &mark);
  expect(p, TOKEN_LEFT_BRACE);
  uint32_t items = p->item_count;
  while (!at(p, TOKEN_RIGHT_BRACE))
    if (!accept(p, TOKEN_SEMICOLON)) parse_element(p, builder);
  class->elements = syntax_take_list(p, items);
  p->previous_end = p->token.end;
  end_initializer(p, class->instance_initializer, class->elements, false);
  end_initializer(p, class->static_initializer, class->elements, true);
  p->scope = scope;
  class->body_scope = syntax_close_scope(p, mark);
}

// `class implements A {}` has none in TypeScript.
static bool has_class_name(Parser *p) {
  return token_is_identifier(p->token.type) &&
         !(p->typescript && at_word(p, p->types.words.implements));
}

AstNode *syntax_parse_class(Parser *p, AstType type, bool name_optional) {
  syntax_check_stack(p);
  AstClass *class = NEW(p, AstClass, type, p->token.start);
  if (at(p, TOKEN_AT)) syntax_check_decorators(p);
  class->decorators = p->decorators;
  p->decorators = (AstList){0};
  if (at(p, TOKEN_AT)) {
    class->decorators = syntax_parse_decorators(p);
    if (!at(p, TOKEN_CLASS)) syntax_unexpected(p, &p->token);
  }
  class->has_decorators = class->decorators.count;
  Context saved = p->context;
  p->context.strict = true;
  ClassBuilder builder = {.class = class};
  next(p);
  if (has_class_name(p) || !name_optional) {
    Token token = p->token;
    Name *name = syntax_check_identifier(p, &token);
    class->name = syntax_new_identifier(p, AST_BINDING_IDENTIFIER, name,
                                        token.start, token.end);
    syntax_check_strict_binding(p, class->name);
    next(p);
  }
  Binding *outer = NULL;
  if (type == AST_CLASS_DECLARATION && class->name)
    outer = syntax_declare(p, class->name, BINDING_CLASS);
  uint32_t mark;
  Scope *scope = syntax_open_scope(p, SCOPE_CLASS, class->base.start, &mark);
  if (class->name) {
    class->inner_binding =
        syntax_add_binding(p, scope, class->name->name, BINDING_CLASS_NAME,
                           class->name->base.start);
    // resolve.c clears inner_binding through this when nothing refers to it.
    scope->emitter_data = class;
  }
  if (p->typescript && at(p, TOKEN_LESS)) syntax_erase_type_parameters(p);
  if (accept(p, TOKEN_EXTENDS)) {
    builder.is_derived = true;
    class->heritage = syntax_parse_left_hand_side(p);
    if (p->typescript && at(p, TOKEN_LESS)) syntax_erase_type_arguments(p);
    if (class->heritage->type == AST_ARROW &&
        !is_parenthesized(class->heritage))
      syntax_unexpected(p, &p->token);
  }
  if (p->typescript && at_word(p, p->types.words.implements)) {
    uint32_t start = p->token.start;
    next(p);
    syntax_skip_heritage(p);
    syntax_erase(p, start, p->previous_end);
  }
  parse_class_body(p, &builder);
  class->scope = syntax_close_scope(p, mark);
  p->context = saved;
  next(p);
  finish(p, class);
  if (outer) outer->initialized_at = class->base.end;
  if (class->inner_binding)
    class->inner_binding->initialized_at = class->base.end;
  if (class->constructor) {
    class->constructor->source_start = class->base.start;
    class->constructor->source_end = class->base.end;
  }
  return &class->base;
}
