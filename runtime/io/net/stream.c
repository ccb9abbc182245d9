// SPDX-License-Identifier: MIT
// Reading into the network's one buffer, and writes that mostly never wait.
#include "runtime/io/net/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/io/net/poller.h"
#include "runtime/io/tls/tls.h"
#include "runtime/trace/trace.h"

// The C library's functions are points of cancellation, which costs them two
// atomic operations each in a program with threads, and read and write look at
// what matters to files alone.
static ssize_t receive(const Stream *s, void *bytes, size_t length) {
  return s->is_pipe ? syscall(SYS_read, s->descriptor, bytes, length)
                    : syscall(SYS_recvfrom, s->descriptor, bytes, length,
                              MSG_DONTWAIT, NULL, NULL);
}

static ssize_t transmit(const Stream *s, const void *bytes, size_t length) {
  return s->is_pipe ? syscall(SYS_write, s->descriptor, bytes, length)
                    : syscall(SYS_sendto, s->descriptor, bytes, length,
                              MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
}

static Poller *poller_of(const Stream *s) {
  return s->handle.rt->network->poller;
}

static void set_reading(Stream *s, bool reading) {
  if (s->reading == reading) return;
  s->reading = reading;
  if (s->unwanted) return;
  if (reading) {
    poller_want(poller_of(s));
  } else {
    poller_unwant(poller_of(s));
  }
}

void stream_want(Stream *s, bool wanted) {
  if (s->unwanted == !wanted) return;
  s->unwanted = !wanted;
  if (!s->reading) return;
  if (wanted) {
    poller_want(poller_of(s));
  } else {
    poller_unwant(poller_of(s));
  }
}

static void leave(NetHandle *h) {
  Stream *s = (Stream *)h;
  set_reading(s, false);
  if (s->is_polled) poller_remove(poller_of(s), s, s->descriptor);
}

int stream_init(Runtime *rt, Stream *s, const NetHandleKind *kind,
                const StreamEvents *events, bool is_pipe) {
  s->events = events;
  s->is_pipe = is_pipe;
  s->descriptor = -1;
  net_handle_init(rt, &s->handle, kind);
  int error = is_pipe ? uv_pipe_init(&rt->loop, &s->handle.uv.pipe, 0)
                      : uv_tcp_init(&rt->loop, &s->handle.uv.tcp);
  s->handle.uv.any.data = s;
  s->handle.leave = leave;
  if (error != 0) net_handle_discard(&s->handle);
  return error;
}

int stream_open(Stream *s, int descriptor) {
  return s->is_pipe ? uv_pipe_open(&s->handle.uv.pipe, descriptor)
                    : uv_tcp_open(&s->handle.uv.tcp, descriptor);
}

// Sockets that are read one after the other, and then written one after the
// other, find the system's code in the cache. Who looks for a slow turn wants
// each event by itself.
static bool may_wait(const Stream *s) {
  return s->events->data_settles && !s->handle.rt->trace->watched;
}

// Reads once. False: there is nothing more for now.
static bool read_some(Stream *s) {
  Runtime *rt = s->handle.rt;
  Network *net = rt->network;
  uv_buf_t buffer;
  net_allocate(&s->handle.uv.any, 0, &buffer);
  ssize_t count = buffer.base == NULL ? 0 : receive(s, buffer.base, buffer.len);
  int error = buffer.base == NULL ? UV_ENOMEM
              : count < 0         ? uv_translate_sys_error(errno)
                                  : 0;
  bool is_shared = buffer.base == (char *)net->buffer;
  if (error == UV_EINTR || error == UV_EAGAIN) {
    s->unread = error == UV_EINTR;
    s->thorough = false;
  } else {
    rt_enter(rt);
    if (count > 0) {
      // The data's reader may pause and go on, so this is said before.
      if ((size_t)count < buffer.len && !s->thorough && !s->is_pipe)
        s->unread = false;
      if (is_shared) net->buffer_busy = true;
      s->events->data(s, (const uint8_t *)buffer.base, (size_t)count);
      if (is_shared) net->buffer_busy = false;
    } else {
      set_reading(s, false);
      s->ended = true;
      s->events->ended(s, error);
    }
    if (may_wait(s)) {
      net->jobs_wait = true;
    } else {
      rt_leave(rt, VALUE_UNDEFINED);
    }
  }
  if (!is_shared) free(buffer.base);
  return s->unread;
}

void stream_run_jobs(Runtime *rt) {
  Network *net = rt->network;
  if (!net->jobs_wait) return;
  net->jobs_wait = false;
  rt_leave(rt, VALUE_UNDEFINED);
}

void stream_ready(Stream *s, bool thorough) {
  enum { ROUNDS = 8 }; // then it is the others' turn
  s->unread = true;
  if (thorough) s->thorough = true;
  if (!s->reading || s->handle.closing) return;
  net_handle_hold(&s->handle);
  int rounds = 0;
  while (read_some(s)) {
    stream_run_jobs(s->handle.rt); // the reader takes it before more is read
    if (!s->reading || s->handle.closing) break;
    if (++rounds < ROUNDS) continue;
    int error = poller_rearm(poller_of(s), s, s->descriptor);
    if (error == 0) break;
    // Nobody would tell about it any more.
    rounds = 0;
  }
  net_handle_release(&s->handle);
}

static int find_descriptor(Stream *s) {
  return s->descriptor >= 0 ? 0 : uv_fileno(&s->handle.uv.any, &s->descriptor);
}

int stream_start(Stream *s) {
  if (s->reading || s->ended || s->handle.closing) return 0;
  int error = 0;
  if (!s->is_polled) {
    if (!uv_is_readable(&s->handle.uv.stream)) return UV_ENOTCONN;
    error = find_descriptor(s);
    if (error == 0) error = poller_add(poller_of(s), s, s->descriptor);
    s->is_polled = error == 0;
  } else if (s->unread) {
    error = poller_rearm(poller_of(s), s, s->descriptor);
  }
  if (error == 0) set_reading(s, true);
  return error;
}

void stream_pause(Stream *s) {
  set_reading(s, false);
}

static void on_written(uv_write_t *request, int status) {
  StreamWrite *write = request->data;
  Stream *s = write->stream;
  Runtime *rt = s->handle.rt;
  s->queued -= write->length;
  rt_enter(rt);
  net_handle_hold(&s->handle);
  if (net_is_waiting(&write->waiter)) {
    net_settle_status(rt, &write->waiter, status, "write");
    net_handle_unpin(&s->handle);
  }
  net_slots_remove(rt, &write->waiter, 1);
  free(write);
  if (!s->handle.closing && (s->queued == 0 || status != 0))
    s->events->drained(s, status);
  rt_leave(rt, VALUE_UNDEFINED);
  net_handle_release(&s->handle);
}

int stream_write(Stream *s, const uint8_t *bytes, size_t length,
                 StreamWrite **queued) {
  return unlikely(s->tls != NULL)
             ? tls_write(s, bytes, length, queued)
             : stream_write_plain(s, bytes, length, queued);
}

void stream_break(Stream *s) {
  if (s->descriptor >= 0) shutdown(s->descriptor, SHUT_RDWR);
}

static int fail_write(Stream *s, bool is_begun, int error) {
  if (is_begun) stream_break(s);
  return error;
}

int stream_write_plain(Stream *s, const uint8_t *bytes, size_t length,
                       StreamWrite **queued) {
  *queued = NULL;
  bool is_begun = false;
  if (s->handle.closing) return UV_EPIPE;
  if (s->queued == 0 && uv_is_writable(&s->handle.uv.stream) &&
      find_descriptor(s) == 0) {
    ssize_t written = transmit(s, bytes, length);
    if (written < 0) {
      int error = uv_translate_sys_error(errno);
      if (error != UV_EAGAIN && error != UV_EINTR) return error;
      written = 0;
    }
    if ((size_t)written == length) return 0;
    is_begun = written != 0;
    bytes += written;
    length -= (size_t)written;
  }
  StreamWrite *write = malloc(sizeof *write + length);
  if (write == NULL) return fail_write(s, is_begun, UV_ENOMEM);
  memset(write, 0, sizeof *write);
  if (!net_slots_add(s->handle.rt, &write->waiter, 1)) {
    free(write);
    return fail_write(s, is_begun, UV_ENOMEM);
  }
  write->stream = s;
  write->length = length;
  write->request.data = write;
  memcpy(write->bytes, bytes, length);
  uv_buf_t buffer = {.base = (char *)write->bytes, .len = length};
  int error =
      uv_write(&write->request, &s->handle.uv.stream, &buffer, 1, on_written);
  if (error != 0) {
    net_slots_remove(s->handle.rt, &write->waiter, 1);
    free(write);
    return fail_write(s, is_begun, error);
  }
  s->queued += length;
  *queued = write;
  return 0;
}

typedef struct Shutdown {
  uv_shutdown_t request;
  Stream *stream;
  void (*done)(Stream *, int error);
} Shutdown;

static void on_shutdown(uv_shutdown_t *request, int status) {
  Shutdown *shutdown = request->data;
  Stream *s = shutdown->stream;
  Runtime *rt = s->handle.rt;
  rt_enter(rt);
  net_handle_hold(&s->handle);
  shutdown->done(s, status);
  free(shutdown);
  rt_leave(rt, VALUE_UNDEFINED);
  net_handle_release(&s->handle);
}

int stream_shutdown(Stream *s, void (*done)(Stream *, int error)) {
  Shutdown *shutdown = malloc(sizeof *shutdown);
  if (shutdown == NULL) return UV_ENOMEM;
  stream_say_end(s);
  shutdown->stream = s;
  shutdown->done = done;
  shutdown->request.data = shutdown;
  int error =
      uv_shutdown(&shutdown->request, &s->handle.uv.stream, on_shutdown);
  if (error != 0) free(shutdown);
  return error;
}

void stream_say_end(Stream *s) {
  if (s->tls != NULL) tls_say_end(s);
}

void stream_cancel(Stream *s) {
  if (s->tls != NULL) tls_cancel(s);
}

void stream_free(Stream *s) {
  if (s->tls != NULL) tls_free(s);
}

Value stream_error(Stream *s, int error, const char *operation) {
  return error == STREAM_TLS_ERROR && s->tls != NULL
             ? tls_error(s, operation)
             : net_error(s->handle.rt->isolate, error, operation, NULL, -1);
}

Value net_stream_address(Stream *s, bool remote) {
  struct sockaddr_storage address = {0};
  struct sockaddr *at = (struct sockaddr *)&address;
  int size = sizeof address;
  uv_tcp_t *tcp = &s->handle.uv.tcp;
  int error = s->handle.closing ? UV_EBADF
              : remote          ? uv_tcp_getpeername(tcp, at, &size)
                                : uv_tcp_getsockname(tcp, at, &size);
  return error != 0 ? VALUE_UNDEFINED
                    : net_address_object(s->handle.rt->isolate, &address);
}
