// SPDX-License-Identifier: MIT
// Errors copied out of their isolate: texts, frames with their source lines,
// and causes.
#include <stdio.h>
#include <stdlib.h>

#include "runtime/api/api.h"
#include "runtime/program/source_maps.h"

enum { MOST_CAUSES = 16 };

static char empty[] = "";

// Takes a text; "" for none.
static const char *text_or_empty(char *text) {
  return text == NULL ? empty : text;
}

static void free_text(const char *text) {
  if (text != empty) free((char *)(uintptr_t)text);
}

void rill_error_record_free(rill_error_record *r) {
  while (r != NULL) {
    for (size_t i = 0; i < r->frame_count; i++) {
      free_text(r->frames[i].function);
      free_text(r->frames[i].file);
      free_text(r->frames[i].source_line);
    }
    free((rill_frame *)(uintptr_t)r->frames);
    free_text(r->name);
    free_text(r->message);
    free_text(r->stack);
    free_text(r->code);
    free_text(r->file);
    free_text(r->source_line);
    rill_error_record *cause = (rill_error_record *)(uintptr_t)r->cause;
    free(r);
    r = cause;
  }
}

// A line of a stack with what ends the one before, "\n    at async new name
// (file:line:column)", without the part that is missing.
static void read_frame(Isolate *iso, char *line, rill_frame *to) {
  *to = (rill_frame){.function = empty, .file = empty, .source_line = empty};
  ErrorPlace place;
  if (rt_error_place(iso, line, &place)) {
    to->file = text_or_empty(strdup(place.file));
    to->line = place.line;
    to->column = place.column;
    to->source_line = text_or_empty(rt_error_source_line(iso, &place));
  }
  char *name = line + strlen("\n    at ");
  to->is_async = strncmp(name, "async ", 6) == 0;
  if (to->is_async) name += 6;
  to->is_construct = strncmp(name, "new ", 4) == 0;
  if (to->is_construct) name += 4;
  const char *end = strstr(name, " (");
  if (end != NULL)
    to->function = text_or_empty(strndup(name, (size_t)(end - name)));
}

// From the text of the stack: it is what scripts see, too, and the raw frames
// are gone once somebody has asked for it.
static void copy_frames(Isolate *iso, rill_error_record *r) {
  static const char mark[] = "\n    at ";
  size_t count = 0;
  for (const char *at = r->stack; (at = strstr(at, mark)) != NULL; at++)
    count++;
  rill_frame *frames = calloc(count + 1, sizeof *frames);
  if (frames == NULL) return;
  const char *at = r->stack;
  for (size_t i = 0; i < count; i++) {
    at = strstr(at, mark);
    char *line = strndup(at, 1 + strcspn(at + 1, "\n"));
    if (line == NULL) break;
    read_frame(iso, line, &frames[i]);
    free(line);
    r->frame_count = i + 1;
    at++;
  }
  r->frames = frames;
}

// NULL: out of memory. Getters run.
static rill_error_record *copy_one(Isolate *iso, Value thrown) {
  rill_error_record *r = calloc(1, sizeof *r);
  if (r == NULL) return NULL;
  r->kind = RILL_ERROR_THROWN;
  r->name = r->message = r->stack = r->code = r->file = r->source_line = empty;
  if (!value_is_kind(thrown, CELL_ERROR)) {
    r->message = text_or_empty(api_describe(iso, thrown));
    r->stack = text_or_empty(strdup(r->message));
    return r;
  }
  r->name = text_or_empty(api_property_text(iso, thrown, KEY(name)));
  r->message = text_or_empty(api_property_text(iso, thrown, KEY(message)));
  r->stack = text_or_empty(api_property_text(iso, thrown, KEY(stack)));
  r->code =
      text_or_empty(api_property_text(iso, thrown, vm_key_from_c("code")));
  copy_frames(iso, r);
  ErrorPlace place;
  if (rt_error_place(iso, r->stack, &place)) {
    r->file = text_or_empty(strdup(place.file));
    r->line = place.line;
    r->column = place.column;
    r->source_line = text_or_empty(rt_error_source_line(iso, &place));
  }
  return r;
}

