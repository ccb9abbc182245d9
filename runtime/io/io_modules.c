// SPDX-License-Identifier: MIT
// rill:fs and rill:time as modules: each operation as an ordinary function, for
// all uses of it that did not become an instruction.
#include "runtime/io/io_modules.h"

#include <string.h>

#include "runtime/io/request.h"

static const struct {
  const char *module, *function;
  uint16_t length;
} operations[] = {
#define IO_OPERATION(name, module, function, length) {module, function, length},
#include "vm/io_operations.def"
#undef IO_OPERATION
};

static Value call_operation(Isolate *iso, const NativeCall *call) {
  return vm_io_submit(iso, native_magic(call), call->argc, call->argv);
}

static Value call_synchronously(Isolate *iso, const NativeCall *call) {
  return rt_io_synchronously(rt_of(iso), native_magic(call), call->argc,
                             call->argv);
}

static bool add(Isolate *iso, Module *module, uint32_t operation,
                NativeCode code) {
  String *name = vm_atom_from_c(operations[operation].function);
  NativeFunction *function =
      vm_native_new(iso, code, name, operations[operation].length, 0, false);
  function->magic = (uint16_t)operation;
  return vm_module_set_export(iso, module, name, value_from_cell(function));
}

static bool init_promising(Isolate *iso, Module *module, void *data) {
  for (uint32_t i = 0; i < IO_OPERATION_COUNT; i++) {
    if (strcmp(operations[i].module, data) == 0 &&
        !add(iso, module, i, call_operation)) {
      return false;
    }
  }
  return true;
}

static bool init_synchronous(Isolate *iso, Module *module, void *data) {
  for (uint32_t i = 0; i < IO_OPERATION_COUNT; i++) {
    if (i != IO_OPERATION_SLEEP && !add(iso, module, i, call_synchronously)) {
      return false;
    }
  }
  return true;
}

Module *rt_io_module_new(Isolate *iso, const char *name) {
  bool synchronous = strcmp(name, "rill:internal/fs-sync") == 0;
  String *exports[IO_OPERATION_COUNT];
  uint32_t count = 0;
  const char *module = NULL;
  for (uint32_t i = 0; i < IO_OPERATION_COUNT; i++) {
    if (synchronous ? i != IO_OPERATION_SLEEP
                    : strcmp(operations[i].module, name) == 0) {
      module = operations[i].module;
      exports[count++] = vm_atom_from_c(operations[i].function);
    }
  }
  if (count == 0) return NULL;
  return vm_synthetic_module_new(
      iso, vm_atom_from_c(name), exports, count,
      synchronous ? init_synchronous : init_promising, (void *)module);
}
