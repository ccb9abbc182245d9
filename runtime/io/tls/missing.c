// SPDX-License-Identifier: MIT
// In place of TLS where OpenSSL's headers were missing when rill was built: no
// stream ever gets one.
#include "runtime/io/tls/tls.h"
#include "runtime/modules/native_modules.h"

int tls_start(Stream *s, const TlsStart *start) {
  return UV_ENOSYS;
}
bool tls_check_context(Isolate *iso, Value context, bool is_server) {
  vm_throw_error(iso, ERROR_ERROR, "This rill was built without TLS");
  return false;
}
int tls_write(Stream *s, const uint8_t *bytes, size_t length,
              StreamWrite **queued) {
  *queued = NULL;
  return UV_ENOSYS;
}
void tls_say_end(Stream *s) {}
void tls_cancel(Stream *s) {}
void tls_free(Stream *s) {}
void stream_move_tls(Stream *from, Stream *to) {}
Value tls_error(Stream *s, const char *operation) {
  return net_error(s->handle.rt->isolate, UV_ENOSYS, operation, NULL, -1);
}
const char *tls_verify_code(long result) {
  return "CERT_REJECTED";
}
void tls_close_shared(Runtime *rt) {}
void tls_free_shared(Runtime *rt) {}

static Value missing(Isolate *iso, const NativeCall *call) {
  return vm_throw_error(iso, ERROR_ERROR,
                        "This rill was built without OpenSSL's headers: it "
                        "speaks no TLS");
}
static Value none(Isolate *iso, const NativeCall *call) {
  return VALUE_UNDEFINED;
}

static const NativeExport tls_exports[] = {
    {"context", missing, 10},       {"info", none, 1},
    {"ownCertificate", none, 1},    {"peerCertificates", none, 1},
    {"session", none, 1},           {"startTls", missing, 6},
    {"useAuthorities", missing, 2}, {"useCertificate", missing, 2},
    {"useKey", missing, 3},         {"usePfx", missing, 3},
    {"useRevocations", missing, 2},
};
const NativeModule rt_tls_module =
    NATIVE_MODULE("rill:internal/tls-native", tls_exports);
