// SPDX-License-Identifier: MIT
// StructuredDeserialize (WHATWG HTML 2.7.6). The bytes were written by this
// process: they are trusted.
#include <stdlib.h>

#include "runtime/modules/loader.h"
#include "runtime/runtime.h"
#include "runtime/tasks/sync_handles.h"
#include "runtime/tasks/tasks_internal.h"
#include "runtime/values.h"
#include "runtime/web/clone_internal.h"
#include "vm/builtins/regexp.h"
#include "vm/objects/bigint.h"
#include "vm/objects/charge.h"
#include "vm/objects/date_object.h"
#include "vm/objects/elements.h"
#include "vm/objects/error_object.h"
#include "vm/objects/hash_table.h"

// A string or CLONE_HOLE: EMPTY. EXCEPTION: threw.
static Value get_optional_text(CloneReader *r) {
  CloneTag tag = (CloneTag)*r->at++;
  if (tag == CLONE_HOLE) return VALUE_EMPTY;
  return rt_string_value(clone_get_string(r, tag));
}

// 1 and a key, 0 at the end, or TRI_THREW.
static Tri get_key(CloneReader *r, PropertyKey *key) {
  Isolate *iso = r->isolate;
  if (!vm_step(iso)) return TRI_THREW;
  CloneTag tag = (CloneTag)*r->at++;
  switch (tag) {
  case CLONE_END:
    return 0;
  case CLONE_INDEX:
    *key = key_from_index((uint32_t)clone_get_number(r));
    return 1;
  case CLONE_KNOWN_NAME:
    *key = key_from_atom(value_as_string(
        r->names->object.elements->values[clone_get_number(r)]));
    return 1;
  default: {
    String *name = clone_get_string(r, tag);
    String *atom = name == NULL ? NULL : vm_string_intern(iso, name);
    if (atom == NULL || !clone_list_push(r, &r->names, value_from_cell(atom))) {
      return TRI_THREW;
    }
    *key = key_from_atom(atom);
    return 1;
  }
  }
}

static bool number_object(CloneReader *r, void *object) {
  return clone_number_read(r, object);
}

bool rt_clone_read_properties(CloneReader *r, Object *o) {
  for (;;) {
    PropertyKey key = 0;
    Tri more = get_key(r, &key);
    if (more <= 0) return more == 0;
    Value value = rt_clone_read_value(r);
    if (value_is_exception(value) ||
        !vm_create_data_or_throw(r->isolate, o, key, value)) {
      return false;
    }
  }
}

static Value read_array(CloneReader *r) {
  Isolate *iso = r->isolate;
  uint32_t length = (uint32_t)clone_get_number(r),
           dense = (uint32_t)clone_get_number(r);
  Array *a = vm_array_new(iso, dense);
  if (!number_object(r, a)) return VALUE_EXCEPTION;
  for (uint32_t i = 0; i < dense; i++) {
    if (*r->at == CLONE_HOLE) {
      r->at++;
      continue;
    }
    Value value = rt_clone_read_value(r);
    if (value_is_exception(value)) return value;
    bool done = a->length == i ? vm_array_push(iso, a, value)
                               : vm_create_data_or_throw(
                                     iso, &a->object, key_from_index(i), value);
    if (!done) return VALUE_EXCEPTION;
  }
  if (a->length < length && vm_array_set_length(iso, a, length) == TRI_THREW) {
    return VALUE_EXCEPTION;
  }
  return rt_clone_read_properties(r, &a->object) ? value_from_cell(a)
                                                 : VALUE_EXCEPTION;
}

static Value read_collection(CloneReader *r, bool is_map) {
  Isolate *iso = r->isolate;
  MapObject *m =
      vm_object_allocate(iso, is_map ? CELL_MAP : CELL_SET, sizeof *m,
                         is_map ? INTRINSIC_OBJECT(iso, MapPrototype)
                                : INTRINSIC_OBJECT(iso, SetPrototype));
  gc_publish(&m->table, vm_hash_table_new(iso, 4));
  if (m->table == NULL || !number_object(r, m)) return VALUE_EXCEPTION;
  while (*r->at != CLONE_END) {
    Value key = rt_clone_read_value(r);
    if (value_is_exception(key)) return key;
    Value value = is_map ? rt_clone_read_value(r) : VALUE_UNDEFINED;
    if (value_is_exception(value) ||
        !vm_hash_table_set(iso, &m->table, key, is_map ? value : key)) {
      return VALUE_EXCEPTION;
    }
  }
  r->at++;
  return value_from_cell(m);
}

