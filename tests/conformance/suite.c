// SPDX-License-Identifier: MIT
// The files of the suite and what their front matter says of them.
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/test262.h"

Test *tests;
int test_count;
char suite[4096];
char *feature_names[512];
int feature_count;

static int test_capacity;
static const char *path_filter;

static int feature_index(const char *name) {
  for (int i = 0; i < feature_count; i++) {
    if (strcmp(feature_names[i], name) == 0) return i;
  }
  if (feature_count == sizeof feature_names / sizeof *feature_names) return 0;
  feature_names[feature_count] = strdup(name);
  return feature_count++;
}

static void read_metadata(const char *path, Metadata *out) {
  char text[16384];
  size_t length = 0;
  FILE *file = fopen(path, "rb");
  if (file != NULL) {
    length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
  }
  text[length] = 0;
  test262_metadata(text, length, out);
}

static void add(const char *below, const Metadata *m) {
  if (test_count == test_capacity) {
    test_capacity = test_capacity * 2 + 1024;
    tests = realloc(tests, (size_t)test_capacity * sizeof *tests);
    if (tests == NULL) abort();
  }
  Test *t = &tests[test_count++];
  int runs = test262_runs_in(m, false) + test262_runs_in(m, true);
  *t = (Test){.path = strdup(below), .runs = runs, .failed = runs};
  for (int i = 0; i < m->feature_count; i++) {
    t->features[t->feature_count++] = feature_index(m->features[i]);
  }
}

void test262_add(const char *below) {
  char path[8192];
  snprintf(path, sizeof path, "%s/%s", suite, below);
  Metadata m;
  read_metadata(path, &m);
  add(below, &m);
}

static int visit(const char *path, const struct stat *info, int type,
                 struct FTW *unused) {
  size_t length = strlen(path);
  if (type != FTW_F || length < 3 || strcmp(path + length - 3, ".js") != 0 ||
      strstr(path, "_FIXTURE") != NULL || strstr(path, "/Temporal/") != NULL) {
    return 0;
  }
  const char *below = path + strlen(suite) + 1;
  if (path_filter != NULL && strstr(below, path_filter) == NULL) return 0;
  Metadata m;
  read_metadata(path, &m);
  if (!test262_has_feature(&m, "Temporal")) add(below, &m);
  return 0;
}

void test262_find(const char *filter) {
  static const char *const parts[] = {"annexB", "built-ins", "language"};
  path_filter = filter;
  for (int i = 0; i < 3; i++) {
    char folder[4200];
    snprintf(folder, sizeof folder, "%s/test/%s", suite, parts[i]);
    nftw(folder, visit, 32, FTW_PHYS);
  }
}

static int compare_tests(const void *a, const void *b) {
  return strcmp(((const Test *)a)->path, ((const Test *)b)->path);
}

void test262_sort(void) {
  qsort(tests, (size_t)test_count, sizeof *tests, compare_tests);
}
