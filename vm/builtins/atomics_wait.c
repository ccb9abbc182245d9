// SPDX-License-Identifier: MIT
// The process's list of agents waiting on shared memory.
//
// Everything here is guarded by `lock`; no script runs and no cell is allocated
// while it is held. A blocked thread has its own condition variable. A waiter
// that is notified leaves the list at once, so that a later notification finds
// the next one: a blocking one is then its thread's alone, an asynchronous one
// goes to its isolate's row of `agents`.
#include "vm/builtins/atomics_wait.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "vm/interpreter/jobs.h"
#include "vm/interpreter/run.h"

typedef struct Waiter {
  struct Waiter *next, *previous;
  Isolate *isolate;
  const uint8_t *address;
  SharedBytes *shared; // kept while waiting
  bool notified;
  bool is_async;
  double deadline; // milliseconds of the monotonic clock; may be infinite
  pthread_cond_t condition; // blocking ones
  GcRoot promise;           // asynchronous ones
} Waiter;

// An isolate that uses waitAsync.
typedef struct Agent {
  struct Agent *next;
  Isolate *isolate;
  Waiter *ready; // notified, to be settled; newest first
  void (*wake)(void *);
  void *wake_data;
} Agent;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Waiter *first_waiter, *last_waiter;
static Agent *agents;

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static void init_condition(pthread_cond_t *condition) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(condition, &attributes);
  pthread_condattr_destroy(&attributes);
}

static void wait_until(pthread_cond_t *condition, double deadline) {
  double whole = floor(deadline / 1000);
  struct timespec t = {(time_t)whole, (long)((deadline - whole * 1000) * 1e6)};
  pthread_cond_timedwait(condition, &lock, &t);
}

static void link_waiter(Waiter *w) {
  w->next = NULL;
  w->previous = last_waiter;
  *(last_waiter != NULL ? &last_waiter->next : &first_waiter) = w;
  last_waiter = w;
}

static void unlink_waiter(Waiter *w) {
  *(w->previous != NULL ? &w->previous->next : &first_waiter) = w->next;
  *(w->next != NULL ? &w->next->previous : &last_waiter) = w->previous;
}

static Agent *find_agent(Isolate *iso) {
  for (Agent *a = agents; a != NULL; a = a->next)
    if (a->isolate == iso) return a;
  return NULL;
}

static Agent *make_agent(Isolate *iso) {
  Agent *a = find_agent(iso);
  if (a != NULL) return a;
  a = calloc(1, sizeof *a);
  if (a == NULL) return NULL;
  a->isolate = iso;
  a->next = agents;
  agents = a;
  return a;
}

static bool holds(WaitLocation where, uint64_t expected) {
  if (where.is_wide)
    return __atomic_load_n((const uint64_t *)(const void *)where.address,
                           __ATOMIC_SEQ_CST) == expected;
  return __atomic_load_n((const uint32_t *)(const void *)where.address,
                         __ATOMIC_SEQ_CST) == (uint32_t)expected;
}

WaitResult vm_atomics_wait(Isolate *iso, WaitLocation where, uint64_t expected,
                           double timeout) {
  Waiter w = {
      .isolate = iso, .address = where.address, .deadline = now_ms() + timeout};
  // A host that is terminating the script sets the interrupt word and wakes
  // nobody, and a deadline not even that: look at them now and then.
  const double slice = 50;
  pthread_mutex_lock(&lock);
  if (!holds(where, expected)) {
    pthread_mutex_unlock(&lock);
    return WAIT_NOT_EQUAL;
  }
  init_condition(&w.condition);
  link_waiter(&w);
  WaitResult result = WAIT_OK;
  while (!w.notified) {
    double now = now_ms();
    if (now >= w.deadline) {
      result = WAIT_TIMED_OUT;
      break;
    }
    if (atomic_load_explicit(&iso->interrupt, memory_order_relaxed) != 0 ||
        iso->deadline_nanoseconds != 0) {
      pthread_mutex_unlock(&lock);
      bool goes_on = vm_safepoint(iso);
      pthread_mutex_lock(&lock);
      if (w.notified) break;
      if (!goes_on) {
        result = WAIT_THREW;
        break;
      }
    }
    // The collector may run while this thread sleeps.
    pthread_mutex_unlock(&lock);
    gc_enter_native(iso->heap);
    pthread_mutex_lock(&lock);
    if (!w.notified) wait_until(&w.condition, fmin(now + slice, w.deadline));
    pthread_mutex_unlock(&lock);
    gc_leave_native(iso->heap);
    pthread_mutex_lock(&lock);
  }
  if (!w.notified) unlink_waiter(&w);
  pthread_mutex_unlock(&lock);
  pthread_cond_destroy(&w.condition);
  return result;
}

