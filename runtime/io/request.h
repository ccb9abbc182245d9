// SPDX-License-Identifier: MIT
// I/O requests: what an IO instruction, its function form, or node:fs waits
// for. File operations run on libuv's thread pool as one piece of work each
// (open, read and close of readFile are one round trip); timers on the loop.
//
// A request ends by itself or is cancelled: by the signal or timeout of its
// options, or because the task that waits for it is aborted. Whoever waits gets
// the reason once the work has stopped and nothing of it is left; if a system
// call cannot be interrupted, after a second.
#ifndef RILL_RUNTIME_IO_REQUEST_H
#define RILL_RUNTIME_IO_REQUEST_H

#include "runtime/io/files/cached.h"
#include "runtime/io/files/call.h"
#include "runtime/io/files/watches.h"
#include "runtime/program/clock.h"
#include "runtime/slab.h"
#include "vm/interpreter/io.h"
#include "vm/io_operations.h"

// What a request with limits has, or one that is cancelled.
typedef struct IoLimits {
  GcHandle stop;    // function that cancels the request; undefined: none
  GcHandle release; // function that takes the limits back
  GcHandle reason;  // of being cancelled
  uint32_t kicks;
} IoLimits;

struct IoRequest {
  IoRequestHeader header;
  ClockTimer timer; // of a sleep; a plain one, of which there may be a million,
                    // ends here
  Runtime *runtime;
  uint16_t operation; // IoOperation
  bool is_cancelled;
  bool is_done;               // and is told of on the next turn of the loop
  IoRequest *next, *previous; // of the runtime's pending ones
  IoRequest *next_closing;    // waits for others to be done with a descriptor
  IoLimits *limits;           // or NULL
  uint64_t span;              // trace/events.h; 0: none
  uv_work_t work;
  FileCall file;
};

// The requests of a runtime, made with the first one.
typedef struct IoState {
  IoRequest *pending;
  uint32_t files; // of them, those on files
  CachedFiles cached;
  IoRequest *done;    // the pending request that is, at most one
  uv_idle_t turn;     // runs while there is
  uv_timer_t kick;    // runs while cancelled work goes on
  uint32_t cancelled; // how many of those there are
  // How many requests under way use a descriptor, by its number, so that
  // closing it waits: another file may get the number.
  uint32_t *users;
  uint32_t user_capacity;
  IoRequest *closing;
  Watches *watches; // NULL: none yet
  Slab *sleeps;     // with room (sleeps.c)
} IoState;

// NULL: no memory.
IoState *rt_io_state(Runtime *);

// May the isolate reach files? False: threw.
bool rt_check_files_allowed(Runtime *);
// hooks->submit_io. False: threw.
bool rt_submit_io(Runtime *, uint32_t op, uint32_t argc, const Value *argv,
                  IoRequest **out);
// A file operation carried out at once (node:fs ...Sync).
Value rt_io_synchronously(Runtime *, uint32_t op, uint32_t argc,
                          const Value *argv);
// Whether requests are under way that end by themselves.
static inline bool rt_io_works(const Runtime *rt) {
  return rt->io != NULL && rt->io->files > 0;
}
// Ends a pending request with the reason, soon. No effect on a closing of a
// descriptor.
void rt_io_cancel(Runtime *, IoRequest *, Value reason);
// Cancels all of them; nobody gets any result. Then the loop has to run, with
// rt_io_hurry in between: false once nothing cancelled is left.
void rt_io_close(Runtime *);
bool rt_io_hurry(Runtime *);
void rt_io_free(Runtime *);

#endif
