// SPDX-License-Identifier: MIT
// Functions: objects with [[Call]], and the code behind them.
//
// Code has two parts. A Template (vm/bytecode/template.h) is immutable:
// bytecode, constants, line table, scope descriptions; it is shared between
// realms and isolates and reference-counted. A Code cell is its instance in one
// realm: inline caches, feedback, counters, and the optimized variant when the
// compile thread has made one.
#ifndef RILL_VM_OBJECTS_FUNCTION_H
#define RILL_VM_OBJECTS_FUNCTION_H

#include "vm/objects/object.h"

typedef struct Code Code;
typedef struct Template Template;

// Captured variables of one activation of a scope.
typedef struct Environment {
  GcCell cell; // extra: number of slots
  struct Environment *parent;
  // Names of the slots, only for scopes that eval or with can see; NULL else.
  const struct ScopeDescription *description;
  Value slots[];
} Environment;

// A function written in the language.
typedef struct Function {
  Object object;
  Code *code;
  Environment *environment;
  Object *home_object; // for super; NULL: none
  // Of a class constructor: the function that initializes fields, or undefined.
  Value field_initializer;
  // Its class's brand/private method list is run by the field initializer.
} Function;

// Index in realm->function_shapes: the LAZY shapes of new functions. Of a
// Function it is (template->flags >> 1) & 3, generator and async. Class
// constructors with another parent: vm_shape_root_with(CELL_FUNCTION, parent,
// 0, SHAPE_LAZY).
typedef enum {
  FLAVOUR_NORMAL,
  FLAVOUR_GENERATOR,
  FLAVOUR_ASYNC,
  FLAVOUR_ASYNC_GENERATOR,
  FLAVOUR_NATIVE,
  FUNCTION_FLAVOUR_COUNT
} FunctionFlavour;
// What a Function's code was made from (vm/interpreter/code.c): materializing
// reads its length, name and kind.
const Template *vm_code_template(const Code *);
Realm *vm_code_realm(const Code *);

// How native functions are called. Everything is alive during the call.
typedef struct NativeCall {
  Value this_value;
  Value new_target; // undefined: a call, not a construction
  Value callee;     // the NativeFunction object
  uint32_t argc;
  const Value *argv;
} NativeCall;
static inline Value native_argument(const NativeCall *call, uint32_t i) {
  return i < call->argc ? call->argv[i] : VALUE_UNDEFINED;
}
// Returns a value, or VALUE_EXCEPTION with the exception pending. The
// isolate's current realm is the function's.
typedef Value (*NativeCode)(Isolate *, const NativeCall *);

typedef struct NativeFunction {
  Object object;
  NativeCode code;
  Realm *realm;
  uint16_t magic; // lets one C function serve several table rows
  uint16_t length;
  uint32_t slot_count;
  String *name;  // may be NULL: ""
  Value slots[]; // closed-over values of closures made in C
} NativeFunction;

typedef struct BoundFunction {
  Object object;
  Object *target;
  Value bound_this;
  uint32_t argument_count;
  Value arguments[];
} BoundFunction;

// A native function with `slot_count` slots, all undefined. is_constructor: has
// [[Construct]].
NativeFunction *vm_native_new(Isolate *, NativeCode, String *name,
                              uint16_t length, uint32_t slot_count,
                              bool is_constructor);
static inline Value native_slot(const NativeCall *call, uint32_t i) {
  return ((NativeFunction *)value_as_cell(call->callee))->slots[i];
}
static inline uint16_t native_magic(const NativeCall *call) {
  return ((NativeFunction *)value_as_cell(call->callee))->magic;
}

// In cell.flags of a NativeFunction that the dispatch loop carries out itself,
// so that what it calls does not nest C frames; its `magic` is a LoopNative
// (vm/interpreter/calls.h).
enum { NATIVE_RUNS_IN_LOOP = 1 << 6 };

