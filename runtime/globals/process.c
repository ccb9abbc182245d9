// SPDX-License-Identifier: MIT
// rill:internal/process: what node:process, node:os and the console need of the
// operating system and of the runtime.
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rill.h"
#include "runtime/io/bytes.h"
#include "runtime/io/file_call.h"
#include "runtime/modules/native_modules.h"
#include "runtime/program/clock.h"
#include "runtime/runtime.h"
#include "vm/objects/date_math.h"

extern char **environ;

static Value text_value(Isolate *iso, const char *text) {
  String *s = vm_string_from_utf8(iso, text, strlen(text));
  return s == NULL ? VALUE_EXCEPTION : value_from_cell(s);
}

static bool put(Isolate *iso, Object *o, const char *name, Value value) {
  if (value_is_exception(value)) return false;
  vm_put(iso, o, vm_key_from_c(name), value, PROPERTY_DEFAULT);
  return true;
}

static Value argv_list(Isolate *iso, const NativeCall *call) {
  const RuntimeOptions *options = &rt_of(iso)->options;
  Array *list = vm_array_new(iso, 0);
  Value first = text_value(
      iso, options->executable == NULL ? "rill" : options->executable);
  if (value_is_exception(first) || !vm_array_push(iso, list, first)) {
    return VALUE_EXCEPTION;
  }
  for (int i = 0; i < options->argument_count; i++) {
    char *absolute = i == 0 ? realpath(options->arguments[0], NULL) : NULL;
    Value text =
        text_value(iso, absolute != NULL ? absolute : options->arguments[i]);
    free(absolute);
    if (value_is_exception(text) || !vm_array_push(iso, list, text)) {
      return VALUE_EXCEPTION;
    }
  }
  return value_from_cell(list);
}

