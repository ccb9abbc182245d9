// SPDX-License-Identifier: MIT
// From fibers and frames to tasks with stacks.
#include "runtime/trace/snapshot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/io/net/handle.h"
#include "runtime/program/clock.h"
#include "runtime/trace/accounts.h"
#include "runtime/trace/graph.h"
#include "runtime/trace/trace.h"
#include "vm/interpreter/optimized.h"
#include "vm/objects/error_object.h"

enum { MAX_FRAMES = 64, MAX_HOLDS = 64, MAX_DEPTH = 16, MAX_TASKS = 2000 };

const char *const trace_state_names[] = {"running", "ready", "waiting"};
const char *const trace_wait_names[] = {
    "",     "promise", "task", "sleep",   "timer",
    "file", "net",     "lock", "channel", "other",
};

typedef struct Builder {
  Runtime *rt;
  Isolate *iso;
  TraceSnapshot *s;
  TraceGraph graph;
  TraceTask **last;
  const Fiber *running_root;
  // Tasks told once: open addressing by what they have in common.
  struct Group {
    uint64_t key; // 0: empty
    TraceTask *task;
  } * groups;
  size_t group_count, group_capacity;
  jmp_buf out_of_memory;
} Builder;

static _Noreturn void arena_failed(void *data) {
  longjmp(((Builder *)data)->out_of_memory, 1);
}

const char *trace_text(TraceSnapshot *s, const char *format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  int n = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  size_t size = n < 0 ? 1 : (size_t)n + 1;
  if (size > sizeof text) {
    // Not within a character.
    size = sizeof text;
    while (size > 1 && ((unsigned char)text[size - 2] & 0xc0) == 0x80)
      size--;
    if (size > 1 && ((unsigned char)text[size - 2] & 0x80) != 0) size--;
  }
  char *copy = arena_alloc(&s->arena, size);
  memcpy(copy, text, size - 1);
  copy[size - 1] = 0;
  return copy;
}

static const char *text_of(Builder *b, String *string) {
  if (string == NULL) return "";
  char *utf8 = vm_string_to_utf8(b->iso, string, NULL);
  const char *text = utf8 == NULL ? "" : trace_text(b->s, "%s", utf8);
  free(utf8);
  return text;
}

// Stacks --------------------------------------------------------------------

typedef struct Stack {
  TraceFrame frames[MAX_FRAMES];
  uint32_t count;
} Stack;

static void add_frame(Builder *b, Stack *stack, Function *function,
                      const Code *code, uint32_t offset, bool is_async) {
  if (stack->count == MAX_FRAMES ||
      (code->template->flags & TEMPLATE_SELF_HOSTED) != 0) {
    return;
  }
  ErrorFrame frame;
  vm_error_describe_place(b->iso, function, code, offset, &frame);
  stack->frames[stack->count++] = (TraceFrame){
      .function = text_of(b, frame.name),
      .file = text_of(b, frame.file),
      .line = frame.line,
      .column = frame.column,
      .is_async = is_async,
  };
}

static void add_fiber(Builder *b, Stack *stack, const Fiber *fiber,
                      bool is_async) {
  add_frame(b, stack, fiber->function, vm_fiber_code(fiber), fiber->pc,
            is_async);
}

static void take_stack(Builder *b, TraceTask *task, const Stack *stack) {
  size_t bytes = stack->count * sizeof *stack->frames;
  task->frames = arena_alloc(&b->s->arena, bytes);
  memcpy(task->frames, stack->frames, bytes);
  task->frame_count = stack->count;
}

// The fiber that a fiber waits for; NULL: none.
static Fiber *awaited(const Fiber *fiber) {
  if (fiber->waiting != 0 || !value_is_promise(fiber->awaiting)) return NULL;
  Fiber *next =
      promise_fiber((const Promise *)value_as_cell(fiber->awaiting));
  return next != NULL && next->cell.flags == FIBER_SUSPENDED_AWAIT ? next
                                                                   : NULL;
}

// Who the task is -----------------------------------------------------------

static const char *function_of(Builder *b, const Fiber *fiber) {
  ErrorFrame frame;
  vm_error_describe_place(b->iso, fiber->function, vm_fiber_code(fiber),
                          fiber->pc, &frame);
  if (frame.name != NULL) return text_of(b, frame.name);
  const char *file = text_of(b, frame.file);
  if (frame.is_top_level) return file;
  return trace_text(b->s, "(anonymous) %s:%u", file, frame.line);
}

