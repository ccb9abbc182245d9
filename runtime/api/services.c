// SPDX-License-Identifier: MIT
// Calls between isolates. A call is a session of its service's table and an
// entry in its queue, which the isolate's thread empties; the answer completes
// the session, wherever that is waited for.
#include "rill/service.h"

#include <stdlib.h>
#include <uv.h>

#include "runtime/api/api.h"
#include "runtime/modules/loader.h"
#include "runtime/sync/sessions.h"
#include "runtime/sync/wait_list.h"
#include "runtime/tasks/futures.h"
#include "runtime/tasks/sessions.h"
#include "vm/objects/host_object.h"

typedef struct ServiceCall {
  struct ServiceCall *next;
  rill_session session;
  size_t method;
  Message *arguments; // a reference; NULL: none
} ServiceCall;

struct rill_service {
  _Atomic uint32_t references;
  size_t method_count;
  char **methods; // their names
  rill_sessions *answers;
  uv_mutex_t lock;
  // Under the lock:
  ServiceCall *first, *last;
  rill_waker waker; // of the isolate, while it waits for calls
  bool ended;
};

// The life of a service -----------------------------------------------------

static void free_call(ServiceCall *call) {
  if (call->arguments != NULL) rt_message_release(call->arguments);
  free(call);
}

static void free_calls(ServiceCall *call) {
  while (call != NULL) {
    ServiceCall *next = call->next;
    free_call(call);
    call = next;
  }
}

void rill_service_retain(rill_service *s) {
  atomic_fetch_add_explicit(&s->references, 1, memory_order_relaxed);
}

void rill_service_release(rill_service *s) {
  if (s == NULL ||
      atomic_fetch_sub_explicit(&s->references, 1, memory_order_acq_rel) != 1)
    return;
  for (size_t i = 0; i < s->method_count; i++)
    free(s->methods[i]);
  free(s->methods);
  free_calls(s->first);
  rill_waker_release(&s->waker);
  rill_sessions_release(s->answers);
  uv_mutex_destroy(&s->lock);
  free(s);
}

void rill_service_end(rill_service *s) {
  rill_service_retain(s); // who is told may release it
  uv_mutex_lock(&s->lock);
  s->ended = true;
  ServiceCall *calls = s->first;
  s->first = s->last = NULL;
  rill_waker waker = s->waker;
  s->waker.type = NULL;
  uv_mutex_unlock(&s->lock);
  rill_sessions_close(s->answers);
  free_calls(calls);
  rill_waker_wake(&waker);
  rill_service_release(s);
}

size_t rill_service_pending(const rill_service *s) {
  return rill_sessions_count(s->answers);
}

static rill_service *service_new(void) {
  rill_service *s = calloc(1, sizeof *s);
  if (s == NULL) return NULL;
  s->references = 1;
  s->answers = rill_sessions_new(&rt_message_element);
  if (s->answers != NULL && uv_mutex_init(&s->lock) == 0) return s;
  rill_sessions_release(s->answers);
  free(s);
  return NULL;
}

// Asking ----------------------------------------------------------------------

// Queues a call. The arguments are borrowed; NULL: none.
static rill_status post(rill_service *s, size_t method, Message *arguments,
                        rill_session *session) {
  ServiceCall *call = calloc(1, sizeof *call);
  if (call == NULL) return RILL_NO_MEMORY;
  rill_status status = rill_session_open(s->answers, (uint32_t)method, session);
  if (status != RILL_OK) {
    free(call);
    return status;
  }
  call->session = *session;
  call->method = method;
  if (arguments != NULL) rill_clone_retain(arguments);
  call->arguments = arguments;
  rill_waker waker = {NULL, NULL};
  uv_mutex_lock(&s->lock);
  bool taken = !s->ended;
  if (taken) {
    if (s->first == NULL)
      s->first = call;
    else
      s->last->next = call;
    s->last = call;
    waker = s->waker;
    s->waker.type = NULL;
  }
  uv_mutex_unlock(&s->lock);
  rill_waker_wake(&waker);
  if (taken) return RILL_OK;
  free_call(call);
  rill_session_forget(s->answers, *session);
  return RILL_CLOSED;
}

// From C.

static rill_poll call_poll(rill_future *f, rill_context *cx) {
  rill_service_call *self = (rill_service_call *)f;
  self->private_.out = &self->result; // it may have been moved until now
  if (rill_future_poll(&self->private_.future, cx) == RILL_PENDING)
    return RILL_PENDING;
  self->status = self->private_.status;
  return RILL_READY;
}

static void call_drop(rill_future *f) {
  rill_future_drop(&((rill_service_call *)f)->private_.future);
}

