// SPDX-License-Identifier: MIT
// Records between a stream and OpenSSL. It reads straight from what the loop
// has read, through a BIO of our own, and writes into one buffer of the
// runtime, which is empty whenever nothing here is running.
#include <stdlib.h>
#include <string.h>

#include "runtime/io/tls/internal.h"
#include "vm/interpreter/jobs.h"

enum {
  WRITE_PIECE = 64 * 1024,
  KEPT_LIMIT = 64 * 1024,
  SWEEP_MILLISECONDS = 250,
};

// The BIO --------------------------------------------------------------------

static int bio_read(BIO *bio, char *out, int length) {
  Tls *t = openssl.BIO_get_data(bio);
  openssl.BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
  if (t->in_length == 0) {
    openssl.BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY);
    return -1;
  }
  size_t count = (size_t)length < t->in_length ? (size_t)length : t->in_length;
  memcpy(out, t->in, count);
  t->in += count;
  t->in_length -= count;
  return (int)count;
}

static int bio_write(BIO *bio, const char *bytes, int length) {
  Tls *t = openssl.BIO_get_data(bio);
  openssl.BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
  if (t->stream == NULL) return -1;
  TlsShared *shared = tls_shared_of(t);
  size_t needed = shared->out_length + (size_t)length;
  if (needed > shared->out_capacity) {
    uint8_t *grown = realloc(shared->out, needed * 2);
    if (grown == NULL) return -1;
    shared->out = grown;
    shared->out_capacity = needed * 2;
  }
  memcpy(shared->out + shared->out_length, bytes, (size_t)length);
  shared->out_length = needed;
  return length;
}

static long bio_control(BIO *bio, int command, long number, void *pointer) {
  return command == BIO_CTRL_FLUSH;
}

static BIO *new_bio(Tls *t) {
  // One for the process: made by whoever comes first, a twin is harmless.
  static BIO_METHOD *_Atomic method;
  BIO_METHOD *m = method;
  if (m == NULL) {
    m = openssl.BIO_meth_new(BIO_TYPE_SOURCE_SINK, "stream");
    if (m == NULL) return NULL;
    openssl.BIO_meth_set_read(m, bio_read);
    openssl.BIO_meth_set_write(m, bio_write);
    openssl.BIO_meth_set_ctrl(m, bio_control);
    method = m;
  }
  BIO *bio = openssl.BIO_new(m);
  if (bio == NULL) return NULL;
  openssl.BIO_set_data(bio, t);
  openssl.BIO_set_init(bio, 1);
  return bio;
}

static int flush(Tls *t, StreamWrite **queued) {
  if (t->stream == NULL) return UV_ECANCELED;
  TlsShared *shared = tls_shared_of(t);
  size_t length = shared->out_length;
  if (length == 0) return 0;
  shared->out_length = 0;
  StreamWrite *left;
  int error = stream_write_plain(t->stream, shared->out, length, &left);
  // Without this record the peer cannot read the next.
  if (error != 0) stream_break(t->stream);
  if (left != NULL && queued != NULL) *queued = left;
  return error;
}

// Handshakes under way -------------------------------------------------------

static void drop_shaking(Tls *t) {
  if (!net_slot_holds(&t->context_object)) return;
  Runtime *rt = t->stream->handle.rt;
  TlsShared *shared = rt->network->tls;
  net_slots_remove(rt, &t->context_object, 1);
  net_slots_remove(rt, &t->keylog, 1);
  if (t->next != NULL) t->next->previous = t->previous;
  if (t->previous != NULL) {
    t->previous->next = t->next;
  } else {
    shared->shaking = t->next;
  }
  if (shared->shaking == NULL) uv_timer_stop(&shared->sweep);
}

static void end_reading(Tls *t, int error) {
  Stream *s = t->stream;
  s->ended = true;
  stream_pause(s);
  t->upper->ended(s, error);
}

