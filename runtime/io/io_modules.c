// SPDX-License-Identifier: MIT
// I/O operations as ordinary functions, for all uses of them that did not
// become an instruction. rill:fs hands on those of rill:internal/files.
#include "runtime/io/io_modules.h"

#include <string.h>

#include "runtime/io/request.h"

static const struct {
  const char *module, *function;
  uint16_t length;
} operations[] = {
#define IO_OPERATION(name, module, function, length, options)                  \
  {module, function, length},
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

typedef struct IoModule {
  const char *name;
  NativeCode code;
  bool of_files; // all operations but those of rill:time
} IoModule;

static const IoModule modules[] = {
    {"rill:internal/sleep", call_operation, false},
    {"rill:internal/files", call_operation, true},
    {"rill:internal/fs-sync", call_synchronously, true},
};

static bool is_in(const IoModule *module, uint32_t operation) {
  bool is_file = strcmp(operations[operation].module, "rill:time") != 0;
  return is_file == module->of_files;
}

static bool init(Isolate *iso, Module *module, void *data) {
  const IoModule *row = data;
  for (uint32_t i = 0; i < IO_OPERATION_COUNT; i++) {
    if (is_in(row, i) && !add(iso, module, i, row->code)) return false;
  }
  return true;
}

const char *rt_io_module_name(const char *name) {
  for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
    if (strcmp(modules[i].name, name) == 0) return modules[i].name;
  }
  return NULL;
}

Module *rt_io_module_new(Isolate *iso, const char *name) {
  const IoModule *row = modules;
  while (strcmp(row->name, name) != 0)
    row++;
  String *exports[IO_OPERATION_COUNT];
  uint32_t count = 0;
  for (uint32_t i = 0; i < IO_OPERATION_COUNT; i++) {
    if (is_in(row, i))
      exports[count++] = vm_atom_from_c(operations[i].function);
  }
  return vm_synthetic_module_new(iso, vm_atom_from_c(name), exports, count,
                                 init, (void *)row);
}
