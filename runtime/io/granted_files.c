// SPDX-License-Identifier: MIT
// File operations within grants. What a path means is opened first, by the
// kernel's own walk; the operation then goes to that descriptor, or to a name
// within it that is not followed, by way of /proc/self/fd.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/io/granted_paths.h"

enum { ANSWERED = 1 }; // positive, as no error is

// How a path of an operation is used.
typedef enum {
  USE_NONE,
  USE_FOLLOW, // what it leads to
  USE_CREATE, // the same, or a new file
  USE_NAME,   // the entry itself
} PathUse;

typedef struct Rule {
  PathUse first, second;
  bool writes;
} Rule;

// False: not within grants.
static bool rule_of(const FileCall *call, Rule *rule) {
  bool follows = (call->options & FILE_FOLLOW) != 0;
  bool atomic = (call->options & FILE_ATOMIC) != 0;
  bool opens_to_write =
      (call->flags & (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND)) != O_RDONLY;
  switch (call->operation) {
  case IO_OPERATION_READ_FILE:
  case IO_OPERATION_READ_TEXT:
  case IO_OPERATION_OPEN:
    *rule = (Rule){call->flags & O_CREAT ? USE_CREATE : USE_FOLLOW, USE_NONE,
                   opens_to_write};
    return (call->flags & __O_TMPFILE) == 0;
  case IO_OPERATION_WRITE_FILE:
  case IO_OPERATION_APPEND_FILE:
    *rule = (Rule){atomic ? USE_NAME : USE_CREATE, USE_NONE, true};
    return true;
  case IO_OPERATION_TRUNCATE:
  case IO_OPERATION_CHANGE_MODE:
    *rule = (Rule){USE_FOLLOW, USE_NONE, true};
    return true;
  case IO_OPERATION_SET_TIMES:
    *rule = (Rule){follows ? USE_FOLLOW : USE_NAME, USE_NONE, true};
    return true;
  case IO_OPERATION_STAT:
  case IO_OPERATION_EXISTS:
  case IO_OPERATION_READ_DIRECTORY:
  case IO_OPERATION_REAL_PATH:
    *rule = (Rule){USE_FOLLOW, USE_NONE, false};
    return true;
  case IO_OPERATION_ACCESS:
    *rule = (Rule){USE_FOLLOW, USE_NONE, (call->mode & W_OK) != 0};
    return true;
  case IO_OPERATION_LSTAT:
  case IO_OPERATION_READ_LINK:
    *rule = (Rule){USE_NAME, USE_NONE, false};
    return true;
  case IO_OPERATION_MAKE_DIRECTORY:
  case IO_OPERATION_MAKE_TEMPORARY_DIRECTORY:
  case IO_OPERATION_REMOVE_DIRECTORY:
  case IO_OPERATION_REMOVE:
  case IO_OPERATION_UNLINK:
    *rule = (Rule){USE_NAME, USE_NONE, true};
    return true;
  case IO_OPERATION_RENAME:
    *rule = (Rule){USE_NAME, USE_NAME, true};
    return true;
  case IO_OPERATION_COPY_FILE:
    *rule = (Rule){USE_FOLLOW, USE_CREATE, true};
    return true;
  case IO_OPERATION_SYMBOLIC_LINK:
    *rule = (Rule){USE_NONE, USE_NAME, true};
    return true;
  default:
    return false;
  }
}

// Descriptors ---------------------------------------------------------------

static bool note_descriptor(Grants *g, int descriptor, uint8_t how) {
  size_t place = (size_t)descriptor;
  pthread_mutex_lock(&g->lock);
  if (place >= g->descriptor_capacity) {
    size_t capacity = place * 2 + 64;
    uint8_t *grown = realloc(g->descriptors, capacity);
    if (grown != NULL) {
      memset(grown + g->descriptor_capacity, 0,
             capacity - g->descriptor_capacity);
      g->descriptors = grown;
      g->descriptor_capacity = capacity;
    }
  }
  bool done = place < g->descriptor_capacity;
  if (done) g->descriptors[place] = how;
  pthread_mutex_unlock(&g->lock);
  return done;
}

static uint8_t look_up_descriptor(Grants *g, int descriptor) {
  pthread_mutex_lock(&g->lock);
  uint8_t how = descriptor >= 0 && (size_t)descriptor < g->descriptor_capacity
                    ? g->descriptors[descriptor]
                    : 0;
  pthread_mutex_unlock(&g->lock);
  return how;
}

