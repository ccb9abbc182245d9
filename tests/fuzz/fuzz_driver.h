// SPDX-License-Identifier: MIT
// Runs a libFuzzer target without libFuzzer, for a bounded time: mutations of a
// built-in corpus from a fixed seed, so that a failure can be repeated.
//   PROGRAM [SECONDS [SEED]]   or   PROGRAM -f FILE
#ifndef RILL_TESTS_FUZZ_FUZZ_DRIVER_H
#define RILL_TESTS_FUZZ_FUZZ_DRIVER_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FUZZ_LARGEST = 4096 };

static uint64_t fuzz_state;
static uint8_t fuzz_input[FUZZ_LARGEST];
static size_t fuzz_size;

static uint32_t fuzz_random(uint32_t bound) {
  fuzz_state ^= fuzz_state << 13;
  fuzz_state ^= fuzz_state >> 7;
  fuzz_state ^= fuzz_state << 17;
  return (uint32_t)((fuzz_state >> 32) % bound);
}

// Leaves the failing input where it can be replayed.
static void fuzz_failed(int number) {
  static const char path[] = "fuzz-failure.bin";
  FILE *file = fopen(path, "wb");
  if (file) {
    fwrite(fuzz_input, 1, fuzz_size, file);
    fclose(file);
    fprintf(stderr, "input written to %s\n", path);
  }
  signal(number, SIG_DFL);
  raise(number);
}

static void fuzz_replace(size_t at, size_t removed, const char *bytes,
                         size_t added) {
  if (at > fuzz_size) at = fuzz_size;
  if (removed > fuzz_size - at) removed = fuzz_size - at;
  if (fuzz_size - removed + added > FUZZ_LARGEST) return;
  memmove(fuzz_input + at + added, fuzz_input + at + removed,
          fuzz_size - at - removed);
  memcpy(fuzz_input + at, bytes, added);
  fuzz_size = fuzz_size - removed + added;
}

static void fuzz_mutate(const char *const *corpus, size_t count) {
  static const char bytes[] = "(){}[];,.=>`'\"/*\\#?:&|!~+-%<^$ \n01axe\xff";
  size_t at = 1 + fuzz_random((uint32_t)fuzz_size);
  const char *other = corpus[fuzz_random((uint32_t)count)];
  size_t length = strlen(other);
  size_t from = fuzz_random((uint32_t)length);
  size_t size = fuzz_random(24);
  if (size > length - from) size = length - from;
  switch (fuzz_random(6)) {
  case 0: // one odd byte
    fuzz_replace(at, fuzz_random(2), &bytes[fuzz_random(sizeof(bytes) - 1)], 1);
    break;
  case 1: // remove
    fuzz_replace(at, 1 + fuzz_random(12), "", 0);
    break;
  case 2: // repeat a piece of itself
    if (at < fuzz_size) {
      char piece[64];
      size_t most = fuzz_size - at < sizeof(piece) ? fuzz_size - at : 64;
      memcpy(piece, fuzz_input + at, most);
      fuzz_replace(at, 0, piece, 1 + fuzz_random((uint32_t)most));
    }
    break;
  case 3: { // any byte
    char byte = (char)fuzz_random(256);
    fuzz_replace(at, 1, &byte, 1);
    break;
  }
  default: // a piece of another
    fuzz_replace(at, fuzz_random(2) ? size : 0, other + from, size);
  }
}

static int fuzz_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return 1;
  fuzz_size = fread(fuzz_input, 1, FUZZ_LARGEST, file);
  fclose(file);
  return LLVMFuzzerTestOneInput(fuzz_input, fuzz_size);
}

static inline int fuzz_main(int argc, char **argv, const char *const *corpus,
                            size_t count) {
  if (argc == 3 && strcmp(argv[1], "-f") == 0) return fuzz_file(argv[2]);
  double seconds = argc > 1 ? atof(argv[1]) : 5;
  uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
  signal(SIGSEGV, fuzz_failed);
  signal(SIGABRT, fuzz_failed);
  clock_t end = clock() + (clock_t)(seconds * CLOCKS_PER_SEC);
  uint64_t runs = 0;
  for (; clock() < end; runs++) {
    fuzz_state = (seed * 0x9e3779b97f4a7c15u + runs) * 0xbf58476d1ce4e5b9u | 1;
    for (int i = 0; i < 8; i++)
      fuzz_random(2);
    const char *text = corpus[fuzz_random((uint32_t)count)];
    fuzz_size = 0;
    char mode = (char)fuzz_random(256);
    fuzz_replace(0, 0, &mode, 1);
    fuzz_replace(1, 0, text, strlen(text));
    for (uint32_t k = fuzz_random(8) + 1; k > 0; k--)
      fuzz_mutate(corpus, count);
    LLVMFuzzerTestOneInput(fuzz_input, fuzz_size);
  }
  printf("%llu inputs\n", (unsigned long long)runs);
  return 0;
}

#endif
