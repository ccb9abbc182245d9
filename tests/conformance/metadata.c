// SPDX-License-Identifier: MIT
// Front matter: the subset of YAML that test262 uses.
#include <stdio.h>
#include <string.h>

#include "tests/conformance/test262.h"

static const struct {
  const char *name;
  uint32_t flag;
} flag_names[] = {
    {"onlyStrict", FLAG_ONLY_STRICT},
    {"noStrict", FLAG_NO_STRICT},
    {"module", FLAG_MODULE},
    {"raw", FLAG_RAW},
    {"async", FLAG_ASYNC},
    {"CanBlockIsFalse", FLAG_CAN_BLOCK_FALSE},
    {"CanBlockIsTrue", FLAG_CAN_BLOCK_TRUE},
};

static void add_item(Metadata *m, const char *key, const char *item,
                     size_t length) {
  if (strcmp(key, "flags") == 0) {
    for (size_t i = 0; i < sizeof flag_names / sizeof *flag_names; i++) {
      if (strlen(flag_names[i].name) == length &&
          strncmp(flag_names[i].name, item, length) == 0) {
        m->flags |= flag_names[i].flag;
      }
    }
  } else if (strcmp(key, "includes") == 0) {
    if (m->include_count < 16) {
      snprintf(m->includes[m->include_count++], sizeof m->includes[0], "%.*s",
               (int)length, item);
    }
  } else if (strcmp(key, "features") == 0) {
    if (m->feature_count < 16) {
      snprintf(m->features[m->feature_count++], sizeof m->features[0], "%.*s",
               (int)length, item);
    }
  }
}

// "[a, b]", or "a" alone.
static void add_items(Metadata *m, const char *key, const char *text,
                      size_t length) {
  const char *end = text + length;
  while (text < end) {
    size_t skip = strspn(text, " [],\r");
    text += skip;
    if (text >= end) break;
    size_t n = strcspn(text, " [],\r\n");
    if (text + n > end) n = (size_t)(end - text);
    add_item(m, key, text, n);
    text += n;
  }
}

void test262_metadata(const char *text, size_t length, Metadata *out) {
  memset(out, 0, sizeof *out);
  const char *start = strstr(text, "/*---");
  const char *end = start == NULL ? NULL : strstr(start, "---*/");
  if (end == NULL) return;
  char key[32] = "";
  const char *line = strpbrk(start, "\r\n");
  while (line != NULL && line < end) {
    line += strspn(line, "\r\n");
    size_t n = strcspn(line, "\r\n");
    if (line + n > end) break;
    size_t indent = strspn(line, " ");
    const char *body = line + indent;
    size_t body_length = n - indent;
    const char *colon = memchr(body, ':', body_length);
    if (indent == 0 && colon != NULL) {
      snprintf(key, sizeof key, "%.*s", (int)(colon - body), body);
      add_items(out, key, colon + 1, body_length - (size_t)(colon + 1 - body));
    } else if (strcmp(key, "negative") == 0 && colon != NULL) {
      const char *value = colon + 1 + strspn(colon + 1, " ");
      size_t value_length = body_length - (size_t)(value - body);
      if (strncmp(body, "phase", 5) == 0) {
        out->negative = strncmp(value, "parse", 5) == 0 ? NEGATIVE_PARSE
                        : strncmp(value, "resolution", 10) == 0
                            ? NEGATIVE_RESOLUTION
                            : NEGATIVE_RUNTIME;
      } else if (strncmp(body, "type", 4) == 0) {
        snprintf(out->negative_type, sizeof out->negative_type, "%.*s",
                 (int)value_length, value);
      }
    } else if (body_length > 2 && body[0] == '-' && body[1] == ' ') {
      add_items(out, key, body + 2, body_length - 2);
    } else if (indent > 0) {
      add_items(out, key, body, body_length);
    }
    line += n;
  }
}

bool test262_has_feature(const Metadata *m, const char *name) {
  for (int i = 0; i < m->feature_count; i++) {
    if (strcmp(m->features[i], name) == 0) return true;
  }
  return false;
}

bool test262_runs_in(const Metadata *m, bool strict) {
  if (strict) {
    return (m->flags & (FLAG_RAW | FLAG_MODULE | FLAG_NO_STRICT)) == 0;
  }
  return (m->flags & FLAG_ONLY_STRICT) == 0;
}
