// SPDX-License-Identifier: MIT
// String.prototype.anchor and its kin, ECMA-262 B.2.2.2 to B.2.2.14.
#include "vm/builtins/string_builtins.h"

// By the magic of the function.
static const struct {
  const char *method, *tag, *attribute;
} elements[] = {
    {"anchor", "a", "name"},      {"big", "big", NULL},
    {"blink", "blink", NULL},     {"bold", "b", NULL},
    {"fixed", "tt", NULL},        {"fontcolor", "font", "color"},
    {"fontsize", "font", "size"}, {"italics", "i", NULL},
    {"link", "a", "href"},        {"small", "small", NULL},
    {"strike", "strike", NULL},   {"sub", "sub", NULL},
    {"sup", "sup", NULL},
};

// ECMA-262 B.2.2.2.1 CreateHTML
static Value create_html(Isolate *iso, const NativeCall *call) {
  unsigned which = native_magic(call);
  String *s = string_this(iso, call, elements[which].method);
  if (!s) return VALUE_EXCEPTION;
  StringBuilder b;
  vm_builder_init(&b, iso);
  vm_builder_append_unit(&b, '<');
  vm_builder_append_ascii(&b, elements[which].tag);
  if (elements[which].attribute) {
    String *value = vm_to_string(iso, native_argument(call, 0));
    StringView v;
    if (!value || !vm_string_view(iso, value, &v)) {
      vm_builder_discard(&b);
      return VALUE_EXCEPTION;
    }
    vm_builder_append_unit(&b, ' ');
    vm_builder_append_ascii(&b, elements[which].attribute);
    vm_builder_append_ascii(&b, "=\"");
    for (uint32_t i = 0; i < v.length; i++) {
      uint16_t unit = string_view_at(v, i);
      if (unit == '"')
        vm_builder_append_ascii(&b, "&quot;");
      else
        vm_builder_append_unit(&b, unit);
    }
    vm_builder_append_unit(&b, '"');
  }
  vm_builder_append_unit(&b, '>');
  vm_builder_append(&b, s);
  vm_builder_append_ascii(&b, "</");
  vm_builder_append_ascii(&b, elements[which].tag);
  vm_builder_append_unit(&b, '>');
  return string_or_exception(vm_builder_finish(&b));
}

void vm_define_string_html(Isolate *iso, Object *prototype) {
  enum { COUNT = sizeof elements / sizeof elements[0] };
  Builtin table[COUNT];
  for (unsigned i = 0; i < COUNT; i++)
    table[i] =
        (Builtin)BUILTIN_MAGIC(elements[i].method, create_html,
                               elements[i].attribute != NULL, (uint16_t)i);
  vm_define_builtins(iso, prototype, table, COUNT);
}
