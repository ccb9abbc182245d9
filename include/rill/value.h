/* SPDX-License-Identifier: MIT */
/*
 * librill: making values and looking at them. Handles belong to the innermost
 * scope. Whatever makes a value returns NULL when memory is out; what can run
 * script code (conversions of objects, proxies, getters) fails as that code
 * does. All of it is for the isolate's thread.
 */
#ifndef RILL_VALUE_H
#define RILL_VALUE_H

#include "rill/base.h"

RILL_BEGIN_DECLARATIONS

/* Making values -------------------------------------------------------- */

/* Primitives; texts are copied, and what is not UTF-8 in them becomes U+FFFD. An
 * empty object, an empty array, the global object. */
RILL_API rill_value rill_undefined(rill_isolate *);
RILL_API rill_value rill_null(rill_isolate *);
RILL_API rill_value rill_boolean(rill_isolate *, bool);
RILL_API rill_value rill_number(rill_isolate *, double);
RILL_API rill_value rill_string(rill_isolate *, const char *utf8,
                                size_t length);
RILL_API rill_value rill_object(rill_isolate *);
RILL_API rill_value rill_array(rill_isolate *);
RILL_API rill_value rill_global(rill_isolate *);
/* JSON.parse. NULL: malformed. */
RILL_API rill_value rill_from_json(rill_isolate *, const char *utf8,
                                   size_t length);

/* BigInts of these numbers, exactly (ECMA-262 6.1.6.2). */
RILL_API rill_value rill_bigint_int64(rill_isolate *, int64_t);
RILL_API rill_value rill_bigint_uint64(rill_isolate *, uint64_t);
/* StringToBigInt (7.1.14): "-12", "0xff", "0b1", spaces around. NULL: a
 * SyntaxError, the text is none. */
RILL_API rill_value rill_bigint_text(rill_isolate *, const char *utf8,
                                     size_t length);

/* A symbol that equals no other (20.4.1.1); NULL description: none. */
RILL_API rill_value rill_symbol(rill_isolate *, const char *description);
/* Symbol.for(key): the same for the same key, within the isolate. */
RILL_API rill_value rill_symbol_for(rill_isolate *, const char *key);
/* Well-known symbols (6.1.5.1). */
typedef enum rill_known_symbol {
  RILL_SYMBOL_ASYNC_ITERATOR,
  RILL_SYMBOL_HAS_INSTANCE,
  RILL_SYMBOL_IS_CONCAT_SPREADABLE,
  RILL_SYMBOL_ITERATOR,
  RILL_SYMBOL_MATCH,
  RILL_SYMBOL_MATCH_ALL,
  RILL_SYMBOL_REPLACE,
  RILL_SYMBOL_SEARCH,
  RILL_SYMBOL_SPECIES,
  RILL_SYMBOL_SPLIT,
  RILL_SYMBOL_TO_PRIMITIVE,
  RILL_SYMBOL_TO_STRING_TAG,
  RILL_SYMBOL_UNSCOPABLES,
  RILL_SYMBOL_DISPOSE,
  RILL_SYMBOL_ASYNC_DISPOSE
} rill_known_symbol;
RILL_API rill_value rill_symbol_known(rill_isolate *, rill_known_symbol);

/* A Date of milliseconds since 1970 in UTC, clipped (21.4.1.31). */
RILL_API rill_value rill_date(rill_isolate *, double milliseconds);

/* An empty Map, an empty Set. */
RILL_API rill_value rill_map_new(rill_isolate *);
RILL_API rill_value rill_set_new(rill_isolate *);

/* Errors of ECMA-262 20.5. */
typedef enum rill_error_type {
  RILL_ERROR_TYPE_ERROR, /* Error itself */
  RILL_ERROR_TYPE_EVAL,
  RILL_ERROR_TYPE_RANGE,
  RILL_ERROR_TYPE_REFERENCE,
  RILL_ERROR_TYPE_SYNTAX,
  RILL_ERROR_TYPE_TYPE,
  RILL_ERROR_TYPE_URI
} rill_error_type;
/* An error object with this message, the stack of what runs now and, unless
 * `code` is NULL, a property `code` as Node's errors have. It is not thrown:
 * rill_throw does that. */
RILL_API rill_value rill_error_new(rill_isolate *, rill_error_type,
                                   const char *code, const char *message);

/* Looking at values ---------------------------------------------------- */

