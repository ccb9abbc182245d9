// SPDX-License-Identifier: MIT
// Registrations of finalization registries. The collector looks at targets
// alone; all else is the mutator's.
#include "vm/objects/finalization.h"

#include "vm/objects/layouts.h"
#include "vm/objects/operations.h"

enum {
  PAGE = 1 << REGISTRATIONS_BITS,
  FIRST_PAGE = 8, // most registries are small
  MAX_PAGES = (1 << (32 - REGISTRATIONS_BITS)) - 1,
};

static RegistrationPage *page_at(const FinalizationRegistryObject *r,
                                 uint64_t i) {
  return (RegistrationPage *)value_as_cell(r->pages->items[i]);
}

static Registration *numbered(const FinalizationRegistryObject *r,
                              uint32_t number) {
  return &page_at(r, (number - 1) / PAGE)->entries[(number - 1) % PAGE];
}

// False: threw.
static bool add_page(Isolate *iso, FinalizationRegistryObject *r) {
  uint64_t before = r->pages ? r->pages->count : 0;
  uint32_t capacity = before == 0 ? FIRST_PAGE : PAGE;
  RegistrationPage *page =
      before < MAX_PAGES ? gc_allocate_any(iso->heap,
                                           sizeof(RegistrationPage) +
                                               capacity * sizeof(Registration),
                                           CELL_REGISTRATION_PAGE)
                         : NULL;
  if (page == NULL ||
      !vm_value_list_append(iso, &r->pages, value_from_cell(page))) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  page->cell.extra = capacity;
  page->isolate = iso;
  gc_add_weak(iso->heap, page);
  return true;
}

// The number of a free registration, not taken yet; 0: threw.
static uint32_t find_free(Isolate *iso, FinalizationRegistryObject *r) {
  if (r->free != 0) return r->free;
  uint64_t pages = r->pages ? r->pages->count : 0;
  if (pages == 0 ||
      page_at(r, pages - 1)->count == page_at(r, pages - 1)->cell.extra) {
    if (!add_page(iso, r)) return 0;
    pages++;
  }
  return (uint32_t)(pages - 1) * PAGE + page_at(r, pages - 1)->count + 1;
}

static void take(FinalizationRegistryObject *r, uint32_t number) {
  if (number == r->free) {
    r->free = numbered(r, number)->next;
    return;
  }
  RegistrationPage *page = page_at(r, (number - 1) / PAGE);
  // The collector reads it.
  __atomic_store_n(&page->count, page->count + 1, __ATOMIC_RELEASE);
}

// Of a token; made if it has none. NULL: threw.
static TokenChain *chain_of(Isolate *iso, FinalizationRegistryObject *r,
                            Value token) {
  const WeakEntry *e = vm_weak_table_find(r->tokens, token);
  if (e != NULL) return (TokenChain *)value_as_cell(e->value);
  TokenChain *chain = gc_allocate(iso->heap, sizeof(TokenChain), CELL_BYTES);
  return vm_weak_table_set(iso, &r->tokens, token, value_from_cell(chain))
             ? chain
             : NULL;
}

// Registries with registrations stay alive for the sake of their callbacks.
static bool list_registry(Isolate *iso, FinalizationRegistryObject *r) {
  uint64_t before = iso->registries ? iso->registries->count : 0;
  if (!vm_value_list_append(iso, &iso->registries, value_from_cell(r))) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  r->listed_at = (uint32_t)before;
  return true;
}

static void unlist_registry(Isolate *iso, FinalizationRegistryObject *r) {
  ValueList *list = iso->registries;
  uint64_t last = list->count - 1;
  FinalizationRegistryObject *moved =
      (FinalizationRegistryObject *)value_as_cell(list->items[last]);
  gc_store_word(iso->heap, &list->items[r->listed_at], list->items[last]);
  gc_store_word(iso->heap, &list->items[last], 0);
  moved->listed_at = r->listed_at;
  list->count = last;
}

bool vm_registry_add(Isolate *iso, FinalizationRegistryObject *r, Value target,
                     Value held, Value token) {
  TokenChain *chain = NULL;
  if (token != VALUE_UNDEFINED) {
    chain = chain_of(iso, r, token);
    if (chain == NULL) return false;
  }
  uint32_t number = find_free(iso, r);
  if (number == 0 || (r->live == 0 && !list_registry(iso, r))) return false;
  take(r, number);
  r->live++;
  Registration *e = numbered(r, number);
  gc_publish(&e->held, held);
  gc_publish(&e->chain, chain);
  e->next = e->previous = 0;
  if (chain != NULL) {
    e->next = chain->cell.extra;
    if (e->next != 0) numbered(r, e->next)->previous = number;
    chain->cell.extra = number;
  }
  gc_publish(&e->target, target);
  return true;
}

