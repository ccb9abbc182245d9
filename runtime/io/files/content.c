// SPDX-License-Identifier: MIT
// File operations on contents: reading, writing, copying, in pieces between
// which a cancelled call ends.
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/io/files/call.h"

// The most that one system call moves, so that cancelling is soon noticed.
#define PIECE ((size_t)4 << 20)
// What readFile and readText give at most, as in Node.
#define LARGEST_FILE ((size_t)INT32_MAX)

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

int file_open(FileCall *call, const char *path, int flags, int mode) {
  int descriptor;
  do {
    descriptor = open(path, flags | call->no_follow | O_CLOEXEC, mode);
  } while (descriptor < 0 && file_retry(call));
  if (descriptor < 0) file_fail_errno(call, "open");
  return descriptor;
}

// Reads all that a descriptor still gives. Regular files know their size, and a
// read that gives less than asked for was the last one; anything else is read
// in growing pieces until there is no more.
static void read_to_end(FileCall *call, int descriptor) {
  struct stat status;
  bool known = fstat(descriptor, &status) == 0;
  if (known && S_ISDIR(status.st_mode)) {
    file_fail(call, "read", UV_EISDIR);
    return;
  }
  bool regular = known && S_ISREG(status.st_mode) && status.st_size > 0;
  if (regular && (size_t)status.st_size > LARGEST_FILE) {
    file_fail(call, "read", UV_EFBIG);
    return;
  }
  call->capacity = regular ? (size_t)status.st_size + 1 : 4096;
  call->bytes = malloc(call->capacity);
  if (call->bytes == NULL) {
    file_fail(call, "read", UV_ENOMEM);
    return;
  }
  for (;;) {
    if (file_is_cancelled(call)) {
      file_fail(call, "read", UV_ECANCELED);
      return;
    }
    if (call->length > LARGEST_FILE) {
      file_fail(call, "read", UV_EFBIG);
      return;
    }
    if (call->length == call->capacity && !file_reserve(call, 1, "read"))
      return;
    size_t wanted = least(call->capacity - call->length, PIECE);
    ssize_t count = read(descriptor, call->bytes + call->length, wanted);
    if (count < 0) {
      if (file_retry(call)) continue;
      file_fail_errno(call, "read");
      return;
    }
    call->length += (size_t)count;
    if (count == 0 || (regular && (size_t)count < wanted)) return;
  }
}

void file_read_all(FileCall *call) {
  if (call->path == NULL) {
    read_to_end(call, call->descriptor);
    return;
  }
  int descriptor = file_open(call, call->path, call->flags, 0666);
  if (descriptor < 0) return;
  read_to_end(call, descriptor);
  close(descriptor);
}

void file_read_some(FileCall *call) {
  call->bytes = malloc(call->capacity + 1);
  if (call->bytes == NULL) {
    file_fail(call, "read", UV_ENOMEM);
    return;
  }
  ssize_t count;
  do {
    count = call->position < 0
                ? read(call->descriptor, call->bytes, call->capacity)
                : pread(call->descriptor, call->bytes, call->capacity,
                        call->position);
  } while (count < 0 && file_retry(call));
  if (count < 0) {
    file_fail_errno(call, "read");
  } else {
    call->length = (size_t)count;
  }
}

// Writes all bytes of the call; call->number is how many were.
static bool write_whole(FileCall *call, int descriptor) {
  while ((size_t)call->number < call->length) {
    if (file_is_cancelled(call)) {
      file_fail(call, "write", UV_ECANCELED);
      return false;
    }
    const char *from = call->bytes + call->number;
    size_t count = least(call->length - (size_t)call->number, PIECE);
    ssize_t done = call->position < 0 ? write(descriptor, from, count)
                                      : pwrite(descriptor, from, count,
                                               call->position + call->number);
    if (done >= 0) {
      call->number += done;
    } else if (!file_retry(call)) {
      file_fail_errno(call, "write");
      return false;
    }
  }
  return true;
}

void file_write_some(FileCall *call) {
  write_whole(call, call->descriptor);
}

