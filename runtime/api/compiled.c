// SPDX-License-Identifier: MIT
// Scripts that may await, and code that is compiled once for many isolates.
#include <stdio.h>
#include <stdlib.h>

#include "runtime/api/api.h"
#include "vm/bytecode/serialize.h"
#include "vm/interpreter/code.h"

struct rill_compiled {
  _Atomic uint32_t references;
  rill_goal goal;
  Template *template;
};

// The template's; NULL: threw.
static Template *compile(rill_isolate *api, rill_goal goal, const char *source,
                         size_t length, const char *name, bool watched) {
  Isolate *iso = api->iso;
  struct Coverage *coverage = iso->coverage;
  struct Inspection *inspection = iso->inspection;
  String *text =
      vm_string_from_utf8(iso, source, api_text_length(source, length));
  CompileOptions options = {.goal = goal == RILL_GOAL_MODULE ? COMPILE_MODULE
                                                             : COMPILE_SCRIPT,
                            .file_name = name,
                            .is_typescript = api->rt->options.typescript,
                            .repl = goal == RILL_GOAL_ASYNC};
  if (!watched) {
    iso->coverage = NULL;
    iso->inspection = NULL;
  }
  Template *template =
      text == NULL ? NULL : vm_compile_string(iso, text, &options);
  iso->coverage = coverage;
  iso->inspection = inspection;
  return template;
}

// A promise of the completion value, which only termination keeps from being
// there.
static Value run_async(Isolate *iso, Template *template) {
  Value value = vm_run_template(iso, template);
  if (value_is_exception(value) && vm_is_terminating(iso)) return value;
  if ((template->flags & TEMPLATE_ASYNC) && value_is_promise(value))
    return value;
  Promise *promise = vm_promise_new(iso);
  if (value_is_exception(value)) {
    vm_promise_reject_with_exception(iso, promise);
  } else {
    vm_promise_resolve(iso, promise, value);
  }
  return vm_is_terminating(iso) ? VALUE_EXCEPTION : value_from_cell(promise);
}

rill_value rill_eval_async(rill_isolate *api, const char *source, size_t length,
                           const char *name) {
  api_enter(api);
  Template *template =
      compile(api, RILL_GOAL_ASYNC, source, length, name, true);
  if (template == NULL) return api_fail(api);
  Value promise = run_async(api->iso, template);
  vm_template_release(template);
  return api_finish(api, promise);
}

rill_compiled *rill_compile(rill_isolate *api, rill_goal goal,
                            const char *source, size_t length,
                            const char *name) {
  api_use(api);
  if ((unsigned)goal > RILL_GOAL_MODULE) {
    api_fail_host(api, "rill_compile: no such goal");
    return NULL;
  }
  rill_compiled *compiled = calloc(1, sizeof *compiled);
  if (compiled == NULL) {
    api_fail_host(api, "Out of memory");
    return NULL;
  }
  compiled->references = 1;
  compiled->goal = goal;
  compiled->template =
      compile(api, goal, source, length,
              name == NULL && goal == RILL_GOAL_MODULE ? "<module>" : name,
              false); // it may outlive the isolate
  if (compiled->template != NULL) return compiled;
  free(compiled);
  api_fail(api);
  return NULL;
}

void rill_compiled_retain(rill_compiled *compiled) {
  atomic_fetch_add_explicit(&compiled->references, 1, memory_order_relaxed);
}

void rill_compiled_release(rill_compiled *compiled) {
  if (compiled == NULL || atomic_fetch_sub_explicit(&compiled->references, 1,
                                                    memory_order_acq_rel) != 1)
    return;
  vm_template_release(compiled->template);
  free(compiled);
}

Template *api_compiled_template(rill_compiled *compiled) {
  return compiled->goal == RILL_GOAL_MODULE ? compiled->template : NULL;
}

rill_value rill_run_compiled(rill_isolate *api, rill_compiled *compiled) {
  api_enter(api);
  Isolate *iso = api->iso;
  switch (compiled->goal) {
  case RILL_GOAL_ASYNC:
    return api_finish(api, run_async(iso, compiled->template));
  case RILL_GOAL_MODULE:
    return api_run_module(api, vm_module_new(iso, compiled->template,
                                             compiled->template->source->name));
  default:
    return api_finish(api, vm_run_template(iso, compiled->template));
  }
}

rill_goal rill_compiled_goal(const rill_compiled *compiled) {
  return compiled->goal;
}

static void fail_bytes(rill_isolate *api, SerializeStatus status,
                       const char *what, const char *problem) {
  char message[320];
  snprintf(message, sizeof message, "%s: %s", what, problem);
  api_fail_host(api, status == SERIALIZE_NO_MEMORY ? "Out of memory" : message);
}

bool rill_compiled_save(rill_isolate *api, rill_compiled *compiled,
                        uint8_t **bytes, size_t *length) {
  api_use(api);
  char problem[256];
  SerializeStatus status = bytecode_save(
      compiled->template, (uint8_t)compiled->goal,
      vm_parser_stack_room(api->iso), bytes, length, problem, sizeof problem);
  if (status == SERIALIZE_OK) return true;
  fail_bytes(api, status, "rill_compiled_save", problem);
  return false;
}

rill_compiled *rill_compiled_load(rill_isolate *api, const uint8_t *bytes,
                                  size_t length) {
  api_use(api);
  char problem[256];
  uint8_t goal;
  SerializeStatus status;
  Template *template =
      bytecode_load(bytes, length, &goal, &status, problem, sizeof problem);
  rill_compiled *compiled = NULL;
  if (template != NULL) {
    compiled = calloc(1, sizeof *compiled);
    if (compiled == NULL) status = SERIALIZE_NO_MEMORY;
    if (goal > RILL_GOAL_MODULE ||
        template->kind !=
            (goal == RILL_GOAL_MODULE ? CODE_MODULE : CODE_SCRIPT)) {
      status = SERIALIZE_FAILED;
      snprintf(problem, sizeof problem, "for another goal than its code is");
    }
  }
  if (status == SERIALIZE_OK) {
    compiled->references = 1;
    compiled->goal = (rill_goal)goal;
    compiled->template = template;
    return compiled;
  }
  if (template != NULL) vm_template_release(template);
  free(compiled);
  fail_bytes(api, status, "rill_compiled_load", problem);
  return NULL;
}
