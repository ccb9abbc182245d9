// SPDX-License-Identifier: MIT
// rill:internal/process: what the program can know and change about itself. An
// isolate that may not touch processes sees no environment and changes nothing.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rill.h"
#include "runtime/io/bytes.h"
#include "runtime/io/files/call.h"
#include "runtime/io/grants.h"
#include "runtime/io/net/handle.h"
#include "runtime/io/process/options.h"
#include "runtime/io/request.h"
#include "runtime/modules/loader.h"
#include "runtime/modules/native_modules.h"
#include "runtime/program/clock.h"
#include "runtime/runtime.h"
#include "runtime/values.h"
#include "vm/objects/date_math.h"

extern char **environ;

static Value argv_list(Isolate *iso, const NativeCall *call) {
  const RuntimeOptions *options = &rt_of(iso)->options;
  Array *list = vm_array_new(iso, 0);
  Value first = rt_text_value(
      iso, options->executable == NULL ? "rill" : options->executable);
  if (value_is_exception(first) || !vm_array_push(iso, list, first)) {
    return VALUE_EXCEPTION;
  }
  for (int i = 0; i < options->argument_count; i++) {
    errno = 0;
    char *absolute = i == 0 ? realpath(options->arguments[0], NULL) : NULL;
    if (absolute == NULL && errno == ENOMEM) return vm_throw_out_of_memory(iso);
    Value text =
        rt_text_value(iso, absolute != NULL ? absolute : options->arguments[i]);
    free(absolute);
    if (value_is_exception(text) || !vm_array_push(iso, list, text)) {
      return VALUE_EXCEPTION;
    }
  }
  return value_from_cell(list);
}

// The variables that are granted by name.
static Value granted_environment(Isolate *iso, Object *o,
                                 const RuntimeOptions *options) {
  const Grants *grants = options->grants;
  for (size_t i = 0; grants != NULL && i < grants->variable_count; i++) {
    const char *text = getenv(grants->variables[i]);
    if (text == NULL) continue;
    PropertyKey key;
    Value value = rt_text_value(iso, text);
    if (value_is_exception(value) ||
        !rt_path_key(iso, grants->variables[i], &key))
      return VALUE_EXCEPTION;
    vm_put(iso, o, key, value, PROPERTY_DEFAULT);
  }
  return value_from_cell(o);
}

static Value environment(Isolate *iso, const NativeCall *call) {
  Object *o = vm_object_new(iso);
  const RuntimeOptions *options = &rt_of(iso)->options;
  if (options->deny_processes) return granted_environment(iso, o, options);
  for (char **row = environ; *row != NULL; row++) {
    const char *equals = strchr(*row, '=');
    if (equals == NULL) continue;
    String *name = vm_string_from_utf8(iso, *row, (size_t)(equals - *row));
    PropertyKey key;
    Value value = rt_text_value(iso, equals + 1);
    if (name == NULL || !vm_string_to_key(iso, name, &key) ||
        value_is_exception(value)) {
      return VALUE_EXCEPTION;
    }
    vm_put(iso, o, key, value, PROPERTY_DEFAULT);
  }
  return value_from_cell(o);
}

// process.env.TZ = zone; undefined: it was deleted.
static Value set_time_zone(Isolate *iso, const NativeCall *call) {
  if (!child_allowed(rt_of(iso))) return VALUE_EXCEPTION;
  Value zone = native_argument(call, 0);
  if (value_is_string(zone)) {
    char *text = vm_string_to_utf8(iso, value_as_string(zone), NULL);
    if (text == NULL) return vm_throw_out_of_memory(iso);
    setenv("TZ", text, 1);
    free(text);
  } else {
    unsetenv("TZ");
  }
  vm_time_zone_reset();
  return VALUE_UNDEFINED;
}

