// SPDX-License-Identifier: MIT
// A future's record is counted: the runtime's list has a reference until it is
// ready or dropped, each waker has one.
#include "runtime/tasks/futures.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/tasks/tasks_internal.h"

typedef struct ScriptFuture {
  _Atomic uint32_t references;
  const ScriptFutureType *type;
  TaskHome *home;                  // a reference
  struct ScriptFuture *next_woken; // under the home's lock, like:
  bool is_woken;                   // until it is polled
  // The isolate's thread.
  struct ScriptFuture *previous, *next;
  bool is_over;
  size_t bytes; // of all of this
  GcHandle promise;
  _Alignas(16) unsigned char future[];
} ScriptFuture;

static rill_future *future_of(ScriptFuture *f) {
  return (rill_future *)(void *)f->future;
}

static void release(void *data) {
  ScriptFuture *f = data;
  if (atomic_fetch_sub_explicit(&f->references, 1, memory_order_acq_rel) != 1) {
    return;
  }
  rt_task_home_release(f->home);
  free(f);
}

static void retain(void *data) {
  ScriptFuture *f = data;
  atomic_fetch_add_explicit(&f->references, 1, memory_order_relaxed);
}

static void wake_by_ref(void *data) {
  ScriptFuture *f = data;
  TaskHome *home = f->home;
  uv_mutex_lock(&home->lock);
  if (!home->closed && !f->is_woken) {
    f->is_woken = true;
    retain(f);
    f->next_woken = home->woken;
    home->woken = f;
    exec_loop_waker_wake(home->wake);
  }
  uv_mutex_unlock(&home->lock);
}

static void wake(void *data) {
  wake_by_ref(data);
  release(data);
}

static const rill_waker_type waker_type = {retain, release, wake, wake_by_ref};

// The isolate's heap counts the record as long as its promise waits.
static void count_future(const ScriptFuture *f, int change) {
  gc_external_adjust(f->home->runtime->isolate->heap, GC_EXTERNAL_NATIVE,
                     change * (int64_t)f->bytes);
}

static void end(ScriptFuture *f) {
  TaskHome *home = f->home;
  rill_future_drop(future_of(f));
  if (f->type->release != NULL) f->type->release(future_of(f));
  f->is_over = true;
  count_future(f, -1);
  gc_handle_remove(home->runtime->isolate->heap, &f->promise);
  if (f->next != NULL) f->next->previous = f->previous;
  if (f->previous != NULL) {
    f->previous->next = f->next;
  } else {
    home->futures = f->next;
  }
  if (!f->type->lets_program_end) rt_task_home_keep(home, -1);
  release(f);
}

static void poll(ScriptFuture *f) {
  if (f->is_over) return;
  Isolate *iso = f->home->runtime->isolate;
  rill_waker waker = {&waker_type, f};
  rill_context context = {&waker};
  // rt_future_promise has made it.
  if (exec_poll_within(rt_executor(f->home->runtime), future_of(f), &context) ==
      RILL_PENDING)
    return;
  Promise *promise = (Promise *)value_as_cell(gc_handle_word(&f->promise));
  Promise *outer = iso->settling;
  iso->settling = promise;
  Value value = f->type->finish(iso, future_of(f));
  iso->settling = outer;
  retain(f);
  end(f);
  release(f);
  if (value_is_exception(value)) {
    vm_promise_reject_with_exception(iso, promise);
  } else {
    vm_promise_resolve(iso, promise, value);
  }
}

