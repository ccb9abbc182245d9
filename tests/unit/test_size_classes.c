// SPDX-License-Identifier: MIT
// The table of size classes, which the compiler makes.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// cmocka needs the three above first.
#include <cmocka.h>

#include "gc/heap.h"

static bool starts_at(const ClassInfo *info, uint32_t granule) {
  return (info->starts[granule / 64] >> (granule % 64)) & 1;
}

static void cells_begin_where_they_should(void **state) {
  (void)state;
  for (int c = 0; c < CLASS_COUNT; c++) {
    const ClassInfo *info = &gc_classes[c];
    assert_int_equal(info->granules * GC_GRANULE, info->bytes);
    assert_int_equal(info->cells, BLOCK_BYTES / info->bytes);
    for (uint32_t granule = 0; granule < BLOCK_GRANULES; granule++) {
      bool expected = granule % info->granules == 0 &&
                      granule / info->granules < info->cells;
      assert_int_equal(starts_at(info, granule), expected);
    }
    for (uint32_t offset = 0; offset < BLOCK_BYTES; offset++)
      assert_int_equal((uint64_t)offset * info->reciprocal >> 32,
                       offset / info->bytes);
  }
}

static void sizes_have_the_least_class(void **state) {
  (void)state;
  for (size_t bytes = 1; bytes <= GC_MAX_SMALL; bytes++) {
    uint32_t c = gc_size_class(bytes);
    assert_true(gc_class_bytes[c] >= bytes);
    assert_true(c == 0 || gc_class_bytes[c - 1] < bytes);
    assert_int_equal(gc_class_bytes[c], gc_classes[c].bytes);
  }
  for (size_t bytes = GC_MAX_SMALL + 1; bytes <= GC_MAX_MEDIUM; bytes++) {
    uint32_t c = gc_medium_class(bytes);
    assert_true(gc_classes[c].bytes >= bytes);
    assert_true(gc_classes[c - 1].bytes < bytes);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cells_begin_where_they_should),
      cmocka_unit_test(sizes_have_the_least_class),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