// The reason is noted, or is `error`.
static void fail(Tls *t, int error) {
  Stream *s = t->stream;
  bool was_shaking = t->state == TLS_SHAKING || t->state == TLS_CHOOSING;
  if (t->code == NULL && t->failure == 0) t->failure = error;
  t->state = TLS_FAILED;
  Value context = net_slot_holds(&t->context_object)
                      ? net_slot(&t->context_object)
                      : VALUE_UNDEFINED;
  drop_shaking(t);
  if (was_shaking && t->upper->secured != NULL) {
    s->ended = true;
    stream_pause(s);
    t->upper->secured(s, STREAM_TLS_ERROR);
    return;
  }
  if (was_shaking) tls_tell_failure(t, context);
  if (!s->handle.closing) end_reading(t, STREAM_TLS_ERROR);
}

// Too many handshakes at a time for a timer each.
static void on_sweep(uv_timer_t *timer) {
  Runtime *rt = timer->data;
  uint64_t now = uv_now(&rt->loop);
  rt_enter(rt);
  for (Tls *t = rt->network->tls->shaking, *next; t != NULL; t = next) {
    next = t->next;
    if (t->due == 0 || t->due > now) continue;
    // Who is told may end others, but runs nothing before rt_leave.
    fail(t, UV_ETIMEDOUT);
  }
  rt_leave(rt, VALUE_UNDEFINED);
}

static bool is_open(Tls *t) {
  return t->stream != NULL && !t->stream->handle.closing &&
         t->state == TLS_OPEN;
}

static void shake(Tls *t) {
  openssl.ERR_clear_error();
  int result = openssl.SSL_do_handshake(t->ssl);
  int reason =
      result == 1 ? SSL_ERROR_NONE : openssl.SSL_get_error(t->ssl, result);
  bool waits =
      reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_X509_LOOKUP;
  if (result != 1 && !waits) tls_note_failure(t);
  int error = flush(t, NULL); // alerts as well
  if (t->stream == NULL || t->stream->handle.closing) return;
  if (waits && error == 0) {
    if (t->state == TLS_CHOOSING) stream_pause(t->stream);
    return;
  }
  if (result != 1 || error != 0) {
    fail(t, error);
    return;
  }
  t->state = TLS_OPEN;
  drop_shaking(t);
  if (t->upper->secured != NULL) t->upper->secured(t->stream, 0);
}

// Reading --------------------------------------------------------------------

static void read_records(Tls *t) {
  while (is_open(t) && !t->stream->ended) {
    TlsShared *shared = tls_shared_of(t);
    bool is_shared = !shared->plain_busy;
    uint8_t *plain = is_shared ? shared->plain : malloc(TLS_PLAIN);
    if (plain == NULL) {
      fail(t, UV_ENOMEM);
      return;
    }
    size_t length = 0;
    int reason = SSL_ERROR_NONE;
    openssl.ERR_clear_error();
    while (length < TLS_PLAIN && reason == SSL_ERROR_NONE) {
      int room = (int)(TLS_PLAIN - length);
      int result = openssl.SSL_read(t->ssl, plain + length, room);
      if (result <= 0) {
        reason = openssl.SSL_get_error(t->ssl, result);
      } else {
        length += (size_t)result;
        // The record is used up and nothing is behind it: OpenSSL, which takes
        // longer to find that out, need not be asked.
        if (result < room && t->in_length == 0) reason = SSL_ERROR_WANT_READ;
      }
    }
    if (reason == SSL_ERROR_SSL || reason == SSL_ERROR_SYSCALL)
      tls_note_failure(t);
    // A failed write shows itself by the next one, or by the stream's end.
    (void)flush(t, NULL);
    if (length != 0) {
      if (is_shared) shared->plain_busy = true;
      t->upper->data(t->stream, plain, length);
      if (is_shared) shared->plain_busy = false;
    }
    if (!is_shared) free(plain);
    if (reason == SSL_ERROR_WANT_READ || !is_open(t)) return;
    if (reason == SSL_ERROR_ZERO_RETURN) {
      end_reading(t, 0);
    } else if (reason != SSL_ERROR_NONE) {
      fail(t, UV_EPROTO);
    }
  }
}

