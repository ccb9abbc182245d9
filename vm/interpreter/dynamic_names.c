// SPDX-License-Identifier: MIT
// Names resolved at run time: with statements and sloppy direct eval
// (ECMA-262 9.1.2.1, 9.1.1.2, 19.2.1.3).
//
// A resolved reference is the Environment that has the name (for with and for
// variables made by eval: the one whose object has it), the realm's lexicals or
// global object, or undefined.
#include <stdlib.h>

#include "vm/interpreter/calls.h"
#include "vm/interpreter/dynamic_names.h"

// this, new.target, %home, %function, #private: names that only environments of
// the language have.
static bool is_internal_name(PropertyKey key) {
  if (key_is_index(key)) return false;
  if (key == KEY(this_) || key == KEY(new_target)) return true;
  String *s = (String *)value_as_cell(key);
  if (string_length(s) == 0 || (s->cell.flags & STRING_WIDE)) return false;
  StringView view;
  if (s->cell.flags & (STRING_ROPE | STRING_SLICE)) return false;
  view = (StringView){s->latin1, string_length(s), false};
  return string_view_at(view, 0) == '%' || string_view_at(view, 0) == '#';
}

// The slot of a name in an environment that has a description; NULL: none.
static const ScopeSlot *environment_name(const Environment *e,
                                         PropertyKey key) {
  const ScopeDescription *d = e->description;
  for (uint32_t i = 0; i < d->name_count; i++)
    if (key_from_atom(d->names[i].name) == key) return &d->names[i];
  return NULL;
}

// The object of a with environment, or that of eval's variables (NULL: none).
static Object *environment_object(const Environment *e) {
  if (e->description == NULL || (e->description->kind != DESCRIPTION_WITH &&
                                 e->description->kind != DESCRIPTION_EVAL_VARS))
    return NULL;
  return e->slots[0] != VALUE_EMPTY ? value_as_object(e->slots[0]) : NULL;
}

// HasBinding of an object environment for with (9.1.1.2.1).
static Tri with_has(Isolate *iso, Object *o, PropertyKey key) {
  Tri has = vm_has(iso, o, key);
  if (has <= 0) return has;
  Value unscopables = vm_get(iso, o, SYMBOL_KEY(unscopables));
  if (value_is_exception(unscopables)) return TRI_THREW;
  if (!value_is_object(unscopables)) return 1;
  Value blocked = vm_get(iso, value_as_object(unscopables), key);
  if (value_is_exception(blocked)) return TRI_THREW;
  return !vm_to_boolean(blocked);
}

bool vm_resolve_name(Isolate *iso, Environment *e, PropertyKey key,
                     Value *out) {
  bool internal = is_internal_name(key);
  for (; e != NULL; e = e->parent) {
    if (e->description == NULL) continue;
    switch (e->description->kind) {
    case DESCRIPTION_WITH:
    case DESCRIPTION_EVAL_VARS: {
      Object *o = environment_object(e);
      if (o == NULL || internal) break;
      Tri has = e->description->kind == DESCRIPTION_WITH
                    ? with_has(iso, o, key)
                    : vm_has_own(iso, o, key);
      if (has < 0) return false;
      if (has) {
        *out = value_from_cell(e);
        return true;
      }
      break;
    }
    default:
      if (environment_name(e, key) != NULL) {
        *out = value_from_cell(e);
        return true;
      }
    }
  }
  *out = VALUE_UNDEFINED;
  if (internal) return true;
  PropertySlot slot;
  Realm *realm = iso->realm;
  if (vm_shape_lookup(iso, realm->lexicals->shape, key, &slot)) {
    *out = value_from_cell(realm->lexicals);
    return true;
  }
  Tri has = vm_has(iso, realm->global, key);
  if (has < 0) return false;
  if (has) *out = value_from_cell(realm->global);
  return true;
}

static bool throw_not_defined(Isolate *iso, PropertyKey key) {
  String *name = vm_key_to_string(iso, key);
  if (name == NULL) return false;
  char *text = vm_string_to_utf8(iso, name, NULL);
  vm_throw_reference(iso, "%s is not defined", text != NULL ? text : "name");
  free(text);
  return false;
}

