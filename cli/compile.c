// SPDX-License-Identifier: MIT
// rill compile FILE -o OUT: a program's code as bytes, which `rill run OUT` of
// the same build runs.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "runtime/modules/loader.h"
#include "runtime/modules/paths.h"
#include "vm/bytecode/serialize.h"
#include "vm/interpreter/code.h"

typedef struct Goal {
  const char *option;
  CompileGoal goal;
  uint8_t tag;
} Goal;
// Without an option: the first of these two that the text parses as.
static const Goal goals[] = {
    {"--commonjs", COMPILE_COMMONJS, SAVED_COMMONJS},
    {"--module", COMPILE_MODULE, SAVED_MODULE},
    {"--script", COMPILE_SCRIPT, SAVED_SCRIPT},
};

static const Goal *goal_of(const char *option) {
  for (size_t i = 0; i < sizeof goals / sizeof *goals; i++)
    if (strcmp(option, goals[i].option) == 0) return &goals[i];
  return NULL;
}

static bool write_file(const char *path, const uint8_t *bytes, size_t length) {
  FILE *file = fopen(path, "wb");
  bool done = file != NULL && fwrite(bytes, 1, length, file) == length;
  if (file != NULL && fclose(file) != 0) done = false;
  if (!done) fprintf(stderr, "rill compile: %s: %s\n", path, strerror(errno));
  return done;
}

static bool save(Runtime *rt, Template *t, const Goal *goal, const char *out) {
  char problem[256];
  uint8_t *bytes;
  size_t length;
  if (bytecode_save(t, goal->tag, vm_parser_stack_room(rt->isolate), &bytes,
                    &length, problem, sizeof problem) != SERIALIZE_OK) {
    fprintf(stderr, "rill compile: %s\n", problem);
    return false;
  }
  bool done = write_file(out, bytes, length);
  free(bytes);
  return done;
}

static bool compile_file(Runtime *rt, const char *path, const Goal *forced,
                         const char *out) {
  size_t length;
  char *text = rt_read_file(rt->isolate, path, &length);
  if (text == NULL) {
    rt_uncaught(rt);
    return false;
  }
  const Goal *goal = forced;
  CompileError first = {0}, error = {0};
  Template *t = NULL;
  for (int i = 0; i < (forced != NULL ? 1 : 2) && t == NULL; i++) {
    if (forced == NULL) goal = &goals[i];
    CompileOptions options = {.goal = goal->goal,
                              .file_name = path,
                              .is_typescript = rt_is_typescript(path)};
    t = vm_compile_utf8(text, length, false, &options, &error);
    if (i == 0) first = error;
  }
  // Of two errors, that of the goal which the text looks like.
  if (forced == NULL && strstr(text, "import") == NULL &&
      strstr(text, "export") == NULL)
    error = first;
  free(text);
  if (t == NULL) {
    fprintf(stderr, "%s:%u:%u: %s\n", path, error.line, error.column,
            error.message);
    return false;
  }
  bool done = save(rt, t, goal, out);
  vm_template_release(t);
  return done;
}

int cli_compile(int argc, char **argv) {
  const char *path = NULL, *out = NULL;
  const Goal *goal = NULL;
  for (int i = 0; i < argc; i++) {
    if (strcmp(argv[i], "-o") == 0 && i + 1 < argc) {
      out = argv[++i];
    } else if (goal_of(argv[i]) != NULL) {
      goal = goal_of(argv[i]);
    } else if (argv[i][0] == '-' || path != NULL) {
      fprintf(stderr, "rill compile: what is %s?\n", argv[i]);
      return 2;
    } else {
      path = argv[i];
    }
  }
  if (path == NULL || out == NULL) {
    fprintf(stderr, "rill compile: which file, and -o what?\n");
    return 2;
  }
  CliOptions options = {0};
  Runtime *rt = cli_runtime_new(&options);
  if (rt == NULL) return 1;
  bool done = compile_file(rt, path, goal, out);
  cli_runtime_end(rt, &options);
  return done ? 0 : 1;
}
