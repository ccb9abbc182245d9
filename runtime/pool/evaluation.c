// SPDX-License-Identifier: MIT
// One evaluation: what is asked, its way through an isolate, and what comes of
// it, which belongs to no isolate.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/pool/internal.h"
#include "vm/objects/elements.h"

rill_evaluation *evaluation_new(rill_pool *pool) {
  rill_evaluation *e = calloc(1, sizeof *e);
  if (e == NULL) return NULL;
  e->ended = rill_token_new(NULL);
  if (e->ended == NULL) {
    free(e);
    return NULL;
  }
  e->references = pool == NULL ? 1 : 2;
  e->worker = -1;
  e->pool = pool;
  if (pool != NULL)
    atomic_fetch_add_explicit(&pool->references, 1, memory_order_relaxed);
  return e;
}

void rill_evaluation_retain(rill_evaluation *e) {
  atomic_fetch_add_explicit(&e->references, 1, memory_order_relaxed);
}

static void drop_call(rill_evaluation *e) {
  if (e->call == NULL) return;
  rt_clone_free(e->call);
  free(e->call);
  e->call = NULL;
}

void evaluation_forget_request(rill_evaluation *e) {
  drop_call(e);
  if (e->sender != NULL) rt_in_flight_remove(e->sender, e->source_length);
  free(e->source);
  free(e->name);
  free(e->arguments);
  e->sender = NULL;
  e->source = e->name = e->arguments = NULL;
}

static void free_error(const rill_error *error) {
  free((char *)error->name);
  free((char *)error->message);
  free((char *)error->stack);
  free((char *)error->file);
  free((char *)error->source_line);
}

void rill_evaluation_release(rill_evaluation *e) {
  if (e == NULL ||
      atomic_fetch_sub_explicit(&e->references, 1, memory_order_acq_rel) != 1)
    return;
  rill_token_release(e->ended);
  evaluation_forget_request(e);
  if (e->has_value) rt_clone_free(&e->value);
  if (e->has_thrown) rt_clone_free(&e->thrown);
  free(e->json);
  if (e->has_error) free_error(&e->error.error);
  if (e->charged != 0) rt_in_flight_remove(e->pool->in_flight, e->charged);
  if (e->pool != NULL) pool_release(e->pool);
  free(e);
}

bool evaluation_request_is_valid(const rill_request *r) {
  return r->source != NULL && (r->session == NULL || !r->fresh) &&
         r->form <= RILL_RESULT_NONE;
}

static bool copy(char **to, const char *text, size_t length) {
  *to = malloc(length + 1);
  if (*to == NULL) return false;
  memcpy(*to, text, length);
  (*to)[length] = 0;
  return true;
}

bool evaluation_set(rill_evaluation *e, const rill_request *r) {
  e->source_length = r->length == RILL_TEXT_END ? strlen(r->source) : r->length;
  const char *name = r->name == NULL ? "evaluation" : r->name;
  e->fresh = r->fresh;
  e->form = r->form;
  e->data = r->data;
  e->timeout_ms = r->timeout_ms != 0 || e->pool == NULL
                      ? r->timeout_ms
                      : (int64_t)e->pool->options.timeout_ms;
  return copy(&e->source, r->source, e->source_length) &&
         copy(&e->name, name, strlen(name)) &&
         (r->arguments == NULL ||
          copy(&e->arguments, r->arguments, strlen(r->arguments)));
}

// Running --------------------------------------------------------------------

// The value of the text's last statement, or its promise; NULL: threw.
static rill_value run_source(rill_evaluation *e, rill_isolate *api) {
  api_enter(api);
  Isolate *iso = api->iso;
  String *source = vm_string_from_utf8(iso, e->source, e->source_length);
  CompileOptions options = {
      .goal = COMPILE_SCRIPT, .file_name = e->name, .repl = true};
  Template *template =
      source == NULL ? NULL : vm_compile_string(iso, source, &options);
  if (template == NULL) return api_finish(api, VALUE_EXCEPTION);
  Value value = vm_run_template(iso, template);
  vm_template_release(template);
  return api_finish(api, value);
}

