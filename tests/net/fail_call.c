// SPDX-License-Identifier: MIT
// Makes one system call of a program fail (LD_PRELOAD): the FAIL_AT-th call of
// the function FAIL_CALL, with errno FAIL_ERRNO. Says on standard error that it
// did, so that a test knows when there are no more calls to fail.
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_int calls;

static int should_fail(const char *name) {
  static const char *wanted;
  static int at, code;
  if (wanted == NULL) {
    const char *number = getenv("FAIL_AT"), *error = getenv("FAIL_ERRNO");
    at = number == NULL ? 0 : atoi(number);
    code = error == NULL ? EIO : atoi(error);
    wanted = getenv("FAIL_CALL");
    if (wanted == NULL) wanted = "";
  }
  if (strcmp(wanted, name) != 0 || ++calls != at) return 0;
  static const char said[] = "[failed]\n";
  (void)!syscall(1 /* write */, 2, said, sizeof said - 1);
  errno = code;
  return 1;
}

// Files and event descriptors are not what is tested.
static int is_socket(int descriptor) {
  struct stat status;
  return fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
}

#define INTERPOSE(type, name, parameters, arguments)                           \
  __attribute__((visibility("default"))) type name parameters {                \
    static type(*real) parameters;                                             \
    if (real == NULL) real = (type(*) parameters)dlsym(RTLD_NEXT, #name);      \
    return should_fail(#name) ? -1 : real arguments;                           \
  }

#define INTERPOSE_ON_SOCKETS(type, name, parameters, arguments)                \
  __attribute__((visibility("default"))) type name parameters {                \
    static type(*real) parameters;                                             \
    if (real == NULL) real = (type(*) parameters)dlsym(RTLD_NEXT, #name);      \
    return is_socket(d) && should_fail(#name) ? -1 : real arguments;           \
  }

INTERPOSE(int, socket, (int domain, int type, int protocol),
          (domain, type, protocol))
INTERPOSE(int, bind, (int s, const struct sockaddr *a, socklen_t n), (s, a, n))
INTERPOSE(int, listen, (int s, int n), (s, n))
INTERPOSE(int, connect, (int s, const struct sockaddr *a, socklen_t n),
          (s, a, n))
INTERPOSE(int, accept4, (int s, struct sockaddr *a, socklen_t *n, int flags),
          (s, a, n, flags))
INTERPOSE(int, getsockname, (int s, struct sockaddr *a, socklen_t *n),
          (s, a, n))
INTERPOSE(int, getpeername, (int s, struct sockaddr *a, socklen_t *n),
          (s, a, n))
INTERPOSE(int, setsockopt,
          (int s, int level, int name, const void *value, socklen_t n),
          (s, level, name, value, n))
INTERPOSE(int, getsockopt,
          (int s, int level, int name, void *value, socklen_t *n),
          (s, level, name, value, n))
INTERPOSE(int, shutdown, (int s, int how), (s, how))
INTERPOSE_ON_SOCKETS(ssize_t, read, (int d, void *bytes, size_t n),
                     (d, bytes, n))
INTERPOSE_ON_SOCKETS(ssize_t, write, (int d, const void *bytes, size_t n),
                     (d, bytes, n))
INTERPOSE_ON_SOCKETS(ssize_t, writev, (int d, const struct iovec *v, int n),
                     (d, v, n))
INTERPOSE(ssize_t, sendmsg, (int s, const struct msghdr *m, int flags),
          (s, m, flags))
INTERPOSE(ssize_t, recvmsg, (int s, struct msghdr *m, int flags), (s, m, flags))
INTERPOSE(int, epoll_ctl, (int p, int op, int d, struct epoll_event *e),
          (p, op, d, e))
INTERPOSE(int, dup, (int d), (d))
