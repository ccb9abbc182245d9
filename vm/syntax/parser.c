// SPDX-License-Identifier: MIT
// The frame of a parse: entry, memory, tokens, errors, small node helpers.
#include "vm/syntax/parser.h"
#include "gc/gc.h"

#include <stdlib.h>

enum {
  DEFAULT_STACK = 1 << 20,
  // Smaller texts are compiled at once: it takes no longer.
  SMALLEST_LAZY_TEXT = 512,
};

void syntax_fail_name(Parser *p, uint32_t start, uint32_t end,
                      const char *before, const Name *name, const char *after) {
  char text[160];
  syntax_name_to_utf8(name, text, sizeof(text));
  FAIL(p, start, end, "%s'%s'%s", before, text, after);
}

void syntax_unexpected(Parser *p, const Token *token) {
  uint32_t start = token->start, end = token->end;
  // `await x` where await is an identifier: what was meant is plain.
  uint32_t await = p->last_await_identifier;
  if (await && await + 4 == p->previous_end && start > await)
    FAIL(p, await - 1, await + 4,
         "await is only valid in async functions and the top level bodies of "
         "modules");
  switch (token->type) {
  case TOKEN_END:
    FAIL(p, start, end, "Unexpected end of input");
  case TOKEN_NUMBER:
  case TOKEN_BIGINT:
    FAIL(p, start, end, "Unexpected number");
  case TOKEN_STRING:
    FAIL(p, start, end, "Unexpected string");
  case TOKEN_TEMPLATE:
    FAIL(p, start, end, "Unexpected template string");
  case TOKEN_ESCAPED_KEYWORD:
    FAIL(p, start, end, "Keyword must not contain escaped characters");
  case TOKEN_ENUM:
    FAIL(p, start, end, "Unexpected reserved word");
  case TOKEN_AWAIT:
    if (p->context.await_operator || p->context.await_reserved)
      FAIL(p, start, end, "Unexpected reserved word");
    break;
  case TOKEN_LET:
  case TOKEN_STATIC:
  case TOKEN_YIELD:
  case TOKEN_STRICT_RESERVED:
    if (p->context.strict)
      FAIL(p, start, end, "Unexpected strict mode reserved word");
    break;
  default:
    break;
  }
  if (token->type == TOKEN_PRIVATE_NAME || token_is_identifier(token->type))
    syntax_fail_name(p, start, end, "Unexpected identifier ", token->name, "");
  FAIL(p, start, end, "Unexpected token '%s'", syntax_token_text(token->type));
}

static _Noreturn void fail_recursion(Parser *p) {
  p->lexer.is_fatal = true;
  FAIL_TOKEN(p, "too much recursion");
}

void syntax_check_stack(Parser *p) {
  if ((uintptr_t)__builtin_frame_address(0) < p->stack_limit) fail_recursion(p);
}

Token syntax_peek(Parser *p) {
  Token token;
  uint32_t position = p->lexer.position;
  lexer_scan(&p->lexer, &token);
  p->lexer.position = position;
  return token;
}

void syntax_peek_two(Parser *p, Token tokens[2]) {
  uint32_t position = p->lexer.position;
  lexer_scan(&p->lexer, &tokens[0]);
  lexer_scan(&p->lexer, &tokens[1]);
  p->lexer.position = position;
}

void syntax_expect_semicolon(Parser *p) {
  if (accept(p, TOKEN_SEMICOLON)) return;
  if (at(p, TOKEN_RIGHT_BRACE) || at(p, TOKEN_END) || after_newline(p)) return;
  syntax_unexpected(p, &p->token);
}

Name *syntax_check_identifier(Parser *p, const Token *token) {
  switch (token->type) {
  case TOKEN_NAME:
    if (p->context.in_class_field && token->name == p->known.arguments)
      FAIL(p, token->start, token->end,
           "'arguments' is not allowed in class field initializer or static "
           "initialization block");
    break;
  case TOKEN_AS:
  case TOKEN_SATISFIES:
  case TOKEN_ASYNC:
    break;
  case TOKEN_AWAIT:
    if (p->context.await_operator || p->context.await_reserved ||
        p->context.in_static_block)
      FAIL(p, token->start, token->end, "Unexpected reserved word");
    p->last_await_identifier = token->start + 1;
    break;
  case TOKEN_YIELD:
    if (p->context.yield_operator && !p->context.strict)
      syntax_fail_name(p, token->start, token->end, "Unexpected identifier ",
                       token->name, "");
    // Fall through.
  case TOKEN_LET:
  case TOKEN_STATIC:
  case TOKEN_STRICT_RESERVED:
    if (p->context.strict)
      FAIL(p, token->start, token->end, "Unexpected strict mode reserved word");
    break;
  default:
    syntax_unexpected(p, token);
  }
  return token->name;
}

