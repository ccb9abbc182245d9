// SPDX-License-Identifier: MIT
// rill-test262: runs the conformance suite from a checkout. The parent hands
// files to worker processes, so that a crash or a hang costs one test.
#ifndef RILL_TESTS_CONFORMANCE_TEST262_H
#define RILL_TESTS_CONFORMANCE_TEST262_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/runtime.h"

enum {
  FLAG_ONLY_STRICT = 1 << 0,
  FLAG_NO_STRICT = 1 << 1,
  FLAG_MODULE = 1 << 2,
  FLAG_RAW = 1 << 3,
  FLAG_ASYNC = 1 << 4,
  FLAG_CAN_BLOCK_FALSE = 1 << 5, // the main agent must not be able to block
  FLAG_CAN_BLOCK_TRUE = 1 << 6,
};

typedef enum {
  NEGATIVE_NONE,
  NEGATIVE_PARSE,
  NEGATIVE_RESOLUTION,
  NEGATIVE_RUNTIME,
} NegativePhase;

// --stress-jit, --stress-gc: as in RuntimeOptions. Set before workers start.
extern bool stress_jit;
extern int stress_gc;

// The YAML front matter of a test.
typedef struct Metadata {
  uint32_t flags;
  NegativePhase negative;
  char negative_type[64];
  char includes[16][96];
  int include_count;
  char features[16][48];
  int feature_count;
} Metadata;
void test262_metadata(const char *text, size_t length, Metadata *out);
bool test262_has_feature(const Metadata *, const char *name);
// Whether the flags ask for a run in this mode.
bool test262_runs_in(const Metadata *, bool strict);

// worker.c: one file in each mode that it asks for: sloppy, strict, or both. A
// run is one file in one mode.
enum { MESSAGE_BYTES = 800 };
typedef struct FileResult {
  int runs, failed;
  char message[MESSAGE_BYTES]; // why the first failing run failed
} FileResult;
void test262_run_file(const char *path, FileResult *out);

// A file of the suite, as the parent process sees it.
typedef struct Test {
  char *path; // below the suite
  int runs;   // that its flags ask for
  int failed; // runs; all of them until it has run
  uint32_t milliseconds;
  int features[16]; // indexes into feature_names
  int feature_count;
  bool is_expected_to_fail;
  char *message;
} Test;
extern Test *tests;
extern int test_count;
extern char suite[4096]; // its folder

// suite.c: which files there are, in the order of their paths.
extern char *feature_names[512];
extern int feature_count;
// `filter`: only paths with this text; NULL: all of language, built-ins and
// annexB but Temporal.
void test262_find(const char *filter);
void test262_add(const char *path_below_suite);
void test262_sort(void);

// pool.c: runs all tests in worker processes. A test that takes longer than the
// limit fails, and so does one that kills its process.
void test262_run_all(int jobs, int limit_seconds);

// report.c: the list of expected failures ("PATH  # REASON" a line), and what
// is printed. False: a listed file is not in the suite, or a line has no
// reason.
bool test262_read_expected(const char *path, bool suite_is_whole);
// Pass rates in runs. `all`: also what passes entirely.
void test262_print_directories(bool all);
void test262_print_features(bool all);
void test262_print_slowest(int count);
void test262_write_json(const char *path);

// host262.c: print and $262 in the current realm. What print got last, and
// whether $DONE was reported, is in the record.
typedef struct Test262Host {
  bool async_done, async_failed;
  char async_message[512];
} Test262Host;
extern Test262Host test262_host;
void test262_define_host(Runtime *);

// agents262.c: $262.agent of the main agent, and an end for agents left over.
Object *test262_agent_object(Isolate *);
void test262_agents_end(void);

#endif
