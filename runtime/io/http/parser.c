// SPDX-License-Identifier: MIT
// The parser of heads and chunked bodies. One pass finds the end of the
// head by its line feeds, one reads it; what is incomplete costs no second look
// at the same bytes.
#include "runtime/io/http/parser.h"

#include <string.h>

#include "vm/objects/hex.h"

// What a byte may be part of.
enum { TOKEN = 1, VALUE = 2, TARGET = 4 };
#define T (TOKEN | VALUE | TARGET)
#define V (VALUE | TARGET)
static const uint8_t classes[256] = {
    ['\t'] = VALUE,
    [' '] = VALUE,
    ['!'] = T,
    ['"'] = V,
    ['#'] = TOKEN | VALUE,
    ['$' ... '\''] = T,
    ['('] = V,
    [')'] = V,
    ['*'] = T,
    ['+'] = T,
    [','] = V,
    ['-'] = T,
    ['.'] = T,
    ['/'] = V,
    ['0' ... '9'] = T,
    [':' ... '@'] = V,
    ['A' ... 'Z'] = T,
    ['['] = V,
    ['\\'] = V,
    [']'] = V,
    ['^' ... 'z'] = T,
    ['{'] = V,
    ['|'] = T,
    ['}'] = V,
    ['~'] = T,
    [0x80 ... 0xff] = VALUE,
};
#undef T
#undef V

static bool all_are(const uint8_t *bytes, size_t length, uint8_t class) {
  for (size_t i = 0; i < length; i++) {
    if (!(classes[bytes[i]] & class)) return false;
  }
  return true;
}

bool http_is_token(const uint8_t *bytes, size_t length) {
  return length != 0 && all_are(bytes, length, TOKEN);
}

bool http_is_field_value(const uint8_t *bytes, size_t length) {
  return all_are(bytes, length, VALUE);
}

