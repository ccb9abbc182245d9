// SPDX-License-Identifier: MIT
// Between scripts and the executor: C futures as promises, promises as futures,
// and the executor of functions that scripts spawn.
#include <stdlib.h>
#include <string.h>

#include "runtime/api/api.h"
#include "runtime/tasks/futures.h"
#include "runtime/tasks/workers.h"
#include "vm/objects/host_object.h"

rill_executor *rill_isolate_executor(rill_isolate *api) {
  rill_executor *executor = rt_workers_executor(api->rt);
  if (executor == NULL) api_fail_host(api, "Out of memory or threads");
  return executor;
}

// Futures as promises
// --------------------------------------------------------------

// The embedder's future lies behind.
typedef struct ApiFuture {
  rill_future future;
  rill_isolate *api;
  rill_future_result result;
  void *data;
  _Alignas(16) unsigned char inner[];
} ApiFuture;

static rill_future *inner_of(rill_future *f) {
  return (rill_future *)(void *)((ApiFuture *)f)->inner;
}

static rill_poll api_future_poll(rill_future *f, rill_context *cx) {
  return rill_future_poll(inner_of(f), cx);
}

static void api_future_drop(rill_future *f) {
  rill_future_drop(inner_of(f));
}

static const rill_future_type api_future_type = {
    .size = sizeof(ApiFuture),
    .name = "host future",
    .poll = api_future_poll,
    .drop = api_future_drop,
};

static Value finish(Isolate *iso, rill_future *f) {
  ApiFuture *self = (ApiFuture *)f;
  if (self->result == NULL) return VALUE_UNDEFINED;
  ApiMark mark = api_mark(self->api);
  uint32_t failures = self->api->failures;
  rill_value value = self->result(self->api, self->data, inner_of(f));
  Value result = api_returned(self->api, value, failures);
  api_cut_back(self->api, mark);
  return result;
}

static const ScriptFutureType script_type = {.finish = finish};

rill_value rill_promise_of_future(rill_isolate *api, const rill_future *future,
                                  rill_future_result result, void *data) {
  api_use(api);
  size_t size = sizeof(ApiFuture) + future->type->size;
  ApiFuture *whole = calloc(1, size);
  if (whole == NULL) return api_fail_host(api, "Out of memory");
  whole->future.type = &api_future_type;
  whole->api = api;
  whole->result = result;
  whole->data = data;
  memcpy(whole->inner, future, future->type->size);
  Promise *promise =
      rt_future_promise(api->rt, &whole->future, size, &script_type);
  free(whole);
  if (promise == NULL) return api_fail(api);
  return api_handle(api, value_from_cell(promise));
}

// Promises as futures
// --------------------------------------------------------------

// Lives as long as the reaction of the promise, which outlives a future that is
// dropped.
typedef struct Settling {
  rill_waker waker; // none: nobody waits
} Settling;

static const char settling_type[] = "Settling";

static void free_settling(void *data) {
  rill_waker_release(&((Settling *)data)->waker);
  free(data);
}

static void on_settled(Isolate *iso, PromiseState state, Value result,
                       Value data) {
  Settling *s = ((HostObject *)value_as_cell(data))->data;
  if (s->waker.type != NULL) rill_waker_wake(&s->waker);
}

// The reaction's record, kept. NULL: out of memory.
static rill_kept *new_settling(rill_isolate *api) {
  Settling *s = calloc(1, sizeof *s);
  HostObject *object =
      s == NULL ? NULL
                : vm_host_object_new(api->iso, settling_type, s, free_settling);
  if (object == NULL) {
    free(s);
    return NULL;
  }
  ApiMark mark = api_mark(api);
  rill_value handle = api_handle(api, value_from_cell(object));
  rill_kept *kept = handle == NULL ? NULL : rill_keep(api, handle);
  api_cut_back(api, mark);
  return kept;
}

static Settling *settling_of(const rill_settled *self) {
  return ((HostObject *)value_as_cell(gc_handle_word(&self->private_->value)))
      ->data;
}

static void settled_drop(rill_future *f) {
  rill_settled *self = (rill_settled *)f;
  if (self->private_ == NULL) return;
  rt_enter(self->isolate->rt);
  rill_waker_release(&settling_of(self)->waker);
  rill_release(self->isolate, self->private_);
  self->private_ = NULL;
}

static rill_poll settled_poll(rill_future *f, rill_context *cx) {
  rill_settled *self = (rill_settled *)f;
  rt_enter(self->isolate->rt);
  Promise *p = (Promise *)value_as_cell(gc_handle_word(&self->promise->value));
  if (promise_state(p) != PROMISE_PENDING) {
    self->fulfilled = promise_state(p) == PROMISE_FULFILLED;
    p->object.cell.aux |= PROMISE_IS_HANDLED;
    gc_handle_set(self->isolate->iso->heap, &self->promise->value, p->result);
    settled_drop(f);
    return RILL_READY;
  }
  if (self->private_ == NULL) {
    self->private_ = new_settling(self->isolate);
    if (self->private_ == NULL) { // there may be memory later
      rill_waker_wake_by_ref(cx->waker);
      return RILL_PENDING;
    }
    vm_promise_on_settled(self->isolate->iso, p, on_settled,
                          gc_handle_word(&self->private_->value));
  }
  rill_waker_keep(&settling_of(self)->waker, cx->waker);
  return RILL_PENDING;
}

static const rill_future_type settled_type = {
    .size = sizeof(rill_settled),
    .name = "promise",
    .poll = settled_poll,
    .drop = settled_drop,
};

rill_status rill_settled_init(rill_settled *f, rill_isolate *api,
                              rill_kept *promise) {
  if (!value_is_promise(gc_handle_word(&promise->value))) return RILL_INVALID;
  *f = (rill_settled){
      .future = {&settled_type}, .isolate = api, .promise = promise};
  return RILL_OK;
}