static Value read_error(CloneReader *r) {
  Isolate *iso = r->isolate;
  ErrorType type = (ErrorType)clone_get_number(r);
  Value message = get_optional_text(r);
  Value stack = value_is_exception(message) ? message : get_optional_text(r);
  if (value_is_exception(stack)) return stack;
  Object *o = vm_error_new(
      iso, type, message == VALUE_EMPTY ? NULL : value_as_string(message));
  if (!number_object(r, o)) return VALUE_EXCEPTION;
  if (stack != VALUE_EMPTY) {
    gc_store_word(iso->heap, &((ErrorObject *)o)->stack, stack);
  }
  if (*r->at == CLONE_HOLE) {
    r->at++;
    return value_from_cell(o);
  }
  Value cause = rt_clone_read_value(r);
  if (value_is_exception(cause)) return cause;
  vm_put(iso, o, KEY(cause), cause, PROPERTY_HIDDEN);
  return value_from_cell(o);
}

static Value read_regexp(CloneReader *r) {
  String *source = clone_get_string(r, (CloneTag)*r->at++);
  if (source == NULL) return VALUE_EXCEPTION;
  String *flags = clone_get_string(r, (CloneTag)*r->at++);
  if (flags == NULL) return VALUE_EXCEPTION;
  Object *o = vm_regexp_new(r->isolate, source, flags);
  return number_object(r, o) ? value_from_cell(o) : VALUE_EXCEPTION;
}

static ArrayBuffer *new_resizable(Isolate *iso, const uint8_t *bytes,
                                  size_t length, size_t max_length) {
  double max = (double)max_length;
  Value constructor = value_from_cell(INTRINSIC_OBJECT(iso, ArrayBuffer));
  ArrayBuffer *b =
      vm_array_buffer_allocate(iso, constructor, (double)length, &max);
  if (b != NULL && length > 0) memcpy(b->bytes, bytes, length);
  return b;
}

static Value read_buffer(CloneReader *r, bool is_resizable) {
  Isolate *iso = r->isolate;
  size_t max_length = is_resizable ? clone_get_number(r) : 0;
  size_t length = clone_get_number(r);
  const uint8_t *bytes = r->at;
  r->at += length;
  ArrayBuffer *b;
  if (is_resizable) {
    b = new_resizable(iso, bytes, length, max_length);
  } else {
    b = vm_array_buffer_new(iso, length);
    if (b != NULL && length > 0) memcpy(b->bytes, bytes, length);
  }
  return number_object(r, b) ? value_from_cell(b) : VALUE_EXCEPTION;
}

static Value read_moved_buffer(CloneReader *r) {
  Isolate *iso = r->isolate;
  CloneBuffer *from = &r->clone->buffers[clone_get_number(r)];
  ArrayBuffer *b;
  if (from->is_resizable) {
    b = new_resizable(iso, from->bytes, from->length, from->max_length);
  } else {
    b = vm_array_buffer_adopt(iso, from->bytes, from->length, from->release,
                              from->release_data);
    if (b != NULL) from->bytes = NULL; // it belongs to the buffer now
  }
  return b == NULL ? VALUE_EXCEPTION : value_from_cell(b);
}

static Value read_view(CloneReader *r) {
  Isolate *iso = r->isolate;
  int kind = (int)clone_get_number(r);
  Value buffer = rt_clone_read_value(r);
  if (value_is_exception(buffer)) return buffer;
  ArrayBuffer *b = (ArrayBuffer *)value_as_cell(buffer);
  size_t offset = clone_get_number(r), length = clone_get_number(r);
  bool tracks = length == 0;
  void *view;
  if (kind == CLONE_DATA_VIEW) {
    DataView *v = vm_data_view_new(
        iso, b, offset, tracks ? buffer_length(b) - offset : length - 1);
    if (v != NULL && tracks) v->view_flags |= VIEW_TRACKS_LENGTH;
    view = v;
  } else {
    ElementKind type = (ElementKind)kind;
    if (tracks) length = (buffer_length(b) - offset) >> vm_element_shifts[type];
    TypedArray *t =
        vm_typed_array_new(iso, type, b, offset, tracks ? length : length - 1);
    if (t != NULL && tracks) {
      vm_typed_array_attach(iso, t, type, b, offset, 0, true);
    }
    view = t;
  }
  return number_object(r, view) ? value_from_cell(view) : VALUE_EXCEPTION;
}