WaitResult vm_atomics_wait_async(Isolate *iso, WaitLocation where,
                                 uint64_t expected, double timeout,
                                 Value *promise) {
  Waiter *w = calloc(1, sizeof *w);
  if (w == NULL) {
    vm_throw_out_of_memory(iso);
    return WAIT_THREW;
  }
  Promise *made = vm_promise_new(iso);
  pthread_mutex_lock(&lock);
  WaitResult result = WAIT_OK;
  if (!holds(where, expected)) {
    result = WAIT_NOT_EQUAL;
  } else if (timeout == 0) {
    result = WAIT_TIMED_OUT;
  } else if (make_agent(iso) == NULL) {
    result = WAIT_THREW;
  } else {
    *w = (Waiter){.isolate = iso,
                  .address = where.address,
                  .shared = where.shared,
                  .is_async = true,
                  .deadline = now_ms() + timeout};
    vm_shared_bytes_retain(where.shared);
    gc_root_add(iso->heap, &w->promise, value_from_cell(made));
    link_waiter(w);
  }
  pthread_mutex_unlock(&lock);
  if (result == WAIT_OK) {
    iso->async_waiters++;
    *promise = value_from_cell(made);
    return WAIT_OK;
  }
  free(w);
  if (result == WAIT_THREW) vm_throw_out_of_memory(iso);
  return result;
}

double vm_atomics_notify(Isolate *iso, const uint8_t *address, double count) {
  double woken = 0;
  pthread_mutex_lock(&lock);
  for (Waiter *w = first_waiter, *next; w != NULL && woken < count; w = next) {
    next = w->next;
    if (w->address != address) continue;
    unlink_waiter(w);
    w->notified = true;
    woken++;
    if (!w->is_async) {
      pthread_cond_signal(&w->condition);
      continue;
    }
    Agent *a = find_agent(w->isolate);
    w->next = a->ready;
    a->ready = w;
    if (a->wake != NULL) a->wake(a->wake_data);
  }
  pthread_mutex_unlock(&lock);
  return woken;
}

static double next_timeout(Agent *a, double now) {
  if (a->ready != NULL) return 0;
  double deadline = INFINITY;
  for (Waiter *w = first_waiter; w != NULL; w = w->next)
    if (w->isolate == a->isolate && w->is_async)
      deadline = fmin(deadline, w->deadline);
  return fmax(deadline - now, 0);
}

double vm_atomics_next_timeout(Isolate *iso) {
  pthread_mutex_lock(&lock);
  Agent *a = find_agent(iso);
  double timeout = a == NULL ? INFINITY : next_timeout(a, now_ms());
  pthread_mutex_unlock(&lock);
  return timeout;
}

// Takes what is ready off the lists: notified ones in their order, then those
// whose time is over.
static Waiter *take_ready(Isolate *iso) {
  Waiter *taken = NULL;
  pthread_mutex_lock(&lock);
  Agent *a = find_agent(iso);
  if (a != NULL) {
    double now = now_ms();
    for (Waiter *w = last_waiter, *previous; w != NULL; w = previous) {
      previous = w->previous;
      if (w->isolate != iso || !w->is_async || w->deadline > now) continue;
      unlink_waiter(w);
      w->next = taken;
      taken = w;
    }
    while (a->ready != NULL) {
      Waiter *w = a->ready;
      a->ready = w->next;
      w->next = taken;
      taken = w;
    }
  }
  pthread_mutex_unlock(&lock);
  return taken;
}

static void free_waiter(Isolate *iso, Waiter *w) {
  gc_root_remove(iso->heap, &w->promise);
  vm_shared_bytes_release(w->shared);
  free(w);
}

uint32_t vm_atomics_settle(Isolate *iso) {
  uint32_t settled = 0;
  for (Waiter *w = take_ready(iso), *next; w != NULL; w = next) {
    next = w->next;
    Promise *promise = (Promise *)value_as_cell(w->promise.word);
    String *text = vm_atom_from_c(w->notified ? "ok" : "timed-out");
    vm_promise_fulfill(iso, promise, value_from_cell(text));
    free_waiter(iso, w);
    iso->async_waiters--;
    settled++;
  }
  return settled;
}

void vm_atomics_set_wake(Isolate *iso, void (*wake)(void *data), void *data) {
  pthread_mutex_lock(&lock);
  Agent *a = make_agent(iso);
  if (a != NULL) {
    a->wake = wake;
    a->wake_data = data;
  }
  pthread_mutex_unlock(&lock);
}

void vm_atomics_forget(Isolate *iso) {
  pthread_mutex_lock(&lock);
  for (Waiter *w = first_waiter, *next; w != NULL; w = next) {
    next = w->next;
    if (w->isolate != iso || !w->is_async) continue;
    unlink_waiter(w);
    free_waiter(iso, w);
  }
  for (Agent **link = &agents; *link != NULL; link = &(*link)->next) {
    Agent *a = *link;
    if (a->isolate != iso) continue;
    *link = a->next;
    for (Waiter *w = a->ready, *next; w != NULL; w = next) {
      next = w->next;
      free_waiter(iso, w);
    }
    free(a);
    break;
  }
  pthread_mutex_unlock(&lock);
}
