// SPDX-License-Identifier: MIT
// rill:internal/pool: what modules/lib/rill/pool.js is built on. Pools and
// evaluations are host objects; a pool that was not closed ends with the
// program, for its threads must be waited for.
#include "runtime/pool/module.h"

#include <stdlib.h>

#include "runtime/arguments.h"
#include "runtime/modules/loader.h"
#include "runtime/modules/native_modules.h"
#include "runtime/pool/internal.h"
#include "runtime/tasks/futures.h"
#include "runtime/values.h"
#include "vm/objects/elements.h"
#include "vm/objects/host_object.h"

typedef struct ScriptPool {
  struct ScriptPool *next; // of the runtime's
  Runtime *rt;
  rill_pool *pool; // NULL: freed
  bool is_dead;    // its object is
} ScriptPool;

static void free_pool(ScriptPool *p) {
  ScriptPool **link = &p->rt->pools;
  while (*link != p)
    link = &(*link)->next;
  *link = p->next;
  rill_pool_free(p->pool);
  p->pool = NULL;
}

// One that was not closed ends by itself, soon; nobody waits for its threads
// here.
static void finalize_pool(void *data) {
  ScriptPool *p = data;
  if (p->pool != NULL && !rill_token_is_cancelled(p->pool->stopped)) {
    p->is_dead = true;
    pool_close(p->pool);
    pool_cancel_all(p->pool);
    return;
  }
  if (p->pool != NULL) free_pool(p);
  free(p);
}

static void finalize_evaluation(void *data) {
  rill_evaluation_release(data);
}

static const char pool_type, evaluation_type;

// The first argument; NULL: threw.
static rill_pool *pool_of(Isolate *iso, const NativeCall *call) {
  const ScriptPool *p = rt_host_argument(iso, call, 0, &pool_type);
  return p == NULL ? NULL : p->pool;
}

static rill_evaluation *evaluation_of(Isolate *iso, const NativeCall *call) {
  return rt_host_argument(iso, call, 0, &evaluation_type);
}

void rt_pools_close(Runtime *rt) {
  while (rt->pools != NULL) {
    ScriptPool *p = rt->pools;
    gc_enter_native(rt->isolate->heap);
    free_pool(p);
    gc_leave_native(rt->isolate->heap);
    if (p->is_dead) free(p);
  }
}

// A UTF-8 copy; *text is NULL for undefined. False: out of memory.
static bool text_of(Isolate *iso, Value value, char **text, size_t *length) {
  *text = NULL;
  if (value_is_undefined(value)) return true;
  *text = vm_string_to_utf8(iso, value_as_string(value), length);
  if (*text == NULL) vm_throw_out_of_memory(iso);
  return *text != NULL;
}

static uint64_t count_of(const NativeCall *call, uint32_t i) {
  return (uint64_t)value_as_number(call->argv[i]);
}

// open(workers, queueLimit, timeout, bootstrap, bootstrapTimeout, memory,
// trace, sessionLimit)
static Value open_pool(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  if (!rt_arguments_are(iso, call, "uuuSuuuu") ||
      !rt_check_console_allowed(rt, "threads"))
    return VALUE_EXCEPTION;
  rill_pool_options options = RILL_POOL_OPTIONS_INIT;
  options.workers = (uint32_t)count_of(call, 0);
  options.queue_limit = (size_t)count_of(call, 1);
  options.timeout_ms = count_of(call, 2);
  options.bootstrap_timeout_ms = count_of(call, 4);
  options.trace = (rill_pool_trace)count_of(call, 6);
  options.session_limit = (size_t)count_of(call, 7);
  char *bootstrap;
  if (!text_of(iso, call->argv[3], &bootstrap, &options.bootstrap_length))
    return VALUE_EXCEPTION;
  options.bootstrap = bootstrap;
  // Its isolates may what this one may, and need no more memory.
  RuntimeOptions runtime = rt->options;
  runtime.lazy_loop = true;
  runtime.coverage = NULL;
  size_t memory = (size_t)count_of(call, 5);
  if (memory != 0 &&
      (runtime.max_heap_bytes == 0 || memory < runtime.max_heap_bytes))
    runtime.max_heap_bytes = memory;
  ScriptPool *p = calloc(1, sizeof *p);
  if (p != NULL) p->pool = pool_new(&options, &runtime, NULL);
  free(bootstrap);
  if (p == NULL || p->pool == NULL) {
    free(p);
    return vm_throw_out_of_memory(iso);
  }
  p->rt = rt;
  p->next = rt->pools;
  rt->pools = p;
  HostObject *o = vm_host_object_new(iso, &pool_type, p, finalize_pool);
  vm_host_object_takes(iso, o,
                       sizeof *p->pool + p->pool->size * sizeof(PoolWorker));
  return value_from_cell(o);
}

