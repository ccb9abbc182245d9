// SPDX-License-Identifier: MIT
// Makes one system call of a program fail (LD_PRELOAD): the FAIL_AT-th call of
// the function FAIL_CALL, with errno FAIL_ERRNO. Says on standard error that it
// did, so that a test knows when there are no more calls to fail.
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_int calls;

static long call_system(long number, const long a[6]) {
  register long r10 __asm__("r10") = a[3];
  register long r8 __asm__("r8") = a[4];
  register long r9 __asm__("r9") = a[5];
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10),
                     "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  if (result >= 0 || result < -4095) return result;
  errno = (int)-result;
  return -1;
}

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
  call_system(SYS_write, (long[6]){2, (long)said, sizeof said - 1});
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

// runtime/io/stream.c reads and writes by number.
__attribute__((visibility("default"))) long syscall(long number, ...) {
  va_list list;
  va_start(list, number);
  long a[6];
  for (int i = 0; i < 6; i++)
    a[i] = va_arg(list, long);
  va_end(list);
  const char *name = number == SYS_sendto     ? "sendto"
                     : number == SYS_recvfrom ? "recvfrom"
                     : number == SYS_read     ? "read"
                     : number == SYS_write    ? "write"
                                              : NULL;
  if (name != NULL && is_socket((int)a[0]) && should_fail(name)) return -1;
  return call_system(number, a);
}
