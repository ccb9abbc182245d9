// SPDX-License-Identifier: MIT
// What the runtime asks the embedder of an isolate.
#include "runtime/api/api.h"
#include "runtime/embedder.h"

static bool output(Runtime *rt, bool to_error, const char *bytes,
                   size_t length) {
  const rill_hooks *hooks = &((rill_isolate *)rt->embedder)->hooks;
  if (hooks->output == NULL) return false;
  hooks->output(hooks->data, to_error, bytes, length);
  return true;
}

static bool rejection(Runtime *rt, Value promise, Value reason) {
  rill_isolate *api = rt->embedder;
  const rill_hooks *hooks = &api->hooks;
  if (hooks->rejection == NULL) return false;
  ApiMark mark = api_mark(api);
  rill_value handles[] = {api_handle(api, promise), api_handle(api, reason)};
  bool known = hooks->rejection(api, hooks->data, handles[0], handles[1]);
  api_cut_back(api, mark);
  return known;
}

static bool interrupt(Runtime *rt) {
  rill_isolate *api = rt->embedder;
  const rill_hooks *hooks = &api->hooks;
  if (!atomic_exchange(&api->call_requested, false) || hooks->interrupt == NULL)
    return true;
  // The script does not notice: what is pending stays so.
  Isolate *iso = api->iso;
  Value pending = vm_has_exception(iso) ? vm_take_exception(iso) : VALUE_EMPTY;
  ApiMark mark = api_mark(api);
  rill_value keeper = NULL;
  if (!value_is_empty(pending)) keeper = api_handle(api, pending);
  bool goes_on = hooks->interrupt(api, hooks->data);
  if (vm_has_exception(iso)) vm_take_exception(iso);
  if (keeper != NULL) vm_throw(iso, pending);
  api_cut_back(api, mark);
  return goes_on;
}

static const EmbedderHooks embedder_hooks = {
    .load_module = api_load_module,
    .output = output,
    .rejection = rejection,
    .interrupt = interrupt,
};

void api_install_hooks(rill_isolate *api) {
  api->rt->embedder_hooks = &embedder_hooks;
}

void rill_set_hooks(rill_isolate *api, const rill_hooks *given) {
  api_use(api);
  rill_hooks hooks = RILL_HOOKS_INIT;
  if (given != NULL && !api_copy_in(&hooks, given, sizeof hooks)) {
    api_fail_host(api, API_UNSIZED("rill_set_hooks", "RILL_HOOKS_INIT"));
    return;
  }
  api->hooks = hooks;
  api_install_hooks(api);
}

void rill_request_call(rill_isolate *api) {
  if (unlikely(api->checks != NULL)) api_check_open(api, __func__);
  atomic_store(&api->call_requested, true);
  vm_request_interrupt(api->iso, INTERRUPT_HOST);
}
