// SPDX-License-Identifier: MIT
// The list of expected failures, and what is said of a run of the suite.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiler/json_text.h"
#include "tests/conformance/test262.h"

static int compare_path(const void *key, const void *test) {
  return strcmp(key, ((const Test *)test)->path);
}

bool test262_read_expected(const char *path, bool suite_is_whole) {
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    perror(path);
    return false;
  }
  bool is_right = true;
  char line[4096];
  while (fgets(line, sizeof line, file) != NULL) {
    line[strcspn(line, "\r\n")] = 0;
    if (line[0] == 0 || line[0] == '#') continue;
    char *reason = strstr(line, "  # ");
    if (reason == NULL) {
      printf("NO REASON %s\n", line);
      is_right = false;
    } else {
      *reason = 0;
    }
    Test *test =
        bsearch(line, tests, (size_t)test_count, sizeof *tests, compare_path);
    if (test != NULL) {
      test->is_expected_to_fail = true;
    } else if (suite_is_whole) {
      printf("GONE %s (listed, but not in the suite)\n", line);
      is_right = false;
    }
  }
  fclose(file);
  return is_right;
}

static void print_rate(int passed, int runs, const char *name, size_t length) {
  printf("%7d/%-7d %5.1f %%  %.*s\n", passed, runs, 100.0 * passed / runs,
         (int)length, name);
}

// Three levels deep.
void test262_print_directories(bool all) {
  for (int i = 0; i < test_count;) {
    const char *name = tests[i].path;
    size_t length = strcspn(name, "/");
    for (int level = 0; level < 2 && name[length] != 0; level++) {
      length += 1 + strcspn(name + length + 1, "/");
    }
    int runs = 0, failed = 0;
    for (; i < test_count && strncmp(tests[i].path, name, length) == 0 &&
           (tests[i].path[length] == '/' || tests[i].path[length] == 0);
         i++) {
      runs += tests[i].runs;
      failed += tests[i].failed;
    }
    if (all || failed > 0) print_rate(runs - failed, runs, name, length);
  }
}

static int compare_names(const void *a, const void *b) {
  return strcmp(feature_names[*(const int *)a], feature_names[*(const int *)b]);
}

void test262_print_features(bool all) {
  int runs[512] = {0}, failed[512] = {0}, order[512];
  for (int i = 0; i < test_count; i++) {
    for (int f = 0; f < tests[i].feature_count; f++) {
      runs[tests[i].features[f]] += tests[i].runs;
      failed[tests[i].features[f]] += tests[i].failed;
    }
  }
  for (int i = 0; i < feature_count; i++)
    order[i] = i;
  qsort(order, (size_t)feature_count, sizeof *order, compare_names);
  for (int i = 0; i < feature_count; i++) {
    int f = order[i];
    if (all || failed[f] > 0) {
      print_rate(runs[f] - failed[f], runs[f], feature_names[f],
                 strlen(feature_names[f]));
    }
  }
}

static int compare_times(const void *a, const void *b) {
  const Test *x = *(Test *const *)a, *y = *(Test *const *)b;
  return (x->milliseconds < y->milliseconds) -
         (x->milliseconds > y->milliseconds);
}

void test262_print_slowest(int count) {
  Test **order = malloc((size_t)test_count * sizeof *order);
  if (order == NULL) return;
  for (int i = 0; i < test_count; i++)
    order[i] = &tests[i];
  qsort(order, (size_t)test_count, sizeof *order, compare_times);
  for (int i = 0; i < count && i < test_count; i++) {
    printf("%7u ms  %s\n", order[i]->milliseconds, order[i]->path);
  }
  free(order);
}

void test262_write_json(const char *path) {
  FILE *out = fopen(path, "w");
  if (out == NULL) {
    perror(path);
    exit(2);
  }
  int runs = 0, failed = 0;
  for (int i = 0; i < test_count; i++) {
    runs += tests[i].runs;
    failed += tests[i].failed;
  }
  fprintf(out, "{\"files\":%d,\"runs\":%d,\"failed\":%d,\"failures\":[",
          test_count, runs, failed);
  bool first = true;
  for (int i = 0; i < test_count; i++) {
    if (tests[i].failed == 0) continue;
    fprintf(out, "%s\n{\"path\":", first ? "" : ",");
    prof_write_json_string(out, tests[i].path);
    fprintf(out, ",\"runs\":%d,\"failed\":%d,\"message\":", tests[i].runs,
            tests[i].failed);
    prof_write_json_string(out, tests[i].message == NULL ? "" : tests[i].message);
    fprintf(out, "}");
    first = false;
  }
  fprintf(out, "\n]}\n");
  fclose(out);
}
