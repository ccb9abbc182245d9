// SPDX-License-Identifier: MIT
// Internal to vm/bytecode: the state of a compilation and what the emit_*.c
// files use of each other.
//
// Registers are a stack. A function that leaves a value in a temporary takes it
// from the top; callers note bytecode_mark() first and release to it when the
// values are used. Locals lie below all temporaries, so "register < mark" says
// that an operand is a local variable and not a copy of it.
//
// Environments: each scope that needs one has it in its own register
// (ScopeLayout.environment) from entry to exit; leaving a scope, by whatever
// way, is just using the outer register again.
#ifndef RILL_VM_BYTECODE_EMITTER_H
#define RILL_VM_BYTECODE_EMITTER_H

#include "vm/bytecode/compile.h"
#include "vm/bytecode/coverage.h"
#include "vm/bytecode/function_builder.h"
#include "vm/syntax/syntax.h"

// What layout decided for a scope, before any code is emitted (emit_layout.c).
typedef struct ScopeLayout {
  bool has_environment; // at run time: an Environment of slot_count slots
  bool is_described;    // eval or with look its names up
  bool has_eval_vars;   // an EVAL_VARS environment lies outside of it
  uint16_t slot_count;
  // While the scope is being emitted.
  Register environment, eval_vars;
} ScopeLayout;

enum { // Binding.emitter_bits
  BINDING_IN_ENVIRONMENT = 1 << 0,
  BINDING_IN_REGISTER = 1 << 1, // `slot` is a register now
  BINDING_BY_NAME = 1 << 2,     // script globals, vars of sloppy eval
  BINDING_MUST_CAPTURE = 1 << 3,
  BINDING_IS_IMPORT = 1 << 4, // `slot` indexes the module's imports
  // Elided: `arguments` is only indexed and asked for its length.
  BINDING_ARGUMENTS_ELIDED = 1 << 5,
  // While looking for the first use of variables (emit_function.c).
  BINDING_IS_SEEN = 1 << 6,
  BINDING_STARTS_ASSIGNED = 1 << 7, // no use before its first assignment
};

// One vm_compile.
typedef struct CompileUnit {
  const CompileOptions *options;
  ParseResult *parse;
  SourceFile *file;
  LineTable lines;
  uint32_t first_line;
  uint32_t head; // length of what was put before the user's text
  Arena *arena;  // the parse's
  bool failed;   // a function failed: `status`, `message`, `offset`
  BuildStatus status;
  const char *message;
  uint32_t depth;         // of nested expressions
  CoverageFile *coverage; // NULL: off
  // The function that is compiled alone; NULL: a whole text is.
  const LazyFunction *lazy;
} CompileUnit;

// Code whose exceptions go to one handler. Holes are the parts that already run
// outside of it: what an exit does after it left the region.
typedef struct Region {
  uint32_t start;
  uint32_t *holes; // pairs of begin and end, malloc'ed
  uint32_t hole_count, hole_capacity;
} Region;

// What a jump out of the current statement crosses or aims at, innermost first.
typedef enum {
  CONTROL_LOOP,     // break, continue
  CONTROL_SWITCH,   // break
  CONTROL_LABELED,  // break label
  CONTROL_CATCH,    // a try block whose exceptions are caught
  CONTROL_FINALLY,  // exits run through the finalizer
  CONTROL_ITERATOR, // exits close the iterator
} ControlKind;
typedef struct FinallyExit {
  struct FinallyExit *next; // arena
  bool is_return, is_continue;
  const AstNode *target; // of break and continue
  int32_t number;        // in the completion register
} FinallyExit;
typedef struct Control {
  struct Control *outer;
  ControlKind kind;
  const AstNode *node;
  Label *break_label, *continue_label;
  Region region; // CATCH, FINALLY, ITERATOR
  // FINALLY: how the finalizer is entered.
  Label *finalizer;
  Register completion; // COMPLETION_*, from EXITS on: `exits`
  Register value;
  FinallyExit *exits;
  int32_t exit_count;
  // ITERATOR
  Register iterator;
  bool is_async;
} Control;

// Values of `completion`.
enum { COMPLETION_NORMAL, COMPLETION_THROW, COMPLETION_EXITS };

// The resources of a scope with `using` (emit_using.c).
typedef struct Disposal {
  Control control;
  Label finalizer;
  Scope *scope;
  Register completion, value; // of `control`
  bool awaits;                // some are of `await using`
  bool has_begun;
} Disposal;

