// SPDX-License-Identifier: MIT
// $262.agent: agents are threads with an isolate each; they share memory by
// broadcast.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/conformance/test262.h"
#include "vm/objects/buffer.h"

typedef struct Report {
  struct Report *next;
  char *text;
} Report;

typedef struct Agent {
  struct Agent *next;
  pthread_t thread;
  char *source;
  bool received, wants_broadcast, ended;
} Agent;

static struct {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  Agent *agents;
  Report *reports, **last_report;
  SharedBytes *broadcast; // being handed out
  double broadcast_id;

} shared = {.lock = PTHREAD_MUTEX_INITIALIZER,
            .changed = PTHREAD_COND_INITIALIZER,
            .last_report = &shared.reports};

static _Thread_local Agent *this_agent;

static Value agent_report(Isolate *iso, const NativeCall *call) {
  String *text = vm_to_string(iso, native_argument(call, 0));
  if (text == NULL) return VALUE_EXCEPTION;
  Report *report = calloc(1, sizeof *report);
  report->text = vm_string_to_utf8(iso, text, NULL);
  pthread_mutex_lock(&shared.lock);
  *shared.last_report = report;
  shared.last_report = &report->next;
  pthread_mutex_unlock(&shared.lock);
  return VALUE_UNDEFINED;
}

static Value agent_get_report(Isolate *iso, const NativeCall *call) {
  pthread_mutex_lock(&shared.lock);
  Report *report = shared.reports;
  if (report != NULL) {
    shared.reports = report->next;
    if (shared.reports == NULL) shared.last_report = &shared.reports;
  }
  pthread_mutex_unlock(&shared.lock);
  if (report == NULL) return VALUE_NULL;
  String *text = vm_string_from_c(iso, report->text);
  free(report->text);
  free(report);
  return text == NULL ? VALUE_EXCEPTION : value_from_cell(text);
}

static Value agent_sleep(Isolate *iso, const NativeCall *call) {
  double ms;
  if (!vm_to_double(iso, native_argument(call, 0), &ms)) {
    return VALUE_EXCEPTION;
  }
  gc_enter_native(iso->heap);
  usleep((useconds_t)(ms * 1000));
  gc_leave_native(iso->heap);
  return VALUE_UNDEFINED;
}

static Value agent_now(Isolate *iso, const NativeCall *call) {
  return value_from_number((double)uv_hrtime() / 1e6);
}

static Value agent_leaving(Isolate *iso, const NativeCall *call) {
  return VALUE_UNDEFINED;
}

static Value agent_receive(Isolate *iso, const NativeCall *call) {
  Value callback = native_argument(call, 0);
  gc_enter_native(iso->heap);
  pthread_mutex_lock(&shared.lock);
  this_agent->wants_broadcast = true;
  this_agent->received = false;
  pthread_cond_broadcast(&shared.changed);
  while (shared.broadcast == NULL || this_agent->received) {
    pthread_cond_wait(&shared.changed, &shared.lock);
  }
  SharedBytes *bytes = shared.broadcast;
  vm_shared_bytes_retain(bytes);
  double id = shared.broadcast_id;
  this_agent->received = true;
  this_agent->wants_broadcast = false;
  pthread_cond_broadcast(&shared.changed);
  pthread_mutex_unlock(&shared.lock);
  gc_leave_native(iso->heap);
  ArrayBuffer *buffer = vm_shared_array_buffer_new(iso, bytes);
  if (buffer == NULL) return VALUE_EXCEPTION;
  Value arguments[] = {value_from_cell(buffer), value_from_number(id)};
  return vm_call(iso, callback, VALUE_UNDEFINED, 2, arguments);
}

static void define(Isolate *iso, Object *o, const char *name, NativeCode code) {
  String *atom = vm_atom_from_c(name);
  vm_put(iso, o, key_from_atom(atom),
         value_from_cell(vm_native_new(iso, code, atom, 1, 0, false)),
         PROPERTY_HIDDEN);
}

