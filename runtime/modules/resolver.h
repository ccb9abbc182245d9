// SPDX-License-Identifier: MIT
// What the parts of the resolver share: resolver.c begins and ends, packages
// are package_resolver.c's.
#ifndef RILL_RUNTIME_MODULES_RESOLVER_H
#define RILL_RUNTIME_MODULES_RESOLVER_H

#include "runtime/modules/loader.h"
#include "runtime/modules/paths.h"

typedef struct Resolver {
  Runtime *rt;
  Isolate *iso;
  ResolveMode mode;
  const char *specifier, *referrer;
  char result[PATH_MAX]; // of all functions that return true
} Resolver;

// Throw, and return false.
bool rt_throw_not_found(Resolver *, const char *what);
// The canonical path of a file that is there.
bool rt_resolve_file(Resolver *, const char *path) VM_CHECKED;
// A path without extension perhaps (require), or of a directory.
bool rt_resolve_path(Resolver *, const char *path) VM_CHECKED;
// LOAD_AS_DIRECTORY: package.json's main, then index. False with an exception,
// or without one: nothing is there.
bool rt_find_in_directory(Resolver *, const char *directory,
                          char *out) VM_CHECKED;
// LOAD_AS_FILE: exact, then with the known extensions.
bool rt_find_file(const char *path, char *out);

// "name" and "@scope/name", with or without a subpath.
bool rt_resolve_package(Resolver *, const char *directory) VM_CHECKED;
// "#name": the "imports" of the package that the referrer belongs to.
bool rt_resolve_private(Resolver *, const char *directory) VM_CHECKED;

#endif
