// SPDX-License-Identifier: MIT
// Error objects: [[ErrorData]] and the stack at their creation. The frames are
// kept raw; the text of "stack", name and message included, is made when
// somebody asks for it.
#ifndef RILL_VM_OBJECTS_ERROR_OBJECT_H
#define RILL_VM_OBJECTS_ERROR_OBJECT_H

#include "vm/objects/object.h"

typedef struct ErrorObject {
  Object object;
  // A CellList of three words a frame (vm/builtins/error_stack.c), or NULL.
  struct CellList *frames;
  String *stack; // the text, once made; or NULL
} ErrorObject;

// The text of "stack". `frames` are those of an ErrorObject or NULL. NULL:
// threw.
String *vm_error_format_stack(Isolate *, Value header_name,
                              Value header_message,
                              struct CellList *frames) VM_CHECKED;
// The frames that run now, at most Error.stackTraceLimit; those above the
// innermost call of `hidden` (a function; NULL: none) and that call are left
// out. NULL: none.
struct CellList *vm_error_capture_frames(Isolate *, Object *hidden);
// The name and message that the first line shows, read without running script
// code.
void vm_error_header(Isolate *, Object *, Value *name, Value *message);
// The stack of an error object. NULL: threw.
String *vm_error_stack(Isolate *, ErrorObject *) VM_CHECKED;

#endif
