// SPDX-License-Identifier: MIT
// What it takes to start a program and to end it: commands in turns, each a
// process of its own.
//
//   start [-n TURNS] COMMAND... [-- COMMAND...]...
//
// For each the median of processor time, of elapsed time and of peak memory
// with page faults, and, turn by turn, the ratio of its processor time to the
// last command's, with the 95 % confidence interval of its median. Written in C
// because a process's peak counts that of who started it until it runs a
// program of its own.
#include <errno.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

enum { MAX_COMMANDS = 16, WARM_UP = 3 };

typedef struct Command {
  char **arguments;
  double *processor, *elapsed, *ratio; // of each turn; milliseconds
  long peak_kilobytes, faults;         // of the last
} Command;

static double milliseconds(struct timeval t) {
  return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void run(Command *c, int turn) {
  pid_t pid;
  int status = 0;
  struct rusage used;
  double begin = now();
  int error =
      posix_spawnp(&pid, c->arguments[0], NULL, NULL, c->arguments, environ);
  if (error != 0 || wait4(pid, &status, 0, &used) != pid || status != 0) {
    fprintf(stderr, "start: %s: %s\n", c->arguments[0],
            error != 0 ? strerror(error) : "did not end well");
    exit(1);
  }
  if (turn < 0) return;
  c->elapsed[turn] = now() - begin;
  c->processor[turn] =
      milliseconds(used.ru_utime) + milliseconds(used.ru_stime);
  c->peak_kilobytes = used.ru_maxrss;
  c->faults = used.ru_minflt;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double at_rank(const double *sorted, int count, double rank) {
  int i = (int)rank;
  return sorted[i < 0 ? 0 : i >= count ? count - 1 : i];
}

static double median(double *values, int count) {
  qsort(values, (size_t)count, sizeof *values, by_value);
  return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static void print(Command *c, int turns) {
  double ratio = median(c->ratio, turns);
  // Of the ranks of a sorted sample, these hold the median in 95 of 100.
  double half = 0.98 * sqrt(turns);
  printf("%8.2f %9.2f %9.1f %7ld %8.2f  %.2f to %.2f ",
         median(c->processor, turns), median(c->elapsed, turns),
         (double)c->peak_kilobytes / 1e3, c->faults, ratio,
         at_rank(c->ratio, turns, turns / 2.0 - half),
         at_rank(c->ratio, turns, ceil(turns / 2.0 + half)));
  for (char **a = c->arguments; *a != NULL; a++)
    printf(" %s", *a);
  putchar('\n');
}

int main(int argc, char **argv) {
  Command commands[MAX_COMMANDS] = {0};
  int count = 0, turns = 200, first = 1;
  if (argc > 2 && strcmp(argv[1], "-n") == 0) {
    turns = atoi(argv[2]);
    first = 3;
  }
  for (int i = first; i < argc && count < MAX_COMMANDS; i++) {
    commands[count++].arguments = &argv[i];
    while (i < argc && strcmp(argv[i], "--") != 0)
      i++;
    argv[i] = NULL; // argv[argc] is NULL too
  }
  if (count == 0 || turns < 1) {
    fprintf(stderr, "start [-n TURNS] COMMAND... [-- COMMAND...]...\n");
    return 2;
  }
  for (int i = 0; i < count; i++) {
    double *values = calloc((size_t)turns * 3, sizeof *values);
    if (values == NULL) return 1;
    commands[i].processor = values;
    commands[i].elapsed = values + turns;
    commands[i].ratio = values + turns * 2;
  }
  for (int turn = -WARM_UP; turn < turns; turn++) {
    for (int i = 0; i < count; i++)
      run(&commands[i], turn);
    for (int i = 0; turn >= 0 && i < count; i++)
      commands[i].ratio[turn] =
          commands[i].processor[turn] / commands[count - 1].processor[turn];
  }
  printf("processor   elapsed  peak MB  faults    ratio, 95 %% interval\n");
  for (int i = 0; i < count; i++)
    print(&commands[i], turns);
  for (int i = 0; i < count; i++)
    free(commands[i].processor);
  return 0;
}