static Value evaluation_value(Isolate *iso, rill_evaluation *e) {
  return value_from_cell(
      vm_host_object_new(iso, &evaluation_type, e, finalize_evaluation));
}

// What a script calls: a function or undefined, and an array. False: threw.
static bool send_call(Isolate *iso, rill_evaluation *e, Value function,
                      Value arguments) {
  e->call = calloc(1, sizeof *e->call);
  if (e->call == NULL) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  ClonePart parts[] = {{function, "the function"}, {arguments, "arguments"}};
  if (rt_clone_serialize_parts(iso, parts, 2, NULL, CLONE_CODE, e->call) &&
      rt_clone_send(iso, e->call))
    return true;
  free(e->call);
  e->call = NULL;
  return false;
}

// The text waits outside the heap. False: threw.
static bool count_source(Isolate *iso, rill_evaluation *e) {
  InFlight *account;
  bool done = rt_in_flight_of(rt_of(iso), &account) &&
              (account == NULL || rt_in_flight_add(account, e->source_length));
  if (done) e->sender = account;
  if (!done) vm_throw_out_of_memory(iso);
  return done;
}

// The text, its name, what is called and with what. False: threw.
static bool set_evaluation(Isolate *iso, rill_evaluation *e,
                           const NativeCall *call) {
  e->form = RILL_RESULT_CLONE;
  e->fresh = value_as_bool(call->argv[6]);
  e->timeout_ms = (int64_t)value_as_number(call->argv[7]);
  if (e->timeout_ms == 0) e->timeout_ms = (int64_t)e->pool->options.timeout_ms;
  bool has_call =
      !value_is_undefined(call->argv[3]) || !value_is_undefined(call->argv[4]);
  return text_of(iso, call->argv[1], &e->source, &e->source_length) &&
         count_source(iso, e) && text_of(iso, call->argv[2], &e->name, NULL) &&
         (!has_call || send_call(iso, e, call->argv[3], call->argv[4]));
}

// submit(pool, source, name, function, arguments, session, fresh, timeout,
// reserved): the evaluation; false: the queue is full; true: so are the
// sessions; undefined: closed.
static Value submit(Isolate *iso, const NativeCall *call) {
  rill_pool *pool = pool_of(iso, call);
  if (pool == NULL || !rt_arguments_are(iso, call, "oSS.ASbnb"))
    return VALUE_EXCEPTION;
  if (!value_as_bool(call->argv[8])) {
    rill_status room = pool_try_reserve(pool);
    if (room != RILL_OK)
      return room == RILL_WOULD_BLOCK ? VALUE_FALSE : VALUE_UNDEFINED;
  }
  char *session = NULL;
  rill_evaluation *e = evaluation_new(pool);
  rill_status status = RILL_NO_MEMORY;
  bool threw = e != NULL && (!set_evaluation(iso, e, call) ||
                             !text_of(iso, call->argv[5], &session, NULL));
  if (e != NULL && !threw) status = pool_submit(pool, e, session);
  free(session);
  if (status == RILL_OK && !pool->without_threads)
    return evaluation_value(iso, e);
  if (status == RILL_OK) { // nobody would run it
    rill_evaluation_cancel(e);
    rill_evaluation_release(e);
    return vm_throw_error(iso, ERROR_ERROR, "No thread can be started");
  }
  pool_drop(e);
  rill_pool_give_back(pool);
  return threw                        ? VALUE_EXCEPTION
         : status == RILL_SHUT_DOWN   ? VALUE_UNDEFINED
         : status == RILL_WOULD_BLOCK ? VALUE_TRUE
                                      : vm_throw_out_of_memory(iso);
}

// Waiting --------------------------------------------------------------------

// A future of the pool's with what it borrows.
typedef struct Waiting {
  union {
    rill_future future;
    rill_acquire room;
    rill_cancelled end;
  };
  rill_pool *pool; // a reference, or NULL; the same:
  rill_evaluation *evaluation;
} Waiting;

static void release_waiting(rill_future *f) {
  Waiting *w = (Waiting *)f;
  if (w->pool != NULL) pool_release(w->pool);
  rill_evaluation_release(w->evaluation);
}