static bool keep(Tls *t, const uint8_t *bytes, size_t length) {
  if (length == 0) return true;
  uint8_t *grown = realloc(t->kept, t->kept_length + length);
  if (grown == NULL) return false;
  memcpy(grown + t->kept_length, bytes, length);
  t->kept = grown;
  t->kept_length += length;
  return true;
}

static void read_bytes(Tls *t, const uint8_t *bytes, size_t length) {
  t->users++;
  t->in = bytes;
  t->in_length = length;
  if (t->state == TLS_SHAKING) shake(t);
  if (is_open(t)) read_records(t);
  if (t->state == TLS_CHOOSING && t->stream != NULL &&
      !keep(t, t->in, t->in_length))
    fail(t, UV_ENOMEM);
  t->in = NULL;
  t->in_length = 0;
  tls_release(t);
}

static void on_data(Stream *s, const uint8_t *bytes, size_t length) {
  Tls *t = s->tls;
  if (t->state != TLS_CHOOSING) {
    read_bytes(t, bytes, length);
  } else if (t->kept_length > KEPT_LIMIT || !keep(t, bytes, length)) {
    fail(t, UV_ENOBUFS);
  }
}

static void on_ended(Stream *s, int error) {
  Tls *t = s->tls;
  if (t->state == TLS_OPEN) {
    // Whoever could cut the connection could have cut off anything.
    if (error == 0)
      tls_note(t, "ERR_SSL_UNEXPECTED_EOF_WHILE_READING",
               "the peer's end came without its close_notify");
    end_reading(t, error == 0 ? STREAM_TLS_ERROR : error);
  } else if (t->state != TLS_FAILED) {
    if (error == 0)
      tls_note(t, "ECONNRESET",
               "the peer disconnected before the TLS handshake was done");
    fail(t, error);
  }
}

static void on_drained(Stream *s, int error) {
  s->tls->upper->drained(s, error);
}

static const StreamEvents tls_events = {
    .data = on_data, .ended = on_ended, .drained = on_drained};

void tls_resume(Tls *t) {
  if (t->stream == NULL || t->state != TLS_CHOOSING) return;
  Stream *s = t->stream;
  uint8_t *kept = t->kept;
  size_t length = t->kept_length;
  t->kept = NULL;
  t->kept_length = 0;
  t->state = TLS_SHAKING;
  t->users++;
  net_handle_hold(&s->handle);
  read_bytes(t, kept, length);
  free(kept);
  if (t->stream == s && t->state != TLS_FAILED && t->state != TLS_CHOOSING)
    (void)stream_start(s);
  net_handle_release(&s->handle);
  tls_release(t);
}

// Writing --------------------------------------------------------------------

int tls_write(Stream *s, const uint8_t *bytes, size_t length,
              StreamWrite **queued) {
  Tls *t = s->tls;
  *queued = NULL;
  if (s->handle.closing) return UV_EPIPE;
  if (t->state != TLS_OPEN)
    return t->state == TLS_FAILED ? STREAM_TLS_ERROR : UV_EBUSY;
  while (length != 0) {
    size_t piece = length < WRITE_PIECE ? length : WRITE_PIECE;
    openssl.ERR_clear_error();
    int result = openssl.SSL_write(t->ssl, bytes, (int)piece);
    if (result <= 0) tls_note_failure(t);
    // Also what a failure leaves: the buffer is everybody's.
    int error = flush(t, queued);
    if (result <= 0) return STREAM_TLS_ERROR;
    if (error != 0) return error;
    bytes += result;
    length -= (size_t)result;
  }
  return 0;
}

