// SPDX-License-Identifier: MIT
// The Function constructor's parse (ECMA-262 20.2.1.1.1): parameters and body
// must each stand on their own before the assembled text is parsed, so that
// neither can close the other's brackets or comments.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "vm/syntax/parser.h"

typedef struct TextBuilder {
  void *units;
  uint32_t length;
  bool wide;
} TextBuilder;

static void append_unit(TextBuilder *builder, uint16_t unit) {
  if (builder->wide)
    ((uint16_t *)builder->units)[builder->length++] = unit;
  else
    ((uint8_t *)builder->units)[builder->length++] = (uint8_t)unit;
}

static void append_ascii(TextBuilder *builder, const char *text) {
  while (*text)
    append_unit(builder, (uint8_t)*text++);
}

static void append_text(TextBuilder *builder, const SourceText *text) {
  for (uint32_t i = 0; i < text->length; i++)
    append_unit(builder, source_unit(text, i));
}

static ParseResult fail_memory(const SourceText *source) {
  ParseResult result = {.source = source};
  result.error.type = SYNTAX_ERROR_MEMORY;
  strcpy(result.error.message, "Out of memory");
  return result;
}

// Names, commas and white space only: such parameters close nothing. Without a
// closing brace the body cannot end the function either, which then has to be
// the text's last one.
static bool stand_alone(const SourceText *parameters, const SourceText *body) {
  for (uint32_t i = 0; i < parameters->length; i++) {
    uint16_t unit = source_unit(parameters, i);
    if (unit >= 0x80 || (!isalnum(unit) && strchr("_$, \n", unit) == NULL) ||
        unit == 0) {
      return false;
    }
  }
  for (uint32_t i = 0; i < body->length; i++)
    if (source_unit(body, i) == '}') return false;
  return true;
}

ParseResult syntax_parse_dynamic_function(const SourceText *parameters,
                                          const SourceText *body,
                                          const SyntaxOptions *options,
                                          SourceText *assembled) {
  *assembled = syntax_source_latin1((const uint8_t *)"", 0);
  uint64_t capacity = (uint64_t)parameters->length + body->length + 64;
  if (capacity > 0x7ffffff0) return fail_memory(assembled);
  TextBuilder builder = {.wide = parameters->kind == SOURCE_UTF16 ||
                                 body->kind == SOURCE_UTF16};
  builder.units = malloc(builder.wide ? capacity * 2 : capacity);
  if (!builder.units) return fail_memory(assembled);
  if (options->is_async) append_ascii(&builder, "async ");
  append_ascii(&builder, "function");
  if (options->is_generator) append_ascii(&builder, "*");
  append_ascii(&builder, " anonymous(");
  uint32_t parameters_start = builder.length;
  append_text(&builder, parameters);
  append_ascii(&builder, SYNTAX_FUNCTION_MIDDLE);
  uint32_t body_start = builder.length;
  append_text(&builder, body);
  append_ascii(&builder, SYNTAX_FUNCTION_END);
  *assembled = builder.wide
                   ? syntax_source_utf16(builder.units, builder.length)
                   : syntax_source_latin1(builder.units, builder.length);
  assembled->owned = true;

  SyntaxOptions fixed = *options;
  fixed.goal = SYNTAX_DYNAMIC_FUNCTION;
  if (stand_alone(parameters, body)) {
    ParseResult result = syntax_parse_text(assembled, &fixed, FRAGMENT_NONE);
    if (result.error.type == SYNTAX_ERROR_NONE) return result;
    // The parts give the better error.
    syntax_parse_release(&result);
  }
  for (int i = 0; i < 2; i++) {
    ParseResult result = syntax_parse_text(
        i ? body : parameters, &fixed, i ? FRAGMENT_BODY : FRAGMENT_PARAMETERS);
    if (result.error.type == SYNTAX_ERROR_NONE) {
      syntax_parse_release(&result);
      continue;
    }
    uint32_t start = i ? body_start : parameters_start;
    result.error.start += start;
    result.error.end += start;
    result.error.position = syntax_source_locate(assembled, result.error.start);
    result.source = assembled;
    return result;
  }
  return syntax_parse_text(assembled, &fixed, FRAGMENT_NONE);
}
