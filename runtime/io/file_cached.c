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

#include "runtime/io/file_cached.h"

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

static bool is_device_local(CachedReads *reads, dev_t device, int descriptor) {
  for (unsigned i = 0; i < reads->count; i++) {
    if (reads->devices[i].device == device) return reads->devices[i].is_local;
  }
  struct statfs system;
  bool local = fstatfs(descriptor, &system) == 0 && is_local(&system);
  // When there are many, the last place is taken by turns.
  unsigned place =
      reads->count < CACHED_DEVICES ? reads->count++ : CACHED_DEVICES - 1;
  reads->devices[place].device = device;
  reads->devices[place].is_local = local;
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

bool file_read_cached(FileCall *call, CachedReads *reads) {
  if (reads->is_off || call->path == NULL || call->flags != O_RDONLY)
    return false;
  // The name only: opening a pipe or a device has effects.
  struct open_how how = {.flags = O_PATH | O_CLOEXEC,
                         .resolve = RESOLVE_CACHED};
  int place = open_cached(call->path, &how);
  if (place < 0) {
    reads->is_off = errno == ENOSYS || errno == EPERM || errno == EINVAL;
    return false;
  }
  struct stat status;
  bool done = false;
  if (fstat(place, &status) == 0 && S_ISREG(status.st_mode) &&
      status.st_size > 0 && status.st_size <= LARGEST &&
      is_device_local(reads, status.st_dev, place)) {
    // Not waiting for who holds a lease, either. If the path names something
    // else by now, it is that file's contents, or not as many bytes.
    how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
    int descriptor = open_cached(call->path, &how);
    if (descriptor >= 0) {
      done = read_whole(call, descriptor, (size_t)status.st_size);
      close(descriptor);
    }
  }
  close(place);
  return done;
}
