// SPDX-License-Identifier: MIT
// StructuredSerializeInternal (WHATWG HTML 2.7.3): a walk in the order of the
// specification, which scripts can observe through getters.
#include <stdlib.h>

#include "runtime/runtime.h"
#include "runtime/tasks/sync_handles.h"
#include "runtime/web/clone_internal.h"
#include "runtime/web/shipped_code.h"
#include "vm/builtins/regexp.h"
#include "vm/objects/bigint.h"
#include "vm/objects/date_object.h"
#include "vm/objects/elements.h"
#include "vm/objects/error_object.h"
#include "vm/objects/hash_table.h"
#include "vm/objects/shape_internal.h"

// Errors ----------------------------------------------------------------------

static void describe_place(Isolate *iso, StringBuilder *b, const Place *place) {
  if (place->parent == NULL) return;
  describe_place(iso, b, place->parent);
  if (place->is_capture) {
    vm_builder_append_ascii(b, b->length > 0 ? ", captured " : "captured ");
    vm_builder_append_ascii(b, place->key == 0 ? "value" : "variable `");
    if (place->key == 0) return;
    vm_builder_append(b, (String *)value_as_cell(place->key));
    vm_builder_append_unit(b, '`');
  } else if (place->key == 0) {
    vm_builder_append_ascii(b, place->note);
  } else if (key_is_index(place->key)) {
    vm_builder_append_unit(b, '[');
    vm_builder_append_number(b, value_from_uint32(key_as_index(place->key)));
    vm_builder_append_unit(b, ']');
  } else {
    if (b->length > 0) vm_builder_append_unit(b, '.');
    vm_builder_append(b, (String *)value_as_cell(place->key));
  }
}

bool rt_clone_refuse(CloneWriter *w, Value value, const Place *place) {
  Isolate *iso = w->isolate;
  char shown[128];
  vm_describe(iso, value, shown, sizeof shown);
  size_t length = strlen(shown);
  if (length > 0 && shown[length - 1] == ' ') shown[length - 1] = 0; // no name
  StringBuilder b;
  vm_builder_init(&b, iso);
  describe_place(iso, &b, place);
  String *path = vm_builder_finish(&b);
  if (path == NULL) return false;
  if (string_length(path) == 0) {
    rt_throw_dom_exception(iso, "DataCloneError", "%s could not be cloned.",
                           shown);
    return false;
  }
  char *text = vm_string_to_utf8(iso, path, NULL);
  if (text == NULL) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  rt_throw_dom_exception(iso, "DataCloneError",
                         "%s could not be cloned (at %s).", shown, text);
  free(text);
  return false;
}

// Objects ---------------------------------------------------------------------

static bool number_object(CloneWriter *w, Object *o) {
  return clone_number_cell(w, value_from_cell(o));
}

// An own property that the walk has come to: it may be gone by now.
static bool write_property(CloneWriter *w, Object *o, PropertyKey key,
                           const Place *place) {
  Isolate *iso = w->isolate;
  PropertyDescriptor d;
  Tri found = vm_get_own_property(iso, o, key, &d);
  if (found <= 0) return found == 0;
  if (!(d.attributes & PROPERTY_ENUMERABLE)) return true;
  Value value = descriptor_is_accessor(&d) ? vm_get(iso, o, key) : d.value;
  if (value_is_exception(value)) return false;
  Place here = {.parent = place, .key = key};
  return clone_put_key(w, key) && rt_clone_write_value(w, value, &here);
}

// EnumerableOwnProperties, keys from index `from` on. The list of keys is made
// first.
static bool write_keys(CloneWriter *w, Object *o, uint32_t from,
                       const Place *place) {
  KeyList keys;
  vm_key_list_init(&keys);
  bool done = vm_own_keys(w->isolate, o, &keys);
  for (uint32_t i = 0; done && i < keys.count; i++) {
    PropertyKey key = keys.keys[i];
    if (key_is_symbol(key) || (key_is_index(key) && key_as_index(key) < from)) {
      continue;
    }
    done = write_property(w, o, key, place);
  }
  return done && clone_put_tag(w, CLONE_END);
}

