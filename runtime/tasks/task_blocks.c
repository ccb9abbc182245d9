// SPDX-License-Identifier: MIT
// A block that nobody uses is freed, but for the last one with room.
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
  COUNT_ALL_WAIT = TASK_BLOCK_RECORDS * COUNT_WAITS,
};
#define COUNT_RELEASED (UINT32_C(1) << 30)
#define COUNT_RELEASES (UINT32_C(1) << 31)

_Static_assert(sizeof(SpawnedTask) == 32, "each byte counts");
_Static_assert((int)TASK_BLOCK_RECORDS <= (int)GC_HANDLE_ROW, "a row a block");
_Static_assert(sizeof(TaskBlock) + 2 * sizeof(size_t) <= 4 * 4096,
               "with malloc's words it is no more than whole pages");

static size_t page_bytes(void) {
  return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t whole_pages(size_t bytes) {
  size_t page = page_bytes();
  return (bytes + page - 1) / page * page;
}

static size_t calls_bytes(void) {
  return whole_pages(TASK_BLOCK_RECORDS * exec_lean_bytes(&rt_task_call_type));
}

// So that the next one begins where this one ends: malloc would leave a page
// over rather than a few bytes.
static size_t block_bytes(void) {
  size_t malloc_words = 2 * sizeof(size_t);
  return calls_bytes() + whole_pages(sizeof(TaskBlock) + malloc_words) -
         malloc_words;
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

enum { PARENTS_BYTES = TASK_BLOCK_RECORDS * sizeof(uint64_t) };

static void discount_block(TaskHome *home, const TaskBlock *b) {
  uint32_t counts = atomic_load_explicit(&b->counts, memory_order_relaxed);
  int64_t calls = counts & COUNT_RELEASED ? 0 : (int64_t)calls_bytes();
  rt_task_blocks_count(home);
  count(home,
        -(int64_t)sizeof *b - calls - (b->parents == NULL ? 0 : PARENTS_BYTES));
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
  free(b->parents);
  free(b->calls);
}

static void free_rows(TaskBlock *b) {
  GcHeap *heap = b->home->runtime->isolate->heap;
  gc_handle_row_free(heap, b->handles);
  if (b->reasons != NULL) gc_handle_row_free(heap, b->reasons);
  b->handles = b->reasons = NULL;
}

static TaskBlock *add_block(TaskHome *home) {
  void *calls;
  if (posix_memalign(&calls, page_bytes(), block_bytes())) return NULL;
  TaskBlock *b = (TaskBlock *)(void *)((char *)calls + calls_bytes());
  memset(b, 0, sizeof *b);
  b->home = home;
  b->calls = calls;
  b->handles = gc_handle_row_new(home->runtime->isolate->heap);
  if (b->handles == NULL) {
    free_memory(b);
    return NULL;
  }
  count(home, (int64_t)(sizeof *b + calls_bytes()));
  rt_task_blocks_count(home);
  link_block(home, b);
  slab_link(&home->blocks.roomy, &b->slab);
  return b;
}

void rt_task_blocks_init(TaskBlocks *blocks) {
  *blocks = (TaskBlocks){.last_link = &blocks->first};
}

void rt_task_blocks_close(TaskHome *home) {
  for (TaskBlock *b = home->blocks.first; b != NULL; b = b->next) {
    free_rows(b);
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
  TaskBlock *b = (TaskBlock *)home->blocks.roomy;
  while (b != NULL && unlikely(releases(b)))
    b = (TaskBlock *)b->slab.next;
  return b == NULL ? add_block(home) : b;
}

SpawnedTask *rt_task_record_new(TaskHome *home) {
  TaskBlock *b = block_with_room(home);
  if (b == NULL) return NULL;
  SpawnedTask *task =
      slab_take(&b->slab, b->tasks, sizeof(SpawnedTask), TASK_BLOCK_RECORDS);
  uint32_t counts =
      atomic_fetch_add_explicit(&b->counts, COUNT_CALL, memory_order_relaxed);
  if (unlikely((counts & COUNT_RELEASED) != 0)) {
    atomic_fetch_and_explicit(&b->counts, ~COUNT_RELEASED,
                              memory_order_relaxed);
    count(home, (int64_t)calls_bytes());
  }
  task->next = NULL;
  task->value = VALUE_UNDEFINED;
  atomic_store_explicit(&task->state, TASK_QUEUED, memory_order_relaxed);
  atomic_store_explicit(&task->aborts, 0, memory_order_relaxed);
  task->outcome = TASK_RETURNED;
  task->is_stopped = task->waits_for_children = false;
  task->place = (uint16_t)(task - b->tasks);
  return task;
}

void rt_task_record_free(SpawnedTask *task) {
  TaskBlock *b = rt_task_block_of(task);
  TaskHome *home = b->home;
  if (b->parents != NULL) b->parents[task->place] = 0;
  Slab **roomy = &home->blocks.roomy;
  if (!slab_give(roomy, &b->slab, task, TASK_BLOCK_RECORDS) ||
      slab_is_only_one(roomy, &b->slab) || releases(b))
    return;
  slab_unlink(&b->slab);
  unlink_block(home, b);
  discount_block(home, b);
  free_rows(b);
  free_memory(b);
}

void rt_task_record_abandon(SpawnedTask *task) {
  rt_task_call_is_over(task, false);
  rt_task_record_free(task);
}

bool rt_task_set_parent(SpawnedTask *task, uint64_t parent) {
  TaskBlock *b = rt_task_block_of(task);
  if (b->parents == NULL) {
    if (parent == 0) return true;
    b->parents = calloc(1, PARENTS_BYTES);
    if (b->parents == NULL) return false;
    count(b->home, PARENTS_BYTES);
  }
  b->parents[task->place] = parent;
  return true;
}

// Of no reason the word is undefined, for GC_NO_CELL is a number.
static uint64_t *new_reasons(GcHeap *heap) {
  uint64_t *reasons = gc_handle_row_new(heap);
  for (uint32_t i = 0; reasons != NULL && i < TASK_BLOCK_RECORDS; i++)
    gc_publish(&reasons[i], VALUE_UNDEFINED);
  return reasons;
}

void rt_task_set_reason(SpawnedTask *task, Value reason) {
  TaskBlock *b = rt_task_block_of(task);
  GcHeap *heap = b->home->runtime->isolate->heap;
  if (b->reasons == NULL) {
    if (value_is_undefined(reason)) return;
    b->reasons = new_reasons(heap);
    if (b->reasons == NULL) return;
  }
  gc_store_word(heap, &b->reasons[task->place], reason);
}

Value rt_task_reason(const SpawnedTask *task) {
  const uint64_t *reasons = rt_task_block_of(task)->reasons;
  return reasons == NULL ? VALUE_UNDEFINED : reasons[task->place];
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
    while (b->handles != NULL && cursor->place < b->slab.untouched) {
      uint32_t place = cursor->place++;
      if (b->handles[place] != GC_NO_CELL) return &b->tasks[place];
    }
  }
  return NULL;
}

SpawnedTask *rt_task_next_child(TaskCursor *cursor, uint64_t parent) {
  SpawnedTask *task;
  do {
    while (cursor->block != NULL && cursor->block->parents == NULL)
      *cursor = (TaskCursor){cursor->block->next, 0};
    task = rt_task_next(cursor);
  } while (task != NULL && rt_task_parent(task) != parent);
  return task;
}
