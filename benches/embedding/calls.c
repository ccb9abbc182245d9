// SPDX-License-Identifier: MIT
// What a call across the border costs: from C into a script's function, and
// from a script into a native function; nanoseconds of the processor, the best
// of eleven rounds.
#include <rill.h>
#include <stdio.h>
#include <stdlib.h>

#include "measure.h"

enum { CALLS = 1000000, ROUNDS = 11 };

static rill_value add(rill_isolate *iso, void *data, rill_value this_value,
                      size_t count, const rill_value *arguments) {
  (void)data;
  (void)this_value;
  if (count < 2) return rill_throw_error(iso, "two numbers are needed");
  return rill_number(iso, rill_to_number(iso, arguments[0]) +
                              rill_to_number(iso, arguments[1]));
}

static double into_script(rill_isolate *iso, rill_value function) {
  double start = nanoseconds_of(CLOCK_THREAD_CPUTIME_ID), sum = 0;
  for (int i = 0; i < CALLS; i++) {
    rill_scope scope;
    rill_scope_open(iso, &scope);
    rill_value arguments[] = {rill_number(iso, i), rill_number(iso, 1)};
    rill_value result = rill_call(iso, function, NULL, 2, arguments);
    if (result == NULL) exit(1);
    sum += rill_to_number(iso, result);
    rill_scope_close(iso, &scope);
  }
  if (sum != (double)CALLS * (CALLS + 1) / 2) exit(1);
  return (nanoseconds_of(CLOCK_THREAD_CPUTIME_ID) - start) / CALLS;
}

static double run(rill_isolate *iso, rill_value loop) {
  rill_scope scope;
  rill_scope_open(iso, &scope);
  double start = nanoseconds_of(CLOCK_THREAD_CPUTIME_ID);
  rill_value calls = rill_number(iso, CALLS);
  if (rill_call(iso, loop, NULL, 1, &calls) == NULL) exit(1);
  double each = (nanoseconds_of(CLOCK_THREAD_CPUTIME_ID) - start) / CALLS;
  rill_scope_close(iso, &scope);
  return each;
}

int main(void) {
  rill_isolate *iso = rill_isolate_new(NULL);
  if (iso == NULL || !rill_define(iso, "add", add, NULL)) return 1;
  rill_value plus =
      rill_eval(iso, "(a, b) => a + b", RILL_TEXT_END, "calls.js");
  rill_value into_native = rill_eval(
      iso, "(n) => { let s = 0; for (let i = 0; i < n; i++) s = add(s, i); }",
      RILL_TEXT_END, "calls.js");
  rill_value empty_loop = rill_eval(
      iso, "(n) => { let s = 0; for (let i = 0; i < n; i++) s = s + i; }",
      RILL_TEXT_END, "calls.js");
  if (plus == NULL || into_native == NULL || empty_loop == NULL) return 1;
  double best[3] = {1e9, 1e9, 1e9};
  for (int i = 0; i < ROUNDS; i++) {
    double times[] = {into_script(iso, plus), run(iso, into_native),
                      run(iso, empty_loop)};
    for (int j = 0; j < 3; j++)
      if (times[j] < best[j]) best[j] = times[j];
  }
  printf("C into a script's function and back: %.1f ns\n", best[0]);
  printf("script into a native function and back: %.1f ns\n",
         best[1] - best[2]);
  rill_isolate_free(iso);
}