// A shared shape's entries never change: they are the list of keys, whatever
// getters do to the object on the way.
static bool write_by_shape(CloneWriter *w, Object *o, const Place *place) {
  Shape *shape = o->shape;
  ShapeTable *table = vm_shape_table(w->isolate, shape);
  for (uint32_t i = 0; i < shape->property_count; i++) {
    ShapeEntry e = table->entries[i];
    if (key_is_symbol(e.key) || !(e.attributes & PROPERTY_ENUMERABLE)) continue;
    if (unlikely(o->shape != shape || (e.attributes & PROPERTY_ACCESSOR))) {
      if (!write_property(w, o, e.key, place)) return false;
      continue;
    }
    Place here = {.parent = place, .key = e.key};
    if (!clone_put_key(w, e.key) ||
        !rt_clone_write_value(w, *object_slot(o, e.slot), &here)) {
      return false;
    }
  }
  return clone_put_tag(w, CLONE_END);
}

static bool write_properties(CloneWriter *w, Object *o, const Place *place) {
  bool is_plain =
      object_kind(o) == CELL_OBJECT && !(o->cell.flags & OBJECT_EXOTIC) &&
      !(o->shape->cell.flags &
        (SHAPE_UNIQUE | SHAPE_LAZY | SHAPE_EXOTIC_ELEMENTS)) &&
      !object_has_sparse_elements(o) && elements_length(o->elements) == 0;
  return is_plain ? write_by_shape(w, o, place) : write_keys(w, o, 0, place);
}

static bool write_array(CloneWriter *w, Array *a, bool is_derived,
                        const Place *place) {
  Object *o = &a->object;
  uint32_t dense =
      object_has_sparse_elements(o) ? 0 : elements_length(o->elements);
  if (!clone_put_tag(w, CLONE_ARRAY) || !clone_put_number(w, a->length) ||
      !clone_put_number(w, dense)) {
    return false;
  }
  for (uint32_t i = 0; i < dense; i++) {
    Value value = VALUE_EMPTY;
    if (!object_has_sparse_elements(o) && i < elements_length(o->elements)) {
      value = o->elements->values[i];
    } else {
      // A getter has changed the array under way.
      PropertyDescriptor d;
      Tri found = vm_get_own_property(w->isolate, o, key_from_index(i), &d);
      if (found == TRI_THREW) return false;
      if (found && (d.attributes & PROPERTY_ENUMERABLE)) {
        value = vm_get(w->isolate, o, key_from_index(i));
        if (value_is_exception(value)) return false;
      }
    }
    Place here = {.parent = place, .key = key_from_index(i)};
    if (value == VALUE_EMPTY ? !clone_put_tag(w, CLONE_HOLE)
                             : !rt_clone_write_value(w, value, &here)) {
      return false;
    }
  }
  // Mostly there is nothing else, or its members follow.
  if ((o->shape->property_count == 0 && !object_has_sparse_elements(o)) ||
      is_derived) {
    return clone_put_tag(w, CLONE_END);
  }
  return write_keys(w, o, dense, place);
}

static bool write_collection(CloneWriter *w, MapObject *m, const Place *place) {
  Isolate *iso = w->isolate;
  bool is_map = object_kind(&m->object) == CELL_MAP;
  // What the collection holds now: getters of its members may change it.
  Array *content = vm_array_new(iso, vm_hash_table_live(m->table));
  HashTable *table = m->table;
  uint32_t index = 0;
  const HashEntry *e;
  while ((e = vm_hash_table_next(&table, &index)) != NULL) {
    if (!vm_array_push(iso, content, e->key) ||
        (is_map && !vm_array_push(iso, content, e->value))) {
      return false;
    }
  }
  if (!clone_put_tag(w, is_map ? CLONE_MAP : CLONE_SET)) return false;
  Place entry = {.parent = place, .note = is_map ? "<key>" : "<member>"};
  Place value = {.parent = place, .note = "<value>"};
  for (uint32_t i = 0; i < content->length; i++) {
    const Place *here = is_map && i % 2 == 1 ? &value : &entry;
    if (!rt_clone_write_value(w, content->object.elements->values[i], here)) {
      return false;
    }
  }
  return clone_put_tag(w, CLONE_END);
}

