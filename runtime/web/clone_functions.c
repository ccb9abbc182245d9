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

Value rt_clone_own_value(Isolate *iso, Object *o, PropertyKey key) {
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
  Value self = value_from_cell(o), name = rt_clone_own_value(iso, o, KEY(name));
  if (!value_is_string(name)) return 0;
  String *atom = vm_string_intern(iso, value_as_string(name));
  if (atom == NULL) return TRI_THREW;
  PropertyKey key = key_from_atom(atom);
  if (rt_clone_own_value(iso, global, key) == self) {
    return write_global_path(w, "%s", atom, NULL) ? 1 : TRI_THREW;
  }
  KeyList keys;
  vm_key_list_init(&keys);
  Tri result = vm_own_keys(iso, global, &keys) ? 0 : TRI_THREW;
  for (uint32_t i = 0; result == 0 && i < keys.count; i++) {
    if (key_is_symbol(keys.keys[i]) || key_is_index(keys.keys[i])) continue;
    Value holder = rt_clone_own_value(iso, global, keys.keys[i]);
    if (!value_is_object(holder) || value_as_object(holder) == global) continue;
    String *first = (String *)value_as_cell(keys.keys[i]);
    const char *format = "%s.%s";
    Value found = rt_clone_own_value(iso, value_as_object(holder), key);
    if (found != self) {
      holder = rt_clone_own_value(iso, value_as_object(holder), KEY(prototype));
      if (!value_is_object(holder)) continue;
      found = rt_clone_own_value(iso, value_as_object(holder), key);
      format = "%s.prototype.%s";
    }
    if (found == self) {
      result = write_global_path(w, format, first, atom) ? 1 : TRI_THREW;
    }
  }
  return result;
}

// Those behind it are not made in every realm: they go by their class's name.
enum { INTRINSICS_END = INTRINSIC_Intl + 1 };

// INTRINSICS_END: it is none of the realm's.
static uint32_t intrinsic_number(Isolate *iso, const Object *o) {
  uint32_t i = 0;
  while (i < INTRINSICS_END && iso->realm->intrinsics[i] != o)
    i++;
  return i;
}

bool rt_clone_is_intrinsic(Isolate *iso, const Object *o) {
  return intrinsic_number(iso, o) < INTRINSICS_END;
}

Tri rt_clone_write_intrinsic(CloneWriter *w, Object *o) {
  uint32_t i = intrinsic_number(w->isolate, o);
  if (i == INTRINSICS_END) return 0;
  return clone_put_tag(w, CLONE_INTRINSIC) && clone_put_number(w, i)
             ? 1
             : TRI_THREW;
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

bool rt_clone_take_slot(CloneWriter *w, Environment *e, uint32_t slot,
                        bool *is_new) {
  uint32_t number = environment_number(w, e);
  if (number == UINT32_MAX) return false;
  CaptureSource *source = &w->environments[number];
  uint64_t bit = UINT64_C(1) << slot % 64;
  if (is_new != NULL) *is_new = !(source->written[slot / 64] & bit);
  source->written[slot / 64] |= bit;
  if (source->slot_count <= slot) source->slot_count = slot + 1;
  return true;
}

// Captures: environment + 1, slot, value; 0 at the end.
static bool write_captures(CloneWriter *w, Function *f,
                           const Captures *captures, const Place *place) {
  for (uint32_t i = 0; i < captures->count; i++) {
    const Capture *capture = &captures->items[i];
    Environment *e = clone_hop(f->environment, capture->hops);
    uint32_t slot = capture->slot;
    bool is_new;
    if (!rt_clone_take_slot(w, e, slot, &is_new)) return false;
    if (!is_new) continue;
    if (!clone_put_number(w, environment_number(w, e) + 1) ||
        !clone_put_number(w, slot)) {
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

static bool note_imports(CloneWriter *w) {
  Clone *c = w->out;
  size_t *list = realloc(c->modules, (c->module_count + 1) * sizeof *list);
  if (list == NULL) return out_of_memory(w);
  c->modules = list;
  list[c->module_count++] = c->length;
  return true;
}

// The module whose imports and import.meta the code uses: template + 1, name,
// query or CLONE_HOLE, imports + 1, 0 at the end. 0: none.
static bool write_module(CloneWriter *w, const Module *module,
                         const Captures *captures) {
  if (module == NULL) return clone_put_number(w, 0);
  uint32_t number = template_number(w, module->code->template);
  if (number == UINT32_MAX ||
      (captures->import_count > 0 && !note_imports(w)) ||
      !clone_put_number(w, number + 1) || !clone_put_string(w, module->name) ||
      !(value_is_string(module->host_value)
            ? clone_put_string(w, value_as_string(module->host_value))
            : clone_put_tag(w, CLONE_HOLE))) {
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
  bool is_class = rt_clone_is_class(t);
  uint32_t class_levels = is_class ? rt_clone_class_levels(f) : 0;
  if (class_levels > levels) levels = class_levels;
  for (uint32_t i = 0; i < levels; i++) {
    if (environment_number(w, clone_hop(f->environment, i)) == UINT32_MAX)
      return false;
  }
  if (number == UINT32_MAX || !clone_number_cell(w, value_from_cell(o)) ||
      !clone_put_tag(w, CLONE_FUNCTION) || !clone_put_number(w, number) ||
      !write_module(w, f->code->module, captures) ||
      !clone_put_number(
          w, levels == 0 ? 0 : environment_number(w, f->environment) + 1u) ||
      (is_class && !rt_clone_write_class(w, f, place))) {
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
         (parent == VALUE_EMPTY ? clone_put_tag(w, CLONE_HOLE)
                                : rt_clone_write_value(w, parent, place)) &&
         (home == VALUE_EMPTY ? clone_put_tag(w, CLONE_HOLE)
                              : rt_clone_write_whole(w, home, place)) &&
         rt_clone_write_value(w, f->field_initializer, place) &&
         clone_put_number(w, has_members) &&
         (!has_members || rt_clone_write_members(w, o, place));
}

bool rt_clone_goes_by_name(Isolate *iso, const Object *o) {
  if (object_kind(o) != CELL_FUNCTION) return true;
  const Code *code = ((const Function *)o)->code;
  return (code->template->flags & TEMPLATE_SELF_HOSTED) ||
         is_builtin_module(iso, code->module);
}

Tri rt_clone_write_by_name(CloneWriter *w, Object *o) {
  Tri done = write_by_global_name(w, o);
  if (done != 0 || object_kind(o) != CELL_FUNCTION) return done;
  Function *f = (Function *)o;
  return is_builtin_module(w->isolate, f->code->module)
             ? write_export(w, f, f->code->module)
             : 0;
}

bool rt_clone_write_function(CloneWriter *w, Object *o, const Place *place) {
  Tri done = rt_clone_write_intrinsic(w, o);
  if (done != 0) return done > 0;
  if (!rt_clone_goes_by_name(w->isolate, o)) {
    return vm_check_stack(w->isolate) &&
           write_script_function(w, (Function *)o, place);
  }
  done = rt_clone_write_by_name(w, o);
  if (done != 0) return done > 0;
  return rt_clone_refuse(w, value_from_cell(o), place);
}