AstList syntax_take_list(Parser *p, uint32_t mark) {
  AstList list = {.count = p->item_count - mark};
  if (list.count) {
    size_t size = list.count * sizeof(AstNode *);
    list.items = arena_alloc(&p->lexer.arena, size);
    memcpy(list.items, p->items + mark, size);
  }
  p->item_count = mark;
  return list;
}

AstIdentifier *syntax_new_identifier(Parser *p, AstType type, Name *name,
                                     uint32_t start, uint32_t end) {
  AstIdentifier *identifier = NEW(p, AstIdentifier, type, start);
  identifier->base.end = end;
  identifier->name = name;
  return identifier;
}

AstNode *syntax_new_string(Parser *p, Name *value, uint32_t start,
                           uint32_t end) {
  AstString *string = NEW(p, AstString, AST_STRING, start);
  string->base.end = end;
  string->value = value;
  return &string->base;
}

static void __attribute__((noreturn)) out_of_memory(void *data) {
  Lexer *lexer = data;
  lexer->is_fatal = true;
  lexer->error->type = SYNTAX_ERROR_MEMORY;
  strcpy(lexer->error->message, "Out of memory");
  longjmp(lexer->escape, 1);
}

// The whole text as a program of options->goal.
static AstFunction *parse_program(Parser *p) {
  const SyntaxOptions *options = p->options;
  SyntaxGoal goal = options->goal;
  bool is_module = goal == SYNTAX_MODULE;
  bool is_eval = goal == SYNTAX_DIRECT_EVAL || goal == SYNTAX_INDIRECT_EVAL;
  p->context.strict = is_module || options->strict;
  FunctionHead head = {
      .kind = is_module ? FUNCTION_MODULE
              : is_eval ? FUNCTION_EVAL
                        : FUNCTION_SCRIPT,
      .type = AST_FUNCTION,
  };
  AstFunction *program = syntax_new_function(p, &head);
  p->function_count--; // numbered last
  p->context.function = program;
  p->context.allow_in = true;
  p->context.await_reserved = is_module;
  p->context.await_operator = is_module || options->top_level_await;
  if (goal == SYNTAX_DIRECT_EVAL) {
    p->context.allow_new_target = options->in_function;
    p->context.allow_super_property = options->in_method;
    p->context.allow_super_call = options->in_derived_constructor;
    p->context.in_class_field = options->in_class_field;
  }
  uint32_t mark;
  program->scope = syntax_open_scope(p,
                                     is_module ? SCOPE_MODULE
                                     : is_eval ? SCOPE_EVAL
                                               : SCOPE_SCRIPT,
                                     0, &mark);
  program->body_scope = program->scope;
  program->scope->function = program;
  if (is_module) syntax_module_begin(p);
  next(p);
  if (p->fragment >= FRAGMENT_CALL) {
    p->context.await_operator = p->context.yield_operator = true;
    p->expression = p->fragment == FRAGMENT_CALL
                        ? syntax_parse_left_hand_side(p)
                        : syntax_parse_assignment(p);
    return NULL;
  }
  if (p->fragment) {
    syntax_parse_fragment(p, p->fragment == FRAGMENT_BODY);
    return NULL;
  }
  if (goal == SYNTAX_COMMONJS) {
    static const char *const parameters[] = {"exports", "require", "module",
                                             "__filename", "__dirname"};
    push_item(p, syntax_parse_wrapped(p, parameters, 5));
    program->body = syntax_take_list(p, p->item_count - 1);
  } else if (goal == SYNTAX_DYNAMIC_FUNCTION) {
    AstUnary *statement = NEW(p, AstUnary, AST_EXPRESSION_STATEMENT, 0);
    statement->operand = syntax_parse_assignment(p);
    if (!at(p, TOKEN_END)) syntax_unexpected(p, &p->token);
    push_item(p, finish(p, statement));
    program->body = syntax_take_list(p, p->item_count - 1);
  } else {
    program->body = syntax_parse_body(p, program, TOKEN_END);
  }
  syntax_settle_annex_b(p, program->scope);
  program->is_strict = p->context.strict;
  program->is_async = program->contains_await;
  program->has_simple_parameters = true;
  program->base.end = program->source_end = p->lexer.length;
  program->index = p->function_count++;
  return program;
}

// Parses or fails; p->lexer.escape is set.
static void run(Parser *p, ParseResult *result) {
  syntax_names_init(&p->lexer.names,
                    p->lazy.is_on ? &p->lexer.name_arena : &p->lexer.arena,
                    &p->known);
  if (p->typescript) syntax_typescript_begin(p);
  if (p->options->goal != SYNTAX_DYNAMIC_FUNCTION)
    syntax_lexer_skip_hashbang(&p->lexer);
  AstFunction *program = p->options->goal == SYNTAX_LAZY
                             ? syntax_parse_lazy(p, &result->function)
                             : parse_program(p);
  result->expression = p->expression;
  if (!program) return; // a fragment, now checked
  if (p->module) result->module = syntax_module_end(p);
  syntax_close_scope(p, 0);
  syntax_resolve(p, program);
  result->program = program;
  if (p->typescript) syntax_typescript_end(p, result);
}

