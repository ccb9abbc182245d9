// SPDX-License-Identifier: MIT
// The parser's state and the functions its files share. One pass over the
// tokens builds the tree and declares bindings; resolve.c then connects the
// references. A failure leaves through longjmp (syntax_fail).
#ifndef RILL_VM_SYNTAX_PARSER_H
#define RILL_VM_SYNTAX_PARSER_H

#include "vm/syntax/ast.h"
#include "vm/syntax/lexer.h"

#define NO_OFFSET UINT32_MAX

// Statements that a jump may leave, innermost first, on the C stack.
typedef struct JumpTarget {
  struct JumpTarget *outer;
  Name *label; // LABELED, else NULL: a loop or a switch
  AstNode *node;
  // LABELED: where its statement starts; the loop, when it labels one.
  uint32_t body_start;
  AstNode *loop;
} JumpTarget;

// What surrounds the token. Copied on entry to a function and restored.
typedef struct Context {
  JumpTarget *targets;
  AstFunction *function;
  bool strict : 1;
  bool allow_in : 1;
  bool await_operator : 1; // `await` is the operator
  bool await_reserved : 1; // ... and never an identifier
  bool yield_operator : 1;
  bool in_parameters : 1;   // of an async function or generator
  bool in_class_field : 1;  // `arguments` is an error
  bool in_static_block : 1; // directly: `await` is an error
  bool allow_return : 1;
  bool allow_new_target : 1;
  bool allow_super_property : 1;
  bool allow_super_call : 1;
  bool in_loop : 1; // of this function
} Context;

// An error that a pattern would forgive: `{a = 1}`, a second `__proto__`.
typedef struct CoverError {
  uint32_t start; // NO_OFFSET: none
  uint32_t end;
  const char *message;
} CoverError;

typedef struct AnnexBCandidate {
  AstFunction *function;
  Scope *scope; // where the search for conflicts has arrived
} AnnexBCandidate;

enum { PLAIN_TYPE_COUNT = 10 };

// Words that TypeScript gives a meaning in some places.
typedef struct TypeWords {
  Name *abstract, *asserts, *declare, *global, *implements, *infer, *interface,
      *is, *keyof, *module, *namespace, *out, *override, *private_, *protected_,
      *public_, *readonly, *require, *type, *unique;
  Name *plain[PLAIN_TYPE_COUNT]; // any, string and the like
} TypeWords;

// TypeScript: what of the text is erased, and the speculation that its arrow
// functions and type arguments need.
typedef struct TypeState {
  TypeWords words;
  SyntaxErasure *erasures;
  uint32_t erasure_count;
  uint32_t erasure_capacity;
  // Places where reading type arguments, or an arrow function with a return
  // type, has failed once and always will; sorted.
  uint32_t *failed;
  uint32_t failed_count;
  uint32_t failed_capacity;
  // Where the unfinished lists of type arguments begin.
  uint32_t *open;
  uint32_t open_count;
  uint32_t open_capacity;
  // Where the expression between `?` and `:` begins, and the last such place
  // where an arrow function has been tried.
  uint32_t then_start;
  uint32_t then_tried;
  // Where the last expression ends that has been converted by `as` or `<T>`:
  // nothing can be assigned to it, and no parameter is written so.
  uint32_t converted_end;
  bool no_conditional; // in an `extends` clause
  bool extends_read;   // by `infer U extends X`, before a `?`
  bool is_ambient;     // inside `declare`
} TypeState;

// What the text is, when not a program.
typedef enum ParseFragment {
  FRAGMENT_NONE,
  FRAGMENT_PARAMETERS,
  FRAGMENT_BODY,
  // Expressions that the text begins with.
  FRAGMENT_CALL, // a left-hand-side expression
  FRAGMENT_ASSIGNMENT
} ParseFragment;

// syntax_parse, also for a fragment, which is only checked.
ParseResult syntax_parse_text(const SourceText *source,
                              const SyntaxOptions *options,
                              ParseFragment fragment);

