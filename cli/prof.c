// SPDX-License-Identifier: MIT
// rill prof FILE -o OUT: runs a program under the sampler. OUT ending in
// .cpuprofile is for Chrome DevTools and editors; anything else gets collapsed
// stacks, one line each.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "profiler/sampler.h"

int cli_prof(int argc, char **argv) {
  CliOptions options = {0};
  const char *output = "rill.cpuprofile";
  uint32_t hertz = 1000;
  int i = 0;
  // -o may follow the file: then it is ours only if it comes last.
  if (argc >= 3 && strcmp(argv[argc - 2], "-o") == 0) {
    output = argv[argc - 1];
    argc -= 2;
  }
  for (; i < argc && argv[i][0] == '-' && argv[i][1] != 0; i++) {
    if (strcmp(argv[i], "-o") == 0 && i + 1 < argc) {
      output = argv[++i];
    } else if (strncmp(argv[i], "--hz=", 5) == 0) {
      hertz = (uint32_t)strtoul(argv[i] + 5, NULL, 10);
      if (hertz < 1 || hertz > 10000) {
        fprintf(stderr, "rill prof: --hz must be from 1 to 10000\n");
        return 2;
      }
    } else {
      int taken = cli_option(&options, argv[i]);
      if (taken == 0) fprintf(stderr, "rill prof: no option %s\n", argv[i]);
      if (taken <= 0) return 2;
    }
  }
  if (i == argc) {
    fprintf(stderr, "rill prof: which file?\n");
    return 2;
  }
  options.runtime.argument_count = argc - i;
  options.runtime.arguments = argv + i;
  Runtime *rt = cli_runtime_new(&options);
  if (rt == NULL) return 1;
  Profiler *profiler = prof_start(rt->isolate, hertz);
  if (profiler == NULL) {
    fprintf(stderr, "rill prof: cannot start the sampler\n");
    cli_runtime_end(rt, &options);
    return 1;
  }
  int code = rt_run_main(rt, argv[i]);
  prof_stop(profiler);
  FILE *file = fopen(output, "w");
  if (file == NULL) {
    perror(output);
    code = code == 0 ? 1 : code;
  } else {
    size_t length = strlen(output);
    if (length > 11 && strcmp(output + length - 11, ".cpuprofile") == 0) {
      prof_write_cpuprofile(profiler, file);
    } else {
      prof_write_collapsed(profiler, file);
    }
    if (fclose(file) != 0) {
      perror(output);
      code = code == 0 ? 1 : code;
    }
  }
  prof_free(profiler);
  cli_runtime_end(rt, &options);
  return code;
}
