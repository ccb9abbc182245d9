// SPDX-License-Identifier: MIT
// DisposableStack and AsyncDisposableStack (ECMA-262 27.3, 27.4). Disposing
// asynchronously is self-hosted (self_hosted/disposable.js): it takes the
// resources here and runs them one by one.
#include "vm/builtins/disposable_stack.h"
#include "vm/builtins/builtins.h"
#include "vm/builtins/collections.h"
#include "vm/interpreter/promise.h"

typedef struct DisposableStack {
  Object object;
  Value resources; // an Array of RESOURCE_ITEMS a resource; undefined: disposed
} DisposableStack;

// A resource: what it is disposed by, a value, how.
enum { RESOURCE_ITEMS = 3 };
typedef enum {
  DISPOSE_METHOD, // method.call(value)
  DISPOSE_ADOPT,  // method(value)
  DISPOSE_DEFER,  // method()
  DISPOSE_NOTHING // of an async stack: only awaits
} DisposeHow;

static const char *name_of(bool is_async) {
  return is_async ? "AsyncDisposableStack" : "DisposableStack";
}

// The receiver; its kind is in the function's magic.
static DisposableStack *receiver(Isolate *iso, const NativeCall *call) {
  bool is_async = native_magic(call) != 0;
  return vm_collection_receiver(
      iso, call, is_async ? CELL_ASYNC_DISPOSABLE_STACK : CELL_DISPOSABLE_STACK,
      name_of(is_async));
}

// The same, not disposed yet. NULL: threw.
static DisposableStack *pending_receiver(Isolate *iso, const NativeCall *call) {
  DisposableStack *stack = receiver(iso, call);
  if (stack != NULL && stack->resources == VALUE_UNDEFINED) {
    vm_throw_reference(iso, "%s is already disposed",
                       name_of(native_magic(call) != 0));
    return NULL;
  }
  return stack;
}

static DisposableStack *new_stack(Isolate *iso, Object *prototype,
                                  bool is_async) {
  DisposableStack *stack = vm_object_allocate(
      iso, is_async ? CELL_ASYNC_DISPOSABLE_STACK : CELL_DISPOSABLE_STACK,
      sizeof(DisposableStack), prototype);
  stack->resources = VALUE_UNDEFINED;
  gc_store_word(iso->heap, &stack->resources,
                value_from_cell(vm_array_new(iso, 0)));
  return stack;
}

// ECMA-262 27.3.1.1, 27.4.1.1
static Value construct(Isolate *iso, const NativeCall *call) {
  bool is_async = native_magic(call) != 0;
  if (call->new_target == VALUE_UNDEFINED) {
    return vm_throw_type(iso, "Constructor %s requires 'new'",
                         name_of(is_async));
  }
  Object *prototype = vm_prototype_from_constructor(
      iso, call->new_target,
      is_async ? INTRINSIC_AsyncDisposableStackPrototype
               : INTRINSIC_DisposableStackPrototype);
  return prototype ? value_from_cell(new_stack(iso, prototype, is_async))
                   : VALUE_EXCEPTION;
}

static bool add(Isolate *iso, DisposableStack *stack, Value method, Value value,
                DisposeHow how) {
  Array *list = (Array *)value_as_object(stack->resources);
  return vm_array_push(iso, list, method) && vm_array_push(iso, list, value) &&
         vm_array_push(iso, list, value_from_int(how));
}

// ECMA-262 27.3.3.1, 27.4.3.1
static Value stack_adopt(Isolate *iso, const NativeCall *call) {
  DisposableStack *stack = pending_receiver(iso, call);
  if (stack == NULL) return VALUE_EXCEPTION;
  Value value = native_argument(call, 0), f = native_argument(call, 1);
  if (!value_is_callable(f)) return vm_throw_not_callable(iso, f);
  return add(iso, stack, f, value, DISPOSE_ADOPT) ? value : VALUE_EXCEPTION;
}

// ECMA-262 27.3.3.2, 27.4.3.2
static Value stack_defer(Isolate *iso, const NativeCall *call) {
  DisposableStack *stack = pending_receiver(iso, call);
  if (stack == NULL) return VALUE_EXCEPTION;
  Value f = native_argument(call, 0);
  if (!value_is_callable(f)) return vm_throw_not_callable(iso, f);
  return add(iso, stack, f, VALUE_UNDEFINED, DISPOSE_DEFER) ? VALUE_UNDEFINED
                                                            : VALUE_EXCEPTION;
}

