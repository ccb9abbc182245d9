// SPDX-License-Identifier: MIT
// rill-test262 --suite DIR [--jobs N] [--filter TEXT] [--expect FILE]
//              [--json FILE] [--list-failures FILE] [FILES...]
//
// Exit code 0: every test passed or is listed in the expected failures, and
// every listed one failed. The list may only shrink.
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/conformance/test262.h"

enum { MAX_JOBS = 64, TIMEOUT_SECONDS = 20, MESSAGE_BYTES = 800 };

typedef enum { NOT_RUN, PASSED, FAILED } Verdict;
typedef struct Test {
  char *path; // below the suite
  Verdict verdict;
  bool expected_to_fail;
  char *message;
} Test;

typedef struct Worker {
  pid_t pid;
  int to, from; // pipes
  int test;     // running; -1: none
  uint64_t started;
  char buffer[MESSAGE_BYTES + 64];
  size_t used;
} Worker;

static Test *tests;
static int test_count, test_capacity;
static char suite[4096];
static const char *filter;

static uint64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void add_test(const char *path) {
  if (test_count == test_capacity) {
    test_capacity = test_capacity * 2 + 1024;
    tests = realloc(tests, (size_t)test_capacity * sizeof *tests);
    if (tests == NULL) abort();
  }
  tests[test_count++] = (Test){.path = strdup(path)};
}

static bool is_temporal(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return false;
  char text[16384];
  size_t length = fread(text, 1, sizeof text - 1, file);
  text[length] = 0;
  fclose(file);
  Metadata m;
  test262_metadata(text, length, &m);
  return m.uses_temporal;
}

static int visit(const char *path, const struct stat *info, int type,
                 struct FTW *unused) {
  size_t length = strlen(path);
  if (type != FTW_F || length < 3 || strcmp(path + length - 3, ".js") != 0 ||
      strstr(path, "_FIXTURE") != NULL || strstr(path, "/Temporal/") != NULL) {
    return 0;
  }
  const char *below = path + strlen(suite) + 1;
  if (filter != NULL && strstr(below, filter) == NULL) return 0;
  if (!is_temporal(path)) add_test(below);
  return 0;
}

static int compare_tests(const void *a, const void *b) {
  return strcmp(((const Test *)a)->path, ((const Test *)b)->path);
}

static int find_test(const char *path) {
  Test key = {.path = (char *)path};
  Test *found =
      bsearch(&key, tests, (size_t)test_count, sizeof *tests, compare_tests);
  return found == NULL ? -1 : (int)(found - tests);
}

// The worker process: reads numbers of tests, writes "P\n" or "F message\n".
static _Noreturn void work(int from, int to) {
  struct rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  int test;
  while (read(from, &test, sizeof test) == sizeof test) {
    char path[8192], message[MESSAGE_BYTES] = "";
    snprintf(path, sizeof path, "%s/%s", suite, tests[test].path);
    bool passed = test262_run_file(suite, path, message, sizeof message);
    for (char *p = message; *p != 0; p++) {
      if (*p == '\n' || *p == '\r') *p = ' ';
    }
    char line[MESSAGE_BYTES + 8];
    int n = snprintf(line, sizeof line, "%c %s\n", passed ? 'P' : 'F', message);
    if (write(to, line, (size_t)n) != n) break;
  }
  _exit(0);
}

static Worker workers[MAX_JOBS];
static int worker_count;

static void start_worker(Worker *w) {
  int down[2], up[2];
  if (pipe2(down, O_CLOEXEC) != 0 || pipe2(up, O_CLOEXEC) != 0) abort();
  fflush(stdout);
  w->pid = fork();
  if (w->pid < 0) {
    perror("fork");
    exit(1);
  }
  if (w->pid == 0) {
    for (int i = 0; i < worker_count; i++) {
      if (&workers[i] != w && workers[i].pid > 0) {
        close(workers[i].to);
        close(workers[i].from);
      }
    }
    close(down[1]);
    close(up[0]);
    work(down[0], up[1]);
  }
  close(down[0]);
  close(up[1]);
  w->to = down[1];
  w->from = up[0];
  w->test = -1;
  w->used = 0;
}

static void end_worker(Worker *w) {
  close(w->to);
  close(w->from);
  kill(w->pid, SIGKILL);
  waitpid(w->pid, NULL, 0);
  w->pid = 0;
}

static void finish(Worker *w, Verdict verdict, const char *message) {
  tests[w->test].verdict = verdict;
  tests[w->test].message = strdup(message);
  w->test = -1;
}