void tls_say_end(Stream *s) {
  Tls *t = s->tls;
  if (t->state != TLS_OPEN || s->handle.closing ||
      (openssl.SSL_get_shutdown(t->ssl) & SSL_SENT_SHUTDOWN) != 0)
    return;
  openssl.ERR_clear_error();
  (void)openssl.SSL_shutdown(t->ssl);
  // Who cannot be told any more is no failure of the end.
  (void)flush(t, NULL);
}

// Beginning and end ----------------------------------------------------------

static TlsShared *shared_of(Runtime *rt) {
  TlsShared *shared = rt->network->tls;
  if (shared != NULL) return shared;
  shared = calloc(1, sizeof *shared);
  if (shared == NULL) return NULL;
  uv_timer_init(&rt->loop, &shared->sweep);
  shared->sweep.data = rt;
  uv_unref((uv_handle_t *)&shared->sweep);
  rt->network->tls = shared;
  return shared;
}

void tls_close_shared(Runtime *rt) {
  TlsShared *shared = rt->network->tls;
  if (shared != NULL) uv_close((uv_handle_t *)&shared->sweep, NULL);
}

void tls_free_shared(Runtime *rt) {
  TlsShared *shared = rt->network->tls;
  if (shared == NULL) return;
  rt->network->tls = NULL;
  free(shared->out);
  free(shared);
}

