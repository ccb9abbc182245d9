// SPDX-License-Identifier: MIT
// Blocks with room are in a list of their own; a block that nobody uses is
// freed, but for the last one with room.
//
// `counts` says who uses the memory of a block's calls. When all its records
// are of functions that wait, the worker that saw to the last one gives that
// memory back: nobody reads it, and the home takes no record of the block while
// COUNT_RELEASES is set. Afterwards it reads as zeroes, and COUNT_RELEASED
// stays until it is used again.
#include "runtime/tasks/task_blocks.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/tasks/tasks_internal.h"

enum {
  COUNT_CALL = 1,
  COUNT_WAITS = 1 << 15,
  COUNT_ALL_WAIT = GC_HANDLE_ROW * COUNT_WAITS,
};
#define COUNT_RELEASED (UINT32_C(1) << 30)
#define COUNT_RELEASES (UINT32_C(1) << 31)

static size_t calls_bytes(void) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t bytes = GC_HANDLE_ROW * exec_lean_bytes(&rt_task_call_type);
  return (bytes + page - 1) / page * page;
}

static void count(TaskHome *home, int64_t bytes) {
  gc_external_adjust(home->runtime->isolate->heap, GC_EXTERNAL_NATIVE, bytes);
}

void rt_task_blocks_count(TaskHome *home) {
  _Atomic int64_t *given_back = &home->blocks.given_back;
  if (likely(atomic_load_explicit(given_back, memory_order_relaxed) == 0))
    return;
  count(home, -atomic_exchange_explicit(given_back, 0, memory_order_relaxed));
}

static void discount_block(TaskHome *home, const TaskBlock *b) {
  uint32_t counts = atomic_load_explicit(&b->counts, memory_order_relaxed);
  int64_t calls = counts & COUNT_RELEASED ? 0 : (int64_t)calls_bytes();
  rt_task_blocks_count(home);
  count(home, -(int64_t)sizeof *b - calls);
}

static void link_roomy(TaskBlocks *blocks, TaskBlock *b) {
  b->next_roomy = blocks->roomy;
  b->roomy_link = &blocks->roomy;
  if (b->next_roomy != NULL) b->next_roomy->roomy_link = &b->next_roomy;
  blocks->roomy = b;
}

static void unlink_roomy(TaskBlock *b) {
  *b->roomy_link = b->next_roomy;
  if (b->next_roomy != NULL) b->next_roomy->roomy_link = b->roomy_link;
}

static void link_block(TaskHome *home, TaskBlock *b) {
  TaskBlocks *blocks = &home->blocks;
  uv_mutex_lock(&home->lock);
  b->next = NULL;
  b->link = blocks->last_link;
  *b->link = b;
  blocks->last_link = &b->next;
  uv_mutex_unlock(&home->lock);
}

static void unlink_block(TaskHome *home, TaskBlock *b) {
  uv_mutex_lock(&home->lock);
  *b->link = b->next;
  if (b->next != NULL)
    b->next->link = b->link;
  else
    home->blocks.last_link = b->link;
  uv_mutex_unlock(&home->lock);
}

static void free_memory(TaskBlock *b) {
  free(b->calls);
  free(b);
}

static TaskBlock *add_block(TaskHome *home) {
  Isolate *iso = home->runtime->isolate;
  TaskBlock *b = calloc(1, sizeof *b);
  if (b == NULL) return NULL;
  b->home = home;
  b->calls = aligned_alloc((size_t)sysconf(_SC_PAGESIZE), calls_bytes());
  b->handles = b->calls == NULL ? NULL : gc_handle_row_new(iso->heap);
  if (b->handles == NULL) {
    free_memory(b);
    return NULL;
  }
  count(home, (int64_t)(sizeof *b + calls_bytes()));
  rt_task_blocks_count(home);
  link_block(home, b);
  link_roomy(&home->blocks, b);
  return b;
}

void rt_task_blocks_init(TaskBlocks *blocks) {
  *blocks = (TaskBlocks){.last_link = &blocks->first};
}

void rt_task_blocks_close(TaskHome *home) {
  for (TaskBlock *b = home->blocks.first; b != NULL; b = b->next) {
    gc_handle_row_free(home->runtime->isolate->heap, b->handles);
    b->handles = NULL;
    discount_block(home, b);
  }
  home->blocks.roomy = NULL;
}

void rt_task_blocks_free(TaskBlocks *blocks) {
  TaskBlock *b = blocks->first;
  while (b != NULL) {
    TaskBlock *next = b->next;
    free_memory(b);
    b = next;
  }
}

