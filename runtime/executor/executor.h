// SPDX-License-Identifier: MIT
// The executor's insides: Executor, Worker, Task, and what its files call of
// each other. It depends on libuv alone and knows nothing of the VM.
//
// Threads: a Worker's fields are its own unless marked shared. Whoever has a
// task's RUNNING flag (state.h) owns the task's fields, but those marked.
#ifndef RILL_EXECUTOR_INTERNAL_H
#define RILL_EXECUTOR_INTERNAL_H

#include <uv.h>

#include "rill/executor.h"
#include "rill/task.h"
#include "rill/time.h"
#include "runtime/executor/idle.h"
#include "runtime/executor/parker.h"
#include "runtime/executor/queue.h"
#include "runtime/executor/random.h"
#include "runtime/executor/state.h"
#include "runtime/executor/wheel.h"

#define exec_likely(x) __builtin_expect(!!(x), 1)
#define exec_unlikely(x) __builtin_expect(!!(x), 0)

typedef struct rill_executor Executor;
typedef struct Worker Worker;
typedef struct Group Group;
typedef struct LocalValue LocalValue;
typedef struct Failure Failure;
typedef struct FailurePolicy FailurePolicy;
typedef struct ExecLodgers ExecLodgers;

// Tasks ---------------------------------------------------------------------

typedef enum TaskPhase {
  TASK_IN_FUTURE, // its future is polled
  TASK_IN_SCOPES, // that is over; children of open scopes are waited for
} TaskPhase;

enum { TASK_ANY_WORKER = 0xffff };

// What most tasks have in front of them: who waits for one, the group it
// belongs to, its scopes, its failure. Lean ones (reactor.h) have not: nobody
// joins them, and what they open or how they fail is not theirs.
typedef struct TaskBonds {
  rill_waker join_waker;          // state.h, TASK_JOIN_WAKER
  Group *group;                   // that it was spawned in; a reference
  Task *group_next, **group_link; // under the group's lock
  Group *scopes;                  // open ones of this task
  Failure *failure;
  const char *waits_for; // leaf.h; atomic, for those who list tasks
  void *unused;          // the future behind the task is aligned
} TaskBonds;

struct Task {
  TaskState state;
  Executor *executor;
  Task *queue_next;               // while queued: the queue's
  Task *owned_next, **owned_link; // under the shard's lock
  uint64_t id;
  const char *name;
  LocalValue *locals;
  uint16_t worker;   // that it is pinned to; atomic, for those who list tasks
  uint8_t phase;     // TaskPhase; atomic, for those who list tasks
  bool blocking;     // runs on the blocking pool
  bool finished;     // the future returned ready
  bool failure_seen; // the join handle's
  bool is_lean;      // without TaskBonds, in memory of somebody else's
  bool is_unlisted;
  // The future, which is larger than this. A lean task's has no member that is
  // aligned more than a pointer.
  rill_future future;
};

// Of a task that is not lean.
static inline TaskBonds *exec_bonds(const Task *t) {
  return (TaskBonds *)(uintptr_t)t - 1;
}
_Static_assert((sizeof(TaskBonds) + offsetof(Task, future)) % 16 == 0,
               "the future is aligned");
// What the running task waits for, as far as dumps can know.
static inline void exec_task_waits_for(Task *t, const char *what) {
  if (t != NULL && !t->is_lean)
    __atomic_store_n(&exec_bonds(t)->waits_for, what, __ATOMIC_RELAXED);
}

struct Failure {
  FailurePolicy *policy; // a reference
  int code;
  char message[];
};

typedef enum TaskSort {
  TASK_ORDINARY,
  TASK_BLOCKING, // runs on the blocking pool
} TaskSort;
// Makes a task that is not scheduled yet, copying the future. NULL: no memory.
Task *exec_task_new(Executor *, const rill_future *, const rill_spawn_options *,
                    TaskSort, bool joined);
// Adds it to the executor and schedules it. Not RILL_OK: shut down; the task
// was freed, without dropping the future.
rill_status exec_task_start(Task *);
// Frees a task that was not started, without dropping the future.
void exec_task_discard(Task *);
// Options that rill_spawn takes; NULL counts as defaults.
bool exec_spawn_options_valid(const Executor *, const rill_spawn_options *);
// Polls it once; takes over the queue's reference.
void exec_task_run(Task *);
void exec_task_abort(Task *);
void exec_task_release(Task *, uint32_t references);
// Gives up the join handle's interest and reference.
void exec_task_drop_join(Task *);
static inline Task *exec_task_of(const rill_join *j) {
  return (Task *)(uintptr_t)j;
}
void exec_task_describe(Task *, rill_task_info *);

// Groups (group.c): the children of a scope, or of a join set ---------------

// Takes a task out again, if it is in. True: it was.
bool exec_group_remove(Task *);
// The task has ended.
void exec_group_child_ended(Task *);
// Drops a task's reference to its group.
void exec_group_release(Group *);
// A task's scopes: aborts or lets run the children by each scope's kind, or
// aborts all of them.
void exec_scopes_close(Task *, bool abort);
rill_poll exec_scopes_poll(Task *, rill_context *);
void exec_scopes_release(Task *);