// The root, of an isolate that may see neither files nor the process.
static Value current_directory(Isolate *iso, const NativeCall *call) {
  const RuntimeOptions *options = &rt_of(iso)->options;
  if (options->deny_files && options->deny_processes)
    return rt_text_value(iso, "/");
  char *path = getcwd(NULL, 0);
  if (path == NULL) {
    return vm_throw(iso, rt_system_error(iso, uv_translate_sys_error(errno),
                                         "uv_cwd", NULL, NULL));
  }
  Value text = rt_text_value(iso, path);
  free(path);
  return text;
}

static Value change_directory(Isolate *iso, const NativeCall *call) {
  if (!child_allowed(rt_of(iso))) return VALUE_EXCEPTION;
  char *text = vm_to_utf8(iso, native_argument(call, 0), NULL);
  if (text == NULL) return VALUE_EXCEPTION;
  Value result = VALUE_UNDEFINED;
  if (chdir(text) != 0) {
    result = vm_throw(iso, rt_system_error(iso, uv_translate_sys_error(errno),
                                           "chdir", text, NULL));
  }
  free(text);
  return result;
}

static Value exit_now(Isolate *iso, const NativeCall *call) {
  return rt_exit(rt_of(iso));
}

static Value exit_code(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  return rt->exit_code_was_set ? value_from_int(rt->exit_code)
                               : VALUE_UNDEFINED;
}

static Value set_exit_code(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  Value code = native_argument(call, 0);
  rt->exit_code_was_set = !value_is_undefined(code);
  rt->exit_code = 0;
  int32_t number;
  if (rt->exit_code_was_set) {
    if (!vm_to_int32(iso, code, &number)) return VALUE_EXCEPTION;
    rt->exit_code = number & 0xff;
  }
  return VALUE_UNDEFINED;
}

static Value high_resolution_time(Isolate *iso, const NativeCall *call) {
  BigInt *time = vm_bigint_from_uint64(iso, rt_clock_nanoseconds(rt_of(iso)));
  return time == NULL ? VALUE_EXCEPTION : value_from_cell(time);
}

static Value process_info(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  Object *o = vm_object_new(iso);
  char path[4096];
  size_t length = sizeof path;
  const RuntimeOptions *options = &rt_of(iso)->options;
  if ((options->deny_files && options->deny_processes) ||
      uv_exepath(path, &length) != 0)
    strcpy(path, "rill");
  Value tty[] = {value_from_bool(rt_is_terminal(rt, 0)),
                 value_from_bool(rt_is_terminal(rt, 1)),
                 value_from_bool(rt_is_terminal(rt, 2))};
  Array *list = vm_array_from(iso, tty, 3);
  if (list == NULL || !rt_put(iso, o, "pid", value_from_int(getpid())) ||
      !rt_put(iso, o, "ppid", value_from_int(getppid())) ||
      !rt_put(iso, o, "platform", rt_text_value(iso, "linux")) ||
#if defined(__aarch64__)
      !rt_put(iso, o, "arch", rt_text_value(iso, "arm64")) ||
#else
      !rt_put(iso, o, "arch", rt_text_value(iso, "x64")) ||
#endif
      !rt_put(iso, o, "execPath", rt_text_value(iso, path)) ||
      !rt_put(iso, o, "version", rt_text_value(iso, rill_version())) ||
      !rt_put(iso, o, "isThread",
              value_from_bool(rt_of(iso)->is_thread_worker ||
                              rt_of(iso)->worker != NULL)) ||
      !rt_put(iso, o, "tty", value_from_cell(list))) {
    return VALUE_EXCEPTION;
  }
  return value_from_cell(o);
}

static Value memory_usage(Isolate *iso, const NativeCall *call) {
  GcStats stats;
  gc_stats(iso->heap, &stats);
  size_t resident = 0;
  uv_resident_set_memory(&resident);
  Object *o = vm_object_new(iso);
  rt_put(iso, o, "rss", value_from_number((double)resident));
  rt_put(iso, o, "heapTotal", value_from_number((double)stats.heap_bytes));
  rt_put(iso, o, "heapUsed", value_from_number((double)stats.live_bytes));
  rt_put(iso, o, "external", value_from_number((double)stats.external_bytes));
  rt_put(iso, o, "arrayBuffers",
         value_from_number((double)stats.external_bytes));
  return value_from_cell(o);
}