static void drop(Isolate *iso, FinalizationRegistryObject *r, uint32_t number) {
  Registration *e = numbered(r, number);
  if (e->previous != 0) {
    numbered(r, e->previous)->next = e->next;
  } else if (e->chain != NULL) {
    e->chain->cell.extra = e->next;
  }
  if (e->next != 0) numbered(r, e->next)->previous = e->previous;
  gc_publish(&e->target, 0);
  gc_store_word(iso->heap, &e->held, VALUE_UNDEFINED);
  gc_store_pointer(iso->heap, &e->chain, NULL);
  e->next = r->free;
  r->free = number;
  if (--r->live == 0) unlist_registry(iso, r);
}

bool vm_registry_remove(Isolate *iso, FinalizationRegistryObject *r,
                        Value token) {
  const WeakEntry *found = vm_weak_table_find(r->tokens, token);
  if (found == NULL) return false;
  const TokenChain *chain = (TokenChain *)value_as_cell(found->value);
  bool removed = chain->cell.extra != 0;
  while (chain->cell.extra != 0)
    drop(iso, r, chain->cell.extra);
  vm_weak_table_delete(iso, r->tokens, token);
  return removed;
}

static bool run_page(Isolate *iso, FinalizationRegistryObject *r, uint64_t at) {
  RegistrationPage *page = page_at(r, at);
  if (!atomic_load_explicit(&page->has_dead, memory_order_acquire)) return true;
  atomic_store(&page->has_dead, false);
  for (uint32_t i = 0; i < page->count; i++) {
    const Registration *e = &page->entries[i];
    if (__atomic_load_n(&e->target, __ATOMIC_RELAXED) != VALUE_EMPTY) continue;
    Value held = e->held;
    drop(iso, r, (uint32_t)(at * PAGE) + i + 1);
    Value result = vm_call(iso, r->cleanup, VALUE_UNDEFINED, 1, &held);
    if (!value_is_exception(result)) continue;
    atomic_store(&page->has_dead, true);
    return false;
  }
  return true;
}

bool vm_run_finalizers(Isolate *iso) {
  iso->finalizers_pending = false;
  for (uint64_t i = 0; iso->registries != NULL && i < iso->registries->count;) {
    Value value = iso->registries->items[i];
    FinalizationRegistryObject *r =
        (FinalizationRegistryObject *)value_as_cell(value);
    for (uint64_t page = 0; page < r->pages->count; page++) {
      if (run_page(iso, r, page)) continue;
      iso->finalizers_pending = true;
      return false;
    }
    // It may have been the last registration: then another is in its place.
    if (i < iso->registries->count && iso->registries->items[i] == value) i++;
  }
  return true;
}

void vm_trace_registration_page(GcTracer *tracer, GcCell *cell) {
  const RegistrationPage *page = (const RegistrationPage *)cell;
  uint32_t count = __atomic_load_n(&page->count, __ATOMIC_ACQUIRE);
  for (uint32_t i = 0; i < count; i++) {
    gc_trace_field(tracer, &page->entries[i].held);
    gc_trace_field(tracer, &page->entries[i].chain);
  }
}

void vm_registration_page_clear(GcTracer *tracer, GcCell *cell) {
  RegistrationPage *page = (RegistrationPage *)cell;
  uint32_t count = __atomic_load_n(&page->count, __ATOMIC_ACQUIRE);
  bool died = false;
  for (uint32_t i = 0; i < count; i++) {
    Value *target = &page->entries[i].target;
    Value v = __atomic_load_n(target, __ATOMIC_ACQUIRE);
    died |= v != 0 && value_is_cell(v) && !gc_is_marked(tracer, v) &&
            __atomic_compare_exchange_n(target, &v, VALUE_EMPTY, false,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  }
  if (!died) return;
  atomic_store(&page->has_dead, true);
  atomic_store_explicit(&page->isolate->finalizers_pending, true,
                        memory_order_release);
}

void vm_trace_finalization_registry(GcTracer *tracer, GcCell *cell) {
  const FinalizationRegistryObject *r =
      (const FinalizationRegistryObject *)cell;
  vm_trace_object_header(tracer, cell);
  gc_trace_field(tracer, &r->cleanup);
  gc_trace_field(tracer, &r->pages);
  gc_trace_field(tracer, &r->tokens);
}