// Calls with the elements of an array.
static rill_value apply(rill_isolate *api, rill_value function,
                        rill_value list) {
  size_t count = rill_length(api, list);
  rill_value few[API_FEW_ARGUMENTS];
  rill_value *values =
      count <= API_FEW_ARGUMENTS ? few : malloc(count * sizeof *values);
  if (values == NULL) return api_fail_host(api, "Out of memory");
  bool done = true;
  for (size_t i = 0; i < count && done; i++) {
    values[i] = rill_get_index(api, list, (uint32_t)i);
    done = values[i] != NULL;
  }
  rill_value result =
      done ? rill_call(api, function, NULL, count, values) : NULL;
  if (values != few) free(values);
  return result;
}

// What a script sent: its function and its arguments. False: threw.
static bool receive_call(rill_evaluation *e, rill_isolate *api,
                         rill_value *function, rill_value *list) {
  api_enter(api);
  Value parts[2];
  CloneArrivals arrivals = {0};
  bool received =
      rt_clone_deserialize_parts(api->iso, e->call, parts, 2, NULL, &arrivals);
  drop_call(e);
  if (!received) {
    api_fail(api);
    return false;
  }
  if (!value_is_undefined(parts[0])) *function = api_handle(api, parts[0]);
  *list = api_handle(api, parts[1]);
  if (arrivals.pending == NULL) return *list != NULL;
  // Modules that the function imports.
  rill_value pending = api_handle(api, value_from_cell(arrivals.pending));
  bool done = pending != NULL && *list != NULL;
  for (uint32_t i = 0; done && i < rill_length(api, pending); i++) {
    rill_value module = rill_get_index(api, pending, i);
    done = module != NULL && rill_await(api, module) != NULL;
  }
  return done;
}

static rill_value run_all(rill_evaluation *e, rill_isolate *api) {
  rill_value value = NULL, list = NULL;
  if (e->call != NULL && !receive_call(e, api, &value, &list)) return NULL;
  if (e->arguments != NULL) {
    list = rill_from_json(api, e->arguments, RILL_TEXT_END);
    if (list == NULL) return NULL;
    if (!rill_is_array(api, list))
      return api_fail_host(api, "The arguments are no array");
  }
  if (e->source != NULL) {
    value = run_source(e, api);
    if (value != NULL) value = rill_await(api, value);
    if (value == NULL) return NULL;
  }
  if (list == NULL || rill_type_of(api, value) != RILL_FUNCTION) return value;
  value = apply(api, value, list);
  return value == NULL ? NULL : rill_await(api, value);
}

// Counts texts that came of it, once. What is given to no pool is the host's.
static bool charge(rill_evaluation *e, size_t bytes) {
  InFlight *account = e->pool == NULL ? NULL : e->pool->in_flight;
  if (account == NULL) return true;
  if (!rt_in_flight_add(account, bytes)) return false;
  e->charged = bytes;
  return true;
}

static bool keep_json(rill_evaluation *e, const char *json) {
  if (!copy(&e->json, json, e->json_length)) return false;
  if (charge(e, e->json_length + 1)) return true;
  free(e->json);
  e->json = NULL;
  return false;
}

static bool keep_clone(rill_evaluation *e, Isolate *iso, Value value,
                       Clone *out) {
  if (!rt_clone_serialize(iso, value, NULL, out)) return false;
  if (rt_clone_charge(out, e->pool == NULL ? NULL : e->pool->in_flight))
    return true;
  rt_clone_free(out);
  vm_throw_out_of_memory(iso);
  return false;
}

// Getters and toJSON of the value may run. False: threw.
static bool take_result(rill_evaluation *e, rill_isolate *api,
                        rill_value value) {
  switch (e->form) {
  case RILL_RESULT_NONE:
    return true;
  case RILL_RESULT_JSON: {
    api_enter(api);
    rill_clear_error(api);
    const char *json = rill_to_json(api, value, &e->json_length);
    if (json == NULL) {
      if (api->error.kind == RILL_ERROR_THROWN ||
          api->error.kind == RILL_ERROR_TERMINATED)
        return false;
      json = "null";
      e->json_length = 4;
    }
    if (keep_json(e, json)) return true;
    vm_throw_out_of_memory(api->iso);
    api_fail(api);
    return false;
  }
  case RILL_RESULT_CLONE:
    api_enter(api);
    e->has_value = keep_clone(e, api->iso, api_value(api, value), &e->value);
    if (e->has_value) return true;
    api_fail(api);
    return false;
  }
  return false;
}

