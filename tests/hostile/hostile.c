// SPDX-License-Identifier: MIT
// Runs the hostile scripts of this folder: each must end as its line says, at
// its limit if that is how, and what ran it must be good afterwards: an isolate
// of its own (C API: fuel, deadline, heap limit), a pool's worker, and all of
// them at once on a pool of two.
//
//   hostile [--only NAME] [--in isolate|pool|crowd] [--verbose] FILE...
//
// A file is a prelude, then cases, each begun by a line `//# name: ends`, where
// `ends` is one or more of (a | b: either):
//
//   fuel      never by itself: the fuel ends it, and, on a pool, the timeout
//   deadline  never by itself, waiting: the deadline or timeout ends it
//   memory    a RangeError of the heap's limit
//   stack     the RangeError of a stack's limit
//   value     it returns
//   error     any error is thrown, those two as well
//   NAME      an error of that name is thrown (TypeError, ...)
//
// `spoils` beside them: what it leaves behind spoils the isolate for others,
// and may have to be ended again; that it can be is all that is looked at.
//
// `full`: it leaves the heap full, so that only a pool's worker, which takes
// another isolate, is usable afterwards.
//
// `unsanitized`: it takes terabytes of address space, for which sanitizers
// write shadow memory; they leave it out.
//
// Prelude and case are one async function's body, in sloppy mode. The line
// `// isolate: fresh` says that a file's cases spoil their globals.
#include <ctype.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { IS_SANITIZED = 1 };
#else
enum { IS_SANITIZED = 0 };
#endif

enum {
  HEAP_BYTES = 32 << 20,
  FUEL = 200000,
  DEADLINE_MS = 30,
  HANG_MS = 120000, // for what ends by itself, on a busy machine
  SMALL_STACK = 1 << 20
};

typedef struct Case {
  char *name, *ends, *source;
  bool is_fresh;
} Case;

static struct {
  Case *cases;
  size_t count, capacity, failures, left_out;
  const char *only, *where;
  bool is_verbose;
} suite;

// What a handler of signals may tell.
static const char *_Atomic current_name = "", *_Atomic current_where = "";

static void tell(const char *text) {
  (void)!write(STDERR_FILENO, text, strlen(text));
}

static void crashed(int signal_number) {
  tell(signal_number == SIGALRM ? "\nHANGS: " : "\nCRASHED: ");
  tell(atomic_load(&current_name));
  tell(" in ");
  tell(atomic_load(&current_where));
  tell("\n");
  signal(signal_number, SIG_DFL);
  if (signal_number == SIGALRM) _exit(3);
  raise(signal_number);
}

static void catch_crashes(void) {
  static char stack[64 << 10];
  const stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
  struct sigaction action = {.sa_handler = crashed, .sa_flags = SA_ONSTACK};
  sigaltstack(&alternative, NULL);
  static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGALRM};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
    if (!IS_SANITIZED || signals[i] == SIGALRM)
      sigaction(signals[i], &action, NULL);
}

static void begin(const Case *c, const char *where) {
  atomic_store(&current_name, c->name);
  atomic_store(&current_where, where);
  alarm(HANG_MS / 1000 * 2);
  if (suite.is_verbose) fprintf(stderr, "%s in %s\n", c->name, where);
}

static void fail(const Case *c, const char *where, const char *what,
                 const char *detail) {
  suite.failures++;
  fprintf(stderr, "FAILED %s in %s (ends: %s): %s %.300s\n", c->name, where,
          c->ends, what, detail);
}

// Reading --------------------------------------------------------------------

static void *checked(void *memory) {
  if (memory != NULL) return memory;
  fprintf(stderr, "hostile: out of memory\n");
  exit(2);
}

static char *copy_of(const char *text, size_t length) {
  return checked(strndup(text, length));
}

static bool has_word(const char *ends, const char *word) {
  size_t length = strlen(word);
  for (const char *at = ends; (at = strstr(at, word)) != NULL; at += length)
    if ((at == ends || !isalpha((unsigned char)at[-1])) &&
        !isalpha((unsigned char)at[length]))
      return true;
  return false;
}