// What it was caused by, found without running getters; EMPTY: nothing.
static Value cause_of(Isolate *iso, Value thrown) {
  return value_is_kind(thrown, CELL_ERROR)
             ? vm_quiet_get(iso, value_as_object(thrown), KEY(cause))
             : VALUE_EMPTY;
}

static rill_error_record *copy_all(Isolate *iso, Value thrown) {
  ApiLimits limits = api_limit_getters(iso);
  rill_error_record *first = copy_one(iso, thrown), *last = first;
  for (int depth = 0; last != NULL && depth < MOST_CAUSES; depth++) {
    thrown = cause_of(iso, thrown);
    if (value_is_empty(thrown) || value_is_undefined(thrown)) break;
    rill_error_record *cause = copy_one(iso, thrown);
    last->cause = cause;
    last = cause;
  }
  api_restore_limits(iso, limits);
  return first;
}

rill_error_record *rill_copy_thrown(rill_isolate *api, rill_value thrown) {
  api_use(api);
  return copy_all(api->iso, api_value(api, thrown));
}

rill_error_record *rill_copy_error(rill_isolate *api) {
  api_use(api);
  if (api->error.kind == RILL_ERROR_NONE) return NULL;
  if (!value_is_empty(api->exception.word)) {
    rill_error_record *r = copy_all(api->iso, api->exception.word);
    if (r != NULL) r->kind = api->error.kind;
    return r;
  }
  rill_error_record *r = calloc(1, sizeof *r);
  if (r == NULL) return NULL;
  r->kind = api->error.kind;
  r->name = r->stack = r->code = r->file = r->source_line = empty;
  r->message = text_or_empty(strdup(api->error.message));
  return r;
}

// The line and a mark below the column, as wide as the tabs before it.
static void put_source_line(FILE *out, const char *text, uint32_t column) {
  if (*text == 0) return;
  fprintf(out, "      %s\n      ", text);
  for (uint32_t i = 1; i < column && text[i - 1] != 0; i++)
    fputc(text[i - 1] == '\t' ? '\t' : ' ', out);
  fputs("^\n", out);
}

char *rill_error_record_text(const rill_error_record *r) {
  char *text = NULL;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  if (out == NULL) return NULL;
  for (const rill_error_record *e = r; e != NULL; e = e->cause) {
    fprintf(out, "%s%s%s%s\n", e == r ? "" : "Caused by: ", e->name,
            *e->name == 0 || *e->message == 0 ? "" : ": ", e->message);
    if (e->frame_count == 0 && e->line != 0) {
      fprintf(out, "    at %s:%u:%u\n", e->file, e->line, e->column);
      put_source_line(out, e->source_line, e->column);
    }
    for (size_t i = 0; i < e->frame_count; i++) {
      const rill_frame *f = &e->frames[i];
      fprintf(out, "    at %s%s%s", f->is_async ? "async " : "",
              f->is_construct ? "new " : "",
              *f->function == 0 ? "<anonymous>" : f->function);
      if (f->line != 0)
        fprintf(out, " (%s:%u:%u)\n", f->file, f->line, f->column);
      else
        fputs(" (native)\n", out);
      put_source_line(out, f->source_line, f->column);
    }
  }
  return fclose(out) == 0 ? text : (free(text), NULL);
}

bool rill_use_source_maps(rill_isolate *api) {
  api_use(api);
  if (rt_source_maps_enable(api->rt)) return true;
  api_fail_host(api, "Out of memory");
  return false;
}

bool rill_set_source_map(rill_isolate *api, const char *name, const char *json,
                         size_t length) {
  api_use(api);
  if (rt_source_map_add(api->rt, name, json, api_text_length(json, length)))
    return true;
  api_fail_host(api, "rill_set_source_map: not a source map of version 3");
  return false;
}
