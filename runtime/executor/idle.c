// SPDX-License-Identifier: MIT
// The count of searching and awake workers, and the list of the sleeping ones.
#include "runtime/executor/idle.h"

#include <stdlib.h>

enum { AWAKE = 1 << 16, SEARCHING = 1, SEARCHING_MASK = AWAKE - 1 };

int exec_idle_init(Idle *i, uint32_t workers) {
  atomic_init(&i->state, workers * AWAKE);
  i->workers = workers;
  i->sleeping = 0;
  i->sleepers = malloc(workers * sizeof *i->sleepers);
  if (i->sleepers == NULL) return UV_ENOMEM;
  int error = uv_mutex_init(&i->lock);
  if (error != 0) {
    free(i->sleepers);
    i->sleepers = NULL;
  }
  return error;
}

void exec_idle_destroy(Idle *i) {
  if (i->sleepers == NULL) return;
  uv_mutex_destroy(&i->lock);
  free(i->sleepers);
}

static bool should_wake(Idle *i) {
  // A read-modify-write: it is ordered with those of the workers, after the
  // queueing that comes before it.
  uint32_t state =
      atomic_fetch_add_explicit(&i->state, 0, memory_order_seq_cst);
  return (state & SEARCHING_MASK) == 0 && state / AWAKE < i->workers;
}

int exec_idle_worker_to_notify(Idle *i) {
  if (!should_wake(i)) return -1;
  int worker = -1;
  uv_mutex_lock(&i->lock);
  if (i->sleeping > 0 && should_wake(i)) {
    worker = (int)i->sleepers[--i->sleeping];
    atomic_fetch_add_explicit(&i->state, AWAKE + SEARCHING,
                              memory_order_seq_cst);
  }
  uv_mutex_unlock(&i->lock);
  return worker;
}

void exec_idle_sleep(Idle *i, uint32_t worker, bool searching) {
  uv_mutex_lock(&i->lock);
  atomic_fetch_sub_explicit(&i->state, AWAKE + (searching ? SEARCHING : 0),
                            memory_order_seq_cst);
  i->sleepers[i->sleeping++] = worker;
  uv_mutex_unlock(&i->lock);
}

bool exec_idle_start_search(Idle *i) {
  uint32_t state = atomic_load_explicit(&i->state, memory_order_seq_cst);
  if (2 * (state & SEARCHING_MASK) >= i->workers) return false;
  // Two may pass the check at once: the limit is for economy, not exact.
  atomic_fetch_add_explicit(&i->state, SEARCHING, memory_order_seq_cst);
  return true;
}

bool exec_idle_stop_search(Idle *i) {
  uint32_t before =
      atomic_fetch_sub_explicit(&i->state, SEARCHING, memory_order_seq_cst);
  return (before & SEARCHING_MASK) == 1;
}

static int find(const Idle *i, uint32_t worker) {
  for (uint32_t k = 0; k < i->sleeping; k++) {
    if (i->sleepers[k] == worker) return (int)k;
  }
  return -1;
}

bool exec_idle_wake(Idle *i, uint32_t worker) {
  uv_mutex_lock(&i->lock);
  int k = find(i, worker);
  if (k >= 0) {
    i->sleepers[k] = i->sleepers[--i->sleeping];
    atomic_fetch_add_explicit(&i->state, AWAKE, memory_order_seq_cst);
  }
  uv_mutex_unlock(&i->lock);
  return k >= 0;
}

bool exec_idle_is_sleeping(Idle *i, uint32_t worker) {
  uv_mutex_lock(&i->lock);
  bool sleeping = find(i, worker) >= 0;
  uv_mutex_unlock(&i->lock);
  return sleeping;
}
