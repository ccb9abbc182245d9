// SPDX-License-Identifier: MIT
// The tasks of executors in dumps.
#include "runtime/executor/registry.h"
#include "runtime/trace/trace.h"

static const char *const activities[] = {
    [RILL_TASK_WAITING] = "waiting",
    [RILL_TASK_QUEUED] = "ready",
    [RILL_TASK_POLLING] = "running",
    [RILL_TASK_BLOCKING] = "blocking",
    [RILL_TASK_CLOSING] = "closing its scopes",
};

enum { MOST_TASKS = 1000 };

typedef struct Listing {
  TextBuffer *text;
  uint64_t count;
  bool is_first;
} Listing;

static void task_text(void *data, const rill_task_info *info) {
  Listing *l = data;
  if (l->count++ >= MOST_TASKS) return;
  trace_append_format(l->text, "  task %llu %s: %s",
                      (unsigned long long)info->id, info->name,
                      activities[info->activity]);
  if (info->waits_for[0] != 0)
    trace_append_format(l->text, " for %s", info->waits_for);
  text_add(l->text, '\n');
}

static void executor_text(void *data, Executor *ex) {
  TextBuffer *text = data;
  rill_executor_metrics m = {.size = sizeof m};
  rill_executor_get_metrics(ex, &m);
  trace_append_format(text, "Executor %s: %u worker%s, %llu task%s\n", ex->name,
                      ex->worker_count, ex->worker_count == 1 ? "" : "s",
                      (unsigned long long)m.alive, m.alive == 1 ? "" : "s");
  Listing l = {.text = text};
  rill_executor_tasks(ex, task_text, &l);
  if (l.count > MOST_TASKS)
    trace_append_format(text, "  (and %llu more)\n",
                        (unsigned long long)(l.count - MOST_TASKS));
}

void trace_append_executors_text(TextBuffer *text) {
  exec_registry_each(executor_text, text);
}

static void task_json(void *data, const rill_task_info *info) {
  Listing *l = data;
  if (l->count++ >= MOST_TASKS) return;
  trace_append_format(l->text,
                      "%s{\"id\":%llu,\"name\":", l->count == 1 ? "" : ",",
                      (unsigned long long)info->id);
  trace_append_quoted(l->text, info->name);
  trace_append_format(l->text, ",\"state\":\"%s\"", activities[info->activity]);
  if (info->waits_for[0] != 0) {
    text_append_c(l->text, ",\"waitsFor\":");
    trace_append_quoted(l->text, info->waits_for);
  }
  text_add(l->text, '}');
}

static void executor_json(void *data, Executor *ex) {
  Listing *all = data;
  TextBuffer *text = all->text;
  rill_executor_metrics m = {.size = sizeof m};
  rill_executor_get_metrics(ex, &m);
  text_append_c(text, all->is_first ? "{\"name\":" : ",{\"name\":");
  all->is_first = false;
  trace_append_quoted(text, ex->name);
  trace_append_format(text, ",\"alive\":%llu,\"spawned\":%llu,\"workers\":[",
                      (unsigned long long)m.alive,
                      (unsigned long long)m.spawned);
  for (uint32_t i = 0; i < ex->worker_count; i++) {
    rill_worker_metrics w = {.size = sizeof w};
    if (!rill_executor_worker_metrics(ex, i, &w)) continue;
    trace_append_format(
        text,
        "%s{\"polls\":%llu,\"busyMs\":%.3f,\"steals\":%llu,\"queued\":%u}",
        i == 0 ? "" : ",", (unsigned long long)w.polls,
        (double)w.busy_nanoseconds / 1e6, (unsigned long long)w.steals,
        w.queued);
  }
  text_append_c(text, "],\"tasks\":[");
  Listing l = {.text = text};
  rill_executor_tasks(ex, task_json, &l);
  text_append_c(text, "]}");
}

void trace_append_executors_json(TextBuffer *text) {
  Listing all = {.text = text, .is_first = true};
  exec_registry_each(executor_json, &all);
}