static void take_identity(TraceTask *task, const TraceRoot *who) {
  task->kind = who->kind;
  task->name = who->name;
  task->identity = who->identity;
}

static void identify(Builder *b, TraceTask *task, const Fiber *root) {
  task->id = root->async_id;
  bool is_module = vm_fiber_code(root)->template->kind == CODE_MODULE;
  task->kind = is_module ? "module" : "async";
  task->name = function_of(b, root);
  if (root->owner == NULL) {
    TraceRoot who = {.name = task->name};
    if (rt_tasks_describe_fiber(b->rt, root, &who)) take_identity(task, &who);
    return;
  }
  if (object_kind(root->owner) != CELL_PROMISE) return;
  const Promise *promise = (const Promise *)root->owner;
  for (const PromiseReaction *r = promise_reactions(promise); r != NULL;
       r = r->next) {
    if (r->cell.flags != REACTION_NATIVE) continue;
    TraceRoot who = {.name = task->name};
    if (rt_tasks_describe_root(b->s, b->rt, r->callback, r->target, &who) ||
        http_describe_root(b->s, b->rt, r->callback, r->target, &who)) {
      take_identity(task, &who);
      return;
    }
  }
}

// What it waits for ---------------------------------------------------------

static void describe_promise(Builder *b, TraceTask *task, const Promise *p,
                             int depth);

static void describe_sources(Builder *b, TraceTask *task,
                             const DerivedEntry *sources, size_t count,
                             int depth) {
  describe_promise(b, task, sources[0].source, depth + 1);
  if (count < 2 && sources[0].index < 0) return;
  task->waits_for = trace_text(
      b->s, "%zu promise%s, the first %s: %s", count, count == 1 ? "" : "s",
      sources[0].index >= 0 ? "of a combination" : "of them", task->waits_for);
  if (count > 1) task->wait_resource = NULL;
}

static void describe_promise(Builder *b, TraceTask *task, const Promise *p,
                             int depth) {
  task->wait = TRACE_WAIT_PROMISE;
  task->waits_for = "a promise";
  if (promise_state(p) != PROMISE_PENDING) {
    task->waits_for = "a promise that is settled";
    return;
  }
  const WaitEntry *e = trace_find_wait(&b->graph, value_from_cell(p));
  if (e != NULL) {
    TraceWait wait = {.kind = TRACE_WAIT_OTHER, .text = ""};
    e->describe(b->s, b->rt, e->object, e->note, &wait);
    task->wait = wait.kind;
    task->waits_for = wait.text;
    task->wait_resource = wait.resource;
    return;
  }
  Fiber *fiber = promise_fiber(p);
  if (fiber != NULL && fiber->cell.flags != FIBER_DONE) {
    Fiber *root = trace_root_of(fiber);
    task->wait = TRACE_WAIT_TASK;
    task->waits_for_task = root->async_id;
    task->waits_for =
        trace_text(b->s, "task #%llu %s", (unsigned long long)root->async_id,
                   function_of(b, root));
    return;
  }
  size_t count;
  const DerivedEntry *sources = trace_find_derived(&b->graph, p, &count);
  if (sources != NULL && depth < MAX_DEPTH)
    describe_sources(b, task, sources, count, depth);
}

static void describe_wait(Builder *b, TraceTask *task, const Fiber *leaf) {
  task->state = TRACE_WAITING;
  if (leaf->waiting != 0) {
    const WaitEntry *e = trace_find_wait(&b->graph, value_from_cell(leaf));
    TraceWait wait = {.kind = TRACE_WAIT_OTHER, .text = "I/O"};
    if (e != NULL) e->describe(b->s, b->rt, e->object, e->note, &wait);
    task->wait = wait.kind;
    task->waits_for = wait.text;
    task->wait_resource = wait.resource;
    return;
  }
  if (!value_is_promise(leaf->awaiting)) {
    task->state = TRACE_READY;
    return;
  }
  const Promise *p = (const Promise *)value_as_cell(leaf->awaiting);
  if (promise_state(p) != PROMISE_PENDING) {
    task->state = TRACE_READY;
    return;
  }
  describe_promise(b, task, p, 0);
}