static Value environment(Isolate *iso, const NativeCall *call) {
  Object *o = vm_object_new(iso);
  for (char **row = environ; *row != NULL; row++) {
    const char *equals = strchr(*row, '=');
    if (equals == NULL) continue;
    String *name = vm_string_from_utf8(iso, *row, (size_t)(equals - *row));
    PropertyKey key;
    Value value = text_value(iso, equals + 1);
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
  Value zone = native_argument(call, 0);
  if (value_is_string(zone)) {
    char *text = vm_string_to_utf8(iso, value_as_string(zone), NULL);
    if (text == NULL) return VALUE_EXCEPTION;
    setenv("TZ", text, 1);
    free(text);
  } else {
    unsetenv("TZ");
  }
  vm_time_zone_reset();
  return VALUE_UNDEFINED;
}

static Value current_directory(Isolate *iso, const NativeCall *call) {
  char *path = getcwd(NULL, 0);
  if (path == NULL) {
    return vm_throw(iso, rt_system_error(iso, uv_translate_sys_error(errno),
                                         "uv_cwd", NULL, NULL));
  }
  Value text = text_value(iso, path);
  free(path);
  return text;
}

static Value change_directory(Isolate *iso, const NativeCall *call) {
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
  const bool *terminals = rt_of(iso)->is_terminal;
  Object *o = vm_object_new(iso);
  char path[4096];
  size_t length = sizeof path;
  if (uv_exepath(path, &length) != 0) strcpy(path, "rill");
  Value tty[] = {value_from_bool(terminals[0]), value_from_bool(terminals[1]),
                 value_from_bool(terminals[2])};
  Array *list = vm_array_from(iso, tty, 3);
  if (list == NULL || !put(iso, o, "pid", value_from_int(getpid())) ||
      !put(iso, o, "ppid", value_from_int(getppid())) ||
      !put(iso, o, "uid", value_from_number(getuid())) ||
      !put(iso, o, "platform", text_value(iso, "linux")) ||
#if defined(__aarch64__)
      !put(iso, o, "arch", text_value(iso, "arm64")) ||
#else
      !put(iso, o, "arch", text_value(iso, "x64")) ||
#endif
      !put(iso, o, "execPath", text_value(iso, path)) ||
      !put(iso, o, "version", text_value(iso, rill_version())) ||
      !put(iso, o, "tty", value_from_cell(list))) {
    return VALUE_EXCEPTION;
  }
  return value_from_cell(o);
}

static Value host_info(Isolate *iso, const NativeCall *call) {
  Object *o = vm_object_new(iso);
  uv_utsname_t name;
  uv_os_uname(&name);
  char host[256] = "", home[1024] = "", temporary[1024] = "/tmp";
  size_t size = sizeof host;
  uv_os_gethostname(host, &size);
  size = sizeof home;
  uv_os_homedir(home, &size);
  size = sizeof temporary;
  uv_os_tmpdir(temporary, &size);
  double up = 0, load[3] = {0};
  uv_uptime(&up);
  uv_loadavg(load);
  Value loads[3];
  for (int i = 0; i < 3; i++)
    loads[i] = value_from_number(load[i]);
  Array *load_list = vm_array_from(iso, loads, 3);
  Object *signals = vm_object_new(iso);
  static const struct {
    const char *name;
    int number;
  } numbers[] = {
      {"SIGHUP", SIGHUP},   {"SIGINT", SIGINT},   {"SIGQUIT", SIGQUIT},
      {"SIGKILL", SIGKILL}, {"SIGUSR1", SIGUSR1}, {"SIGUSR2", SIGUSR2},
      {"SIGPIPE", SIGPIPE}, {"SIGTERM", SIGTERM}, {"SIGCHLD", SIGCHLD},
      {"SIGCONT", SIGCONT}, {"SIGSTOP", SIGSTOP}, {"SIGWINCH", SIGWINCH}};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    put(iso, signals, numbers[i].name, value_from_int(numbers[i].number));
  }
  if (load_list == NULL || !put(iso, o, "platform", text_value(iso, "linux")) ||
      !put(iso, o, "sysname", text_value(iso, name.sysname)) ||
      !put(iso, o, "release", text_value(iso, name.release)) ||
      !put(iso, o, "version", text_value(iso, name.version)) ||
      !put(iso, o, "machine", text_value(iso, name.machine)) ||
#if defined(__aarch64__)
      !put(iso, o, "arch", text_value(iso, "arm64")) ||
#else
      !put(iso, o, "arch", text_value(iso, "x64")) ||
#endif
      !put(iso, o, "hostname", text_value(iso, host)) ||
      !put(iso, o, "homedir", text_value(iso, home)) ||
      !put(iso, o, "tmpdir", text_value(iso, temporary)) ||
      !put(iso, o, "totalmem",
           value_from_number((double)uv_get_total_memory())) ||
      !put(iso, o, "freemem",
           value_from_number((double)uv_get_free_memory())) ||
      !put(iso, o, "uptime", value_from_number(up)) ||
      !put(iso, o, "parallelism",
           value_from_int((int)uv_available_parallelism())) ||
      !put(iso, o, "loadavg", value_from_cell(load_list)) ||
      !put(iso, o, "signals", value_from_cell(signals))) {
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
  put(iso, o, "rss", value_from_number((double)resident));
  put(iso, o, "heapTotal", value_from_number((double)stats.heap_bytes));
  put(iso, o, "heapUsed", value_from_number((double)stats.live_bytes));
  put(iso, o, "external", value_from_number((double)stats.external_bytes));
  put(iso, o, "arrayBuffers", value_from_number((double)stats.external_bytes));
  return value_from_cell(o);
}

static Value send_signal(Isolate *iso, const NativeCall *call) {
  int32_t pid, number = SIGTERM;
  if (!vm_to_int32(iso, native_argument(call, 0), &pid)) {
    return VALUE_EXCEPTION;
  }
  Value signal_value = native_argument(call, 1);
  if (value_is_number(signal_value)) {
    number = (int32_t)value_as_number(signal_value);
  } else if (value_is_string(signal_value)) {
    number = 0;
    char *name = vm_string_to_utf8(iso, value_as_string(signal_value), NULL);
    for (int i = 1; name != NULL && i < 32; i++) {
      const char *known = sigabbrev_np(i);
      if (known != NULL && strncmp(name, "SIG", 3) == 0 &&
          strcmp(name + 3, known) == 0) {
        number = i;
      }
    }
    free(name);
    if (number == 0) {
      return vm_throw_type_value(iso, "Unknown signal: %s", signal_value);
    }
  }
  if (kill(pid, number) != 0) {
    return vm_throw(iso, rt_system_error(iso, uv_translate_sys_error(errno),
                                         "kill", NULL, NULL));
  }
  return VALUE_TRUE;
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
  mode_t old;
  if (value_is_int(native_argument(call, 0))) {
    old = umask((mode_t)value_as_int(call->argv[0]));
  } else {
    old = umask(0);
    umask(old);
  }
  return value_from_int((int)old);
}

typedef struct Watch {
  uv_signal_t handle;
  Runtime *runtime;
  GcRoot callback;
} Watch;

static void close_watch(uv_handle_t *handle) {
  free(handle->data);
}

static void on_signal(uv_signal_t *handle, int number) {
  Watch *watch = handle->data;
  Runtime *rt = watch->runtime;
  rt_enter(rt);
  rt_leave(
      rt, vm_call(rt->isolate, watch->callback.word, VALUE_UNDEFINED, 0, NULL));
}

// watchSignal(name, callback): for the rest of the program; does not keep it
// alive.
static Value watch_signal(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  char *name =
      value_is_string(native_argument(call, 0))
          ? vm_string_to_utf8(iso, value_as_string(call->argv[0]), NULL)
          : NULL;
  int number = 0;
  for (int i = 1; name != NULL && i < 32; i++) {
    const char *known = sigabbrev_np(i);
    if (known != NULL && strcmp(name + 3, known) == 0) number = i;
  }
  free(name);
  if (number == 0) return VALUE_UNDEFINED;
  Watch *watch = calloc(1, sizeof *watch);
  if (watch == NULL) return vm_throw_out_of_memory(iso);
  watch->runtime = rt;
  uv_signal_init(&rt->loop, &watch->handle);
  watch->handle.data = watch;
  int error = uv_signal_start(&watch->handle, on_signal, number);
  if (error != 0) {
    uv_close((uv_handle_t *)&watch->handle, close_watch);
    return vm_throw(iso,
                    rt_system_error(iso, error, "uv_signal_start", NULL, NULL));
  }
  gc_root_add(iso->heap, &watch->callback, call->argv[1]);
  uv_unref((uv_handle_t *)&watch->handle);
  return VALUE_UNDEFINED;
}

static Value write_to(Isolate *iso, Value data, bool error) {
  uint8_t *bytes;
  size_t length;
  char *text = NULL;
  if (value_is_object(data)) {
    if (!rt_bytes_of(iso, data, &bytes, &length)) return VALUE_EXCEPTION;
  } else {
    String *string = vm_to_string(iso, data);
    if (string == NULL) return VALUE_EXCEPTION;
    text = vm_string_to_utf8(iso, string, &length);
    if (text == NULL) return vm_throw_out_of_memory(iso);
    bytes = (uint8_t *)text;
  }
  if (error) {
    rt_error_output(rt_of(iso), (const char *)bytes, length);
  } else {
    rt_output(rt_of(iso), (const char *)bytes, length);
  }
  free(text);
  return VALUE_UNDEFINED;
}

static Value write_output(Isolate *iso, const NativeCall *call) {
  return write_to(iso, native_argument(call, 0), false);
}

static Value write_error(Isolate *iso, const NativeCall *call) {
  return write_to(iso, native_argument(call, 0), true);
}

static const NativeExport process_exports[] = {
    {"argv", argv_list, 0},
    {"chdir", change_directory, 1},
    {"cwd", current_directory, 0},
    {"environment", environment, 0},
    {"exit", exit_now, 0},
    {"exitCode", exit_code, 0},
    {"hostInfo", host_info, 0},
    {"hrtime", high_resolution_time, 0},
    {"info", process_info, 0},
    {"kill", send_signal, 2},
    {"memoryUsage", memory_usage, 0},
    {"setEventHandler", set_event_handler, 1},
    {"setExitCode", set_exit_code, 1},
    {"setGrouped", set_grouped, 1},
    {"setTimeZone", set_time_zone, 1},
    {"umask", set_umask, 1},
    {"watchSignal", watch_signal, 2},
    {"writeError", write_error, 1},
    {"writeOutput", write_output, 1},
};
const NativeModule rt_process_module =
    NATIVE_MODULE("rill:internal/process", process_exports);