/* What a value is; functions are not among the objects, null neither. */
typedef enum rill_type {
  RILL_UNDEFINED,
  RILL_NULL,
  RILL_BOOLEAN,
  RILL_NUMBER,
  RILL_STRING,
  RILL_SYMBOL,
  RILL_BIGINT,
  RILL_OBJECT,
  RILL_FUNCTION
} rill_type;
RILL_API rill_type rill_type_of(rill_isolate *, rill_value);
/* What the typeof operator answers (13.5.3): "object" for null. Static. */
RILL_API const char *rill_typeof(rill_isolate *, rill_value);
RILL_API bool rill_is_array(rill_isolate *, rill_value);
RILL_API bool rill_is_promise(rill_isolate *, rill_value);
RILL_API bool rill_is_error(rill_isolate *, rill_value);
RILL_API bool rill_is_date(rill_isolate *, rill_value);
RILL_API bool rill_is_map(rill_isolate *, rill_value);
RILL_API bool rill_is_set(rill_isolate *, rill_value);
RILL_API bool rill_is_regexp(rill_isolate *, rill_value);
RILL_API bool rill_is_proxy(rill_isolate *, rill_value);

/* ToBoolean; never fails. */
RILL_API bool rill_to_boolean(rill_isolate *, rill_value);
/* ToNumber; NaN where it fails. */
RILL_API double rill_to_number(rill_isolate *, rill_value);
/* ToString as UTF-8, good until the scope closes; NULL if it throws. *length
 * (may be NULL) gets the bytes without the terminating 0. */
RILL_API const char *rill_to_string(rill_isolate *, rill_value, size_t *length);
/* JSON.stringify, the same; NULL for what has no JSON, too. */
RILL_API const char *rill_to_json(rill_isolate *, rill_value, size_t *length);
/* ToInt32 and ToUint32 (7.1.6). False: it threw, *out is 0. */
RILL_API bool rill_to_int32(rill_isolate *, rill_value, int32_t *out);
RILL_API bool rill_to_uint32(rill_isolate *, rill_value, uint32_t *out);
/* A BigInt's, or an integral Number's, value. False: another value, or one that
 * does not fit: *out has its low 64 bits then, 0 if it is no integer. Nothing
 * is left as the error. */
RILL_API bool rill_get_int64(rill_isolate *, rill_value, int64_t *out);
RILL_API bool rill_get_uint64(rill_isolate *, rill_value, uint64_t *out);
/* The description of a symbol, good until the scope closes; NULL: it has none,
 * or is no symbol. */
RILL_API const char *rill_symbol_description(rill_isolate *, rill_value);
/* Of a Date; NaN for an invalid one and for anything else. */
RILL_API double rill_date_time(rill_isolate *, rill_value);

/* The === operator (7.2.13), Object.is (7.2.9); they never fail. */
RILL_API bool rill_strict_equals(rill_isolate *, rill_value, rill_value);
RILL_API bool rill_same_value(rill_isolate *, rill_value, rill_value);
/* The == operator (7.2.12) and instanceof (13.10.2): 1, 0, or -1 if it threw.
 */
RILL_API int rill_loosely_equals(rill_isolate *, rill_value, rill_value);
RILL_API int rill_instance_of(rill_isolate *, rill_value,
                              rill_value constructor);

/* Maps and Sets: what they hold themselves, whatever scripts have made of their
 * methods. Failure: no Map (or Set), or no memory. */

/* The value; undefined if there is none; NULL: failed. */
RILL_API rill_value rill_map_get(rill_isolate *, rill_value map,
                                 rill_value key);
RILL_API bool rill_map_set(rill_isolate *, rill_value map, rill_value key,
                           rill_value);
RILL_API bool rill_set_add(rill_isolate *, rill_value set, rill_value key);
/* Of a Map or a Set: is the key there; was it, and is now gone? 1, 0; -1:
 * failed. */
RILL_API int rill_collection_has(rill_isolate *, rill_value, rill_value key);
RILL_API int rill_collection_delete(rill_isolate *, rill_value, rill_value key);
/* 0 for anything else. */
RILL_API size_t rill_collection_size(rill_isolate *, rill_value);
/* An array of a Map's keys and values by turns, or of a Set's keys, in order of
 * insertion. */
RILL_API rill_value rill_collection_entries(rill_isolate *, rill_value);

RILL_END_DECLARATIONS
#endif