static void add_case(const char *file, const char *prelude, size_t length,
                     const char *head, const char *end, bool is_fresh) {
  const char *colon = strchr(head, ':'), *line_end = strchr(head, '\n');
  if (colon == NULL || line_end == NULL || colon > line_end) {
    fprintf(stderr, "hostile: %s: no end in `%.60s`\n", file, head);
    exit(2);
  }
  if (suite.count == suite.capacity) {
    suite.capacity = suite.capacity * 2 + 64;
    suite.cases =
        checked(realloc(suite.cases, suite.capacity * sizeof *suite.cases));
  }
  const char *base = strrchr(file, '/');
  base = base == NULL ? file : base + 1;
  Case c = {.is_fresh = is_fresh};
  c.name = checked(malloc(strlen(base) + (size_t)(colon - head) + 2));
  sprintf(c.name, "%.*s %.*s", (int)(strlen(base) - strlen(".js")), base,
          (int)(colon - head), head);
  c.ends = copy_of(colon + 2, (size_t)(line_end - colon - 2));
  bool is_left_out = IS_SANITIZED && has_word(c.ends, "unsanitized");
  suite.left_out += is_left_out;
  if (is_left_out ||
      (suite.only != NULL && strstr(c.name, suite.only) == NULL)) {
    free(c.name);
    free(c.ends);
    return;
  }
  size_t size = length + (size_t)(end - line_end) + 32;
  c.source = checked(malloc(size));
  snprintf(c.source, size, "(async () => {%.*s%.*s})()", (int)length, prelude,
           (int)(end - line_end), line_end);
  suite.cases[suite.count++] = c;
}

static void read_file(const char *path) {
  char *text = read_text(path);
  bool is_fresh = strstr(text, "\n// isolate: fresh\n") != NULL;
  const char *head = strstr(text, "\n//# ");
  size_t prelude = head == NULL ? 0 : (size_t)(head + 1 - text);
  while (head != NULL) {
    const char *next = strstr(head + 1, "\n//# ");
    const char *end = next == NULL ? text + strlen(text) : next + 1;
    add_case(path, text, prelude, head + strlen("\n//# "), end, is_fresh);
    head = next;
  }
  free(text);
}

// How it ended ---------------------------------------------------------------

typedef struct End {
  bool is_value, by_limit, by_fuel;
  const char *name, *message;
} End;

// Whether what came is what was announced.
static bool matches(const Case *c, const End *end, bool has_fuel) {
  if (end->by_limit)
    return (has_word(c->ends, "fuel") && (!has_fuel || end->by_fuel)) ||
           (has_word(c->ends, "deadline") && !end->by_fuel);
  if (end->is_value) return has_word(c->ends, "value");
  if (has_word(c->ends, "error")) return true;
  bool is_range = strcmp(end->name, "RangeError") == 0;
  if (is_range && (strcmp(end->message, "Out of memory") == 0 ||
                   strstr(end->message, "allocation failed") != NULL))
    return has_word(c->ends, "memory");
  if (is_range && strstr(end->message, "call stack") != NULL)
    return has_word(c->ends, "stack");
  return has_word(c->ends, end->name);
}

static void check_end(const Case *c, const char *where, const End *end,
                      bool has_fuel) {
  const char *how = end->is_value   ? "it returned"
                    : end->by_fuel  ? "the fuel ended it"
                    : end->by_limit ? "the deadline ended it"
                                    : "it threw";
  char text[256];
  snprintf(text, sizeof text, "%s%s%s", end->name, *end->name ? ": " : "",
           end->message);
  if (!matches(c, end, has_fuel)) {
    fail(c, where, how, text);
  } else if (suite.is_verbose) {
    fprintf(stderr, "  %s %s (%ld ms so far)\n", how, text,
            (long)(clock() / (CLOCKS_PER_SEC / 1000)));
  }
}

// Isolates -------------------------------------------------------------------

static bool silence_worker(void *data, rill_isolate *iso, uint32_t worker) {
  (void)data, (void)worker;
  silence(iso);
  return true;
}

static rill_options limits(void) {
  rill_options options = RILL_OPTIONS_INIT;
  options.allow = RILL_ALLOW_CONSOLE;
  options.max_heap_bytes = HEAP_BYTES;
  return options;
}