Promise *rt_future_promise(Runtime *rt, const rill_future *future, size_t size,
                           const ScriptFutureType *type) {
  TaskHome *home = rt_executor(rt) == NULL ? NULL : rt_task_home(rt);
  ScriptFuture *f = home == NULL ? NULL : calloc(1, sizeof *f + size);
  Promise *promise = vm_promise_new(rt->isolate);
  // A lack of memory that is told of later would leave the future to nobody.
  bool goes_on = vm_poll(rt->isolate, 0);
  if (!goes_on || f == NULL ||
      !gc_handle_add(rt->isolate->heap, &f->promise,
                     value_from_cell(promise))) {
    free(f);
    if (type->release != NULL) type->release((rill_future *)future);
    if (goes_on) vm_throw_out_of_memory(rt->isolate);
    return NULL;
  }
  memcpy(f->future, future, size);
  f->references = 1;
  f->type = type;
  f->home = rt_task_home_retain(home);
  f->bytes = sizeof *f + size;
  count_future(f, 1);
  f->next = home->futures;
  if (f->next != NULL) f->next->previous = f;
  home->futures = f;
  if (!type->lets_program_end) rt_task_home_keep(home, 1);
  poll(f);
  return promise;
}

static void describe(TraceSnapshot *s, Runtime *rt, const void *object,
                     const char *note, TraceWait *out) {
  const ScriptFuture *f = object;
  if (f->type->describe != NULL) {
    f->type->describe(s, rt, f->future, out);
  } else {
    out->text = future_of((ScriptFuture *)f)->type->name;
  }
}

void rt_futures_list_waits(Runtime *rt, TraceGraph *graph) {
  if (rt->tasks == NULL) return;
  for (const ScriptFuture *f = rt->tasks->futures; f != NULL; f = f->next)
    trace_add_wait(graph, gc_handle_word(&f->promise), describe, f, NULL);
}

bool rt_future_cancel(Runtime *rt, Value promise, Value reason) {
  if (rt->tasks == NULL) return false;
  ScriptFuture *f = rt->tasks->futures;
  while (f != NULL && gc_handle_word(&f->promise) != promise)
    f = f->next;
  if (f == NULL) return false;
  end(f);
  vm_promise_reject(rt->isolate, (Promise *)value_as_cell(promise), reason);
  return true;
}

void rt_futures_poll(Runtime *rt) {
  TaskHome *home = rt->tasks;
  if (atomic_load_explicit(&home->woken, memory_order_relaxed) == NULL) return;
  uv_mutex_lock(&home->lock);
  ScriptFuture *woken = home->woken;
  home->woken = NULL;
  // Oldest first.
  ScriptFuture *list = NULL;
  while (woken != NULL) {
    ScriptFuture *next = woken->next_woken;
    woken->next_woken = list;
    list = woken;
    woken = next;
  }
  uv_mutex_unlock(&home->lock);
  while (list != NULL) {
    ScriptFuture *f = list;
    list = f->next_woken;
    // From here on it may be woken again, and linked anew.
    uv_mutex_lock(&home->lock);
    f->is_woken = false;
    uv_mutex_unlock(&home->lock);
    poll(f);
    release(f);
  }
}

uint32_t rt_futures_woken(const Runtime *rt) {
  TaskHome *home = rt->tasks;
  if (home == NULL) return 0;
  uint32_t count = 0;
  uv_mutex_lock(&home->lock);
  for (ScriptFuture *f = home->woken; f != NULL; f = f->next_woken)
    count++;
  uv_mutex_unlock(&home->lock);
  return count;
}

void rt_futures_poll_one(Runtime *rt, uint32_t index) {
  TaskHome *home = rt->tasks;
  uv_mutex_lock(&home->lock);
  ScriptFuture *f = home->woken, *before = NULL;
  for (; index > 0 && f->next_woken != NULL; index--) {
    before = f;
    f = f->next_woken;
  }
  if (before == NULL)
    home->woken = f->next_woken;
  else
    before->next_woken = f->next_woken;
  f->is_woken = false;
  uv_mutex_unlock(&home->lock);
  poll(f);
  release(f);
}

void rt_futures_drop_all(Runtime *rt) {
  TaskHome *home = rt->tasks;
  if (home == NULL) return;
  while (home->futures != NULL)
    end(home->futures);
  while (home->woken != NULL) {
    ScriptFuture *f = home->woken;
    home->woken = f->next_woken;
    release(f);
  }
}
