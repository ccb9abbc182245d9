// SPDX-License-Identifier: MIT
// The queues of tasks. A Deque belongs to one worker, who pushes and pops at
// its ends without locks; other workers steal half of it at once. An Inbox is
// an unbounded list under a lock: the global queue (injector), and for each
// worker the tasks pinned to it that others woke.
#ifndef RILL_EXECUTOR_QUEUE_H
#define RILL_EXECUTOR_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

typedef struct Task Task;

typedef struct Inbox {
  uv_mutex_t lock;
  Task *first, *last;      // linked by queue_next; under the lock
  _Atomic uint32_t length; // written under the lock, read without
} Inbox;
// 0, or a libuv error.
int exec_inbox_init(Inbox *);
void exec_inbox_destroy(Inbox *);
void exec_inbox_push(Inbox *, Task *);
// NULL: empty.
Task *exec_inbox_pop(Inbox *);
// The first `limit` tasks at most, linked by queue_next.
Task *exec_inbox_pop_list(Inbox *, uint32_t limit);
static inline uint32_t exec_inbox_length(Inbox *i) {
  return atomic_load_explicit(&i->length, memory_order_seq_cst);
}

enum { DEQUE_CAPACITY = 256, DEQUE_MASK = DEQUE_CAPACITY - 1 };

// Positions count up and wrap at 2^32. `head` packs two of them: the low half
// is where the next task is taken, the high half where a thief, who claimed a
// range but has not copied it yet, began; they are equal when nobody steals.
// What lies between the high half and `tail` must not be overwritten.
typedef struct Deque {
  _Alignas(64) _Atomic uint64_t head; // owner and thieves
  _Alignas(64) _Atomic uint32_t tail; // written by the owner alone
  _Atomic(Task *) slots[DEQUE_CAPACITY];
} Deque;
// Owner. When full, half of it goes to `overflow`; returns true then.
bool exec_deque_push(Deque *, Task *, Inbox *overflow);
// Owner: the oldest task, or NULL.
Task *exec_deque_pop(Deque *);
// Owner: how many can be pushed without overflow.
uint32_t exec_deque_room(const Deque *);
// Owner of `to`: moves half of `from` there and returns one task more to be run
// at once. *count: how many were taken in all.
Task *exec_deque_steal(Deque *from, Deque *to, uint32_t *count);
// Anyone; a moment old.
uint32_t exec_deque_length(const Deque *);

#endif
