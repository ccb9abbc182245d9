// SPDX-License-Identifier: MIT
// A pool: its queues and workers, from a request to a worker and to whoever
// waits, sessions, its end.
#include <stdlib.h>
#include <string.h>

#include "runtime/io/grants.h"
#include "runtime/pool/internal.h"

enum { MOST_WORKERS = 1024, QUEUE_LIMIT = 1024, SESSION_LIMIT = 1024 };

// Making and freeing ---------------------------------------------------------

static bool copy_bootstrap(rill_pool_options *o) {
  if (o->bootstrap == NULL) return true;
  size_t length = o->bootstrap_length == RILL_TEXT_END ? strlen(o->bootstrap)
                                                       : o->bootstrap_length;
  char *text = malloc(length + 1);
  const char *name =
      strdup(o->bootstrap_name == NULL ? "bootstrap" : o->bootstrap_name);
  if (text != NULL) {
    memcpy(text, o->bootstrap, length);
    text[length] = 0;
  }
  o->bootstrap = text;
  o->bootstrap_name = name;
  o->bootstrap_length = length;
  return text != NULL && name != NULL;
}

static void free_pool(rill_pool *pool) {
  for (uint32_t i = 0; pool->workers != NULL && i < pool->size; i++)
    uv_cond_destroy(&pool->workers[i].wake);
  free(pool->workers);
  if (pool->room != NULL) rill_semaphore_release(pool->room);
  if (pool->stopped != NULL) rill_token_release(pool->stopped);
  rt_in_flight_release(pool->in_flight);
  if (pool->bootstrap != NULL) vm_template_release(pool->bootstrap);
  if (pool->options.bootstrap != NULL) {
    free((char *)pool->options.bootstrap);
    free((char *)pool->options.bootstrap_name);
  }
  uv_mutex_destroy(&pool->lock);
  rt_grants_release(pool->runtime.grants);
  free(pool);
}

void pool_release(rill_pool *pool) {
  if (atomic_fetch_sub_explicit(&pool->references, 1, memory_order_acq_rel) ==
      1)
    free_pool(pool);
}

rill_pool *pool_new(const rill_pool_options *options,
                    const RuntimeOptions *runtime, rill_status *status) {
  rill_status ignored;
  if (status == NULL) status = &ignored;
  *status = RILL_INVALID;
  if (options->workers > MOST_WORKERS) return NULL;
  *status = RILL_NO_MEMORY;
  rill_pool *pool = calloc(1, sizeof *pool);
  if (pool == NULL || uv_mutex_init(&pool->lock) != 0) {
    free(pool);
    return NULL;
  }
  pool->references = 1;
  pool->options = *options;
  if (options->session_limit == 0) pool->options.session_limit = SESSION_LIMIT;
  pool->runtime = *runtime;
  rt_grants_retain(pool->runtime.grants);
  pool->without_threads = options->without_threads;
  uint32_t size = pool->without_threads  ? 1
                  : options->workers > 0 ? options->workers
                                         : rill_available_parallelism();
  bool copied = copy_bootstrap(&pool->options);
  pool->room = rill_semaphore_new(
      options->queue_limit == 0 ? QUEUE_LIMIT : options->queue_limit);
  pool->stopped = rill_token_new(NULL);
  pool->workers = calloc(size, sizeof *pool->workers);
  for (; pool->workers != NULL && pool->size < size; pool->size++) {
    PoolWorker *w = &pool->workers[pool->size];
    if (uv_cond_init(&w->wake) != 0) break;
    w->pool = pool;
    w->index = pool->size;
  }
  size_t limit = runtime->max_heap_bytes;
  if (limit > SIZE_MAX / MOST_WORKERS) limit = 0;
  if (limit != 0) pool->in_flight = rt_in_flight_new(limit * size);
  if (!copied || pool->room == NULL || pool->stopped == NULL ||
      pool->size < size || (limit != 0 && pool->in_flight == NULL)) {
    free_pool(pool);
    return NULL;
  }
  *status = RILL_OK;
  return pool;
}