// GetDisposeMethod (7.5.4) step 1.b.ii: @@dispose, in the slot, where
// @@asyncDispose is wanted. Nobody awaits what it returns.
static Value dispose_synchronously(Isolate *iso, const NativeCall *call) {
  Value r = vm_call(iso, native_slot(call, 0), call->this_value, 0, NULL);
  if (value_is_exception(r) && vm_is_terminating(iso)) return r;
  Promise *promise = vm_promise_new(iso);
  if (value_is_exception(r)) {
    vm_promise_reject_with_exception(iso, promise);
  } else {
    vm_promise_resolve(iso, promise, VALUE_UNDEFINED);
  }
  return value_from_cell(promise);
}

// CreateDisposableResource (7.5.3)
Value vm_get_disposer(Isolate *iso, Value v, bool is_async) {
  if (value_is_nullish(v)) return is_async ? VALUE_NULL : VALUE_UNDEFINED;
  if (!value_is_object(v)) {
    return vm_throw_type_value(iso, "%s is not an object", v);
  }
  Value method = VALUE_UNDEFINED;
  if (is_async) method = vm_get_method(iso, v, SYMBOL_KEY(asyncDispose));
  if (method != VALUE_UNDEFINED) return method; // or EXCEPTION
  method = vm_get_method(iso, v, SYMBOL_KEY(dispose));
  if (method == VALUE_UNDEFINED) {
    return vm_throw_type_value(iso, "%s is not disposable", v);
  }
  if (!is_async || value_is_exception(method)) return method;
  NativeFunction *wrapper =
      vm_native_new(iso, dispose_synchronously, ATOM(empty), 0, 1, false);
  gc_store_word(iso->heap, &wrapper->slots[0], method);
  return value_from_cell(wrapper);
}

// ECMA-262 27.3.3.6, 27.4.3.6
static Value stack_use(Isolate *iso, const NativeCall *call) {
  DisposableStack *stack = pending_receiver(iso, call);
  if (stack == NULL) return VALUE_EXCEPTION;
  bool is_async = native_magic(call) != 0;
  Value v = native_argument(call, 0);
  Value method = vm_get_disposer(iso, v, is_async);
  if (value_is_exception(method)) return method;
  if (method == VALUE_UNDEFINED) return v;
  DisposeHow how = method == VALUE_NULL ? DISPOSE_NOTHING : DISPOSE_METHOD;
  return add(iso, stack, method, v, how) ? v : VALUE_EXCEPTION;
}

// ECMA-262 27.3.3.5, 27.4.3.5
static Value stack_move(Isolate *iso, const NativeCall *call) {
  DisposableStack *stack = pending_receiver(iso, call);
  if (stack == NULL) return VALUE_EXCEPTION;
  bool is_async = native_magic(call) != 0;
  DisposableStack *moved = new_stack(
      iso,
      iso->realm->intrinsics[is_async ? INTRINSIC_AsyncDisposableStackPrototype
                                      : INTRINSIC_DisposableStackPrototype],
      is_async);
  gc_store_word(iso->heap, &moved->resources, stack->resources);
  gc_store_word(iso->heap, &stack->resources, VALUE_UNDEFINED);
  return value_from_cell(moved);
}

static Value stack_disposed(Isolate *iso, const NativeCall *call) {
  DisposableStack *stack = receiver(iso, call);
  if (stack == NULL) return VALUE_EXCEPTION;
  return value_from_bool(stack->resources == VALUE_UNDEFINED);
}

// Dispose (7.5.7) of the resource that starts at item `i`.
static Value run_resource(Isolate *iso, Array *list, uint32_t i) {
  const Value *item = &list->object.elements->values[i];
  Value method = item[0], value = item[1];
  switch ((DisposeHow)value_as_int(item[2])) {
  case DISPOSE_METHOD:
    return vm_call(iso, method, value, 0, NULL);
  case DISPOSE_ADOPT:
    return vm_call(iso, method, VALUE_UNDEFINED, 1, &value);
  case DISPOSE_DEFER:
    return vm_call(iso, method, VALUE_UNDEFINED, 0, NULL);
  default:
    return VALUE_UNDEFINED;
  }
}

Value vm_suppressed_error(Isolate *iso, Value error, Value suppressed) {
  Value arguments[2] = {error, suppressed};
  Value constructor = value_from_cell(INTRINSIC_OBJECT(iso, SuppressedError));
  return vm_construct(iso, constructor, 2, arguments, constructor);
}