// What it holds -------------------------------------------------------------

typedef struct Holds {
  const void *locks[MAX_HOLDS];
  uint32_t count;
} Holds;

static void hold(Holds *holds, const void *lock) {
  for (uint32_t i = 0; i < holds->count; i++) {
    if (holds->locks[i] == lock) return;
  }
  if (holds->count < MAX_HOLDS) holds->locks[holds->count++] = lock;
}

static void add_holds(Builder *b, Holds *holds, const Value *registers,
                      uint32_t count) {
  if (b->graph.guard_count == 0) return;
  for (uint32_t i = 0; i < count; i++) {
    const GuardEntry *guard =
        trace_find_guard(&b->graph, (const void *)(uintptr_t)registers[i]);
    if (guard != NULL) hold(holds, guard->lock);
  }
}

// Guards that lie in no register: in a variable that is captured.
static void take_holds(Builder *b, TraceTask *task, Holds *holds) {
  for (size_t i = 0; i < b->graph.guard_count; i++) {
    const GuardEntry *guard = &b->graph.guards[i];
    if (guard->task != 0 && guard->task == task->id) hold(holds, guard->lock);
  }
  size_t bytes = holds->count * sizeof *holds->locks;
  task->holds = arena_alloc(&b->s->arena, bytes);
  memcpy(task->holds, holds->locks, bytes);
  task->hold_count = holds->count;
}

// Tasks told once -----------------------------------------------------------

static uint64_t mix(uint64_t key, uint64_t word) {
  return (key ^ word) * UINT64_C(0x9e3779b97f4a7c15) ^ (key >> 29);
}

// 0: to be told by itself.
static uint64_t group_key(Builder *b, const Fiber *root) {
  if (trace_is_measuring(b->rt) && b->s->task_count < MAX_TASKS) return 0;
  uint64_t key = 1;
  const Fiber *leaf = root;
  for (int i = 0; i < MAX_FRAMES; i++) {
    key = mix(mix(key, (uint64_t)(uintptr_t)vm_fiber_code(leaf)), leaf->pc);
    const Fiber *next = awaited(leaf);
    if (next == NULL) break;
    leaf = next;
  }
  uint64_t waiter = leaf->waiting != 0 ? value_from_cell(leaf) : leaf->awaiting;
  const WaitEntry *e = trace_find_wait(&b->graph, waiter);
  if (e != NULL)
    return mix(mix(key, (uint64_t)(uintptr_t)e->describe),
               (uint64_t)(uintptr_t)e->note) |
           1;
  return key | 1;
}

static size_t group_slot(const Builder *b, uint64_t key) {
  size_t at = (size_t)(key >> 20) & (b->group_capacity - 1);
  while (b->groups[at].key != 0 && b->groups[at].key != key)
    at = (at + 1) & (b->group_capacity - 1);
  return at;
}

static bool grow_groups(Builder *b) {
  struct Group *old = b->groups;
  size_t capacity = b->group_capacity;
  b->group_capacity = capacity == 0 ? 64 : capacity * 2;
  b->groups = calloc(b->group_capacity, sizeof *b->groups);
  if (b->groups == NULL) {
    b->groups = old;
    b->group_capacity = capacity;
    return false;
  }
  for (size_t i = 0; i < capacity; i++) {
    if (old[i].key != 0) b->groups[group_slot(b, old[i].key)] = old[i];
  }
  free(old);
  return true;
}

static struct Group *group_of(Builder *b, uint64_t key) {
  if (key == 0) return NULL;
  if (b->group_count * 2 >= b->group_capacity && !grow_groups(b)) return NULL;
  struct Group *g = &b->groups[group_slot(b, key)];
  if (g->key == 0) b->group_count++;
  g->key = key;
  return g;
}

// Locks and tasks may be part of a ring: each is told.
static bool may_stand_for_others(const TraceTask *task) {
  return task->wait != TRACE_WAIT_LOCK && task->wait != TRACE_WAIT_TASK &&
         task->wait != TRACE_WAIT_CHANNEL && task->hold_count == 0;
}

static TraceTask *new_task(Builder *b) {
  TraceTask *task = arena_zalloc(&b->s->arena, sizeof *task);
  task->alike = 1;
  task->waits_for = task->name = "";
  task->kind = "async";
  task->due = -1;
  *b->last = task;
  b->last = &task->next;
  b->s->task_count++;
  return task;
}