rill_pool *rill_pool_new(const rill_pool_options *given, rill_status *status) {
  rill_pool_options options = RILL_POOL_OPTIONS_INIT;
  RuntimeOptions runtime;
  if ((given != NULL && !api_copy_in(&options, given, sizeof options)) ||
      !api_runtime_options(&options.isolate, &runtime)) {
    if (status != NULL) *status = RILL_INVALID;
    return NULL;
  }
  return pool_new(&options, &runtime, status);
}

// Queues ---------------------------------------------------------------------

static EvaluationQueue *queue_of(rill_evaluation *e) {
  PoolWorker *w = e->session != NULL ? e->session->worker : e->pinned;
  return w == NULL ? &e->pool->queue : &w->queue;
}

static void enqueue(rill_evaluation *e) {
  EvaluationQueue *q = queue_of(e);
  e->next = NULL;
  e->previous = q->last;
  if (q->last == NULL) {
    q->first = e;
  } else {
    q->last->next = e;
  }
  q->last = e;
  e->pool->queued++;
}

static void dequeue(rill_evaluation *e) {
  EvaluationQueue *q = queue_of(e);
  if (e->previous == NULL) {
    q->first = e->next;
  } else {
    e->previous->next = e->next;
  }
  if (e->next == NULL) {
    q->last = e->previous;
  } else {
    e->next->previous = e->previous;
  }
  e->pool->queued--;
  if (e->pinned == NULL) rill_semaphore_add(e->pool->room, 1);
}

rill_evaluation *pool_take(PoolWorker *w) {
  rill_pool *pool = w->pool;
  rill_evaluation *own = w->queue.first, *e = pool->queue.first;
  if (own != NULL && (e == NULL || own->id < e->id)) e = own;
  if (e == NULL) return NULL;
  dequeue(e);
  e->worker = (int)w->index;
  e->begun_at = uv_hrtime();
  atomic_store(&e->outcome, RILL_OUTCOME_RUNNING);
  w->current = e;
  pool->busy++;
  if (e->pinned == NULL)
    pool_latency_add(&pool->queue_time, e->begun_at - e->queued_at);
  return e;
}

// Under the lock. Where there are no more threads, one is enough for all, and
// whoever waits for none.
static void start_worker(PoolWorker *w) {
  rill_pool *pool = w->pool;
  if (w->has_thread || pool->without_threads) return;
  if (uv_thread_create(&w->thread, pool_worker_main, w) == 0) {
    w->has_thread = true;
    pool->threads++;
  } else if (pool->threads == 0) {
    pool->without_threads = true;
  }
}

static void wake_worker(PoolWorker *w) {
  if (!w->is_idle) return;
  w->is_idle = false;
  uv_cond_signal(&w->wake);
}

// One that has a thread, or, without threads, the only one.
static PoolWorker *first_worker(rill_pool *pool) {
  for (uint32_t i = 0; i < pool->size; i++) {
    if (pool->workers[i].has_thread) return &pool->workers[i];
  }
  return pool->workers;
}

// One that waits, or one more thread.
static void wake_any(rill_pool *pool) {
  PoolWorker *unused = NULL;
  for (uint32_t i = 0; i < pool->size; i++) {
    PoolWorker *w = &pool->workers[i];
    if (w->is_idle) {
      wake_worker(w);
      return;
    }
    if (unused == NULL && !w->has_thread) unused = w;
  }
  if (unused != NULL) start_worker(unused);
}

// Sessions -------------------------------------------------------------------

static PoolSession **bucket_of(rill_pool *pool, const char *id) {
  uint32_t hash = 2166136261;
  for (const char *c = id; *c != 0; c++)
    hash = (hash ^ (uint8_t)*c) * 16777619;
  return &pool->sessions[hash % SESSION_BUCKETS];
}

