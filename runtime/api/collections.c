// SPDX-License-Identifier: MIT
// Values with something of their own inside: symbols, BigInts, Dates, Maps and
// Sets.
#include <stdlib.h>

#include "runtime/api/api.h"
#include "vm/objects/bigint.h"
#include "vm/objects/date_object.h"
#include "vm/objects/hash_table.h"

// Symbols ------------------------------------------------------------------

rill_value rill_symbol(rill_isolate *api, const char *description) {
  api_use(api);
  String *text = NULL;
  if (description != NULL) {
    text = vm_string_from_utf8(api->iso, description, strlen(description));
    if (text == NULL) return api_fail(api);
  }
  return api_handle_of_cell(api, vm_symbol_new(api->iso, text, 0));
}

rill_value rill_symbol_for(rill_isolate *api, const char *key) {
  api_use(api);
  String *text = vm_string_from_utf8(api->iso, key, strlen(key));
  return api_handle_of_cell(api, text == NULL ? NULL
                                              : vm_symbol_for(api->iso, text));
}

// In the order of rill_known_symbol.
static const WellKnownSymbol known_symbols[] = {
    SYMBOL_asyncIterator, SYMBOL_hasInstance, SYMBOL_isConcatSpreadable,
    SYMBOL_iterator,      SYMBOL_match,       SYMBOL_matchAll,
    SYMBOL_replace,       SYMBOL_search,      SYMBOL_species,
    SYMBOL_split,         SYMBOL_toPrimitive, SYMBOL_toStringTag,
    SYMBOL_unscopables,   SYMBOL_dispose,     SYMBOL_asyncDispose,
};

rill_value rill_symbol_known(rill_isolate *api, rill_known_symbol which) {
  api_use(api);
  if ((size_t)which >= sizeof known_symbols / sizeof known_symbols[0])
    return api_fail_host(api, "rill_symbol_known: no such symbol");
  return api_handle(
      api, value_from_cell(vm_well_known_symbols[known_symbols[which]]));
}

const char *rill_symbol_description(rill_isolate *api, rill_value symbol) {
  api_use(api);
  Value v = api_value(api, symbol);
  if (!value_is_symbol(v) || value_as_symbol(v)->description == NULL)
    return NULL;
  return api_string_text(api, value_as_symbol(v)->description, NULL);
}

// BigInts ------------------------------------------------------------------

static rill_value bigint(rill_isolate *api, uint64_t magnitude, bool negative) {
  BigInt *b = vm_bigint_new(api->iso, magnitude != 0, negative);
  if (b == NULL) return api_fail(api);
  if (magnitude != 0) b->limbs[0] = magnitude;
  return api_handle(api, value_from_cell(b));
}

rill_value rill_bigint_int64(rill_isolate *api, int64_t value) {
  api_use(api);
  return bigint(api, value < 0 ? 0 - (uint64_t)value : (uint64_t)value,
                value < 0);
}

rill_value rill_bigint_uint64(rill_isolate *api, uint64_t value) {
  api_use(api);
  return bigint(api, value, false);
}

rill_value rill_bigint_text(rill_isolate *api, const char *utf8,
                            size_t length) {
  api_use(api);
  Isolate *iso = api->iso;
  String *text = vm_string_from_utf8(iso, utf8, api_text_length(utf8, length));
  BigInt *b = NULL;
  Tri is_bigint = text == NULL ? TRI_THREW : vm_string_to_bigint(iso, text, &b);
  if (is_bigint == 0)
    vm_throw_syntax(iso, "Cannot convert the text to a BigInt");
  return is_bigint == 1 ? api_handle(api, value_from_cell(b)) : api_fail(api);
}

// The low 64 bits; false: there are more, or the value is no integer.
static bool integer_of(Value v, uint64_t *magnitude, bool *negative) {
  *magnitude = 0;
  *negative = false;
  if (value_is_bigint(v)) {
    const BigInt *b = value_as_bigint(v);
    if (!bigint_is_zero(b)) *magnitude = b->limbs[0];
    *negative = bigint_is_negative(b);
    return bigint_limb_count(b) <= 1;
  }
  if (!value_is_number(v)) return false;
  double d = value_as_number(v);
  if (d != trunc(d) || isinf(d)) return false;
  *negative = d < 0;
  double size = fabs(d);
  bool fits = size < 18446744073709551616.0;
  *magnitude = (uint64_t)(fits ? size : fmod(size, 18446744073709551616.0));
  return fits;
}

bool rill_get_int64(rill_isolate *api, rill_value value, int64_t *out) {
  api_use(api);
  uint64_t magnitude;
  bool negative, fits;
  fits = integer_of(api_value(api, value), &magnitude, &negative);
  *out = (int64_t)(negative ? 0 - magnitude : magnitude);
  return fits && magnitude <= (uint64_t)INT64_MAX + negative;
}

bool rill_get_uint64(rill_isolate *api, rill_value value, uint64_t *out) {
  api_use(api);
  uint64_t magnitude;
  bool negative, fits;
  fits = integer_of(api_value(api, value), &magnitude, &negative);
  *out = negative ? 0 - magnitude : magnitude;
  return fits && (!negative || magnitude == 0);
}

