/* SPDX-License-Identifier: MIT */
/*
 * librill: looking into a running process: what all its tasks do and wait for,
 * those of scripts and those of executors, and telling of stalls.
 */
#ifndef RILL_TRACE_H
#define RILL_TRACE_H

#include "rill/base.h"

RILL_BEGIN_DECLARATIONS

/* How a dump is written. */
typedef enum rill_dump_form {
  RILL_DUMP_TEXT, /* for people */
  RILL_DUMP_JSON  /* one object */
} rill_dump_form;
/* A dump of all tasks of the process: for each isolate what runs, what waits,
 * for what, with async stacks; the tasks of executors; tasks that wait for each
 * other in a ring. Each isolate is asked at its next safepoint, or turn of its
 * loop; one that does not answer within a second is told by what can be seen
 * from outside. Its heap is collected for that. Malloc'ed, for the caller to
 * free; NULL: out of memory. Any thread but one that is running a script
 * (there: rill:trace's dumpTasks). */
RILL_API char *rill_dump_tasks(rill_dump_form form);

/* SIGQUIT (Ctrl-\) prints such a dump to standard error, and the program goes
 * on. False: the signal is ignored or handled already, or there is no thread
 * for it. `rill run` does that by itself. */
RILL_API bool rill_dump_on_signal(void);

/* What the watchdog tells. */
typedef enum rill_watch_event {
  RILL_WATCH_STALL,     /* something takes longer than the limit */
  RILL_WATCH_STALL_END, /* it is over; `nanoseconds` is the whole time */
  RILL_WATCH_DEADLOCK   /* tasks wait for each other in a ring */
} rill_watch_event;
/* A stall or a deadlock. Its texts are good during the call. */
typedef struct rill_watch_report {
  rill_watch_event event; /* what it is */
  const char *where;      /* isolate or executor */
  const char *task;       /* what runs; "": unknown. Not for a deadlock. */
  uint64_t nanoseconds;   /* so far */
  const char *text;       /* for people, with frames; ends with a newline */
} rill_watch_report;
/* What the watchdog looks for, and whom it tells. */
typedef struct rill_watchdog_options {
  size_t size;       /* sizeof(rill_watchdog_options) */
  uint32_t limit_ms; /* of a turn, or a poll; at least 1 */
  /* Called by the watchdog's thread, or by the one whose stall has ended; it
   * must not call the functions of this header. NULL: the text goes to standard
   * error. */
  void (*on_report)(void *data, const rill_watch_report *);
  void *data; /* given to on_report */
} rill_watchdog_options;
/* Watches all isolates and executors of the process from now on, with a thread
 * of its own. Once: RILL_INVALID for another call, or bad options;
 * RILL_NO_MEMORY: there is no thread. An isolate that is running a script is
 * watched from its next turn on. */
RILL_API rill_status rill_watchdog_start(const rill_watchdog_options *);

/* Lets `rill top` look at the process: a thread listens on a Unix socket, which
 * only this user can reach. NULL path: PID.sock in $XDG_RUNTIME_DIR/rill or
 * /tmp/rill-UID, where `rill top PID` finds it. From the first look on tasks of
 * scripts are measured. RILL_INVALID: it is on already; RILL_FAILED: the socket
 * or its folder cannot be made, or is not safe (errno); RILL_NO_MEMORY. */
RILL_API rill_status rill_inspect_start(const char *path);
/* Ends it and removes the socket. No effect if it is off. */
RILL_API void rill_inspect_stop(void);

/* Events ----------------------------------------------------------------- */

/* How important an event is: most of all first. */
typedef enum rill_trace_level {
  RILL_TRACE_ERROR = 1, /* something failed */
  RILL_TRACE_WARN,      /* something may be wrong */
  RILL_TRACE_INFO,      /* what users want to know */
  RILL_TRACE_DEBUG,     /* what developers want to know */
  RILL_TRACE_TRACE      /* all the rest */
} rill_trace_level;
/* What an event is. */
typedef enum rill_trace_type {
  RILL_TRACE_BEGIN,  /* of a span */
  RILL_TRACE_END,    /* of a span */
  RILL_TRACE_EVENT,  /* a moment */
  RILL_TRACE_STRETCH /* told when it is over: a stop of the collector */
} rill_trace_type;
/* An event. Its texts are good during the call. */
typedef struct rill_trace_event {
  rill_trace_type type;   /* what it is */
  rill_trace_level level; /* how important it is */
  const char *category;   /* "app", "task", "http", "fetch", "fs", "loop", "gc",
                             "jit" */
  const char *name;       /* of the span or the moment */
  const char *attributes; /* a JSON object; at the end of a span all of it */
  uint64_t span, parent;  /* 0: none */
  uint32_t isolate;       /* its number; 0: none */
  uint32_t thread;        /* of the system */
  uint64_t nanoseconds;   /* of the monotonic clock */
  uint64_t duration;      /* nanoseconds, of what has ended */
} rill_trace_event;

/* How events are written. */
typedef enum rill_trace_form {
  RILL_TRACE_TEXT,  /* one line each, for people */
  RILL_TRACE_JSON,  /* one object a line */
  RILL_TRACE_CHROME /* for Perfetto and chrome://tracing */
} rill_trace_form;
/* What is exported, how, and where to. */
typedef struct rill_trace_options {
  size_t size;          /* sizeof(rill_trace_options) */
  rill_trace_form form; /* how it is written */
  const char *file;     /* NULL: standard error */
  const char *filter;   /* "info", "http=debug,gc=off"; NULL: "info" */
  /* Gets the events instead of the file, from a thread of its own. */
  void (*on_event)(void *data, const rill_trace_event *);
  void *data; /* given to on_event */
} rill_trace_options;
/* From now on events of the whole process are exported, soon after they happen,
 * by a thread of its own. RILL_INVALID: bad options, or it is on already;
 * RILL_FAILED: the file cannot be written (errno); RILL_NO_MEMORY: no thread.
 * Any thread. */
RILL_API rill_status rill_trace_start(const rill_trace_options *);
/* Writes what is left and ends it. Returns how many events came too fast and
 * were dropped. */
RILL_API uint64_t rill_trace_stop(void);

/* Events of the embedder, of category "app". `attributes`: the members of a
 * JSON object without its braces ("\"size\":3"), or NULL. Any thread. They
 * cost a comparison while nothing is exported. */
/* Begins a span, in another one (0: in none). Its number; 0: nobody wants it.
 */
RILL_API uint64_t rill_trace_span_begin(rill_trace_level, uint64_t parent,
                                        const char *name,
                                        const char *attributes);
/* No effect for span 0. */
RILL_API void rill_trace_span_end(uint64_t span, const char *attributes);
/* Tells a moment, in a span (0: in none). */
RILL_API void rill_trace_emit(rill_trace_level, uint64_t span, const char *name,
                              const char *attributes);

RILL_END_DECLARATIONS
#endif