// The worker with the fewest, a running one before another as good.
static PoolWorker *worker_for_session(rill_pool *pool) {
  PoolWorker *best = NULL;
  for (uint32_t i = 0; i < (pool->without_threads ? 1 : pool->size); i++) {
    PoolWorker *w = &pool->workers[i];
    if (best == NULL || w->sessions < best->sessions ||
        (w->sessions == best->sessions && w->has_thread && !best->has_thread))
      best = w;
  }
  start_worker(best);
  return best->has_thread ? best : first_worker(pool);
}

// Found or opened; NULL: the status says why not.
static PoolSession *session_of(rill_pool *pool, const char *id,
                               rill_status *status) {
  PoolSession **bucket = bucket_of(pool, id);
  for (PoolSession *s = *bucket; s != NULL; s = s->next) {
    if (strcmp(s->id, id) == 0) return s;
  }
  *status = RILL_WOULD_BLOCK;
  if (pool->session_count >= pool->options.session_limit) return NULL;
  *status = RILL_NO_MEMORY;
  PoolSession *s = calloc(1, sizeof *s + strlen(id) + 1);
  if (s == NULL) return NULL;
  *status = RILL_OK;
  memcpy(s->id, id, strlen(id) + 1);
  s->worker = worker_for_session(pool);
  s->worker->sessions++;
  s->next = *bucket;
  *bucket = s;
  pool->session_count++;
  pool_tell(pool, RILL_POOL_SESSION_OPENED, NULL, (int)s->worker->index, s->id,
            0);
  return s;
}

// Its worker frees it, as nothing waits for it any longer.
static void drop_session(PoolSession *s) {
  s->next = s->worker->closed;
  s->worker->closed = s;
  wake_worker(s->worker);
}

bool rill_pool_close_session(rill_pool *pool, const char *id) {
  uv_mutex_lock(&pool->lock);
  PoolSession **link = bucket_of(pool, id), *s;
  while ((s = *link) != NULL && strcmp(s->id, id) != 0)
    link = &s->next;
  if (s != NULL) {
    *link = s->next;
    s->is_closed = true;
    s->worker->sessions--;
    pool->session_count--;
    pool_tell(pool, RILL_POOL_SESSION_CLOSED, NULL, (int)s->worker->index, id,
              0);
    if (s->pending == 0) drop_session(s);
  }
  uv_mutex_unlock(&pool->lock);
  return s != NULL;
}

// Submitting -----------------------------------------------------------------

rill_status pool_submit(rill_pool *pool, rill_evaluation *e,
                        const char *session) {
  uv_mutex_lock(&pool->lock);
  rill_status status = pool->is_closing ? RILL_SHUT_DOWN : RILL_OK;
  if (status == RILL_OK && session != NULL)
    e->session = session_of(pool, session, &status);
  if (status == RILL_OK) {
    PoolWorker *w = e->session != NULL ? e->session->worker : e->pinned;
    if (w != NULL) start_worker(w);
    // No thread for that one: what it would make is made where it can be.
    if (e->pinned != NULL && !e->pinned->has_thread)
      w = e->pinned = first_worker(pool);
    if (e->session != NULL) e->session->pending++;
    e->id = ++pool->next_id;
    e->queued_at = uv_hrtime();
    if (e->pinned == NULL) {
      pool->submitted++;
      pool_tell(pool, RILL_POOL_QUEUED, e, -1, session, 0);
    }
    enqueue(e);
    if (w == NULL) {
      wake_any(pool);
    } else {
      wake_worker(w);
    }
  }
  uv_mutex_unlock(&pool->lock);
  return status;
}

void pool_drop(rill_evaluation *e) {
  if (e == NULL) return;
  rill_evaluation_release(e); // the pool's reference
  rill_evaluation_release(e);
}

static rill_status submit(rill_pool *pool, const rill_request *given,
                          rill_evaluation **out) {
  rill_request request = RILL_REQUEST_INIT;
  rill_status status = RILL_INVALID;
  rill_evaluation *e = NULL;
  if (api_copy_in(&request, given, sizeof request) &&
      evaluation_request_is_valid(&request)) {
    status = RILL_NO_MEMORY;
    e = evaluation_new(pool);
    if (e != NULL && evaluation_set(e, &request))
      status = pool_submit(pool, e, request.session);
  }
  if (status != RILL_OK) {
    pool_drop(e);
    rill_semaphore_add(pool->room, 1);
    e = NULL;
  }
  *out = e;
  return status;
}

