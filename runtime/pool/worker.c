// SPDX-License-Identifier: MIT
// A pool's worker: the thread that takes evaluations, and the isolates that it
// makes for them and drives while they run.
#include "runtime/pool/internal.h"

#include <stdlib.h>

#include "runtime/program/clock.h"
#include "vm/interpreter/jobs.h"

static _Thread_local PoolWorker *current_worker;

PoolWorker *pool_current_worker(void) {
  return current_worker;
}

// From here on the isolate of what runs may be interrupted; NULL: no longer.
// False: it is to end already.
static bool set_running(PoolWorker *w, rill_isolate *api) {
  uv_mutex_lock(&w->pool->lock);
  rill_isolate *before = w->running;
  w->running = api;
  bool goes_on = w->current == NULL || !w->current->is_cancelled;
  uv_mutex_unlock(&w->pool->lock);
  if (before != NULL && api == NULL) {
    // What came too late is not meant for the next one.
    atomic_fetch_and(&before->iso->interrupt, ~(uint32_t)INTERRUPT_TERMINATE);
    if (vm_is_terminating(before->iso)) vm_end_termination(before->iso);
  }
  return goes_on;
}

// The pool's, compiled by the first that needs it. NULL: threw.
static Template *bootstrap_of(rill_pool *pool, Isolate *iso) {
  uv_mutex_lock(&pool->lock);
  Template *template =
      pool->bootstrap == NULL ? NULL : vm_template_retain(pool->bootstrap);
  uv_mutex_unlock(&pool->lock);
  if (template != NULL) return template;
  const rill_pool_options *o = &pool->options;
  String *source = vm_string_from_utf8(iso, o->bootstrap, o->bootstrap_length);
  CompileOptions options = {
      .goal = COMPILE_SCRIPT, .file_name = o->bootstrap_name, .repl = true};
  template = source == NULL ? NULL : vm_compile_string(iso, source, &options);
  if (template == NULL) return NULL;
  uv_mutex_lock(&pool->lock);
  if (pool->bootstrap == NULL) pool->bootstrap = vm_template_retain(template);
  uv_mutex_unlock(&pool->lock);
  return template;
}

static bool run_bootstrap(PoolWorker *w, rill_isolate *api) {
  const rill_pool_options *o = &w->pool->options;
  if (o->bootstrap == NULL) return true;
  rill_scope scope;
  rill_scope_open(api, &scope);
  if (o->bootstrap_timeout_ms != 0)
    rill_set_deadline(api, o->bootstrap_timeout_ms);
  api_enter(api);
  Template *template = bootstrap_of(w->pool, api->iso);
  Value value =
      template == NULL ? VALUE_EXCEPTION : vm_run_template(api->iso, template);
  if (template != NULL) vm_template_release(template);
  rill_value result = api_finish(api, value);
  bool done = result != NULL && rill_await(api, result) != NULL;
  rill_set_deadline(api, 0);
  rill_scope_close(api, &scope);
  return done;
}

static void free_isolate(rill_isolate **api) {
  if (*api == NULL) return;
  rill_isolate_free(*api);
  *api = NULL;
}

// One that is set up, and is `running`; NULL: it failed, as the evaluation says
// now.
static rill_isolate *make_isolate(PoolWorker *w, rill_evaluation *e) {
  rill_pool *pool = w->pool;
  uint64_t start = uv_hrtime();
  rill_isolate *api = api_isolate_new(&pool->runtime);
  if (api == NULL) {
    evaluation_set_failed(e, "Out of memory or resources for an isolate");
    return NULL;
  }
  bool goes_on = set_running(w, api), made = goes_on;
  if (made && pool->options.on_isolate != NULL) {
    made = pool->options.on_isolate(pool->options.data, api, w->index);
    if (!made && api->error.kind == RILL_ERROR_NONE)
      api_fail_host(api, "The host gave the isolate up");
  }
  made = made && run_bootstrap(w, api);
  uv_mutex_lock(&pool->lock);
  pool->isolates++;
  pool_tell(pool, RILL_POOL_ISOLATE_MADE, NULL, (int)w->index, NULL,
            uv_hrtime() - start);
  uv_mutex_unlock(&pool->lock);
  if (made) return api;
  if (!goes_on) {
    evaluation_set_cancelled(e);
  } else {
    // A time-out is the bootstrap's, not the evaluation's.
    int64_t timeout = e->timeout_ms;
    e->timeout_ms = -1;
    evaluation_take_error(e, api);
    e->timeout_ms = timeout;
  }
  set_running(w, NULL);
  free_isolate(&api);
  return NULL;
}