static void run_on_descriptor(FileCall *call) {
  uint8_t how = look_up_descriptor(call->grants, call->descriptor);
  bool changes = call->operation == IO_OPERATION_CHANGE_MODE ||
                 call->operation == IO_OPERATION_SET_TIMES;
  if ((how & DESCRIPTOR_OPEN) == 0) {
    file_fail(call, "access", UV_EBADF);
  } else if (call->operation == IO_OPERATION_CHANGE_OWNER) {
    file_fail(call, "fchown", UV_EPERM);
  } else if (changes && (how & DESCRIPTOR_WRITABLE) == 0) {
    file_fail(call, "access", UV_EROFS);
  } else {
    // Before it is closed: the number may be somebody else's at once.
    if (call->operation == IO_OPERATION_CLOSE)
      note_descriptor(call->grants, call->descriptor, 0);
    file_perform(call);
  }
}

// Paths -----------------------------------------------------------------------

// A path of the call, opened.
typedef struct Opened {
  GrantedPlace place;
  int descriptor;
  char path[64 + NAME_MAX];
} Opened;

static void release(Opened *o) {
  if (o->descriptor >= 0) close(o->descriptor);
  granted_forget(&o->place);
}

static int open_name(Opened *o) {
  const char *name;
  o->descriptor = granted_open_parent(&o->place, &name);
  if (o->descriptor < 0) return o->descriptor;
  if (strlen(name) > NAME_MAX) return UV_ENAMETOOLONG;
  snprintf(o->path, sizeof o->path, "/proc/self/fd/%d/%s", o->descriptor, name);
  return 0;
}

// 0 or a negative libuv code.
static int open_path(FileCall *call, Opened *o, const char *path, PathUse use,
                     bool writes) {
  *o = (Opened){.descriptor = -1};
  int error = granted_find(call->grants, path, &o->place);
  if (error != 0) return error;
  if (writes && !o->place.directory->may_write) return UV_EROFS;
  if (use == USE_NAME && *o->place.rest == 0 &&
      call->operation == IO_OPERATION_LSTAT)
    use = USE_FOLLOW; // a granted directory is no link
  if (use == USE_NAME) return open_name(o);
  bool is_exclusive = use == USE_CREATE && (call->flags & O_EXCL) != 0;
  if (!is_exclusive) {
    // O_NOFOLLOW: the script wants to see links itself.
    int flags = O_PATH | (call->operation == IO_OPERATION_OPEN
                              ? call->flags & (O_NOFOLLOW | O_DIRECTORY)
                              : 0);
    o->descriptor = granted_open(&o->place, o->place.rest, flags, 0);
    if (o->descriptor >= 0) {
      struct stat status;
      if ((flags & O_NOFOLLOW) != 0 && fstat(o->descriptor, &status) == 0 &&
          S_ISLNK(status.st_mode))
        return UV_ELOOP;
      snprintf(o->path, sizeof o->path, "/proc/self/fd/%d", o->descriptor);
      if (call->operation == IO_OPERATION_OPEN) call->flags &= ~O_NOFOLLOW;
      return 0;
    }
    if (use != USE_CREATE || o->descriptor != UV_ENOENT) return o->descriptor;
  }
  // A new file: a link that stands there in the meantime is not followed.
  call->no_follow = O_NOFOLLOW;
  return open_name(o);
}

// Operations that need more than one path
// --------------------------------------

// mkdir -p, a step at a time.
static void make_directories(FileCall *call, const GrantedPlace *place) {
  for (const char *at = place->rest;; at++) {
    if (*at != '/' && *at != 0) continue;
    char *rest = strndup(place->rest, (size_t)(at - place->rest));
    if (rest == NULL) {
      file_fail(call, "mkdir", UV_ENOMEM);
      return;
    }
    GrantedPlace step = *place;
    step.rest = rest;
    const char *name;
    int parent = granted_open_parent(&step, &name);
    int error = parent < 0 ? parent : 0;
    if (error == 0 && mkdirat(parent, name, (mode_t)call->mode) != 0) {
      error = uv_translate_sys_error(errno);
      if (error == UV_EEXIST) {
        int there = granted_open(place, rest, O_PATH | O_DIRECTORY, 0);
        if (there >= 0) close(there);
        bool is_file = there == UV_ENOTDIR && *at == 0;
        error = there >= 0 ? 0 : is_file ? UV_EEXIST : there;
      }
    } else if (error == 0 && call->bytes == NULL) {
      size_t length = (size_t)(at - place->normal);
      call->bytes = strndup(place->normal, length);
      call->length = call->bytes == NULL ? 0 : length;
    }
    if (parent >= 0) close(parent);
    free(rest);
    if (error != 0) {
      file_fail(call, "mkdir", error);
      return;
    }
    if (*at == 0) return;
  }
}

