// SPDX-License-Identifier: MIT
// Reading into the loop's one buffer, and writes that mostly never wait.
#include "runtime/io/stream.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/io/tls.h"

int stream_init(Runtime *rt, Stream *s, const NetHandleKind *kind,
                const StreamEvents *events, bool is_pipe) {
  s->events = events;
  s->is_pipe = is_pipe;
  net_handle_init(rt, &s->handle, kind);
  int error = is_pipe ? uv_pipe_init(&rt->loop, &s->handle.uv.pipe, 0)
                      : uv_tcp_init(&rt->loop, &s->handle.uv.tcp);
  s->handle.uv.any.data = s;
  if (error != 0) net_handle_discard(&s->handle);
  return error;
}

int stream_open(Stream *s, int descriptor) {
  return s->is_pipe ? uv_pipe_open(&s->handle.uv.pipe, descriptor)
                    : uv_tcp_open(&s->handle.uv.tcp, descriptor);
}

static void on_read(uv_stream_t *uv, ssize_t count, const uv_buf_t *buffer) {
  Stream *s = uv->data;
  Runtime *rt = s->handle.rt;
  Network *net = rt->network;
  bool is_shared = buffer->base == (char *)net->buffer;
  if (count == 0) {
    if (!is_shared) free(buffer->base);
    return;
  }
  rt_enter(rt);
  net_handle_hold(&s->handle);
  if (count > 0) {
    if (is_shared) net->buffer_busy = true;
    s->events->data(s, (const uint8_t *)buffer->base, (size_t)count);
    if (is_shared) net->buffer_busy = false;
  } else {
    s->reading = false;
    s->ended = true;
    uv_read_stop(uv);
    s->events->ended(s, count == UV_EOF ? 0 : (int)count);
  }
  if (!is_shared) free(buffer->base);
  rt_leave(rt, VALUE_UNDEFINED);
  net_handle_release(&s->handle);
}

int stream_start(Stream *s) {
  if (s->reading || s->ended || s->handle.closing) return 0;
  int error = uv_read_start(&s->handle.uv.stream, net_allocate, on_read);
  s->reading = error == 0;
  return error;
}

void stream_pause(Stream *s) {
  if (!s->reading) return;
  s->reading = false;
  uv_read_stop(&s->handle.uv.stream);
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

int stream_write_plain(Stream *s, const uint8_t *bytes, size_t length,
                       StreamWrite **queued) {
  *queued = NULL;
  if (s->handle.closing) return UV_EPIPE;
  if (s->queued == 0) {
    uv_buf_t buffer = {.base = (char *)bytes, .len = length};
    int written = uv_try_write(&s->handle.uv.stream, &buffer, 1);
    if (written < 0 && written != UV_EAGAIN) return written;
    if (written == UV_EAGAIN) written = 0;
    if ((size_t)written == length) return 0;
    bytes += written;
    length -= (size_t)written;
  }
  StreamWrite *write = malloc(sizeof *write + length);
  if (write == NULL) return UV_ENOMEM;
  memset(write, 0, sizeof *write);
  write->stream = s;
  write->length = length;
  write->request.data = write;
  memcpy(write->bytes, bytes, length);
  uv_buf_t buffer = {.base = (char *)write->bytes, .len = length};
  int error =
      uv_write(&write->request, &s->handle.uv.stream, &buffer, 1, on_written);
  if (error != 0) {
    free(write);
    return error;
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
