// SPDX-License-Identifier: MIT
// Dumps for the embedder, and by SIGQUIT: the handler posts a semaphore, a
// thread makes the dump, so that it comes even if every isolate computes.
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <unistd.h>

#include "rill/trace.h"
#include "runtime/trace/trace.h"

static sem_t wanted;

static void on_signal(int number) {
  (void)number;
  int error = errno;
  sem_post(&wanted);
  errno = error;
}

static void write_text(const TextBuffer *t) {
  size_t done = 0;
  while (done < t->length) {
    ssize_t n = write(STDERR_FILENO, t->bytes + done, t->length - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) {
      usleep(500);
      continue;
    }
    if (n <= 0) return;
    done += (size_t)n;
  }
}

static void *wait_for_signals(void *argument) {
  (void)argument;
  pthread_setname_np(pthread_self(), "rill-dump");
  for (;;) {
    if (sem_wait(&wanted) != 0) continue;
    TextBuffer text;
    text_init(&text);
    trace_append_format(&text, "Tasks of process %ld\n", (long)getpid());
    trace_dump(NULL, false, &text);
    write_text(&text);
    text_free(&text);
  }
  return NULL;
}

bool trace_start_thread(void *(*work)(void *)) {
  pthread_attr_t attributes;
  pthread_t thread;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started = pthread_create(&thread, &attributes, work, NULL) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return started;
}

bool rill_dump_on_signal(void) {
  struct sigaction current;
  if (sigaction(SIGQUIT, NULL, &current) != 0 ||
      current.sa_handler != SIG_DFL || sem_init(&wanted, 0, 0) != 0 ||
      !trace_start_thread(wait_for_signals)) {
    return false;
  }
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  return sigaction(SIGQUIT, &action, NULL) == 0;
}

char *rill_dump_tasks(rill_dump_form form) {
  TextBuffer text;
  text_init(&text);
  bool done = trace_dump(NULL, form == RILL_DUMP_JSON, &text);
  char *copy = done ? strndup(text.bytes, text.length) : NULL;
  text_free(&text);
  return copy;
}
