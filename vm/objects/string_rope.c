// SPDX-License-Identifier: MIT
// Concatenation: ropes, buffers and flattening.
//
// Three ways to concatenate, by cost: short results are copied; a slice at the
// end of a BUFFER is extended by writing behind it, so that `s += x` in a loop
// copies each unit a constant number of times and makes no tree; anything else
// becomes a ROPE.
//
// A rope becomes a slice in place while the concurrent marker may be reading
// it. The order of the stores is: `left` (the flat units; always a cell), then
// `right` (zero: the offset of such a slice is 0, so the word is a cell or zero
// at every moment), then `flags`. The marker loads `flags` first; whichever
// mixture it sees, each word it takes for a cell is one. The barrier of the two
// pointer stores records the parts that a snapshot marker has still to visit.
#include "vm/objects/string_internal.h"

#include <stdlib.h>

enum {
  // Appends of at most this many units may start or extend a buffer.
  SHORT_APPEND = 256,
  LONGEST_EXTENSION = 4096,
  // A run of this many short appends starts a buffer at the soonest.
  SHORTEST_RUN = 4,
  SMALLEST_BUFFER_BYTES = 112,
  STACK_INLINE = 64,
};

static String *new_rope(Isolate *iso, String *left, String *right,
                        uint32_t length, bool is_wide) {
  String *s = gc_allocate(iso->heap, sizeof(String), CELL_STRING);
  s->cell.flags = STRING_ROPE | (is_wide ? STRING_WIDE : 0);
  // Of a rope, aux counts the short appends that made it, one after another.
  uint16_t run = 0;
  if (string_length(right) <= SHORT_APPEND && !string_is_rope(right)) {
    run = string_is_rope(left) ? left->cell.aux : 0;
    if (run < UINT16_MAX) run++;
  }
  s->cell.aux = run;
  s->cell.extra = length;
  s->left = left;
  s->right = right;
  return s;
}

// A flat cell with room for `length` units and, if `grows`, as many again.
static String *new_target(Isolate *iso, uint32_t length, bool is_wide,
                          bool grows) {
  if (!grows) return vm_string_allocate(iso, length, is_wide);
  size_t capacity = (size_t)length * 2;
  if ((capacity << is_wide) < SMALLEST_BUFFER_BYTES)
    capacity = SMALLEST_BUFFER_BYTES >> is_wide;
  if (capacity > STRING_MAX_LENGTH) capacity = STRING_MAX_LENGTH;
  String *s = vm_string_allocate(iso, capacity, is_wide);
  if (!s) return NULL;
  s->cell.flags |= STRING_BUFFER;
  s->cell.extra = length;
  s->index = (uint32_t)capacity;
  return s;
}

static inline bool is_end_of_buffer(const String *s) {
  if ((s->cell.flags & (STRING_SLICE | STRING_ROPE)) != STRING_SLICE)
    return false;
  const String *parent = s->left;
  return (parent->cell.flags & STRING_BUFFER) &&
         s->offset + s->cell.extra == parent->cell.extra;
}

// Appends a short `b` to a slice that ends its buffer.
static String *extend(Isolate *iso, String *a, String *b, uint32_t length) {
  String *buffer = a->left;
  uintptr_t offset = a->offset;
  bool is_wide = ((a->cell.flags | b->cell.flags) & STRING_WIDE) != 0;
  uint32_t used = buffer->cell.extra;
  if ((is_wide && !(a->cell.flags & STRING_WIDE)) ||
      buffer->index - used < string_length(b)) {
    buffer = new_target(iso, length, is_wide, true);
    if (!buffer) return NULL;
    string_copy_units(buffer->latin1, is_wide, 0, string_view_of(a));
    used = string_length(a);
    offset = 0;
  }
  // Nobody else sees the units past `used`.
  string_copy_units(buffer->latin1, (buffer->cell.flags & STRING_WIDE) != 0,
                    used, string_view_of(b));
  buffer->cell.extra = used + string_length(b);
  return vm_string_new_slice(iso, buffer, offset, length);
}