// ECMA-262 27.3.3.3: DisposeResources (7.5.8)
static Value stack_dispose(Isolate *iso, const NativeCall *call) {
  DisposableStack *stack = receiver(iso, call);
  if (stack == NULL) return VALUE_EXCEPTION;
  if (stack->resources == VALUE_UNDEFINED) return VALUE_UNDEFINED;
  Array *list = (Array *)value_as_object(stack->resources);
  gc_store_word(iso->heap, &stack->resources, VALUE_UNDEFINED);
  Value failure = VALUE_EMPTY;
  for (uint32_t i = list->length; i >= RESOURCE_ITEMS;) {
    i -= RESOURCE_ITEMS;
    Value r = run_resource(iso, list, i);
    if (!value_is_exception(r)) continue;
    if (vm_is_terminating(iso)) return VALUE_EXCEPTION;
    Value error = vm_take_exception(iso);
    failure = failure == VALUE_EMPTY ? error
                                     : vm_suppressed_error(iso, error, failure);
    if (value_is_exception(failure)) return failure;
  }
  return failure == VALUE_EMPTY ? VALUE_UNDEFINED : vm_throw(iso, failure);
}

// %DisposableTake(stack): an async stack's resources, which it loses; undefined
// if it is disposed.
Value vm_intrinsic_disposable_take(Isolate *iso, const NativeCall *call) {
  Value v = native_argument(call, 0);
  if (!value_is_kind(v, CELL_ASYNC_DISPOSABLE_STACK)) {
    return vm_throw_type_value(
        iso,
        "Method AsyncDisposableStack.prototype.disposeAsync called on "
        "incompatible receiver %s",
        v);
  }
  DisposableStack *stack = (DisposableStack *)value_as_object(v);
  Value list = stack->resources;
  gc_store_word(iso->heap, &stack->resources, VALUE_UNDEFINED);
  return list;
}

// %DisposableRun(resources, index)
Value vm_intrinsic_disposable_run(Isolate *iso, const NativeCall *call) {
  return run_resource(iso, (Array *)value_as_object(call->argv[0]),
                      (uint32_t)value_as_int(call->argv[1]));
}

// %SuppressedError(error, suppressed)
Value vm_intrinsic_suppressed_error(Isolate *iso, const NativeCall *call) {
  return vm_suppressed_error(iso, call->argv[0], call->argv[1]);
}

static const Builtin stack_prototype[] = {
    BUILTIN_MAGIC("adopt", stack_adopt, 2, false),
    BUILTIN_MAGIC("defer", stack_defer, 1, false),
    BUILTIN("dispose", stack_dispose, 0),
    {"disposed", BUILTIN_GETTER, PROPERTY_CONFIGURABLE, 0, false,
     stack_disposed, NULL, 0, NULL},
    BUILTIN_MAGIC("move", stack_move, 0, false),
    BUILTIN_MAGIC("use", stack_use, 1, false),
    BUILTIN_SAME_AS("@@dispose", "dispose"),
    BUILTIN_TAG("DisposableStack"),
};
static const Builtin async_stack_prototype[] = {
    BUILTIN_MAGIC("adopt", stack_adopt, 2, true),
    BUILTIN_MAGIC("defer", stack_defer, 1, true),
    BUILTIN_SCRIPT("disposeAsync", "DisposeAsync", 0),
    {"disposed", BUILTIN_GETTER, PROPERTY_CONFIGURABLE, 0, true, stack_disposed,
     NULL, 0, NULL},
    BUILTIN_MAGIC("move", stack_move, 0, true),
    BUILTIN_MAGIC("use", stack_use, 1, true),
    BUILTIN_SAME_AS("@@asyncDispose", "disposeAsync"),
    BUILTIN_TAG("AsyncDisposableStack"),
};

static void init_stack(Isolate *iso, Realm *realm, bool is_async) {
  Object *prototype = vm_object_new(iso);
  NativeFunction *constructor = vm_define_constructor(
      iso, name_of(is_async), construct, 0, prototype, NULL);
  constructor->magic = is_async;
  if (is_async) {
    VM_DEFINE_BUILTINS(iso, prototype, async_stack_prototype);
  } else {
    VM_DEFINE_BUILTINS(iso, prototype, stack_prototype);
  }
  vm_realm_set_intrinsic(realm,
                         is_async ? INTRINSIC_AsyncDisposableStack
                                  : INTRINSIC_DisposableStack,
                         &constructor->object);
  vm_realm_set_intrinsic(realm,
                         is_async ? INTRINSIC_AsyncDisposableStackPrototype
                                  : INTRINSIC_DisposableStackPrototype,
                         prototype);
}

static const Builtin async_iterator_prototype[] = {
    BUILTIN_SCRIPT("@@asyncDispose", "AsyncIteratorDispose", 0),
};

void vm_init_disposable_stack(Isolate *iso, Realm *realm) {
  init_stack(iso, realm, false);
  init_stack(iso, realm, true);
  VM_DEFINE_BUILTINS(iso, realm->intrinsics[INTRINSIC_AsyncIteratorPrototype],
                     async_iterator_prototype);
}
