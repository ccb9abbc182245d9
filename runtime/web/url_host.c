// SPDX-License-Identifier: MIT
// Hosts: domains through UTS 46 (ICU), IPv4 and IPv6 addresses, opaque hosts
// (WHATWG URL 3).
#include <stdio.h>
#include <strings.h>
#include <unicode/uidna.h>
#include <unicode/utf8.h>

#include "runtime/web/percent.h"
#include "runtime/web/url.h"
#include "vm/objects/utf.h"

// Forbidden host code points, and those that domains must not have either.
enum { FORBIDDEN_HOST = 1, FORBIDDEN_DOMAIN = 2 };
#define BOTH (FORBIDDEN_HOST | FORBIDDEN_DOMAIN)
static const uint8_t forbidden[256] = {
    [0x01 ... 0x08] = FORBIDDEN_DOMAIN,
    [0x0b ... 0x0c] = FORBIDDEN_DOMAIN,
    [0x0e ... 0x1f] = FORBIDDEN_DOMAIN,
    ['%'] = FORBIDDEN_DOMAIN,
    [0x7f] = FORBIDDEN_DOMAIN,
    [0] = BOTH,
    ['\t'] = BOTH,
    ['\n'] = BOTH,
    ['\r'] = BOTH,
    [' '] = BOTH,
    ['#'] = BOTH,
    ['/'] = BOTH,
    [':'] = BOTH,
    ['<'] = BOTH,
    ['>'] = BOTH,
    ['?'] = BOTH,
    ['@'] = BOTH,
    ['['] = BOTH,
    ['\\'] = BOTH,
    [']'] = BOTH,
    ['^'] = BOTH,
    ['|'] = BOTH,
};

static const UIDNA *uts46(void) {
  static UIDNA *processor;
  UIDNA *found = __atomic_load_n(&processor, __ATOMIC_ACQUIRE);
  if (found != NULL) return found;
  UErrorCode error = U_ZERO_ERROR;
  UIDNA *made = uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                                    UIDNA_NONTRANSITIONAL_TO_ASCII |
                                    UIDNA_NONTRANSITIONAL_TO_UNICODE,
                                &error);
  if (U_FAILURE(error)) return NULL;
  // Another thread may have been first.
  if (!__atomic_compare_exchange_n(&processor, &found, made, false,
                                   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    uidna_close(made);
    return found;
  }
  return made;
}

// VerifyDnsLength and CheckHyphens are false.
static const uint32_t ignored_errors =
    UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LABEL_TOO_LONG |
    UIDNA_ERROR_DOMAIN_NAME_TOO_LONG | UIDNA_ERROR_LEADING_HYPHEN |
    UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4;

// What UTS 46 maps since Unicode 15.1, which ICU may not know yet: the code
// point, 0 if it is ignored.
static uint32_t newly_mapped(uint32_t c) {
  if ((c >= 0x10a0 && c <= 0x10c5) || c == 0x10c7 || c == 0x10cd) {
    return c - 0x10a0 + 0x2d00; // Georgian capital letters
  }
  switch (c) {
  case 0x4c0:
    return 0x4cf;
  case 0x1e9e:
    return 0xdf;
  case 0x2132:
    return 0x214e;
  case 0x2183:
    return 0x2184;
  case 0x115f: // fillers and inherent vowels
  case 0x1160:
  case 0x17b4:
  case 0x17b5:
  case 0x3164:
  case 0xffa0:
    return 0;
  default:
    return c;
  }
}

static void map_newly(TextBuffer *out, const char *domain, size_t length) {
  for (size_t i = 0; i < length;) {
    UChar32 c;
    size_t start = i;
    U8_NEXT(domain, i, length, c);
    uint32_t mapped = c < 0 ? 0 : newly_mapped((uint32_t)c);
    if (c < 0 || mapped == (uint32_t)c) {
      text_append(out, domain + start, i - start);
    } else if (mapped != 0) {
      char bytes[4];
      text_append(out, bytes, utf8_put(mapped, bytes));
    }
  }
}

typedef int32_t Conversion(const UIDNA *, const char *, int32_t, char *,
                           int32_t, UIDNAInfo *, UErrorCode *);

static bool convert(TextBuffer *out, const char *domain, size_t length,
                    Conversion *conversion) {
  const UIDNA *processor = uts46();
  if (processor == NULL || length > INT32_MAX / 8) return false;
  size_t room = length * 4 + 64;
  for (;;) {
    if (!text_reserve(out, room)) return false;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UErrorCode error = U_ZERO_ERROR;
    int32_t n =
        conversion(processor, domain, (int32_t)length, out->bytes + out->length,
                   (int32_t)room, &info, &error);
    if (error == U_BUFFER_OVERFLOW_ERROR) {
      room = (size_t)n + 1;
      continue;
    }
    if (U_FAILURE(error)) return false;
    out->length += (size_t)n;
    return (info.errors & ~ignored_errors) == 0;
  }
}

