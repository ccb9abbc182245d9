// SPDX-License-Identifier: MIT
// Saved code that has been changed: it is refused, or what it does ends as any
// script does, with the isolate usable afterwards. The checksum is made to fit,
// so that the verifiers are what is tested. With -c FILES: each compiles, saves
// and loads, and saving what was loaded gives the same bytes.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rill.h"
#include "vm/bytecode/serialize.h"

static const char *const corpus[] = {
    "let s = 0; for (let i = 0; i < 9; i++) s += i % 3 ? i : -i; s",
    "function f(a, b = 2, ...c) { return [a, b, c.length, arguments.length] }"
    "f(1); f(1, 2, 3, 4)",
    "class A { #x = 1; static s = 3; get x() { return this.#x }"
    " set x(v) { this.#x = v } #m() { return 7 } m() { return this.#m() }"
    " static { this.t = #x in new A } }"
    "class B extends A { y = super.m(); constructor() { super(); this.x += 1 } "
    "}"
    "new B().x + B.s",
    "function* g(n) { try { for (let i = 0; i < n; i++) yield () => i }"
    " finally { g.done = 1 } }"
    "let t = 0; for (const f of g(5)) { t += f(); if (t > 3) break } t",
    "async function a(x) { for await (const v of x) await v; return 5n ** 70n }"
    "a([1, Promise.resolve(2)]).catch(() => {})",
    "var o = {a: 1, b: [1, , 'x', -0, null, true], ['c' + 1]: /a(b)?/giu};"
    "var {a, ...r} = o; const [p, q, ...u] = o.b; for (const k in o) r[k] = 1;"
    "`x${a}y${JSON.stringify(r)}` + String.raw`a\\u{62}${p}`",
    "function e(x) { var y = 1; eval('var z = x + y'); with ({w: 2}) y += w;"
    " return z + y } e(3); delete globalThis.q; typeof nothing",
    "try { null.x } catch ({message}) { try { throw message } finally { 1 } }"
    "l: for (;;) { switch (3) { case 1: continue l; case 3: break l } }",
    "const d = (f) => (g = () => f(f), g); [3, 1, 2].sort((x, y) => x - y)"
    ".map((x) => x ?? 1).filter(Boolean)?.length; d((f) => typeof f)",
    "({ async *m() { yield* [1, 2]; await 0 }, get k() { return super.k },"
    " set k(v) {}, __proto__: { k: 3 } }).k; new.target",
};
enum { CORPUS = sizeof corpus / sizeof *corpus };

static rill_isolate *iso;

static void check(bool condition, const char *what) {
  if (condition) return;
  const rill_error *error = rill_get_error(iso);
  fprintf(stderr, "%s: %s\n", what,
          error->message != NULL ? error->message : "no error");
  abort();
}

static rill_isolate *isolate(void) {
  rill_options options = RILL_OPTIONS_INIT;
  options.max_heap_bytes = 64 << 20;
  rill_isolate *made = rill_isolate_new(&options);
  if (made == NULL) abort();
  return made;
}

// Runs it, for a moment.
static void run(rill_compiled *code) {
  rill_set_deadline(iso, 20);
  rill_run_compiled(iso, code);
  rill_set_deadline(iso, 0);
  rill_clear_error(iso);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static int runs;
  if (iso == NULL || ++runs % 1024 == 0) {
    if (iso != NULL) rill_isolate_free(iso);
    iso = isolate();
  }
  rill_scope scope;
  rill_scope_open(iso, &scope);
  rill_compiled *code = rill_compiled_load(iso, data, size);
  if (code != NULL) {
    run(code);
    rill_compiled_release(code);
    // Its jobs may go on for ever: a deadline for those, too.
    rill_set_deadline(iso, 20);
    if (rill_eval(iso, "1 + 1", RILL_TEXT_END, "after.js") == NULL) {
      check(rill_get_error(iso)->kind != RILL_ERROR_NONE, "no error");
      runs = -1; // another isolate
    }
    rill_set_deadline(iso, 0);
  }
  rill_clear_error(iso);
  rill_scope_close(iso, &scope);
  return 0;
}

#ifndef RILL_LIBFUZZER
static uint64_t state = 88172645463325252;

static uint32_t below(uint32_t bound) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)((state >> 32) % bound);
}

