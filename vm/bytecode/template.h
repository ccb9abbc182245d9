// SPDX-License-Identifier: MIT
// Templates: the immutable half of a function's code.
//
// A Template is made by the emitter, never changed afterwards, shared between
// realms, isolates and threads, and freed with its last reference. It holds no
// cell of any isolate's heap: constants are numbers, atoms, and strings and
// BigInts of the process-wide space (gc_shared_allocate).
#ifndef RILL_VM_BYTECODE_TEMPLATE_H
#define RILL_VM_BYTECODE_TEMPLATE_H

#include <stdatomic.h>

#include "vm/bytecode/bytecode.h"
#include "vm/objects/string.h"
#include "vm/syntax/module_phase.h"

typedef struct Template Template;

// What a template is the code of. (The parser's FUNCTION_* are its own.)
typedef enum {
  CODE_NORMAL,
  CODE_ARROW,
  CODE_METHOD, // no [[Construct]], no prototype
  CODE_GETTER,
  CODE_SETTER,
  CODE_CLASS_CONSTRUCTOR,
  CODE_DERIVED_CONSTRUCTOR,
  CODE_FIELD_INITIALIZER, // and static blocks
  CODE_SCRIPT,
  CODE_MODULE,
  CODE_EVAL,
} CodeKind;

enum {
  TEMPLATE_STRICT = 1 << 0,
  TEMPLATE_GENERATOR = 1 << 1,
  TEMPLATE_ASYNC = 1 << 2,
  TEMPLATE_SELF_HOSTED = 1 << 3, // shown as native; hidden from stacks
  TEMPLATE_USES_THIS = 1 << 4,
  TEMPLATE_HAS_SIMPLE_PARAMETERS = 1 << 5,
  TEMPLATE_HAS_DIRECT_EVAL = 1 << 6,
  TEMPLATE_ARGUMENTS_OBJECT = 1 << 7,
  // A class that its module's own code makes, and not in a loop: there is one
  // each time the module is evaluated.
  TEMPLATE_MADE_ONCE = 1 << 8,
};

// The static part of an inline cache.
typedef enum {
  CACHE_GET,
  CACHE_SET,
  CACHE_INIT,
  CACHE_GLOBAL,
  CACHE_LITERAL, // `keys` key list
  CACHE_PRIVATE,
} CacheKind;
typedef struct CacheDescriptor {
  uint8_t kind;
  uint32_t key; // index in keys; CACHE_LITERAL: index in records
} CacheDescriptor;

// An exception thrown in [start, end) continues at `handler` with the exception
// in `exception_register`. Inner handlers come first.
typedef struct ExceptionHandler {
  uint32_t start, end, handler;
  uint16_t exception_register;
} ExceptionHandler;

// From which word on which source offset holds; sorted by pc. line and column
// are 1-based.
typedef struct CodePosition {
  uint32_t pc;
  uint32_t line;
  uint32_t column;
} CodePosition;

// The name of a captured variable that is read without a check: slot `slot`,
// `hops` environments above the one that the function closed over.
typedef struct UpvalueName {
  uint16_t hops, slot;
  uint32_t key; // index in keys
} UpvalueName;

// What eval, with and the inspection API know of a scope's slots.
typedef enum {
  DESCRIPTION_FUNCTION, // var scope of a function: sloppy eval adds variables
                        // here
  DESCRIPTION_BLOCK,
  DESCRIPTION_WITH,      // slot 0: the object
  DESCRIPTION_EVAL_VARS, // slot 0: object that holds vars made by sloppy eval
  DESCRIPTION_MODULE,
  DESCRIPTION_CLASS, // private names: slots named "#x"
} ScopeDescriptionKind;
typedef struct ScopeSlot {
  String *name;       // atom
  uint8_t is_const;   // assignment throws (1), or is silently ignored in sloppy
                      // code (2: a named function expression's own name)
  uint8_t is_lexical; // let, const, class: conflicts with var of an eval
  uint16_t slot;
} ScopeSlot;
typedef struct ScopeDescription {
  ScopeDescriptionKind kind;
  uint32_t slot_count; // slots of the environment
  uint32_t name_count;
  ScopeSlot *names;
} ScopeDescription;