// The function being emitted.
typedef struct FunctionState {
  CodeBuilder builder; // first: a FunctionState is a CodeBuilder
  CompileUnit *unit;
  struct FunctionState *outer;
  AstFunction *ast;           // NULL: synthesized code
  String *name;               // atom
  const Scope *closure_scope; // innermost scope around the function; or NULL
  CodeKind kind;
  bool is_strict, is_async, is_generator;
  bool in_parameters;   // their initializers are being emitted
  Register environment; // current one; NO_REGISTER: the closed-over one
  Register this_register;
  Register completion; // of scripts and eval; NO_REGISTER: not wanted
  Control *control;
  uint32_t repeats; // loops around what is emitted
  const struct ClassContext *class_context;
  uint16_t *mapped_parameters;
  bool has_mapped_parameters;
  uint32_t break_line, break_start; // BREAK_LINE's last; line 0: none yet
} FunctionState;

// The class whose constructor, or arrows in it, are being emitted.
typedef struct ClassContext {
  AstClass *class;
  bool has_instance_elements;
  // Its fields are simple enough to be defined by the constructors themselves;
  // NULL: by a function of their own (INITIALIZE_FIELDS).
  AstClass *inlined;
} ClassContext;

#define B(f) (&(f)->builder)
static inline uint32_t mark_of(FunctionState *f) {
  return f->builder.next_register;
}
static inline Register temp(FunctionState *f) {
  return bytecode_temp(&f->builder);
}
static inline void release(FunctionState *f, uint32_t mark) {
  f->builder.next_register = mark;
}

// emit_layout.c ---------------------------------------------------------------

// Zeroed; lives until the function being emitted is done. NULL: failed.
void *bytecode_arena(CompileUnit *, size_t bytes);
// Decides for every scope and binding where it lives. False: failed.
bool bytecode_layout(CompileUnit *);
// f.apply(x, arguments), by arguments' binding.
bool bytecode_forwards_arguments(const AstCall *, const Binding *);
static inline ScopeLayout *layout_of(const Scope *scope) {
  return (ScopeLayout *)scope->emitter_data;
}
// The description record's content for a scope (names of its slots).
ScopeDescription bytecode_describe(CompileUnit *, const Scope *);
// Calls `visit` for each child. False from it stops (returns false).
bool bytecode_each_child(const AstNode *,
                         bool (*visit)(void *, const AstNode *), void *data);

// emit_name.c -----------------------------------------------------------------

String *bytecode_atom(CompileUnit *, Name *); // NULL only on failure
PropertyKey bytecode_property_key(CompileUnit *, Name *);
uint32_t bytecode_name_key(FunctionState *, Name *); // index in keys
uint32_t bytecode_atom_key(FunctionState *, String *);
String *bytecode_c_atom(CompileUnit *, const char *);
// Process-wide, from BIGINT's digits. NULL: failed.
BigInt *bytecode_bigint(CompileUnit *, const Name *digits);
void bytecode_load_string(FunctionState *, Name *, Register dst);
void bytecode_load_value(FunctionState *, Value, Register dst);
void bytecode_throw_error(FunctionState *, unsigned error_type,
                          const char *message);

// emit_scope.c ----------------------------------------------------------------

typedef enum {
  PLACE_REGISTER,
  PLACE_SLOT,    // of an environment in a register
  PLACE_UPVALUE, // of an environment outside of the function
  PLACE_IMPORT,
  PLACE_GLOBAL,
  PLACE_DYNAMIC,
} PlaceKind;
typedef struct Place {
  PlaceKind kind;
  Register reg; // REGISTER: it; SLOT: the environment
  uint32_t slot, hops;
} Place;
Place bytecode_place(FunctionState *, const Binding *);
Place bytecode_reference_place(FunctionState *, const AstIdentifier *);
void bytecode_place_load(FunctionState *, Place, Register dst);
void bytecode_place_store(FunctionState *, Place, Register value);

// The register with the current environment (a temporary if closed over).
Register bytecode_environment(FunctionState *);
// The register of the local that a reference means, if it can be read or
// written there without any check; NO_REGISTER otherwise.
Register bytecode_local_register(FunctionState *, const AstNode *);
void bytecode_load_identifier(FunctionState *, AstIdentifier *, Register dst,
                              bool for_typeof);
// Ordinary assignment. `resolved`: from bytecode_resolve, or NO_REGISTER.
void bytecode_store_identifier(FunctionState *, AstIdentifier *, Register value,
                               Register resolved);