static ErrorType error_type_named(Value name) {
  static const struct {
    const char *name;
    ErrorType type;
  } types[] = {
      {"EvalError", ERROR_EVAL},           {"RangeError", ERROR_RANGE},
      {"ReferenceError", ERROR_REFERENCE}, {"SyntaxError", ERROR_SYNTAX},
      {"TypeError", ERROR_TYPE},           {"URIError", ERROR_URI}};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    if (name == value_from_cell(vm_atom_from_c(types[i].name))) {
      return types[i].type;
    }
  }
  return ERROR_ERROR;
}

// An own data property: EMPTY if there is none. False: threw.
static bool own_data(CloneWriter *w, Object *o, PropertyKey key, Value *out) {
  PropertyDescriptor d;
  Tri found = vm_get_own_property(w->isolate, o, key, &d);
  *out = found > 0 && descriptor_is_data(&d) ? d.value : VALUE_EMPTY;
  return found != TRI_THREW;
}

static bool write_optional_text(CloneWriter *w, Value value) {
  if (value == VALUE_EMPTY) return clone_put_tag(w, CLONE_HOLE);
  String *text = vm_to_string(w->isolate, value);
  return text != NULL && clone_put_string(w, text);
}

// Of an error whose members follow: the stack.
static bool write_derived_error(CloneWriter *w, Object *o) {
  Value stack = vm_error_stack(w->isolate, (ErrorObject *)o);
  return !value_is_exception(stack) && clone_put_tag(w, CLONE_ERROR) &&
         clone_put_number(w, ERROR_ERROR) && clone_put_tag(w, CLONE_HOLE) &&
         write_optional_text(w, value_is_string(stack) ? stack : VALUE_EMPTY) &&
         clone_put_tag(w, CLONE_HOLE);
}

static bool write_error(CloneWriter *w, Object *o, const Place *place) {
  Isolate *iso = w->isolate;
  Value name = vm_get(iso, o, KEY(name));
  if (value_is_exception(name)) return false;
  if (name != VALUE_UNDEFINED) {
    String *text = vm_to_string(iso, name);
    if (text == NULL || (text = vm_string_intern(iso, text)) == NULL) {
      return false;
    }
    name = value_from_cell(text);
  }
  Value message, cause;
  Value stack = vm_error_stack(iso, (ErrorObject *)o);
  if (value_is_exception(stack) || !own_data(w, o, KEY(message), &message) ||
      !own_data(w, o, KEY(cause), &cause) || !clone_put_tag(w, CLONE_ERROR) ||
      !clone_put_number(w, error_type_named(name)) ||
      !write_optional_text(w, message) ||
      !write_optional_text(w, value_is_string(stack) ? stack : VALUE_EMPTY)) {
    return false;
  }
  if (cause == VALUE_EMPTY) return clone_put_tag(w, CLONE_HOLE);
  Place here = {.parent = place, .key = KEY(cause)};
  return rt_clone_write_value(w, cause, &here);
}

// Buffers ---------------------------------------------------------------

static bool write_shared_buffer(CloneWriter *w, ArrayBuffer *b) {
  Clone *c = w->out;
  SharedBytes **shared =
      realloc(c->shared, (c->shared_count + 1) * sizeof *shared);
  if (shared == NULL) {
    vm_throw_out_of_memory(w->isolate);
    return false;
  }
  c->shared = shared;
  vm_shared_bytes_retain(b->shared);
  c->shared[c->shared_count] = b->shared;
  return clone_put_tag(w, CLONE_SHARED_BUFFER) &&
         clone_put_number(w, c->shared_count++);
}

