// SPDX-License-Identifier: MIT
// rill disasm FILE: the bytecode of a file, as CommonJS (or a module if it
// parses as one only; --script, --module force the goal).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "runtime/modules/loader.h"
#include "runtime/modules/paths.h"
#include "vm/bytecode/disassembler.h"

int cli_disasm(int argc, char **argv) {
  CompileGoal goals[] = {COMPILE_SCRIPT, COMPILE_MODULE};
  int goal_count = 2;
  const char *path = NULL;
  for (int i = 0; i < argc; i++) {
    if (strcmp(argv[i], "--module") == 0) {
      goals[0] = COMPILE_MODULE;
      goal_count = 1;
    } else if (strcmp(argv[i], "--script") == 0) {
      goal_count = 1;
    } else if (argv[i][0] == '-' || path != NULL) {
      fprintf(stderr, "rill disasm: what is %s?\n", argv[i]);
      return 2;
    } else {
      path = argv[i];
    }
  }
  if (path == NULL) {
    fprintf(stderr, "rill disasm: which file?\n");
    return 2;
  }
  CliOptions options = {0};
  Runtime *rt = cli_runtime_new(&options);
  if (rt == NULL) return 1;
  Isolate *iso = rt->isolate;
  int code = 1;
  size_t length;
  char *text = rt_read_file(iso, path, &length);
  String *source = text == NULL ? NULL : vm_string_from_utf8(iso, text, length);
  StringView view;
  if (source == NULL || !vm_string_view(iso, source, &view)) {
    rt_uncaught(rt);
  } else {
    CompileError error = {0};
    Template *template = NULL;
    for (int i = 0; i < goal_count && template == NULL; i++) {
      CompileOptions compile = {.goal = goals[i],
                                .file_name = path,
                                .is_typescript = rt_is_typescript(path)};
      template =
          vm_compile(view.units, view.length, view.is_wide, &compile, &error);
    }
    if (template == NULL) {
      fprintf(stderr, "%s:%u:%u: %s\n", path, error.line, error.column,
              error.message);
    } else {
      vm_disassemble(template, stdout);
      vm_template_release(template);
      code = 0;
    }
  }
  free(text);
  cli_runtime_end(rt, &options);
  return code;
}
