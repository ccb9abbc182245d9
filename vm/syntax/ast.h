// SPDX-License-Identifier: MIT
// The syntax tree of a script, module, function or eval code (ECMA-262 2023,
// and import attributes). Nodes live in the parse's arena: they are never freed
// one by one and hold no heap value. After a successful parse nobody but the
// emitter's own fields writes to the tree.
//
// Rules that hold for every tree:
// - Early errors have been reported; the emitter meets none. The one runtime
//   leftover is an assignment, update or for-in/of head whose target is an
//   AST_CALL (sloppy web compatibility): evaluate the call, then throw
//   ReferenceError.
// - Every AstIdentifier that is a reference has been resolved (scope.h).
// - Left-associative chains (a + b + c, a.b.c, f()()()) are deep on their left
//   side without limit: walk that spine in a loop, not by recursion. All other
//   nesting is bounded by the parser's recursion limit, as is `else if`, which
//   is also a loop (conditional->otherwise).
// - Node pointers documented "or NULL" may be NULL, no others.
#ifndef RILL_VM_SYNTAX_AST_H
#define RILL_VM_SYNTAX_AST_H

#include "vm/syntax/module_phase.h"
#include "vm/syntax/scope.h"

typedef enum AstType {
#define AST_NODE(name, type) AST_##name,
#include "vm/syntax/ast_types.def"
#undef AST_NODE
  AST_TYPE_COUNT
} AstType;

typedef enum AstFlag {
  // Written in parentheses: not an identifier reference for function naming
  // (`(f) = function () {}`), ends an optional chain, not a directive.
  AST_PARENTHESIZED = 1 << 0,
  // AST_MEMBER, AST_INDEX, AST_PRIVATE_MEMBER, AST_CALL: after `?.`. When the
  // object (callee) is null or undefined, the value of the nearest enclosing
  // AST_OPTIONAL_CHAIN is undefined.
  AST_OPTIONAL = 1 << 1,
  // AstIdentifier: this reference is written (assignment, update, pattern
  // target, for head). With an initialization: see AST_INITIALIZES.
  AST_WRITTEN = 1 << 2,
  // AST_BINDING_IDENTIFIER: the write is the initialization of a let, const,
  // class, parameter, catch parameter or function: no TDZ or const check.
  // A `var x = 1` is an ordinary write (it may even hit a catch parameter or a
  // `with` object).
  AST_INITIALIZES = 1 << 3,
  // AstIdentifier: may run before the binding is initialized: check.
  AST_NEEDS_TDZ_CHECK = 1 << 4,
  // AST_CALL: `eval(...)`, by name, not optional: a possible direct eval.
  AST_DIRECT_EVAL = 1 << 5,
  // AST_UPDATE: prefix. AST_YIELD: delegating (`yield*`). AST_FOR_OF: await.
  // AST_STRING: contains an escape or line continuation (not a directive).
  // AST_PROPERTY, AST_PATTERN_PROPERTY, AST_CLASS_ELEMENT: computed key.
  AST_VARIANT = 1 << 6,
  // Internal to the parser (a different meaning per type).
  AST_INTERNAL = 1 << 7
} AstFlag;
#define AST_PREFIX AST_VARIANT
#define AST_DELEGATES AST_VARIANT
#define AST_FOR_AWAIT AST_VARIANT
#define AST_HAS_ESCAPE AST_VARIANT
#define AST_COMPUTED AST_VARIANT

typedef enum AstOperator {
  AST_OP_NONE,
  // AST_BINARY, AST_COMPOUND_ASSIGN
  AST_OP_ADD,
  AST_OP_SUBTRACT,
  AST_OP_MULTIPLY,
  AST_OP_DIVIDE,
  AST_OP_REMAINDER,
  AST_OP_EXPONENT,
  AST_OP_SHIFT_LEFT,
  AST_OP_SHIFT_RIGHT,
  AST_OP_SHIFT_RIGHT_UNSIGNED,
  AST_OP_BIT_AND,
  AST_OP_BIT_OR,
  AST_OP_BIT_XOR,
  // AST_BINARY only
  AST_OP_EQUAL,
  AST_OP_NOT_EQUAL,
  AST_OP_STRICT_EQUAL,
  AST_OP_STRICT_NOT_EQUAL,
  AST_OP_LESS,
  AST_OP_LESS_EQUAL,
  AST_OP_GREATER,
  AST_OP_GREATER_EQUAL,
  AST_OP_IN,
  AST_OP_INSTANCEOF,
  // AST_LOGICAL, AST_LOGICAL_ASSIGN
  AST_OP_AND,
  AST_OP_OR,
  AST_OP_NULLISH,
  // AST_UNARY
  AST_OP_PLUS,
  AST_OP_MINUS,
  AST_OP_BIT_NOT,
  AST_OP_NOT,
  AST_OP_TYPEOF,
  AST_OP_VOID,
  AST_OP_DELETE,
  // AST_UPDATE
  AST_OP_INCREMENT,
  AST_OP_DECREMENT
} AstOperator;