static const rill_future_type call_type = {
    .size = sizeof(rill_service_call),
    .name = "service call",
    .poll = call_poll,
    .drop = call_drop,
};

rill_status rill_service_call_init(rill_service_call *f, rill_service *s,
                                   const char *method, rill_clone *arguments) {
  *f = (rill_service_call){.future = {&call_type}, .status = RILL_WOULD_BLOCK};
  for (size_t i = 0; i < s->method_count; i++) {
    if (strcmp(s->methods[i], method) != 0) continue;
    rill_session session;
    rill_status status = post(s, i, arguments, &session);
    if (status == RILL_OK)
      rill_session_recv_init(&f->private_, s->answers, session, NULL);
    return status;
  }
  return RILL_INVALID;
}

// From scripts.

enum { SLOT_SERVICE, SLOT_METHOD, SLOT_COUNT };
static const char service_type[] = "Service";

static void release_service(void *service) {
  rill_service_release(service);
}

static const SessionTexts call_texts = {"The service has given the call up",
                                        "The service has ended"};

// The promise of an answer; NULL: threw.
static Promise *ask(Isolate *iso, rill_service *s, size_t method,
                    const NativeCall *call) {
  Array *list = vm_array_from(iso, call->argv, call->argc);
  Message *arguments =
      list == NULL
          ? NULL
          : rt_message_plain(iso, value_from_cell(list), VALUE_UNDEFINED);
  if (arguments == NULL) return NULL;
  rill_session session = 0; // that there is none is told as an ended service
  rill_status status = post(s, method, arguments, &session);
  rt_message_release(arguments);
  if (status == RILL_NO_MEMORY) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  Promise *p = rt_session_promise(iso, s->answers, session, &call_texts);
  if (p == NULL) rill_session_forget(s->answers, session);
  return p;
}

static Value call_method(Isolate *iso, const NativeCall *call) {
  HostObject *o = (HostObject *)value_as_cell(native_slot(call, SLOT_SERVICE));
  size_t method = (size_t)value_as_number(native_slot(call, SLOT_METHOD));
  Promise *p = ask(iso, o->data, method, call);
  if (p != NULL) return value_from_cell(p);
  // What cannot be cloned is told as all else is.
  if (vm_is_terminating(iso)) return VALUE_EXCEPTION;
  p = vm_promise_new(iso);
  vm_promise_reject_with_exception(iso, p);
  return value_from_cell(p);
}

// method.with(options): the method, whose calls {signal, timeout} give up.
static Value with_options(Isolate *iso, const NativeCall *call) {
  Value method = call->this_value;
  if (!value_is_kind(method, CELL_NATIVE_FUNCTION) ||
      ((NativeFunction *)value_as_cell(method))->code != call_method)
    return vm_throw_type_value(iso, "%s is no method of a service", method);
  Value exports = rt_builtin_namespace(rt_of(iso), "rill:internal/limits");
  Value limited =
      value_is_exception(exports)
          ? exports
          : vm_get(iso, value_as_object(exports), vm_key_from_c("limited"));
  Value name = value_is_exception(limited)
                   ? limited
                   : vm_get(iso, value_as_object(method), KEY(name));
  if (value_is_exception(name)) return name;
  Value arguments[] = {name, method, native_argument(call, 0)};
  return vm_call(iso, limited, VALUE_UNDEFINED, 3, arguments);
}

rill_value rill_service_object(rill_isolate *api, rill_service *s) {
  api_use(api);
  Isolate *iso = api->iso;
  rill_service_retain(s);
  HostObject *holder =
      vm_host_object_new(iso, service_type, s, release_service);
  if (holder == NULL) {
    rill_service_release(s);
    return api_fail(api);
  }
  Object *object = vm_object_new(iso);
  Value with = value_from_cell(
      vm_native_new(iso, with_options, vm_atom_from_c("with"), 1, 0, false));
  for (size_t i = 0; i < s->method_count; i++) {
    String *name =
        vm_string_from_utf8(iso, s->methods[i], strlen(s->methods[i]));
    if (name == NULL) return api_fail(api);
    NativeFunction *f =
        vm_native_new(iso, call_method, name, 0, SLOT_COUNT, false);
    f->slots[SLOT_SERVICE] = value_from_cell(holder);
    f->slots[SLOT_METHOD] = value_from_number((double)i);
    vm_put(iso, &f->object, vm_key_from_c("with"), with, PROPERTY_HIDDEN);
    rill_property p = RILL_PROPERTY_INIT;
    p.value = api_handle(api, value_from_cell(f));
    if (p.value == NULL) return NULL;
    p.attributes = RILL_ENUMERABLE;
    rill_value target = api_handle(api, value_from_cell(object));
    if (target == NULL ||
        !rill_define_property(api, target,
                              api_handle(api, value_from_cell(name)), &p))
      return NULL;
  }
  return api_handle(api, value_from_cell(object));
}

