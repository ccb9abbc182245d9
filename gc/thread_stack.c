// SPDX-License-Identifier: MIT
// The bounds of the calling thread's C stack. The C library finds those of the
// main thread by reading /proc/self/maps, which takes longer than making an
// isolate should: so they are derived from what the kernel told the process.
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gc/heap.h"

static _Thread_local GcThreadStack bounds;

// The kernel gives the main thread its stack's addresses when they are first
// used, and ends the process if a script has used up all there are by then. So
// they are taken now, by a page at the far end. The kernel writes there itself:
// where it must not, that fails and nothing has changed.
static void take_addresses(void) {
  enum { MOST = 48 << 20, MARGIN = 64 << 10 };
  uintptr_t end = bounds.low + MARGIN;
  if (bounds.high < MOST) return;
  if (end < bounds.high - MOST) end = bounds.high - MOST;
  ssize_t written = getrandom((void *)end, 1, GRND_NONBLOCK);
  (void)written;
}

static bool main_thread_stack(void) {
#if defined(__GLIBC__)
  extern void *__libc_stack_end;
  struct rlimit limit;
  if (gettid() != getpid() || getrlimit(RLIMIT_STACK, &limit) != 0) {
    return false;
  }
  // The program's name is the last thing above the stack.
  uintptr_t name = (uintptr_t)getauxval(AT_EXECFN);
  uintptr_t page = (uintptr_t)getauxval(AT_PAGESZ);
  if (name == 0) return false;
  uintptr_t top = (name + page - 1) & ~(page - 1);
  bounds.high = (uintptr_t)__libc_stack_end;
  bounds.low = limit.rlim_cur < top ? top - limit.rlim_cur : page;
  take_addresses();
  return true;
#else
  return false;
#endif
}

const GcThreadStack *gc_thread_stack(void) {
  if (bounds.high != 0 || main_thread_stack()) return &bounds;
  pthread_attr_t attributes;
  void *low = NULL;
  size_t bytes = 0, guard = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return NULL;
  pthread_attr_getstack(&attributes, &low, &bytes);
  pthread_attr_getguardsize(&attributes, &guard);
  pthread_attr_destroy(&attributes);
  bounds.low = (uintptr_t)low + guard;
  bounds.high = (uintptr_t)low + bytes;
  return &bounds;
}
