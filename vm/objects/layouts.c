// SPDX-License-Identifier: MIT
// The collector's table of cell kinds.
//
// A kind without a trace function of its own is traced word by word,
// conservatively: right for every struct whose references are all in the cell.
#include "vm/objects/layouts.h"

#include "vm/interpreter/layouts.h"
#include "vm/objects/arguments.h"
#include "vm/objects/elements.h"
#include "vm/objects/host_object.h"
#include "vm/objects/intl_object.h"
#include "vm/objects/iterator_object.h"
#include "vm/objects/proxy.h"
#include "vm/objects/shape_internal.h"

static void trace_all(GcTracer *tracer, GcCell *cell) {
  gc_trace_conservatively(tracer, (char *)cell + sizeof(GcCell),
                          (char *)cell + gc_cell_bytes(cell));
}

static void trace_string(GcTracer *tracer, GcCell *cell) {
  const String *s = (const String *)cell;
  // A rope that is flattened becomes a slice: left first, then the flag. Either
  // way `left` is a cell and `right` is one or an offset, which is none.
  uint8_t flags = __atomic_load_n(&cell->flags, __ATOMIC_ACQUIRE);
  if (flags & (STRING_ROPE | STRING_SLICE)) {
    gc_trace_field(tracer, &s->left);
    if (flags & STRING_ROPE) gc_trace_field(tracer, &s->right);
  }
  if (flags & STRING_ATOM_KNOWN)
    gc_trace_cell(tracer, vm_atom_by_number(
                              __atomic_load_n(&s->index, __ATOMIC_RELAXED)));
}

static void trace_symbol(GcTracer *tracer, GcCell *cell) {
  gc_trace_field(tracer, &((Symbol *)cell)->description);
}

static void trace_shape(GcTracer *tracer, GcCell *cell) {
  const Shape *s = (const Shape *)cell;
  gc_trace_field(tracer, &s->prototype);
  gc_trace_field(tracer, &s->parent);
  gc_trace_field(tracer, &s->key);
  gc_trace_field(tracer, &s->table);
  gc_trace_field(tracer, &s->transitions);
  gc_trace_field(tracer, &s->prototype_info);
}

static void trace_shape_table(GcTracer *tracer, GcCell *cell) {
  const ShapeTable *t = (const ShapeTable *)cell;
  gc_trace_field(tracer, &t->index);
  // Entries that are added later refer to nothing that is not traced anyway.
  gc_trace_records(tracer, &t->entries[0].key,
                   __atomic_load_n(&t->count, __ATOMIC_ACQUIRE),
                   sizeof(ShapeEntry) / sizeof(uint64_t), 1);
}

static void trace_prototype_info(GcTracer *tracer, GcCell *cell) {
  const PrototypeInfo *info = (const PrototypeInfo *)cell;
  gc_trace_field(tracer, &info->roots);
  gc_trace_field(tracer, &info->validity);
  gc_trace_field(tracer, &info->dependents);
}

static void trace_slots(GcTracer *tracer, GcCell *cell) {
  gc_trace_words(tracer, ((Slots *)cell)->values,
                 __atomic_load_n(&cell->extra, __ATOMIC_ACQUIRE));
}

static void trace_elements(GcTracer *tracer, GcCell *cell) {
  const Elements *e = (const Elements *)cell;
  gc_trace_words(tracer, e->values,
                 __atomic_load_n(&e->capacity, __ATOMIC_ACQUIRE));
}

static void trace_sparse_elements(GcTracer *tracer, GcCell *cell) {
  const SparseElements *s = (const SparseElements *)(void *)cell;
  if (gc_cell_bytes(cell) <= sizeof(SparseElements)) return;
  gc_trace_field(tracer, &s->source);
  gc_trace_records(tracer, &s->entries[0].value, s->mask + 1,
                   sizeof(SparseEntry) / sizeof(uint64_t), 1);
}

static void trace_accessor(GcTracer *tracer, GcCell *cell) {
  const Accessor *a = (const Accessor *)cell;
  gc_trace_field(tracer, &a->getter);
  gc_trace_field(tracer, &a->setter);
}

static void trace_environment(GcTracer *tracer, GcCell *cell) {
  const Environment *e = (const Environment *)cell;
  gc_trace_field(tracer, &e->parent);
  gc_trace_words(tracer, e->slots, cell->extra);
}

static void trace_value_list(GcTracer *tracer, GcCell *cell) {
  gc_trace_words(tracer, ((ValueList *)cell)->items, cell->extra);
}

