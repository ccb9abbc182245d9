// SPDX-License-Identifier: MIT
// Slabs: records lie where they should, are given out once, and the list has
// the slabs with room.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// cmocka needs the three above first.
#include <cmocka.h>

#include "runtime/slab.h"

enum { COUNT = 3, SLABS = 4 };
typedef struct Record {
  void *first;
  uint32_t number;
} Record;
typedef struct Records {
  Slab slab;
  Record records[COUNT];
} Records;

static Record *take(Records *r) {
  return slab_take(&r->slab, r->records, sizeof(Record), COUNT);
}

static uint32_t length(const Slab *roomy) {
  uint32_t slabs = 0;
  for (; roomy != NULL; roomy = roomy->next)
    slabs++;
  return slabs;
}

static void records_are_used_again(void **state) {
  (void)state;
  Records r = {0};
  Slab *roomy = NULL;
  slab_link(&roomy, &r.slab);
  for (uint32_t i = 0; i < COUNT; i++) {
    assert_ptr_equal(roomy, &r.slab);
    Record *record = take(&r);
    assert_ptr_equal(record, &r.records[i]);
    record->number = i;
  }
  assert_null(roomy); // it is full
  assert_false(slab_give(&roomy, &r.slab, &r.records[2], COUNT));
  assert_ptr_equal(roomy, &r.slab);
  assert_false(slab_give(&roomy, &r.slab, &r.records[0], COUNT));
  assert_ptr_equal(take(&r), &r.records[0]); // the last one that came back
  assert_ptr_equal(take(&r), &r.records[2]);
  assert_int_equal(r.records[2].number, 2); // all but its first word is left
  assert_null(roomy);
  assert_false(slab_give(&roomy, &r.slab, &r.records[0], COUNT));
  assert_false(slab_give(&roomy, &r.slab, &r.records[1], COUNT));
  assert_true(slab_give(&roomy, &r.slab, &r.records[2], COUNT));
  assert_true(slab_is_only_one(&roomy, &r.slab));
  assert_int_equal(r.slab.untouched, COUNT);
}

static void the_list_has_those_with_room(void **state) {
  (void)state;
  Records all[SLABS] = {0};
  Slab *roomy = NULL;
  for (uint32_t i = 0; i < SLABS; i++)
    slab_link(&roomy, &all[i].slab);
  assert_int_equal(length(roomy), SLABS);
  // One in the middle, the first and the last one leave it as they fill.
  static const uint32_t order[] = {1, SLABS - 1, 0, 2};
  for (uint32_t i = 0; i < SLABS; i++) {
    for (uint32_t j = 0; j < COUNT; j++)
      take(&all[order[i]]);
    assert_int_equal(length(roomy), SLABS - 1 - i);
  }
  for (uint32_t i = 0; i < SLABS; i++) {
    assert_false(slab_give(&roomy, &all[i].slab, &all[i].records[1], COUNT));
    assert_ptr_equal(roomy, &all[i].slab);
    assert_int_equal(length(roomy), i + 1);
  }
  for (uint32_t i = 0; i < SLABS; i++) {
    bool is_last = i == SLABS - 1;
    assert_int_equal(slab_is_only_one(&roomy, &all[i].slab), is_last);
    slab_unlink(&all[i].slab);
    assert_int_equal(length(roomy), SLABS - 1 - i);
  }
  assert_null(roomy);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(records_are_used_again),
      cmocka_unit_test(the_list_has_those_with_room),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
