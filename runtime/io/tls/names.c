// SPDX-License-Identifier: MIT
// Functions of a context's object. `sni`: the certificate for a server name. It
// gives a context, undefined for the own certificate, or a promise
// of either. While that is pending, the handshake waits.
#include <stdlib.h>

#include "runtime/io/tls/internal.h"
#include "vm/interpreter/jobs.h"
#include "vm/interpreter/promise.h"
#include "vm/objects/host_object.h"

static bool choose(Tls *t, Value chosen) {
  t->has_chosen = true;
  if (value_is_undefined(chosen) || value_is_null(chosen)) return true;
  TlsContext *context = tls_context_of(chosen);
  if (context == NULL || !context->is_server ||
      openssl.SSL_set_SSL_CTX(t->ssl, context->ssl) == NULL) {
    tls_note(t, "ERR_TLS_INVALID_CONTEXT", "sni gave no server's context");
    return false;
  }
  if (net_slot_holds(&t->keylog))
    openssl.SSL_CTX_set_keylog_callback(context->ssl, tls_on_secret);
  context->references++;
  t->chosen = context;
  return true;
}

static void note_exception(Tls *t, Isolate *iso, Value reason) {
  char *text = vm_to_utf8(iso, reason, NULL);
  if (text == NULL) (void)vm_take_exception(iso);
  tls_note(t, "ERR_TLS_SNI", text == NULL ? "sni failed" : text);
  free(text);
}

// A promise's hold on the Tls.
static const int wait_type;
static void release_wait(void *data) {
  if (data != NULL) tls_release(data);
}

static void settled(Isolate *iso, PromiseState state, Value result,
                    Value data) {
  HostObject *wait = (HostObject *)value_as_cell(data);
  Tls *t = wait->data;
  wait->data = NULL;
  if (state != PROMISE_FULFILLED) {
    note_exception(t, iso, result);
  } else {
    (void)choose(t, result);
  }
  tls_resume(t);
  tls_release(t);
}

int tls_on_certificate_wanted(SSL *ssl, void *unused) {
  Tls *t = openssl.SSL_get_ex_data(ssl, 0);
  if (t->code != NULL || t->failure != 0) return 0; // there is none
  if (t->has_chosen) return 1;
  if (t->state == TLS_CHOOSING) return -1;
  const char *name = openssl.SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == NULL || !net_slot_holds(&t->context_object)) return 1;
  Isolate *iso = t->stream->handle.rt->isolate;
  if (vm_is_terminating(iso)) return 0;
  Value function = vm_get(iso, value_as_object(net_slot(&t->context_object)),
                          vm_key_from_c("sni"));
  if (!value_is_callable(function)) {
    if (value_is_exception(function)) (void)vm_take_exception(iso);
    return 1;
  }
  String *text = vm_string_from_c(iso, name);
  Value argument = text == NULL ? VALUE_EXCEPTION : value_from_cell(text);
  Value result = text == NULL
                     ? VALUE_EXCEPTION
                     : vm_call(iso, function, VALUE_UNDEFINED, 1, &argument);
  if (value_is_exception(result)) {
    note_exception(t, iso, vm_take_exception(iso));
    return 0;
  }
  if (!value_is_promise(result)) return choose(t, result) ? 1 : 0;
  Promise *promise = (Promise *)value_as_cell(result);
  t->state = TLS_CHOOSING;
  t->users++;
  HostObject *wait = vm_host_object_new(iso, &wait_type, t, release_wait);
  vm_promise_on_settled(iso, promise, settled, value_from_cell(wait));
  return -1;
}

void tls_tell_failure(Tls *t, Value context) {
  Stream *s = t->stream;
  Isolate *iso = s->handle.rt->isolate;
  if (!value_is_object(context) || vm_is_terminating(iso)) return;
  Value function =
      vm_get(iso, value_as_object(context), vm_key_from_c("onError"));
  if (value_is_exception(function)) (void)vm_take_exception(iso);
  if (!value_is_callable(function)) return;
  Job job = {.kind = JOB_CALL,
             .a = function,
             .b = tls_error(s, "handshake"),
             .c = VALUE_UNDEFINED};
  vm_enqueue_job(iso, &job);
}
