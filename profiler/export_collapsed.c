// SPDX-License-Identifier: MIT
// Collapsed stacks, one line a call path, as flame graph tools read them.
#include <string.h>

#include "profiler/profile.h"

static void write_path(Profiler *p, FILE *out, uint32_t id, bool is_last) {
  if (id == PROF_ROOT) return;
  const ProfNode *node = &p->nodes[id];
  write_path(p, out, node->parent, false);
  ProfFunction function;
  if (id == PROF_IDLE) {
    fputs("(idle)", out);
  } else if (prof_describe(p, node->code, &function)) {
    const char *file = strrchr(function.url, '/');
    fprintf(out, "%s (%s:%u)", function.name,
            file == NULL ? function.url : file + 1, function.line);
  } else {
    return;
  }
  if (!is_last) fputc(';', out);
}

void prof_write_collapsed(Profiler *p, FILE *out) {
  for (uint32_t i = 1; i < p->node_count; i++) {
    if (p->nodes[i].hits == 0) continue;
    write_path(p, out, i, true);
    fprintf(out, " %u\n", p->nodes[i].hits);
  }
}
