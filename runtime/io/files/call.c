// SPDX-License-Identifier: MIT
// The work of file operations. Runs on the thread pool or, for the synchronous
// forms, on the script's thread: touches no isolate.
#include "runtime/io/files/call.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/io/grants.h"

int file_fail(FileCall *call, const char *name, int error) {
  if (call->error == 0) {
    call->failed_call = name;
    call->error = error;
  }
  return error;
}

int file_fail_errno(FileCall *call, const char *name) {
  return file_fail(call, name,
                   errno == EINTR ? UV_ECANCELED
                                  : uv_translate_sys_error(errno));
}

bool file_retry(FileCall *call) {
  return errno == EINTR && !file_is_cancelled(call);
}

bool file_reserve(FileCall *call, size_t more, const char *name) {
  size_t needed = call->length + more;
  if (needed <= call->capacity) return true;
  size_t capacity = call->capacity * 2 < needed ? needed : call->capacity * 2;
  char *bytes = realloc(call->bytes, capacity);
  if (bytes == NULL) {
    file_fail(call, name, UV_ENOMEM);
    return false;
  }
  call->bytes = bytes;
  call->capacity = capacity;
  return true;
}

// Interrupting
// ------------------------------------------------------------------------

// What interrupts a thread: a signal that is ignored unless asked for.
#define KICK SIGURG

static void do_nothing(int number) {}

void rt_file_call_kick(FileCall *call) {
  // Somebody else's handler stays: then what blocks is not interrupted.
  struct sigaction now;
  if (sigaction(KICK, NULL, &now) != 0) return;
  if (now.sa_handler == SIG_DFL || now.sa_handler == SIG_IGN) {
    struct sigaction action = {.sa_handler = do_nothing};
    sigaction(KICK, &action, NULL); // without SA_RESTART
  }
  // The thread goes on to other work only after the phase is running again.
  FilePhase running = FILE_CALL_RUNNING;
  if (!atomic_compare_exchange_strong(&call->phase, &running,
                                      FILE_CALL_KICKED)) {
    return;
  }
  pthread_kill(call->thread, KICK);
  atomic_store(&call->phase, FILE_CALL_RUNNING);
}

static void begin(FileCall *call) {
  call->thread = pthread_self();
  atomic_store(&call->phase, FILE_CALL_RUNNING);
}

static void end(FileCall *call) {
  FilePhase running = FILE_CALL_RUNNING;
  while (
      !atomic_compare_exchange_strong(&call->phase, &running, FILE_CALL_IDLE)) {
    running = FILE_CALL_RUNNING;
    sched_yield();
  }
}

// The operations
// ------------------------------------------------------------------------

// Takes a path from a libuv request's ptr.
static void take_text(FileCall *call, uv_fs_t *request, const char *name) {
  if (request->result < 0) {
    file_fail(call, name, (int)request->result);
  } else {
    const char *text = request->ptr != NULL ? request->ptr : request->path;
    call->length = strlen(text);
    call->bytes = strdup(text);
    if (call->bytes == NULL) file_fail(call, name, UV_ENOMEM);
  }
  uv_fs_req_cleanup(request);
}

static void take_status(FileCall *call, uv_fs_t *request, const char *name) {
  if (request->result < 0) file_fail(call, name, (int)request->result);
  uv_fs_req_cleanup(request);
}

static void take_stat(FileCall *call, uv_fs_t *request, const char *name) {
  call->stat = request->statbuf;
  take_status(call, request, name);
}

static void check(FileCall *call, int result, const char *name) {
  if (result != 0) file_fail_errno(call, name);
}

static void stat_file_system(FileCall *call) {
  uv_fs_t request;
  uv_fs_statfs(NULL, &request, call->path, NULL);
  if (request.result == 0) call->file_system = *(uv_statfs_t *)request.ptr;
  take_status(call, &request, "statfs");
}

static void sync_descriptor(FileCall *call) {
  int result;
  do {
    result =
        call->flags ? fdatasync(call->descriptor) : fsync(call->descriptor);
  } while (result != 0 && file_retry(call));
  check(call, result, call->flags ? "fdatasync" : "fsync");
}

static void lock(FileCall *call) {
  int result;
  do {
    result = flock(call->descriptor, call->flags);
  } while (result != 0 && file_retry(call));
  check(call, result, "flock");
}

static void change_owner(FileCall *call) {
  if (call->path == NULL) {
    check(call, fchown(call->descriptor, call->user, call->group), "fchown");
  } else if (call->options & FILE_FOLLOW) {
    check(call, chown(call->path, call->user, call->group), "chown");
  } else {
    check(call, lchown(call->path, call->user, call->group), "lchown");
  }
}

static void set_times(FileCall *call) {
  if (call->path == NULL) {
    check(call, futimens(call->descriptor, call->times), "futime");
  } else if (call->options & FILE_FOLLOW) {
    check(call, utimensat(AT_FDCWD, call->path, call->times, 0), "utime");
  } else {
    check(call,
          utimensat(AT_FDCWD, call->path, call->times, AT_SYMLINK_NOFOLLOW),
          "lutime");
  }
}

