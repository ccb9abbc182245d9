// SPDX-License-Identifier: MIT
// Standard output and error. What the console prints is gathered and written
// before the loop polls, blocking; what rill:process writes never blocks: what
// the reader does not take yet stays here, and the loop waits for it. Both go
// through one buffer for each descriptor, so that they stay in order, and the
// end of the program writes what is left.
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/embedder.h"
#include "runtime/io/net/handle.h"
#include "runtime/runtime.h"

typedef struct OutputWaiter {
  struct OutputWaiter *next;
  uint64_t until; // settled once so many bytes have been written
  GcHandle promise;
} OutputWaiter;

typedef struct OutputPump {
  uv_poll_t poll;
  Runtime *rt;
  OutputBuffer *out;
  int descriptor; // non-blocking, of our own; -1: there is no such thing
  bool is_waiting;
  uint64_t written; // bytes, ever
  OutputWaiter *first, **last;
} OutputPump;

enum {
  OUTPUT_DELAY_NANOSECONDS = 20000000,
  OUTPUT_CAPACITY = 64 * 1024,
  // The console may run ahead of a reader by this much.
  OUTPUT_AHEAD = 1024 * 1024
};

bool rt_is_terminal(Runtime *rt, int descriptor) {
  int8_t *known = &rt->terminals[descriptor];
  if (*known == 0) *known = isatty(descriptor) ? 1 : -1;
  return *known > 0;
}

// The reader is gone. A program that only prints ends, as it would by SIGPIPE,
// but with its exit handlers; one that listens to the stream's errors is told.
static void set_broken(Runtime *rt, OutputBuffer *out) {
  out->length = 0;
  if (out->is_broken) return;
  out->is_broken = true;
  if (out->is_handled) {
    out->is_to_tell = true;
    rt_wake(rt);
  } else if (out == &rt->output && rt->embedder == NULL &&
             !rt->is_thread_worker && !rt->exiting) {
    rt->exiting = rt->exit_requested = true;
    rt->exit_code = RT_EXIT_BROKEN_PIPE;
    if (rt->isolate->frame != NULL)
      vm_request_interrupt(rt->isolate, INTERRUPT_TERMINATE);
  }
}

static void write_all(Runtime *rt, OutputBuffer *out, const char *bytes,
                      size_t length) {
  while (length > 0 && !out->is_broken) {
    ssize_t written = write(out->descriptor, bytes, length);
    if (written < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) {
        struct pollfd ready = {.fd = out->descriptor, .events = POLLOUT};
        poll(&ready, 1, -1);
        continue;
      }
      if (errno == EPIPE) set_broken(rt, out);
      return; // a full disk, a closed descriptor: nothing better to do
    }
    bytes += written;
    length -= (size_t)written;
  }
}

static bool is_pumping(const OutputBuffer *out) {
  return out->pump != NULL && out->pump->is_waiting;
}

static bool grow(OutputBuffer *out, size_t needed) {
  if (needed <= out->capacity) return true;
  size_t capacity =
      needed < OUTPUT_CAPACITY ? OUTPUT_CAPACITY : needed + needed / 2;
  char *grown = realloc(out->bytes, capacity);
  if (grown == NULL) return false;
  out->bytes = grown;
  out->capacity = capacity;
  return true;
}

static bool append(OutputBuffer *out, const char *bytes, size_t length) {
  if (!grow(out, out->length + length)) return false;
  memcpy(out->bytes + out->length, bytes, length);
  out->length += length;
  return true;
}

// Writes all of it, however long that takes.
static void finish(Runtime *rt, OutputBuffer *out) {
  size_t length = out->length;
  out->length = 0; // should a signal's handler flush, too
  write_all(rt, out, out->bytes, length);
  if (out->pump != NULL) out->pump->written += length;
}

// Behind what waits for the reader.
static void queue(Runtime *rt, OutputBuffer *out, const char *bytes,
                  size_t length) {
  if (out->length > OUTPUT_AHEAD || !append(out, bytes, length)) {
    finish(rt, out);
    write_all(rt, out, bytes, length);
    out->pump->written += length;
  }
}

bool rt_check_console_allowed(Runtime *rt, const char *what) {
  if (!rt->options.bare) return true;
  vm_throw_error(rt->isolate, ERROR_ERROR,
                 "The host of this isolate allows no %s", what);
  return false;
}

// The embedder takes it.
static bool is_taken(Runtime *rt, bool to_error, const char *bytes,
                     size_t length) {
  const EmbedderHooks *hooks = rt->embedder_hooks;
  return unlikely(hooks != NULL) && hooks->output(rt, to_error, bytes, length);
}

void rt_output(Runtime *rt, const char *bytes, size_t length) {
  if (is_taken(rt, false, bytes, length)) return;
  OutputBuffer *out = &rt->output;
  if (unlikely(is_pumping(out))) {
    queue(rt, out, bytes, length);
    return;
  }
  if (out->bytes == NULL && !grow(out, OUTPUT_CAPACITY)) {
    write_all(rt, out, bytes, length);
    return;
  }
  if (length > out->capacity - out->length) finish(rt, out);
  if (length > out->capacity) {
    write_all(rt, out, bytes, length);
    return;
  }
  memcpy(out->bytes + out->length, bytes, length);
  out->length += length;
  // A busy script's output should not look stuck; the first is written at once.
  uint64_t now = uv_hrtime();
  if (rt_is_terminal(rt, STDOUT_FILENO) ||
      now - out->last_flush > OUTPUT_DELAY_NANOSECONDS) {
    out->last_flush = now;
    finish(rt, out);
  }
}