// Dropping bodies (lazy.c).
typedef struct LazyState {
  bool is_on;
  // Where a function begins that is likely to be called at once; where the one
  // of SYNTAX_LAZY does.
  uint32_t eager_start;
  uint32_t wanted_start;
  uint32_t eval_count; // direct evals seen
  uint32_t with_count; // `with` statements seen
  uint32_t open_withs;
  // A reference of a dropped function is looked up by name at run time: the
  // parse is to be repeated without dropping any.
  bool needs_all;
  struct FreeName *names; // malloced
  uint32_t name_capacity;
  uint32_t depth; // of open bodies that may be dropped
  SyntaxBodies bodies;
} LazyState;

typedef struct Parser {
  Lexer lexer; // first: functions of the lexer take it
  Token token;
  uint32_t previous_end;
  Context context;
  Scope *scope;
  CoverError cover;
  // Where an arrow function may begin: the start of the assignment expression.
  uint32_t arrow_start;
  // One more than the last places of `await` and `yield` expressions and of
  // `await` as an identifier: errors in arrow parameters.
  uint32_t last_await;
  uint32_t last_yield;
  uint32_t last_await_identifier;
  ParseFragment fragment;
  uintptr_t stack_limit;
  const SyntaxOptions *options;
  Arena *arenas; // the result's
  WellKnownNames known;
  // Items of unfinished lists. They and the references begin with room for
  // FIRST_ITEMS in the arena.
  AstNode **items, **first_items;
  uint32_t item_count;
  uint32_t item_capacity;
  // References made in the open scopes; each scope's are contiguous.
  AstIdentifier **references, **first_references;
  uint32_t reference_count;
  uint32_t reference_capacity;
  // Annex B.3.3 functions not yet decided.
  AnnexBCandidate *candidates;
  uint32_t candidate_count;
  uint32_t candidate_capacity;
  // The first parameter that repeats a name, while they are declared.
  AstIdentifier *duplicate_parameter;
  uint32_t function_count;
  LineTable shown; // resolve.c, with options->shown_lines
  bool has_direct_eval;
  // The statement about to be parsed follows labels of a statement list item,
  // so that it may be a function declaration.
  bool labels_allow_function;
  struct ModuleBuilder *module;
  AstNode *expression; // FRAGMENT_CALL, FRAGMENT_ASSIGNMENT
  // Decorators before `export`, until the class takes them.
  AstList decorators;
  bool typescript;
  TypeState types;
  LazyState lazy;
} Parser;
enum { FIRST_ITEMS = 32 };

// ---- Errors (errors.c) ----------------------------------------------------

#define FAIL(p, start, end, ...)                                               \
  syntax_fail(&(p)->lexer, (start), (end), __VA_ARGS__)
// At a node.
#define FAIL_NODE(p, node, ...)                                                \
  FAIL(p, ((const AstNode *)(node))->start, ((const AstNode *)(node))->end,    \
       __VA_ARGS__)
// At the current token.
#define FAIL_TOKEN(p, ...)                                                     \
  FAIL(p, (p)->token.start, (p)->token.end, __VA_ARGS__)

_Noreturn void syntax_unexpected(Parser *p, const Token *token);
// "<before>'<name>'<after>".
_Noreturn void syntax_fail_name(Parser *p, uint32_t start, uint32_t end,
                                const char *before, const Name *name,
                                const char *after);
// For the octal escape at `offset`, in strict code.
_Noreturn void syntax_fail_octal(Parser *p, uint32_t offset);
// Fails when the C stack that the parser may use is nearly gone.
void syntax_check_stack(Parser *p);

// ---- Tokens ---------------------------------------------------------------

static inline void next(Parser *p) {
  p->previous_end = p->token.end;
  lexer_scan(&p->lexer, &p->token);
}
static inline bool at(const Parser *p, TokenType type) {
  return p->token.type == type;
}
static inline bool accept(Parser *p, TokenType type) {
  if (p->token.type != type) return false;
  next(p);
  return true;
}
static inline void expect(Parser *p, TokenType type) {
  if (p->token.type != type) syntax_unexpected(p, &p->token);
  next(p);
}
static inline bool after_newline(const Parser *p) {
  return p->token.flags & TOKEN_AFTER_NEWLINE;
}
// A contextual keyword, without escapes.
static inline bool at_word(const Parser *p, const Name *word) {
  return p->token.name == word && token_is_identifier_name(p->token.type) &&
         !(p->token.flags & TOKEN_HAS_ESCAPE);
}
static inline bool accept_word(Parser *p, const Name *word) {
  if (!at_word(p, word)) return false;
  next(p);
  return true;
}
// The token after the current one.
Token syntax_peek(Parser *p);
// ... and the one after that.
void syntax_peek_two(Parser *p, Token tokens[2]);
// Automatic semicolon insertion (ECMA-262 12.10).
void syntax_expect_semicolon(Parser *p);
// The current token is an identifier where `name` may not be reserved. Checks
// it and returns its name; does not move.
Name *syntax_check_identifier(Parser *p, const Token *token);

