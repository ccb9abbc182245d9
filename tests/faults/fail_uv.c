// SPDX-License-Identifier: MIT
// Linked into rill-faults around libuv (--wrap): makes one call fail. What
// fails comes from the environment:
//   FAIL_CALL  a function of uv_calls.def, or malloc, calloc, realloc, strdup,
//              or memory: any of these four
//   FAIL_AT    which call of it, from 1 on
//   FAIL_LATER if set, not the call fails but its callback
//   FAIL_ALL   the calls after it fail as well
//   FAIL_RANGES file of "from to" lines, offsets: where the code is whose
//               calls these are
//   FAIL_COUNT file that gets "function calls" lines when the program ends
// Says "[failed]" on standard error when it did, and when the program ends
// "[left N]": open descriptors of sockets, pipes and the like; "[busy]" for a
// loop that could not be closed.
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

enum { MAX_RANGES = 16384 };
enum {
#define CALL(name, ...) CALL_##name,
#define LATER(name, ...) CALL_##name,
#define SPAWN(name) CALL_##name,
#define WORK(name) CALL_##name,
#define FS(name, ...) CALL_uv_fs_##name,
#include "tests/faults/uv_calls.def"
  CALL_malloc,
  CALL_calloc,
  CALL_realloc,
  CALL_strdup,
  CALL_memory,
  CALL_COUNT
};
static const char *const names[] = {
#define CALL(name, ...) #name,
#define LATER(name, ...) #name,
#define SPAWN(name) #name,
#define WORK(name) #name,
#define FS(name, ...) "uv_fs_" #name,
#include "tests/faults/uv_calls.def"
    "malloc", "calloc", "realloc", "strdup", "memory",
};

static struct {
  int call, at;
  bool later, all;
  atomic_bool said;
} fail = {.call = -1};
static struct { uintptr_t from, to; } ranges[MAX_RANGES];
static int range_count;
static atomic_int counts[CALL_COUNT];
static int loops_busy;
extern const char __executable_start[];

static void say(const char *text) {
  if (write(2, text, strlen(text)) < 0) _exit(9);
}

static void read_ranges(const char *path) {
  static char bytes[MAX_RANGES * 24];
  FILE *file = fopen(path, "r");
  if (file == NULL) _exit(9);
  setvbuf(file, bytes, _IOFBF, 4096);
  uintptr_t base = (uintptr_t)__executable_start;
  while (range_count < MAX_RANGES &&
         fscanf(file, "%lx %lx", &ranges[range_count].from,
                &ranges[range_count].to) == 2) {
    ranges[range_count].from += base;
    ranges[range_count++].to += base;
  }
  fclose(file);
}

__attribute__((constructor)) static void start(void) {
  const char *name = getenv("FAIL_CALL"), *at = getenv("FAIL_AT"),
             *path = getenv("FAIL_RANGES");
  if (path != NULL) read_ranges(path);
  fail.at = at == NULL ? 1 : atoi(at);
  fail.later = getenv("FAIL_LATER") != NULL;
  fail.all = getenv("FAIL_ALL") != NULL;
  for (int i = 0; name != NULL && i < CALL_COUNT; i++) {
    if (strcmp(names[i], name) == 0) fail.call = i;
  }
}

// Sockets, pipes, epolls and the like.
static int descriptors(void) {
  int count = 0;
  DIR *folder = opendir("/proc/self/fd");
  struct dirent *entry;
  while (folder != NULL && (entry = readdir(folder)) != NULL) {
    char target[64];
    ssize_t length =
        readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
    if (length <= 0 || atoi(entry->d_name) < 3) continue;
    target[length] = 0;
    if (strchr(target, ':') != NULL) count++;
  }
  if (folder != NULL) closedir(folder);
  return count;
}

__attribute__((destructor)) static void end(void) {
  char text[32];
  snprintf(text, sizeof text, "[left %d]\n", descriptors());
  say(text);
  if (loops_busy != 0) say("[busy]\n");
  const char *path = getenv("FAIL_COUNT");
  FILE *file = path == NULL ? NULL : fopen(path, "w");
  if (file == NULL) return;
  for (int i = 0; i < CALL_COUNT; i++)
    fprintf(file, "%s %d\n", names[i], counts[i]);
  fclose(file);
}

// Not libuv itself, whose failures are its own.
static bool is_ours(void *address) {
  if (range_count == 0) return true;
  uintptr_t at = (uintptr_t)address;
  int low = 0, high = range_count;
  while (low < high) {
    int middle = (low + high) / 2;
    if (at < ranges[middle].from) {
      high = middle;
    } else if (at >= ranges[middle].to) {
      low = middle + 1;
    } else {
      return true;
    }
  }
  return false;
}

