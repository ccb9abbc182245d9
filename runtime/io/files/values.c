// SPDX-License-Identifier: MIT
// Operands of file operations, checked and copied out of the heap.
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "runtime/io/bytes.h"
#include "runtime/io/files/call.h"
#include "runtime/runtime.h"
#include "runtime/web/percent.h"
#include "vm/objects/bigint.h"
#include "vm/objects/operations.h"

static Value argument(uint32_t argc, const Value *argv, uint32_t i) {
  return i < argc ? argv[i] : VALUE_UNDEFINED;
}

static bool throw_operand(Isolate *iso, const char *name, const char *wanted,
                          Value got) {
  char shown[80];
  vm_describe(iso, got, shown, sizeof shown);
  vm_throw_type(iso, "The \"%s\" argument must be %s. Received %s", name,
                wanted, shown);
  return false;
}

// The path of a file: URL, malloc'ed. NULL: it is none of this machine (errno:
// EINVAL), or out of memory (ENOMEM).
static char *path_of_url(const char *url, size_t *length) {
  errno = EINVAL;
  if (strncmp(url, "file:///", 8) != 0) return NULL;
  const char *start = url + 7;
  size_t size = strcspn(start, "?#");
  TextBuffer decoded;
  text_init(&decoded);
  rt_percent_decode(&decoded, start, size);
  text_add(&decoded, 0);
  // An encoded slash would become one that separates folders.
  bool has_slash = false;
  for (size_t i = 0; i + 2 < size && !has_slash; i++)
    has_slash = strncasecmp(start + i, "%2f", 3) == 0;
  errno = decoded.failed && !has_slash ? ENOMEM : EINVAL;
  char *path = decoded.failed || has_slash ? NULL : malloc(decoded.length);
  if (path != NULL) {
    memcpy(path, decoded.bytes, decoded.length);
    *length = decoded.length - 1;
  }
  text_free(&decoded);
  return path;
}

