// SPDX-License-Identifier: MIT
// The rill program: one file a command, chosen by main.c. A command gets the
// arguments after its name and returns the exit code.
#ifndef RILL_CLI_CLI_H
#define RILL_CLI_CLI_H

#include "runtime/runtime.h"

int cli_run(int argc, char **argv);
int cli_eval(int argc, char **argv);
int cli_repl(int argc, char **argv);
int cli_prof(int argc, char **argv);
int cli_bench(int argc, char **argv);
int cli_disasm(int argc, char **argv);
int cli_compile(int argc, char **argv);
int cli_top(int argc, char **argv);
int cli_test(int argc, char **argv);

// Options that all commands that run scripts share.
typedef struct CliOptions {
  RuntimeOptions runtime;
  const char *heap_snapshot; // --heap-snapshot=FILE: at the end; or NULL
  bool gc_stats;             // --gc-stats=json: to standard error at the end
  bool counters;             // --counters: to standard error at the end
  const char *trace;         // --trace=FORM[:FILE]; NULL: off
  const char *trace_filter;  // --trace-filter=...
  bool inspect;              // --inspect-tasks[=PATH], or RILL_TOP is set
  const char *inspect_path;  // NULL: where `rill top` looks
  uint32_t watchdog_ms;      // --watchdog=MS; 0: off
  bool shell;                // --shell: print, read, load, quit
} CliOptions;
// Takes one leading option. 1: taken, 0: argv[0] is none of them, -1: it is
// wrong, and that was said on standard error.
int cli_option(CliOptions *, const char *argument);
// The lines of the help text that describe them.
extern const char cli_options_help[];
// A runtime set up by the options; says on standard error if that failed.
Runtime *cli_runtime_new(const CliOptions *);
// Prints what the options ask for, and undoes what cli_runtime_new did to the
// process; for a runtime that others will follow, which is then freed.
void cli_runtime_finish(Runtime *, const CliOptions *);
// The same for the last one: ends it with the process, which must follow.
void cli_runtime_end(Runtime *, const CliOptions *);

// Adds an argument to a list for a command that is written in the language.
// False: threw.
bool cli_push_text(Isolate *, Array *, const char *text) VM_CHECKED;
// What such a command gets: [[own...], [shared...]]. NULL: threw.
Array *cli_two_lists(Isolate *, char **own, int own_count, char **shared,
                     int shared_count) VM_CHECKED;

// shell.c
void cli_define_shell(Runtime *);

#endif
