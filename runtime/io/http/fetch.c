// SPDX-License-Identifier: MIT
// HTTP requests of scripts, by libcurl's multi interface on the loop. The
// library is loaded when the first one is made: with all that it depends on,
// it would take longer to load than the engine takes to start.
//
// libcurl's callbacks run no script: they settle promises, whose jobs run when
// the loop's callback ends.
#include "runtime/io/http/fetch.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/arguments.h"
#include "runtime/io/bytes.h"
#include "runtime/io/http/parser.h"
#include "runtime/io/net/granted.h"
#include "runtime/io/tls/tls.h"
#include "runtime/modules/native_modules.h"
#include "vm/objects/buffer.h"
#include "vm/objects/host_object.h"

enum { READ_AHEAD = 256 * 1024, SEND_AHEAD = 64 * 1024, MAX_HEAD = 1 << 20 };

#define CURL_FUNCTIONS(F)                                                      \
  F(global_init)                                                               \
  F(easy_init)                                                                 \
  F(easy_cleanup)                                                              \
  F(easy_setopt)                                                               \
  F(easy_getinfo)                                                              \
  F(easy_pause)                                                                \
  F(easy_strerror)                                                             \
  F(free)                                                                      \
  F(url)                                                                       \
  F(url_cleanup)                                                               \
  F(url_get)                                                                   \
  F(url_set)                                                                   \
  F(slist_append)                                                              \
  F(slist_free_all)                                                            \
  F(multi_init)                                                                \
  F(multi_cleanup)                                                             \
  F(multi_setopt)                                                              \
  F(multi_add_handle)                                                          \
  F(multi_remove_handle)                                                       \
  F(multi_socket_action)                                                       \
  F(multi_info_read)                                                           \
  F(multi_assign)
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt
static struct {
#define F(name) __typeof__(&curl_##name) name;
  CURL_FUNCTIONS(F)
#undef F
} curl;

typedef struct Fetch {
  Runtime *rt;
  HostObject *object; // weak
  CURL *easy;         // NULL: over
  struct curl_slist *fields;
  struct Fetch *next, *previous; // fetches->first
  union {
    struct {
      GcHandle self; // while a promise waits
      GcHandle head_waiter, read_waiter, send_waiter;
      GcHandle over_waiter; // keeps no object: it has none to tell
    };
    GcHandle slots[5];
  };
  bool follows, head_done, over, paused;
  bool sending, send_ended, send_paused;
  bool refused; // by the host's grants
  bool is_lost; // its socket cannot be polled
  curl_socket_t descriptor;
  bool is_polled;          // libcurl waits for that
  bool is_idle;            // and perhaps for nothing but more to send
  bool gives_up, is_whole; // no more is sent; is the response there?
  CURLcode error;
  char error_text[CURL_ERROR_SIZE];
  int status;
  char *head; // status text and fields of the current response, '\n' ended
  size_t head_length;
  bool has_location, has_length, has_coding; // of the current response
  uint64_t length;
  uint8_t *received;
  size_t received_at, received_length, received_capacity;
  uint8_t *unsent;
  size_t unsent_at, unsent_length;
} Fetch;

enum { FETCH_SLOTS = sizeof((Fetch *)NULL)->slots / sizeof(GcHandle) };

struct Fetches {
  Runtime *rt;
  CURLM *multi;
  uv_timer_t timer;
  Fetch *first;
  bool has_lost, has_idle; // some Fetch is_lost, is_idle
};

typedef struct Socket {
  uv_poll_t poll;
  curl_socket_t descriptor;
  Fetches *fetches;
} Socket;