// Answering -------------------------------------------------------------------

// A method that has been called, until its promise is settled.
typedef struct Answer {
  rill_service *service; // a reference
  rill_session session;
} Answer;
static const char answer_type[] = "Answer";

// If it was not answered, it never will be.
static void free_answer(void *data) {
  Answer *a = data;
  rill_session_cancel(a->service->answers, a->session);
  rill_service_release(a->service);
  free(a);
}

static void answer(Isolate *iso, rill_service *s, rill_session session,
                   bool failed, Value value) {
  Message *m = rt_message_plain(iso, value, VALUE_UNDEFINED);
  if (m == NULL && !vm_is_terminating(iso)) { // then that is the answer
    failed = true;
    m = rt_message_plain(iso, vm_take_exception(iso), VALUE_UNDEFINED);
    if (m == NULL && !vm_is_terminating(iso)) vm_take_exception(iso);
  }
  if (m == NULL) {
    rill_session_cancel(s->answers, session);
    return;
  }
  rill_status status =
      failed ? rill_session_reject(s->answers, session, &m->self)
             : rill_session_complete(s->answers, session, &m->self);
  if (status != RILL_OK) rt_message_release(m);
}

static void on_settled(Isolate *iso, PromiseState state, Value result,
                       Value data) {
  Answer *a = ((HostObject *)value_as_cell(data))->data;
  answer(iso, a->service, a->session, state == PROMISE_REJECTED, result);
}

// Once the promise is settled, the call is answered. False: threw.
static bool answer_later(Isolate *iso, rill_service *s, rill_session session,
                         Value promise) {
  Promise *p = vm_promise_from_value(iso, promise);
  Answer *a = p == NULL ? NULL : malloc(sizeof *a);
  HostObject *o =
      a == NULL ? NULL : vm_host_object_new(iso, answer_type, a, free_answer);
  if (o == NULL) {
    if (a == NULL && p != NULL) vm_throw_out_of_memory(iso);
    free(a);
    return false;
  }
  rill_service_retain(s);
  *a = (Answer){s, session};
  vm_promise_mark_handled(iso, p);
  vm_promise_on_settled(iso, p, on_settled, value_from_cell(o));
  return true;
}

// What the method returned. EXCEPTION: threw.
static Value run(Isolate *iso, Value object, const rill_service *s,
                 ServiceCall *call) {
  const char *name = s->methods[call->method];
  String *text = vm_string_from_utf8(iso, name, strlen(name));
  if (text == NULL) return VALUE_EXCEPTION;
  Value method = vm_get_element(iso, object, value_from_cell(text));
  Array *list = NULL;
  if (call->arguments != NULL && !value_is_exception(method)) {
    Message *arguments = call->arguments;
    call->arguments = NULL;
    Value array = rt_message_value(iso, arguments);
    if (value_is_exception(array)) return array;
    list = vm_list_from_array_like(iso, array);
    if (list == NULL) return VALUE_EXCEPTION;
  }
  if (value_is_exception(method)) return method;
  return list == NULL ? vm_call(iso, method, object, 0, NULL)
                      : vm_call(iso, method, object, list->length,
                                list->object.elements->values);
}

// False: the isolate is being ended by a limit.
static bool serve(Isolate *iso, Value object, rill_service *s,
                  ServiceCall *call) {
  if (!sync_session_waits(s->answers, call->session)) return true; // given up
  Value result = run(iso, object, s, call);
  if (!value_is_exception(result)) {
    if (!value_is_object(result))
      answer(iso, s, call->session, false, result);
    else if (!answer_later(iso, s, call->session, result))
      result = VALUE_EXCEPTION;
  }
  if (!value_is_exception(result)) return true;
  if (!vm_is_terminating(iso)) {
    answer(iso, s, call->session, true, vm_take_exception(iso));
    return true;
  }
  rill_session_cancel(s->answers, call->session);
  return false;
}

// Ready when there are calls, or the service has ended.
typedef struct Serving {
  rill_future future;
  rill_service *service; // a reference; NULL: another one has taken over
  Runtime *rt;
  GcHandle methods;
  // The calls that come while others are served have to wait for the loop.
  bool was_polled;
} Serving;