// It computes, allocates, calls builtins and makes promises. What the script
// changed for itself, it has changed: only what needs no globals then.
static const char *what_is_broken(rill_isolate *iso, bool is_spoiled) {
  static const char use[] =
      "(() => { const list = [];"
      "for (let i = 0; i < 2000; i++) list.push({ i, text: 'x' + i });"
      "const map = new Map(list.map((x) => [x.text, x.i]));"
      "const bytes = new Uint8Array(100000).fill(1);"
      "JSON.parse(JSON.stringify(list)).sort((a, b) => b.i - a.i);"
      "return map.get('x40') + /x(\\d)/.exec('x2')[1] * 1 + bytes[99999] - 1"
      "})()";
  rill_scope scope;
  rill_scope_open(iso, &scope);
  rill_set_deadline(iso, HANG_MS);
  const char *broken = NULL;
  rill_value value = rill_eval(iso, "1 + 1", RILL_TEXT_END, "health.js");
  if (value == NULL || rill_to_number(iso, value) != 2) {
    broken = "1 + 1 fails";
  } else if (!is_spoiled) {
    value = rill_eval(iso, use, RILL_TEXT_END, "health.js");
    if (value == NULL || rill_to_number(iso, value) != 42)
      broken = "builtins fail";
    value = broken != NULL ? NULL
                           : rill_eval(iso, "Promise.resolve(7).then((x) => x)",
                                       RILL_TEXT_END, "health.js");
    if (broken == NULL && (value == NULL || rill_await(iso, value) == NULL))
      broken = "promises fail";
  }
  rill_scope_close(iso, &scope);
  return broken;
}

static void run_in_isolate(const Case *c) {
  static const char where[] = "isolate";
  begin(c, where);
  rill_options options = limits();
  rill_isolate *iso = checked(rill_isolate_new(&options));
  silence(iso);
  rill_scope scope;
  rill_scope_open(iso, &scope);
  bool has_fuel = has_word(c->ends, "fuel");
  bool waits = has_word(c->ends, "deadline");
  if (has_fuel) rill_set_fuel(iso, FUEL);
  rill_set_deadline(iso, waits ? DEADLINE_MS : HANG_MS);
  rill_value value = rill_eval(iso, c->source, RILL_TEXT_END, c->name);
  if (value != NULL) value = rill_await(iso, value);
  rill_set_deadline(iso, 0);
  const rill_error *error = rill_get_error(iso);
  End end = {.is_value = value != NULL,
             .by_limit = value == NULL && error->kind == RILL_ERROR_TERMINATED,
             .name = value != NULL ? "" : error->name,
             .message = value != NULL ? "" : error->message};
  end.by_fuel = end.by_limit && strstr(end.message, "fuel") != NULL;
  check_end(c, where, &end, has_fuel);
  rill_set_fuel(iso, -1);
  rill_scope_close(iso, &scope);
  rill_clear_error(iso);
  if (has_word(c->ends, "spoils") || has_word(c->ends, "full")) {
    rill_set_fuel(iso, FUEL);
    rill_eval(iso, "1 + 1", RILL_TEXT_END, "health.js");
  } else {
    const char *broken = what_is_broken(iso, c->is_fresh);
    if (broken != NULL) fail(c, where, broken, rill_get_error(iso)->stack);
  }
  rill_isolate_free(iso);
}

// Pools ----------------------------------------------------------------------

static rill_pool *pool_of(uint32_t workers, uint64_t queue) {
  rill_pool_options options = RILL_POOL_OPTIONS_INIT;
  options.workers = workers;
  options.isolate = limits();
  options.on_isolate = silence_worker;
  options.queue_limit = queue;
  rill_status status;
  rill_pool *pool = rill_pool_new(&options, &status);
  return checked(pool);
}

static rill_evaluation *submit(rill_pool *pool, const Case *c) {
  rill_request request = RILL_REQUEST_INIT;
  request.source = c->source;
  request.length = RILL_TEXT_END;
  request.name = c->name;
  request.fresh = c->is_fresh || has_word(c->ends, "spoils");
  bool is_endless = has_word(c->ends, "fuel") || has_word(c->ends, "deadline");
  request.timeout_ms = is_endless ? DEADLINE_MS : HANG_MS;
  rill_evaluation *e = NULL;
  rill_status status = rill_pool_submit_wait(pool, &request, -1, &e);
  if (status != RILL_OK)
    fail(c, "pool", "not taken:", rill_status_name(status));
  return e;
}

static void check_evaluation(const Case *c, const char *where,
                             rill_evaluation *e) {
  if (e == NULL) return;
  rill_evaluation_wait(e, -1);
  rill_outcome outcome = rill_evaluation_outcome(e);
  const rill_evaluation_error *error = rill_evaluation_get_error(e);
  End end = {.is_value = outcome == RILL_OUTCOME_RETURNED,
             .by_limit = outcome == RILL_OUTCOME_TIMED_OUT,
             .name = error == NULL ? "" : error->error.name,
             .message = error == NULL ? "" : error->error.message};
  check_end(c, where, &end, false);
  rill_evaluation_release(e);
}

