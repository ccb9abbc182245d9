// SPDX-License-Identifier: MIT
// Self-hosted builtins: function objects whose code is compiled when they are
// first called.
//
// Until then the Function has a stub: a Code without instructions whose
// template knows the name, the length and the source's row. The stub's code is
// marked SPECIAL_CALL, so calls come to vm_push_frame, which asks
// vm_compile_self_hosted for the real one.
#include <stdlib.h>

#include "vm/builtins/self_hosted.h"
#include "vm/interpreter/calls.h"
#include "vm/interpreter/run.h"

static const SelfHostedSource *find(const char *name) {
  unsigned low = 0, high = vm_self_hosted_source_count;
  while (low < high) {
    unsigned middle = (low + high) / 2;
    int order = strcmp(vm_self_hosted_sources[middle].name, name);
    if (order == 0) return &vm_self_hosted_sources[middle];
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return NULL;
}

Function *vm_self_hosted_function(Isolate *iso, const char *source_name,
                                  String *name, uint16_t length) {
  const SelfHostedSource *source = find(source_name);
  if (source == NULL) {
    vm_throw_type(iso, "No self-hosted function %s", source_name);
    return NULL;
  }
  Template *stub = calloc(1, sizeof *stub);
  if (stub == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  stub->references = 1;
  stub->flags = TEMPLATE_SELF_HOSTED | TEMPLATE_STRICT;
  if (strncmp(source->text, "async ", 6) == 0) stub->flags |= TEMPLATE_ASYNC;
  const char *keyword = strstr(source->text, "function");
  if (keyword != NULL && keyword[8] == '*') stub->flags |= TEMPLATE_GENERATOR;
  stub->kind = CODE_NORMAL;
  stub->name = name;
  stub->length = length;
  Code *code = vm_code_new(iso, stub, NULL);
  vm_template_release(stub);
  if (code == NULL) return NULL;
  code->keys = (const PropertyKey *)(const void *)source; // until compiled
  code->cell.flags |= CODE_FLAG_SPECIAL_CALL;
  code->plain_call_realm = NULL;
  // Generators among them inherit from plain functions, like all builtins.
  Function *f =
      vm_function_new_with(iso, code, NULL, NULL,
                           iso->realm->intrinsics[INTRINSIC_FunctionPrototype]);
  f->object.cell.flags &= (uint8_t)~OBJECT_CONSTRUCTOR;
  return f;
}

bool vm_compile_self_hosted(Isolate *iso, Function *function) {
  Code *stub = function->code;
  const SelfHostedSource *source =
      (const SelfHostedSource *)(const void *)stub->keys;
  CompileOptions options = {.goal = COMPILE_SELF_HOSTED,
                            .file_name = source->file,
                            .first_line = source->line,
                            .is_strict = true};
  CompileError error = {0};
  Template *t = vm_compile(source->text, (uint32_t)strlen(source->text), false,
                           &options, &error);
  if (t == NULL) {
    vm_throw_compile_error(iso, &error, source->file);
    return false;
  }
  // Nobody else has this template yet. It shows the name of its property.
  t->name = stub->template->name;
  t->length = stub->template->length;
  t->flags |= TEMPLATE_SELF_HOSTED;
  Realm *realm = iso->realm;
  iso->realm = stub->realm;
  Code *code = vm_code_new(iso, t, NULL);
  iso->realm = realm;
  vm_template_release(t);
  if (code == NULL) return false;
  gc_store_pointer(iso->heap, &function->code, code);
  return true;
}