// `op` of AST_DECLARATION.
typedef enum AstDeclarationKind {
  AST_DECLARE_VAR,
  AST_DECLARE_LET,
  AST_DECLARE_CONST,
  AST_DECLARE_USING,
  AST_DECLARE_AWAIT_USING
} AstDeclarationKind;

// `op` of AST_PROPERTY and AST_CLASS_ELEMENT.
typedef enum AstPropertyKind {
  AST_PROPERTY_VALUE,     // key: value
  AST_PROPERTY_SHORTHAND, // {x}; key and value name the same
  AST_PROPERTY_METHOD,    // value is an AstFunction
  AST_PROPERTY_GETTER,    // value is an AstFunction
  AST_PROPERTY_SETTER,    // value is an AstFunction
  AST_PROPERTY_PROTO,     // __proto__: value, sets the prototype
  AST_PROPERTY_FIELD,     // class field
  AST_PROPERTY_ACCESSOR,  // class field behind a getter and a setter
  AST_PROPERTY_STATIC_BLOCK
} AstPropertyKind;

typedef struct AstNode {
  uint8_t type;       // AstType
  uint8_t flags;      // AstFlag
  uint8_t op;         // AstOperator or the kind enums above
  uint8_t resolution; // AstIdentifier: ReferenceKind
  uint32_t start;     // offset of the first code unit
  uint32_t end;       // offset after the last one
} AstNode;

typedef struct AstList {
  AstNode **items;
  uint32_t count;
} AstList;

// IDENTIFIER, THIS, NEW_TARGET: a reference to `binding`, as `resolution` says.
//   THIS whose binding's scope is SCRIPT is the global `this`, and MODULE's is
//   undefined; in eval code it is REFERENCE_DYNAMIC, by the name "this".
//   NEW_TARGET with binding NULL and not dynamic is undefined.
// BINDING_IDENTIFIER: the target of a declaration; see AST_INITIALIZES.
// PRIVATE_NAME: in keys, `#x in o`, o.#x; binding in a CLASS_BODY, or
//   REFERENCE_DYNAMIC in eval code inside a class.
// PSEUDO_REFERENCE: hangs under SUPER_MEMBER, SUPER_CALL and names a
//   pseudo-binding.
typedef struct AstIdentifier {
  AstNode base;
  Name *name;
  Binding *binding; // or NULL
} AstIdentifier;

typedef struct AstNumber {
  AstNode base;
  double value;
} AstNumber;

// STRING: its value. BIGINT: the digits without separators and suffix, with
// their 0x, 0o or 0b prefix if any.
typedef struct AstString {
  AstNode base;
  Name *value;
} AstString;

typedef struct AstRegExp {
  AstNode base;
  Name *pattern;
  Name *flags;
} AstRegExp;

typedef struct AstTemplatePart {
  Name *cooked; // or NULL: undefined (bad escape; tagged templates only)
  Name *raw;
} AstTemplatePart;

// parts: expression_count + 1.
typedef struct AstTemplate {
  AstNode base;
  uint32_t expression_count;
  AstTemplatePart *parts;
  AstNode **expressions;
} AstTemplate;

// Each evaluation site has one frozen template object per realm. `tag` is
// called like a callee: MEMBER and friends give it its `this`.
typedef struct AstTaggedTemplate {
  AstNode base;
  AstNode *tag;
  AstTemplate *quasi;
} AstTaggedTemplate;

