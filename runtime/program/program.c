// SPDX-License-Identifier: MIT
// Running a program: its main module or text, the loop, uncaught errors, exit.
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/modules/loader.h"
#include "runtime/program/clock.h"
#include "vm/interpreter/async_context.h"

// Calls process's listeners of an event. EXCEPTION: one threw.
static Value emit(Runtime *rt, const char *event, Value argument) {
  if (!value_is_object(rt->event_handler.word)) return VALUE_FALSE;
  Value arguments[] = {value_from_cell(vm_atom_from_c(event)), argument};
  return vm_call(rt->isolate, rt->event_handler.word, VALUE_UNDEFINED, 2,
                 arguments);
}

void rt_tell_broken_output(Runtime *rt) {
  OutputBuffer *outputs[] = {&rt->output, &rt->error_output};
  for (int i = 0; i < 2; i++) {
    if (!outputs[i]->is_to_tell) continue;
    outputs[i]->is_to_tell = false;
    Value told =
        emit(rt, "outputBroken", value_from_int(outputs[i]->descriptor));
    if (value_is_exception(told)) rt_uncaught(rt);
  }
}

// Nobody reads what the program prints, which is no news for its user.
static bool is_of_broken_output(Runtime *rt, Value error) {
  if (!rt->output.is_broken || !value_is_object(error)) return false;
  Value code =
      vm_get(rt->isolate, value_as_object(error), vm_key_from_c("code"));
  if (value_is_exception(code)) vm_take_exception(rt->isolate);
  return value_is_string(code) &&
         vm_string_equals(rt->isolate, value_as_string(code),
                          vm_atom_from_c("EPIPE"));
}

// Takes what was thrown. False: nothing that a listener is told, but the end.
static bool take_error(Runtime *rt, Value *error) {
  Isolate *iso = rt->isolate;
  bool terminated = vm_is_terminating(iso);
  *error = vm_take_exception(iso);
  vm_end_termination(iso);
  if (rt->exit_requested) return false; // unwound by termination
  if (!terminated) return true;
  rt_error_output(rt, "Interrupted\n", 12);
  rt->exiting = true;
  rt->exit_code = 130;
  return false;
}

static void report_uncaught(Runtime *rt) {
  if (rt->on_uncaught != NULL) {
    rt->on_uncaught(rt);
    return;
  }
  Value error;
  if (!take_error(rt, &error)) return;
  Value handled = emit(rt, "uncaughtException", error);
  if (value_is_exception(handled)) {
    if (!take_error(rt, &error)) return;
  } else if (vm_to_boolean(handled)) {
    return;
  }
  if (is_of_broken_output(rt, error)) {
    rt->exiting = true;
    rt->exit_code = RT_EXIT_BROKEN_PIPE;
    return;
  }
  rt_report_error(rt, error);
  rt->exiting = true;
  rt->exit_code =
      rt->exit_code_was_set && rt->exit_code != 0 ? rt->exit_code : 1;
}

void rt_uncaught(Runtime *rt) {
  Isolate *iso = rt->isolate;
  Value context = iso->async_context;
  iso->async_context = vm_context_of_exception(iso);
  report_uncaught(rt);
  iso->async_context = context;
}

int rt_finish(Runtime *rt) {
  rt_enter(rt);
  if (rt->isolate->is_stopped) { // by another thread: nothing more is run
    rt_output_finish(rt);
    return rt->exit_code;
  }
  Value code = value_from_int(rt->exit_code);
  rt->exiting = false;
  Value done = emit(rt, "exit", code);
  if (value_is_exception(done)) {
    Value error = vm_take_exception(rt->isolate);
    if (!rt->exiting) {
      rt_report_error(rt, error);
      rt->exit_code = 7;
    }
  }
  rt->exiting = true;
  rt_output_finish(rt);
  return rt->exit_code;
}

static void on_settled(Isolate *iso, PromiseState state, Value result,
                       Value data) {
  Runtime *rt = rt_of(iso);
  if (state == PROMISE_REJECTED) {
    vm_throw(iso, result);
    rt_uncaught(rt);
  }
}

// Runs the loop to its end; a main promise that is still pending then is an
// unfinished top-level await.
static int run_to_end(Runtime *rt, Promise *main) {
  GcRoot root;
  gc_root_add(rt->isolate->heap, &root,
              main == NULL ? VALUE_UNDEFINED : value_from_cell(main));
  while (rt_run_loop(rt, NULL)) {
    Value more = emit(rt, "beforeExit", value_from_int(rt->exit_code));
    if (value_is_exception(more)) rt_uncaught(rt);
    bool alive =
        rt->has_loop && (uv_loop_alive(&rt->loop) || rt_clock_is_alive(rt));
    if (!rt->exiting && (!alive || rt_simulation_is_stuck(rt)) &&
        !vm_has_jobs(rt->isolate) && !rt->ticks_requested) {
      break;
    }
  }
  if (main != NULL && !rt->exiting && promise_state(main) == PROMISE_PENDING) {
    static const char text[] = "Warning: Detected unsettled top-level await\n";
    rt_error_output(rt, text, sizeof text - 1);
    rt->exit_code = 13;
  }
  gc_root_remove(rt->isolate->heap, &root);
  return rt_finish(rt);
}