static void truncate_file(FileCall *call) {
  int descriptor = call->path == NULL
                       ? call->descriptor
                       : file_open(call, call->path, O_WRONLY, 0);
  if (descriptor < 0) return;
  int result;
  do {
    result = ftruncate(descriptor, call->position);
  } while (result != 0 && file_retry(call));
  check(call, result, "ftruncate");
  if (call->path != NULL) close(descriptor);
}

void file_perform(FileCall *call) {
  uv_fs_t request;
  switch (call->operation) {
  case IO_OPERATION_READ_FILE:
  case IO_OPERATION_READ_TEXT:
    file_read_all(call);
    break;
  case IO_OPERATION_WRITE_FILE:
    file_write_all(call, false);
    break;
  case IO_OPERATION_APPEND_FILE:
    file_write_all(call, true);
    break;
  case IO_OPERATION_OPEN:
    call->number = file_open(call, call->path, call->flags, call->mode);
    break;
  case IO_OPERATION_CLOSE:
    // Linux has closed it whatever close says.
    check(call, close(call->descriptor), "close");
    break;
  case IO_OPERATION_READ:
    file_read_some(call);
    break;
  case IO_OPERATION_WRITE:
    file_write_some(call);
    break;
  case IO_OPERATION_SEEK:
    call->number = lseek(call->descriptor, call->position, call->flags);
    check(call, call->number < 0, "lseek");
    break;
  case IO_OPERATION_TRUNCATE:
    truncate_file(call);
    break;
  case IO_OPERATION_SYNC:
    sync_descriptor(call);
    break;
  case IO_OPERATION_LOCK:
    lock(call);
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
  case IO_OPERATION_STAT_FILE_SYSTEM:
    stat_file_system(call);
    break;
  case IO_OPERATION_EXISTS:
    call->number = access(call->path, F_OK) == 0;
    break;
  case IO_OPERATION_ACCESS:
    check(call, access(call->path, call->mode), "access");
    break;
  case IO_OPERATION_READ_DIRECTORY:
    file_read_directory(call);
    break;
  case IO_OPERATION_READ_ENTRIES:
    file_read_entries(call);
    break;
  case IO_OPERATION_MAKE_DIRECTORY:
    file_make_directories(call);
    break;
  case IO_OPERATION_MAKE_TEMPORARY_DIRECTORY:
    uv_fs_mkdtemp(NULL, &request, call->path, NULL);
    take_text(call, &request, "mkdtemp");
    break;
  case IO_OPERATION_REMOVE_DIRECTORY:
    check(call, rmdir(call->path), "rmdir");
    break;
  case IO_OPERATION_REMOVE:
    file_remove_tree(call);
    break;
  case IO_OPERATION_UNLINK:
    check(call, unlink(call->path), "unlink");
    break;
  case IO_OPERATION_RENAME:
    check(call, rename(call->path, call->path2), "rename");
    break;
  case IO_OPERATION_COPY_FILE:
    file_copy(call, call->path, call->path2);
    break;
  case IO_OPERATION_COPY:
    file_copy_tree(call);
    break;
  case IO_OPERATION_REAL_PATH:
    uv_fs_realpath(NULL, &request, call->path, NULL);
    take_text(call, &request, "realpath");
    break;
  case IO_OPERATION_SYMBOLIC_LINK:
    check(call, symlink(call->path, call->path2), "symlink");
    break;
  case IO_OPERATION_LINK:
    check(call, link(call->path, call->path2), "link");
    break;
  case IO_OPERATION_READ_LINK:
    uv_fs_readlink(NULL, &request, call->path, NULL);
    take_text(call, &request, "readlink");
    break;
  case IO_OPERATION_CHANGE_MODE:
    if (call->path == NULL) {
      check(call, fchmod(call->descriptor, (mode_t)call->mode), "fchmod");
    } else {
      check(call, chmod(call->path, (mode_t)call->mode), "chmod");
    }
    break;
  case IO_OPERATION_CHANGE_OWNER:
    change_owner(call);
    break;
  case IO_OPERATION_SET_TIMES:
    set_times(call);
    break;
  case IO_OPERATION_SLEEP:
  case IO_OPERATION_COUNT:
    break;
  }
}

void rt_file_call_run(FileCall *call) {
  begin(call);
  if (call->grants != NULL) {
    file_run_granted(call);
  } else {
    file_perform(call);
  }
  end(call);
}

void rt_file_call_undo(FileCall *call) {
  if (call->error != 0) return;
  if (call->grants != NULL && call->operation != IO_OPERATION_LOCK) {
    file_undo_granted(call);
  } else if (call->operation == IO_OPERATION_OPEN) {
    close((int)call->number);
  } else if (call->operation == IO_OPERATION_MAKE_TEMPORARY_DIRECTORY) {
    rmdir(call->bytes);
  } else if (call->operation == IO_OPERATION_LOCK && call->flags != LOCK_UN) {
    flock(call->descriptor, LOCK_UN);
  }
}

void rt_file_call_release(FileCall *call) {
  free(call->path);
  free(call->path2);
  free(call->bytes);
}