static void *run_agent(void *argument) {
  Agent *agent = argument;
  this_agent = agent;
  RuntimeOptions options = {.bare = true, .assume_modules = true};
  Runtime *rt = rt_new(&options);
  if (rt != NULL) {
    Isolate *iso = rt->isolate;
    rt->ignore_rejections = true;
    Object *host = vm_object_new(iso), *o = vm_object_new(iso);
    define(iso, o, "receiveBroadcast", agent_receive);
    define(iso, o, "report", agent_report);
    define(iso, o, "sleep", agent_sleep);
    define(iso, o, "monotonicNow", agent_now);
    define(iso, o, "leaving", agent_leaving);
    vm_put(iso, host, vm_key_from_c("agent"), value_from_cell(o),
           PROPERTY_HIDDEN);
    vm_put(iso, iso->realm->global, vm_key_from_c("$262"),
           value_from_cell(host), PROPERTY_HIDDEN);
    Value result =
        vm_evaluate_script(iso, agent->source, strlen(agent->source), "agent");
    if (value_is_exception(result)) vm_take_exception(iso);
    rt_run_loop(rt, NULL);
    rt_free(rt);
  }
  pthread_mutex_lock(&shared.lock);
  agent->ended = true;
  pthread_cond_broadcast(&shared.changed);
  pthread_mutex_unlock(&shared.lock);
  return NULL;
}

static Value agent_start(Isolate *iso, const NativeCall *call) {
  String *source = vm_to_string(iso, native_argument(call, 0));
  if (source == NULL) return VALUE_EXCEPTION;
  Agent *agent = calloc(1, sizeof *agent);
  agent->source = vm_string_to_utf8(iso, source, NULL);
  pthread_mutex_lock(&shared.lock);
  agent->next = shared.agents;
  shared.agents = agent;
  pthread_mutex_unlock(&shared.lock);
  if (pthread_create(&agent->thread, NULL, run_agent, agent) != 0) {
    agent->ended = true;
    return vm_throw_error(iso, ERROR_ERROR, "cannot start an agent");
  }
  return VALUE_UNDEFINED;
}

static Value agent_broadcast(Isolate *iso, const NativeCall *call) {
  Value value = native_argument(call, 0);
  if (value_is_typed_array(value)) {
    value = value_from_cell(((TypedArray *)value_as_cell(value))->buffer);
  }
  if (!value_is_kind(value, CELL_SHARED_ARRAY_BUFFER)) {
    return vm_throw_type(iso, "broadcast needs a SharedArrayBuffer");
  }
  double id = value_is_number(native_argument(call, 1))
                  ? value_as_number(call->argv[1])
                  : 0;
  ArrayBuffer *buffer = (ArrayBuffer *)value_as_cell(value);
  gc_enter_native(iso->heap);
  pthread_mutex_lock(&shared.lock);
  shared.broadcast = buffer->shared;
  shared.broadcast_id = id;
  pthread_cond_broadcast(&shared.changed);
  for (;;) {
    bool all = true;
    for (Agent *a = shared.agents; a != NULL; a = a->next) {
      if (!a->ended && !a->received) all = false;
    }
    if (all) break;
    pthread_cond_wait(&shared.changed, &shared.lock);
  }
  shared.broadcast = NULL;
  for (Agent *a = shared.agents; a != NULL; a = a->next)
    a->received = false;
  pthread_mutex_unlock(&shared.lock);
  gc_leave_native(iso->heap);
  return VALUE_UNDEFINED;
}

Object *test262_agent_object(Isolate *iso) {
  Object *o = vm_object_new(iso);
  define(iso, o, "start", agent_start);
  define(iso, o, "broadcast", agent_broadcast);
  define(iso, o, "getReport", agent_get_report);
  define(iso, o, "sleep", agent_sleep);
  define(iso, o, "monotonicNow", agent_now);
  return o;
}

void test262_agents_end(void) {
  for (;;) {
    pthread_mutex_lock(&shared.lock);
    Agent *agent = shared.agents;
    if (agent != NULL) shared.agents = agent->next;
    pthread_mutex_unlock(&shared.lock);
    if (agent == NULL) break;
    pthread_join(agent->thread, NULL);
    free(agent->source);
    free(agent);
  }
  while (shared.reports != NULL) {
    Report *next = shared.reports->next;
    free(shared.reports->text);
    free(shared.reports);
    shared.reports = next;
  }
  shared.last_report = &shared.reports;
}
