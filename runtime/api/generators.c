// SPDX-License-Identifier: MIT
// Generators stepped by the embedder.
#include "runtime/api/api.h"
#include "vm/interpreter/async_generator.h"
#include "vm/interpreter/fiber.h"

bool rill_is_generator(rill_isolate *api, rill_value value) {
  api_use(api);
  return value_is_kind(api_value(api, value), CELL_GENERATOR);
}

bool rill_is_async_generator(rill_isolate *api, rill_value value) {
  api_use(api);
  return value_is_kind(api_value(api, value), CELL_ASYNC_GENERATOR);
}

// False: no such mode, which is the error now.
static bool mode_of(rill_isolate *api, rill_resume given, ResumeMode *out) {
  static const ResumeMode modes[] = {RESUME_NEXT, RESUME_THROW, RESUME_RETURN};
  if ((unsigned)given <= RILL_RESUME_RETURN) {
    *out = modes[given];
    return true;
  }
  api_fail_host(api, "no such way to resume a generator");
  return false;
}

rill_value rill_generator_start(rill_isolate *api, rill_value generator,
                                rill_resume resume, rill_value value) {
  api_enter(api);
  ResumeMode mode;
  if (!mode_of(api, resume, &mode)) return NULL;
  Value g = api_value(api, generator);
  if (!value_is_kind(g, CELL_ASYNC_GENERATOR)) {
    vm_throw_type_value(api->iso, "%s is not an async generator", g);
    return api_fail(api);
  }
  return api_finish(api, vm_async_generator_enqueue(api->iso, g, mode,
                                                    api_value(api, value)));
}

bool rill_step_of(rill_isolate *api, rill_value result, rill_step *out) {
  rill_step step = RILL_STEP_INIT;
  rill_value done = rill_get(api, result, "done");
  if (done == NULL) return false;
  step.value = rill_get(api, result, "value");
  if (step.value == NULL) return false;
  step.done = rill_to_boolean(api, done);
  if (api_copy_out(out, &step, sizeof step)) return true;
  api_fail_host(api, API_UNSIZED("rill_step", "RILL_STEP_INIT"));
  return false;
}

bool rill_generator_step(rill_isolate *api, rill_value generator,
                         rill_resume resume, rill_value value, rill_step *out) {
  api_enter(api);
  Value g = api_value(api, generator);
  rill_value result;
  if (value_is_kind(g, CELL_ASYNC_GENERATOR)) {
    result = rill_generator_start(api, generator, resume, value);
    if (result != NULL) result = rill_await(api, result);
  } else if (!value_is_kind(g, CELL_GENERATOR)) {
    vm_throw_type_value(api->iso, "%s is not a generator", g);
    result = api_fail(api);
  } else {
    ResumeMode mode;
    if (!mode_of(api, resume, &mode)) return false;
    result = api_finish(
        api, vm_generator_resume(api->iso, g, mode, api_value(api, value)));
  }
  return result != NULL && rill_step_of(api, result, out);
}
