/* SPDX-License-Identifier: MIT */
/*
 * librill: clones of values, which belong to no isolate: what one isolate
 * writes another one reads, on any thread, at any later time. They are what
 * structuredClone knows: plain objects, arrays, Map, Set, Date, RegExp, errors
 * with their stack, BigInt, ArrayBuffers and their views, cycles included;
 * functions and host objects are refused.
 */
#ifndef RILL_CLONE_H
#define RILL_CLONE_H

#include "rill/sync.h"

RILL_BEGIN_DECLARATIONS

/* Counted; used by any thread. */
typedef struct rill_clone rill_clone;
/* A clone of a value, with one reference, the caller's. The ArrayBuffers among
 * the `count` values of `transfer` are not copied: their bytes move, and only
 * the first to read the clone gets them. NULL: the value cannot be cloned (a
 * DataCloneError that names the path to what cannot), or memory is out. */
RILL_API rill_clone *rill_clone_new(rill_isolate *, rill_value value,
                                    size_t count, const rill_value *transfer);
/* One more reference. Any thread. */
RILL_API void rill_clone_retain(rill_clone *);
/* One less; the last frees it. NULL does nothing. Any thread. */
RILL_API void rill_clone_release(rill_clone *);
/* A value of the isolate's own. NULL: it failed. */
RILL_API rill_value rill_clone_read(rill_isolate *, rill_clone *);
/* A channel, or a table of sessions, that carries clones: an element is a
 * rill_clone * and has a reference. */
RILL_API const rill_element *rill_clone_element(void);

RILL_END_DECLARATIONS
#endif
