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
  Value
      stack; // what "stack" gave the first time; EMPTY or 0: not yet asked for
} ErrorObject;

// The frames that run now, at most Error.stackTraceLimit; those above the
// innermost call of `hidden` (a function; NULL: none) and that call are left
// out. NULL: none.
struct CellList *vm_error_capture_frames(Isolate *, Object *hidden);
// How often that has been done on this thread.
uint64_t vm_error_captures(void);
// The value of "stack" for an object and frames: text, or what
// Error.prepareStackTrace makes of them.
Value vm_error_format_stack(Isolate *, Object *error,
                            struct CellList *frames) VM_CHECKED;
// The stack of an error object.
Value vm_error_stack(Isolate *, ErrorObject *) VM_CHECKED;

// One captured frame, decoded.
typedef struct ErrorFrame {
  struct Function *function; // or NULL
  String *name;              // of the function, or NULL
  String *file;              // or NULL
  uint32_t line, column;
  bool is_construct, is_async, is_top_level, is_eval;
} ErrorFrame;
uint32_t vm_error_frame_count(struct CellList *frames_or_null);
void vm_error_frame(Isolate *, struct CellList *, uint32_t index,
                    ErrorFrame *out);
// A place in a function's code, given as its offset in the words of the
// baseline; `function` may be NULL.
void vm_error_describe_place(Isolate *, struct Function *, const struct Code *,
                             uint32_t offset, ErrorFrame *out);
// The frame as a line of a stack shows it.
void vm_error_append_frame(StringBuilder *, const ErrorFrame *);
// A list of CallSite objects, for Error.prepareStackTrace. NULL: threw.
Array *vm_error_call_sites(Isolate *, struct CellList *) VM_CHECKED;

#endif
