// SPDX-License-Identifier: MIT
// rill:internal/zlib: streams of zlib, gzip and raw deflate for node:zlib. A
// handle belongs to the isolate's thread and works while it is called; the
// module above it decides how much to hand in at a time.
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "runtime/io/bytes.h"
#include "runtime/modules/native_modules.h"
#include "runtime/values.h"
#include "vm/objects/array.h"
#include "vm/objects/host_object.h"
#include "vm/objects/operations.h"

enum { FORMAT_ZLIB, FORMAT_GZIP, FORMAT_RAW, FORMAT_ANY };

typedef struct Handle {
  z_stream stream;
  bool inflates;
  int format;
  uint8_t *dictionary; // of an inflating zlib stream, until it asks for it
  size_t dictionary_length;
} Handle;

static const char handle_type[] = "zlib";

static void free_handle(void *data) {
  Handle *handle = data;
  if (handle->inflates) {
    inflateEnd(&handle->stream);
  } else {
    deflateEnd(&handle->stream);
  }
  free(handle->dictionary);
  free(handle);
}

static Handle *handle_of(Isolate *iso, Value value) {
  if (value_is_kind(value, CELL_HOST_OBJECT)) {
    HostObject *o = (HostObject *)value_as_cell(value);
    if (o->type == handle_type) return o->data;
  }
  vm_throw_type(iso, "Not a zlib stream");
  return NULL;
}

// An error with Node's code and errno.
static Value throw_zlib(Isolate *iso, int code, const char *message) {
  static const char *const names[] = {
      "Z_VERSION_ERROR", "Z_BUF_ERROR", "Z_MEM_ERROR", "Z_DATA_ERROR",
      "Z_STREAM_ERROR",  "Z_ERRNO",     "Z_OK",        "Z_STREAM_END",
      "Z_NEED_DICT"};
  vm_throw_error(iso, ERROR_ERROR, "%s", message);
  Value error = vm_take_exception(iso);
  if (value_is_object(error)) {
    Object *o = value_as_object(error);
    rt_put_number(iso, o, "errno", code);
    rt_put(iso, o, "code", value_from_cell(vm_atom_from_c(names[code + 6])));
  }
  return vm_throw(iso, error);
}

static bool to_double(Isolate *iso, const NativeCall *call, uint32_t index,
                      double *out) {
  Value number = vm_to_number(iso, native_argument(call, index));
  if (value_is_exception(number)) return false;
  *out = value_as_number(number);
  return true;
}

static bool to_int(Isolate *iso, const NativeCall *call, uint32_t index,
                   int *out) {
  double number;
  if (!to_double(iso, call, index, &number)) return false;
  *out = (int)number;
  return true;
}

// Keeps or sets the dictionary. Takes no bytes over. False: threw.
static bool use_dictionary(Isolate *iso, Handle *handle, Value value) {
  if (value_is_undefined(value)) return true;
  uint8_t *bytes;
  size_t length;
  if (!rt_bytes_of(iso, value, &bytes, &length)) return false;
  int result = Z_OK;
  if (!handle->inflates) {
    result = deflateSetDictionary(&handle->stream, bytes, (uInt)length);
  } else if (handle->format == FORMAT_RAW) {
    result = inflateSetDictionary(&handle->stream, bytes, (uInt)length);
  } else {
    handle->dictionary = malloc(length + 1);
    if (handle->dictionary == NULL) {
      vm_throw_out_of_memory(iso);
      return false;
    }
    memcpy(handle->dictionary, bytes, length);
    handle->dictionary_length = length;
  }
  if (result == Z_OK) return true;
  throw_zlib(iso, result, "Failed to set dictionary");
  return false;
}

// About what zlib's own manual says that it takes.
static size_t state_bytes(bool inflates, int window_bits, int memory_level) {
  enum { STATE_BYTES = 7 << 10 };
  size_t window = (size_t)1
                  << (window_bits > 0 && window_bits < 16 ? window_bits : 15);
  if (inflates) return STATE_BYTES + window;
  int level = memory_level > 0 && memory_level < 10 ? memory_level : 9;
  return STATE_BYTES + 4 * window + ((size_t)512 << level);
}

