// SPDX-License-Identifier: MIT
// .cpuprofile, the format of the Chrome DevTools Protocol's Profiler.Profile.
#include <stdlib.h>

#include "profiler/json_text.h"
#include "profiler/profile.h"

static const char *const special_names[] = {"(root)", "(idle)", "(program)"};

static void write_node(Profiler *p, FILE *out, uint32_t id,
                       const uint32_t *shown, const uint32_t *hits) {
  const ProfNode *node = &p->nodes[id];
  ProfFunction function = {0};
  const char *name = function.name;
  if (id <= PROF_PROGRAM) {
    name = special_names[id];
  } else {
    prof_describe(p, node->code, &function);
  }
  fprintf(out,
          "%s{\"id\":%u,\"callFrame\":{\"functionName\":", id == 0 ? "" : ",\n",
          id + 1);
  prof_write_json_string(out, name);
  fprintf(out, ",\"scriptId\":\"0\",\"url\":");
  prof_write_json_string(out, function.url);
  fprintf(out, ",\"lineNumber\":%d,\"columnNumber\":%d},\"hitCount\":%u",
          (int)function.line - 1, (int)function.column - 1, hits[id]);
  bool first = true;
  for (uint32_t i = 1; i < p->node_count; i++) {
    if (shown[i] != i || shown[p->nodes[i].parent] != id) continue;
    fprintf(out, "%s%u", first ? ",\"children\":[" : ",", i + 1);
    first = false;
  }
  if (!first) fputc(']', out);
  first = true;
  for (uint32_t i = 0; id > PROF_PROGRAM && i < p->tick_table_size; i++) {
    const ProfTick *tick = &p->ticks[i];
    if (tick->count == 0 || tick->node != id) continue;
    uint32_t line = prof_line(p, node->code, tick->pc);
    if (line == 0) continue;
    fprintf(out, "%s{\"line\":%u,\"ticks\":%u}",
            first ? ",\"positionTicks\":[" : ",", line, tick->count);
    first = false;
  }
  if (!first) fputc(']', out);
  fputc('}', out);
}

void prof_write_cpuprofile(Profiler *p, FILE *out) {
  // Nodes of codes that do not exist are folded into their callers.
  uint32_t *shown = calloc(p->node_count, sizeof *shown);
  uint32_t *hits = calloc(p->node_count, sizeof *hits);
  if (shown == NULL || hits == NULL) {
    free(shown);
    free(hits);
    return;
  }
  for (uint32_t i = 0; i < p->node_count; i++) {
    ProfFunction unused;
    bool known =
        i <= PROF_PROGRAM || prof_describe(p, p->nodes[i].code, &unused);
    shown[i] = known ? i : shown[p->nodes[i].parent];
    hits[shown[i]] += p->nodes[i].hits;
  }
  fprintf(out, "{\"nodes\":[");
  for (uint32_t i = 0; i < p->node_count; i++) {
    if (shown[i] == i) write_node(p, out, i, shown, hits);
  }
  fprintf(out, "],\n\"startTime\":%llu,\"endTime\":%llu,\n\"samples\":[",
          (unsigned long long)p->start_us, (unsigned long long)p->end_us);
  for (size_t i = 0; i < p->sample_count; i++) {
    fprintf(out, "%s%u", i == 0 ? "" : ",", shown[p->samples[i].node] + 1);
  }
  fprintf(out, "],\n\"timeDeltas\":[");
  for (size_t i = 0; i < p->sample_count; i++) {
    fprintf(out, "%s%u", i == 0 ? "" : ",", p->samples[i].delta_us);
  }
  fprintf(out, "]}\n");
  free(shown);
  free(hits);
}
