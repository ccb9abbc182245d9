// SPDX-License-Identifier: MIT
// Paths of files and file: URLs, without a look at the heap.
#ifndef RILL_RUNTIME_MODULES_PATHS_H
#define RILL_RUNTIME_MODULES_PATHS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

bool rt_is_file(const char *path);
bool rt_is_directory(const char *path);
// `path` as seen from a directory, "." and ".." resolved. `out`: PATH_MAX
// bytes. False: too long.
bool rt_path_join(char *out, const char *directory, const char *path);
// `out` may be `path`; PATH_MAX bytes.
void rt_directory_of(char *out, const char *path);
// ".js" and the like, at the end.
bool rt_has_extension(const char *path, const char *extension);
// Is it the name of a TypeScript file: .ts, .mts, .cts?
bool rt_is_typescript(const char *path);
// "/...", "./...", "../...", ".", "..": no bare specifier.
bool rt_is_path_specifier(const char *specifier);
// Takes %XX apart, in place; the new length.
size_t rt_decode_percent(char *text);
// The same. False: a slash or NUL was written so, which names no file.
bool rt_decode_path(char *path);
// file:// and the path with %XX where needed; malloc'ed. NULL: out of memory.
char *rt_file_url(const char *path);

#endif
