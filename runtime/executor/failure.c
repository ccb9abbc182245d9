// SPDX-License-Identifier: MIT
// Tasks that fail: what they say, and what happens when nobody asks. That may
// turn out after the executor is gone, when the last join handle is freed; so
// the policy is an object of its own, which failures hold references to.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/executor/executor.h"
#include "runtime/executor/shutdown.h"

struct FailurePolicy {
  _Atomic uint32_t references; // of the executor and of failures
  rill_unhandled unhandled;
  void (*on_unhandled)(void *, const rill_failure *);
  void *data;
  uv_mutex_t lock;
  Executor *executor; // under the lock; NULL: it is gone
};

int exec_failure_policy_init(Executor *ex) {
  FailurePolicy *p = calloc(1, sizeof *p);
  if (p == NULL) return UV_ENOMEM;
  int error = uv_mutex_init(&p->lock);
  if (error != 0) {
    free(p);
    return error;
  }
  atomic_init(&p->references, 1);
  p->unhandled = ex->options.unhandled;
  p->on_unhandled = ex->options.on_unhandled;
  p->data = ex->options.data;
  p->executor = ex;
  ex->failure_policy = p;
  return 0;
}

static void policy_release(FailurePolicy *p) {
  if (atomic_fetch_sub_explicit(&p->references, 1, memory_order_acq_rel) != 1)
    return;
  uv_mutex_destroy(&p->lock);
  free(p);
}

void exec_failure_policy_destroy(Executor *ex) {
  FailurePolicy *p = ex->failure_policy;
  uv_mutex_lock(&p->lock);
  p->executor = NULL;
  uv_mutex_unlock(&p->lock);
  policy_release(p);
}

void exec_failure_free(Failure *f) {
  if (f == NULL) return;
  policy_release(f->policy);
  free(f);
}

void rill_task_fail(int code, const char *message) {
  Task *t = exec_current.task;
  if (t == NULL || t->is_lean) return;
  if (message == NULL) message = "";
  size_t length = strlen(message);
  Failure *f = malloc(sizeof *f + length + 1);
  if (f == NULL) { // the failure matters more than its text
    length = 0;
    f = malloc(sizeof *f + 1);
  }
  if (f == NULL) {
    fputs("rill: out of memory while a task failed\n", stderr);
    return;
  }
  f->code = code;
  f->policy = t->executor->failure_policy;
  atomic_fetch_add_explicit(&f->policy->references, 1, memory_order_relaxed);
  memcpy(f->message, message, length);
  f->message[length] = 0;
  exec_failure_free(exec_bonds(t)->failure);
  exec_bonds(t)->failure = f;
}

void exec_failure_unhandled(Task *t) {
  if (exec_likely(t->is_lean || exec_bonds(t)->failure == NULL) ||
      t->failure_seen || !t->finished)
    return;
  t->failure_seen = true;
  FailurePolicy *p = exec_bonds(t)->failure->policy;
  if (p->unhandled == RILL_UNHANDLED_IGNORE) return;
  rill_failure failure = {t->id, t->name == NULL ? "" : t->name,
                          exec_bonds(t)->failure->code,
                          exec_bonds(t)->failure->message};
  if (p->on_unhandled != NULL) {
    p->on_unhandled(p->data, &failure);
  } else {
    fprintf(stderr, "rill: task %llu (%s) failed with code %d: %s\n",
            (unsigned long long)failure.task, failure.name, failure.code,
            failure.message);
  }
  if (p->unhandled != RILL_UNHANDLED_SHUTDOWN) return;
  uv_mutex_lock(&p->lock);
  if (p->executor != NULL) exec_cancel_all(p->executor);
  uv_mutex_unlock(&p->lock);
}
