// SPDX-License-Identifier: MIT
// The registry of Runtimes, and asking all of them at once.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/trace/accounts.h"
#include "runtime/trace/trace.h"
#include "runtime/trace/watchdog.h"
#include "vm/interpreter/run.h"

enum { ANSWER_NANOSECONDS = 1000000000 };

static pthread_mutex_t collecting = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t answered = PTHREAD_COND_INITIALIZER;
// Under the registry's lock.
static RuntimeTrace *runtimes, **last_runtime = &runtimes;
static uint32_t numbers;

bool trace_register(Runtime *rt) {
  RuntimeTrace *t = calloc(1, sizeof *t);
  if (t == NULL) return false;
  t->rt = rt;
  pthread_mutex_lock(&registry);
  t->number = ++numbers;
  t->link = last_runtime;
  *last_runtime = t;
  last_runtime = &t->next;
  rt->trace = t;
  pthread_mutex_unlock(&registry);
  trace_watch_runtime(t);
  return true;
}

void trace_unregister(Runtime *rt) {
  RuntimeTrace *t = rt->trace;
  if (t == NULL) return;
  trace_forget_starter(t);
  pthread_mutex_lock(&registry);
  *t->link = t->next;
  if (t->next != NULL) {
    t->next->link = t->link;
  } else {
    last_runtime = t->link;
  }
  pthread_cond_broadcast(&answered); // nobody is to wait for it
  pthread_mutex_unlock(&registry);
}

void trace_free(Runtime *rt) {
  RuntimeTrace *t = rt->trace;
  if (t == NULL) return;
  trace_snapshot_free(t->answer);
  trace_stall_free(t->stall);
  trace_accounts_free(rt);
  rt->trace = NULL;
  free(t);
}

void trace_name_of(const Runtime *rt, uint32_t *number, char *name,
                   size_t size) {
  *number = rt->trace->number;
  snprintf(name, size, "%s",
           rt->worker != NULL     ? "worker"
           : rt->is_thread_worker ? "Worker"
           : *number == 1         ? "main"
                                  : "isolate");
}

void trace_each(void (*work)(void *, RuntimeTrace *), void *data) {
  pthread_mutex_lock(&registry);
  for (RuntimeTrace *t = runtimes; t != NULL; t = t->next)
    work(data, t);
  pthread_mutex_unlock(&registry);
}

void trace_answer(Runtime *rt) {
  RuntimeTrace *t = rt->trace;
  if (atomic_exchange(&t->thread_wanted, false)) trace_expect_blocking();
  if (atomic_exchange(&t->stall_wanted, false)) {
    Stall *stall = trace_stall_new(rt);
    pthread_mutex_lock(&registry);
    trace_stall_free(t->stall);
    t->stall = stall;
    pthread_mutex_unlock(&registry);
  }
  if (atomic_load(&t->wanted)) {
    TraceSnapshot *s = trace_snapshot_new(rt);
    pthread_mutex_lock(&registry);
    if (atomic_exchange(&t->wanted, false)) {
      t->answer = s;
      s = NULL;
      pthread_cond_broadcast(&answered);
    }
    pthread_mutex_unlock(&registry);
    trace_snapshot_free(s); // too late
  }
}

static void deadline_after(struct timespec *at, uint64_t nanoseconds) {
  clock_gettime(CLOCK_REALTIME, at);
  uint64_t ns = (uint64_t)at->tv_nsec + nanoseconds;
  at->tv_sec += (time_t)(ns / 1000000000u);
  at->tv_nsec = (long)(ns % 1000000000u);
}

void trace_ask(RuntimeTrace *t) {
  vm_request_interrupt(t->rt->isolate, INTERRUPT_HOST);
  rt_wake(t->rt);
}

// Under the registry's lock: some have not answered yet.
static bool is_waiting(void) {
  for (RuntimeTrace *t = runtimes; t != NULL; t = t->next) {
    if (atomic_load_explicit(&t->wanted, memory_order_relaxed)) return true;
  }
  return false;
}

static TraceSnapshot *take(RuntimeTrace *t) {
  TraceSnapshot *s = t->answer;
  t->answer = NULL;
  if (atomic_exchange(&t->wanted, false))
    s = trace_snapshot_from_outside(t->rt);
  return s;
}

TraceSnapshot *trace_collect(Runtime *self) {
  while (pthread_mutex_trylock(&collecting) != 0) {
    if (self != NULL) trace_answer(self);
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  }
  TraceSnapshot *own = self == NULL ? NULL : trace_snapshot_new(self);
  struct timespec until;
  deadline_after(&until, ANSWER_NANOSECONDS);
  pthread_mutex_lock(&registry);
  for (RuntimeTrace *t = runtimes; t != NULL; t = t->next) {
    if (t->rt == self) continue;
    atomic_store(&t->wanted, true);
    trace_ask(t);
  }
  while (is_waiting()) {
    if (pthread_cond_timedwait(&answered, &registry, &until) != 0) break;
  }
  TraceSnapshot *first = NULL, **link = &first;
  for (RuntimeTrace *t = runtimes; t != NULL; t = t->next) {
    TraceSnapshot *s = t->rt == self ? own : take(t);
    if (s == NULL) continue;
    *link = s;
    link = &s->next;
  }
  pthread_mutex_unlock(&registry);
  pthread_mutex_unlock(&collecting);
  return first;
}

bool trace_dump(Runtime *self, bool json, TextBuffer *out) {
  TraceSnapshot *s = trace_collect(self);
  TraceRing *rings = trace_find_rings(s);
  if (json) {
    trace_append_json(out, s, rings);
  } else {
    trace_append_text(out, s, rings);
  }
  trace_rings_free(rings);
  trace_snapshot_free(s);
  return !out->failed;
}

void trace_rings_free(TraceRing *ring) {
  while (ring != NULL) {
    TraceRing *next = ring->next;
    free(ring);
    ring = next;
  }
}