static Value wait_for(Isolate *iso, Waiting *w, const ScriptFutureType *type) {
  if (w->pool != NULL) atomic_fetch_add(&w->pool->references, 1);
  if (w->evaluation != NULL) rill_evaluation_retain(w->evaluation);
  Promise *promise = rt_future_promise(rt_of(iso), &w->future, sizeof *w, type);
  return promise == NULL ? VALUE_EXCEPTION : value_from_cell(promise);
}

static Value finish_reserve(Isolate *iso, rill_future *f) {
  return value_from_bool(((Waiting *)f)->room.status == RILL_OK);
}

// reserve(pool): a promise of room, false: closed.
static Value reserve(Isolate *iso, const NativeCall *call) {
  static const ScriptFutureType type = {finish_reserve, release_waiting, false,
                                        NULL};
  Waiting w = {.pool = pool_of(iso, call)};
  if (w.pool == NULL) return VALUE_EXCEPTION;
  rill_pool_reserve_init(&w.room, w.pool);
  return wait_for(iso, &w, &type);
}

// giveBack(pool)
static Value give_back(Isolate *iso, const NativeCall *call) {
  rill_pool *pool = pool_of(iso, call);
  if (pool == NULL) return VALUE_EXCEPTION;
  rill_pool_give_back(pool);
  return VALUE_UNDEFINED;
}

static Value clone_value(Isolate *iso, Clone *clone, bool *has) {
  Value value = rt_clone_deserialize(iso, clone, NULL);
  rt_clone_free(clone);
  *has = false;
  return value;
}

// [outcome, value or what was thrown, name, message, stack]: the last three
// only where there is nothing that was thrown.
static Value finish_ending(Isolate *iso, rill_future *f) {
  rill_evaluation *e = ((Waiting *)f)->evaluation;
  rill_outcome outcome = rill_evaluation_outcome(e);
  Value values[5] = {value_from_int((int)outcome), VALUE_UNDEFINED,
                     VALUE_UNDEFINED, VALUE_UNDEFINED, VALUE_UNDEFINED};
  if (e->has_value) {
    values[1] = clone_value(iso, &e->value, &e->has_value);
  } else if (e->has_thrown) {
    values[1] = clone_value(iso, &e->thrown, &e->has_thrown);
  } else if (e->has_error) {
    values[2] = rt_text_value(iso, e->error.error.name);
    values[3] = rt_text_value(iso, e->error.error.message);
    values[4] = rt_text_value(iso, e->error.error.stack);
  }
  for (int i = 1; i < 5; i++) {
    if (value_is_exception(values[i])) return VALUE_EXCEPTION;
  }
  Array *result = vm_array_from(iso, values, 5);
  return result == NULL ? VALUE_EXCEPTION : value_from_cell(result);
}

// ended(evaluation): once.
static Value ended(Isolate *iso, const NativeCall *call) {
  static const ScriptFutureType type = {finish_ending, release_waiting, false,
                                        NULL};
  Waiting w = {.evaluation = evaluation_of(iso, call)};
  if (w.evaluation == NULL) return VALUE_EXCEPTION;
  rill_evaluation_ended_init(&w.end, w.evaluation);
  return wait_for(iso, &w, &type);
}

// cancel(evaluation)
static Value cancel(Isolate *iso, const NativeCall *call) {
  rill_evaluation *e = evaluation_of(iso, call);
  if (e == NULL) return VALUE_EXCEPTION;
  rill_evaluation_cancel(e);
  return VALUE_UNDEFINED;
}

// prewarm(pool, count): evaluations that make isolates.
static Value prewarm(Isolate *iso, const NativeCall *call) {
  rill_pool *pool = pool_of(iso, call);
  if (pool == NULL || !rt_arguments_are(iso, call, "ou"))
    return VALUE_EXCEPTION;
  rill_evaluation **started = malloc(pool->size * sizeof *started);
  if (started == NULL) return vm_throw_out_of_memory(iso);
  uint32_t count =
      pool_start_prewarm(pool, (uint32_t)count_of(call, 1), started);
  Array *list = vm_array_new(iso, count);
  bool done = true;
  for (uint32_t i = 0; i < count; i++)
    done = vm_array_push(iso, list, evaluation_value(iso, started[i])) && done;
  free(started);
  return done ? value_from_cell(list) : VALUE_EXCEPTION;
}

// The end --------------------------------------------------------------------

static Value finish_stopping(Isolate *iso, rill_future *f) {
  return VALUE_UNDEFINED;
}

