// SPDX-License-Identifier: MIT
// What a pool does, step by step: to the host, to standard error, and to the
// exporter of trace events.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/pool/internal.h"
#include "runtime/trace/events.h"
#include "runtime/trace/trace.h"

static const char *const kind_names[] = {
    "worker started", "isolate made",   "queued",
    "rejected",       "begun",          "ended",
    "session opened", "session closed", "worker stopped",
};

static void append(TextBuffer *t, bool as_json, const char *key,
                   unsigned long long number) {
  trace_append_format(t, as_json ? ",\"%s\":%llu" : " %s=%llu", key, number);
}

size_t rill_pool_event_text(const rill_pool_event *e, bool as_json, char *text,
                            size_t size) {
  TextBuffer t;
  text_init(&t);
  trace_append_format(&t,
                      as_json ? "{\"time\":%.6f,\"event\":\"%s\"" : "%.6f %s",
                      (double)e->time / 1e9, kind_names[e->kind]);
  if (e->worker >= 0)
    append(&t, as_json, "worker", (unsigned long long)e->worker);
  if (e->evaluation != 0) append(&t, as_json, "evaluation", e->evaluation);
  if (e->session != NULL) {
    text_append_c(&t, as_json ? ",\"session\":" : " session=");
    trace_append_quoted(&t, e->session);
  }
  if (e->kind == RILL_POOL_ENDED)
    trace_append_format(&t, as_json ? ",\"outcome\":\"%s\"" : " outcome=%s",
                        rill_outcome_name(e->outcome));
  if (e->nanoseconds != 0)
    trace_append_format(&t, as_json ? ",\"ms\":%.3f" : " ms=%.3f",
                        (double)e->nanoseconds / 1e6);
  if (as_json) text_add(&t, '}');
  size_t length = t.length;
  if (size != 0) {
    size_t fits = length < size ? length : size - 1;
    memcpy(text, t.bytes, fits);
    text[fits] = 0;
  }
  text_free(&t);
  return length;
}

static void write_line(const rill_pool_event *event, bool as_json) {
  char line[1024];
  size_t length = rill_pool_event_text(event, as_json, line, sizeof line - 1);
  if (length > sizeof line - 2) length = sizeof line - 2;
  line[length] = '\n';
  ssize_t written = write(STDERR_FILENO, line, length + 1);
  (void)written; // who reads it is gone
}

static void export_run(const rill_evaluation *e, const rill_pool_event *event) {
  char attributes[128];
  snprintf(attributes, sizeof attributes,
           "\"evaluation\":%llu,\"worker\":%d,\"outcome\":\"%s\"",
           (unsigned long long)e->id, event->worker,
           rill_outcome_name(event->outcome));
  trace_stretch(TRACE_TASK, TRACE_INFO, 0, event->time - event->nanoseconds,
                event->time, "evaluation", attributes);
}

void pool_tell(rill_pool *pool, rill_pool_event_kind kind,
               const rill_evaluation *e, int worker, const char *session,
               uint64_t nanoseconds) {
  const rill_pool_options *options = &pool->options;
  bool exports = e != NULL && kind == RILL_POOL_ENDED &&
                 trace_wants(TRACE_TASK, TRACE_INFO);
  if (options->on_event == NULL && options->trace == RILL_POOL_TRACE_OFF &&
      !exports)
    return;
  rill_pool_event event = {
      .kind = kind,
      .outcome = e == NULL ? RILL_OUTCOME_QUEUED : rill_evaluation_outcome(e),
      .worker = worker,
      .evaluation = e == NULL ? 0 : e->id,
      .session = session,
      .time = uv_hrtime(),
      .nanoseconds = nanoseconds,
  };
  if (options->on_event != NULL) options->on_event(options->data, &event);
  if (options->trace != RILL_POOL_TRACE_OFF)
    write_line(&event, options->trace == RILL_POOL_TRACE_JSON);
  if (exports) export_run(e, &event);
}