// A path: a string without NUL, a file: URL or a Uint8Array.
static char *take_path(Isolate *iso, Value value, const char *name) {
  char *path = NULL;
  size_t length = 0;
  if (value_is_string(value)) {
    path = vm_string_to_utf8(iso, value_as_string(value), &length);
  } else if (value_is_kind(value, CELL_TYPED_ARRAY)) {
    uint8_t *bytes;
    if (!rt_bytes_of(iso, value, &bytes, &length)) return NULL;
    path = malloc(length + 1);
    if (path != NULL) {
      memcpy(path, bytes, length);
      path[length] = 0;
    }
  } else {
    Value text = VALUE_UNDEFINED;
    if (value_is_object(value))
      text = vm_get_of_value(iso, value, vm_key_from_c("href"));
    if (value_is_exception(text)) return NULL;
    char *url = value_is_string(text)
                    ? vm_string_to_utf8(iso, value_as_string(text), NULL)
                    : NULL;
    bool is_lacking = value_is_string(text) && url == NULL;
    if (url != NULL) {
      path = path_of_url(url, &length);
      is_lacking = path == NULL && errno == ENOMEM;
    }
    free(url);
    if (path == NULL && !is_lacking) {
      throw_operand(iso, name, "a string, a Uint8Array or a file: URL", value);
      return NULL;
    }
  }
  if (path == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  if (strlen(path) != length) {
    free(path);
    throw_operand(iso, name, "a string without null bytes", value);
    return NULL;
  }
  return path;
}

static bool take_descriptor(Isolate *iso, Value value, int *out) {
  if (!value_is_number(value)) {
    return throw_operand(iso, "fd", "a file descriptor (number)", value);
  }
  double d = value_as_number(value);
  if (!(d >= 0 && d <= INT32_MAX && d == trunc(d))) {
    vm_throw_range(iso, "The \"fd\" argument is out of range");
    return false;
  }
  *out = (int)d;
  return true;
}

// A path or a descriptor.
static bool take_file(Isolate *iso, FileCall *call, Value value) {
  if (value_is_number(value)) {
    return take_descriptor(iso, value, &call->descriptor);
  }
  call->path = take_path(iso, value, "path");
  return call->path != NULL;
}

// Data to write: a string (as UTF-8) or the bytes of a buffer, copied.
static bool take_data(Isolate *iso, FileCall *call, Value value) {
  if (value_is_string(value)) {
    call->bytes = vm_string_to_utf8(iso, value_as_string(value), &call->length);
  } else if (value_is_kind(value, CELL_TYPED_ARRAY) ||
             value_is_kind(value, CELL_DATA_VIEW) ||
             value_is_kind(value, CELL_ARRAY_BUFFER)) {
    uint8_t *bytes;
    if (!rt_bytes_of(iso, value, &bytes, &call->length)) return false;
    call->bytes = malloc(call->length + 1);
    if (call->bytes != NULL) memcpy(call->bytes, bytes, call->length);
  } else {
    return throw_operand(iso, "data", "a string or a buffer", value);
  }
  if (call->bytes == NULL) vm_throw_out_of_memory(iso);
  return call->bytes != NULL;
}

static bool take_number(Isolate *iso, Value value, double if_undefined,
                        double *out) {
  if (value_is_nullish(value)) {
    *out = if_undefined;
    return true;
  }
  if (value_is_bigint(value)) {
    *out = vm_bigint_to_double((const BigInt *)value_as_cell(value));
    return true;
  }
  return vm_to_double(iso, value, out);
}

// A place in a file, or -1: where the descriptor stands.
static bool take_position(Isolate *iso, Value value, int64_t *out) {
  double number;
  if (!take_number(iso, value, -1, &number)) return false;
  if (!(number >= -1 && number <= 9007199254740991.0)) {
    vm_throw_range(iso, "The \"position\" argument is out of range");
    return false;
  }
  *out = (int64_t)number;
  return true;
}

static bool take_length(Isolate *iso, Value value, double if_undefined,
                        double most, double *out) {
  if (!take_number(iso, value, if_undefined, out)) return false;
  if (*out >= 0 && *out <= most) return true;
  vm_throw_range(iso, "The \"length\" argument is out of range");
  return false;
}

static const struct {
  const char *text;
  int flags;
} open_flags[] = {
    {"r", O_RDONLY},
    {"rs", O_RDONLY | O_SYNC},
    {"sr", O_RDONLY | O_SYNC},
    {"r+", O_RDWR},
    {"rs+", O_RDWR | O_SYNC},
    {"sr+", O_RDWR | O_SYNC},
    {"w", O_WRONLY | O_CREAT | O_TRUNC},
    {"wx", O_WRONLY | O_CREAT | O_TRUNC | O_EXCL},
    {"w+", O_RDWR | O_CREAT | O_TRUNC},
    {"wx+", O_RDWR | O_CREAT | O_TRUNC | O_EXCL},
    {"xw", O_WRONLY | O_CREAT | O_TRUNC | O_EXCL},
    {"xw+", O_RDWR | O_CREAT | O_TRUNC | O_EXCL},
    {"a", O_WRONLY | O_CREAT | O_APPEND},
    {"ax", O_WRONLY | O_CREAT | O_APPEND | O_EXCL},
    {"a+", O_RDWR | O_CREAT | O_APPEND},
    {"ax+", O_RDWR | O_CREAT | O_APPEND | O_EXCL},
    {"xa", O_WRONLY | O_CREAT | O_APPEND | O_EXCL},
    {"xa+", O_RDWR | O_CREAT | O_APPEND | O_EXCL},
    {"as", O_WRONLY | O_CREAT | O_APPEND | O_SYNC},
    {"sa", O_WRONLY | O_CREAT | O_APPEND | O_SYNC},
    {"as+", O_RDWR | O_CREAT | O_APPEND | O_SYNC},
    {"sa+", O_RDWR | O_CREAT | O_APPEND | O_SYNC},
};

static bool take_open_flags(Isolate *iso, Value value, int *out) {
  if (value_is_nullish(value)) {
    *out = O_RDONLY;
    return true;
  }
  if (value_is_int(value)) {
    *out = value_as_int(value);
    return true;
  }
  if (value_is_string(value)) {
    char *text = vm_string_to_utf8(iso, value_as_string(value), NULL);
    if (text == NULL) {
      vm_throw_out_of_memory(iso);
      return false;
    }
    for (size_t i = 0; i < sizeof open_flags / sizeof open_flags[0]; i++) {
      if (strcmp(open_flags[i].text, text) == 0) {
        *out = open_flags[i].flags;
        free(text);
        return true;
      }
    }
    free(text);
  }
  return throw_operand(iso, "flags", "an open mode like \"r\" or \"w+\"",
                       value);
}

static bool take_int(Isolate *iso, Value value, int if_undefined, int *out) {
  if (value_is_nullish(value)) {
    *out = if_undefined;
    return true;
  }
  return vm_to_int32(iso, value, out);
}

// The rights of a new file or directory: a number, or octal digits.
static bool take_mode(Isolate *iso, Value value, int if_undefined, int *out) {
  if (!value_is_string(value)) return take_int(iso, value, if_undefined, out);
  char *text = vm_string_to_utf8(iso, value_as_string(value), NULL), *end;
  if (text == NULL) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  long mode = strtol(text, &end, 8);
  bool ok = *text != 0 && *end == 0;
  free(text);
  *out = (int)mode;
  return ok || throw_operand(iso, "mode", "a number or octal digits", value);
}

// Options that are switches, each a bit of FileCall.options.
static const struct {
  const char *name;
  uint32_t bit;
} switches[] = {
    {"recursive", FILE_RECURSIVE}, {"force", FILE_FORCE},
    {"exclusive", FILE_EXCLUSIVE}, {"keepExisting", FILE_KEEP},
    {"followLinks", FILE_FOLLOW},  {"preserveTimes", FILE_TIMES},
    {"clone", FILE_CLONE},         {"cloneOnly", FILE_CLONE_ONLY},
    {"atomic", FILE_ATOMIC},       {"flush", FILE_FLUSH},
    {"types", FILE_TYPES},         {"bigint", FILE_BIGINT},
};

// Takes those of `bits` that the object says something about.
static bool take_switches(Isolate *iso, FileCall *call, Value options,
                          uint32_t bits) {
  if (!value_is_object(options)) return true;
  for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
    if (!(bits & switches[i].bit)) continue;
    Value value =
        vm_get(iso, value_as_object(options), vm_key_from_c(switches[i].name));
    if (value_is_exception(value)) return false;
    if (value_is_undefined(value)) continue;
    call->options &= ~switches[i].bit;
    if (vm_to_boolean(value)) call->options |= switches[i].bit;
  }
  return true;
}

