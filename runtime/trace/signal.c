// SPDX-License-Identifier: MIT
// Dumps for the embedder, and by SIGQUIT: the handler posts a semaphore, a
// thread makes the dump, so that it comes even if every isolate computes. A
// handler cannot start a thread; the program does not want one in every short
// run. So there the isolate that the handler asks starts it, unless native code
// that may block did before.
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <unistd.h>

#include "rill/trace.h"
#include "runtime/trace/trace.h"
#include "runtime/trace/watchdog.h"

static sem_t wanted;
// Whose isolate starts the thread; NULL: it runs, or nobody wants dumps.
static RuntimeTrace *_Atomic starter;

static void on_signal(int number) {
  (void)number;
  int error = errno;
  sem_post(&wanted);
  RuntimeTrace *t = atomic_load(&starter);
  if (t != NULL) {
    atomic_store(&t->thread_wanted, true);
    trace_ask(t); // atomics and uv_async_send, which signals may
  }
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

static bool is_signal_free(void) {
  struct sigaction current;
  return sigaction(SIGQUIT, NULL, &current) == 0 &&
         current.sa_handler == SIG_DFL && sem_init(&wanted, 0, 0) == 0;
}

static bool handle_signal(void) {
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  return sigaction(SIGQUIT, &action, NULL) == 0;
}

bool rill_dump_on_signal(void) {
  return is_signal_free() && trace_start_thread(wait_for_signals) &&
         handle_signal();
}

bool trace_dump_on_signal(Runtime *rt) {
  if (!is_signal_free()) return false;
  atomic_store(&starter, rt->trace);
  return handle_signal();
}

void trace_expect_blocking(void) {
  if (atomic_load_explicit(&starter, memory_order_relaxed) != NULL &&
      atomic_exchange(&starter, NULL) != NULL)
    trace_start_thread(wait_for_signals);
}

void trace_forget_starter(RuntimeTrace *t) {
  atomic_compare_exchange_strong(&starter, &t, NULL);
}

char *rill_dump_tasks(rill_dump_form form) {
  TextBuffer text;
  text_init(&text);
  bool done = trace_dump(NULL, form == RILL_DUMP_JSON, &text);
  char *copy = done ? strndup(text.bytes, text.length) : NULL;
  text_free(&text);
  return copy;
}
