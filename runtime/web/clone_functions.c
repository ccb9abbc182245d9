// SPDX-License-Identifier: MIT
// Functions on their way to another isolate: the template, which is shared, and
// copies of the variables that its code can reach. Environments keep their
// identity within a Clone, so closures that share a variable still do; only
// slots that some function can reach are written, when the first one that can
// is.
//
// Functions of the language itself and of builtin modules are not copied: they
// go by name and are the receiver's own.
#include "runtime/modules/loader.h"
#include "runtime/runtime.h"
#include "runtime/web/clone_internal.h"
#include "runtime/web/shipped_code.h"
#include "vm/interpreter/modules.h"
#include "vm/objects/elements.h"
#include "vm/objects/shape_internal.h"

typedef struct CaptureSource {
  Environment *environment; // kept alive by `seen`
  uint32_t slot_count;      // the highest slot written + 1
  uint64_t *written;        // a bit for each of its slots
} CaptureSource;

static bool out_of_memory(CloneWriter *w) {
  vm_throw_out_of_memory(w->isolate);
  return false;
}

// Symbols ---------------------------------------------------------------------

bool rt_clone_write_symbol(CloneWriter *w, Symbol *symbol) {
  Isolate *iso = w->isolate;
  for (uint32_t i = 0; i < WELL_KNOWN_SYMBOL_COUNT; i++) {
    if (vm_well_known_symbols[i] != symbol) continue;
    return clone_put_tag(w, CLONE_SYMBOL) && clone_put_number(w, 0) &&
           clone_put_number(w, i);
  }
  if (symbol->cell.flags & SYMBOL_REGISTERED) {
    return clone_put_tag(w, CLONE_SYMBOL) && clone_put_number(w, 1) &&
           clone_put_string(w, symbol->description);
  }
  Value value = value_from_cell(symbol);
  const HashEntry *known = vm_hash_table_find(iso, w->seen, value);
  if (known != NULL) {
    return clone_put_tag(w, CLONE_REFERENCE) &&
           clone_put_number(w, (uint64_t)value_as_number(known->value));
  }
  return clone_number_cell(w, value) && clone_put_tag(w, CLONE_SYMBOL) &&
         clone_put_number(w, 2) && clone_put_number(w, symbol->cell.flags) &&
         (symbol->description == NULL
              ? clone_put_tag(w, CLONE_HOLE)
              : clone_put_string(w, symbol->description));
}

// Names -----------------------------------------------------------------------

// An own property's value without running script; EMPTY: none.
static Value own_value(Isolate *iso, Object *o, PropertyKey key) {
  PropertyDescriptor d;
  if (object_kind(o) == CELL_PROXY) return VALUE_EMPTY;
  Tri found = vm_get_own_property(iso, o, key, &d);
  if (found == TRI_THREW) vm_take_exception(iso);
  return found > 0 && !descriptor_is_accessor(&d) ? d.value : VALUE_EMPTY;
}

static bool write_global_path(CloneWriter *w, const char *format, String *first,
                              String *second) {
  char *a = vm_string_to_utf8(w->isolate, first, NULL);
  char *b = second == NULL ? NULL : vm_string_to_utf8(w->isolate, second, NULL);
  String *path = a == NULL || (second != NULL && b == NULL)
                     ? NULL
                     : vm_string_format(w->isolate, format, a, b);
  free(a);
  free(b);
  return path != NULL && clone_put_tag(w, CLONE_GLOBAL) &&
         clone_put_string(w, path);
}

