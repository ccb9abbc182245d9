// SPDX-License-Identifier: MIT
// What sockets, children and signals share: a libuv handle, its place in the
// list of the runtime's open ones, and the script's object for it. The memory
// is freed once the loop has closed the handle and no object refers to it any
// more; an object that dies closes its handle. An operation under way pins the
// object.
#ifndef RILL_RUNTIME_IO_NET_HANDLE_H
#define RILL_RUNTIME_IO_NET_HANDLE_H

#include <uv.h>

#include "runtime/trace/snapshot.h"
#include "vm/objects/host_object.h"

typedef struct NetHandle NetHandle;

typedef struct NetHandleKind {
  const char *name; // of the script's class
  // Rejects what waits, before the handle closes.
  void (*cancel)(NetHandle *);
  void (*free)(NetHandle *); // NULL: free()
  // For people: the promises that wait for it, by net_add_wait. May be NULL.
  void (*list_waits)(NetHandle *, TraceGraph *);
  // Whether it keeps the program running. NULL: that is libuv's.
  void (*want)(NetHandle *, bool);
  // Rejects one of its promises, if that can be without closing. False: it is
  // none. NULL: none can.
  bool (*stop)(NetHandle *, Value promise, Value reason);
} NetHandleKind;

struct NetHandle {
  union {
    uv_handle_t any;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
    uv_udp_t udp;
    uv_poll_t poll;
    uv_process_t process;
    uv_signal_t signal;
  } uv;
  Runtime *rt;
  const NetHandleKind *kind;
  NetHandle *next, *previous; // network->handles
  HostObject *object;         // weak; NULL: none
  void (*leave)(NetHandle *); // before the loop closes it; NULL: nothing
  // Added with the object:
  GcHandle self;         // it, while pinned
  GcHandle close_waiter; // promise of close()
  uint32_t pins;
  uint32_t users; // C frames that still look at it
  bool closing, closed;
};

enum {
  NET_CONNECTION,
  NET_LISTENER,
  NET_DATAGRAM,
  NET_HTTP_REQUEST,
  NET_HTTP_SERVER,
  NET_CHILD,
  NET_SIGNAL,
  NET_CLASS_COUNT
};
enum { NET_READ_BUFFER = 64 * 1024 };

typedef struct Network {
  NetHandle *handles;
  struct NetLookup *lookups; // under way
  struct Poller *poller;     // of all streams
  GcRoot prototypes[NET_CLASS_COUNT];
  GcRoot cancellable;           // net.js: an operation with signal or timeout
  GcRoot limited_body;          // http.js: the same of a request's body
  struct Http *http;            // http_server.c
  struct Fetches *fetches;      // fetch.c
  struct TlsShared *tls;        // tls_stream.c; made on first use
  struct KnownAddresses *known; // granted.c
  // Until the events taken together are told: see stream_run_jobs.
  bool jobs_wait;
  bool buffer_busy;
  uint8_t buffer[NET_READ_BUFFER]; // what is read, until it is handed on
} Network;

// The runtime's, made on first use. NULL: threw (no memory, or the host allows
// and grants no sockets). What goes to which address is asked of granted.h.
Network *net_of(Runtime *) VM_CHECKED;
// The same for handles that are no sockets. NULL: threw (no memory).
Network *net_handles_of(Runtime *) VM_CHECKED;
// Closes everything and forgets who waits. The loop then has to run.
void rt_network_close(Runtime *);
void rt_network_free(Runtime *);

// An uv_alloc_cb: the network's one buffer. What is read is looked at before
// anything else is read, unless a callback runs the loop itself: then, while
// buffer_busy, it is malloc'ed, for the reader to free.
void net_allocate(uv_handle_t *, size_t suggested, uv_buf_t *out);

// Whoever waits for the promise is stopped: ends what it stands for. False: it
// is none of a handle, or only closing that would end it.
bool rt_network_stop_wait(Runtime *, Value promise, Value reason);

