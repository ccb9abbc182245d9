// SPDX-License-Identifier: MIT
// The Unix socket that `rill top` asks: a thread with one line for each request
// and one for each answer. Only the user who runs the program can come there:
// the folder is his and nobody else's, and so is each peer.
//
//   snapshot        a dump as JSON, with measured tasks from the first one on
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "rill/trace.h"
#include "runtime/trace/accounts.h"
#include "runtime/trace/trace.h"

enum { MAX_CLIENTS = 16, MAX_REQUEST = 64 };

_Atomic bool trace_tasks_are_measured;

typedef struct Client {
  int descriptor;
  size_t length;
  char request[MAX_REQUEST];
} Client;

static struct {
  pthread_mutex_t lock;
  bool on;
  int listener, wake[2]; // the thread's; writing to wake ends it
  pthread_t thread;
  uint64_t started;
  char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
  bool is_there; // the path is ours
  Client clients[MAX_CLIENTS];
  int client_count;
} server = {.lock = PTHREAD_MUTEX_INITIALIZER};

// Where sockets are if nobody says otherwise. False: it cannot be made safe.
static bool make_folder(char *out, size_t size) {
  const char *base = getenv("XDG_RUNTIME_DIR");
  int n = base != NULL && base[0] == '/'
              ? snprintf(out, size, "%s/rill", base)
              : snprintf(out, size, "/tmp/rill-%u", (unsigned)geteuid());
  if (n < 0 || (size_t)n >= size) return false;
  struct stat s;
  if (mkdir(out, 0700) != 0 && errno != EEXIST) return false;
  // Somebody else's, or a link of his, would lead us elsewhere.
  return lstat(out, &s) == 0 && S_ISDIR(s.st_mode) && s.st_uid == geteuid() &&
         (s.st_mode & 077) == 0;
}

static bool send_all(int descriptor, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t n = send(descriptor, bytes, length, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false; // gone, or it does not read
    bytes += n;
    length -= (size_t)n;
  }
  return true;
}

static bool answer(const Client *c) {
  TextBuffer t;
  text_init(&t);
  if (strcmp(c->request, "snapshot") == 0) {
    atomic_store(&trace_tasks_are_measured, true);
    trace_append_format(
        &t, "{\"pid\":%ld,\"uptimeMs\":%.0f,\"dump\":", (long)getpid(),
        (double)(uv_hrtime() - server.started) / 1e6);
    trace_dump(NULL, true, &t);
    text_append_c(&t, "}\n");
  } else {
    text_append_c(&t, "{\"error\":\"no such request\"}\n");
  }
  bool done = !t.failed && send_all(c->descriptor, t.bytes, t.length);
  text_free(&t);
  return done;
}

// False: it is to be closed.
static bool read_from(Client *c) {
  ssize_t n = recv(c->descriptor, c->request + c->length,
                   MAX_REQUEST - 1 - c->length, 0);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (n <= 0) return false;
  c->length += (size_t)n;
  c->request[c->length] = 0;
  char *end = strchr(c->request, '\n');
  if (end == NULL) return c->length < MAX_REQUEST - 1;
  *end = 0;
  if (!answer(c)) return false;
  size_t used = (size_t)(end + 1 - c->request);
  c->length -= used;
  memmove(c->request, end + 1, c->length);
  return true;
}

static void accept_client(void) {
  int descriptor = accept4(server.listener, NULL, NULL, SOCK_CLOEXEC);
  if (descriptor < 0) return;
  struct ucred peer;
  socklen_t size = sizeof peer;
  bool ours =
      getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
      (peer.uid == geteuid() || peer.uid == 0);
  if (!ours || server.client_count == MAX_CLIENTS) {
    close(descriptor);
    return;
  }
  // Who does not read what he asked for is dropped.
  struct timeval limit = {.tv_sec = 5};
  setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  server.clients[server.client_count++] = (Client){.descriptor = descriptor};
}

static void drop_client(int i) {
  close(server.clients[i].descriptor);
  server.clients[i] = server.clients[--server.client_count];
}

