// SPDX-License-Identifier: MIT
// One HTTP connection: from bytes to requests, one at a time, and what becomes
// of it in between. Whoever calls in from the loop ends with
// http_connection_continue or a flush, so that output never stays behind.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/io/bytes.h"
#include "runtime/io/http/server.h"
#include "runtime/io/net/connection.h"
#include "runtime/trace/spans.h"
#include "vm/interpreter/async_context.h"
#include "vm/interpreter/jobs.h"
#include "vm/objects/operations.h"

enum {
  HELD_LIMIT = 64 * 1024,    // pipelined bytes that wait
  QUEUED_LIMIT = 256 * 1024, // responses that the peer does not read
  DRAIN_LIMIT = 256 * 1024,  // of a body that nobody wanted
  LINGER_MILLISECONDS = 2000,
  CONNECTION_SLOTS = sizeof((HttpConnection *)NULL)->slots / sizeof(GcHandle),
};

static uint64_t now_of(HttpConnection *c) {
  return uv_now(&c->stream.handle.rt->loop);
}

static void set_due(HttpConnection *c, uint32_t milliseconds) {
  c->due = milliseconds == 0 ? 0 : now_of(c) + milliseconds;
}

// The request object stops to be one of this connection.
static void end_span(HttpConnection *c) {
  char status[32] = "";
  if (c->status != 0)
    snprintf(status, sizeof status, "\"status\":%d", c->status);
  trace_span_end(TRACE_HTTP, TRACE_INFO, c->stream.handle.rt->trace->number,
                 c->span, status);
  c->span = 0;
}

static void drop_request(HttpConnection *c) {
  if (c->request == NULL) return;
  if (unlikely(c->span != 0)) end_span(c);
  c->request->host.data = NULL;
  c->request = NULL;
  net_slot_clear(c->stream.handle.rt, &c->on_close);
  net_slot_clear(c->stream.handle.rt, &c->request_slot);
}

// The peer will not see the response: who asked to know is told.
static void tell_closed(HttpConnection *c) {
  if (!net_slot_holds(&c->on_close)) return;
  Runtime *rt = c->stream.handle.rt;
  Job job = {.kind = JOB_CALL,
             .a = net_slot(&c->on_close),
             .b = VALUE_EMPTY,
             .c = VALUE_UNDEFINED};
  net_slot_clear(rt, &c->on_close);
  vm_enqueue_job(rt->isolate, &job);
}

// The script's socket of it is over.
static void tell_gone(HttpConnection *c) {
  Runtime *rt = c->stream.handle.rt;
  net_slot_clear(rt, &c->reason);
  if (!net_slot_holds(&c->socket)) return;
  Job job = {.kind = JOB_CALL,
             .a = net_slot(&c->server->on_gone),
             .b = net_slot(&c->socket),
             .c = VALUE_UNDEFINED};
  net_slot_clear(rt, &c->socket);
  vm_enqueue_job(rt->isolate, &job);
}

static void cancel(NetHandle *h) {
  HttpConnection *c = (HttpConnection *)h;
  stream_cancel(&c->stream);
  Http *http = http_of(c);
  if (http->out_owner == c) {
    http->out_owner = NULL;
    http->out_length = 0;
  }
  tell_closed(c);
  drop_request(c);
  tell_gone(c);
  http_body_cut(c, UV_ECANCELED);
  net_settle_status(h->rt, &c->write_waiter, UV_ECONNRESET, "write");
  HttpServer *server = c->server;
  if (c->next != NULL) c->next->previous = c->previous;
  if (c->previous != NULL) {
    c->previous->next = c->next;
  } else {
    server->connections = c->next;
  }
  server->connection_count--;
  http_server_lost_connection(server);
}

static void free_connection(NetHandle *h) {
  HttpConnection *c = (HttpConnection *)h;
  net_handle_release(&c->server->handle);
  stream_free(&c->stream);
  net_slots_remove(h->rt, c->slots, CONNECTION_SLOTS);
  if (c->heir != NULL) net_handle_release(&c->heir->stream.handle);
  free(c->held);
  free(c->body);
  free(c->trailers);
  free(c);
}

