// SPDX-License-Identifier: MIT
/*
 * A server with its own epoll loop, into which rill fits as one more
 * descriptor: wait until rill_executor_fd is readable or rill_executor_timeout
 * is over, then call rill_executor_step. Timers, sockets and promises of the
 * script go on beside the host's own descriptors, on one thread.
 *
 * The host reads requests from a socket, a line each, and hands them to the
 * script, whose answers may come later and in another order.
 *
 *   cc epoll_host.c $(pkg-config --cflags --libs rill) && ./a.out
 */
#include <pthread.h>
#include <rill.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char script[] =
    "const waiting = new Map();\n"
    "globalThis.handle = async (line) => {\n"
    "  const [command, name, value] = line.split(' ');\n"
    "  switch (command) {\n"
    "  case 'take': return new Promise((r) => waiting.set(name, r));\n"
    "  case 'put': waiting.get(name)(value); return 'put ' + name;\n"
    "  case 'sleep': await new Promise((r) => setTimeout(r, +name));\n"
    "    return `slept ${name}`;\n"
    "  }\n"
    "  throw new Error(`unknown command ${command}`);\n"
    "}\n";

typedef struct Server {
  rill_isolate *isolate;
  rill_kept *over; // a promise: settled when the server is to end
  int socket;
} Server;

// The isolate belongs to a task: then the executor drives its loop, too.
typedef struct Script {
  rill_future future;
  int at;
  Server *server;
  rill_settled over;
} Script;

// Requests look at the promises themselves.
static bool is_known(rill_isolate *iso, void *data, rill_value promise,
                     rill_value reason) {
  return true;
}

static rill_poll script_poll(rill_future *f, rill_context *cx) {
  Script *self = (Script *)f;
  Server *s = self->server;
  RILL_ASYNC_BEGIN(self);
  rill_options options = RILL_OPTIONS_INIT;
  options.allow = RILL_ALLOW_CONSOLE; // timers belong to it
  s->isolate = rill_isolate_new(&options);
  if (s->isolate == NULL ||
      rill_isolate_executor(s->isolate) == NULL || // from now on ours
      rill_eval(s->isolate, script, RILL_TEXT_END, "handle.js") == NULL) {
    rill_task_fail(1, "the script does not start");
    return RILL_READY;
  }
  rill_hooks hooks = RILL_HOOKS_INIT;
  hooks.rejection = is_known;
  rill_set_hooks(s->isolate, &hooks);
  s->over = rill_keep(s->isolate, rill_promise(s->isolate));
  rill_settled_init(&self->over, s->isolate, s->over);
  RILL_AWAIT(self, cx, &self->over.future);
  RILL_ASYNC_END(self);
}
static void script_drop(rill_future *f) {
  Script *self = (Script *)f;
  if (self->server->isolate == NULL) return;
  rill_future_drop(&self->over.future);
  if (self->server->over != NULL)
    rill_release(self->server->isolate, self->server->over);
  rill_isolate_free(self->server->isolate);
  self->server->isolate = NULL;
}
static const rill_future_type script_type = {sizeof(Script), "script",
                                             script_poll, script_drop, NULL};

// One request: calls the script, waits for its promise, answers.
typedef struct Request {
  rill_future future;
  int at;
  Server *server;
  char line[64];
  rill_kept *promise;
  rill_settled settled;
} Request;

static void answer(Server *s, rill_value value, bool fulfilled) {
  char text[128];
  const char *result = rill_to_string(s->isolate, value, NULL);
  int length = snprintf(text, sizeof text, "%s%s\n",
                        fulfilled ? "" : "failed: ", result ? result : "?");
  if (write(s->socket, text, (size_t)length) < 0) perror("write");
}

