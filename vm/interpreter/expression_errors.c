// SPDX-License-Identifier: MIT
// Errors that name the expression that failed: calls of what cannot be called,
// iteration and destructuring of what has no such thing.
#include <string.h>

#include "vm/bytecode/function_builder.h"
#include "vm/interpreter/calls.h"
#include "vm/interpreter/optimized.h"
#include "vm/syntax/syntax.h"

static bool is_call(Opcode op) {
  switch (op) {
  case OP_CALL:
  case OP_CALL_FUNCTION:
  case OP_CALL_FORWARD:
  case OP_CALL_SPREAD:
  case OP_CALL_EVAL:
  case OP_NEW:
  case OP_CONSTRUCT_SPREAD:
    return true;
  default:
    return false;
  }
}

static bool same_place(CodePosition x, CodePosition y) {
  return x.line == y.line && x.column == y.column;
}

// Calls at `position` before the word `offset`.
static uint32_t ordinal_of(const Template *t, uint32_t offset,
                           CodePosition position) {
  uint32_t ordinal = 0;
  for (uint32_t i = 0; i < t->position_count; i++) {
    if (!same_place(t->positions[i], position)) continue;
    uint32_t end = i + 1 < t->position_count ? t->positions[i + 1].pc : offset;
    if (end > offset) end = offset;
    for (uint32_t pc = t->positions[i].pc; pc < end;) {
      Opcode op = (Opcode)t->code[pc].op;
      ordinal += is_call(op);
      pc += bytecode_width(op);
    }
  }
  return ordinal;
}

// Where the innermost activation is. False: it has no text.
typedef struct Place {
  Activation at;
  Opcode op;
  CodePosition position;
  SourceText source;
  uint32_t offset; // of the position
} Place;
static bool find_place(Isolate *iso, Place *place) {
  if (iso->frame == NULL || !vm_frame_activation(iso->frame, 0, &place->at) ||
      place->at.code->cell.flags & CODE_FLAG_SELF_HOSTED)
    return false;
  const Template *t = place->at.code->template;
  const SourceFile *file = t->source;
  CodePosition position = vm_template_position(t, place->at.offset);
  if (file == NULL || position.line == 0 || position.line > file->line_count)
    return false;
  place->op = (Opcode)t->code[place->at.offset].op;
  place->position = position;
  place->source = file->is_wide
                      ? syntax_source_utf16(file->units, file->length)
                      : syntax_source_latin1(file->units, file->length);
  place->offset = file->line_starts[position.line - 1] + position.column - 1;
  return place->offset <= file->length; // loaded code may say anything
}

enum { TEXT_SIZE = 256 };

// Is it the super() of a derived constructor itself?
static bool is_super_call(const Place *place) {
  return (place->op == OP_CONSTRUCT || place->op == OP_CONSTRUCT_SPREAD) &&
         place->at.code->template->kind == CODE_DERIVED_CONSTRUCTOR;
}

static void throw_bad_super(Isolate *iso, Value callee, const Place *place) {
  char of[TEXT_SIZE], name[TEXT_SIZE] = "null";
  Value v = value_is_object(callee)
                ? vm_quiet_get(iso, value_as_object(callee), KEY(name))
                : VALUE_EMPTY;
  if (value_is_string(v) && string_length(value_as_string(v)) > 0) {
    vm_describe_plainly(iso, v, name, sizeof name);
  }
  vm_describe_plainly(iso, value_from_cell(place->at.code->template->name), of,
                      sizeof of);
  vm_throw_type(iso, "Super constructor %s of %s is not a constructor", name,
                *of ? of : "anonymous class");
}

void vm_throw_bad_callee(Isolate *iso, Value callee, bool is_construct) {
  char text[TEXT_SIZE];
  Place place;
  bool found = find_place(iso, &place);
  if (found && is_call(place.op) &&
      syntax_describe_callee(
          &place.source, place.offset,
          ordinal_of(place.at.code->template, place.at.offset, place.position),
          text, sizeof text)) {
    vm_throw_type(iso, "%s is not %s", text,
                  is_construct ? "a constructor" : "a function");
  } else if (found && is_construct && is_super_call(&place)) {
    throw_bad_super(iso, callee, &place);
  } else if (is_construct) {
    vm_throw_type_value(iso, "%s is not a constructor", callee);
  } else {
    vm_throw_not_callable(iso, callee);
  }
}

// "undefined", "object null", "number 5", "object"
static void describe_with_type(Isolate *iso, Value v, char *text, size_t size) {
  vm_describe_plainly(iso, value_from_cell(vm_typeof(iso, v)), text, size);
  size_t length = strlen(text);
  if (v == VALUE_UNDEFINED || value_is_object(v) || size - length < 2) return;
  text[length++] = ' ';
  vm_describe(iso, v, text + length, size - length);
}

void vm_throw_not_iterable(Isolate *iso, Value v, bool is_async) {
  char text[TEXT_SIZE];
  Place place;
  bool found = find_place(iso, &place);
  const char *kind = is_async ? "async " : "";
  if (found &&
      (place.op == OP_GET_ITERATOR || place.op == OP_GET_ASYNC_ITERATOR ||
       place.op == OP_ARRAY_SPREAD) &&
      syntax_describe_source(&place.source, place.offset, text, sizeof text) ==
          SOURCE_FOUND) {
    size_t length = strlen(text);
    bool is_call = length > 5 && strcmp(text + length - 5, "(...)") == 0;
    if (is_call) text[length - 5] = 0;
    vm_throw_type(iso, "%s is not %s%siterable", text,
                  is_call ? "a function or its return value is not " : "",
                  kind);
    return;
  }
  describe_with_type(iso, v, text, sizeof text);
  vm_throw_type(iso,
                "%s is not %siterable (cannot read property Symbol(Symbol.%s))",
                text, kind, is_async ? "asyncIterator" : "iterator");
}

bool vm_throw_bad_pattern(Isolate *iso, Value v, PropertyKey key) {
  char text[TEXT_SIZE], name[TEXT_SIZE];
  Place place;
  if (!find_place(iso, &place)) return false;
  ExpressionSource source = syntax_describe_pattern_source(
      &place.source, place.offset, text, sizeof text);
  if (source == SOURCE_UNKNOWN) return false;
  if (source == SOURCE_PARAMETER) {
    describe_with_type(iso, v, text, sizeof text);
  }
  vm_describe_key(iso, key, name, sizeof name);
  vm_throw_type(iso, "Cannot destructure property '%s' of '%s' as it is %s.",
                name, text, value_is_null(v) ? "null" : "undefined");
  return true;
}

void vm_throw_not_coercible(Isolate *iso, Value v) {
  char text[TEXT_SIZE];
  const char *kind = value_is_null(v) ? "null" : "undefined";
  Place place;
  bool found = find_place(iso, &place) && place.offset < place.source.length;
  if (found && source_unit(&place.source, place.offset) != '{') {
    vm_throw_type(iso, "Cannot read properties of %s", kind);
    return;
  }
  if (!found || syntax_describe_source(&place.source, place.offset, text,
                                       sizeof text) != SOURCE_FOUND) {
    vm_describe(iso, v, text, sizeof text);
  }
  vm_throw_type(iso, "Cannot destructure '%s' as it is %s.", text, kind);
}