// cpuUsage and resourceUsage of Node: microseconds and counts.
static Value resource_usage(Isolate *iso, const NativeCall *call) {
  uv_rusage_t usage;
  int error = uv_getrusage(&usage);
  if (error != 0)
    return vm_throw(iso,
                    rt_system_error(iso, error, "uv_getrusage", NULL, NULL));
  const struct {
    const char *name;
    double value;
  } rows[] = {
      {"userCPUTime",
       (double)usage.ru_utime.tv_sec * 1e6 + (double)usage.ru_utime.tv_usec},
      {"systemCPUTime",
       (double)usage.ru_stime.tv_sec * 1e6 + (double)usage.ru_stime.tv_usec},
      {"maxRSS", (double)usage.ru_maxrss},
      {"sharedMemorySize", (double)usage.ru_ixrss},
      {"unsharedDataSize", (double)usage.ru_idrss},
      {"unsharedStackSize", (double)usage.ru_isrss},
      {"minorPageFault", (double)usage.ru_minflt},
      {"majorPageFault", (double)usage.ru_majflt},
      {"swappedOut", (double)usage.ru_nswap},
      {"fsRead", (double)usage.ru_inblock},
      {"fsWrite", (double)usage.ru_oublock},
      {"ipcSent", (double)usage.ru_msgsnd},
      {"ipcReceived", (double)usage.ru_msgrcv},
      {"signalsCount", (double)usage.ru_nsignals},
      {"voluntaryContextSwitches", (double)usage.ru_nvcsw},
      {"involuntaryContextSwitches", (double)usage.ru_nivcsw},
  };
  Object *o = vm_object_new(iso);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    rt_put(iso, o, rows[i].name, value_from_number(rows[i].value));
  return value_from_cell(o);
}

static int title_argc;
static char **title_argv;

void rt_title_arguments(int argc, char **argv) {
  title_argc = argc;
  title_argv = argv;
}

static void give_title_arguments(void) {
  if (title_argv != NULL) (void)uv_setup_args(title_argc, title_argv);
}

// title([text]): as ps shows it. It is the host's: an isolate that may not
// touch processes does not see it either.
static Value process_title(Isolate *iso, const NativeCall *call) {
  if (rt_of(iso)->options.deny_processes) return rt_text_value(iso, "rill");
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, give_title_arguments);
  Value given = native_argument(call, 0);
  if (value_is_string(given)) {
    char *text = vm_string_to_utf8(iso, value_as_string(given), NULL);
    if (text == NULL) return vm_throw_out_of_memory(iso);
    uv_set_process_title(text);
    free(text);
  }
  char title[512];
  return rt_text_value(
      iso, uv_get_process_title(title, sizeof title) == 0 ? title : "rill");
}

// memoryLimits(): [constrained, available] in bytes; 0: no constraint.
static Value memory_limits(Isolate *iso, const NativeCall *call) {
  double limit = (double)uv_get_constrained_memory();
  double available = (double)uv_get_free_memory();
  size_t resident = 0;
  uv_resident_set_memory(&resident);
  if (limit > 0 && limit < (double)uv_get_total_memory())
    available = limit - (double)resident;
  Value all[] = {value_from_number(limit < 1e18 ? limit : 0),
                 value_from_number(available < 0 ? 0 : available)};
  Array *list = vm_array_from(iso, all, 2);
  return list == NULL ? VALUE_EXCEPTION : value_from_cell(list);
}

