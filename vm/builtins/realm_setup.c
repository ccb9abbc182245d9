// SPDX-License-Identifier: MIT
// Calls the builtins of every family, in the order that their needs give: what
// others inherit from or alias comes first.
#include "vm/builtins/realm_setup.h"
#include "vm/builtins/builtins.h"

void vm_realm_setup(Isolate *iso, Realm *realm) {
  vm_put(iso, realm->global, KEY(globalThis), realm->global_this,
         PROPERTY_HIDDEN);
  vm_init_function(iso, realm);
  vm_init_symbol(iso, realm);
  vm_init_globals(iso, realm);
  vm_init_object(iso, realm);
  vm_init_error(iso, realm);
  vm_init_iterator(iso, realm);
  vm_init_iterator_helpers(iso, realm);
  vm_init_array(iso, realm);
  vm_init_string(iso, realm);
  vm_init_boolean(iso, realm);
  vm_init_number(iso, realm);
  vm_init_bigint(iso, realm);
  vm_init_math(iso, realm);
  vm_init_date(iso, realm);
  vm_init_array_buffer(iso, realm);
  vm_init_shared_array_buffer(iso, realm);
  vm_init_typed_array(iso, realm);
  vm_init_data_view(iso, realm);
  vm_init_atomics(iso, realm);
  vm_init_map(iso, realm);
  vm_init_set(iso, realm);
  vm_init_weak_map(iso, realm);
  vm_init_weak_set(iso, realm);
  vm_init_weak_ref(iso, realm);
  vm_init_finalization_registry(iso, realm);
  vm_init_proxy(iso, realm);
  vm_init_reflect(iso, realm);
  vm_init_json(iso, realm);
  vm_init_regexp(iso, realm);
  vm_init_generator(iso, realm);
  vm_init_async_generator(iso, realm);
  vm_init_promise(iso, realm);
  vm_init_disposable_stack(iso, realm);
  vm_init_module_source(iso, realm);
  vm_init_shadow_realm(iso, realm);
  vm_init_intl(iso, realm);
}
