// SPDX-License-Identifier: MIT
// rill repl: libedit, several lines until the input is complete, completion of
// global names and properties, top-level await; _ is the last value.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "rill.h"
#include "runtime/modules/loader.h"
#ifdef RILL_HAVE_LIBEDIT
// Its type Function is not ours.
#define Function editline_function
#include <editline/readline.h>
#undef Function
#endif

static Runtime *repl_runtime; // readline's callbacks have no argument

static void on_interrupt(int number) {
  vm_request_interrupt(repl_runtime->isolate, INTERRUPT_TERMINATE);
}

static char *read_line(const char *prompt, bool interactive) {
#ifdef RILL_HAVE_LIBEDIT
  if (interactive) return readline(prompt);
#endif
  if (interactive) {
    fputs(prompt, stdout);
    fflush(stdout);
  }
  char *line = NULL;
  size_t size = 0;
  ssize_t length = getline(&line, &size, stdin);
  if (length < 0) {
    free(line);
    return NULL;
  }
  if (length > 0 && line[length - 1] == '\n') line[length - 1] = 0;
  return line;
}

// Would more lines help? The text ends within a bracket, string, template or
// comment: the error is at its end.
static bool is_incomplete(Isolate *iso, const char *text, size_t length) {
  String *source = vm_string_from_utf8(iso, text, length);
  StringView view;
  if (source == NULL || !vm_string_view(iso, source, &view)) {
    vm_take_exception(iso);
    return false;
  }
  CompileOptions options = {.goal = COMPILE_SCRIPT, .repl = true};
  CompileError error = {0};
  Template *template =
      vm_compile(view.units, view.length, view.is_wide, &options, &error);
  if (template != NULL) {
    vm_template_release(template);
    return false;
  }
  return strstr(error.message, "end of input") != NULL ||
         strstr(error.message, "Unterminated template") != NULL;
}

#ifdef RILL_HAVE_LIBEDIT
// Names that complete `object.prefix`, or globals for a bare prefix.
static char **completions;
static size_t completion_count;

static void collect(Isolate *iso, Object *object, const char *base,
                    const char *prefix) {
  for (int depth = 0; object != NULL && depth < 16; depth++) {
    KeyList keys;
    vm_key_list_init(&keys);
    if (!vm_own_keys(iso, object, &keys)) vm_take_exception(iso);
    for (uint32_t i = 0; i < keys.count; i++) {
      if (!key_is_string(keys.keys[i])) continue;
      char *name =
          vm_string_to_utf8(iso, (String *)value_as_cell(keys.keys[i]), NULL);
      if (name != NULL && strncmp(name, prefix, strlen(prefix)) == 0) {
        char *text;
        if (asprintf(&text, "%s%s", base, name) >= 0) {
          char **grown =
              realloc(completions, (completion_count + 2) * sizeof *grown);
          if (grown != NULL) {
            completions = grown;
            completions[completion_count++] = text;
            completions[completion_count] = NULL;
          } else {
            free(text);
          }
        }
      }
      free(name);
    }
    Object *next;
    if (vm_get_prototype_of(iso, object, &next) <= 0) {
      if (vm_has_exception(iso)) vm_take_exception(iso);
      break;
    }
    object = next;
  }
}

static char *next_completion(const char *text, int state) {
  static size_t at;
  if (state == 0) at = 0;
  return at < completion_count ? strdup(completions[at++]) : NULL;
}

static char **complete(const char *text, int start, int end) {
  Isolate *iso = repl_runtime->isolate;
  for (size_t i = 0; i < completion_count; i++)
    free(completions[i]);
  completion_count = 0;
  const char *dot = strrchr(text, '.');
  char *base =
      dot == NULL ? strdup("") : strndup(text, (size_t)(dot - text) + 1);
  if (base == NULL) return NULL;
  Object *object = iso->realm->global;
  if (dot == NULL) {
    collect(iso, iso->realm->lexicals, base, text);
  } else {
    // Only names and dots: looking must not run code that has effects.
    bool safe = strspn(text,
                       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
                       "WXYZ0123456789_$.") == strlen(text);
    Value value = safe ? vm_evaluate_script(iso, text, (size_t)(dot - text),
                                            "[completion]")
                       : VALUE_UNDEFINED;
    if (value_is_exception(value)) {
      vm_take_exception(iso);
      value = VALUE_UNDEFINED;
    }
    object = value_is_nullish(value) ? NULL : vm_to_object(iso, value);
  }
  if (object != NULL) {
    collect(iso, object, base, dot == NULL ? text : dot + 1);
  }
  free(base);
  rl_attempted_completion_over = 1;
  rl_completion_append_character = 0;
  return rl_completion_matches(text, next_completion);
}
#endif

static void evaluate(Runtime *rt, const char *text, size_t length) {
  rt->exiting = false;
  static unsigned number;
  char name[24];
  snprintf(name, sizeof name, "REPL%u", ++number);
  Value result;
  if (!rt_evaluate_repl(rt, text, length, name, &result)) {
    if (!rt->exit_requested) {
      rt->exiting = false;
      rt->exit_code = 0;
    }
    return;
  }
  rt_show_value(rt, result, true);
  vm_put(rt->isolate, rt->isolate->realm->global, vm_key_from_c("_"), result,
         PROPERTY_HIDDEN);
}

int cli_repl(int argc, char **argv) {
  CliOptions options = {0};
  for (int i = 0; i < argc; i++) {
    int taken = cli_option(&options, argv[i]);
    if (taken == 0) fprintf(stderr, "rill repl: no option %s\n", argv[i]);
    if (taken <= 0) return 2;
  }
  Runtime *rt = cli_runtime_new(&options);
  if (rt == NULL) return 1;
  repl_runtime = rt;
  bool interactive = isatty(STDIN_FILENO);
  if (interactive) {
    printf("rill %s; Ctrl-D ends, _ is the last value\n", rill_version());
    signal(SIGINT, on_interrupt);
#ifdef RILL_HAVE_LIBEDIT
    rl_readline_name = "rill";
    rl_attempted_completion_function = complete;
    rl_basic_word_break_characters = " \t\n\"\\'`@><=;|&{}()[]+-*/%!~,:?";
    using_history();
#endif
  }
  char *text = NULL;
  size_t length = 0;
  while (!rt->exit_requested) {
    rt_output_flush(rt);
    char *line = read_line(length == 0 ? "> " : "... ", interactive);
    if (line == NULL) break;
    size_t added = strlen(line);
    char *grown = realloc(text, length + added + 2);
    if (grown == NULL) {
      free(line);
      break;
    }
    text = grown;
    memcpy(text + length, line, added);
    text[length + added] = '\n';
    text[length + added + 1] = 0;
    bool blank = added == 0;
    length += added + 1;
    free(line);
    rt_enter(rt);
    if (!blank && is_incomplete(rt->isolate, text, length)) continue;
    if (strspn(text, " \t\n") < length) {
#ifdef RILL_HAVE_LIBEDIT
      if (interactive) {
        text[length - 1] = 0;
        add_history(text);
      }
#endif
      evaluate(rt, text, length - 1);
    }
    length = 0;
  }
  free(text);
  if (interactive) printf("\n");
  int code = rt_finish(rt);
  cli_runtime_end(rt, &options);
  return code;
}