// ARRAY: items are expressions, SPREAD or NULL (hole).
// OBJECT: items are PROPERTY or SPREAD.
// SEQUENCE: at least two expressions.
// ARRAY_PATTERN: items are targets, PATTERN_DEFAULT, REST (last) or NULL.
// OBJECT_PATTERN: items are PATTERN_PROPERTY, and REST last.
// DECLARATION: op is AstDeclarationKind, items are DECLARATOR.
// A target is an identifier (BINDING_IDENTIFIER in declarations and parameters,
// IDENTIFIER in assignments), a nested pattern, or in assignments a MEMBER,
// INDEX, PRIVATE_MEMBER, SUPER_MEMBER.
typedef struct AstListNode {
  AstNode base;
  AstList list;
} AstListNode;

// Key, when not computed: STRING (also for identifier names), NUMBER, BIGINT
// (both mean their ToString). PATTERN_PROPERTY: value is a target or a
// PATTERN_DEFAULT.
typedef struct AstProperty {
  AstNode base; // op: AstPropertyKind
  AstNode *key;
  AstNode *value;
} AstProperty;

// SPREAD, REST, UNARY, UPDATE, OPTIONAL_CHAIN, AWAIT, EXPRESSION_STATEMENT,
// THROW: operand. YIELD, RETURN: operand or NULL. EXPORT: the declaration.
// AWAIT and YIELD suspend; top-level AWAIT only in modules.
typedef struct AstUnary {
  AstNode base;
  AstNode *operand;
} AstUnary;

// ASSIGN, COMPOUND_ASSIGN, LOGICAL_ASSIGN: left is the target (ASSIGN: may be a
// pattern). PATTERN_DEFAULT: target and default. DECLARATOR: target and
// initializer or NULL. PRIVATE_IN: left is a PRIVATE_NAME.
typedef struct AstBinary {
  AstNode base; // op: AstOperator
  AstNode *left;
  AstNode *right;
} AstBinary;

// CONDITIONAL, IF (otherwise may be NULL).
typedef struct AstConditional {
  AstNode base;
  AstNode *test;
  AstNode *then;
  AstNode *otherwise;
} AstConditional;

// CALL, NEW. Arguments may be SPREAD; then has_spread.
typedef struct AstCall {
  AstNode base;
  bool has_spread;
  AstNode *callee;
  AstList arguments;
} AstCall;

// super(...). Constructs active_function's prototype with new_target, binds
// `this` (ReferenceError when bound already), runs active_function's fields.
typedef struct AstSuperCall {
  AstNode base;
  bool has_spread;
  AstIdentifier *active_function;
  AstIdentifier *new_target;
  AstIdentifier *this_reference; // written
  AstList arguments;
} AstSuperCall;

// %Name(...) in self-hosted code. `name` is without the percent sign.
typedef struct AstIntrinsicCall {
  AstNode base;
  Name *name;
  AstList arguments;
} AstIntrinsicCall;

// object.name; name_start locates the name for call stacks.
typedef struct AstMember {
  AstNode base;
  uint32_t name_start;
  AstNode *object;
  Name *name;
} AstMember;

typedef struct AstIndex {
  AstNode base;
  AstNode *object;
  AstNode *index;
} AstIndex;

typedef struct AstPrivateMember {
  AstNode base;
  AstNode *object;
  AstIdentifier *name;
} AstPrivateMember;

// super.name or super[index]: exactly one of name and index is set.
typedef struct AstSuperMember {
  AstNode base;
  Name *name;
  AstNode *index;
  AstIdentifier *home_object;
  AstIdentifier *this_reference;
} AstSuperMember;

typedef struct AstImportCall {
  AstNode base;
  AstNode *specifier;
  AstNode *options; // or NULL
  ModulePhase phase;
} AstImportCall;

typedef enum AstFunctionKind {
  FUNCTION_NORMAL,
  FUNCTION_ARROW,
  FUNCTION_METHOD,
  FUNCTION_GETTER,
  FUNCTION_SETTER,
  FUNCTION_CONSTRUCTOR,         // of a base class
  FUNCTION_DERIVED_CONSTRUCTOR, // of a class with `extends`
  // Synthetic: called with `this` = the new instance to define its fields in
  // order. body: CLASS_ELEMENT with op FIELD. Home object: the prototype.
  FUNCTION_INSTANCE_INITIALIZER,
  // Synthetic: called once with `this` = the class for its static fields and
  // static blocks in order. body: CLASS_ELEMENT with op FIELD or STATIC_BLOCK.
  FUNCTION_STATIC_INITIALIZER,
  // Programs.
  FUNCTION_SCRIPT,
  FUNCTION_MODULE, // async when it has top-level await
  FUNCTION_EVAL
} AstFunctionKind;