static void reject(rill_pool *pool) {
  uv_mutex_lock(&pool->lock);
  pool->rejected++;
  pool_tell(pool, RILL_POOL_REJECTED, NULL, -1, NULL, 0);
  uv_mutex_unlock(&pool->lock);
}

static rill_status status_of_room(rill_status status) {
  return status == RILL_CLOSED ? RILL_SHUT_DOWN : status;
}

rill_status pool_try_reserve(rill_pool *pool) {
  rill_status status = rill_semaphore_try_acquire(pool->room, 1);
  if (status == RILL_WOULD_BLOCK) reject(pool);
  return status_of_room(status);
}

rill_status rill_pool_submit(rill_pool *pool, const rill_request *request,
                             rill_evaluation **out) {
  *out = NULL;
  rill_status status = pool_try_reserve(pool);
  return status == RILL_OK ? submit(pool, request, out) : status;
}

rill_status rill_pool_submit_wait(rill_pool *pool, const rill_request *request,
                                  int64_t timeout, rill_evaluation **out) {
  *out = NULL;
  rill_status status = rill_semaphore_try_acquire(pool->room, 1);
  while (status == RILL_WOULD_BLOCK && rill_pool_step(pool))
    status = rill_semaphore_try_acquire(pool->room, 1);
  if (status == RILL_WOULD_BLOCK)
    status = rill_semaphore_acquire_wait(pool->room, 1, timeout);
  if (status == RILL_OK) return submit(pool, request, out);
  return status_of_room(status);
}

rill_status rill_pool_submit_batch(rill_pool *pool,
                                   const rill_request *requests, size_t count,
                                   rill_evaluation **evaluations,
                                   size_t *submitted) {
  rill_status status = RILL_OK;
  size_t done = 0;
  for (; done < count; done++) {
    // As far apart as the caller's header has them.
    const void *request = (const char *)requests + done * requests->size;
    status = rill_pool_submit_wait(pool, request, -1, &evaluations[done]);
    if (status != RILL_OK) break;
  }
  if (submitted != NULL) *submitted = done;
  return status;
}

void rill_pool_reserve_init(rill_acquire *f, rill_pool *pool) {
  rill_acquire_init(f, pool->room, 1);
}

rill_status rill_pool_submit_reserved(rill_pool *pool,
                                      const rill_request *request,
                                      rill_evaluation **out) {
  return submit(pool, request, out);
}

void rill_pool_give_back(rill_pool *pool) {
  rill_semaphore_add(pool->room, 1);
}

// The end of an evaluation ---------------------------------------------------

// Under the lock. From here on the session's worker may free it.
static void leave_session(rill_evaluation *e) {
  PoolSession *s = e->session;
  e->session = NULL;
  if (s != NULL && --s->pending == 0 && s->is_closed) drop_session(s);
}

void pool_settle(rill_evaluation *e, rill_outcome outcome) {
  rill_pool *pool = e->pool;
  evaluation_forget_request(e);
  uv_mutex_lock(&pool->lock);
  e->ended_at = uv_hrtime();
  atomic_store(&e->outcome, (uint8_t)outcome);
  uint64_t ran = 0;
  if (e->worker >= 0) {
    ran = e->ended_at - e->begun_at;
    pool->busy--;
    if (e->pinned == NULL) pool_latency_add(&pool->run_time, ran);
  }
  if (e->pinned == NULL) {
    pool->outcomes[outcome]++;
    pool_tell(pool, RILL_POOL_ENDED, e, e->worker,
              e->session == NULL ? NULL : e->session->id, ran);
  }
  leave_session(e);
  uv_mutex_unlock(&pool->lock);
  rill_token_cancel(e->ended);
  rill_evaluation_release(e);
}

