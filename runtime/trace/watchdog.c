// SPDX-License-Identifier: MIT
// The watchdog's thread, and what isolates tell it.
#include "runtime/trace/watchdog.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "runtime/executor/registry.h"
#include "runtime/trace/accounts.h"
#include "runtime/trace/spans.h"

enum {
  MILLISECOND = 1000000,
  // An isolate that has not said for so long what it runs is in native code.
  SILENT_NANOSECONDS = 20 * MILLISECOND,
  // Rings are looked for when nothing has happened for so long after something
  // did, or, in a program that is never quiet, every so often.
  QUIET_NANOSECONDS = 1000 * MILLISECOND,
};
static const uint64_t RING_PERIOD_NANOSECONDS = UINT64_C(10000000000);

static struct {
  _Atomic bool on;
  uint64_t limit; // nanoseconds
  void (*on_report)(void *, const rill_watch_report *);
  void *data;
  pthread_mutex_t reporting;
  // The thread's own.
  uint64_t turns, last_change, last_ring_check, checked_turns;
  uint64_t *told_rings;
  size_t told_count;
} watchdog = {.reporting = PTHREAD_MUTEX_INITIALIZER};

typedef struct Where {
  char name[48];
} Where;
static Where where_is(const RuntimeTrace *t) {
  Where w;
  char kind[32];
  uint32_t number;
  trace_name_of(t->rt, &number, kind, sizeof kind);
  snprintf(w.name, sizeof w.name, "isolate %u (%s)", number, kind);
  return w;
}

static void report(rill_watch_event event, const char *where, const char *task,
                   uint64_t nanoseconds, TextBuffer *text) {
  if (text->failed) return;
  text_add(text, 0);
  if (text->failed) return;
  rill_watch_report r = {event, where, task, nanoseconds, text->bytes};
  pthread_mutex_lock(&watchdog.reporting);
  if (watchdog.on_report != NULL) {
    watchdog.on_report(watchdog.data, &r);
  } else {
    fputs(text->bytes, stderr);
    fflush(stderr);
  }
  pthread_mutex_unlock(&watchdog.reporting);
}

// Stalls of isolates ----------------------------------------------------------

static Stall *stall_of(const TraceSnapshot *s, uint64_t turn) {
  Stall *stall = calloc(1, sizeof *stall);
  if (stall == NULL) return NULL;
  stall->turn = turn;
  text_init(&stall->text);
  const TraceTask *task = s->tasks;
  if (task == NULL) return stall;
  if (task->id == 0) {
    snprintf(stall->name, sizeof stall->name, "%s", task->name);
  } else {
    snprintf(stall->name, sizeof stall->name, "#%llu %s %s",
             (unsigned long long)task->id, task->kind, task->name);
  }
  for (uint32_t i = 0; i < task->frame_count; i++)
    trace_append_frame(&stall->text, &task->frames[i]);
  return stall;
}

Stall *trace_stall_new(Runtime *rt) {
  TraceSnapshot *s = trace_snapshot_of_running(rt);
  if (s == NULL) return NULL;
  Stall *stall = stall_of(s, atomic_load(&rt->trace->turn_began));
  trace_snapshot_free(s);
  return stall;
}

void trace_stall_free(Stall *stall) {
  if (stall == NULL) return;
  text_free(&stall->text);
  free(stall);
}

static void tell_stall(RuntimeTrace *t, const Stall *stall, uint64_t duration,
                       const char *note) {
  Where where = where_is(t);
  snprintf(t->stall_name, sizeof t->stall_name, "%s", stall->name);
  atomic_store(&t->stall_told, stall->turn);
  TextBuffer text;
  text_init(&text);
  trace_append_format(
      &text, "Watchdog: %s has been busy for %.1f ms (limit %.1f ms) in %s%s\n",
      where.name, (double)duration / 1e6, (double)watchdog.limit / 1e6,
      stall->name[0] == 0 ? "native code" : stall->name, note);
  text_append_text(&text, &stall->text);
  report(RILL_WATCH_STALL, where.name, stall->name, duration, &text);
  text_free(&text);
}