bool vm_get_resolved(Isolate *iso, Code *code, Value reference, PropertyKey key,
                     bool missing_is_undefined, Value *out) {
  if (value_is_undefined(reference)) {
    *out = VALUE_UNDEFINED;
    return missing_is_undefined || throw_not_defined(iso, key);
  }
  Object *o;
  if (value_is_kind(reference, CELL_ENVIRONMENT)) {
    Environment *e = (Environment *)value_as_cell(reference);
    o = environment_object(e);
    if (o == NULL) {
      const ScopeSlot *slot = environment_name(e, key);
      *out = e->slots[slot->slot];
      if (*out != VALUE_EMPTY) return true;
      vm_throw_not_initialized(iso, key);
      return false;
    }
  } else {
    o = value_as_object(reference);
    if (o == iso->realm->lexicals) {
      PropertySlot slot;
      if (!vm_shape_lookup(iso, o->shape, key, &slot)) return false;
      *out = *object_slot(o, slot.slot);
      if (*out != VALUE_EMPTY) return true;
      vm_throw_not_initialized(iso, key);
      return false;
    }
  }
  // GetBindingValue of an object environment (9.1.1.2.6): the property may
  // have gone since it was found.
  Tri has = vm_has(iso, o, key);
  if (has < 0) return false;
  if (!has) {
    *out = VALUE_UNDEFINED;
    return missing_is_undefined || !code->is_strict ||
           throw_not_defined(iso, key);
  }
  *out = vm_get(iso, o, key);
  return *out != VALUE_EXCEPTION;
}

bool vm_set_resolved(Isolate *iso, Code *code, Value reference, PropertyKey key,
                     Value value) {
  bool strict = code->is_strict;
  if (value_is_undefined(reference)) {
    if (strict) return throw_not_defined(iso, key);
    return vm_set(iso, iso->realm->global, key, value, false);
  }
  Object *o;
  if (value_is_kind(reference, CELL_ENVIRONMENT)) {
    Environment *e = (Environment *)value_as_cell(reference);
    o = environment_object(e);
    if (o == NULL) {
      const ScopeSlot *slot = environment_name(e, key);
      Value *place = &e->slots[slot->slot];
      if (slot->is_const == 2) {
        if (!strict) return true;
        vm_throw_type(iso, "Assignment to constant variable.");
        return false;
      }
      if (key == KEY(this_)) { // super() in eval code binds it
        if (*place != VALUE_EMPTY) {
          vm_throw_reference(iso, "Super constructor may only be called once");
          return false;
        }
        gc_store_word(iso->heap, place, value);
        return true;
      }
      if (*place == VALUE_EMPTY) {
        vm_throw_not_initialized(iso, key);
        return false;
      }
      if (slot->is_const) {
        vm_throw_type(iso, "Assignment to constant variable.");
        return false;
      }
      gc_store_word(iso->heap, place, value);
      return true;
    }
  } else {
    o = value_as_object(reference);
    if (o == iso->realm->lexicals) {
      PropertySlot slot;
      if (!vm_shape_lookup(iso, o->shape, key, &slot)) return false;
      Value *place = object_slot(o, slot.slot);
      if (*place == VALUE_EMPTY) {
        vm_throw_not_initialized(iso, key);
        return false;
      }
      if (!(slot.attributes & PROPERTY_WRITABLE)) {
        vm_throw_type(iso, "Assignment to constant variable.");
        return false;
      }
      gc_store_word(iso->heap, place, value);
      return true;
    }
  }
  // SetMutableBinding of an object environment (9.1.1.2.5)
  Tri has = vm_has(iso, o, key);
  if (has < 0) return false;
  if (!has && strict) return throw_not_defined(iso, key);
  return vm_set(iso, o, key, value, strict);
}

bool vm_delete_resolved(Isolate *iso, Value reference, PropertyKey key,
                        Value *out) {
  *out = VALUE_TRUE;
  if (value_is_undefined(reference)) return true;
  Object *o;
  if (value_is_kind(reference, CELL_ENVIRONMENT)) {
    o = environment_object((Environment *)value_as_cell(reference));
  } else {
    o = value_as_object(reference);
    if (o == iso->realm->lexicals) o = NULL;
  }
  if (o == NULL) {
    *out = VALUE_FALSE;
    return true;
  }
  Tri done = vm_delete(iso, o, key);
  *out = value_from_bool(done > 0);
  return done >= 0;
}

Value vm_resolved_this(Value reference) {
  if (value_is_kind(reference, CELL_ENVIRONMENT)) {
    Environment *e = (Environment *)value_as_cell(reference);
    if (e->description->kind == DESCRIPTION_WITH) return e->slots[0];
  }
  return VALUE_UNDEFINED;
}

