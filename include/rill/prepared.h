/* SPDX-License-Identifier: MIT */
/*
 * librill: a prepared isolate to start others from. It keeps the code of a
 * bootstrap, compiled once and shared, with the functions that it calls
 * compiled as well, and how an isolate is set up. Starting an isolate from it
 * sets that up and runs the bootstrap: nothing is read, parsed or compiled
 * again. The heap is not kept: what the bootstrap makes is made anew in each
 * isolate, so a bootstrap that computes for long does so each time. In return
 * each is as fresh as the first: its own random numbers, clock, promises, host
 * objects.
 */
#ifndef RILL_PREPARED_H
#define RILL_PREPARED_H

#include "rill/error.h"
#include "rill/module.h"

RILL_BEGIN_DECLARATIONS

struct rill_options;

/* What each isolate is set up with. */
typedef struct rill_prepared_options {
  size_t size; /* sizeof(rill_prepared_options): RILL_PREPARED_OPTIONS_INIT */
  /* Of each isolate; copied. NULL: all defaults. */
  const struct rill_options *isolate;
  /* The bootstrap, copied: a script that may await (rill_eval_async). NULL:
   * none. */
  const char *source;
  size_t length;    /* RILL_TEXT_END */
  const char *name; /* shown in errors; NULL: "bootstrap" */
  /* Before it, in each isolate: functions, classes, modules and hooks of the
   * host. By the thread that starts it. False: a call of the API failed, or it
   * threw (rill_throw). May be NULL. */
  bool (*set_up)(rill_isolate *, void *data);
  void *data;          /* given to set_up */
  uint64_t timeout_ms; /* for the bootstrap; 0: no limit */
} rill_prepared_options;
/* All defaults. */
#define RILL_PREPARED_OPTIONS_INIT                                             \
  {                                                                            \
    sizeof(rill_prepared_options), NULL, NULL, RILL_TEXT_END, NULL, NULL,      \
        NULL, 0                                                                \
  }

/* Counted; any thread. */
typedef struct rill_prepared rill_prepared;
/* Starts one isolate and frees it, so what is wrong shows now, and what the
 * bootstrap calls is compiled. NULL: it failed; *error, if asked for, is to be
 * freed, or NULL without memory. */
RILL_API rill_prepared *rill_prepare(const rill_prepared_options *,
                                     rill_error_record **error);
/* One more reference. Any thread. */
RILL_API void rill_prepared_retain(rill_prepared *);
/* One less; the last frees it, and its isolates go on. NULL does nothing. Any
 * thread. */
RILL_API void rill_prepared_release(rill_prepared *);
/* An isolate, set up, whose bootstrap has run to its end: the caller's, as one
 * of rill_isolate_new. By several threads at once, too. NULL as above. */
RILL_API rill_isolate *rill_isolate_start(rill_prepared *,
                                          rill_error_record **error);

RILL_END_DECLARATIONS
#endif
