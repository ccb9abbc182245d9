// SPDX-License-Identifier: MIT
// Cancellation tokens: a tree, cancelled from any node downwards. One lock for
// each tree, which its root makes and all of it shares. A token holds a
// reference to its parent; a parent knows its children without one.
#include <stdatomic.h>
#include <stdlib.h>
#include <uv.h>

#include "rill/sync.h"
#include "runtime/executor/leaf.h"
#include "runtime/sync/wait_list.h"

typedef struct Tree {
  _Atomic uint32_t references; // of its tokens
  uv_mutex_t lock;
  WaitList leaving; // waiters of cancelled tokens, not woken yet
} Tree;

struct rill_token {
  _Atomic uint32_t references;
  _Atomic bool cancelled; // written under the lock
  Tree *tree;
  rill_token *parent;
  // Under the lock:
  rill_token *children, *next, **link; // link NULL: not in a parent's list
  WaitList waiters;
};

typedef struct Cancelled {
  rill_future future;
  rill_token *token;
  WaitNode node;
} Cancelled;
_Static_assert(sizeof(Cancelled) <= sizeof(rill_cancelled), "rill_cancelled");

static Tree *tree_new(void) {
  Tree *t = calloc(1, sizeof *t);
  if (t == NULL) return NULL;
  if (uv_mutex_init(&t->lock) != 0) {
    free(t);
    return NULL;
  }
  atomic_init(&t->references, 1);
  wait_list_init(&t->leaving);
  return t;
}

static void tree_release(Tree *t) {
  if (atomic_fetch_sub_explicit(&t->references, 1, memory_order_acq_rel) != 1)
    return;
  uv_mutex_destroy(&t->lock);
  free(t);
}

bool rill_token_is_cancelled(const rill_token *t) {
  return atomic_load_explicit(&t->cancelled, memory_order_acquire);
}

rill_token *rill_token_new(rill_token *parent) {
  rill_token *t = calloc(1, sizeof *t);
  if (t == NULL) return NULL;
  atomic_init(&t->references, 1);
  wait_list_init(&t->waiters);
  if (parent == NULL) {
    t->tree = tree_new();
    if (t->tree == NULL) {
      free(t);
      return NULL;
    }
    return t;
  }
  t->tree = parent->tree;
  atomic_fetch_add_explicit(&t->tree->references, 1, memory_order_relaxed);
  rill_token_retain(parent);
  t->parent = parent;
  uv_mutex_lock(&t->tree->lock);
  if (rill_token_is_cancelled(parent)) {
    atomic_store_explicit(&t->cancelled, true, memory_order_release);
  } else {
    t->next = parent->children;
    t->link = &parent->children;
    if (t->next != NULL) t->next->link = &t->next;
    parent->children = t;
  }
  uv_mutex_unlock(&t->tree->lock);
  return t;
}

void rill_token_retain(rill_token *t) {
  atomic_fetch_add_explicit(&t->references, 1, memory_order_relaxed);
}

static void unlink_child(rill_token *t) {
  if (t->link == NULL) return;
  *t->link = t->next;
  if (t->next != NULL) t->next->link = t->link;
  t->link = NULL;
}

void rill_token_release(rill_token *t) {
  // Long chains of parents end one after the other, without recursion.
  while (t != NULL && atomic_fetch_sub_explicit(&t->references, 1,
                                                memory_order_acq_rel) == 1) {
    rill_token *parent = t->parent;
    uv_mutex_lock(&t->tree->lock);
    unlink_child(t);
    uv_mutex_unlock(&t->tree->lock);
    tree_release(t->tree);
    free(t);
    t = parent;
  }
}

// Cancels the token and everything below it, by walking the tree depth first.
// The lock is held. Children leave their lists: they are cancelled for ever.
static void cancel_below(rill_token *top) {
  rill_token *t = top;
  for (;;) {
    if (!rill_token_is_cancelled(t)) {
      atomic_store_explicit(&t->cancelled, true, memory_order_release);
      wait_list_move(&t->waiters, &t->tree->leaving);
    }
    if (t->children != NULL) {
      rill_token *child = t->children;
      unlink_child(child);
      t = child;
    } else if (t == top) {
      return;
    } else {
      t = t->parent;
    }
  }
}

void rill_token_cancel(rill_token *t) {
  Tree *tree = t->tree;
  // The woken may release the token.
  atomic_fetch_add_explicit(&tree->references, 1, memory_order_relaxed);
  uv_mutex_lock(&tree->lock);
  cancel_below(t);
  unlink_child(t);
  wait_list_wake_all(&tree->leaving, &tree->lock, WAIT_GRANTED);
  tree_release(tree);
}

static rill_poll cancelled_poll(rill_future *f, rill_context *cx) {
  Cancelled *self = (Cancelled *)f;
  rill_token *t = self->token;
  if (!exec_leaf_proceed(f, cx)) return RILL_PENDING;
  uv_mutex_lock(&t->tree->lock);
  bool ready = rill_token_is_cancelled(t);
  rill_waker old = wait_node_settle(&t->waiters, &self->node, ready, cx->waker);
  uv_mutex_unlock(&t->tree->lock);
  rill_waker_release(&old);
  return ready ? RILL_READY : RILL_PENDING;
}

static void cancelled_drop(rill_future *f) {
  Cancelled *self = (Cancelled *)f;
  wait_node_drop(&self->node, &self->token->tree->lock);
}

static const rill_future_type cancelled_type = {
    .size = sizeof(rill_cancelled),
    .name = "cancelled",
    .poll = cancelled_poll,
    .drop = cancelled_drop,
};

void rill_cancelled_init(rill_cancelled *f, rill_token *t) {
  *f = (rill_cancelled){.future = {&cancelled_type}};
  ((Cancelled *)f)->token = t;
}

rill_status rill_token_wait(rill_token *t, int64_t timeout) {
  rill_cancelled f;
  rill_cancelled_init(&f, t);
  rill_status status = rill_future_wait(&f.future, timeout);
  rill_future_drop(&f.future);
  return status;
}
