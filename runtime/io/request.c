// SPDX-License-Identifier: MIT
// Submitting requests and completing them.
#include "runtime/io/request.h"

#include <stdlib.h>

static IoRequest *sleeper_of(ClockTimer *timer) {
  return (IoRequest *)((char *)timer - offsetof(IoRequest, timer));
}

static Value wake_sleeper(ClockTimer *timer) {
  IoRequest *request = sleeper_of(timer);
  vm_io_complete(request->runtime->isolate, request, VALUE_UNDEFINED, false);
  rt_timer_close(timer);
  return VALUE_UNDEFINED;
}

static void drop_sleeper(ClockTimer *timer) {
  IoRequest *request = sleeper_of(timer);
  if (request->header.waiter.word != 0) {
    gc_root_remove(request->runtime->isolate->heap, &request->header.waiter);
  }
  rt_timer_close(timer);
}

static const ClockTimerType sleep_type = {"sleep", wake_sleeper, drop_sleeper};

static bool submit_sleep(Runtime *rt, uint32_t argc, const Value *argv,
                         IoRequest *request) {
  double milliseconds = 0;
  if (argc > 0 && !vm_to_double(rt->isolate, argv[0], &milliseconds)) {
    return false;
  }
  if (!(milliseconds >= 0 && milliseconds <= 2147483647.0)) {
    vm_throw_range(rt->isolate,
                   "sleep: milliseconds must be from 0 to 2147483647");
    return false;
  }
  rt_timer_start(rt, &request->timer, &sleep_type, request, milliseconds,
                 false);
  return true;
}

static void run_file_call(uv_work_t *work) {
  IoRequest *request = work->data;
  rt_file_call_run(&request->file);
}

static void after_file_call(uv_work_t *work, int status) {
  IoRequest *request = work->data;
  Runtime *rt = request->runtime;
  rt_enter(rt);
  rt->active_requests--;
  if (status != 0) request->file.error = status;
  bool failed;
  Value result = rt_file_call_result(rt->isolate, &request->file, &failed);
  vm_io_complete(rt->isolate, request, result, failed);
  rt_file_call_release(&request->file);
  free(request);
  rt_leave(rt, VALUE_UNDEFINED);
}

bool rt_submit_io(Runtime *rt, uint32_t op, uint32_t argc, const Value *argv,
                  IoRequest **out) {
  IoRequest *request = calloc(1, sizeof *request);
  if (request == NULL) {
    vm_throw_out_of_memory(rt->isolate);
    return false;
  }
  request->runtime = rt;
  request->operation = (IoOperation)op;
  request->header.isolate = rt->isolate;
  *out = request;
  if (op == IO_OPERATION_SLEEP) {
    if (submit_sleep(rt, argc, argv, request)) return true;
    free(request);
    return false;
  }
  if (rt->options.deny_files) {
    free(request);
    vm_throw_error(rt->isolate, ERROR_ERROR,
                   "The host of this isolate allows no access to files");
    return false;
  }
  if (!rt_file_call_prepare(rt->isolate, &request->file, request->operation,
                            argc, argv)) {
    rt_file_call_release(&request->file);
    free(request);
    return false;
  }
  request->work.data = request;
  rt->active_requests++;
  uv_queue_work(&rt->loop, &request->work, run_file_call, after_file_call);
  return true;
}

Value rt_io_synchronously(Runtime *rt, uint32_t op, uint32_t argc,
                          const Value *argv) {
  if (rt->options.deny_files) {
    return vm_throw_error(rt->isolate, ERROR_ERROR,
                          "The host of this isolate allows no access to files");
  }
  FileCall call = {0};
  if (!rt_file_call_prepare(rt->isolate, &call, (IoOperation)op, argc, argv)) {
    rt_file_call_release(&call);
    return VALUE_EXCEPTION;
  }
  gc_enter_native(rt->isolate->heap);
  rt_file_call_run(&call);
  gc_leave_native(rt->isolate->heap);
  bool failed;
  Value result = rt_file_call_result(rt->isolate, &call, &failed);
  rt_file_call_release(&call);
  return failed ? vm_throw(rt->isolate, result) : result;
}
