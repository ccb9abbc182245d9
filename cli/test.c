// SPDX-License-Identifier: MIT
// rill test PATHS...: lib/internal/test_main.js, with the command's arguments;
// and, for it, rill test --file [--count] JSON: one file of tests, by
// test_file.js, with coverage.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "vm/bytecode/coverage.h"

int cli_test(int argc, char **argv) {
  CliOptions options = {0};
  // What children get as well; the rest is test_main.js's.
  char **shared = calloc((size_t)argc * 2 + 2, sizeof *shared);
  char **own = shared + argc + 1;
  int shared_count = 0, own_count = 0;
  if (shared == NULL) return 1;
  Coverage *coverage = NULL;
  bool is_file = false, is_path = false;
  for (int i = 0; i < argc; i++) {
    int taken = 0;
    if (!is_path && strcmp(argv[i], "--file") == 0) {
      is_file = true;
      continue;
    }
    if (is_file && strcmp(argv[i], "--count") == 0) {
      // Optimized code does not count.
      options.runtime.no_jit = true;
      coverage = options.runtime.coverage = coverage_new();
      if (coverage == NULL) {
        free(shared);
        return 1;
      }
      continue;
    }
    if (strcmp(argv[i], "--") == 0) is_path = true;
    if (!is_path && argv[i][0] == '-') taken = cli_option(&options, argv[i]);
    if (taken < 0) {
      coverage_free(coverage);
      free(shared);
      return 2;
    }
    if (taken > 0) {
      shared[shared_count++] = argv[i];
    } else {
      own[own_count++] = argv[i];
    }
  }
  // What the file prints is one pipe, so that it keeps its order.
  if (is_file) dup2(STDOUT_FILENO, STDERR_FILENO);
  Runtime *rt = cli_runtime_new(&options);
  if (rt == NULL) {
    coverage_free(coverage);
    free(shared);
    return 1;
  }
  Array *argument =
      cli_two_lists(rt->isolate, own, own_count, shared, shared_count);
  free(shared);
  int code = 1;
  if (argument == NULL) {
    rt_uncaught(rt);
  } else {
    code = rt_run_builtin(
        rt, is_file ? "rill:internal/test_file" : "rill:internal/test_main",
        value_from_cell(argument));
  }
  cli_runtime_end(rt, &options);
  coverage_free(coverage);
  return code;
}
