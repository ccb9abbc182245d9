// SPDX-License-Identifier: MIT
// The stacks of errors: frames are captured as raw words, formatted on demand.
//
// A frame is three words of a CellList: the function (0: none), its code, and
// an int32 whose low bits are STACK_FRAME_* and whose others are the offset of
// the instruction in the baseline or optimized template.
#include <stdio.h>

#include "vm/interpreter/fiber.h"
#include "vm/interpreter/promise.h"
#include "vm/objects/error_object.h"
#include "vm/objects/operations.h"

enum {
  STACK_FRAME_CONSTRUCT = 1 << 0,
  STACK_FRAME_ASYNC = 1 << 1, // awaits what is above
  STACK_FRAME_OPTIMIZED = 1 << 2,
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

static uint64_t pack_running(const Frame *frame) {
  const Code *code = frame->code;
  int flags = frame->flags & FRAME_CONSTRUCT ? STACK_FRAME_CONSTRUCT : 0;
  const Template *t = code->template;
  if (frame->pc < t->code || frame->pc >= t->code + t->code_count) {
    t = code->optimized;
    if (!t || frame->pc < t->code || frame->pc >= t->code + t->code_count)
      return pack(0, flags);
    flags |= STACK_FRAME_OPTIMIZED;
  }
  return pack((uint32_t)(frame->pc - t->code), flags);
}

// The fiber that awaits the result of an async function's fiber, or NULL.
static Fiber *awaiting_fiber(const Fiber *fiber) {
  const Object *owner = fiber->owner;
  if (!owner || object_kind(owner) != CELL_PROMISE) return NULL;
  const PromiseReaction *reaction = ((const Promise *)owner)->reactions;
  for (; reaction; reaction = reaction->next)
    if (reaction->cell.flags == REACTION_AWAIT)
      return (Fiber *)value_as_cell(reaction->target);
  return NULL;
}

typedef struct Capture {
  uint64_t *words; // NULL: only counting
  uint32_t count, limit;
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

static void walk(const Frame *frame, Capture *c) {
  const Frame *outermost = NULL;
  for (; frame && c->count < c->limit; frame = frame->caller) {
    outermost = frame;
    if (!is_hidden(frame->code))
      add(c, frame->function, frame->code, pack_running(frame));
  }
  if (frame || !outermost || !outermost->fiber) return;
  // Beyond the C stack: who awaits the outermost frame.
  Fiber *fiber = outermost->fiber;
  while (c->count < c->limit && (fiber = awaiting_fiber(fiber)))
    if (!is_hidden(fiber->code))
      add(c, fiber->function, fiber->code, pack(fiber->pc, STACK_FRAME_ASYNC));
}

CellList *vm_error_capture_frames(Isolate *iso, Object *hidden) {
  const Frame *frame = iso->frame;
  if (hidden) {
    while (frame && (Object *)frame->function != hidden)
      frame = frame->caller;
    // A function that is not running hides everything, as in V8.
    if (frame) frame = frame->caller;
  }
  Capture counting = {NULL, 0, stack_trace_limit(iso)};
  if (counting.limit == 0) return NULL;
  walk(frame, &counting);
  if (counting.count == 0) return NULL;
  CellList *list = vm_cell_list_new(iso, counting.count * WORDS_PER_FRAME);
  if (!list) return NULL;
  Capture filling = {list->words, 0, counting.count};
  walk(frame, &filling);
  return list;
}

void vm_error_header(Isolate *iso, Object *error, Value *name, Value *message) {
  *name = vm_quiet_get(iso, error, KEY(name));
  *message = vm_quiet_get(iso, error, KEY(message));
  if (*name == VALUE_EMPTY || !value_is_string(*name)) *name = VALUE_UNDEFINED;
  if (*message == VALUE_EMPTY || !value_is_string(*message))
    *message = VALUE_UNDEFINED;
}

void vm_error_capture_stack(Isolate *iso, Object *error) {
  if (object_kind(error) != CELL_ERROR) return;
  ErrorObject *e = (ErrorObject *)error;
  CellList *frames = vm_error_capture_frames(iso, NULL);
  gc_store_pointer(iso->heap, &e->frames, frames);
  gc_store_pointer(iso->heap, &e->stack, NULL);
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

static void append_frame(Isolate *iso, StringBuilder *b,
                         const uint64_t *words) {
  const Code *code = (const Code *)(uintptr_t)words[1];
  uint32_t bits = (uint32_t)value_as_int(words[2]);
  const Template *t = code->template;
  if ((bits & STACK_FRAME_OPTIMIZED) && code->optimized) t = code->optimized;
  String *name =
      function_name(iso, code->template, (Function *)(uintptr_t)words[0]);
  vm_builder_append_ascii(b, "\n    at ");
  if (bits & STACK_FRAME_ASYNC) vm_builder_append_ascii(b, "async ");
  if (bits & STACK_FRAME_CONSTRUCT) {
    vm_builder_append_ascii(b, "new ");
    if (!name) name = ATOM(anonymous_in_brackets);
  }
  if (name) {
    vm_builder_append(b, name);
    vm_builder_append_ascii(b, " (");
  }
  CodePosition at = vm_template_position(t, bits >> STACK_FRAME_BITS);
  const SourceFile *file = code->template->source;
  if (file && file->name && string_length(file->name) > 0)
    vm_builder_append(b, file->name);
  else
    vm_builder_append_ascii(b, "<anonymous>");
  char position[32];
  snprintf(position, sizeof position, ":%u:%u", at.line, at.column);
  vm_builder_append_ascii(b, position);
  if (name) vm_builder_append_unit(b, ')');
}

String *vm_error_format_stack(Isolate *iso, Value name, Value message,
                              CellList *frames) {
  StringBuilder b;
  vm_builder_init(&b, iso);
  String *head = value_is_string(name) ? value_as_string(name) : ATOM(Error);
  String *tail =
      value_is_string(message) ? value_as_string(message) : ATOM(empty);
  vm_builder_append(&b, head);
  if (string_length(head) > 0 && string_length(tail) > 0)
    vm_builder_append_ascii(&b, ": ");
  vm_builder_append(&b, tail);
  uint32_t count = frames ? frames->cell.extra / WORDS_PER_FRAME : 0;
  for (uint32_t i = 0; i < count; i++)
    append_frame(iso, &b, frames->words + (size_t)i * WORDS_PER_FRAME);
  return vm_builder_finish(&b);
}

String *vm_error_stack(Isolate *iso, ErrorObject *e) {
  if (!e->stack) {
    Value name, message;
    vm_error_header(iso, &e->object, &name, &message);
    String *text = vm_error_format_stack(iso, name, message, e->frames);
    if (!text) return NULL;
    gc_store_pointer(iso->heap, &e->stack, text);
    gc_store_pointer(iso->heap, &e->frames, NULL);
  }
  return e->stack;
}
