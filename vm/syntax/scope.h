// SPDX-License-Identifier: MIT
// Names, bindings and scopes: what the parser found out about every
// identifier. When a parse succeeds each reference node in the tree has been
// resolved (ReferenceKind + Binding), so an emitter never looks a name up.
//
// How the tree of scopes looks:
//
//   SCRIPT / MODULE / EVAL            one at the root
//     FUNCTION_NAME is not a scope: that binding sits in the function's scope
//     FUNCTION                        parameters, vars, top-level lexicals
//     FUNCTION_BODY                   only when parameters have expressions:
//                                     child of FUNCTION; holds vars, lexicals
//     BLOCK, FOR, SWITCH, CATCH       lexical; absent (NULL in the node) when
//                                     they would hold no binding
//     CLASS                           inner name of the class
//     CLASS_BODY                      private names, computed field keys
//     STATIC_BLOCK                    `static {}`: vars and lexicals
//     WITH                            no bindings; makes names dynamic
//
// All of this is allocated in the parse's arena and dies with it.
#ifndef RILL_VM_SYNTAX_SCOPE_H
#define RILL_VM_SYNTAX_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Name Name;
typedef struct Binding Binding;
typedef struct Scope Scope;
struct AstFunction;
struct AstIdentifier;

// A string of code units, interned per parse: two names with equal units are
// the same pointer. Identifiers, property names, string literals and template
// parts all use it. Latin-1 whenever every unit is below 0x100, so that `wide`
// is canonical. May hold lone surrogates.
struct Name {
  const void *units; // uint8_t or uint16_t; not terminated
  uint32_t length;   // in code units
  uint32_t hash;     // internal to the parse
  bool wide;         // units are uint16_t
  uint8_t keyword;   // internal: token type when it spells a keyword, else 0
  uint32_t free_at;  // internal to lazy.c
  // Decided by the emitter's first look at the name: the atom's bits, or
  // whatever else it caches. Zero after the parse.
  uintptr_t atom;
  // Internal: innermost binding of this name among the open scopes.
  Binding *innermost;
};

typedef enum BindingKind {
  BINDING_VAR,            // var, also Annex B.3.3 function vars
  BINDING_LET,            // let
  BINDING_CONST,          // const
  BINDING_USING,          // using, await using (immutable)
  BINDING_CLASS,          // class declaration (mutable, TDZ) in a block
  BINDING_CLASS_NAME,     // inner name of a class (immutable, TDZ)
  BINDING_FUNCTION,       // function declaration (var-like or block-level)
  BINDING_PARAMETER,      // formal parameter, also inside patterns
  BINDING_CATCH,          // catch parameter, also inside patterns
  BINDING_IMPORT,         // import (immutable, indirect, always checked)
  BINDING_FUNCTION_NAME,  // own name of a function expression: a write is
                          // ignored in sloppy code, a TypeError in strict code
  BINDING_PRIVATE_NAME,   // #x, in CLASS_BODY; name includes the '#'
  BINDING_COMPUTED_KEY,   // key of a computed class field, or what else an
                          // element keeps (AstClassElement), in CLASS_BODY;
                          // name is NULL
  BINDING_DEFAULT_EXPORT, // "*default*" of `export default <expression>` or
                          // of an unnamed function or class
  // Pseudo-bindings. They exist in a FUNCTION (never an arrow's) or root scope
  // only when something refers to them or a direct eval could. Arrow functions
  // and eval code reach them as ordinary captured bindings.
  BINDING_ARGUMENTS,      // the arguments object; `var arguments` shares it
  BINDING_THIS,           // TDZ in derived constructors
  BINDING_NEW_TARGET,     // name "new.target"
  BINDING_HOME_OBJECT,    // name "%home": [[HomeObject]], for super.x
  BINDING_ACTIVE_FUNCTION // name "%function": the derived constructor itself,
                          // for super(...): its prototype and its fields
} BindingKind;

// What a private name stands for.
typedef enum PrivateKind {
  PRIVATE_FIELD,
  PRIVATE_METHOD,
  PRIVATE_GETTER,
  PRIVATE_SETTER,
  PRIVATE_ACCESSOR // getter and setter
} PrivateKind;

struct Binding {
  Name *name;
  Scope *scope;
  Binding *next; // in order of declaration within the scope
  BindingKind kind;
  // An inner function, or a direct eval, may reach it: it must live in an
  // environment and not only in a register. Never set for bindings of a script
  // scope (those are global) unless reached through eval.
  bool is_captured : 1;
  // Some reference writes it after its initialization (or a direct eval
  // might). Writes to immutable bindings also set it.
  bool is_assigned : 1;
  // Some reference resolves to it (or a direct eval might).
  bool is_referenced : 1;
  // Some reference may run before the initialization: the place must hold the
  // "uninitialized" value from scope entry on. False: nobody can see it unset.
  bool needs_tdz : 1;
  // A parameter that is a plain identifier, at parameter_index.
  bool is_simple_parameter : 1;
  // var that exists only because of Annex B.3.3.
  bool is_annex_b : 1;
  // Also exported (modules).
  bool is_exported : 1;
  // BINDING_USING of `await using`.
  bool is_await_using : 1;
  // Private names: static or not; see private_kind.
  bool is_static : 1;
  // Internal.
  bool is_simple_catch : 1;
  bool is_declared_function : 1;
  bool is_sloppy_function : 1;
  uint8_t private_kind; // PrivateKind
  // Position of the first declaration, and the offset from which on code in
  // the same function and scope always finds it initialized.
  uint32_t declared_at;
  uint32_t initialized_at;
  // Simple parameters: index among the formal parameters (the last one that
  // has the name). Otherwise -1.
  int32_t parameter_index;
  // BINDING_USING: the register of its dispose method. For the emitter alone.
  uint32_t disposer;
  // BINDING_FUNCTION: the declaration that wins (the last one).
  struct AstFunction *function;
  // A var of FUNCTION_BODY that has a parameter's name starts with that
  // parameter's value.
  Binding *parameter;
  // For the emitter alone; zero after the parse, but in an outer scope of
  // SYNTAX_LAZY.
  uint32_t slot;
  uint32_t emitter_bits;
  // Internal: the binding it hides while its scope is open.
  Binding *hidden;
};

