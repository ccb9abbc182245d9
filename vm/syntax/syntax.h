// SPDX-License-Identifier: MIT
// What the rest of the VM uses of this folder: parse a text, get a tree with
// resolved scopes, or the first error. Plain C: no heap value, no isolate, no
// global state, so a parse may run on any thread.
#ifndef RILL_VM_SYNTAX_SYNTAX_H
#define RILL_VM_SYNTAX_SYNTAX_H

#include "vm/syntax/arena.h"
#include "vm/syntax/ast.h"
#include "vm/syntax/source_text.h"

typedef enum SyntaxGoal {
  SYNTAX_SCRIPT,
  SYNTAX_MODULE,
  SYNTAX_DIRECT_EVAL,
  SYNTAX_INDIRECT_EVAL,
  // The Function constructor (ECMA-262 20.2.1.1.1): the text is what
  // syntax_parse_dynamic_function assembles; see there.
  SYNTAX_DYNAMIC_FUNCTION,
  // The text is the body of function(exports, require, module, __filename,
  // __dirname). The program is a script with one statement:
  // EXPRESSION_STATEMENT of that FUNCTION.
  SYNTAX_COMMONJS,
  // One function of a text that has been parsed before: options->function.
  SYNTAX_LAZY
} SyntaxGoal;

// What a name means that a function uses and does not declare: a binding in an
// environment around it, or an import of its module.
typedef struct SyntaxOuterName {
  const void *units;
  uint32_t length;
  bool wide;
  uint8_t kind; // BindingKind
  // `this` of a derived constructor; other bindings: it may be found
  // uninitialized.
  bool needs_check;
  bool is_static;       // PRIVATE_NAME
  uint8_t private_kind; // PRIVATE_NAME
  uint16_t hops;        // environments between the function and the binding's
  uint16_t slot;        // in that; IMPORT: index of the import
} SyntaxOuterName;

// A name that a dropped function uses and does not declare: text[start, end) as
// it stands there, or `this` or new.target.
typedef struct SyntaxUse {
  uint32_t start, end;
  uint8_t type; // AstType
  uint8_t kind; // internal
  bool is_written;
} SyntaxUse;

// A dropped body inside of another: when that one is parsed again, this one is
// skipped.
typedef struct SyntaxBody {
  uint32_t start, end; // of its braces; end 0: it has not been dropped
  uint32_t first_use, use_count;
  uint16_t expected_properties;
  bool is_strict;
  bool needs_home_object;
} SyntaxBody;

// All of a text's, by their starts. Not part of the tree: positions alone.
typedef struct SyntaxBodies {
  SyntaxBody *items; // malloced
  SyntaxUse *uses;   // malloced
  uint32_t count, capacity, use_count, use_capacity;
} SyntaxBodies;
void syntax_bodies_release(SyntaxBodies *);

// SYNTAX_LAZY: where and in what surroundings a function stands that has once
// been parsed as AstFunction.is_lazy.
typedef struct SyntaxFunction {
  uint8_t kind; // AstFunctionKind
  uint8_t type; // AstType
  bool is_async;
  bool is_generator;
  bool is_strict; // the code around it
  bool is_module; // of module code
  uint32_t start;
  uint32_t name_start; // of a function expression's own name, or UINT32_MAX
  uint32_t rest_start; // AstFunction.rest_start
  const SyntaxOuterName *names;
  uint32_t name_count;
  const SyntaxBodies *bodies; // of the parse of the whole text
} SyntaxFunction;

typedef enum SyntaxErrorType {
  SYNTAX_ERROR_NONE,
  SYNTAX_ERROR_SYNTAX,
  SYNTAX_ERROR_REFERENCE,
  SYNTAX_ERROR_MEMORY // out of memory, or the arena limit was reached
} SyntaxErrorType;

// The first error. Offsets are code units into the source.
typedef struct SyntaxError {
  SyntaxErrorType type;
  uint32_t start;
  uint32_t end;
  SourcePosition position; // of start
  char message[256];       // UTF-8, like "Unexpected token '}'"
} SyntaxError;

// Services of the surrounding VM; any may be NULL.
typedef struct SyntaxHost {
  void *data;
  // Early errors of a regular expression literal. False: `message` (of
  // `capacity` bytes, UTF-8) says why; it is empty if memory is out. Pattern
  // and flags are without slashes.
  bool (*validate_regexp)(void *data, const Name *pattern, const Name *flags,
                          const WorkWatch *watch, char *message,
                          size_t capacity);
} SyntaxHost;

typedef struct SyntaxOptions {
  SyntaxGoal goal;
  // `%Name(args)` is allowed: the VM's own scripts.
  bool self_hosted;
  // SYNTAX_SCRIPT, SYNTAX_*_EVAL: begin in strict mode.
  bool strict;
  // SYNTAX_SCRIPT: `await` is the operator at top level, for a REPL. The
  // program is_async when it is used.
  bool top_level_await;
  // SYNTAX_DIRECT_EVAL: what surrounds the call.
  bool in_function;            // new.target is allowed
  bool in_method;              // super.x is allowed
  bool in_derived_constructor; // super() is allowed
  bool in_class_field;         // `arguments` is an error
  // The bodies of functions that are not likely to be called at once may be
  // dropped (AstFunction.is_lazy). Not with typescript, self_hosted or
  // SYNTAX_DIRECT_EVAL.
  bool lazy;
  const SyntaxFunction *function; // SYNTAX_LAZY
  // All variables that are seen from somewhere in these lines, and `this`, can
  // be found at run time, as direct eval finds them. Lines are counted from
  // first_line (0: 1). Not with `lazy`.
  const uint32_t *shown_lines;
  uint32_t shown_line_count;
  uint32_t first_line;
  // Private names in reach, with their '#' (only units, length and wide are
  // read); NULL: none. References to them become REFERENCE_DYNAMIC.
  const Name *const *private_names;
  uint32_t private_name_count;
  // The text is TypeScript: what its types leave behind is parsed, see
  // ParseResult.erasures.
  bool typescript;
  // SYNTAX_DYNAMIC_FUNCTION
  bool is_async;
  bool is_generator;
  // C stack that the parser may use, in bytes; 0: 1 MiB. Deeper nesting is a
  // SyntaxError ("too much recursion").
  size_t stack_bytes;
  // Arena limit in bytes; 0: none.
  size_t memory_limit;
  const WorkWatch *watch; // of the parse and the emitter; NULL: none
  const SyntaxHost *host; // or NULL
} SyntaxOptions;