// close(pool): a promise of the end of what is queued and runs.
static Value close_pool(Isolate *iso, const NativeCall *call) {
  static const ScriptFutureType type = {finish_stopping, release_waiting, false,
                                        NULL};
  Waiting w = {.pool = pool_of(iso, call)};
  if (w.pool == NULL) return VALUE_EXCEPTION;
  pool_close(w.pool);
  rill_cancelled_init(&w.end, w.pool->stopped);
  return wait_for(iso, &w, &type);
}

// cancelAll(pool)
static Value cancel_all(Isolate *iso, const NativeCall *call) {
  rill_pool *pool = pool_of(iso, call);
  if (pool == NULL) return VALUE_EXCEPTION;
  pool_cancel_all(pool);
  return VALUE_UNDEFINED;
}

// closeSession(pool, id): was there one?
static Value close_session(Isolate *iso, const NativeCall *call) {
  rill_pool *pool = pool_of(iso, call);
  if (pool == NULL || !rt_arguments_are(iso, call, "os"))
    return VALUE_EXCEPTION;
  char *id = vm_string_to_utf8(iso, value_as_string(call->argv[1]), NULL);
  if (id == NULL) return vm_throw_out_of_memory(iso);
  bool closed = rill_pool_close_session(pool, id);
  free(id);
  return value_from_bool(closed);
}

static bool put_latencies(Isolate *iso, Object *to, const char *name,
                          const rill_latencies *l) {
  Object *o = vm_object_new(iso);
  return rt_put_number(iso, o, "count", (double)l->count) &&
         rt_put_number(iso, o, "mean", l->mean / 1e6) &&
         rt_put_number(iso, o, "p50", (double)l->p50 / 1e6) &&
         rt_put_number(iso, o, "p95", (double)l->p95 / 1e6) &&
         rt_put_number(iso, o, "p99", (double)l->p99 / 1e6) &&
         rt_put_number(iso, o, "max", (double)l->max / 1e6) &&
         rt_put(iso, to, name, value_from_cell(o));
}

// statistics(pool): times in milliseconds.
static Value statistics(Isolate *iso, const NativeCall *call) {
  rill_pool_statistics s = {.size = sizeof s};
  rill_pool *pool = pool_of(iso, call);
  if (pool == NULL) return VALUE_EXCEPTION;
  rill_pool_get_statistics(pool, &s);
  const struct {
    const char *name;
    uint64_t value;
  } numbers[] = {
      {"workers", s.workers},     {"started", s.started},
      {"threads", s.threads},     {"busy", s.busy},
      {"available", s.available}, {"queued", s.queued},
      {"sessions", s.sessions},   {"submitted", s.submitted},
      {"rejected", s.rejected},   {"returned", s.returned},
      {"threw", s.threw},         {"timedOut", s.timed_out},
      {"cancelled", s.cancelled}, {"isolates", s.isolates},
  };
  Object *o = vm_object_new(iso);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    if (!rt_put_number(iso, o, numbers[i].name, (double)numbers[i].value))
      return VALUE_EXCEPTION;
  }
  return put_latencies(iso, o, "queueTime", &s.queue_time) &&
                 put_latencies(iso, o, "runTime", &s.run_time)
             ? value_from_cell(o)
             : VALUE_EXCEPTION;
}

// run(source, name): in this isolate, as a worker would: its value, or the
// promise of that.
static Value run_here(Isolate *iso, const NativeCall *call) {
  if (!rt_arguments_are(iso, call, "ss")) return VALUE_EXCEPTION;
  char *name = vm_string_to_utf8(iso, value_as_string(call->argv[1]), NULL);
  if (name == NULL) return vm_throw_out_of_memory(iso);
  CompileOptions options = {
      .goal = COMPILE_SCRIPT, .file_name = name, .repl = true};
  Template *template =
      vm_compile_string(iso, value_as_string(call->argv[0]), &options);
  free(name);
  if (template == NULL) return VALUE_EXCEPTION;
  Value value = vm_run_template(iso, template);
  vm_template_release(template);
  return value;
}

static const NativeExport pool_exports[] = {
    {"cancel", cancel, 1},         {"cancelAll", cancel_all, 1},
    {"close", close_pool, 1},      {"closeSession", close_session, 2},
    {"ended", ended, 1},           {"giveBack", give_back, 1},
    {"open", open_pool, 8},        {"prewarm", prewarm, 2},
    {"reserve", reserve, 1},       {"run", run_here, 2},
    {"statistics", statistics, 1}, {"submit", submit, 9},
};
const NativeModule rt_pool_module =
    NATIVE_MODULE("rill:internal/pool", pool_exports);
