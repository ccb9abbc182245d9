// SPDX-License-Identifier: MIT
// Groups of tasks, in two uses. A scope's group waits for its children or
// aborts them, and belongs to the task that opened it: that task ends only when
// the group is empty. A join set's group keeps children that have ended, with
// their join handles, until they are asked for.
//
// References: the handle of the embedder, the list of the task that opened it,
// and each child until it is freed. A child is in the list of children or of
// ended ones from exec_group_add to exec_group_child_ended, or until it is
// detached or handed out; `group_link` is NULL when it is in neither.
#include <stdlib.h>

#include "runtime/executor/executor.h"

struct Group {
  _Atomic uint32_t references;
  uv_mutex_t lock;
  // Under the lock:
  Task *children, *ended;
  Task **last_ended; // where the next one goes
  size_t alive, waiting, failed;
  bool closing;      // takes no more children
  rill_waker waiter; // of who waits for the next child to end, or for the last
  // Unchanging:
  Executor *executor;
  bool keeps_ended; // a join set
  rill_task_scope_end end;
  // Scopes: of the task that opened it, which alone changes them.
  Task *owner;
  Group *next_open;
};
struct rill_task_scope {
  Group group;
};
struct rill_join_set {
  Group group;
};

static Group *group_new(Executor *ex) {
  if (ex == NULL) ex = exec_current.executor;
  Group *g = ex == NULL ? NULL : calloc(1, sizeof *g);
  if (g == NULL) return NULL;
  if (uv_mutex_init(&g->lock) != 0) {
    free(g);
    return NULL;
  }
  atomic_init(&g->references, 1);
  g->last_ended = &g->ended;
  g->executor = ex;
  return g;
}

void exec_group_release(Group *g) {
  if (atomic_fetch_sub_explicit(&g->references, 1, memory_order_acq_rel) != 1)
    return;
  rill_waker_release(&g->waiter);
  uv_mutex_destroy(&g->lock);
  free(g);
}

static void retain(Group *g) {
  atomic_fetch_add_explicit(&g->references, 1, memory_order_relaxed);
}

static void unlink_child(Task *t) {
  *exec_bonds(t)->group_link = exec_bonds(t)->group_next;
  if (exec_bonds(t)->group_next != NULL)
    exec_bonds(exec_bonds(t)->group_next)->group_link =
        exec_bonds(t)->group_link;
  exec_bonds(t)->group_link = NULL;
}

// False: it takes no more.
static bool add_child(Group *g, Task *t) {
  uv_mutex_lock(&g->lock);
  bool open = !g->closing;
  if (open) {
    exec_bonds(t)->group_next = g->children;
    exec_bonds(t)->group_link = &g->children;
    if (g->children != NULL)
      exec_bonds(g->children)->group_link = &exec_bonds(t)->group_next;
    g->children = t;
    g->alive++;
    exec_bonds(t)->group = g;
  }
  uv_mutex_unlock(&g->lock);
  if (open) retain(g);
  return open;
}

// One less; the waker to wake if somebody waits for that. The lock is held.
static rill_waker one_less(Group *g) {
  rill_waker waker = {NULL, NULL};
  g->alive--;
  if (g->alive == 0 || g->keeps_ended) {
    waker = g->waiter;
    g->waiter.type = NULL;
  }
  return waker;
}

bool exec_group_remove(Task *t) {
  Group *g = exec_bonds(t)->group;
  rill_waker waker = {NULL, NULL};
  uv_mutex_lock(&g->lock);
  bool was_in = exec_bonds(t)->group_link != NULL;
  if (was_in) {
    unlink_child(t);
    waker = one_less(g);
  }
  uv_mutex_unlock(&g->lock);
  rill_waker_wake(&waker);
  return was_in;
}

void exec_group_child_ended(Task *t) {
  Group *g = t->is_lean ? NULL : exec_bonds(t)->group;
  if (exec_likely(g == NULL)) return;
  rill_waker waker = {NULL, NULL};
  uv_mutex_lock(&g->lock);
  if (exec_bonds(t)->group_link != NULL) {
    unlink_child(t);
    if (exec_bonds(t)->failure != NULL) g->failed++;
    if (g->keeps_ended) {
      exec_bonds(t)->group_next = NULL;
      exec_bonds(t)->group_link = g->last_ended;
      *g->last_ended = t;
      g->last_ended = &exec_bonds(t)->group_next;
      g->waiting++;
    }
    waker = one_less(g);
  }
  uv_mutex_unlock(&g->lock);
  rill_waker_wake(&waker);
}

