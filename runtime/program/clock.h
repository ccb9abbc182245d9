// SPDX-License-Identifier: MIT
// The clock of one runtime, and its timers. A ClockTimer is in a timing wheel
// that goes with the loop's time, or, while the clock is paused, an entry of
// the clock's own queue, where time passes only when it is told to. In a
// simulation a seed decides the order of what is ready at the same time. All on
// the runtime's thread.
#ifndef RILL_RUNTIME_PROGRAM_CLOCK_H
#define RILL_RUNTIME_PROGRAM_CLOCK_H

#include "runtime/executor/random.h"
#include "runtime/runtime.h"

typedef struct ClockTimer ClockTimer;

typedef struct ClockTimerType {
  const char *name; // for people: "setTimeout"
  // With the isolate entered. EXCEPTION is uncaught. Unless the timer repeats
  // it is over, and must be stopped here.
  Value (*fire)(Runtime *, ClockTimer *);
  // The runtime ends: stops the timer, and lets go of what it holds.
  void (*drop)(Runtime *, ClockTimer *);
} ClockTimerType;

typedef enum ClockTimerState {
  CLOCK_TIMER_OUT, // it fires, or is closed
  CLOCK_TIMER_IN_WHEEL,
  CLOCK_TIMER_IN_QUEUE, // of the paused clock
} ClockTimerState;

// Embedded in what it is the timer of. A million of them may sleep: each byte
// counts.
struct ClockTimer {
  union {
    WheelNode node; // ticks are the loop's milliseconds
    struct {
      double due;
      uint64_t order; // of those with the same due
      uint32_t index; // in the queue
    };
  };
  const ClockTimerType *type;
  uint64_t id;     // counts up
  uint32_t period; // milliseconds; 0: fires once
  uint8_t state;   // ClockTimerState
  bool is_unreferenced;
  uint16_t place; // of whoever it is embedded in, in its chunk
};

// Starts a timer in zeroed memory, which must stay until it is stopped.
void rt_timer_start(Runtime *, ClockTimer *, const ClockTimerType *,
                    double milliseconds, bool repeat);
// Milliseconds until it fires.
double rt_timer_left(const Runtime *, const ClockTimer *);
// Stops a timer, or ends one that fired.
void rt_timer_stop(Runtime *, ClockTimer *);
// Whether it keeps the program alive, as it does at first.
void rt_timer_reference(Runtime *, ClockTimer *, bool);
void rt_clock_init(Runtime *);
uint32_t rt_timers_count(Runtime *);
// Calls back for each timer that is started; nothing may be started or closed
// meanwhile.
void rt_timers_visit(Runtime *, void (*)(void *data, ClockTimer *), void *data);
// Drops all timers, when the runtime is freed.
void rt_clock_close(Runtime *);

// Milliseconds since the runtime began, and since 1970, as scripts see them. A
// simulation begins at 0.
double rt_clock_now(const Runtime *);
double rt_clock_wall(const Runtime *);
// As uv_hrtime; of a simulation, since its beginning.
uint64_t rt_clock_nanoseconds(const Runtime *);

// The paused clock. rt->clock is NULL until it is first paused.
typedef struct PausedClock {
  bool paused;
  bool auto_advance;  // time jumps to the next timer when nothing else can run
  bool simulating;    // and the seed decides the order
  double now;         // as rt_clock_now has it
  double wall;        // milliseconds since 1970
  ClockTimer **queue; // a heap by due and order
  uint32_t count, capacity;
  uint64_t sequence;
  bool advancing; // until `target`, then `advanced` is called
  double target;
  GcRoot advanced;
  // Simulation:
  Random random;
  uint64_t saved_random[2]; // Math.random's state before
  double jitter;            // milliseconds added to timers, at most
  uint64_t first_id;        // that its timers come after
  uint64_t steps, trace;    // events so far and a hash of them
  GcRoot log;               // an Array of their names, or undefined
} PausedClock;

static inline bool rt_clock_is_paused(const Runtime *rt) {
  return unlikely(rt->clock != NULL) && rt->clock->paused;
}
static inline bool rt_is_simulating(const Runtime *rt) {
  return unlikely(rt->clock != NULL) && rt->clock->simulating;
}
// Timers that run keep what is left to them. False: out of memory.
bool rt_clock_pause(Runtime *);
// Back to the real clock.
void rt_clock_resume(Runtime *);
// Fires what is due until the clock shows `now` + milliseconds, a turn of the
// loop after each, then calls `done`. INFINITY: until no timer is left.
void rt_clock_advance(Runtime *, double milliseconds, Value done);
// The same at once, within the caller: no job runs in between. EXCEPTION: a
// callback threw.
Value rt_clock_tick(Runtime *, double milliseconds) VM_CHECKED;
// Whether the paused clock has something to do, even if the loop has not.
bool rt_clock_is_alive(const Runtime *);
// Whether a simulation waits for what nobody can do any more.
bool rt_simulation_is_stuck(Runtime *);
// One turn of the loop while the clock is paused, as rt_run_loop_once.
bool rt_clock_turn(Runtime *);

// Simulation: the clock is paused and advances by itself. False: no memory.
bool rt_simulation_start(Runtime *, uint64_t seed, double jitter, bool log);
void rt_simulation_end(Runtime *);

#endif
