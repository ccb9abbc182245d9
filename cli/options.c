// SPDX-License-Identifier: MIT
// Options shared by the commands, and what they print at the end of a run.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "rill/trace.h"
#include "runtime/globals/gc_report.h"
#include "runtime/io/process/tty_terminal.h"
#include "runtime/trace/trace.h"
#include "vm/interpreter/counters.h"

const char cli_options_help[] =
    "  --shell              define print, read, load, quit (benchmark shells)\n"
    "  --import-map=FILE    what import specifiers mean (an import map)\n"
    "  --workers=N          threads for spawned tasks; default: RILL_WORKERS, "
    "or\n"
    "                       one for each processor\n"
    "  --enable-source-maps places in stacks are those of the texts that the "
    "code\n"
    "                       was made from (//# sourceMappingURL=)\n"
    "  --conditions=A,B     more conditions of \"exports\" in package.json\n"
    "  --max-heap=BYTES     limit of the heap; K, M and G are understood\n"
    "  --stack-size=BYTES   size of the register stack\n"
    "  --gc-stats=json      print the collector's figures to standard error\n"
    "  --trace-gc           a line for each collection to standard error\n"
    "  --counters           what the interpreter did, to standard error (in "
    "builds\n"
    "                       with -Dcounters=true)\n"
    "  --heap-snapshot=FILE write what is alive at the end, for DevTools\n"
    "  --stress-gc[=N]      collect at every (Nth) slow allocation (for "
    "tests)\n"
    "  --gc-trigger=BYTES   collect no earlier than after so much allocation\n"
    "  --verify-heap        check the heap in each collection (for tests)\n"
    "  --gc-stand-in        with ThreadSanitizer: report plain stores that\n"
    "                       the collector may read (for tests)\n"
    "  --gc-delays[=SEED]   the collector works in slices, with random delays\n"
    "  --stop-the-world-gc  collect without the collector's thread\n"
    "  --trace=FORM[:FILE]  write events: text, json or chrome\n"
    "  --trace-filter=F     levels: \"info\", \"http=debug,gc=off\"\n"
    "  --inspect-tasks[=SOCKET]  let rill top look at the tasks; or set "
    "RILL_TOP\n"
    "  --watchdog=MS        say what takes longer than that, and what waits in "
    "a ring\n"
    "  --trace-jit          say what the compile queue does\n"
    "  --no-jit             run baseline bytecode only\n"
    "  --stress-jit         compile every function at once (for tests)\n";

static bool parse_bytes(const char *text, size_t *out) {
  char *end;
  unsigned long long value = strtoull(text, &end, 10);
  if (end == text) return false;
  switch (*end) {
  case 'G':
  case 'g':
    value *= 1024;
    __attribute__((fallthrough));
  case 'M':
  case 'm':
    value *= 1024;
    __attribute__((fallthrough));
  case 'K':
  case 'k':
    value *= 1024;
    end++;
    break;
  default:
    break;
  }
  *out = (size_t)value;
  return *end == 0;
}

