// SPDX-License-Identifier: MIT
// Memory on its way between isolates: what was sent and nobody has received
// yet. It belongs to no heap, so whoever sends has an account of it, whose
// limit is that of its heap.
#ifndef RILL_RUNTIME_TASKS_IN_FLIGHT_H
#define RILL_RUNTIME_TASKS_IN_FLIGHT_H

#include "runtime/runtime.h"
#include "vm/objects/buffer.h"

// Counted, as what it counts may outlive the isolate. Any thread.
typedef struct InFlight InFlight;
// NULL: out of memory.
InFlight *rt_in_flight_new(size_t limit);
// The isolate's own; *out is NULL if its heap has no limit. False: out of
// memory; nothing is thrown.
bool rt_in_flight_of(Runtime *, InFlight **out);
// NULL does nothing.
void rt_in_flight_release(InFlight *);

// False: past the limit; nothing was added. Else the account lives until as
// much was removed.
bool rt_in_flight_add(InFlight *, size_t bytes);
void rt_in_flight_remove(InFlight *, size_t bytes);
// The same for bytes that are shared: an account counts them once, however
// often they are on their way.
bool rt_in_flight_add_shared(InFlight *, SharedBytes *);
void rt_in_flight_remove_shared(InFlight *, SharedBytes *);
// They have grown.
void rt_in_flight_grown(SharedBytes *);

#endif
