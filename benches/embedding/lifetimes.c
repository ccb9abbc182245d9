// SPDX-License-Identifier: MIT
// What is promised of isolates in numbers, as a test: OPENED (default 10,000)
// are opened, used and closed one after the other, and resident memory stays
// flat; ALIVE (default 1,000) at once take at most 100 KiB each, and give it
// back. Exits with 1 if one of these does not hold; with 77 under sanitizers,
// which keep what was freed.
//
//   lifetimes [OPENED [ALIVE]]
#include <rill.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "measure.h"

enum { MOST_KIB_EACH = 100, FLAT_KIB = 2048 };

static double resident_kib(void) {
  return resident_bytes() / 1024;
}

static rill_isolate *opened(const char *source) {
  rill_isolate *iso = rill_isolate_new(NULL);
  if (iso != NULL && rill_eval(iso, source, RILL_TEXT_END, "use.js") != NULL)
    return iso;
  fprintf(stderr, "lifetimes: an isolate failed\n");
  exit(1);
}

static bool holds(bool is_so) {
  if (!is_so) printf("FAILED: the line above\n");
  return is_so;
}

// Objects, a Map, a buffer and a regular expression.
static const char work[] =
    "const list = [], map = new Map();"
    "for (let i = 0; i < 200; i++) list.push({ i, text: 'x' + i });"
    "for (const x of list) map.set(x.text, x);"
    "new Uint8Array(3000).fill(1).reduce((a, b) => a + b)"
    "  + /x(\\d+)/.exec(list[7].text)[1] * 1";

static bool one_after_the_other(int count) {
  double warm = 0, most = 0;
  for (int i = 0; i < count; i++) {
    rill_isolate_free(opened(work));
    double now = resident_kib();
    if (i == count / 10) warm = now;
    if (now > most) most = now;
  }
  double last = resident_kib();
  printf(
      "%d isolates opened, used and closed: resident %.1f MiB after a "
      "tenth, %.1f at the end, %.1f at most\n",
      count, warm / 1024, last / 1024, most / 1024);
  return holds(last < warm + FLAT_KIB);
}

static bool alive_at_once(int count) {
  rill_isolate **all = calloc((size_t)count, sizeof *all);
  if (all == NULL) return false;
  double before = resident_kib();
  for (int i = 0; i < count; i++)
    all[i] = opened("1 + 1");
  double each = (resident_kib() - before) / count;
  for (int i = 0; i < count; i++)
    rill_isolate_free(all[i]);
  printf(
      "%d isolates alive at once: %.1f KiB each; after closing them %.0f "
      "KiB more than before\n",
      count, each, resident_kib() - before);
  free(all);
  return holds(each <= MOST_KIB_EACH);
}

int main(int argc, char **argv) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return 77;
#endif
  int count = argc > 1 ? atoi(argv[1]) : 10000;
  int alive = argc > 2 ? atoi(argv[2]) : 1000;
  if (count < 10 || alive < 1) return 2;
  rill_isolate *first = opened(work); // what the process needs once
  bool done = alive_at_once(alive);
  done = one_after_the_other(count) && done;
  rill_isolate_free(first);
  return done ? 0 : 1;
}
