// SPDX-License-Identifier: MIT
// Where script code runs, the text of its lines, and places of sources in the
// stacks of errors.
#include <stdlib.h>

#include "vm/interpreter/optimized.h"
#include "vm/interpreter/run.h"
#include "vm/objects/error_object.h"

static size_t put_utf8(char *to, uint32_t c) {
  if (c < 0x80) {
    to[0] = (char)c;
    return 1;
  }
  if (c < 0x800) {
    to[0] = (char)(0xc0 | c >> 6);
    to[1] = (char)(0x80 | (c & 63));
    return 2;
  }
  to[0] = (char)(0xe0 | c >> 12);
  to[1] = (char)(0x80 | (c >> 6 & 63));
  to[2] = (char)(0x80 | (c & 63));
  return 3;
}

char *vm_source_line(const SourceFile *file, uint32_t line) {
  if (file == NULL || line == 0 || line > file->line_count) return NULL;
  uint32_t start = file->line_starts[line - 1];
  uint32_t end =
      line < file->line_count ? file->line_starts[line] : file->length;
  StringView view = {file->units, file->length, file->is_wide};
  while (end > start && (string_view_at(view, end - 1) == '\n' ||
                         string_view_at(view, end - 1) == '\r'))
    end--;
  char *text = malloc((size_t)(end - start) * 3 + 1);
  if (text == NULL) return NULL;
  size_t length = 0;
  for (uint32_t i = start; i < end; i++) {
    uint16_t unit = string_view_at(view, i);
    bool lone = unit >= 0xd800 && unit < 0xe000;
    length += put_utf8(text + length, lone ? 0xfffd : unit);
  }
  text[length] = 0;
  return text;
}

void vm_error_add_place(Isolate *iso, const char *file_name, uint32_t line,
                        uint32_t column) {
  if (vm_is_terminating(iso) || !value_is_kind(iso->exception, CELL_ERROR))
    return;
  Value exception = vm_take_exception(iso);
  ErrorObject *error = (ErrorObject *)value_as_cell(exception);
  // A stack that is text already begins with a place.
  bool has_place = value_is_string(error->stack);
  Value frames = vm_error_stack(iso, error);
  char *text = value_is_string(frames)
                   ? vm_string_to_utf8(iso, value_as_string(frames), NULL)
                   : NULL;
  if (text != NULL) {
    char *rest = strstr(text, "\n    at ");
    if (rest != NULL && has_place) rest = strchr(rest + 1, '\n');
    if (rest == NULL) rest = text + strlen(text);
    String *tail = vm_string_from_utf8(iso, rest, strlen(rest));
    *rest = 0;
    String *stack = vm_string_format(
        iso, "%s\n    at %s:%u:%u", text,
        file_name != NULL ? file_name : "<anonymous>", line, column);
    if (stack != NULL && tail != NULL)
      stack = vm_string_concat(iso, stack, tail);
    if (stack != NULL)
      gc_store_word(iso->heap, &error->stack, value_from_cell(stack));
  }
  free(text);
  if (vm_has_exception(iso)) vm_take_exception(iso);
  vm_throw(iso, exception);
}

void vm_error_add_offset(Isolate *iso, const SourceFile *file,
                         uint32_t offset) {
  if (file == NULL || file->name == NULL) return;
  uint32_t low = 0, high = file->line_count; // the last line that starts there
  while (low + 1 < high) {
    uint32_t middle = (low + high) / 2;
    if (file->line_starts[middle] <= offset) {
      low = middle;
    } else {
      high = middle;
    }
  }
  char *name = vm_string_to_utf8(iso, file->name, NULL);
  if (name != NULL && file->line_count != 0)
    vm_error_add_place(iso, name, low + 1, offset - file->line_starts[low] + 1);
  free(name);
}