// Is every label "xn--..." of an ASCII domain an encoding of something that is
// not ASCII? (UTS 46, validity criteria, as of revision 33.)
static bool has_ascii_in_disguise(const char *domain, size_t length) {
  for (size_t start = 0; start <= length;) {
    const char *dot = memchr(domain + start, '.', length - start);
    size_t end = dot == NULL ? length : (size_t)(dot - domain);
    if (end - start >= 4 && memcmp(domain + start, "xn--", 4) == 0) {
      // Punycode without digits behind its last hyphen holds ASCII alone.
      if (end - start == 4 || domain[end - 1] == '-') return true;
    }
    start = end + 1;
  }
  return false;
}

// Domain to ASCII (3.3) with beStrict false. False: failure.
static bool domain_to_ascii(TextBuffer *out, const char *domain,
                            size_t length) {
  bool is_plain = true, starts_label = true;
  for (size_t i = 0; i < length; i++) {
    uint8_t c = (uint8_t)domain[i];
    if (c >= 0x80 || (starts_label && length - i >= 4 &&
                      strncasecmp(domain + i, "xn--", 4) == 0)) {
      is_plain = false;
      break;
    }
    starts_label = c == '.';
  }
  size_t start = out->length;
  if (is_plain) {
    if (!text_reserve(out, length)) return false;
    for (size_t i = 0; i < length; i++) {
      char c = domain[i];
      out->bytes[out->length++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
  } else {
    TextBuffer mapped;
    text_init(&mapped);
    map_newly(&mapped, domain, length);
    bool done = !mapped.failed && convert(out, mapped.bytes, mapped.length,
                                          uidna_nameToASCII_UTF8);
    text_free(&mapped);
    if (!done ||
        has_ascii_in_disguise(out->bytes + start, out->length - start)) {
      return false;
    }
  }
  if (out->length == start) return false;
  for (size_t i = start; i < out->length; i++) {
    if (forbidden[(uint8_t)out->bytes[i]] & FORBIDDEN_DOMAIN) return false;
  }
  return true;
}

void rt_domain_to_unicode(TextBuffer *out, const char *domain, size_t length) {
  (void)convert(out, domain, length, uidna_nameToUnicodeUTF8);
}

// The ends-in-a-number checker and the IPv4 parser ------------------------

// The IPv4 number parser: -1 if it is none, saturated.
static int64_t parse_ipv4_number(const char *text, size_t length) {
  int radix = 10;
  if (length == 0) return -1;
  if (length >= 2 && text[0] == '0' && (text[1] | 0x20) == 'x') {
    radix = 16;
    text += 2;
    length -= 2;
  } else if (length >= 2 && text[0] == '0') {
    radix = 8;
    text++;
    length--;
  }
  int64_t value = 0;
  for (size_t i = 0; i < length; i++) {
    int digit = hex_value((uint8_t)text[i]);
    if (digit < 0 || digit >= radix) return -1;
    value = value * radix + digit;
    if (value > UINT32_MAX) value = INT64_C(1) << 32;
  }
  return value;
}

static size_t last_part(const char *host, size_t end) {
  while (end > 0 && host[end - 1] != '.')
    end--;
  return end;
}

static bool ends_in_number(const char *host, size_t length) {
  if (length > 0 && host[length - 1] == '.') length--;
  size_t start = last_part(host, length);
  if (start == length) return false;
  bool all_digits = true;
  for (size_t i = start; i < length; i++) {
    all_digits = all_digits && host[i] >= '0' && host[i] <= '9';
  }
  return all_digits || parse_ipv4_number(host + start, length - start) >= 0;
}

static bool parse_ipv4(const char *host, size_t length, uint32_t *address) {
  if (length > 0 && host[length - 1] == '.') length--;
  int64_t numbers[4];
  int count = 0;
  for (size_t start = 0; start <= length;) {
    const char *dot = memchr(host + start, '.', length - start);
    size_t end = dot == NULL ? length : (size_t)(dot - host);
    if (count == 4) return false;
    numbers[count] = parse_ipv4_number(host + start, end - start);
    if (numbers[count++] < 0) return false;
    start = end + 1;
  }
  int64_t last = numbers[count - 1];
  if (last >= INT64_C(1) << (8 * (5 - count))) return false;
  uint32_t result = (uint32_t)last;
  for (int i = 0; i < count - 1; i++) {
    if (numbers[i] > 255) return false;
    result += (uint32_t)numbers[i] << (8 * (3 - i));
  }
  *address = result;
  return true;
}

// The IPv6 parser ---------------------------------------------------------

static bool parse_ipv6(const char *p, const char *end, uint16_t pieces[8]) {
  int at = 0, compress = -1;
  memset(pieces, 0, 8 * sizeof *pieces);
  if (p < end && *p == ':') {
    if (end - p < 2 || p[1] != ':') return false;
    p += 2;
    compress = ++at;
  }
  while (p < end) {
    if (at == 8) return false;
    if (*p == ':') {
      if (compress >= 0) return false;
      p++;
      compress = ++at;
      continue;
    }
    unsigned value = 0;
    int length = 0;
    while (length < 4 && p < end && hex_value((uint8_t)*p) >= 0) {
      value = value * 16 + (unsigned)hex_value((uint8_t)*p++);
      length++;
    }
    if (p < end && *p == '.') {
      if (length == 0 || at > 6) return false;
      p -= length;
      int seen = 0;
      while (p < end) {
        int part = -1;
        if (seen > 0) {
          if (*p != '.' || seen >= 4) return false;
          p++;
        }
        if (p == end || *p < '0' || *p > '9') return false;
        while (p < end && *p >= '0' && *p <= '9') {
          if (part == 0) return false;
          part = (part < 0 ? 0 : part * 10) + (*p++ - '0');
          if (part > 255) return false;
        }
        pieces[at] = (uint16_t)(pieces[at] * 256 + part);
        seen++;
        if (seen == 2 || seen == 4) at++;
      }
      if (seen != 4) return false;
      break;
    }
    if (p < end && *p == ':') {
      if (++p == end) return false;
    } else if (p < end) {
      return false;
    }
    pieces[at++] = (uint16_t)value;
  }
  if (compress >= 0) {
    int swaps = at - compress;
    for (at = 7; at != 0 && swaps > 0; at--, swaps--) {
      uint16_t piece = pieces[compress + swaps - 1];
      pieces[compress + swaps - 1] = pieces[at];
      pieces[at] = piece;
    }
    return true;
  }
  return at == 8;
}

static void serialize_ipv6(TextBuffer *out, const uint16_t pieces[8]) {
  int compress = -1, longest = 1;
  for (int i = 0; i < 8;) {
    int n = 0;
    while (i + n < 8 && pieces[i + n] == 0)
      n++;
    if (n > longest) {
      longest = n;
      compress = i;
    }
    i += n + 1;
  }
  text_add(out, '[');
  for (int i = 0; i < 8; i++) {
    if (i == compress) {
      text_append_c(out, i == 0 ? "::" : ":");
      i += longest - 1;
      continue;
    }
    char piece[8];
    snprintf(piece, sizeof piece, i == 7 ? "%x" : "%x:", pieces[i]);
    text_append_c(out, piece);
  }
  text_add(out, ']');
}

// The host parser -----------------------------------------------------------

static bool parse_domain(TextBuffer *out, const char *domain, size_t length) {
  size_t start = out->length;
  if (!domain_to_ascii(out, domain, length)) return false;
  const char *ascii = out->bytes + start;
  if (!ends_in_number(ascii, out->length - start)) return true;
  uint32_t address;
  if (!parse_ipv4(ascii, out->length - start, &address)) return false;
  char text[16];
  snprintf(text, sizeof text, "%u.%u.%u.%u", address >> 24, address >> 16 & 255,
           address >> 8 & 255, address & 255);
  out->length = start;
  text_append_c(out, text);
  return true;
}

bool rt_host_parse(TextBuffer *out, const char *input, size_t length,
                   bool is_opaque) {
  if (length > 0 && input[0] == '[') {
    uint16_t pieces[8];
    if (input[length - 1] != ']' ||
        !parse_ipv6(input + 1, input + length - 1, pieces)) {
      return false;
    }
    serialize_ipv6(out, pieces);
    return true;
  }
  if (is_opaque) {
    for (size_t i = 0; i < length; i++) {
      if (forbidden[(uint8_t)input[i]] & FORBIDDEN_HOST) return false;
    }
    rt_percent_encode(out, input, length, PERCENT_C0);
    return true;
  }
  if (memchr(input, '%', length) == NULL) {
    return parse_domain(out, input, length);
  }
  TextBuffer decoded;
  text_init(&decoded);
  rt_percent_decode(&decoded, input, length);
  // Bytes that are no UTF-8 become U+FFFD in ICU, which no domain may hold.
  bool done =
      !decoded.failed && parse_domain(out, decoded.bytes, decoded.length);
  text_free(&decoded);
  return done;
}