// FUNCTION, ARROW, FUNCTION_DECLARATION, methods, constructors, synthetic
// initializers and whole programs.
typedef struct AstFunction {
  AstNode base;
  uint8_t kind; // AstFunctionKind
  bool is_strict : 1;
  bool is_async : 1;
  bool is_generator : 1;
  bool has_simple_parameters : 1;    // only plain identifiers
  bool has_duplicate_parameters : 1; // sloppy and simple only
  bool has_parameter_expressions : 1;
  bool has_rest : 1;              // last parameter is a REST
  bool is_expression_body : 1;    // arrow: body is one RETURN of it
  bool has_use_strict : 1;        // own directive
  bool uses_arguments : 1;        // an arguments object is needed
  bool uses_this : 1;             // has a BINDING_THIS that is referenced
  bool has_direct_eval : 1;       // itself, not in inner functions
  bool has_inner_direct_eval : 1; // itself or inner functions
  bool has_super_property : 1;    // itself or arrows inside, or eval in it
  bool has_super_call : 1;        // itself or arrows inside, or eval in it
  bool contains_await : 1;        // an AWAIT or for await of its own
  bool contains_yield : 1;
  bool is_in_loop : 1;     // created inside a loop of its outer function
  bool is_block_level : 1; // declaration in a block (let-like)
  bool is_synthetic : 1;   // no source of its own (default constructor: none)
  bool needs_home_object : 1; // method with super, or a direct eval inside
  // The body has been dropped: it is parsed again when the function is first
  // called (lazy.h). `scope` has no bindings, and one reference for each name
  // that the function does not declare itself. expected_properties is set.
  bool is_lazy : 1;
  uint16_t expected_properties; // ast_expected_properties
  uint32_t rest_start;          // offset of the parameters' `(`, arrows: 0
  uint32_t source_start; // what Function.prototype.toString shows; for class
  uint32_t source_end;   // constructors the whole class
  uint32_t body_start;   // offset of `{`, or of an arrow's expression
  uint32_t length;       // expected argument count
  uint32_t index;        // order of creation in the parse; the program is last
  AstIdentifier *name;   // FUNCTION: own name or NULL; FUNCTION_DECLARATION:
                         // the declared name or NULL (export default)
  AstList parameters;    // targets, PATTERN_DEFAULT, REST
  AstList body;          // statements
  Scope *scope;          // FUNCTION, or the root scope of a program
  Scope *body_scope;     // FUNCTION_BODY, or the same as `scope`
  // Pseudo-bindings in `scope`, or NULL when nothing can see them.
  Binding *this_binding;
  Binding *new_target_binding;
  Binding *arguments_binding;
  Binding *home_object_binding;
  Binding *active_function_binding;
  // A function expression's own name, or NULL when not referenced.
  Binding *name_binding;
  // Declarations: what the function is stored to on scope entry.
  Binding *binding;
  // Annex B.3.3: a var of the nearest variable scope that also gets the
  // function when the declaration is reached; NULL when the rule does not
  // apply. In eval and script code its creation is subject to the run-time
  // checks of B.3.3.2 and B.3.3.3.
  Binding *annex_b_binding;
  // The reference by which B.3.3 writes it (REFERENCE_LOCAL, GLOBAL, DYNAMIC).
  AstIdentifier *annex_b_reference;
  struct AstFunction *outer; // the function around, NULL for the program
  void *emitter_data;        // for the emitter alone
} AstFunction;

// A method, accessor, field or static block. Fields and static blocks are also
// in the initializer functions, which evaluate their values. FIELD, ACCESSOR:
// value or NULL. STATIC_BLOCK: key NULL, value a BLOCK whose scope is
// STATIC_BLOCK. Key: as in AstProperty, or PRIVATE_NAME. The constructor is not
// an element.
typedef struct AstClassElement {
  AstNode base; // op: AstPropertyKind; AST_COMPUTED
  bool is_static;
  AstNode *key;
  AstNode *value;
  AstList decorators; // as of a class
  // Captured places that keep for the initializer what the class definition
  // evaluated, or NULL. Computed FIELD, ACCESSOR: ToPropertyKey(key).
  Binding *computed_key;
  // ACCESSOR: the private name of what it accesses.
  Binding *storage;
  // Decorated FIELD, ACCESSOR: arrays of functions that change the value, and
  // that run after it has been defined.
  Binding *initializers;
  Binding *extra_initializers;
  uint32_t kept; // for the emitter alone
} AstClassElement;