// Both the worker's common isolate and a new one.
static void check_pool(const Case *c, const char *where, rill_pool *pool) {
  static const char use[] =
      "const list = Array.from({ length: 2000 }, (_, i) => ({ i }));"
      "JSON.parse(JSON.stringify(list)).sort((a, b) => b.i - a.i);"
      "const bytes = new Uint8Array(100000).fill(1);"
      "await Promise.resolve(40) + /x(\\d)/.exec('x1')[1] * 1 + bytes[99999]";
  for (int fresh = 0; fresh < 2; fresh++) {
    rill_request request = RILL_REQUEST_INIT;
    request.source = use;
    request.length = RILL_TEXT_END;
    request.form = RILL_RESULT_JSON;
    request.fresh = fresh != 0;
    rill_evaluation *e = NULL;
    if (rill_pool_submit_wait(pool, &request, -1, &e) != RILL_OK) {
      fail(c, where, "the pool takes no more", "");
      continue;
    }
    rill_evaluation_wait(e, -1);
    const rill_evaluation_error *error = rill_evaluation_get_error(e);
    if (error != NULL) {
      fail(c, where, "the worker is not usable:", error->error.stack);
    } else if (strcmp(rill_evaluation_json(e, NULL), "42") != 0) {
      fail(c, where, "the worker says", rill_evaluation_json(e, NULL));
    }
    rill_evaluation_release(e);
  }
}

static void run_in_pool(void) {
  static const char where[] = "pool";
  rill_pool *pool = pool_of(1, 0);
  for (size_t i = 0; i < suite.count; i++) {
    const Case *c = &suite.cases[i];
    begin(c, where);
    check_evaluation(c, where, submit(pool, c));
    check_pool(c, where, pool);
  }
  rill_pool_free(pool);
}

static void run_in_crowd(void) {
  static const char where[] = "crowd";
  if (suite.count == 0) return;
  rill_pool *pool = pool_of(2, suite.count + 1);
  rill_evaluation **all = checked(calloc(suite.count, sizeof(void *)));
  for (size_t i = 0; i < suite.count; i++)
    all[i] = submit(pool, &suite.cases[i]);
  for (size_t i = 0; i < suite.count; i++) {
    begin(&suite.cases[i], where);
    check_evaluation(&suite.cases[i], where, all[i]);
  }
  free(all);
  check_pool(&suite.cases[0], where, pool);
  rill_pool_statistics s = {.size = sizeof s};
  rill_pool_get_statistics(pool, &s);
  if (s.returned + s.threw + s.timed_out != s.submitted || s.queued != 0)
    fail(&suite.cases[0], where, "evaluations were lost", "");
  rill_pool_free(pool);
}

// Threads that are made from here on have little stack.
static void shrink_stacks(void) {
  struct rlimit limit;
  if (IS_SANITIZED || getrlimit(RLIMIT_STACK, &limit) != 0) return;
  limit.rlim_cur = SMALL_STACK;
  setrlimit(RLIMIT_STACK, &limit);
}

static bool is_wanted(const char *where) {
  return suite.where == NULL || strcmp(suite.where, where) == 0;
}

int main(int argc, char **argv) {
  int i = 1;
  for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
    if (strcmp(argv[i], "--verbose") == 0) {
      suite.is_verbose = true;
    } else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
      suite.only = argv[++i];
    } else if (strcmp(argv[i], "--in") == 0 && i + 1 < argc) {
      suite.where = argv[++i];
    } else {
      break;
    }
  }
  if (i == argc || strncmp(argv[i], "--", 2) == 0) {
    fprintf(stderr,
            "usage: hostile [--only NAME] [--in isolate|pool|crowd] "
            "[--verbose] FILE...\n");
    return 2;
  }
  for (; i < argc; i++)
    read_file(argv[i]);
  catch_crashes();
  if (is_wanted("isolate"))
    for (size_t n = 0; n < suite.count; n++)
      run_in_isolate(&suite.cases[n]);
  shrink_stacks();
  if (is_wanted("pool")) run_in_pool();
  if (is_wanted("crowd")) run_in_crowd();
  printf("%zu scripts, %zu failures", suite.count, suite.failures);
  if (suite.left_out > 0) printf(", %zu left out", suite.left_out);
  puts("");
  for (size_t n = 0; n < suite.count; n++) {
    free(suite.cases[n].name);
    free(suite.cases[n].ends);
    free(suite.cases[n].source);
  }
  free(suite.cases);
  return suite.failures != 0;
}