static bool curl_is_loaded;
static void load_curl(void) {
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return;
#define F(name)                                                                \
  curl.name = (__typeof__(curl.name))dlsym(library, "curl_" #name);            \
  if (curl.name == NULL) return;
  CURL_FUNCTIONS(F)
#undef F
  curl_is_loaded = curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

// Promises -------------------------------------------------------------------

static void pin(Fetch *f) {
  if (f->object != NULL)
    net_slot_set(f->rt, &f->self, value_from_cell(f->object));
}

static void unpin_if_idle(Fetch *f) {
  if (!net_is_waiting(&f->head_waiter) && !net_is_waiting(&f->read_waiter) &&
      !net_is_waiting(&f->send_waiter))
    net_slot_clear(f->rt, &f->self);
}

static Value wait_for(Fetch *f, GcHandle *waiter) {
  Value promise = net_wait(f->rt->isolate, waiter);
  if (!value_is_exception(promise)) pin(f);
  return promise;
}

static void settle(Fetch *f, GcHandle *waiter, Value value, bool failed) {
  net_settle(f->rt, waiter, value, failed);
  unpin_if_idle(f);
}

static Value error_value(Fetch *f) {
  Isolate *iso = f->rt->isolate;
  const char *text = f->refused ? "The host does not grant access to it"
                     : f->error_text[0] != 0 ? f->error_text
                                             : curl.easy_strerror(f->error);
  String *message = vm_string_format(iso, "fetch failed: %s", text);
  if (message == NULL) return vm_take_exception(iso);
  Object *error = vm_error_new(iso, ERROR_TYPE, message);
  long verified = 0;
  if (f->error == CURLE_PEER_FAILED_VERIFICATION && f->easy != NULL)
    curl.easy_getinfo(f->easy, CURLINFO_SSL_VERIFYRESULT, &verified);
  String *code = vm_string_from_c(
      iso, f->error == CURLE_PEER_FAILED_VERIFICATION
               ? verified == 0 ? "ERR_TLS_CERT_ALTNAME_INVALID"
                               : tls_verify_code(verified)
           : f->refused                             ? "EACCES"
           : f->error == CURLE_COULDNT_CONNECT      ? "ECONNREFUSED"
           : f->error == CURLE_COULDNT_RESOLVE_HOST ? "ENOTFOUND"
           : f->error == CURLE_OPERATION_TIMEDOUT   ? "ETIMEDOUT"
           : f->error == CURLE_TOO_MANY_REDIRECTS   ? "ERR_TOO_MANY_REDIRECTS"
                                                    : "ECONNRESET");
  if (code != NULL)
    vm_put(iso, error, vm_key_from_c("code"), value_from_cell(code),
           PROPERTY_DEFAULT);
  return value_from_cell(error);
}

// What a read gets of the bytes that are there.
static Value take_received(Fetch *f) {
  Isolate *iso = f->rt->isolate;
  size_t length = f->received_length - f->received_at;
  TypedArray *array = vm_typed_array_create(iso, ELEMENT_UINT8, length);
  if (array == NULL) return VALUE_EXCEPTION;
  memcpy(array->data, f->received + f->received_at, length);
  f->received_at = f->received_length = 0;
  return value_from_cell(array);
}

static void serve_reader(Fetch *f) {
  if (!net_is_waiting(&f->read_waiter)) return;
  if (f->received_length != f->received_at) {
    Value bytes = take_received(f);
    bool failed = value_is_exception(bytes);
    settle(f, &f->read_waiter,
           failed ? vm_take_exception(f->rt->isolate) : bytes, failed);
  } else if (f->over) {
    bool failed = f->error != CURLE_OK;
    settle(f, &f->read_waiter, failed ? error_value(f) : VALUE_NULL, failed);
  }
}

static bool push_text(Isolate *iso, Array *list, const char *text,
                      size_t length) {
  String *s = vm_string_from_latin1(iso, (const uint8_t *)text, length);
  return s != NULL && vm_array_push(iso, list, value_from_cell(s));
}

// [status, status text, url, redirects, name, value, name, value, ...]
static Value head_value(Fetch *f) {
  Isolate *iso = f->rt->isolate;
  Array *list = vm_array_new(iso, 24);
  char *url = NULL;
  long redirects = 0;
  curl.easy_getinfo(f->easy, CURLINFO_EFFECTIVE_URL, &url);
  curl.easy_getinfo(f->easy, CURLINFO_REDIRECT_COUNT, &redirects);
  const char *at = f->head, *end = f->head + f->head_length;
  const char *stop = memchr(at, '\n', (size_t)(end - at));
  if (!vm_array_push(iso, list, value_from_int(f->status)) ||
      !push_text(iso, list, at, (size_t)(stop - at)) ||
      !push_text(iso, list, url == NULL ? "" : url,
                 url == NULL ? 0 : strlen(url)) ||
      !vm_array_push(iso, list, value_from_int((int)redirects)))
    return VALUE_EXCEPTION;
  for (at = stop + 1; at < end; at = stop + 1) {
    stop = memchr(at, '\n', (size_t)(end - at));
    const char *colon = memchr(at, ':', (size_t)(stop - at));
    if (colon == NULL) continue;
    const char *value = colon + 1, *last = stop;
    while (value < last && (*value == ' ' || *value == '\t'))
      value++;
    while (last > value && (last[-1] == ' ' || last[-1] == '\t'))
      last--;
    if (!push_text(iso, list, at, (size_t)(colon - at)) ||
        !push_text(iso, list, value, (size_t)(last - value)))
      return VALUE_EXCEPTION;
  }
  return value_from_cell(list);
}

static void serve_head(Fetch *f) {
  if (!net_is_waiting(&f->head_waiter)) return;
  if (f->head_done) {
    Value head = head_value(f);
    bool failed = value_is_exception(head);
    settle(f, &f->head_waiter,
           failed ? vm_take_exception(f->rt->isolate) : head, failed);
  } else if (f->over) {
    settle(f, &f->head_waiter, error_value(f), true);
  }
}

// libcurl's callbacks
// ----------------------------------------------------------

static bool append_line(Fetch *f, const char *line, size_t length) {
  if (f->head_length + length + 1 > MAX_HEAD) return false;
  char *grown = realloc(f->head, f->head_length + length + 1);
  if (grown == NULL) return false;
  f->head = grown;
  memcpy(grown + f->head_length, line, length);
  grown[f->head_length + length] = '\n';
  f->head_length += length + 1;
  return true;
}

// libcurl takes what others would read differently, or refuse. What it frames
// the message by is followed here: with both of them, the connection goes.
static bool is_field_line(Fetch *f, const char *line, size_t length) {
  const uint8_t *name = (const uint8_t *)line;
  const uint8_t *colon = memchr(line, ':', length);
  size_t name_length = colon == NULL ? 0 : (size_t)(colon - name);
  if (!http_is_token(name, name_length) ||
      !http_is_field_value(colon + 1, length - name_length - 1)) {
    snprintf(f->error_text, sizeof f->error_text, "Invalid header field");
    return false;
  }
  if (http_name_is(name, name_length, "content-length")) {
    HttpField field = {.value = colon + 1,
                       .value_length = (uint32_t)(length - name_length - 1)};
    while (field.value_length != 0 && *field.value == ' ') {
      field.value++;
      field.value_length--;
    }
    uint64_t before = f->length;
    if (!http_parse_length(&field, &f->length) ||
        (f->has_length && f->length != before)) {
      snprintf(f->error_text, sizeof f->error_text, "Invalid Content-Length");
      return false;
    }
    f->has_length = true;
  }
  f->has_coding |= http_name_is(name, name_length, "transfer-encoding");
  if (f->has_length && f->has_coding)
    curl.easy_setopt(f->easy, CURLOPT_FORBID_REUSE, 1L);
  return true;
}

static size_t on_header(char *line, size_t size, size_t count, void *data) {
  Fetch *f = data;
  size_t all = size * count, length = all;
  while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
    length--;
  if (f->head_done) return all; // trailer fields
  if (length > 5 && memcmp(line, "HTTP/", 5) == 0) {
    // The status line: HTTP/1.1 200 OK, HTTP/2 200
    const char *end = line + length;
    const char *space = memchr(line, ' ', length);
    f->status = space == NULL ? 0 : atoi(space + 1);
    const char *text = space == NULL
                           ? NULL
                           : memchr(space + 1, ' ', (size_t)(end - space - 1));
    f->head_length = 0;
    f->has_location = f->has_length = f->has_coding = false;
    text = text == NULL ? end : text + 1;
    return append_line(f, text, (size_t)(end - text)) ? all : 0;
  }
  if (length != 0) {
    if (!is_field_line(f, line, length)) return 0;
    if (length > 9 && strncasecmp(line, "location:", 9) == 0)
      f->has_location = true;
    return append_line(f, line, length) ? all : 0;
  }
  // The blank line; another head follows interim ones and redirects.
  bool redirects = f->follows && f->has_location && f->status >= 300 &&
                   f->status < 400 && f->status != 304;
  if (f->status >= 200 && !redirects) {
    f->head_done = true;
    serve_head(f);
  }
  return all;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
  Fetch *f = data;
  size_t length = size * count;
  if (!f->head_done) return length; // of a redirect
  if (f->received_length - f->received_at >= READ_AHEAD) {
    f->paused = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  size_t needed = f->received_length + length;
  if (needed > f->received_capacity) {
    size_t capacity = needed < 16384 ? 16384 : needed * 2;
    uint8_t *grown = realloc(f->received, capacity);
    if (grown == NULL) return 0;
    f->received = grown;
    f->received_capacity = capacity;
  }
  memcpy(f->received + f->received_length, bytes, length);
  f->received_length = needed;
  serve_reader(f);
  return length;
}

static size_t on_send(char *into, size_t size, size_t count, void *data) {
  Fetch *f = data;
  size_t room = size * count, left = f->unsent_length - f->unsent_at;
  if (f->gives_up) return CURL_READFUNC_ABORT;
  if (left == 0) {
    if (f->send_ended) return 0;
    f->send_paused = true;
    return CURL_READFUNC_PAUSE;
  }
  if (room > left) room = left;
  memcpy(into, f->unsent + f->unsent_at, room);
  f->unsent_at += room;
  if (left - room < SEND_AHEAD) settle(f, &f->send_waiter, VALUE_TRUE, false);
  return room;
}

// A request is over: what waits gets its end.
static void finish(Fetch *f) {
  f->over = true;
  serve_head(f);
  serve_reader(f);
  settle(f, &f->send_waiter, VALUE_FALSE, false);
  net_settle(f->rt, &f->over_waiter, VALUE_UNDEFINED, false);
}

// libcurl has no more to read: has the response come to its end, or the
// connection?
static bool has_whole_response(Fetch *f) {
  if (!f->head_done) return false;
  if (f->status == 204 || f->status == 304) return true;
  if (f->has_coding) {
    char byte;
    ssize_t count = recv(f->descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count > 0 || (count < 0 && errno == EAGAIN);
  }
  curl_off_t count = 0;
  curl.easy_getinfo(f->easy, CURLINFO_SIZE_DOWNLOAD_T, &count);
  return !f->has_length || (uint64_t)count == f->length;
}

// The peer is done, and what is still to be sent may never come: libcurl would
// wait for it. It is not told that the body is over, which the peer could take
// for all of it.
static void end_idle(Fetches *fetches) {
  fetches->has_idle = false;
  for (Fetch *f = fetches->first; f != NULL; f = f->next) {
    bool is_idle =
        f->is_idle && !f->is_polled && f->send_paused && !f->paused && !f->over;
    f->is_idle = false;
    if (!is_idle) continue;
    f->gives_up = true;
    f->is_whole = has_whole_response(f);
    f->send_paused = false;
    curl.easy_pause(f->easy, CURLPAUSE_CONT);
  }
}

static Fetch *fetch_of_easy(CURL *easy) {
  char *data;
  curl.easy_getinfo(easy, CURLINFO_PRIVATE, &data);
  return (Fetch *)(void *)data;
}

static void check_finished(Fetches *fetches) {
  CURLMsg *message;
  int left;
  while ((message = curl.multi_info_read(fetches->multi, &left)) != NULL) {
    if (message->msg != CURLMSG_DONE) continue;
    CURLcode result = message->data.result;
    Fetch *f = fetch_of_easy(message->easy_handle);
    if (f->gives_up && result == CURLE_ABORTED_BY_CALLBACK) {
      result = f->is_whole    ? CURLE_OK
               : f->head_done ? CURLE_PARTIAL_FILE
                              : CURLE_GOT_NOTHING;
      f->error_text[0] = 0;
    }
    f->error = result;
    curl.multi_remove_handle(fetches->multi, f->easy);
    finish(f);
  }
}

static void stop(Fetch *f, CURLcode error);

static void end_lost(Fetches *fetches) {
  fetches->has_lost = false;
  for (Fetch *f = fetches->first, *next; f != NULL; f = next) {
    next = f->next;
    if (f->is_lost) stop(f, CURLE_OUT_OF_MEMORY);
  }
}

static void act(Fetches *fetches, curl_socket_t socket, int events) {
  Runtime *rt = fetches->rt;
  int running;
  rt_enter(rt);
  curl.multi_socket_action(fetches->multi, socket, events, &running);
  check_finished(fetches);
  if (unlikely(fetches->has_lost)) end_lost(fetches);
  if (unlikely(fetches->has_idle)) end_idle(fetches);
  rt_leave(rt, VALUE_UNDEFINED);
}

static void on_ready(uv_poll_t *poll, int status, int events) {
  Socket *socket = poll->data;
  int flags = 0;
  if (status < 0) flags = CURL_CSELECT_ERR;
  if (events & UV_READABLE) flags |= CURL_CSELECT_IN;
  if (events & UV_WRITABLE) flags |= CURL_CSELECT_OUT;
  act(socket->fetches, socket->descriptor, flags);
}

static void on_timer(uv_timer_t *timer) {
  act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static int set_timer(CURLM *multi, long milliseconds, void *data) {
  Fetches *fetches = data;
  if (unlikely(fetches->has_lost || fetches->has_idle)) milliseconds = 0;
  if (milliseconds < 0) {
    uv_timer_stop(&fetches->timer);
  } else {
    uv_timer_start(&fetches->timer, on_timer, (uint64_t)milliseconds, 0);
  }
  return 0;
}

static void free_socket(uv_handle_t *handle) {
  free(handle->data);
}

// The transfer ends soon. An error from the callback would end them all, and
// every later one.
static int lose(Fetches *fetches, CURL *easy) {
  fetch_of_easy(easy)->is_lost = true;
  fetches->has_lost = true;
  uv_timer_start(&fetches->timer, on_timer, 0, 0);
  return 0;
}

// libcurl may not wait for the socket any more: to be looked at when it has had
// its turn.
static void note_idle(Fetch *f) {
  if (!f->send_paused || f->paused || f->over) return;
  Fetches *fetches = f->rt->network->fetches;
  f->is_idle = true;
  fetches->has_idle = true;
  uv_timer_start(&fetches->timer, on_timer, 0, 0);
}

static int set_socket(CURL *easy, curl_socket_t descriptor, int action,
                      void *data, void *of_socket) {
  Fetches *fetches = data;
  Socket *socket = of_socket;
  if (action == CURL_POLL_REMOVE) {
    if (socket != NULL) {
      uv_close((uv_handle_t *)&socket->poll, free_socket);
      curl.multi_assign(fetches->multi, descriptor, NULL);
    }
    fetch_of_easy(easy)->is_polled = false;
    note_idle(fetch_of_easy(easy));
    return 0;
  }
  if (socket == NULL) {
    socket = calloc(1, sizeof *socket);
    if (socket == NULL) return lose(fetches, easy);
    socket->descriptor = descriptor;
    socket->fetches = fetches;
    socket->poll.data = socket;
    if (uv_poll_init_socket(&fetches->rt->loop, &socket->poll, descriptor) !=
        0) {
      free(socket);
      return lose(fetches, easy);
    }
    curl.multi_assign(fetches->multi, descriptor, socket);
  }
  int events = (action & CURL_POLL_IN ? UV_READABLE : 0) |
               (action & CURL_POLL_OUT ? UV_WRITABLE : 0);
  uv_poll_start(&socket->poll, events, on_ready);
  fetch_of_easy(easy)->descriptor = descriptor;
  fetch_of_easy(easy)->is_polled = true;
  return 0;
}

// Grants
// -----------------------------------------------------------------------

// Where the request goes now, as libcurl reads it: redirects, too. *host is to
// be freed with curl.free. False: unknown.
static bool target_of(Fetch *f, char **host, int *port) {
  char *url = NULL, *text = NULL;
  *host = NULL;
  curl.easy_getinfo(f->easy, CURLINFO_EFFECTIVE_URL, &url);
  CURLU *parsed = url == NULL ? NULL : curl.url();
  if (parsed == NULL) return false;
  bool known = curl.url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
               curl.url_get(parsed, CURLUPART_HOST, host, 0) == CURLUE_OK &&
               curl.url_get(parsed, CURLUPART_PORT, &text,
                            CURLU_DEFAULT_PORT) == CURLUE_OK;
  if (known) *port = atoi(text);
  curl.free(text);
  curl.url_cleanup(parsed);
  if (!known) curl.free(*host);
  return known;
}

static bool is_address(const char *host) {
  struct sockaddr_storage address;
  return host[0] == '[' || net_parse_address(host, 0, &address);
}

// A host is about to be looked up; other than 0: it may not be. Of an address
// opening its socket decides.
static int on_look_up(void *resolver, void *reserved, void *data) {
  Fetch *f = data;
  char *host;
  int port;
  if (target_of(f, &host, &port)) {
    bool may = is_address(host) || grants_have_name(f->rt->options.grants, host,
                                                    port, RILL_GRANT_CONNECT);
    curl.free(host);
    if (may) return 0;
  }
  f->refused = true;
  return 1;
}

static curl_socket_t on_open_socket(void *data, curlsocktype purpose,
                                    struct curl_sockaddr *to) {
  Fetch *f = data;
  struct sockaddr_storage address = {0};
  char *host;
  int port;
  if (to->addrlen <= sizeof address && target_of(f, &host, &port)) {
    memcpy(&address, &to->addr, to->addrlen);
    bool may = net_may_by_name(f->rt, host, &address, RILL_GRANT_CONNECT);
    curl.free(host);
    if (may)
      return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
  }
  f->refused = true;
  return CURL_SOCKET_BAD;
}

static void stay_within_grants(Fetch *f) {
  curl.easy_setopt(f->easy, CURLOPT_RESOLVER_START_FUNCTION, on_look_up);
  curl.easy_setopt(f->easy, CURLOPT_RESOLVER_START_DATA, f);
  curl.easy_setopt(f->easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
  curl.easy_setopt(f->easy, CURLOPT_OPENSOCKETDATA, f);
  // The process's environment would say where one is.
  curl.easy_setopt(f->easy, CURLOPT_PROXY, "");
}

// The life of requests
// ---------------------------------------------------------

static Fetches *fetches_of(Runtime *rt) {
  Network *net = net_of(rt);
  if (net == NULL) return NULL;
  if (net->fetches != NULL) return net->fetches;
  static pthread_once_t once = PTHREAD_ONCE_INIT; // isolates share it
  pthread_once(&once, load_curl);
  if (!curl_is_loaded) {
    vm_throw_error(rt->isolate, ERROR_ERROR,
                   "fetch needs the library libcurl.so.4");
    return NULL;
  }
  Fetches *fetches = calloc(1, sizeof *fetches);
  CURLM *multi = fetches == NULL ? NULL : curl.multi_init();
  if (multi == NULL) {
    free(fetches);
    vm_throw_out_of_memory(rt->isolate);
    return NULL;
  }
  fetches->rt = rt;
  fetches->multi = multi;
  uv_timer_init(&rt->loop, &fetches->timer);
  fetches->timer.data = fetches;
  curl.multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, set_socket);
  curl.multi_setopt(multi, CURLMOPT_SOCKETDATA, fetches);
  curl.multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
  curl.multi_setopt(multi, CURLMOPT_TIMERDATA, fetches);
  net->fetches = fetches;
  return fetches;
}

// Ends the transfer; what waits is told.
static void stop(Fetch *f, CURLcode error) {
  if (f->easy == NULL) return;
  Fetches *fetches = f->rt->network->fetches;
  if (!f->over) {
    curl.multi_remove_handle(fetches->multi, f->easy);
    f->error = error;
    finish(f);
  }
  if (f->next != NULL) f->next->previous = f->previous;
  if (f->previous != NULL) {
    f->previous->next = f->next;
  } else {
    fetches->first = f->next;
  }
  curl.easy_cleanup(f->easy);
  curl.slist_free_all(f->fields);
  f->easy = NULL;
}

static void finalize(void *data) {
  Fetch *f = data;
  f->object = NULL;
  net_slot_clear(f->rt, &f->over_waiter);
  stop(f, CURLE_ABORTED_BY_CALLBACK);
  net_slots_remove(f->rt, f->slots, FETCH_SLOTS);
  free(f->head);
  free(f->received);
  free(f->unsent);
  free(f);
}

static void describe(TraceSnapshot *s, Runtime *rt, const void *object,
                     const char *note, TraceWait *out) {
  const Fetch *f = object;
  char *url = NULL;
  (void)rt;
  if (f->easy != NULL) curl.easy_getinfo(f->easy, CURLINFO_EFFECTIVE_URL, &url);
  out->kind = TRACE_WAIT_NET;
  out->text = trace_text(s, "%s of fetch %s", note, url == NULL ? "" : url);
}

void fetches_list_waits(Runtime *rt, TraceGraph *graph) {
  if (rt->network->fetches == NULL) return;
  for (const Fetch *f = rt->network->fetches->first; f != NULL; f = f->next) {
    const struct {
      const GcHandle *waiter;
      const char *note;
    } waits[] = {{&f->head_waiter, "head"},
                 {&f->read_waiter, "body"},
                 {&f->send_waiter, "sending"}};
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
      if (net_is_waiting(waits[i].waiter))
        trace_add_wait(graph, net_slot(waits[i].waiter), describe, f,
                       waits[i].note);
    }
  }
}

void fetches_close(Runtime *rt) {
  Fetches *fetches = rt->network->fetches;
  if (fetches == NULL) return;
  while (fetches->first != NULL)
    stop(fetches->first, CURLE_ABORTED_BY_CALLBACK);
  curl.multi_cleanup(fetches->multi);
  uv_close((uv_handle_t *)&fetches->timer, NULL);
}

void fetches_free(Runtime *rt) {
  free(rt->network->fetches);
  rt->network->fetches = NULL;
}

static const int fetch_type;

static Fetch *fetch_of(Isolate *iso, const NativeCall *call) {
  Value value = native_argument(call, 0);
  if (value_is_kind(value, CELL_HOST_OBJECT)) {
    HostObject *o = (HostObject *)value_as_cell(value);
    if (o->type == &fetch_type) return o->data;
  }
  vm_throw_type(iso, "The receiver is no request");
  return NULL;
}

static char *utf8(Isolate *iso, Value v) {
  return vm_string_to_utf8(iso, value_as_string(v), NULL);
}

// A header for libcurl: "name: value", "name;" for an empty value, "name:" for
// one that is not to be sent (null). malloc'ed; NULL: out of memory.
static char *field_line(StringView name, StringView value, bool is_null) {
  char *line = malloc((size_t)name.length + value.length + 3);
  if (line == NULL) return NULL;
  size_t at = 0;
  for (uint32_t i = 0; i < name.length; i++)
    line[at++] = (char)string_view_at(name, i);
  line[at++] = value.length == 0 && !is_null ? ';' : ':';
  if (value.length != 0) line[at++] = ' ';
  for (uint32_t i = 0; i < value.length; i++)
    line[at++] = (char)string_view_at(value, i); // Latin-1 on the wire
  line[at] = 0;
  return line;
}

static bool set_fields(Isolate *iso, Fetch *f, Value list) {
  uint32_t length = ((Array *)value_as_cell(list))->length;
  for (uint32_t i = 0; i + 1 < length; i += 2) {
    Value pair[2];
    for (uint32_t k = 0; k < 2; k++) {
      pair[k] = vm_get_element(iso, list, value_from_int((int32_t)(i + k)));
      if (value_is_exception(pair[k])) return false;
      if (value_is_string(pair[k]) || (k == 1 && value_is_null(pair[k])))
        continue;
      vm_throw_type_value(iso, "%s is no header field's", pair[k]);
      return false;
    }
    bool is_null = value_is_null(pair[1]);
    StringView name, value = {0};
    if (!vm_string_view(iso, value_as_string(pair[0]), &name) ||
        (!is_null && !vm_string_view(iso, value_as_string(pair[1]), &value)))
      return false;
    char *line = field_line(name, value, is_null);
    struct curl_slist *fields =
        line == NULL ? NULL : curl.slist_append(f->fields, line);
    free(line);
    if (fields == NULL) return false;
    f->fields = fields;
  }
  return true;
}

static bool keep_unsent(Fetch *f, const NetBytes *data) {
  size_t left = f->unsent_length - f->unsent_at;
  if (left != 0) memmove(f->unsent, f->unsent + f->unsent_at, left);
  uint8_t *grown = realloc(f->unsent, left + data->length + 1);
  if (grown == NULL) return false;
  memcpy(grown + left, data->bytes, data->length);
  f->unsent = grown;
  f->unsent_at = 0;
  f->unsent_length = left + data->length;
  return true;
}

// start(method, url, [name, value, ...], body, redirect, decode): body: bytes,
// text, null, true: it follows by send(), or how long that will be. redirect:
// "follow" or another.
static Value start(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  if (!rt_arguments_are(iso, call, "ssa.sb")) return VALUE_EXCEPTION;
  Fetches *fetches = fetches_of(rt);
  if (fetches == NULL) return VALUE_EXCEPTION;
  Fetch *f = calloc(1, sizeof *f);
  if (f == NULL) return vm_throw_out_of_memory(iso);
  f->rt = rt;
  f->easy = net_slots_add(rt, f->slots, FETCH_SLOTS) ? curl.easy_init() : NULL;
  if (f->easy == NULL) {
    net_slots_remove(rt, f->slots, FETCH_SLOTS);
    free(f);
    return vm_throw_out_of_memory(iso);
  }
  f->next = fetches->first;
  if (f->next != NULL) f->next->previous = f;
  fetches->first = f;
  f->object = vm_host_object_new(iso, &fetch_type, f, finalize);
  char *method = utf8(iso, call->argv[0]), *url = utf8(iso, call->argv[1]);
  char *redirect = utf8(iso, call->argv[4]);
  Value body = call->argv[3];
  NetBytes bytes = {0};
  bool has_length = value_is_number(body);
  bool has_bytes =
      !value_is_null(body) && !value_is_boolean(body) && !has_length;
  f->sending = !value_is_null(body);
  f->send_ended = has_bytes;
  bool ready = method != NULL && url != NULL && redirect != NULL &&
               set_fields(iso, f, call->argv[2]) &&
               (!has_bytes ||
                (net_bytes_of(iso, body, &bytes) && keep_unsent(f, &bytes)));
  free(bytes.owned);
  if (ready) {
    CURL *easy = f->easy;
    f->follows = strcmp(redirect, "follow") == 0;
    curl.easy_setopt(easy, CURLOPT_PRIVATE, f);
    curl.easy_setopt(easy, CURLOPT_URL, url);
    curl.easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl.easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl.easy_setopt(easy, CURLOPT_ERRORBUFFER, f->error_text);
    curl.easy_setopt(easy, CURLOPT_HTTPHEADER, f->fields);
    curl.easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl.easy_setopt(easy, CURLOPT_HEADERDATA, f);
    curl.easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl.easy_setopt(easy, CURLOPT_WRITEDATA, f);
    if (value_as_bool(call->argv[5]))
      curl.easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl.easy_setopt(easy, CURLOPT_FOLLOWLOCATION, f->follows ? 1L : 0L);
    curl.easy_setopt(easy, CURLOPT_MAXREDIRS, 20L);
    if (rt->options.deny_net) stay_within_grants(f);
    if (f->sending) {
      curl.easy_setopt(easy, CURLOPT_READFUNCTION, on_send);
      curl.easy_setopt(easy, CURLOPT_READDATA, f);
      if (has_bytes && !f->follows) {
        curl.easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl.easy_setopt(easy, CURLOPT_INFILESIZE_LARGE,
                         (curl_off_t)f->unsent_length);
      } else if (has_bytes) {
        // As a form's body: libcurl can send it again to where it is sent on,
        // and makes a GET of it where that is the rule.
        curl.easy_setopt(easy, CURLOPT_POST, 1L);
        curl.easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)f->unsent_length);
        curl.easy_setopt(easy, CURLOPT_POSTFIELDS, f->unsent);
      } else {
        curl.easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        if (has_length)
          curl.easy_setopt(easy, CURLOPT_INFILESIZE_LARGE,
                           (curl_off_t)value_as_number(body));
      }
    }
    if (strcmp(method, "HEAD") == 0) {
      curl.easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (!(f->sending && has_bytes && f->follows &&
                 strcmp(method, "POST") == 0) &&
               !(strcmp(method, "GET") == 0 && !f->sending)) {
      curl.easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
    }
    ready = curl.multi_add_handle(fetches->multi, easy) == CURLM_OK;
  }
  free(method);
  free(url);
  free(redirect);
  Value object = value_from_cell(f->object);
  if (ready) return object;
  f->over = true; // it is not in the multi
  stop(f, CURLE_OUT_OF_MEMORY);
  return vm_has_exception(iso) ? VALUE_EXCEPTION : vm_throw_out_of_memory(iso);
}

// head(request): a promise of the response's head, as head_value has it.
static Value head(Isolate *iso, const NativeCall *call) {
  Fetch *f = fetch_of(iso, call);
  if (f == NULL) return VALUE_EXCEPTION;
  Value promise = wait_for(f, &f->head_waiter);
  if (value_is_exception(promise)) return promise;
  serve_head(f);
  return promise;
}

// read(request): a promise of bytes, or null at the end.
static Value read_body(Isolate *iso, const NativeCall *call) {
  Fetch *f = fetch_of(iso, call);
  if (f == NULL) return VALUE_EXCEPTION;
  if (net_is_waiting(&f->read_waiter))
    return net_rejected(iso, net_error(iso, UV_EBUSY, "read", NULL, -1));
  Value promise = wait_for(f, &f->read_waiter);
  if (value_is_exception(promise)) return promise;
  serve_reader(f);
  if (f->paused && !f->over) {
    f->paused = false;
    curl.easy_pause(f->easy, f->send_paused ? CURLPAUSE_SEND : CURLPAUSE_CONT);
    note_idle(f);
  }
  return promise;
}

// send(request, bytes or null): a promise of whether there is room for more;
// false: the request is over.
static Value send_body(Isolate *iso, const NativeCall *call) {
  Fetch *f = fetch_of(iso, call);
  if (f == NULL) return VALUE_EXCEPTION;
  if (f->over || f->gives_up) return net_resolved(iso, VALUE_FALSE);
  Value body = native_argument(call, 1);
  if (value_is_null(body)) {
    f->send_ended = true;
  } else {
    NetBytes bytes;
    if (!net_bytes_of(iso, body, &bytes)) return VALUE_EXCEPTION;
    bool kept = keep_unsent(f, &bytes);
    free(bytes.owned);
    if (!kept) return vm_throw_out_of_memory(iso);
  }
  if (f->send_paused) {
    f->send_paused = false;
    curl.easy_pause(f->easy, f->paused ? CURLPAUSE_RECV : CURLPAUSE_CONT);
  }
  if (f->unsent_length - f->unsent_at < SEND_AHEAD ||
      net_is_waiting(&f->send_waiter))
    return net_resolved(iso, VALUE_TRUE);
  return wait_for(f, &f->send_waiter);
}

// over(request): a promise that is settled once nothing more is sent.
static Value over(Isolate *iso, const NativeCall *call) {
  Fetch *f = fetch_of(iso, call);
  if (f == NULL) return VALUE_EXCEPTION;
  if (f->over) return net_resolved(iso, VALUE_UNDEFINED);
  if (net_is_waiting(&f->over_waiter)) return net_slot(&f->over_waiter);
  return net_wait(iso, &f->over_waiter);
}

// cancel(request)
static Value cancel(Isolate *iso, const NativeCall *call) {
  Fetch *f = fetch_of(iso, call);
  if (f == NULL) return VALUE_EXCEPTION;
  stop(f, CURLE_ABORTED_BY_CALLBACK);
  return VALUE_UNDEFINED;
}

static const NativeExport fetch_exports[] = {
    {"cancel", cancel, 1}, {"head", head, 1},      {"read", read_body, 1},
    {"over", over, 1},     {"send", send_body, 2}, {"start", start, 6},
};
const NativeModule rt_fetch_module =
    NATIVE_MODULE("rill:internal/fetch", fetch_exports);
