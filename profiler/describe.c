// SPDX-License-Identifier: MIT
// From the words that the sampler took to functions and lines.
#include <stdlib.h>
#include <string.h>

#include "profiler/profile.h"
#include "vm/interpreter/optimized.h"

// Sampled words may be torn: only a Code that exists counts.
static bool is_code(Isolate *iso, const Code *code) {
  for (const Code *c = vm_next_code(iso, NULL); c != NULL;
       c = vm_next_code(iso, c)) {
    if (c == code) return true;
  }
  return false;
}

static void copy_text(Isolate *iso, String *text, char *out, size_t size) {
  char *utf8 = vm_string_to_utf8(iso, text, NULL);
  snprintf(out, size, "%s", utf8 == NULL ? "" : utf8);
  free(utf8);
}

bool prof_describe(Profiler *p, const Code *code, ProfFunction *out) {
  if (!is_code(p->isolate, code)) return false;
  const Template *t = code->template;
  memset(out, 0, sizeof *out);
  copy_text(p->isolate, t->name, out->name, sizeof out->name);
  if (out->name[0] == 0) {
    bool is_top = t->kind == CODE_SCRIPT || t->kind == CODE_MODULE ||
                  t->kind == CODE_EVAL;
    strcpy(out->name, is_top ? "(top level)" : "(anonymous)");
  }
  if (t->source != NULL) {
    if (t->source->name != NULL) {
      copy_text(p->isolate, t->source->name, out->url, sizeof out->url);
    }
    CodePosition at = vm_source_position(t->source, t->source_start);
    out->line = at.line;
    out->column = at.column;
  }
  return true;
}

uint32_t prof_line(Profiler *p, const Code *code, const Instruction *pc) {
  uint32_t offset = vm_baseline_offset(code, pc);
  if (offset == UINT32_MAX) return 0;
  return vm_template_position(code->template, offset).line;
}