// Errors ---------------------------------------------------------------------

#define CANCELLED "The evaluation was cancelled"

static const char *keep(const char *text) {
  char *kept = strdup(text);
  return kept == NULL ? strdup("") : kept;
}

static void set_error(rill_evaluation *e, rill_error_kind kind,
                      const char *name, const char *message) {
  e->error.error = (rill_error){.kind = kind,
                                .name = keep(name),
                                .message = keep(message),
                                .stack = keep(""),
                                .file = keep(""),
                                .source_line = keep("")};
  e->has_error = true;
}

// What is short costs no more than the evaluation itself does.
static void count_error(rill_evaluation *e) {
  enum { SHORT = 4096 };
  const rill_error error = e->error.error;
  size_t bytes = strlen(error.name) + strlen(error.message) +
                 strlen(error.stack) + strlen(error.file) +
                 strlen(error.source_line);
  if (bytes < SHORT || charge(e, bytes)) return;
  free_error(&error);
  set_error(e, error.kind, "RangeError", "No room for the error's texts");
}

void evaluation_take_error(rill_evaluation *e, rill_isolate *api) {
  const rill_error *error = rill_get_error(api);
  bool stopped = error->kind == RILL_ERROR_TERMINATED;
  bool timed_out = stopped && !e->is_cancelled && e->timeout_ms > 0;
  rill_error_kind kind =
      error->kind == RILL_ERROR_NONE ? RILL_ERROR_TERMINATED : error->kind;
  char message[96];
  const char *name = error->name, *said = error->message;
  if (timed_out) {
    snprintf(message, sizeof message, "The evaluation took longer than %lld ms",
             (long long)e->timeout_ms);
    name = "TimeoutError";
    said = message;
  } else if (stopped && e->is_cancelled) {
    name = "AbortError";
    said = CANCELLED;
  } else if (name[0] == 0 && said[0] == 0) {
    name = "Error";
    said = "The script ended itself"; // by process.exit, say
  }
  e->error = (rill_evaluation_error){
      .error = {.kind = kind,
                .name = keep(name),
                .message = keep(said),
                .stack = keep(error->stack),
                .file = keep(error->file),
                .line = error->line,
                .column = error->column,
                .source_line = keep(error->source_line)},
      .is_timeout = timed_out,
      .is_cancelled = stopped && e->is_cancelled,
  };
  e->has_error = true;
  count_error(e);
}

void evaluation_set_cancelled(rill_evaluation *e) {
  set_error(e, RILL_ERROR_TERMINATED, "AbortError", CANCELLED);
  e->error.is_cancelled = true;
}

void evaluation_set_failed(rill_evaluation *e, const char *message) {
  set_error(e, RILL_ERROR_HOST, "Error", message);
}

// The value that was thrown goes along, for scripts.
static void take_thrown(rill_evaluation *e, rill_isolate *api) {
  if (e->form != RILL_RESULT_CLONE || api->error.kind != RILL_ERROR_THROWN ||
      value_is_empty(api->exception.word))
    return;
  api_enter(api);
  e->has_thrown = keep_clone(e, api->iso, api->exception.word, &e->thrown);
  if (!e->has_thrown) {
    vm_take_exception(api->iso);
    vm_end_termination(api->iso);
  }
}

rill_outcome evaluation_run(rill_evaluation *e, rill_isolate *api) {
  rill_scope scope;
  rill_scope_open(api, &scope);
  rill_clear_error(api);
  if (e->timeout_ms > 0) rill_set_deadline(api, (uint64_t)e->timeout_ms);
  rill_value value = run_all(e, api);
  // A value of undefined has a handle, too.
  bool returned = value != NULL && take_result(e, api, value);
  if (!returned) {
    take_thrown(e, api);
    evaluation_take_error(e, api);
  }
  if (e->timeout_ms > 0) rill_set_deadline(api, 0);
  rill_clear_error(api);
  rill_scope_close(api, &scope);
  return returned                ? RILL_OUTCOME_RETURNED
         : e->error.is_timeout   ? RILL_OUTCOME_TIMED_OUT
         : e->error.is_cancelled ? RILL_OUTCOME_CANCELLED
                                 : RILL_OUTCOME_THREW;
}

