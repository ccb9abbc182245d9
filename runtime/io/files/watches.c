// SPDX-License-Identifier: MIT
// rill:internal/watch: inotify for modules/lib/internal/fs_watch.js. A runtime
// has one instance, polled by its loop; who watches what is known to the
// script, which gets all that was read at once. libuv's own watchers tell of no
// overflow, and of too little to follow folders that move.
#include "runtime/io/files/watches.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "runtime/io/request.h"
#include "runtime/modules/native_modules.h"
#include "runtime/testing/testing.h"
#include "vm/objects/array.h"
#include "vm/objects/operations.h"

struct Watches {
  uv_poll_t poll;
  Runtime *runtime;
  int descriptor;
  GcRoot dispatch; // function that gets [watch, mask, cookie, name, ...]
};

static bool push(Isolate *iso, Array *list, const struct inotify_event *event) {
  String *name = event->len == 0
                     ? vm_string_from_c(iso, "")
                     : vm_string_from_utf8(iso, event->name,
                                           strnlen(event->name, event->len));
  return name != NULL &&
         vm_array_push(iso, list, value_from_number(event->wd)) &&
         vm_array_push(iso, list, value_from_number(event->mask)) &&
         vm_array_push(iso, list, value_from_number(event->cookie)) &&
         vm_array_push(iso, list, value_from_cell(name));
}

static Value dispatch(Watches *watches, const char *bytes, size_t length) {
  Isolate *iso = watches->runtime->isolate;
  Array *list = vm_array_new(iso, 0);
  for (size_t at = 0; at < length;) {
    const struct inotify_event *event = (const void *)(bytes + at);
    if (!push(iso, list, event)) return VALUE_EXCEPTION;
    at += sizeof *event + event->len;
  }
  Value events = value_from_cell(list);
  return vm_call(iso, watches->dispatch.word, VALUE_UNDEFINED, 1, &events);
}

static void on_events(uv_poll_t *poll, int status, int events) {
  Watches *watches = poll->data;
  Runtime *rt = watches->runtime;
  _Alignas(struct inotify_event) char bytes[64 * 1024];
  // One piece a turn: a script that is told more than it can follow would
  // never get to anything else.
  ssize_t length;
  do {
    length = read(watches->descriptor, bytes, sizeof bytes);
  } while (length < 0 && errno == EINTR);
  if (length <= 0) return;
  rt_enter(rt);
  rt_leave(rt, dispatch(watches, bytes, (size_t)length));
}

static void free_handle(uv_handle_t *poll) {
  free(poll->data);
}

// False: it failed, which is thrown, and the watches are freed.
static bool start(Isolate *iso, Watches *watches) {
  watches->descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  int error = watches->descriptor < 0
                  ? uv_translate_sys_error(errno)
                  : uv_poll_init(&watches->runtime->loop, &watches->poll,
                                 watches->descriptor);
  bool has_handle = error == 0;
  if (has_handle) error = uv_poll_start(&watches->poll, UV_READABLE, on_events);
  if (error == 0) {
    uv_unref((uv_handle_t *)&watches->poll);
    return true;
  }
  if (watches->descriptor >= 0) close(watches->descriptor);
  if (has_handle) {
    uv_close((uv_handle_t *)&watches->poll, free_handle);
  } else {
    free(watches);
  }
  vm_throw(iso, rt_system_error(iso, error, "watch", NULL, NULL));
  return false;
}

static Watches *watches_of(Isolate *iso) {
  Runtime *rt = rt_of(iso);
  IoState *io = rt_io_state(rt);
  if (io == NULL) vm_throw_out_of_memory(iso);
  if (io == NULL || io->watches != NULL) return io == NULL ? NULL : io->watches;
  Watches *watches = calloc(1, sizeof *watches);
  if (watches == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  watches->runtime = rt;
  watches->poll.data = watches;
  if (!start(iso, watches)) return NULL;
  gc_root_add(iso->heap, &watches->dispatch, VALUE_UNDEFINED);
  return io->watches = watches;
}

void rt_watches_free(Watches *watches) {
  if (watches == NULL) return;
  gc_root_remove(watches->runtime->isolate->heap, &watches->dispatch);
  close(watches->descriptor);
  free(watches);
}

// setDispatch(function)
static Value set_dispatch(Isolate *iso, const NativeCall *call) {
  Watches *watches = watches_of(iso);
  if (watches == NULL) return VALUE_EXCEPTION;
  watches->dispatch.word = native_argument(call, 0);
  return VALUE_UNDEFINED;
}

// addWatch(path, mask): the number of the watch, which is the same for all
// paths of one file. The mask is added to what it was.
static Value add_watch(Isolate *iso, const NativeCall *call) {
  Watches *watches = watches_of(iso);
  if (watches == NULL) return VALUE_EXCEPTION;
  if (!rt_check_files_allowed(rt_of(iso))) return VALUE_EXCEPTION;
  char *path = vm_to_utf8(iso, native_argument(call, 0), NULL);
  if (path == NULL) return VALUE_EXCEPTION;
  uint32_t mask = (uint32_t)value_as_number(native_argument(call, 1));
  int watch = inotify_add_watch(watches->descriptor, path, mask | IN_MASK_ADD);
  Value result = value_from_number(watch);
  if (watch < 0) {
    result = vm_throw(iso, rt_system_error(iso, uv_translate_sys_error(errno),
                                           "watch", path, NULL));
  }
  free(path);
  return result;
}

// removeWatch(number)
static Value remove_watch(Isolate *iso, const NativeCall *call) {
  Watches *watches = watches_of(iso);
  if (watches == NULL) return VALUE_EXCEPTION;
  inotify_rm_watch(watches->descriptor,
                   (int)value_as_number(native_argument(call, 0)));
  return VALUE_UNDEFINED;
}

// keepAlive(is): whether the loop runs on for the watches.
static Value keep_alive(Isolate *iso, const NativeCall *call) {
  Watches *watches = watches_of(iso);
  if (watches == NULL) return VALUE_EXCEPTION;
  rt_untrack(rt_of(iso), watches);
  if (vm_to_boolean(native_argument(call, 0))) {
    rt_track(rt_of(iso), watches, "file watch", NULL);
    uv_ref((uv_handle_t *)&watches->poll);
  } else {
    uv_unref((uv_handle_t *)&watches->poll);
  }
  return VALUE_UNDEFINED;
}

static const NativeExport watch_exports[] = {
    {"addWatch", add_watch, 2},
    {"keepAlive", keep_alive, 1},
    {"removeWatch", remove_watch, 1},
    {"setDispatch", set_dispatch, 1},
};
const NativeModule rt_watch_module =
    NATIVE_MODULE("rill:internal/watch", watch_exports);
