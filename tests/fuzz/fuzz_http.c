// SPDX-License-Identifier: MIT
// The HTTP parser under hostile bytes: whole or in pieces, it comes to the same
// result, stays within its input, and what it took says what it means. A
// libFuzzer target; tests/fuzz/fuzz_driver.h runs it without libFuzzer.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/io/http/parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition) {
  if (!condition) abort();
}

static bool is_within(const uint8_t *part, size_t length, const uint8_t *whole,
                      size_t size) {
  return part >= whole && length <= size && part + length <= whole + size;
}

static void check_response(const uint8_t *head, size_t length) {
  HttpHead parsed;
  int error = http_parse_response(head, length, 50, &parsed);
  check(error == 0 || (error >= 400 && error <= 505));
  if (error != 0) return;
  check(parsed.status >= 100 && parsed.status <= 999);
  check(is_within(head + parsed.target, parsed.target_length, head, length));
  check(!(parsed.has_length && parsed.chunked));
}

static void check_head(const uint8_t *head, size_t length) {
  HttpHead parsed;
  int status = http_parse_request(head, length, 50, &parsed);
  check(status == 0 || (status >= 400 && status <= 505));
  if (status != 0) return;
  check(is_within(head + parsed.target, parsed.target_length, head, length));
  check(!(parsed.has_length && parsed.chunked));
  uint32_t at = parsed.fields, count = 0, lengths = 0;
  HttpField field;
  while (http_next_field(head, length, &at, &field)) {
    count++;
    check(is_within(field.name, field.name_length, head, length));
    check(is_within(field.value, field.value_length, head, length));
    check(http_is_token(field.name, field.name_length));
    check(http_is_field_value(field.value, field.value_length));
    check(memchr(field.value, '\n', field.value_length) == NULL);
    lengths += http_name_is(field.name, field.name_length, "content-length");
  }
  check(count == parsed.field_count && at == length - 2);
  check(lengths == (parsed.has_length ? 1u : 0u));
}

// The body's bytes summed up, and where it ends.
static HttpChunkedResult decode(const uint8_t *data, size_t size, size_t piece,
                                uint32_t *sum, size_t *end) {
  HttpChunked body = {0};
  HttpChunkedResult result = HTTP_CHUNKED_MORE;
  *sum = 0;
  for (size_t at = 0; at < size;) {
    size_t step = size - at < piece ? size - at : piece;
    const uint8_t *part = NULL;
    size_t used, length;
    result = http_chunked_next(&body, data + at, step, &used, &part, &length);
    check(used <= step && (used > 0 || step == 0));
    if (length != 0) check(is_within(part, length, data + at, step));
    for (size_t i = 0; i < length; i++)
      *sum = *sum * 31 + part[i];
    at += used;
    *end = at;
    if (result == HTTP_CHUNKED_END || result == HTTP_CHUNKED_BAD) return result;
  }
  return HTTP_CHUNKED_MORE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 1) return 0;
  size_t piece = data[0] % 16 + 1;
  data++;
  size--;
  size_t scanned = 0, pieces = 0;
  long whole = http_scan_head(data, size, &scanned), found = 0;
  for (size_t have = 0; have < size && found == 0;) {
    have = size - have < piece ? size : have + piece;
    found = http_scan_head(data, have, &pieces);
  }
  check(whole == found || size == 0);
  if (whole > 0) {
    // A copy of its own, so that a read beyond it is seen.
    uint8_t *head = malloc((size_t)whole);
    check(head != NULL);
    memcpy(head, data, (size_t)whole);
    check_head(head, (size_t)whole);
    check_response(head, (size_t)whole);
    free(head);
  }
  uint32_t sum_whole, sum_pieces;
  size_t end_whole = 0, end_pieces = 0;
  HttpChunkedResult a = decode(data, size, size + 1, &sum_whole, &end_whole);
  HttpChunkedResult b = decode(data, size, piece, &sum_pieces, &end_pieces);
  check(a == b);
  if (a == HTTP_CHUNKED_END)
    check(sum_whole == sum_pieces && end_whole == end_pieces);
  return 0;
}

#ifndef RILL_LIBFUZZER
#include "fuzz_driver.h"

static const char *const corpus[] = {
    "aHTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\n",
    "aGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "bPOST /x?y HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    "cPOST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
    "Expect: 100-continue\r\n\r\n",
    "dGET / HTTP/1.0\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    "e5;x=y\r\nhello\r\n0a\r\n0123456789\r\n0\r\nT: v\r\n\r\n",
};

int main(int argc, char **argv) {
  return fuzz_main(argc, argv, corpus, sizeof(corpus) / sizeof(corpus[0]));
}
#endif
