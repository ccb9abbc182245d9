// SPDX-License-Identifier: MIT
// Worker processes, each running one test at a time.
#include <fcntl.h>
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

enum { MAX_JOBS = 64 };

typedef struct Worker {
  pid_t pid;
  int to, from; // pipes
  int test;     // running; -1: none
  uint64_t started;
  char buffer[MESSAGE_BYTES + 64];
  size_t used;
} Worker;

static uint64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

// The worker process: reads numbers of tests, writes "FAILED-RUNS MESSAGE\n".
static _Noreturn void work(int from, int to) {
  struct rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  int test;
  while (read(from, &test, sizeof test) == sizeof test) {
    char path[8192];
    snprintf(path, sizeof path, "%s/%s", suite, tests[test].path);
    FileResult result;
    test262_run_file(path, &result);
    for (char *p = result.message; *p != 0; p++) {
      if (*p == '\n' || *p == '\r') *p = ' ';
    }
    char line[MESSAGE_BYTES + 16];
    int n =
        snprintf(line, sizeof line, "%d %s\n", result.failed, result.message);
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

static void finish(Worker *w, int failed, const char *message) {
  Test *t = &tests[w->test];
  t->failed = failed;
  t->milliseconds = (uint32_t)(now_ms() - w->started);
  if (failed > 0) t->message = strdup(message);
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
    if (w->test >= 0) finish(w, tests[w->test].runs, message);
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
    char *message;
    int failed = (int)strtol(w->buffer, &message, 10);
    finish(w, failed, message + (*message == ' '));
    w->used = 0;
  }
  return true;
}

void test262_run_all(int jobs, int limit_seconds) {
  int next = 0, done = 0;
  if (jobs < 1) jobs = 1;
  if (jobs > MAX_JOBS) jobs = MAX_JOBS;
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
      } else if (now_ms() - w->started > (uint64_t)limit_seconds * 1000) {
        finish(w, tests[w->test].runs, "timeout");
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