// The module's receive(kind, data, was it transferred).
static Value receive(CloneReader *r, bool is_moved) {
  Isolate *iso = r->isolate;
  String *module = clone_get_string(r, (CloneTag)*r->at++);
  if (module == NULL) return VALUE_EXCEPTION;
  String *kind = clone_get_string(r, (CloneTag)*r->at++);
  if (kind == NULL) return VALUE_EXCEPTION;
  // It has its number before its data's objects have theirs.
  uint32_t number = r->objects == NULL ? 0 : r->objects->length;
  if (!is_moved && !clone_list_push(r, &r->objects, VALUE_UNDEFINED)) {
    return VALUE_EXCEPTION;
  }
  Value data = rt_clone_read_value(r);
  if (value_is_exception(data)) return data;
  char *name = vm_string_to_utf8(iso, module, NULL);
  if (name == NULL) return vm_throw_out_of_memory(iso);
  Value exports = rt_builtin_namespace(rt_of(iso), name);
  free(name);
  if (value_is_exception(exports)) return exports;
  Value function =
      vm_get(iso, value_as_object(exports), vm_key_from_c("receive"));
  if (value_is_exception(function)) return function;
  Value arguments[] = {value_from_cell(kind), data, value_from_bool(is_moved)};
  Value made = vm_call(iso, function, VALUE_UNDEFINED, 3, arguments);
  if (!is_moved && !value_is_exception(made) &&
      !vm_create_data_or_throw(iso, &r->objects->object, key_from_index(number),
                               made)) {
    return VALUE_EXCEPTION;
  }
  return made;
}

static Value read_primitive_object(CloneReader *r) {
  // The primitive has no number: this object's is the next.
  Value primitive = rt_clone_read_value(r);
  if (value_is_exception(primitive)) return primitive;
  Object *o = vm_to_object(r->isolate, primitive);
  return number_object(r, o) ? value_from_cell(o) : VALUE_EXCEPTION;
}

static Value read_bigint(CloneReader *r) {
  bool is_negative = clone_get_number(r) != 0;
  uint32_t limbs = (uint32_t)clone_get_number(r);
  BigInt *b = vm_bigint_new(r->isolate, limbs, is_negative);
  if (b == NULL) return VALUE_EXCEPTION;
  memcpy(b->limbs, r->at, limbs * 8);
  r->at += limbs * 8;
  return value_from_cell(b);
}

Value rt_clone_read_value(CloneReader *r) {
  Isolate *iso = r->isolate;
  CloneTag tag = (CloneTag)*r->at++;
  switch (tag) {
  case CLONE_UNDEFINED:
    return VALUE_UNDEFINED;
  case CLONE_NULL:
    return VALUE_NULL;
  case CLONE_TRUE:
    return VALUE_TRUE;
  case CLONE_FALSE:
    return VALUE_FALSE;
  case CLONE_INT: {
    uint32_t n = (uint32_t)clone_get_number(r);
    return value_from_int((int32_t)(n >> 1) ^ -(int32_t)(n & 1));
  }
  case CLONE_DOUBLE:
    return value_from_number(clone_get_double(r));
  case CLONE_BIGINT:
    return read_bigint(r);
  case CLONE_LATIN1:
  case CLONE_UTF16:
    return rt_string_value(clone_get_string(r, tag));
  case CLONE_REFERENCE:
    return r->objects->object.elements->values[clone_get_number(r)];
  case CLONE_PRIMITIVE:
    return read_primitive_object(r);
  case CLONE_DATE: {
    DateObject *date = vm_date_new(iso, clone_get_double(r));
    return number_object(r, date) ? value_from_cell(date) : VALUE_EXCEPTION;
  }
  case CLONE_REGEXP:
    return read_regexp(r);
  case CLONE_BUFFER:
  case CLONE_RESIZABLE_BUFFER:
    return read_buffer(r, tag == CLONE_RESIZABLE_BUFFER);
  case CLONE_MOVED_BUFFER:
    return read_moved_buffer(r);
  case CLONE_SHARED_BUFFER: {
    ArrayBuffer *b =
        vm_shared_array_buffer_new(iso, r->clone->shared[clone_get_number(r)]);
    return number_object(r, b) ? value_from_cell(b) : VALUE_EXCEPTION;
  }
  case CLONE_VIEW:
    return read_view(r);
  case CLONE_ARRAY:
    return read_array(r);
  case CLONE_OBJECT: {
    Object *o = vm_object_new(iso);
    return number_object(r, o) && rt_clone_read_properties(r, o)
               ? value_from_cell(o)
               : VALUE_EXCEPTION;
  }
  case CLONE_MAP:
  case CLONE_SET:
    return read_collection(r, tag == CLONE_MAP);
  case CLONE_ERROR:
    return read_error(r);
  case CLONE_PLATFORM:
  case CLONE_MOVED:
    return receive(r, tag == CLONE_MOVED);
  case CLONE_FUNCTION:
    return rt_clone_read_function(r);
  case CLONE_WHOLE_OBJECT:
    return rt_clone_read_whole_object(r, NULL, NULL);
  case CLONE_INSTANCE:
    return rt_clone_read_instance(r);
  case CLONE_DERIVED:
    return rt_clone_read_derived(r);
  case CLONE_PROTOTYPE_OF:
    return rt_clone_read_prototype_of(r);
  case CLONE_OF_CLASS: {
    Value class = rt_clone_read_value(r);
    return value_is_exception(class) ? class : rt_clone_read_value(r);
  }
  case CLONE_INTRINSIC:
  case CLONE_GLOBAL:
  case CLONE_EXPORT:
    return rt_clone_read_global(r, tag);
  case CLONE_HANDLE: {
    HostObject *o =
        rt_sync_handle_object(iso, r->clone->handles[clone_get_number(r)]);
    return number_object(r, o) &&
                   clone_list_push(r, &r->arrivals.handles, value_from_cell(o))
               ? value_from_cell(o)
               : VALUE_EXCEPTION;
  }
  case CLONE_SYMBOL:
    return rt_clone_read_symbol(r, VALUE_EMPTY);
  case CLONE_HOLE:
    return VALUE_EMPTY; // a captured variable that has no value yet
  default:
    return vm_throw_error(iso, ERROR_ERROR, "A clone is damaged");
  }
}

