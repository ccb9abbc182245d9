// SPDX-License-Identifier: MIT
// The stacks of errors: frames are captured as raw words, formatted on demand.
//
// A frame is three words of a CellList: the function (0: none), its code, and
// an int32 whose low bits are STACK_FRAME_* and whose others are the offset of
// the instruction in the baseline or optimized template.
#include <stdio.h>

#include "vm/interpreter/fiber.h"
#include "vm/interpreter/optimized.h"
#include "vm/interpreter/promise.h"
#include "vm/objects/error_object.h"
#include "vm/objects/operations.h"

enum {
  STACK_FRAME_CONSTRUCT = 1 << 0,
  STACK_FRAME_ASYNC = 1 << 1, // awaits what is above
  STACK_FRAME_BITS = 3,
  WORDS_PER_FRAME = 3,
  DEFAULT_LIMIT = 10,
  LARGEST_LIMIT = 200,
};

static uint32_t stack_trace_limit(Isolate *iso) {
  Object *constructor = INTRINSIC_OBJECT(iso, Error);
  if (!constructor) return DEFAULT_LIMIT;
  Value limit = vm_quiet_get(iso, constructor, KEY(stackTraceLimit));
  if (limit == VALUE_EMPTY || !value_is_number(limit)) return 0;
  double d = value_as_number(limit);
  if (!(d > 0)) return 0;
  return d < LARGEST_LIMIT ? (uint32_t)d : LARGEST_LIMIT;
}

static bool is_hidden(const Code *code) {
  return (code->template->flags & TEMPLATE_SELF_HOSTED) != 0;
}

static uint64_t pack(uint32_t offset, int flags) {
  return value_from_int(
      (int32_t)(offset << STACK_FRAME_BITS | (uint32_t)flags));
}

// The fiber that awaits the result of an async function's fiber, or NULL.
static Fiber *awaiting_fiber(const Fiber *fiber) {
  const Object *owner = fiber->owner;
  if (!owner || object_kind(owner) != CELL_PROMISE) return NULL;
  return vm_awaiting_fiber((const Promise *)owner);
}

typedef struct Capture {
  uint64_t *words; // NULL: only counting
  uint32_t count, limit;
  const Object *hidden; // frames down to this function's are left out
} Capture;

static void add(Capture *c, const Function *function, const Code *code,
                uint64_t position) {
  if (c->words) {
    uint64_t *at = c->words + (size_t)c->count * WORDS_PER_FRAME;
    at[0] = (uint64_t)(uintptr_t)function;
    at[1] = (uint64_t)(uintptr_t)code;
    at[2] = position;
  }
  c->count++;
}

static void walk(Isolate *iso, Capture *c) {
  const Frame *frame = iso->frame;
  const Frame *outermost = NULL;
  for (; frame && c->count < c->limit; frame = frame->caller) {
    outermost = frame;
    Activation at;
    for (uint32_t i = 0;
         c->count < c->limit && vm_frame_activation(frame, i, &at); i++) {
      if (c->hidden) {
        if (&at.function->object == c->hidden) c->hidden = NULL;
        continue;
      }
      if (is_hidden(at.code)) continue;
      int flags = (frame->flags & FRAME_CONSTRUCT) && !at.is_inlined
                      ? STACK_FRAME_CONSTRUCT
                      : 0;
      add(c, at.function, at.code, pack(at.offset, flags));
    }
  }
  // A function that is not running hides everything, as in V8.
  if (c->hidden || frame) return;
  // Beyond the C stack: who awaits the outermost frame, or what the host makes.
  Fiber *fiber = NULL;
  if (outermost && outermost->fiber) {
    fiber = awaiting_fiber(outermost->fiber);
  } else if (iso->settling) {
    fiber = vm_awaiting_fiber(iso->settling);
  }
  for (; fiber && c->count < c->limit; fiber = awaiting_fiber(fiber))
    if (!is_hidden(vm_fiber_code(fiber)))
      add(c, fiber->function, vm_fiber_code(fiber),
          pack(fiber->pc, STACK_FRAME_ASYNC));
}

static _Thread_local uint64_t captures;

uint64_t vm_error_captures(void) {
  return captures;
}

CellList *vm_error_capture_frames(Isolate *iso, Object *hidden) {
  captures++;
  Capture counting = {NULL, 0, stack_trace_limit(iso), hidden};
  if (counting.limit == 0) return NULL;
  walk(iso, &counting);
  if (counting.count == 0) return NULL;
  CellList *list = vm_cell_list_new(iso, counting.count * WORDS_PER_FRAME);
  if (!list) return NULL;
  Capture filling = {list->words, 0, counting.count, hidden};
  walk(iso, &filling);
  return list;
}

// Name or message of an object as text, read without running script code.
static String *quiet_text(Isolate *iso, Object *error, PropertyKey key,
                          String *otherwise) {
  Value v = vm_quiet_get(iso, error, key);
  return v != VALUE_EMPTY && value_is_string(v) ? value_as_string(v)
                                                : otherwise;
}

void vm_error_capture_stack(Isolate *iso, Object *error) {
  if (object_kind(error) != CELL_ERROR) return;
  ErrorObject *e = (ErrorObject *)error;
  CellList *frames = vm_error_capture_frames(iso, NULL);
  gc_store_pointer(iso->heap, &e->frames, frames);
  gc_store_word(iso->heap, &e->stack, VALUE_EMPTY);
}

