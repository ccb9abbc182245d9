// SPDX-License-Identifier: MIT
// Proxy exotic objects (ECMA-262 10.5): the constructor and the traps of
// prototype, extensibility, calls and construction. The traps of properties are
// in proxy_properties.c.
#include "vm/builtins/builtins.h"
#include "vm/builtins/proxy_traps.h"
#include "vm/interpreter/calls.h"

bool vm_proxy_trap(Isolate *iso, Object *o, AtomId name, ProxyTrap *out) {
  const Proxy *p = (const Proxy *)o;
  if (!vm_check_stack(iso)) return false;
  if (unlikely(p->handler == VALUE_NULL)) {
    char text[64];
    vm_describe_key(iso, key_from_atom(vm_atoms[name]), text, sizeof text);
    vm_throw_type(iso, "Cannot perform '%s' on a proxy that has been revoked",
                  text);
    return false;
  }
  out->target = value_as_object(p->target);
  out->handler = p->handler;
  // GetMethod, mostly of a trap that is not there.
  PropertyKey key = key_from_atom(vm_atoms[name]);
  if (vm_get_data_quickly(iso, value_as_object(p->handler), key,
                          &out->method) &&
      (out->method == VALUE_UNDEFINED || value_is_callable(out->method))) {
    return true;
  }
  out->method = vm_get_method(iso, p->handler, key);
  return !value_is_exception(out->method);
}

Value vm_proxy_call_trap(Isolate *iso, const ProxyTrap *trap, uint32_t argc,
                         Value *argv) {
  argv[0] = value_from_cell(trap->target);
  return vm_call(iso, trap->method, trap->handler, argc, argv);
}

Tri vm_proxy_ask(Isolate *iso, const ProxyTrap *trap, uint32_t argc,
                 Value *argv) {
  Value r = vm_proxy_call_trap(iso, trap, argc, argv);
  return value_is_exception(r) ? TRI_THREW : vm_to_boolean(r);
}

Value vm_proxy_target(Isolate *iso, Object *o) {
  Value target = ((Proxy *)o)->target;
  if (unlikely(target == VALUE_NULL)) {
    return vm_throw_type(iso, "Cannot use a proxy that has been revoked");
  }
  return target;
}

// ECMA-262 10.5.1
static Tri get_prototype(Isolate *iso, Object *o, Object **out) {
  ProxyTrap trap;
  if (!vm_proxy_trap(iso, o, ATOM_ID_getPrototypeOf, &trap)) return TRI_THREW;
  if (trap.method == VALUE_UNDEFINED) {
    return vm_get_prototype_of(iso, trap.target, out);
  }
  Value argv[1];
  Value r = vm_proxy_call_trap(iso, &trap, 1, argv);
  if (value_is_exception(r)) return TRI_THREW;
  if (r != VALUE_NULL && !value_is_object(r)) {
    vm_throw_type(iso,
                  "'getPrototypeOf' on proxy: trap returned neither "
                  "object nor null");
    return TRI_THREW;
  }
  *out = r == VALUE_NULL ? NULL : value_as_object(r);
  Tri extensible = vm_is_extensible(iso, trap.target);
  if (extensible != 0) return extensible;
  Object *real;
  if (vm_get_prototype_of(iso, trap.target, &real) == TRI_THREW) {
    return TRI_THREW;
  }
  if (real != *out) {
    vm_throw_type(iso,
                  "'getPrototypeOf' on proxy: proxy target is "
                  "non-extensible but the trap did not return its actual "
                  "prototype");
    return TRI_THREW;
  }
  return 1;
}

// ECMA-262 10.5.2
static Tri set_prototype(Isolate *iso, Object *o, Object *prototype) {
  ProxyTrap trap;
  if (!vm_proxy_trap(iso, o, ATOM_ID_setPrototypeOf, &trap)) return TRI_THREW;
  if (trap.method == VALUE_UNDEFINED) {
    return vm_set_prototype_of(iso, trap.target, prototype);
  }
  Value argv[2] = {0, prototype ? value_from_cell(prototype) : VALUE_NULL};
  Tri r = vm_proxy_ask(iso, &trap, 2, argv);
  if (r != 1) return r;
  Tri extensible = vm_is_extensible(iso, trap.target);
  if (extensible != 0) return extensible;
  Object *real;
  if (vm_get_prototype_of(iso, trap.target, &real) == TRI_THREW) {
    return TRI_THREW;
  }
  if (real != prototype) {
    vm_throw_type(iso,
                  "'setPrototypeOf' on proxy: trap returned truish for "
                  "setting a new prototype on the non-extensible proxy "
                  "target");
    return TRI_THREW;
  }
  return 1;
}

// ECMA-262 10.5.3
static Tri is_extensible(Isolate *iso, Object *o) {
  ProxyTrap trap;
  if (!vm_proxy_trap(iso, o, ATOM_ID_isExtensible, &trap)) return TRI_THREW;
  if (trap.method == VALUE_UNDEFINED) return vm_is_extensible(iso, trap.target);
  Value argv[1];
  Tri r = vm_proxy_ask(iso, &trap, 1, argv);
  if (r == TRI_THREW) return TRI_THREW;
  Tri real = vm_is_extensible(iso, trap.target);
  if (real == TRI_THREW) return TRI_THREW;
  if (r != real) {
    vm_throw_type(iso,
                  "'isExtensible' on proxy: trap result does not reflect "
                  "extensibility of proxy target (which is '%s')",
                  real ? "true" : "false");
    return TRI_THREW;
  }
  return r;
}

