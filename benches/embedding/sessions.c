// SPDX-License-Identifier: MIT
// COUNT sessions that wait at once (default a million): bytes for each, and the
// processor time to open, to wait and to complete them all, in any order.
//
//   sessions c [COUNT]        a task of an executor waits for each
//   sessions scripts [COUNT]  a promise of an isolate for each
#include <malloc.h>
#include <rill.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

static void fail(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

// Prints the time since the last call, for each session.
static void report(const char *what, size_t count) {
  static double last;
  double now = nanoseconds_of(CLOCK_PROCESS_CPUTIME_ID);
  if (what != NULL)
    printf("%-24s %8.1f ns each\n", what, (now - last) / (double)count);
  last = nanoseconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

// A permutation: sessions are not completed in the order they were opened.
static void shuffle(rill_session *sessions, size_t count) {
  uint64_t random = 88172645463325252U;
  for (size_t i = count; i-- > 1;) {
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    size_t j = random % (i + 1);
    rill_session s = sessions[i];
    sessions[i] = sessions[j];
    sessions[j] = s;
  }
}

// In C ------------------------------------------------------------------------

static uint64_t sum;

typedef struct Waiting {
  rill_future future;
  rill_session_recv recv;
  uint64_t value;
} Waiting;
static rill_poll waiting_poll(rill_future *f, rill_context *cx) {
  Waiting *self = (Waiting *)f;
  self->recv.out = &self->value;
  if (rill_future_poll(&self->recv.future, cx) == RILL_PENDING)
    return RILL_PENDING;
  if (self->recv.status == RILL_OK) sum += self->value;
  return RILL_READY;
}
static void waiting_drop(rill_future *f) {
  rill_future_drop(&((Waiting *)f)->recv.future);
}
static const rill_future_type waiting_type = {sizeof(Waiting), "waiting",
                                              waiting_poll, waiting_drop, NULL};

static void in_c(size_t count) {
  static const rill_element numbers = {.size = sizeof(uint64_t)};
  rill_executor *ex = rill_executor_new(NULL, NULL);
  rill_sessions *t = rill_sessions_new(&numbers);
  rill_session *sessions = malloc(count * sizeof *sessions);
  if (ex == NULL || t == NULL || sessions == NULL) fail("out of memory");
  memset(sessions, 1, count * sizeof *sessions);
  double before = resident_bytes();
  report(NULL, count);
  for (size_t i = 0; i < count; i++)
    if (rill_session_open(t, (uint32_t)(i % 7), &sessions[i]) != RILL_OK)
      fail("out of memory");
  report("open", count);
  double opened = resident_bytes();
  for (size_t i = 0; i < count; i++) {
    Waiting w = {.future = {&waiting_type}};
    rill_session_recv_init(&w.recv, t, sessions[i], NULL);
    rill_join *join = rill_spawn(ex, &w.future, NULL);
    if (join == NULL) fail("out of memory");
    rill_join_detach(join);
  }
  while (rill_executor_step(ex)) {
  }
  report("spawn and wait", count);
  printf("%-24s %8.1f bytes each\n", "table",
         (opened - before) / (double)count);
  printf("%-24s %8.1f bytes each\n", "task and future",
         (resident_bytes() - opened) / (double)count);
  shuffle(sessions, count);
  report(NULL, count);
  uint64_t expected = 0;
  for (size_t i = 0; i < count; i++) {
    uint64_t value = i;
    expected += i;
    if (rill_session_complete(t, sessions[i], &value) != RILL_OK)
      fail("not waited for");
  }
  report("complete", count);
  while (rill_executor_step(ex)) {
  }
  report("run the woken", count);
  if (sum != expected || rill_sessions_count(t) != 0) fail("wrong sum");
  // The same without an executor: the table alone.
  for (size_t i = 0; i < count; i++)
    rill_session_open(t, 0, &sessions[i]);
  shuffle(sessions, count);
  report(NULL, count);
  for (size_t i = 0; i < count; i++) {
    uint64_t value = i;
    rill_session_complete(t, sessions[i], &value);
    rill_session_try_recv(t, sessions[i], &value);
  }
  report("complete and receive", count);
  rill_executor_free(ex);
  rill_sessions_release(t);
  free(sessions);
}

// In scripts
// --------------------------------------------------------------------

static double eval(rill_isolate *iso, const char *source) {
  rill_scope scope;
  rill_scope_open(iso, &scope);
  rill_value promise = rill_eval_async(iso, source, RILL_TEXT_END, "bench.js");
  rill_value value = promise == NULL ? NULL : rill_await(iso, promise);
  if (value == NULL) fail(rill_get_error(iso)->stack);
  double number = rill_to_number(iso, value);
  rill_scope_close(iso, &scope);
  return number;
}

static void in_scripts(size_t count) {
  rill_isolate *iso = rill_isolate_new(NULL);
  rill_sessions *t = rill_sessions_new(rill_clone_element());
  rill_session *sessions = malloc(count * sizeof *sessions);
  if (iso == NULL || t == NULL || sessions == NULL) fail("out of memory");
  rill_set(iso, rill_global(iso), "sessions", rill_sessions_object(iso, t));
  rill_set(iso, rill_global(iso), "count", rill_number(iso, (double)count));
  eval(iso,
       "var numbers = new Float64Array(count), promises = new Array(count),"
       " sum = 0; promises.fill(null); 0");
  rill_collect_garbage(iso);
  malloc_trim(0);
  double before = resident_bytes();
  report(NULL, count);
  eval(iso,
       "for (let i = 0; i < count; i++)"
       "  promises[i] = sessions.wait(numbers[i] = sessions.open()); 0");
  report("open and wait", count);
  rill_collect_garbage(iso);
  malloc_trim(0);
  printf("%-24s %8.1f bytes each\n", "promise, future, table",
         (resident_bytes() - before) / (double)count);
  rill_value numbers = rill_eval(iso, "numbers", RILL_TEXT_END, "");
  for (size_t i = 0; i < count; i++) {
    rill_scope scope;
    rill_scope_open(iso, &scope);
    rill_value number = rill_get_index(iso, numbers, (uint32_t)i);
    sessions[i] = (rill_session)rill_to_number(iso, number);
    rill_scope_close(iso, &scope);
  }
  shuffle(sessions, count);
  rill_clone *one = rill_clone_new(iso, rill_number(iso, 1), 0, NULL);
  report(NULL, count);
  for (size_t i = 0; i < count; i++) {
    rill_clone_retain(one);
    if (rill_session_complete(t, sessions[i], &one) != RILL_OK)
      fail("not waited for");
  }
  report("complete", count);
  double total = eval(iso, "for (const p of promises) sum += await p; sum");
  report("settle and await", count);
  if (total != (double)count || rill_sessions_count(t) != 0) fail("wrong sum");
  rill_clone_release(one);
  rill_isolate_free(iso);
  rill_sessions_release(t);
  free(sessions);
}

int main(int argc, char **argv) {
  size_t count = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000000;
  if (argc < 2 || count == 0) fail("usage: sessions c|scripts [COUNT]");
  if (strcmp(argv[1], "c") == 0)
    in_c(count);
  else
    in_scripts(count);
}