static void add_waiting(Builder *b, Fiber *root) {
  struct Group *group = group_of(b, group_key(b, root));
  if (group != NULL && group->task != NULL &&
      (may_stand_for_others(group->task) || b->s->task_count >= MAX_TASKS)) {
    group->task->alike++;
    b->s->task_count++;
    return;
  }
  TraceTask *task = new_task(b);
  if (group != NULL) group->task = task;
  identify(b, task, root);
  const Fiber *chain[MAX_FRAMES];
  uint32_t depth = 0;
  const Fiber *leaf = root;
  Holds holds = {.count = 0};
  for (int i = 0; i < 100000; i++) { // a ring ends there, too
    chain[depth++ % MAX_FRAMES] = leaf;
    add_holds(b, &holds, leaf->registers, leaf->cell.extra);
    const Fiber *next = awaited(leaf);
    if (next == NULL || next == root) break;
    leaf = next;
  }
  Stack stack = {.count = 0};
  uint32_t shown = depth < MAX_FRAMES ? depth : MAX_FRAMES;
  for (uint32_t i = 0; i < shown; i++)
    add_fiber(b, &stack, chain[(depth - 1 - i) % MAX_FRAMES], i > 0);
  take_stack(b, task, &stack);
  describe_wait(b, task, leaf);
  take_holds(b, task, &holds);
  trace_account_read(b->s, b->rt, task);
}

const char *trace_callback_name(const TraceFrame *frames, uint32_t count) {
  while (count > 1 && (strncmp(frames[count - 1].file, "rill:", 5) == 0 ||
                       strncmp(frames[count - 1].file, "node:", 5) == 0))
    count--;
  if (count == 0) return "";
  const TraceFrame *last = &frames[count - 1];
  return last->function[0] != 0 ? last->function : last->file;
}

static void add_running(Builder *b) {
  const Frame *frame = b->iso->frame;
  if (frame == NULL) return;
  TraceTask *task = new_task(b);
  task->state = TRACE_RUNNING;
  task->kind = "callback";
  Stack stack = {.count = 0};
  Holds holds = {.count = 0};
  const Frame *outermost = frame;
  for (; frame != NULL; frame = frame->caller) {
    outermost = frame;
    Activation at;
    for (uint32_t i = 0; vm_frame_activation(frame, i, &at); i++)
      add_frame(b, &stack, (Function *)at.function, at.code, at.offset, false);
    const Value *end = frame->registers + frame->code->register_count;
    if (end <= b->iso->stack_limit) {
      add_holds(b, &holds, frame->registers, frame->code->register_count);
    }
  }
  bool has_fiber =
      outermost->flags & (FRAME_ASYNC | FRAME_GENERATOR | FRAME_ENTRY);
  Fiber *fiber = has_fiber ? outermost->fiber : NULL;
  if (fiber != NULL) {
    Fiber *root = trace_root_of(fiber);
    b->running_root = root;
    for (Fiber *f = trace_awaiting_fiber(fiber);
         f != NULL && stack.count < MAX_FRAMES; f = trace_awaiting_fiber(f)) {
      add_fiber(b, &stack, f, true);
      add_holds(b, &holds, f->registers, f->cell.extra);
      if (f == root) break;
    }
    identify(b, task, root);
  } else {
    task->name = trace_callback_name(stack.frames, stack.count);
  }
  take_stack(b, task, &stack);
  take_holds(b, task, &holds);
  trace_account_read(b->s, b->rt, task);
}

static void count_things(TraceSnapshot *s, Runtime *rt) {
  s->jobs = rt->isolate->jobs->count;
  s->timers = rt_timers_count(rt);
  if (rt->network != NULL) {
    for (const NetHandle *h = rt->network->handles; h != NULL; h = h->next)
      s->handles++;
  }
  GcStats gc;
  gc_stats(rt->isolate->heap, &gc);
  s->heap_bytes = gc.live_bytes;
  s->gc_cycles = gc.cycles;
  s->gc_pause_max_us = gc.pauses.max_us;
  s->gc_pause_total_us = gc.pauses.total_us;
}

