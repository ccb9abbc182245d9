// SPDX-License-Identifier: MIT
// rill run FILE
#include <stdio.h>

#include "cli/cli.h"

int cli_run(int argc, char **argv) {
  CliOptions options = {0};
  int i = 0;
  for (; i < argc && argv[i][0] == '-' && argv[i][1] != 0; i++) {
    int taken = cli_option(&options, argv[i]);
    if (taken == 0) fprintf(stderr, "rill run: no option %s\n", argv[i]);
    if (taken <= 0) return 2;
  }
  if (i == argc) {
    fprintf(stderr, "rill run: which file?\n");
    return 2;
  }
  options.runtime.argument_count = argc - i;
  options.runtime.arguments = argv + i;
  Runtime *rt = cli_runtime_new(&options);
  if (rt == NULL) return 1;
  int code =
      options.shell ? rt_run_script(rt, argv[i]) : rt_run_main(rt, argv[i]);
  cli_runtime_end(rt, &options);
  return code;
}
