// SPDX-License-Identifier: MIT
// Classes with strings (unicode sets mode): ECMA-262 22.2.2.9 CompileToCharSet
// wants the longest string tried first. Properties of emoji have thousands of
// strings, so they become a tree by their characters: at each of its places
// one way at most fits, and what ends there comes after what goes on.
#include <stdlib.h>

#include "vm/regexp/pattern.h"

enum {
  MAX_TREE_DEPTH = 64, // beyond it, one alternative for each string
  MAX_PLAIN_WAYS = 8,  // above, which half of the ways is looked up first
};

static Node *character_sequence(Parser *p, const ClassString *string,
                                uint32_t from, uint32_t to) {
  NodeList characters = {0};
  for (uint32_t i = from; i < to; i++) {
    regexp_append(p, &characters,
                  regexp_character_node(p, string->code_points[i]));
  }
  return regexp_node_of_list(p, NODE_SEQUENCE, &characters);
}

static int compare_lengths(const void *a, const void *b) {
  uint32_t x = (*(ClassString *const *)a)->length;
  uint32_t y = (*(ClassString *const *)b)->length;
  return (x < y) - (x > y);
}

static int compare_strings(const void *a, const void *b) {
  const ClassString *x = *(ClassString *const *)a;
  const ClassString *y = *(ClassString *const *)b;
  for (uint32_t i = 0; i < x->length && i < y->length; i++) {
    if (x->code_points[i] != y->code_points[i]) {
      return x->code_points[i] < y->code_points[i] ? -1 : 1;
    }
  }
  return (x->length > y->length) - (x->length < y->length);
}

// One alternative for each string, without the first `from` characters.
static void append_each(Parser *p, NodeList *list, ClassString **strings,
                        uint32_t count, uint32_t from) {
  qsort(strings, count, sizeof *strings, compare_lengths);
  for (uint32_t i = 0; i < count; i++) {
    if (strings[i]->length == from) continue; // the caller's
    regexp_append(p, list,
                  character_sequence(p, strings[i], from, strings[i]->length));
  }
}

// A way of the tree, with the characters it begins with.
typedef struct Way {
  CharacterSet *begins;
  Node *node;
} Way;

static Node *choose_way(Parser *p, const Way *ways, uint32_t count) {
  NodeList list = {0};
  if (count <= MAX_PLAIN_WAYS) {
    for (uint32_t i = 0; i < count; i++)
      regexp_append(p, &list, ways[i].node);
    return regexp_node_of_list(p, NODE_ALTERNATION, &list);
  }
  uint32_t half = count / 2;
  CharacterSet *begins = character_set_new(p->arena);
  for (uint32_t i = 0; i < half; i++) {
    character_set_add_all(p->arena, begins, ways[i].begins);
  }
  NodeList first = {0};
  Node *look = regexp_new_node(p, NODE_LOOK);
  look->first_group = look->end_group = p->group_count;
  look->child = regexp_set_node(p, begins);
  regexp_append(p, &first, look);
  regexp_append(p, &first, choose_way(p, ways, half));
  regexp_append(p, &list, regexp_node_of_list(p, NODE_SEQUENCE, &first));
  regexp_append(p, &list, choose_way(p, ways + half, count - half));
  return regexp_node_of_list(p, NODE_ALTERNATION, &list);
}

// What follows the first `from` characters, which sorted strings have in
// common. One that ends there adds nothing.
static void append_tree(Parser *p, NodeList *list, ClassString **strings,
                        uint32_t count, uint32_t from, uint32_t depth) {
  if (depth > MAX_TREE_DEPTH) {
    append_each(p, list, strings, count, from);
    return;
  }
  Way *ways = regexp_allocate(p->arena, count * sizeof *ways);
  uint32_t way_count = 0;
  for (uint32_t i = 0, end; i < count; i = end) {
    end = i + 1;
    if (strings[i]->length == from) continue;
    uint32_t c = strings[i]->code_points[from];
    while (end < count && strings[end]->code_points[from] == c)
      end++;
    // As far as these go together: being sorted, as the first and last do.
    const ClassString *first = strings[i], *last = strings[end - 1];
    uint32_t to = from + 1;
    while (to < first->length && to < last->length &&
           first->code_points[to] == last->code_points[to]) {
      to++;
    }
    NodeList items = {0};
    regexp_append(p, &items, character_sequence(p, first, from, to));
    if (end - i > 1) {
      NodeList rest = {0};
      append_tree(p, &rest, strings + i, end - i, to, depth + 1);
      if (first->length == to) {
        regexp_append(p, &rest, regexp_new_node(p, NODE_EMPTY));
      }
      regexp_append(p, &items, regexp_node_of_list(p, NODE_ALTERNATION, &rest));
    }
    CharacterSet *begins = character_set_new(p->arena);
    character_set_add(p->arena, begins, c, c);
    if (p->flags & REGEXP_IGNORE_CASE) {
      begins = character_set_close_case(p->arena, begins, p->unicode);
    }
    ways[way_count++] =
        (Way){begins, regexp_node_of_list(p, NODE_SEQUENCE, &items)};
  }
  if (way_count) regexp_append(p, list, choose_way(p, ways, way_count));
}

Node *regexp_strings_node(Parser *p, CharacterSet *set, ClassString *strings) {
  uint32_t count = 0;
  for (ClassString *s = strings; s; s = s->next)
    count++;
  if (!count) return regexp_set_node(p, set);
  ClassString **sorted = regexp_allocate(p->arena, count * sizeof *sorted);
  bool has_empty = false;
  count = 0;
  for (ClassString *s = strings; s; s = s->next) {
    sorted[count++] = s;
    has_empty |= s->length == 0;
  }
  qsort(sorted, count, sizeof *sorted, compare_strings);
  // Equal ones: case folding has made them so.
  uint32_t kept = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (kept && !compare_strings(&sorted[kept - 1], &sorted[i])) continue;
    sorted[kept++] = sorted[i];
  }
  NodeList list = {0};
  // Behind, the last character decides: a tree would try them out of order.
  if (p->behind) {
    append_each(p, &list, sorted, kept, 0);
  } else {
    append_tree(p, &list, sorted, kept, 0, 0);
  }
  character_set_normalize(set);
  if (set->count) regexp_append(p, &list, regexp_set_node(p, set));
  if (has_empty) regexp_append(p, &list, regexp_new_node(p, NODE_EMPTY));
  if (!list.count) return regexp_set_node(p, set);
  return regexp_node_of_list(p, NODE_ALTERNATION, &list);
}
