// SPDX-License-Identifier: MIT
// One file operation: operands taken from script values, the work itself
// (any thread, no isolate), the result made into a value.
//
// A call can be cancelled from another thread while it runs: work on more than
// one piece looks at `cancelled` between them, and a system call that blocks is
// interrupted by a signal (rt_file_call_kick). A cancelled call fails with
// UV_ECANCELED and leaves neither descriptors nor temporary files.
#ifndef RILL_RUNTIME_IO_FILES_CALL_H
#define RILL_RUNTIME_IO_FILES_CALL_H

#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

#include "vm/io_operations.h"
#include "vm/objects/isolate.h"

// Of FileCall.options.
enum {
  FILE_RECURSIVE = 1 << 0,
  FILE_FORCE = 1 << 1,      // remove: a missing path is no error
  FILE_EXCLUSIVE = 1 << 2,  // copies: an existing target is an error,
  FILE_KEEP = 1 << 3,       // or stays as it is
  FILE_FOLLOW = 1 << 4,     // symbolic links: what they point to
  FILE_TIMES = 1 << 5,      // copies keep access and modification times
  FILE_CLONE = 1 << 6,      // copies share blocks where the file system can,
  FILE_CLONE_ONLY = 1 << 7, // or fail
  FILE_ATOMIC = 1 << 8,     // whole writes: a temporary file, then renamed
  FILE_FLUSH = 1 << 9,      // whole writes: to the disk
  FILE_TYPES = 1 << 10,     // directories: kinds beside names
  FILE_BIGINT = 1 << 11,    // statuses as BigInts, with nanoseconds
};

typedef enum { FILE_CALL_IDLE, FILE_CALL_RUNNING, FILE_CALL_KICKED } FilePhase;

typedef struct FileCall {
  IoOperation operation;
  uint32_t options;
  char *path, *path2;      // owned; if there is no path: descriptor
  const char *failed_call; // the system call that failed
  bool is_named;           // path and path2 are those of the failing entry
  int error;               // 0, or a negative libuv code
  int descriptor, flags, mode;
  uint32_t user, group;
  int64_t position; // -1: where the descriptor stands
  struct timespec times[2];
  char *bytes; // data to write, or read; owned
  size_t length, capacity;
  int64_t number; // descriptor opened, bytes written, ...
  union {
    uv_stat_t stat;
    uv_statfs_t file_system;
  };
  atomic_bool cancelled;
  _Atomic FilePhase phase;
  pthread_t thread;           // while not idle
  struct rill_grants *grants; // io/grants.h: stays within them; NULL: anywhere
  int no_follow;              // O_NOFOLLOW: a new file's name may be no link
} FileCall;

// False: threw (bad operands). Release it in any case.
bool rt_file_call_prepare(Isolate *, FileCall *, IoOperation, uint32_t argc,
                          const Value *argv) VM_CHECKED;
void rt_file_call_run(FileCall *);
// Any thread: makes a call under way fail soon. Once `cancelled` is set, to be
// repeated until the call is done: a signal that comes before the system call
// is lost.
void rt_file_call_kick(FileCall *);
// Undoes what a call has opened or made: nobody gets its result.
void rt_file_call_undo(FileCall *);
// The result, or with *failed the Error.
Value rt_file_call_result(Isolate *, FileCall *, bool *failed);
void rt_file_call_release(FileCall *);

// An Error with code, errno, syscall and path like Node's:
// "ENOENT: no such file or directory, open 'x'".
Value rt_system_error(Isolate *, int uv_error, const char *system_call,
                      const char *path_or_null, const char *path2_or_null);

// For the parts of the work (file_content.c, file_tree.c). Each leaves its
// failure in the call.

// Notes a failure, unless there is one already; returns the code.
int file_fail(FileCall *, const char *system_call, int uv_error);
// The same with errno, which EINTR makes UV_ECANCELED.
int file_fail_errno(FileCall *, const char *system_call);
// After a system call that gave -1: whether to make it again.
bool file_retry(FileCall *);
static inline bool file_is_cancelled(FileCall *call) {
  return atomic_load_explicit(&call->cancelled, memory_order_relaxed);
}
// False: no memory (noted).
bool file_reserve(FileCall *, size_t more, const char *system_call);

int file_open(FileCall *, const char *path, int flags, int mode);
void file_read_all(FileCall *);
void file_read_some(FileCall *);
void file_write_some(FileCall *);
void file_write_all(FileCall *, bool append);
// One file, symbolic link or special file to a new name.
void file_copy(FileCall *, const char *from, const char *to);

void file_read_directory(FileCall *);
void file_read_entries(FileCall *);
void file_make_directories(FileCall *);
void file_remove_tree(FileCall *);
void file_copy_tree(FileCall *);

#endif