// Something that an evaluation began would go on in the next one: jobs, which
// an error that nobody caught leaves, too, or what was waited for when it was
// stopped.
static bool has_leftovers(const rill_isolate *api, rill_outcome outcome) {
  Runtime *rt = api->rt;
  return vm_has_jobs(api->iso) ||
         (outcome != RILL_OUTCOME_THREW && rt->has_loop &&
          (uv_loop_alive(&rt->loop) || rt_clock_is_alive(rt)));
}

// What is left in it after one that failed is nearly all that there may be: the
// next one would fail for it.
static bool is_full(const rill_isolate *api) {
  size_t limit = api->rt->options.max_heap_bytes;
  return limit != 0 && !gc_reserve_external(api->iso->heap, limit / 8);
}

void pool_run(PoolWorker *w, rill_evaluation *e) {
  rill_isolate *fresh = NULL;
  rill_isolate **place = e->fresh             ? &fresh
                         : e->session != NULL ? &e->session->isolate
                                              : &w->isolate;
  pool_tell(w->pool, RILL_POOL_BEGUN, e, (int)w->index,
            e->session == NULL ? NULL : e->session->id,
            e->begun_at - e->queued_at);
  rill_outcome outcome = RILL_OUTCOME_RETURNED;
  if (*place == NULL) {
    *place = make_isolate(w, e);
    if (*place == NULL)
      outcome =
          e->error.is_cancelled ? RILL_OUTCOME_CANCELLED : RILL_OUTCOME_THREW;
  } else if (!set_running(w, *place)) {
    evaluation_set_cancelled(e);
    outcome = RILL_OUTCOME_CANCELLED;
  }
  rill_isolate *api = *place;
  bool is_spoiled = false;
  if (api != NULL && outcome == RILL_OUTCOME_RETURNED && e->pinned == NULL)
    outcome = evaluation_run(e, api);
  set_running(w, NULL);
  if (api != NULL) {
    rt_output_flush(api->rt);
    // A session keeps its state, whatever befell it.
    is_spoiled = place == &w->isolate && outcome != RILL_OUTCOME_RETURNED &&
                 (has_leftovers(api, outcome) || is_full(api));
    rt_rest(api->rt);
  }
  uv_mutex_lock(&w->pool->lock);
  w->current = NULL;
  uv_mutex_unlock(&w->pool->lock);
  pool_settle(e, outcome);
  if (is_spoiled) free_isolate(&w->isolate);
  free_isolate(&fresh);
}

void pool_worker_sweep(PoolWorker *w) {
  uv_mutex_lock(&w->pool->lock);
  PoolSession *s = w->closed;
  w->closed = NULL;
  uv_mutex_unlock(&w->pool->lock);
  for (PoolSession *next; s != NULL; s = next) {
    next = s->next;
    free_isolate(&s->isolate);
    free(s);
  }
}

void pool_worker_end(PoolWorker *w) {
  rill_pool *pool = w->pool;
  uv_mutex_lock(&pool->lock);
  for (uint32_t i = 0; i < SESSION_BUCKETS; i++) {
    for (PoolSession **link = &pool->sessions[i], *s; (s = *link) != NULL;) {
      if (s->worker != w) {
        link = &s->next;
        continue;
      }
      *link = s->next;
      s->next = w->closed;
      w->closed = s;
      pool->session_count--;
    }
  }
  uv_mutex_unlock(&pool->lock);
  pool_worker_sweep(w);
  free_isolate(&w->isolate);
}

void pool_worker_main(void *data) {
  PoolWorker *w = data;
  rill_pool *pool = w->pool;
  current_worker = w;
  uv_mutex_lock(&pool->lock);
  w->is_started = true;
  pool_tell(pool, RILL_POOL_WORKER_STARTED, NULL, (int)w->index, NULL, 0);
  for (;;) {
    rill_evaluation *e = pool_take(w);
    if (e != NULL || w->closed != NULL) {
      uv_mutex_unlock(&pool->lock);
      if (e != NULL) pool_run(w, e);
      pool_worker_sweep(w);
      uv_mutex_lock(&pool->lock);
      continue;
    }
    if (pool->is_closing) break;
    w->is_idle = true;
    while (w->is_idle)
      uv_cond_wait(&w->wake, &pool->lock);
  }
  uv_mutex_unlock(&pool->lock);
  pool_worker_end(w);
  uv_mutex_lock(&pool->lock);
  pool_tell(pool, RILL_POOL_WORKER_STOPPED, NULL, (int)w->index, NULL, 0);
  bool is_last = --pool->threads == 0;
  rill_token *stopped = pool->stopped;
  if (is_last) rill_token_retain(stopped);
  uv_mutex_unlock(&pool->lock);
  if (is_last) {
    rill_token_cancel(stopped);
    rill_token_release(stopped);
  }
}