static bool releases(const TaskBlock *b) {
  return (atomic_load_explicit(&b->counts, memory_order_acquire) &
          COUNT_RELEASES) != 0;
}

// Its call counts from here on. No worker can begin to give memory back then:
// not all records wait, for this one did not.
static TaskBlock *block_with_room(TaskHome *home) {
  TaskBlock *b = home->blocks.roomy;
  while (b != NULL && unlikely(releases(b)))
    b = b->next_roomy;
  return b == NULL ? add_block(home) : b;
}

SpawnedTask *rt_task_record_new(TaskHome *home) {
  TaskBlock *b = block_with_room(home);
  if (b == NULL) return NULL;
  SpawnedTask *task = b->free;
  uint16_t place;
  if (task != NULL) {
    b->free = task->next;
    place = task->place;
  } else {
    place = (uint16_t)b->untouched++;
    task = &b->tasks[place];
  }
  if (++b->used == GC_HANDLE_ROW) unlink_roomy(b);
  uint32_t counts =
      atomic_fetch_add_explicit(&b->counts, COUNT_CALL, memory_order_relaxed);
  if (unlikely((counts & COUNT_RELEASED) != 0)) {
    atomic_fetch_and_explicit(&b->counts, ~COUNT_RELEASED,
                              memory_order_relaxed);
    count(home, (int64_t)calls_bytes());
  }
  task->parent = 0;
  task->next = NULL;
  task->clone = NULL;
  atomic_store_explicit(&task->state, TASK_QUEUED, memory_order_relaxed);
  task->outcome = TASK_RETURNED;
  atomic_store_explicit(&task->aborted, false, memory_order_relaxed);
  atomic_store_explicit(&task->aborted_again, false, memory_order_relaxed);
  task->is_stopped = task->waits_for_children = false;
  task->has_reason = task->has_clone = false;
  task->place = place;
  return task;
}

void rt_task_record_free(SpawnedTask *task) {
  TaskBlock *b = rt_task_block_of(task);
  TaskHome *home = b->home;
  task->next = b->free;
  b->free = task;
  if (b->used-- == GC_HANDLE_ROW) link_roomy(&home->blocks, b);
  bool is_only_one = home->blocks.roomy == b && b->next_roomy == NULL;
  if (b->used > 0 || is_only_one || releases(b)) return;
  unlink_roomy(b);
  unlink_block(home, b);
  discount_block(home, b);
  gc_handle_row_free(home->runtime->isolate->heap, b->handles);
  free_memory(b);
}

void rt_task_record_abandon(SpawnedTask *task) {
  rt_task_call_is_over(task, false);
  rt_task_record_free(task);
}

void *rt_task_call_memory(const SpawnedTask *task) {
  return rt_task_block_of(task)->calls +
         task->place * exec_lean_bytes(&rt_task_call_type);
}

void rt_task_call_is_over(SpawnedTask *task, bool waits) {
  TaskBlock *b = rt_task_block_of(task);
  uint32_t change = (waits ? COUNT_WAITS : 0) - COUNT_CALL;
  uint32_t counts = change + atomic_fetch_add_explicit(&b->counts, change,
                                                       memory_order_acq_rel);
  if (likely(counts != COUNT_ALL_WAIT)) return;
  if (!atomic_compare_exchange_strong_explicit(
          &b->counts, &counts, COUNT_ALL_WAIT | COUNT_RELEASES,
          memory_order_acq_rel, memory_order_relaxed))
    return;
  madvise(b->calls, calls_bytes(), MADV_DONTNEED);
  atomic_fetch_add_explicit(&b->home->blocks.given_back, calls_bytes(),
                            memory_order_relaxed);
  atomic_fetch_xor_explicit(&b->counts, COUNT_RELEASES | COUNT_RELEASED,
                            memory_order_release);
}

void rt_task_waits_no_more(SpawnedTask *task) {
  atomic_fetch_sub_explicit(&rt_task_block_of(task)->counts, COUNT_WAITS,
                            memory_order_relaxed);
}

TaskCursor rt_task_cursor(const TaskHome *home) {
  return (TaskCursor){home->blocks.first, 0};
}

SpawnedTask *rt_task_next(TaskCursor *cursor) {
  for (; cursor->block != NULL;
       cursor->block = cursor->block->next, cursor->place = 0) {
    TaskBlock *b = cursor->block;
    while (b->handles != NULL && cursor->place < b->untouched) {
      uint32_t place = cursor->place++;
      if (b->handles[place] != GC_NO_CELL) return &b->tasks[place];
    }
  }
  return NULL;
}
