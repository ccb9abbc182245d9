// SPDX-License-Identifier: MIT
// The builtin modules written in the language (modules/lib), as text in the
// binary: scripts/embed_modules.py makes the table.
#ifndef RILL_RUNTIME_MODULES_EMBEDDED_H
#define RILL_RUNTIME_MODULES_EMBEDDED_H

#include <stddef.h>

typedef struct EmbeddedModule {
  const char *name; // "node:fs"
  size_t length;
  const char *text; // UTF-8
} EmbeddedModule;

// Sorted by name.
extern const EmbeddedModule rt_embedded_modules[];
extern const unsigned rt_embedded_module_count;

#endif
