// SPDX-License-Identifier: MIT
#include "runtime/io/process/start.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TRY_FORKING = 1 };

static int child_descriptor(pid_t pid) {
  return (int)syscall(SYS_pidfd_open, pid, 0);
}

// Is there such a thing? Asked once, about ourselves.
static bool has_descriptors(void) {
  static _Atomic int known; // 0: not asked yet, 1: yes, 2: no
  if (known == 0) {
    int own = child_descriptor(getpid());
    bool missing = own < 0 && errno == ENOSYS;
    if (own >= 0) close(own);
    known = missing ? 2 : 1;
  }
  return known == 1;
}

static const char *path_of(char **environment) {
  if (environment == NULL) return getenv("PATH");
  for (; *environment != NULL; environment++) {
    if (strncmp(*environment, "PATH=", 5) == 0) return *environment + 5;
  }
  return NULL;
}

// The file of a command, by the child's PATH. 0, TRY_FORKING, or an error.
static int find_command(const uv_process_options_t *uv, char *out,
                        size_t size) {
  if (strchr(uv->file, '/') != NULL) {
    size_t length = strlen(uv->file);
    if (length >= size) return UV_ENAMETOOLONG;
    memcpy(out, uv->file, length + 1);
    return 0;
  }
  const char *path = path_of(uv->env);
  if (path == NULL) return TRY_FORKING;
  int error = UV_ENOENT;
  while (*path != 0) {
    size_t length = strcspn(path, ":");
    // Relative to the child's folder.
    if (path[0] != '/') return TRY_FORKING;
    int written = snprintf(out, size, "%.*s/%s", (int)length, path, uv->file);
    if (written > 0 && (size_t)written < size) {
      struct stat status;
      if (access(out, X_OK) == 0 && stat(out, &status) == 0 &&
          S_ISREG(status.st_mode))
        return 0;
      if (errno == EACCES && access(out, F_OK) == 0) error = UV_EACCES;
    }
    path += length;
    if (*path == ':') path++;
  }
  return error;
}

// posix_spawn gives descriptors out one after another: none may be overwritten
// while it is still to be given.
static bool is_simple(const ChildOptions *o) {
  for (int i = 0; i < o->uv.stdio_count; i++) {
    const uv_stdio_container_t *entry = &o->stdio[i];
    if (entry->flags == UV_INHERIT_FD && entry->data.fd != i &&
        entry->data.fd < o->uv.stdio_count)
      return false;
  }
  return (o->uv.flags & (UV_PROCESS_SETUID | UV_PROCESS_SETGID)) == 0;
}

static int add_descriptors(posix_spawn_file_actions_t *actions,
                           const ChildOptions *o) {
  int error = 0;
  for (int i = 0; i < o->uv.stdio_count && error == 0; i++) {
    int from = o->stdio[i].data.fd;
    if (o->stdio[i].flags != UV_IGNORE) {
      // Programs do not expect a non-blocking standard descriptor.
      int flags = i < 3 ? fcntl(from, F_GETFL) : -1;
      if (flags >= 0 && (flags & O_NONBLOCK) != 0)
        fcntl(from, F_SETFL, flags & ~O_NONBLOCK);
      error = posix_spawn_file_actions_adddup2(actions, from, i);
    } else if (i < 3) {
      error = posix_spawn_file_actions_addopen(actions, i, "/dev/null",
                                               i == 0 ? O_RDONLY : O_RDWR, 0);
    }
  }
  return error;
}

static int set_attributes(posix_spawnattr_t *attributes, unsigned flags) {
  sigset_t all, none;
  sigfillset(&all);
  sigdelset(&all, SIGKILL);
  sigdelset(&all, SIGSTOP);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(attributes, &all);
  posix_spawnattr_setsigmask(attributes, &none);
  short what = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
  if ((flags & UV_PROCESS_DETACHED) != 0) what |= POSIX_SPAWN_SETSID;
  return posix_spawnattr_setflags(attributes, what);
}

// 0, TRY_FORKING, or a libuv error.
static int spawn(ChildOptions *o, pid_t *pid) {
  char file[4096];
  int error = !is_simple(o) || !has_descriptors()
                  ? TRY_FORKING
                  : find_command(&o->uv, file, sizeof file);
  if (error != 0) return error;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  error = set_attributes(&attributes, o->uv.flags);
  if (error == 0) error = add_descriptors(&actions, o);
  if (error == 0 && o->uv.cwd != NULL)
    error = posix_spawn_file_actions_addchdir_np(&actions, o->uv.cwd);
  if (error == 0)
    error = posix_spawn(pid, file, &actions, &attributes, o->uv.args,
                        o->uv.env == NULL ? environ : o->uv.env);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  // A script without "#!" is the shell's: libuv knows.
  if (error == ENOEXEC || error == ENOSYS) return TRY_FORKING;
  return uv_translate_sys_error(error);
}

// A child that cannot be watched must not go on.
static int watch(uv_loop_t *loop, uv_poll_t *poll, ChildWatch *w,
                 uv_poll_cb ended) {
  w->descriptor = child_descriptor(w->pid);
  int error = w->descriptor < 0 ? uv_translate_sys_error(errno)
                                : uv_poll_init(loop, poll, w->descriptor);
  w->has_handle = error == 0;
  if (error == 0) error = uv_poll_start(poll, UV_READABLE, ended);
  if (error == 0) return 0;
  kill(w->pid, SIGKILL);
  while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR) {
  }
  return error;
}

int child_start(uv_loop_t *loop, uv_handle_t *handle, ChildOptions *o,
                ChildWatch *w, uv_poll_cb ended, uv_exit_cb exited) {
  w->descriptor = -1;
  w->has_handle = false;
  // Kept for the child's descriptor, so that a full table is noticed before the
  // child runs.
  int kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (kept < 0 && errno == EMFILE) return UV_EMFILE;
  int error = spawn(o, &w->pid);
  if (kept >= 0) close(kept);
  if (error == 0) return watch(loop, (uv_poll_t *)handle, w, ended);
  if (error != TRY_FORKING) return error;
  uv_process_t *process = (uv_process_t *)handle;
  void *data = handle->data;
  o->uv.exit_cb = exited;
  error = uv_spawn(loop, process, &o->uv);
  handle->data = data;
  w->has_handle = true;
  w->pid = process->pid;
  return error;
}

bool child_reap(ChildWatch *w, int64_t *code, int *signal) {
  int status = 0;
  pid_t done;
  do {
    done = waitpid(w->pid, &status, WNOHANG);
  } while (done < 0 && errno == EINTR);
  if (done == 0) return false;
  // ECHILD: the host reaps all children itself, and the status is lost.
  *signal = done > 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  *code = done > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  return true;
}

void child_watch_release(ChildWatch *w) {
  if (w->descriptor >= 0) close(w->descriptor);
  w->descriptor = -1;
}
