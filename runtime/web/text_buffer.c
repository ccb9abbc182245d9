// SPDX-License-Identifier: MIT
#include "runtime/web/text_buffer.h"

bool rt_text_grow(TextBuffer *t, size_t more) {
  if (t->failed) return false;
  size_t capacity = t->capacity * 2;
  if (capacity < t->length + more) capacity = t->length + more;
  char *bytes =
      t->bytes == t->local ? malloc(capacity) : realloc(t->bytes, capacity);
  if (bytes == NULL) {
    t->failed = true;
    return false;
  }
  if (t->bytes == t->local) memcpy(bytes, t->local, t->length);
  t->bytes = bytes;
  t->capacity = capacity;
  return true;
}