// ECMA-262 10.5.4
static Tri prevent_extensions(Isolate *iso, Object *o) {
  ProxyTrap trap;
  if (!vm_proxy_trap(iso, o, ATOM_ID_preventExtensions, &trap)) {
    return TRI_THREW;
  }
  if (trap.method == VALUE_UNDEFINED) {
    return vm_prevent_extensions(iso, trap.target);
  }
  Value argv[1];
  Tri r = vm_proxy_ask(iso, &trap, 1, argv);
  if (r != 1) return r;
  Tri real = vm_is_extensible(iso, trap.target);
  if (real == TRI_THREW) return TRI_THREW;
  if (real) {
    vm_throw_type(iso,
                  "'preventExtensions' on proxy: the proxy target is "
                  "extensible");
    return TRI_THREW;
  }
  return 1;
}

const ObjectClass vm_class_proxy = {
    .name = "Proxy",
    .get_own = vm_proxy_get_own,
    .define_own = vm_proxy_define_own,
    .has = vm_proxy_has,
    .get = vm_proxy_get,
    .set = vm_proxy_set,
    .delete_own = vm_proxy_delete,
    .own_keys = vm_proxy_own_keys,
    .get_prototype = get_prototype,
    .set_prototype = set_prototype,
    .is_extensible = is_extensible,
    .prevent_extensions = prevent_extensions,
};

// ECMA-262 10.5.12
Value vm_proxy_call(Isolate *iso, Object *o, Value this_value, uint32_t argc,
                    const Value *argv) {
  ProxyTrap trap;
  if (!vm_proxy_trap(iso, o, ATOM_ID_apply, &trap)) return VALUE_EXCEPTION;
  if (trap.method == VALUE_UNDEFINED) {
    return vm_call(iso, value_from_cell(trap.target), this_value, argc, argv);
  }
  Array *list = vm_array_from(iso, argv, argc);
  if (list == NULL) return VALUE_EXCEPTION;
  Value arguments[3] = {0, this_value, value_from_cell(list)};
  return vm_proxy_call_trap(iso, &trap, 3, arguments);
}

// ECMA-262 10.5.13
Value vm_proxy_construct(Isolate *iso, Object *o, uint32_t argc,
                         const Value *argv, Value new_target) {
  ProxyTrap trap;
  if (!vm_proxy_trap(iso, o, ATOM_ID_construct, &trap)) return VALUE_EXCEPTION;
  if (trap.method == VALUE_UNDEFINED) {
    return vm_construct(iso, value_from_cell(trap.target), argc, argv,
                        new_target);
  }
  Array *list = vm_array_from(iso, argv, argc);
  if (list == NULL) return VALUE_EXCEPTION;
  Value arguments[3] = {0, value_from_cell(list), new_target};
  Value r = vm_proxy_call_trap(iso, &trap, 3, arguments);
  if (value_is_exception(r) || value_is_object(r)) return r;
  return vm_throw_type(iso, "proxy [[Construct]] must return an object");
}

// The constructor ----------------------------------------------------------

// ProxyCreate, ECMA-262 10.5.14. NULL: threw.
static Proxy *proxy_new(Isolate *iso, const NativeCall *call) {
  Value target = native_argument(call, 0), handler = native_argument(call, 1);
  if (!value_is_object(target) || !value_is_object(handler)) {
    vm_throw_type(iso,
                  "Cannot create proxy with a non-object as target or handler");
    return NULL;
  }
  Proxy *p = vm_object_allocate(iso, CELL_PROXY, sizeof(Proxy), NULL);
  p->target = target;
  p->handler = handler;
  p->object.cell.flags |= value_as_object(target)->cell.flags &
                          (OBJECT_CALLABLE | OBJECT_CONSTRUCTOR);
  return p;
}

// ECMA-262 28.2.1.1
static Value construct_proxy(Isolate *iso, const NativeCall *call) {
  if (call->new_target == VALUE_UNDEFINED) {
    return vm_throw_type(iso, "Constructor Proxy requires 'new'");
  }
  Proxy *p = proxy_new(iso, call);
  return p ? value_from_cell(p) : VALUE_EXCEPTION;
}

static Value revoke(Isolate *iso, const NativeCall *call) {
  NativeFunction *f = (NativeFunction *)value_as_cell(call->callee);
  if (!value_is_object(f->slots[0])) return VALUE_UNDEFINED;
  Proxy *p = (Proxy *)value_as_object(f->slots[0]);
  gc_store_word(iso->heap, &f->slots[0], VALUE_NULL);
  gc_store_word(iso->heap, &p->target, VALUE_NULL);
  gc_store_word(iso->heap, &p->handler, VALUE_NULL);
  return VALUE_UNDEFINED;
}

// ECMA-262 28.2.2.1
static Value proxy_revocable(Isolate *iso, const NativeCall *call) {
  Proxy *p = proxy_new(iso, call);
  if (p == NULL) return VALUE_EXCEPTION;
  NativeFunction *f = vm_native_new(iso, revoke, NULL, 0, 1, false);
  f->slots[0] = value_from_cell(p);
  Object *result = vm_object_new(iso);
  vm_put(iso, result, KEY(proxy), value_from_cell(p), PROPERTY_DEFAULT);
  vm_put(iso, result, KEY(revoke), value_from_cell(f), PROPERTY_DEFAULT);
  return value_from_cell(result);
}

static const Builtin proxy_static[] = {
    BUILTIN("revocable", proxy_revocable, 2),
};

void vm_init_proxy(Isolate *iso, Realm *realm) {
  NativeFunction *constructor =
      vm_define_constructor(iso, "Proxy", construct_proxy, 2, NULL, NULL);
  vm_realm_set_intrinsic(realm, INTRINSIC_Proxy, &constructor->object);
  VM_DEFINE_BUILTINS(iso, &constructor->object, proxy_static);
}
