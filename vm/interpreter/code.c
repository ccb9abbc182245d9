// SPDX-License-Identifier: MIT
// Codes, and the functions made from them.
#include "vm/interpreter/code.h"

#include <stdlib.h>

#include "vm/bytecode/compile.h"
#include "vm/interpreter/calls.h"
#include "vm/interpreter/run.h"
#include "vm/objects/charge.h"
#include "vm/objects/operations.h"

enum { LEAST_PARSER_STACK = 16 << 10, LARGEST_PARSER_STACK = 1 << 20 };

const Template *vm_code_template(const Code *code) {
  return code->template;
}
Realm *vm_code_realm(const Code *code) {
  return code->realm;
}

// The list's entries are weak: finalizers clear them, adding closes the gaps.
struct CodeList {
  Code **items;
  uint32_t count, capacity;
};

static bool add_to_list(Isolate *iso, Code *code) {
  struct CodeList *list = iso->codes;
  if (list == NULL) {
    list = iso->codes = calloc(1, sizeof *list);
    if (list == NULL) return false;
  }
  if (list->count == list->capacity) {
    uint32_t live = 0;
    for (uint32_t i = 0; i < list->count; i++) {
      if (list->items[i] == NULL) continue;
      list->items[i]->list_index = live;
      list->items[live++] = list->items[i];
    }
    list->count = live;
    if (live * 2 >= list->capacity) {
      uint32_t capacity = list->capacity ? list->capacity * 2 : 256;
      Code **grown = realloc(list->items, capacity * sizeof *grown);
      if (grown == NULL) return false;
      list->items = grown;
      list->capacity = capacity;
    }
  }
  code->list_index = list->count;
  list->items[list->count++] = code;
  return true;
}

void vm_code_list_remove(Isolate *iso, uint32_t index) {
  if (iso->codes != NULL) iso->codes->items[index] = NULL;
}

void vm_code_list_free(Isolate *iso) {
  if (iso->codes != NULL) free(iso->codes->items);
  free(iso->codes);
  iso->codes = NULL;
}

Code *vm_next_code(Isolate *iso, const Code *after) {
  if (iso->codes == NULL) return NULL;
  for (uint32_t i = after != NULL ? after->list_index + 1 : 0;
       i < iso->codes->count; i++)
    if (iso->codes->items[i] != NULL) return iso->codes->items[i];
  return NULL;
}

