/* SPDX-License-Identifier: MIT */
/*
 * librill: what an isolate tells its host: output of the console, errors that
 * nobody caught, rejections that nobody handled, interrupts. The hooks are
 * called on the isolate's thread.
 */
#ifndef RILL_HOOKS_H
#define RILL_HOOKS_H

#include "rill/base.h"
#include "rill/error.h"

RILL_BEGIN_DECLARATIONS

/* Functions of the host, each of which may be NULL. */
typedef struct rill_hooks {
  size_t size; /* sizeof(rill_hooks), set by RILL_HOOKS_INIT */
  void *data;  /* given to each of them */
  /* What scripts print (console.log, process.stdout: UTF-8, or bytes), in place
   * of the descriptors 1 and 2. It must not call into the isolate. Functions
   * that scripts spawn and Workers still use the descriptors. */
  void (*output)(void *data, bool to_error, const char *bytes, size_t length);
  /* An error that no script caught, in a job or a callback of the loop. True:
   * the isolate goes on; false: rill_await, rill_run_loop or whatever ran the
   * job fails with it, as it does without this hook. */
  bool (*uncaught)(rill_isolate *, void *data, const rill_error *);
  /* A promise that was rejected, and has no handler once the jobs have run.
   * True: the host knows; false: it is an uncaught error. */
  bool (*rejection)(rill_isolate *, void *data, rill_value promise,
                    rill_value reason);
  /* What rill_request_call asked for, where the script stands. False: it is
   * ended, as by rill_interrupt. It may call into the isolate. */
  bool (*interrupt)(rill_isolate *, void *data);
} rill_hooks;
/* No hooks. */
#define RILL_HOOKS_INIT                                                        \
  { sizeof(rill_hooks), NULL, NULL, NULL, NULL, NULL }
/* From now on; NULL takes them back. */
RILL_API void rill_set_hooks(rill_isolate *, const rill_hooks *);
/* Has hooks.interrupt called soon: at the next back-edge, call or step of a
 * long builtin, if a script runs; else once one does. Any thread. */
RILL_API void rill_request_call(rill_isolate *);

RILL_END_DECLARATIONS
#endif