static bool set_up_client(Tls *t, const TlsStart *start) {
  openssl.SSL_set_connect_state(t->ssl);
  if (start->server_name != NULL &&
      openssl.SSL_ctrl(t->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
                       TLSEXT_NAMETYPE_host_name,
                       (char *)start->server_name) != 1)
    return false;
  if (start->check_name != NULL) {
    X509_VERIFY_PARAM *rules = openssl.SSL_get0_param(t->ssl);
    struct sockaddr_storage unused;
    t->check_name = strdup(start->check_name);
    if (t->check_name == NULL) return false;
    openssl.X509_VERIFY_PARAM_set_hostflags(
        rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    bool is_address = net_parse_address(start->check_name, 0, &unused);
    int done =
        is_address
            ? openssl.X509_VERIFY_PARAM_set1_ip_asc(rules, start->check_name)
            : openssl.X509_VERIFY_PARAM_set1_host(rules, start->check_name, 0);
    if (done != 1) return false;
  }
  if (start->session != NULL) {
    const unsigned char *at = start->session;
    SSL_SESSION *session =
        openssl.d2i_SSL_SESSION(NULL, &at, (long)start->session_length);
    // One that is of no use any more costs a full handshake, no more.
    if (session != NULL) {
      openssl.SSL_set_session(t->ssl, session);
      openssl.SSL_SESSION_free(session);
    }
  }
  return true;
}

static void destroy(Tls *t) {
  openssl.SSL_free(t->ssl);
  tls_context_release(t->context);
  if (t->chosen != NULL) tls_context_release(t->chosen);
  free(t->check_name);
  free(t->code);
  free(t->text);
  free(t->kept);
  free(t);
}

// Of one that no stream has.
static int give_up(Runtime *rt, Tls *t, int error) {
  net_slots_remove(rt, &t->context_object, 1);
  net_slots_remove(rt, &t->keylog, 1);
  destroy(t);
  return error;
}

// keylog(line, {address, port, family} of the peer)
static void call_keylog(Isolate *iso, Value keylog, Value arguments) {
  Value *words = ((CellList *)value_as_cell(arguments))->words;
  Value result = vm_call(iso, keylog, VALUE_UNDEFINED, 2, words);
  (void)result; // what it threw is seen by who runs jobs
}

void tls_on_secret(const SSL *ssl, const char *line) {
  Tls *t = openssl.SSL_get_ex_data(ssl, 0);
  if (t == NULL || t->stream == NULL || !net_slot_holds(&t->keylog)) return;
  Isolate *iso = t->stream->handle.rt->isolate;
  if (vm_is_terminating(iso)) return;
  String *text = vm_string_from_c(iso, line);
  Value peer = text == NULL         ? VALUE_EXCEPTION
               : t->stream->is_pipe ? VALUE_UNDEFINED
                                    : net_stream_address(t->stream, true);
  CellList *arguments =
      value_is_exception(peer) ? NULL : vm_cell_list_new(iso, 2);
  if (arguments == NULL) {
    (void)vm_take_exception(iso);
    return;
  }
  gc_publish(&arguments->words[0], value_from_cell(text));
  gc_publish(&arguments->words[1], peer);
  Job job = {.kind = JOB_NATIVE,
             .a = net_slot(&t->keylog),
             .b = value_from_cell(arguments),
             .c = VALUE_UNDEFINED,
             .native = call_keylog};
  vm_enqueue_job(iso, &job);
}

// False: no memory.
static bool set_keylog(Runtime *rt, Tls *t, const TlsStart *start) {
  Value keylog = start->keylog;
  if (keylog == 0) {
    keylog = vm_get(rt->isolate, value_as_object(start->context),
                    vm_key_from_c("keylog"));
    if (value_is_exception(keylog)) (void)vm_take_exception(rt->isolate);
  }
  if (!value_is_callable(keylog)) return true;
  if (!net_slots_add(rt, &t->keylog, 1)) return false;
  net_slot_set(rt, &t->keylog, keylog);
  openssl.SSL_CTX_set_keylog_callback(t->context->ssl, tls_on_secret);
  return true;
}

int tls_start(Stream *s, const TlsStart *start) {
  Runtime *rt = s->handle.rt;
  TlsShared *shared = shared_of(rt);
  Tls *t = shared == NULL ? NULL : calloc(1, sizeof *t);
  if (t == NULL || !net_slots_add(rt, &t->context_object, 1)) {
    free(t);
    return UV_ENOMEM;
  }
  t->context = tls_context_of(start->context);
  t->context->references++;
  t->ssl = openssl.SSL_new(t->context->ssl);
  BIO *bio = t->ssl == NULL ? NULL : new_bio(t);
  if (bio == NULL || !set_keylog(rt, t, start))
    return give_up(rt, t, UV_ENOMEM);
  openssl.SSL_set_bio(t->ssl, bio, bio);
  openssl.SSL_set_ex_data(t->ssl, 0, t);
  if (start->is_server) {
    openssl.SSL_set_accept_state(t->ssl);
  } else if (!set_up_client(t, start)) {
    return give_up(rt, t, UV_EINVAL);
  }
  int error = stream_start(s);
  if (error != 0) return give_up(rt, t, error);
  t->stream = s;
  t->upper = s->events;
  s->tls = t;
  s->events = &tls_events;
  t->next = shared->shaking;
  if (t->next != NULL) {
    t->next->previous = t;
  } else {
    uv_timer_start(&shared->sweep, on_sweep, SWEEP_MILLISECONDS,
                   SWEEP_MILLISECONDS);
  }
  shared->shaking = t;
  net_slot_set(rt, &t->context_object, start->context);
  if (t->context->handshake_timeout != 0)
    t->due = uv_now(&rt->loop) + t->context->handshake_timeout;
  if (!start->is_server) read_bytes(t, NULL, 0);
  return 0;
}

void stream_move_tls(Stream *from, Stream *to) {
  Tls *t = from->tls;
  from->tls = NULL;
  from->events = t->upper;
  t->stream = to;
  t->upper = to->events;
  to->tls = t;
  to->events = &tls_events;
}

void tls_cancel(Stream *s) {
  drop_shaking(s->tls);
}

void tls_release(Tls *t) {
  if (--t->users == 0 && t->stream == NULL) destroy(t);
}

void tls_free(Stream *s) {
  Tls *t = s->tls;
  s->tls = NULL;
  t->stream = NULL;
  t->users++;
  tls_release(t);
}