// Task-locals (locals.c) ----------------------------------------------------

void exec_locals_free(LocalValue *);
// A child's locals from its parent's. False: out of memory.
bool exec_locals_inherit(LocalValue *parent, LocalValue **child);

// Failures (failure.c) ------------------------------------------------------

int exec_failure_policy_init(Executor *);
void exec_failure_policy_destroy(Executor *);
void exec_failure_free(Failure *); // may be NULL
// If the task failed and nobody asked.
void exec_failure_unhandled(Task *);

// Workers -------------------------------------------------------------------

typedef struct Counters { // written by one thread, read by all
  _Atomic uint64_t polls, busy, parks, steals, steal_operations, overflows;
  _Atomic uint64_t rounds;     // of callbacks of a guest's loop
  _Atomic uint64_t busy_since; // 0: not busy
  _Atomic uint64_t poll_times[RILL_POLL_BUCKETS];
} Counters;

// What the watchdog's thread saw of a worker.
typedef struct WorkerWatch {
  uint64_t polls, since;
  uint64_t task;
  bool told, in_vain;
  char name[64];
} WorkerWatch;

typedef struct LoopHandles { // the worker's in a loop
  LoopWaker *waker;
  uv_timer_t timer;
  uv_prepare_t prepare;
} LoopHandles;

struct Worker {
  Executor *executor;
  uint32_t index;
  uint32_t tick;
  bool searching;
  bool pinned_turn; // pinned tasks go first this time
  Task *pinned_first, *pinned_last;
  Task **ready; // a simulation's queue
  uint32_t ready_count, ready_capacity;
  Random random;
  // Looks at events before the next task.
  bool look_soon;
  bool parked;   // listed as sleeping (idle.h)
  bool unparked; // was, until a callback of its loop ran: it is not to wait
  // NULL until somebody asks for it: its own, or the guest's.
  uv_loop_t *loop, own_loop;
  bool has_own_loop;
  int announced; // to another event loop: an epoll of the loops; -1: to none
  struct ReactorGuest *guest;
  uv_poll_t own_events; // of the own loop, in the guest's
  LoopHandles own_handles, guest_handles;
  LoopHandles *handles; // those of `loop`
  uv_thread_t thread;
  // Shared.
  _Atomic uint64_t running; // the number of the task that is polled; 0: none
  _Atomic(const char *) running_name;
  Deque queue;
  // The task to run next, for it was woken by the one that runs now and their
  // data is warm. Exchanged, for the monitor may take it from a stuck worker.
  _Alignas(64) _Atomic(Task *) lifo;
  Inbox inbox; // tasks pinned here that other threads woke
  Parker parker;
  Wheel wheel;
  Counters counters;
  WorkerWatch watch; // registry.c
};

// What the calling thread is doing.
typedef struct Current {
  Executor *executor;
  Worker *worker;
  Task *task;
  LocalValue **locals; // NULL: outside of tasks
  uint32_t budget;
  bool budgeted;
} Current;
extern _Thread_local Current exec_current
    __attribute__((tls_model("initial-exec")));

int exec_worker_init(Worker *, Executor *, uint32_t index);
void exec_worker_destroy(Worker *);
// The loop (reactor.c). 0, or a libuv error.
int exec_worker_make_loop(Worker *);
// Makes w->announced. 0 or a libuv error.
int exec_worker_announce(Worker *);
void exec_worker_close_loop(Worker *); // if it is its own
void exec_loop_run(Worker *, uv_run_mode);
// Until the parker is notified or the time is over.
void exec_loop_sleep(Worker *, uint64_t nanoseconds);
// Callbacks of a guest's loop run: it is not asleep, nor does it search.
void exec_worker_wake_in_loop(Worker *);
// Where the time goes. Nothing if it is so already.
void exec_worker_set_busy(Worker *);
void exec_worker_set_idle(Worker *);
// A worker thread's whole life.
void exec_worker_main(void *worker);
// Runs tasks until there are none or `limit` polls were made. How many.
uint32_t exec_worker_run(Worker *, uint32_t limit);
// I/O and timers that are due, without waiting. With a paused clock and nothing
// else to do, time goes on to the next timer.
void exec_worker_events(Worker *);
// Current_thread: sleeps until there is something to do, at most so long.
void exec_worker_sleep(Worker *, uint64_t nanoseconds);
bool exec_worker_has_work(Worker *);
// Nanoseconds until the wheel is to be turned; PARK_FOREVER: no timers.
uint64_t exec_worker_until_timer(Worker *);

// Puts a task that was just woken into a queue, with the reference the queue
// takes over. `yielded`: it was running and woke itself; it goes behind others.
void exec_schedule(Task *, bool yielded);
// Wakes a sleeping worker if work that was queued needs one.
void exec_notify(Executor *);
// Wakes this worker.
void exec_notify_worker(Worker *);

// The clock -----------------------------------------------------------------

