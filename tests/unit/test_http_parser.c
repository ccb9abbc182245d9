// SPDX-License-Identifier: MIT
// Request heads and chunked bodies (runtime/io/http/parser.h), whole and in
// pieces.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/io/http/parser.h"

// Scans byte by byte; the head's length must come out the same.
static long scan(const char *text) {
  size_t length = strlen(text), scanned = 0, pieces = 0;
  long whole = http_scan_head((const uint8_t *)text, length, &scanned);
  for (size_t i = 1; i <= length; i++) {
    long found = http_scan_head((const uint8_t *)text, i, &pieces);
    if (found == 0) continue;
    assert_int_equal(found, whole);
    return found;
  }
  assert_int_equal(whole, 0);
  return 0;
}

static void ends_of_heads(void **state) {
  assert_int_equal(scan("GET / HTTP/1.1\r\nA: b\r\n\r\nbody"), 24);
  assert_int_equal(scan("GET / HTTP/1.1\r\n\r\n"), 18);
  assert_int_equal(scan("GET / HTTP/1.1\r\nA: b\r\n"), 0);
  assert_int_equal(scan("GET / HTTP/1.1\r\nA: b\r\n\r"), 0);
  assert_int_equal(scan("GET / HTTP/1.1\nA: b\r\n\r\n"), -1);
  assert_int_equal(scan("GET / HTTP/1.1\r\nA: b\n\r\n"), -1);
  assert_int_equal(scan("GET / HTTP/1.1\r\n\n"), -1);
  assert_int_equal(scan(" GET / HTTP/1.1\r\n\r\n"), -1);
  assert_int_equal(scan("\n"), -1);
  assert_int_equal(scan(""), 0);
}

static int parse(const char *head, HttpHead *out) {
  return http_parse_request((const uint8_t *)head, strlen(head), 8, out);
}

static void good_heads(void **state) {
  HttpHead h;
  assert_int_equal(parse("GET /a?b HTTP/1.1\r\nhOST: x\r\n\r\n", &h), 0);
  assert_int_equal(h.method, HTTP_GET);
  assert_int_equal(h.target, 4);
  assert_int_equal(h.target_length, 4);
  assert_int_equal(h.field_count, 1);
  assert_true(h.minor_version && h.keep_alive);
  assert_false(h.chunked || h.has_length || h.upgrade);

  assert_int_equal(parse("PURGE / HTTP/1.0\r\n\r\n", &h), 0);
  assert_int_equal(h.method, HTTP_OTHER_METHOD);
  assert_false(h.minor_version || h.keep_alive);
  assert_int_equal(
      parse("GET / HTTP/1.0\r\nConnection: x, Keep-Alive \r\n\r\n", &h), 0);
  assert_true(h.keep_alive);
  assert_int_equal(
      parse("GET / HTTP/1.1\r\nHost:\r\nConnection:close\r\n\r\n", &h), 0);
  assert_false(h.keep_alive);
  assert_int_equal(parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "
                         "123456789012345678\r\n\r\n",
                         &h),
                   0);
  assert_true(h.has_length);
  assert_true(h.content_length == 123456789012345678);
  assert_int_equal(parse("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\t"
                         "Chunked \r\nExpect: 100-Continue\r\n\r\n",
                         &h),
                   0);
  assert_true(h.chunked && h.expects_continue);
  assert_int_equal(parse("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                         "Connection: keep-alive, Upgrade\r\n\r\n",
                         &h),
                   0);
  assert_true(h.upgrade);
  assert_int_equal(parse("GET HTTP://A:8080/?x HTTP/1.1\r\nHost: a:8080\r\n"
                         "\r\n",
                         &h),
                   0);
  assert_int_equal(parse("GET http://[::1]:8 HTTP/1.1\r\nHost: [::1]:8\r\n"
                         "\r\n",
                         &h),
                   0);
  assert_int_equal(parse("GET / HTTP/1.1\r\nHost: a.b-c_d:\r\n\r\n", &h), 0);
  assert_int_equal(parse("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", &h), 0);
  assert_int_equal(parse("GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n", &h), 0);
  assert_int_equal(h.authority_length, 1);
  // RFC 9112 3.2.2: the target counts.
  assert_int_equal(parse("GET http://b:8/ HTTP/1.1\r\nHost: a\r\n\r\n", &h), 0);
  assert_int_equal(h.authority, 11);
  assert_int_equal(h.authority_length, 3);
  assert_int_equal(parse("GET /http://b HTTP/1.1\r\nHost: a\r\n\r\n", &h), 0);
  assert_int_equal(h.authority_length, 0);
  assert_int_equal(parse("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", &h), 0);
  assert_int_equal(h.authority_length, 0);
}

