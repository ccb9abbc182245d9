// SPDX-License-Identifier: MIT
// A byte stream over TCP or a Unix socket, below any protocol: reading that
// goes on until it is told to pause, writing that tries the system first and
// queues the rest. Connections of rill:net and of HTTP are built on it.
#ifndef RILL_RUNTIME_IO_NET_STREAM_H
#define RILL_RUNTIME_IO_NET_STREAM_H

#include "runtime/io/net/handle.h"

typedef struct Stream Stream;
// Called with the isolate entered; jobs run when they return, or, if
// `data_settles`, when the other events that came with this one are told, too.
typedef struct StreamEvents {
  // What was read; good during the call.
  void (*data)(Stream *, const uint8_t *bytes, size_t length);
  // No more will be read: 0 after the peer's end, else a libuv error.
  void (*ended)(Stream *, int error);
  // All that was queued is written; or a write failed, and nothing more will
  // be written.
  void (*drained)(Stream *, int error);
  // How a TLS handshake ended, or STREAM_TLS_ERROR; may be NULL, see tls.h.
  void (*secured)(Stream *, int error);
  // `data` and `ended` settle promises, and run nothing of the script.
  bool data_settles;
} StreamEvents;

// Beside libuv's numbers: OpenSSL has the reason, and stream_error tells it.
enum { STREAM_TLS_ERROR = -9000 };

struct Stream {
  NetHandle handle;
  const StreamEvents *events;
  struct Tls *tls; // NULL: bytes go as they are
  size_t queued;   // bytes not written yet
  int descriptor;  // good from the first read or write on; before: -1
  bool is_pipe;
  bool is_polled; // the poller knows it
  bool reading;   // what comes is read at once
  bool unwanted;  // reading does not keep the program running
  bool unread;    // there may be something in the system's buffer
  bool thorough;  // a short read does not mean that there is nothing left
  bool ended;     // no more will be read
};

// kind: of the owner, whose first member the Stream is. 0, or a libuv error:
// then the memory is gone.
int stream_init(Runtime *, Stream *, const NetHandleKind *,
                const StreamEvents *, bool is_pipe);
// What the owner's kind does first, when it is cancelled and when it is freed.
void stream_cancel(Stream *);
void stream_free(Stream *);
// Takes a connected descriptor, which is closed with the stream; not if this
// fails. A libuv error.
int stream_open(Stream *, int descriptor);
// Reads until paused or ended. A libuv error.
int stream_start(Stream *);
void stream_pause(Stream *);
// Does it keep the program running while it reads? True at first.
void stream_want(Stream *, bool);
// For the poller: something can be read; `thorough`: the peer's end or an
// error may be behind it.
void stream_ready(Stream *, bool thorough);
// After the last of the events that were taken together.
void stream_run_jobs(Runtime *);

typedef struct StreamWrite {
  uv_write_t request;
  Stream *stream;
  GcHandle waiter; // a promise that is settled when this is done; or none
  size_t length;
  uint8_t bytes[];
} StreamWrite;
// A libuv error, or 0. Bytes that the system does not take at once are copied
// into a queued write, *queued; else that is NULL.
int stream_write(Stream *, const uint8_t *bytes, size_t length,
                 StreamWrite **queued);
// The same below TLS.
int stream_write_plain(Stream *, const uint8_t *bytes, size_t length,
                       StreamWrite **queued);
// What is queued is still written before the handle closes by itself: tells a
// peer of TLS that no more follows. Then it is closed as any handle.
void stream_say_end(Stream *);
// TLS goes on with another stream, onto the same descriptor.
void stream_move_tls(Stream *from, Stream *to);
// An error of an operation, as net_error has it, with OpenSSL's reason.
Value stream_error(Stream *, int error, const char *operation);
// Sends the end, after what is queued. `done` is called with the isolate
// entered. A libuv error.
int stream_shutdown(Stream *, void (*done)(Stream *, int error));

// A part of what was written is lost: the peer gets no more, and sees the end.
void stream_break(Stream *);

// {address, port, family} of one side of a TCP stream; undefined if unknown.
Value net_stream_address(Stream *, bool remote);

#endif
