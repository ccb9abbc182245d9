// SPDX-License-Identifier: MIT
// The classes that modules make once and that went from here to other isolates,
// by their templates: copies of them that come back stand for them.
#ifndef RILL_RUNTIME_WEB_SENT_CLASSES_H
#define RILL_RUNTIME_WEB_SENT_CLASSES_H

#include "runtime/runtime.h"

// False: threw.
bool rt_sent_class_add(Runtime *, Function *class) VM_CHECKED;
// NULL: none of that template has gone, or it is garbage.
Function *rt_sent_class(Runtime *, const Template *);
void rt_sent_classes_free(Runtime *);

#endif
