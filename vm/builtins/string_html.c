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

static const Builtin html_methods[] = {
    BUILTIN_MAGIC("anchor", create_html, 1, 0),
    BUILTIN_MAGIC("big", create_html, 0, 1),
    BUILTIN_MAGIC("blink", create_html, 0, 2),
    BUILTIN_MAGIC("bold", create_html, 0, 3),
    BUILTIN_MAGIC("fixed", create_html, 0, 4),
    BUILTIN_MAGIC("fontcolor", create_html, 1, 5),
    BUILTIN_MAGIC("fontsize", create_html, 1, 6),
    BUILTIN_MAGIC("italics", create_html, 0, 7),
    BUILTIN_MAGIC("link", create_html, 1, 8),
    BUILTIN_MAGIC("small", create_html, 0, 9),
    BUILTIN_MAGIC("strike", create_html, 0, 10),
    BUILTIN_MAGIC("sub", create_html, 0, 11),
    BUILTIN_MAGIC("sup", create_html, 0, 12),
};

void vm_define_string_html(Isolate *iso, Object *prototype) {
  VM_DEFINE_BUILTINS(iso, prototype, html_methods);
}