// The environment whose variables a sloppy eval extends; NULL: the global one.
// *function: the FUNCTION environment just inside of it, whose names count as
// its variables too, or NULL.
static Environment *variable_environment(Value start, Environment **function) {
  Environment *e =
      value_is_cell(start) ? (Environment *)value_as_cell(start) : NULL;
  *function = NULL;
  for (; e != NULL; e = e->parent) {
    if (e->description == NULL) continue;
    if (e->description->kind == DESCRIPTION_EVAL_VARS) return e;
    if (e->description->kind == DESCRIPTION_FUNCTION && e->parent != NULL &&
        e->parent->description != NULL &&
        e->parent->description->kind == DESCRIPTION_EVAL_VARS)
      *function = e;
  }
  return NULL;
}

static bool has_lexical_conflict(const Environment *from, const Environment *to,
                                 PropertyKey key) {
  for (const Environment *e = from; e != to && e != NULL; e = e->parent) {
    if (e->description == NULL || e->description->kind == DESCRIPTION_WITH)
      continue;
    const ScopeSlot *slot = environment_name(e, key);
    if (slot != NULL && slot->is_lexical) return true;
  }
  return false;
}

// The object of eval's variables, made when the first is declared.
static Object *eval_vars(Isolate *iso, Environment *target) {
  if (target->slots[0] == VALUE_EMPTY)
    gc_store_word(iso->heap, &target->slots[0],
                  value_from_cell(vm_object_new_with(iso, NULL)));
  return value_as_object(target->slots[0]);
}

// 19.2.1.3 EvalDeclarationInstantiation
bool vm_declare_eval_vars(Isolate *iso, Code *code, Value start,
                          const Record *record) {
  (void)code;
  Environment *function;
  Environment *target = variable_environment(start, &function);
  Environment *from =
      value_is_cell(start) ? (Environment *)value_as_cell(start) : NULL;
  const DeclaredName *names = record->declarations.names;
  uint32_t count = record->declarations.count;
  for (uint32_t i = 0; i < count; i++) {
    PropertyKey key = key_from_atom(names[i].name);
    if (names[i].kind == DECLARED_ANNEXB_FUNCTION) continue;
    if (has_lexical_conflict(from, target, key)) {
      char text[128];
      vm_describe_key(iso, key, text, sizeof text);
      vm_throw_syntax(iso, "Identifier '%s' has already been declared", text);
      return false;
    }
  }
  if (target == NULL) {
    DeclaredName *visible = malloc((count + 1) * sizeof *visible);
    if (visible == NULL) {
      vm_throw_out_of_memory(iso);
      return false;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
      // A block function that a let on the way hides makes no variable.
      if (names[i].kind == DECLARED_ANNEXB_FUNCTION &&
          has_lexical_conflict(from, NULL, key_from_atom(names[i].name)))
        continue;
      visible[kept++] = names[i];
    }
    bool done = vm_declare_global_names(iso, visible, kept, true);
    free(visible);
    return done;
  }
  for (uint32_t i = 0; i < count; i++) {
    PropertyKey key = key_from_atom(names[i].name);
    if (names[i].kind == DECLARED_ANNEXB_FUNCTION &&
        has_lexical_conflict(from, target, key))
      continue;
    if (function != NULL && environment_name(function, key) != NULL) continue;
    Object *o = eval_vars(iso, target);
    Tri has = vm_has_own(iso, o, key);
    if (has < 0) return false;
    if (!has && !vm_create_data_or_throw(iso, o, key, VALUE_UNDEFINED))
      return false;
  }
  return true;
}

bool vm_set_hoisted(Isolate *iso, Value start, PropertyKey key, Value value) {
  Environment *function;
  Environment *target = variable_environment(start, &function);
  const Environment *from =
      value_is_cell(start) ? (const Environment *)value_as_cell(start) : NULL;
  if (has_lexical_conflict(from, target, key)) return true;
  if (target == NULL) {
    PropertySlot slot;
    Realm *realm = iso->realm;
    return vm_shape_lookup(iso, realm->lexicals->shape, key, &slot) ||
           vm_set(iso, realm->global, key, value, false);
  }
  return vm_init_eval_var(iso, start, key, value);
}

bool vm_init_eval_var(Isolate *iso, Value start, PropertyKey key, Value value) {
  Environment *function;
  Environment *target = variable_environment(start, &function);
  if (target == NULL) return vm_define_global_function(iso, key, value, true);
  const ScopeSlot *slot =
      function != NULL ? environment_name(function, key) : NULL;
  if (slot != NULL) {
    gc_store_word(iso->heap, &function->slots[slot->slot], value);
    return true;
  }
  return vm_set(iso, eval_vars(iso, target), key, value, false);
}