typedef struct Clock {
  uint64_t start; // uv_hrtime of tick 0
  _Atomic bool paused;
  _Atomic uint64_t skipped; // running: ahead of uv_hrtime by so much
  _Atomic uint64_t frozen;  // paused: the time
} Clock;
uint64_t exec_now(const Executor *);
static inline uint64_t exec_tick_of(const Executor *, uint64_t nanoseconds);

// The blocking pool (blocking.c) --------------------------------------------

typedef struct Blocking {
  uv_mutex_t lock;
  uv_cond_t wake, ended;
  // Under the lock:
  Task *first, *last;
  uint32_t queued, threads, idle, running, started;
  uint32_t limit;
  bool closing;
  bool has_zombie;
  uv_thread_t zombie; // the thread that ended last, to be joined by the next
} Blocking;
int exec_blocking_init(Executor *);
void exec_blocking_destroy(Executor *);
void exec_blocking_submit(Executor *, Task *);
// Functions queued or running.
uint32_t exec_blocking_active(Executor *);

// Owned tasks (owned.c) -----------------------------------------------------

enum { OWNED_SHARDS = 16 };
typedef struct OwnedShard {
  _Alignas(64) uv_mutex_t lock;
  // Under the lock:
  Task *first;
  uint64_t alive, spawned;
  uint64_t unlisted;  // of those alive; they do not count as spawned
  bool closed;        // takes none
  bool only_by_tasks; // takes only what tasks spawn
} OwnedShard;

// RILL_SHUT_DOWN: the executor takes no more.
rill_status exec_owned_add(Task *);
void exec_owned_remove(Task *);
uint64_t exec_owned_alive(Executor *);
// Those that are listed; the lodgers are not among them.
uint64_t exec_owned_listed(Executor *, uint64_t *spawned);

// The monitor (monitor.c): hands on the work of workers that are stuck in a
// poll.
typedef struct Watched {
  uint64_t polls; // that the worker had made at the last look
  uint64_t since; // when that number was new
  bool told;      // on_stall knows
} Watched;
typedef struct Monitor {
  uv_thread_t thread;
  bool started;
  uv_mutex_t lock;
  uv_cond_t wake;
  bool stop;           // under the lock
  Watched *watched;    // by worker
  _Atomic bool asleep; // nothing to watch
} Monitor;
// Its lock stays until no worker can want to wake it any more.
int exec_monitor_init(Executor *);
void exec_monitor_destroy(Executor *);
int exec_monitor_start(Executor *);
void exec_monitor_stop(Executor *);
void exec_monitor_wake(Executor *);

struct rill_executor {
  Executor *registry_next, **registry_link; // registry.c
  rill_executor_options options;            // with defaults filled in
  char name[16];
  bool multi_thread, simulated;
  Worker *workers;
  uint32_t worker_count;
  Inbox injector;
  _Atomic uint32_t visitors; // threads of others in exec_schedule
  Idle idle;
  Clock clock;
  OwnedShard owned[OWNED_SHARDS];
  Blocking blocking;
  Monitor monitor;
  _Atomic uint32_t phase;           // rill_phase
  _Atomic bool stop;                // workers end
  _Atomic uint32_t next_wheel;      // for timers armed outside of workers
  _Atomic uint64_t simulated_tasks; // numbers given to tasks
  uint32_t threads;                 // workers that were started
  FailurePolicy *failure_policy;
  _Atomic(const ExecLodgers *) lodgers; // reactor.h; or NULL
  ThreadWaker *ender; // who shuts down waits with it: ending takes no memory
  // Current_thread: is some thread running the worker now? And the threads that
  // wait for that, or for tasks to end.
  uv_mutex_t lock;
  bool external; // another event loop drives it by steps
  // Under the lock:
  bool driven;
  struct Waiting *waiting;
};

// A thread that waits for the executor: to drive it, or for its end.
typedef struct Waiting {
  ThreadWaker *waker;
  struct Waiting *next, **link;
} Waiting;
void exec_wake_waiting(Executor *);
// The calling thread waits until `done`, which is asked at first and whenever
// the waker was woken, and runs a current_thread executor meanwhile. False: the
// deadline (uv_hrtime) has passed, the executor has stopped, or a simulation
// cannot go on.
bool exec_run_until(Executor *, ThreadWaker *, bool (*done)(void *), void *data,
                    uint64_t deadline);
// Frees an executor without tasks and threads, once no other thread is in
// exec_schedule: what it woke may have ended, and the program seen that.
void exec_free(Executor *);

// Current_thread: the calling thread runs the worker from here on. False:
// another does.
bool exec_drive_begin(Executor *);
void exec_drive_end(Executor *);

static inline uint64_t exec_tick_of(const Executor *ex, uint64_t nanoseconds) {
  return nanoseconds <= ex->clock.start
             ? 0
             : (nanoseconds - ex->clock.start) / WHEEL_TICK_NANOSECONDS;
}

// Another thread's counter plus one, by its only writer.
static inline void exec_count(_Atomic uint64_t *counter, uint64_t more) {
  atomic_store_explicit(
      counter, atomic_load_explicit(counter, memory_order_relaxed) + more,
      memory_order_relaxed);
}

#endif
