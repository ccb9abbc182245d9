// SPDX-License-Identifier: MIT
// Errors as people read them: where, the source line with a caret, the stack.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/modules/loader.h"
#include "runtime/program/source_maps.h"
#include "runtime/runtime.h"
#include "vm/interpreter/code.h"

// The place of the first frame in a stack's text: "    at f (file:1:2)".
bool rt_error_place(Isolate *iso, const char *stack, ErrorPlace *place) {
  for (const char *at = strstr(stack, "\n    at "); at != NULL;
       at = strstr(at + 1, "\n    at ")) {
    const char *end = strchr(at + 1, '\n');
    if (end == NULL) end = at + strlen(at);
    if (end[-1] == ')') end--;
    const char *column = end, *line;
    while (column > at && column[-1] != ':')
      column--;
    if (column <= at + 1) continue;
    line = column - 1;
    while (line > at && line[-1] != ':')
      line--;
    if (line <= at + 1) continue;
    const char *file = line - 1;
    while (file > at + 8 && file[-1] != '(')
      file--;
    size_t length = (size_t)(line - 1 - file);
    if (length == 0 || length >= sizeof place->file) continue;
    memcpy(place->file, file, length);
    place->file[length] = 0;
    place->line = (unsigned)strtoul(line, NULL, 10);
    place->column = (unsigned)strtoul(column, NULL, 10);
    if (place->line > 0) return true;
  }
  return false;
}

char *rt_text_line(const char *text, uint32_t line) {
  for (; line > 1 && text != NULL; line--) {
    text = strchr(text, '\n');
    if (text != NULL) text++;
  }
  return text == NULL ? NULL : strndup(text, strcspn(text, "\r\n"));
}

char *rt_error_source_line(Isolate *iso, const ErrorPlace *place) {
  char *mapped = rt_source_map_line(rt_of(iso), place->file, place->line);
  if (mapped != NULL) return mapped;
  // Of code that runs: its own copy of the text.
  String *name = vm_atom_from_c(place->file);
  for (const Code *code = vm_next_code(iso, NULL); code != NULL;
       code = vm_next_code(iso, code)) {
    const SourceFile *source = code->template->source;
    if (source != NULL && source->name == name) {
      return vm_source_line(source, place->line);
    }
  }
  // A text that did not compile: the file.
  if (place->file[0] != '/' || rt_of(iso)->options.deny_files) return NULL;
  size_t length;
  char *text = rt_read_file(iso, place->file, &length);
  if (text == NULL) {
    vm_take_exception(iso);
    return NULL;
  }
  char *result = rt_text_line(text, place->line);
  free(text);
  return result;
}

// The place and its source line, "file:line\ntext\n   ^\n\n", or "".
static char *source_excerpt(Isolate *iso, const ErrorPlace *place) {
  char *text = rt_error_source_line(iso, place);
  if (text == NULL) return strdup("");
  const char *start = text;
  int width = (int)strlen(text), from = 0;
  int column = (int)place->column - 1;
  if (width > 160) { // minified: a window around the place
    from = column > 80 ? column - 80 : 0;
    if (from > width) from = width;
    start += from;
    width = width - from > 160 ? 160 : width - from;
  }
  char indent[161];
  int n = 0;
  for (; n < column - from && n < width; n++) {
    indent[n] = start[n] == '\t' ? '\t' : ' ';
  }
  indent[n] = 0;
  char *result;
  if (asprintf(&result, "%s:%u\n%.*s\n%s^\n\n", place->file, place->line, width,
               start, indent) < 0) {
    result = NULL;
  }
  free(text);
  return result == NULL ? strdup("") : result;
}

// inspect(error), which adds own properties and causes; without it the stack.
static char *inspect_error(Runtime *rt, Value error) {
  Isolate *iso = rt->isolate;
  if (!rt->options.bare && value_is_object(error)) {
    Value name_space = rt_builtin_namespace(rt, "rill:internal/inspect");
    if (!value_is_exception(name_space)) {
      Value inspect =
          vm_get(iso, value_as_object(name_space), vm_key_from_c("inspect"));
      Value text = vm_call(iso, inspect, VALUE_UNDEFINED, 1, &error);
      if (value_is_string(text)) {
        return vm_string_to_utf8(iso, value_as_string(text), NULL);
      }
    }
    vm_take_exception(iso);
  }
  if (value_is_object(error)) {
    Value stack = vm_get(iso, value_as_object(error), KEY(stack));
    if (value_is_exception(stack)) vm_take_exception(iso);
    if (value_is_string(stack)) {
      return vm_string_to_utf8(iso, value_as_string(stack), NULL);
    }
  }
  char shown[1024];
  vm_describe(iso, error, shown, sizeof shown);
  return strdup(shown);
}

char *rt_describe_error(Isolate *iso, Value error) {
  char *text = inspect_error(rt_of(iso), error);
  if (text == NULL) return NULL;
  if (!value_is_kind(error, CELL_ERROR)) {
    char *result;
    int n = asprintf(&result,
                     "Uncaught:\n%s\n(Use a thrown Error to see where "
                     "it came from)\n",
                     text);
    free(text);
    return n < 0 ? NULL : result;
  }
  ErrorPlace place;
  char *excerpt = rt_error_place(iso, text, &place)
                      ? source_excerpt(iso, &place)
                      : strdup("");
  char *result = NULL;
  if (excerpt == NULL || asprintf(&result, "%s%s\n", excerpt, text) < 0) {
    result = NULL;
  }
  free(excerpt);
  free(text);
  return result;
}

void rt_report_error(Runtime *rt, Value error) {
  static const char speechless[] =
      "rill: out of memory, also for saying what the error was\n";
  char *text = rt_describe_error(rt->isolate, error);
  rt_error_output(rt, text == NULL ? speechless : text,
                  text == NULL ? sizeof speechless - 1 : strlen(text));
  free(text);
}