// Records: everything that an instruction names by index and that is no key,
// constant or template.
typedef enum {
  RECORD_KEY_LIST,         // CACHE_LITERAL: keys of an object literal
  RECORD_VALUE_LIST,       // NEW_ARRAY_CONSTANT
  RECORD_REGEXP,           // pattern and flags
  RECORD_TEMPLATE_STRINGS, // cooked (NULL: undefined) and raw
  RECORD_JUMP_TABLE,
  RECORD_SCOPE,        // NEW_SCOPE_ENVIRONMENT
  RECORD_DECLARATIONS, // DECLARE_GLOBALS, DECLARE_EVAL_VARS
  RECORD_EVAL_SITE,    // CALL_EVAL
} RecordKind;
// What is decorated, as the intrinsic ApplyDecorators is told.
typedef enum {
  DECORATES_METHOD,
  DECORATES_GETTER,
  DECORATES_SETTER,
  DECORATES_FIELD,
  DECORATES_ACCESSOR,
  DECORATES_CLASS,
  DECORATES_KIND = 7,
  DECORATES_STATIC = 8,
  DECORATES_PRIVATE = 16
} Decorates;
typedef struct DeclaredName {
  String *name;
  enum {
    DECLARED_VAR,
    DECLARED_FUNCTION,
    DECLARED_LET,
    DECLARED_CONST,
    DECLARED_ANNEXB_FUNCTION
  } kind;
} DeclaredName;
typedef struct Record {
  RecordKind kind;
  union {
    struct {
      uint32_t count;
      PropertyKey *keys;
    } key_list;
    struct {
      uint32_t count;
      Value *values;
    } value_list;
    struct {
      String *pattern, *flags;
    } regexp;
    struct {
      uint32_t count;
      String **cooked, **raw;
    } template_strings;
    // entry i (value low + i) -> offset from the instruction after JUMP_TABLE;
    // 0: fall through
    struct {
      int32_t low;
      uint32_t count;
      int32_t *offsets;
    } jump_table;
    ScopeDescription scope;
    struct {
      uint32_t count;
      DeclaredName *names;
    } declarations;
    // Direct eval: where its scope chain starts and what the code may use.
    struct {
      uint16_t environment_register;
      uint16_t this_register; // value of this; UINT16_MAX: read by LOAD_THIS
      uint8_t is_strict, in_function, in_method, in_derived_constructor,
          in_field_initializer, in_parameters;
    } eval_site;
  };
} Record;

// The text a function was compiled from, shared by all templates of one parse.
typedef struct SourceFile {
  _Atomic uint32_t references;
  String *name;  // file name or URL as shown in stacks; an atom
  void *units;   // owned, unless has_units; Latin-1 or UTF-16
  size_t memory; // bytes of it and of the templates made of it at once
  uint32_t length;
  bool is_wide;
  bool is_typescript;        // `units` has spaces in place of its types
  bool has_units, has_lines; // they are behind the file in one block
  uint32_t *line_starts;     // offsets; owned, unless has_lines; the first is
                             // behind CommonJS's head
  uint32_t line_count;
  String *source_map_url; // or NULL
  // Bodies that compiling a function alone skips.
  struct SyntaxBodies *bodies; // owned, or NULL
} SourceFile;

