// SPDX-License-Identifier: MIT
// What a home knows of the tasks that it has spawned: a record each, of which a
// million may sleep, in blocks. Beside the records of a block are its row of
// handles, for the JoinHandles, and the memory of their calls, which is needed
// until a function has begun and goes back to the system once those of a block
// all wait. All on the home's thread, but where it says so.
#ifndef RILL_RUNTIME_TASKS_TASK_BLOCKS_H
#define RILL_RUNTIME_TASKS_TASK_BLOCKS_H

#include "runtime/executor/reactor.h"
#include "runtime/tasks/task_functions.h"
#include "runtime/tasks/task_names.h"
#include "runtime/tasks/workers.h"

typedef enum {
  TASK_QUEUED,
  TASK_RUNNING,
  TASK_TOLD,  // runs, and is in its worker's list of those aborted
  TASK_ENDED, // the result is on its way or there
} TaskState;
typedef enum {
  TASK_RETURNED,
  TASK_THREW,
  TASK_ABORTED,
  TASK_FAILED,  // the worker ran out of memory
  TASK_DROPPED, // was settled while it was queued: only its record comes back
} TaskOutcome;

// A record comes back to its home, by the inbox, once the executor and the
// worker are done with it. Each byte counts.
enum { TASK_NAME_BITS = 15 };
struct SpawnedTask {
  // Its id, and the number of its name. Atomic, for those who list tasks.
  _Atomic uint64_t identity;
  uint64_t parent;   // the id of the task whose scope it is in; 0: none
  SpawnedTask *next; // in the home's inbox, the worker's list, or a free one
  union {
    // While it is queued, and once it has ended: of its call, its result. Or
    // the result itself, a value that means the same in every isolate.
    Clone *clone;
    Value value;
    // While it runs, in the worker's table; UINT32_MAX: none.
    struct {
      uint32_t awaited_slot; // the promise of its function, or its fiber
      uint32_t extra_slot;   // a CellList of what few have: TASK_EXTRA_*
    };
  };
  _Atomic uint8_t state; // TaskState: who moves it on from QUEUED has the call
  uint8_t outcome;       // TaskOutcome
  _Atomic bool aborted;
  _Atomic bool aborted_again;  // its finally blocks are not waited for
  bool is_stopped : 1;         // worker: was told that it is aborted
  bool waits_for_children : 1; // worker: it was stopped, and runs no more
  _Atomic bool waits;      // it has begun and not ended, and its call is over
  bool has_reason;         // home: of its abort
  bool has_clone;          // of its call, then of its result
  uint32_t reason_slot;    // in the home's table of reasons
  _Atomic uint16_t worker; // that runs it, from RUNNING on
  uint16_t place;          // in its block
};
enum {
  TASK_EXTRA_CHANNELS, // an Array of what it got of rill:sync, or undefined
  TASK_EXTRA_SPAN,     // trace_span_value, or undefined
  TASK_EXTRAS
};

// What is behind the future of its executor task, which ends when the function
// has run for the first time.
enum { PLAIN_ARGUMENTS = 3 };
typedef enum {
  CALL_QUEUED,
  CALL_BEGUN,
  CALL_WAITS, // its task does
  CALL_ENDED, // with the task, which is handed back once the call is freed
  CALL_OVER,  // likewise, but others hand it back
} CallState;
typedef struct TaskCall {
  rill_future future;
  SpawnedTask *task;
  // A call is a Clone, or values that mean the same in every isolate: plain
  // arguments of a function that needs nothing but its code.
  const TaskFunction *function; // of a plain call
  Value values[PLAIN_ARGUMENTS];
  struct TaskCall *outer; // while it is polled: whose poll that is within
  uint64_t span;          // trace/events.h; 0: it is not traced
  uint8_t argument_count; // of a plain call
  uint8_t state;          // CallState
} TaskCall;
extern const ExecLeanType rt_task_call_type; // worker.c

typedef struct TaskBlock {
  struct TaskBlock *next, **link;             // of the home; under its lock
  struct TaskBlock *next_roomy, **roomy_link; // with room
  struct TaskHome *home;
  uint64_t *handles; // by place; GC_NO_CELL: not in use; NULL: closed
  char *calls;
  SpawnedTask *free;
  uint32_t used, untouched; // how many are in use; from where on none was
  _Atomic uint32_t counts;  // task_blocks.c
  SpawnedTask tasks[GC_HANDLE_ROW];
} TaskBlock;

typedef struct TaskBlocks {
  TaskBlock *first, **last_link; // the oldest first; under the home's lock
  TaskBlock *roomy;
  // Bytes of calls that the system has back and the heap still counts.
  _Atomic int64_t given_back;
} TaskBlocks;

void rt_task_blocks_init(TaskBlocks *);
// The isolate ends: handles are let go of. Records that are out may be used
// until the blocks are freed.
void rt_task_blocks_close(struct TaskHome *);
void rt_task_blocks_free(TaskBlocks *);
// The isolate's heap counts what blocks take: it is told what has gone.
void rt_task_blocks_count(struct TaskHome *);
// A zeroed record with memory for its call. NULL: out of memory.
SpawnedTask *rt_task_record_new(struct TaskHome *);
void rt_task_record_free(SpawnedTask *);
// Of one whose call was not started.
void rt_task_record_abandon(SpawnedTask *);
void *rt_task_call_memory(const SpawnedTask *);

// Any thread: its call is freed, and it waits, or has ended.
void rt_task_call_is_over(SpawnedTask *, bool waits);
// Any thread: it waited.
void rt_task_waits_no_more(SpawnedTask *);

static inline TaskBlock *rt_task_block_of(const SpawnedTask *task) {
  return (TaskBlock *)((uintptr_t)(task - task->place) -
                       offsetof(TaskBlock, tasks));
}
static inline struct TaskHome *rt_task_home_of(const SpawnedTask *task) {
  return rt_task_block_of(task)->home;
}
static inline uint64_t *rt_task_handle_word(const SpawnedTask *task) {
  return &rt_task_block_of(task)->handles[task->place];
}

// Those with a handle, in no order. NULL: no more.
typedef struct TaskCursor {
  TaskBlock *block;
  uint32_t place;
} TaskCursor;
TaskCursor rt_task_cursor(const struct TaskHome *);
SpawnedTask *rt_task_next(TaskCursor *);

#endif