static void list_waits(NetHandle *h, TraceGraph *graph) {
  const HttpConnection *c = (const HttpConnection *)h;
  net_add_wait(graph, h, &c->body_waiter, "body");
  net_add_wait(graph, h, &c->write_waiter, "write");
}

const NetHandleKind http_connection_kind = {
    "HttpConnection", cancel, free_connection, list_waits, NULL, NULL};

// Puts bytes before or behind those that are held. False: out of memory.
static bool hold(HttpConnection *c, const uint8_t *bytes, size_t length,
                 bool before) {
  if (length == 0) return true;
  size_t needed = c->held_length + length;
  if (!rt_bytes_grow(&c->held, &c->held_capacity, needed, 2048)) return false;
  if (before) memmove(c->held + length, c->held, c->held_length);
  memcpy(c->held + (before ? 0 : c->held_length), bytes, length);
  c->held_length = needed;
  return true;
}

static void on_lingering_shut(Stream *s, int error) {}

// The last bytes are out. Closing with unread input would make the system reset
// the connection, and the peer lose the response: so the input is drained for a
// moment.
static void linger(HttpConnection *c) {
  c->state = HTTP_LINGERING;
  c->keep_alive = false;
  drop_request(c);
  http_body_cut(c, UV_ECANCELED);
  http_out_flush(c, NULL);
  if (c->stream.handle.closing) return;
  if (c->peer_ended && c->stream.queued == 0) {
    net_handle_close(&c->stream.handle);
    return;
  }
  set_due(c, LINGER_MILLISECONDS);
  if (stream_shutdown(&c->stream, on_lingering_shut) != 0) {
    net_handle_close(&c->stream.handle);
    return;
  }
  stream_start(&c->stream);
}

void http_fail(HttpConnection *c, int status) {
  // The script's reason was for its own status.
  net_slot_clear(c->stream.handle.rt, &c->reason);
  c->keep_alive = false;
  c->is_head = false;
  http_respond_status(c, status);
  linger(c);
}

void http_refuse(HttpConnection *c, int status, HttpBadPart part) {
  Isolate *iso = c->stream.handle.rt->isolate;
  Value handler = net_slot(&c->server->on_client_error);
  if (value_is_undefined(handler) && part != HTTP_BAD_BODY_ANSWERED) {
    http_fail(c, status);
    return;
  }
  http_out_flush(c, NULL);
  if (value_is_undefined(handler) || c->stream.handle.closing ||
      c->stream.queued != 0) {
    net_handle_close(&c->stream.handle);
    return;
  }
  Value connection = http_hand_over(iso, c);
  Value arguments[] = {connection, value_from_int(status),
                       value_from_int(part)};
  if (value_is_exception(connection) ||
      value_is_exception(
          vm_call(iso, handler, VALUE_UNDEFINED, 3, arguments))) {
    if (!vm_is_terminating(iso)) rt_uncaught(c->stream.handle.rt);
    net_handle_close(&c->stream.handle);
  }
}

static void settled(Isolate *iso, PromiseState state, Value result,
                    Value data) {
  HttpRequest *request = (HttpRequest *)value_as_cell(data);
  HttpConnection *c = request->host.data;
  if (c == NULL || c->state != HTTP_HANDLING) {
    if (state == PROMISE_REJECTED) http_late_failure(iso, request, result);
    return;
  }
  if (state == PROMISE_FULFILLED) {
    http_respond(c, result);
  } else {
    http_respond_failure(c, result);
  }
  http_connection_continue(c);
}

// "GET /path"
static void request_line(const HttpRequest *request, char *out, size_t size) {
  const char *line = (const char *)request->bytes;
  size_t length = 0, spaces = 0;
  for (; length < request->head_length && length + 1 < size; length++) {
    char ch = line[length];
    if (ch == '\r' || ch == '\n' || (ch == ' ' && ++spaces == 2)) break;
    out[length] = ch;
  }
  out[length] = 0;
}

