// SPDX-License-Identifier: MIT
// The basic URL parser (WHATWG URL 4.4), as a state machine over UTF-8 bytes,
// and the setters of the URL class, which run it from a state in the middle.
#include "runtime/web/url.h"

#include "runtime/web/percent.h"

typedef enum {
  NO_OVERRIDE, // as override; never the current state
  SCHEME_START,
  SCHEME,
  NO_SCHEME,
  SPECIAL_RELATIVE_OR_AUTHORITY,
  PATH_OR_AUTHORITY,
  RELATIVE,
  RELATIVE_SLASH,
  SPECIAL_AUTHORITY_SLASHES,
  SPECIAL_AUTHORITY_IGNORE_SLASHES,
  AUTHORITY,
  HOST,
  HOSTNAME,
  PORT,
  FILE_,
  FILE_SLASH,
  FILE_HOST,
  PATH_START,
  PATH,
  OPAQUE_PATH,
  QUERY,
  FRAGMENT,
} State;

enum { END = -1 };

static const struct {
  const char *name;
  int port; // -1: none
} special_schemes[] = {
    [SCHEME_FILE] = {"file", -1}, [SCHEME_FTP] = {"ftp", 21},
    [SCHEME_HTTP] = {"http", 80}, [SCHEME_HTTPS] = {"https", 443},
    [SCHEME_WS] = {"ws", 80},     [SCHEME_WSS] = {"wss", 443},
};

static UrlScheme scheme_kind(const TextBuffer *scheme) {
  for (int i = SCHEME_FILE; i <= SCHEME_WSS; i++) {
    if (text_is(scheme, special_schemes[i].name)) return (UrlScheme)i;
  }
  return SCHEME_OTHER;
}

static int default_port(UrlScheme kind) {
  return kind == SCHEME_OTHER ? -1 : special_schemes[kind].port;
}

static TextBuffer *part_at(Url *u, int i) {
  TextBuffer *parts[] = {&u->scheme, &u->username, &u->password, &u->host,
                         &u->path,   &u->query,    &u->fragment};
  return i < 7 ? parts[i] : NULL;
}

void rt_url_init(Url *u) {
  for (int i = 0; i < 7; i++)
    text_init(part_at(u, i));
  u->kind = SCHEME_OTHER;
  u->port = -1;
  u->has_host = u->has_opaque_path = u->has_query = u->has_fragment = false;
}

void rt_url_free(Url *u) {
  for (int i = 0; i < 7; i++)
    text_free(part_at(u, i));
}