// ---- Nodes ----------------------------------------------------------------

static inline void *new_node(Parser *p, size_t size, AstType type,
                             uint32_t start) {
  AstNode *node = arena_zalloc(&p->lexer.arena, size);
  node->type = type;
  node->start = start;
  return node;
}
#define NEW(p, Struct, type, start)                                            \
  ((Struct *)new_node((p), sizeof(Struct), (type), (start)))
// Ends the node at the last token consumed.
static inline void *finish(Parser *p, void *node) {
  ((AstNode *)node)->end = p->previous_end;
  return node;
}
static inline bool is_parenthesized(const void *node) {
  return ((const AstNode *)node)->flags & AST_PARENTHESIZED;
}
void syntax_grow_items(Parser *p);
static inline void push_item(Parser *p, void *node) {
  if (p->item_count == p->item_capacity) syntax_grow_items(p);
  p->items[p->item_count++] = node;
}
// Moves the items from `mark` on to a list in the arena.
AstList syntax_take_list(Parser *p, uint32_t mark);
AstIdentifier *syntax_new_identifier(Parser *p, AstType type, Name *name,
                                     uint32_t start, uint32_t end);
AstNode *syntax_new_string(Parser *p, Name *value, uint32_t start,
                           uint32_t end);

// ---- Scopes (scopes.c) ----------------------------------------------------

// A malloced array with twice the room, at least.
void *syntax_grow(Parser *p, void *items, uint32_t *capacity, size_t size);
void syntax_grow_references(Parser *p);
static inline void push_reference(Parser *p, AstIdentifier *identifier) {
  if (p->reference_count == p->reference_capacity) syntax_grow_references(p);
  p->references[p->reference_count++] = identifier;
}
// A reference node of `type`, recorded in the current scope.
AstIdentifier *syntax_new_reference(Parser *p, AstType type, Name *name,
                                    uint32_t start, uint32_t end);

// Opens a scope inside the current one. `mark` keeps where its references
// begin.
Scope *syntax_open_scope(Parser *p, ScopeKind kind, uint32_t start,
                         uint32_t *mark);
// Closes the current scope. Returns NULL, and splices it out of the tree, when
// it is a lexical scope without bindings and of no other use.
Scope *syntax_close_scope(Parser *p, uint32_t mark);
// Leaves the scopes inside `until` as if they had never been opened.
void syntax_abandon_scopes(Parser *p, Scope *until);
// Moves the references from `mark` on to `scope`, without closing it.
void syntax_flush_references(Parser *p, Scope *scope, uint32_t mark);

// The nearest scope that `var` declares in.
Scope *syntax_var_scope(Scope *scope);
// The binding of `name` in exactly this open scope, or NULL.
Binding *syntax_find_binding(const Name *name, const Scope *scope);
// Puts a binding at the end of its scope.
void syntax_append_binding(Scope *, Binding *);
Binding *syntax_add_binding(Parser *p, Scope *scope, Name *name,
                            BindingKind kind, uint32_t declared_at);
// Declares a name at its declaration's identifier with all early errors;
// connects the identifier.
Binding *syntax_declare(Parser *p, AstIdentifier *identifier, BindingKind kind);
void syntax_declare_function(Parser *p, AstFunction *function);
// Declares every identifier of a binding pattern. Bindings are initialized at
// `initialized_at`.
void syntax_declare_target(Parser *p, AstNode *target, BindingKind kind,
                           uint32_t initialized_at);
void syntax_declare_private(Parser *p, AstIdentifier *name, PrivateKind kind,
                            bool is_static);
// At the end of a function's body: Annex B.3.3.
void syntax_settle_annex_b(Parser *p, Scope *var_scope);

// ---- Resolution (resolve.c) ------------------------------

