// SPDX-License-Identifier: MIT
// Symbols: fresh, well-known and registered ones. Well-known symbols live in
// the process-wide space, registered ones in their isolate.
#include "vm/objects/symbols.h"

#include <stdlib.h>

#include "vm/objects/isolate.h"
#include "vm/objects/throw.h"

Symbol *vm_well_known_symbols[WELL_KNOWN_SYMBOL_COUNT];
Symbol *vm_call_site_frame;

static void fill(Symbol *symbol, String *description, uint8_t flags) {
  symbol->cell.flags = flags;
  symbol->cell.extra = 0;
  // Cells do not move: the address is as good an identity as any. Spread it,
  // since tables use the low bits.
  symbol->hash =
      (uint32_t)(((uintptr_t)symbol >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
  symbol->description = description;
}

Symbol *vm_symbol_new(Isolate *iso, String *description, uint8_t flags) {
  Symbol *symbol = gc_allocate(iso->heap, sizeof *symbol, CELL_SYMBOL);
  fill(symbol, description, flags);
  return symbol;
}

bool vm_well_known_symbols_init(void) {
  static const char *const names[WELL_KNOWN_SYMBOL_COUNT] = {
      [SYMBOL_asyncIterator] = "Symbol.asyncIterator",
      [SYMBOL_hasInstance] = "Symbol.hasInstance",
      [SYMBOL_isConcatSpreadable] = "Symbol.isConcatSpreadable",
      [SYMBOL_iterator] = "Symbol.iterator",
      [SYMBOL_match] = "Symbol.match",
      [SYMBOL_matchAll] = "Symbol.matchAll",
      [SYMBOL_replace] = "Symbol.replace",
      [SYMBOL_search] = "Symbol.search",
      [SYMBOL_species] = "Symbol.species",
      [SYMBOL_split] = "Symbol.split",
      [SYMBOL_toPrimitive] = "Symbol.toPrimitive",
      [SYMBOL_toStringTag] = "Symbol.toStringTag",
      [SYMBOL_unscopables] = "Symbol.unscopables",
      [SYMBOL_dispose] = "Symbol.dispose",
      [SYMBOL_asyncDispose] = "Symbol.asyncDispose",
  };
  for (int i = 0; i < WELL_KNOWN_SYMBOL_COUNT; i++) {
    Symbol *symbol = gc_allocate_shared(sizeof *symbol, CELL_SYMBOL);
    String *description = vm_atom_from_c(names[i]);
    if (!symbol || !description) return false;
    fill(symbol, description, 0);
    vm_well_known_symbols[i] = symbol;
  }
  vm_call_site_frame =
      gc_allocate_shared(sizeof *vm_call_site_frame, CELL_SYMBOL);
  if (!vm_call_site_frame) return false;
  fill(vm_call_site_frame, NULL, SYMBOL_PRIVATE);
  return true;
}

// Open addressing by the key's hash; at most half full. The key is the
// symbol's description, an atom. A handle that is never removed keeps each.
struct SymbolRegistry {
  Symbol **entries;
  uint32_t mask, count;
};

SymbolRegistry *vm_symbol_registry_new(void) {
  return calloc(1, sizeof(SymbolRegistry));
}

void vm_symbol_registry_free(SymbolRegistry *registry) {
  if (!registry) return;
  free(registry->entries);
  free(registry);
}

static Symbol **find_place(Symbol **entries, uint32_t mask, const String *key) {
  uint32_t i = key->hash & mask;
  while (entries[i] && entries[i]->description != key)
    i = (i + 1) & mask;
  return &entries[i];
}

static bool grow(SymbolRegistry *registry) {
  uint32_t size = registry->entries ? (registry->mask + 1) * 2 : 16;
  Symbol **entries = calloc(size, sizeof *entries);
  if (!entries) return false;
  for (uint32_t i = 0; registry->entries && i <= registry->mask; i++) {
    Symbol *symbol = registry->entries[i];
    if (symbol) *find_place(entries, size - 1, symbol->description) = symbol;
  }
  free(registry->entries);
  registry->entries = entries;
  registry->mask = size - 1;
  return true;
}

// ECMA-262 20.4.2.2 Symbol.for
Symbol *vm_symbol_for(Isolate *iso, String *key) {
  key = vm_string_intern(iso, key);
  if (!key) return NULL;
  SymbolRegistry *registry = iso->symbol_registry;
  if (!registry->entries || registry->count * 2 > registry->mask) {
    if (!grow(registry)) {
      vm_throw_out_of_memory(iso);
      return NULL;
    }
  }
  Symbol **place = find_place(registry->entries, registry->mask, key);
  if (!*place) {
    Symbol *symbol = vm_symbol_new(iso, key, SYMBOL_REGISTERED);
    GcHandle kept;
    if (!gc_handle_add(iso->heap, &kept, value_from_cell(symbol))) {
      vm_throw_out_of_memory(iso);
      return NULL;
    }
    *place = symbol;
    registry->count++;
  }
  return *place;
}

// ECMA-262 20.4.3.3.1 SymbolDescriptiveString
String *vm_symbol_descriptive_string(Isolate *iso, const Symbol *symbol) {
  StringBuilder b;
  vm_builder_init(&b, iso);
  vm_builder_append_ascii(&b, "Symbol(");
  if (symbol->description) vm_builder_append(&b, symbol->description);
  vm_builder_append_unit(&b, ')');
  return vm_builder_finish(&b);
}