bool http_describe_root(TraceSnapshot *s, Runtime *rt, PromiseCallback callback,
                        Value data, TraceRoot *out) {
  (void)rt;
  if (callback != settled) return false;
  const HttpRequest *request = (const HttpRequest *)value_as_cell(data);
  char line[256];
  request_line(request, line, sizeof line);
  out->kind = "http";
  out->name = trace_text(s, "%s", line);
  return true;
}

static void begin_span(HttpConnection *c) {
  Isolate *iso = c->stream.handle.rt->isolate;
  char line[256];
  request_line(c->request, line, sizeof line);
  c->status = 0;
  c->span = trace_span_here(iso, TRACE_HTTP, line, NULL);
  vm_context_set_span(iso, trace_span_value(c->span));
}

static void handle(HttpConnection *c) {
  Isolate *iso = c->stream.handle.rt->isolate;
  HttpRequest *request = c->request;
  Value context = iso->async_context;
  if (trace_wants(TRACE_HTTP, TRACE_INFO)) begin_span(c);
  Value argument = value_from_cell(request);
  Value result = vm_call(iso, net_slot(&c->server->on_request), VALUE_UNDEFINED,
                         1, &argument);
  iso->async_context = context;
  if (unlikely(vm_is_terminating(iso))) {
    net_handle_close(&c->stream.handle);
    return;
  }
  bool threw = value_is_exception(result);
  if (threw) result = vm_take_exception(iso);
  // The handler may have taken the connection away, or answered by itself.
  bool is_open = c->request == request && !c->stream.handle.closing;
  if (!threw && value_is_promise(result)) {
    Promise *promise = (Promise *)value_as_cell(result);
    if (promise_state(promise) != PROMISE_FULFILLED) {
      if (is_open)
        net_slot_set(c->stream.handle.rt, &c->request_slot, argument);
      vm_promise_on_settled(iso, promise, settled, argument);
      return;
    }
    result = promise->result;
  }
  if (unlikely(!is_open)) {
    if (threw) http_late_failure(iso, request, result);
  } else if (unlikely(threw)) {
    http_respond_failure(c, result);
  } else {
    http_respond(c, result);
  }
}

// A whole head: makes the request and lets the script have it. The number of
// bytes used, body included.
static size_t begin(HttpConnection *c, const uint8_t *head, size_t head_length,
                    size_t length) {
  const HttpLimits *limits = &c->server->limits;
  HttpHead parsed;
  int status =
      http_parse_request(head, head_length, limits->field_count, &parsed);
  if (status == 0 && parsed.method == HTTP_CONNECT && !c->server->takes_connect)
    status = 501;
  if (status == 0 && parsed.content_length > limits->body_bytes) status = 413;
  if (status != 0) {
    http_refuse(c, status, HTTP_BAD_HEAD);
    return head_length;
  }
  c->keep_alive = parsed.keep_alive && !c->server->closing;
  c->is_head = parsed.method == HTTP_HEAD;
  c->minor_version = parsed.minor_version;
  c->wants_continue = parsed.expects_continue;
  c->body_chunked = parsed.chunked;
  c->body_left = parsed.content_length;
  c->body_over = !parsed.chunked && parsed.content_length == 0;
  // Only node:http's handlers read on when they have answered.
  c->body_read = c->body_over || !http_is_for_node(c->server);
  c->body_total = 0;
  c->body_too_large = false;
  c->without_date = false;
  if (unlikely(c->trailers != NULL)) http_body_drop_trailers(c);
  c->chunks = (HttpChunked){0};
  c->scanned = 0;
  c->skipped_line = false;
  c->state = HTTP_HANDLING;
  c->request = http_request_new(c, head, head_length, &parsed);
  set_due(c, c->body_over ? 0 : limits->request_timeout);
  size_t used = head_length;
  if (!c->body_over)
    used += http_body_feed(c, head + head_length, length - head_length);
  if (c->state == HTTP_HANDLING && !c->stream.handle.closing) handle(c);
  return used;
}

