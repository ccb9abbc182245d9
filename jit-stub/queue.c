// SPDX-License-Identifier: MIT
// The process's compile thread and its bounded queue.
#include "jit-stub/queue.h"

#include <pthread.h>
#include <time.h>

#include "vm/interpreter/run.h"

enum { QUEUE_LIMIT = 64 };

static struct {
  pthread_mutex_t lock;
  pthread_cond_t work;     // jobs, or the end
  pthread_cond_t finished; // a job is done
  pthread_t thread;
  uint32_t users;
  bool runs, ends;
  JitJob *first, **last;
  uint32_t count;
  const JitQueue *running; // whose job is being compiled
} queue = {.lock = PTHREAD_MUTEX_INITIALIZER,
           .work = PTHREAD_COND_INITIALIZER,
           .finished = PTHREAD_COND_INITIALIZER,
           .last = &queue.first};

// Serializes the thread's start and end, which wait for each other.
static pthread_mutex_t lifetime = PTHREAD_MUTEX_INITIALIZER;

static _Atomic(JitObserver) observer;

void jit_observe(JitObserver wanted) {
  atomic_store_explicit(&observer, wanted, memory_order_relaxed);
}

static void tell(const JitJob *job) {
  JitObserver observe = atomic_load_explicit(&observer, memory_order_relaxed);
  if (observe == NULL) return;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  uint64_t end = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
  observe(job->template, job->optimized != NULL, end - job->nanoseconds,
          job->nanoseconds);
}

static void *compile_thread(void *unused) {
  (void)unused;
  pthread_mutex_lock(&queue.lock);
  for (;;) {
    while (queue.first == NULL && !queue.ends)
      pthread_cond_wait(&queue.work, &queue.lock);
    if (queue.ends) break;
    JitJob *job = queue.first;
    queue.first = job->next;
    if (queue.first == NULL) queue.last = &queue.first;
    queue.count--;
    JitQueue *owner = job->owner;
    queue.running = owner;
    pthread_mutex_unlock(&queue.lock);
    jit_compile(job);
    tell(job);
    pthread_mutex_lock(&queue.lock);
    job->next = owner->done;
    owner->done = job;
    // Under the lock: the isolate lives until jit_queue_cancel has had it.
    vm_request_interrupt(owner->isolate, INTERRUPT_JIT);
    queue.running = NULL;
    pthread_cond_broadcast(&queue.finished);
  }
  pthread_mutex_unlock(&queue.lock);
  return NULL;
}

// The thread runs while some owner holds it.
static bool hold_thread(JitQueue *owner) {
  pthread_mutex_lock(&lifetime);
  if (!queue.runs) {
    queue.ends = false;
    queue.runs = pthread_create(&queue.thread, NULL, compile_thread, NULL) == 0;
  }
  owner->holds_thread = queue.runs;
  if (queue.runs) queue.users++;
  pthread_mutex_unlock(&lifetime);
  return owner->holds_thread;
}

static void release_thread(JitQueue *owner) {
  pthread_mutex_lock(&lifetime);
  owner->holds_thread = false;
  if (--queue.users == 0) {
    pthread_mutex_lock(&queue.lock);
    queue.ends = true;
    pthread_cond_signal(&queue.work);
    pthread_mutex_unlock(&queue.lock);
    pthread_join(queue.thread, NULL);
    queue.runs = false;
  }
  pthread_mutex_unlock(&lifetime);
}

bool jit_queue_push(JitJob *job) {
  // Isolates that never get hot start no thread.
  if (!job->owner->holds_thread && !hold_thread(job->owner)) return false;
  pthread_mutex_lock(&queue.lock);
  bool fits = queue.count < QUEUE_LIMIT;
  if (fits) {
    job->next = NULL;
    *queue.last = job;
    queue.last = &job->next;
    queue.count++;
    pthread_cond_signal(&queue.work);
  }
  pthread_mutex_unlock(&queue.lock);
  return fits;
}

JitJob *jit_queue_take_done(JitQueue *owner) {
  pthread_mutex_lock(&queue.lock);
  JitJob *done = owner->done;
  owner->done = NULL;
  pthread_mutex_unlock(&queue.lock);
  return done;
}

void jit_queue_detach(JitQueue *owner) {
  if (!owner->holds_thread) return;
  pthread_mutex_lock(&queue.lock);
  queue.last = &queue.first;
  while (*queue.last != NULL) {
    JitJob *job = *queue.last;
    if (job->owner == owner) {
      *queue.last = job->next;
      queue.count--;
    } else {
      queue.last = &job->next;
    }
  }
  while (queue.running == owner)
    pthread_cond_wait(&queue.finished, &queue.lock);
  owner->done = NULL;
  pthread_mutex_unlock(&queue.lock);
  release_thread(owner);
}