void syntax_resolve(Parser *p, AstFunction *program);

// ---- Expressions (expressions.c, primary.c, literals.c) -------------------

AstNode *syntax_parse_expression(Parser *p);
// An assignment expression; no unfinished cover grammar remains.
AstNode *syntax_parse_assignment(Parser *p);
// ... which may still become a pattern: p->cover holds what it must forgive.
AstNode *syntax_parse_assignment_cover(Parser *p);
AstNode *syntax_parse_expression_cover(Parser *p);
void syntax_check_cover(Parser *p);
AstNode *syntax_parse_unary(Parser *p);
AstNode *syntax_parse_left_hand_side(Parser *p);
// `.name`, `.#name`: the token is after the dot.
AstNode *syntax_parse_member(Parser *p, AstNode *object, bool optional);
AstNode *syntax_parse_primary(Parser *p);
AstList syntax_parse_arguments(Parser *p, bool *has_spread);
AstNode *syntax_parse_array(Parser *p);
AstNode *syntax_parse_object(Parser *p);
AstNode *syntax_parse_template(Parser *p, bool tagged);
AstNode *syntax_parse_string(Parser *p);
AstNode *syntax_parse_number(Parser *p);
AstNode *syntax_parse_new(Parser *p);
// A property key that is not a private name; sets *computed.
AstNode *syntax_parse_property_key(Parser *p, bool *computed);

// ---- Patterns (patterns.c) ------------------------------------------------

// Turns an expression into an assignment target.
void syntax_to_assignment_target(Parser *p, AstNode *node, bool in_pattern,
                                 const char *message);
// Turns an expression into an arrow function's parameter.
void syntax_to_binding_target(Parser *p, AstNode *node);
// Parses a binding identifier or pattern; names are not declared yet.
AstNode *syntax_parse_binding_target(Parser *p);
// ... with an optional default.
AstNode *syntax_parse_binding_element(Parser *p);
// ... whose target has been parsed.
AstNode *syntax_parse_binding_default(Parser *p, AstNode *target);
// `eval`, `arguments` and reserved words as names of bindings in strict code.
void syntax_check_strict_binding(Parser *p, const AstIdentifier *identifier);

// ---- Functions and classes ------------------------------------------------

typedef struct FunctionHead {
  AstFunctionKind kind;
  AstType type;
  bool is_async;
  bool is_generator;
  uint32_t start;      // of the node and of its source text
  AstIdentifier *name; // or NULL
  // TypeScript: an overload or an abstract method, whose signature is all.
  bool may_lack_body;
} FunctionHead;

AstFunction *syntax_new_function(Parser *p, const FunctionHead *head);
// From the `(` of the parameters to the closing brace. NULL: it lacks a body
// and has left no trace.
AstFunction *syntax_parse_function_rest(Parser *p, const FunctionHead *head);
// At `function` (after `async`, whose offset is `start`).
AstNode *syntax_parse_function_expression(Parser *p, uint32_t start,
                                          bool is_async);
AstNode *syntax_parse_function_declaration(Parser *p, uint32_t start,
                                           bool is_async, bool name_optional);
// Statements up to `end`, with directives. Sets strictness.
AstList syntax_parse_body(Parser *p, AstFunction *function, TokenType end);

// Dropping bodies (lazy.c). Begin before the brace of the body, end when the
// function's scope has been closed: then the body may be gone.
typedef struct LazyMark {
  ArenaMark arena;
  bool may_drop;
  uint32_t place;         // in p->lazy.bodies, or UINT32_MAX
  const SyntaxBody *body; // known from before: it is skipped; or NULL
  uint32_t start;
  uint32_t eval_count;
  uint32_t with_count;
} LazyMark;
LazyMark syntax_lazy_begin(Parser *p, const AstFunction *function);
void syntax_lazy_end(Parser *p, AstFunction *function, const LazyMark *mark);
// Moves to the closing brace of a body that is known.
void syntax_lazy_skip(Parser *p, AstFunction *function, const LazyMark *mark);
// What begins at the current token is likely to be called at once, if it is a
// function.
static inline void expect_call(Parser *p) {
  p->lazy.eager_start = p->token.start;
}
// The program of SYNTAX_LAZY: scopes for the environments around the function,
// and the function, which becomes *function.
AstFunction *syntax_parse_lazy(Parser *p, AstFunction **function);

