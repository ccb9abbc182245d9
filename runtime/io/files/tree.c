// SPDX-License-Identifier: MIT
// File operations on directories: their entries, and whole trees. Between
// entries a cancelled call ends.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/io/files/call.h"

// A failure within a tree names the entry, the innermost one.
static void blame(FileCall *call, const char *path, const char *path2) {
  if (call->is_named) return;
  call->is_named = true;
  char *one = strdup(path), *two = path2 == NULL ? NULL : strdup(path2);
  free(call->path);
  free(call->path2);
  call->path = one;
  call->path2 = two;
}

static bool is_stopped(FileCall *call, const char *system_call) {
  if (file_is_cancelled(call)) file_fail(call, system_call, UV_ECANCELED);
  return call->error != 0;
}

// Entries
// -----------------------------------------------------------------------

// A kind (a letter) and a name that ends with 0, for each entry.
typedef struct Entries {
  char *bytes;
  size_t length, capacity;
  int64_t count;
} Entries;

static char letter_of(unsigned char type) {
  switch (type) {
  case DT_REG:
    return 'f';
  case DT_DIR:
    return 'd';
  case DT_LNK:
    return 'l';
  case DT_FIFO:
    return 'p';
  case DT_SOCK:
    return 's';
  case DT_CHR:
    return 'c';
  case DT_BLK:
    return 'b';
  default:
    return 'u';
  }
}

static bool add_entry(FileCall *call, Entries *entries, char letter,
                      const char *name) {
  size_t size = strlen(name) + 2;
  if (entries->length + size > entries->capacity) {
    size_t capacity = entries->capacity * 2 + size + 1024;
    char *bytes = realloc(entries->bytes, capacity);
    if (bytes == NULL) {
      file_fail(call, "scandir", UV_ENOMEM);
      return false;
    }
    entries->bytes = bytes;
    entries->capacity = capacity;
  }
  entries->bytes[entries->length] = letter;
  memcpy(entries->bytes + entries->length + 1, name, size - 1);
  entries->length += size;
  entries->count++;
  return true;
}

// What one system call gives of a directory. False: failed, or no more.
static bool read_piece(FileCall *call, int descriptor, Entries *entries) {
  _Alignas(struct dirent64) char buffer[32 * 1024];
  ssize_t count;
  do {
    count = getdents64(descriptor, buffer, sizeof buffer);
  } while (count < 0 && file_retry(call));
  if (count < 0) file_fail_errno(call, "scandir");
  if (count <= 0) return false;
  for (ssize_t at = 0; at < count;) {
    const struct dirent64 *entry = (const void *)(buffer + at);
    at += entry->d_reclen;
    const char *name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
    unsigned char type = entry->d_type;
    if (type == DT_UNKNOWN) { // some file systems do not say
      struct stat status;
      if (fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0)
        type = IFTODT(status.st_mode);
    }
    if (!add_entry(call, entries, letter_of(type), name)) return false;
  }
  return true;
}

static bool list(FileCall *call, const char *path, int flags,
                 Entries *entries) {
  int descriptor;
  do {
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
  } while (descriptor < 0 && file_retry(call));
  if (descriptor < 0) {
    file_fail_errno(call, "scandir");
    return false;
  }
  while (!is_stopped(call, "scandir") && read_piece(call, descriptor, entries))
    continue;
  close(descriptor);
  return call->error == 0;
}

static int compare_names(const void *a, const void *b) {
  return strcmp(*(char *const *)a + 1, *(char *const *)b + 1);
}

// Sorts them by name, by the bytes of UTF-8.
static void sort(FileCall *call, Entries *entries) {
  if (entries->count < 2) return;
  char **order = malloc((size_t)entries->count * sizeof *order);
  char *sorted = malloc(entries->length);
  if (order == NULL || sorted == NULL) {
    free(order);
    free(sorted);
    file_fail(call, "scandir", UV_ENOMEM);
    return;
  }
  size_t at = 0;
  for (int64_t i = 0; i < entries->count; i++) {
    order[i] = entries->bytes + at;
    at += strlen(order[i]) + 1;
  }
  qsort(order, (size_t)entries->count, sizeof *order, compare_names);
  at = 0;
  for (int64_t i = 0; i < entries->count; i++) {
    size_t size = strlen(order[i]) + 1;
    memcpy(sorted + at, order[i], size);
    at += size;
  }
  free(order);
  free(entries->bytes);
  entries->bytes = sorted;
}

