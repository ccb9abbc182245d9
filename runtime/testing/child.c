// SPDX-License-Identifier: MIT
// A test file's process: another rill whose standard output and error are one
// pipe, read a line at a time, so that what it prints and what it reports keep
// their order.
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/testing/testing.h"
#include "vm/objects/elements.h"

typedef struct Child {
  uv_process_t process;
  uv_pipe_t pipe;
  uv_timer_t patience; // others may hold the pipe open after its end
  Runtime *rt;
  GcRoot on_lines, on_exit;
  char *bytes; // an unfinished line
  size_t length, capacity;
  int64_t code;
  int signal;
  bool exited, read_all, done;
  int open; // handles
} Child;

static void on_closed(uv_handle_t *handle) {
  Child *child = handle->data;
  if (--child->open > 0) return;
  free(child->bytes);
  free(child);
}

// Hands over `length` bytes of the buffer.
static void deliver(Child *child, size_t length) {
  if (length == 0) return;
  Isolate *iso = child->rt->isolate;
  Value text = VALUE_EXCEPTION;
  String *string = vm_string_from_utf8(iso, child->bytes, length);
  if (string != NULL) {
    Value argument = value_from_cell(string);
    text = vm_call(iso, child->on_lines.word, VALUE_UNDEFINED, 1, &argument);
  }
  memmove(child->bytes, child->bytes + length, child->length - length);
  child->length -= length;
  if (value_is_exception(text)) rt_uncaught(child->rt);
}

static void finish(Child *child) {
  if (child->done || !child->exited || !child->read_all) return;
  child->done = true;
  Isolate *iso = child->rt->isolate;
  deliver(child, child->length);
  Value on_exit = child->on_exit.word;
  gc_root_remove(iso->heap, &child->on_lines);
  gc_root_remove(iso->heap, &child->on_exit);
  Value arguments[] = {value_from_number((double)child->code),
                       value_from_int(child->signal)};
  uv_close((uv_handle_t *)&child->process, on_closed);
  uv_close((uv_handle_t *)&child->pipe, on_closed);
  uv_close((uv_handle_t *)&child->patience, on_closed);
  if (value_is_exception(vm_call(iso, on_exit, VALUE_UNDEFINED, 2, arguments)))
    rt_uncaught(child->rt);
}

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *out) {
  Child *child = handle->data;
  if (child->capacity - child->length < 16384) {
    size_t capacity = child->capacity * 2 + 65536;
    char *bytes = realloc(child->bytes, capacity);
    if (bytes == NULL) {
      *out = uv_buf_init(NULL, 0); // read fails with ENOBUFS
      return;
    }
    child->bytes = bytes;
    child->capacity = capacity;
  }
  *out = uv_buf_init(child->bytes + child->length,
                     (unsigned)(child->capacity - child->length));
}

static void on_read(uv_stream_t *stream, ssize_t count,
                    const uv_buf_t *buffer) {
  Child *child = stream->data;
  if (count == 0 || child->done) return;
  rt_enter(child->rt);
  if (count < 0) {
    uv_read_stop(stream);
    child->read_all = true;
    finish(child);
  } else {
    child->length += (size_t)count;
    size_t whole = child->length;
    while (whole > 0 && child->bytes[whole - 1] != '\n')
      whole--;
    deliver(child, whole);
  }
  rt_leave(child->rt, VALUE_UNDEFINED);
}

static void on_patience(uv_timer_t *timer) {
  Child *child = timer->data;
  rt_enter(child->rt);
  child->read_all = true;
  finish(child);
  rt_leave(child->rt, VALUE_UNDEFINED);
}

static void on_end(uv_process_t *process, int64_t code, int signal) {
  Child *child = process->data;
  rt_enter(child->rt);
  child->exited = true;
  child->code = code;
  child->signal = signal;
  uv_timer_start(&child->patience, on_patience, 300, 0);
  finish(child);
  rt_leave(child->rt, VALUE_UNDEFINED);
}

// Its arguments as C has them; NULL: threw.
static char **arguments_of(Isolate *iso, Array *list) {
  char **arguments = calloc(list->length + 1, sizeof *arguments);
  for (uint32_t i = 0; arguments != NULL && i < list->length; i++) {
    arguments[i] = vm_to_utf8(iso, list->object.elements->values[i], NULL);
    if (arguments[i] != NULL) continue;
    while (i > 0)
      free(arguments[--i]);
    free(arguments);
    return NULL;
  }
  if (arguments == NULL) vm_throw_out_of_memory(iso);
  return arguments;
}

// spawnChild([file, ...arguments], onLines(text), onExit(code, signal))
Value rt_test_child_spawn(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return vm_throw_error(iso, ERROR_ERROR, "pipe: %s", strerror(errno));
  char **arguments = arguments_of(iso, (Array *)value_as_cell(call->argv[0]));
  Child *child = arguments == NULL ? NULL : calloc(1, sizeof *child);
  if (child == NULL) {
    close(ends[0]);
    close(ends[1]);
    return VALUE_EXCEPTION;
  }
  child->rt = rt;
  child->open = 3;
  child->process.data = child->pipe.data = child->patience.data = child;
  gc_root_add(iso->heap, &child->on_lines, call->argv[1]);
  gc_root_add(iso->heap, &child->on_exit, call->argv[2]);
  uv_pipe_init(&rt->loop, &child->pipe, 0);
  uv_pipe_open(&child->pipe, ends[0]);
  uv_timer_init(&rt->loop, &child->patience);
  uv_stdio_container_t streams[3] = {
      {.flags = UV_IGNORE},
      {.flags = UV_INHERIT_FD, .data.fd = ends[1]},
      {.flags = UV_INHERIT_FD, .data.fd = ends[1]},
  };
  uv_process_options_t options = {
      .exit_cb = on_end,
      .file = arguments[0],
      .args = arguments,
      .stdio_count = 3,
      .stdio = streams,
  };
  int failed = uv_spawn(&rt->loop, &child->process, &options);
  close(ends[1]);
  for (char **a = arguments; *a != NULL; a++)
    free(*a);
  free(arguments);
  if (failed != 0) {
    gc_root_remove(iso->heap, &child->on_lines);
    gc_root_remove(iso->heap, &child->on_exit);
    uv_close((uv_handle_t *)&child->process, on_closed);
    uv_close((uv_handle_t *)&child->pipe, on_closed);
    uv_close((uv_handle_t *)&child->patience, on_closed);
    return vm_throw_error(iso, ERROR_ERROR, "A test's process cannot start: %s",
                          uv_strerror(failed));
  }
  uv_read_start((uv_stream_t *)&child->pipe, allocate, on_read);
  return value_from_int(uv_process_get_pid(&child->process));
}

// killChild(pid), of one that has not exited
Value rt_test_child_kill(Isolate *iso, const NativeCall *call) {
  uv_kill(value_as_int(call->argv[0]), SIGKILL);
  return VALUE_UNDEFINED;
}
