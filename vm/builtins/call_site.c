// SPDX-License-Identifier: MIT
// CallSite objects, what Error.prepareStackTrace gets: a frame each. An object
// holds its frame in an array under a private name, in the order of
// CALL_SITE_*.
#include "vm/builtins/error_builtins.h"
#include "vm/objects/error_object.h"
#include "vm/objects/operations.h"
#include "vm/objects/symbols.h"

enum {
  CALL_SITE_FUNCTION,
  CALL_SITE_NAME,
  CALL_SITE_FILE,
  CALL_SITE_LINE,
  CALL_SITE_COLUMN,
  CALL_SITE_IS_CONSTRUCTOR,
  CALL_SITE_IS_ASYNC,
  CALL_SITE_IS_TOP_LEVEL,
  CALL_SITE_IS_EVAL,
  CALL_SITE_TEXT,
  CALL_SITE_COUNT,
  // Answers that are the same for every frame.
  CALL_SITE_NULL,
  CALL_SITE_UNDEFINED,
  CALL_SITE_FALSE,
};

static Array *frame_of(Isolate *iso, Value v) {
  if (!value_is_object(v)) return NULL;
  Object *o = value_as_object(v);
  if (o->shape->prototype != INTRINSIC_OBJECT(iso, CallSitePrototype))
    return NULL;
  Value frame = vm_quiet_get(iso, o, key_from_symbol(vm_call_site_frame));
  return value_is_kind(frame, CELL_ARRAY) ? (Array *)value_as_object(frame)
                                          : NULL;
}

static Value call_site_get(Isolate *iso, const NativeCall *call) {
  Array *frame = frame_of(iso, call->this_value);
  if (!frame)
    return vm_throw_type(iso,
                         "CallSite method called on incompatible receiver");
  switch (native_magic(call)) {
  case CALL_SITE_NULL:
    return VALUE_NULL;
  case CALL_SITE_UNDEFINED:
    return VALUE_UNDEFINED;
  case CALL_SITE_FALSE:
    return VALUE_FALSE;
  default:
    return frame->object.elements->values[native_magic(call)];
  }
}

static Value text_or_null(String *s) {
  return s ? value_from_cell(s) : VALUE_NULL;
}

static Value new_call_site(Isolate *iso, const ErrorFrame *frame) {
  StringBuilder b;
  vm_builder_init(&b, iso);
  vm_error_append_frame(&b, frame);
  String *text = vm_builder_finish(&b);
  if (!text) return VALUE_EXCEPTION;
  Value parts[CALL_SITE_COUNT] = {
      [CALL_SITE_FUNCTION] =
          frame->function ? value_from_cell(frame->function) : VALUE_UNDEFINED,
      [CALL_SITE_NAME] = text_or_null(frame->name),
      [CALL_SITE_FILE] = text_or_null(frame->file),
      [CALL_SITE_LINE] = value_from_uint32(frame->line),
      [CALL_SITE_COLUMN] = value_from_uint32(frame->column),
      [CALL_SITE_IS_CONSTRUCTOR] = value_from_bool(frame->is_construct),
      [CALL_SITE_IS_ASYNC] = value_from_bool(frame->is_async),
      [CALL_SITE_IS_TOP_LEVEL] = value_from_bool(frame->is_top_level),
      [CALL_SITE_IS_EVAL] = value_from_bool(frame->is_eval),
      [CALL_SITE_TEXT] = value_from_cell(text),
  };
  Array *array = vm_array_from(iso, parts, CALL_SITE_COUNT);
  if (!array) return VALUE_EXCEPTION;
  Object *site =
      vm_object_new_with(iso, INTRINSIC_OBJECT(iso, CallSitePrototype));
  vm_put(iso, site, key_from_symbol(vm_call_site_frame), value_from_cell(array),
         0);
  return value_from_cell(site);
}

Array *vm_error_call_sites(Isolate *iso, struct CellList *frames) {
  Array *sites = vm_array_new(iso, vm_error_frame_count(frames));
  for (uint32_t i = 0; i < vm_error_frame_count(frames); i++) {
    ErrorFrame frame;
    vm_error_frame(iso, frames, i, &frame);
    Value site = new_call_site(iso, &frame);
    if (value_is_exception(site) || !vm_array_push(iso, sites, site))
      return NULL;
  }
  return sites;
}

#define ROW(name, what) BUILTIN_MAGIC(name, call_site_get, 0, CALL_SITE_##what)
static const Builtin call_site_prototype[] = {
    ROW("getColumnNumber", COLUMN),
    ROW("getEnclosingColumnNumber", COLUMN),
    ROW("getEnclosingLineNumber", LINE),
    ROW("getEvalOrigin", UNDEFINED),
    ROW("getFileName", FILE),
    ROW("getFunction", FUNCTION),
    ROW("getFunctionName", NAME),
    ROW("getLineNumber", LINE),
    ROW("getMethodName", NULL),
    ROW("getPromiseIndex", NULL),
    ROW("getScriptNameOrSourceURL", FILE),
    ROW("getThis", UNDEFINED),
    ROW("getTypeName", NULL),
    ROW("isAsync", IS_ASYNC),
    ROW("isConstructor", IS_CONSTRUCTOR),
    ROW("isEval", IS_EVAL),
    ROW("isNative", FALSE),
    ROW("isPromiseAll", FALSE),
    ROW("isToplevel", IS_TOP_LEVEL),
    ROW("toString", TEXT),
};
#undef ROW

void vm_init_call_site(Isolate *iso, Realm *realm) {
  Object *prototype =
      vm_object_new_with(iso, realm->intrinsics[INTRINSIC_ObjectPrototype]);
  vm_realm_set_intrinsic(realm, INTRINSIC_CallSitePrototype, prototype);
  VM_DEFINE_BUILTINS(iso, prototype, call_site_prototype);
}
