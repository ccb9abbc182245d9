// SPDX-License-Identifier: MIT
// Native classes: host objects whose type is their class. An object that is
// being constructed has no type yet, so no method takes it.
#include <stdlib.h>

#include "runtime/api/api.h"
#include "runtime/modules/loader.h"
#include "vm/objects/host_object.h"

struct rill_class {
  rill_class *next; // of the isolate's
  const rill_class *parent;
  char *name;
  rill_constructor constructor;
  rill_finalizer finalize;
  void *data;
  GcHandle function, prototype;
};

void api_free_classes(rill_isolate *api) {
  rill_class *next;
  for (rill_class *c = api->classes; c != NULL; c = next) {
    next = c->next;
    free(c->name);
    free(c);
  }
}

// NULL: no instance.
static HostObject *instance_of(Value v, const rill_class *class) {
  if (!value_is_kind(v, CELL_HOST_OBJECT)) return NULL;
  HostObject *o = (HostObject *)value_as_cell(v);
  if ((o->object.cell.aux & HOST_OBJECT_OF_CLASS) == 0) return NULL;
  const rill_class *c = o->type;
  while (c != NULL && c != class)
    c = c->parent;
  return c == NULL ? NULL : o;
}

static HostObject *object_with(Isolate *iso, Object *prototype) {
  return vm_object_allocate(iso, CELL_HOST_OBJECT, sizeof(HostObject),
                            prototype);
}

static void make_instance(Isolate *iso, HostObject *o, const rill_class *class,
                          void *data) {
  o->type = class;
  o->data = data;
  o->finalize = class->finalize;
  o->object.cell.aux |= HOST_OBJECT_OF_CLASS;
  if (class->finalize != NULL) gc_add_finalizer(iso->heap, o);
}

// Slots of the functions of a class.
enum { SLOT_CLASS, SLOT_CODE, SLOT_COUNT };

static const rill_class *class_of(const NativeCall *call) {
  return (const rill_class *)api_address_of(native_slot(call, SLOT_CLASS));
}

// GetPrototypeFromConstructor (ECMA-262 10.1.14). NULL: threw.
static Object *prototype_of(Isolate *iso, const rill_class *class,
                            Value new_target) {
  Value p = vm_get(iso, value_as_object(new_target), KEY(prototype));
  if (value_is_exception(p)) return NULL;
  return value_as_object(
      value_is_object(p) ? p : gc_handle_word(&class->prototype));
}

typedef struct Construction {
  rill_constructor constructor;
  void *class_data;
  void *data; // of the instance
} Construction;

// rill_function.
static rill_value construct_data(rill_isolate *api, void *data,
                                 rill_value this_value, size_t count,
                                 const rill_value *arguments) {
  Construction *c = data;
  c->data = c->constructor(api, c->class_data, this_value, count, arguments);
  return c->data == NULL ? NULL : this_value;
}

static Value construct(Isolate *iso, const NativeCall *call) {
  const rill_class *class = class_of(call);
  if (value_is_undefined(call->new_target))
    return vm_throw_type(iso,
                         "Class constructor %s cannot be invoked without 'new'",
                         class->name);
  if (class->constructor == NULL)
    return vm_throw_type(iso, "%s cannot be constructed by scripts",
                         class->name);
  Object *prototype = prototype_of(iso, class, call->new_target);
  if (prototype == NULL) return VALUE_EXCEPTION;
  HostObject *o = object_with(iso, prototype);
  NativeCall inner = *call;
  inner.this_value = value_from_cell(o);
  Construction c = {class->constructor, class->data, NULL};
  if (value_is_exception(
          api_call_host(rt_of(iso)->embedder, &inner, construct_data, &c))) {
    if (c.data != NULL && class->finalize != NULL) class->finalize(c.data);
    return VALUE_EXCEPTION;
  }
  make_instance(iso, o, class, c.data);
  return value_from_cell(o);
}