static Value option(Isolate *iso, Value options, const char *name) {
  if (!value_is_object(options)) return VALUE_UNDEFINED;
  return vm_get(iso, value_as_object(options), vm_key_from_c(name));
}

static bool take_path_to(Isolate *iso, char **out, Value value,
                         const char *name) {
  *out = take_path(iso, value, name);
  return *out != NULL;
}

// How a file is opened: the option "flag"; 0 if there is none.
static bool take_flag(Isolate *iso, FileCall *call, Value options) {
  Value flag = option(iso, options, "flag");
  return !value_is_exception(flag) &&
         (value_is_nullish(flag) || take_open_flags(iso, flag, &call->flags));
}

// Options of writeFile and appendFile: mode, flag, atomic, flush.
static bool take_write_options(Isolate *iso, FileCall *call, Value options) {
  call->mode = 0666;
  if (!value_is_object(options)) return true;
  Value mode = option(iso, options, "mode");
  if (value_is_exception(mode) || !take_mode(iso, mode, 0666, &call->mode))
    return false;
  return take_flag(iso, call, options) &&
         take_switches(iso, call, options, FILE_ATOMIC | FILE_FLUSH);
}

// A moment: seconds, a Date, or nanoseconds as a BigInt.
static bool take_time(Isolate *iso, Value value, struct timespec *out) {
  if (value_is_bigint(value)) {
    int64_t nanoseconds =
        vm_bigint_to_int64((const BigInt *)value_as_cell(value));
    out->tv_sec = nanoseconds / 1000000000;
    out->tv_nsec = nanoseconds % 1000000000;
  } else {
    double seconds;
    if (!vm_to_double(iso, value, &seconds)) return false;
    if (value_is_object(value)) seconds /= 1000;
    if (!(seconds > -9e15 && seconds < 9e15)) {
      vm_throw_range(iso, "A time must be a finite number of seconds");
      return false;
    }
    out->tv_sec = (time_t)floor(seconds);
    // Doubles hold no nanoseconds of today: microseconds are what is meant.
    out->tv_nsec = (long)round((seconds - floor(seconds)) * 1e6) * 1000;
  }
  if (out->tv_nsec < 0 || out->tv_nsec >= 1000000000) {
    int carry = out->tv_nsec < 0 ? -1 : 1;
    out->tv_sec += carry;
    out->tv_nsec -= carry * 1000000000L;
  }
  return true;
}