// As "Math.sqrt", "Array.prototype.map", "parseInt", where the global object
// has it under its name. 0: it has not.
static Tri write_by_global_name(CloneWriter *w, Object *o) {
  Isolate *iso = w->isolate;
  Object *global = iso->realm->global;
  Value self = value_from_cell(o), name = own_value(iso, o, KEY(name));
  if (!value_is_string(name)) return 0;
  String *atom = vm_string_intern(iso, value_as_string(name));
  if (atom == NULL) return TRI_THREW;
  PropertyKey key = key_from_atom(atom);
  if (own_value(iso, global, key) == self) {
    return write_global_path(w, "%s", atom, NULL) ? 1 : TRI_THREW;
  }
  KeyList keys;
  vm_key_list_init(&keys);
  Tri result = vm_own_keys(iso, global, &keys) ? 0 : TRI_THREW;
  for (uint32_t i = 0; result == 0 && i < keys.count; i++) {
    if (key_is_symbol(keys.keys[i]) || key_is_index(keys.keys[i])) continue;
    Value holder = own_value(iso, global, keys.keys[i]);
    if (!value_is_object(holder) || value_as_object(holder) == global) continue;
    String *first = (String *)value_as_cell(keys.keys[i]);
    const char *format = "%s.%s";
    Value found = own_value(iso, value_as_object(holder), key);
    if (found != self) {
      holder = own_value(iso, value_as_object(holder), KEY(prototype));
      if (!value_is_object(holder)) continue;
      found = own_value(iso, value_as_object(holder), key);
      format = "%s.prototype.%s";
    }
    if (found == self) {
      result = write_global_path(w, format, first, atom) ? 1 : TRI_THREW;
    }
  }
  return result;
}

// 1: it is one of the realm's intrinsics, and is written.
static Tri write_intrinsic(CloneWriter *w, Object *o) {
  for (uint32_t i = 0; i < INTRINSIC_COUNT; i++) {
    if (w->isolate->realm->intrinsics[i] != o) continue;
    return clone_put_tag(w, CLONE_INTRINSIC) && clone_put_number(w, i)
               ? 1
               : TRI_THREW;
  }
  return 0;
}

static bool is_builtin_module(Isolate *iso, const Module *module) {
  StringView name;
  return module != NULL && vm_string_view(iso, module->name, &name) &&
         vm_names_builtin(name);
}

// A builtin module's function, as what the module exports.
static Tri write_export(CloneWriter *w, Function *f, const Module *module) {
  const ModuleFacts *facts = module->code->template->module;
  for (uint32_t i = 0; i < facts->export_count; i++) {
    const TemplateExport *e = &facts->exports[i];
    if (e->kind != EXPORT_LOCAL || module->environment == NULL ||
        module->environment->slots[e->slot] != value_from_cell(f)) {
      continue;
    }
    return clone_put_tag(w, CLONE_EXPORT) &&
                   clone_put_string(w, module->name) &&
                   clone_put_string(w, e->export_name)
               ? 1
               : TRI_THREW;
  }
  return 0;
}

// Environments
// ------------------------------------------------------------------

// The environment's number; UINT32_MAX: threw.
static uint32_t environment_number(CloneWriter *w, Environment *e) {
  const HashEntry *known =
      vm_hash_table_find(w->isolate, w->seen, value_from_cell(e));
  if (known != NULL) return (uint32_t)value_as_number(known->value);
  CaptureSource *list =
      realloc(w->environments, (w->environment_count + 1) * sizeof *list);
  if (list != NULL) w->environments = list;
  uint64_t *written = calloc(e->cell.extra / 64 + 1, sizeof *written);
  if (list == NULL || written == NULL ||
      !vm_hash_table_set(w->isolate, &w->seen, value_from_cell(e),
                         value_from_uint32(w->environment_count))) {
    free(written);
    out_of_memory(w);
    return UINT32_MAX;
  }
  list[w->environment_count] = (CaptureSource){e, 0, written};
  return w->environment_count++;
}

static Environment *hop(Environment *e, uint32_t hops) {
  while (hops-- > 0)
    e = e->parent;
  return e;
}

bool rt_clone_finish_environments(CloneWriter *w, bool keep) {
  Clone *c = w->out;
  if (keep && w->environment_count > 0) {
    c->environments = calloc(w->environment_count, sizeof *c->environments);
    if (c->environments == NULL) keep = out_of_memory(w);
  }
  for (uint32_t i = 0; i < w->environment_count; i++) {
    CaptureSource *s = &w->environments[i];
    if (keep) {
      const HashEntry *parent =
          s->environment->parent == NULL
              ? NULL
              : vm_hash_table_find(w->isolate, w->seen,
                                   value_from_cell(s->environment->parent));
      c->environments[i].slot_count = s->slot_count;
      c->environments[i].parent =
          parent == NULL ? 0 : (uint32_t)value_as_number(parent->value) + 1;
      c->environment_count++;
    }
    free(s->written);
  }
  free(w->environments);
  w->environments = NULL;
  return keep || w->environment_count == 0;
}

