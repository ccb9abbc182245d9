// SPDX-License-Identifier: MIT
// FinalizationRegistry: its registrations, found by what dies and by token.
//
// Registrations are in pages, so that none is ever copied; those of one token
// are chained, and a weak table tells the chain of a token. So registering and
// unregistering cost the same however many there are.
#ifndef RILL_VM_OBJECTS_FINALIZATION_H
#define RILL_VM_OBJECTS_FINALIZATION_H

#include <stdatomic.h>

#include "vm/objects/cells.h"
#include "vm/objects/weak_table.h"

// The registrations of one token. As long as the token lives, its weak table
// holds the chain, empty or not.
typedef struct TokenChain {
  GcCell cell; // of kind BYTES; extra: number of the first one, 0: none
} TokenChain;

// A dead target is EMPTY until its callback has run; the collector makes it so,
// beside the mutator.
typedef struct Registration {
  Value target; // weak; 0: free
  Value held;
  TokenChain *chain; // NULL: no token
  // Numbers of others of the chain; 0: none. Of free ones, `next` alone.
  uint32_t next, previous;
} Registration;
enum { REGISTRATIONS_BITS = 8 };
typedef struct RegistrationPage {
  GcCell cell;      // extra: capacity
  Isolate *isolate; // told when a target dies
  _Atomic bool has_dead;
  uint32_t count;
  Registration entries[];
} RegistrationPage;

typedef struct FinalizationRegistryObject {
  Object object;
  Value cleanup;
  // Registration n is number (n - 1) % 256 of page (n - 1) / 256.
  ValueList *pages;  // NULL: none
  WeakTable *tokens; // NULL: none
  uint32_t free;     // number of the first free registration; 0: none
  uint32_t live;
  uint32_t listed_at; // in Isolate.registries, if any are live
} FinalizationRegistryObject;

// `token` may be undefined. False: threw.
bool vm_registry_add(Isolate *, FinalizationRegistryObject *, Value target,
                     Value held, Value token) VM_CHECKED;
// Were there any?
bool vm_registry_remove(Isolate *, FinalizationRegistryObject *, Value token);
// Runs the callbacks of targets that have died (9.12): for a host task, no
// script running, when iso->finalizers_pending. False: a callback threw; call
// again to go on.
bool vm_run_finalizers(Isolate *) VM_CHECKED;

#endif