static bool is_alpha(int c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static bool is_digit(int c) {
  return c >= '0' && c <= '9';
}

// A Windows drive letter, normalized (':') or not, of exactly two bytes.
static bool is_drive_letter(const char *s, size_t length) {
  return length == 2 && is_alpha(s[0]) && (s[1] == ':' || s[1] == '|');
}

static bool starts_with_drive_letter(const char *s, const char *end) {
  return end - s >= 2 && is_drive_letter(s, 2) &&
         (end - s == 2 || strchr("/\\?#", s[2]) != NULL);
}

static bool has_credentials(const Url *u) {
  return u->username.length > 0 || u->password.length > 0;
}

static void set_text(TextBuffer *to, const TextBuffer *from) {
  text_clear(to);
  text_append_text(to, from);
}

// Shorten a URL's path (4.3).
static void shorten_path(Url *u) {
  TextBuffer *path = &u->path;
  if (u->kind == SCHEME_FILE && path->length == 3 && is_alpha(path->bytes[1]) &&
      path->bytes[2] == ':') {
    return;
  }
  while (path->length > 0 && path->bytes[--path->length] != '/')
    continue;
}

// How many dots a path segment stands for: 1, 2, or 0 for another segment.
static int dots_of(const char *s, size_t length) {
  int dots = 0;
  for (size_t i = 0; i < length; dots++) {
    if (s[i] == '.') {
      i++;
    } else if (length - i >= 3 && s[i] == '%' && s[i + 1] == '2' &&
               (s[i + 2] | 0x20) == 'e') {
      i += 3;
    } else {
      return 0;
    }
  }
  return dots > 2 ? 0 : dots;
}

typedef struct Parser {
  Url *url;
  const Url *base;
  const char *start, *at, *end; // the input
  State state, override;
  TextBuffer buffer;
  bool at_sign_seen, inside_brackets, password_token_seen;
} Parser;

typedef enum { GO_ON, DONE, FAILED } Step;

static int peek(const Parser *p, int ahead) {
  return p->end - p->at > ahead ? (uint8_t)p->at[ahead] : END;
}

static bool is_slash(const Parser *p, int c) {
  return c == '/' || (c == '\\' && url_is_special(p->url));
}

static void begin_query(Parser *p) {
  text_clear(&p->url->query);
  p->url->has_query = true;
  p->state = QUERY;
}

static void begin_fragment(Parser *p) {
  text_clear(&p->url->fragment);
  p->url->has_fragment = true;
  p->state = FRAGMENT;
}

static void copy_authority(Url *u, const Url *base) {
  set_text(&u->username, &base->username);
  set_text(&u->password, &base->password);
  set_text(&u->host, &base->host);
  u->has_host = base->has_host;
  u->port = base->port;
}

static void copy_path_and_query(Url *u, const Url *base) {
  set_text(&u->path, &base->path);
  u->has_opaque_path = base->has_opaque_path;
  set_text(&u->query, &base->query);
  u->has_query = base->has_query;
}

static void copy_scheme(Url *u, const Url *base) {
  set_text(&u->scheme, &base->scheme);
  u->kind = base->kind;
}

// What ends a part, or is looked at on its way.
enum { STOP_AUTHORITY = 1, STOP_HOST = 2, STOP_PATH = 4 };
static const uint8_t delimiters[256] = {
    ['/'] = STOP_AUTHORITY | STOP_HOST | STOP_PATH,
    ['\\'] = STOP_AUTHORITY | STOP_HOST | STOP_PATH,
    ['?'] = STOP_AUTHORITY | STOP_HOST,
    ['#'] = STOP_AUTHORITY | STOP_HOST,
    ['@'] = STOP_AUTHORITY,
    [':'] = STOP_HOST,
    ['['] = STOP_HOST,
    [']'] = STOP_HOST,
};

// Takes the bytes from here on that are in none of the percent-encode sets and
// no delimiter, at once. False: there are none.
static bool take_plain(Parser *p, TextBuffer *to, int sets, int stops) {
  const char *at = p->at;
  while (at < p->end && !(rt_percent_sets[(uint8_t)*at] & sets) &&
         !(delimiters[(uint8_t)*at] & stops)) {
    at++;
  }
  if (at == p->at) return false;
  text_append(to, p->at, (size_t)(at - p->at));
  p->at = at - 1; // the last of them is what this step has seen
  return true;
}

// The states. Each sees the byte at `at` (or END), which is stepped over after
// it returns GO_ON; to look at it again in another state, a state steps back.

static Step scheme_start_state(Parser *p, int c) {
  if (is_alpha(c)) {
    text_add(&p->buffer, (char)(c | 0x20));
    p->state = SCHEME;
  } else if (!p->override) {
    p->state = NO_SCHEME;
    p->at--;
  } else {
    return FAILED;
  }
  return GO_ON;
}

static Step scheme_end(Parser *p) {
  Url *u = p->url;
  UrlScheme kind = scheme_kind(&p->buffer);
  if (p->override) {
    if (url_is_special(u) != (kind != SCHEME_OTHER)) return DONE;
    if ((has_credentials(u) || u->port >= 0) && kind == SCHEME_FILE) {
      return DONE;
    }
    if (u->kind == SCHEME_FILE && u->host.length == 0) return DONE;
  }
  set_text(&u->scheme, &p->buffer);
  u->kind = kind;
  if (p->override) {
    if (u->port == default_port(kind)) u->port = -1;
    return DONE;
  }
  text_clear(&p->buffer);
  if (kind == SCHEME_FILE) {
    p->state = FILE_;
  } else if (kind != SCHEME_OTHER) {
    p->state = p->base != NULL && p->base->kind == kind
                   ? SPECIAL_RELATIVE_OR_AUTHORITY
                   : SPECIAL_AUTHORITY_SLASHES;
  } else if (peek(p, 1) == '/') {
    p->state = PATH_OR_AUTHORITY;
    p->at++;
  } else {
    text_clear(&u->path);
    u->has_opaque_path = true;
    p->state = OPAQUE_PATH;
  }
  return GO_ON;
}

static Step scheme_state(Parser *p, int c) {
  if (is_alpha(c)) {
    text_add(&p->buffer, (char)(c | 0x20));
  } else if (is_digit(c) || c == '+' || c == '-' || c == '.') {
    text_add(&p->buffer, (char)c);
  } else if (c == ':') {
    return scheme_end(p);
  } else if (!p->override) {
    text_clear(&p->buffer);
    p->state = NO_SCHEME;
    p->at = p->start - 1;
  } else {
    return FAILED;
  }
  return GO_ON;
}

static Step no_scheme_state(Parser *p, int c) {
  const Url *base = p->base;
  if (base == NULL || (base->has_opaque_path && c != '#')) return FAILED;
  if (base->has_opaque_path) {
    copy_scheme(p->url, base);
    copy_path_and_query(p->url, base);
    begin_fragment(p);
    return GO_ON;
  }
  p->state = base->kind == SCHEME_FILE ? FILE_ : RELATIVE;
  p->at--;
  return GO_ON;
}

static Step relative_state(Parser *p, int c) {
  Url *u = p->url;
  copy_scheme(u, p->base);
  if (is_slash(p, c)) {
    p->state = RELATIVE_SLASH;
    return GO_ON;
  }
  copy_authority(u, p->base);
  copy_path_and_query(u, p->base);
  if (c == '?') {
    begin_query(p);
  } else if (c == '#') {
    begin_fragment(p);
  } else if (c != END) {
    u->has_query = false;
    text_clear(&u->query);
    shorten_path(u);
    p->state = PATH;
    p->at--;
  }
  return GO_ON;
}

static Step relative_slash_state(Parser *p, int c) {
  if (url_is_special(p->url) && (c == '/' || c == '\\')) {
    p->state = SPECIAL_AUTHORITY_IGNORE_SLASHES;
  } else if (c == '/') {
    p->state = AUTHORITY;
  } else {
    copy_authority(p->url, p->base);
    p->state = PATH;
    p->at--;
  }
  return GO_ON;
}

// The credentials before an '@' are in the buffer.
static void take_credentials(Parser *p) {
  Url *u = p->url;
  if (p->at_sign_seen) {
    // An '@' before this one belongs to the credentials.
    text_append_c(p->password_token_seen ? &u->password : &u->username, "%40");
  }
  p->at_sign_seen = true;
  for (size_t i = 0; i < p->buffer.length; i++) {
    char c = p->buffer.bytes[i];
    if (c == ':' && !p->password_token_seen) {
      p->password_token_seen = true;
    } else {
      percent_add(p->password_token_seen ? &u->password : &u->username,
                  (uint8_t)c, PERCENT_USERINFO);
    }
  }
  text_clear(&p->buffer);
}

static Step authority_state(Parser *p, int c) {
  if (take_plain(p, &p->buffer, 0, STOP_AUTHORITY)) return GO_ON;
  if (c == '@') {
    take_credentials(p);
  } else if (c == END || c == '?' || c == '#' || is_slash(p, c)) {
    if (p->at_sign_seen && p->buffer.length == 0) return FAILED;
    p->at -= p->buffer.length + 1;
    text_clear(&p->buffer);
    p->state = HOST;
  } else {
    text_add(&p->buffer, (char)c);
  }
  return GO_ON;
}

static bool parse_host_into(Parser *p) {
  Url *u = p->url;
  TextBuffer host;
  text_init(&host);
  bool done = rt_host_parse(&host, p->buffer.bytes, p->buffer.length,
                            !url_is_special(u));
  if (done) {
    set_text(&u->host, &host);
    u->has_host = true;
  }
  text_free(&host);
  return done;
}

static Step host_state(Parser *p, int c) {
  Url *u = p->url;
  bool is_file = p->override && u->kind == SCHEME_FILE;
  if (!is_file && take_plain(p, &p->buffer, 0, STOP_HOST)) return GO_ON;
  if (is_file) {
    p->at--;
    p->state = FILE_HOST;
  } else if (c == ':' && !p->inside_brackets) {
    if (p->buffer.length == 0 || p->override == HOSTNAME) return FAILED;
    if (!parse_host_into(p)) return FAILED;
    text_clear(&p->buffer);
    p->state = PORT;
  } else if (c == END || c == '?' || c == '#' || is_slash(p, c)) {
    p->at--;
    if (url_is_special(u) && p->buffer.length == 0) return FAILED;
    if (p->override && p->buffer.length == 0 &&
        (has_credentials(u) || u->port >= 0)) {
      return FAILED;
    }
    if (!parse_host_into(p)) return FAILED;
    text_clear(&p->buffer);
    p->state = PATH_START;
    if (p->override) return DONE;
  } else {
    if (c == '[') p->inside_brackets = true;
    if (c == ']') p->inside_brackets = false;
    text_add(&p->buffer, (char)c);
  }
  return GO_ON;
}

static Step port_state(Parser *p, int c) {
  Url *u = p->url;
  if (is_digit(c)) {
    text_add(&p->buffer, (char)c);
    return GO_ON;
  }
  if (c != END && c != '?' && c != '#' && !is_slash(p, c) && !p->override) {
    return FAILED;
  }
  if (p->buffer.length > 0) {
    int port = 0;
    for (size_t i = 0; i < p->buffer.length; i++) {
      port = port * 10 + (p->buffer.bytes[i] - '0');
      if (port > 65535) return FAILED;
    }
    u->port = port == default_port(u->kind) ? -1 : port;
    text_clear(&p->buffer);
    if (p->override) return DONE;
  }
  if (p->override) return FAILED;
  p->state = PATH_START;
  p->at--;
  return GO_ON;
}

static Step file_state(Parser *p, int c) {
  Url *u = p->url;
  text_clear(&u->scheme);
  text_append_c(&u->scheme, "file");
  u->kind = SCHEME_FILE;
  text_clear(&u->host);
  u->has_host = true;
  if (c == '/' || c == '\\') {
    p->state = FILE_SLASH;
    return GO_ON;
  }
  if (p->base == NULL || p->base->kind != SCHEME_FILE) {
    p->state = PATH;
    p->at--;
    return GO_ON;
  }
  set_text(&u->host, &p->base->host);
  u->has_host = p->base->has_host;
  copy_path_and_query(u, p->base);
  if (c == '?') {
    begin_query(p);
  } else if (c == '#') {
    begin_fragment(p);
  } else if (c != END) {
    u->has_query = false;
    text_clear(&u->query);
    if (starts_with_drive_letter(p->at, p->end)) {
      text_clear(&u->path);
    } else {
      shorten_path(u);
    }
    p->state = PATH;
    p->at--;
  }
  return GO_ON;
}

static Step file_slash_state(Parser *p, int c) {
  if (c == '/' || c == '\\') {
    p->state = FILE_HOST;
    return GO_ON;
  }
  if (p->base != NULL && p->base->kind == SCHEME_FILE) {
    Url *u = p->url;
    const TextBuffer *path = &p->base->path;
    set_text(&u->host, &p->base->host);
    u->has_host = p->base->has_host;
    if (!starts_with_drive_letter(p->at, p->end) && path->length >= 3 &&
        is_alpha(path->bytes[1]) && path->bytes[2] == ':' &&
        (path->length == 3 || path->bytes[3] == '/')) {
      text_append(&u->path, path->bytes, 3);
    }
  }
  p->state = PATH;
  p->at--;
  return GO_ON;
}

static Step file_host_state(Parser *p, int c) {
  Url *u = p->url;
  if (c != END && c != '/' && c != '\\' && c != '?' && c != '#') {
    text_add(&p->buffer, (char)c);
    return GO_ON;
  }
  p->at--;
  if (!p->override && is_drive_letter(p->buffer.bytes, p->buffer.length)) {
    p->state = PATH; // the buffer is the beginning of the path
    return GO_ON;
  }
  if (p->buffer.length == 0) {
    text_clear(&u->host);
    u->has_host = true;
  } else {
    if (!parse_host_into(p)) return FAILED;
    if (text_is(&u->host, "localhost")) text_clear(&u->host);
    text_clear(&p->buffer);
  }
  if (p->override) return DONE;
  p->state = PATH_START;
  return GO_ON;
}

static Step path_start_state(Parser *p, int c) {
  Url *u = p->url;
  if (url_is_special(u)) {
    p->state = PATH;
    if (c != '/' && c != '\\') p->at--;
  } else if (!p->override && c == '?') {
    begin_query(p);
  } else if (!p->override && c == '#') {
    begin_fragment(p);
  } else if (c != END) {
    p->state = PATH;
    if (c != '/') p->at--;
  } else if (p->override && !u->has_host) {
    text_add(&u->path, '/');
  }
  return GO_ON;
}

static void end_segment(Parser *p, bool is_last) {
  Url *u = p->url;
  TextBuffer *segment = &p->buffer;
  int dots = dots_of(segment->bytes, segment->length);
  if (dots == 2) shorten_path(u);
  if (dots > 0) {
    if (is_last) text_add(&u->path, '/');
    return;
  }
  if (u->kind == SCHEME_FILE && u->path.length == 0 &&
      is_drive_letter(segment->bytes, segment->length)) {
    segment->bytes[1] = ':';
  }
  text_add(&u->path, '/');
  text_append_text(&u->path, segment);
}

static Step path_state(Parser *p, int c) {
  if (take_plain(p, &p->buffer, PERCENT_PATH, STOP_PATH)) return GO_ON;
  bool is_separator = is_slash(p, c);
  if (c == END || is_separator || (!p->override && (c == '?' || c == '#'))) {
    end_segment(p, !is_separator);
    text_clear(&p->buffer);
    if (c == '?') begin_query(p);
    if (c == '#') begin_fragment(p);
  } else {
    percent_add(&p->buffer, (uint8_t)c, PERCENT_PATH);
  }
  return GO_ON;
}

static Step opaque_path_state(Parser *p, int c) {
  TextBuffer *path = &p->url->path;
  if (c == '?') {
    begin_query(p);
  } else if (c == '#') {
    begin_fragment(p);
  } else if (c == ' ' && (peek(p, 1) == '?' || peek(p, 1) == '#')) {
    text_append_c(path, "%20");
  } else if (c != END) {
    percent_add(path, (uint8_t)c, PERCENT_C0);
  }
  return GO_ON;
}

static Step query_state(Parser *p, int c) {
  int set = url_is_special(p->url) ? PERCENT_SPECIAL_QUERY : PERCENT_QUERY;
  if (take_plain(p, &p->url->query, set, 0)) return GO_ON;
  if (!p->override && c == '#') {
    begin_fragment(p);
  } else if (c != END) {
    percent_add(&p->url->query, (uint8_t)c, set);
  }
  return GO_ON;
}

static Step run_state(Parser *p, int c) {
  switch (p->state) {
  case SCHEME_START:
    return scheme_start_state(p, c);
  case SCHEME:
    return scheme_state(p, c);
  case NO_SCHEME:
    return no_scheme_state(p, c);
  case SPECIAL_RELATIVE_OR_AUTHORITY:
    if (c == '/' && peek(p, 1) == '/') {
      p->state = SPECIAL_AUTHORITY_IGNORE_SLASHES;
      p->at++;
    } else {
      p->state = RELATIVE;
      p->at--;
    }
    return GO_ON;
  case PATH_OR_AUTHORITY:
    p->state = c == '/' ? AUTHORITY : PATH;
    if (c != '/') p->at--;
    return GO_ON;
  case RELATIVE:
    return relative_state(p, c);
  case RELATIVE_SLASH:
    return relative_slash_state(p, c);
  case SPECIAL_AUTHORITY_SLASHES:
    p->state = SPECIAL_AUTHORITY_IGNORE_SLASHES;
    if (c == '/' && peek(p, 1) == '/') {
      p->at++;
    } else {
      p->at--;
    }
    return GO_ON;
  case SPECIAL_AUTHORITY_IGNORE_SLASHES:
    if (c != '/' && c != '\\') {
      p->state = AUTHORITY;
      p->at--;
    }
    return GO_ON;
  case AUTHORITY:
    return authority_state(p, c);
  case HOST:
  case HOSTNAME:
    return host_state(p, c);
  case PORT:
    return port_state(p, c);
  case FILE_:
    return file_state(p, c);
  case FILE_SLASH:
    return file_slash_state(p, c);
  case FILE_HOST:
    return file_host_state(p, c);
  case PATH_START:
    return path_start_state(p, c);
  case PATH:
    return path_state(p, c);
  case OPAQUE_PATH:
    return opaque_path_state(p, c);
  case QUERY:
    return query_state(p, c);
  case FRAGMENT:
    if (take_plain(p, &p->url->fragment, PERCENT_FRAGMENT, 0)) return GO_ON;
    if (c != END) {
      percent_add(&p->url->fragment, (uint8_t)c, PERCENT_FRAGMENT);
    }
    return GO_ON;
  case NO_OVERRIDE:
    break;
  }
  return FAILED;
}

// Gives the input without tabs and newlines, which are rare.
static void remove_newlines(const char **input, size_t *length,
                            TextBuffer *clean) {
  const char *text = *input;
  size_t n = *length;
  if (memchr(text, '\n', n) == NULL && memchr(text, '\t', n) == NULL &&
      memchr(text, '\r', n) == NULL) {
    return;
  }
  for (size_t i = 0; i < n; i++) {
    char c = text[i];
    if (c != '\t' && c != '\n' && c != '\r') text_add(clean, c);
  }
  *input = clean->bytes;
  *length = clean->length;
}

static bool run(Url *u, const char *input, size_t length, const Url *base,
                State override) {
  TextBuffer clean;
  text_init(&clean);
  remove_newlines(&input, &length, &clean);
  Parser p = {
      .url = u,
      .base = base,
      .start = input,
      .at = input,
      .end = input + length,
      .state = override ? override : SCHEME_START,
      .override = override,
  };
  text_init(&p.buffer);
  Step step = GO_ON;
  for (; step == GO_ON; p.at++) {
    int c = p.at < p.end ? (uint8_t)*p.at : END;
    step = run_state(&p, c);
    if (c == END && step == GO_ON && p.at >= p.end) break;
  }
  u->path.failed |= clean.failed || p.buffer.failed;
  for (int i = 0; i < 7; i++)
    u->path.failed |= part_at(u, i)->failed;
  text_free(&p.buffer);
  text_free(&clean);
  return step != FAILED && !u->path.failed;
}

bool rt_url_parse(Url *u, const char *input, size_t length, const Url *base) {
  while (length > 0 && (uint8_t)input[0] <= ' ') {
    input++;
    length--;
  }
  while (length > 0 && (uint8_t)input[length - 1] <= ' ')
    length--;
  return run(u, input, length, base, NO_OVERRIDE);
}

// A URL cannot have a username, password or port (4.2).
static bool cannot_have_credentials(const Url *u) {
  return !u->has_host || u->host.length == 0 || u->kind == SCHEME_FILE;
}

// Runs the parser with an override. States store what they have parsed whole:
// a failure leaves the rest as it was.
static void set_by_parser(Url *u, State state, const char *value,
                          size_t length) {
  (void)run(u, value, length, NULL, state);
}

void rt_url_set(Url *u, UrlPart part, const char *value, size_t length) {
  switch (part) {
  case URL_PROTOCOL: {
    TextBuffer text;
    text_init(&text);
    text_append(&text, value, length);
    text_add(&text, ':');
    if (!text.failed) {
      set_by_parser(u, SCHEME_START, text.bytes, text.length);
    }
    u->path.failed |= text.failed;
    text_free(&text);
    return;
  }
  case URL_USERNAME:
  case URL_PASSWORD: {
    if (cannot_have_credentials(u)) return;
    TextBuffer *to = part == URL_USERNAME ? &u->username : &u->password;
    text_clear(to);
    rt_percent_encode(to, value, length, PERCENT_USERINFO);
    u->path.failed |= to->failed;
    return;
  }
  case URL_HOST:
  case URL_HOSTNAME:
    if (u->has_opaque_path) return;
    set_by_parser(u, part == URL_HOST ? HOST : HOSTNAME, value, length);
    return;
  case URL_PORT:
    if (cannot_have_credentials(u)) return;
    if (length == 0) {
      u->port = -1;
    } else {
      set_by_parser(u, PORT, value, length);
    }
    return;
  case URL_PATHNAME:
    if (u->has_opaque_path) return;
    text_clear(&u->path);
    set_by_parser(u, PATH_START, value, length);
    return;
  case URL_SEARCH:
    text_clear(&u->query);
    u->has_query = length > 0;
    if (length > 0 && value[0] == '?') {
      value++;
      length--;
    }
    if (u->has_query) set_by_parser(u, QUERY, value, length);
    return;
  case URL_HASH:
    text_clear(&u->fragment);
    u->has_fragment = length > 0;
    if (length > 0 && value[0] == '#') {
      value++;
      length--;
    }
    if (u->has_fragment) set_by_parser(u, FRAGMENT, value, length);
    return;
  }
}

// The URL serializer (4.5).
void rt_url_serialize(const Url *u, TextBuffer *out, UrlOffsets *at) {
  text_append_text(out, &u->scheme);
  text_add(out, ':');
  at->scheme_end = (uint32_t)out->length;
  if (u->has_host) {
    text_append_c(out, "//");
    text_append_text(out, &u->username);
    at->username_end = (uint32_t)out->length;
    if (u->password.length > 0) text_add(out, ':');
    at->password_start = (uint32_t)out->length;
    text_append_text(out, &u->password);
    at->password_end = (uint32_t)out->length;
    if (has_credentials(u)) text_add(out, '@');
    at->host_start = (uint32_t)out->length;
    text_append_text(out, &u->host);
    at->host_end = (uint32_t)out->length;
    if (u->port >= 0) {
      char digits[6];
      int n = 0;
      for (int port = u->port; port > 0 || n == 0; port /= 10) {
        digits[n++] = (char)('0' + port % 10);
      }
      text_add(out, ':');
      while (n > 0)
        text_add(out, digits[--n]);
    }
  } else {
    at->username_end = at->password_start = at->password_end = at->host_start =
        at->host_end = at->scheme_end;
  }
  at->port_end = u->has_host ? (uint32_t)out->length : at->scheme_end;
  if (!u->has_host && !u->has_opaque_path && u->path.length > 1 &&
      memcmp(u->path.bytes, "//", 2) == 0) {
    text_append_c(out, "/.");
  }
  at->path_start = (uint32_t)out->length;
  text_append_text(out, &u->path);
  at->path_end = (uint32_t)out->length;
  if (u->has_query) {
    text_add(out, '?');
    text_append_text(out, &u->query);
  }
  at->query_end = (uint32_t)out->length;
  if (u->has_fragment) {
    text_add(out, '#');
    text_append_text(out, &u->fragment);
  }
}
