// SPDX-License-Identifier: MIT
// The exporter: a thread that takes events from the rings and writes them, as
// text for people, JSON lines, or Chrome's trace format; or hands them to a
// callback of the embedder.
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "rill/trace.h"
#include "runtime/trace/events.h"
#include "runtime/trace/spans.h"
#include "runtime/trace/watchdog.h"

enum {
  PERIOD_NANOSECONDS = 20000000,
  // Younger events wait: those of other threads may still come before them.
  SETTLE_NANOSECONDS = 5000000,
};

// A span that has begun, for its duration and attributes at the end.
typedef struct OpenSpan {
  uint64_t id; // 0: empty
  uint64_t began, parent;
  uint32_t attributes_at; // in `text`, behind the name
  char *text;             // owned; NULL: out of memory
} OpenSpan;

static const char *name_of(const TraceEvent *e, const OpenSpan *span) {
  return span != NULL && span->text != NULL ? span->text : e->text;
}
static const char *attributes_of(const OpenSpan *span) {
  return span != NULL && span->text != NULL ? span->text + span->attributes_at
                                            : "";
}

static struct {
  pthread_mutex_t lock; // starting and stopping
  bool on;
  rill_trace_options options;
  FILE *file;
  pthread_t thread;
  _Atomic bool stopping;
  // The thread's own.
  double wall_offset;               // seconds since 1970 at uv_hrtime 0
  bool has_events;                  // Chrome: a comma is due
  uint64_t dropped, dropped_before; // in this session; until it began
  OpenSpan *spans;                  // open addressing by id
  size_t span_count, span_capacity;
  TextBuffer line;
} session = {.lock = PTHREAD_MUTEX_INITIALIZER};

// Open spans ----------------------------------------------------------------

static size_t slot_of(uint64_t id) {
  size_t at = (size_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> 32) &
              (session.span_capacity - 1);
  while (session.spans[at].id != 0 && session.spans[at].id != id)
    at = (at + 1) & (session.span_capacity - 1);
  return at;
}

static bool rebuild_spans(size_t capacity) {
  OpenSpan *old = session.spans;
  size_t old_capacity = session.span_capacity;
  OpenSpan *table = calloc(capacity, sizeof *table);
  if (table == NULL) return false;
  session.spans = table;
  session.span_capacity = capacity;
  for (size_t i = 0; i < old_capacity; i++) {
    if (old[i].id != 0) session.spans[slot_of(old[i].id)] = old[i];
  }
  free(old);
  return true;
}

static void open_span(const TraceEvent *e) {
  if (session.span_count * 2 >= session.span_capacity &&
      !rebuild_spans(session.span_capacity == 0 ? 256
                                                : session.span_capacity * 2)) {
    return;
  }
  OpenSpan *s = &session.spans[slot_of(e->span)];
  if (s->id == 0) session.span_count++;
  size_t size = e->name_length + e->attributes_length + 2;
  *s =
      (OpenSpan){e->span, e->time, e->parent, e->name_length + 1, malloc(size)};
  if (s->text != NULL) memcpy(s->text, e->text, size);
}

// Takes it out; false: its beginning is unknown (dropped, or before the
// session).
static bool close_span(uint64_t id, OpenSpan *out) {
  if (session.span_capacity == 0) return false;
  size_t at = slot_of(id), mask = session.span_capacity - 1;
  if (session.spans[at].id == 0) return false;
  *out = session.spans[at];
  session.spans[at].id = 0;
  session.span_count--;
  // Those behind it that it stood in the way of move up.
  for (size_t next = (at + 1) & mask; session.spans[next].id != 0;
       next = (next + 1) & mask) {
    OpenSpan moved = session.spans[next];
    session.spans[next].id = 0;
    session.spans[slot_of(moved.id)] = moved;
  }
  return true;
}

// Forms ---------------------------------------------------------------------

static void append_attributes(TextBuffer *t, const char *first,
                              const char *more) {
  text_add(t, '{');
  text_append_c(t, first);
  if (*first != 0 && *more != 0) text_add(t, ',');
  text_append_c(t, more);
  text_add(t, '}');
}

