// SPDX-License-Identifier: MIT
// What libraries for LD_PRELOAD have in common that make one call of a program
// fail: the FAIL_AT-th call of the function FAIL_CALL, with errno FAIL_ERRNO.
// They say on standard error that it did, so that a test knows when there are
// no more calls to fail.
#ifndef RILL_TESTS_NET_FAIL_H
#define RILL_TESTS_NET_FAIL_H

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
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

// syscall(number, ...), which has no function of its own to fail: the name of
// what is to be failed, or NULL.
#define INTERPOSE_SYSCALL(name_of)                                             \
  __attribute__((visibility("default"))) long syscall(long number, ...) {      \
    va_list list;                                                              \
    va_start(list, number);                                                    \
    long a[6];                                                                 \
    for (int i = 0; i < 6; i++)                                                \
      a[i] = va_arg(list, long);                                               \
    va_end(list);                                                              \
    const char *name = name_of(number, a);                                     \
    return name != NULL && should_fail(name) ? -1 : call_system(number, a);    \
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

// A function that fails if it is its turn, where the condition holds.
#define INTERPOSE_WHERE(condition, type, name, parameters, arguments)          \
  __attribute__((visibility("default"))) type name parameters {                \
    static type(*real) parameters;                                             \
    if (real == NULL) real = (type(*) parameters)dlsym(RTLD_NEXT, #name);      \
    return (condition) && should_fail(#name) ? -1 : real arguments;            \
  }
#define INTERPOSE(type, name, parameters, arguments)                           \
  INTERPOSE_WHERE(1, type, name, parameters, arguments)

#endif