static void keep(FileCall *call, Entries *entries) {
  call->bytes = entries->bytes;
  call->length = entries->length;
  call->number = entries->count;
}

void file_read_directory(FileCall *call) {
  Entries entries = {0};
  if (list(call, call->path, 0, &entries)) sort(call, &entries);
  keep(call, &entries);
}

void file_read_entries(FileCall *call) {
  Entries entries = {0};
  // A piece may hold nothing but . and ..
  while (read_piece(call, call->descriptor, &entries) && entries.count == 0)
    continue;
  keep(call, &entries);
}

static char *join(const char *folder, const char *name) {
  size_t size = strlen(folder) + strlen(name) + 2;
  char *path = malloc(size);
  if (path != NULL) snprintf(path, size, "%s/%s", folder, name);
  return path;
}

// Making
// ------------------------------------------------------------------------

static int make_directory(const char *path, int mode) {
  return mkdir(path, (mode_t)mode) == 0 ? 0 : uv_translate_sys_error(errno);
}

// call->bytes is the first directory that was made, if any.
static int make_missing(FileCall *call) {
  int error = make_directory(call->path, call->mode);
  if (error == 0) call->bytes = strdup(call->path);
  if (error != UV_ENOENT) return error;
  for (char *p = call->path + 1; *p != 0; p++) {
    if (*p != '/' || p[-1] == '/') continue;
    *p = 0;
    error = make_directory(call->path, call->mode);
    if (error == 0 && call->bytes == NULL) call->bytes = strdup(call->path);
    *p = '/';
    if (error != 0 && error != UV_EEXIST && error != UV_EISDIR) return error;
  }
  return make_directory(call->path, call->mode);
}

void file_make_directories(FileCall *call) {
  bool recursive = call->options & FILE_RECURSIVE;
  int error =
      recursive ? make_missing(call) : make_directory(call->path, call->mode);
  if (error == UV_EEXIST && recursive) {
    struct stat status;
    if (stat(call->path, &status) == 0 && S_ISDIR(status.st_mode)) error = 0;
  }
  if (error != 0) file_fail(call, "mkdir", error);
  if (call->bytes != NULL) call->length = strlen(call->bytes);
}

// Removing
// ------------------------------------------------------------------------

static bool remove_entry(FileCall *call, const char *path, char letter);

static void remove_entries(FileCall *call, const char *path) {
  Entries entries = {0};
  if (!list(call, path, O_NOFOLLOW, &entries)) {
    blame(call, path, NULL);
  } else {
    for (const char *at = entries.bytes; at < entries.bytes + entries.length;
         at += strlen(at) + 1) {
      char *child = join(path, at + 1);
      if (child == NULL) file_fail(call, "rm", UV_ENOMEM);
      bool ok = child != NULL && remove_entry(call, child, *at);
      free(child);
      if (!ok) break;
    }
  }
  free(entries.bytes);
}

static bool remove_entry(FileCall *call, const char *path, char letter) {
  if (is_stopped(call, "rm")) return false;
  if (letter == 'd') {
    remove_entries(call, path);
    if (call->error != 0) return false;
    if (rmdir(path) == 0) return true;
  } else if (unlink(path) == 0) {
    return true;
  }
  if (errno == ENOENT) return true; // somebody else did it
  file_fail_errno(call, "rm");
  blame(call, path, NULL);
  return false;
}

void file_remove_tree(FileCall *call) {
  struct stat status;
  if (lstat(call->path, &status) != 0) {
    if (errno != ENOENT || !(call->options & FILE_FORCE))
      file_fail_errno(call, "lstat");
    return;
  }
  bool is_folder = S_ISDIR(status.st_mode);
  if (is_folder && !(call->options & FILE_RECURSIVE)) {
    file_fail(call, "rm", UV_EISDIR);
    return;
  }
  char *path = strdup(call->path); // call->path may change
  if (path == NULL) {
    file_fail(call, "rm", UV_ENOMEM);
    return;
  }
  remove_entry(call, path, is_folder ? 'd' : 'f');
  free(path);
}

// Copying
// -------------------------------------------------------------------------

// The directories above an entry, to notice symbolic links that lead back.
typedef struct Above {
  const struct Above *above;
  dev_t device;
  ino_t inode;
} Above;

static void copy_entry(FileCall *call, const char *from, const char *to,
                       const Above *above);

