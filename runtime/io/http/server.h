// SPDX-License-Identifier: MIT
// The HTTP/1.1 server: its parts and what they share. A connection handles one
// request after the other; what is pipelined behind it waits in bytes. Requests
// are script objects that hold their head and point to the connection until
// they are answered.
#ifndef RILL_RUNTIME_IO_HTTP_SERVER_H
#define RILL_RUNTIME_IO_HTTP_SERVER_H

#include "runtime/io/http/parser.h"
#include "runtime/io/net/stream.h"
#include "runtime/trace/snapshot.h"

typedef struct HttpLimits {
  uint32_t head_bytes, field_count, connections;
  uint64_t body_bytes;
  // Milliseconds; 0: none. head: from its first byte on; request: until its
  // body is there; idle: without any request, or a peer that does not read.
  uint32_t head_timeout, request_timeout, idle_timeout;
} HttpLimits;

typedef struct HttpConnection HttpConnection;
typedef struct HttpRequest HttpRequest;

typedef struct HttpServer {
  NetHandle handle;
  HttpLimits limits;
  HttpConnection *connections;
  uint32_t connection_count;
  bool is_pipe;
  bool has_pending;   // libuv holds a connection: there were too many
  bool closing;       // gracefully
  bool takes_connect; // CONNECT requests are for the script
  union {
    struct {
      GcHandle on_request; // (request) -> response
      GcHandle on_other;   // (request, response): http.js answers
      GcHandle on_failure; // (request, error): a handler failed
      // For node:http, else undefined: (connection, status, HttpBadPart) a bad
      // request, whose connection goes to the script; (socket) the end of a
      // connection's socket.
      GcHandle on_client_error, on_gone;
      GcHandle tls; // its context; undefined: plain HTTP
      // Of its requests: %HttpRequest.prototype% is behind it, and it knows
      // on_failure, for requests whose connection is gone.
      GcHandle prototype;
      GcHandle drained; // promise: all connections are gone
    };
    GcHandle slots[8];
  };
} HttpServer;

static inline bool http_is_for_node(const HttpServer *server) {
  return !value_is_undefined(net_slot(&server->on_gone));
}

typedef enum {
  HTTP_IDLE,      // waits for a head
  HTTP_HANDLING,  // the script has the request
  HTTP_STREAMING, // it is writing the response, piece by piece
  HTTP_READING,   // answered; the script still reads the request's body
  HTTP_DRAINING,  // answered; the rest of the request's body is dropped
  HTTP_LINGERING, // the end is sent; what comes is dropped
} HttpState;

// Which part of a request is bad.
typedef enum {
  HTTP_BAD_HEAD,
  HTTP_BAD_BODY,
  HTTP_BAD_BODY_ANSWERED, // and its response has begun
} HttpBadPart;

typedef enum {
  HTTP_WANT_CHUNK,
  HTTP_WANT_BYTES,
  HTTP_WANT_TEXT,
  HTTP_WANT_JSON
} HttpBodyForm;

struct HttpConnection {
  Stream stream;
  HttpServer *server;
  HttpConnection *next, *previous; // server->connections
  HttpState state;
  bool keep_alive;
  bool is_head, minor_version; // of the request
  bool wants_continue;         // "100 Continue" is waited for
  bool chunked_response;
  bool processing; // bytes are being looked at
  bool peer_ended;
  bool skipped_line; // an empty line before the request line
  bool without_date; // the response gets no Date of the server's
  HttpRequest *request;
  uint64_t span; // of the request (trace/events.h); 0: none
  int status;    // of the response, while there is a span
  union {
    struct {
      GcHandle request_slot; // the request, while it is pending
      GcHandle on_close;     // called if the peer leaves before the answer
      GcHandle socket;       // what node:http shows as the connection's
      GcHandle reason;       // of the response's status line
      GcHandle body_waiter;
      GcHandle write_waiter; // promise of a streamed piece
    };
    GcHandle slots[6];
  };
  // What took the connection over, held: what follows in the bytes is for it.
  struct Connection *heir;
  uint8_t *trailers; // field lines behind the body, and the blank one
  size_t trailers_length;
  // Bytes that are not looked at yet.
  uint8_t *held;
  size_t held_length, held_capacity, scanned;
  // The request's body.
  bool body_over, body_chunked, body_too_large;
  bool body_read; // the script knows its end, or is not to be asked
  uint64_t body_left, body_total;
  HttpChunked chunks;
  uint8_t *body; // received, not taken
  size_t body_length, body_capacity;
  HttpBodyForm body_form;
  uint64_t response_left; // of a streamed response; or UINT64_MAX
  uint64_t due;           // loop time at which it is given up; 0: never
  // How much was unwritten when that last changed, and since when.
  size_t unwritten;
  uint64_t unwritten_since;
};

