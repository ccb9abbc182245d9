// SPDX-License-Identifier: MIT
// What coverage has counted, as JSON text, for test_coverage.js. Offsets are of
// the file's UTF-16 units; lines and columns are 1-based.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/testing/testing.h"
#include "vm/bytecode/coverage.h"

static uint32_t offset_of(const SourceFile *source, uint32_t at) {
  uint32_t head = source->line_count > 0 ? source->line_starts[0] : 0;
  return at < head ? 0 : at - head;
}

static uint32_t line_of(const SourceFile *source, uint32_t at) {
  uint32_t low = 0, high = source->line_count;
  while (high - low > 1) {
    uint32_t middle = low + (high - low) / 2;
    if (source->line_starts[middle] <= at) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low + 1;
}

static void write_text(FILE *out, Isolate *iso, String *string) {
  size_t length;
  char *text = vm_string_to_utf8(iso, string, &length);
  fputc('"', out);
  for (size_t i = 0; text != NULL && i < length; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c == '"' || c == '\\') {
      fprintf(out, "\\%c", c);
    } else if (c < 32) {
      fprintf(out, "\\u%04x", c);
    } else {
      fputc(c, out);
    }
  }
  fputc('"', out);
  free(text);
}

static unsigned long long count_of(const CoverageCounter *counter) {
  return atomic_load_explicit(counter->count, memory_order_relaxed);
}

// [line, start, end, count
static void write_counter(FILE *out, const SourceFile *source,
                          const CoverageCounter *counter) {
  fprintf(out, "[%u,%u,%u,%llu", line_of(source, counter->start),
          offset_of(source, counter->start), offset_of(source, counter->end),
          count_of(counter));
}

static void write_file(FILE *out, Isolate *iso, const CoverageFile *file) {
  const SourceFile *source = file->source;
  fprintf(out, "{\"file\":");
  write_text(out, iso, source->name);
  fprintf(out, ",\"length\":%u,\"functions\":[",
          offset_of(source, source->length));
  for (uint32_t i = 0; i < file->function_count; i++) {
    if (i > 0) fputc(',', out);
    write_counter(out, source, &file->functions[i].body);
    fputc(',', out);
    write_text(out, iso, file->functions[i].name);
    fputc(']', out);
  }
  fprintf(out, "],\"statements\":[");
  for (uint32_t i = 0; i < file->statement_count; i++) {
    if (i > 0) fputc(',', out);
    write_counter(out, source, &file->statements[i]);
    fputc(']', out);
  }
  static const char *const kinds[] = {"if", "cond-expr", "binary-expr",
                                      "switch"};
  fprintf(out, "],\"branches\":[");
  for (uint32_t i = 0; i < file->branch_count; i++) {
    const CoverageBranch *branch = &file->branches[i];
    fprintf(out, "%s[%u,\"%s\"]", i > 0 ? "," : "",
            line_of(source, branch->start), kinds[branch->kind]);
  }
  fprintf(out, "],\"arms\":[");
  for (uint32_t i = 0; i < file->arm_count; i++) {
    if (i > 0) fputc(',', out);
    write_counter(out, source, &file->arms[i].body);
    fprintf(out, ",%u]", file->arms[i].branch);
  }
  fprintf(out, "]}");
}

// coverageReport(): the text of an array of files, or undefined: it is off.
Value rt_test_coverage_report(Isolate *iso, const NativeCall *call) {
  Coverage *coverage = iso->coverage;
  if (coverage == NULL) return VALUE_UNDEFINED;
  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  if (out == NULL) return vm_throw_out_of_memory(iso);
  fputc('[', out);
  pthread_mutex_lock(&coverage->lock);
  for (CoverageFile *file = coverage->files; file != NULL; file = file->next) {
    if (file != coverage->files) fputc(',', out);
    write_file(out, iso, file);
  }
  pthread_mutex_unlock(&coverage->lock);
  fputc(']', out);
  if (fclose(out) != 0) {
    free(text);
    return vm_throw_out_of_memory(iso);
  }
  String *result = vm_string_from_utf8(iso, text, length);
  free(text);
  return result == NULL ? VALUE_EXCEPTION : value_from_cell(result);
}