static void copy_link(FileCall *call, const char *from, const char *to) {
  char target[PATH_MAX + 1];
  ssize_t length = readlink(from, target, sizeof target - 1);
  if (length < 0) {
    file_fail_errno(call, "readlink");
    return;
  }
  target[length] = 0;
  if (symlink(target, to) == 0) return;
  if (errno == EEXIST && !(call->options & FILE_EXCLUSIVE) && unlink(to) == 0 &&
      symlink(target, to) == 0) {
    return;
  }
  file_fail_errno(call, "symlink");
}

static void copy_folder(FileCall *call, const char *from, const char *to,
                        const struct stat *status, const Above *above) {
  const Above self = {above, status->st_dev, status->st_ino};
  for (const Above *a = above; a != NULL; a = a->above) {
    if (a->device == self.device && a->inode == self.inode) {
      file_fail(call, "copy", UV_ELOOP);
      return;
    }
  }
  struct stat existing;
  bool made = mkdir(to, (status->st_mode & 07777) | 0700) == 0;
  if (!made && (errno != EEXIST || stat(to, &existing) != 0 ||
                !S_ISDIR(existing.st_mode))) {
    file_fail_errno(call, "mkdir");
    return;
  }
  Entries entries = {0};
  list(call, from, 0, &entries);
  for (const char *at = entries.bytes;
       call->error == 0 && at < entries.bytes + entries.length;
       at += strlen(at) + 1) {
    char *one = join(from, at + 1), *two = join(to, at + 1);
    if (one == NULL || two == NULL) {
      file_fail(call, "copy", UV_ENOMEM);
    } else {
      copy_entry(call, one, two, &self);
    }
    free(one);
    free(two);
  }
  free(entries.bytes);
  if (call->error != 0) return;
  // The mode last: it may forbid writing.
  if (made && chmod(to, status->st_mode & 07777) != 0)
    file_fail_errno(call, "chmod");
  const struct timespec times[] = {status->st_atim, status->st_mtim};
  if ((call->options & FILE_TIMES) && utimensat(AT_FDCWD, to, times, 0) != 0) {
    file_fail_errno(call, "utime");
  }
}

static void copy_entry(FileCall *call, const char *from, const char *to,
                       const Above *above) {
  if (is_stopped(call, "copy")) return;
  struct stat status, existing;
  bool follow = call->options & FILE_FOLLOW;
  if ((follow ? stat(from, &status) : lstat(from, &status)) != 0) {
    file_fail_errno(call, follow ? "stat" : "lstat");
  } else if (S_ISDIR(status.st_mode)) {
    copy_folder(call, from, to, &status, above);
  } else if ((call->options & FILE_KEEP) && lstat(to, &existing) == 0) {
    return;
  } else if (S_ISLNK(status.st_mode)) {
    copy_link(call, from, to);
  } else if (S_ISREG(status.st_mode)) {
    file_copy(call, from, to);
  } else {
    file_fail(call, "copy", UV_EINVAL);
  }
  if (call->error != 0) blame(call, from, to);
}

// Whether `to` is, or would be, within the directory `from`; or the system's
// error, negative.
static int is_within(const char *from, const char *to) {
  struct stat folder, status;
  if (stat(from, &folder) != 0 || !S_ISDIR(folder.st_mode)) return false;
  char *path = strdup(to);
  bool failed = path == NULL;
  bool within = false;
  while (path != NULL && !within) {
    bool exists = stat(path, &status) == 0;
    within = exists && status.st_dev == folder.st_dev &&
             status.st_ino == folder.st_ino;
    char *slash = strrchr(path, '/');
    if (exists) {
      // What exists has a way up without links.
      char *real = realpath(path, NULL);
      free(path);
      path = real;
      failed = path == NULL;
      slash = path == NULL ? NULL : strrchr(path, '/');
    } else if (slash == NULL) {
      free(path);
      path = strdup(".");
      failed = path == NULL;
      continue;
    }
    if (slash == NULL || path[1] == 0) break;
    slash[slash == path] = 0;
  }
  free(path);
  return failed ? -errno : within;
}

void file_copy_tree(FileCall *call) {
  char *from = strdup(call->path), *to = strdup(call->path2);
  int within = from != NULL && to != NULL ? is_within(from, to) : UV_ENOMEM;
  if (within != 0) {
    file_fail(call, "copy", within < 0 ? within : UV_EINVAL);
  } else {
    copy_entry(call, from, to, NULL);
  }
  free(from);
  free(to);
}
