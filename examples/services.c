// SPDX-License-Identifier: MIT
/*
 * Services that call each other with await: `await call("stock", "take",
 * "tea", 2)`. Each is an isolate on a worker of its own; calls and answers
 * travel as JSON through channels, errors too. A service handles many calls at
 * once, since each that awaits lets the others go on.
 *
 *   cc services.c $(pkg-config --cflags --libs rill) && ./a.out
 */
#include <rill.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PRICES, STOCK, SHOP, SERVICES };
static const char *const names[] = {"prices", "stock", "shop"};
static const char *const sources[] = {
    "({ of: (item) => ({ tea: 3, cake: 4 })[item] })",
    "const left = { tea: 5, cake: 1 };\n"
    "({ take(item, n) {\n"
    "  if (left[item] < n) throw new RangeError(`no ${n} ${item} left`);\n"
    "  return left[item] -= n;\n"
    "} })",
    "({ async order(...items) {\n"
    "  const one = async (item) => {\n"
    "    await call('stock', 'take', item, 1);\n"
    "    return call('prices', 'of', item);\n"
    "  };\n"
    "  const paid = await Promise.all(items.map(one));\n"
    "  return { items, total: paid.reduce((a, b) => a + b, 0) };\n"
    "} })"};

// What travels. Texts and the sender belong to whoever has the message.
typedef struct Message {
  char *method, *arguments; // NULL: the service is to end
  rill_oneshot_sender *reply;
} Message;
typedef struct Reply {
  char *json;
  bool failed; // then it is the error's message
} Reply;
static void message_drop(void *data) {
  Message *m = data;
  free(m->method);
  free(m->arguments);
  if (m->reply != NULL) rill_oneshot_sender_free(m->reply);
  *m = (Message){0};
}
static void reply_drop(void *data) {
  free(((Reply *)data)->json);
}
static const rill_element messages = {sizeof(Message), message_drop, NULL};
static const rill_element replies = {sizeof(Reply), reply_drop, NULL};

// Sends a message; the receiver of its answer, or NULL.
static rill_oneshot_receiver *ask(rill_sender *to, const char *method,
                                  const char *arguments) {
  rill_oneshot_receiver *answer;
  Message m = {strdup(method), strdup(arguments), NULL};
  if (m.method != NULL && m.arguments != NULL &&
      rill_oneshot_new(&replies, &m.reply, &answer) == RILL_OK) {
    if (rill_sender_try_send(to, &m) == RILL_OK) return answer;
    rill_oneshot_receiver_free(answer);
  }
  message_drop(&m);
  return NULL;
}

typedef struct Service {
  rill_future future;
  int at, index;
  rill_sender *peers[SERVICES]; // a sender is for one thread: our own
  rill_receiver *inbox;
  rill_isolate *isolate;
  rill_kept *methods;
  rill_task_scope *calls; // none outlives the service
  Message message;
  rill_recv recv;
} Service;

// call(service, method, ...arguments), which returns a promise: of this future.
typedef struct Asking {
  rill_future future;
  rill_oneshot_receiver *answer;
  rill_oneshot_recv recv;
  Reply reply;
} Asking;
static rill_poll asking_poll(rill_future *f, rill_context *cx) {
  Asking *self = (Asking *)f;
  if (self->recv.receiver == NULL) // it may have been moved until now
    rill_oneshot_recv_init(&self->recv, self->answer, &self->reply);
  return rill_future_poll(&self->recv.future, cx);
}
static void asking_drop(rill_future *f) {
  Asking *self = (Asking *)f;
  rill_future_drop(&self->recv.future);
  rill_oneshot_receiver_free(self->answer);
  reply_drop(&self->reply);
}
static const rill_future_type asking_type = {sizeof(Asking), "call",
                                             asking_poll, asking_drop, NULL};

static rill_value asked(rill_isolate *iso, void *data, rill_future *f) {
  Asking *self = (Asking *)f;
  if (self->recv.status != RILL_OK)
    return rill_throw_error(iso, "the service has ended");
  if (self->reply.failed) return rill_throw_error(iso, "%s", self->reply.json);
  return rill_from_json(iso, self->reply.json, RILL_TEXT_END);
}