static void trace_realm(GcTracer *tracer, GcCell *cell) {
  const Realm *r = (const Realm *)cell;
  gc_trace_field(tracer, &r->global);
  gc_trace_field(tracer, &r->global_this);
  gc_trace_field(tracer, &r->lexicals);
  for (uint32_t i = 0; i < INTRINSIC_COUNT; i++) {
    gc_trace_field(tracer, &r->intrinsics[i]);
  }
  gc_trace_field(tracer, &r->object_shape);
  gc_trace_field(tracer, &r->array_shape);
  for (uint32_t i = 0; i < FUNCTION_FLAVOUR_COUNT; i++) {
    gc_trace_field(tracer, &r->function_shapes[i]);
  }
  gc_trace_field(tracer, &r->iterator_result_shape);
  for (uint32_t i = 0; i < 3; i++) {
    gc_trace_field(tracer, &r->arguments_shapes[i]);
  }
  gc_trace_field(tracer, &r->host_defined);
  gc_trace_field(tracer, &r->template_objects);
  gc_trace_field(tracer, &r->regexp_state);
  gc_trace_field(tracer, &r->regexp_cache);
}

static void finalize_foreign(GcHeap *heap, GcCell *cell) {
  Foreign *f = (Foreign *)cell;
  if (f->finalize) f->finalize(f->pointer);
  if (f->external_bytes)
    gc_external_adjust(heap, GC_EXTERNAL_NATIVE, -(int64_t)f->external_bytes);
}

// Objects ---------------------------------------------------------------

static void trace_object(GcTracer *tracer, GcCell *cell) {
  vm_trace_object_header(tracer, cell);
  gc_trace_words(tracer, ((Object *)cell)->inline_slots, cell->aux);
}

// Kinds whose own fields are no references, or weak ones.
static void trace_header_only(GcTracer *tracer, GcCell *cell) {
  vm_trace_object_header(tracer, cell);
}

static void trace_function(GcTracer *tracer, GcCell *cell) {
  const Function *f = (const Function *)cell;
  vm_trace_object_header(tracer, cell);
  gc_trace_field(tracer, &f->code);
  gc_trace_field(tracer, &f->environment);
  gc_trace_field(tracer, &f->home_object);
  gc_trace_field(tracer, &f->field_initializer);
}

static void trace_native_function(GcTracer *tracer, GcCell *cell) {
  const NativeFunction *f = (const NativeFunction *)cell;
  vm_trace_object_header(tracer, cell);
  gc_trace_field(tracer, &f->realm);
  gc_trace_field(tracer, &f->name);
  gc_trace_words(tracer, f->slots, f->slot_count);
}

static void trace_bound_function(GcTracer *tracer, GcCell *cell) {
  const BoundFunction *f = (const BoundFunction *)cell;
  vm_trace_object_header(tracer, cell);
  gc_trace_field(tracer, &f->target);
  gc_trace_field(tracer, &f->bound_this);
  gc_trace_words(tracer, f->arguments, f->argument_count);
}

static void trace_proxy(GcTracer *tracer, GcCell *cell) {
  const Proxy *p = (const Proxy *)cell;
  vm_trace_object_header(tracer, cell);
  gc_trace_field(tracer, &p->target);
  gc_trace_field(tracer, &p->handler);
}

static void trace_arguments(GcTracer *tracer, GcCell *cell) {
  vm_trace_object_header(tracer, cell);
  gc_trace_field(tracer, &((Arguments *)cell)->environment);
}

static void trace_primitive_object(GcTracer *tracer, GcCell *cell) {
  vm_trace_object_header(tracer, cell);
  gc_trace_field(tracer, &((PrimitiveObject *)cell)->value);
}

static void trace_iterator(GcTracer *tracer, GcCell *cell) {
  const IteratorObject *it = (const IteratorObject *)cell;
  vm_trace_object_header(tracer, cell);
  gc_trace_field(tracer, &it->target);
  gc_trace_field(tracer, &it->extra);
}

// The interpreter's own functions trace what follows the header.
#define AFTER_HEADER(name)                                                     \
  static void trace_##name(GcTracer *tracer, GcCell *cell) {                   \
    vm_trace_object_header(tracer, cell);                                      \
    vm_trace_##name(tracer, cell);                                             \
  }
AFTER_HEADER(promise)
AFTER_HEADER(generator)
AFTER_HEADER(async_generator)
AFTER_HEADER(module_namespace)
#undef AFTER_HEADER