static bool write_buffer(CloneWriter *w, ArrayBuffer *b) {
  if (buffer_is_shared(b)) return write_shared_buffer(w, b);
  if (buffer_is_detached(b)) {
    rt_throw_dom_exception(w->isolate, "DataCloneError",
                           "An ArrayBuffer is detached and could not be "
                           "cloned.");
    return false;
  }
  bool is_resizable = buffer_is_resizable(b);
  return clone_put_tag(w,
                       is_resizable ? CLONE_RESIZABLE_BUFFER : CLONE_BUFFER) &&
         (!is_resizable || clone_put_number(w, b->max_length)) &&
         clone_put_number(w, b->length) &&
         clone_put_bytes(w, b->bytes, b->length);
}

static bool write_view(CloneWriter *w, Object *o, const Place *place) {
  bool is_data_view = object_kind(o) == CELL_DATA_VIEW;
  TypedArray *t = (TypedArray *)o;
  DataView *v = (DataView *)o;
  uint8_t *bytes;
  size_t length;
  if (is_data_view ? !vm_data_view_range(v, &bytes, &length)
                   : vm_typed_array_is_out_of_bounds(t)) {
    return rt_clone_refuse(w, value_from_cell(o), place);
  }
  ArrayBuffer *buffer = is_data_view ? v->buffer : t->buffer;
  bool tracks =
      (is_data_view ? v->view_flags : t->view_flags) & VIEW_TRACKS_LENGTH;
  if (!is_data_view) length = vm_typed_array_length(t);
  int kind = is_data_view ? CLONE_DATA_VIEW : (int)typed_array_kind(t);
  Place here = {.parent = place, .note = ".buffer"};
  return clone_put_tag(w, CLONE_VIEW) && clone_put_number(w, (uint64_t)kind) &&
         rt_clone_write_value(w, value_from_cell(buffer), &here) &&
         clone_put_number(w, is_data_view ? v->byte_offset : t->byte_offset) &&
         clone_put_number(w, tracks ? 0 : length + 1) && number_object(w, o);
}

// Platform objects ------------------------------------------------------------

Value rt_clone_hooks_of(Isolate *iso, Object *o) {
  Object *object_prototype = INTRINSIC_OBJECT(iso, ObjectPrototype);
  Object *p = o->shape->prototype;
  if (p == object_prototype || p == NULL) return VALUE_EMPTY;
  Symbol *mark = rt_platform_symbol(iso);
  for (; p != NULL && p != object_prototype; p = p->shape->prototype) {
    PropertySlot slot;
    if (object_kind(p) == CELL_PROXY) return VALUE_EMPTY;
    if (vm_shape_lookup(iso, p->shape, key_from_symbol(mark), &slot)) {
      return *object_slot(p, slot.slot);
    }
  }
  return VALUE_EMPTY;
}

// hooks.serialize(o) or hooks.transfer(o): data, or undefined: it only looks
// like one of the class. EXCEPTION: threw, or there is no such hook.
static Value call_hook(CloneWriter *w, Value hooks, Object *o, const char *name,
                       const Place *place) {
  Isolate *iso = w->isolate;
  Value self = value_from_cell(o), hook = VALUE_UNDEFINED;
  if (value_is_object(hooks)) {
    hook = vm_get(iso, value_as_object(hooks), vm_key_from_c(name));
    if (value_is_exception(hook)) return hook;
  }
  if (hook == VALUE_UNDEFINED) {
    rt_clone_refuse(w, self, place);
    return VALUE_EXCEPTION;
  }
  return vm_call(iso, hook, hooks, 1, &self);
}

static bool put_platform(CloneWriter *w, CloneTag tag, Value hooks, Value data,
                         const Place *place) {
  Isolate *iso = w->isolate;
  Value module = vm_get(iso, value_as_object(hooks), vm_key_from_c("module"));
  if (value_is_exception(module)) return false;
  Value kind = vm_get(iso, value_as_object(hooks), vm_key_from_c("kind"));
  if (value_is_exception(kind)) return false;
  return clone_put_tag(w, tag) &&
         clone_put_string(w, value_as_string(module)) &&
         clone_put_string(w, value_as_string(kind)) &&
         rt_clone_write_value(w, data, place);
}

