// SPDX-License-Identifier: MIT
// What a child is started with, taken from script values: rill:internal/child
// is the only caller, so types are checked there.
#ifndef RILL_RUNTIME_IO_PROCESS_OPTIONS_H
#define RILL_RUNTIME_IO_PROCESS_OPTIONS_H

#include <uv.h>

#include "runtime/runtime.h"
#include "vm/objects/function.h"

// What a child's descriptor is, when it is no descriptor of ours.
enum {
  CHILD_NULL = -1,     // /dev/null; beyond 2: closed
  CHILD_READS = -2,    // a pipe that we write to
  CHILD_WRITES = -3,   // a pipe that we read from
  CHILD_TWO_WAYS = -4, // a pair of Unix sockets
};
enum { CHILD_MAX_DESCRIPTORS = 64, CHILD_ARGUMENTS = 8 };

typedef struct ChildOptions {
  uv_process_options_t uv;
  uv_stdio_container_t stdio[CHILD_MAX_DESCRIPTORS];
  int ours[CHILD_MAX_DESCRIPTORS];   // our ends of pipes, or -1
  int theirs[CHILD_MAX_DESCRIPTORS]; // ends to close once they are inherited
  bool is_granted; // uv.file is the host's, uv.args[0] the script's name of it
  int folder;      // what uv.cwd names by its descriptor, or -1
} ChildOptions;

// Of a native call (file, arguments, environment as "NAME=value"s or undefined,
// folder or undefined, flags of libuv, uid or -1, gid or -1, descriptors).
// Makes the pipes. False: threw; release it in any case. NULL exit callback.
bool child_options_take(Isolate *, const NativeCall *,
                        ChildOptions *) VM_CHECKED;
// Closes all ends that are still there; take out of `ours` what is to stay.
void child_options_release(ChildOptions *);
// The error of a spawn that failed: "spawn FILE CODE". A folder that cannot be
// entered is named, because the system reports it as it does a missing file.
Value child_spawn_error(Isolate *, const ChildOptions *, int uv_error);
// May the isolate start processes, and change what belongs to its own? False:
// threw.
bool child_allowed(Runtime *) VM_CHECKED;
// May it start some of them, by its grants? False: threw.
bool child_may_start(Runtime *) VM_CHECKED;

#endif