// Under the registry's lock.
static void look_at(void *data, RuntimeTrace *t) {
  uint64_t now = *(const uint64_t *)data;
  watchdog.turns += atomic_load_explicit(&t->turns, memory_order_relaxed);
  uint64_t began = atomic_load(&t->turn_began);
  if (began == 0 || now < began || now - began < watchdog.limit ||
      atomic_load(&t->stall_told) == began) {
    return;
  }
  Stall *stall = t->stall;
  t->stall = NULL;
  if (stall != NULL && stall->turn == began) {
    tell_stall(t, stall, now - began, "");
  } else if (t->stall_asked != began) {
    t->stall_asked = began;
    t->stall_asked_at = now;
    atomic_store(&t->stall_wanted, true);
    trace_ask(t);
  } else if (now - t->stall_asked_at > SILENT_NANOSECONDS) {
    atomic_store(&t->stall_wanted, false);
    TraceSnapshot *s = trace_snapshot_from_outside(t->rt);
    Stall *seen = s == NULL ? NULL : stall_of(s, began);
    if (seen != NULL && atomic_load(&t->turn_began) == began)
      tell_stall(t, seen, now - began, ", in native code");
    trace_stall_free(seen);
    trace_snapshot_free(s);
  }
  trace_stall_free(stall);
}

void trace_turn_begins(Runtime *rt) {
  RuntimeTrace *t = rt->trace;
  atomic_fetch_add_explicit(&t->turns, 1, memory_order_relaxed);
  atomic_store_explicit(&t->turn_began, uv_hrtime(), memory_order_release);
}

void trace_turn_ends(Runtime *rt) {
  RuntimeTrace *t = rt->trace;
  uint64_t began = atomic_exchange(&t->turn_began, 0);
  if (began == 0) return;
  uint64_t now = uv_hrtime(), duration = now - began;
  trace_turn_event(rt, began, now);
  if (t->accounts != NULL) trace_account_turn(rt, duration);
  if (atomic_load(&t->stall_told) != began) return;
  Where where = where_is(t);
  TextBuffer text;
  text_init(&text);
  trace_append_format(&text, "Watchdog: %s was busy for %.1f ms in %s\n",
                      where.name, (double)duration / 1e6,
                      t->stall_name[0] == 0 ? "native code" : t->stall_name);
  report(RILL_WATCH_STALL_END, where.name, t->stall_name, duration, &text);
  text_free(&text);
}

void trace_watch_turns(RuntimeTrace *t) {
  if (t->watched) return;
  if (!t->rt->in_native) atomic_store(&t->turn_began, uv_hrtime());
  t->watched = true;
}

void trace_watch_runtime(RuntimeTrace *t) {
  if (atomic_load_explicit(&watchdog.on, memory_order_relaxed) ||
      trace_wants(TRACE_LOOP, TRACE_DEBUG))
    trace_watch_turns(t);
}

// Stalls of executors ---------------------------------------------------------

static void tell_poll(const ExecutorPoll *poll, rill_watch_event event) {
  TextBuffer text;
  text_init(&text);
  bool ended = event == RILL_WATCH_STALL_END;
  trace_append_format(
      &text, "Watchdog: executor %s, worker %u %s busy for %.1f ms in ",
      poll->executor, poll->worker, ended ? "was" : "has been",
      (double)poll->nanoseconds / 1e6);
  if (poll->task == 0) {
    text_append_c(&text, "a callback of its loop\n");
  } else {
    trace_append_format(&text, "one poll of task %llu %s\n",
                        (unsigned long long)poll->task, poll->name);
  }
  report(event, poll->executor, poll->name, poll->nanoseconds, &text);
  text_free(&text);
}

typedef struct TurnSearch {
  const ReactorGuest *guest;
  bool found;
} TurnSearch;
static void look_for_turn(void *data, RuntimeTrace *t) {
  TurnSearch *search = data;
  if (&t->rt->guest == search->guest && atomic_load(&t->turn_began) != 0)
    search->found = true;
}

// What is a turn of an isolate that the worker hosts is told by that.
static bool on_poll(void *data, const ExecutorPoll *poll) {
  (void)data;
  if (!poll->ended && poll->guest != NULL) {
    TurnSearch search = {.guest = poll->guest};
    trace_each(look_for_turn, &search);
    if (search.found || poll->task == 0) return false;
  }
  tell_poll(poll, poll->ended ? RILL_WATCH_STALL_END : RILL_WATCH_STALL);
  return true;
}

