/* SPDX-License-Identifier: MIT */
/*
 * librill: looking into a running process: what all its tasks do and wait for,
 * those of scripts and those of executors, and telling of stalls.
 */
#ifndef RILL_TRACE_H
#define RILL_TRACE_H

#include "rill/base.h"

RILL_BEGIN_DECLARATIONS

/* A dump of all tasks of the process: for each isolate what runs, what waits,
 * for what, with async stacks; the tasks of executors; tasks that wait for each
 * other in a ring. Each isolate is asked at its next safepoint, or turn of its
 * loop; one that does not answer within a second is told by what can be seen
 * from outside. Its heap is collected for that. Malloc'ed, for the caller to
 * free; NULL: out of memory. Any thread but one that is running a script
 * (there: rill:trace's dumpTasks). */
typedef enum rill_dump_form { RILL_DUMP_TEXT, RILL_DUMP_JSON } rill_dump_form;
RILL_API char *rill_dump_tasks(rill_dump_form form);

/* SIGQUIT (Ctrl-\) prints such a dump to standard error, and the program goes
 * on. False: the signal is ignored or handled already, or there is no thread
 * for it. `rill run` does that by itself. */
RILL_API bool rill_dump_on_signal(void);

typedef enum rill_watch_event {
  RILL_WATCH_STALL,     /* something takes longer than the limit */
  RILL_WATCH_STALL_END, /* it is over; `nanoseconds` is the whole time */
  RILL_WATCH_DEADLOCK   /* tasks wait for each other in a ring */
} rill_watch_event;
typedef struct rill_watch_report {
  rill_watch_event event;
  const char *where;    /* isolate or executor */
  const char *task;     /* what runs; "": unknown. Not for a deadlock. */
  uint64_t nanoseconds; /* so far */
  const char *text;     /* for people, with frames; ends with a newline */
} rill_watch_report;
typedef struct rill_watchdog_options {
  size_t size;       /* sizeof(rill_watchdog_options) */
  uint32_t limit_ms; /* of a turn, or a poll; at least 1 */
  /* Called by the watchdog's thread, or by the one whose stall has ended. NULL:
   * the text goes to standard error. */
  void (*on_report)(void *data, const rill_watch_report *);
  void *data;
} rill_watchdog_options;
/* Watches all isolates and executors of the process from now on, with a thread
 * of its own. Once: RILL_INVALID for another call, or bad options;
 * RILL_NO_MEMORY: there is no thread. An isolate that is running a script is
 * watched from its next turn on. */
RILL_API rill_status rill_watchdog_start(const rill_watchdog_options *);

RILL_END_DECLARATIONS
#endif