// What the worker wrote; false: it is gone.
static bool receive(Worker *w) {
  ssize_t n =
      read(w->from, w->buffer + w->used, sizeof w->buffer - 1 - w->used);
  if (n <= 0) {
    int status = 0;
    waitpid(w->pid, &status, 0);
    char message[64];
    if (WIFSIGNALED(status)) {
      snprintf(message, sizeof message, "crash: %s",
               strsignal(WTERMSIG(status)));
    } else {
      snprintf(message, sizeof message, "crash: exit code %d",
               WEXITSTATUS(status));
    }
    if (w->test >= 0) finish(w, FAILED, message);
    close(w->to);
    close(w->from);
    w->pid = 0;
    return false;
  }
  w->used += (size_t)n;
  w->buffer[w->used] = 0;
  char *end = strchr(w->buffer, '\n');
  if (end != NULL && w->test >= 0) {
    *end = 0;
    finish(w, w->buffer[0] == 'P' ? PASSED : FAILED, w->buffer + 2);
    w->used = 0;
  }
  return true;
}

static void run_all(int jobs) {
  int next = 0, done = 0;
  bool progress = isatty(STDERR_FILENO);
  worker_count = jobs < test_count ? jobs : test_count;
  signal(SIGPIPE, SIG_IGN);
  while (done < test_count) {
    struct pollfd polls[MAX_JOBS];
    int running = 0;
    for (int i = 0; i < worker_count; i++) {
      Worker *w = &workers[i];
      if (w->test < 0 || w->pid == 0) {
        if (next < test_count) {
          if (w->pid == 0) start_worker(w);
          w->test = next++;
          w->started = now_ms();
          if (write(w->to, &w->test, sizeof w->test) < 0) {
            receive(w);
            done++;
            continue;
          }
        }
      }
      polls[i].fd = w->pid != 0 && w->test >= 0 ? w->from : -1;
      polls[i].events = POLLIN;
      polls[i].revents = 0;
      running += w->test >= 0;
    }
    if (running == 0) continue;
    poll(polls, (nfds_t)worker_count, 500);
    for (int i = 0; i < worker_count; i++) {
      Worker *w = &workers[i];
      if (w->pid == 0 || w->test < 0) continue;
      if (polls[i].revents != 0) {
        receive(w);
        if (w->test < 0) done++;
      } else if (now_ms() - w->started > TIMEOUT_SECONDS * 1000) {
        finish(w, FAILED, "timeout");
        end_worker(w);
        done++;
      }
    }
    if (progress && done % 100 == 0)
      fprintf(stderr, "\r%d/%d", done, test_count);
  }
  if (progress) fprintf(stderr, "\n");
  for (int i = 0; i < worker_count; i++) {
    if (workers[i].pid != 0) end_worker(&workers[i]);
  }
}

static void read_expected(const char *path) {
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    perror(path);
    exit(2);
  }
  char line[4096];
  while (fgets(line, sizeof line, file) != NULL) {
    line[strcspn(line, "\r\n")] = 0;
    if (line[0] == 0 || line[0] == '#') continue;
    int test = find_test(line);
    if (test >= 0) {
      tests[test].expected_to_fail = true;
    } else if (filter == NULL) {
      printf("GONE %s (listed, but not in the suite)\n", line);
    }
  }
  fclose(file);
}

static void write_json_text(FILE *out, const char *text) {
  fputc('"', out);
  for (const unsigned char *p = (const unsigned char *)text; *p != 0; p++) {
    if (*p == '"' || *p == '\\') {
      fprintf(out, "\\%c", *p);
    } else if (*p < 32) {
      fprintf(out, "\\u%04x", *p);
    } else {
      fputc(*p, out);
    }
  }
  fputc('"', out);
}

static void write_json(const char *path, int passed) {
  FILE *out = fopen(path, "w");
  if (out == NULL) {
    perror(path);
    exit(2);
  }
  fprintf(out, "{\"total\":%d,\"passed\":%d,\"failures\":[", test_count,
          passed);
  bool first = true;
  for (int i = 0; i < test_count; i++) {
    if (tests[i].verdict == PASSED) continue;
    fprintf(out, "%s\n{\"path\":", first ? "" : ",");
    write_json_text(out, tests[i].path);
    fprintf(out, ",\"message\":");
    write_json_text(out, tests[i].message == NULL ? "" : tests[i].message);
    fprintf(out, "}");
    first = false;
  }
  fprintf(out, "\n]}\n");
  fclose(out);
}