// What `parent` has under the name; each step is by descriptor, so that no link
// that is put in the way is followed.
static void remove_entry(FileCall *call, int parent, const char *name,
                         uint32_t depth) {
  if (file_is_cancelled(call)) file_fail(call, "rm", UV_ECANCELED);
  if (call->error != 0) return;
  if (unlinkat(parent, name, 0) == 0 || errno == ENOENT) return;
  if (errno != EISDIR && errno != EPERM) {
    file_fail_errno(call, "rm");
    return;
  }
  if (depth > 500) {
    file_fail(call, "rm", UV_ENAMETOOLONG);
    return;
  }
  int folder =
      openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *list = folder < 0 ? NULL : fdopendir(folder);
  if (list == NULL) {
    file_fail_errno(call, "rm");
    if (folder >= 0) close(folder);
    return;
  }
  const struct dirent *entry;
  while (call->error == 0 && (entry = readdir(list)) != NULL) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    remove_entry(call, folder, entry->d_name, depth + 1);
  }
  closedir(list);
  if (call->error == 0 && unlinkat(parent, name, AT_REMOVEDIR) != 0 &&
      errno != ENOENT)
    file_fail_errno(call, "rm");
}

static void remove_tree(FileCall *call, const Opened *o) {
  const char *name = strrchr(o->place.normal, '/') + 1;
  struct stat status;
  if (fstatat(o->descriptor, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno != ENOENT || !(call->options & FILE_FORCE))
      file_fail_errno(call, "lstat");
  } else if (S_ISDIR(status.st_mode) && !(call->options & FILE_RECURSIVE)) {
    file_fail(call, "rm", UV_EISDIR);
  } else {
    remove_entry(call, o->descriptor, name, 0);
  }
}

// The first of the two names what the other leads to.
static void take_path(FileCall *call, const Opened *o) {
  int error;
  call->bytes = granted_path_of(&o->place, o->descriptor, &error);
  if (call->bytes == NULL) {
    file_fail(call, "realpath", error);
  } else {
    call->length = strlen(call->bytes);
  }
}

// A directory that was made under /proc/self/fd, as scripts see it.
static void rename_result(FileCall *call, const GrantedPlace *place) {
  if (call->error != 0 || call->bytes == NULL) return;
  const char *name = strrchr(call->bytes, '/') + 1;
  size_t folder = (size_t)(strrchr(place->normal, '/') + 1 - place->normal);
  char *path = malloc(folder + strlen(name) + 1);
  if (path == NULL) {
    rmdir(call->bytes);
    file_fail(call, "mkdtemp", UV_ENOMEM);
    return;
  }
  memcpy(path, place->normal, folder);
  strcpy(path + folder, name);
  free(call->bytes);
  call->bytes = path;
  call->length = strlen(path);
}

// What is done otherwise than by a path for another. Returns 0: by that.
static int answer(FileCall *call, const Opened *first) {
  switch (call->operation) {
  case IO_OPERATION_MAKE_DIRECTORY:
    if (!(call->options & FILE_RECURSIVE)) return 0;
    make_directories(call, &first->place);
    return ANSWERED;
  case IO_OPERATION_REMOVE:
    remove_tree(call, first);
    return ANSWERED;
  case IO_OPERATION_REAL_PATH:
    take_path(call, first);
    return ANSWERED;
  default:
    return 0;
  }
}

