// SPDX-License-Identifier: MIT
// Promises (ECMA-262 27.2): the object, its reactions, and the C API that
// builtins and the runtime use.
//
// Reactions are cells in a list hung on a pending promise. A fiber that awaits
// is a reaction of its own kind: no closure, no capability. Settling turns
// reactions into jobs (jobs.h).
#ifndef RILL_VM_INTERPRETER_PROMISE_H
#define RILL_VM_INTERPRETER_PROMISE_H

#include "vm/objects/isolate.h"

typedef struct Fiber Fiber;
typedef struct PromiseReaction PromiseReaction;

typedef enum {
  PROMISE_PENDING,
  PROMISE_FULFILLED,
  PROMISE_REJECTED,
} PromiseState;

typedef struct Promise {
  Object object; // object.cell.extra: PromiseState; aux: PROMISE_*
  // Read by promise_reactions and promise_result.
  union {
    PromiseReaction *reactions; // while it is pending: newest first
    Value result;               // once it is settled
  };
  // Read by promise_fiber.
  union {
    Fiber *of_fiber; // whose result, or next yield, this is; or NULL
    uint64_t host;   // PROMISE_OF_HOST, _IO: theirs, PROMISE_HOST_WORD set
  };
} Promise;
#define PROMISE_HOST_WORD (UINT64_C(1) << 63) // so that it looks like no cell
enum {
  PROMISE_IS_HANDLED = 1 << 0,
  PROMISE_OF_HOST = 1 << 1,
  // Of an import whose modules are not evaluated yet; nor are they if it has
  // been rejected before.
  PROMISE_IS_LOADING = 1 << 2,
  PROMISE_OF_IO = 1 << 3, // vm_io_of_promise
  // Of a host's promise: a task whose scope belongs to one that is over.
  PROMISE_IS_ORPHAN = 1 << 4,
};

typedef enum {
  REACTION_THEN,    // on_fulfilled, on_rejected, capability
  REACTION_AWAIT,   // resumes `target`, a Fiber
  REACTION_RESOLVE, // resolves `target`, a Promise, likewise
  REACTION_NATIVE,  // calls C code, see vm_promise_on_settled
} ReactionKind;

// What runs in C when a promise settles; `data` is a Value kept alive.
typedef void (*PromiseCallback)(Isolate *, PromiseState, Value result,
                                Value data);

struct PromiseReaction {
  GcCell cell; // flags: ReactionKind
  PromiseReaction *next;
  Value on_fulfilled, on_rejected; // callable, or undefined
  Value target;                    // AWAIT: Fiber; NATIVE: data; THEN: promise
  Value resolve; // THEN: of the capability, or EMPTY if its promise is a native
                 // one settled directly
  union {
    Value reject;             // likewise
    PromiseCallback callback; // NATIVE
  };
  Value context; // async context of its job; AWAIT: the fiber has it
};

static inline PromiseState promise_state(const Promise *p) {
  return (PromiseState)p->object.cell.extra;
}
// NULL: none, or it is settled.
static inline PromiseReaction *promise_reactions(const Promise *p) {
  return promise_state(p) == PROMISE_PENDING ? p->reactions : NULL;
}
// Undefined while it is pending.
static inline Value promise_result(const Promise *p) {
  return promise_state(p) == PROMISE_PENDING ? VALUE_UNDEFINED : p->result;
}
// The fiber whose result, or next yield, this is; or NULL.
static inline Fiber *promise_fiber(const Promise *p) {
  return p->host & PROMISE_HOST_WORD ? NULL : p->of_fiber;
}
static inline bool value_is_promise(Value v) {
  return value_is_kind(v, CELL_PROMISE);
}

// What iso->promise_hook is told; it may run script, and leaves no exception.
typedef enum {
  PROMISE_MADE,     // iso->promise_parent: whose then() it is for, or NULL
  PROMISE_RESOLVED, // it may have taken over the state of another
  PROMISE_BEGINS,   // a reaction runs whose result it is
  PROMISE_ENDS,
} PromiseEvent;
static inline void vm_promise_tell(Isolate *iso, PromiseEvent event,
                                   Promise *promise) {
  if (unlikely(iso->promise_hook != NULL))
    iso->promise_hook(iso, event, promise);
}

// A pending promise of %Promise%.
Promise *vm_promise_new(Isolate *);
// The steps of the resolve function (27.2.1.3.2), already-resolved check left
// to the caller. Runs script code where `value` is a thenable with a getter
// `then`; what that throws rejects. Never throws but termination.
void vm_promise_resolve(Isolate *, Promise *, Value value);
void vm_promise_fulfill(Isolate *, Promise *, Value value);
void vm_promise_reject(Isolate *, Promise *, Value reason);
// Rejects with the pending exception, which is taken.
void vm_promise_reject_with_exception(Isolate *, Promise *);
// Sets [[PromiseIsHandled]], and tells the host if it was rejected before.
void vm_promise_mark_handled(Isolate *, Promise *);
// PromiseResolve(%Promise%, value) (27.2.4.7.1). NULL: threw.
Promise *vm_promise_from_value(Isolate *, Value value) VM_CHECKED;

// PromiseCapability records (27.2.1.5).
typedef struct PromiseCapability {
  Value promise, resolve, reject; // EMPTY resolve: `promise` is native, settle
                                  // it directly
} PromiseCapability;
bool vm_new_promise_capability(Isolate *, Value constructor,
                               PromiseCapability *out) VM_CHECKED;
bool vm_capability_resolve(Isolate *, const PromiseCapability *,
                           Value) VM_CHECKED;
bool vm_capability_reject(Isolate *, const PromiseCapability *,
                          Value) VM_CHECKED;
// The two resolving functions of a promise, as function objects.
void vm_promise_resolving_functions(Isolate *, Promise *, Value *resolve,
                                    Value *reject);

// PerformPromiseThen (27.2.5.4.1); capability NULL: no result promise.
void vm_promise_then(Isolate *, Promise *, Value on_fulfilled,
                     Value on_rejected, const PromiseCapability *);
// Calls C code as a job when the promise is settled; marks it handled.
void vm_promise_on_settled(Isolate *, Promise *, PromiseCallback, Value data);
// What a job of a reaction does. False: threw (termination only).
bool vm_promise_run_reaction(Isolate *, PromiseReaction *, PromiseState,
                             Value argument) VM_CHECKED;
bool vm_promise_run_thenable_job(Isolate *, Promise *, Value thenable,
                                 Value then) VM_CHECKED;
// The promise that calling `function`, one of its resolving functions, settles;
// NULL: it is none.
const Promise *vm_resolving_function_promise(Value function);
// The fiber that awaits the promise; NULL: none does.
Fiber *vm_awaiting_fiber(const Promise *);
// Await for a fiber: its reaction is queued or hung on the promise.
void vm_promise_await(Isolate *, Promise *, Fiber *);

#endif
