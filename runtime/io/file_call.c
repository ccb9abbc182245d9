// SPDX-License-Identifier: MIT
// The work of file operations. Runs on the thread pool or, for the synchronous
// forms, on the script's thread: touches no isolate.
#include "runtime/io/file_call.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fail(FileCall *call, const char *name, int error) {
  call->failed_call = name;
  call->error = error;
  return error;
}

// Reads all that a descriptor still gives. Regular files know their size; the
// rest is read in growing pieces.
static int read_to_end(FileCall *call, int descriptor) {
  uv_fs_t request;
  uv_fs_fstat(NULL, &request, descriptor, NULL);
  uint64_t size = request.result == 0 ? request.statbuf.st_size : 0;
  bool is_directory =
      request.result == 0 && (request.statbuf.st_mode & S_IFMT) == S_IFDIR;
  uv_fs_req_cleanup(&request);
  if (is_directory) return fail(call, "read", UV_EISDIR);
  call->capacity = (size_t)size + 1;
  call->bytes = malloc(call->capacity);
  if (call->bytes == NULL) return fail(call, "read", UV_ENOMEM);
  for (;;) {
    if (call->length == call->capacity) {
      size_t capacity = call->capacity * 2 < 8192 ? 8192 : call->capacity * 2;
      char *bytes = realloc(call->bytes, capacity);
      if (bytes == NULL) return fail(call, "read", UV_ENOMEM);
      call->bytes = bytes;
      call->capacity = capacity;
    }
    ssize_t count = read(descriptor, call->bytes + call->length,
                         call->capacity - call->length);
    if (count == 0) return 0;
    if (count < 0) {
      if (errno == EINTR) continue;
      return fail(call, "read", uv_translate_sys_error(errno));
    }
    call->length += (size_t)count;
  }
}

static int write_whole(FileCall *call, int descriptor) {
  size_t done = 0;
  while (done < call->length) {
    ssize_t count = write(descriptor, call->bytes + done, call->length - done);
    if (count < 0) {
      if (errno == EINTR) continue;
      return fail(call, "write", uv_translate_sys_error(errno));
    }
    done += (size_t)count;
  }
  return 0;
}

static int open_path(FileCall *call, int flags, int mode) {
  int descriptor = open(call->path, flags | O_CLOEXEC, mode);
  if (descriptor < 0) fail(call, "open", uv_translate_sys_error(errno));
  return descriptor;
}

static void read_file(FileCall *call) {
  int descriptor = open_path(call, O_RDONLY, 0);
  if (descriptor < 0) return;
  read_to_end(call, descriptor);
  close(descriptor);
}

static void write_file(FileCall *call, int flags) {
  int descriptor = open_path(call, O_WRONLY | O_CREAT | flags, 0666);
  if (descriptor < 0) return;
  write_whole(call, descriptor);
  if (close(descriptor) != 0 && call->error == 0) {
    fail(call, "close", uv_translate_sys_error(errno));
  }
}

static void read_some(FileCall *call) {
  call->bytes = malloc(call->capacity + 1);
  if (call->bytes == NULL) {
    fail(call, "read", UV_ENOMEM);
    return;
  }
  ssize_t count;
  do {
    count = call->position < 0
                ? read(call->descriptor, call->bytes, call->capacity)
                : pread(call->descriptor, call->bytes, call->capacity,
                        call->position);
  } while (count < 0 && errno == EINTR);
  if (count < 0) {
    fail(call, "read", uv_translate_sys_error(errno));
  } else {
    call->length = (size_t)count;
  }
}

static void write_some(FileCall *call) {
  size_t done = 0;
  while (done < call->length) {
    ssize_t count =
        call->position < 0
            ? write(call->descriptor, call->bytes + done, call->length - done)
            : pwrite(call->descriptor, call->bytes + done, call->length - done,
                     call->position + (int64_t)done);
    if (count < 0) {
      if (errno == EINTR) continue;
      fail(call, "write", uv_translate_sys_error(errno));
      return;
    }
    done += (size_t)count;
  }
  call->number = (int64_t)done;
}

