// SPDX-License-Identifier: MIT
// A child that the script waits for without its loop going on: it has a loop of
// its own. Nothing of the isolate is touched while that runs.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/arguments.h"
#include "runtime/executor/loop_init.h"
#include "runtime/io/bytes.h"
#include "runtime/io/net/handle.h"
#include "runtime/io/process/module.h"
#include "runtime/io/process/start.h"
#include "runtime/trace/trace.h"
#include "runtime/values.h"

typedef struct SyncPipe {
  uv_pipe_t uv;
  struct SyncCall *call;
  uint8_t *bytes;
  size_t length, capacity;
  uv_shutdown_t shutdown;
  bool is_open, reads;
} SyncPipe;

typedef struct SyncCall {
  uv_loop_t loop;
  union {
    uv_handle_t any;
    uv_poll_t poll;
    uv_process_t process;
  } child;
  ChildWatch watch;
  uv_timer_t timer;
  uv_write_t write;
  ChildOptions options;
  SyncPipe pipes[CHILD_MAX_DESCRIPTORS];
  size_t max_buffer;
  int kill_signal;
  int error; // why it was killed
  int64_t code;
  int signal;
  bool is_over;
  uint8_t read_buffer[64 * 1024];
} SyncCall;

static void close_pipe(SyncPipe *pipe) {
  if (!pipe->is_open) return;
  pipe->is_open = false;
  uv_close((uv_handle_t *)&pipe->uv, NULL);
}

// The pipes go as well: who inherited them may live on.
static void cut_off(SyncCall *call, int error) {
  if (call->error == 0) call->error = error;
  if (!call->is_over) uv_kill(call->watch.pid, call->kill_signal);
  for (int i = 0; i < CHILD_MAX_DESCRIPTORS; i++)
    close_pipe(&call->pipes[i]);
}

static void on_over(SyncCall *call, int64_t code, int signal) {
  call->is_over = true;
  call->code = code;
  call->signal = signal;
  uv_close(&call->child.any, NULL);
  uv_unref((uv_handle_t *)&call->timer);
}

static void on_ended(uv_poll_t *uv, int status, int events) {
  SyncCall *call = uv->data;
  int64_t code;
  int signal;
  if (child_reap(&call->watch, &code, &signal)) on_over(call, code, signal);
}

static void on_exited(uv_process_t *uv, int64_t code, int signal) {
  on_over(uv->data, code, signal);
}

static void on_timeout(uv_timer_t *timer) {
  cut_off(timer->data, UV_ETIMEDOUT);
}

static void allocate(uv_handle_t *uv, size_t suggested, uv_buf_t *out) {
  SyncCall *call = ((SyncPipe *)uv->data)->call;
  out->base = (char *)call->read_buffer;
  out->len = sizeof call->read_buffer;
}

static int keep(SyncPipe *pipe, const char *bytes, size_t length) {
  size_t room = pipe->call->max_buffer - pipe->length;
  int error = length > room ? UV_ENOBUFS : 0;
  if (error != 0) length = room;
  size_t needed = pipe->length + length;
  if (!rt_bytes_grow(&pipe->bytes, &pipe->capacity, needed, 4096))
    return UV_ENOMEM;
  if (length != 0) memcpy(pipe->bytes + pipe->length, bytes, length);
  pipe->length = needed;
  return error;
}

static void on_read(uv_stream_t *uv, ssize_t count, const uv_buf_t *buffer) {
  SyncPipe *pipe = uv->data;
  if (count < 0) {
    if (count != UV_EOF && pipe->call->error == 0)
      pipe->call->error = (int)count;
    close_pipe(pipe);
  } else if (count > 0) {
    int error = keep(pipe, buffer->base, (size_t)count);
    if (error != 0) cut_off(pipe->call, error);
  }
}

static void on_shutdown(uv_shutdown_t *request, int status) {
  SyncPipe *pipe = request->handle->data;
  if (!pipe->reads) close_pipe(pipe);
}

// A child that does not want its input is not an error.
static void on_written(uv_write_t *request, int status) {
  SyncPipe *pipe = request->handle->data;
  if (!pipe->is_open) return;
  if (status == 0) {
    uv_shutdown(&pipe->shutdown, request->handle, on_shutdown);
  } else if (!pipe->reads) {
    close_pipe(pipe);
  }
}

static int open_pipe(SyncCall *call, int at, uv_buf_t *input) {
  SyncPipe *pipe = &call->pipes[at];
  ChildOptions *o = &call->options;
  int error = uv_pipe_init(&call->loop, &pipe->uv, 0);
  if (error != 0) return error;
  pipe->uv.data = pipe;
  pipe->call = call;
  pipe->is_open = true;
  error = uv_pipe_open(&pipe->uv, o->ours[at]);
  if (error != 0) return error;
  o->ours[at] = -1;
  pipe->reads = uv_is_readable((uv_stream_t *)&pipe->uv);
  if (pipe->reads)
    error = uv_read_start((uv_stream_t *)&pipe->uv, allocate, on_read);
  uv_stream_t *stream = (uv_stream_t *)&pipe->uv;
  if (error != 0 || !uv_is_writable(stream)) return error;
  return at == 0 ? uv_write(&call->write, stream, input, 1, on_written)
                 : uv_shutdown(&pipe->shutdown, stream, on_shutdown);
}

