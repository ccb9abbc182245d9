// SPDX-License-Identifier: MIT
// Runs one file many times in one process; in each run one allocation fails:
//   fail_allocations RILL FILE ANSWERS [OPTION]...
// RILL is what process.execPath tells. An OPTION is one of `rill run` that
// changes what the file does: --max-heap=NM, --import-map=FILE,
// --conditions=LIST, --stress-jit. Reads lines "KIND N" from standard
// input, KIND being `cell` (of the collected heap) or `memory` (malloc and its
// like, called by our own code; regions of memory and threads count too).
// Answers each on the descriptor ANSWERS: "CODE MADE FAILED USABLE", the exit
// code of the run, the allocations that it made, whether the Nth was among
// them, and whether the isolate could be used afterwards. N = 0: none fails.
// N < 0: none fails, either; the answer goes on with the numbers of the first
// -N allocations of each way in which the program comes to one, which is told
// by the C functions' frames and the place in the script. KIND `start` and
// `start-cell`: they fail while a runtime is made instead.
#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gc/gc.h"
#include "runtime/runtime.h"
#include "vm/interpreter/frame.h"
#include "vm/interpreter/optimized.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif

enum { OF_CELL, OF_MEMORY, KINDS };
static _Atomic bool armed;
static int failing_kind;
static long failing_at;
static _Atomic long made[KINDS];
static _Atomic bool has_failed;

// Ways to an allocation, a hash table; and which allocations came by those.
enum { DEPTH = 48, WAYS = 1 << 20, MOST_PLACES = 1 << 18 };
static struct {
  uint64_t way;
  long count;
} ways[WAYS];
static long places[MOST_PLACES];
static uint32_t place_count, way_count;
static pthread_mutex_t ways_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_t script_thread;
static const Isolate *script; // set while it can be looked at

static bool is_in_script(void) {
  return script != NULL && pthread_equal(pthread_self(), script_thread) &&
         script->frame != NULL;
}

static void note_way(long at, long most) {
  void *frames[DEPTH];
  int depth = backtrace(frames, DEPTH);
  uint64_t way = UINT64_C(14695981039346656037);
#define MIX(word) (way = (way ^ (uintptr_t)(word)) * UINT64_C(1099511628211))
  for (int i = 0; i < depth; i++)
    MIX(frames[i]);
  if (is_in_script()) MIX(script->frame->pc);
#undef MIX
  pthread_mutex_lock(&ways_lock);
  uint32_t i = (uint32_t)(way >> 40) % WAYS;
  while (ways[i].count != 0 && ways[i].way != way)
    i = (i + 1) % WAYS;
  if (ways[i].count != 0 || way_count < WAYS / 2) {
    way_count += ways[i].count == 0;
    ways[i].way = way;
    if (ways[i].count++ < most && place_count < MOST_PLACES)
      places[place_count++] = at;
  }
  pthread_mutex_unlock(&ways_lock);
}

static void tell_script_frame(const Frame *frame) {
  uint32_t pc = vm_baseline_offset(frame->code, frame->pc);
  const Template *t = frame->code->template;
  if (pc == UINT32_MAX || t->source == NULL) return;
  StringView file = string_view_of(t->source->name);
  StringView name = string_view_of(t->name);
  CodePosition at = vm_template_position(t, pc);
  dprintf(STDERR_FILENO, "  %.*s %.*s:%u:%u\n",
          name.is_wide ? 0 : (int)name.length, (const char *)name.units,
          file.is_wide ? 0 : (int)file.length, (const char *)file.units,
          at.line, at.column);
}

// test_allocations.py shows it with what is wrong, and the functions' names.
static void tell_place(void) {
  void *frames[DEPTH];
  int depth = backtrace(frames, DEPTH);
  dprintf(STDERR_FILENO, "the allocation that failed:\n");
  backtrace_symbols_fd(frames, depth, STDERR_FILENO);
  if (!is_in_script()) return;
  for (const Frame *frame = script->frame; frame != NULL; frame = frame->caller)
    tell_script_frame(frame);
}

static bool is_to_fail(int kind) {
  if (!atomic_load_explicit(&armed, memory_order_relaxed)) return false;
  long at = atomic_fetch_add(&made[kind], 1) + 1;
  if (kind != failing_kind) return false;
  if (failing_at < 0) note_way(at, -failing_at);
  if (at != failing_at) return false;
  tell_place();
  atomic_store(&has_failed, true);
  return true;
}

static bool cell_is_to_fail(void) {
  return is_to_fail(OF_CELL);
}

#define ALLOCATE(result, name, parameters, arguments, failed, number)          \
  result __real_##name parameters;                                             \
  result __wrap_##name parameters;                                             \
  result __wrap_##name parameters {                                            \
    if (is_to_fail(OF_MEMORY)) {                                               \
      errno = number;                                                          \
      return failed;                                                           \
    }                                                                          \
    return __real_##name arguments;                                            \
  }
ALLOCATE(void *, malloc, (size_t n), (n), NULL, ENOMEM)
ALLOCATE(void *, calloc, (size_t k, size_t n), (k, n), NULL, ENOMEM)
ALLOCATE(void *, realloc, (void *p, size_t n), (p, n), NULL, ENOMEM)
ALLOCATE(void *, aligned_alloc, (size_t a, size_t n), (a, n), NULL, ENOMEM)
ALLOCATE(int, posix_memalign, (void **out, size_t a, size_t n), (out, a, n),
         ENOMEM, ENOMEM)