static String *capture_name(const Capture *capture, const Environment *e,
                            const Module *module) {
  if (capture->name != NULL) return capture->name;
  const ScopeDescription *d = e->description;
  if (d == NULL && module != NULL && module->environment == e) {
    d = module->code->template->module->environment;
  }
  for (uint32_t i = 0; d != NULL && i < d->name_count; i++) {
    if (d->names[i].slot == capture->slot) return d->names[i].name;
  }
  return NULL;
}

// Captures: environment + 1, slot, value; 0 at the end.
static bool write_captures(CloneWriter *w, Function *f,
                           const Captures *captures, const Place *place) {
  for (uint32_t i = 0; i < captures->count; i++) {
    const Capture *capture = &captures->items[i];
    Environment *e = hop(f->environment, capture->hops);
    uint32_t number = environment_number(w, e), slot = capture->slot;
    if (number == UINT32_MAX) return false;
    CaptureSource *source = &w->environments[number];
    if (source->written[slot / 64] >> slot % 64 & 1) continue;
    source->written[slot / 64] |= UINT64_C(1) << slot % 64;
    if (source->slot_count <= slot) source->slot_count = slot + 1;
    if (!clone_put_number(w, number + 1) || !clone_put_number(w, slot)) {
      return false;
    }
    String *name = capture_name(capture, e, f->code->module);
    Place here = {.parent = place,
                  .key = name == NULL ? 0 : key_from_atom(name),
                  .is_capture = true};
    Value value = e->slots[slot];
    if (value == VALUE_EMPTY ? !clone_put_tag(w, CLONE_HOLE)
                             : !rt_clone_write_value(w, value, &here)) {
      return false;
    }
  }
  return clone_put_number(w, 0);
}

// Members
// -----------------------------------------------------------------------

static bool write_optional(CloneWriter *w, Value value, const Place *place) {
  return value == VALUE_EMPTY ? clone_put_tag(w, CLONE_HOLE)
                              : rt_clone_write_value(w, value, place);
}

static bool write_whole(CloneWriter *w, Value value, const Place *place);

// Private static members: 1, name, value, or 2, name, getter, setter; 0 at the
// end.
static bool write_private_members(CloneWriter *w, Object *o,
                                  const Place *place) {
  ShapeTable *table = vm_shape_table(w->isolate, o->shape);
  uint32_t limit = shape_table_limit(o->shape);
  Symbol *mark = rt_platform_symbol(w->isolate);
  for (uint32_t i = 0; i < limit && i < table->count; i++) {
    ShapeEntry e = table->entries[i];
    if (e.key == 0 || !key_is_symbol(e.key)) continue;
    Symbol *name = (Symbol *)value_as_cell(vm_key_to_value(w->isolate, e.key));
    if (!(name->cell.flags & SYMBOL_PRIVATE) || name == mark) continue;
    Place here = {.parent = place, .note = ".#private"};
    Value value = *object_slot(o, e.slot);
    bool is_accessor = e.attributes & PROPERTY_ACCESSOR;
    if (!clone_put_number(w, is_accessor ? 2 : 1) ||
        !rt_clone_write_symbol(w, name)) {
      return false;
    }
    if (is_accessor) {
      Accessor *a = (Accessor *)value_as_cell(value);
      if (!rt_clone_write_value(w, a->getter, &here) ||
          !rt_clone_write_value(w, a->setter, &here)) {
        return false;
      }
    } else if (!rt_clone_write_value(w, value, &here)) {
      return false;
    }
  }
  return clone_put_number(w, 0);
}

