// SPDX-License-Identifier: MIT
// Values on their way between isolates: counted clones, of any thread. What
// rill:sync sends, and what embedders know as rill_clone.
#ifndef RILL_RUNTIME_TASKS_MESSAGES_H
#define RILL_RUNTIME_TASKS_MESSAGES_H

#include "rill/clone.h"
#include "rill/sync.h"
#include "runtime/runtime.h"
#include "runtime/web/structured_clone.h"

typedef struct rill_clone Message;
struct rill_clone {
  _Atomic uint32_t references;
  Message *self; // what is sent is borrowed from here
  Clone clone;
};

// A channel's element: a Message *, a reference.
extern const rill_element rt_message_element;

// Takes the clone over, even if it fails: out of memory, thrown. The isolate
// sends it (rt_clone_send).
Message *rt_message_of_clone(Isolate *, Clone *) VM_CHECKED;
// Of a value with its code (rt_clone_serialize_parts); `transfer` is an Array
// or undefined. NULL: threw.
Message *rt_message_new(Isolate *, Value, Value transfer) VM_CHECKED;
// Of what structuredClone takes, without code.
Message *rt_message_plain(Isolate *, Value, Value transfer) VM_CHECKED;
void rt_message_release(Message *);
// The value; takes the reference. EXCEPTION: threw.
Value rt_message_value(Isolate *, Message *) VM_CHECKED;
// The same as [value], which no promise takes for a thenable.
Value rt_message_boxed(Isolate *, Message *) VM_CHECKED;

#endif
