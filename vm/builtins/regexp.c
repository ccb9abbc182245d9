// SPDX-License-Identifier: MIT
// The RegExp constructor and the tables of RegExp and its prototype:
// ECMA-262 22.2.4 to 22.2.6, with compile of annex B.2.4.
#include "vm/builtins/builtins.h"
#include "vm/builtins/regexp_builtins.h"

static String *string_or_empty(Isolate *iso, Value v) {
  return value_is_undefined(v) ? ATOM(empty) : vm_to_string(iso, v);
}

// What RegExpInitialize (22.2.3.3) makes of pattern and flags. NULL: threw.
static Foreign *initialize(Isolate *iso, Value pattern, Value flags,
                           String **source) {
  *source = string_or_empty(iso, pattern);
  if (!*source) return NULL;
  String *text = string_or_empty(iso, flags);
  uint32_t bits;
  if (!text || !vm_regexp_parse_flags(iso, text, &bits)) return NULL;
  return vm_regexp_program(iso, *source, bits);
}

Value vm_regexp_original_flags(Isolate *iso, const RegExpObject *r) {
  uint8_t letters[8];
  size_t count = 0;
  for (int i = 0; i < 8; i++) {
    if (regexp_object_flags(r) & 1u << i) {
      letters[count++] = (uint8_t) "dgimsuvy"[i];
    }
  }
  String *s = vm_string_from_latin1(iso, letters, count);
  return s ? value_from_cell(s) : VALUE_EXCEPTION;
}

// ECMA-262 22.2.4.1 RegExp ( pattern, flags )
static Value regexp_constructor(Isolate *iso, const NativeCall *call) {
  Value pattern = native_argument(call, 0), flags = native_argument(call, 1);
  Value new_target = call->new_target;
  Tri is_regexp = vm_is_regexp(iso, pattern);
  if (is_regexp == TRI_THREW) return VALUE_EXCEPTION;
  if (value_is_undefined(new_target)) {
    new_target = call->callee;
    if (is_regexp && value_is_undefined(flags)) {
      Value constructor =
          vm_get(iso, value_as_object(pattern), KEY(constructor));
      if (value_is_exception(constructor)) return constructor;
      if (constructor == new_target) return pattern;
    }
  }
  if (value_is_kind(pattern, CELL_REGEXP)) {
    const RegExpObject *r = (const RegExpObject *)value_as_cell(pattern);
    if (value_is_undefined(flags)) {
      flags = vm_regexp_original_flags(iso, r);
      if (value_is_exception(flags)) return flags;
    }
    pattern = value_from_cell(r->source);
  } else if (is_regexp) {
    Object *o = value_as_object(pattern);
    pattern = vm_get(iso, o, KEY(source));
    if (value_is_exception(pattern)) return pattern;
    if (value_is_undefined(flags)) {
      flags = vm_get(iso, o, KEY(flags));
      if (value_is_exception(flags)) return flags;
    }
  }
  Object *prototype =
      vm_prototype_from_constructor(iso, new_target, INTRINSIC_RegExpPrototype);
  if (!prototype) return VALUE_EXCEPTION;
  String *source;
  Foreign *program = initialize(iso, pattern, flags, &source);
  if (!program) return VALUE_EXCEPTION;
  RegExpObject *r = vm_regexp_allocate(iso, prototype, source, program);
  if (new_target != call->callee) r->object.cell.extra = REGEXP_IS_SUBCLASS;
  return value_from_cell(r);
}