// Modules (ECMA-262 16.2.1.6).
typedef struct ModuleAttribute {
  Name *key;
  Name *value;
} ModuleAttribute;

typedef struct ModuleRequest {
  Name *specifier;
  ModuleAttribute *attributes;
  uint32_t attribute_count;
  ModulePhase phase;
  uint32_t start; // of the specifier
  uint32_t end;
} ModuleRequest;

typedef struct ModuleImport {
  uint32_t request;  // index into requests
  Name *import_name; // NULL: the namespace or source object
  Binding *binding;
  uint32_t start;
} ModuleImport;

typedef struct ModuleExport {
  Name *export_name; // NULL for `export * from`
  // Local exports.
  Binding *binding;
  // Indirect and star exports.
  uint32_t request;
  Name *import_name; // NULL: as in ModuleImport (`export * as ns from`)
  uint32_t start;
} ModuleExport;

typedef struct ModuleRecordFacts {
  // Distinct (specifier, attributes, phase) triples in source order.
  ModuleRequest *requests;
  uint32_t request_count;
  ModuleImport *imports;
  uint32_t import_count;
  ModuleExport *local_exports;
  uint32_t local_export_count;
  ModuleExport *indirect_exports; // also `import {x}; export {x}`
  uint32_t indirect_export_count;
  ModuleExport *star_exports;
  uint32_t star_export_count;
  bool has_top_level_await;
  bool uses_import_meta;
} ModuleRecordFacts;

// A part of a TypeScript text that means nothing when it runs. Where spaces in
// its place would change what the text means, one unit is another character.
typedef struct SyntaxErasure {
  uint32_t start;
  uint32_t end;
  char first; // in place of the first unit, or 0: a space
  char last;  // in place of the last one, or 0
} SyntaxErasure;

// Everything a parse made. One syntax_parse_release frees all of it.
typedef struct ParseResult {
  AstFunction *program;      // NULL after an error
  AstFunction *function;     // SYNTAX_LAZY, else NULL
  SyntaxBodies bodies;       // dropped ones, if options->lazy
  ModuleRecordFacts *module; // SYNTAX_MODULE, else NULL
  SyntaxError error;         // type NONE after success
  const SourceText *source;  // as given
  AstNode *expression;       // of the internal parse of one expression
  uint32_t function_count;   // functions in the tree, the program included
  uint32_t name_count;
  // TypeScript: in no order, may overlap; later ones win.
  const SyntaxErasure *erasures;
  uint32_t erasure_count;
  Arena *arenas; // two; owners of all of the above, themselves included
} ParseResult;

// Parses `source`, which must outlive the result. Always returns a result,
// even for the lack of memory (error type MEMORY); release it in any case.
ParseResult syntax_parse(const SourceText *source,
                         const SyntaxOptions *options);

// The assembled text ends with the parameters, this, the body, and that.
#define SYNTAX_FUNCTION_MIDDLE "\n) {\n"
#define SYNTAX_FUNCTION_END "\n}"

// ECMA-262 20.2.1.1.1 CreateDynamicFunction: checks `parameters` and `body`
// each on its own, then parses the assembled text ("function anonymous(" ...),
// of which the caller becomes the owner: `*assembled` is malloced by this
// function and must outlive the result; release it with syntax_source_release.
// result.program is a SYNTAX_SCRIPT-like program with one statement:
// EXPRESSION_STATEMENT of the FUNCTION.
ParseResult syntax_parse_dynamic_function(const SourceText *parameters,
                                          const SourceText *body,
                                          const SyntaxOptions *options,
                                          SourceText *assembled);

void syntax_parse_release(ParseResult *result);

// Makes `units`, a copy of the text that was parsed, JavaScript: spaces in
// place of what is erased, line terminators stay.
void syntax_blank_erasures(const ParseResult *result, void *units);

// What a call or `new` in text that has been parsed once calls, as an error
// message names it ("o.list(...).map"), in UTF-8 and cut off to fit. position:
// where the call's code says that it stands; ordinal tells the calls of a chain
// at one position apart, 0 is the innermost. False: not found.
bool syntax_describe_callee(const SourceText *source, uint32_t position,
                            uint32_t ordinal, char *text, size_t capacity);

// The same for the expression at `position`, or if that is a pattern, for what
// is destructured there.
typedef enum ExpressionSource {
  SOURCE_UNKNOWN,
  SOURCE_FOUND,
  SOURCE_PARAMETER // a pattern that is a parameter
} ExpressionSource;
ExpressionSource syntax_describe_source(const SourceText *source,
                                        uint32_t position, char *text,
                                        size_t capacity);
// ... of the object pattern whose first property stands at `property`; UNKNOWN
// if none does.
ExpressionSource syntax_describe_pattern_source(const SourceText *source,
                                                uint32_t property, char *text,
                                                size_t capacity);

#endif