static rill_poll request_poll(rill_future *f, rill_context *cx) {
  Request *self = (Request *)f;
  rill_isolate *iso = self->server->isolate;
  rill_scope scope;
  RILL_ASYNC_BEGIN(self);
  rill_scope_open(iso, &scope);
  rill_value line = rill_string(iso, self->line, RILL_TEXT_END);
  rill_value handle = rill_get(iso, rill_global(iso), "handle");
  rill_value promise = rill_call(iso, handle, NULL, 1, &line);
  self->promise = promise == NULL ? NULL : rill_keep(iso, promise);
  rill_scope_close(iso, &scope);
  if (self->promise == NULL) return RILL_READY;
  rill_settled_init(&self->settled, iso, self->promise);
  RILL_AWAIT(self, cx, &self->settled.future);
  rill_scope_open(iso, &scope);
  answer(self->server, rill_kept_value(iso, self->promise),
         self->settled.fulfilled);
  rill_scope_close(iso, &scope);
  RILL_ASYNC_END(self);
}
static void request_drop(rill_future *f) {
  Request *self = (Request *)f;
  if (self->promise == NULL || self->server->isolate == NULL) return;
  rill_future_drop(&self->settled.future);
  rill_release(self->server->isolate, self->promise);
}
static const rill_future_type request_type = {sizeof(Request), "request",
                                              request_poll, request_drop, NULL};

// False: the client has gone.
static bool on_input(rill_executor *ex, Server *s) {
  char text[256];
  ssize_t length = read(s->socket, text, sizeof text - 1);
  if (length <= 0) return false;
  text[length] = 0; // a real server keeps half a line until the rest comes
  char *rest = NULL;
  for (char *line = strtok_r(text, "\n", &rest); line != NULL;
       line = strtok_r(NULL, "\n", &rest)) {
    Request r = {.future = {&request_type}, .server = s};
    snprintf(r.line, sizeof r.line, "%s", line);
    rill_join *join = rill_spawn(ex, &r.future, NULL);
    if (join == NULL) return false;
    rill_join_free(join); // it goes on
  }
  return true;
}

// The other end, on a thread of its own: asks, and prints the answers.
static void ask(FILE *socket, const char *lines, int answers) {
  fputs(lines, socket);
  fflush(socket);
  char line[128];
  while (answers-- > 0 && fgets(line, sizeof line, socket) != NULL)
    fputs(line, stdout);
}
static void *client(void *data) {
  FILE *socket = fdopen(*(int *)data, "r+");
  ask(socket, "take x\nput x 42\n", 2);
  ask(socket, "sleep 5\n", 1);
  ask(socket, "dance\n", 1);
  fclose(socket);
  return NULL;
}

static void watch(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) perror("epoll_ctl");
}

int main(void) {
  int ends[2], epoll = epoll_create1(EPOLL_CLOEXEC);
  rill_executor *ex = rill_executor_new(NULL, NULL); // current_thread
  if (ex == NULL || epoll < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
    return 1;
  Server s = {.socket = ends[0]};
  Script task = {.future = {&script_type}, .server = &s};
  rill_join *join = rill_spawn(ex, &task.future, NULL);
  watch(epoll, rill_executor_fd(ex)); // stays the same
  rill_executor_step(ex);             // makes the isolate
  if (join == NULL || s.isolate == NULL) return 1;
  watch(epoll, s.socket);
  pthread_t thread;
  if (pthread_create(&thread, NULL, client, &ends[1]) != 0) return 1;

  while (rill_join_status(join) == RILL_WOULD_BLOCK) {
    struct epoll_event events[8];
    int count = epoll_wait(epoll, events, 8, rill_executor_timeout(ex));
    for (int i = 0; i < count; i++) {
      if (events[i].data.fd != s.socket || on_input(ex, &s)) continue;
      epoll_ctl(epoll, EPOLL_CTL_DEL, s.socket, NULL);
      rill_resolve(s.isolate, rill_kept_value(s.isolate, s.over), NULL);
    }
    rill_executor_step(ex); // if there is more, the timeout is 0
  }
  bool ok = rill_join_status(join) == RILL_OK;
  printf("%s\n", ok ? "bye" : "failed");
  pthread_join(thread, NULL);
  rill_join_free(join);
  rill_executor_free(ex);
  close(s.socket);
  close(epoll);
  return !ok;
}
