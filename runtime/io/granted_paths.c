// SPDX-License-Identifier: MIT
// Resolution of granted paths. The kernel walks them (openat2 with
// RESOLVE_BENEATH), so that nobody can change the tree between a check and its
// use.
#include "runtime/io/granted_paths.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

char *granted_normalize(const char *path) {
  char *out = malloc(strlen(path) + 2);
  if (out == NULL) return NULL;
  size_t length = 0;
  for (const char *at = path; *at != 0;) {
    size_t part = strcspn(at, "/");
    if (part == 2 && at[0] == '.' && at[1] == '.') {
      while (length > 0 && out[--length] != '/')
        continue;
    } else if (part > 0 && !(part == 1 && at[0] == '.')) {
      out[length++] = '/';
      memcpy(out + length, at, part);
      length += part;
    }
    at += part + (at[part] == '/');
  }
  out[length] = 0;
  return out;
}

int granted_find(const Grants *g, const char *path, GrantedPlace *out) {
  *out = (GrantedPlace){.normal = granted_normalize(path)};
  if (out->normal == NULL) return UV_ENOMEM;
  size_t longest = 0;
  for (size_t i = 0; i < g->directory_count; i++) {
    const GrantedDirectory *d = &g->directories[i];
    size_t length = strlen(d->path);
    const char *rest = out->normal + length;
    if (strncmp(out->normal, d->path, length) != 0 ||
        (*rest != 0 && *rest != '/') ||
        (out->directory != NULL && length < longest))
      continue;
    longest = length;
    out->directory = d;
    out->rest = *rest == '/' ? rest + 1 : rest;
  }
  return out->directory == NULL ? UV_EACCES : 0;
}

void granted_forget(GrantedPlace *place) {
  free(place->normal);
  place->normal = NULL;
}

int granted_open(const GrantedPlace *place, const char *rest, int flags,
                 int mode) {
  struct open_how how = {
      .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
      .mode = flags & (O_CREAT | __O_TMPFILE) ? (uint64_t)mode & 07777 : 0,
      .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
  };
  long descriptor;
  do {
    // EAGAIN: something was renamed during the walk.
    descriptor = syscall(SYS_openat2, place->directory->descriptor,
                         *rest == 0 ? "." : rest, &how, sizeof how);
  } while (descriptor < 0 && errno == EAGAIN);
  if (descriptor >= 0) return (int)descriptor;
  // What leads out is as what is not granted.
  return errno == EXDEV ? UV_EACCES : uv_translate_sys_error(errno);
}

int granted_open_parent(const GrantedPlace *place, const char **name) {
  if (*place->rest == 0) return UV_EBUSY;
  const char *slash = strrchr(place->rest, '/');
  *name = slash == NULL ? place->rest : slash + 1;
  char *folder =
      strndup(place->rest, slash == NULL ? 0 : (size_t)(slash - place->rest));
  if (folder == NULL) return UV_ENOMEM;
  int descriptor = granted_open(place, folder, O_PATH | O_DIRECTORY, 0);
  free(folder);
  return descriptor;
}

// The host's path of a descriptor. False: unknown.
static bool host_path(int descriptor, char path[PATH_MAX]) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length <= 0) return false;
  path[length] = 0;
  return true;
}

char *granted_path_of(const GrantedPlace *place, int descriptor, int *error) {
  char root[PATH_MAX], path[PATH_MAX];
  *error = UV_ENOENT;
  if (!host_path(place->directory->descriptor, root) ||
      !host_path(descriptor, path))
    return NULL;
  size_t length = strcmp(root, "/") == 0 ? 0 : strlen(root);
  if (strncmp(path, root, length) != 0 ||
      (path[length] != 0 && path[length] != '/'))
    return NULL;
  const char *rest = path + length;
  if (strcmp(rest, "/") == 0) rest = "";
  char *result = NULL;
  const char *above = place->directory->path;
  *error = asprintf(&result, "%s%s%s", above, rest,
                    *above == 0 && *rest == 0 ? "/" : "") < 0
               ? UV_ENOMEM
               : 0;
  return *error == 0 ? result : NULL;
}
