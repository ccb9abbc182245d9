// SPDX-License-Identifier: MIT
// data: URLs (RFC 2397) as modules: their bytes and their media type.
#ifndef RILL_RUNTIME_MODULES_DATA_URL_H
#define RILL_RUNTIME_MODULES_DATA_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static inline bool rt_is_data_url(const char *text) {
  return strncmp(text, "data:", 5) == 0;
}

typedef enum { DATA_OTHER, DATA_JAVASCRIPT, DATA_JSON } DataType;
DataType rt_data_url_type(const char *url);
// The decoded bytes, malloc'ed and ended by 0. NULL: no valid data: URL (errno:
// EINVAL), or out of memory (ENOMEM).
char *rt_data_url_bytes(const char *url, size_t *length);

#endif