void rt_output_flush(Runtime *rt) {
  if (rt->output.length != 0 && !is_pumping(&rt->output))
    finish(rt, &rt->output);
}

void rt_output_finish(Runtime *rt) {
  finish(rt, &rt->output);
  finish(rt, &rt->error_output);
}

void rt_error_output(Runtime *rt, const char *bytes, size_t length) {
  if (is_taken(rt, true, bytes, length)) return;
  rt_output_flush(rt);
  if (unlikely(is_pumping(&rt->error_output))) {
    queue(rt, &rt->error_output, bytes, length);
  } else {
    write_all(rt, &rt->error_output, bytes, length);
  }
}

// Writes that do not block
// ------------------------------------------------------

// A descriptor of our own: making a shared one non-blocking would be noticed by
// the others. Files never block, sockets cannot be opened again.
static int open_again(int descriptor) {
  struct stat status;
  if (fstat(descriptor, &status) != 0 ||
      !(S_ISFIFO(status.st_mode) || isatty(descriptor)))
    return -1;
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  return open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

static Value write_error(Runtime *rt, int uv_error) {
  return net_error(rt->isolate, uv_error, "write", NULL, -1);
}

static void settle(OutputPump *pump, int error) {
  Runtime *rt = pump->rt;
  while (pump->first != NULL &&
         (error != 0 || pump->first->until <= pump->written)) {
    OutputWaiter *waiter = pump->first;
    pump->first = waiter->next;
    if (pump->first == NULL) pump->last = &pump->first;
    net_settle(rt, &waiter->promise,
               error == 0 ? VALUE_UNDEFINED : write_error(rt, error),
               error != 0);
    net_slots_remove(rt, &waiter->promise, 1);
    free(waiter);
  }
}

// Writes what the reader takes. 0, or a libuv error: then all is lost.
static int pump_some(OutputPump *pump) {
  OutputBuffer *out = pump->out;
  size_t at = 0;
  int error = 0;
  while (at < out->length && error == 0) {
    ssize_t written =
        write(pump->descriptor, out->bytes + at, out->length - at);
    if (written >= 0) {
      at += (size_t)written;
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      error = uv_translate_sys_error(errno);
    }
  }
  if (error != 0) at = out->length;
  pump->written += at;
  out->length -= at;
  memmove(out->bytes, out->bytes + at, out->length);
  return error;
}

static void on_writable(uv_poll_t *poll, int status, int events) {
  OutputPump *pump = poll->data;
  Runtime *rt = pump->rt;
  rt_enter(rt);
  int error = pump_some(pump);
  if (pump->out->length == 0) {
    pump->is_waiting = false;
    uv_poll_stop(poll);
  }
  if (error == UV_EPIPE) pump->out->is_broken = true;
  settle(pump, error);
  rt_leave(rt, VALUE_UNDEFINED);
}

// NULL: no memory.
static OutputPump *pump_of(Runtime *rt, OutputBuffer *out) {
  if (out->pump != NULL) return out->pump;
  OutputPump *pump = rt_need_loop(rt) ? calloc(1, sizeof *pump) : NULL;
  if (pump == NULL) return NULL;
  pump->rt = rt;
  pump->out = out;
  pump->last = &pump->first;
  pump->descriptor = open_again(out->descriptor);
  if (pump->descriptor >= 0 &&
      uv_poll_init(&rt->loop, &pump->poll, pump->descriptor) != 0) {
    close(pump->descriptor);
    pump->descriptor = -1;
  }
  pump->poll.data = pump;
  return out->pump = pump;
}

Value rt_output_write(Runtime *rt, bool to_error, const uint8_t *bytes,
                      size_t length) {
  Isolate *iso = rt->isolate;
  if (is_taken(rt, to_error, (const char *)bytes, length))
    return VALUE_UNDEFINED;
  OutputBuffer *out = to_error ? &rt->error_output : &rt->output;
  OutputPump *pump = pump_of(rt, out);
  if (pump == NULL) return vm_throw_out_of_memory(iso);
  int error = out->is_broken ? UV_EPIPE : 0;
  if (error == 0 && pump->descriptor < 0) {
    finish(rt, out);
    write_all(rt, out, (const char *)bytes, length);
    if (out->is_broken) error = UV_EPIPE;
  } else if (error == 0) {
    if (!append(out, (const char *)bytes, length))
      return vm_throw_out_of_memory(iso);
    if (!pump->is_waiting) error = pump_some(pump);
    if (error == UV_EPIPE) out->is_broken = true;
  }
  if (error != 0) return net_rejected(iso, write_error(rt, error));
  if (out->length == 0) return VALUE_UNDEFINED;
  OutputWaiter *waiter = calloc(1, sizeof *waiter);
  if (waiter == NULL || !net_slots_add(rt, &waiter->promise, 1)) {
    free(waiter);
    return vm_throw_out_of_memory(iso);
  }
  waiter->until = pump->written + out->length;
  *pump->last = waiter;
  pump->last = &waiter->next;
  if (!pump->is_waiting) {
    pump->is_waiting = true;
    uv_poll_start(&pump->poll, UV_WRITABLE, on_writable);
  }
  return net_wait(iso, &waiter->promise);
}

static void free_buffer(OutputBuffer *out) {
  if (out->pump != NULL) {
    settle(out->pump, UV_ECANCELED);
    if (out->pump->descriptor >= 0) close(out->pump->descriptor);
    free(out->pump);
  }
  free(out->bytes);
}

void rt_output_free(Runtime *rt) {
  free_buffer(&rt->output);
  free_buffer(&rt->error_output);
}