// identity("uid" | "euid" | "gid" | "egid" | "groups")
static Value identity(Isolate *iso, const NativeCall *call) {
  char *which = vm_to_utf8(iso, native_argument(call, 0), NULL);
  if (which == NULL) return VALUE_EXCEPTION;
  bool groups = strcmp(which, "groups") == 0;
  double number = strcmp(which, "uid") == 0    ? getuid()
                  : strcmp(which, "euid") == 0 ? geteuid()
                  : strcmp(which, "gid") == 0  ? getgid()
                                               : getegid();
  free(which);
  if (!groups) return value_from_number(number);
  gid_t list[1024];
  int count = getgroups(1024, list);
  Array *result = vm_array_new(iso, 0);
  for (int i = 0; i < count; i++) {
    if (!vm_array_push(iso, result, value_from_number(list[i])))
      return VALUE_EXCEPTION;
  }
  return value_from_cell(result);
}

// setIdentity("setuid" | "seteuid" | "setgid" | "setegid", number)
static Value set_identity(Isolate *iso, const NativeCall *call) {
  if (!child_allowed(rt_of(iso))) return VALUE_EXCEPTION;
  char *which = vm_to_utf8(iso, native_argument(call, 0), NULL);
  if (which == NULL) return VALUE_EXCEPTION;
  uint32_t id = (uint32_t)value_as_number(call->argv[1]);
  int failed = strcmp(which, "setuid") == 0    ? setuid(id)
               : strcmp(which, "seteuid") == 0 ? seteuid(id)
               : strcmp(which, "setgid") == 0  ? setgid(id)
                                               : setegid(id);
  Value result = VALUE_UNDEFINED;
  if (failed != 0)
    result = vm_throw(iso, rt_system_error(iso, uv_translate_sys_error(errno),
                                           which, NULL, NULL));
  free(which);
  return result;
}

typedef struct Resources {
  Isolate *iso;
  Array *names;
} Resources;

static void add_resource(Resources *to, const char *name) {
  String *text = vm_string_from_c(to->iso, name);
  if (text == NULL || !vm_array_push(to->iso, to->names, value_from_cell(text)))
    vm_take_exception(to->iso);
}

// activeResources(): what keeps the program running, as Node names it.
static void count_resource(uv_handle_t *handle, void *resources) {
  if (!uv_is_active(handle) || !uv_has_ref(handle)) return;
  const char *name = handle->type == UV_TCP          ? "TCPSocketWrap"
                     : handle->type == UV_NAMED_PIPE ? "PipeWrap"
                     : handle->type == UV_UDP        ? "UDPWrap"
                     : handle->type == UV_PROCESS    ? "ProcessWrap"
                     : handle->type == UV_SIGNAL     ? "SignalWrap"
                     : handle->type == UV_FS_EVENT   ? "FSEventWrap"
                     : handle->type == UV_IDLE       ? "Immediate"
                                                     : NULL;
  if (name != NULL) add_resource(resources, name);
}

// One handle of the loop serves all timers, and none while they fire.
static void count_timer(void *resources, ClockTimer *timer) {
  if (!timer->is_unreferenced) add_resource(resources, "Timeout");
}

static Value active_resources(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  Resources resources = {iso, vm_array_new(iso, 0)};
  uv_walk(&rt->loop, count_resource, &resources);
  rt_timers_visit(rt, count_timer, &resources);
  for (uint32_t i = rt->io == NULL ? 0 : rt->io->files; i > 0; i--)
    add_resource(&resources, "FSReqPromise");
  return value_from_cell(resources.names);
}

static Value set_event_handler(Isolate *iso, const NativeCall *call) {
  rt_of(iso)->event_handler.word = native_argument(call, 0);
  return VALUE_UNDEFINED;
}

static Value set_grouped(Isolate *iso, const NativeCall *call) {
  rt_of(iso)->console_grouped = vm_to_boolean(native_argument(call, 0));
  return VALUE_UNDEFINED;
}

static Value set_umask(Isolate *iso, const NativeCall *call) {
  // Asking changes it, too, for a moment, for all threads of the host.
  if (!child_allowed(rt_of(iso))) return VALUE_EXCEPTION;
  mode_t old;
  if (value_is_int(native_argument(call, 0))) {
    old = umask((mode_t)value_as_int(call->argv[0]));
  } else {
    old = umask(0);
    umask(old);
  }
  return value_from_int((int)old);
}