static uint8_t lower(uint8_t c) {
  return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

bool http_names_equal(const uint8_t *a, const uint8_t *b, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

bool http_name_is(const uint8_t *name, size_t length, const char *lower_case) {
  for (size_t i = 0; i < length; i++) {
    if (lower(name[i]) != (uint8_t)lower_case[i]) return false;
  }
  return lower_case[length] == 0;
}

long http_scan_head(const uint8_t *bytes, size_t length, size_t *scanned) {
  if (length != 0 && !(classes[bytes[0]] & TOKEN)) return -1;
  size_t at = *scanned;
  for (;;) {
    const uint8_t *feed = memchr(bytes + at, '\n', length - at);
    if (feed == NULL) {
      *scanned = length;
      return 0;
    }
    size_t i = (size_t)(feed - bytes);
    if (i < 1 || bytes[i - 1] != '\r') return -1;
    if (i >= 3 && bytes[i - 2] == '\n') return (long)i + 1;
    at = i + 1;
  }
}

static HttpMethod method_of(const uint8_t *text, size_t length) {
#define IS(name) (length == sizeof name - 1 && memcmp(text, name, length) == 0)
  switch (text[0]) {
  case 'G':
    if (IS("GET")) return HTTP_GET;
    break;
  case 'H':
    if (IS("HEAD")) return HTTP_HEAD;
    break;
  case 'P':
    if (IS("POST")) return HTTP_POST;
    if (IS("PUT")) return HTTP_PUT;
    if (IS("PATCH")) return HTTP_PATCH;
    break;
  case 'D':
    if (IS("DELETE")) return HTTP_DELETE;
    break;
  case 'O':
    if (IS("OPTIONS")) return HTTP_OPTIONS;
    break;
  case 'C':
    if (IS("CONNECT")) return HTTP_CONNECT;
    break;
  case 'T':
    if (IS("TRACE")) return HTTP_TRACE;
    break;
  }
#undef IS
  return HTTP_OTHER_METHOD;
}

// host[:port] (RFC 3986 3.2.2, 3.2.3), without user information; *has_port:
// with digits. What would end the authority of a URL is none of its characters.
static bool is_authority(const uint8_t *text, size_t length, bool *has_port) {
  size_t i = 0;
  *has_port = false;
  if (length != 0 && text[0] == '[') {
    for (i = 1; i < length && text[i] != ']'; i++) {
      if (hex_value(text[i]) < 0 && text[i] != ':' && text[i] != '.')
        return false;
    }
    if (i < 3 || i == length) return false;
    i++;
  } else {
    for (; i < length && text[i] != ':'; i++) {
      if (!(classes[text[i]] & TARGET) ||
          memchr("/?#@\\\"<>[]^`{|}, ", text[i], 17) != NULL)
        return false;
    }
    if (i == 0) return false;
  }
  if (i == length) return true;
  if (text[i] != ':' || length - i > 6) return false;
  for (size_t k = i + 1; k < length; k++) {
    if (text[k] < '0' || text[k] > '9') return false;
  }
  *has_port = i + 1 < length;
  return true;
}

// Finds it in a target in absolute-form (RFC 9112 3.2.2). False: it is none.
static bool find_authority(const uint8_t *head, HttpHead *out) {
  const uint8_t *target = head + out->target;
  size_t length = out->target_length, i = 0;
  while (i < length && ((target[i] | 0x20) >= 'a' && (target[i] | 0x20) <= 'z'))
    i++;
  if (i == 0 || length - i < 3 || memcmp(target + i, "://", 3) != 0)
    return false;
  size_t start = i += 3;
  while (i < length && target[i] != '/' && target[i] != '?')
    i++;
  out->authority = out->target + (uint32_t)start;
  out->authority_length = (uint32_t)(i - start);
  bool unused;
  return is_authority(target + start, i - start, &unused);
}

// The request line (RFC 9112 3): its length with CRLF, or minus a status.
static long parse_request_line(const uint8_t *head, size_t length,
                               HttpHead *out) {
  const uint8_t *feed = memchr(head, '\n', length);
  // Scanning has found each LF behind a CR.
  size_t end = (size_t)(feed - head) - 1;
  size_t i = 0;
  while (classes[head[i]] & TOKEN)
    i++;
  if (i == 0 || head[i] != ' ') return -400;
  out->method = method_of(head, i);
  out->method_length = (uint32_t)i;
  size_t target = ++i;
  while (classes[head[i]] & TARGET)
    i++;
  if (i == target || head[i] != ' ') return -400;
  out->target = (uint32_t)target;
  out->target_length = (uint32_t)(i - target);
  uint8_t first = head[target];
  // origin-form, or asterisk-form, authority-form, absolute-form.
  if (first == '*') {
    if (out->method != HTTP_OPTIONS || out->target_length != 1) return -400;
  } else if (out->method == HTTP_CONNECT) {
    bool has_port;
    if (!is_authority(head + target, out->target_length, &has_port) ||
        !has_port)
      return -400;
  } else if (first != '/') {
    if (!find_authority(head, out)) return -400;
  }
  i++;
  if (end - i != 8 || memcmp(head + i, "HTTP/", 5) != 0 || head[i + 6] != '.')
    return -400;
  uint8_t major = head[i + 5], minor = head[i + 7];
  if (major < '0' || major > '9' || minor < '0' || minor > '9') return -400;
  if (major != '1' || minor > '1') return -505;
  out->minor_version = minor == '1';
  return (long)end + 2;
}

bool http_parse_length(const HttpField *field, uint64_t *out) {
  if (field->value_length == 0 || field->value_length > 18) return false;
  uint64_t length = 0;
  for (uint32_t i = 0; i < field->value_length; i++) {
    uint8_t digit = (uint8_t)(field->value[i] - '0');
    if (digit > 9) return false;
    length = length * 10 + digit;
  }
  *out = length;
  return true;
}

// Host (RFC 9112 3.2): an authority, or nothing.
static bool is_host(const HttpField *field) {
  bool unused;
  return field->value_length == 0 ||
         is_authority(field->value, field->value_length, &unused);
}

// What frames or routes a message, so that it must not come behind the body
// (RFC 9110 6.5.1), nor be named as what only this connection sees (7.6.1).
static bool is_framing(const uint8_t *name, size_t length) {
  return http_name_is(name, length, "content-length") ||
         http_name_is(name, length, "transfer-encoding") ||
         http_name_is(name, length, "host");
}

bool http_is_trailer(const uint8_t *name, size_t length) {
  static const char *const others[] = {"connection", "expect", "te", "trailer",
                                       "upgrade"};
  if (is_framing(name, length)) return false;
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    if (http_name_is(name, length, others[i])) return false;
  }
  return true;
}

// What the Connection field's list says.
enum { SAYS_CLOSE = 1, SAYS_KEEP_ALIVE = 2, SAYS_UPGRADE = 4, SAYS_BAD = 8 };
static unsigned parse_connection(const HttpField *field) {
  unsigned says = 0;
  const uint8_t *p = field->value, *end = p + field->value_length;
  while (p < end) {
    const uint8_t *comma = memchr(p, ',', (size_t)(end - p));
    const uint8_t *stop = comma == NULL ? end : comma;
    const uint8_t *next = comma == NULL ? end : comma + 1;
    while (p < stop && (*p == ' ' || *p == '\t'))
      p++;
    while (stop > p && (stop[-1] == ' ' || stop[-1] == '\t'))
      stop--;
    size_t length = (size_t)(stop - p);
    if (http_name_is(p, length, "close")) says |= SAYS_CLOSE;
    if (http_name_is(p, length, "keep-alive")) says |= SAYS_KEEP_ALIVE;
    if (http_name_is(p, length, "upgrade")) says |= SAYS_UPGRADE;
    if (is_framing(p, length)) says |= SAYS_BAD;
    p = next;
  }
  return says;
}

bool http_next_field(const uint8_t *head, size_t length, uint32_t *at,
                     HttpField *out) {
  const uint8_t *line = head + *at;
  if (*at + 2 >= length) return false; // the blank line
  const uint8_t *feed = memchr(line, '\n', length - *at);
  const uint8_t *colon = memchr(line, ':', (size_t)(feed - line));
  out->name = line;
  out->name_length = colon == NULL ? 0 : (uint32_t)(colon - line);
  const uint8_t *value = colon == NULL ? line : colon + 1, *end = feed - 1;
  while (value < end && (*value == ' ' || *value == '\t'))
    value++;
  while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
    end--;
  out->value = value;
  out->value_length = (uint32_t)(end - value);
  *at = (uint32_t)(feed + 1 - head);
  return true;
}

// What the fields mean to a request and to a response alike.
typedef struct FieldFindings {
  unsigned says, hosts; // of Connection; how many Host there are
  bool has_upgrade, bad_host, bad_coding, bad_expect;
} FieldFindings;

// 0, or a status: 400, 431.
static int parse_fields(const uint8_t *head, size_t length, uint32_t max_fields,
                        HttpHead *out, FieldFindings *found) {
  uint32_t at = out->fields;
  HttpField field;
  while (http_next_field(head, length, &at, &field)) {
    if (++out->field_count > max_fields) return 431;
    // An empty name is a missing colon, or obs-fold; a space before the colon
    // is no token either.
    if (!http_is_token(field.name, field.name_length)) return 400;
    if (!http_is_field_value(field.value, field.value_length)) return 400;
#define IS(text) http_name_is(field.name, field.name_length, text)
    switch (field.name_length) {
    case 4:
      if (IS("host")) {
        found->hosts++;
        found->bad_host = !is_host(&field);
      }
      break;
    case 6:
      if (IS("expect")) {
        out->expects_continue =
            http_name_is(field.value, field.value_length, "100-continue");
        found->bad_expect |= !out->expects_continue;
      }
      break;
    case 7:
      if (IS("upgrade")) found->has_upgrade = true;
      break;
    case 10:
      if (IS("connection")) found->says |= parse_connection(&field);
      break;
    case 14:
      if (IS("content-length")) {
        // Even equal ones: whoever forwards may have looked at one of them.
        if (out->has_length || !http_parse_length(&field, &out->content_length))
          return 400;
        out->has_length = true;
      }
      break;
    case 17:
      if (IS("transfer-encoding")) {
        if (out->chunked || found->bad_coding) return 400;
        out->chunked = http_name_is(field.value, field.value_length, "chunked");
        found->bad_coding = !out->chunked;
      }
      break;
    }
#undef IS
  }
  if (found->says & SAYS_BAD) return 400;
  if (out->chunked || found->bad_coding) {
    if (out->has_length || !out->minor_version) return 400;
    if (found->bad_coding) return 501;
  }
  out->keep_alive = out->minor_version ? !(found->says & SAYS_CLOSE)
                                       : (found->says & SAYS_KEEP_ALIVE) &&
                                             !(found->says & SAYS_CLOSE);
  out->upgrade =
      found->has_upgrade && (found->says & SAYS_UPGRADE) && out->minor_version;
  return 0;
}

int http_parse_request(const uint8_t *head, size_t length, uint32_t max_fields,
                       HttpHead *out) {
  *out = (HttpHead){0};
  long line = parse_request_line(head, length, out);
  if (line < 0) return (int)-line;
  out->fields = (uint32_t)line;
  FieldFindings found = {0};
  int status = parse_fields(head, length, max_fields, out, &found);
  if (status != 0) return status;
  if (found.hosts > 1 || found.bad_host ||
      (found.hosts == 0 && out->minor_version))
    return 400;
  if (found.bad_expect) return 417;
  if (!out->minor_version) out->expects_continue = false;
  return 0;
}

// The status line (RFC 9112 4): its length with CRLF, or minus an error.
static long parse_status_line(const uint8_t *head, size_t length,
                              HttpHead *out) {
  const uint8_t *feed = memchr(head, '\n', length);
  size_t end = (size_t)(feed - head) - 1;
  if (end < 12 || memcmp(head, "HTTP/", 5) != 0 || head[6] != '.' ||
      head[8] != ' ')
    return -400;
  if (head[5] != '1' || head[7] < '0' || head[7] > '1') return -505;
  out->minor_version = head[7] == '1';
  out->status = 0;
  for (size_t i = 9; i < 12; i++) {
    if (head[i] < '0' || head[i] > '9') return -417;
    out->status = out->status * 10 + (uint32_t)(head[i] - '0');
  }
  if (out->status < 100) return -417;
  // Some servers leave the space out that goes before an empty reason.
  if (end > 12 && head[12] != ' ') return -417;
  out->target = end > 12 ? 13 : 12;
  out->target_length = (uint32_t)end - out->target;
  return http_is_field_value(head + out->target, out->target_length)
             ? (long)end + 2
             : -400;
}

int http_parse_response(const uint8_t *head, size_t length, uint32_t max_fields,
                        HttpHead *out) {
  *out = (HttpHead){0};
  long line = parse_status_line(head, length, out);
  if (line < 0) return (int)-line;
  out->fields = (uint32_t)line;
  FieldFindings found = {0};
  return parse_fields(head, length, max_fields, out, &found);
}

// Chunked bodies (RFC 9112 7.1) ---------------------------------------------

enum {
  CHUNK_SIZE,
  CHUNK_EXTENSION,
  CHUNK_SIZE_FEED,
  CHUNK_DATA,
  CHUNK_DATA_RETURN,
  CHUNK_DATA_FEED,
  TRAILER_START, // of a line
  TRAILER_NAME,
  TRAILER_VALUE,
  TRAILER_FEED,
  CHUNKED_LAST_FEED,
  CHUNKED_ENDED,
};
enum { MAX_EXTENSION = 1024, MAX_EXTENSIONS = 16 * 1024, MAX_TRAILERS = 8192 };

// One byte outside of chunk data. False: bad.
static bool take_byte(HttpChunked *body, uint8_t c) {
  switch (body->state) {
  case CHUNK_SIZE: {
    int digit = hex_value(c);
    if (digit >= 0) {
      // 15 digits cannot overflow; leading zeros count as well.
      if (++body->digits > 15) return false;
      body->left = body->left << 4 | (uint64_t)digit;
      return true;
    }
    if (body->digits == 0) return false;
    if (c == '\r') {
      body->state = CHUNK_SIZE_FEED;
      return true;
    }
    // No whitespace: RFC 9112 tells senders not to, and readers disagree.
    body->state = CHUNK_EXTENSION;
    body->line_length = 0;
    return c == ';';
  }
  case CHUNK_EXTENSION:
    if (c == '\r') {
      body->state = CHUNK_SIZE_FEED;
      return true;
    }
    return (classes[c] & VALUE) && ++body->line_length <= MAX_EXTENSION &&
           ++body->extensions <= MAX_EXTENSIONS;
  case CHUNK_SIZE_FEED:
    body->digits = 0;
    body->line_length = 0;
    body->state = body->left == 0 ? TRAILER_START : CHUNK_DATA;
    return c == '\n';
  case CHUNK_DATA_RETURN:
    body->state = CHUNK_DATA_FEED;
    return c == '\r';
  case CHUNK_DATA_FEED:
    body->state = CHUNK_SIZE;
    return c == '\n';
  case TRAILER_START:
    if (c == '\r') {
      body->state = CHUNKED_LAST_FEED;
      return true;
    }
    body->state = TRAILER_NAME;
    return (classes[c] & TOKEN) && ++body->line_length <= MAX_TRAILERS;
  case TRAILER_NAME:
    if (c == ':') body->state = TRAILER_VALUE;
    return (c == ':' || (classes[c] & TOKEN)) &&
           ++body->line_length <= MAX_TRAILERS;
  case TRAILER_VALUE:
    if (c == '\r') {
      body->state = TRAILER_FEED;
      return true;
    }
    return (classes[c] & VALUE) && ++body->line_length <= MAX_TRAILERS;
  case TRAILER_FEED:
    body->state = TRAILER_START;
    return c == '\n';
  case CHUNKED_LAST_FEED:
    body->state = CHUNKED_ENDED;
    return c == '\n';
  default:
    return false;
  }
}

bool http_chunked_in_trailers(const HttpChunked *body) {
  return body->state >= TRAILER_START;
}

HttpChunkedResult http_chunked_next(HttpChunked *body, const uint8_t *bytes,
                                    size_t length, size_t *used,
                                    const uint8_t **data, size_t *data_length) {
  size_t i = 0;
  *data_length = 0;
  while (i < length) {
    if (body->state == CHUNK_DATA) {
      size_t piece = length - i;
      if (piece > body->left) piece = (size_t)body->left;
      body->left -= piece;
      if (body->left == 0) body->state = CHUNK_DATA_RETURN;
      *data = bytes + i;
      *data_length = piece;
      *used = i + piece;
      return HTTP_CHUNKED_DATA;
    }
    if (!take_byte(body, bytes[i++])) {
      *used = i;
      return HTTP_CHUNKED_BAD;
    }
    if (body->state == CHUNKED_ENDED) {
      *used = i;
      return HTTP_CHUNKED_END;
    }
    if (body->state == TRAILER_START && body->line_length == 0) {
      *used = i;
      return HTTP_CHUNKED_TRAILERS;
    }
  }
  *used = length;
  return HTTP_CHUNKED_MORE;
}