static void append_wall(TextBuffer *t, uint64_t time) {
  double wall = session.wall_offset + (double)time / 1e9;
  time_t seconds = (time_t)wall;
  struct tm parts;
  char text[32];
  gmtime_r(&seconds, &parts);
  strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  trace_append_format(t, "%s.%06dZ", text,
                      (int)((wall - (double)seconds) * 1e6));
}

static void append_text(TextBuffer *t, const TraceEvent *e,
                        const OpenSpan *span) {
  if (e->kind == TRACE_SPAN_BEGIN) return; // told when it is over
  append_wall(t, e->time);
  trace_append_format(t, " %-5s %s: ", trace_level_names[e->level],
                      trace_category_names[e->category]);
  text_append_c(t, name_of(e, span));
  const char *first = attributes_of(span), *more = trace_event_attributes(e);
  if (*first != 0 || *more != 0) {
    text_add(t, ' ');
    append_attributes(t, first, more);
  }
  uint64_t duration = e->kind == TRACE_STRETCH ? e->duration
                      : span != NULL           ? e->time - span->began
                                               : 0;
  if (e->kind != TRACE_INSTANT)
    trace_append_format(t, " %.3f ms", (double)duration / 1e6);
  if (e->isolate > 1) trace_append_format(t, " [isolate %u]", e->isolate);
  text_add(t, '\n');
}

static void append_json_line(TextBuffer *t, const TraceEvent *e,
                             const OpenSpan *span) {
  static const char *const kinds[] = {"begin", "end", "event", "stretch"};
  text_append_c(t, "{\"time\":\"");
  append_wall(t, e->time);
  trace_append_format(t,
                      "\",\"type\":\"%s\",\"level\":\"%s\","
                      "\"category\":\"%s\",\"name\":",
                      kinds[e->kind], trace_level_names[e->level],
                      trace_category_names[e->category]);
  trace_append_quoted(t, name_of(e, span));
  if (e->span != 0) trace_append_format(t, ",\"span\":%" PRIu64, e->span);
  uint64_t parent = span != NULL ? span->parent : e->parent;
  if (parent != 0) trace_append_format(t, ",\"parent\":%" PRIu64, parent);
  if (e->kind == TRACE_STRETCH)
    trace_append_format(t, ",\"durationMs\":%.3f", (double)e->duration / 1e6);
  if (span != NULL) {
    trace_append_format(t, ",\"durationMs\":%.3f",
                        (double)(e->time - span->began) / 1e6);
  }
  trace_append_format(t, ",\"isolate\":%u,\"thread\":%u,\"attributes\":",
                      e->isolate, e->thread);
  append_attributes(t, attributes_of(span), trace_event_attributes(e));
  text_append_c(t, "}\n");
}

// Spans overlap on a thread, so they are async events of Chrome's format, each
// with an id of its own; stretches are slices of their thread.
static void append_chrome(TextBuffer *t, const TraceEvent *e,
                          const OpenSpan *span) {
  static const char *const phases[] = {"b", "e", "i", "X"};
  text_append_c(t, session.has_events ? ",\n{\"name\":" : "{\"name\":");
  session.has_events = true;
  trace_append_quoted(t, name_of(e, span));
  trace_append_format(t,
                      ",\"cat\":\"%s\",\"ph\":\"%s\",\"ts\":%.3f,\"pid\":%ld,"
                      "\"tid\":%u",
                      trace_category_names[e->category], phases[e->kind],
                      (double)e->time / 1e3, (long)getpid(), e->thread);
  if (e->kind == TRACE_STRETCH)
    trace_append_format(t, ",\"dur\":%.3f", (double)e->duration / 1e3);
  if (e->kind == TRACE_INSTANT) text_append_c(t, ",\"s\":\"t\"");
  if (e->span != 0)
    trace_append_format(t, ",\"id\":\"0x%" PRIx64 "\"", e->span);
  text_append_c(t, ",\"args\":{");
  uint64_t parent = span != NULL ? span->parent : e->parent;
  trace_append_format(t, "\"isolate\":%u", e->isolate);
  if (parent != 0) trace_append_format(t, ",\"parent\":%" PRIu64, parent);
  if (e->attributes_length != 0) {
    text_add(t, ',');
    text_append_c(t, trace_event_attributes(e));
  }
  text_append_c(t, "}}");
}