// listenToBreaks(descriptor): the script deals with the output's reader being
// gone.
static Value listen_to_breaks(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  bool error = value_as_number(call->argv[0]) == 2;
  (error ? &rt->error_output : &rt->output)->is_handled = true;
  return VALUE_UNDEFINED;
}

// True if nobody reads it any more.
static Value write_to(Isolate *iso, Value data, bool error) {
  Runtime *rt = rt_of(iso);
  if (!rt_check_console_allowed(rt, "output")) return VALUE_EXCEPTION;
  if (!value_is_object(data)) {
    String *string = vm_to_string(iso, data);
    if (string == NULL) return VALUE_EXCEPTION;
    data = value_from_cell(string);
  }
  NetBytes bytes;
  if (!net_bytes_of(iso, data, &bytes)) return VALUE_EXCEPTION;
  (error ? rt_error_output : rt_output)(rt, (const char *)bytes.bytes,
                                        bytes.length);
  free(bytes.owned);
  return value_from_bool((error ? &rt->error_output : &rt->output)->is_broken);
}

static Value write_output(Isolate *iso, const NativeCall *call) {
  return write_to(iso, native_argument(call, 0), false);
}

static Value write_error(Isolate *iso, const NativeCall *call) {
  return write_to(iso, native_argument(call, 0), true);
}

// writeWaiting(toError, text or bytes): undefined, or a promise of the reader's
// having taken it.
static Value write_waiting(Isolate *iso, const NativeCall *call) {
  NetBytes data;
  if (!rt_check_console_allowed(rt_of(iso), "output") ||
      !net_bytes_of(iso, native_argument(call, 1), &data))
    return VALUE_EXCEPTION;
  Value result = rt_output_write(rt_of(iso), value_as_bool(call->argv[0]),
                                 data.bytes, data.length);
  free(data.owned);
  return result;
}

// systemErrors(): libuv's, as [number, name, message] in turn.
static Value system_errors(Isolate *iso, const NativeCall *call) {
  static const struct {
    int number;
    const char *name;
    const char *message;
  } errors[] = {
#define ROW(name, message) {UV_##name, #name, message},
      UV_ERRNO_MAP(ROW)
#undef ROW
  };
  Array *list = vm_array_new(iso, 0);
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
    String *name = vm_string_from_c(iso, errors[i].name);
    String *message =
        name == NULL ? NULL : vm_string_from_c(iso, errors[i].message);
    if (message == NULL ||
        !vm_array_push(iso, list, value_from_int(errors[i].number)) ||
        !vm_array_push(iso, list, value_from_cell(name)) ||
        !vm_array_push(iso, list, value_from_cell(message))) {
      return VALUE_EXCEPTION;
    }
  }
  return value_from_cell(list);
}

static const NativeExport process_exports[] = {
    {"activeResources", active_resources, 0},
    {"argv", argv_list, 0},
    {"chdir", change_directory, 1},
    {"cwd", current_directory, 0},
    {"environment", environment, 0},
    {"exit", exit_now, 0},
    {"exitCode", exit_code, 0},
    {"hrtime", high_resolution_time, 0},
    {"identity", identity, 1},
    {"info", process_info, 0},
    {"listenToBreaks", listen_to_breaks, 1},
    {"memoryLimits", memory_limits, 0},
    {"memoryUsage", memory_usage, 0},
    {"resourceUsage", resource_usage, 0},
    {"setEventHandler", set_event_handler, 1},
    {"setExitCode", set_exit_code, 1},
    {"setGrouped", set_grouped, 1},
    {"setIdentity", set_identity, 2},
    {"setTimeZone", set_time_zone, 1},
    {"systemErrors", system_errors, 0},
    {"title", process_title, 1},
    {"umask", set_umask, 1},
    {"writeError", write_error, 1},
    {"writeOutput", write_output, 1},
    {"writeWaiting", write_waiting, 2},
};
const NativeModule rt_process_module =
    NATIVE_MODULE("rill:internal/process", process_exports);
