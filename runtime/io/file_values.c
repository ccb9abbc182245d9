// SPDX-License-Identifier: MIT
// File operations and values: operands checked and copied out of the heap,
// results made into values.
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/io/bytes.h"
#include "runtime/io/file_call.h"
#include "runtime/runtime.h"
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
  } else if (value_is_object(value)) {
    Value text = vm_get_of_value(iso, value, vm_key_from_c("href"));
    if (value_is_exception(text)) return NULL;
    if (value_is_string(text)) {
      char *url = vm_string_to_utf8(iso, value_as_string(text), &length);
      if (url != NULL && strncmp(url, "file://", 7) == 0) {
        path = url;
        length -= 7;
        memmove(path, path + 7, length + 1);
      } else {
        free(url);
      }
    }
    if (path == NULL) {
      throw_operand(iso, name, "a string, a Uint8Array or a file: URL", value);
      return NULL;
    }
  } else {
    throw_operand(iso, name, "a string, a Uint8Array or a file: URL", value);
    return NULL;
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
  return vm_to_double(iso, value, out);
}

static const struct {
  const char *text;
  int flags;
} open_flags[] = {
    {"r", O_RDONLY},
    {"rs", O_RDONLY | O_SYNC},
    {"r+", O_RDWR},
    {"rs+", O_RDWR | O_SYNC},
    {"w", O_WRONLY | O_CREAT | O_TRUNC},
    {"wx", O_WRONLY | O_CREAT | O_TRUNC | O_EXCL},
    {"w+", O_RDWR | O_CREAT | O_TRUNC},
    {"wx+", O_RDWR | O_CREAT | O_TRUNC | O_EXCL},
    {"a", O_WRONLY | O_CREAT | O_APPEND},
    {"ax", O_WRONLY | O_CREAT | O_APPEND | O_EXCL},
    {"a+", O_RDWR | O_CREAT | O_APPEND},
    {"ax+", O_RDWR | O_CREAT | O_APPEND | O_EXCL},
};