static bool flush(FileCall *call, int descriptor) {
  int result;
  do {
    result = fsync(descriptor);
  } while (result != 0 && file_retry(call));
  if (result != 0) file_fail_errno(call, "fsync");
  return result == 0;
}

static void write_and_close(FileCall *call, int descriptor) {
  if (write_whole(call, descriptor) && (call->options & FILE_FLUSH))
    flush(call, descriptor);
  if (close(descriptor) != 0) file_fail_errno(call, "close");
}

// The folder's entry of a renamed file is to be on the disk, too.
static void flush_folder(FileCall *call, const char *path) {
  char *folder = strdup(path);
  if (folder == NULL) return;
  char *slash = strrchr(folder, '/');
  if (slash != NULL) slash[slash == folder] = 0;
  int descriptor =
      file_open(call, slash == NULL ? "." : folder, O_RDONLY | O_DIRECTORY, 0);
  if (descriptor >= 0) {
    // Some file systems cannot: the rename is done all the same.
    fsync(descriptor);
    close(descriptor);
  }
  free(folder);
}

// A new file beside `path`, for which the template is malloc'ed.
static int open_beside(FileCall *call, const char *path, int mode,
                       char **temporary) {
  size_t size = strlen(path) + 32;
  *temporary = malloc(size);
  if (*temporary == NULL) {
    file_fail(call, "open", UV_ENOMEM);
    return -1;
  }
  for (int tries = 0;; tries++) {
    uint64_t number;
    int error = uv_random(NULL, NULL, &number, sizeof number, 0, NULL);
    if (error != 0) {
      file_fail(call, "getrandom", error);
      return -1;
    }
    snprintf(*temporary, size, "%s.%016llx.tmp", path,
             (unsigned long long)number);
    int descriptor =
        open(*temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (descriptor >= 0) return descriptor;
    if ((errno == EEXIST && tries < 100) || file_retry(call)) continue;
    file_fail_errno(call, "open");
    return -1;
  }
}

// Whoever reads the path sees the old contents or the new ones, whatever
// happens; a symbolic link stays one. Mode and owner are kept.
static void write_atomically(FileCall *call) {
  // Within grants the path is a name that is not followed, of what is open.
  bool is_granted = call->grants != NULL;
  char *resolved = is_granted ? NULL : realpath(call->path, NULL);
  if (resolved == NULL && !is_granted && errno != ENOENT) {
    file_fail_errno(call, "realpath");
    return;
  }
  const char *target = resolved != NULL ? resolved : call->path;
  struct stat status;
  bool exists = resolved != NULL && stat(resolved, &status) == 0;
  char *temporary;
  int descriptor = open_beside(call, target, call->mode, &temporary);
  if (descriptor >= 0) {
    if (exists && fchown(descriptor, status.st_uid, status.st_gid) != 0 &&
        errno != EPERM) {
      file_fail_errno(call, "fchown");
    }
    // After fchown, which takes set-user-ID away.
    if (exists && fchmod(descriptor, status.st_mode & 07777) != 0)
      file_fail_errno(call, "fchmod");
    call->options |= FILE_FLUSH;
    if (call->error == 0) {
      write_and_close(call, descriptor);
    } else {
      close(descriptor);
    }
    if (call->error == 0 && file_is_cancelled(call))
      file_fail(call, "rename", UV_ECANCELED);
    if (call->error == 0 && rename(temporary, target) != 0)
      file_fail_errno(call, "rename");
    if (call->error != 0) {
      unlink(temporary);
    } else {
      flush_folder(call, target);
    }
  }
  free(temporary);
  free(resolved);
}

void file_write_all(FileCall *call, bool append) {
  if (call->path == NULL) {
    if (write_whole(call, call->descriptor) && (call->options & FILE_FLUSH))
      flush(call, call->descriptor);
    return;
  }
  if (call->options & FILE_ATOMIC) {
    write_atomically(call);
    return;
  }
  int flags = call->flags;
  if (flags == 0) flags = O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC);
  int descriptor = file_open(call, call->path, flags, call->mode);
  if (descriptor >= 0) write_and_close(call, descriptor);
}

// Copies
// -----------------------------------------------------------------------