// 1: it was one, and is written; 0: it is none.
static Tri write_platform(CloneWriter *w, Object *o, const Place *place) {
  Value hooks = rt_clone_hooks_of(w->isolate, o);
  if (hooks == VALUE_EMPTY) return 0;
  const char *hook = w->is_moving ? "transfer" : "serialize";
  Value data = call_hook(w, hooks, o, hook, place);
  if (value_is_exception(data)) return TRI_THREW;
  if (data == VALUE_UNDEFINED) return 0;
  if (w->is_moving) {
    return put_platform(w, CLONE_MOVED, hooks, data, place) ? 1 : TRI_THREW;
  }
  return number_object(w, o) &&
                 put_platform(w, CLONE_PLATFORM, hooks, data, place)
             ? 1
             : TRI_THREW;
}

// Values ----------------------------------------------------------------

// A handle of rill:sync, which a hook of its class gave.
static bool write_handle(CloneWriter *w, HostObject *o, const Place *place) {
  Clone *c = w->out;
  if (!rt_is_sync_handle(o)) {
    return rt_clone_refuse(w, value_from_cell(o), place);
  }
  struct SyncHandle **handles =
      realloc(c->handles, (c->handle_count + 1) * sizeof(struct SyncHandle *));
  if (handles == NULL) {
    vm_throw_out_of_memory(w->isolate);
    return false;
  }
  c->handles = handles;
  Tri taken = rt_sync_handle_take(w->isolate, o, &handles[c->handle_count]);
  if (taken == 0) return rt_clone_refuse(w, value_from_cell(o), place);
  if (taken < 0) return false;
  return clone_put_tag(w, CLONE_HANDLE) &&
         clone_put_number(w, c->handle_count++);
}

// As others of its kind.
static bool write_kind(CloneWriter *w, Object *o, bool is_derived,
                       const Place *place) {
  Isolate *iso = w->isolate;
  CellKind kind = object_kind(o);
  if (kind == CELL_TYPED_ARRAY || kind == CELL_DATA_VIEW) {
    return write_view(w, o, place);
  }
  if (!number_object(w, o)) return false;
  switch (kind) {
  case CELL_BOOLEAN:
  case CELL_NUMBER:
  case CELL_STRING_OBJECT:
  case CELL_BIGINT_OBJECT:
    return clone_put_tag(w, CLONE_PRIMITIVE) &&
           rt_clone_write_value(w, ((PrimitiveObject *)o)->value, place);
  case CELL_HOST_OBJECT:
    return write_handle(w, (HostObject *)o, place);
  case CELL_DATE:
    return clone_put_double(w, CLONE_DATE, ((DateObject *)o)->time);
  case CELL_REGEXP: {
    const RegExpObject *r = (const RegExpObject *)o;
    Value flags = vm_regexp_original_flags(iso, r);
    return !value_is_exception(flags) && clone_put_tag(w, CLONE_REGEXP) &&
           clone_put_string(w, r->source) &&
           clone_put_string(w, value_as_string(flags));
  }
  case CELL_ARRAY_BUFFER:
  case CELL_SHARED_ARRAY_BUFFER:
    return write_buffer(w, (ArrayBuffer *)o);
  case CELL_MAP:
  case CELL_SET:
    return write_collection(w, (MapObject *)o, place);
  case CELL_ERROR:
    return is_derived ? write_derived_error(w, o) : write_error(w, o, place);
  case CELL_ARRAY:
    return write_array(w, (Array *)o, is_derived, place);
  case CELL_OBJECT:
  case CELL_ARGUMENTS:
    return clone_put_tag(w, CLONE_OBJECT) && write_properties(w, o, place);
  default:
    return rt_clone_refuse(w, value_from_cell(o), place);
  }
}

