// SPDX-License-Identifier: MIT
// What a home knows of the tasks that it has spawned: a record each, of which a
// million may sleep, in blocks. Beside the records of a block are its row of
// handles, for the JoinHandles, and the memory of their calls, which is needed
// until a function has begun and goes back to the system once those of a block
// all wait; and, once some task needs them, the parents and the reasons. All on
// the home's thread, but where it says so.
#ifndef RILL_RUNTIME_TASKS_TASK_BLOCKS_H
#define RILL_RUNTIME_TASKS_TASK_BLOCKS_H

#include "runtime/executor/reactor.h"
#include "runtime/slab.h"
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
  SpawnedTask *next; // in the home's inbox or the worker's list
  // Its id, and the number of its name. Atomic, for those who list tasks.
  _Atomic uint64_t identity;
  union {
    // While it is queued, and once it has ended: the Clone of its call, of its
    // result. Or the result itself, a value that means the same in every
    // isolate, and so is no cell; undefined for a call without a Clone.
    Clone *clone;
    Value value;
    // While it runs, in the worker's table; UINT32_MAX: none.
    struct {
      uint32_t awaited_slot; // the promise of its function, or its fiber
      uint32_t extra_slot;   // a CellList of what few have: TASK_EXTRA_*
    };
  };
  _Atomic uint8_t state;  // TaskState: who moves it on from QUEUED has the call
  _Atomic uint8_t aborts; // 1: it was aborted; 2: again, and its finally blocks
                          // are not waited for
  uint8_t outcome : 4;    // TaskOutcome
  // Worker:
  uint8_t is_stopped : 1;         // was told that it is aborted
  uint8_t waits_for_children : 1; // it was stopped, and runs no more
  _Atomic bool waits;      // it has begun and not ended, and its call is over
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

// With what malloc adds to a block, its calls before it included, it is a whole
// number of pages: where pages begin, nothing is left over between blocks.
enum { TASK_BLOCK_RECORDS = 508 };
typedef struct TaskBlock {
  Slab slab;
  struct TaskBlock *next, **link; // of the home; under its lock
  struct TaskHome *home;
  // Each by place; the first two are rows of the heap.
  uint64_t *handles; // JoinHandles, or GC_NO_CELL; NULL: closed
  uint64_t *reasons; // of aborts, or undefined; NULL: none has one
  uint64_t
      *parents; // ids of tasks whose scope they are in, or 0; NULL: likewise
  char *calls;
  _Atomic uint32_t counts; // task_blocks.c
  SpawnedTask tasks[TASK_BLOCK_RECORDS];
} TaskBlock;

typedef struct TaskBlocks {
  TaskBlock *first, **last_link; // the oldest first; under the home's lock
  Slab *roomy;                   // blocks
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

// The id of the task whose scope it is in. False: out of memory.
bool rt_task_set_parent(SpawnedTask *, uint64_t parent);
// The reason of its abort; undefined: none. Out of memory, it has none.
void rt_task_set_reason(SpawnedTask *, Value);
Value rt_task_reason(const SpawnedTask *);

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
// 0: none.
static inline uint64_t rt_task_parent(const SpawnedTask *task) {
  const uint64_t *parents = rt_task_block_of(task)->parents;
  return parents == NULL ? 0 : parents[task->place];
}
// NULL: none.
static inline Clone *rt_task_clone(const SpawnedTask *task) {
  return value_is_cell(task->value) ? task->clone : NULL;
}

// Those with a handle, in no order. NULL: no more.
typedef struct TaskCursor {
  TaskBlock *block;
  uint32_t place;
} TaskCursor;
TaskCursor rt_task_cursor(const struct TaskHome *);
SpawnedTask *rt_task_next(TaskCursor *);
// Of a scope of that task, by its id.
SpawnedTask *rt_task_next_child(TaskCursor *, uint64_t parent);

#endif