static void mutate(uint8_t *bytes, size_t length) {
  for (uint32_t n = 1 + below(3); n > 0; n--) {
    size_t at =
        BYTECODE_HEADER_SIZE + below((uint32_t)(length - BYTECODE_HEADER_SIZE));
    switch (below(5)) {
    case 0:
      bytes[at] ^= (uint8_t)(1 << below(8));
      break;
    case 1:
      bytes[at] = (uint8_t)below(256);
      break;
    case 2:
      bytes[at] = (uint8_t)below(8);
      break;
    case 3: // one near by
      bytes[at] = (uint8_t)(bytes[at] + (below(2) ? 1 : -1));
      break;
    default: // a word for another
      if (at + 16 < length) memcpy(bytes + at, bytes + at + 8, 8);
    }
  }
}

static rill_compiled *compile(const char *text, size_t length, rill_goal goal,
                              const char *name) {
  return rill_compile(iso, goal, text, length, name);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int fuzz(double seconds, uint64_t seed) {
  uint8_t *bytes[CORPUS * 2];
  size_t lengths[CORPUS * 2];
  state ^= seed * 0x9e3779b97f4a7c15;
  for (int i = 0; i < CORPUS * 2; i++) {
    rill_goal goal = i < CORPUS ? RILL_GOAL_SCRIPT : RILL_GOAL_ASYNC;
    rill_compiled *code =
        compile(corpus[i % CORPUS], RILL_TEXT_END, goal, "fuzz.js");
    bytes[i] = NULL;
    lengths[i] = 0;
    if (code == NULL) continue; // `new.target` is for functions only
    check(rill_compiled_save(iso, code, &bytes[i], &lengths[i]),
          corpus[i % CORPUS]);
    rill_compiled_release(code);
  }
  // Of the clock on the wall: scripts may wait.
  double end = now() + seconds;
  uint64_t tries = 0;
  while (now() < end) {
    int pick = (int)below(CORPUS * 2);
    if (bytes[pick] == NULL) continue;
    uint8_t *copy = malloc(lengths[pick]);
    if (copy == NULL) abort();
    memcpy(copy, bytes[pick], lengths[pick]);
    size_t length = lengths[pick];
    mutate(copy, length);
    bytecode_seal(copy, length);
    FILE *file = getenv("RILL_FUZZ_KEEP") != NULL
                     ? fopen(getenv("RILL_FUZZ_KEEP"), "wb")
                     : NULL;
    if (file != NULL) {
      fwrite(copy, 1, length, file);
      fclose(file);
    }
    LLVMFuzzerTestOneInput(copy, length);
    free(copy);
    tries++;
  }
  for (int i = 0; i < CORPUS * 2; i++)
    free(bytes[i]);
  printf("%llu changed texts\n", (unsigned long long)tries);
  return 0;
}

static char *read_file(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return NULL;
  fseek(file, 0, SEEK_END);
  *length = (size_t)ftell(file);
  rewind(file);
  char *text = malloc(*length + 1);
  if (text == NULL || fread(text, 1, *length, file) != *length) abort();
  fclose(file);
  return text;
}

// 0: as it should be, or it does not compile.
static int round_trip(const char *path, rill_goal goal) {
  size_t length;
  char *text = read_file(path, &length);
  if (text == NULL) return 0;
  rill_compiled *code = compile(text, length, goal, path), *again = NULL;
  free(text);
  if (code == NULL) return 0;
  uint8_t *one = NULL, *two = NULL;
  size_t one_length = 0, two_length = 0;
  bool done = rill_compiled_save(iso, code, &one, &one_length) &&
              (again = rill_compiled_load(iso, one, one_length)) != NULL &&
              rill_compiled_save(iso, again, &two, &two_length);
  if (!done) printf("%s: %s\n", path, rill_get_error(iso)->message);
  if (done && (one_length != two_length || memcmp(one, two, one_length) != 0)) {
    printf("%s: other bytes the second time\n", path);
    done = false;
  }
  free(one);
  free(two);
  rill_compiled_release(code);
  rill_compiled_release(again);
  return !done;
}

int main(int argc, char **argv) {
  iso = isolate();
  int failures = 0;
  if (argc > 1 && strcmp(argv[1], "-c") == 0) {
    for (int i = 2; i < argc; i++)
      for (int goal = RILL_GOAL_SCRIPT; goal <= RILL_GOAL_MODULE; goal++)
        failures += round_trip(argv[i], (rill_goal)goal);
  } else if (argc > 2 && strcmp(argv[1], "-f") == 0) {
    size_t length;
    char *bytes = read_file(argv[2], &length);
    if (bytes == NULL) return 1;
    LLVMFuzzerTestOneInput((const uint8_t *)bytes, length);
    free(bytes);
  } else {
    failures = fuzz(argc > 1 ? atof(argv[1]) : 5,
                    argc > 2 ? strtoull(argv[2], NULL, 10) : 0);
  }
  rill_isolate_free(iso);
  return failures != 0;
}
#endif