// The usual prototype of a kind whose classes scripts may derive from: its
// place in the intrinsics + 1.
static const uint16_t usual_prototypes[CELL_KIND_COUNT] = {
    [CELL_OBJECT] = INTRINSIC_ObjectPrototype + 1,
    [CELL_ARRAY] = INTRINSIC_ArrayPrototype + 1,
    [CELL_MAP] = INTRINSIC_MapPrototype + 1,
    [CELL_SET] = INTRINSIC_SetPrototype + 1,
    [CELL_DATE] = INTRINSIC_DatePrototype + 1,
    [CELL_REGEXP] = INTRINSIC_RegExpPrototype + 1,
    [CELL_ARRAY_BUFFER] = INTRINSIC_ArrayBufferPrototype + 1,
    [CELL_SHARED_ARRAY_BUFFER] = INTRINSIC_SharedArrayBufferPrototype + 1,
    [CELL_TYPED_ARRAY] = INTRINSIC_Uint8ArrayPrototype + 1,
    [CELL_DATA_VIEW] = INTRINSIC_DataViewPrototype + 1,
    [CELL_BOOLEAN] = INTRINSIC_BooleanPrototype + 1,
    [CELL_NUMBER] = INTRINSIC_NumberPrototype + 1,
    [CELL_STRING_OBJECT] = INTRINSIC_StringPrototype + 1,
    [CELL_BIGINT_OBJECT] = INTRINSIC_BigIntPrototype + 1,
};

// Certainly of no class but the usual one of its kind, without private members,
// and no prototype: those of classes begin with a hidden member.
static inline bool is_plain(Isolate *iso, const Object *o, CellKind kind) {
  const Shape *shape = o->shape;
  uint16_t usual = usual_prototypes[kind];
  if (kind == CELL_ERROR) return false; // it may have a `code`
  if (usual == 0) return kind == CELL_PROXY || !object_is_callable(o);
  if (shape->prototype != iso->realm->intrinsics[usual - 1]) return false;
  if (kind != CELL_OBJECT) return !(shape->cell.flags & SHAPE_HAS_SYMBOL_KEYS);
  return !(shape->cell.flags &
           (SHAPE_IS_PROTOTYPE | SHAPE_HAS_SYMBOL_KEYS | SHAPE_LAZY)) &&
         (shape->property_count == 0 ||
          (shape->table != NULL &&
           shape->table->entries[0].attributes == PROPERTY_DEFAULT));
}

// The buffer of a view; NULL: it is none.
static Object *buffer_of(Object *o, CellKind kind) {
  return kind == CELL_TYPED_ARRAY ? (Object *)((TypedArray *)o)->buffer
         : kind == CELL_DATA_VIEW ? (Object *)((DataView *)o)->buffer
                                  : NULL;
}

// With functions and classes.
static bool write_shipped(CloneWriter *w, Object *o, const Place *place) {
  CellKind kind = object_kind(o);
  Object *buffer = buffer_of(o, kind);
  if (unlikely(buffer != NULL && w->keeps_classes) &&
      !is_plain(w->isolate, buffer, object_kind(buffer)) &&
      vm_hash_table_find(w->isolate, w->seen, value_from_cell(buffer)) ==
          NULL) {
    // Its members may lead to the view: it comes first, and is known by then.
    Place here = {.parent = place, .note = ".buffer"};
    return clone_put_tag(w, CLONE_OF_CLASS) &&
           rt_clone_write_value(w, value_from_cell(buffer), &here) &&
           rt_clone_write_value(w, value_from_cell(o), place);
  }
  if (likely(is_plain(w->isolate, o, kind))) {
    return write_kind(w, o, false, place);
  }
  if (object_is_callable(o)) {
    return rt_clone_write_function(w, o, place);
  }
  if (!w->keeps_classes) return write_kind(w, o, false, place);
  // Objects of the language have no shapes that others share.
  Tri done = o->shape->cell.flags & (SHAPE_UNIQUE | SHAPE_IS_PROTOTYPE)
                 ? rt_clone_write_intrinsic(w, o)
                 : 0;
  if (done != 0) return done > 0;
  done = kind == CELL_OBJECT ? rt_clone_write_instance(w, o, place)
                             : rt_clone_begin_derived(w, o, place);
  if (done == TRI_THREW) return false;
  if (done == 0) return write_kind(w, o, false, place);
  if (kind == CELL_OBJECT) return true;
  // Its class may have led to it.
  Value self = value_from_cell(o);
  if (vm_hash_table_find(w->isolate, w->seen, self) != NULL) {
    return rt_clone_write_value(w, self, place);
  }
  return write_kind(w, o, true, place) && rt_clone_write_members(w, o, place);
}