// A timer that calls a function: those that call the same are told once, by the
// one that is due first.
static void add_timer(void *data, const char *kind, Value function,
                      double left) {
  Builder *b = data;
  Function *f = (Function *)value_as_cell(function);
  struct Group *group = group_of(
      b,
      mix(mix(2, (uint64_t)(uintptr_t)f->code), (uint64_t)(uintptr_t)kind) | 1);
  if (group == NULL) return;
  TraceTask *task = group->task;
  if (task == NULL) {
    task = group->task = new_task(b);
    task->kind = kind;
    task->state = TRACE_WAITING;
    task->wait = TRACE_WAIT_TIMER;
    task->due = left;
    Stack stack = {.count = 0};
    add_frame(b, &stack, f, f->code, 0, false);
    const Template *t = f->code->template;
    if (stack.count != 0 && t->source != NULL) { // where it is written
      CodePosition at = vm_source_position(t->source, t->source_start);
      stack.frames[0].line = at.line;
      stack.frames[0].column = at.column;
    }
    take_stack(b, task, &stack);
    task->name = "(anonymous)";
    if (stack.count != 0 && stack.frames[0].function[0] != 0)
      task->name = stack.frames[0].function;
  } else {
    task->alike++;
    b->s->task_count++;
    if (left < task->due) task->due = left;
  }
}

static void tell_timers(Builder *b) {
  for (TraceTask *task = b->s->tasks; task != NULL; task = task->next) {
    if (task->due >= 0)
      task->waits_for = trace_text(b->s, "its time, %.0f ms left", task->due);
  }
}

static void add_all(Builder *b) {
  trace_graph_build(b->rt, &b->graph);
  b->s->failed = b->graph.failed;
  add_running(b);
  for (size_t i = 0; i < b->graph.fiber_count; i++) {
    Fiber *fiber = b->graph.fibers[i];
    if (trace_root_of(fiber) == fiber && fiber != b->running_root)
      add_waiting(b, fiber);
  }
  rt_timers_list_tasks(b->rt, add_timer, b);
  tell_timers(b);
  count_things(b->s, b->rt);
  trace_account_busy(b->s, b->rt);
}

static TraceSnapshot *empty_snapshot(Runtime *rt) {
  TraceSnapshot *s = calloc(1, sizeof *s);
  if (s == NULL) return NULL;
  trace_name_of(rt, &s->isolate, s->name, sizeof s->name);
  s->busy_percent = -1;
  return s;
}

// False: memory has run out.
static bool run(Builder *b, void (*work)(Builder *)) {
  if (setjmp(b->out_of_memory) != 0) return false;
  work(b);
  return true;
}

static TraceSnapshot *build(Runtime *rt, void (*work)(Builder *)) {
  TraceSnapshot *s = empty_snapshot(rt);
  Builder *b = s == NULL ? NULL : calloc(1, sizeof *b);
  if (b == NULL) {
    free(s);
    return NULL;
  }
  b->rt = rt;
  b->iso = rt->isolate;
  b->s = s;
  b->last = &s->tasks;
  syntax_arena_init(&s->arena, 0, arena_failed, b);
  s->thread = (uint64_t)syscall(SYS_gettid);
  s->activity = b->iso->frame != NULL ? "running" : "idle";
  if (!run(b, work)) s->failed = true;
  trace_graph_free(&b->graph);
  free(b->groups);
  free(b);
  return s;
}

TraceSnapshot *trace_snapshot_new(Runtime *rt) {
  if (atomic_load_explicit(&trace_tasks_are_measured, memory_order_relaxed))
    trace_measure(rt);
  return build(rt, add_all);
}

TraceSnapshot *trace_snapshot_of_running(Runtime *rt) {
  return build(rt, add_running);
}

static void add_from_outside(Builder *b) {
  if (b->rt->in_native) {
    b->s->activity = "did not answer: its loop does not run";
    return;
  }
  b->s->activity = "did not answer: in native code";
  trace_add_outside_frames(b->s, b->rt);
}

TraceSnapshot *trace_snapshot_from_outside(Runtime *rt) {
  TraceSnapshot *s = build(rt, add_from_outside);
  if (s != NULL) s->thread = 0;
  return s;
}

void trace_snapshot_free(TraceSnapshot *s) {
  while (s != NULL) {
    TraceSnapshot *next = s->next;
    syntax_arena_release(&s->arena);
    free(s);
    s = next;
  }
}
