// SPDX-License-Identifier: MIT
// Tasks that fail: what they say, and what happens when nobody asks.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/executor/executor.h"
#include "runtime/executor/shutdown.h"

void rill_task_fail(int code, const char *message) {
  Task *t = exec_current.task;
  if (t == NULL) return;
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
  memcpy(f->message, message, length);
  f->message[length] = 0;
  free(t->failure);
  t->failure = f;
}

void exec_failure_unhandled(Task *t) {
  if (exec_likely(t->failure == NULL) || t->failure_seen || !t->finished)
    return;
  t->failure_seen = true;
  Executor *ex = t->executor;
  if (ex->options.unhandled == RILL_UNHANDLED_IGNORE) return;
  rill_failure failure = {t->id, t->name == NULL ? "" : t->name,
                          t->failure->code, t->failure->message};
  if (ex->options.on_unhandled != NULL) {
    ex->options.on_unhandled(ex->options.data, &failure);
  } else {
    fprintf(stderr, "rill: task %llu (%s) failed with code %d: %s\n",
            (unsigned long long)failure.task, failure.name, failure.code,
            failure.message);
  }
  if (ex->options.unhandled == RILL_UNHANDLED_SHUTDOWN) exec_cancel_all(ex);
}