// PLACE_DYNAMIC references are resolved before the value is computed; others
// give NO_REGISTER.
Register bytecode_resolve(FunctionState *, AstIdentifier *);
// First value of a declared binding.
void bytecode_initialize(FunctionState *, const Binding *, Register value);
void bytecode_load_binding(FunctionState *, const Binding *, Register dst);

void bytecode_enter_scope(FunctionState *, Scope *, Register *outer);
void bytecode_leave_scope(FunctionState *, Scope *, Register outer);
void bytecode_new_environment(FunctionState *, Scope *);
// The register and first value of a binding, without an environment.
void bytecode_place_binding(FunctionState *, Binding *);
void bytecode_hoist_functions(FunctionState *, Scope *);

// Guards recursion: false if the tree is too deep, and the function fails.
bool bytecode_enter(FunctionState *);
static inline void bytecode_exit_depth(FunctionState *f) {
  f->unit->depth--;
}

// emit_expression.c -----------------------------------------------------------

void bytecode_expression(FunctionState *, AstNode *, Register dst);
// A register that holds the value: a local's own, or a new temporary.
Register bytecode_operand(FunctionState *, AstNode *);
// The same, safe against `later` assigning the local before the value is used.
Register bytecode_stable_operand(FunctionState *, AstNode *,
                                 const AstNode *later);
bool bytecode_may_assign(FunctionState *, const AstNode *, Register);
void bytecode_effect(FunctionState *, AstNode *); // value not wanted
// With a name for anonymous functions (NamedEvaluation). `name`: an atom.
void bytecode_named_expression(FunctionState *, AstNode *, String *name,
                               Register dst);
// Does evaluation write `dst` only by its last instruction?
bool bytecode_writes_last(const AstNode *);
bool bytecode_constant_of(const AstNode *, Value *); // number, bool, null, ...
bool bytecode_small_int(const AstNode *, int32_t *); // fits an INT operand

// emit_operator.c
void bytecode_binary(FunctionState *, AstBinary *, Register dst);
void bytecode_unary(FunctionState *, AstUnary *, Register dst);
void bytecode_logical(FunctionState *, AstBinary *, Register dst);
void bytecode_arithmetic(FunctionState *, uint8_t op, Register dst,
                         Register left, Register right);
bool bytecode_arithmetic_int(FunctionState *, uint8_t op, Register dst,
                             Register left, int32_t right);
// Jumps to `target` if ToBoolean(node) is `sense`; else falls through. A bound
// target is a loop's start.
void bytecode_branch(FunctionState *, AstNode *, Label *target, bool sense);

// emit_member.c: property references, optional chains
typedef enum {
  REFERENCE_TO_NAMED,
  REFERENCE_TO_ELEMENT,
  REFERENCE_TO_PRIVATE,
  REFERENCE_TO_SUPER,
  REFERENCE_TO_IDENTIFIER,
  REFERENCE_TO_CALL, // sloppy `f() = 1`: throws
  REFERENCE_TO_PATTERN,
} ReferenceTargetKind;
typedef struct Reference {
  ReferenceTargetKind kind;
  AstNode *node;
  Register object; // or this of super
  Register key;    // ELEMENT, PRIVATE; SUPER: the base after it
  Register resolved;
  String *name; // NAMED: atom
} Reference;
// Evaluates object and key. `later`: what runs before the reference is used.
Reference bytecode_reference(FunctionState *, AstNode *target,
                             const AstNode *later);
void bytecode_reference_get(FunctionState *, Reference *, Register dst);
void bytecode_reference_set(FunctionState *, Reference *, Register value);
// A key used twice: ToPropertyKey once.
void bytecode_reference_fix_key(FunctionState *, Reference *);
void bytecode_get_named(FunctionState *, Register dst, Register object,
                        String *name);
void bytecode_init_named(FunctionState *, Register object, String *name,
                         Register value);
void bytecode_optional_chain(FunctionState *, AstUnary *, Register dst);
void bytecode_delete(FunctionState *, AstNode *operand, Register dst);
// Callee and this into base and base + 1. `skip`: where `?.` jumps, or NULL.
// False: this is undefined and has not been loaded.
bool bytecode_callee(FunctionState *, AstNode *callee, Register base,
                     Label *skip);
void bytecode_chain_link(FunctionState *, AstNode *, Register dst, Label *skip);

// emit_assignment.c
void bytecode_assign(FunctionState *, AstBinary *, Register dst);
void bytecode_compound_assign(FunctionState *, AstBinary *, Register dst);
void bytecode_logical_assign(FunctionState *, AstBinary *, Register dst);
// dst NO_REGISTER: the value is not wanted.
void bytecode_update(FunctionState *, AstUnary *, Register dst);
void bytecode_declaration(FunctionState *, AstListNode *);

