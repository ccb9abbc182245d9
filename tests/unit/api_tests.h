// SPDX-License-Identifier: MIT
// What tests of the C API have in common. Included after <cmocka.h>.
#ifndef RILL_TESTS_UNIT_API_TESTS_H
#define RILL_TESTS_UNIT_API_TESTS_H

#include "rill.h"

// An isolate with these rights; max_heap 0: the default limit.
static inline rill_isolate *isolate(uint32_t allow, size_t max_heap) {
  rill_options options = RILL_OPTIONS_INIT;
  options.allow = allow;
  options.max_heap_bytes = max_heap;
  rill_isolate *iso = rill_isolate_new(&options);
  assert_non_null(iso);
  return iso;
}

#endif