static void abort_children(Group *g) {
  uv_mutex_lock(&g->lock);
  for (Task *t = g->children; t != NULL; t = exec_bonds(t)->group_next) {
    exec_task_abort(t);
  }
  uv_mutex_unlock(&g->lock);
}

// Replaces the waiter's waker; the lock is held. The old one, to be released
// without it.
static rill_waker set_waiter(Group *g, rill_context *cx) {
  rill_waker old = {NULL, NULL};
  if (rill_waker_same(&g->waiter, cx->waker)) return old;
  old = g->waiter;
  g->waiter = rill_waker_clone(cx->waker);
  return old;
}

static rill_poll poll_empty(Group *g, rill_context *cx) {
  rill_waker old = {NULL, NULL};
  uv_mutex_lock(&g->lock);
  g->closing = true;
  bool empty = g->alive == 0;
  if (!empty) old = set_waiter(g, cx);
  uv_mutex_unlock(&g->lock);
  rill_waker_release(&old);
  return empty ? RILL_READY : RILL_PENDING;
}

static rill_status spawn_in(Group *g, const rill_future *future,
                            const rill_spawn_options *options, bool joined,
                            Task **out) {
  if (!exec_spawn_options_valid(g->executor, options)) return RILL_INVALID;
  Task *t = exec_task_new(g->executor, future, options, TASK_ORDINARY, joined);
  if (t == NULL) return RILL_NO_MEMORY;
  if (!add_child(g, t)) {
    exec_task_discard(t);
    return RILL_CLOSED;
  }
  *out = t;
  return exec_task_start(t);
}

// Scopes --------------------------------------------------------------------

rill_task_scope *rill_task_scope_open(rill_executor *ex,
                                      rill_task_scope_end end) {
  Group *g = group_new(ex);
  if (g == NULL) return NULL;
  g->end = end;
  Task *t = exec_current.task;
  if (t != NULL && !t->is_lean && t->executor == g->executor) {
    g->owner = t;
    g->next_open = exec_bonds(t)->scopes;
    exec_bonds(t)->scopes = g;
    retain(g);
  }
  return (rill_task_scope *)g;
}

rill_status rill_task_scope_spawn(rill_task_scope *s, const rill_future *future,
                                  const rill_spawn_options *options,
                                  rill_join **join) {
  Task *t = NULL;
  rill_status status = spawn_in(&s->group, future, options, join != NULL, &t);
  if (join != NULL) *join = status == RILL_OK ? (rill_join *)t : NULL;
  return status;
}

void rill_task_scope_cancel(rill_task_scope *s) {
  abort_children(&s->group);
}

static size_t alive(const Group *g) {
  uv_mutex_t *lock = (uv_mutex_t *)(uintptr_t)&g->lock;
  uv_mutex_lock(lock);
  size_t count = g->alive + g->waiting;
  uv_mutex_unlock(lock);
  return count;
}

size_t rill_task_scope_count(const rill_task_scope *s) {
  return alive(&s->group);
}

static rill_poll closing_poll(rill_future *f, rill_context *cx) {
  rill_task_scope_closing *self = (rill_task_scope_closing *)f;
  Group *g = &self->scope->group;
  if (poll_empty(g, cx) == RILL_PENDING) return RILL_PENDING;
  self->failed = g->failed;
  return RILL_READY;
}

static const rill_future_type closing_type = {
    .size = sizeof(rill_task_scope_closing),
    .name = "scope closing",
    .poll = closing_poll,
};

void rill_task_scope_closing_init(rill_task_scope_closing *f,
                                  rill_task_scope *s) {
  *f = (rill_task_scope_closing){.future = {&closing_type}, .scope = s};
}

void rill_task_scope_free(rill_task_scope *s) {
  if (s == NULL) return;
  Group *g = &s->group;
  Task *owner = g->owner;
  if (owner != NULL && owner == exec_current.task && alive(g) == 0) {
    Group **link = &exec_bonds(owner)->scopes;
    while (*link != g) {
      link = &(*link)->next_open;
    }
    *link = g->next_open;
    g->owner = NULL;
    exec_group_release(g);
  } else if (owner == NULL && alive(g) != 0) {
    abort_children(g);
    rill_task_scope_closing closing;
    rill_task_scope_closing_init(&closing, s);
    rill_block_on(g->executor, &closing.future);
  }
  exec_group_release(g);
}

