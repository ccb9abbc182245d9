// SPDX-License-Identifier: MIT
// Where script code runs, and the text of its lines.
#include <stdlib.h>

#include "vm/interpreter/optimized.h"
#include "vm/interpreter/run.h"

bool vm_current_location(Isolate *iso, SourceLocation *out) {
  *out = (SourceLocation){0};
  for (Frame *frame = iso->frame; frame != NULL; frame = frame->caller) {
    Activation at;
    for (uint32_t i = 0; vm_frame_activation(frame, i, &at); i++) {
      if (at.code->cell.flags & CODE_FLAG_SELF_HOSTED) continue;
      const Template *t = at.code->template;
      CodePosition position = vm_template_position(t, at.offset);
      out->file = t->source;
      out->line = position.line;
      out->column = position.column;
      out->function_name = t->name;
      return true;
    }
  }
  return false;
}

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
