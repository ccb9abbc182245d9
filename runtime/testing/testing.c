// SPDX-License-Identifier: MIT
// The watchdog's thread, and the register of what is open.
#include "runtime/testing/testing.h"

#include <stdlib.h>

#include "runtime/program/clock.h"
#include "vm/interpreter/run.h"

Testing *rt_testing(Runtime *rt) {
  if (rt->testing != NULL) return rt->testing;
  Testing *t = calloc(1, sizeof *t);
  if (t == NULL || uv_mutex_init(&t->lock) != 0) {
    free(t);
    vm_throw_out_of_memory(rt->isolate);
    return NULL;
  }
  if (uv_cond_init(&t->changed) != 0) {
    uv_mutex_destroy(&t->lock);
    free(t);
    vm_throw_out_of_memory(rt->isolate);
    return NULL;
  }
  t->rt = rt;
  gc_root_add(rt->isolate->heap, &t->handler, VALUE_UNDEFINED);
  gc_root_add(rt->isolate->heap, &t->interrupted, VALUE_UNDEFINED);
  rt->testing = t;
  return t;
}

void rt_testing_free(Runtime *rt) {
  Testing *t = rt->testing;
  if (t == NULL) return;
  uv_mutex_lock(&t->lock);
  t->thread_ends = true;
  bool runs = t->thread_runs;
  uv_cond_signal(&t->changed);
  uv_mutex_unlock(&t->lock);
  if (runs) uv_thread_join(&t->thread);
  GcHeap *heap = rt->isolate->heap;
  for (int i = 0; i < TRACKED_BUCKETS; i++) {
    while (t->things[i] != NULL)
      rt_testing_untrack(rt, t->things[i]->what);
  }
  gc_root_remove(heap, &t->handler);
  gc_root_remove(heap, &t->interrupted);
  uv_cond_destroy(&t->changed);
  uv_mutex_destroy(&t->lock);
  rt->testing = NULL;
  free(t);
}

// An Error whose stack says where script is.
static Value error_here(Isolate *iso, const char *message) {
  vm_throw_error(iso, ERROR_ERROR, "%s", message);
  return vm_take_exception(iso);
}

static bool take_expired(Testing *t) {
  uv_mutex_lock(&t->lock);
  bool expired = t->expired;
  t->expired = false;
  uv_mutex_unlock(&t->lock);
  return expired;
}

bool rt_testing_on_interrupt(Runtime *rt) {
  Testing *t = rt->testing;
  if (!take_expired(t)) return true;
  t->interrupted.word = error_here(rt->isolate, "");
  return false;
}

bool rt_testing_take_interrupted(Runtime *rt) {
  Testing *t = rt->testing;
  Isolate *iso = rt->isolate;
  if (!vm_is_terminating(iso) || t->interrupted.word == VALUE_UNDEFINED)
    return false;
  vm_take_exception(iso);
  vm_end_termination(iso);
  vm_throw(iso, t->interrupted.word);
  t->interrupted.word = VALUE_UNDEFINED;
  return true;
}

void rt_testing_on_wake(Runtime *rt) {
  Testing *t = rt->testing;
  if (!take_expired(t) || t->handler.word == VALUE_UNDEFINED) return;
  Value arguments[] = {value_from_cell(vm_atom_from_c("timeout")),
                       VALUE_UNDEFINED};
  if (value_is_exception(
          vm_call(rt->isolate, t->handler.word, VALUE_UNDEFINED, 2, arguments)))
    rt_uncaught(rt);
}

// The register
// ----------------------------------------------------------------------

static TrackedThing **bucket_of(Testing *t, const void *what) {
  uint64_t hash = (uint64_t)(uintptr_t)what * UINT64_C(0x9e3779b97f4a7c15);
  return &t->things[hash >> 56];
}

static TrackedThing *track(Runtime *rt, const void *what, const char *name) {
  // What a listener accepts, and the like, goes with what made it.
  if (rt->isolate->frame == NULL) return NULL;
  Testing *t = rt->testing;
  TrackedThing *thing = calloc(1, sizeof *thing);
  if (thing == NULL) return NULL; // it is not looked for, then
  thing->what = what;
  thing->name = name;
  thing->id = ++t->last_id;
  gc_root_add(rt->isolate->heap, &thing->origin,
              error_here(rt->isolate, "made here"));
  TrackedThing **bucket = bucket_of(t, what);
  thing->next = *bucket;
  *bucket = thing;
  return thing;
}

void rt_testing_track(Runtime *rt, const void *what, const char *name,
                      uv_handle_t *handle) {
  TrackedThing *thing = track(rt, what, name);
  if (thing != NULL) thing->handle = handle;
}

void rt_testing_track_timer(Runtime *rt, const ClockTimer *timer) {
  TrackedThing *thing = track(rt, timer, timer->type->name);
  if (thing != NULL) thing->timer = timer;
}

void rt_testing_untrack(Runtime *rt, const void *what) {
  for (TrackedThing **at = bucket_of(rt->testing, what); *at != NULL;
       at = &(*at)->next) {
    TrackedThing *thing = *at;
    if (thing->what != what) continue;
    *at = thing->next;
    gc_root_remove(rt->isolate->heap, &thing->origin);
    free(thing);
    return;
  }
}
