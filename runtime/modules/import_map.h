// SPDX-License-Identifier: MIT
// Import maps: a JSON file that says what specifiers of imports mean, in the
// format of the HTML standard. Addresses are files, seen from the map's
// directory, or builtin modules; require() does not ask it.
#ifndef RILL_RUNTIME_MODULES_IMPORT_MAP_H
#define RILL_RUNTIME_MODULES_IMPORT_MAP_H

#include "runtime/runtime.h"

typedef struct ImportMap ImportMap;

// NULL: threw (no such file, no JSON, another shape).
ImportMap *rt_import_map_read(Isolate *, const char *path) VM_CHECKED;
void rt_import_map_free(ImportMap *);
// 1: `out` (PATH_MAX bytes) is the address: an absolute path or a specifier
// with a scheme. 0: the map says nothing. TRI_THREW: the map forbids it.
// `directory`: what relative specifiers are seen from.
Tri rt_import_map_resolve(Isolate *, const ImportMap *, const char *specifier,
                          const char *referrer, const char *directory,
                          char *out) VM_CHECKED;

#endif
