// SPDX-License-Identifier: MIT
// Submitting requests, completing and cancelling them.
#include "runtime/io/request.h"

#include "runtime/io/grants.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "runtime/io/sleeps.h"
#include "runtime/io/thread_pool.h"
#include "runtime/modules/loader.h"
#include "runtime/trace/spans.h"
#include "runtime/trace/trace.h"

static const struct {
  const char *function;
  int options;
} operations[] = {
#define IO_OPERATION(name, module, function, length, options)                  \
  {function, options},
#include "vm/io_operations.def"
#undef IO_OPERATION
};

// A blocked thread is interrupted every few milliseconds; one that does not
// answer is given up.
enum { KICK_MILLISECONDS = 5, KICKS_AT_MOST = 200 };

static void on_kick(uv_timer_t *timer);

IoState *rt_io_state(Runtime *rt) {
  if (rt->io != NULL) return rt->io;
  IoState *io = rt_need_loop(rt) ? calloc(1, sizeof *io) : NULL;
  if (io == NULL) return NULL;
  // A file that would become too large is an error of the write.
  struct sigaction now;
  if (sigaction(SIGXFSZ, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
    signal(SIGXFSZ, SIG_IGN);
  uv_timer_init(&rt->loop, &io->kick);
  uv_unref((uv_handle_t *)&io->kick);
  io->kick.data = rt;
  uv_idle_init(&rt->loop, &io->turn);
  io->turn.data = rt;
  return rt->io = io;
}

// Of one that is no plain sleep.
static Runtime *runtime_of(const IoRequest *request) {
  return request->runtime;
}

static void link_request(IoRequest *request) {
  IoState *io = runtime_of(request)->io;
  request->next = io->pending;
  if (request->next != NULL) request->next->previous = request;
  io->pending = request;
  if (request->operation != IO_OPERATION_SLEEP) io->files++;
}

static void unlink_request(IoRequest *request) {
  if (request->operation != IO_OPERATION_SLEEP)
    runtime_of(request)->io->files--;
  if (request->next != NULL) request->next->previous = request->previous;
  if (request->previous != NULL) {
    request->previous->next = request->next;
  } else {
    runtime_of(request)->io->pending = request->next;
  }
}

// Limits
// --------------------------------------------------------------------------

static void remove_limits(GcHeap *heap, IoLimits *limits) {
  gc_handle_remove(heap, &limits->stop);
  gc_handle_remove(heap, &limits->release);
  gc_handle_remove(heap, &limits->reason);
  free(limits);
}

static IoLimits *limits_of(IoRequest *request) {
  if (request->limits != NULL) return request->limits;
  IoLimits *limits = calloc(1, sizeof *limits);
  if (limits == NULL) return NULL;
  GcHeap *heap = runtime_of(request)->isolate->heap;
  if (gc_handle_add(heap, &limits->stop, VALUE_UNDEFINED) &&
      gc_handle_add(heap, &limits->release, VALUE_UNDEFINED) &&
      gc_handle_add(heap, &limits->reason, VALUE_UNDEFINED))
    return request->limits = limits;
  remove_limits(heap, limits);
  return NULL;
}

static void free_limits(IoRequest *request) {
  IoLimits *limits = request->limits;
  if (limits == NULL) return;
  Isolate *iso = runtime_of(request)->isolate;
  Value release = gc_handle_word(&limits->release),
        stop = gc_handle_word(&limits->stop);
  if (!value_is_undefined(stop))
    gc_store_word(iso->heap, &((NativeFunction *)value_as_cell(stop))->slots[0],
                  VALUE_UNDEFINED);
  remove_limits(iso->heap, limits);
  request->limits = NULL;
  if (value_is_undefined(release) || runtime_of(request)->exiting) return;
  if (value_is_exception(vm_call(iso, release, VALUE_UNDEFINED, 0, NULL)) &&
      !vm_is_terminating(iso)) {
    vm_take_exception(iso); // it has none of its own
  }
}

// What the signal or the timer calls, with the reason. The slot is the address
// of the request, while it is pending.
static Value stop_request(Isolate *iso, const NativeCall *call) {
  Value address = native_slot(call, 0);
  if (!value_is_undefined(address)) {
    rt_io_cancel(rt_of(iso), (IoRequest *)(uintptr_t)value_as_number(address),
                 native_argument(call, 0));
  }
  return VALUE_UNDEFINED;
}

// Arms the {signal, timeout} of the operation's options. False: threw; for one,
// if the signal is aborted already.
static bool take_limits(IoRequest *request, uint32_t argc, const Value *argv) {
  int place = operations[request->operation].options;
  if (place < 0 || (uint32_t)place >= argc || !value_is_object(argv[place]))
    return true;
  Isolate *iso = runtime_of(request)->isolate;
  Object *options = value_as_object(argv[place]);
  Value signal = vm_get(iso, options, vm_key_from_c("signal"));
  if (value_is_exception(signal)) return false;
  Value timeout = vm_get(iso, options, vm_key_from_c("timeout"));
  if (value_is_exception(timeout)) return false;
  if (value_is_undefined(signal) && value_is_undefined(timeout)) return true;
  Value exports =
      rt_builtin_namespace(runtime_of(request), "rill:internal/limits");
  if (value_is_exception(exports)) return false;
  Value arm = vm_get(iso, value_as_object(exports), vm_key_from_c("armLimits"));
  if (value_is_exception(arm)) return false;
  IoLimits *limits = limits_of(request);
  String *name = vm_string_from_c(iso, operations[request->operation].function);
  if (limits == NULL || name == NULL) {
    if (limits == NULL) vm_throw_out_of_memory(iso);
    return false;
  }
  NativeFunction *stop = vm_native_new(iso, stop_request, NULL, 1, 1, false);
  gc_handle_set(iso->heap, &limits->stop, value_from_cell(stop));
  Value arguments[] = {value_from_cell(name), signal, timeout,
                       value_from_cell(stop)};
  Value release = vm_call(iso, arm, VALUE_UNDEFINED, 4, arguments);
  if (value_is_exception(release)) return false;
  gc_handle_set(iso->heap, &limits->release, release);
  // Not before: what is not queued yet cannot be taken back.
  gc_store_word(iso->heap, &stop->slots[0],
                value_from_number((double)(uintptr_t)request));
  return true;
}

// Completing
// ----------------------------------------------------------------------

// The answer to whoever waits, once.
static void answer(Runtime *rt, IoRequest *request, Value result, bool failed) {
  if (request->header.waiter.word == NULL) return; // nobody, or it has it
  if (rt->exiting) {
    vm_io_forget(rt->isolate, request);
  } else {
    vm_io_complete(rt->isolate, request, result, failed);
  }
}

static bool is_plain_sleep(const IoRequest *);

static void free_memory(Runtime *rt, IoRequest *request, bool is_plain) {
  if (is_plain)
    rt_sleep_free(rt, request);
  else
    free(request);
}

static void finish_sleep(Runtime *rt, IoRequest *request, Value result,
                         bool failed) {
  answer(rt, request, result, failed);
  bool is_plain = is_plain_sleep(request);
  if (!is_plain) {
    unlink_request(request);
    free_limits(request);
  }
  rt_timer_stop(rt, &request->timer);
  free_memory(rt, request, is_plain);
}

static IoRequest *sleeper_of(ClockTimer *timer) {
  return (IoRequest *)((char *)timer - offsetof(IoRequest, timer));
}

static Value wake_sleeper(Runtime *rt, ClockTimer *timer) {
  finish_sleep(rt, sleeper_of(timer), VALUE_UNDEFINED, false);
  return VALUE_UNDEFINED;
}

// The runtime is exiting: nobody gets an answer.
static void drop_sleeper(Runtime *rt, ClockTimer *timer) {
  finish_sleep(rt, sleeper_of(timer), VALUE_UNDEFINED, false);
}

static const ClockTimerType sleep_type = {"sleep", wake_sleeper, drop_sleeper},
                            plain_type = {"sleep", wake_sleeper, drop_sleeper};

static bool is_plain_sleep(const IoRequest *request) {
  return request->timer.type == &plain_type;
}

static bool submit_sleep(Runtime *rt, IoRequest *request, bool is_plain,
                         uint32_t argc, const Value *argv) {
  double milliseconds = 0;
  if (argc > 0 && !vm_to_double(rt->isolate, argv[0], &milliseconds)) {
    return false;
  }
  if (!(milliseconds >= 0 && milliseconds <= 2147483647.0)) {
    vm_throw_range(rt->isolate,
                   "sleep: milliseconds must be from 0 to 2147483647");
    return false;
  }
  if (!is_plain) {
    link_request(request);
    if (!take_limits(request, argc, argv)) {
      unlink_request(request);
      return false;
    }
  }
  rt_timer_start(rt, &request->timer, is_plain ? &plain_type : &sleep_type,
                 milliseconds, false);
  return true;
}

// Descriptors in use
// ---------------------------------------------------------------

// Whether the call uses a descriptor of the script's.
static bool uses_descriptor(const IoRequest *request) {
  return request->file.path == NULL && request->operation != IO_OPERATION_CLOSE;
}

// False: no memory.
static bool count_user(IoState *io, uint32_t descriptor) {
  if (descriptor >= io->user_capacity) {
    // Numbers are small; one that is not is none, and has no need of a count.
    if (descriptor > 1 << 24) return true;
    uint32_t capacity = descriptor * 2 + 64;
    uint32_t *users = realloc(io->users, capacity * sizeof *users);
    if (users == NULL) return false;
    memset(users + io->user_capacity, 0,
           (capacity - io->user_capacity) * sizeof *users);
    io->users = users;
    io->user_capacity = capacity;
  }
  io->users[descriptor]++;
  return true;
}

static bool is_used(const IoState *io, int descriptor) {
  return (uint32_t)descriptor < io->user_capacity && io->users[descriptor] > 0;
}

static void queue_work(IoRequest *request);

static void discount_user(IoState *io, int descriptor) {
  if (!is_used(io, descriptor) || --io->users[descriptor] > 0) return;
  for (IoRequest **link = &io->closing; *link != NULL;) {
    IoRequest *request = *link;
    if (request->file.descriptor == descriptor) {
      *link = request->next_closing;
      queue_work(request);
      return;
    }
    link = &request->next_closing;
  }
}

// Files
// ---------------------------------------------------------------------------

static void begin_span(IoRequest *request) {
  Isolate *iso = runtime_of(request)->isolate;
  const FileCall *file = &request->file;
  TextBuffer t;
  text_init(&t);
  if (file->path != NULL) {
    text_append_c(&t, "\"path\":");
    trace_append_quoted(&t, file->path);
  } else {
    trace_append_format(&t, "\"descriptor\":%d", file->descriptor);
  }
  request->span = trace_span_here(iso, TRACE_FS,
                                  operations[request->operation].function, &t);
  text_free(&t);
}

static void end_span(IoRequest *request) {
  char error[64] = "";
  if (request->file.error != 0) {
    snprintf(error, sizeof error, "\"error\":\"%s\"",
             uv_err_name(request->file.error));
  }
  trace_span_end(TRACE_FS, TRACE_INFO, runtime_of(request)->trace->number,
                 request->span, error);
}

static void run_file_call(uv_work_t *work) {
  IoRequest *request = work->data;
  rt_file_call_run(&request->file);
}

static void finish_file(IoRequest *request, int status) {
  Runtime *rt = runtime_of(request);
  FileCall *file = &request->file;
  if (status != 0)
    file_fail(file, operations[request->operation].function, status);
  if (request->is_cancelled) {
    rt->io->cancelled--;
    rt_file_call_undo(file);
    answer(rt, request, gc_handle_word(&request->limits->reason), true);
  } else {
    bool failed;
    Value result = rt_file_call_result(rt->isolate, file, &failed);
    answer(rt, request, result, failed);
  }
  if (unlikely(request->span != 0)) end_span(request);
  unlink_request(request);
  if (uses_descriptor(request)) discount_user(rt->io, file->descriptor);
  free_limits(request);
  rt_file_call_release(file);
  free(request);
}

static void after_file_call(uv_work_t *work, int status) {
  IoRequest *request = work->data;
  Runtime *rt = runtime_of(request);
  rt_enter(rt);
  finish_file(request, status);
  rt_leave(rt, VALUE_UNDEFINED);
}

static void finish_done(Runtime *rt) {
  IoRequest *request = rt->io->done;
  rt->io->done = NULL;
  uv_idle_stop(&rt->io->turn);
  if (request != NULL) finish_file(request, 0);
}

static void on_turn(uv_idle_t *turn) {
  Runtime *rt = turn->data;
  rt_enter(rt);
  finish_done(rt);
  rt_leave(rt, VALUE_UNDEFINED);
}

// A script that asks for one file after another is answered on the next turn of
// the loop. One that has asked for several gets them through the pool, which
// does not keep it from going on.
static bool do_at_once(IoRequest *request) {
  IoState *io = runtime_of(request)->io;
  if (io->files > 1 || request->limits != NULL ||
      request->file.grants != NULL ||
      !file_do_cached(&request->file, &io->cached)) {
    return false;
  }
  if (trace_wants(TRACE_FS, TRACE_INFO)) begin_span(request);
  request->is_done = true;
  io->done = request;
  uv_idle_start(&io->turn, on_turn);
  return true;
}

static void queue_work(IoRequest *request) {
  if (trace_wants(TRACE_FS, TRACE_INFO)) begin_span(request);
  request->work.data = request;
  uv_queue_work(&runtime_of(request)->loop, &request->work, run_file_call,
                after_file_call);
}

// The call stays within the isolate's grants. False: it may reach no files,
// thrown.
static bool take_grants(Runtime *rt, FileCall *file) {
  const Grants *grants = rt->options.grants;
  if (!rt->options.deny_files) return true;
  if (grants == NULL || grants->directory_count == 0)
    return rt_check_files_allowed(rt);
  file->grants = rt->options.grants;
  return true;
}

bool rt_check_files_allowed(Runtime *rt) {
  if (!rt->options.deny_files) return true;
  vm_throw_error(rt->isolate, ERROR_ERROR,
                 "The host of this isolate allows no access to files");
  return false;
}

static bool give_up(IoRequest *request) {
  Runtime *rt = runtime_of(request);
  if (!vm_has_exception(rt->isolate)) vm_throw_out_of_memory(rt->isolate);
  unlink_request(request);
  rt_file_call_release(&request->file);
  return false;
}

// Who waits for a lock of a descriptor that is to be closed may wait for what
// only comes after the closing.
static void cancel_lock_waits(Runtime *rt, int descriptor) {
  for (IoRequest *request = rt->io->pending; request != NULL;
       request = request->next) {
    if (request->operation != IO_OPERATION_LOCK ||
        request->file.descriptor != descriptor ||
        (request->file.flags & (LOCK_UN | LOCK_NB)) != 0)
      continue;
    rt_io_cancel(
        rt, request,
        rt_system_error(rt->isolate, UV_ECANCELED, "flock", NULL, NULL));
  }
}

static bool submit_file(IoRequest *request, uint32_t argc, const Value *argv) {
  Runtime *rt = runtime_of(request);
  FileCall *file = &request->file;
  if (!take_grants(rt, file)) return false;
  if (!rt_file_call_prepare(rt->isolate, file, request->operation, argc,
                            argv)) {
    rt_file_call_release(file);
    return false;
  }
  link_request(request);
  if (!take_limits(request, argc, argv) ||
      (uses_descriptor(request) &&
       !count_user(rt->io, (uint32_t)file->descriptor)))
    return give_up(request);
  if (request->operation == IO_OPERATION_CLOSE &&
      is_used(rt->io, file->descriptor)) {
    request->next_closing = rt->io->closing;
    rt->io->closing = request;
    cancel_lock_waits(rt, file->descriptor);
  } else if (!do_at_once(request)) {
    if (!rt_thread_pool_is_ready()) {
      if (uses_descriptor(request)) discount_user(rt->io, file->descriptor);
      return give_up(request);
    }
    queue_work(request);
  }
  return true;
}

bool rt_submit_io(Runtime *rt, uint32_t op, uint32_t argc, const Value *argv,
                  IoRequest **out) {
  bool is_plain = op == IO_OPERATION_SLEEP && argc < 2;
  IoRequest *request = rt_io_state(rt) == NULL ? NULL
                       : is_plain              ? rt_sleep_new(rt)
                                               : calloc(1, sizeof *request);
  if (request == NULL ||
      !gc_handle_add(rt->isolate->heap, &request->header.waiter,
                     VALUE_UNDEFINED)) {
    if (request != NULL) free_memory(rt, request, is_plain);
    vm_throw_out_of_memory(rt->isolate);
    return false;
  }
  if (!is_plain) {
    request->runtime = rt;
    request->operation = (uint16_t)op;
  }
  bool started = op == IO_OPERATION_SLEEP
                     ? submit_sleep(rt, request, is_plain, argc, argv)
                     : submit_file(request, argc, argv);
  if (!started) {
    if (!is_plain) free_limits(request);
    gc_handle_remove(rt->isolate->heap, &request->header.waiter);
    free_memory(rt, request, is_plain);
    return false;
  }
  *out = request;
  return true;
}

Value rt_io_synchronously(Runtime *rt, uint32_t op, uint32_t argc,
                          const Value *argv) {
  FileCall call = {0};
  if (!take_grants(rt, &call)) return VALUE_EXCEPTION;
  if (!rt_file_call_prepare(rt->isolate, &call, (IoOperation)op, argc, argv)) {
    rt_file_call_release(&call);
    return VALUE_EXCEPTION;
  }
  trace_expect_blocking();
  gc_enter_native(rt->isolate->heap);
  rt_file_call_run(&call);
  gc_leave_native(rt->isolate->heap);
  bool failed;
  Value result = rt_file_call_result(rt->isolate, &call, &failed);
  rt_file_call_release(&call);
  return failed ? vm_throw(rt->isolate, result) : result;
}

// Cancelling
// ----------------------------------------------------------------------

static void on_kick(uv_timer_t *timer) {
  Runtime *rt = timer->data;
  rt_enter(rt);
  for (IoRequest *request = rt->io->pending; request != NULL;
       request = request->next) {
    if (!request->is_cancelled) continue;
    if (++request->limits->kicks == KICKS_AT_MOST)
      answer(rt, request, gc_handle_word(&request->limits->reason), true);
    rt_file_call_kick(&request->file);
  }
  if (rt->io->cancelled == 0) uv_timer_stop(timer);
  rt_leave(rt, VALUE_UNDEFINED);
}

void rt_io_cancel(Runtime *rt, IoRequest *request, Value reason) {
  if (is_plain_sleep(request) || request->operation == IO_OPERATION_SLEEP) {
    finish_sleep(rt, request, reason, true);
    return;
  }
  if (request->is_cancelled || request->operation == IO_OPERATION_CLOSE) return;
  IoLimits *limits = limits_of(request);
  if (limits == NULL) return; // no memory: it goes on
  gc_handle_set(rt->isolate->heap, &limits->reason, reason);
  request->is_cancelled = true;
  rt->io->cancelled++;
  atomic_store(&request->file.cancelled, true);
  if (request->is_done) return;
  if (uv_cancel((uv_req_t *)&request->work) == 0) return;
  rt_file_call_kick(&request->file);
  if (!uv_is_active((uv_handle_t *)&rt->io->kick)) {
    uv_timer_start(&rt->io->kick, on_kick, KICK_MILLISECONDS,
                   KICK_MILLISECONDS);
  }
}

void rt_io_close(Runtime *rt) {
  if (rt->io == NULL) return;
  for (IoRequest *request = rt->io->pending, *next; request != NULL;
       request = next) {
    next = request->next;
    rt_io_cancel(rt, request, VALUE_UNDEFINED);
  }
  finish_done(rt);
}

bool rt_io_hurry(Runtime *rt) {
  if (rt->io == NULL || rt->io->cancelled == 0) return false;
  for (IoRequest *request = rt->io->pending; request != NULL;
       request = request->next) {
    if (request->is_cancelled) rt_file_call_kick(&request->file);
  }
  uv_sleep(1);
  return true;
}

void rt_io_free(Runtime *rt) {
  if (rt->io == NULL) return;
  rt_watches_free(rt->io->watches);
  rt_sleeps_free(rt);
  free(rt->io->users);
  free(rt->io);
  rt->io = NULL;
}

// Dumps -----------------------------------------------------------------------

static void describe(TraceSnapshot *s, Runtime *rt, const void *object,
                     const char *name, TraceWait *out) {
  const IoRequest *request = object;
  const FileCall *file = &request->file;
  if (is_plain_sleep(request) || request->operation == IO_OPERATION_SLEEP) {
    out->kind = TRACE_WAIT_SLEEP;
    out->text = trace_text(s, "sleep, %.0f ms left",
                           rt_timer_left(rt, &request->timer));
    return;
  }
  out->kind = TRACE_WAIT_FILE;
  out->text = file->path != NULL ? trace_text(s, "%s %s", name, file->path)
                                 : trace_text(s, "%s of descriptor %d", name,
                                              file->descriptor);
}

static void list_sleep(void *graph, ClockTimer *timer) {
  const IoRequest *r = sleeper_of(timer);
  if (timer->type != &plain_type) return;
  trace_add_wait(graph, vm_io_waiter(&r->header), describe, r,
                 operations[IO_OPERATION_SLEEP].function);
}

void rt_requests_list_waits(Runtime *rt, TraceGraph *graph) {
  if (rt->io == NULL) return;
  for (const IoRequest *r = rt->io->pending; r != NULL; r = r->next) {
    trace_add_wait(graph, vm_io_waiter(&r->header), describe, r,
                   operations[r->operation].function);
  }
  rt_timers_visit(rt, list_sleep, graph);
}
