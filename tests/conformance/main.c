// SPDX-License-Identifier: MIT
// rill-test262: see usage() for its options.
//
// Exit code 0: all runs passed; or, with --expect, the files with failing runs
// are exactly the listed ones. The list may only shrink.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/conformance/test262.h"

typedef struct Options {
  const char *expect, *json, *list, *filter;
  int jobs, limit_seconds, slowest;
  bool is_verbose, show_all;
} Options;

static void usage(FILE *out) {
  fputs(
      "rill-test262 --suite DIR [OPTIONS] [FILES...]\n"
      "  --jobs N              worker processes (default: processors)\n"
      "  --filter TEXT         only paths that contain it\n"
      "  --expect FILE         expected failures, \"PATH  # REASON\" a line\n"
      "  --list-failures FILE  writes the paths of failing files\n"
      "  --json FILE           writes totals and failures\n"
      "  --slowest N           prints the N slowest files\n"
      "  --timeout SECONDS     for a file (default 20)\n"
      "  --all                 tables also show what passes entirely\n"
      "  --stress-jit          compiles everything at once\n"
      "  --stress-gc N         collects at every Nth slow allocation\n"
      "  --verbose, -v         prints every failure\n",
      out);
}

static bool set_option(Options *o, const char *name, const char *value) {
  if (strcmp(name, "--suite") == 0) {
    if (realpath(value, suite) != NULL) return true;
    perror(value);
    exit(2);
  }
  const struct {
    const char *name;
    const char **text;
    int *number;
  } known[] = {
      {"--jobs", NULL, &o->jobs},
      {"--filter", &o->filter, NULL},
      {"--expect", &o->expect, NULL},
      {"--json", &o->json, NULL},
      {"--list-failures", &o->list, NULL},
      {"--slowest", NULL, &o->slowest},
      {"--stress-gc", NULL, &stress_gc},
      {"--timeout", NULL, &o->limit_seconds},
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (strcmp(name, known[i].name) != 0) continue;
    if (known[i].text != NULL) *known[i].text = value;
    if (known[i].number != NULL) *known[i].number = atoi(value);
    return true;
  }
  return false;
}

static void parse_options(Options *o, int argc, char **argv, char **files,
                          int *file_count) {
  struct {
    const char *name;
    bool *flag;
  } flags[] = {
      {"--verbose", &o->is_verbose},
      {"-v", &o->is_verbose},
      {"--all", &o->show_all},
      {"--stress-jit", &stress_jit},
  };
  for (int i = 1; i < argc; i++) {
    bool is_flag = false;
    for (size_t f = 0; f < sizeof flags / sizeof *flags; f++) {
      if (strcmp(argv[i], flags[f].name) == 0) *flags[f].flag = is_flag = true;
    }
    if (is_flag) continue;
    if (argv[i][0] != '-') {
      files[(*file_count)++] = argv[i];
    } else if (i + 1 == argc || !set_option(o, argv[i], argv[i + 1])) {
      fprintf(stderr, "no option %s, or its value is missing\n", argv[i]);
      exit(2);
    } else {
      i++;
    }
  }
  if (suite[0] == 0) {
    usage(stderr);
    exit(2);
  }
}

static void add_files(char **files, int count) {
  for (int i = 0; i < count; i++) {
    char *real = realpath(files[i], NULL);
    if (real == NULL || strncmp(real, suite, strlen(suite)) != 0) {
      fprintf(stderr, "%s is not in the suite\n", files[i]);
      exit(2);
    }
    test262_add(real + strlen(suite) + 1);
    free(real);
  }
}

// Prints what was not expected. False: something was not.
static bool compare_to_expected(const Options *o) {
  bool is_right = true;
  FILE *failures = o->list == NULL ? NULL : fopen(o->list, "w");
  for (int i = 0; i < test_count; i++) {
    const Test *t = &tests[i];
    if (t->failed == 0) {
      if (t->is_expected_to_fail) {
        printf("NOW PASSES %s: take it off the list\n", t->path);
        is_right = false;
      }
      continue;
    }
    if (failures != NULL) fprintf(failures, "%s\n", t->path);
    if (!t->is_expected_to_fail) is_right = false;
    if (o->is_verbose || (o->expect != NULL && !t->is_expected_to_fail)) {
      printf("FAIL %s\n     %s\n", t->path,
             t->message == NULL ? "" : t->message);
    }
  }
  if (failures != NULL) fclose(failures);
  return is_right;
}

int main(int argc, char **argv) {
  Options o = {.jobs = (int)sysconf(_SC_NPROCESSORS_ONLN), .limit_seconds = 20};
  char **files = calloc((size_t)argc, sizeof *files);
  if (files == NULL) return 2;
  int file_count = 0;
  parse_options(&o, argc, argv, files, &file_count);
  bool is_whole = file_count == 0 && o.filter == NULL;
  if (file_count > 0) {
    add_files(files, file_count);
  } else {
    test262_find(o.filter);
  }
  free(files);
  test262_sort();
  bool is_right = o.expect == NULL || test262_read_expected(o.expect, is_whole);
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  test262_run_all(o.jobs, o.limit_seconds);
  clock_gettime(CLOCK_MONOTONIC, &end);

  is_right &= compare_to_expected(&o);
  if (o.json != NULL) test262_write_json(o.json);
  int runs = 0, failed = 0, failed_files = 0;
  for (int i = 0; i < test_count; i++) {
    runs += tests[i].runs;
    failed += tests[i].failed;
    failed_files += tests[i].failed > 0;
  }
  if (failed > 0 || o.show_all) {
    printf("Runs by directory:\n");
    test262_print_directories(o.show_all);
    printf("Runs by feature:\n");
    test262_print_features(o.show_all);
  }
  if (o.slowest > 0) test262_print_slowest(o.slowest);
  printf(
      "%d of %d runs passed (%.2f %%): %d failed, in %d of %d files, in "
      "%.0f s\n",
      runs - failed, runs, runs == 0 ? 0.0 : 100.0 * (runs - failed) / runs,
      failed, failed_files, test_count,
      (double)(end.tv_sec - start.tv_sec) +
          (double)(end.tv_nsec - start.tv_nsec) / 1e9);
  return is_right ? 0 : 1;
}