CellList *vm_cell_list_new(Isolate *iso, uint32_t count) {
  CellList *list = (CellList *)gc_allocate_any(
      iso->heap, sizeof(CellList) + count * sizeof(uint64_t), CELL_CELL_LIST);
  if (list == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  list->cell.extra = count;
  return list;
}

static uint8_t code_flags(const Template *t) {
  unsigned flags = 0;
  if (t->flags & TEMPLATE_STRICT) flags |= CODE_FLAG_STRICT;
  if (t->flags & TEMPLATE_GENERATOR)
    flags |= CODE_FLAG_GENERATOR | CODE_FLAG_SPECIAL_CALL;
  if (t->flags & TEMPLATE_ASYNC)
    flags |= CODE_FLAG_ASYNC | CODE_FLAG_SPECIAL_CALL;
  if (t->flags & TEMPLATE_SELF_HOSTED) flags |= CODE_FLAG_SELF_HOSTED;
  if (t->kind == CODE_CLASS_CONSTRUCTOR || t->kind == CODE_DERIVED_CONSTRUCTOR)
    flags |= CODE_FLAG_CLASS | CODE_FLAG_SPECIAL_CALL;
  if (t->kind == CODE_DERIVED_CONSTRUCTOR) flags |= CODE_FLAG_DERIVED;
  return (uint8_t)flags;
}

Code *vm_code_new(Isolate *iso, Template *t, Module *module) {
  return vm_code_take(iso, vm_template_retain(t), module);
}

Code *vm_code_take(Isolate *iso, Template *t, Module *module) {
  Code *code = (Code *)gc_allocate_any(
      iso->heap, sizeof(Code) + t->cache_count * sizeof(InlineCache),
      CELL_CODE);
  if (code != NULL) code->isolate = iso;
  if (code == NULL || !add_to_list(iso, code)) {
    vm_template_release(t);
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  code->instructions = t->code;
  code->constants = t->constants;
  code->keys = t->keys;
  code->register_count = t->register_count;
  code->parameter_count = t->parameter_count;
  code->is_strict = (t->flags & TEMPLATE_STRICT) != 0;
  code->expected_properties = t->expected_properties;
  code->realm = iso->realm;
  code->template = t;
  code->module = module;
  code->referrer = t->source != NULL ? t->source->name : NULL;
  code->cell.flags = code_flags(t);
  // What has no code yet is called the slow way.
  if (!(code->cell.flags & CODE_FLAG_SPECIAL_CALL) && t->lazy == NULL)
    code->plain_call_realm = iso->realm;
  for (uint32_t i = 0; i < t->cache_count; i++) {
    const CacheDescriptor *d = &t->caches[i];
    if (d->kind != CACHE_LITERAL && d->kind != CACHE_PRIVATE)
      code->caches[i].key = t->keys[d->key];
  }
  code->cell.extra = t->cache_count;
  gc_add_finalizer(iso->heap, code);
  if (atomic_load_explicit(&t->references, memory_order_relaxed) == 1) {
    size_t bytes = t->source->memory;
    code->external_bytes = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
    gc_external_adjust(iso->heap, GC_EXTERNAL_NATIVE, code->external_bytes);
  }
  return code;
}

Code *vm_code_nested(Isolate *iso, Code *code, uint32_t index) {
  const Template *t = code->template;
  if (code->functions == NULL) {
    CellList *list = vm_cell_list_new(iso, t->function_count);
    if (list == NULL) return NULL;
    gc_store_pointer(iso->heap, &code->functions, list);
  }
  Code *nested = (Code *)(uintptr_t)code->functions->words[index];
  if (likely(nested != NULL)) {
    if (likely(nested->compiled == NULL)) return nested;
    gc_store_word(iso->heap, &code->functions->words[index],
                  value_from_cell(nested->compiled));
    return nested->compiled;
  }
  nested = vm_code_new(iso, t->functions[index], code->module);
  if (nested == NULL) return NULL;
  nested->referrer = code->referrer;
  gc_store_word(iso->heap, &code->functions->words[index],
                value_from_cell(nested));
  return nested;
}

size_t vm_parser_stack_room(Isolate *iso) {
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  // The emitter walks what the parser made, with larger frames.
  size_t room = here > iso->c_stack_limit ? (here - iso->c_stack_limit) / 4 : 0;
  return room < LEAST_PARSER_STACK     ? LEAST_PARSER_STACK
         : room < LARGEST_PARSER_STACK ? room
                                       : LARGEST_PARSER_STACK;
}

static Code *compile_lazy(Isolate *iso, Code *stub) {
  if (!vm_check_stack(iso)) return NULL;
  CompileError error;
  WorkWatch watch = vm_compile_watch(iso);
  const Template *lazy = stub->template;
  if (!vm_charge(iso, (size_t)(lazy->source_end - lazy->source_start) * 4))
    return NULL;
  Template *t =
      vm_compile_lazy(lazy, vm_parser_stack_room(iso), &watch, &error);
  if (t == NULL) {
    if (error.too_deep)
      vm_throw_stack_overflow(iso);
    else
      vm_throw_compile_error(iso, &error, NULL);
    return NULL;
  }
  Realm *realm = iso->realm;
  iso->realm = stub->realm;
  Code *code = vm_code_new(iso, t, stub->module);
  iso->realm = realm;
  if (code == NULL) return NULL;
  code->referrer = stub->referrer;
  gc_store_pointer(iso->heap, &stub->compiled, code);
  return code;
}

Code *vm_code_to_run(Isolate *iso, Function *function) {
  Code *stub = function->code;
  if (stub->instructions != NULL) return stub;
  if (stub->template->lazy == NULL)
    return vm_compile_self_hosted(iso, function) ? function->code : NULL;
  Code *code =
      stub->compiled != NULL ? stub->compiled : compile_lazy(iso, stub);
  if (code == NULL) return NULL;
  gc_store_pointer(iso->heap, &function->code, code);
  return code;
}

static Function *allocate(Isolate *iso, Code *code, Environment *environment,
                          Object *home_object, Shape *shape) {
  Function *f =
      (Function *)gc_allocate(iso->heap, sizeof(Function), CELL_FUNCTION);
  const Template *t = code->template;
  unsigned flags = OBJECT_CALLABLE;
  if (t->kind == CODE_CLASS_CONSTRUCTOR ||
      t->kind == CODE_DERIVED_CONSTRUCTOR) {
    flags |= OBJECT_CONSTRUCTOR | OBJECT_CLASS_CONSTRUCTOR;
  } else if (t->kind == CODE_NORMAL &&
             !(t->flags &
               (TEMPLATE_GENERATOR | TEMPLATE_ASYNC | TEMPLATE_SELF_HOSTED))) {
    flags |= OBJECT_CONSTRUCTOR;
  }
  f->object.cell.flags = (uint8_t)flags;
  f->object.elements = iso->empty_elements;
  f->object.shape = shape;
  f->code = code;
  f->environment = environment;
  f->home_object = home_object;
  f->field_initializer = VALUE_UNDEFINED;
  return f;
}

Function *vm_function_new(Isolate *iso, Code *code, Environment *environment,
                          Object *home_object) {
  Shape *shape = code->realm->function_shapes[(code->template->flags >> 1) & 3];
  return allocate(iso, code, environment, home_object, shape);
}

Function *vm_function_new_with(Isolate *iso, Code *code,
                               Environment *environment, Object *home_object,
                               Object *prototype) {
  Shape *shape =
      vm_shape_root_with(iso, CELL_FUNCTION, prototype, 0, SHAPE_LAZY);
  return allocate(iso, code, environment, home_object, shape);
}

// 13.2.8.4 GetTemplateObject
Value vm_template_object(Isolate *iso, Code *code, uint32_t index) {
  const Template *t = code->template;
  if (code->template_objects == NULL) {
    CellList *list = vm_cell_list_new(iso, t->record_count);
    if (list == NULL) return VALUE_EXCEPTION;
    gc_store_pointer(iso->heap, &code->template_objects, list);
  }
  uint64_t *slot = &code->template_objects->words[index];
  if (*slot != 0) return *slot;
  const Record *record = &t->records[index];
  uint32_t count = record->template_strings.count;
  Array *cooked = vm_array_new(iso, count);
  Array *raw = vm_array_new(iso, count);
  for (uint32_t i = 0; i < count; i++) {
    String *s = record->template_strings.cooked[i];
    Value value = s != NULL ? value_from_cell(s) : VALUE_UNDEFINED;
    if (!vm_array_push(iso, cooked, value) ||
        !vm_array_push(iso, raw,
                       value_from_cell(record->template_strings.raw[i])))
      return VALUE_EXCEPTION;
  }
  vm_put(iso, &cooked->object, KEY(raw), value_from_cell(raw), 0);
  if (vm_set_integrity(iso, &raw->object, INTEGRITY_FROZEN) < 0 ||
      vm_set_integrity(iso, &cooked->object, INTEGRITY_FROZEN) < 0)
    return VALUE_EXCEPTION;
  gc_store_word(iso->heap, slot, value_from_cell(cooked));
  return value_from_cell(cooked);
}
