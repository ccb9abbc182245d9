// SPDX-License-Identifier: MIT
// rill eval [--typescript] CODE: prints the completion value unless it is
// undefined.
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

int cli_eval(int argc, char **argv) {
  CliOptions options = {0};
  int i = 0;
  for (; i < argc && argv[i][0] == '-' && argv[i][1] != 0; i++) {
    if (strcmp(argv[i], "--") == 0) {
      i++;
      break;
    }
    if (strcmp(argv[i], "--typescript") == 0) {
      options.runtime.typescript = true;
      continue;
    }
    int taken = cli_option(&options, argv[i]);
    if (taken == 0) fprintf(stderr, "rill eval: no option %s\n", argv[i]);
    if (taken <= 0) return 2;
  }
  if (i == argc) {
    fprintf(stderr, "rill eval: which code?\n");
    return 2;
  }
  options.runtime.argument_count = argc - i - 1;
  options.runtime.arguments = argv + i + 1;
  Runtime *rt = cli_runtime_new(&options);
  if (rt == NULL) return 1;
  int code = rt_run_text(rt, argv[i], strlen(argv[i]), "[eval]", true);
  cli_runtime_end(rt, &options);
  return code;
}