void exec_scopes_close(Task *t, bool abort) {
  for (Group *g = exec_bonds(t)->scopes; g != NULL; g = g->next_open) {
    if (abort || g->end == RILL_SCOPE_ABORT) abort_children(g);
  }
}

rill_poll exec_scopes_poll(Task *t, rill_context *cx) {
  rill_poll all = RILL_READY;
  for (Group *g = exec_bonds(t)->scopes; g != NULL; g = g->next_open) {
    if (poll_empty(g, cx) == RILL_PENDING) all = RILL_PENDING;
  }
  return all;
}

void exec_scopes_release(Task *t) {
  while (!t->is_lean && exec_bonds(t)->scopes != NULL) {
    Group *g = exec_bonds(t)->scopes;
    exec_bonds(t)->scopes = g->next_open;
    g->owner = NULL;
    exec_group_release(g);
  }
}

// Join sets -----------------------------------------------------------------

rill_join_set *rill_join_set_new(rill_executor *ex) {
  Group *g = group_new(ex);
  if (g != NULL) g->keeps_ended = true;
  return (rill_join_set *)g;
}

bool rill_join_set_spawn(rill_join_set *s, const rill_future *future,
                         const rill_spawn_options *options, uint64_t *id) {
  Task *t = NULL;
  if (spawn_in(&s->group, future, options, true, &t) != RILL_OK) return false;
  // The set holds the join handle, so the task is there even if it has ended.
  if (id != NULL) *id = t->id;
  return true;
}

size_t rill_join_set_count(const rill_join_set *s) {
  return alive(&s->group);
}

void rill_join_set_abort_all(rill_join_set *s) {
  abort_children(&s->group);
}

// The first that has ended; the lock is held.
static Task *take_ended(Group *g) {
  Task *t = g->ended;
  if (t == NULL) return NULL;
  g->ended = exec_bonds(t)->group_next;
  if (g->ended == NULL)
    g->last_ended = &g->ended;
  else
    exec_bonds(g->ended)->group_link = &g->ended;
  exec_bonds(t)->group_link = NULL;
  g->waiting--;
  return t;
}

rill_join *rill_join_set_try_next(rill_join_set *s) {
  uv_mutex_lock(&s->group.lock);
  Task *t = take_ended(&s->group);
  uv_mutex_unlock(&s->group.lock);
  return (rill_join *)t;
}

static rill_poll next_poll(rill_future *f, rill_context *cx) {
  rill_join_next *self = (rill_join_next *)f;
  if (!rill_coop_proceed(cx)) return RILL_PENDING;
  Group *g = &self->set->group;
  rill_waker old = {NULL, NULL};
  uv_mutex_lock(&g->lock);
  Task *t = take_ended(g);
  bool pending = t == NULL && g->alive > 0;
  if (pending) old = set_waiter(g, cx);
  uv_mutex_unlock(&g->lock);
  rill_waker_release(&old);
  self->join = (rill_join *)t;
  return pending ? RILL_PENDING : RILL_READY;
}

static const rill_future_type next_type = {
    .size = sizeof(rill_join_next),
    .name = "next of a join set",
    .poll = next_poll,
};

void rill_join_next_init(rill_join_next *f, rill_join_set *set) {
  *f = (rill_join_next){.future = {&next_type}, .set = set};
}

// Takes one child out, wherever it is; the lock is held.
static Task *take_any(Group *g) {
  Task *t = take_ended(g);
  if (t != NULL || g->children == NULL) return t;
  t = g->children;
  unlink_child(t);
  g->alive--;
  return t;
}

void rill_join_set_free(rill_join_set *s) {
  if (s == NULL) return;
  Group *g = &s->group;
  for (;;) {
    uv_mutex_lock(&g->lock);
    Task *t = take_any(g);
    uv_mutex_unlock(&g->lock);
    if (t == NULL) break;
    exec_task_abort(t);
    exec_task_drop_join(t);
  }
  exec_group_release(g);
}
