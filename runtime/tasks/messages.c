// SPDX-License-Identifier: MIT
// A message is read once by each who has a reference.
#include "runtime/tasks/messages.h"

#include <stdlib.h>

#include "vm/objects/elements.h"
#include "vm/objects/function.h"

// Counted: the runtime's, and its messages'.
typedef struct MessageMemory {
  _Atomic uint32_t references;
  _Atomic size_t bytes;
} MessageMemory;

static void memory_release(MessageMemory *memory) {
  if (atomic_fetch_sub_explicit(&memory->references, 1, memory_order_acq_rel) ==
      1)
    free(memory);
}

void rt_messages_forget(Runtime *rt) {
  if (rt->messages != NULL) memory_release(rt->messages);
  rt->messages = NULL;
}

static bool has_room(const Runtime *rt, size_t bytes) {
  size_t limit = rt->options.max_heap_bytes;
  return bytes <= limit &&
         atomic_load_explicit(&rt->messages->bytes, memory_order_relaxed) <=
             limit - bytes;
}

// False: past the limit, also without what is garbage: its ports and channels
// hold messages. Nothing is thrown.
static bool charge(Isolate *iso, Message *m) {
  Runtime *rt = rt_of(iso);
  if (rt->options.max_heap_bytes == 0) return true;
  if (rt->messages == NULL) {
    rt->messages = calloc(1, sizeof *rt->messages);
    if (rt->messages == NULL) return false;
    rt->messages->references = 1;
  }
  size_t bytes = sizeof *m + rt_clone_bytes(&m->clone);
  if (!has_room(rt, bytes)) gc_collect(iso->heap, GC_FULL);
  if (!has_room(rt, bytes)) return false;
  atomic_fetch_add_explicit(&rt->messages->bytes, bytes, memory_order_relaxed);
  atomic_fetch_add_explicit(&rt->messages->references, 1, memory_order_relaxed);
  m->memory = rt->messages;
  m->bytes = bytes;
  return true;
}

void rt_message_release(Message *m) {
  if (atomic_fetch_sub_explicit(&m->references, 1, memory_order_acq_rel) != 1) {
    return;
  }
  rt_clone_free(&m->clone);
  if (m->memory != NULL) {
    atomic_fetch_sub_explicit(&m->memory->bytes, m->bytes,
                              memory_order_relaxed);
    memory_release(m->memory);
  }
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
  Message *m = calloc(1, sizeof *m);
  if (m == NULL) {
    rt_clone_free(clone);
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  m->references = 1;
  m->self = m;
  m->clone = *clone;
  if (charge(iso, m)) return m;
  rt_message_release(m);
  vm_throw_out_of_memory(iso);
  return NULL;
}

static Message *message(Isolate *iso, Value value, Value transfer,
                        bool ships_code) {
  ClonePart part = {value, NULL};
  Array *list =
      transfer == VALUE_UNDEFINED ? NULL : (Array *)value_as_cell(transfer);
  Clone clone;
  return rt_clone_serialize_parts(iso, &part, 1, list, ships_code, &clone)
             ? rt_message_of_clone(iso, &clone)
             : NULL;
}

Message *rt_message_new(Isolate *iso, Value value, Value transfer) {
  return message(iso, value, transfer, true);
}

Message *rt_message_plain(Isolate *iso, Value value, Value transfer) {
  return message(iso, value, transfer, false);
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
