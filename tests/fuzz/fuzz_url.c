// SPDX-License-Identifier: MIT
// Hostile URLs: parsing ends in a record or in failure; a record's text is
// ASCII, its offsets lie in order, and parsing it again gives the same text,
// also after setters. Input: lines; the first is the URL, the second its base,
// the others are set in turn. A libFuzzer target; tests/fuzz/fuzz_driver.h runs
// it without.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/web/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition) {
  if (!condition) abort();
}

static void check_record(const Url *u) {
  TextBuffer text, again;
  UrlOffsets at, at_again;
  text_init(&text);
  text_init(&again);
  rt_url_serialize(u, &text, &at);
  const uint32_t order[] = {
      at.scheme_end, at.username_end, at.password_start,    at.password_end,
      at.host_start, at.host_end,     at.port_end,          at.path_start,
      at.path_end,   at.query_end,    (uint32_t)text.length};
  for (size_t i = 1; i < sizeof order / sizeof *order; i++) {
    check(order[i - 1] <= order[i]);
  }
  for (size_t i = 0; i < text.length; i++) {
    check(text.bytes[i] >= ' ' && text.bytes[i] <= '~');
  }
  Url parsed;
  rt_url_init(&parsed);
  check(rt_url_parse(&parsed, text.bytes, text.length, NULL));
  rt_url_serialize(&parsed, &again, &at_again);
  // A drive letter that became one when the scheme was set is not normalized:
  // the standard's one exception.
  bool is_drive =
      u->kind == SCHEME_FILE && u->path.length >= 3 && u->path.bytes[2] == '|';
  check(is_drive || text.length == again.length);
  check(is_drive || (memcmp(text.bytes, again.bytes, text.length) == 0 &&
                     memcmp(&at, &at_again, sizeof at) == 0));
  rt_url_free(&parsed);
  text_free(&text);
  text_free(&again);
}

static const uint8_t *line_end(const uint8_t *at, const uint8_t *end) {
  const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
  return newline == NULL ? end : newline;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const uint8_t *end = data + size, *stop = line_end(data, end);
  const char *input = (const char *)data;
  size_t length = (size_t)(stop - data);
  const uint8_t *next = stop < end ? stop + 1 : end;
  stop = line_end(next, end);
  Url base, url;
  rt_url_init(&base);
  rt_url_init(&url);
  bool has_base =
      rt_url_parse(&base, (const char *)next, (size_t)(stop - next), NULL);
  if (has_base) check_record(&base);
  if (rt_url_parse(&url, input, length, has_base ? &base : NULL)) {
    check_record(&url);
    for (int part = URL_PROTOCOL; stop < end; part++) {
      next = stop + 1;
      stop = line_end(next, end);
      rt_url_set(&url, (UrlPart)(part % (URL_HASH + 1)), (const char *)next,
                 (size_t)(stop - next));
      check_record(&url);
    }
  }
  rt_url_free(&base);
  rt_url_free(&url);
  return 0;
}

#ifndef RILL_LIBFUZZER
#include "fuzz_driver.h"

static const char *const corpus[] = {
    "https://user:pass@example.com:8080/a/./b/../c?x=1#y\nhttp://h/p",
    "../x?q#h\nhttp://h/a/b/c\nftp\nu\np\nhost:1\nname\n99\n//path\n?s\n#h",
    "file:///C|/x/../..\nfile://host/D:/y",
    "http://[2001:db8::0:1.2.3.4]:443/\nfoo:/.//not-a-host/",
    "http://0x7f.1.077\nmailto:a b ?x",
    "//\\\\other/p\nws://a",
    "http://fa\xc3\x9f.xn--4ca.\xe3\x80\x82%41\nabout:blank",
    "non-special://a%zz:1/ ?' #`\nblob:https://h:5/id",
};

int main(int argc, char **argv) {
  return fuzz_main(argc, argv, corpus, sizeof(corpus) / sizeof(corpus[0]));
}
#endif