// Under the lock. True: it was in a queue, and is to be settled.
static bool cancel(rill_evaluation *e) {
  switch (rill_evaluation_outcome(e)) {
  case RILL_OUTCOME_QUEUED:
    dequeue(e);
    leave_session(e);
    // Nobody takes it now, nor cancels it again.
    atomic_store(&e->outcome, RILL_OUTCOME_RUNNING);
    e->is_cancelled = true;
    evaluation_set_cancelled(e);
    return true;
  case RILL_OUTCOME_RUNNING:
    e->is_cancelled = true;
    if (e->worker >= 0) {
      PoolWorker *w = &e->pool->workers[e->worker];
      if (w->current == e && w->running != NULL) rill_interrupt(w->running);
    }
    return false;
  default:
    return false;
  }
}

void rill_evaluation_cancel(rill_evaluation *e) {
  if (e->pool == NULL) return;
  uv_mutex_lock(&e->pool->lock);
  bool was_queued = cancel(e);
  uv_mutex_unlock(&e->pool->lock);
  if (was_queued) pool_settle(e, RILL_OUTCOME_CANCELLED);
}

// A queued evaluation of any queue; NULL: none.
static rill_evaluation *any_queued(rill_pool *pool) {
  rill_evaluation *e = pool->queue.first;
  for (uint32_t i = 0; e == NULL && i < pool->size; i++)
    e = pool->workers[i].queue.first;
  return e;
}

void pool_cancel_all(rill_pool *pool) {
  uv_mutex_lock(&pool->lock);
  for (uint32_t i = 0; i < pool->size; i++) {
    rill_evaluation *e = pool->workers[i].current;
    if (e != NULL) cancel(e);
  }
  rill_evaluation *e;
  while ((e = any_queued(pool)) != NULL) {
    cancel(e);
    uv_mutex_unlock(&pool->lock);
    pool_settle(e, RILL_OUTCOME_CANCELLED);
    uv_mutex_lock(&pool->lock);
  }
  uv_mutex_unlock(&pool->lock);
}

// Driving --------------------------------------------------------------------

bool rill_pool_step(rill_pool *pool) {
  uv_mutex_lock(&pool->lock);
  uv_thread_t self = uv_thread_self();
  bool may = pool->without_threads && !pool->is_stepping &&
             (!pool->has_stepped || uv_thread_equal(&pool->stepper, &self));
  rill_evaluation *e = may ? pool_take(pool->workers) : NULL;
  if (e != NULL) {
    pool->is_stepping = pool->has_stepped = pool->workers->is_started = true;
    pool->stepper = self;
  }
  uv_mutex_unlock(&pool->lock);
  if (e == NULL) return false;
  pool_run(pool->workers, e);
  pool_worker_sweep(pool->workers);
  uv_mutex_lock(&pool->lock);
  pool->is_stepping = false;
  uv_mutex_unlock(&pool->lock);
  return true;
}

rill_status rill_evaluation_wait(rill_evaluation *e, int64_t timeout) {
  uint64_t start = uv_hrtime();
  while (rill_evaluation_outcome(e) < RILL_OUTCOME_RETURNED &&
         e->pool != NULL && rill_pool_step(e->pool)) {
    uint64_t spent = uv_hrtime() - start;
    if (timeout >= 0 && spent > (uint64_t)timeout)
      return rill_token_is_cancelled(e->ended) ? RILL_OK : RILL_TIMED_OUT;
  }
  if (rill_token_is_cancelled(e->ended)) return RILL_OK;
  return rill_token_wait(e->ended, timeout);
}

uint32_t pool_start_prewarm(rill_pool *pool, uint32_t count,
                            rill_evaluation **started) {
  if (count == 0 || count > pool->size) count = pool->size;
  uint32_t done = 0;
  for (uint32_t i = 0; i < count; i++) {
    rill_evaluation *e = evaluation_new(pool);
    if (e == NULL) break;
    e->pinned = &pool->workers[i];
    e->form = RILL_RESULT_NONE;
    if (pool_submit(pool, e, NULL) != RILL_OK) {
      pool_drop(e);
      break;
    }
    started[done++] = e;
  }
  return done;
}