typedef struct TemplateImport { // one entry of GET_IMPORT
  uint32_t request;             // index in requests
  String *import_name;          // NULL: the namespace or source object
  uint32_t start;               // in the source
} TemplateImport;
typedef struct TemplateRequest {
  String *specifier;
  ModulePhase phase;
  uint32_t start; // of the specifier in the source
  uint32_t attribute_count;
  String **attributes; // key, value, key, value...
} TemplateRequest;
typedef struct TemplateExport {
  enum { EXPORT_LOCAL, EXPORT_INDIRECT, EXPORT_STAR } kind;
  String *export_name; // NULL: export * from
  uint16_t slot;       // LOCAL: slot of the module environment
  uint32_t request;    // INDIRECT, STAR
  String *import_name; // INDIRECT; NULL: as in TemplateImport
  uint32_t start;      // in the source
} TemplateExport;
typedef struct ModuleFacts {
  uint32_t request_count, import_count, export_count;
  TemplateRequest *requests;
  TemplateImport *imports;
  TemplateExport *exports;
  const ScopeDescription *environment; // slots of module-level bindings
  bool has_top_level_await;
} ModuleFacts;

// What a name means in a function that has not been compiled yet: a variable in
// an environment around it, or an import of its module.
typedef struct LazyName {
  String *name;         // atom
  uint8_t kind;         // BindingKind of vm/syntax/scope.h
  bool needs_check : 1; // as in SyntaxOuterName
  bool is_static : 1;
  uint8_t private_kind;
  int16_t operation; // IMPORT: of an I/O instruction, or -1
  uint16_t hops, slot;
} LazyName;

// A function whose code is made when it is first called (compile_lazy.c). The
// template has no instructions until its end; it stands for `compiled`, which
// is made once, by whoever is first on whatever thread.
typedef struct LazyFunction {
  _Atomic(Template *) compiled; // a reference; NULL: not yet
  // As in SyntaxFunction.
  uint8_t kind, type;
  bool is_strict, is_module;
  uint32_t name_start, rest_start;
  uint32_t first_line;
  uint32_t name_count;
  LazyName names[];
} LazyFunction;

struct Template {
  _Atomic uint32_t references;
  uint32_t flags; // TEMPLATE_*
  CodeKind kind;
  String *name;                 // atom; "" if none
  uint16_t register_count;      // parameters first: r[0..parameter_count)
  uint16_t parameter_count;     // formal parameters copied into registers
  uint16_t length;              // the "length" property
  uint16_t expected_properties; // guess for in-object slots of `new`
  Instruction *code;
  uint32_t code_count;
  Value *constants;
  uint32_t constant_count;
  PropertyKey *keys; // atoms (or indices) named by KEY operands and caches
  uint32_t key_count;
  CacheDescriptor *caches;
  uint32_t cache_count;
  Template **functions; // nested; a reference each
  uint32_t function_count;
  Record *records;
  uint32_t record_count;
  ExceptionHandler *handlers;
  uint32_t handler_count;
  CodePosition *positions;
  uint32_t position_count;
  UpvalueName *upvalue_names; // of those without a check that names them
  uint32_t upvalue_name_count;
  uint16_t *mapped_parameters; // NEW_ARGUMENTS c = 1: slot of parameter i
  SourceFile *source;
  uint32_t source_start, source_end; // for Function.prototype.toString
  ModuleFacts *module;               // CODE_MODULE
  // Optimized code: the template it was made from (a reference), which owns all
  // arrays but code, handlers, positions and, if they differ, records. Records
  // are a copy then with jump tables of its own.
  Template *baseline;
  LazyFunction *lazy; // owned, or right behind; NULL: the code is there
  // What the arrays from code to upvalue_names are in; NULL: each is its own.
  // The template itself: so are mapped_parameters and those of the records.
  void *block;
  Template *next_released; // internal to vm_template_release
};

// Any thread.
void vm_source_file_release(SourceFile *);
Template *vm_template_retain(Template *);
void vm_template_release(Template *); // any thread
// Line and column (1-based) of the instruction at `pc`.
CodePosition vm_template_position(const Template *, uint32_t pc);
// The same of an offset in a source.
CodePosition vm_source_position(const SourceFile *, uint32_t offset);

// Text -> template, no isolate needed. See vm/bytecode/compile.h.

#endif
