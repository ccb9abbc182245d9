// SPDX-License-Identifier: MIT
// Work of the layers that know no isolate (parser, regular expressions, big
// integers), as the one for whom it is done sees it: whoever works asks now and
// then whether to go on. "No" is taken as running out of memory, which each of
// them can leave cleanly at any place; who gave the watch tells the two apart.
#ifndef RILL_VM_WORK_WATCH_H
#define RILL_VM_WORK_WATCH_H

#include <stdbool.h>
#include <stddef.h>

typedef struct WorkWatch {
  // On the worker's thread. Makes and throws nothing.
  bool (*goes_on)(void *data);
  void *data;
} WorkWatch;

// A watch of NULL never objects.
static inline bool watch_goes_on(const WorkWatch *watch) {
  return watch == NULL || watch->goes_on(watch->data);
}

#endif
