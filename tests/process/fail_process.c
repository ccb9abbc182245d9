// SPDX-License-Identifier: MIT
// Makes one system call of a program fail that has to do with children.
// fcntl and fcntl64 are two names here.
#undef _FILE_OFFSET_BITS
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "tests/net/fail.h"

INTERPOSE(int, pipe2, (int ends[2], int flags), (ends, flags))
INTERPOSE(int, socketpair, (int domain, int type, int protocol, int ends[2]),
          (domain, type, protocol, ends))
INTERPOSE(pid_t, waitpid, (pid_t p, int *status, int options),
          (p, status, options))

__attribute__((visibility("default"))) int
posix_spawn(pid_t *pid, const char *path,
            const posix_spawn_file_actions_t *actions,
            const posix_spawnattr_t *attributes, char *const argv[],
            char *const envp[]) {
  static __typeof__(&posix_spawn) real;
  if (real == NULL) real = (__typeof__(real))dlsym(RTLD_NEXT, "posix_spawn");
  return should_fail("posix_spawn")
             ? errno
             : real(pid, path, actions, attributes, argv, envp);
}

__attribute__((visibility("default"))) int fcntl(int d, int command, ...) {
  static int (*real)(int, int, ...);
  va_list list;
  va_start(list, command);
  long argument = va_arg(list, long);
  va_end(list);
  if (real == NULL) real = (int (*)(int, int, ...))dlsym(RTLD_NEXT, "fcntl64");
  return command == F_DUPFD_CLOEXEC && should_fail("fcntl")
             ? -1
             : real(d, command, argument);
}

__attribute__((visibility("default"))) int fcntl64(int d, int command, ...)
    __attribute__((alias("fcntl")));

// The descriptor of a child has no function of its own.
static const char *name_of(long number, const long a[6]) {
  return number == SYS_pidfd_open ? "pidfd_open" : NULL;
}
INTERPOSE_SYSCALL(name_of)
