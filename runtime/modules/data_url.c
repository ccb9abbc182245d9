// SPDX-License-Identifier: MIT
// data: URLs: "data:" type *( ";" parameter ) [ ";base64" ] "," data
#include "runtime/modules/data_url.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/modules/paths.h"

DataType rt_data_url_type(const char *url) {
  const char *type = url + 5;
  size_t length = strcspn(type, ";,");
#define IS(name)                                                               \
  (length == sizeof name - 1 && strncasecmp(type, name, length) == 0)
  if (IS("text/javascript") || IS("application/javascript")) {
    return DATA_JAVASCRIPT;
  }
  if (IS("application/json")) return DATA_JSON;
#undef IS
  return DATA_OTHER;
}

static int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

// In place. False: other characters than base64's and spaces.
static bool decode_base64(char *text, size_t *length) {
  unsigned bits = 0, count = 0;
  size_t out = 0;
  for (size_t i = 0; i < *length; i++) {
    int digit = base64_digit(text[i]);
    if (digit < 0) {
      if (text[i] == '=' || text[i] == ' ' ||
          (text[i] >= '\t' && text[i] <= '\r')) {
        continue;
      }
      return false;
    }
    bits = bits << 6 | (unsigned)digit;
    count += 6;
    if (count >= 8) {
      count -= 8;
      text[out++] = (char)(bits >> count);
    }
  }
  *length = out;
  return true;
}

char *rt_data_url_bytes(const char *url, size_t *length) {
  const char *comma = strchr(url, ',');
  errno = EINVAL;
  if (comma == NULL) return NULL;
  char *bytes = strdup(comma + 1);
  if (bytes == NULL) return NULL;
  bytes[strcspn(bytes, "#")] = 0;
  *length = rt_decode_percent(bytes);
  bool is_base64 = comma - url > 7 && strncasecmp(comma - 7, ";base64", 7) == 0;
  if (is_base64 && !decode_base64(bytes, length)) {
    free(bytes);
    errno = EINVAL;
    return NULL;
  }
  bytes[*length] = 0;
  return bytes;
}