// The parameters or the body of a dynamic function, alone in the text.
void syntax_parse_fragment(Parser *p, bool is_body);
// A statement: the function with these parameters and the text as its body.
AstNode *syntax_parse_wrapped(Parser *p, const char *const *parameters,
                              uint32_t count);

typedef struct ArrowMark {
  uint32_t start;
  bool is_then; // at types.then_start
  uint32_t references;
  uint32_t items;
  Scope *last_child;
  bool has_direct_eval;
} ArrowMark;
ArrowMark syntax_mark_arrow(Parser *p, uint32_t start);
// Not an arrow function after all.
void syntax_drop_arrow_mark(Parser *p, const ArrowMark *mark);
// At `=>`: parameters are the items from mark->items on.
AstNode *syntax_parse_arrow(Parser *p, const ArrowMark *mark, bool is_async);

// At `class` or its decorators.
AstNode *syntax_parse_class(Parser *p, AstType type, bool name_optional);
// The decorators that stand here, if any.
AstList syntax_parse_decorators(Parser *p);
// Fails if there are some before `export` already.
void syntax_check_decorators(Parser *p);

// ---- Statements (statements.c, loops.c) -----------------------------------

// A statement that is the body of another one: no declaration.
AstNode *syntax_parse_statement(Parser *p);
AstNode *syntax_parse_statement_list_item(Parser *p);
// The keywords of `kind` have been consumed. In the head of a `for`, missing
// initializers are left to the caller.
AstListNode *syntax_parse_declarators(Parser *p, AstDeclarationKind kind,
                                      uint32_t start, bool in_for);
// Is the token `let` the beginning of a declaration?
bool syntax_at_let_declaration(Parser *p);
// Is it `using` or `await using` of a declaration? Sets its kind. In the head
// of a for-of, `using of` is the variable `using`.
bool syntax_at_using_declaration(Parser *p, bool in_for,
                                 AstDeclarationKind *kind);
// Consumes the keywords of a declaration that the parser is at.
void syntax_next_declaration(Parser *p, AstDeclarationKind kind);
AstNode *syntax_parse_for(Parser *p);
AstNode *syntax_parse_while(Parser *p);
AstNode *syntax_parse_do_while(Parser *p);

// ---- TypeScript (erasures.c, types.c, arrow_types.c, type_statements.c,
// type_members.c, type_modules.c) --------------------------------------------

void syntax_typescript_begin(Parser *p);
void syntax_typescript_end(Parser *p, ParseResult *result);
// The text [start, end) is erased.
void syntax_erase(Parser *p, uint32_t start, uint32_t end);
// ... but for its first and last units, unless they are 0.
void syntax_erase_but(Parser *p, uint32_t start, uint32_t end, char first,
                      char last);
bool syntax_has_newline(const Parser *p, uint32_t start, uint32_t end);
// The current token is.
void syntax_erase_token(Parser *p);
// ... and so is a whole statement or class element, whose parts' erasures
// from `mark` on do not count then. The token is behind it.
void syntax_erase_whole(Parser *p, uint32_t start, uint32_t mark);

// The state of a parse, to go back to. Bindings of the scopes that have been
// opened since are taken back; none may be added to those that were open.
typedef struct Checkpoint {
  Token token;
  uint32_t position;
  uint32_t previous_end;
  Context context;
  Scope *scope;
  Scope *last_child;
  bool scope_has_direct_eval;
  CoverError cover;
  uint32_t arrow_start;
  uint32_t last_await, last_yield, last_await_identifier;
  uint32_t item_count, reference_count, candidate_count, function_count;
  uint32_t erasure_count, open_count;
  bool has_direct_eval, labels_allow_function;
  bool no_conditional, extends_read, is_ambient;
  AstIdentifier *duplicate_parameter;
  AstList decorators;
} Checkpoint;
Checkpoint syntax_checkpoint(Parser *p);
void syntax_go_back(Parser *p, const Checkpoint *to);
// Goes on in the text, but drops what has been made of it.
void syntax_discard(Parser *p, const Checkpoint *to);
// parse(p, data), and back to where it began if that is false or fails.
bool syntax_try(Parser *p, bool (*parse)(Parser *p, void *data), void *data);
// A failure of trying at `start` again.
bool syntax_has_failed(const Parser *p, uint32_t start);
void syntax_note_failure(Parser *p, uint32_t start);
// A list of type arguments begins at `start`.
void syntax_note_open(Parser *p, uint32_t start);