// open(inflates, format, windowBits, level, memLevel, strategy, dictionary)
static Value zlib_open(Isolate *iso, const NativeCall *call) {
  int inflates, format, window_bits, level, memory_level, strategy;
  if (!to_int(iso, call, 0, &inflates) || !to_int(iso, call, 1, &format) ||
      !to_int(iso, call, 2, &window_bits) || !to_int(iso, call, 3, &level) ||
      !to_int(iso, call, 4, &memory_level) ||
      !to_int(iso, call, 5, &strategy)) {
    return VALUE_EXCEPTION;
  }
  size_t bytes = state_bytes(inflates != 0, window_bits, memory_level);
  Handle *handle =
      gc_reserve_external(iso->heap, bytes) ? calloc(1, sizeof *handle) : NULL;
  if (handle == NULL) return vm_throw_out_of_memory(iso);
  handle->inflates = inflates != 0;
  handle->format = format;
  int bits = format == FORMAT_GZIP  ? window_bits + 16
             : format == FORMAT_RAW ? -window_bits
             : format == FORMAT_ANY ? window_bits + 32
                                    : window_bits;
  int result = handle->inflates
                   ? inflateInit2(&handle->stream, bits)
                   : deflateInit2(&handle->stream, level, Z_DEFLATED, bits,
                                  memory_level, strategy);
  if (result != Z_OK) {
    free(handle);
    return throw_zlib(iso, result, "Init error");
  }
  HostObject *o = vm_host_object_new(iso, handle_type, handle, free_handle);
  if (o == NULL) {
    free_handle(handle);
    return vm_throw_out_of_memory(iso);
  }
  vm_host_object_takes(iso, o, bytes);
  return use_dictionary(iso, handle, native_argument(call, 6))
             ? value_from_cell(o)
             : VALUE_EXCEPTION;
}

// One step. *result is zlib's answer.
static void step(Handle *handle, int flush, int *result) {
  *result = handle->inflates ? inflate(&handle->stream, flush)
                             : deflate(&handle->stream, flush);
  if (*result != Z_NEED_DICT || handle->dictionary == NULL) return;
  *result = inflateSetDictionary(&handle->stream, handle->dictionary,
                                 (uInt)handle->dictionary_length);
  if (*result == Z_OK) {
    *result = inflate(&handle->stream, flush);
  } else if (*result == Z_DATA_ERROR) {
    *result = Z_NEED_DICT; // the wrong one: told apart by the caller
    handle->dictionary_length = 0;
  }
}

static Value throw_result(Isolate *iso, Handle *handle, int result) {
  if (result == Z_NEED_DICT) {
    return handle->dictionary == NULL
               ? throw_zlib(iso, result, "Missing dictionary")
               : throw_zlib(iso, result, "Bad dictionary");
  }
  if (result == Z_BUF_ERROR) {
    return throw_zlib(iso, result, "unexpected end of file");
  }
  const char *message = handle->stream.msg;
  return throw_zlib(iso, result, message != NULL ? message : zError(result));
}

// Between looks at the limits zlib is given, and gives, this many bytes.
enum { PIECE = 1 << 17, UNITS_A_BYTE = 16 };