// Where a program's imports and its stacks start from, in `out`. Standard input
// stands in the current folder; a pipe (`rill run <(make)`) has the name that
// it was given by, as it has no other. False: there is none.
static bool find_main(const char *path, char out[static PATH_MAX]) {
  if (strcmp(path, "-") == 0) {
    static const char name[] = "/[stdin]";
    if (getcwd(out, PATH_MAX - sizeof name) == NULL) return false;
    strcat(out, name);
    return true;
  }
  if (realpath(path, out) != NULL) return true;
  struct stat status;
  int error = errno;
  if (path[0] == '/' && stat(path, &status) == 0 && strlen(path) < PATH_MAX) {
    strcpy(out, path);
    return true;
  }
  errno = error;
  return false;
}

int rt_run_main(Runtime *rt, const char *path) {
  char real[PATH_MAX];
  if (!find_main(path, real)) {
    if (rt->is_thread_worker) {
      vm_throw_error(rt->isolate, ERROR_ERROR, "Cannot open %s: %s", path,
                     strerror(errno));
      rt_uncaught(rt);
      return 1;
    }
    char text[PATH_MAX + 64];
    int n = snprintf(text, sizeof text, "rill: cannot open %s: %s\n", path,
                     strerror(errno));
    rt_error_output(rt, text, (size_t)n);
    return 1;
  }
  Promise *promise;
  const char *file = strcmp(path, "-") == 0 ? NULL : real;
  if (!rt_load_main(rt, file, real, &promise)) {
    rt_uncaught(rt);
  } else if (promise != NULL) {
    vm_promise_on_settled(rt->isolate, promise, on_settled, VALUE_UNDEFINED);
  }
  return run_to_end(rt, promise);
}

int rt_run_builtin(Runtime *rt, const char *module, Value argument) {
  Isolate *iso = rt->isolate;
  Value name_space = rt_builtin_namespace(rt, module);
  Value result = VALUE_EXCEPTION;
  if (!value_is_exception(name_space)) {
    Value main =
        vm_get(iso, value_as_object(name_space), vm_key_from_c("main"));
    if (!value_is_exception(main))
      result = vm_call(iso, main, VALUE_UNDEFINED, 1, &argument);
  }
  if (value_is_exception(result)) rt_uncaught(rt);
  Promise *promise =
      value_is_promise(result) ? (Promise *)value_as_cell(result) : NULL;
  if (promise != NULL)
    vm_promise_on_settled(iso, promise, on_settled, VALUE_UNDEFINED);
  return run_to_end(rt, promise);
}

int rt_run_script(Runtime *rt, const char *path) {
  size_t length;
  char *text = rt_read_file(rt->isolate, path, &length);
  if (text == NULL ||
      value_is_exception(vm_evaluate_script(rt->isolate, text, length, path))) {
    rt_uncaught(rt);
  }
  free(text);
  return run_to_end(rt, NULL);
}

Value rt_exit(Runtime *rt) {
  rt->exiting = true;
  rt->exit_requested = true;
  return vm_terminate(rt->isolate);
}

void rt_show_value(Runtime *rt, Value value, bool always) {
  Isolate *iso = rt->isolate;
  if (value_is_undefined(value) && !always) return;
  Value name_space = rt_builtin_namespace(rt, "rill:internal/inspect");
  Value shown = VALUE_EXCEPTION;
  if (!value_is_exception(name_space)) {
    Value inspect =
        vm_get(iso, value_as_object(name_space), vm_key_from_c("inspect"));
    shown = vm_call(iso, inspect, VALUE_UNDEFINED, 1, &value);
  }
  if (!value_is_string(shown)) {
    rt_uncaught(rt);
    return;
  }
  size_t length;
  char *text = vm_string_to_utf8(iso, value_as_string(shown), &length);
  if (text != NULL) {
    rt_output(rt, text, length);
    rt_output(rt, "\n", 1);
    free(text);
  }
}

bool rt_evaluate_repl(Runtime *rt, const char *utf8, size_t length,
                      const char *name, Value *result) {
  Isolate *iso = rt->isolate;
  rt_enter(rt);
  String *source = vm_string_from_utf8(iso, utf8, length);
  CompileOptions options = {.goal = COMPILE_SCRIPT,
                            .file_name = name,
                            .is_typescript = rt->options.typescript,
                            .repl = true};
  Template *template =
      source == NULL ? NULL : vm_compile_string(iso, source, &options);
  Value value = VALUE_EXCEPTION;
  bool awaits = false;
  if (template != NULL) {
    value = vm_run_template(iso, template);
    // Code with top-level await gives the promise of its value.
    awaits = (template->flags & TEMPLATE_ASYNC) && value_is_promise(value);
    vm_template_release(template);
  }
  if (awaits) {
    Promise *promise = (Promise *)value_as_cell(value);
    promise->object.cell.aux |= PROMISE_IS_HANDLED;
    if (!rt_run_loop(rt, promise)) return false;
    value = promise_result(promise);
    if (promise_state(promise) == PROMISE_REJECTED) {
      value = vm_throw(iso, promise->result);
    } else if (promise_state(promise) == PROMISE_PENDING) {
      value = vm_throw_error(iso, ERROR_ERROR,
                             "the awaited promise is never settled");
    }
  }
  rt_leave(rt, value);
  *result = value;
  return !value_is_exception(value) && !rt->exiting;
}

int rt_run_text(Runtime *rt, const char *utf8, size_t length, const char *name,
                bool show) {
  Value result;
  if (rt_evaluate_repl(rt, utf8, length, name, &result) && show) {
    rt_show_value(rt, result, false);
  }
  return run_to_end(rt, NULL);
}
