// SPDX-License-Identifier: MIT
// The async context: what goes with a piece of work through its awaits,
// reactions, timers and callbacks. iso->async_context is that of the running
// code; a fiber keeps its own while it waits, a reaction and a job that of
// whoever made it. Contexts are immutable; whoever changes something about the
// current one puts another in its place.
//
// A context is undefined (nothing was ever put in, the usual case, which costs
// a copied word), a number (the task alone) or a CellList of three words: the
// variables, a value that the modules of rill interpret (an immutable Map), the
// span, a number that runtime/trace gives out, and the task, a number by which
// runtime/tasks knows whose work this is.
#ifndef RILL_VM_INTERPRETER_ASYNC_CONTEXT_H
#define RILL_VM_INTERPRETER_ASYNC_CONTEXT_H

#include "vm/objects/isolate.h"

// Parts of a context; undefined: none.
Value vm_context_variables(Value context);
Value vm_context_span(Value context);
Value vm_context_task(Value context);
// The current context with another part from here on.
void vm_context_set_variables(Isolate *, Value variables);
void vm_context_set_span(Isolate *, Value span);
void vm_context_set_task(Isolate *, Value number);
// The pending exception leaves this context: whoever takes it as uncaught does
// so there.
void vm_context_left_by_exception(Isolate *, Value context);
// The context that the pending exception left; else the current one.
Value vm_context_of_exception(const Isolate *);
// A function that calls `function` in the context that is current now; with no
// context the function itself.
Value vm_context_bind(Isolate *, Value function);
// The function behind one that vm_context_bind made, or the value itself.
Value vm_context_unbound(Value);

#endif
