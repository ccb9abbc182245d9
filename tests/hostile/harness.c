// SPDX-License-Identifier: MIT
#include "harness.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

char *read_text(const char *path) {
  FILE *f = fopen(path, "r");
  if (f == NULL) {
    perror(path);
    exit(2);
  }
  size_t size = 1 << 20;
  char *text = malloc(size);
  if (text == NULL) exit(2);
  text[fread(text, 1, size - 1, f)] = 0;
  fclose(f);
  return text;
}

static void swallow(void *data, bool to_error, const char *bytes,
                    size_t length) {
  (void)data, (void)to_error, (void)bytes, (void)length;
}
static bool on_uncaught(rill_isolate *iso, void *data,
                        const rill_error *error) {
  (void)iso, (void)data, (void)error;
  return true;
}
static bool on_rejection(rill_isolate *iso, void *data, rill_value promise,
                         rill_value reason) {
  (void)iso, (void)data, (void)promise, (void)reason;
  return true;
}

void silence(rill_isolate *iso) {
  rill_hooks hooks = RILL_HOOKS_INIT;
  hooks.output = swallow;
  hooks.uncaught = on_uncaught;
  hooks.rejection = on_rejection;
  rill_set_hooks(iso, &hooks);
}
