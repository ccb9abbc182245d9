// SPDX-License-Identifier: MIT
// Running a program: its main module or text, the loop, uncaught errors, exit.
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/modules/loader.h"
#include "runtime/runtime.h"

// Calls process's listeners of an event. EXCEPTION: one threw.
static Value emit(Runtime *rt, const char *event, Value argument) {
  if (!value_is_object(rt->event_handler.word)) return VALUE_FALSE;
  Value arguments[] = {value_from_cell(vm_atom_from_c(event)), argument};
  return vm_call(rt->isolate, rt->event_handler.word, VALUE_UNDEFINED, 2,
                 arguments);
}

void rt_uncaught(Runtime *rt) {
  Isolate *iso = rt->isolate;
  if (rt->exiting) { // process.exit unwinds by termination
    vm_take_exception(iso);
    return;
  }
  bool terminated = vm_is_terminating(iso);
  Value error = vm_take_exception(iso);
  if (terminated) {
    rt_error_output(rt, "Interrupted\n", 12);
    rt->exiting = true;
    rt->exit_code = 130;
    return;
  }
  Value handled = emit(rt, "uncaughtException", error);
  if (value_is_exception(handled)) {
    error = vm_take_exception(iso);
  } else if (vm_to_boolean(handled)) {
    return;
  }
  char *text = rt_describe_error(iso, error);
  if (text != NULL) {
    rt_error_output(rt, text, strlen(text));
    free(text);
  }
  rt->exiting = true;
  rt->exit_code =
      rt->exit_code_was_set && rt->exit_code != 0 ? rt->exit_code : 1;
}

int rt_finish(Runtime *rt) {
  rt_enter(rt);
  Value code = value_from_int(rt->exit_code);
  rt->exiting = false;
  Value done = emit(rt, "exit", code);
  if (value_is_exception(done)) {
    Value error = vm_take_exception(rt->isolate);
    char *text = rt->exiting ? NULL : rt_describe_error(rt->isolate, error);
    if (text != NULL) {
      rt_error_output(rt, text, strlen(text));
      free(text);
      rt->exit_code = 7;
    }
  }
  rt->exiting = true;
  rt_output_flush(rt);
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
    if (!rt->exiting && !uv_loop_alive(&rt->loop) &&
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

int rt_run_main(Runtime *rt, const char *path) {
  char real[PATH_MAX];
  if (realpath(path, real) == NULL) {
    char text[PATH_MAX + 64];
    int n = snprintf(text, sizeof text, "rill: cannot open %s: %s\n", path,
                     strerror(errno));
    rt_error_output(rt, text, (size_t)n);
    return 1;
  }
  Promise *promise;
  if (!rt_load_main(rt, real, &promise)) {
    rt_uncaught(rt);
  } else if (promise != NULL) {
    vm_promise_on_settled(rt->isolate, promise, on_settled, VALUE_UNDEFINED);
  }
  return run_to_end(rt, promise);
}

static void show_value(Runtime *rt, Value value) {
  Isolate *iso = rt->isolate;
  Value name_space = rt_builtin_namespace(rt, "rill:internal/inspect");
  Value shown = VALUE_EXCEPTION;
  if (!value_is_exception(name_space)) {
    Value inspect = vm_get(iso, value_as_object(name_space),
                           key_from_atom(vm_atom_from_c("inspect")));
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

int rt_run_text(Runtime *rt, const char *utf8, size_t length, const char *name,
                bool is_module, bool show) {
  Isolate *iso = rt->isolate;
  Promise *promise = NULL;
  if (is_module) {
    Module *module = vm_module_compile(iso, utf8, length, name);
    promise = module == NULL ? NULL : vm_module_run(iso, module);
    if (promise == NULL) {
      rt_uncaught(rt);
    } else {
      vm_promise_on_settled(iso, promise, on_settled, VALUE_UNDEFINED);
    }
  } else {
    Value result = vm_evaluate_script(iso, utf8, length, name);
    if (value_is_exception(result)) {
      rt_uncaught(rt);
    } else if (show && !value_is_undefined(result)) {
      show_value(rt, result);
    }
  }
  return run_to_end(rt, promise);
}