// run(handle, bytes, flush, limit): [output, bytes left over, is at the end].
// Throws beyond `limit` bytes of output, and where the input ends too early
// though flush is Z_FINISH.
static Value zlib_run(Isolate *iso, const NativeCall *call) {
  Handle *handle = handle_of(iso, native_argument(call, 0));
  uint8_t *bytes;
  size_t length;
  int flush;
  double limit;
  if (handle == NULL ||
      !rt_bytes_of(iso, native_argument(call, 1), &bytes, &length) ||
      !to_int(iso, call, 2, &flush) || !to_double(iso, call, 3, &limit)) {
    return VALUE_EXCEPTION;
  }
  if (length > UINT32_MAX) return vm_throw_range(iso, "Input too long");
  size_t capacity = length < 512 ? 1024 : length * (handle->inflates ? 4 : 1);
  if (capacity > 1 << 26) capacity = 1 << 26;
  uint8_t *output = malloc(capacity);
  if (output == NULL) return vm_throw_out_of_memory(iso);
  z_stream *stream = &handle->stream;
  stream->next_in = bytes;
  stream->avail_in = 0;
  size_t filled = 0;
  int result;
  for (;;) {
    size_t left = length - (size_t)(stream->next_in - bytes);
    size_t room = capacity - filled;
    stream->avail_in = (uInt)(left < PIECE ? left : PIECE);
    stream->next_out = output + filled;
    stream->avail_out = (uInt)(room < PIECE ? room : PIECE);
    uInt given = stream->avail_in, offered = stream->avail_out;
    step(handle, left == given ? flush : Z_NO_FLUSH, &result);
    uInt taken = given - stream->avail_in, made = offered - stream->avail_out;
    filled += made;
    if (!vm_charge(iso, ((size_t)taken + made) * UNITS_A_BYTE)) {
      free(output);
      return VALUE_EXCEPTION;
    }
    if ((double)filled > limit) {
      free(output);
      return vm_throw_error(iso, ERROR_RANGE,
                            "Cannot create a Buffer larger than %.0f bytes",
                            limit);
    }
    if (result != Z_OK && result != Z_BUF_ERROR) break;
    // All that there is to say.
    if (stream->avail_out != 0 && (left == given || taken == 0)) break;
    if (filled == capacity) {
      uint8_t *grown = realloc(output, capacity * 2);
      if (grown == NULL) {
        free(output);
        return vm_throw_out_of_memory(iso);
      }
      output = grown;
      capacity *= 2;
    }
  }
  size_t left_over = length - (size_t)(stream->next_in - bytes);
  bool is_done = result == Z_STREAM_END;
  bool is_short = flush == Z_FINISH && !is_done &&
                  (result == Z_OK || result == Z_BUF_ERROR);
  if (is_short) result = Z_BUF_ERROR;
  if (!is_done && result != Z_OK && (is_short || result != Z_BUF_ERROR)) {
    free(output);
    return throw_result(iso, handle, result);
  }
  Value text = rt_bytes_adopt(iso, output, filled);
  if (value_is_exception(text)) return text;
  Array *list = vm_array_new(iso, 0);
  if (!vm_array_push(iso, list, text) ||
      !vm_array_push(iso, list, value_from_number((double)left_over)) ||
      !vm_array_push(iso, list, value_from_bool(is_done))) {
    return VALUE_EXCEPTION;
  }
  return value_from_cell(list);
}

// reset(handle): for the next member of a gzip file.
static Value zlib_reset(Isolate *iso, const NativeCall *call) {
  Handle *handle = handle_of(iso, native_argument(call, 0));
  if (handle == NULL) return VALUE_EXCEPTION;
  if (handle->inflates) {
    inflateReset(&handle->stream);
  } else {
    deflateReset(&handle->stream);
  }
  return VALUE_UNDEFINED;
}

// setParameters(handle, level, strategy)
static Value zlib_set_parameters(Isolate *iso, const NativeCall *call) {
  Handle *handle = handle_of(iso, native_argument(call, 0));
  int level, strategy;
  if (handle == NULL || !to_int(iso, call, 1, &level) ||
      !to_int(iso, call, 2, &strategy)) {
    return VALUE_EXCEPTION;
  }
  if (!handle->inflates) {
    handle->stream.avail_in = handle->stream.avail_out = 0;
    deflateParams(&handle->stream, level, strategy);
  }
  return VALUE_UNDEFINED;
}

// checksum(bytes, start): CRC-32.
static Value zlib_checksum(Isolate *iso, const NativeCall *call) {
  uint8_t *bytes;
  size_t length;
  double start;
  if (!rt_bytes_read(iso, native_argument(call, 0), &bytes, &length) ||
      !to_double(iso, call, 1, &start)) {
    return VALUE_EXCEPTION;
  }
  return value_from_number(
      (double)crc32_z((uLong)(uint32_t)start, bytes, length));
}

static const NativeExport zlib_exports[] = {
    {"checksum", zlib_checksum, 2},
    {"open", zlib_open, 7},
    {"reset", zlib_reset, 1},
    {"run", zlib_run, 4},
    {"setParameters", zlib_set_parameters, 3},
};
const NativeModule rt_zlib_module =
    NATIVE_MODULE("rill:internal/zlib", zlib_exports);