// Builtins are declared as tables, one row a property; whoever defines a global
// makes its object from them. Tables are static: they may be read later
// (deferred_members.h).
typedef enum {
  BUILTIN_FUNCTION,
  BUILTIN_LOOP_FUNCTION, // with NATIVE_RUNS_IN_LOOP
  BUILTIN_GETTER,
  BUILTIN_ACCESSOR, // getter and setter
  BUILTIN_NUMBER,   // a constant
  BUILTIN_STRING,
  BUILTIN_ALIAS,       // the same function object as row `text` of this object
  BUILTIN_SELF_HOSTED, // bytecode compiled from builtins/*.js on first call
} BuiltinKind;
typedef struct Builtin {
  const char *name; // "push"; "@@iterator" is a well-known symbol
  BuiltinKind kind;
  uint8_t attributes;
  uint8_t length;
  uint16_t magic;
  NativeCode code, setter;
  double number;
  const char *text;
} Builtin;
#define BUILTIN(name, code, length)                                            \
  { name, BUILTIN_FUNCTION, PROPERTY_HIDDEN, length, 0, code, NULL, 0, NULL }
#define BUILTIN_MAGIC(name, code, length, magic)                               \
  {                                                                            \
    name, BUILTIN_FUNCTION, PROPERTY_HIDDEN, length, magic, code, NULL, 0,     \
        NULL                                                                   \
  }
#define BUILTIN_IN_LOOP(name, code, length, magic)                             \
  {                                                                            \
    name, BUILTIN_LOOP_FUNCTION, PROPERTY_HIDDEN, length, magic, code, NULL,   \
        0, NULL                                                                \
  }
#define BUILTIN_GET(name, code)                                                \
  { name, BUILTIN_GETTER, PROPERTY_CONFIGURABLE, 0, 0, code, NULL, 0, NULL }
#define BUILTIN_GET_SET(name, getter, setter)                                  \
  {                                                                            \
    name, BUILTIN_ACCESSOR, PROPERTY_CONFIGURABLE, 0, 0, getter, setter, 0,    \
        NULL                                                                   \
  }
#define BUILTIN_CONST(name, number)                                            \
  { name, BUILTIN_NUMBER, 0, 0, 0, NULL, NULL, number, NULL }
#define BUILTIN_TAG(text)                                                      \
  {                                                                            \
    "@@toStringTag", BUILTIN_STRING, PROPERTY_CONFIGURABLE, 0, 0, NULL, NULL,  \
        0, text                                                                \
  }
#define BUILTIN_SAME_AS(name, other)                                           \
  { name, BUILTIN_ALIAS, PROPERTY_HIDDEN, 0, 0, NULL, NULL, 0, other }
#define BUILTIN_SCRIPT(name, function, length)                                 \
  {                                                                            \
    name, BUILTIN_SELF_HOSTED, PROPERTY_HIDDEN, length, 0, NULL, NULL, 0,      \
        function                                                               \
  }

void vm_define_builtins(Isolate *, Object *, const Builtin *, uint32_t count);
// The same at once, however new the realm is.
void vm_make_builtins(Isolate *, Object *, const Builtin *, uint32_t count);
// vm_put for builtin objects: may be deferred in the same way.
void vm_define_value(Isolate *, Object *, PropertyKey, Value,
                     uint8_t attributes);
// Runs `action` once what was defined before is there.
void vm_define_action(Isolate *, Object *, void (*action)(Isolate *, Object *));
#define VM_DEFINE_BUILTINS(iso, object, table)                                 \
  vm_define_builtins(iso, object, table,                                       \
                     (uint32_t)(sizeof(table) / sizeof((table)[0])))
// A constructor with its prototype object (NULL: none), linked both ways, and
// global under its name; a name that starts with '%' is no global and loses the
// sign. `parent_constructor` NULL: %Function.prototype%.
NativeFunction *vm_define_constructor(Isolate *, const char *name, NativeCode,
                                      uint16_t length, Object *prototype,
                                      Object *parent_constructor);

#endif