// Links a zeroed handle whose uv part the caller initializes next.
void net_handle_init(Runtime *, NetHandle *, const NetHandleKind *);
// The script's object, of the class's prototype. Made on first call. EXCEPTION:
// there is no memory, and the handle is closed, for nobody has it.
Value net_handle_object(NetHandle *, int class) VM_CHECKED;
// The handle behind `this`. NULL: threw (TypeError).
NetHandle *net_handle_this(Isolate *, Value this_value,
                           const NetHandleKind *) VM_CHECKED;
// The handle of an object, whatever its kind. NULL: threw (TypeError).
NetHandle *net_handle_any(Isolate *, Value) VM_CHECKED;
// A pinned object stays alive, and with it the handle.
void net_handle_pin(NetHandle *);
void net_handle_unpin(NetHandle *);
// Cancels what waits and closes. Idempotent.
void net_handle_close(NetHandle *);
// A handle whose uv part could not be initialized.
void net_handle_discard(NetHandle *);
void net_handle_hold(NetHandle *);
void net_handle_release(NetHandle *);
// A promise of its being closed.
Value net_handle_closed_promise(NetHandle *);

// Slots: values that an object outside of the heap keeps, EMPTY while it keeps
// none. They are added and removed with the memory that they are in, so that
// keeping a value cannot fail; as handles, so that very many lengthen no stop
// of the collector. False: no memory, and none is added.
bool net_slots_add(Runtime *, GcHandle *slots, unsigned count) VM_CHECKED;
void net_slots_remove(Runtime *, GcHandle *slots, unsigned count);
static inline Value net_slot(const GcHandle *slot) {
  return gc_handle_word(slot);
}
// Does it keep a value? False for one that was not added.
static inline bool net_slot_holds(const GcHandle *slot) {
  return slot->word != NULL && !value_is_empty(gc_handle_word(slot));
}
static inline bool net_slot_is(const GcHandle *slot, Value value) {
  return slot->word != NULL && gc_handle_word(slot) == value;
}
static inline void net_slot_set(Runtime *rt, GcHandle *slot, Value value) {
  gc_handle_set(rt->isolate->heap, slot, value);
}
static inline void net_slot_clear(Runtime *rt, GcHandle *slot) {
  if (net_slot_holds(slot)) net_slot_set(rt, slot, VALUE_EMPTY);
}

// A pending promise kept in a slot: takes it out and settles it, unless the
// program is over. No effect if there is none.
void net_settle(Runtime *, GcHandle *, Value result, bool failed);
// The same by a libuv status: undefined, or an error of the operation.
void net_settle_status(Runtime *, GcHandle *, int status,
                       const char *operation);
static inline bool net_is_waiting(const GcHandle *slot) {
  return net_slot_holds(slot);
}
// Puts a new promise into the slot. EXCEPTION: threw, the slot is as it was;
// what would begin after it does not, as nobody would have the promise.
Value net_wait(Isolate *, GcHandle *);
// For list_waits: somebody may wait there for this operation.
void net_add_wait(TraceGraph *, const NetHandle *, const GcHandle *,
                  const char *operation);
// An already settled one. A resolved one of EXCEPTION: threw.
Value net_resolved(Isolate *, Value);
Value net_rejected(Isolate *, Value reason);

// An Error like Node's: "connect ECONNREFUSED 127.0.0.1:80" with code, errno,
// syscall, address and port. address may be NULL, port negative.
Value net_error(Isolate *, int uv_error, const char *operation,
                const char *address, int port);
// What operations get that a close cut off.
Value net_closed_error(Isolate *, const char *operation);

// "1.2.3.4" or "::1" and a port. False: neither.
bool net_parse_address(const char *text, int port,
                       struct sockaddr_storage *out);
// {address, port, family} or {path}; undefined if unknown.
Value net_address_object(Isolate *, const struct sockaddr_storage *);
// Text of it; the port, or -1.
int net_address_text(const struct sockaddr_storage *, char *text, size_t size);

// Bytes of a string (as UTF-8), buffer or view, good until script code runs or
// the value dies. `owned` is freed by the caller. False: threw.
typedef struct NetBytes {
  const uint8_t *bytes;
  size_t length;
  char *owned;
} NetBytes;
bool net_bytes_of(Isolate *, Value, NetBytes *out) VM_CHECKED;

#endif
