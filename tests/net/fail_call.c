// SPDX-License-Identifier: MIT
// Makes one system call of a program fail that has to do with sockets.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "fail.h"

// Files and event descriptors are not what is tested.
static int is_socket(int descriptor) {
  struct stat status;
  return fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
}

#define INTERPOSE_ON_SOCKETS(type, name, parameters, arguments)                \
  INTERPOSE_WHERE(is_socket(d), type, name, parameters, arguments)

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

// runtime/io/net/stream.c reads and writes by number.
static const char *name_of(long number, const long a[6]) {
  const char *name = number == SYS_sendto     ? "sendto"
                     : number == SYS_recvfrom ? "recvfrom"
                     : number == SYS_read     ? "read"
                     : number == SYS_write    ? "write"
                                              : NULL;
  return name != NULL && is_socket((int)a[0]) ? name : NULL;
}
INTERPOSE_SYSCALL(name_of)
