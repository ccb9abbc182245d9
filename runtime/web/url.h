// SPDX-License-Identifier: MIT
// URL records and their parser (WHATWG URL 4). Plain C over UTF-8 bytes: no
// heap, no isolate, any thread.
#ifndef RILL_RUNTIME_WEB_URL_H
#define RILL_RUNTIME_WEB_URL_H

#include "runtime/web/text_buffer.h"

typedef enum {
  SCHEME_OTHER,
  SCHEME_FILE,
  SCHEME_FTP,
  SCHEME_HTTP,
  SCHEME_HTTPS,
  SCHEME_WS,
  SCHEME_WSS,
} UrlScheme;

// A URL record (4.1). Parts are stored as they are serialized.
typedef struct Url {
  UrlScheme kind; // of `scheme`; all but SCHEME_OTHER are special
  TextBuffer scheme, username, password;
  TextBuffer host;
  TextBuffer path; // opaque, or "/" and each segment
  TextBuffer query, fragment;
  int port; // -1: null
  bool has_host, has_opaque_path, has_query, has_fragment;
} Url;

static inline bool url_is_special(const Url *u) {
  return u->kind != SCHEME_OTHER;
}

void rt_url_init(Url *);
void rt_url_free(Url *);

// The basic URL parser. False: failure; the record is then useless but must be
// freed. Out of memory is failure, too, with `failed` set in the record's path.
bool rt_url_parse(Url *, const char *input, size_t length,
                  const Url *base_or_null);

// The attributes that can be set (6.1).
typedef enum {
  URL_PROTOCOL,
  URL_USERNAME,
  URL_PASSWORD,
  URL_HOST,
  URL_HOSTNAME,
  URL_PORT,
  URL_PATHNAME,
  URL_SEARCH,
  URL_HASH,
} UrlPart;
// The attribute's setter steps: what cannot be set stays as it is.
void rt_url_set(Url *, UrlPart, const char *value, size_t length);

// Where the parts of a serialized URL are.
typedef struct UrlOffsets {
  uint32_t scheme_end;     // behind the ':'
  uint32_t username_end;   // it begins behind "//"
  uint32_t password_start; // behind its ':'
  uint32_t password_end;
  uint32_t host_start, host_end;
  uint32_t port_end; // host_end: there is no port
  uint32_t path_start, path_end;
  uint32_t query_end; // with its '?'; the rest is the fragment with its '#'
} UrlOffsets;
void rt_url_serialize(const Url *, TextBuffer *out, UrlOffsets *);

// url_host.c -----------------------------------------------------------

// The host parser (3.5), appending the serialized host. False: failure.
bool rt_host_parse(TextBuffer *out, const char *input, size_t length,
                   bool is_opaque);
// Domain to Unicode (3.3): errors leave what could be decoded.
void rt_domain_to_unicode(TextBuffer *out, const char *domain, size_t length);

#endif