rill_status rill_pool_prewarm(rill_pool *pool, uint32_t workers) {
  if (workers == 0 || workers > pool->size) workers = pool->size;
  rill_evaluation **all = malloc(workers * sizeof *all);
  if (all == NULL) return RILL_NO_MEMORY;
  uint32_t count = pool_start_prewarm(pool, workers, all);
  rill_status status = count == workers ? RILL_OK : RILL_SHUT_DOWN;
  for (uint32_t i = 0; i < count; i++) {
    rill_status waited = rill_evaluation_wait(all[i], -1);
    if (waited != RILL_OK) {
      status = waited;
    } else if (rill_evaluation_outcome(all[i]) != RILL_OUTCOME_RETURNED) {
      status = RILL_FAILED;
    }
    rill_evaluation_release(all[i]);
  }
  free(all);
  return status;
}

// The end of the pool --------------------------------------------------------

void pool_close(rill_pool *pool) {
  rill_semaphore_close(pool->room);
  uv_mutex_lock(&pool->lock);
  pool->is_closing = true;
  for (uint32_t i = 0; i < pool->size; i++)
    wake_worker(&pool->workers[i]);
  bool stopped = pool->threads == 0;
  uv_mutex_unlock(&pool->lock);
  if (stopped) rill_token_cancel(pool->stopped);
}

rill_status rill_pool_shutdown(rill_pool *pool, int64_t drain_ms) {
  PoolWorker *here = pool_current_worker();
  if (here != NULL && here->pool == pool) return RILL_INVALID;
  uint64_t start = uv_hrtime();
  pool_close(pool);
  if (pool->without_threads) {
    while (drain_ms != 0 && rill_pool_step(pool)) {
      if (drain_ms > 0 && uv_hrtime() - start > (uint64_t)drain_ms * 1000000)
        break;
    }
  } else if (drain_ms != 0) {
    rill_token_wait(pool->stopped, drain_ms < 0 ? -1 : drain_ms * 1000000);
  }
  pool_cancel_all(pool);
  for (uint32_t i = 0; i < pool->size; i++) {
    PoolWorker *w = &pool->workers[i];
    if (w->has_thread) uv_thread_join(&w->thread);
    w->has_thread = false;
  }
  if (pool->without_threads) pool_worker_end(pool->workers);
  return RILL_OK;
}

void rill_pool_free(rill_pool *pool) {
  if (pool == NULL) return;
  rill_pool_shutdown(pool, 0);
  pool_release(pool);
}

void rill_pool_get_statistics(rill_pool *pool, rill_pool_statistics *out) {
  uv_mutex_lock(&pool->lock);
  uint32_t size = pool->without_threads ? 1 : pool->size;
  rill_pool_statistics s = {
      .size = out->size,
      .workers = size,
      .threads = pool->threads,
      .busy = pool->busy,
      .available = size - pool->busy,
      .queued = pool->queued,
      .sessions = pool->session_count,
      .submitted = pool->submitted,
      .rejected = pool->rejected,
      .returned = pool->outcomes[RILL_OUTCOME_RETURNED],
      .threw = pool->outcomes[RILL_OUTCOME_THREW],
      .timed_out = pool->outcomes[RILL_OUTCOME_TIMED_OUT],
      .cancelled = pool->outcomes[RILL_OUTCOME_CANCELLED],
      .isolates = pool->isolates,
  };
  for (uint32_t i = 0; i < pool->size; i++)
    s.started += pool->workers[i].is_started;
  pool_latency_summary(&pool->queue_time, &s.queue_time);
  pool_latency_summary(&pool->run_time, &s.run_time);
  uv_mutex_unlock(&pool->lock);
  memcpy(out, &s, out->size < sizeof s ? out->size : sizeof s);
}