static rill_value call(rill_isolate *iso, void *data, rill_value this_value,
                       size_t count, const rill_value *arguments) {
  Service *self = data;
  if (count < 2) return rill_throw_error(iso, "call(service, method, ...)");
  const char *name = rill_to_string(iso, arguments[0], NULL);
  const char *method = rill_to_string(iso, arguments[1], NULL);
  rill_value rest = rill_array(iso);
  for (size_t i = 2; i < count; i++)
    rill_push(iso, rest, arguments[i]);
  const char *json = rill_to_json(iso, rest, NULL);
  if (name == NULL || method == NULL || json == NULL) return NULL;
  for (int i = 0; i < SERVICES; i++) {
    if (strcmp(name, names[i]) != 0) continue;
    Asking a = {.future = {&asking_type},
                .answer = ask(self->peers[i], method, json)};
    if (a.answer == NULL) return rill_throw_error(iso, "%s has ended", name);
    rill_value promise = rill_promise_of_future(iso, &a.future, asked, NULL);
    if (promise == NULL) asking_drop(&a.future);
    return promise;
  }
  return rill_throw_error(iso, "no service %s", name);
}

// A call that has come in: runs the method, waits for its promise, answers.
typedef struct Handling {
  rill_future future;
  int at;
  Service *service;
  Message message;
  rill_kept *result;
  rill_settled settled;
} Handling;

static void reply(Handling *self, bool failed, const char *text) {
  Reply r = {strdup(text != NULL ? text : "null"), failed};
  if (r.json == NULL || rill_oneshot_send(self->message.reply, &r) != RILL_OK)
    free(r.json); // nobody listens any more
  self->message.reply = NULL;
}

static rill_poll handling_poll(rill_future *f, rill_context *cx) {
  Handling *self = (Handling *)f;
  rill_isolate *iso = self->service->isolate;
  rill_scope scope;
  RILL_ASYNC_BEGIN(self);
  rill_scope_open(iso, &scope);
  // methods[method](...arguments), behind an async function, so that it is a
  // promise whatever happens.
  rill_value arguments[] = {
      rill_string(iso, self->message.method, RILL_TEXT_END),
      rill_from_json(iso, self->message.arguments, RILL_TEXT_END)};
  rill_value result = rill_call(
      iso, rill_kept_value(iso, self->service->methods), NULL, 2, arguments);
  if (result != NULL) self->result = rill_keep(iso, result);
  rill_scope_close(iso, &scope);
  if (self->result == NULL) {
    reply(self, true, rill_get_error(iso)->message);
    return RILL_READY;
  }
  rill_settled_init(&self->settled, iso, self->result);
  RILL_AWAIT(self, cx, &self->settled.future);
  rill_scope_open(iso, &scope);
  rill_value value = rill_kept_value(iso, self->result);
  if (self->settled.fulfilled)
    reply(self, false, rill_to_json(iso, value, NULL));
  else
    reply(self, true, rill_to_string(iso, value, NULL));
  rill_scope_close(iso, &scope);
  RILL_ASYNC_END(self);
}
static void handling_drop(rill_future *f) {
  Handling *self = (Handling *)f;
  rill_future_drop(&self->settled.future);
  if (self->result != NULL) rill_release(self->service->isolate, self->result);
  message_drop(&self->message); // without an answer: the caller is told
}
static const rill_future_type handling_type = {
    sizeof(Handling), "handling", handling_poll, handling_drop, NULL};

static bool is_known(rill_isolate *iso, void *data, rill_value promise,
                     rill_value reason) {
  return true; // whoever called is told
}

