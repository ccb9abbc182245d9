/* SPDX-License-Identifier: MIT */
/*
 * Time of an executor: its clock, sleeping, intervals, timeouts. Times are
 * nanoseconds of the executor's monotonic clock; timers fire on the first
 * millisecond that is not before their time. Timer futures are polled within an
 * executor (its tasks, or rill_block_on); elsewhere they never fire.
 */
#ifndef RILL_TIME_H
#define RILL_TIME_H

#include "rill/executor.h"

RILL_BEGIN_DECLARATIONS

/* Nanoseconds of the executor's clock. NULL outside of an executor: the
 * monotonic clock itself. */
RILL_API uint64_t rill_now(rill_executor *);

/* Stops the clock of a current_thread executor. It stands still but for
 * advancing, and jumps to the next timer whenever all tasks wait and no
 * blocking function runs. RILL_INVALID: multi_thread. */
RILL_API rill_status rill_clock_pause(rill_executor *);
/* The clock goes on from where it stood. RILL_INVALID: multi_thread. */
RILL_API rill_status rill_clock_resume(rill_executor *);
/* RILL_INVALID: not paused. Timers fire when the executor next runs. */
RILL_API rill_status rill_clock_advance(rill_executor *, uint64_t nanoseconds);

/* Ready once its time has come. */
typedef struct rill_sleep {
  rill_future future;
  uint64_t deadline; /* in nanoseconds of the clock */
  uintptr_t private_[7];
} rill_sleep;
/* For so long; the deadline counts from the first poll. */
RILL_API void rill_sleep_init(rill_sleep *, uint64_t nanoseconds);
/* Until rill_now has reached the deadline. */
RILL_API void rill_sleep_until_init(rill_sleep *, uint64_t deadline);
/* Moves the deadline; works also after it fired. */
RILL_API void rill_sleep_reset(rill_sleep *, uint64_t deadline);

/* What an interval does with ticks that came too late. */
typedef enum rill_missed_tick {
  RILL_MISSED_BURST, /* all of them at once, until it has caught up */
  RILL_MISSED_DELAY, /* the next a period after this one */
  RILL_MISSED_SKIP   /* the next at a multiple of the period from the start */
} rill_missed_tick;
/* Ready once a period, the first time at once; is to be polled again after each
 * tick. `tick` is when the last was due. */
typedef struct rill_interval {
  rill_future future;
  uint64_t period;         /* nanoseconds */
  uint64_t tick;           /* when the last was due */
  rill_missed_tick missed; /* what happens to late ones */
  rill_sleep sleep;        /* until the next */
} rill_interval;
/* RILL_INVALID: a period of 0. */
RILL_API rill_status rill_interval_init(rill_interval *, uint64_t period,
                                        rill_missed_tick);

/* A future with a time limit. Ready when either is; `status` is RILL_OK or
 * RILL_TIMED_OUT. The inner future is borrowed, and dropped with this one. */
typedef struct rill_timeout {
  rill_future future;
  rill_future *inner; /* borrowed */
  rill_status status; /* once it is ready */
  rill_sleep sleep;   /* until the limit */
} rill_timeout;
/* Limits a future's time, from the first poll on. */
RILL_API void rill_timeout_init(rill_timeout *, rill_future *inner,
                                uint64_t nanoseconds);

RILL_END_DECLARATIONS
#endif
