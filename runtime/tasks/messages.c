// SPDX-License-Identifier: MIT
// A message is read once by each who has a reference.
#include "runtime/tasks/messages.h"

#include <stdlib.h>

#include "vm/objects/elements.h"
#include "vm/objects/function.h"

void rt_message_release(Message *m) {
  if (atomic_fetch_sub_explicit(&m->references, 1, memory_order_acq_rel) != 1) {
    return;
  }
  rt_clone_free(&m->clone);
  free(m);
}

static void element_drop(void *value) {
  rt_message_release(*(Message **)value);
}

static void element_copy(void *to, const void *from) {
  Message *m = *(Message *const *)from;
  atomic_fetch_add_explicit(&m->references, 1, memory_order_relaxed);
  *(Message **)to = m;
}

const rill_element rt_message_element = {sizeof(Message *), element_drop,
                                         element_copy};

Message *rt_message_of_clone(Isolate *iso, Clone *clone) {
  if (!rt_clone_send(iso, clone)) return NULL;
  Message *m = calloc(1, sizeof *m);
  if (m == NULL) {
    rt_clone_free(clone);
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  m->references = 1;
  m->self = m;
  m->clone = *clone;
  return m;
}

static Message *message(Isolate *iso, Value value, Value transfer,
                        CloneScope scope) {
  ClonePart part = {value, NULL};
  Array *list =
      transfer == VALUE_UNDEFINED ? NULL : (Array *)value_as_cell(transfer);
  Clone clone;
  return rt_clone_serialize_parts(iso, &part, 1, list, scope, &clone)
             ? rt_message_of_clone(iso, &clone)
             : NULL;
}

Message *rt_message_new(Isolate *iso, Value value, Value transfer) {
  return message(iso, value, transfer, CLONE_CODE);
}

Message *rt_message_plain(Isolate *iso, Value value, Value transfer) {
  return message(iso, value, transfer, CLONE_DATA);
}

Value rt_message_value(Isolate *iso, Message *m) {
  Value value = rt_clone_deserialize(iso, &m->clone, NULL);
  rt_message_release(m);
  return value;
}

Value rt_message_boxed(Isolate *iso, Message *m) {
  Value value = rt_message_value(iso, m);
  if (value_is_exception(value)) return value;
  Array *result = vm_array_from(iso, &value, 1);
  return result == NULL ? VALUE_EXCEPTION : value_from_cell(result);
}