static bool start(Service *self) {
  self->isolate = rill_isolate_new(NULL);
  if (self->isolate == NULL) return false;
  rill_isolate *iso = self->isolate;
  rill_hooks hooks = RILL_HOOKS_INIT;
  hooks.rejection = is_known;
  rill_set_hooks(iso, &hooks);
  if (!rill_define(iso, "call", call, self)) return false;
  rill_value methods =
      rill_eval(iso, sources[self->index], RILL_TEXT_END, names[self->index]);
  rill_value bind =
      rill_eval(iso, "(methods) => async (name, a) => methods[name](...a)",
                RILL_TEXT_END, "bind");
  if (methods == NULL || bind == NULL) return false;
  rill_value entry = rill_call(iso, bind, NULL, 1, &methods);
  self->methods = entry == NULL ? NULL : rill_keep(iso, entry);
  self->calls = rill_task_scope_open(NULL, RILL_SCOPE_ABORT);
  return self->methods != NULL && self->calls != NULL;
}

static rill_poll service_poll(rill_future *f, rill_context *cx) {
  Service *self = (Service *)f;
  RILL_ASYNC_BEGIN(self);
  if (!start(self)) {
    rill_task_fail(1, names[self->index]);
    return RILL_READY;
  }
  for (;;) {
    rill_recv_init(&self->recv, self->inbox, &self->message);
    RILL_AWAIT(self, cx, &self->recv.future);
    if (self->recv.status != RILL_OK || self->message.method == NULL) break;
    Handling h = {
        .future = {&handling_type}, .service = self, .message = self->message};
    rill_spawn_options options = RILL_SPAWN_OPTIONS_INIT;
    options.worker = self->index; // where the isolate is
    if (rill_task_scope_spawn(self->calls, &h.future, &options, NULL) !=
        RILL_OK)
      message_drop(&h.message);
  }
  RILL_ASYNC_END(self);
}
// After its calls have ended, which the scope sees to.
static void service_drop(rill_future *f) {
  Service *self = (Service *)f;
  rill_future_drop(&self->recv.future);
  rill_task_scope_free(self->calls);
  if (self->methods != NULL) rill_release(self->isolate, self->methods);
  if (self->isolate != NULL) rill_isolate_free(self->isolate);
  rill_receiver_free(self->inbox);
  for (int i = 0; i < SERVICES; i++)
    rill_sender_free(self->peers[i]);
}
static const rill_future_type service_type = {sizeof(Service), "service",
                                              service_poll, service_drop, NULL};

static void order(rill_sender *shop, const char *items) {
  Reply r;
  rill_oneshot_receiver *answer = ask(shop, "order", items);
  if (answer == NULL) return;
  if (rill_oneshot_recv_wait(answer, &r, -1) == RILL_OK) {
    printf("%s: %s\n", r.failed ? "failed" : "ordered", r.json);
    reply_drop(&r);
  }
  rill_oneshot_receiver_free(answer);
}

int main(void) {
  rill_executor_options options = RILL_EXECUTOR_OPTIONS_INIT;
  options.flavor = RILL_MULTI_THREAD;
  options.workers = SERVICES;
  rill_executor *ex = rill_executor_new(&options, NULL);
  rill_sender *senders[SERVICES];
  rill_receiver *inboxes[SERVICES];
  rill_join *joins[SERVICES];
  if (ex == NULL) return 1;
  for (int i = 0; i < SERVICES; i++) // unbounded
    if (rill_mpsc_new(&messages, 0, &senders[i], &inboxes[i]) != RILL_OK)
      return 1;
  for (int i = 0; i < SERVICES; i++) {
    Service s = {.future = {&service_type}, .index = i, .inbox = inboxes[i]};
    for (int j = 0; j < SERVICES; j++)
      s.peers[j] = rill_sender_clone(senders[j]);
    rill_spawn_options pinned = RILL_SPAWN_OPTIONS_INIT;
    pinned.worker = i;
    joins[i] = rill_spawn(ex, &s.future, &pinned);
    if (joins[i] == NULL) return 1;
  }
  order(senders[SHOP], "[\"tea\", \"cake\", \"tea\"]");
  order(senders[SHOP], "[\"cake\"]");
  order(senders[SHOP], "[\"tea\"]");
  for (int i = 0; i < SERVICES; i++) {
    Message end = {0};
    rill_sender_try_send(senders[i], &end);
    printf("%s: %s\n", names[i],
           rill_status_name(rill_join_wait(joins[i], -1)));
    rill_join_free(joins[i]);
    rill_sender_free(senders[i]);
  }
  rill_executor_free(ex);
}
