// SPDX-License-Identifier: MIT
// What a runtime remembers of templates whose functions go to and come from
// other isolates: what they capture, and their Code or Module here, so that
// functions that come again find warm caches.
#ifndef RILL_RUNTIME_WEB_SHIPPED_CODE_H
#define RILL_RUNTIME_WEB_SHIPPED_CODE_H

#include "runtime/runtime.h"
#include "vm/bytecode/captures.h"

// NULL: threw. Valid as long as rt->shipping is not 0.
const Captures *rt_shipped_captures(Runtime *, const Template *) VM_CHECKED;
// The Code of a function's template. `module`: from rt_shipped_module, or NULL.
// NULL: threw.
Code *rt_shipped_code(Runtime *, Template *, Module *module) VM_CHECKED;
// A Module that stands for the one whose code the template is: it has its name
// and imports, but neither it nor what it imports is evaluated. NULL: threw.
Module *rt_shipped_module(Runtime *, Template *, String *name) VM_CHECKED;
// Resolves an import of such a module: the other module is loaded and
// evaluated. *pending gets the promise of that, NULL if it is done. False:
// threw.
bool rt_shipped_import(Runtime *, Module *, uint32_t import,
                       Promise **pending) VM_CHECKED;
// Before a clone is written: empties the table if it is due.
void rt_shipped_trim(Runtime *);
void rt_shipped_free(Runtime *);

#endif
