// SPDX-License-Identifier: MIT
// HTTP/1.1 messages on the wire (RFC 9110, 9112): finding the end of a head,
// checking and reading it, and taking chunked bodies apart. Pure functions over
// bytes, any thread. Whatever two parties could read differently is an error
// here: that is what request smuggling lives on.
#ifndef RILL_RUNTIME_IO_HTTP_PARSER_H
#define RILL_RUNTIME_IO_HTTP_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Looks for the blank line that ends a head. `*scanned` is where to go on, 0 at
// first, kept by the caller between calls with more bytes of the same head.
// Returns the head's length, 0 if there is no end yet, or -1: what is there
// can never become a head (a bare LF, a first byte that begins no method).
long http_scan_head(const uint8_t *bytes, size_t length, size_t *scanned);

typedef enum {
  HTTP_GET,
  HTTP_HEAD,
  HTTP_POST,
  HTTP_PUT,
  HTTP_DELETE,
  HTTP_OPTIONS,
  HTTP_PATCH,
  HTTP_CONNECT,
  HTTP_TRACE,
  HTTP_OTHER_METHOD,
  HTTP_METHOD_COUNT
} HttpMethod;

typedef struct HttpHead {
  HttpMethod method;
  uint32_t method_length;
  uint32_t target, target_length; // from the head's start; or the reason
  // Of a target in absolute form, which stands for Host: that is to be ignored
  // (RFC 9112 3.2.2). Length 0: it has none.
  uint32_t authority, authority_length;
  uint32_t status; // of a response
  uint32_t fields; // where the first field line starts
  uint32_t field_count;
  uint64_t content_length; // 0 if not given
  bool has_length, chunked;
  bool minor_version; // 1.1, not 1.0
  bool keep_alive;
  bool expects_continue;
  bool upgrade; // Connection: upgrade and an Upgrade field
} HttpHead;

// Reads a whole head, blank line included. 0, or the status of the answer to a
// bad one: 400, 417, 431 (too many fields), 501 (transfer coding), 505.
int http_parse_request(const uint8_t *head, size_t length, uint32_t max_fields,
                       HttpHead *out);

// The same for a response: 400 stands for a bad line or field, 417 for a bad
// status. `method` and the Host field do not count.
int http_parse_response(const uint8_t *head, size_t length, uint32_t max_fields,
                        HttpHead *out);

// The next field line of a head that http_parse_request took, from *at on.
// False: no more.
typedef struct HttpField {
  const uint8_t *name, *value;
  uint32_t name_length, value_length;
} HttpField;
bool http_next_field(const uint8_t *head, size_t length, uint32_t *at,
                     HttpField *out);
// Content-Length (RFC 9110 8.6): digits alone, of what fits.
bool http_parse_length(const HttpField *, uint64_t *out);
bool http_name_is(const uint8_t *name, size_t length, const char *lower_case);

bool http_names_equal(const uint8_t *, const uint8_t *, size_t length);

bool http_is_token(const uint8_t *bytes, size_t length);
bool http_is_field_value(const uint8_t *bytes, size_t length);

// May it come behind a body? Not what frames or routes the message.
bool http_is_trailer(const uint8_t *name, size_t length);

// A chunked body. Zeroed at its start.
typedef struct HttpChunked {
  uint64_t left;        // of the chunk
  uint32_t line_length; // of a size line's rest or of all trailers
  uint32_t extensions;  // bytes of chunk extensions
  uint8_t state, digits;
} HttpChunked;
typedef enum {
  HTTP_CHUNKED_MORE,     // all bytes are used
  HTTP_CHUNKED_DATA,     // a piece of the body
  HTTP_CHUNKED_TRAILERS, // what follows, up to the END, are trailer fields
  HTTP_CHUNKED_END,      // the byte after the body is next
  HTTP_CHUNKED_BAD,
} HttpChunkedResult;
// Takes bytes until there is something to say; *used of them are done with.
// DATA: *data of *data_length, within `bytes`. Trailer fields are checked: they
// end like a head.
bool http_chunked_in_trailers(const HttpChunked *);
HttpChunkedResult http_chunked_next(HttpChunked *, const uint8_t *bytes,
                                    size_t length, size_t *used,
                                    const uint8_t **data, size_t *data_length);

#endif