// emit_destructuring.c
// Assigns or initializes any target from a register.
void bytecode_assign_target(FunctionState *, AstNode *target, Register value);
void bytecode_pattern(FunctionState *, AstNode *pattern, Register value);
String *bytecode_target_name(FunctionState *, const AstNode *target);

// emit_call.c
void bytecode_call(FunctionState *, AstCall *, Register dst, Label *skip,
                   bool awaited);
void bytecode_new(FunctionState *, AstCall *, Register dst);
void bytecode_super_call(FunctionState *, AstSuperCall *, Register dst);
void bytecode_intrinsic_call(FunctionState *, AstIntrinsicCall *, Register dst);
// What a for-of of self-hosted code walks, if it is %IteratorDirect(iterator,
// next): an Iterator Record, loaded into the loop's three registers. False: it
// is an iterable.
bool bytecode_iterator_direct(FunctionState *, const AstNode *iterated,
                              Register iterator);
void bytecode_tagged_template(FunctionState *, AstTaggedTemplate *,
                              Register dst);
void bytecode_import_call(FunctionState *, AstImportCall *, Register dst);
bool bytecode_io_call(FunctionState *, AstCall *, Register dst, bool awaited);
// The operation that an imported binding stands for, or -1.
int bytecode_io_operation(const CompileUnit *, const Binding *);

// emit_literal.c
void bytecode_array(FunctionState *, AstListNode *, Register dst);
void bytecode_array_of(FunctionState *, const AstList *, Register dst);
void bytecode_object(FunctionState *, AstListNode *, Register dst);
void bytecode_template(FunctionState *, AstTemplate *, Register dst);
void bytecode_regexp(FunctionState *, AstRegExp *, Register dst);
// A property name node (STRING, NUMBER, BIGINT) as a key.
PropertyKey bytecode_literal_key(CompileUnit *, const AstNode *);
void bytecode_load_key(FunctionState *, PropertyKey, Register dst);
String *bytecode_key_name(CompileUnit *, PropertyKey);
String *bytecode_prefixed(CompileUnit *, const char *prefix, String *name);

// emit_class.c
void bytecode_class(FunctionState *, AstClass *, String *name, Register dst);
void bytecode_class_elements(FunctionState *, AstFunction *);
// In a constructor, when `object` has become this: defines what the class says
// of instances.
void bytecode_instance_elements(FunctionState *, Register object,
                                Register constructor);

// emit_decorator.c
void bytecode_decorators(FunctionState *, const AstList *, Register dst);
// Takes the registers that decorated elements live in until they are applied.
void bytecode_keep_decorated(FunctionState *, const AstClass *);
// Where an element's key and function (accessors: and setter after it) go.
// Evaluates its decorators.
typedef struct Decorated {
  Register key, function;
} Decorated;
Decorated bytecode_decorated(FunctionState *, const AstClassElement *);
// Applies those of all elements. static_extra: gets the array of functions that
// are to run when the class has its static methods.
void bytecode_apply_decorators(FunctionState *, AstClass *,
                               Register constructor, Register static_extra);
// Applies the class's own, an array. `constructor`: may become something else;
// extra: gets the array of what is to run at the end.
void bytecode_decorate_class(FunctionState *, AstClass *, String *name,
                             Register decorators, Register constructor,
                             Register extra);
void bytecode_run_initializers(FunctionState *, Register object,
                               Register array);
void bytecode_run_kept_initializers(FunctionState *, Register object,
                                    const Binding *array);
// What decorators make of a field's value.
void bytecode_initial_value(FunctionState *, Register object,
                            const Binding *array, Register value);

// emit_function.c
// Compiles a nested function. NULL: failed (the unit says why).
Template *bytecode_compile_function(CompileUnit *, FunctionState *outer,
                                    AstFunction *, String *name,
                                    const ClassContext *);
// Index in the template's nested functions.
uint32_t bytecode_nested(FunctionState *, AstFunction *, String *name,
                         const ClassContext *);
void bytecode_closure(FunctionState *, AstFunction *, String *name,
                      Register dst);
void bytecode_method(FunctionState *, AstFunction *, String *name,
                     Register home, Register dst);
// Runs `body` in a fresh FunctionState, twice if long jumps are needed.
typedef void (*BodyEmitter)(FunctionState *, void *data);
Template *bytecode_build(CompileUnit *, const FunctionState *prototype,
                         BodyEmitter, void *data, Template *facts);
