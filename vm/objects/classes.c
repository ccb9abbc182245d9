// SPDX-License-Identifier: MIT
// The table of exotic classes, by cell kind. NULL: an ordinary object (arrays,
// too: their length is built into the ordinary methods).
#include "vm/objects/object.h"
#include "vm/objects/string_object.h"

#define EXOTIC(name) extern const ObjectClass vm_class_##name;
EXOTIC(arguments)
EXOTIC(module_namespace)
EXOTIC(proxy)
EXOTIC(typed_array)
#undef EXOTIC

const ObjectClass *const vm_object_classes[CELL_KIND_COUNT] = {
    [CELL_PROXY] = &vm_class_proxy,
    [CELL_ARGUMENTS] = &vm_class_arguments,
    [CELL_STRING_OBJECT] = &vm_class_string_object,
    [CELL_TYPED_ARRAY] = &vm_class_typed_array,
    [CELL_MODULE_NAMESPACE] = &vm_class_module_namespace,
};