static bool take_open_flags(Isolate *iso, Value value, int *out) {
  if (value_is_undefined(value)) {
    *out = O_RDONLY;
    return true;
  }
  if (value_is_int(value)) {
    *out = value_as_int(value);
    return true;
  }
  if (value_is_string(value)) {
    char *text = vm_string_to_utf8(iso, value_as_string(value), NULL);
    for (size_t i = 0;
         text != NULL && i < sizeof open_flags / sizeof open_flags[0]; i++) {
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
  if (value_is_undefined(value)) {
    *out = if_undefined;
    return true;
  }
  return vm_to_int32(iso, value, out);
}

// {recursive, force} as bits 0 and 1; true alone is recursive.
static bool take_tree_options(Isolate *iso, Value value, int *flags,
                              int *mode) {
  if (value_is_boolean(value)) *flags = value_as_bool(value);
  if (value_is_int(value)) *mode = value_as_int(value);
  if (!value_is_object(value)) return true;
  Value recursive = vm_get_of_value(iso, value, vm_key_from_c("recursive"));
  if (value_is_exception(recursive)) return false;
  Value force = vm_get_of_value(iso, value, vm_key_from_c("force"));
  if (value_is_exception(force)) return false;
  *flags = vm_to_boolean(recursive) | (vm_to_boolean(force) << 1);
  return true;
}

bool rt_file_call_prepare(Isolate *iso, FileCall *call, IoOperation operation,
                          uint32_t argc, const Value *argv) {
  call->operation = operation;
  call->position = -1;
  Value first = argument(argc, argv, 0), second = argument(argc, argv, 1),
        third = argument(argc, argv, 2);
  double number;
  switch (operation) {
  case IO_OPERATION_READ_FILE:
  case IO_OPERATION_READ_TEXT:
  case IO_OPERATION_STAT:
    return take_file(iso, call, first);
  case IO_OPERATION_WRITE_FILE:
  case IO_OPERATION_APPEND_FILE:
    return take_file(iso, call, first) && take_data(iso, call, second);
  case IO_OPERATION_OPEN:
    call->path = take_path(iso, first, "path");
    return call->path != NULL && take_open_flags(iso, second, &call->flags) &&
           take_int(iso, third, 0666, &call->mode);
  case IO_OPERATION_CLOSE:
  case IO_OPERATION_SYNC:
    return take_descriptor(iso, first, &call->descriptor);
  case IO_OPERATION_READ:
    if (!take_descriptor(iso, first, &call->descriptor) ||
        !take_number(iso, second, 65536, &number)) {
      return false;
    }
    if (!(number >= 0 && number <= 1073741824.0)) {
      vm_throw_range(iso, "The \"length\" argument is out of range");
      return false;
    }
    call->capacity = (size_t)number;
    if (!take_number(iso, third, -1, &number)) return false;
    call->position = (int64_t)number;
    return true;
  case IO_OPERATION_WRITE:
    if (!take_descriptor(iso, first, &call->descriptor) ||
        !take_data(iso, call, second) ||
        !take_number(iso, third, -1, &number)) {
      return false;
    }
    call->position = (int64_t)number;
    // What the console printed comes first.
    if (call->descriptor == STDOUT_FILENO || call->descriptor == STDERR_FILENO)
      rt_output_flush(rt_of(iso));
    return true;
  case IO_OPERATION_TRUNCATE:
    if (!take_file(iso, call, first) || !take_number(iso, second, 0, &number)) {
      return false;
    }
    call->position = (int64_t)number;
    return true;
  case IO_OPERATION_ACCESS:
    call->path = take_path(iso, first, "path");
    return call->path != NULL && take_int(iso, second, 0, &call->mode);
  case IO_OPERATION_MAKE_DIRECTORY:
  case IO_OPERATION_REMOVE:
    call->path = take_path(iso, first, "path");
    call->mode = 0777;
    return call->path != NULL &&
           take_tree_options(iso, second, &call->flags, &call->mode);
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
  case IO_OPERATION_SYMBOLIC_LINK:
    call->path = take_path(iso, first, "from");
    if (call->path == NULL) return false;
    call->path2 = take_path(iso, second, "to");
    return call->path2 != NULL && (operation != IO_OPERATION_COPY_FILE ||
                                   take_int(iso, third, 0, &call->flags));
  case IO_OPERATION_CHANGE_MODE:
    call->path = take_path(iso, first, "path");
    return call->path != NULL && take_int(iso, second, 0, &call->mode);
  case IO_OPERATION_SET_TIMES:
    call->path = take_path(iso, first, "path");
    return call->path != NULL && vm_to_double(iso, second, &call->times[0]) &&
           vm_to_double(iso, third, &call->times[1]);
  case IO_OPERATION_READ_DIRECTORY:
    call->flags = vm_to_boolean(second);
    call->path = take_path(iso, first, "path");
    return call->path != NULL;
  default:
    call->path = take_path(iso, first, "path");
    return call->path != NULL;
  }
}

Value rt_system_error(Isolate *iso, int error, const char *system_call,
                      const char *path, const char *path2) {
  char code[32], text[128];
  uv_err_name_r(error, code, sizeof code);
  uv_strerror_r(error, text, sizeof text);
  String *message =
      path2 != NULL ? vm_string_format(iso, "%s: %s, %s '%s' -> '%s'", code,
                                       text, system_call, path, path2)
      : path != NULL
          ? vm_string_format(iso, "%s: %s, %s '%s'", code, text, system_call,
                             path)
          : vm_string_format(iso, "%s: %s, %s", code, text, system_call);
  if (message == NULL) return vm_take_exception(iso);
  Object *object = vm_error_new(iso, ERROR_ERROR, message);
  static const char *const names[] = {"code", "syscall", "path", "dest"};
  const char *values[] = {code, system_call, path, path2};
  vm_put(iso, object, vm_key_from_c("errno"), value_from_int(error),
         PROPERTY_DEFAULT);
  for (int i = 0; i < 4; i++) {
    if (values[i] == NULL) continue;
    String *s = vm_string_from_c(iso, values[i]);
    if (s == NULL) return vm_take_exception(iso);
    vm_put(iso, object, vm_key_from_c(names[i]), value_from_cell(s),
           PROPERTY_DEFAULT);
  }
  return value_from_cell(object);
}

static Value stat_value(Isolate *iso, const uv_stat_t *stat) {
  Object *o = vm_object_new(iso);
#define FIELD(name, value)                                                     \
  vm_put(iso, o, vm_key_from_c(name), value_from_number((double)(value)),      \
         PROPERTY_DEFAULT)
#define TIME(name, t)                                                          \
  FIELD(name, (double)stat->t.tv_sec * 1000 + (double)stat->t.tv_nsec / 1e6)
#define FLAG(name, test)                                                       \
  vm_put(iso, o, vm_key_from_c(name), value_from_bool(test(stat->st_mode)),    \
         PROPERTY_DEFAULT)
  FIELD("size", stat->st_size);
  FIELD("mode", stat->st_mode);
  FLAG("isFile", S_ISREG);
  FLAG("isDirectory", S_ISDIR);
  FLAG("isSymbolicLink", S_ISLNK);
  FIELD("dev", stat->st_dev);
  FIELD("ino", stat->st_ino);
  FIELD("nlink", stat->st_nlink);
  FIELD("uid", stat->st_uid);
  FIELD("gid", stat->st_gid);
  FIELD("rdev", stat->st_rdev);
  FIELD("blksize", stat->st_blksize);
  FIELD("blocks", stat->st_blocks);
  TIME("atimeMs", st_atim);
  TIME("mtimeMs", st_mtim);
  TIME("ctimeMs", st_ctim);
  TIME("birthtimeMs", st_birthtim);
#undef FIELD
#undef TIME
#undef FLAG
  return value_from_cell(o);
}

// The names; with flags set each followed by its kind: 'f', 'd', 'l' or 'o'
// (for node:fs, which makes Dirents of them).
static Value directory_value(Isolate *iso, FileCall *call) {
  Array *list = vm_array_new(iso, (uint32_t)call->number);
  for (size_t at = 0; at < call->length;) {
    const char *name = call->bytes + at + 1;
    String *text = vm_string_from_utf8(iso, name, strlen(name));
    if (text == NULL || !vm_array_push(iso, list, value_from_cell(text))) {
      return VALUE_EXCEPTION;
    }
    if (call->flags) {
      String *kind = vm_string_from_unit(iso, (uint8_t)call->bytes[at]);
      if (kind == NULL || !vm_array_push(iso, list, value_from_cell(kind))) {
        return VALUE_EXCEPTION;
      }
    }
    at += strlen(name) + 2;
  }
  return value_from_cell(list);
}

static Value string_value(String *s) {
  return s == NULL ? VALUE_EXCEPTION : value_from_cell(s);
}

static Value result_value(Isolate *iso, FileCall *call) {
  switch (call->operation) {
  case IO_OPERATION_READ_FILE:
  case IO_OPERATION_READ: {
    char *bytes = call->bytes;
    call->bytes = NULL;
    return rt_bytes_adopt(iso, (uint8_t *)bytes, call->length);
  }
  case IO_OPERATION_READ_TEXT:
  case IO_OPERATION_REAL_PATH:
  case IO_OPERATION_READ_LINK:
  case IO_OPERATION_MAKE_TEMPORARY_DIRECTORY:
    return string_value(vm_string_from_utf8(iso, call->bytes, call->length));
  case IO_OPERATION_OPEN:
  case IO_OPERATION_WRITE:
    return value_from_number((double)call->number);
  case IO_OPERATION_EXISTS:
    return value_from_bool(call->number != 0);
  case IO_OPERATION_STAT:
  case IO_OPERATION_LSTAT:
    return stat_value(iso, &call->stat);
  case IO_OPERATION_READ_DIRECTORY:
    return directory_value(iso, call);
  default:
    return VALUE_UNDEFINED;
  }
}

Value rt_file_call_result(Isolate *iso, FileCall *call, bool *failed) {
  Value result;
  *failed = call->error != 0;
  if (*failed) {
    return rt_system_error(iso, call->error,
                           call->failed_call == NULL ? "cancel"
                                                     : call->failed_call,
                           call->path, call->path2);
  }
  result = result_value(iso, call);
  if (value_is_exception(result)) {
    *failed = true;
    return vm_take_exception(iso);
  }
  return result;
}
