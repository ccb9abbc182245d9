// SPDX-License-Identifier: MIT
// From a path as scripts see it to a descriptor within a granted directory.
#ifndef RILL_RUNTIME_IO_GRANTED_PATHS_H
#define RILL_RUNTIME_IO_GRANTED_PATHS_H

#include "runtime/io/grants.h"

// An absolute path without ".", "..", empty parts and a slash at its end; a
// relative one counts from the root. malloc'ed; NULL: no memory.
char *granted_normalize(const char *path);

// Where a path leads.
typedef struct GrantedPlace {
  const GrantedDirectory *directory;
  char *normal;     // the whole path; owned
  const char *rest; // below the directory, without a leading slash
} GrantedPlace;
// 0 or a negative libuv code (UV_EACCES: nothing is granted there).
int granted_find(const Grants *, const char *path, GrantedPlace *out);
void granted_forget(GrantedPlace *);

// Opens something below a granted directory: never anything else. A negative
// libuv code on failure. `rest` may be empty: the directory itself.
int granted_open(const GrantedPlace *, const char *rest, int flags, int mode);
// The directory that the last part of the path is in, and that part. UV_EBUSY:
// the path is a granted directory itself.
int granted_open_parent(const GrantedPlace *, const char **name);
// The path as scripts see it of what is open; malloc'ed. NULL: *error.
char *granted_path_of(const GrantedPlace *, int descriptor, int *error);

#endif
