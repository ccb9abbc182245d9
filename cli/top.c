// SPDX-License-Identifier: MIT
// rill top: the view is written in the language (rill:internal/top).
#include <stdlib.h>

#include "cli/cli.h"

int cli_top(int argc, char **argv) {
  // Its own tasks are nobody's business.
  unsetenv("RILL_TOP");
  CliOptions options = {0};
  Runtime *rt = cli_runtime_new(&options);
  if (rt == NULL) return 1;
  Isolate *iso = rt->isolate;
  Array *arguments = vm_array_new(iso, 0);
  bool done = true;
  for (int i = 0; done && i < argc; i++)
    done = cli_push_text(iso, arguments, argv[i]);
  int code = 1;
  if (done) {
    code = rt_run_builtin(rt, "rill:internal/top", value_from_cell(arguments));
  } else {
    rt_uncaught(rt);
  }
  cli_runtime_end(rt, &options);
  return code;
}
