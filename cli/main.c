// SPDX-License-Identifier: MIT
// The rill program: picks the command.
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "rill.h"
#include "runtime/runtime.h"

// libuv refers to it: without this one the loader would copy the C library's at
// each start.
const struct in6_addr in6addr_any = IN6ADDR_ANY_INIT;

static const struct {
  char name[8];
  int (*run)(int argc, char **argv);
  const char *usage, *purpose;
} commands[] = {
    {"run", cli_run, "run [OPTIONS] FILE [ARGUMENTS...]",
     "run a program (ES module or CommonJS)"},
    {"eval", cli_eval, "eval [--typescript] [OPTIONS] CODE",
     "run a piece of code and print its value"},
    {"repl", cli_repl, "repl [OPTIONS]", "read, evaluate, print, repeat"},
    {"prof", cli_prof, "prof [OPTIONS] FILE -o OUT.cpuprofile",
     "run a program under the sampling profiler"},
    {"test", cli_test, "test [OPTIONS] [PATHS...]",
     "find and run tests; rill test --help"},
    {"bench", cli_bench, "bench [OPTIONS] FILES...",
     "time benchmarks, beside other engines too; rill bench --help"},
    {"top", cli_top, "top [OPTIONS] PID|SOCKET",
     "watch the tasks of a running program"},
    {"compile", cli_compile, "compile FILE -o OUT.rbc",
     "compile a program once; rill run OUT.rbc runs it"},
    {"disasm", cli_disasm, "disasm FILE", "show the bytecode of a file"},
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static void print_help(FILE *out) {
  fprintf(out, "rill %s: a JavaScript engine and async runtime\n\n",
          rill_version());
  for (int i = 0; i < COMMAND_COUNT; i++) {
    fprintf(out, "  rill %-40s %s\n", commands[i].usage, commands[i].purpose);
  }
  fprintf(
      out,
      "\n  rill FILE is rill run FILE; rill alone is rill repl. As FILE of\n"
      "  run, - is standard input.\n"
      "  rill --version, rill --help\n\nOptions:\n%s",
      cli_options_help);
}

// A standard descriptor that is closed would be the number of the next file or
// socket that is opened.
static void open_standard_descriptors(void) {
  for (int i = 0; i < 3; i++) {
    if (fcntl(i, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0) return;
  }
}

// A program that sets its title writes over the process's own.
static char **copy_arguments(int argc, char **argv) {
  size_t bytes = 0;
  for (int i = 0; i < argc; i++)
    bytes += strlen(argv[i]) + 1;
  char **copy = malloc((size_t)(argc + 1) * sizeof *copy + bytes);
  if (copy == NULL) {
    fprintf(stderr, "rill: out of memory\n");
    return NULL;
  }
  char *to = (char *)(copy + argc + 1);
  for (int i = 0; i < argc; i++) {
    copy[i] = to;
    to = stpcpy(to, argv[i]) + 1;
  }
  copy[argc] = NULL;
  return copy;
}

#if defined(RILL_SHORT_EXIT)
// Registered first, so it is called last: only the libraries' destructors are
// left then, which free what the process gives back anyway.
static void end_process(int code, void *data) {
  fflush(NULL);
  _exit(code);
}
#endif

int main(int argc, char **argv) {
#if defined(RILL_SHORT_EXIT)
  (void)on_exit(end_process, NULL);
#endif
  open_standard_descriptors();
  rt_title_arguments(argc, argv);
  argv = copy_arguments(argc, argv);
  if (argv == NULL) return 1;
  if (argc < 2) return cli_repl(0, argv + argc);
  const char *name = argv[1];
  for (int i = 0; i < COMMAND_COUNT; i++) {
    if (strcmp(name, commands[i].name) != 0) continue;
    if (argc > 2 && strcmp(argv[2], "--help") == 0 &&
        commands[i].run != cli_test) {
      printf("rill %s\n    %s\n\nOptions:\n%s", commands[i].usage,
             commands[i].purpose, cli_options_help);
      return 0;
    }
    return commands[i].run(argc - 2, argv + 2);
  }
  if (strcmp(name, "--version") == 0 || strcmp(name, "-v") == 0) {
    printf("rill %s\n", rill_version());
    return 0;
  }
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
      strcmp(name, "help") == 0) {
    print_help(stdout);
    return 0;
  }
  if (name[0] == '-' || strchr(name, '.') != NULL ||
      strchr(name, '/') != NULL) {
    return cli_run(argc - 1, argv + 1);
  }
  fprintf(stderr, "rill: no command or file '%s'\n\n", name);
  print_help(stderr);
  return 2;
}