// Makes the transferred objects, which the value's numbers begin with.
static bool read_transferred(CloneReader *r, Array **list) {
  Clone *c = r->clone;
  r->at = c->bytes + c->transfer_start;
  while (r->at < c->bytes + c->length) {
    r->objects = r->names = NULL;
    Value object = rt_clone_read_value(r);
    if (value_is_exception(object) || !clone_list_push(r, list, object))
      return false;
  }
  return true;
}

static bool read_parts(CloneReader *r, Value *parts, uint32_t count,
                       Array **transferred) {
  Isolate *iso = r->isolate;
  Array *list = transferred == NULL ? NULL : vm_array_new(iso, 0);
  if (!read_transferred(r, &list) ||
      (r->clone->environment_count > 0 && !rt_clone_make_environments(r))) {
    return false;
  }
  r->objects = r->names = NULL;
  if (list != NULL && list->length > 0) {
    r->objects =
        vm_array_from(iso, list->object.elements->values, list->length);
    if (r->objects == NULL) return false;
  }
  if (!rt_clone_read_imports(r)) return false;
  r->at = r->clone->bytes;
  if (transferred != NULL) *transferred = list;
  for (uint32_t i = 0; i < count; i++) {
    parts[i] = rt_clone_read_value(r);
    if (value_is_exception(parts[i])) return false;
  }
  return true;
}

bool rt_clone_deserialize_parts(Isolate *iso, Clone *clone, Value *parts,
                                uint32_t count, Array **transferred,
                                CloneArrivals *arrivals) {
  CloneReader r = {.isolate = iso, .clone = clone};
  bool done = read_parts(&r, parts, count, transferred);
  // Nobody has the ends of channels that were read: the others must not wait
  // for them until they are collected.
  if (!done && r.arrivals.handles != NULL)
    rt_task_close_channels(value_from_cell(r.arrivals.handles));
  if (arrivals != NULL) *arrivals = r.arrivals;
  return done;
}

Value rt_clone_deserialize(Isolate *iso, Clone *clone, Array **transferred) {
  Value value;
  return rt_clone_deserialize_parts(iso, clone, &value, 1, transferred, NULL)
             ? value
             : VALUE_EXCEPTION;
}

void rt_clone_free(Clone *c) {
  rt_clone_discharge(c);
  for (uint32_t i = 0; i < c->buffer_count; i++) {
    CloneBuffer *b = &c->buffers[i];
    if (b->bytes == NULL) continue;
    if (b->release != NULL) {
      b->release(b->release_data, b->bytes, b->length);
    } else {
      free(b->bytes);
    }
  }
  for (uint32_t i = 0; i < c->shared_count; i++) {
    vm_shared_bytes_release(c->shared[i]);
  }
  for (uint32_t i = 0; i < c->template_count; i++) {
    vm_template_release(c->templates[i]);
  }
  for (uint32_t i = 0; i < c->handle_count; i++) {
    rt_sync_handle_release(c->handles[i]);
  }
  free(c->handles);
  free(c->templates);
  free(c->modules);
  free(c->environments);
  free(c->buffers);
  free(c->shared);
  free(c->bytes);
  memset(c, 0, sizeof *c);
}
