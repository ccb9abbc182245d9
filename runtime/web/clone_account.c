// SPDX-License-Identifier: MIT
// Clones on an account of what is on its way (tasks/in_flight.h).
#include "runtime/runtime.h"
#include "runtime/tasks/in_flight.h"
#include "runtime/web/structured_clone.h"

size_t rt_clone_bytes(const Clone *c) {
  size_t bytes = sizeof *c + c->capacity +
                 c->buffer_count * sizeof *c->buffers +
                 c->shared_count * sizeof *c->shared +
                 c->template_count * sizeof *c->templates +
                 c->module_count * sizeof *c->modules +
                 c->handle_count * sizeof *c->handles +
                 c->environment_count * sizeof *c->environments;
  for (uint32_t i = 0; i < c->buffer_count; i++)
    bytes += c->buffers[i].length;
  return bytes;
}

// Of shared bytes, the first `count`.
static void remove_shared(const Clone *c, InFlight *account, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    rt_in_flight_remove_shared(account, c->shared[i]);
}

static bool add_shared(const Clone *c, InFlight *account) {
  for (uint32_t i = 0; i < c->shared_count; i++) {
    if (rt_in_flight_add_shared(account, c->shared[i])) continue;
    remove_shared(c, account, i);
    return false;
  }
  return true;
}

void rt_clone_discharge(Clone *c) {
  if (c->account == NULL) return;
  remove_shared(c, c->account, c->shared_count);
  rt_in_flight_remove(c->account, c->charged);
  c->account = NULL;
}

static bool charge(Clone *c, InFlight *account, size_t bytes) {
  if (!rt_in_flight_add(account, bytes)) return false;
  if (!add_shared(c, account)) {
    rt_in_flight_remove(account, bytes);
    return false;
  }
  c->account = account;
  c->charged = bytes;
  return true;
}

bool rt_clone_charge(Clone *c, InFlight *account) {
  rt_clone_discharge(c);
  return account == NULL || charge(c, account, rt_clone_bytes(c));
}

static bool charge_to(Isolate *iso, Clone *c, size_t bytes) {
  InFlight *account;
  rt_clone_discharge(c);
  bool done = rt_in_flight_of(rt_of(iso), &account);
  if (done && account != NULL && !charge(c, account, bytes)) {
    // Ports and channels that are garbage hold messages.
    gc_collect(iso->heap, GC_FULL);
    done = charge(c, account, bytes);
  }
  if (done) return true;
  rt_clone_free(c);
  vm_throw_out_of_memory(iso);
  return false;
}

bool rt_clone_send(Isolate *iso, Clone *c) {
  return charge_to(iso, c, rt_clone_bytes(c));
}

bool rt_clone_hold(Isolate *iso, Clone *c) {
  if (c->shared_count != 0) return charge_to(iso, c, 0);
  rt_clone_discharge(c);
  return true;
}
