// SPDX-License-Identifier: MIT
// Reading a small file that is in memory, without ever waiting for a disk: then
// the way to a thread of the pool and back is what takes the time. The kernel
// is asked for the path, and for the contents, only if it has both; whatever it
// cannot say at once, and all that is no regular file of a local file system,
// is left to the pool.
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "runtime/io/files/cached.h"

#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED 0x20
#endif

// More is copied better while the script goes on.
#define LARGEST ((off_t)64 * 1024)

// Opening a file of these asks nobody else, once its inode is known.
static bool is_local(const struct statfs *system) {
  switch ((unsigned long)system->f_type) {
  case BTRFS_SUPER_MAGIC:
  case EXT4_SUPER_MAGIC:
  case F2FS_SUPER_MAGIC:
  case TMPFS_MAGIC:
  case XFS_SUPER_MAGIC:
    return true;
  default:
    return false;
  }
}

static bool is_device_local(CachedFiles *known, dev_t device, int descriptor) {
  for (unsigned i = 0; i < known->count; i++) {
    if (known->devices[i].device == device) return known->devices[i].is_local;
  }
  struct statfs system;
  bool local = fstatfs(descriptor, &system) == 0 && is_local(&system);
  // When there are many, the last place is taken by turns.
  unsigned place =
      known->count < CACHED_DEVICES ? known->count++ : CACHED_DEVICES - 1;
  known->devices[place].device = device;
  known->devices[place].is_local = local;
  return local;
}

static bool read_whole(FileCall *call, int descriptor, size_t size) {
  // One byte more: a file that has grown is seen to have.
  char *bytes = malloc(size + 1);
  if (bytes == NULL) return false;
  struct iovec vector = {bytes, size + 1};
  ssize_t count = preadv2(descriptor, &vector, 1, 0, RWF_NOWAIT);
  if (count != (ssize_t)size) {
    free(bytes);
    return false;
  }
  call->bytes = bytes;
  call->length = size;
  return true;
}

static int open_cached(const char *path, struct open_how *how) {
  return (int)syscall(SYS_openat2, AT_FDCWD, path, how, sizeof *how);
}

// Whether it is done: the place is open by name only, so that opening a pipe or
// a device has had no effects.
static bool perform(FileCall *call, int place, const struct stat *status) {
  if (call->operation == IO_OPERATION_EXISTS) {
    call->number = 1;
    return true;
  }
  if (call->operation == IO_OPERATION_STAT ||
      call->operation == IO_OPERATION_LSTAT) {
    uv_fs_t request;
    uv_fs_fstat(NULL, &request, place, NULL); // with the time of birth
    bool done = request.result == 0;
    if (done) call->stat = request.statbuf;
    uv_fs_req_cleanup(&request);
    return done;
  }
  if (!S_ISREG(status->st_mode) || status->st_size == 0 ||
      status->st_size > LARGEST) {
    return false;
  }
  // Not waiting for who holds a lease, either. If the path names something else
  // by now, it is that file's contents, or not as many bytes.
  struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
                         .resolve = RESOLVE_CACHED};
  int descriptor = open_cached(call->path, &how);
  if (descriptor < 0) return false;
  bool done = read_whole(call, descriptor, (size_t)status->st_size);
  close(descriptor);
  return done;
}

bool file_do_cached(FileCall *call, CachedFiles *known) {
  bool reads = call->operation == IO_OPERATION_READ_FILE ||
               call->operation == IO_OPERATION_READ_TEXT;
  if (!reads && call->operation != IO_OPERATION_STAT &&
      call->operation != IO_OPERATION_LSTAT &&
      call->operation != IO_OPERATION_EXISTS) {
    return false;
  }
  if (known->is_off || call->path == NULL ||
      (reads && call->flags != O_RDONLY)) {
    return false;
  }
  bool is_link = call->operation == IO_OPERATION_LSTAT;
  struct open_how how = {
      .flags = (uint64_t)(O_PATH | O_CLOEXEC | (is_link ? O_NOFOLLOW : 0)),
      .resolve = RESOLVE_CACHED,
  };
  int place = open_cached(call->path, &how);
  if (place < 0) {
    known->is_off = errno == ENOSYS || errno == EPERM || errno == EINVAL;
    return false;
  }
  struct stat status;
  bool done = fstat(place, &status) == 0 &&
              is_device_local(known, status.st_dev, place) &&
              perform(call, place, &status);
  close(place);
  return done;
}