// Looks at bytes as far as it can: the number used.
static size_t process(HttpConnection *c, const uint8_t *bytes, size_t length) {
  size_t at = 0;
  const HttpLimits *limits = &c->server->limits;
  while (at < length && !c->stream.handle.closing) {
    switch (c->state) {
    case HTTP_LINGERING:
      return length;
    case HTTP_HANDLING:
    case HTTP_STREAMING:
    case HTTP_READING:
    case HTTP_DRAINING: {
      if (c->body_over) return at;
      size_t used = http_body_feed(c, bytes + at, length - at);
      http_body_serve(c);
      at += used;
      if (c->state == HTTP_DRAINING) {
        if (c->body_over) {
          http_response_done(c);
        } else if (c->body_total > DRAIN_LIMIT) {
          linger(c);
        }
      }
      if (used == 0) return at;
      break;
    }
    case HTTP_IDLE: {
      // RFC 9112 2.2: an empty line before the request line is ignored.
      if (bytes[at] == '\r' && !c->skipped_line && c->scanned == 0) {
        if (at + 1 == length) return at;
        if (bytes[at + 1] == '\n') {
          c->skipped_line = true;
          at += 2;
          break;
        }
      }
      if (c->stream.queued > QUEUED_LIMIT) return at;
      bool is_first = c->scanned == 0;
      long head = http_scan_head(bytes + at, length - at, &c->scanned);
      if (head < 0) {
        http_refuse(c, 400, HTTP_BAD_HEAD);
        return length;
      }
      if (head == 0 || head > (long)limits->head_bytes) {
        if (head == 0 && length - at <= limits->head_bytes) {
          if (is_first) set_due(c, limits->head_timeout);
          return at;
        }
        http_refuse(c, 431, HTTP_BAD_HEAD);
        return length;
      }
      at += begin(c, bytes + at, (size_t)head, length - at);
      break;
    }
    }
  }
  return at;
}

// Keeps what is not used; a peer that sends too far ahead has to wait.
static void keep_rest(HttpConnection *c, const uint8_t *bytes, size_t length) {
  if (c->heir != NULL) connection_push(c->heir, bytes, length);
  if (c->stream.handle.closing) return;
  if (!hold(c, bytes, length, true)) {
    net_handle_close(&c->stream.handle);
    return;
  }
  if (c->held_length >= HELD_LIMIT) stream_pause(&c->stream);
}

void http_connection_continue(HttpConnection *c) {
  net_handle_hold(&c->stream.handle);
  // Whatever was held may be used now, and what comes meanwhile.
  while (!c->processing && c->held_length != 0 && !c->stream.handle.closing) {
    uint8_t *bytes = c->held;
    size_t length = c->held_length;
    c->held = NULL;
    c->held_length = c->held_capacity = 0;
    c->processing = true;
    size_t used = process(c, bytes, length);
    c->processing = false;
    keep_rest(c, bytes + used, length - used);
    free(bytes);
    if (used == 0) break;
  }
  if (!c->stream.handle.closing) {
    if (c->peer_ended && c->state == HTTP_IDLE) {
      // Nothing can follow, but what is written still goes out.
      linger(c);
    } else if (c->held_length < HELD_LIMIT && c->body_length < HELD_LIMIT) {
      stream_start(&c->stream);
    }
    http_out_flush(c, NULL);
  }
  net_handle_release(&c->stream.handle);
}

static void on_data(Stream *s, const uint8_t *bytes, size_t length) {
  HttpConnection *c = (HttpConnection *)s;
  if (c->state == HTTP_LINGERING) return;
  if (unlikely(c->processing || c->held_length != 0)) {
    if (!hold(c, bytes, length, false)) {
      net_handle_close(&s->handle);
      return;
    }
    http_connection_continue(c);
    return;
  }
  c->processing = true;
  size_t used = process(c, bytes, length);
  c->processing = false;
  if (used < length) keep_rest(c, bytes + used, length - used);
  if (!s->handle.closing) http_out_flush(c, NULL);
}