// Rings -----------------------------------------------------------------------

// The same for a ring wherever one begins to count.
static uint64_t ring_key(const TraceRing *ring) {
  uint64_t key = ring->count;
  for (uint32_t i = 0; i < ring->count; i++) {
    const struct TraceRingMember *m = &ring->members[i];
    key += ((uint64_t)m->snapshot->isolate << 48 ^ m->task->id) *
           UINT64_C(0x9e3779b97f4a7c15);
  }
  return key;
}

static bool was_told(uint64_t key) {
  for (size_t i = 0; i < watchdog.told_count; i++) {
    if (watchdog.told_rings[i] == key) return true;
  }
  uint64_t *more =
      realloc(watchdog.told_rings, (watchdog.told_count + 1) * sizeof *more);
  if (more == NULL) return true;
  watchdog.told_rings = more;
  watchdog.told_rings[watchdog.told_count++] = key;
  return false;
}

static void look_for_rings(void) {
  TraceSnapshot *snapshots = trace_collect(NULL);
  TraceRing *rings = trace_find_rings(snapshots);
  for (const TraceRing *ring = rings; ring != NULL; ring = ring->next) {
    if (was_told(ring_key(ring))) continue;
    TextBuffer text;
    text_init(&text);
    text_append_c(&text, "Watchdog: ");
    trace_append_ring(&text, ring);
    for (uint32_t i = 0; i < ring->count; i++) {
      const struct TraceRingMember *m = &ring->members[i];
      trace_append_id(&text, m->snapshot, m->task);
      text_append_c(&text, ":\n");
      for (uint32_t k = 0; k < m->task->frame_count; k++)
        trace_append_frame(&text, &m->task->frames[k]);
    }
    report(RILL_WATCH_DEADLOCK, ring->members[0].snapshot->name, "", 0, &text);
    text_free(&text);
  }
  trace_rings_free(rings);
  trace_snapshot_free(snapshots);
}

static void look_for_rings_if_due(uint64_t now) {
  uint64_t turns = watchdog.turns;
  static uint64_t before;
  if (turns != before) {
    before = turns;
    watchdog.last_change = now;
  }
  if (turns == watchdog.checked_turns) return;
  if (now - watchdog.last_change < QUIET_NANOSECONDS &&
      now - watchdog.last_ring_check < RING_PERIOD_NANOSECONDS) {
    return;
  }
  look_for_rings();
  watchdog.last_ring_check = now;
  // Answering took turns of its own.
  watchdog.turns = 0;
  trace_each(look_at, &now);
  before = watchdog.checked_turns = watchdog.turns;
}

static void *watch(void *argument) {
  (void)argument;
  pthread_setname_np(pthread_self(), "rill-watchdog");
  uint64_t period = watchdog.limit / 4;
  if (period > 10 * MILLISECOND) period = 10 * MILLISECOND;
  if (period < MILLISECOND) period = MILLISECOND;
  watchdog.last_ring_check = uv_hrtime();
  for (;;) {
    nanosleep(&(struct timespec){.tv_nsec = (long)period}, NULL);
    uint64_t now = uv_hrtime();
    watchdog.turns = 0;
    trace_each(look_at, &now);
    exec_registry_watch(watchdog.limit, on_poll, NULL);
    look_for_rings_if_due(now);
  }
  return NULL;
}

static void watch_each(void *data, RuntimeTrace *t) {
  (void)data;
  trace_watch_turns(t);
}

rill_status rill_watchdog_start(const rill_watchdog_options *o) {
  if (o == NULL || o->size < sizeof *o || o->limit_ms == 0 ||
      atomic_exchange(&watchdog.on, true)) {
    return RILL_INVALID;
  }
  watchdog.limit = (uint64_t)o->limit_ms * MILLISECOND;
  watchdog.on_report = o->on_report;
  watchdog.data = o->data;
  if (!trace_start_thread(watch)) {
    atomic_store(&watchdog.on, false);
    return RILL_NO_MEMORY;
  }
  trace_each(watch_each, NULL);
  return RILL_OK;
}