// All own properties: 1 + attributes, whether it is an accessor (32), key,
// value or getter and setter; 0 at the end.
static bool write_members(CloneWriter *w, Object *o, const Place *place) {
  Isolate *iso = w->isolate;
  KeyList keys;
  vm_key_list_init(&keys);
  bool done = vm_own_keys(iso, o, &keys);
  for (uint32_t i = 0; done && i < keys.count; i++) {
    PropertyKey key = keys.keys[i];
    PropertyDescriptor d;
    Tri found = vm_get_own_property(iso, o, key, &d);
    if (found <= 0) {
      done = found == 0;
      continue;
    }
    bool is_accessor = descriptor_is_accessor(&d);
    Value name = vm_key_to_value(iso, key);
    bool is_symbol = value_is_symbol(name);
    Place here = {.parent = place,
                  .key = is_symbol ? 0 : key,
                  .note = is_symbol ? "[symbol]" : NULL};
    done = !value_is_exception(name) &&
           clone_put_number(w, 1u + d.attributes + (is_accessor ? 32u : 0)) &&
           rt_clone_write_value(w, name, &here);
    if (!done) break;
    if (is_accessor) {
      done = write_optional(w, d.getter, &here) &&
             write_optional(w, d.setter, &here);
    } else if (key == KEY(prototype) && (o->cell.flags & OBJECT_CALLABLE) &&
               value_is_object(d.value)) {
      done = write_whole(w, d.value, &here);
    } else {
      done = rt_clone_write_value(w, d.value, &here);
    }
  }
  return done && clone_put_number(w, 0) && write_private_members(w, o, place);
}

// A prototype or home object: with its own prototype and everything in it.
// Functions, intrinsics and null as they are written anyway.
static bool write_whole(CloneWriter *w, Value value, const Place *place) {
  if (!value_is_object(value)) return rt_clone_write_value(w, value, place);
  Object *o = value_as_object(value);
  const HashEntry *known = vm_hash_table_find(w->isolate, w->seen, value);
  if (known != NULL) {
    return clone_put_tag(w, CLONE_REFERENCE) &&
           clone_put_number(w, (uint64_t)value_as_number(known->value));
  }
  if (o->cell.flags & OBJECT_CALLABLE) {
    return rt_clone_write_value(w, value, place);
  }
  Tri done = write_intrinsic(w, o);
  if (done != 0) return done > 0;
  if (object_kind(o) != CELL_OBJECT) return rt_clone_refuse(w, value, place);
  Value prototype = o->shape->prototype == NULL
                        ? VALUE_NULL
                        : value_from_cell(o->shape->prototype);
  return vm_check_stack(w->isolate) && clone_number_cell(w, value) &&
         clone_put_tag(w, CLONE_WHOLE_OBJECT) &&
         write_whole(w, prototype, place) && write_members(w, o, place);
}

// Functions
// -----------------------------------------------------------------------

// Its number in Clone.templates; UINT32_MAX: threw.
static uint32_t template_number(CloneWriter *w, const Template *t) {
  Clone *c = w->out;
  for (uint32_t i = 0; i < c->template_count; i++) {
    if (c->templates[i] == t) return i;
  }
  Template **list =
      realloc(c->templates, (c->template_count + 1) * sizeof(Template *));
  if (list == NULL) {
    out_of_memory(w);
    return UINT32_MAX;
  }
  c->templates = list;
  list[c->template_count] = vm_template_retain((Template *)t);
  return c->template_count++;
}

// The module whose imports and import.meta the code uses: template + 1, name,
// imports + 1, 0 at the end. 0: none.
static bool write_module(CloneWriter *w, const Module *module,
                         const Captures *captures) {
  if (module == NULL) return clone_put_number(w, 0);
  uint32_t number = template_number(w, module->code->template);
  if (number == UINT32_MAX || !clone_put_number(w, number + 1) ||
      !clone_put_string(w, module->name)) {
    return false;
  }
  for (uint32_t i = 0; i < captures->import_count; i++) {
    if (!clone_put_number(w, captures->imports[i] + 1)) return false;
  }
  return clone_put_number(w, 0);
}

