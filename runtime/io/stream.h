// SPDX-License-Identifier: MIT
// A byte stream over TCP or a Unix socket, below any protocol: reading that
// goes on until it is told to pause, writing that tries the system first and
// queues the rest. Connections of rill:net and of HTTP are built on it.
#ifndef RILL_RUNTIME_IO_STREAM_H
#define RILL_RUNTIME_IO_STREAM_H

#include "runtime/io/net_handle.h"

typedef struct Stream Stream;
// Called with the isolate entered; jobs run when they return.
typedef struct StreamEvents {
  // What was read; good during the call.
  void (*data)(Stream *, const uint8_t *bytes, size_t length);
  // No more will be read: 0 after the peer's end, else a libuv error.
  void (*ended)(Stream *, int error);
  // All that was queued is written; or a write failed, and nothing more will
  // be written.
  void (*drained)(Stream *, int error);
} StreamEvents;

struct Stream {
  NetHandle handle;
  const StreamEvents *events;
  size_t queued; // bytes not written yet
  bool is_pipe;
  bool reading; // the loop polls for it
  bool ended;   // no more will be read
};

// kind: of the owner, whose first member the Stream is. 0, or a libuv error:
// then the memory is gone.
int stream_init(Runtime *, Stream *, const NetHandleKind *,
                const StreamEvents *, bool is_pipe);
// Reads until paused or ended. A libuv error.
int stream_start(Stream *);
void stream_pause(Stream *);

typedef struct StreamWrite {
  uv_write_t request;
  Stream *stream;
  GcRoot waiter; // a promise that is settled when this is done; or none
  size_t length;
  uint8_t bytes[];
} StreamWrite;
// A libuv error, or 0. Bytes that the system does not take at once are copied
// into a queued write, *queued; else that is NULL.
int stream_write(Stream *, const uint8_t *bytes, size_t length,
                 StreamWrite **queued);
// Sends the end, after what is queued. `done` is called with the isolate
// entered. A libuv error.
int stream_shutdown(Stream *, void (*done)(Stream *, int error));

// {address, port, family} of one side of a TCP stream; undefined if unknown.
Value net_stream_address(Stream *, bool remote);

#endif
