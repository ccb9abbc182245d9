// SPDX-License-Identifier: MIT
// Values that belong to no isolate, and tables of sessions that carry them.
#include "runtime/api/api.h"
#include "runtime/modules/loader.h"
#include "runtime/tasks/sessions.h"

// The values as an Array, or undefined if there are none.
static Value list_of(rill_isolate *api, size_t count,
                     const rill_value *values) {
  if (count == 0) return VALUE_UNDEFINED;
  Array *list = vm_array_new(api->iso, 0);
  for (size_t i = 0; list != NULL && i < count; i++)
    if (!vm_array_push(api->iso, list, api_value(api, values[i]))) list = NULL;
  return list == NULL ? VALUE_EXCEPTION : value_from_cell(list);
}

rill_clone *rill_clone_new(rill_isolate *api, rill_value value, size_t count,
                           const rill_value *transfer) {
  api_enter(api);
  Value list = list_of(api, count, transfer);
  rill_clone *clone = NULL;
  if (!value_is_exception(list))
    clone = rt_message_plain(api->iso, api_value(api, value), list);
  if (clone == NULL) api_fail(api);
  return clone;
}

void rill_clone_retain(rill_clone *clone) {
  atomic_fetch_add_explicit(&clone->references, 1, memory_order_relaxed);
}

void rill_clone_release(rill_clone *clone) {
  if (clone != NULL) rt_message_release(clone);
}

rill_value rill_clone_read(rill_isolate *api, rill_clone *clone) {
  api_enter(api);
  rill_clone_retain(clone);
  return api_finish(api, rt_message_value(api->iso, clone));
}

const rill_element *rill_clone_element(void) {
  return &rt_message_element;
}

rill_value rill_sessions_object(rill_isolate *api, rill_sessions *sessions) {
  api_enter(api);
  Isolate *iso = api->iso;
  rill_sessions_retain(sessions);
  HostObject *handle = rt_sessions_handle(iso, sessions);
  if (handle == NULL) return api_fail(api);
  Value exports = rt_builtin_namespace(api->rt, "rill:sync");
  if (value_is_exception(exports)) return api_fail(api);
  Value receive =
      vm_get(iso, value_as_object(exports), vm_key_from_c("receive"));
  if (value_is_exception(receive)) return api_fail(api);
  Value arguments[] = {value_from_cell(vm_atom_from_c("Sessions")),
                       value_from_cell(handle)};
  return api_finish(api, vm_call(iso, receive, VALUE_UNDEFINED, 2, arguments));
}

rill_value rill_session_promise(rill_isolate *api, rill_sessions *sessions,
                                rill_session session) {
  api_use(api);
  return api_handle_of_cell(
      api, rt_session_promise(api->iso, sessions, session, &rt_session_texts));
}