static bool write_object(CloneWriter *w, Object *o, const Place *place) {
  CellKind kind = object_kind(o);
  if (kind == CELL_OBJECT || kind == CELL_ERROR) {
    Tri done = write_platform(w, o, place);
    if (done != 0) return done > 0;
  }
  return w->ships_code ? write_shipped(w, o, place)
                       : write_kind(w, o, false, place);
}

bool rt_clone_write_value(CloneWriter *w, Value value, const Place *place) {
  if (!vm_step(w->isolate)) return false;
  if (value_is_int(value)) {
    int32_t i = value_as_int(value);
    return clone_put_tag(w, CLONE_INT) &&
           clone_put_number(w, ((uint32_t)i << 1) ^ (uint32_t)(i >> 31));
  }
  if (value_is_number(value)) {
    return clone_put_double(w, CLONE_DOUBLE, value_as_number(value));
  }
  if (value_is_string(value))
    return clone_put_string(w, value_as_string(value));
  if (value_is_object(value)) {
    const HashEntry *known = vm_hash_table_find(w->isolate, w->seen, value);
    if (known != NULL) {
      return clone_put_tag(w, CLONE_REFERENCE) &&
             clone_put_number(w, (uint64_t)value_as_number(known->value));
    }
    return vm_check_stack(w->isolate) &&
           write_object(w, value_as_object(value), place);
  }
  if (value_is_bigint(value)) {
    BigInt *b = (BigInt *)value_as_cell(value);
    uint32_t limbs = bigint_limb_count(b);
    return clone_put_tag(w, CLONE_BIGINT) &&
           clone_put_number(w, bigint_is_negative(b)) &&
           clone_put_number(w, limbs) &&
           clone_put_bytes(w, b->limbs, limbs * 8);
  }
  if (value_is_symbol(value)) {
    return w->ships_code ? rt_clone_write_symbol(w, value_as_symbol(value))
                         : rt_clone_refuse(w, value, place);
  }
  return clone_put_tag(w, value == VALUE_NULL    ? CLONE_NULL
                          : value == VALUE_TRUE  ? CLONE_TRUE
                          : value == VALUE_FALSE ? CLONE_FALSE
                                                 : CLONE_UNDEFINED);
}

// Transfer --------------------------------------------------------------

static bool throw_cannot_transfer(Isolate *iso, const char *why) {
  rt_throw_dom_exception(iso, "DataCloneError", "%s", why);
  return false;
}

static Value transfer_at(CloneWriter *w, uint32_t i) {
  return w->transfer->object.elements->values[i];
}

// The transfer list's objects are known before the walk begins.
static bool number_transferables(CloneWriter *w) {
  Isolate *iso = w->isolate;
  for (uint32_t i = 0; i < w->transfer->length; i++) {
    Value value = transfer_at(w, i);
    if (!value_is_object(value)) {
      return throw_cannot_transfer(iso, "Value not transferable");
    }
    Object *o = value_as_object(value);
    if (vm_hash_table_find(iso, w->seen, value) != NULL) {
      return throw_cannot_transfer(iso,
                                   "The transfer list contains a duplicate");
    }
    if (value_is_array_buffer(value)) {
      ArrayBuffer *b = (ArrayBuffer *)o;
      if (buffer_is_immutable(b) || b->detach_key != VALUE_UNDEFINED) {
        return throw_cannot_transfer(iso,
                                     "An ArrayBuffer cannot be detached "
                                     "and could not be transferred.");
      }
    } else {
      Value hooks = rt_clone_hooks_of(iso, o);
      if (!value_is_object(hooks)) {
        return throw_cannot_transfer(
            iso, "Found invalid object in the transfer list");
      }
      Value hook =
          vm_get(iso, value_as_object(hooks), vm_key_from_c("transfer"));
      if (value_is_exception(hook)) return false;
      if (hook == VALUE_UNDEFINED) {
        return throw_cannot_transfer(
            iso, "Found invalid object in the transfer list");
      }
    }
    if (!number_object(w, o)) return false;
  }
  return true;
}