static void *serve(void *argument) {
  (void)argument;
  pthread_setname_np(pthread_self(), "rill-inspect");
  for (;;) {
    struct pollfd polled[2 + MAX_CLIENTS];
    polled[0] = (struct pollfd){.fd = server.wake[0], .events = POLLIN};
    polled[1] = (struct pollfd){.fd = server.listener, .events = POLLIN};
    int count = server.client_count;
    for (int i = 0; i < count; i++) {
      polled[2 + i] =
          (struct pollfd){.fd = server.clients[i].descriptor, .events = POLLIN};
    }
    if (poll(polled, (nfds_t)(2 + count), -1) < 0) continue;
    if (polled[0].revents != 0) break;
    for (int i = count - 1; i >= 0; i--) {
      if (polled[2 + i].revents != 0 && !read_from(&server.clients[i]))
        drop_client(i);
    }
    if (polled[1].revents != 0) accept_client();
  }
  while (server.client_count > 0)
    drop_client(0);
  return NULL;
}

static bool take_path(const char *path) {
  char folder[80];
  int n;
  if (path != NULL) {
    n = snprintf(server.path, sizeof server.path, "%s", path);
  } else {
    if (!make_folder(folder, sizeof folder)) return false;
    n = snprintf(server.path, sizeof server.path, "%s/%ld.sock", folder,
                 (long)getpid());
    // Of a process that had our number and was killed.
    unlink(server.path);
  }
  if (n >= 0 && (size_t)n < sizeof server.path) return true;
  errno = ENAMETOOLONG;
  return false;
}

// Where it is until somebody may ask. False: there is no room for the name.
static bool take_early_path(struct sockaddr_un *address) {
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  int n =
      snprintf(address->sun_path, sizeof address->sun_path, "%s~", server.path);
  if (n < 0 || (size_t)n >= sizeof address->sun_path) {
    errno = ENAMETOOLONG;
    return false;
  }
  struct stat s; // of a process that was killed at this point
  if (lstat(address->sun_path, &s) == 0 && S_ISSOCK(s.st_mode))
    unlink(address->sun_path);
  return true;
}

static rill_status listen_there(struct sockaddr_un *early) {
  if (!take_early_path(early)) return RILL_FAILED;
  server.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (server.listener < 0) return RILL_NO_MEMORY;
  if (bind(server.listener, (struct sockaddr *)early, sizeof *early) != 0)
    goto failed;
  if (chmod(early->sun_path, 0600) != 0 || listen(server.listener, 8) != 0 ||
      pipe2(server.wake, O_CLOEXEC) != 0) {
    unlink(early->sun_path);
    goto failed;
  }
  return RILL_OK;
failed:
  close(server.listener);
  return RILL_FAILED;
}

static void stop_serving(void) {
  close(server.wake[1]);
  pthread_join(server.thread, NULL);
  trace_inspect_unlink();
  close(server.listener);
  close(server.wake[0]);
  server.on = false;
}

// Whoever finds the socket finds it private and answered. What is there
// already, of another process or another kind, stays.
static bool publish(const struct sockaddr_un *early) {
  struct stat s;
  server.is_there = link(early->sun_path, server.path) == 0 ||
                    // A file system without hard links.
                    (errno != EEXIST && lstat(server.path, &s) != 0 &&
                     rename(early->sun_path, server.path) == 0);
  int error = errno;
  unlink(early->sun_path);
  errno = error == EEXIST ? EADDRINUSE : error;
  return server.is_there;
}

rill_status rill_inspect_start(const char *path) {
  pthread_mutex_lock(&server.lock);
  rill_status status = server.on ? RILL_INVALID : RILL_FAILED;
  struct sockaddr_un early;
  if (!server.on && take_path(path)) status = listen_there(&early);
  if (status == RILL_OK) {
    server.started = uv_hrtime();
    server.on = pthread_create(&server.thread, NULL, serve, NULL) == 0;
    if (!server.on) {
      unlink(early.sun_path);
      close(server.listener);
      close(server.wake[0]);
      close(server.wake[1]);
      status = RILL_NO_MEMORY;
    } else if (!publish(&early)) {
      int error = errno;
      stop_serving();
      errno = error;
      status = RILL_FAILED;
    }
  }
  pthread_mutex_unlock(&server.lock);
  return status;
}

void rill_inspect_stop(void) {
  pthread_mutex_lock(&server.lock);
  if (server.on) stop_serving();
  pthread_mutex_unlock(&server.lock);
}

void trace_inspect_unlink(void) {
  if (!server.is_there) return;
  server.is_there = false;
  unlink(server.path);
}
