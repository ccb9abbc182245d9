// SPDX-License-Identifier: MIT
// The output of HTTP connections: one buffer for all, which holds what one
// connection is about to write, so that the responses to a pipelined batch
// leave in one system call.
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/io/http/server.h"

int http_out_flush(HttpConnection *c, StreamWrite **queued) {
  StreamWrite *unused;
  if (queued == NULL) queued = &unused;
  *queued = NULL;
  Http *http = http_of(c);
  if (http->out_owner != c) return 0;
  size_t length = http->out_length;
  http->out_owner = NULL;
  http->out_length = 0;
  if (length == 0) return 0;
  int error = stream_write(&c->stream, http->out, length, queued);
  if (error != 0) net_handle_close(&c->stream.handle);
  return error;
}

uint8_t *http_out_reserve(HttpConnection *c, size_t length) {
  Http *http = http_of(c);
  if (http->out_owner != c) {
    if (http->out_owner != NULL) http_out_flush(http->out_owner, NULL);
    http->out_owner = c;
  }
  if (HTTP_OUT - http->out_length < length) {
    http_out_flush(c, NULL);
    http->out_owner = c;
  }
  return http->out + http->out_length;
}

void http_out_append(HttpConnection *c, const void *bytes, size_t length) {
  if (length <= HTTP_OUT / 2) {
    memcpy(http_out_reserve(c, length), bytes, length);
    http_of(c)->out_length += length;
    return;
  }
  http_out_reserve(c, 0);
  StreamWrite *queued;
  if (http_out_flush(c, NULL) == 0 &&
      stream_write(&c->stream, bytes, length, &queued) != 0)
    net_handle_close(&c->stream.handle);
}

const char *http_date_field(Http *http, size_t *length) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (now.tv_sec != http->date_second) {
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm t;
    gmtime_r(&now.tv_sec, &t);
    http->date_second = now.tv_sec;
    http->date_length = (size_t)snprintf(
        http->date, sizeof http->date,
        "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d GMT\r\n",
        days + 3 * t.tm_wday, t.tm_mday, months + 3 * t.tm_mon,
        (t.tm_year + 1900) % 10000, t.tm_hour, t.tm_min, t.tm_sec);
  }
  *length = http->date_length;
  return http->date;
}