static Value call_method(Isolate *iso, const NativeCall *call) {
  const rill_class *class = class_of(call);
  HostObject *o = instance_of(call->this_value, class);
  if (unlikely(o == NULL)) {
    char text[96], name[96];
    vm_describe(iso, call->this_value, text, sizeof text);
    String *own = ((NativeFunction *)value_as_cell(call->callee))->name;
    vm_describe_plainly(iso, value_from_cell(own), name, sizeof name);
    return vm_throw_type(
        iso, "Method %s.prototype.%s called on incompatible receiver %s",
        class->name, name, text);
  }
  return api_call_host(
      rt_of(iso)->embedder, call,
      (rill_function)api_address_of(native_slot(call, SLOT_CODE)), o->data);
}

static Value call_static(Isolate *iso, const NativeCall *call) {
  return api_call_host(
      rt_of(iso)->embedder, call,
      (rill_function)api_address_of(native_slot(call, SLOT_CODE)),
      class_of(call)->data);
}

// A function of the class; NULL: threw.
static NativeFunction *new_function(Isolate *iso, const rill_class *class,
                                    NativeCode native, String *name,
                                    uint32_t length, rill_function code) {
  NativeFunction *f = vm_native_new(iso, native, name, (uint16_t)length,
                                    SLOT_COUNT, native == construct);
  f->slots[SLOT_CLASS] = api_address_value((uintptr_t) class);
  f->slots[SLOT_CODE] = api_address_value((uintptr_t)code);
  return f;
}

// Undefined for no code; EXCEPTION: threw.
static Value member_function(Isolate *iso, const rill_class *class,
                             const rill_member *member, const char *prefix,
                             uint32_t length, rill_function code) {
  if (code == NULL) return VALUE_UNDEFINED;
  bool is_symbol = vm_well_known_symbol(member->name) != NULL;
  String *name = vm_string_format(iso, is_symbol ? "%s[Symbol.%s]" : "%s%s",
                                  prefix, member->name + (is_symbol ? 2 : 0));
  if (name == NULL) return VALUE_EXCEPTION;
  bool is_static = (member->flags & RILL_MEMBER_STATIC) != 0;
  return value_from_cell(new_function(
      iso, class, is_static ? call_static : call_method, name, length, code));
}

static bool define_member(Isolate *iso, const rill_class *class, Object *target,
                          const rill_member *member) {
  PropertyKey key;
  const Symbol *symbol = vm_well_known_symbol(member->name);
  if (symbol != NULL) {
    key = key_from_symbol(symbol);
  } else if (!rt_path_key(iso, member->name, &key)) {
    return false;
  }
  PropertyDescriptor d = {.value = VALUE_EMPTY,
                          .getter = VALUE_EMPTY,
                          .setter = VALUE_EMPTY,
                          .attributes = PROPERTY_CONFIGURABLE,
                          .present =
                              PROPERTY_CONFIGURABLE | PROPERTY_ENUMERABLE};
  if (member->getter != NULL || member->setter != NULL) {
    d.getter = member_function(iso, class, member, "get ", 0, member->getter);
    d.setter = member_function(iso, class, member, "set ", 1, member->setter);
    if (value_is_exception(d.getter) || value_is_exception(d.setter))
      return false;
  } else {
    d.value =
        member_function(iso, class, member, "", member->length, member->method);
    if (value_is_exception(d.value)) return false;
    d.attributes |= PROPERTY_WRITABLE;
    d.present |= PROPERTY_WRITABLE;
  }
  return vm_define_own_or_throw(iso, target, key, &d);
}

