/* SPDX-License-Identifier: MIT */
/*
 * librill: bytes. ArrayBuffers around memory of the host's, without copying,
 * and the views of them. Isolate's thread.
 */
#ifndef RILL_BUFFER_H
#define RILL_BUFFER_H

#include "rill/base.h"

RILL_BEGIN_DECLARATIONS

/* A Uint8Array with a copy of the bytes. */
RILL_API rill_value rill_bytes(rill_isolate *, const void *bytes,
                               size_t length);
/* An ArrayBuffer of zeros. NULL: a RangeError, it is too long. */
RILL_API rill_value rill_buffer(rill_isolate *, size_t length);

/* Frees memory that a buffer was made around: once the buffer is garbage or
 * detached by rill_buffer_detach, on the isolate's thread. A script that
 * transfers the buffer (postMessage, spawn) hands the memory on: then it is the
 * thread of the last isolate that held it. It must not call into an isolate. */
typedef void (*rill_buffer_finalizer)(void *data, void *bytes, size_t length);
/* An ArrayBuffer around `bytes`, which it does not copy: they must stay where
 * they are until `finalize` (NULL: nobody is told) is called. Scripts may write
 * to them at any time while they run. NULL: out of memory; the bytes are still
 * the caller's. */
RILL_API rill_value rill_buffer_external(rill_isolate *, void *bytes,
                                         size_t length,
                                         rill_buffer_finalizer finalize,
                                         void *data);
/* The same, immutable: writing to it throws or does nothing, as the proposal
 * Immutable ArrayBuffers says, and it cannot be detached. */
RILL_API rill_value rill_buffer_constant(rill_isolate *, const void *bytes,
                                         size_t length,
                                         rill_buffer_finalizer finalize,
                                         void *data);
/* DetachArrayBuffer (ECMA-262 25.1.3.4): views of it have length 0 from now on,
 * and memory of the host's is its own again, after its finalizer has been
 * called. False: no ArrayBuffer, or one that is shared, immutable or detached
 * already. */
RILL_API bool rill_buffer_detach(rill_isolate *, rill_value buffer);

/* The bytes of a buffer or view, good until script code runs. NULL: no buffer.
 */
RILL_API void *rill_get_bytes(rill_isolate *, rill_value, size_t *length);

/* What a buffer or view is: the types of typed arrays, and what else there is.
 */
typedef enum rill_view_kind {
  RILL_VIEW_NONE,          /* neither buffer nor view */
  RILL_VIEW_INT8,          /* an Int8Array */
  RILL_VIEW_UINT8,         /* a Uint8Array */
  RILL_VIEW_UINT8_CLAMPED, /* a Uint8ClampedArray */
  RILL_VIEW_INT16,         /* an Int16Array */
  RILL_VIEW_UINT16,        /* a Uint16Array */
  RILL_VIEW_INT32,         /* an Int32Array */
  RILL_VIEW_UINT32,        /* a Uint32Array */
  RILL_VIEW_FLOAT16,       /* a Float16Array */
  RILL_VIEW_FLOAT32,       /* a Float32Array */
  RILL_VIEW_FLOAT64,       /* a Float64Array */
  RILL_VIEW_BIGINT64,      /* a BigInt64Array */
  RILL_VIEW_BIGUINT64,     /* a BigUint64Array */
  RILL_VIEW_DATA,          /* a DataView */
  RILL_VIEW_BUFFER,        /* an ArrayBuffer itself */
  RILL_VIEW_SHARED_BUFFER  /* a SharedArrayBuffer */
} rill_view_kind;
/* A buffer or view, and where its bytes are. */
typedef struct rill_view {
  size_t size;         /* sizeof(rill_view), set by RILL_VIEW_INIT */
  rill_view_kind kind; /* what it is */
  void *bytes;         /* good until script code runs; NULL if there are none */
  size_t byte_length;  /* 0 for what is detached or out of bounds */
  size_t byte_offset;  /* in the buffer */
  size_t length;       /* in elements; in bytes for DataViews and buffers */
  rill_value buffer;   /* the buffer below; itself for a buffer */
} rill_view;
/* Nothing, to be filled. */
#define RILL_VIEW_INIT                                                         \
  { sizeof(rill_view), RILL_VIEW_NONE, NULL, 0, 0, 0, NULL }
/* False: no buffer and no view; the kind is RILL_VIEW_NONE and nothing is left
 * as the error. */
RILL_API bool rill_get_view(rill_isolate *, rill_value, rill_view *out);
/* A typed array or DataView of `length` elements (bytes) from an offset in
 * bytes. NULL: a RangeError if it does not lie within the buffer, or the offset
 * is no multiple of the element's size; a TypeError if that is no buffer. */
RILL_API rill_value rill_view_new(rill_isolate *, rill_view_kind,
                                  rill_value buffer, size_t byte_offset,
                                  size_t length);

RILL_END_DECLARATIONS
#endif