// Dates --------------------------------------------------------------------

rill_value rill_date(rill_isolate *api, double milliseconds) {
  api_use(api);
  return api_handle_of_cell(api, vm_date_new(api->iso, milliseconds));
}

bool rill_is_date(rill_isolate *api, rill_value value) {
  api_use(api);
  return value_is_kind(api_value(api, value), CELL_DATE);
}

double rill_date_time(rill_isolate *api, rill_value value) {
  api_use(api);
  Value v = api_value(api, value);
  return value_is_kind(v, CELL_DATE) ? ((DateObject *)value_as_cell(v))->time
                                     : NAN;
}

// Maps and Sets ------------------------------------------------------------

static rill_value collection(rill_isolate *api, CellKind kind,
                             Object *prototype) {
  MapObject *m =
      vm_object_allocate(api->iso, kind, sizeof(MapObject), prototype);
  HashTable *table = vm_hash_table_new(api->iso, 0);
  if (table == NULL) return api_fail(api);
  gc_publish(&m->table, table);
  return api_handle(api, value_from_cell(m));
}

rill_value rill_map_new(rill_isolate *api) {
  api_use(api);
  return collection(api, CELL_MAP, INTRINSIC_OBJECT(api->iso, MapPrototype));
}

rill_value rill_set_new(rill_isolate *api) {
  api_use(api);
  return collection(api, CELL_SET, INTRINSIC_OBJECT(api->iso, SetPrototype));
}

bool rill_is_map(rill_isolate *api, rill_value value) {
  api_use(api);
  return value_is_kind(api_value(api, value), CELL_MAP);
}

bool rill_is_set(rill_isolate *api, rill_value value) {
  api_use(api);
  return value_is_kind(api_value(api, value), CELL_SET);
}

// NULL: neither, or not the one that is needed, which is the error now.
static MapObject *collection_of(rill_isolate *api, rill_value value,
                                bool may_be_map, bool may_be_set) {
  Value v = api_value(api, value);
  if ((may_be_map && value_is_kind(v, CELL_MAP)) ||
      (may_be_set && value_is_kind(v, CELL_SET)))
    return (MapObject *)value_as_cell(v);
  vm_throw_type_value(api->iso,
                      !may_be_set   ? "%s is not a Map"
                      : !may_be_map ? "%s is not a Set"
                                    : "%s is neither a Map nor a Set",
                      v);
  api_fail(api);
  return NULL;
}

rill_value rill_map_get(rill_isolate *api, rill_value map, rill_value key) {
  api_use(api);
  MapObject *m = collection_of(api, map, true, false);
  if (m == NULL) return NULL;
  const HashEntry *e =
      vm_hash_table_find(api->iso, m->table, api_value(api, key));
  return api_handle(api, e == NULL ? VALUE_UNDEFINED : e->value);
}

static bool add(rill_isolate *api, MapObject *m, rill_value key, Value value) {
  if (m == NULL) return false;
  if (vm_hash_table_set(api->iso, &m->table, api_value(api, key), value))
    return true;
  api_fail(api);
  return false;
}

bool rill_map_set(rill_isolate *api, rill_value map, rill_value key,
                  rill_value value) {
  api_use(api);
  return add(api, collection_of(api, map, true, false), key,
             api_value(api, value));
}

bool rill_set_add(rill_isolate *api, rill_value set, rill_value key) {
  api_use(api);
  return add(api, collection_of(api, set, false, true), key, VALUE_TRUE);
}

int rill_collection_has(rill_isolate *api, rill_value value, rill_value key) {
  api_use(api);
  MapObject *m = collection_of(api, value, true, true);
  if (m == NULL) return -1;
  return vm_hash_table_find(api->iso, m->table, api_value(api, key)) != NULL;
}

int rill_collection_delete(rill_isolate *api, rill_value value,
                           rill_value key) {
  api_use(api);
  MapObject *m = collection_of(api, value, true, true);
  if (m == NULL) return -1;
  return vm_hash_table_delete(api->iso, &m->table, api_value(api, key));
}

size_t rill_collection_size(rill_isolate *api, rill_value value) {
  api_use(api);
  Value v = api_value(api, value);
  return value_is_kind(v, CELL_MAP) || value_is_kind(v, CELL_SET)
             ? vm_hash_table_live(((MapObject *)value_as_cell(v))->table)
             : 0;
}

rill_value rill_collection_entries(rill_isolate *api, rill_value value) {
  api_use(api);
  MapObject *m = collection_of(api, value, true, true);
  if (m == NULL) return NULL;
  bool is_map = object_kind(&m->object) == CELL_MAP;
  Array *array = vm_array_new(api->iso, 0);
  HashTable *table = m->table;
  uint32_t index = 0;
  const HashEntry *e;
  while ((e = vm_hash_table_next(&table, &index)) != NULL) {
    Value mapped = e->value;
    if (!vm_array_push(api->iso, array, e->key) ||
        (is_map && !vm_array_push(api->iso, array, mapped)))
      return api_fail(api);
  }
  return api_handle(api, value_from_cell(array));
}
