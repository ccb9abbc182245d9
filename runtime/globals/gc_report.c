// SPDX-License-Identifier: MIT
// The collector's figures as an object, as JSON and as lines. The names are in
// one table: JSON has those of rill_gc_statistics, scripts get milliseconds.
#include "runtime/globals/gc_report.h"

#include "runtime/values.h"
#include "vm/objects/elements.h"
#include "vm/objects/operations.h"

typedef struct Figure {
  const char *name, *script_name;
  uint16_t offset;
  bool is_double;
} Figure;

#define COUNT(name, script_name)                                               \
  { #name, script_name, offsetof(GcStats, name), false }
#define TIME(name, script_name)                                                \
  { #name, script_name, offsetof(GcStats, name), true }
static const Figure figures[] = {
    COUNT(heaps, "heaps"),
    COUNT(heaps_closed, "heapsClosed"),
    COUNT(cycles, "cycles"),
    COUNT(allocated_bytes, "allocatedBytes"),
    COUNT(heap_bytes, "heapBytes"),
    COUNT(peak_heap_bytes, "peakHeapBytes"),
    COUNT(live_bytes, "liveBytes"),
    COUNT(peak_live_bytes, "peakLiveBytes"),
    COUNT(external_bytes, "externalBytes"),
    COUNT(external_buffer_bytes, "externalBufferBytes"),
    COUNT(external_native_bytes, "externalNativeBytes"),
    COUNT(external_name_bytes, "externalNameBytes"),
    COUNT(goal_bytes, "goalBytes"),
    COUNT(overshoot_bytes, "overshootBytes"),
    COUNT(overshoot_cycles, "overshootCycles"),
    TIME(cycle_ms, "cycleTime"),
    TIME(root_scan_ms, "rootScanTime"),
    TIME(mark_ms, "markTime"),
    TIME(final_stop_ms, "finalStopTime"),
    TIME(weak_ms, "weakTime"),
    TIME(sweep_ms, "sweepTime"),
    TIME(finalizer_ms, "finalizerTime"),
    TIME(collector_cpu_ms, "collectorProcessorTime"),
    COUNT(safepoint_polls, "safepointPolls"),
};
enum { FIGURES = sizeof figures / sizeof *figures };

static const struct {
  const char *name, *script_name;
  uint16_t offset;
} times[] = {
    {"pauses", "pauses", offsetof(GcStats, pauses)},
    {"waits", "safepointWaits", offsetof(GcStats, waits)},
    {"stalls", "stalls", offsetof(GcStats, stalls)},
};
enum { TIMES = sizeof times / sizeof *times };

static const GcTimes *times_at(const GcStats *s, int i) {
  return (const GcTimes *)(const void *)((const char *)s + times[i].offset);
}

static double figure_of(const GcStats *s, const Figure *f) {
  const void *at = (const char *)s + f->offset;
  return f->is_double ? *(const double *)at : (double)*(const uint64_t *)at;
}

static Value times_object(Isolate *iso, const GcTimes *t) {
  Value counts[RILL_GC_TIME_BUCKETS];
  for (int i = 0; i < RILL_GC_TIME_BUCKETS; i++)
    counts[i] = value_from_number((double)t->buckets[i]);
  Object *o = vm_object_new(iso);
  Array *buckets = vm_array_from(iso, counts, RILL_GC_TIME_BUCKETS);
  bool ok = o != NULL && buckets != NULL &&
            rt_put(iso, o, "count", value_from_number((double)t->count)) &&
            rt_put(iso, o, "total", value_from_number(t->total_us / 1e3)) &&
            rt_put(iso, o, "p50", value_from_number(t->p50_us / 1e3)) &&
            rt_put(iso, o, "p99", value_from_number(t->p99_us / 1e3)) &&
            rt_put(iso, o, "max", value_from_number(t->max_us / 1e3)) &&
            rt_put(iso, o, "buckets", value_from_cell(buckets));
  return ok ? value_from_cell(o) : VALUE_EXCEPTION;
}

Value rt_gc_figures(Isolate *iso, const GcStats *s) {
  Object *o = vm_object_new(iso);
  bool ok = o != NULL;
  for (int i = 0; ok && i < FIGURES; i++)
    ok = rt_put(iso, o, figures[i].script_name,
                value_from_number(figure_of(s, &figures[i])));
  for (int i = 0; ok && i < TIMES; i++)
    ok =
        rt_put(iso, o, times[i].script_name, times_object(iso, times_at(s, i)));
  return ok ? value_from_cell(o) : VALUE_EXCEPTION;
}

static void print_times(FILE *out, const char *name, const GcTimes *t) {
  fprintf(out,
          ",\"%s\":{\"count\":%llu,\"total_us\":%.1f,\"p50_us\":%.1f,"
          "\"p99_us\":%.1f,\"max_us\":%.1f,\"buckets\":[",
          name, (unsigned long long)t->count, t->total_us, t->p50_us, t->p99_us,
          t->max_us);
  for (int i = 0; i < RILL_GC_TIME_BUCKETS; i++)
    fprintf(out, "%s%llu", i == 0 ? "" : ",",
            (unsigned long long)t->buckets[i]);
  fputs("]}", out);
}

static void print_members(FILE *out, const GcStats *s) {
  for (int i = 0; i < FIGURES; i++)
    fprintf(out, "%s\"%s\":%.*f", i == 0 ? "" : ",", figures[i].name,
            figures[i].is_double ? 3 : 0, figure_of(s, &figures[i]));
  for (int i = 0; i < TIMES; i++)
    print_times(out, times[i].name, times_at(s, i));
}

void rt_print_gc_figures(FILE *out, GcHeap *heap) {
  GcStats s;
  gc_stats(heap, &s);
  fputc('{', out);
  print_members(out, &s);
  fputs(",\"process\":{", out);
  gc_process_stats(&s);
  print_members(out, &s);
  fputs("}}\n", out);
}

void rt_print_gc_cycle(void *data, const GcCycle *c) {
  const double mib = 1 << 20;
  double ms[GC_PHASES];
  for (int i = 0; i < GC_PHASES; i++)
    ms[i] = (double)c->phase_ns[i] / 1e6;
  fprintf(stderr,
          "gc %llu: %.1f -> %.1f MiB live, %.1f MiB heap, %.1f MiB over goal; "
          "roots %.3f ms, mark %.2f ms, final %.3f ms, weak %.3f ms, sweep "
          "%.2f ms, finalizers %.2f ms, processor %.2f ms; %u stops of %.0f us "
          "at most, waits of %.0f us at most, %u stalls of %.2f ms in all\n",
          (unsigned long long)c->number, (double)c->live_before / mib,
          (double)c->live_after / mib, (double)c->heap_bytes / mib,
          (double)c->overshoot_bytes / mib, ms[GC_PHASE_ROOTS],
          ms[GC_PHASE_MARK], ms[GC_PHASE_FINAL], ms[GC_PHASE_WEAK],
          ms[GC_PHASE_SWEEP], ms[GC_PHASE_FINALIZERS],
          (double)c->collector_cpu_ns / 1e6, c->stops,
          (double)c->stop_max_ns / 1e3, (double)c->wait_max_ns / 1e3, c->stalls,
          (double)c->stall_total_ns / 1e6);
}