// A request object: the head's bytes follow.
struct HttpRequest {
  HostObject host; // data: the connection, or NULL once it is over
  HttpHead head;
  bool is_secure; // it came by TLS
  uint32_t head_length;
  uint8_t bytes[];
};

enum { HTTP_OUT = 64 * 1024 };
typedef struct Http {
  uv_timer_t sweep;
  String *methods[HTTP_METHOD_COUNT]; // atoms, once a request had them
  PropertyKey status_key, headers_key, body_key;
  // What one connection is about to write.
  HttpConnection *out_owner;
  size_t out_length;
  time_t date_second;
  char date[40]; // "Date: ...\r\n"
  size_t date_length;
  uint8_t out[HTTP_OUT];
} Http;

// http_server.c -------------------------------------------------------------
void http_close(Runtime *);
void http_free(Runtime *);
// A connection is gone: accepts a waiting one, ends a graceful close.
void http_server_lost_connection(HttpServer *);

// http_connection.c ---------------------------------------------------------
extern const NetHandleKind http_connection_kind;
HttpConnection *http_connection_new(HttpServer *); // NULL: no resources
// Gives it up if it is due. `now`: loop time.
void http_connection_check(HttpConnection *, uint64_t now);
// Graceful close: closes it if it is idle.
void http_connection_retire(HttpConnection *);
// The response is complete in the output: goes on with the next request.
void http_response_done(HttpConnection *);
// Goes on with bytes that were held, and writes what there is to write.
void http_connection_continue(HttpConnection *);
// Answers with an error status of our own and closes.
void http_fail(HttpConnection *, int status);
// The same for a bad request, unless the script wants its connection.
void http_refuse(HttpConnection *, int status, HttpBadPart);
// The script knows the end of the body, or does not want it.
void http_body_done(HttpConnection *);

// http_body.c ---------------------------------------------------------------
// Bytes behind the head: the number used.
size_t http_body_feed(HttpConnection *, const uint8_t *, size_t length);
// Gives a waiting reader what there is. Call it after feeding.
void http_body_serve(HttpConnection *);
// No more will come: its reader is rejected.
void http_body_cut(HttpConnection *, int error);
void http_body_reset(HttpConnection *);
// Says "100 Continue" if the peer waits for that; before any response.
void http_body_invite(HttpConnection *);
// The trailer fields are forgotten.
void http_body_drop_trailers(HttpConnection *);

// http_response.c -----------------------------------------------------------
// Answers with what a handler gave. What is none of the plain forms goes to
// http.js.
void http_respond(HttpConnection *, Value result);
// The handler threw, or its promise was rejected.
void http_respond_failure(HttpConnection *, Value error);
// The same once the connection is gone: for the error to be told.
void http_late_failure(Isolate *, HttpRequest *, Value error);
void http_respond_status(HttpConnection *, int status);

// http_upgrade.c ------------------------------------------------------------
// The connection goes on as a Connection: its object. EXCEPTION: threw.
Value http_hand_over(Isolate *, HttpConnection *);

// http_out.c ----------------------------------------------------------------
// Room for so many bytes of this connection's output, at most HTTP_OUT; they
// are added by advancing out_length. What is there of another is written.
uint8_t *http_out_reserve(HttpConnection *, size_t);
void http_out_append(HttpConnection *, const void *, size_t length);
// Writes it. *queued as in stream_write, may be NULL.
int http_out_flush(HttpConnection *, StreamWrite **queued);
// The Date field, made once a second.
const char *http_date_field(Http *, size_t *length);

// http_request.c ------------------------------------------------------------
extern const int http_request_type;
HttpRequest *http_request_new(HttpConnection *, const uint8_t *head,
                              size_t length, const HttpHead *);

static inline Http *http_of(HttpConnection *c) {
  return c->stream.handle.rt->network->http;
}

#endif
