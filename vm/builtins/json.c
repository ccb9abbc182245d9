// SPDX-License-Identifier: MIT
// The JSON object, ECMA-262 25.5.
#include "vm/builtins/json.h"

#include "vm/builtins/builtins.h"

static const Builtin json[] = {
    BUILTIN("isRawJSON", vm_json_is_raw_json, 1),
    BUILTIN("parse", vm_json_parse, 2),
    BUILTIN("rawJSON", vm_json_raw_json, 1),
    BUILTIN("stringify", vm_json_stringify, 3),
    BUILTIN_TAG("JSON"),
};

void vm_init_json(Isolate *iso, Realm *realm) {
  Object *object =
      vm_object_new_with(iso, realm->intrinsics[INTRINSIC_ObjectPrototype]);
  vm_realm_set_intrinsic(realm, INTRINSIC_JSON, object);
  VM_DEFINE_BUILTINS(iso, object, json);
  vm_put(iso, realm->global, vm_key_from_c("JSON"), value_from_cell(object),
         PROPERTY_HIDDEN);
}