// The prototype that functions of its sort have.
static Object *usual_prototype(const Function *f) {
  const Template *t = f->code->template;
  return f->code->realm->function_shapes[(t->flags >> 1) & 3]->prototype;
}

// A function that has not been called yet is compiled, so that one template
// stands for it from now on. False: threw.
static bool has_code(Isolate *iso, Function *f) {
  return f->code->template->lazy == NULL || vm_code_to_run(iso, f) != NULL;
}

const Template *rt_clone_template_alone(Isolate *iso, Value function) {
  if (!value_is_kind(function, CELL_FUNCTION)) return NULL;
  Function *f = (Function *)value_as_cell(function);
  if (!has_code(iso, f)) {
    vm_take_exception(iso); // cloning it will say so
    return NULL;
  }
  const Template *t = f->code->template;
  bool is_alone = (f->object.shape->cell.flags & SHAPE_LAZY) &&
                  f->object.shape->prototype == usual_prototype(f) &&
                  f->home_object == NULL &&
                  f->field_initializer == VALUE_UNDEFINED &&
                  !(t->flags & TEMPLATE_SELF_HOSTED);
  return is_alone && !is_builtin_module(iso, f->code->module) ? t : NULL;
}

static bool write_script_function(CloneWriter *w, Function *f,
                                  const Place *place) {
  Object *o = &f->object;
  if (!has_code(w->isolate, f)) return false;
  const Template *t = f->code->template;
  const Captures *captures = rt_shipped_captures(rt_of(w->isolate), t);
  if (captures == NULL) return false;
  if (captures->is_dynamic) {
    rt_throw_dom_exception(w->isolate, "DataCloneError",
                           "A function that uses direct eval or with could "
                           "not be cloned: what it captures is not known.");
    return false;
  }
  uint32_t number = template_number(w, t);
  // Each level that some capture lies above is numbered, so that the links
  // between them are kept.
  uint32_t levels = 0;
  for (uint32_t i = 0; i < captures->count; i++) {
    if (captures->items[i].hops >= levels) levels = captures->items[i].hops + 1;
  }
  for (uint32_t i = 0; i < levels; i++) {
    if (environment_number(w, hop(f->environment, i)) == UINT32_MAX)
      return false;
  }
  if (number == UINT32_MAX || !clone_number_cell(w, value_from_cell(o)) ||
      !clone_put_tag(w, CLONE_FUNCTION) || !clone_put_number(w, number) ||
      !write_module(w, f->code->module, captures) ||
      !clone_put_number(
          w, levels == 0 ? 0 : environment_number(w, f->environment) + 1u)) {
    return false;
  }
  Value parent = o->shape->prototype == usual_prototype(f) ? VALUE_EMPTY
                 : o->shape->prototype == NULL
                     ? VALUE_NULL
                     : value_from_cell(o->shape->prototype);
  Value home =
      f->home_object == NULL ? VALUE_EMPTY : value_from_cell(f->home_object);
  bool has_members = !(o->shape->cell.flags & SHAPE_LAZY);
  return write_captures(w, f, captures, place) &&
         write_optional(w, parent, place) &&
         (home == VALUE_EMPTY ? clone_put_tag(w, CLONE_HOLE)
                              : write_whole(w, home, place)) &&
         rt_clone_write_value(w, f->field_initializer, place) &&
         clone_put_number(w, has_members) &&
         (!has_members || write_members(w, o, place));
}

bool rt_clone_write_function(CloneWriter *w, Object *o, const Place *place) {
  Tri done = write_intrinsic(w, o);
  if (done != 0) return done > 0;
  Function *f = object_kind(o) == CELL_FUNCTION ? (Function *)o : NULL;
  bool is_own = f != NULL && !(f->code->template->flags & TEMPLATE_SELF_HOSTED);
  if (is_own && !is_builtin_module(w->isolate, f->code->module)) {
    return vm_check_stack(w->isolate) && write_script_function(w, f, place);
  }
  done = write_by_global_name(w, o);
  if (done == 0 && is_own) done = write_export(w, f, f->code->module);
  if (done != 0) return done > 0;
  return rt_clone_refuse(w, value_from_cell(o), place);
}