// Annex B.2.4.1 RegExp.prototype.compile ( pattern, flags )
static Value regexp_compile_method(Isolate *iso, const NativeCall *call) {
  if (!value_is_kind(call->this_value, CELL_REGEXP)) {
    return vm_throw_type_value(
        iso,
        "Method RegExp.prototype.compile called on incompatible receiver %s",
        call->this_value);
  }
  RegExpObject *r = (RegExpObject *)value_as_cell(call->this_value);
  if (r->realm != iso->realm || r->object.cell.extra & REGEXP_IS_SUBCLASS) {
    return vm_throw_type(iso,
                         "RegExp.prototype.compile is for RegExps of its "
                         "own realm that no subclass made");
  }
  Value pattern = native_argument(call, 0), flags = native_argument(call, 1);
  if (value_is_kind(pattern, CELL_REGEXP)) {
    if (!value_is_undefined(flags)) {
      return vm_throw_type(iso, "Invalid flags supplied to RegExp constructor");
    }
    const RegExpObject *other = (const RegExpObject *)value_as_cell(pattern);
    flags = vm_regexp_original_flags(iso, other);
    if (value_is_exception(flags)) return flags;
    pattern = value_from_cell(other->source);
  }
  String *source;
  Foreign *program = initialize(iso, pattern, flags, &source);
  if (!program) return VALUE_EXCEPTION;
  gc_store_pointer(iso->heap, &r->source, source);
  gc_store_pointer(iso->heap, &r->groups_shape, (Shape *)NULL);
  gc_store_pointer(iso->heap, &r->owner, program);
  r->program = program->pointer;
  if (!vm_regexp_set_last_index(iso, &r->object, value_from_int(0))) {
    return VALUE_EXCEPTION;
  }
  return call->this_value;
}

static Value regexp_species(Isolate *iso, const NativeCall *call) {
  return call->this_value;
}

#define FLAG_GETTER(name, flag)                                                \
  {                                                                            \
    name, BUILTIN_GETTER, PROPERTY_CONFIGURABLE, 0, flag, vm_regexp_get_flag,  \
        NULL, 0, NULL                                                          \
  }

static const Builtin prototype_table[] = {
    BUILTIN("exec", vm_regexp_prototype_exec, 1),
    FLAG_GETTER("dotAll", REGEXP_DOT_ALL),
    BUILTIN_GET("flags", vm_regexp_get_flags),
    FLAG_GETTER("global", REGEXP_GLOBAL),
    FLAG_GETTER("hasIndices", REGEXP_HAS_INDICES),
    FLAG_GETTER("ignoreCase", REGEXP_IGNORE_CASE),
    FLAG_GETTER("multiline", REGEXP_MULTILINE),
    BUILTIN_GET("source", vm_regexp_get_source),
    FLAG_GETTER("sticky", REGEXP_STICKY),
    FLAG_GETTER("unicode", REGEXP_UNICODE),
    FLAG_GETTER("unicodeSets", REGEXP_UNICODE_SETS),
    BUILTIN("compile", regexp_compile_method, 2),
    BUILTIN("test", vm_regexp_prototype_test, 1),
    BUILTIN("toString", vm_regexp_to_string, 0),
    BUILTIN("@@match", vm_regexp_prototype_match, 1),
    BUILTIN("@@matchAll", vm_regexp_prototype_match_all, 1),
    BUILTIN("@@replace", vm_regexp_prototype_replace, 2),
    BUILTIN("@@search", vm_regexp_prototype_search, 1),
    BUILTIN("@@split", vm_regexp_prototype_split, 2),
};

static const Builtin constructor_table[] = {
    BUILTIN("escape", vm_regexp_escape, 1),
    BUILTIN_GET("@@species", regexp_species),
};

void vm_init_regexp(Isolate *iso, Realm *realm) {
  Object *prototype = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_RegExpPrototype, prototype);
  NativeFunction *constructor = vm_define_constructor(
      iso, "RegExp", regexp_constructor, 2, prototype, NULL);
  vm_realm_set_intrinsic(realm, INTRINSIC_RegExp, &constructor->object);
  VM_DEFINE_BUILTINS(iso, prototype, prototype_table);
  VM_DEFINE_BUILTINS(iso, &constructor->object, constructor_table);
  vm_define_regexp_legacy(iso, &constructor->object);
  vm_regexp_state_init(iso, realm);
  vm_init_regexp_string_iterator(iso, realm);
}