// Through memory: where the kernel cannot copy between the two.
static void copy_through_memory(FileCall *call, int from, int to) {
  const size_t size = 128 * 1024;
  char *buffer = malloc(size);
  if (buffer == NULL) {
    file_fail(call, "copyfile", UV_ENOMEM);
    return;
  }
  while (call->error == 0) {
    if (file_is_cancelled(call)) {
      file_fail(call, "copyfile", UV_ECANCELED);
      break;
    }
    ssize_t count = read(from, buffer, size);
    if (count == 0) break;
    if (count < 0 && !file_retry(call)) file_fail_errno(call, "copyfile");
    for (ssize_t done = 0; done < count && call->error == 0;) {
      ssize_t written = write(to, buffer + done, (size_t)(count - done));
      if (written >= 0) {
        done += written;
      } else if (!file_retry(call)) {
        file_fail_errno(call, "copyfile");
      }
    }
  }
  free(buffer);
}

static void copy_bytes(FileCall *call, int from, int to) {
  if (call->options & (FILE_CLONE | FILE_CLONE_ONLY)) {
    if (ioctl(to, FICLONE, from) == 0) return;
    if (call->options & FILE_CLONE_ONLY) {
      file_fail_errno(call, "copyfile");
      return;
    }
  }
  bool any = false;
  for (;;) {
    if (file_is_cancelled(call)) {
      file_fail(call, "copyfile", UV_ECANCELED);
      return;
    }
    ssize_t count = copy_file_range(from, NULL, to, NULL, PIECE, 0);
    if (count > 0) {
      any = true;
    } else if (count == 0) {
      // Files of /proc have no size, and give nothing this way.
      if (!any) copy_through_memory(call, from, to);
      return;
    } else if (!any && (errno == EXDEV || errno == EINVAL || errno == ENOSYS ||
                        errno == EOPNOTSUPP || errno == EPERM)) {
      copy_through_memory(call, from, to);
      return;
    } else if (!file_retry(call)) {
      file_fail_errno(call, "copyfile");
      return;
    }
  }
}

void file_copy(FileCall *call, const char *from, const char *to) {
  int source, target = -1;
  do {
    source = open(from, O_RDONLY | O_CLOEXEC);
  } while (source < 0 && file_retry(call));
  if (source < 0) {
    file_fail_errno(call, "copyfile");
    return;
  }
  struct stat status, other;
  bool created = false;
  if (fstat(source, &status) != 0) {
    file_fail_errno(call, "copyfile");
  } else if (S_ISDIR(status.st_mode)) {
    file_fail(call, "copyfile", UV_EISDIR);
  } else {
    // Not truncated before it is known to be another file.
    target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                  status.st_mode & 07777);
    created = target >= 0;
    if (!created && errno == EEXIST && !(call->options & FILE_EXCLUSIVE)) {
      do {
        target = open(to, O_WRONLY | call->no_follow | O_CLOEXEC);
      } while (target < 0 && file_retry(call));
    }
    if (target < 0 || fstat(target, &other) != 0) {
      file_fail_errno(call, "copyfile");
    } else if (status.st_dev != other.st_dev || status.st_ino != other.st_ino) {
      if (!created && S_ISREG(other.st_mode) && ftruncate(target, 0) != 0)
        file_fail_errno(call, "copyfile");
      // Some file systems ignore the mode of open, and the umask is not meant.
      if (call->error == 0 && S_ISREG(other.st_mode) &&
          fchmod(target, status.st_mode & 07777) != 0 && errno != EPERM) {
        file_fail_errno(call, "copyfile");
      }
      if (call->error == 0) copy_bytes(call, source, target);
      if (call->error == 0 && (call->options & FILE_TIMES)) {
        struct timespec times[] = {status.st_atim, status.st_mtim};
        if (futimens(target, times) != 0) file_fail_errno(call, "utime");
      }
    }
  }
  close(source);
  if (target >= 0 && close(target) != 0) file_fail_errno(call, "copyfile");
  // Nobody is to take half a copy for one.
  if (created && call->error != 0) unlink(to);
}
