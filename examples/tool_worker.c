// SPDX-License-Identifier: MIT
/*
 * A worker that runs what a language model wrote: scripts call the host's
 * tools, which take their time, and chain what they answer. Each script has an
 * isolate of its own with limits, reaches nothing but the tools, and may be
 * cancelled at any moment.
 *
 *   cc tool_worker.c -pthread $(pkg-config --cflags --libs rill) && ./a.out
 */
#include <pthread.h>
#include <rill.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

// What a script may use up.
#define HEAP_BYTES (16 << 20)
#define STEPS 2000000
#define MILLISECONDS 20000

typedef struct Job {
  int running; // calls of tools that have begun and not ended
  sem_t waits; // posted when the tool that never answers was called
} Job;

// One call of a tool: an operation that ends later. Here it sleeps where a real
// one would ask a database.
typedef struct Call {
  rill_future future;
  int at;
  Job *job;
  char argument[32];
  rill_sleep sleep;
} Call;

static rill_poll call_poll(rill_future *f, rill_context *cx) {
  Call *self = (Call *)f;
  RILL_ASYNC_BEGIN(self);
  bool ends = strcmp(self->argument, "forever") != 0;
  rill_sleep_init(&self->sleep, ends ? 1000000 : UINT64_MAX);
  if (!ends) sem_post(&self->job->waits);
  RILL_AWAIT(self, cx, &self->sleep.future);
  RILL_ASYNC_END(self);
}
// However it ended: answered, cancelled, or the isolate was freed.
static void call_drop(rill_future *f) {
  Call *self = (Call *)f;
  rill_future_drop(&self->sleep.future);
  self->job->running--;
}
static const rill_future_type call_type = {sizeof(Call), "tool", call_poll,
                                           call_drop, NULL};

// What the script gets: search() gives numbers of pages, load() a page.
static rill_value searched(rill_isolate *iso, void *data, rill_future *f) {
  return rill_from_json(iso, "[3, 1, 2]", RILL_TEXT_END);
}
static rill_value loaded(rill_isolate *iso, void *data, rill_future *f) {
  const char *page = ((Call *)f)->argument;
  if (strcmp(page, "2") == 0) return rill_throw_error(iso, "page 2 is gone");
  char text[48];
  snprintf(text, sizeof text, "page %s", page);
  return rill_string(iso, text, RILL_TEXT_END);
}

static rill_value start(rill_isolate *iso, Job *job, size_t count,
                        const rill_value *arguments,
                        rill_future_result result) {
  Call c = {.future = {&call_type}, .job = job};
  const char *text = rill_to_string(iso, count > 0 ? arguments[0] : NULL, NULL);
  if (text == NULL) return NULL;
  snprintf(c.argument, sizeof c.argument, "%s", text);
  rill_value promise = rill_promise_of_future(iso, &c.future, result, NULL);
  if (promise != NULL) job->running++;
  return promise;
}
static rill_value search(rill_isolate *iso, void *data, rill_value this_value,
                         size_t count, const rill_value *arguments) {
  return start(iso, data, count, arguments, searched);
}
static rill_value load(rill_isolate *iso, void *data, rill_value this_value,
                       size_t count, const rill_value *arguments) {
  return start(iso, data, count, arguments, loaded);
}

typedef struct Cancel {
  rill_isolate *isolate;
  Job *job;
} Cancel;

// Another thread changes its mind once the script waits for a tool.
static void *cancel(void *data) {
  Cancel *c = data;
  sem_wait(&c->job->waits);
  rill_interrupt(c->isolate); // the one function for any thread
  return NULL;
}

static void run(const char *title, const char *source, bool cancelled) {
  rill_options options = RILL_OPTIONS_INIT;
  options.max_heap_bytes = HEAP_BYTES; // allow: 0, no rights at all
  rill_isolate *iso = rill_isolate_new(&options);
  if (iso == NULL) return;
  Job job = {0};
  sem_init(&job.waits, 0, 0);
  rill_define(iso, "search", search, &job);
  rill_define(iso, "load", load, &job);
  rill_set_fuel(iso, STEPS);
  rill_set_deadline(iso, MILLISECONDS);
  pthread_t thread;
  Cancel c = {iso, &job};
  cancelled = cancelled && pthread_create(&thread, NULL, cancel, &c) == 0;

  // A promise of the value of the last statement; NULL: not even parsed.
  rill_value promise = rill_eval_async(iso, source, RILL_TEXT_END, "model.js");
  rill_value value = promise == NULL ? NULL : rill_await(iso, promise);
  const char *json = value == NULL ? NULL : rill_to_json(iso, value, NULL);
  const rill_error *error = rill_get_error(iso);
  if (json != NULL) {
    printf("%s: %s\n", title, json);
  } else if (error->kind == RILL_ERROR_TERMINATED) {
    printf("%s: ended by its limits or by us\n", title);
  } else {
    printf("%s: %s: %s", title, error->name, error->message);
    if (error->line != 0) printf(" (%s:%u)", error->file, error->line);
    printf("\n");
  }
  if (cancelled) {
    sem_post(&job.waits); // should the script have ended before
    pthread_join(thread, NULL);
  }
  rill_isolate_free(iso); // drops calls that have not ended
  if (job.running != 0) printf("%d tools still run\n", job.running);
  sem_destroy(&job.waits);
}

int main(void) {
  run("even numbers",
      "let sum = 0; for (let i = 2; i <= 10; i += 2) sum += i; sum", false);
  run("divisible by 3, 5 or 9",
      "let sum = 0;\n"
      "for (let i = 14; i <= 1078; i++)\n"
      "  if (i % 3 === 0 || i % 5 === 0 || i % 9 === 0) sum += i;\n"
      "sum",
      false);
  run("chained tools",
      "const pages = [];\n"
      "for (const id of await search('rill')) {\n"
      "  try { pages.push(await load(id)); }\n"
      "  catch (error) { pages.push(error.message); }\n"
      "}\n"
      "pages",
      false);
  run("at the same time",
      "(await Promise.allSettled((await search('rill')).map(load)))\n"
      "  .map((r) => r.status)",
      false);
  run("uncaught", "await search('x');\nawait load(2)", false);
  run("mistaken", "const ids = await search('x');\nids.first.name", false);
  run("cancelled midway", "await search('x'); await load('forever')", true);
  run("endless", "for (;;) { try { for (;;); } catch {} }", false);
  run("greedy", "const a = []; for (;;) a.push('x'.repeat(1e6) + a.length)",
      false);
  run("curious", "typeof process + typeof require + typeof fetch", false);
}