int cli_option(CliOptions *options, const char *argument) {
  const char *value = strchr(argument, '=');
  size_t name_length =
      value == NULL ? strlen(argument) : (size_t)(value - argument);
  if (value != NULL) value++;
#define IS(name)                                                               \
  (name_length == strlen(name) && strncmp(argument, name, name_length) == 0)
  if (IS("--shell")) {
    options->shell = true;
  } else if (IS("--enable-source-maps")) {
    options->runtime.source_maps = true;
  } else if (IS("--trace-jit")) {
    options->runtime.trace_jit = true;
  } else if (IS("--no-jit")) {
    options->runtime.no_jit = true;
  } else if (IS("--stress-jit")) {
    options->runtime.stress_jit = true;
  } else if (IS("--stop-the-world-gc")) {
    options->runtime.gc_stop_the_world = true;
  } else if (IS("--stress-gc")) {
    int period = value == NULL ? 1 : atoi(value);
    if (period < 1) {
      fprintf(stderr, "rill: --stress-gc needs a positive number\n");
      return -1;
    }
    options->runtime.gc_stress = (uint32_t)period;
  } else if (IS("--gc-stand-in")) {
#ifndef __SANITIZE_THREAD__
    fprintf(stderr, "rill: --gc-stand-in needs a build with ThreadSanitizer\n");
    return -1;
#endif
    options->runtime.gc_stand_in = true;
    if (options->runtime.gc_stress == 0)
      options->runtime.gc_stress = UINT32_MAX;
  } else if (IS("--verify-heap")) {
    options->runtime.gc_verify = true;
  } else if (IS("--gc-delays")) {
    long long seed = value == NULL ? 1 : atoll(value);
    if (seed < 1) {
      fprintf(stderr, "rill: --gc-delays needs a positive number\n");
      return -1;
    }
    options->runtime.gc_delay_seed = (uint64_t)seed;
  } else if (IS("--trace-gc")) {
    options->runtime.trace_gc = true;
  } else if (IS("--heap-snapshot")) {
    if (value == NULL || *value == 0) {
      fprintf(stderr, "rill: --heap-snapshot needs the name of a file\n");
      return -1;
    }
    options->heap_snapshot = value;
  } else if (IS("--counters")) {
    options->counters = true;
    if (!VM_IS_COUNTING) {
      fprintf(stderr,
              "rill: this build counts nothing; configure one with "
              "meson setup -Dcounters=true\n");
      return -1;
    }
  } else if (IS("--gc-stats")) {
    if (value != NULL && strcmp(value, "json") != 0) {
      fprintf(stderr, "rill: --gc-stats knows the form json only\n");
      return -1;
    }
    options->gc_stats = true;
  } else if (IS("--import-map") || IS("--conditions")) {
    if (value == NULL || *value == 0) {
      fprintf(stderr, "rill: %.*s needs a value\n", (int)name_length, argument);
      return -1;
    }
    *(IS("--import-map") ? &options->runtime.import_map
                         : &options->runtime.conditions) = value;
  } else if (IS("--trace") || IS("--trace-filter")) {
    if (value == NULL || *value == 0) {
      fprintf(stderr, "rill: %.*s needs a value\n", (int)name_length, argument);
      return -1;
    }
    *(IS("--trace") ? &options->trace : &options->trace_filter) = value;
  } else if (IS("--inspect-tasks")) {
    if (value != NULL && *value == 0) {
      fprintf(stderr, "rill: --inspect-tasks= needs a path\n");
      return -1;
    }
    options->inspect = true;
    options->inspect_path = value;
  } else if (IS("--watchdog")) {
    int limit = value == NULL ? 0 : atoi(value);
    if (limit < 1 || limit > 3600000) {
      fprintf(stderr, "rill: --watchdog needs a number of milliseconds\n");
      return -1;
    }
    options->watchdog_ms = (uint32_t)limit;
  } else if (IS("--workers")) {
    int workers = value == NULL ? 0 : atoi(value);
    if (workers < 1 || workers > 1024) {
      fprintf(stderr, "rill: --workers needs a number from 1 to 1024\n");
      return -1;
    }
    options->runtime.workers = (uint32_t)workers;
  } else if (IS("--max-heap") || IS("--stack-size") || IS("--gc-trigger")) {
    size_t *out = IS("--max-heap")     ? &options->runtime.max_heap_bytes
                  : IS("--stack-size") ? &options->runtime.stack_bytes
                                       : &options->runtime.gc_trigger_bytes;
    if (value == NULL || !parse_bytes(value, out)) {
      fprintf(stderr, "rill: %.*s needs a number of bytes, like 64M\n",
              (int)name_length, argument);
      return -1;
    }
  } else {
    return 0;
  }
#undef IS
  return 1;
}

// A signal that ends the program must not swallow what it printed.
static Runtime *signalled_runtime;

static void flush_and_die(int number) {
  rt_output_flush(signalled_runtime);
  tty_restore();
  trace_inspect_unlink();
  signal(number, SIG_DFL);
  raise(number);
}

static void watch_signals(Runtime *rt) {
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  signalled_runtime = rt;
  // A write to a pipe that nobody reads fails instead.
  signal(SIGPIPE, SIG_IGN);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    struct sigaction current;
    sigaction(numbers[i], NULL, &current);
    if (current.sa_handler != SIG_DFL) continue; // ignored by who started us
    struct sigaction action = {.sa_handler = flush_and_die};
    sigaction(numbers[i], &action, NULL);
  }
}

