// SPDX-License-Identifier: MIT
// Whether libuv can start the threads of its pool: as many are started first.
// Their stacks stay with the system's library, which gives them to libuv's.
#include "runtime/io/thread_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <uv.h>

enum { DEFAULT_THREADS = 4, MOST_THREADS = 1024 }; // libuv's

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER,
                       all_started = PTHREAD_MUTEX_INITIALIZER;
static bool is_ready;

static size_t wanted_threads(void) {
  const char *text = getenv("UV_THREADPOOL_SIZE");
  int wanted = text != NULL ? atoi(text) : DEFAULT_THREADS;
  return wanted < 1 ? 1 : wanted > MOST_THREADS ? MOST_THREADS : (size_t)wanted;
}

static void wait_for_all(void *unused) {
  (void)unused;
  pthread_mutex_lock(&all_started);
  pthread_mutex_unlock(&all_started);
}

static bool can_start(size_t count) {
  uv_thread_t *threads = malloc(count * sizeof *threads);
  if (threads == NULL) return false;
  size_t started = 0;
  pthread_mutex_lock(&all_started);
  while (started < count &&
         uv_thread_create(&threads[started], wait_for_all, NULL) == 0)
    started++;
  pthread_mutex_unlock(&all_started);
  for (size_t i = 0; i < started; i++)
    uv_thread_join(&threads[i]);
  free(threads);
  return started == count;
}

bool rt_thread_pool_is_ready(void) {
  pthread_mutex_lock(&lock);
  if (!is_ready) is_ready = can_start(wanted_threads());
  bool answer = is_ready;
  pthread_mutex_unlock(&lock);
  return answer;
}
