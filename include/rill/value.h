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

/* The value undefined. */
RILL_API rill_value rill_undefined(rill_isolate *);
/* The value null. */
RILL_API rill_value rill_null(rill_isolate *);
/* true or false. */
RILL_API rill_value rill_boolean(rill_isolate *, bool);
/* A Number. */
RILL_API rill_value rill_number(rill_isolate *, double);
/* A String; the text is copied, and what is not UTF-8 in it becomes U+FFFD. */
RILL_API rill_value rill_string(rill_isolate *, const char *utf8,
                                size_t length);
/* An empty object. */
RILL_API rill_value rill_object(rill_isolate *);
/* An empty array. */
RILL_API rill_value rill_array(rill_isolate *);
/* The global object. */
RILL_API rill_value rill_global(rill_isolate *);
/* JSON.parse. NULL: malformed. */
RILL_API rill_value rill_from_json(rill_isolate *, const char *utf8,
                                   size_t length);

/* A BigInt of this number, exactly (ECMA-262 6.1.6.2). */
RILL_API rill_value rill_bigint_int64(rill_isolate *, int64_t);
/* The same of an unsigned number. */
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
  RILL_SYMBOL_ASYNC_ITERATOR,       /* Symbol.asyncIterator */
  RILL_SYMBOL_HAS_INSTANCE,         /* Symbol.hasInstance */
  RILL_SYMBOL_IS_CONCAT_SPREADABLE, /* Symbol.isConcatSpreadable */
  RILL_SYMBOL_ITERATOR,             /* Symbol.iterator */
  RILL_SYMBOL_MATCH,                /* Symbol.match */
  RILL_SYMBOL_MATCH_ALL,            /* Symbol.matchAll */
  RILL_SYMBOL_REPLACE,              /* Symbol.replace */
  RILL_SYMBOL_SEARCH,               /* Symbol.search */
  RILL_SYMBOL_SPECIES,              /* Symbol.species */
  RILL_SYMBOL_SPLIT,                /* Symbol.split */
  RILL_SYMBOL_TO_PRIMITIVE,         /* Symbol.toPrimitive */
  RILL_SYMBOL_TO_STRING_TAG,        /* Symbol.toStringTag */
  RILL_SYMBOL_UNSCOPABLES,          /* Symbol.unscopables */
  RILL_SYMBOL_DISPOSE,              /* Symbol.dispose */
  RILL_SYMBOL_ASYNC_DISPOSE         /* Symbol.asyncDispose */
} rill_known_symbol;
/* One of them. NULL: no such symbol. */
RILL_API rill_value rill_symbol_known(rill_isolate *, rill_known_symbol);

/* A Date of milliseconds since 1970 in UTC, clipped (21.4.1.31). */
RILL_API rill_value rill_date(rill_isolate *, double milliseconds);

/* An empty Map. */
RILL_API rill_value rill_map_new(rill_isolate *);
/* An empty Set. */
RILL_API rill_value rill_set_new(rill_isolate *);

/* Errors of ECMA-262 20.5. */
typedef enum rill_error_type {
  RILL_ERROR_TYPE_ERROR,     /* Error itself */
  RILL_ERROR_TYPE_EVAL,      /* EvalError */
  RILL_ERROR_TYPE_RANGE,     /* RangeError */
  RILL_ERROR_TYPE_REFERENCE, /* ReferenceError */
  RILL_ERROR_TYPE_SYNTAX,    /* SyntaxError */
  RILL_ERROR_TYPE_TYPE,      /* TypeError */
  RILL_ERROR_TYPE_URI        /* URIError */
} rill_error_type;
/* An error object with this message, the stack of what runs now and, unless
 * `code` is NULL, a property `code` as Node's errors have. It is not thrown:
 * rill_throw does that. */
RILL_API rill_value rill_error_new(rill_isolate *, rill_error_type,
                                   const char *code, const char *message);

/* Looking at values ---------------------------------------------------- */

/* What a value is; functions are not among the objects, null neither. */
typedef enum rill_type {
  RILL_UNDEFINED, /* undefined */
  RILL_NULL,      /* null */
  RILL_BOOLEAN,   /* true or false */
  RILL_NUMBER,    /* a Number */
  RILL_STRING,    /* a String */
  RILL_SYMBOL,    /* a Symbol */
  RILL_BIGINT,    /* a BigInt */
  RILL_OBJECT,    /* any object that cannot be called */
  RILL_FUNCTION   /* an object that can be called */
} rill_type;
/* What it is. NULL is undefined. */
RILL_API rill_type rill_type_of(rill_isolate *, rill_value);
/* What the typeof operator answers (13.5.3): "object" for null. The string is
 * static. */