typedef enum ScopeKind {
  SCOPE_SCRIPT,
  SCOPE_MODULE,
  SCOPE_EVAL,
  SCOPE_FUNCTION,
  SCOPE_FUNCTION_BODY,
  SCOPE_BLOCK,
  SCOPE_FOR, // let/const of a for, for-in or for-of head
  SCOPE_SWITCH,
  SCOPE_CATCH, // catch parameters; the catch block is a BLOCK inside
  SCOPE_CLASS,
  SCOPE_CLASS_BODY,
  SCOPE_STATIC_BLOCK,
  SCOPE_WITH
} ScopeKind;

// References made directly in a scope. Internal, but for a function with
// AstFunction.is_lazy.
typedef struct ReferenceChunk ReferenceChunk;
struct ReferenceChunk {
  ReferenceChunk *next;
  uint32_t count;
  struct AstIdentifier *items[];
};

struct Scope {
  ScopeKind kind;
  bool is_strict : 1;
  // A direct eval call stands directly in this scope.
  bool has_direct_eval : 1;
  // ... in this scope or in any scope inside, inner functions included. All
  // bindings here are then captured and must stay findable by name.
  bool has_inner_direct_eval : 1;
  // A sloppy direct eval may add vars to this scope at run time (FUNCTION,
  // FUNCTION_BODY; the function's own variable scope).
  bool is_extensible_by_eval : 1;
  // Inside a `with` of the same function or of an outer one.
  bool is_inside_with : 1;
  // Some binding is a BINDING_USING: leaving the scope disposes of resources.
  bool has_using : 1;
  // FOR scope of a `for (let ...;;)`: a closure captures a binding that the
  // loop changes, so every iteration copies the environment. For-in and for-of
  // simply make a new environment for each iteration when anything in the
  // scope is captured (captured_count > 0).
  bool needs_per_iteration_environment : 1;
  // A FOR scope of for-in/for-of whose iterated expression names one of the
  // bindings: they are uninitialized while that expression runs.
  bool head_needs_tdz : 1;
  // SYNTAX_LAZY: stands for an environment around the function; its bindings
  // have their slots.
  bool is_outer : 1;
  // Internal.
  bool is_arrow_parameters : 1;
  bool can_hoist_functions : 1;
  uint32_t depth; // root is 0
  uint32_t start;
  uint32_t end;
  Scope *parent;
  Scope *first_child;
  Scope *last_child;
  Scope *next_sibling;
  // The function or program whose activation runs this scope.
  struct AstFunction *function;
  Binding *first_binding;
  Binding *last_binding;
  uint32_t binding_count;
  uint32_t captured_count; // bindings with is_captured
  // Function declarations to instantiate on entry, in order; of several with
  // one name only the last is listed.
  struct AstFunction **functions;
  uint32_t function_count;
  // For the emitter alone; zero after the parse.
  uint32_t slot;
  void *emitter_data;
  // Internal.
  ReferenceChunk *references; // AstFunction.is_lazy: NULL or one chunk
  Binding *var_marks;
};

// How a reference is carried out.
typedef enum ReferenceKind {
  // Internal: not resolved yet. Never seen after a parse.
  REFERENCE_UNRESOLVED,
  // `binding` belongs to the same function (register, or its environment when
  // the binding is captured).
  REFERENCE_LOCAL,
  // `binding` belongs to an outer function or to the module, and is captured.
  REFERENCE_CAPTURED,
  // Global: by name through the global lexical and object environments.
  // `binding` is the script scope's own declaration of the name, or NULL.
  REFERENCE_GLOBAL,
  // By name at run time: a `with` object, or a variable that a sloppy direct
  // eval added, may come before `binding`, which is the static fallback (NULL:
  // global, or unknown because this is eval code).
  REFERENCE_DYNAMIC
} ReferenceKind;

static inline bool binding_is_lexical(const Binding *binding) {
  switch (binding->kind) {
  case BINDING_LET:
  case BINDING_CONST:
  case BINDING_USING:
  case BINDING_CLASS:
  case BINDING_CLASS_NAME:
    return true;
  default:
    return false;
  }
}

// A write after initialization is an error (or nothing, for FUNCTION_NAME in
// sloppy code).
static inline bool binding_is_immutable(const Binding *binding) {
  switch (binding->kind) {
  case BINDING_CONST:
  case BINDING_USING:
  case BINDING_CLASS_NAME:
  case BINDING_IMPORT:
  case BINDING_FUNCTION_NAME:
    return true;
  default:
    return false;
  }
}

#endif
