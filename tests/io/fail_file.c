// SPDX-License-Identifier: MIT
// Makes one system call of a program fail that has to do with files, of those
// whose path contains FAIL_PATH.
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "../net/fail.h"

static int is_meant(const char *path) {
  const char *part = getenv("FAIL_PATH");
  return part != NULL && strstr(path, part) != NULL;
}

static int is_open_meant(int descriptor) {
  char link[40], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  long length = call_system(SYS_readlink,
                            (long[6]){(long)link, (long)path, sizeof path - 1});
  if (length < 0) return 0;
  path[length] = 0;
  return is_meant(path);
}

#define ON_PATH(type, name, parameters, arguments)                             \
  INTERPOSE_WHERE(is_meant(p), type, name, parameters, arguments)
#define ON_FILE(type, name, parameters, arguments)                             \
  INTERPOSE_WHERE(is_open_meant(d), type, name, parameters, arguments)

__attribute__((visibility("default"))) int open(const char *p, int flags, ...) {
  static int (*real)(const char *, int, ...);
  if (real == NULL)
    real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
  va_list list;
  va_start(list, flags);
  int mode = va_arg(list, int);
  va_end(list);
  return is_meant(p) && should_fail("open") ? -1 : real(p, flags, mode);
}

ON_FILE(ssize_t, read, (int d, void *b, size_t n), (d, b, n))
ON_FILE(ssize_t, write, (int d, const void *b, size_t n), (d, b, n))
ON_FILE(ssize_t, pread, (int d, void *b, size_t n, off_t o), (d, b, n, o))
ON_FILE(ssize_t, pwrite, (int d, const void *b, size_t n, off_t o),
        (d, b, n, o))
ON_FILE(int, fstat, (int d, struct stat *s), (d, s))
ON_FILE(int, fsync, (int d), (d))
ON_FILE(int, fdatasync, (int d), (d))
ON_FILE(int, ftruncate, (int d, off_t n), (d, n))
ON_FILE(int, fchmod, (int d, mode_t m), (d, m))
ON_FILE(int, fchown, (int d, uid_t u, gid_t g), (d, u, g))
ON_FILE(int, futimens, (int d, const struct timespec t[2]), (d, t))
ON_FILE(int, flock, (int d, int o), (d, o))
ON_FILE(ssize_t, getdents64, (int d, void *b, size_t n), (d, b, n))
ON_FILE(ssize_t, copy_file_range,
        (int d, off64_t *a, int e, off64_t *b, size_t n, unsigned f),
        (d, a, e, b, n, f))
ON_PATH(int, stat, (const char *p, struct stat *s), (p, s))
ON_PATH(int, lstat, (const char *p, struct stat *s), (p, s))
ON_PATH(int, mkdir, (const char *p, mode_t m), (p, m))
ON_PATH(int, rmdir, (const char *p), (p))
ON_PATH(int, unlink, (const char *p), (p))
ON_PATH(int, rename, (const char *p, const char *q), (p, q))
ON_PATH(int, chmod, (const char *p, mode_t m), (p, m))
ON_PATH(ssize_t, readlink, (const char *p, char *b, size_t n), (p, b, n))
INTERPOSE(int, inotify_init1, (int f), (f))
INTERPOSE(int, inotify_add_watch, (int d, const char *p, uint32_t m), (d, p, m))