CodeKind bytecode_code_kind(const AstFunction *);

// emit_statement.c
void bytecode_statement(FunctionState *, AstNode *);
void bytecode_statements(FunctionState *, const AstList *);
void bytecode_block(FunctionState *, AstBlock *);
void bytecode_complete(FunctionState *, Value); // completion value, if wanted

// emit_loop.c
void bytecode_for(FunctionState *, AstFor *);
void bytecode_for_in(FunctionState *, AstForIn *);
void bytecode_for_of(FunctionState *, AstForIn *);
void bytecode_while(FunctionState *, AstWhile *);
void bytecode_do_while(FunctionState *, AstWhile *);

// emit_try.c
void bytecode_try(FunctionState *, AstTry *);
void bytecode_return(FunctionState *, Register value);
void bytecode_return_undefined(FunctionState *);
// For break and continue; runs what lies between.
void bytecode_exit(FunctionState *, const AstNode *target, bool is_continue);
// An iterator whose loop or pattern lies between begin and end is closed on
// every way out but the normal one. closes: on that one too (array patterns).
void bytecode_guard_begin(FunctionState *, Control *, Register iterator,
                          bool is_async);
void bytecode_guard_end(FunctionState *, Control *, bool closes);
void bytecode_region_begin(FunctionState *, Control *, ControlKind);
// Ends it; its handler follows right here, if anything can reach it. The
// control is popped. False: nothing can throw in it.
bool bytecode_region_end(FunctionState *, Control *, Register exception);
void bytecode_iterator_close(FunctionState *, Register iterator, bool is_async);

// A finalizer's code. Between begin and enter lies what it finalizes; the code
// follows, until dispatch goes on as the completion register says.
void bytecode_finally_begin(FunctionState *, Control *, Label *finalizer,
                            Register completion, Register value);
// False: nothing can throw in what is finalized.
bool bytecode_finally_enter(FunctionState *, Control *);
void bytecode_finally_dispatch(FunctionState *, Control *, bool can_throw);

// emit_using.c
// Takes the registers that live as long as the scope.
void bytecode_disposal_init(FunctionState *, Disposal *, Scope *);
// AddDisposableResource, before the binding is initialized with `value`.
void bytecode_disposal_add(FunctionState *, const Binding *, Register value);
// What follows ends in the finalizer. Its first binding has been added.
void bytecode_disposal_begin(FunctionState *, Disposal *);
void bytecode_disposal_end(FunctionState *, Disposal *);
// All of a declaration; begins with its first one.
void bytecode_using(FunctionState *, Disposal *, AstListNode *);
// The statements right in a scope that has been entered.
void bytecode_scope_statements(FunctionState *, Scope *, const AstList *);

// emit_break.c
// At a statement of a unit that has break lines.
void bytecode_break_line(FunctionState *, const AstNode *);

// emit_coverage.c: nothing without coverage
void bytecode_count_function(FunctionState *);
void bytecode_count_statement(FunctionState *, const AstNode *);
#define NO_BRANCH UINT32_MAX
uint32_t bytecode_new_branch(FunctionState *, BranchKind, const AstNode *);
// The arm that is emitted next. NULL: there is none in the text.
void bytecode_count_arm(FunctionState *, uint32_t branch, const AstNode *arm,
                        const AstNode *whole);
static inline uint32_t bytecode_branch_begin(FunctionState *f, BranchKind kind,
                                             const AstNode *node) {
  return f->unit->coverage == NULL ? NO_BRANCH
                                   : bytecode_new_branch(f, kind, node);
}

// compile_lazy.c
// A template without code. NULL: failed (the unit says why).
Template *bytecode_lazy_stub(CompileUnit *, AstFunction *,
                             const Template *facts);

// compile.c
// The file, with a reference more for a template of that many bytes.
SourceFile *bytecode_use_file(CompileUnit *, size_t bytes);
extern const SyntaxHost bytecode_syntax_host;
void bytecode_clear_error(CompileError *);
void bytecode_fail_emission(CompileError *, const CompileUnit *);

// emit_generator.c
void bytecode_await(FunctionState *, AstUnary *, Register dst);
void bytecode_await_register(FunctionState *, Register);
void bytecode_yield(FunctionState *, AstUnary *, Register dst);

// emit_module.c
bool bytecode_module_layout(CompileUnit *);
void bytecode_program(FunctionState *, AstFunction *);
ModuleFacts *bytecode_module_facts(CompileUnit *);

#endif
