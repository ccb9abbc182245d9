/* SPDX-License-Identifier: MIT */
/*
 * librill: properties of objects. Keys are names (UTF-8), indices, or values: a
 * symbol, or what ToPropertyKey makes of anything else. Getters, setters and
 * proxies run script code, and what that throws is the error. Writing is
 * strict: what the language would ignore outside of strict mode fails with a
 * TypeError. Answers of yes and no are 1 and 0, -1 if it threw. Isolate's
 * thread.
 */
#ifndef RILL_PROPERTY_H
#define RILL_PROPERTY_H

#include "rill/base.h"

RILL_BEGIN_DECLARATIONS

/* GetV (ECMA-262 7.3.3): of any value but undefined and null. NULL: it threw.
 */
RILL_API rill_value rill_get(rill_isolate *, rill_value object,
                             const char *name);
/* The same for an index. */
RILL_API rill_value rill_get_index(rill_isolate *, rill_value object,
                                   uint32_t index);
/* The same for any key (ToPropertyKey, 7.1.19). */
RILL_API rill_value rill_get_value(rill_isolate *, rill_value object,
                                   rill_value key);
/* Set (7.3.4), of objects. False: it threw, also where the property cannot be
 * set. */
RILL_API bool rill_set(rill_isolate *, rill_value object, const char *name,
                       rill_value);
/* The same for an index. */
RILL_API bool rill_set_index(rill_isolate *, rill_value object, uint32_t index,
                             rill_value);
/* The same for any key. */
RILL_API bool rill_set_value(rill_isolate *, rill_value object, rill_value key,
                             rill_value);
/* Sets the element behind the last of an array. False: no array, or it threw.
 */
RILL_API bool rill_push(rill_isolate *, rill_value array, rill_value);
/* The "length" of an array, string or typed array, 0 of anything else. */
RILL_API size_t rill_length(rill_isolate *, rill_value);

/* The in operator (7.3.11): 1, 0, or -1 if it threw or this is no object. */
RILL_API int rill_has(rill_isolate *, rill_value object, rill_value key);
/* The same of own properties alone (7.3.12). */
RILL_API int rill_has_own(rill_isolate *, rill_value object, rill_value key);
/* [[Delete]]: 1: it is gone, or was not there; 0: it is there and not
 * configurable; -1: it threw, or this is no object. */
RILL_API int rill_delete(rill_isolate *, rill_value object, rill_value key);

/* Which of its own keys; 0: the strings, enumerable or not. */
enum {
  RILL_KEYS_ENUMERABLE = 1 << 0, /* only those */
  RILL_KEYS_SYMBOLS = 1 << 1     /* symbols too */
};
/* An array of own keys in the order of OrdinaryOwnPropertyKeys (10.1.11.1). */
RILL_API rill_value rill_own_keys(rill_isolate *, rill_value object,
                                  uint32_t which);

/* Attributes of a property (6.1.7.1). */
enum {
  RILL_WRITABLE = 1 << 0,   /* its value may change */
  RILL_ENUMERABLE = 1 << 1, /* for-in and Object.keys show it */
  /* It may be deleted, and its attributes may change. */
  RILL_CONFIGURABLE = 1 << 2
};
/* A property in full: one with a value, or an accessor. */
typedef struct rill_property {
  size_t size;      /* sizeof(rill_property), set by RILL_PROPERTY_INIT */
  rill_value value; /* if it is no accessor */
  rill_value getter, setter; /* functions; both NULL: not an accessor */
  uint32_t attributes;       /* RILL_WRITABLE, ...; 0: none of them */
} rill_property;
/* An undefined value, no attributes. */
#define RILL_PROPERTY_INIT                                                     \
  { sizeof(rill_property), NULL, NULL, NULL, 0 }
/* DefinePropertyOrThrow (7.3.9): inherited setters do not run. False: a
 * TypeError, if the object does not let it be changed so. */
RILL_API bool rill_define_property(rill_isolate *, rill_value object,
                                   rill_value key, const rill_property *);
/* [[GetOwnProperty]]: fills *out, whose size is to be set. 0: there is none. */
RILL_API int rill_get_own_property(rill_isolate *, rill_value object,
                                   rill_value key, rill_property *out);

/* null if it has none. */
RILL_API rill_value rill_get_prototype(rill_isolate *, rill_value object);
/* `prototype`: an object, or null. False: a TypeError (a cycle, say). */
RILL_API bool rill_set_prototype(rill_isolate *, rill_value object,
                                 rill_value prototype);
/* Object.freeze. */
RILL_API bool rill_freeze(rill_isolate *, rill_value object);

RILL_END_DECLARATIONS
#endif
