// SPDX-License-Identifier: MIT
// Bytes that grow, the first few of them on the C stack. Running out of memory
// is remembered in `failed` and makes further appends do nothing: who builds a
// text asks once, at the end.
#ifndef RILL_RUNTIME_WEB_TEXT_BUFFER_H
#define RILL_RUNTIME_WEB_TEXT_BUFFER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct TextBuffer {
  char *bytes; // local, or malloc'ed
  size_t length, capacity;
  bool failed;
  char local[128];
} TextBuffer;

static inline void text_init(TextBuffer *t) {
  t->bytes = t->local;
  t->length = 0;
  t->capacity = sizeof t->local;
  t->failed = false;
}
static inline void text_free(TextBuffer *t) {
  if (t->bytes != t->local) free(t->bytes);
}
// Room for `more` bytes. False: out of memory.
bool rt_text_grow(TextBuffer *, size_t more);
static inline bool text_reserve(TextBuffer *t, size_t more) {
  return t->capacity - t->length >= more || rt_text_grow(t, more);
}
static inline void text_add(TextBuffer *t, char c) {
  if (text_reserve(t, 1)) t->bytes[t->length++] = c;
}
static inline void text_append(TextBuffer *t, const char *bytes, size_t n) {
  if (!text_reserve(t, n)) return;
  memcpy(t->bytes + t->length, bytes, n);
  t->length += n;
}
static inline void text_append_c(TextBuffer *t, const char *text) {
  text_append(t, text, strlen(text));
}
static inline void text_append_text(TextBuffer *t, const TextBuffer *other) {
  text_append(t, other->bytes, other->length);
  t->failed |= other->failed;
}
static inline void text_clear(TextBuffer *t) {
  t->length = 0;
}
static inline bool text_is(const TextBuffer *t, const char *text) {
  return t->length == strlen(text) && memcmp(t->bytes, text, t->length) == 0;
}

#endif