// Types make no nodes: these only move on, and erase nothing.
void syntax_skip_type(Parser *p);
// ... also `x is T`, `asserts x`.
void syntax_skip_return_type(Parser *p);
// At `<`.
void syntax_skip_type_parameters(Parser *p);
void syntax_skip_type_arguments(Parser *p);
// At `{`: the members of an interface or of a type literal.
void syntax_skip_object_type(Parser *p);
// `A.B<T>, C`, after `extends` or `implements`.
void syntax_skip_heritage(Parser *p);
// Consumes `>`, perhaps as the first unit of a longer token.
void syntax_close_angle(Parser *p);
// `A.B.C`
void syntax_skip_entity_name(Parser *p);

// At `:`: the type is erased.
void syntax_erase_annotation(Parser *p);
// ... of what a function returns.
void syntax_erase_return_type(Parser *p);
void syntax_erase_type_parameters(Parser *p);
void syntax_erase_type_arguments(Parser *p);
// At `<` or `<<` in an expression: erases type arguments. False: an operator.
bool syntax_try_type_arguments(Parser *p);
// At `as` or `satisfies`.
void syntax_erase_conversion(Parser *p);
// At `<` where an operand begins: an assertion or a generic arrow function.
AstNode *syntax_parse_angle_operand(Parser *p);
// Behind `async`, at `<`: erases type parameters that `(` follows.
bool syntax_try_type_parameters(Parser *p);
// In the parentheses of what may be an arrow function, behind the item pushed
// last: `?`, a type and a default. True: there was one of the first two.
bool syntax_parse_cover_annotation(Parser *p);
// Behind the parentheses of what may be an arrow function (must be, if
// `is_certain`), at `:`. True: the return type is erased; `=>` follows.
bool syntax_try_arrow_type(Parser *p, const ArrowMark *mark, bool is_certain);
// Has the last expression been converted?
static inline bool is_converted(const Parser *p) {
  return p->typescript && p->types.converted_end == p->previous_end;
}
// Does what begins here stand between `?` and `:`, and has not been tried yet?
static inline bool is_untried_then(const Parser *p) {
  return p->token.start == p->types.then_start && p->typescript &&
         p->types.then_tried != p->token.start;
}
// Then parse(p) goes through this.
AstNode *syntax_parse_then(Parser *p, AstNode *(*parse)(Parser *));

// A statement that TypeScript has and JavaScript has not, and what it leaves:
// an AST_EMPTY, or an abstract class. NULL: no such statement. It is erased
// from `start` on, where `export` is, or the statement itself.
AstNode *syntax_parse_type_statement(Parser *p, uint32_t start);
// The same after `export`, and after `export default`.
AstNode *syntax_parse_type_export(Parser *p, uint32_t start);
AstNode *syntax_parse_type_default(Parser *p, uint32_t start);
// At a name in the braces of an import or export: erases `type x as y`. True:
// it did so, with the comma.
bool syntax_erase_type_specifier(Parser *p);
// An erased statement from `start` to here.
AstNode *syntax_end_erased(Parser *p, uint32_t start, uint32_t mark);
// At `abstract class`.
bool syntax_at_abstract_class(Parser *p);

// Modifiers of a parameter are an error: they make a property.
void syntax_refuse_parameter_property(Parser *p);
// `this: T` as the first parameter, with the comma.
void syntax_erase_this_parameter(Parser *p);
// At a word: may it be a modifier of a class element, by what follows it?
bool syntax_at_modifier(Parser *p);
// At `[`: an index signature, which is skipped. False: it is none.
bool syntax_skip_index_signature(Parser *p);

// ---- Modules (modules.c) --------------------------------------------------

void syntax_module_begin(Parser *p);
AstNode *syntax_parse_import_declaration(Parser *p);
AstNode *syntax_parse_export_declaration(Parser *p);
ModuleRecordFacts *syntax_module_end(Parser *p);
void syntax_module_set_import_meta(Parser *p);

#endif
