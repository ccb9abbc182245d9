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

// Appends short units to a slice that ends its buffer.
static String *extend(Isolate *iso, String *a, StringView b, uint32_t length) {
  String *buffer = a->left;
  uintptr_t offset = a->offset;
  bool is_wide = (a->cell.flags & STRING_WIDE) || b.is_wide;
  uint32_t used = buffer->cell.extra;
  if ((is_wide && !(a->cell.flags & STRING_WIDE)) ||
      buffer->index - used < b.length) {
    buffer = new_target(iso, length, is_wide, true);
    if (!buffer) return NULL;
    string_copy_units(buffer->latin1, is_wide, 0, string_view_of(a));
    used = string_length(a);
    offset = 0;
  }
  // Nobody else sees the units past `used`.
  string_copy_units(buffer->latin1, (buffer->cell.flags & STRING_WIDE) != 0,
                    used, b);
  buffer->cell.extra = used + b.length;
  return vm_string_new_slice(iso, buffer, offset, length);
}

// A flat copy of two views.
static String *join(Isolate *iso, StringView a, StringView b) {
  bool is_wide = a.is_wide || b.is_wide;
  String *s = vm_string_allocate(iso, (size_t)a.length + b.length, is_wide);
  if (!s) return NULL;
  string_copy_units(s->latin1, is_wide, 0, a);
  string_copy_units(s->latin1, is_wide, a.length, b);
  return s;
}

static inline bool is_short(uint32_t length, bool is_wide) {
  return ((size_t)length << is_wide) <= STRING_COPY_BYTES;
}

static String *too_long(Isolate *iso) {
  vm_throw_range(iso, "Invalid string length");
  return NULL;
}

// The string that `a` with the units of `b` behind it is, where that needs
// neither a rope nor a cell for `b`. *threw: memory is out.
static String *append_units(Isolate *iso, String *a, StringView b,
                            uint32_t length, bool *threw) {
  bool is_wide = (a->cell.flags & STRING_WIDE) || b.is_wide;
  if (!string_is_rope(a)) {
    if (is_short(length, is_wide)) return join(iso, string_view_of(a), b);
    // An extension that has to move pays only if more of them follow, which
    // short ones promise.
    if (is_end_of_buffer(a) && b.length <= LONGEST_EXTENSION &&
        (b.length <= SHORT_APPEND ||
         (a->left->index - a->left->cell.extra >= b.length &&
          is_wide == ((a->cell.flags & STRING_WIDE) != 0)))) {
      String *s = extend(iso, a, b, length);
      *threw = !s;
      return s;
    }
    return NULL;
  }
  if (b.length <= SHORT_APPEND && a->cell.aux >= SHORTEST_RUN &&
      (a->cell.aux == UINT16_MAX ||
       (uint32_t)a->cell.aux * SHORT_APPEND >= string_length(a))) {
    // The run of short appends is long enough to pay for copying all that came
    // before it, however often this happens.
    String *s = vm_string_flatten(iso, a);
    if (s && is_end_of_buffer(a))
      s = extend(iso, a, b, length);
    else if (s)
      return NULL;
    *threw = !s;
    return s;
  }
  return NULL;
}

String *vm_string_concat(Isolate *iso, String *a, String *b) {
  uint32_t length_a = string_length(a), length_b = string_length(b);
  if (length_a == 0) return b;
  if (length_b == 0) return a;
  uint32_t length = length_a + length_b;
  if (unlikely(length > STRING_MAX_LENGTH)) return too_long(iso);
  if (!string_is_rope(b)) {
    bool threw = false;
    String *s = append_units(iso, a, string_view_of(b), length, &threw);
    if (s || unlikely(threw)) return s;
  }
  bool is_wide = ((a->cell.flags | b->cell.flags) & STRING_WIDE) != 0;
  return new_rope(iso, a, b, length, is_wide);
}

String *vm_string_append_latin1(Isolate *iso, String *a, const uint8_t *units,
                                uint32_t count) {
  StringView b = {units, count, false};
  uint32_t length = string_length(a) + count;
  if (unlikely(length > STRING_MAX_LENGTH)) return too_long(iso);
  if (count == 0) return a;
  if (string_length(a) > 0) {
    bool threw = false;
    String *s = append_units(iso, a, b, length, &threw);
    if (s || unlikely(threw)) return s;
  }
  String *tail = vm_string_from_latin1(iso, units, count);
  return tail ? vm_string_concat(iso, a, tail) : NULL;
}

String *vm_string_prepend_latin1(Isolate *iso, const uint8_t *units,
                                 uint32_t count, String *b) {
  uint32_t length = count + string_length(b);
  if (!string_is_rope(b) && string_length(b) > 0 && count > 0 &&
      is_short(length, (b->cell.flags & STRING_WIDE) != 0))
    return join(iso, (StringView){units, count, false}, string_view_of(b));
  String *head = vm_string_from_latin1(iso, units, count);
  return head ? vm_string_concat(iso, head, b) : NULL;
}

String *vm_string_concat_values(Isolate *iso, const Value *strings,
                                uint32_t count) {
  enum { LONGEST_COPY = 256 };
  size_t length = 0;
  uint8_t flags = 0;
  for (uint32_t i = 0; i < count; i++) {
    const String *s = value_as_string(strings[i]);
    flags |= s->cell.flags;
    length += string_length(s);
  }
  if (length <= 1 || length > LONGEST_COPY || (flags & STRING_ROPE)) {
    String *s = value_as_string(strings[0]);
    for (uint32_t i = 1; s && i < count; i++)
      s = vm_string_concat(iso, s, value_as_string(strings[i]));
    return s;
  }
  bool is_wide = (flags & STRING_WIDE) != 0;
  String *result = vm_string_allocate(iso, length, is_wide);
  if (!result) return NULL;
  size_t at = 0;
  for (uint32_t i = 0; i < count; i++) {
    StringView v = string_view_of(value_as_string(strings[i]));
    string_copy_units(result->latin1, is_wide, at, v);
    at += v.length;
  }
  return result;
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