// Names of a directory's entries, each ended by 0.
static void read_directory(FileCall *call) {
  uv_fs_t request;
  int count = uv_fs_scandir(NULL, &request, call->path, 0, NULL);
  if (count < 0) {
    fail(call, "scandir", count);
  } else {
    uv_dirent_t entry;
    while (uv_fs_scandir_next(&request, &entry) != UV_EOF) {
      size_t bytes = strlen(entry.name) + 2;
      if (call->length + bytes > call->capacity) {
        size_t capacity = (call->capacity + bytes) * 2;
        char *grown = realloc(call->bytes, capacity);
        if (grown == NULL) {
          fail(call, "scandir", UV_ENOMEM);
          break;
        }
        call->bytes = grown;
        call->capacity = capacity;
      }
      // The first byte tells files ('f'), directories ('d') and links apart.
      call->bytes[call->length] = entry.type == UV_DIRENT_DIR    ? 'd'
                                  : entry.type == UV_DIRENT_FILE ? 'f'
                                  : entry.type == UV_DIRENT_LINK ? 'l'
                                                                 : 'o';
      memcpy(call->bytes + call->length + 1, entry.name, bytes - 1);
      call->length += bytes;
      call->number++;
    }
  }
  uv_fs_req_cleanup(&request);
}

static int make_directory(const char *path, int mode) {
  return mkdir(path, (mode_t)mode) == 0 ? 0 : uv_translate_sys_error(errno);
}

// mkdir, with all missing parents if flags is set.
static void make_directories(FileCall *call) {
  int error = make_directory(call->path, call->mode);
  if (call->flags == 0) {
    if (error != 0) fail(call, "mkdir", error);
    return;
  }
  if (error == UV_ENOENT) {
    for (char *p = call->path + 1; *p != 0; p++) {
      if (*p != '/') continue;
      *p = 0;
      make_directory(call->path, call->mode);
      *p = '/';
    }
    error = make_directory(call->path, call->mode);
  }
  if (error == UV_EEXIST) {
    struct stat info;
    if (stat(call->path, &info) == 0 && S_ISDIR(info.st_mode)) error = 0;
  }
  if (error != 0) fail(call, "mkdir", error);
}

// rm -r. flags bit 0: recursive, bit 1: a missing path is no error.
static int remove_tree(FileCall *call, const char *path, int depth) {
  struct stat info;
  if (lstat(path, &info) != 0) {
    int error = uv_translate_sys_error(errno);
    if (error == UV_ENOENT && (call->flags & 2)) return 0;
    return fail(call, "rm", error);
  }
  if (!S_ISDIR(info.st_mode)) {
    return unlink(path) == 0 ? 0
                             : fail(call, "rm", uv_translate_sys_error(errno));
  }
  if (!(call->flags & 1)) return fail(call, "rm", UV_EISDIR);
  if (depth > 1000) return fail(call, "rm", UV_ENAMETOOLONG);
  uv_fs_t request;
  int count = uv_fs_scandir(NULL, &request, path, 0, NULL);
  if (count < 0) {
    uv_fs_req_cleanup(&request);
    return fail(call, "rm", count);
  }
  int result = 0;
  uv_dirent_t entry;
  while (result == 0 && uv_fs_scandir_next(&request, &entry) != UV_EOF) {
    size_t bytes = strlen(path) + strlen(entry.name) + 2;
    char *child = malloc(bytes);
    if (child == NULL) {
      result = fail(call, "rm", UV_ENOMEM);
      break;
    }
    snprintf(child, bytes, "%s/%s", path, entry.name);
    result = remove_tree(call, child, depth + 1);
    free(child);
  }
  uv_fs_req_cleanup(&request);
  if (result == 0 && rmdir(path) != 0) {
    result = fail(call, "rm", uv_translate_sys_error(errno));
  }
  return result;
}

// Takes a path from a libuv request's ptr.
static void take_text(FileCall *call, uv_fs_t *request, const char *name) {
  if (request->result < 0) {
    fail(call, name, (int)request->result);
  } else {
    const char *text = request->ptr != NULL ? request->ptr : request->path;
    call->length = strlen(text);
    call->bytes = strdup(text);
    if (call->bytes == NULL) fail(call, name, UV_ENOMEM);
  }
  uv_fs_req_cleanup(request);
}

static void take_status(FileCall *call, uv_fs_t *request, const char *name) {
  if (request->result < 0) fail(call, name, (int)request->result);
  uv_fs_req_cleanup(request);
}

static void take_stat(FileCall *call, uv_fs_t *request, const char *name) {
  call->stat = request->statbuf;
  take_status(call, request, name);
}

