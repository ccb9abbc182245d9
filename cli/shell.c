// SPDX-License-Identifier: MIT
// --shell: the functions that benchmark shells offer. print, read and readFile,
// load (a script in the global scope), quit, and arguments.
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "runtime/modules/loader.h"

static Value shell_print(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  for (uint32_t i = 0; i < call->argc; i++) {
    size_t length;
    char *bytes = vm_to_utf8(iso, call->argv[i], &length);
    if (bytes == NULL) return VALUE_EXCEPTION;
    if (i > 0) rt_output(rt, " ", 1);
    rt_output(rt, bytes, length);
    free(bytes);
  }
  rt_output(rt, "\n", 1);
  rt_output_flush(rt);
  return VALUE_UNDEFINED;
}

static char *read_argument(Isolate *iso, const NativeCall *call, char **path,
                           size_t *length) {
  *path = vm_to_utf8(iso, native_argument(call, 0), NULL);
  if (*path == NULL) return NULL;
  char *text = rt_read_file(iso, *path, length);
  if (text == NULL) free(*path);
  return text;
}

static Value shell_read(Isolate *iso, const NativeCall *call) {
  char *path;
  size_t length;
  char *text = read_argument(iso, call, &path, &length);
  if (text == NULL) return VALUE_EXCEPTION;
  String *result = vm_string_from_utf8(iso, text, length);
  free(text);
  free(path);
  return result == NULL ? VALUE_EXCEPTION : value_from_cell(result);
}

static Value shell_load(Isolate *iso, const NativeCall *call) {
  char *path;
  size_t length;
  char *text = read_argument(iso, call, &path, &length);
  if (text == NULL) return VALUE_EXCEPTION;
  Value result = vm_evaluate_script(iso, text, length, path);
  free(text);
  free(path);
  return value_is_exception(result) ? result : VALUE_UNDEFINED;
}

static Value shell_quit(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  int32_t code = 0;
  if (call->argc > 0 && !vm_to_int32(iso, call->argv[0], &code)) {
    return VALUE_EXCEPTION;
  }
  rt->exit_code = code & 0xff;
  rt->exit_code_was_set = true;
  return rt_exit(rt);
}

void cli_define_shell(Runtime *rt) {
  static const struct {
    const char *name;
    NativeCode code;
    uint16_t length;
  } functions[] = {{"print", shell_print, 0},
                   {"read", shell_read, 1},
                   {"readFile", shell_read, 1},
                   {"load", shell_load, 1},
                   {"quit", shell_quit, 1}};
  Isolate *iso = rt->isolate;
  Object *global = iso->realm->global;
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    String *name = vm_atom_from_c(functions[i].name);
    vm_put(iso, global, key_from_atom(name),
           value_from_cell(vm_native_new(iso, functions[i].code, name,
                                         functions[i].length, 0, false)),
           PROPERTY_HIDDEN);
  }
  Array *arguments = vm_array_new(iso, 0);
  for (int i = 1; i < rt->options.argument_count; i++) {
    String *text = vm_string_from_c(iso, rt->options.arguments[i]);
    if (text == NULL || !vm_array_push(iso, arguments, value_from_cell(text))) {
      vm_take_exception(iso);
    }
  }
  vm_put(iso, global, KEY(arguments), value_from_cell(arguments),
         PROPERTY_HIDDEN);
}