static bool take_identity(Isolate *iso, Value value, uint32_t *out) {
  double number;
  if (!vm_to_double(iso, value, &number)) return false;
  if (number >= -1 && number <= UINT32_MAX && number == trunc(number)) {
    *out = (uint32_t)(int64_t)number;
    return true;
  }
  vm_throw_range(iso, "A user or group is a number from -1 to 4294967295");
  return false;
}

static bool take_lock(Isolate *iso, Value value, int *out) {
  static const struct {
    const char *name;
    int flags;
  } kinds[] = {
      {"shared", LOCK_SH},
      {"exclusive", LOCK_EX},
      {"try shared", LOCK_SH | LOCK_NB},
      {"try exclusive", LOCK_EX | LOCK_NB},
      {"unlock", LOCK_UN},
  };
  for (size_t i = 0; value_is_string(value) && i < 5; i++) {
    String *name = vm_atom_from_c(kinds[i].name);
    if (!vm_string_equals(iso, value_as_string(value), name)) continue;
    *out = kinds[i].flags;
    return true;
  }
  return throw_operand(iso, "kind", "\"shared\" or \"exclusive\"", value);
}

bool rt_file_call_prepare(Isolate *iso, FileCall *call, IoOperation operation,
                          uint32_t argc, const Value *argv) {
  call->operation = operation;
  call->position = -1;
  Value first = argument(argc, argv, 0), second = argument(argc, argv, 1),
        third = argument(argc, argv, 2), fourth = argument(argc, argv, 3);
  double number;
  switch (operation) {
  case IO_OPERATION_READ_FILE:
  case IO_OPERATION_READ_TEXT:
    return take_file(iso, call, first) && take_flag(iso, call, second);
  case IO_OPERATION_STAT:
    return take_file(iso, call, first) &&
           take_switches(iso, call, second, FILE_BIGINT);
  case IO_OPERATION_LSTAT:
  case IO_OPERATION_STAT_FILE_SYSTEM:
    return take_path_to(iso, &call->path, first, "path") &&
           take_switches(iso, call, second, FILE_BIGINT);
  case IO_OPERATION_WRITE_FILE:
  case IO_OPERATION_APPEND_FILE:
    return take_file(iso, call, first) && take_data(iso, call, second) &&
           take_write_options(iso, call, third);
  case IO_OPERATION_OPEN:
    return take_path_to(iso, &call->path, first, "path") &&
           take_open_flags(iso, second, &call->flags) &&
           take_mode(iso, third, 0666, &call->mode);
  case IO_OPERATION_CLOSE:
  case IO_OPERATION_READ_ENTRIES:
    call->options = FILE_TYPES;
    return take_descriptor(iso, first, &call->descriptor);
  case IO_OPERATION_SYNC:
    call->flags = vm_to_boolean(second);
    return take_descriptor(iso, first, &call->descriptor);
  case IO_OPERATION_LOCK:
    return take_descriptor(iso, first, &call->descriptor) &&
           take_lock(iso, second, &call->flags);
  case IO_OPERATION_READ:
    if (!take_descriptor(iso, first, &call->descriptor) ||
        !take_length(iso, second, 65536, 1073741824.0, &number)) {
      return false;
    }
    call->capacity = (size_t)number;
    return take_position(iso, third, &call->position);
  case IO_OPERATION_WRITE:
    if (!take_descriptor(iso, first, &call->descriptor) ||
        !take_data(iso, call, second) ||
        !take_position(iso, third, &call->position)) {
      return false;
    }
    // What the console printed comes first.
    if (call->descriptor == STDOUT_FILENO || call->descriptor == STDERR_FILENO)
      rt_output_flush(rt_of(iso));
    return true;
  case IO_OPERATION_SEEK:
    if (!take_descriptor(iso, first, &call->descriptor) ||
        !vm_to_double(iso, second, &number)) {
      return false;
    }
    call->position = (int64_t)number;
    return take_int(iso, third, SEEK_SET, &call->flags);
  case IO_OPERATION_TRUNCATE:
    if (!take_file(iso, call, first) ||
        !take_length(iso, second, 0, 9007199254740991.0, &number)) {
      return false;
    }
    call->position = (int64_t)number;
    return true;
  case IO_OPERATION_ACCESS:
    return take_path_to(iso, &call->path, first, "path") &&
           take_int(iso, second, 0, &call->mode);
  case IO_OPERATION_MAKE_DIRECTORY: {
    Value mode = value_is_object(second) ? option(iso, second, "mode") : second;
    return !value_is_exception(mode) &&
           take_path_to(iso, &call->path, first, "path") &&
           take_mode(iso, mode, 0777, &call->mode) &&
           take_switches(iso, call, second, FILE_RECURSIVE);
  }
  case IO_OPERATION_REMOVE:
    return take_path_to(iso, &call->path, first, "path") &&
           take_switches(iso, call, second, FILE_RECURSIVE | FILE_FORCE);
  case IO_OPERATION_MAKE_TEMPORARY_DIRECTORY: {
    char *prefix = take_path(iso, first, "prefix");
    if (prefix == NULL) return false;
    call->path = malloc(strlen(prefix) + 7);
    if (call->path == NULL) {
      free(prefix);
      vm_throw_out_of_memory(iso);
      return false;
    }
    strcat(strcpy(call->path, prefix), "XXXXXX");
    free(prefix);
    return true;
  }
  case IO_OPERATION_RENAME:
  case IO_OPERATION_COPY_FILE:
  case IO_OPERATION_COPY:
  case IO_OPERATION_LINK:
    return take_path_to(iso, &call->path, first, "from") &&
           take_path_to(iso, &call->path2, second, "to") &&
           take_switches(iso, call, third,
                         FILE_EXCLUSIVE | FILE_KEEP | FILE_FOLLOW | FILE_TIMES |
                             FILE_CLONE | FILE_CLONE_ONLY);
  case IO_OPERATION_SYMBOLIC_LINK:
    return take_path_to(iso, &call->path, first, "target") &&
           take_path_to(iso, &call->path2, second, "path");
  case IO_OPERATION_CHANGE_MODE:
    if (value_is_nullish(second))
      return throw_operand(iso, "mode", "a number or octal digits", second);
    return take_file(iso, call, first) &&
           take_mode(iso, second, 0, &call->mode);
  case IO_OPERATION_CHANGE_OWNER:
    call->options = FILE_FOLLOW;
    return take_file(iso, call, first) &&
           take_identity(iso, second, &call->user) &&
           take_identity(iso, third, &call->group) &&
           take_switches(iso, call, fourth, FILE_FOLLOW);
  case IO_OPERATION_SET_TIMES:
    call->options = FILE_FOLLOW;
    return take_file(iso, call, first) &&
           take_time(iso, second, &call->times[0]) &&
           take_time(iso, third, &call->times[1]) &&
           take_switches(iso, call, fourth, FILE_FOLLOW);
  case IO_OPERATION_READ_DIRECTORY:
    return take_path_to(iso, &call->path, first, "path") &&
           take_switches(iso, call, second, FILE_TYPES);
  default:
    return take_path_to(iso, &call->path, first, "path");
  }
}
