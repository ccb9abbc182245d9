// SPDX-License-Identifier: MIT
// What rill:test needs below the language: a watchdog that ends script which
// outstays its time, a register of what is open and where it was made, errors
// that nobody caught. A runtime has it from the first use of rill:test on. All
// on the runtime's thread but the watchdog's own.
#ifndef RILL_RUNTIME_TESTING_TESTING_H
#define RILL_RUNTIME_TESTING_TESTING_H

#include "runtime/runtime.h"

// Something that keeps a program alive, or is under way.
typedef struct TrackedThing {
  const void *what;
  const char *name; // for people: "setTimeout"
  // One without a reference is no leak: a handle or a timer; or NULL.
  uv_handle_t *handle;
  const struct ClockTimer *timer;
  uint64_t id;               // counts up
  GcRoot origin;             // an Error made where it was
  struct TrackedThing *next; // of its bucket
} TrackedThing;

enum { TRACKED_BUCKETS = 256 };

typedef struct Testing {
  Runtime *rt;
  GcRoot handler;     // (kind, error) -> nothing; see test_module.c
  GcRoot interrupted; // an Error made where script was ended; or undefined
  TrackedThing *things[TRACKED_BUCKETS];
  uint64_t last_id;
  // The watchdog; all under the lock.
  uv_thread_t thread;
  bool thread_runs, thread_ends;
  uv_mutex_t lock;
  uv_cond_t changed;
  uint64_t deadline; // of uv_hrtime; 0: none
  bool expired;      // and nobody has seen it yet
} Testing;

// The runtime's, made on first use. NULL: threw.
Testing *rt_testing(Runtime *) VM_CHECKED;
void rt_testing_free(Runtime *);

// For hooks->on_interrupt. False: the script that runs is to end.
bool rt_testing_on_interrupt(Runtime *);
// From the loop: nothing runs, and the watchdog may have called.
void rt_testing_on_wake(Runtime *);
// Whether the termination under way is the watchdog's; it is over then, and the
// exception is the Error made where script was ended.
bool rt_testing_take_interrupted(Runtime *);

void rt_testing_track(Runtime *, const void *what, const char *name,
                      uv_handle_t *handle_or_null);
void rt_testing_untrack(Runtime *, const void *what);
// Something has been made that must be closed or end before its test does.
// Costs nothing outside of tests.
static inline void rt_track(Runtime *rt, const void *what, const char *name,
                            uv_handle_t *handle) {
  if (unlikely(rt->testing != NULL)) rt_testing_track(rt, what, name, handle);
}
void rt_testing_track_timer(Runtime *, const struct ClockTimer *);
static inline void rt_track_timer(Runtime *rt, const struct ClockTimer *timer) {
  if (unlikely(rt->testing != NULL)) rt_testing_track_timer(rt, timer);
}
static inline void rt_untrack(Runtime *rt, const void *what) {
  if (unlikely(rt->testing != NULL)) rt_testing_untrack(rt, what);
}

// simulated_tasks.c
Value rt_test_copy_call(Isolate *, const NativeCall *);
Value rt_test_copy_result(Isolate *, const NativeCall *);
Value rt_test_close_channels(Isolate *, const NativeCall *);
Value rt_test_is_simulating(Isolate *, const NativeCall *);
// coverage_report.c
Value rt_test_coverage_report(Isolate *, const NativeCall *);

#endif