// The name to show for a frame's function, or NULL.
static String *function_name(Isolate *iso, const Template *t,
                             Function *function) {
  if (t->kind == CODE_SCRIPT || t->kind == CODE_MODULE || t->kind == CODE_EVAL)
    return NULL;
  if (t->kind == CODE_FIELD_INITIALIZER) return ATOM(instance_members);
  String *name = t->name;
  // A name that was assigned since.
  if (function && !(function->object.shape->cell.flags & SHAPE_LAZY)) {
    PropertySlot found;
    if (vm_shape_lookup(iso, function->object.shape, KEY(name), &found) &&
        !(found.attributes & PROPERTY_ACCESSOR)) {
      Value v = *object_slot(&function->object, found.slot);
      if (value_is_string(v)) name = value_as_string(v);
    }
  }
  return name && string_length(name) > 0 ? name : NULL;
}

uint32_t vm_error_frame_count(CellList *frames) {
  return frames ? frames->cell.extra / WORDS_PER_FRAME : 0;
}

void vm_error_describe_place(Isolate *iso, Function *function, const Code *code,
                             uint32_t offset, ErrorFrame *out) {
  const Template *t = code->template;
  out->function = function;
  out->name = function_name(iso, t, function);
  CodePosition at = vm_template_position(t, offset);
  out->line = at.line;
  out->column = at.column;
  const SourceFile *file = t->source;
  out->file =
      file && file->name && string_length(file->name) > 0 ? file->name : NULL;
  out->is_construct = out->is_async = false;
  out->is_eval = t->kind == CODE_EVAL;
  out->is_top_level =
      t->kind == CODE_SCRIPT || t->kind == CODE_MODULE || t->kind == CODE_EVAL;
}

void vm_error_frame(Isolate *iso, CellList *frames, uint32_t index,
                    ErrorFrame *out) {
  const uint64_t *words = frames->words + (size_t)index * WORDS_PER_FRAME;
  uint32_t bits = (uint32_t)value_as_int(words[2]);
  vm_error_describe_place(iso, (Function *)(uintptr_t)words[0],
                          (const Code *)(uintptr_t)words[1],
                          bits >> STACK_FRAME_BITS, out);
  out->is_construct = (bits & STACK_FRAME_CONSTRUCT) != 0;
  out->is_async = (bits & STACK_FRAME_ASYNC) != 0;
  if (iso->hooks != NULL && iso->hooks->map_place != NULL)
    iso->hooks->map_place(iso->host,
                          ((const Code *)(uintptr_t)words[1])->template->source,
                          (void **)&out->file, &out->line, &out->column);
}

void vm_error_append_frame(StringBuilder *b, const ErrorFrame *frame) {
  String *name = frame->name;
  if (frame->is_async) vm_builder_append_ascii(b, "async ");
  if (frame->is_construct) {
    vm_builder_append_ascii(b, "new ");
    if (!name) name = ATOM(anonymous_in_brackets);
  }
  if (name) {
    vm_builder_append(b, name);
    vm_builder_append_ascii(b, " (");
  }
  vm_builder_append(b, frame->file ? frame->file : ATOM(anonymous_in_brackets));
  char position[32];
  snprintf(position, sizeof position, ":%u:%u", frame->line, frame->column);
  vm_builder_append_ascii(b, position);
  if (name) vm_builder_append_unit(b, ')');
}

// Error.prepareStackTrace, or undefined.
static Value stack_preparer(Isolate *iso) {
  Object *constructor = INTRINSIC_OBJECT(iso, Error);
  Value v = constructor ? vm_quiet_get(iso, constructor, KEY(prepareStackTrace))
                        : VALUE_UNDEFINED;
  return v != VALUE_EMPTY && value_is_callable(v) ? v : VALUE_UNDEFINED;
}

Value vm_error_format_stack(Isolate *iso, Object *error, CellList *frames) {
  Value preparer = stack_preparer(iso);
  if (unlikely(!value_is_undefined(preparer))) {
    Array *sites = vm_error_call_sites(iso, frames);
    if (!sites) return VALUE_EXCEPTION;
    Value arguments[] = {value_from_cell(error), value_from_cell(sites)};
    return vm_call(iso, preparer, value_from_cell(INTRINSIC_OBJECT(iso, Error)),
                   2, arguments);
  }
  StringBuilder b;
  vm_builder_init(&b, iso);
  String *name = quiet_text(iso, error, KEY(name), ATOM(Error));
  String *message = quiet_text(iso, error, KEY(message), ATOM(empty));
  vm_builder_append(&b, name);
  if (string_length(name) > 0 && string_length(message) > 0)
    vm_builder_append_ascii(&b, ": ");
  vm_builder_append(&b, message);
  for (uint32_t i = 0; i < vm_error_frame_count(frames); i++) {
    ErrorFrame frame;
    vm_error_frame(iso, frames, i, &frame);
    vm_builder_append_ascii(&b, "\n    at ");
    vm_error_append_frame(&b, &frame);
  }
  String *text = vm_builder_finish(&b);
  return text ? value_from_cell(text) : VALUE_EXCEPTION;
}

Value vm_error_stack(Isolate *iso, ErrorObject *e) {
  // Zero: captured by nobody, an object of a constructor that threw.
  if (e->stack != VALUE_EMPTY && e->stack != 0) return e->stack;
  // A preparer that asks for the stack of its error gets undefined.
  CellList *frames = e->frames;
  gc_store_word(iso->heap, &e->stack, VALUE_UNDEFINED);
  Value stack = vm_error_format_stack(iso, &e->object, frames);
  if (value_is_exception(stack)) {
    gc_store_word(iso->heap, &e->stack, VALUE_EMPTY);
    return stack;
  }
  gc_store_word(iso->heap, &e->stack, stack);
  gc_store_pointer(iso->heap, &e->frames, NULL);
  return stack;
}