rill_status rill_evaluate_here(rill_isolate *api, const rill_request *given,
                               rill_evaluation **out) {
  *out = NULL;
  rill_request request = RILL_REQUEST_INIT;
  if (!api_copy_in(&request, given, sizeof request)) return RILL_INVALID;
  request.session = NULL;
  request.fresh = false;
  if (!evaluation_request_is_valid(&request)) return RILL_INVALID;
  rill_evaluation *e = evaluation_new(NULL);
  if (e == NULL || !evaluation_set(e, &request)) {
    rill_evaluation_release(e);
    return RILL_NO_MEMORY;
  }
  e->queued_at = e->begun_at = uv_hrtime();
  rill_outcome outcome = evaluation_run(e, api);
  e->ended_at = uv_hrtime();
  atomic_store(&e->outcome, (uint8_t)outcome);
  rill_token_cancel(e->ended);
  *out = e;
  return RILL_OK;
}

// Looking at it --------------------------------------------------------------

const char *rill_outcome_name(rill_outcome outcome) {
  static const char *const names[] = {"queued", "running",   "returned",
                                      "threw",  "timed out", "cancelled"};
  return outcome <= RILL_OUTCOME_CANCELLED ? names[outcome] : "";
}

rill_outcome rill_evaluation_outcome(const rill_evaluation *e) {
  return (rill_outcome)atomic_load(&e->outcome);
}

void rill_evaluation_ended_init(rill_cancelled *f, rill_evaluation *e) {
  rill_cancelled_init(f, e->ended);
}

uint64_t rill_evaluation_id(const rill_evaluation *e) {
  return e->id;
}
void *rill_evaluation_data(const rill_evaluation *e) {
  return e->data;
}

// Under the lock of its pool, if it has one.
static void lock(const rill_evaluation *e, bool on) {
  if (e->pool == NULL) return;
  if (on) {
    uv_mutex_lock(&e->pool->lock);
  } else {
    uv_mutex_unlock(&e->pool->lock);
  }
}

int rill_evaluation_worker(const rill_evaluation *e) {
  lock(e, true);
  int worker = e->worker;
  lock(e, false);
  return worker;
}

// From one moment to another, or to now.
static uint64_t between(const rill_evaluation *e, const uint64_t *from,
                        const uint64_t *to) {
  lock(e, true);
  uint64_t start = *from, end = *to;
  if (end == 0) end = e->ended_at;
  lock(e, false);
  if (end == 0) end = uv_hrtime();
  return start == 0 ? 0 : end - start;
}

uint64_t rill_evaluation_queue_time(const rill_evaluation *e) {
  return between(e, &e->queued_at, &e->begun_at);
}
uint64_t rill_evaluation_run_time(const rill_evaluation *e) {
  return between(e, &e->begun_at, &e->ended_at);
}

const char *rill_evaluation_json(const rill_evaluation *e, size_t *length) {
  if (rill_evaluation_outcome(e) != RILL_OUTCOME_RETURNED) return NULL;
  if (length != NULL) *length = e->json_length;
  return e->json;
}

rill_value rill_evaluation_value(rill_evaluation *e, rill_isolate *api) {
  if (rill_evaluation_outcome(e) != RILL_OUTCOME_RETURNED || !e->has_value)
    return NULL;
  api_enter(api);
  Value value = rt_clone_deserialize(api->iso, &e->value, NULL);
  rt_clone_free(&e->value);
  e->has_value = false;
  return api_result(api, value);
}

const rill_evaluation_error *
rill_evaluation_get_error(const rill_evaluation *e) {
  rill_outcome outcome = rill_evaluation_outcome(e);
  return outcome > RILL_OUTCOME_RETURNED ? &e->error : NULL;
}