RILL_API const char *rill_typeof(rill_isolate *, rill_value);
/* An Array? No Proxy of one. */
RILL_API bool rill_is_array(rill_isolate *, rill_value);
/* A Promise? */
RILL_API bool rill_is_promise(rill_isolate *, rill_value);
/* An object that one of the Error constructors made? */
RILL_API bool rill_is_error(rill_isolate *, rill_value);
/* A Date? */
RILL_API bool rill_is_date(rill_isolate *, rill_value);
/* A Map? */
RILL_API bool rill_is_map(rill_isolate *, rill_value);
/* A Set? */
RILL_API bool rill_is_set(rill_isolate *, rill_value);
/* A RegExp? */
RILL_API bool rill_is_regexp(rill_isolate *, rill_value);
/* A Proxy? */
RILL_API bool rill_is_proxy(rill_isolate *, rill_value);

/* ToBoolean; never fails. */
RILL_API bool rill_to_boolean(rill_isolate *, rill_value);
/* ToNumber; NaN where it fails. */
RILL_API double rill_to_number(rill_isolate *, rill_value);
/* ToString as UTF-8, good until the scope closes; NULL if it throws. *length
 * (may be NULL) gets the bytes without the terminating 0. */
RILL_API const char *rill_to_string(rill_isolate *, rill_value, size_t *length);
/* JSON.stringify, good until the scope closes, too; NULL for what has no JSON,
 * too. */
RILL_API const char *rill_to_json(rill_isolate *, rill_value, size_t *length);
/* ToInt32 (7.1.6). False: it threw, *out is 0. */
RILL_API bool rill_to_int32(rill_isolate *, rill_value, int32_t *out);
/* ToUint32 (7.1.7). False: it threw, *out is 0. */
RILL_API bool rill_to_uint32(rill_isolate *, rill_value, uint32_t *out);
/* A BigInt's, or an integral Number's, value. False: another value, or one that
 * does not fit: *out has its low 64 bits then, 0 if it is no integer. Nothing
 * is left as the error. */
RILL_API bool rill_get_int64(rill_isolate *, rill_value, int64_t *out);
/* The same as an unsigned number. */
RILL_API bool rill_get_uint64(rill_isolate *, rill_value, uint64_t *out);
/* The description of a symbol, good until the scope closes; NULL: it has none,
 * or is no symbol. */
RILL_API const char *rill_symbol_description(rill_isolate *, rill_value);
/* Of a Date; NaN for an invalid one and for anything else. */
RILL_API double rill_date_time(rill_isolate *, rill_value);

/* The === operator (7.2.13); never fails. */
RILL_API bool rill_strict_equals(rill_isolate *, rill_value, rill_value);
/* Object.is (7.2.9); never fails. */
RILL_API bool rill_same_value(rill_isolate *, rill_value, rill_value);
/* The == operator (7.2.12): 1, 0, or -1 if it threw. */
RILL_API int rill_loosely_equals(rill_isolate *, rill_value, rill_value);
/* The instanceof operator (13.10.2): 1, 0, or -1 if it threw. */
RILL_API int rill_instance_of(rill_isolate *, rill_value,
                              rill_value constructor);

/* Maps and Sets: what they hold themselves, whatever scripts have made of their
 * methods. Failure: no Map (or Set), or no memory. */

/* The value; undefined if there is none; NULL: failed. */
RILL_API rill_value rill_map_get(rill_isolate *, rill_value map,
                                 rill_value key);
/* False: failed. */
RILL_API bool rill_map_set(rill_isolate *, rill_value map, rill_value key,
                           rill_value);
/* False: failed. */
RILL_API bool rill_set_add(rill_isolate *, rill_value set, rill_value key);
/* Of a Map or a Set: is the key there? 1, 0; -1: failed. */
RILL_API int rill_collection_has(rill_isolate *, rill_value, rill_value key);
/* Of a Map or a Set: was the key there, and is now gone? 1, 0; -1: failed. */
RILL_API int rill_collection_delete(rill_isolate *, rill_value, rill_value key);
/* 0 for anything else. */
RILL_API size_t rill_collection_size(rill_isolate *, rill_value);
/* An array of a Map's keys and values by turns, or of a Set's keys, in order of
 * insertion. */
RILL_API rill_value rill_collection_entries(rill_isolate *, rill_value);

RILL_END_DECLARATIONS
#endif