static const char *name_of(IoOperation operation) {
  switch (operation) {
  case IO_OPERATION_READ_DIRECTORY:
    return "scandir";
  case IO_OPERATION_STAT:
    return "stat";
  case IO_OPERATION_LSTAT:
    return "lstat";
  case IO_OPERATION_ACCESS:
    return "access";
  case IO_OPERATION_MAKE_DIRECTORY:
    return "mkdir";
  case IO_OPERATION_MAKE_TEMPORARY_DIRECTORY:
    return "mkdtemp";
  case IO_OPERATION_REMOVE_DIRECTORY:
    return "rmdir";
  case IO_OPERATION_REMOVE:
    return "rm";
  case IO_OPERATION_UNLINK:
    return "unlink";
  case IO_OPERATION_RENAME:
    return "rename";
  case IO_OPERATION_REAL_PATH:
    return "realpath";
  case IO_OPERATION_READ_LINK:
    return "readlink";
  case IO_OPERATION_SYMBOLIC_LINK:
    return "symlink";
  case IO_OPERATION_CHANGE_MODE:
    return "chmod";
  case IO_OPERATION_SET_TIMES:
    return "utime";
  case IO_OPERATION_COPY_FILE:
    return "copyfile";
  default:
    return "open";
  }
}

static void run_on_paths(FileCall *call, const Rule *rule, Opened *first,
                         Opened *second) {
  // Directories on the way of mkdir -p need not be there yet.
  bool steps = call->operation == IO_OPERATION_MAKE_DIRECTORY &&
               (call->options & FILE_RECURSIVE) != 0;
  int error = 0;
  if (steps) {
    error = granted_find(call->grants, call->path, &first->place);
    if (error == 0 && !first->place.directory->may_write) error = UV_EROFS;
    if (error == 0 && *first->place.rest == 0) return; // it is there
  } else if (rule->first != USE_NONE) {
    bool writes = rule->writes && call->operation != IO_OPERATION_COPY_FILE;
    error = open_path(call, first, call->path, rule->first, writes);
  }
  if (error == 0 && rule->second != USE_NONE)
    error = open_path(call, second, call->path2, rule->second, rule->writes);
  if (error != 0) {
    if (call->operation != IO_OPERATION_EXISTS &&
        !(call->operation == IO_OPERATION_REMOVE && error == UV_ENOENT &&
          (call->options & FILE_FORCE)))
      file_fail(call, name_of(call->operation), error);
    return;
  }
  if (answer(call, first) == ANSWERED) return;
  char *path = call->path, *path2 = call->path2;
  if (rule->first != USE_NONE) call->path = first->path;
  if (rule->second != USE_NONE) call->path2 = second->path;
  bool writes = (call->flags & O_ACCMODE) != O_RDONLY;
  // The path of a descriptor is a link itself.
  bool is_root =
      call->operation == IO_OPERATION_LSTAT && *first->place.rest == 0;
  if (is_root) call->operation = IO_OPERATION_STAT;
  file_perform(call);
  if (is_root) call->operation = IO_OPERATION_LSTAT;
  call->path = path;
  call->path2 = path2;
  if (call->operation == IO_OPERATION_MAKE_TEMPORARY_DIRECTORY) {
    rename_result(call, &first->place);
  } else if (call->operation == IO_OPERATION_MAKE_DIRECTORY) {
    free(call->bytes);
    call->bytes = NULL;
    call->length = 0;
  } else if (call->operation == IO_OPERATION_OPEN && call->error == 0 &&
             !note_descriptor(call->grants, (int)call->number,
                              DESCRIPTOR_OPEN |
                                  (writes ? DESCRIPTOR_WRITABLE : 0))) {
    close((int)call->number);
    file_fail(call, "open", UV_ENOMEM);
  }
}

void file_run_granted(FileCall *call) {
  Rule rule;
  if (call->path == NULL) {
    run_on_descriptor(call);
  } else if (!rule_of(call, &rule)) {
    file_fail(call, name_of(call->operation), UV_EPERM);
  } else {
    Opened first = {.descriptor = -1}, second = {.descriptor = -1};
    run_on_paths(call, &rule, &first, &second);
    release(&first);
    release(&second);
  }
}

void file_undo_granted(FileCall *call) {
  if (call->operation == IO_OPERATION_OPEN) {
    note_descriptor(call->grants, (int)call->number, 0);
    close((int)call->number);
  } else if (call->operation == IO_OPERATION_MAKE_TEMPORARY_DIRECTORY) {
    FileCall remove = {.operation = IO_OPERATION_REMOVE_DIRECTORY,
                       .grants = call->grants,
                       .path = call->bytes};
    file_run_granted(&remove);
  }
}