void rt_file_call_run(FileCall *call) {
  uv_fs_t request;
  switch (call->operation) {
  case IO_OPERATION_READ_FILE:
  case IO_OPERATION_READ_TEXT:
    if (call->path == NULL) {
      read_to_end(call, call->descriptor);
    } else {
      read_file(call);
    }
    break;
  case IO_OPERATION_WRITE_FILE:
    if (call->path == NULL) {
      write_whole(call, call->descriptor);
    } else {
      write_file(call, O_TRUNC);
    }
    break;
  case IO_OPERATION_APPEND_FILE:
    if (call->path == NULL) {
      write_whole(call, call->descriptor);
    } else {
      write_file(call, O_APPEND);
    }
    break;
  case IO_OPERATION_OPEN:
    call->number = open_path(call, call->flags, call->mode);
    break;
  case IO_OPERATION_CLOSE:
    if (close(call->descriptor) != 0) {
      fail(call, "close", uv_translate_sys_error(errno));
    }
    break;
  case IO_OPERATION_READ:
    read_some(call);
    break;
  case IO_OPERATION_WRITE:
    write_some(call);
    break;
  case IO_OPERATION_TRUNCATE:
    if ((call->path != NULL
             ? truncate(call->path, call->position)
             : ftruncate(call->descriptor, call->position)) != 0) {
      fail(call, call->path != NULL ? "truncate" : "ftruncate",
           uv_translate_sys_error(errno));
    }
    break;
  case IO_OPERATION_SYNC:
    if (fsync(call->descriptor) != 0) {
      fail(call, "fsync", uv_translate_sys_error(errno));
    }
    break;
  case IO_OPERATION_STAT:
    if (call->path == NULL) {
      uv_fs_fstat(NULL, &request, call->descriptor, NULL);
      take_stat(call, &request, "fstat");
    } else {
      uv_fs_stat(NULL, &request, call->path, NULL);
      take_stat(call, &request, "stat");
    }
    break;
  case IO_OPERATION_LSTAT:
    uv_fs_lstat(NULL, &request, call->path, NULL);
    take_stat(call, &request, "lstat");
    break;
  case IO_OPERATION_EXISTS:
    call->number = access(call->path, F_OK) == 0;
    break;
  case IO_OPERATION_ACCESS:
    uv_fs_access(NULL, &request, call->path, call->mode, NULL);
    take_status(call, &request, "access");
    break;
  case IO_OPERATION_READ_DIRECTORY:
    read_directory(call);
    break;
  case IO_OPERATION_MAKE_DIRECTORY:
    make_directories(call);
    break;
  case IO_OPERATION_MAKE_TEMPORARY_DIRECTORY:
    uv_fs_mkdtemp(NULL, &request, call->path, NULL);
    take_text(call, &request, "mkdtemp");
    break;
  case IO_OPERATION_REMOVE_DIRECTORY:
    uv_fs_rmdir(NULL, &request, call->path, NULL);
    take_status(call, &request, "rmdir");
    break;
  case IO_OPERATION_REMOVE:
    remove_tree(call, call->path, 0);
    break;
  case IO_OPERATION_UNLINK:
    uv_fs_unlink(NULL, &request, call->path, NULL);
    take_status(call, &request, "unlink");
    break;
  case IO_OPERATION_RENAME:
    uv_fs_rename(NULL, &request, call->path, call->path2, NULL);
    take_status(call, &request, "rename");
    break;
  case IO_OPERATION_COPY_FILE:
    uv_fs_copyfile(NULL, &request, call->path, call->path2, call->flags, NULL);
    take_status(call, &request, "copyfile");
    break;
  case IO_OPERATION_REAL_PATH:
    uv_fs_realpath(NULL, &request, call->path, NULL);
    take_text(call, &request, "realpath");
    break;
  case IO_OPERATION_SYMBOLIC_LINK:
    uv_fs_symlink(NULL, &request, call->path, call->path2, 0, NULL);
    take_status(call, &request, "symlink");
    break;
  case IO_OPERATION_READ_LINK:
    uv_fs_readlink(NULL, &request, call->path, NULL);
    take_text(call, &request, "readlink");
    break;
  case IO_OPERATION_CHANGE_MODE:
    uv_fs_chmod(NULL, &request, call->path, call->mode, NULL);
    take_status(call, &request, "chmod");
    break;
  case IO_OPERATION_SET_TIMES:
    uv_fs_utime(NULL, &request, call->path, call->times[0], call->times[1],
                NULL);
    take_status(call, &request, "utime");
    break;
  case IO_OPERATION_SLEEP:
  case IO_OPERATION_COUNT:
    break;
  }
}

void rt_file_call_release(FileCall *call) {
  free(call->path);
  free(call->path2);
  free(call->bytes);
}