// Pass rates by directory, three levels deep.
static void print_summary(void) {
  for (int i = 0; i < test_count;) {
    size_t length = strcspn(tests[i].path, "/");
    for (int level = 0; level < 2 && tests[i].path[length] != 0; level++) {
      length += 1 + strcspn(tests[i].path + length + 1, "/");
    }
    int total = 0, passed = 0, start = i;
    for (; i < test_count &&
           strncmp(tests[i].path, tests[start].path, length) == 0 &&
           (tests[i].path[length] == '/' || tests[i].path[length] == 0);
         i++) {
      total++;
      passed += tests[i].verdict == PASSED;
    }
    if (passed < total) {
      printf("%6d/%-6d %5.1f %%  %.*s\n", passed, total, 100.0 * passed / total,
             (int)length, tests[start].path);
    }
  }
}

int main(int argc, char **argv) {
  const char *expect = NULL, *json = NULL, *list = NULL;
  bool verbose = false;
  int jobs = (int)sysconf(_SC_NPROCESSORS_ONLN);
  int file_count = 0;
  char *files[1024];
  for (int i = 1; i < argc; i++) {
    const char *value = i + 1 < argc ? argv[i + 1] : NULL;
    if (strcmp(argv[i], "--verbose") == 0 || strcmp(argv[i], "-v") == 0) {
      verbose = true;
      continue;
    }
    if (strcmp(argv[i], "--stress-jit") == 0) {
      stress_jit = true;
      continue;
    }
    if (argv[i][0] != '-') {
      if (file_count < 1024) files[file_count++] = argv[i];
      continue;
    }
    if (value == NULL) {
      fprintf(stderr, "%s needs a value\n", argv[i]);
      return 2;
    }
    if (strcmp(argv[i], "--suite") == 0) {
      if (realpath(value, suite) == NULL) {
        perror(value);
        return 2;
      }
    } else if (strcmp(argv[i], "--jobs") == 0) {
      jobs = atoi(value);
    } else if (strcmp(argv[i], "--filter") == 0) {
      filter = value;
    } else if (strcmp(argv[i], "--expect") == 0) {
      expect = value;
    } else if (strcmp(argv[i], "--json") == 0) {
      json = value;
    } else if (strcmp(argv[i], "--list-failures") == 0) {
      list = value;
    } else {
      fprintf(stderr, "no option %s\n", argv[i]);
      return 2;
    }
    i++;
  }
  if (suite[0] == 0) {
    fprintf(stderr,
            "rill-test262 --suite DIR [--jobs N] [--filter TEXT] "
            "[--expect FILE] [--json FILE] [--list-failures FILE] "
            "[--verbose] [--stress-jit] [FILES...]\n");
    return 2;
  }
  if (jobs < 1) jobs = 1;
  if (jobs > MAX_JOBS) jobs = MAX_JOBS;
  if (file_count > 0) {
    for (int i = 0; i < file_count; i++) {
      char *real = realpath(files[i], NULL);
      if (real == NULL || strncmp(real, suite, strlen(suite)) != 0) {
        fprintf(stderr, "%s is not in the suite\n", files[i]);
        return 2;
      }
      add_test(real + strlen(suite) + 1);
      free(real);
    }
  } else {
    static const char *const parts[] = {"annexB", "built-ins", "language"};
    for (int i = 0; i < 3; i++) {
      char folder[4200];
      snprintf(folder, sizeof folder, "%s/test/%s", suite, parts[i]);
      nftw(folder, visit, 32, FTW_PHYS);
    }
  }
  qsort(tests, (size_t)test_count, sizeof *tests, compare_tests);
  if (expect != NULL) read_expected(expect);
  uint64_t start = now_ms();
  run_all(jobs);
  int passed = 0, unexpected = 0, now_passing = 0;
  FILE *failures = list == NULL ? NULL : fopen(list, "w");
  for (int i = 0; i < test_count; i++) {
    Test *t = &tests[i];
    if (t->verdict == PASSED) {
      passed++;
      if (t->expected_to_fail) {
        now_passing++;
        printf("NOW PASSES %s: take it off the list\n", t->path);
      }
      continue;
    }
    if (failures != NULL) fprintf(failures, "%s\n", t->path);
    if (!t->expected_to_fail) unexpected++;
    if (verbose || (expect != NULL && !t->expected_to_fail)) {
      printf("FAIL %s\n     %s\n", t->path,
             t->message == NULL ? "" : t->message);
    }
  }
  if (failures != NULL) fclose(failures);
  if (json != NULL) write_json(json, passed);
  print_summary();
  printf("%d of %d files passed (%.2f %%) in %.0f s\n", passed, test_count,
         test_count == 0 ? 0.0 : 100.0 * passed / test_count,
         (double)(now_ms() - start) / 1000);
  if (expect != NULL) return unexpected > 0 || now_passing > 0;
  return unexpected > 0;
}
