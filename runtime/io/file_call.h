// SPDX-License-Identifier: MIT
// One file operation: operands taken from script values, the work itself
// (any thread, no isolate), the result made into a value.
#ifndef RILL_RUNTIME_IO_FILE_CALL_H
#define RILL_RUNTIME_IO_FILE_CALL_H

#include <uv.h>

#include "vm/io_operations.h"
#include "vm/objects/isolate.h"

typedef struct FileCall {
  IoOperation operation;
  char *path, *path2;      // owned
  const char *failed_call; // the system call that failed
  int error;               // 0, or a negative libuv code
  int descriptor, flags, mode;
  int64_t position; // -1: where the descriptor stands
  double times[2];  // seconds
  char *bytes;      // data to write, or read; owned
  size_t length, capacity;
  int64_t number; // descriptor opened, bytes written, ...
  uv_stat_t stat;
} FileCall;

// False: threw (bad operands). Release it in any case.
bool rt_file_call_prepare(Isolate *, FileCall *, IoOperation, uint32_t argc,
                          const Value *argv) VM_CHECKED;
void rt_file_call_run(FileCall *);
// The result, or with *failed the Error.
Value rt_file_call_result(Isolate *, FileCall *, bool *failed);
void rt_file_call_release(FileCall *);

// An Error with code, errno, syscall and path like Node's:
// "ENOENT: no such file or directory, open 'x'".
Value rt_system_error(Isolate *, int uv_error, const char *system_call,
                      const char *path_or_null, const char *path2_or_null);

#endif
