// SPDX-License-Identifier: MIT
// Results of file operations made into values, and their errors.
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/io/bytes.h"
#include "runtime/io/files/call.h"
#include "runtime/values.h"
#include "vm/objects/bigint.h"
#include "vm/objects/operations.h"

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

static const char *kind_name(char letter) {
  switch (letter) {
  case 'f':
    return "file";
  case 'd':
    return "directory";
  case 'l':
    return "link";
  case 'p':
    return "fifo";
  case 's':
    return "socket";
  case 'c':
    return "character";
  case 'b':
    return "block";
  default:
    return "unknown";
  }
}

static char letter_of_mode(uint64_t mode) {
  return S_ISREG(mode)    ? 'f'
         : S_ISDIR(mode)  ? 'd'
         : S_ISLNK(mode)  ? 'l'
         : S_ISFIFO(mode) ? 'p'
         : S_ISSOCK(mode) ? 's'
         : S_ISCHR(mode)  ? 'c'
         : S_ISBLK(mode)  ? 'b'
                          : 'u';
}

static bool put_bigint(Isolate *iso, Object *o, const char *name, uint64_t size,
                       bool negative) {
  char digits[24];
  int length =
      snprintf(digits, sizeof digits, "%llu", (unsigned long long)size);
  BigInt *big = vm_bigint_from_digits(iso, (const uint8_t *)digits,
                                      (size_t)length, 10, negative);
  if (big == NULL) return false;
  return rt_put(iso, o, name, value_from_cell(big));
}

static bool put_number(Isolate *iso, Object *o, const char *name,
                       uint64_t value, bool bigint) {
  if (bigint) return put_bigint(iso, o, name, value, false);
  return rt_put_number(iso, o, name, (double)value);
}

// A time as milliseconds or, as a BigInt, nanoseconds too. Those before 1970
// are negative.
static bool put_time(Isolate *iso, Object *o, const char *name,
                     uv_timespec_t time, bool bigint, bool nanoseconds) {
  char key[24];
  snprintf(key, sizeof key, "%s%s", name, nanoseconds ? "Ns" : "Ms");
  if (!bigint) {
    return rt_put_number(
        iso, o, key, (double)time.tv_sec * 1000 + (double)time.tv_nsec / 1e6);
  }
  int64_t moment = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
  bool negative = moment < 0;
  uint64_t size = negative ? -(uint64_t)moment : (uint64_t)moment;
  return put_bigint(iso, o, key, nanoseconds ? size : size / 1000000, negative);
}

static Value stat_value(Isolate *iso, const FileCall *call) {
  const uv_stat_t *stat = &call->stat;
  bool bigint = call->options & FILE_BIGINT;
  Object *o = vm_object_new(iso);
  char letter = letter_of_mode(stat->st_mode);
  if (!rt_put_text(iso, o, "kind", kind_name(letter))) return VALUE_EXCEPTION;
  rt_put(iso, o, "isFile", value_from_bool(letter == 'f'));
  rt_put(iso, o, "isDirectory", value_from_bool(letter == 'd'));
  rt_put(iso, o, "isSymbolicLink", value_from_bool(letter == 'l'));
  const struct {
    const char *name;
    uint64_t value;
  } numbers[] = {
      {"dev", stat->st_dev},         {"mode", stat->st_mode},
      {"nlink", stat->st_nlink},     {"uid", stat->st_uid},
      {"gid", stat->st_gid},         {"rdev", stat->st_rdev},
      {"blksize", stat->st_blksize}, {"ino", stat->st_ino},
      {"size", stat->st_size},       {"blocks", stat->st_blocks},
  };
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    if (!put_number(iso, o, numbers[i].name, numbers[i].value, bigint))
      return VALUE_EXCEPTION;
  }
  for (int nanoseconds = 0; nanoseconds <= bigint; nanoseconds++) {
    if (!put_time(iso, o, "atime", stat->st_atim, bigint, nanoseconds) ||
        !put_time(iso, o, "mtime", stat->st_mtim, bigint, nanoseconds) ||
        !put_time(iso, o, "ctime", stat->st_ctim, bigint, nanoseconds) ||
        !put_time(iso, o, "birthtime", stat->st_birthtim, bigint,
                  nanoseconds)) {
      return VALUE_EXCEPTION;
    }
  }
  return value_from_cell(o);
}

static Value file_system_value(Isolate *iso, const FileCall *call) {
  const uv_statfs_t *system = &call->file_system;
  bool bigint = call->options & FILE_BIGINT;
  Object *o = vm_object_new(iso);
  const struct {
    const char *name;
    uint64_t value;
  } numbers[] = {
      {"type", system->f_type},     {"bsize", system->f_bsize},
      {"blocks", system->f_blocks}, {"bfree", system->f_bfree},
      {"bavail", system->f_bavail}, {"files", system->f_files},
      {"ffree", system->f_ffree},
  };
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    if (!put_number(iso, o, numbers[i].name, numbers[i].value, bigint))
      return VALUE_EXCEPTION;
  }
  return value_from_cell(o);
}

// The names, or with FILE_TYPES objects {name, kind}.
static Value directory_value(Isolate *iso, FileCall *call) {
  Array *list = vm_array_new(iso, (uint32_t)call->number);
  for (size_t at = 0; at < call->length;) {
    char letter = call->bytes[at];
    const char *name = call->bytes + at + 1;
    size_t length = strlen(name);
    at += length + 2;
    Value entry = rt_utf8_value(iso, name, length);
    if (value_is_exception(entry)) return entry;
    if (call->options & FILE_TYPES) {
      Object *o = vm_object_new(iso);
      rt_put(iso, o, "name", entry);
      String *kind = vm_atom_from_c(kind_name(letter));
      rt_put(iso, o, "kind", value_from_cell(kind));
      entry = value_from_cell(o);
    }
    if (!vm_array_push(iso, list, entry)) return VALUE_EXCEPTION;
  }
  return value_from_cell(list);
}

static Value result_value(Isolate *iso, FileCall *call) {
  switch (call->operation) {
  case IO_OPERATION_READ_FILE:
  case IO_OPERATION_READ: {
    char *bytes = call->bytes;
    call->bytes = NULL;
    return rt_bytes_adopt(iso, (uint8_t *)bytes, call->length);
  }
  case IO_OPERATION_MAKE_DIRECTORY:
    // The first one made, as in Node.
    return call->bytes == NULL || !(call->options & FILE_RECURSIVE)
               ? VALUE_UNDEFINED
               : rt_utf8_value(iso, call->bytes, call->length);
  case IO_OPERATION_READ_TEXT:
  case IO_OPERATION_REAL_PATH:
  case IO_OPERATION_READ_LINK:
  case IO_OPERATION_MAKE_TEMPORARY_DIRECTORY:
    return rt_utf8_value(iso, call->bytes, call->length);
  case IO_OPERATION_OPEN:
  case IO_OPERATION_WRITE:
  case IO_OPERATION_SEEK:
    return value_from_number((double)call->number);
  case IO_OPERATION_EXISTS:
    return value_from_bool(call->number != 0);
  case IO_OPERATION_STAT:
  case IO_OPERATION_LSTAT:
    return stat_value(iso, call);
  case IO_OPERATION_STAT_FILE_SYSTEM:
    return file_system_value(iso, call);
  case IO_OPERATION_READ_DIRECTORY:
  case IO_OPERATION_READ_ENTRIES:
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