static void on_ended(Stream *s, int error) {
  HttpConnection *c = (HttpConnection *)s;
  c->peer_ended = true;
  tell_closed(c);
  // Half closed, RFC 9112 9.6: it may still wait for a response whose request
  // is complete.
  if (error == 0 && c->body_over &&
      (c->state == HTTP_HANDLING || c->state == HTTP_STREAMING ||
       c->state == HTTP_READING))
    return;
  if (error == 0 && c->state == HTTP_IDLE && s->queued != 0) {
    linger(c);
    return;
  }
  net_handle_close(&s->handle);
}

static void on_drained(Stream *s, int error) {
  HttpConnection *c = (HttpConnection *)s;
  if (error != 0) {
    net_handle_close(&s->handle);
    return;
  }
  if (c->state == HTTP_LINGERING) {
    if (c->peer_ended) net_handle_close(&s->handle);
    return;
  }
  net_settle(s->handle.rt, &c->write_waiter, VALUE_UNDEFINED, false);
  if (c->state == HTTP_IDLE) http_connection_continue(c);
}

static const StreamEvents http_events = {
    .data = on_data, .ended = on_ended, .drained = on_drained};

HttpConnection *http_connection_new(HttpServer *server) {
  HttpConnection *c = calloc(1, sizeof *c);
  Runtime *rt = server->handle.rt;
  if (c == NULL || !net_slots_add(rt, c->slots, CONNECTION_SLOTS)) {
    free(c);
    return NULL;
  }
  c->server = server;
  c->body_over = true;
  net_handle_hold(&server->handle);
  if (stream_init(rt, &c->stream, &http_connection_kind, &http_events,
                  server->is_pipe) != 0)
    return NULL;
  c->next = server->connections;
  if (c->next != NULL) c->next->previous = c;
  server->connections = c;
  server->connection_count++;
  set_due(c, server->limits.idle_timeout);
  return c;
}

void http_response_done(HttpConnection *c) {
  if (unlikely(!c->body_read) && c->keep_alive && !c->wants_continue &&
      !c->stream.handle.closing) {
    if (c->span != 0) end_span(c);
    net_slot_clear(c->stream.handle.rt, &c->on_close);
    c->state = HTTP_READING;
    return;
  }
  drop_request(c);
  if (c->stream.handle.closing) return;
  if (!c->body_over && c->keep_alive) {
    // The peer may be sending it; unless it waits to be told to.
    if (c->wants_continue) {
      c->keep_alive = false;
    } else {
      http_body_reset(c);
      c->body_total = 0;
      c->state = HTTP_DRAINING;
      return;
    }
  }
  http_body_reset(c);
  if (!c->keep_alive) {
    linger(c);
    return;
  }
  c->state = HTTP_IDLE;
  c->body_over = true;
  set_due(c, c->server->limits.idle_timeout);
}

void http_body_done(HttpConnection *c) {
  c->body_read = true;
  if (c->state != HTTP_READING) return;
  http_response_done(c);
  if (!c->processing) http_connection_continue(c);
}

void http_connection_retire(HttpConnection *c) {
  c->keep_alive = false;
  if (c->state != HTTP_IDLE || c->stream.queued != 0) return;
  stream_say_end(&c->stream);
  net_handle_close(&c->stream.handle);
}

void http_connection_check(HttpConnection *c, uint64_t now) {
  uint32_t patience = c->server->limits.idle_timeout;
  size_t unwritten =
      uv_stream_get_write_queue_size(&c->stream.handle.uv.stream);
  if (unwritten != c->unwritten || unwritten == 0) {
    c->unwritten = unwritten;
    c->unwritten_since = now;
  } else if (patience != 0 && now - c->unwritten_since > patience) {
    net_handle_close(&c->stream.handle); // it does not read
    return;
  }
  if (c->due == 0 || now < c->due) return;
  bool has_begun = c->state == HTTP_HANDLING ||
                   (c->state == HTTP_IDLE && c->held_length != 0);
  if (has_begun && c->state == HTTP_IDLE) {
    http_refuse(c, 408, HTTP_BAD_HEAD);
  } else if (has_begun) {
    http_fail(c, 408);
  } else {
    stream_say_end(&c->stream);
    net_handle_close(&c->stream.handle);
  }
}