const GcKind vm_layouts[CELL_KIND_COUNT] = {
    [CELL_STRING] = {"string", trace_string},
    [CELL_SYMBOL] = {"symbol", trace_symbol},
    [CELL_BIGINT] = {"bigint"},
    [CELL_SHAPE] = {"shape", trace_shape},
    [CELL_SHAPE_TABLE] = {"shape table", trace_shape_table},
    [CELL_SHAPE_INDEX] = {"shape index", vm_trace_shape_index},
    [CELL_TRANSITIONS] = {"transitions", .clear_weak = vm_transitions_clear,
                          .clears_beside = true},
    [CELL_PROTOTYPE_INFO] = {"prototype info", trace_prototype_info,
                             .clear_weak = vm_prototype_info_clear,
                             .weak_is_clean = vm_prototype_info_is_clean},
    [CELL_VALIDITY] = {"validity"},
    [CELL_SLOTS] = {"slots", trace_slots},
    [CELL_ELEMENTS] = {"elements", trace_elements},
    [CELL_SPARSE_ELEMENTS] = {"sparse elements", trace_sparse_elements},
    [CELL_ACCESSOR] = {"accessor", trace_accessor},
    [CELL_ENVIRONMENT] = {"environment", trace_environment},
    [CELL_CODE] = {"code", vm_trace_code, .finalize = vm_finalize_code},
    [CELL_REALM] = {"realm", trace_realm},
    [CELL_FIBER] = {"fiber", vm_trace_fiber},
    [CELL_HASH_TABLE] = {"hash table", vm_trace_hash_table},
    [CELL_WEAK_TABLE] = {"weak table", vm_trace_weak_table,
                         .clear_weak = vm_weak_table_clear,
                         .clears_beside = true},
    [CELL_REGISTRATION_PAGE] = {"registrations", vm_trace_registration_page,
                                .clear_weak = vm_registration_page_clear,
                                .clears_beside = true},
    [CELL_PROMISE_REACTION] = {"promise reaction", vm_trace_promise_reaction},
    [CELL_MODULE] = {"module", vm_trace_module},
    [CELL_BYTES] = {"bytes"},
    [CELL_CELL_LIST] = {"cell list", vm_trace_cell_list},
    [CELL_VALUE_LIST] = {"value list", trace_value_list},
    [CELL_FOREIGN] = {"foreign", .finalize = finalize_foreign},
    [CELL_POLYMORPHIC_CACHE] = {"polymorphic cache",
                                vm_trace_polymorphic_cache},
    [CELL_BUFFER_VIEWS] = {"buffer views", .clear_weak = vm_buffer_views_clear},
    [CELL_OBJECT] = {"object", trace_object},
    [CELL_ARRAY] = {"array", trace_header_only},
    [CELL_FUNCTION] = {"function", trace_function},
    [CELL_NATIVE_FUNCTION] = {"native function", trace_native_function},
    [CELL_BOUND_FUNCTION] = {"bound function", trace_bound_function},
    [CELL_PROXY] = {"proxy", trace_proxy},
    [CELL_ARGUMENTS] = {"arguments", trace_arguments},
    [CELL_ERROR] = {"error", trace_all},
    [CELL_BOOLEAN] = {"Boolean", trace_primitive_object},
    [CELL_NUMBER] = {"Number", trace_primitive_object},
    [CELL_STRING_OBJECT] = {"String", trace_primitive_object},
    [CELL_SYMBOL_OBJECT] = {"Symbol", trace_primitive_object},
    [CELL_BIGINT_OBJECT] = {"BigInt", trace_primitive_object},
    [CELL_DATE] = {"Date", trace_header_only},
    [CELL_REGEXP] = {"RegExp", trace_all},
    [CELL_MAP] = {"Map", vm_trace_map_object},
    [CELL_SET] = {"Set", vm_trace_map_object},
    [CELL_WEAK_MAP] = {"WeakMap", trace_all},
    [CELL_WEAK_SET] = {"WeakSet", trace_all},
    [CELL_WEAK_REF] = {"WeakRef", trace_header_only,
                       .clear_weak = vm_weak_ref_clear, .clears_beside = true},
    [CELL_FINALIZATION_REGISTRY] = {"FinalizationRegistry",
                                    vm_trace_finalization_registry},
    [CELL_ARRAY_BUFFER] = {"ArrayBuffer", vm_trace_array_buffer,
                           .finalize = vm_finalize_array_buffer},
    [CELL_SHARED_ARRAY_BUFFER] = {"SharedArrayBuffer", vm_trace_array_buffer,
                                  .finalize = vm_finalize_array_buffer},
    [CELL_TYPED_ARRAY] = {"typed array", vm_trace_typed_array},
    [CELL_DATA_VIEW] = {"DataView", vm_trace_data_view},
    [CELL_PROMISE] = {"promise", trace_promise},
    [CELL_GENERATOR] = {"generator", trace_generator},
    [CELL_ASYNC_GENERATOR] = {"async generator", trace_async_generator},
    [CELL_ITERATOR] = {"iterator", trace_iterator},
    [CELL_MODULE_NAMESPACE] = {"module namespace", trace_module_namespace},
    [CELL_DISPOSABLE_STACK] = {"DisposableStack", trace_all},
    [CELL_ASYNC_DISPOSABLE_STACK] = {"AsyncDisposableStack", trace_all},
    [CELL_MODULE_SOURCE] = {"module source", trace_all},
    [CELL_SHADOW_REALM] = {"ShadowRealm", trace_all},
    [CELL_HOST_OBJECT] = {"host object", vm_trace_host_object,
                          .finalize = vm_finalize_host_object},
    [CELL_INTL] = {"Intl object", vm_trace_intl_object,
                   .finalize = vm_finalize_intl_object},
};
