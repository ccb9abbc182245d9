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

// --stress-jit: as in RuntimeOptions. Set before the workers start.
extern bool stress_jit;

// The YAML front matter of a test.
typedef struct Metadata {
  uint32_t flags;
  NegativePhase negative;
  char negative_type[64];
  char includes[16][96];
  int include_count;
  bool uses_temporal;
} Metadata;
void test262_metadata(const char *text, size_t length, Metadata *out);

// One file in all of its modes. `message` gets why it failed.
bool test262_run_file(const char *suite, const char *path, char *message,
                      size_t size);

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