static bool move_buffer(CloneWriter *w, ArrayBuffer *b) {
  Isolate *iso = w->isolate;
  if (buffer_is_detached(b)) {
    return throw_cannot_transfer(
        iso, "An ArrayBuffer is detached and could not be transferred.");
  }
  Clone *c = w->out;
  CloneBuffer *to = &c->buffers[c->buffer_count];
  to->is_resizable = buffer_is_resizable(b);
  to->max_length = b->max_length;
  if (!vm_array_buffer_take(iso, b, &to->bytes, &to->length, &to->release,
                            &to->release_data)) {
    return false;
  }
  return clone_put_tag(w, CLONE_MOVED_BUFFER) &&
         clone_put_number(w, c->buffer_count++);
}

// Written behind the value, in the order of the list. What hooks say of an
// object is a value of its own, with its own numbers.
static bool write_transferables(CloneWriter *w) {
  Isolate *iso = w->isolate;
  uint32_t count = w->transfer->length;
  w->out->buffers = calloc(count + 1, sizeof *w->out->buffers);
  if (w->out->buffers == NULL) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  Place root = {.parent = NULL};
  w->is_moving = true;
  for (uint32_t i = 0; i < count; i++) {
    Object *o = value_as_object(transfer_at(w, i));
    if (object_kind(o) == CELL_ARRAY_BUFFER) {
      if (!move_buffer(w, (ArrayBuffer *)o)) return false;
      continue;
    }
    Value hooks = rt_clone_hooks_of(iso, o);
    Value data = call_hook(w, hooks, o, "transfer", &root);
    w->seen = vm_hash_table_new(iso, 4);
    w->count = w->name_count = 0;
    memset(w->names, 0, sizeof w->names);
    if (value_is_exception(data) || w->seen == NULL ||
        !put_platform(w, CLONE_MOVED, hooks, data, &root)) {
      return false;
    }
  }
  return true;
}

bool rt_clone_serialize_parts(Isolate *iso, const ClonePart *parts,
                              uint32_t count, Array *transfer, CloneScope scope,
                              Clone *out) {
  memset(out, 0, sizeof *out);
  CloneWriter w;
  memset(&w, 0, sizeof w);
  w.isolate = iso;
  w.out = out;
  w.transfer = transfer;
  w.ships_code = scope != CLONE_DATA;
  w.keeps_classes = scope == CLONE_CODE;
  w.seen = vm_hash_table_new(iso, 4);
  Place root = {.parent = NULL};
  Runtime *rt = rt_of(iso);
  w.limit = rt->options.max_heap_bytes;
  rt_shipped_trim(rt);
  rt->shipping++;
  bool done = w.seen != NULL && (transfer == NULL || number_transferables(&w));
  for (uint32_t i = 0; done && i < count; i++) {
    Place part = {.parent = &root, .note = parts[i].note};
    done = rt_clone_write_value(&w, parts[i].value,
                                parts[i].note == NULL ? &root : &part);
  }
  out->transfer_start = out->length;
  if (done && transfer != NULL) done = write_transferables(&w);
  if (w.ships_code && !rt_clone_finish_environments(&w, done)) done = false;
  rt->shipping--;
  if (!done) rt_clone_free(out);
  return done;
}

bool rt_clone_serialize(Isolate *iso, Value value, Array *transfer,
                        Clone *out) {
  ClonePart part = {value, NULL};
  return rt_clone_serialize_parts(iso, &part, 1, transfer, CLONE_DATA, out);
}