// 0, or why there is no child.
static int run(SyncCall *call, uint8_t *input, size_t length,
               uint64_t timeout) {
  int error = exec_loop_init(&call->loop);
  if (error != 0) return error;
  ChildOptions *o = &call->options;
  uv_buf_t input_buffer = {.base = (char *)input, .len = length};
  uv_timer_init(&call->loop, &call->timer);
  call->timer.data = call->child.any.data = call;
  error = child_start(&call->loop, &call->child.any, o, &call->watch, on_ended,
                      on_exited);
  if (error != 0) {
    if (call->watch.has_handle) uv_close(&call->child.any, NULL);
  } else {
    if (timeout != 0) uv_timer_start(&call->timer, on_timeout, timeout, 0);
    for (int i = 0; i < o->uv.stdio_count; i++) {
      // The child's ends: their last one is to be the child's.
      if (o->theirs[i] >= 0) close(o->theirs[i]);
      o->theirs[i] = -1;
    }
    for (int i = 0; i < o->uv.stdio_count; i++) {
      int failed = o->ours[i] < 0 ? 0 : open_pipe(call, i, &input_buffer);
      if (failed == 0) continue;
      cut_off(call, failed);
      break;
    }
  }
  uv_run(&call->loop, UV_RUN_DEFAULT);
  uv_close((uv_handle_t *)&call->timer, NULL);
  uv_run(&call->loop, UV_RUN_DEFAULT);
  uv_loop_close(&call->loop);
  child_watch_release(&call->watch);
  return error;
}

static Value outputs(Isolate *iso, SyncCall *call) {
  Array *list = vm_array_new(iso, 0);
  for (int i = 0; i < call->options.uv.stdio_count; i++) {
    SyncPipe *pipe = &call->pipes[i];
    Value bytes = VALUE_NULL;
    if (pipe->reads) {
      bytes = rt_bytes_adopt(iso, pipe->bytes, pipe->length);
      pipe->bytes = NULL;
    }
    if (value_is_exception(bytes) || !vm_array_push(iso, list, bytes))
      return VALUE_EXCEPTION;
  }
  return value_from_cell(list);
}

static Value result_of(Isolate *iso, SyncCall *call) {
  Object *o = vm_object_new(iso);
  double status = call->signal != 0 ? -call->signal : (double)call->code;
  Value error = VALUE_UNDEFINED;
  if (call->error != 0) {
    error = child_spawn_error(iso, &call->options, call->error);
  }
  return rt_put(iso, o, "pid", value_from_int(call->watch.pid)) &&
                 rt_put(iso, o, "exit", value_from_number(status)) &&
                 rt_put(iso, o, "output", outputs(iso, call)) &&
                 rt_put(iso, o, "error", error)
             ? value_from_cell(o)
             : VALUE_EXCEPTION;
}

// spawnSync(the eight of spawn, input, timeout, signal, maxBuffer): {pid, exit,
// output, error}. Input: bytes or undefined, for the pipes that the child
// reads.
Value child_spawn_sync(Isolate *iso, const NativeCall *call) {
  if (!child_may_start(rt_of(iso)) || net_handles_of(rt_of(iso)) == NULL)
    return VALUE_EXCEPTION;
  uint8_t *input = NULL;
  size_t length = 0;
  if (!rt_arguments_are(iso, call, "saASuiia.uin")) return VALUE_EXCEPTION;
  Value given = native_argument(call, CHILD_ARGUMENTS);
  if (!value_is_undefined(given) && !rt_bytes_of(iso, given, &input, &length))
    return VALUE_EXCEPTION;
  SyncCall *sync = calloc(1, sizeof *sync);
  if (sync == NULL) return vm_throw_out_of_memory(iso);
  double timeout = value_as_number(call->argv[CHILD_ARGUMENTS + 1]);
  double limit = value_as_number(call->argv[CHILD_ARGUMENTS + 3]);
  sync->kill_signal = (int)value_as_number(call->argv[CHILD_ARGUMENTS + 2]);
  sync->max_buffer = limit >= 0 && limit < 1e15 ? (size_t)limit : SIZE_MAX;
  Value result = VALUE_EXCEPTION;
  if (child_options_take(iso, call, &sync->options)) {
    trace_expect_blocking();
    gc_enter_native(iso->heap);
    int error = run(sync, input, length, (uint64_t)timeout);
    gc_leave_native(iso->heap);
    result = error != 0
                 ? vm_throw(iso, child_spawn_error(iso, &sync->options, error))
                 : result_of(iso, sync);
  }
  for (int i = 0; i < CHILD_MAX_DESCRIPTORS; i++)
    free(sync->pipes[i].bytes);
  child_options_release(&sync->options);
  free(sync);
  return result;
}