ParseResult syntax_parse(const SourceText *source,
                         const SyntaxOptions *options) {
  return syntax_parse_text(source, options, FRAGMENT_NONE);
}

// Parser and result are the caller's, the parser zeroed: what setjmp's function
// holds itself is lost in a jump.
static void parse_with(Parser *p, ParseResult *result, const SourceText *source,
                       const SyntaxOptions *options, ParseFragment fragment,
                       bool is_lazy) {
  *result = (ParseResult){.source = source};
  Lexer *lexer = &p->lexer;
  lexer->units = source->units;
  lexer->length = source->length;
  lexer->wide = source->kind == SOURCE_UTF16;
  lexer->html_comments =
      options->goal != SYNTAX_MODULE &&
      !(options->goal == SYNTAX_LAZY && options->function->is_module);
  lexer->source = source;
  lexer->error = &result->error;
  syntax_arena_init(&lexer->arena, options->memory_limit, out_of_memory, lexer);
  syntax_arena_init(&lexer->name_arena, options->memory_limit, out_of_memory,
                    lexer);
  lexer->arena.watch = lexer->name_arena.watch = options->watch;
  p->options = options;
  p->fragment = fragment;
  p->cover.start = NO_OFFSET;
  p->arrow_start = NO_OFFSET;
  p->lazy.is_on = is_lazy;
  p->lazy.eager_start = p->lazy.wanted_start = NO_OFFSET;
  p->typescript = options->typescript;
  p->types.then_start = p->types.then_tried = NO_OFFSET;
  size_t stack = options->stack_bytes ? options->stack_bytes : DEFAULT_STACK;
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  // What the parser makes is walked by others, with larger frames.
  const GcThreadStack *thread = gc_thread_stack();
  if (thread != NULL && here > thread->low && (here - thread->low) / 4 < stack)
    stack = (here - thread->low) / 4;
  p->stack_limit = here > stack ? here - stack : 0;
  if (setjmp(lexer->escape) == 0) {
    p->arenas = arena_alloc(&lexer->arena, 2 * sizeof *p->arenas);
    size_t room = FIRST_ITEMS * sizeof *p->items;
    p->items = p->first_items = arena_alloc(&lexer->arena, room);
    p->references = p->first_references = arena_alloc(&lexer->arena, room);
    p->item_capacity = p->reference_capacity = FIRST_ITEMS;
    lexer->buffer = lexer->first_buffer =
        arena_alloc(&lexer->arena, FIRST_BUFFER * sizeof *lexer->buffer);
    lexer->buffer_capacity = FIRST_BUFFER;
    run(p, result);
    result->function_count = p->function_count;
    result->bodies = p->lazy.bodies;
    p->lazy.bodies = (SyntaxBodies){0};
    result->name_count = lexer->names.count;
  } else {
    result->program = NULL;
    result->module = NULL;
    result->error.position = syntax_source_locate(source, result->error.start);
  }
  result->arenas = p->arenas;
  if (result->arenas) { // else nothing has been allocated
    result->arenas[0] = lexer->arena;
    result->arenas[1] = lexer->name_arena;
  }
  if (lexer->buffer != lexer->first_buffer) free(lexer->buffer);
  if (p->items != p->first_items) free(p->items);
  if (p->references != p->first_references) free(p->references);
  free(p->candidates);
  free(p->types.erasures);
  free(p->types.failed);
  free(p->types.open);
  free(p->lazy.names);
  syntax_bodies_release(&p->lazy.bodies);
}

ParseResult syntax_parse_text(const SourceText *source,
                              const SyntaxOptions *options,
                              ParseFragment fragment) {
  Parser parser = {0};
  bool is_lazy = options->lazy && source->length >= SMALLEST_LAZY_TEXT &&
                 !options->typescript && !options->self_hosted &&
                 options->goal != SYNTAX_DIRECT_EVAL && !fragment;
  ParseResult result;
  parse_with(&parser, &result, source, options, fragment, is_lazy);
  if (!parser.lazy.needs_all || !result.program) return result;
  syntax_parse_release(&result);
  parser = (Parser){0};
  parse_with(&parser, &result, source, options, fragment, false);
  return result;
}

void syntax_parse_release(ParseResult *result) {
  if (result->arenas) {
    Arena arenas[2] = {result->arenas[0], result->arenas[1]};
    syntax_arena_release(&arenas[0]);
    syntax_arena_release(&arenas[1]);
  }
  syntax_bodies_release(&result->bodies);
  result->arenas = NULL;
  result->program = NULL;
  result->function = NULL;
  result->module = NULL;
}