// Constructor and prototype, linked with each other and with the parent's.
static bool make_objects(Isolate *iso, rill_class *class,
                         const rill_class_options *options) {
  const rill_class *parent = class->parent;
  Object *prototype = vm_object_new_with(
      iso, parent == NULL
               ? INTRINSIC_OBJECT(iso, ObjectPrototype)
               : value_as_object(gc_handle_word(&parent->prototype)));
  String *name = vm_string_from_utf8(iso, class->name, strlen(class->name));
  if (name == NULL) return false;
  NativeFunction *f =
      new_function(iso, class, construct, name, options->length, NULL);
  if (!gc_handle_add(iso->heap, &class->function, value_from_cell(f))) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  if (!gc_handle_add(iso->heap, &class->prototype,
                     value_from_cell(prototype))) {
    gc_handle_remove(iso->heap, &class->function);
    vm_throw_out_of_memory(iso);
    return false;
  }
  if (parent != NULL &&
      vm_set_prototype_of(iso, &f->object,
                          value_as_object(gc_handle_word(&parent->function))) !=
          1)
    return false;
  vm_put(iso, &f->object, KEY(prototype), value_from_cell(prototype), 0);
  vm_put(iso, prototype, KEY(constructor), value_from_cell(f), PROPERTY_HIDDEN);
  const char *members = (const char *)options->members;
  for (size_t i = 0; i < options->member_count; i++) {
    rill_member member = {0};
    size_t size = options->member_size;
    memcpy(&member, members + i * size,
           size < sizeof member ? size : sizeof member);
    bool is_static = (member.flags & RILL_MEMBER_STATIC) != 0;
    if (!define_member(iso, class, is_static ? &f->object : prototype, &member))
      return false;
  }
  return true;
}

static bool is_valid(const rill_class_options *o) {
  if (o->name == NULL || o->member_size == 0) return false;
  const char *members = (const char *)o->members;
  for (size_t i = 0; i < o->member_count; i++) {
    const rill_member *m =
        (const rill_member *)(const void *)(members + i * o->member_size);
    bool is_accessor = m->getter != NULL || m->setter != NULL;
    if (m->name == NULL || is_accessor == (m->method != NULL)) return false;
  }
  return true;
}

rill_class *rill_class_new(rill_isolate *api, const rill_class_options *given) {
  api_use(api);
  rill_class_options options = RILL_CLASS_INIT;
  if (!api_copy_in(&options, given, sizeof options)) {
    api_fail_host(api, API_UNSIZED("rill_class_new", "RILL_CLASS_INIT"));
    return NULL;
  }
  if (!is_valid(&options)) {
    api_fail_host(api,
                  "rill_class_new: a name is missing, or a member is not "
                  "either a method or an accessor");
    return NULL;
  }
  rill_class *class = calloc(1, sizeof *class);
  char *name = strdup(options.name);
  if (class == NULL || name == NULL) {
    free(class);
    free(name);
    api_fail_host(api, "Out of memory");
    return NULL;
  }
  class->name = name;
  class->parent = options.parent;
  class->constructor = options.constructor;
  class->finalize = options.finalize;
  class->data = options.data;
  // Functions that were made before an error may still be called.
  class->next = api->classes;
  api->classes = class;
  if (make_objects(api->iso, class, &options)) return class;
  api_fail(api);
  return NULL;
}

rill_value rill_class_constructor(rill_isolate *api, const rill_class *class) {
  api_use(api);
  return api_handle(api, gc_handle_word(&class->function));
}

bool rill_class_define(rill_isolate *api, const rill_class *class) {
  api_use(api);
  ApiMark mark = api_mark(api);
  rill_property property = RILL_PROPERTY_INIT;
  property.value = rill_class_constructor(api, class);
  property.attributes = RILL_WRITABLE | RILL_CONFIGURABLE;
  rill_value name = rill_string(api, class->name, RILL_TEXT_END);
  bool done = property.value != NULL && name != NULL &&
              rill_define_property(api, rill_global(api), name, &property);
  api_cut_back(api, mark);
  return done;
}

rill_value rill_class_instance(rill_isolate *api, const rill_class *class,
                               void *data) {
  api_use(api);
  Isolate *iso = api->iso;
  Object *prototype = value_as_object(gc_handle_word(&class->prototype));
  HostObject *o = object_with(iso, prototype);
  rill_value handle = api_handle(api, value_from_cell(o));
  if (handle != NULL) make_instance(iso, o, class, data);
  return handle;
}

bool rill_is_instance(rill_isolate *api, rill_value value,
                      const rill_class *class) {
  api_use(api);
  return instance_of(api_value(api, value), class) != NULL;
}

void *rill_instance_data(rill_isolate *api, rill_value value,
                         const rill_class *class) {
  api_use(api);
  const HostObject *o = instance_of(api_value(api, value), class);
  return o == NULL ? NULL : o->data;
}