ALLOCATE(char *, strdup, (const char *s), (s), NULL, ENOMEM)
ALLOCATE(char *, strndup, (const char *s, size_t n), (s, n), NULL, ENOMEM)
ALLOCATE(char *, realpath, (const char *s, char *to), (s, to), NULL, ENOMEM)
ALLOCATE(void *, mmap,
         (void *at, size_t n, int protection, int flags, int fd, off_t from),
         (at, n, protection, flags, fd, from), MAP_FAILED, ENOMEM)
ALLOCATE(int, pthread_create,
         (pthread_t * thread, const pthread_attr_t *attributes,
          void *(*start)(void *), void *data),
         (thread, attributes, start, data), EAGAIN, EAGAIN)
ALLOCATE(void *, GC_malloc_atomic_uncollectable, (size_t n), (n), NULL, ENOMEM)

int __wrap_asprintf(char **out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int __wrap_asprintf(char **out, const char *format, ...) {
  *out = NULL;
  if (is_to_fail(OF_MEMORY)) return -1;
  va_list arguments;
  va_start(arguments, format);
  int length = vasprintf(out, format, arguments);
  va_end(arguments);
  return length;
}

static void arm(int kind, long at) {
  failing_kind = kind;
  failing_at = at;
  for (int i = 0; i < KINDS; i++)
    atomic_store(&made[i], 0);
  atomic_store(&has_failed, false);
  memset(ways, 0, failing_at < 0 ? sizeof ways : 0);
  place_count = way_count = 0;
  atomic_store(&armed, true);
}

// Another thread may still be in an allocation of the run: it is of no matter.
static void disarm(void) {
  atomic_store(&armed, false);
}

// Scripts run, and the heap is whole: in stress mode the collector looks.
static bool is_usable(Runtime *rt) {
  Isolate *iso = rt->isolate;
  rt_enter(rt);
  // First what is under way: what failed in the collector's thread as the run
  // ended is told only now.
  gc_collect(iso->heap, GC_FULL);
  (void)vm_take_exception(iso);
  vm_end_termination(iso);
  atomic_store(&iso->interrupt, 0);
  static const char text[] = "[1, 1].reduce((a, b) => a + b)";
  Value two = vm_evaluate_script(iso, text, sizeof text - 1, "after.js");
  bool usable = two == value_from_int(2);
  gc_collect(iso->heap, GC_FULL);
  return usable;
}

static RuntimeOptions options = {
    .argument_count = 1,
    // Every allocation is a slow one, hardly any collects.
    .gc_stress = UINT32_MAX,
    .workers = 3, // as many as any language test wants
};

static bool read_option(const char *option) {
  const char *value = strchr(option, '=');
  size_t length = value != NULL ? (size_t)(value++ - option) : strlen(option);
#define IS(name) (length == strlen(name) && memcmp(option, name, length) == 0)
  if (value == NULL) {
    if (!IS("--stress-jit")) return false;
    options.stress_jit = true;
  } else if (IS("--max-heap")) {
    char *end;
    options.max_heap_bytes = strtoul(value, &end, 10) << 20;
    return options.max_heap_bytes != 0 && strcmp(end, "M") == 0;
  } else if (IS("--import-map")) {
    options.import_map = value;
  } else if (IS("--conditions")) {
    options.conditions = value;
  } else {
    return false;
  }
#undef IS
  return true;
}

static int run(const char *file, bool at_start, int kind, long at,
               bool *usable) {
  char *arguments[] = {(char *)file, NULL};
  options.arguments = arguments;
  *usable = true;
  if (at_start) arm(kind, at);
  Runtime *rt = rt_new(&options);
  if (rt == NULL) {
    disarm();
    return -1;
  }
  script = rt->isolate;
  if (!at_start) arm(kind, at);
  int code = rt_run_main(rt, file);
  disarm();
  script = NULL;
  *usable = is_usable(rt);
  rt_free(rt);
  return code;
}

int main(int argc, char **argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: fail_allocations RILL FILE ANSWERS [OPTION]...\n");
    return 2;
  }
  for (int i = 4; i < argc; i++) {
    if (!read_option(argv[i])) {
      fprintf(stderr, "fail_allocations: what is %s?\n", argv[i]);
      return 2;
    }
  }
  int answers = atoi(argv[3]);
  options.executable = argv[1];
  script_thread = pthread_self();
  (void)backtrace((void *[1]){NULL}, 1); // what it loads is not the script's
  gc_fail_allocations(cell_is_to_fail);
  char line[64], name[32];
  long at;
  while (fgets(line, sizeof line, stdin) != NULL &&
         sscanf(line, "%31s %ld", name, &at) == 2) {
    bool usable, at_start = strncmp(name, "start", 5) == 0;
    int kind = strstr(name, "cell") != NULL ? OF_CELL : OF_MEMORY;
    int code = run(argv[2], at_start, kind, at, &usable);
    bool leaks = false;
#if defined(__SANITIZE_ADDRESS__)
    leaks = __lsan_do_recoverable_leak_check() != 0;
#endif
    dprintf(answers, "%d %ld %d %d %d", code, made[kind], (int)has_failed,
            (int)usable, (int)leaks);
    for (uint32_t i = 0; i < place_count; i++)
      dprintf(answers, " %ld", places[i]);
    dprintf(answers, "\n");
  }
  return 0;
}