static bool start_trace(const CliOptions *options) {
  static const char *const forms[] = {"text", "json", "chrome"};
  const char *colon = strchr(options->trace, ':');
  size_t length =
      colon == NULL ? strlen(options->trace) : (size_t)(colon - options->trace);
  rill_trace_options trace = {.size = sizeof trace,
                              .file = colon == NULL ? NULL : colon + 1,
                              .filter = options->trace_filter};
  int form = 0;
  while (form < 3 && (strlen(forms[form]) != length ||
                      strncmp(forms[form], options->trace, length) != 0))
    form++;
  trace.form = (rill_trace_form)form;
  if (form == RILL_TRACE_CHROME && trace.file == NULL)
    trace.file = "trace.json";
  rill_status status = form == 3 ? RILL_INVALID : rill_trace_start(&trace);
  if (status == RILL_OK) return true;
  if (status == RILL_FAILED) {
    fprintf(stderr, "rill: cannot write %s: %s\n", trace.file, strerror(errno));
  } else if (form == 3) {
    fprintf(stderr, "rill: --trace needs text, json or chrome\n");
  } else {
    fprintf(stderr,
            "rill: --trace-filter needs levels, like "
            "info,http=debug,gc=off\n");
  }
  return false;
}

Runtime *cli_runtime_new(const CliOptions *options) {
  RuntimeOptions own = options->runtime;
  own.lazy_loop = true;
  Runtime *rt = rt_new(&own);
  if (rt == NULL) {
    fprintf(stderr, "rill: cannot start: out of memory or resources\n");
    return NULL;
  }
  watch_signals(rt);
  trace_dump_on_signal(rt);
  if (options->trace != NULL && !start_trace(options)) {
    rt_free(rt);
    return NULL;
  }
  const char *top = getenv("RILL_TOP");
  bool by_environment = top != NULL && *top != 0 && strcmp(top, "0") != 0;
  if ((options->inspect || by_environment) &&
      rill_inspect_start(options->inspect_path) != RILL_OK) {
    fprintf(stderr, "rill: no socket for rill top: %s\n", strerror(errno));
    if (options->inspect) {
      rt_free(rt);
      return NULL;
    }
  }
  rill_watchdog_options watchdog = {.size = sizeof watchdog,
                                    .limit_ms = options->watchdog_ms};
  if (options->watchdog_ms != 0 && rill_watchdog_start(&watchdog) != RILL_OK) {
    fprintf(stderr, "rill: there is no thread for the watchdog\n");
  }
  if (options->shell) cli_define_shell(rt);
  return rt;
}

void cli_runtime_finish(Runtime *rt, const CliOptions *options) {
  rt_output_flush(rt);
  tty_restore();
  if (options->heap_snapshot != NULL) {
    rt_enter(rt);
    if (!rt_write_heap_snapshot(rt, options->heap_snapshot)) {
      (void)vm_take_exception(rt->isolate);
      fprintf(stderr, "rill: cannot write %s\n", options->heap_snapshot);
    }
    rt_leave(rt, VALUE_UNDEFINED);
  }
  if (options->gc_stats) rt_print_gc_figures(stderr, rt->isolate->heap);
  if (options->counters) vm_counters_print(stderr);
  rill_inspect_stop(); // while a signal would take its socket away
  struct sigaction plain = {.sa_handler = SIG_DFL};
  sigaction(SIGINT, &plain, NULL);
  sigaction(SIGTERM, &plain, NULL);
  sigaction(SIGHUP, &plain, NULL);
  signalled_runtime = NULL;
  rill_trace_stop(); // while its threads are there to be named
}

void cli_runtime_end(Runtime *rt, const CliOptions *options) {
  cli_runtime_finish(rt, options);
  rt_end_process(rt);
}

bool cli_push_text(Isolate *iso, Array *list, const char *text) {
  String *string = vm_string_from_utf8(iso, text, strlen(text));
  return string != NULL && vm_array_push(iso, list, value_from_cell(string));
}

Array *cli_two_lists(Isolate *iso, char **own, int own_count, char **shared,
                     int shared_count) {
  Array *lists[2] = {vm_array_new(iso, 0), vm_array_new(iso, 0)};
  for (int i = 0; i < own_count; i++)
    if (!cli_push_text(iso, lists[0], own[i])) return NULL;
  for (int i = 0; i < shared_count; i++)
    if (!cli_push_text(iso, lists[1], shared[i])) return NULL;
  Value parts[] = {value_from_cell(lists[0]), value_from_cell(lists[1])};
  return vm_array_from(iso, parts, 2);
}
