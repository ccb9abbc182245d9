// SPDX-License-Identifier: MIT
// I/O requests: what an IO instruction, its function form, or node:fs waits
// for. File operations run on libuv's thread pool as one piece of work each
// (open, read and close of readFile are one round trip); timers on the loop.
#ifndef RILL_RUNTIME_IO_REQUEST_H
#define RILL_RUNTIME_IO_REQUEST_H

#include "runtime/io/file_call.h"
#include "runtime/program/clock.h"
#include "vm/interpreter/io.h"
#include "vm/io_operations.h"

struct IoRequest {
  IoRequestHeader header;
  Runtime *runtime;
  IoOperation operation;
  union {
    ClockTimer timer; // sleep
    struct {
      uv_work_t work;
      FileCall file;
    };
  };
};

// hooks->submit_io. False: threw.
bool rt_submit_io(Runtime *, uint32_t op, uint32_t argc, const Value *argv,
                  IoRequest **out);
// A file operation carried out at once (node:fs ...Sync).
Value rt_io_synchronously(Runtime *, uint32_t op, uint32_t argc,
                          const Value *argv);

#endif