static bool is_chosen(int call, void *caller) {
  if (!is_ours(caller)) return false;
  int at = ++counts[call];
  if (call != fail.call || (fail.all ? at < fail.at : at != fail.at))
    return false;
  if (!fail.said) say("[failed]\n");
  fail.said = true;
  return true;
}

#define CHOSEN(call) is_chosen(call, __builtin_return_address(0))
#define FAILS_NOW(call) (!fail.later && CHOSEN(call))

#define CALL(name, error, parameters, arguments)                               \
  int __real_##name parameters;                                                \
  int __wrap_##name parameters;                                                \
  int __wrap_##name parameters {                                               \
    return FAILS_NOW(CALL_##name) ? -error : __real_##name arguments;          \
  }

// A request that failed is cleaned up like any other.
#define FS(name, error, parameters, arguments)                                 \
  int __real_uv_fs_##name parameters;                                          \
  int __wrap_uv_fs_##name parameters;                                          \
  int __wrap_uv_fs_##name parameters {                                         \
    if (!FAILS_NOW(CALL_uv_fs_##name)) return __real_uv_fs_##name arguments;   \
    memset(r, 0, sizeof *r);                                                   \
    r->type = UV_FS;                                                           \
    return (int)(r->result = -error);                                          \
  }

// One call fails, so one place for its callback is enough; the calls from
// other threads do not get here.
#define LATER(name, error, request, callback, parameters, arguments)           \
  static void (*callback_of_##name)(request *, int);                           \
  static void failing_##name(request *r, int status) {                         \
    callback_of_##name(r, -error);                                             \
  }                                                                            \
  int __real_##name parameters;                                                \
  int __wrap_##name parameters;                                                \
  int __wrap_##name parameters {                                               \
    if (CHOSEN(CALL_##name)) {                                                 \
      if (!fail.later) return -error;                                          \
      callback_of_##name = callback;                                           \
      callback = failing_##name;                                               \
    }                                                                          \
    return __real_##name arguments;                                            \
  }
#include "tests/faults/uv_calls.def"

int __real_uv_spawn(uv_loop_t *, uv_process_t *, const uv_process_options_t *);
int __wrap_uv_spawn(uv_loop_t *, uv_process_t *, const uv_process_options_t *);
int __wrap_uv_spawn(uv_loop_t *loop, uv_process_t *process,
                    const uv_process_options_t *options) {
  if (!CHOSEN(CALL_uv_spawn)) return __real_uv_spawn(loop, process, options);
  uv_process_options_t without = *options;
  without.file = "/nonexistent/file";
  return __real_uv_spawn(loop, process, &without);
}

static void no_work(uv_work_t *work) {}

static uv_after_work_cb after_no_work;
static void failing_work(uv_work_t *work, int status) {
  after_no_work(work, UV_ECANCELED);
}

int __real_uv_queue_work(uv_loop_t *, uv_work_t *, uv_work_cb,
                         uv_after_work_cb);
int __wrap_uv_queue_work(uv_loop_t *, uv_work_t *, uv_work_cb,
                         uv_after_work_cb);
int __wrap_uv_queue_work(uv_loop_t *loop, uv_work_t *work, uv_work_cb run,
                         uv_after_work_cb after) {
  if (!CHOSEN(CALL_uv_queue_work))
    return __real_uv_queue_work(loop, work, run, after);
  after_no_work = after;
  return __real_uv_queue_work(loop, work, no_work, failing_work);
}

int __real_uv_loop_close(uv_loop_t *);
int __wrap_uv_loop_close(uv_loop_t *);
int __wrap_uv_loop_close(uv_loop_t *loop) {
  int error = __real_uv_loop_close(loop);
  if (error != 0) loops_busy++;
  return error;
}

#define ALLOCATE(name, parameters, arguments)                                  \
  void *__real_##name parameters;                                              \
  void *__wrap_##name parameters;                                              \
  void *__wrap_##name parameters {                                             \
    bool fails = CHOSEN(CALL_memory);                                          \
    if (CHOSEN(CALL_##name) || fails) {                                        \
      errno = ENOMEM;                                                          \
      return NULL;                                                             \
    }                                                                          \
    return __real_##name arguments;                                            \
  }
ALLOCATE(malloc, (size_t n), (n))
ALLOCATE(calloc, (size_t k, size_t n), (k, n))
ALLOCATE(realloc, (void *p, size_t n), (p, n))
ALLOCATE(strdup, (const char *s), (s))