static void call_back(const TraceEvent *e, const OpenSpan *span) {
  TextBuffer *t = &session.line;
  append_attributes(t, attributes_of(span), trace_event_attributes(e));
  text_add(t, 0);
  if (t->failed) return;
  rill_trace_event event = {
      .type = (rill_trace_type)e->kind,
      .level = (rill_trace_level)e->level,
      .category = trace_category_names[e->category],
      .name = name_of(e, span),
      .attributes = t->bytes,
      .span = e->span,
      .parent = span != NULL ? span->parent : e->parent,
      .isolate = e->isolate,
      .thread = e->thread,
      .nanoseconds = e->time,
      .duration = span != NULL ? e->time - span->began : e->duration,
  };
  session.options.on_event(session.options.data, &event);
}

static void export_event(void *data, const TraceEvent *e) {
  (void)data;
  OpenSpan closed = {0};
  const OpenSpan *span = NULL;
  if (e->kind == TRACE_SPAN_BEGIN) open_span(e);
  if (e->kind == TRACE_SPAN_END && close_span(e->span, &closed)) span = &closed;
  text_clear(&session.line);
  if (session.options.on_event != NULL) {
    call_back(e, span);
  } else {
    if (session.options.form == RILL_TRACE_TEXT) {
      append_text(&session.line, e, span);
    } else if (session.options.form == RILL_TRACE_JSON) {
      append_json_line(&session.line, e, span);
    } else {
      append_chrome(&session.line, e, span);
    }
    if (!session.line.failed)
      fwrite(session.line.bytes, 1, session.line.length, session.file);
  }
  free(closed.text);
}

static void drain(uint64_t until) {
  session.dropped =
      trace_events_drain(until, export_event, NULL) - session.dropped_before;
  if (session.file != NULL) fflush(session.file);
}

static void *run(void *argument) {
  (void)argument;
  pthread_setname_np(pthread_self(), "rill-trace");
  while (!atomic_load(&session.stopping)) {
    drain(uv_hrtime() - SETTLE_NANOSECONDS);
    nanosleep(&(struct timespec){.tv_nsec = PERIOD_NANOSECONDS}, NULL);
  }
  drain(UINT64_MAX);
  return NULL;
}

// The session ---------------------------------------------------------------

static void set_levels(const uint8_t *levels) {
  for (int i = 0; i < TRACE_CATEGORY_COUNT; i++)
    atomic_store_explicit(&trace_levels[i], levels == NULL ? 0 : levels[i],
                          memory_order_relaxed);
}

static rill_status open_file(const rill_trace_options *o) {
  session.file = NULL;
  if (o->on_event != NULL) return RILL_OK;
  session.file = o->file == NULL ? stderr : fopen(o->file, "we");
  if (session.file == NULL) return RILL_FAILED;
  if (o->form == RILL_TRACE_CHROME)
    fputs("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n", session.file);
  return RILL_OK;
}

// Names of the threads that are left, for the viewer's rows.
static void write_thread_names(void) {
  DIR *tasks = opendir("/proc/self/task");
  if (tasks == NULL) return;
  for (struct dirent *d; (d = readdir(tasks)) != NULL;) {
    char path[64], name[32] = "";
    if (d->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "/proc/self/task/%.16s/comm", d->d_name);
    FILE *f = fopen(path, "re");
    if (f == NULL) continue;
    if (fgets(name, sizeof name, f) == NULL) name[0] = 0;
    fclose(f);
    name[strcspn(name, "\n")] = 0;
    text_clear(&session.line);
    text_append_c(&session.line, session.has_events ? ",\n" : "");
    session.has_events = true;
    trace_append_format(&session.line,
                        "{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":%ld,"
                        "\"tid\":%s,\"args\":{\"name\":",
                        (long)getpid(), d->d_name);
    trace_append_quoted(&session.line, name);
    text_append_c(&session.line, "}}");
    if (!session.line.failed)
      fwrite(session.line.bytes, 1, session.line.length, session.file);
  }
  closedir(tasks);
}