// CLASS, CLASS_DECLARATION. base spans the source text of the class.
typedef struct AstClass {
  AstNode base;
  bool has_private_methods : 1;        // instance: needs a brand
  bool has_static_private_methods : 1; // on the class itself
  bool has_decorators : 1;             // or some element has
  AstIdentifier *name;      // or NULL. Declaration: the outer binding's target
  Binding *inner_binding;   // CLASS_NAME, or NULL when not referenced
  AstNode *heritage;        // or NULL
  AstFunction *constructor; // or NULL: default constructor
  // Member chains with at most one call, at the end, or any parenthesized
  // expression.
  AstList decorators;
  AstList elements;                  // CLASS_ELEMENT in source order
  AstFunction *instance_initializer; // or NULL: no instance field
  AstFunction *static_initializer;   // or NULL
  // Captured place of the array of functions that decorators of its methods
  // want to run on each instance, or NULL.
  Binding *extra_initializers;
  Scope *scope;      // CLASS or NULL; encloses the heritage
  Scope *body_scope; // CLASS_BODY or NULL; encloses the elements
} AstClass;

typedef struct AstBlock {
  AstNode base;
  Scope *scope; // or NULL
  AstList body;
} AstBlock;

typedef struct AstFor {
  AstNode base;
  AstNode *initializer; // DECLARATION, expression or NULL
  AstNode *test;        // or NULL
  AstNode *update;      // or NULL
  AstNode *body;
  Scope *scope; // FOR, or NULL
} AstFor;

// FOR_IN, FOR_OF. target is a DECLARATION with one DECLARATOR (whose
// initializer only Annex B's `for (var x = 1 in o)` has), or an assignment
// target or pattern.
typedef struct AstForIn {
  AstNode base;
  AstNode *target;
  AstNode *iterated;
  AstNode *body;
  Scope *scope; // FOR, or NULL
} AstForIn;

typedef struct AstWhile {
  AstNode base;
  AstNode *test;
  AstNode *body;
} AstWhile;

// BREAK, CONTINUE. target: the loop or SWITCH for an unlabelled jump; the
// LABELED statement for `break label`; the loop for `continue label`.
typedef struct AstJump {
  AstNode base;
  Name *label; // or NULL
  AstNode *target;
} AstJump;

typedef struct AstTry {
  AstNode base;
  AstBlock *block;
  AstNode *parameter;  // binding target or NULL
  AstBlock *handler;   // or NULL: no catch
  AstBlock *finalizer; // or NULL
  Scope *catch_scope;  // CATCH, around parameter and handler; or NULL
} AstTry;

typedef struct AstCase {
  AstNode base;
  AstNode *test; // NULL: default
  AstList body;
} AstCase;

typedef struct AstSwitch {
  AstNode base;
  AstNode *discriminant; // evaluated outside `scope`
  AstList cases;         // CASE
  int32_t default_index; // or -1
  Scope *scope;          // SWITCH, or NULL
} AstSwitch;

typedef struct AstLabeled {
  AstNode base;
  Name *label;
  AstNode *body;
} AstLabeled;

typedef struct AstWith {
  AstNode base;
  AstNode *object;
  AstNode *body;
  Scope *scope; // WITH, around the body
} AstWith;

// value: FUNCTION_DECLARATION, CLASS_DECLARATION (name may be NULL: then its
// name is "default" and `binding` is what it is stored to), or an expression to
// store to `binding` ("*default*"), named "default" if anonymous.
typedef struct AstExportDefault {
  AstNode base;
  AstNode *value;
  Binding *binding;
} AstExportDefault;

// A guess at how many properties `new` of it will set: assignments to this.x.
uint16_t ast_expected_properties(const AstFunction *function);

// ECMA-262 8.4.2 IsAnonymousFunctionDefinition.
static inline bool ast_is_anonymous_function(const AstNode *node) {
  switch (node->type) {
  case AST_ARROW:
    return true;
  case AST_FUNCTION:
    return !((const AstFunction *)node)->name;
  case AST_CLASS:
    return !((const AstClass *)node)->name;
  default:
    return false;
  }
}

#endif