static void bad_heads(void **state) {
  static const struct {
    int status;
    const char *head;
  } rows[] = {
      {400, "GET / HTTP/1.1\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
      {400, "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"},
      {400, "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET /\r\nHost: a\r\n\r\n"},
      {400, "GET / HTTP/1.1x\r\nHost: a\r\n\r\n"},
      {400, "GET / HTTP/11\r\nHost: a\r\n\r\n"},
      {400, "GET / XTTP/1.1\r\nHost: a\r\n\r\n"},
      {505, "GET / HTTP/1.2\r\nHost: a\r\n\r\n"},
      {505, "GET / HTTP/3.0\r\nHost: a\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a:80:90\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n"},
      {400, "GET http://b/ HTTP/1.1\r\n\r\n"},
      {400, "GET http://b/ HTTP/1.1\r\nHost: a b\r\n\r\n"},
      {400, "GET http://x@a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET http:/// HTTP/1.1\r\nHost: \r\n\r\n"},
      {400, "GET a?b=http://c/ HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET a HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "CONNECT http://a:1/ HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400,
       "GET / HTTP/1.1\r\nHost: a\r\nConnection: close, Content-Length\r\n"
       "\r\n"},
      {400,
       "GET / HTTP/1.1\r\nHost: a\r\nConnection: transfer-encoding\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a\r\nConnection: host\r\n\r\n"},
      {400, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"},
      {400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {400, "GET / HTTP/1.1\rHost: a\r\n\r\n"},
      {400, "P / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {400,
       "P / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\x0b\r\n\r\n"},
      {501,
       "P / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n"
       "\r\n"},
      {501,
       "P / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n"
       "\r\n"},
      {501, "P / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ,chunked\r\n\r\n"},
      {501, "P / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n"},
      {400,
       "P / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n"},
      {400,
       "P / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n"
       "\r\n"},
      {400,
       "P / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n"
       "\r\n"},
      {400, "P / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n"},
      {400, "P / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n"},
      {400, "P / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n"},
      {400, "P / HTTP/1.1\r\nHost: a\r\nContent-Length: 1.0\r\n\r\n"},
      {400, "P / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n"},
      {400, "P / HTTP/1.1\r\nHost: a\r\nContent-Length : 1\r\n\r\n"},
      {417, "P / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue, x\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a\r\nA B: x\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a\r\nA: \x01\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a\r\nA: \x7f\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a\r\nA: x\r\n\tfold\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n"},
      {400,
       "P / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
       "Transfer-Encoding: chunked\r\n\r\n"},
      {400,
       "P / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n"
       "Content-Length: 1\r\n\r\n"},
      {400,
       "P / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n"
       "Transfer-Encoding: chunked\r\n\r\n"},
      {501, "P / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n"},
      {501,
       "P / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n"},
      {400, "P / HTTP/1.1\r\nHost: a\r\nContent-Length: 1 2\r\n\r\n"},
      {400, "P / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"},
      {400,
       "P / HTTP/1.1\r\nHost: a\r\nContent-Length: "
       "1234567890123456789\r\n\r\n"},
      {431,
       "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\n"
       "A: b\r\nA: b\r\nA: b\r\nA: b\r\n\r\n"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    HttpHead h;
    if (parse(rows[i].head, &h) != rows[i].status)
      print_error("%s", rows[i].head);
    assert_int_equal(parse(rows[i].head, &h), rows[i].status);
  }
}

// Decodes in pieces of a size; -1: bad, -2: not at its end. *rest: bytes
// behind.
static int decode(const char *text, size_t piece, char *out, size_t *rest) {
  HttpChunked body = {0};
  size_t length = strlen(text), at = 0, total = 0;
  while (at < length) {
    size_t step = length - at < piece ? length - at : piece;
    const uint8_t *data;
    size_t used, data_length;
    HttpChunkedResult result = http_chunked_next(
        &body, (const uint8_t *)text + at, step, &used, &data, &data_length);
    assert_true(used <= step);
    at += used;
    memcpy(out + total, data_length == 0 ? (const uint8_t *)"" : data,
           data_length);
    total += data_length;
    if (result == HTTP_CHUNKED_BAD) return -1;
    if (result == HTTP_CHUNKED_END) {
      out[total] = 0;
      *rest = length - at;
      return 0;
    }
  }
  return -2;
}

static void chunked_bodies(void **state) {
  static const struct {
    int result;
    const char *text, *body;
    size_t rest;
  } rows[] = {
      {0, "0\r\n\r\n", "", 0},
      {0, "5\r\nhello\r\n0\r\n\r\nGET", "hello", 3},
      {0, "1;a=b\r\nx\r\n00a\r\n0123456789\r\n000\r\nA: b\r\nC:\r\n\r\n",
       "x0123456789", 0},
      {-2, "5\r\nhello\r\n0\r\n\r", NULL, 0},
      {-2, "5\r\nhel", NULL, 0},
      {-1, "\r\n", NULL, 0},
      {-1, "g\r\n", NULL, 0},
      {-1, "5\nhello\r\n", NULL, 0},
      {-1, "5 \r\nhello\r\n", NULL, 0},
      {-1, " 5\r\nhello\r\n", NULL, 0},
      {-1, "0x5\r\nhello\r\n", NULL, 0},
      {-1, "+5\r\nhello\r\n", NULL, 0},
      {-1, "-5\r\nhello\r\n", NULL, 0},
      {-1, "5\thello\r\n", NULL, 0},
      {-1, "5,5\r\nhello\r\n", NULL, 0},
      {-1, "5;a=\x01\r\nhello\r\n", NULL, 0},
      {-1, "5;a\rb\r\nhello\r\n", NULL, 0},
      {-1, "00000000000000005\r\nhello\r\n", NULL, 0},
      {-1, "fffffffffffffffff\r\n", NULL, 0},
      {-1, "5\r\nhello0\r\n\r\n", NULL, 0},
      {-1, "5\r\nhello\n0\r\n\r\n", NULL, 0},
      {-1, "5\r\rhello\r\n", NULL, 0},
      {-1, "5;\n\r\nhello\r\n", NULL, 0},
      {-1, "1000000000000000\r\n", NULL, 0},
      {-1, "0\r\nA b: c\r\n\r\n", NULL, 0},
      {-1, "0\r\n A: c\r\n\r\n", NULL, 0},
      {-1, "0\r\nA: c\n\r\n", NULL, 0},
      {-1, "0\r\n\n", NULL, 0},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    for (size_t piece = 1; piece < 40; piece++) {
      char out[100];
      size_t rest = 0;
      int result = decode(rows[i].text, piece, out, &rest);
      if (result != rows[i].result) print_error("%s", rows[i].text);
      assert_int_equal(result, rows[i].result);
      if (result != 0) continue;
      assert_string_equal(out, rows[i].body);
      assert_int_equal(rest, rows[i].rest);
    }
  }
}

// Responses: the same framing, and their status line.
static void responses(void **state) {
  static const struct {
    int result;
    const char *head;
  } rows[] = {
      {0, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"},
      {0, "HTTP/1.0 200\r\n\r\n"},
      {0, "HTTP/1.1 204 \r\n\r\n"},
      {417, "HTTP/1.1 2x0 OK\r\n\r\n"},
      {417, "HTTP/1.1 099 OK\r\n\r\n"},
      {417, "HTTP/1.1 2000 OK\r\n\r\n"},
      {417, "HTTP/1.1  200 OK\r\n\r\n"},
      {400, "HTTP/1.1 200 O\x01K\r\n\r\n"},
      {400, "http/1.1 200 OK\r\n\r\n"},
      {505, "HTTP/2.0 200 OK\r\n\r\n"},
      {400,
       "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
       "Transfer-Encoding: chunked\r\n\r\n"},
      {400,
       "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"},
      {400,
       "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n"},
      {400, "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n"},
      {400, "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"},
      {400, "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {501, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n"},
      {400, "HTTP/1.1 200 OK\r\nTransfer-Encoding : chunked\r\n\r\n"},
      {400, "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n"},
      {400, "HTTP/1.1 200 OK\r\nA: b\rC: d\r\n\r\n"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    HttpHead h;
    int result = http_parse_response((const uint8_t *)rows[i].head,
                                     strlen(rows[i].head), 8, &h);
    if (result != rows[i].result) print_error("%s", rows[i].head);
    assert_int_equal(result, rows[i].result);
  }
}

static void trailers(void **state) {
  static const char *const not [] = {
      "content-length", "Transfer-Encoding", "HOST",  "connection", "te",
      "trailer",        "upgrade",           "expect"};
  for (size_t i = 0; i < sizeof not / sizeof *not ; i++)
    assert_false(http_is_trailer((const uint8_t *)not [i], strlen(not [i])));
  assert_true(http_is_trailer((const uint8_t *)"x-sum", 5));
}

// Extensions that are each short enough, on chunks of a byte.
static void many_extensions(void **state) {
  HttpChunked body = {0};
  char chunk[600];
  size_t length = (size_t)snprintf(chunk, sizeof chunk, "1;%0500d\r\nx\r\n", 0);
  int chunks = 0;
  for (; chunks < 100; chunks++) {
    size_t at = 0;
    HttpChunkedResult result = HTTP_CHUNKED_MORE;
    while (at < length && result != HTTP_CHUNKED_BAD) {
      const uint8_t *data;
      size_t used, data_length;
      result = http_chunked_next(&body, (const uint8_t *)chunk + at,
                                 length - at, &used, &data, &data_length);
      at += used;
    }
    if (result == HTTP_CHUNKED_BAD) break;
  }
  assert_in_range(chunks, 20, 40);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ends_of_heads),   cmocka_unit_test(good_heads),
      cmocka_unit_test(bad_heads),       cmocka_unit_test(chunked_bodies),
      cmocka_unit_test(responses),       cmocka_unit_test(trailers),
      cmocka_unit_test(many_extensions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