static rill_poll serving_poll(rill_future *f, rill_context *cx) {
  Serving *self = (Serving *)f;
  rill_service *s = self->service;
  uv_mutex_lock(&s->lock);
  bool ready = s->ended || s->first != NULL;
  rill_waker old = {NULL, NULL};
  if (!ready) old = wait_waker_replace(&s->waker, cx->waker);
  uv_mutex_unlock(&s->lock);
  rill_waker_release(&old);
  if (ready && !self->was_polled) {
    self->was_polled = true;
    rill_waker_wake_by_ref(cx->waker);
    return RILL_PENDING;
  }
  self->was_polled = true;
  return ready ? RILL_READY : RILL_PENDING;
}

static const rill_future_type serving_type = {
    .size = sizeof(Serving),
    .name = "calls of a service",
    .poll = serving_poll,
};

static void release_serving(rill_future *f) {
  Serving *self = (Serving *)f;
  if (self->service == NULL) return;
  rill_service_end(self->service);
  rill_service_release(self->service);
  gc_handle_remove(self->rt->isolate->heap, &self->methods);
}

static Value finish_serving(Isolate *iso, rill_future *f);
static const ScriptFutureType serving = {.finish = finish_serving,
                                         .release = release_serving};

// Takes over what the record holds, even if it fails: threw.
static bool wait_for_calls(Serving *from) {
  Serving next = *from;
  next.was_polled = false;
  from->service = NULL;
  return rt_future_promise(next.rt, &next.future, sizeof next, &serving) !=
         NULL;
}

static Value finish_serving(Isolate *iso, rill_future *f) {
  Serving *self = (Serving *)f;
  rill_service *s = self->service;
  Value object = gc_handle_word(&self->methods);
  uv_mutex_lock(&s->lock);
  ServiceCall *last = s->last;
  bool ended = s->ended;
  uv_mutex_unlock(&s->lock);
  if (ended) return VALUE_UNDEFINED;
  // Up to the last one there is now: the loop is others' too.
  bool goes_on = true;
  for (bool was_last = last == NULL; goes_on && !was_last;) {
    uv_mutex_lock(&s->lock);
    ServiceCall *call = s->first;
    if (call != NULL) s->first = call->next;
    if (s->first == NULL) s->last = NULL;
    uv_mutex_unlock(&s->lock);
    if (call == NULL) break; // ended meanwhile
    was_last = call == last;
    goes_on = serve(iso, object, s, call);
    free_call(call);
  }
  if (!wait_for_calls(self)) goes_on = false;
  return goes_on ? VALUE_UNDEFINED : VALUE_EXCEPTION;
}

// Notes the name if it is a method's. False: threw, or out of memory.
static bool take_method(rill_isolate *api, rill_service *s, rill_value methods,
                        rill_value key) {
  rill_value method = rill_get_value(api, methods, key);
  if (method == NULL) return false;
  if (!value_is_callable(api_value(api, method))) return true;
  const char *name = rill_to_string(api, key, NULL);
  if (name == NULL) return false;
  char *copy = strdup(name);
  if (copy == NULL) return api_fail_host(api, "Out of memory") != NULL;
  s->methods[s->method_count++] = copy;
  return true;
}

// False: the error is left.
static bool take_methods(rill_isolate *api, rill_service *s,
                         rill_value methods) {
  rill_value keys = rill_own_keys(api, methods, RILL_KEYS_ENUMERABLE);
  if (keys == NULL) return false;
  size_t count = rill_length(api, keys);
  s->methods = calloc(count + 1, sizeof *s->methods);
  if (s->methods == NULL) return api_fail_host(api, "Out of memory") != NULL;
  for (size_t i = 0; i < count; i++) {
    rill_value key = rill_get_index(api, keys, (uint32_t)i);
    if (key == NULL || !take_method(api, s, methods, key)) return false;
  }
  if (s->method_count > 0) return true;
  return api_fail_host(api, "rill_service_new: the object has no methods") !=
         NULL;
}

rill_service *rill_service_new(rill_isolate *api, rill_value methods) {
  api_enter(api);
  rill_service *s = service_new();
  if (s == NULL) {
    api_fail_host(api, "Out of memory");
    return NULL;
  }
  ApiMark mark = api_mark(api);
  bool done = take_methods(api, s, methods);
  api_cut_back(api, mark);
  Serving first = {.future = {&serving_type}, .service = s, .rt = api->rt};
  if (done &&
      !gc_handle_add(api->iso->heap, &first.methods, api_value(api, methods))) {
    api_fail_host(api, "Out of memory");
    done = false;
  }
  if (!done) {
    rill_service_release(s);
    return NULL;
  }
  rill_service_retain(s); // the host's
  if (wait_for_calls(&first)) return s;
  api_fail(api);
  rill_service_release(s);
  return NULL;
}