static void close_file(void) {
  if (session.file == NULL) return;
  if (session.options.form == RILL_TRACE_CHROME) {
    write_thread_names();
    fprintf(session.file, "\n],\"otherData\":{\"dropped\":\"%" PRIu64 "\"}}\n",
            session.dropped);
  } else if (session.dropped != 0) {
    fprintf(session.file,
            session.options.form == RILL_TRACE_JSON
                ? "{\"type\":\"dropped\",\"count\":%" PRIu64 "}\n"
                : "%" PRIu64 " events were dropped\n",
            session.dropped);
  }
  if (session.file == stderr) {
    fflush(stderr);
  } else {
    fclose(session.file);
  }
  session.file = NULL;
}

static void ignore_event(void *data, const TraceEvent *e) {
  (void)data;
  (void)e;
}

static void watch_turns(void *data, RuntimeTrace *t) {
  (void)data;
  trace_watch_turns(t);
}

static rill_status start(const rill_trace_options *o, const uint8_t *levels) {
  rill_status status = open_file(o);
  if (status != RILL_OK) return status;
  session.options = *o;
  session.has_events = false;
  text_init(&session.line);
  struct timespec wall;
  clock_gettime(CLOCK_REALTIME, &wall);
  session.wall_offset = (double)wall.tv_sec + (double)wall.tv_nsec / 1e9 -
                        (double)uv_hrtime() / 1e9;
  atomic_store(&session.stopping, false);
  // What an earlier session has left.
  session.dropped_before = trace_events_drain(UINT64_MAX, ignore_event, NULL);
  session.dropped = 0;
  if (pthread_create(&session.thread, NULL, run, NULL) != 0) {
    close_file();
    text_free(&session.line);
    return RILL_NO_MEMORY;
  }
  session.on = true;
  set_levels(levels);
  if (trace_wants(TRACE_LOOP, TRACE_DEBUG)) trace_each(watch_turns, NULL);
  trace_hook_background(true);
  return RILL_OK;
}

rill_status rill_trace_start(const rill_trace_options *o) {
  uint8_t levels[TRACE_CATEGORY_COUNT];
  if (o == NULL || o->size < sizeof *o || o->form > RILL_TRACE_CHROME ||
      !trace_filter_parse(o->filter, levels)) {
    return RILL_INVALID;
  }
  pthread_mutex_lock(&session.lock);
  rill_status status = session.on ? RILL_INVALID : start(o, levels);
  pthread_mutex_unlock(&session.lock);
  return status;
}

uint64_t rill_trace_stop(void) {
  pthread_mutex_lock(&session.lock);
  if (session.on) {
    set_levels(NULL);
    trace_hook_background(false);
    atomic_store(&session.stopping, true);
    pthread_join(session.thread, NULL);
    close_file();
    text_free(&session.line);
    for (size_t i = 0; i < session.span_capacity; i++) {
      if (session.spans[i].id != 0) free(session.spans[i].text);
    }
    free(session.spans);
    session.spans = NULL;
    session.span_count = session.span_capacity = 0;
    session.on = false;
  }
  uint64_t dropped = session.dropped;
  session.dropped = 0;
  pthread_mutex_unlock(&session.lock);
  return dropped;
}

// For C ---------------------------------------------------------------------

uint64_t rill_trace_span_begin(rill_trace_level level, uint64_t parent,
                               const char *name, const char *attributes) {
  if (!trace_wants(TRACE_APP, (TraceLevel)level)) return 0;
  return trace_span_begin(TRACE_APP, (TraceLevel)level, 0, parent, name,
                          attributes);
}

void rill_trace_span_end(uint64_t span, const char *attributes) {
  trace_span_end(TRACE_APP, TRACE_INFO, 0, span, attributes);
}

void rill_trace_emit(rill_trace_level level, uint64_t span, const char *name,
                     const char *attributes) {
  if (trace_wants(TRACE_APP, (TraceLevel)level))
    trace_instant(TRACE_APP, (TraceLevel)level, 0, span, name, attributes);
}
