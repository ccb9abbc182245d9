// SPDX-License-Identifier: MIT
// console.log and its kin: strings and plain numbers are written at once,
// anything else goes through modules/lib/internal/console.js, which is loaded
// on first need.
#include "runtime/globals/globals.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/modules/loader.h"
#include "vm/objects/charge.h"

static const struct {
  char name[16]; // here, so that a start reads few pages
  bool to_error;
  bool is_print; // has the fast path
} methods[] = {
    {"log", false, true},
    {"info", false, true},
    {"debug", false, true},
    {"error", true, true},
    {"warn", true, true},
    {"trace", true, false},
    {"assert", true, false},
    {"dir", false, false},
    {"dirxml", false, false},
    {"group", false, false},
    {"groupCollapsed", false, false},
    {"groupEnd", false, false},
    {"count", false, false},
    {"countReset", false, false},
    {"time", false, false},
    {"timeLog", false, false},
    {"timeEnd", false, false},
    {"table", false, false},
    {"clear", false, false},
    {"profile", false, false},
    {"profileEnd", false, false},
    {"timeStamp", false, false},
};

// Can the value be written as it is? A first string must hold no '%' if more
// follows. False may also be that it threw.
static bool is_plain(Isolate *iso, Value value, bool is_first, bool is_only,
                     bool colored) {
  if (value_is_string(value)) {
    StringView view;
    if (!is_first || is_only) return true;
    if (!vm_string_read(iso, value_as_string(value), &view)) return false;
    for (uint32_t i = 0; i < view.length; i++) {
      if (string_view_at(view, i) == '%') return false;
    }
    return true;
  }
  if (colored) return false;
  return value_is_boolean(value) || value_is_nullish(value) ||
         (value_is_number(value) &&
          !(value_as_number(value) == 0 && signbit(value_as_number(value))));
}

static bool write_plain(Isolate *iso, Runtime *rt, const NativeCall *call,
                        bool to_error) {
  for (uint32_t i = 0; i < call->argc; i++) {
    size_t length;
    char *bytes = vm_to_utf8(iso, call->argv[i], &length);
    if (bytes == NULL) return false;
    bool last = i + 1 == call->argc;
    bytes[length++] = last ? '\n' : ' '; // in place of the final 0
    if (to_error) {
      rt_error_output(rt, bytes, length);
    } else {
      rt_output(rt, bytes, length);
    }
    free(bytes);
  }
  return true;
}

static Value console_method(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  uint16_t index = native_magic(call);
  bool to_error = methods[index].to_error;
  bool plain =
      methods[index].is_print && call->argc > 0 && !rt->console_grouped;
  bool colored = plain && rt_is_terminal(rt, to_error ? 2 : 1);
  for (uint32_t i = 0; plain && i < call->argc; i++) {
    plain = is_plain(iso, call->argv[i], i == 0, call->argc == 1, colored);
  }
  if (vm_has_exception(iso)) return VALUE_EXCEPTION;
  if (plain) {
    return write_plain(iso, rt, call, to_error) ? VALUE_UNDEFINED
                                                : VALUE_EXCEPTION;
  }
  Value name_space = rt_builtin_namespace(rt, "rill:internal/console");
  if (value_is_exception(name_space)) return name_space;
  Value table =
      vm_get(iso, value_as_object(name_space), vm_key_from_c("methods"));
  if (value_is_exception(table)) return table;
  return vm_invoke(iso, table, vm_key_from_c(methods[index].name), call->argc,
                   call->argv);
}

void rt_init_console(Runtime *rt) {
  Isolate *iso = rt->isolate;
  // A namespace object of Web IDL: its prototype is an empty object.
  Object *console = vm_object_new_with(iso, vm_object_new(iso));
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
    String *name = vm_atom_from_c(methods[i].name);
    NativeFunction *method =
        vm_native_new(iso, console_method, name, 0, 0, false);
    method->magic = (uint16_t)i;
    vm_put(iso, console, key_from_atom(name), value_from_cell(method),
           PROPERTY_DEFAULT);
  }
  vm_put(iso, console, SYMBOL_KEY(toStringTag),
         value_from_cell(vm_atom_from_c("console")), PROPERTY_CONFIGURABLE);
  vm_put(iso, iso->realm->global, KEY(console), value_from_cell(console),
         PROPERTY_HIDDEN);
}
