// SPDX-License-Identifier: MIT
// An isolate runs soak.mjs for a stated time, and a thread beside it opens,
// uses and closes others, with a few of them alive at any time. Fails if a
// result is wrong or if resident memory grows after the warm-up.
//
//   soak soak.mjs [seconds=3600] [of warm-up] [between lines] [slack=0.1]
#include <pthread.h>
#include <rill.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ALIVE = 6, MAX_HEAP = 32 << 20 };

static atomic_bool is_over;
static atomic_uint_fast64_t closed;

static _Noreturn void fail(rill_isolate *iso, const char *what) {
  const rill_error *e = iso ? rill_get_error(iso) : NULL;
  printf("soak: FAILED: %s: %s\n", what, e && e->message ? e->message : "");
  exit(1);
}

// What an isolate does: a graph that is added up while garbage is made, a
// timer, and every third one runs into its limit and goes on.
static const char program[] =
    "const list = [];\n"
    "for (let i = 0; i < 3000; i++)\n"
    "  list.push(i & 1 ? { i } : new Map([['i', i]]));\n"
    "const add = () => list.reduce(\n"
    "  (sum, x) => sum + (x.i ?? x.get('i')), 0);\n"
    "const weak = new WeakMap();\n"
    "for (let i = 0; i < 20000; i++)\n"
    "  weak.set({ i }, [new Uint8Array(100), 'x' + i]);\n"
    "await new Promise((resolve) => setTimeout(resolve, 1 + seed % 7));\n"
    "let caught = 0;\n"
    "if (seed % 3 === 0) {\n"
    "  let all = [];\n"
    "  try {\n"
    "    for (;;) all.push(new Array(1000).fill({ seed }));\n"
    "  } catch (e) { all = null; caught = e instanceof RangeError ? 1 : 2; }\n"
    "}\n"
    "export const result = add() * 10 + caught;\n";

typedef struct Member {
  rill_isolate *iso;
  rill_value result;
} Member;

static void open_one(Member *m, uint64_t seed) {
  rill_options options = RILL_OPTIONS_INIT;
  options.max_heap_bytes = MAX_HEAP;
  options.allow = RILL_ALLOW_CONSOLE;
  m->iso = rill_isolate_new(&options);
  if (m->iso == NULL) fail(NULL, "no isolate");
  rill_set(m->iso, rill_global(m->iso), "seed",
           rill_number(m->iso, (double)seed));
  rill_value module =
      rill_eval_module(m->iso, program, RILL_TEXT_END, "isolate.mjs");
  if (module == NULL) fail(m->iso, "an isolate");
  double result = rill_to_number(m->iso, rill_get(m->iso, module, "result"));
  double expected = 3000.0 * 2999 / 2 * 10 + (seed % 3 == 0);
  if (result != expected) {
    printf("soak: an isolate computed %.0f, not %.0f\n", result, expected);
    fail(NULL, "a result is wrong");
  }
}

static void *open_and_close(void *unused) {
  (void)unused;
  Member members[ALIVE] = {0};
  for (uint64_t i = 0; !atomic_load(&is_over); i++) {
    Member *m = &members[i * 7 % ALIVE];
    if (m->iso != NULL) {
      rill_isolate_free(m->iso);
      atomic_fetch_add(&closed, 1);
    }
    open_one(m, i);
    nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
  }
  for (int i = 0; i < ALIVE; i++) {
    if (members[i].iso != NULL) rill_isolate_free(members[i].iso);
  }
  return NULL;
}

static rill_value count_isolates(rill_isolate *iso, void *data,
                                 rill_value this_value, size_t count,
                                 const rill_value *arguments) {
  (void)this_value, (void)count, (void)arguments, (void)data;
  return rill_number(iso, (double)atomic_load(&closed));
}

static rill_value fail_by_script(rill_isolate *iso, void *data,
                                 rill_value this_value, size_t count,
                                 const rill_value *arguments) {
  const char *text = count > 0 ? rill_to_string(iso, arguments[0], NULL) : NULL;
  fail(NULL, text ? text : "?");
}

static char *read_file(const char *path) {
  FILE *f = fopen(path, "rb");
  if (f == NULL) return NULL;
  char *text = NULL;
  size_t length = 0, got;
  do {
    text = realloc(text, length + 65536);
    if (text == NULL) break;
    got = fread(text + length, 1, 65535, f);
    length += got;
  } while (got > 0);
  fclose(f);
  if (text != NULL) text[length] = 0;
  return text;
}

static double argument(int argc, char **argv, int i, double otherwise) {
  return argc > i ? atof(argv[i]) : otherwise;
}

int main(int argc, char **argv) {
  double seconds = argument(argc, argv, 2, 3600);
  double warm_up = argument(argc, argv, 3, seconds < 1800 ? seconds / 3 : 600);
  double minute = argument(argc, argv, 4, seconds < 600 ? seconds / 10 : 60);
  double slack = argument(argc, argv, 5, 0.1);
  setvbuf(stdout, NULL, _IOLBF, 0);
  char *path = argc > 1 ? realpath(argv[1], NULL) : NULL;
  char *source = path ? read_file(path) : NULL;
  if (source == NULL) fail(NULL, "the script cannot be read");

  rill_options options = RILL_OPTIONS_INIT;
  options.allow = RILL_ALLOW_ALL;
  rill_isolate *iso = rill_isolate_new(&options);
  if (iso == NULL) fail(NULL, "no isolate");
  rill_value soak = rill_object(iso);
  rill_set(iso, soak, "seconds", rill_number(iso, seconds));
  rill_set(iso, soak, "warmUp", rill_number(iso, warm_up));
  rill_set(iso, soak, "minute", rill_number(iso, minute));
  rill_set(iso, soak, "slack", rill_number(iso, slack));
  rill_set(iso, soak, "isolates",
           rill_function_new(iso, "isolates", count_isolates, NULL));
  rill_set(iso, soak, "fail",
           rill_function_new(iso, "fail", fail_by_script, NULL));
  rill_set(iso, rill_global(iso), "soak", soak);

  pthread_t thread;
  if (pthread_create(&thread, NULL, open_and_close, NULL) != 0) {
    fail(NULL, "no thread");
  }
  rill_value done = rill_eval_module(iso, source, RILL_TEXT_END, path);
  if (done == NULL) fail(iso, "soak.mjs");
  atomic_store(&is_over, true);
  pthread_join(thread, NULL);
  rill_isolate_free(iso);
  free(source);
  free(path);
  return 0;
}