String *vm_string_concat(Isolate *iso, String *a, String *b) {
  uint32_t length_a = string_length(a), length_b = string_length(b);
  if (length_a == 0) return b;
  if (length_b == 0) return a;
  uint32_t length = length_a + length_b;
  if (unlikely(length > STRING_MAX_LENGTH)) {
    vm_throw_range(iso, "Invalid string length");
    return NULL;
  }
  uint8_t either = a->cell.flags | b->cell.flags;
  bool is_wide = (either & STRING_WIDE) != 0;
  if (((size_t)length << is_wide) <= STRING_COPY_BYTES &&
      !(either & STRING_ROPE)) {
    String *s = vm_string_allocate(iso, length, is_wide);
    string_copy_units(s->latin1, is_wide, 0, string_view_of(a));
    string_copy_units(s->latin1, is_wide, length_a, string_view_of(b));
    return s;
  }
  if (!string_is_rope(b)) {
    if (is_end_of_buffer(a) && length_b <= LONGEST_EXTENSION) {
      // An extension that has to move pays only if more of them follow, which
      // short ones promise.
      if (length_b <= SHORT_APPEND ||
          (a->left->index - a->left->cell.extra >= length_b &&
           is_wide == ((a->cell.flags & STRING_WIDE) != 0)))
        return extend(iso, a, b, length);
    } else if (string_is_rope(a) && length_b <= SHORT_APPEND &&
               a->cell.aux >= SHORTEST_RUN &&
               (a->cell.aux == UINT16_MAX ||
                (uint32_t)a->cell.aux * SHORT_APPEND >= length_a)) {
      // The run of short appends is long enough to pay for copying all that
      // came before it, however often this happens.
      if (!vm_string_flatten(iso, a)) return NULL;
      if (is_end_of_buffer(a)) return extend(iso, a, b, length);
    }
  }
  return new_rope(iso, a, b, length, is_wide);
}

typedef struct NodeStack {
  String **nodes;
  size_t count, capacity;
  String *inline_nodes[STACK_INLINE];
} NodeStack;

static bool push(NodeStack *stack, String *node) {
  if (stack->count == stack->capacity) {
    size_t capacity = stack->capacity * 2;
    String **grown = stack->nodes == stack->inline_nodes
                         ? malloc(capacity * sizeof *grown)
                         : realloc(stack->nodes, capacity * sizeof *grown);
    if (!grown) return false;
    if (stack->nodes == stack->inline_nodes)
      memcpy(grown, stack->nodes, stack->count * sizeof *grown);
    stack->nodes = grown;
    stack->capacity = capacity;
  }
  stack->nodes[stack->count++] = node;
  return true;
}

// Writes the leaves of `rope` from the last one backwards, so that a tree that
// leans to the left, the usual one, needs no stack. Stops at unit `from`.
static bool write_leaves(String *rope, String *target, uint32_t from) {
  bool is_wide = (target->cell.flags & STRING_WIDE) != 0;
  // The nodes stay reachable from the rope, so the stack need not be a root.
  NodeStack stack = {.capacity = STACK_INLINE};
  stack.nodes = stack.inline_nodes;
  uint32_t cursor = string_length(rope);
  String *node = rope;
  bool done = true;
  for (;;) {
    while (string_is_rope(node)) {
      if (!push(&stack, node->left)) {
        done = false;
        goto out;
      }
      node = node->right;
    }
    cursor -= string_length(node);
    string_copy_units(target->latin1, is_wide, cursor, string_view_of(node));
    if (cursor <= from) break;
    node = stack.nodes[--stack.count];
  }
out:
  if (stack.nodes != stack.inline_nodes) free(stack.nodes);
  return done;
}

String *vm_string_flatten(Isolate *iso, String *s) {
  if (!string_is_rope(s)) return s;
  uint32_t length = string_length(s);
  bool is_wide = (s->cell.flags & STRING_WIDE) != 0;
  String *first = s->left;
  while (string_is_rope(first))
    first = first->left;
  bool was_flattened = (first->cell.flags & STRING_SLICE) &&
                       first->offset == 0 &&
                       first->cell.extra == first->left->cell.extra;
  String *target;
  uint32_t kept = 0; // units that are in place already
  if (is_end_of_buffer(first) && first->offset == 0 &&
      is_wide == ((first->cell.flags & STRING_WIDE) != 0) &&
      first->left->index >= length) {
    target = first->left;
    kept = string_length(first);
  } else {
    bool appends = s->cell.aux >= SHORTEST_RUN || was_flattened;
    target = new_target(iso, length, is_wide, appends);
    if (!target) return NULL;
  }
  if (!write_leaves(s, target, kept)) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  if (kept) target->cell.extra = length;
  gc_store_pointer(iso->heap, &s->left, target);
  gc_store_pointer(iso->heap, &s->right, NULL);
  __atomic_store_n(&s->cell.flags,
                   (uint8_t)((s->cell.flags & ~STRING_ROPE) | STRING_SLICE),
                   __ATOMIC_RELEASE);
  return s;
}
