/* SPDX-License-Identifier: MIT */
/*
 * librill: the error that a failed call left, and copies of errors that outlive
 * their isolate.
 */
#ifndef RILL_ERROR_H
#define RILL_ERROR_H

#include "rill/base.h"

RILL_BEGIN_DECLARATIONS

/* Why a call failed. */
typedef enum rill_error_kind {
  RILL_ERROR_NONE,       /* no call did */
  RILL_ERROR_THROWN,     /* a script, or the engine for it, threw */
  RILL_ERROR_TERMINATED, /* interrupted, past its deadline or out of fuel */
  RILL_ERROR_HOST        /* the API was misused, or memory is out */
} rill_error_kind;

/* What a failed call left. Texts are UTF-8, never NULL, and good until the next
 * call that fails. They are read from the error object while the call fails,
 * which may run script: getters of the error, Error.prepareStackTrace. It has a
 * tenth of a second for that, whatever the isolate's limits are; a text that it
 * does not give in that time is "". */
typedef struct rill_error {
  rill_error_kind kind;    /* why it failed */
  const char *name;        /* "TypeError"; "" if no Error was thrown */
  const char *message;     /* what went wrong */
  const char *stack;       /* name, message and frames */
  const char *file;        /* "" if unknown */
  uint32_t line, column;   /* 1-based; 0 if unknown */
  const char *source_line; /* "" if unknown */
} rill_error;
/* The last error, good until the next call that fails; its kind is NONE if
 * there was none. Never NULL. */
RILL_API const rill_error *rill_get_error(rill_isolate *);
/* The thrown value itself, or NULL. */
RILL_API rill_value rill_get_exception(rill_isolate *);
/* Forgets the last error: its kind is NONE again. */
RILL_API void rill_clear_error(rill_isolate *);

/* Copies --------------------------------------------------------------- */

/* A frame of a stack, innermost first; texts are never NULL. */
typedef struct rill_frame {
  const char *function;    /* "" at the top level or without a name */
  const char *file;        /* "" for native functions */
  uint32_t line, column;   /* 1-based; 0 if unknown */
  const char *source_line; /* "" if unknown */
  bool is_async;           /* it awaits the frame before it */
  bool is_construct;       /* it was called by `new` */
} rill_frame;

/* An error as a whole: it belongs to no isolate. Texts are UTF-8, never NULL.
 */
typedef struct rill_error_record {
  rill_error_kind kind;               /* why it failed */
  const char *name, *message, *stack; /* as in rill_error */
  const char *code;        /* the property `code`, if it is a string; else "" */
  const char *file;        /* of the innermost place; "" if unknown */
  uint32_t line, column;   /* 1-based; 0 if unknown */
  const char *source_line; /* text of that line; "" if unknown */
  size_t frame_count;      /* how many frames there are */
  const rill_frame *frames;              /* the stack, innermost first */
  const struct rill_error_record *cause; /* NULL: none. At most 16 deep. */
} rill_error_record;
/* A copy of the isolate's last error, to be freed by the caller. Script may run
 * as for rill_error, for a tenth of a second at most. NULL: there is no error,
 * or no memory. Isolate's thread. */
RILL_API rill_error_record *rill_copy_error(rill_isolate *);
/* The same of an error object, or of any value that was thrown, to be freed by
 * the caller. NULL: no
 * memory. Isolate's thread. */
RILL_API rill_error_record *rill_copy_thrown(rill_isolate *, rill_value);
/* Its causes, too. NULL does nothing. Any thread. */
RILL_API void rill_error_record_free(rill_error_record *);
/* For people: message, and each frame with its source line and a mark below the
 * column; causes behind. malloc'ed, for the caller to free; NULL: no memory.
 * Any thread. */
RILL_API char *rill_error_record_text(const rill_error_record *);

/* Source maps (ECMA-426) ------------------------------------------------ */

/* From now on places in stacks and error records are those of the texts that
 * scripts were made from, where `//# sourceMappingURL=` at the end of a script
 * leads to a map: a data: URL, or a file next to it with RILL_ALLOW_FILES. Maps
 * are read when an error of their script is first shown; a wrong one changes
 * nothing. False: out of memory. */
RILL_API bool rill_use_source_maps(rill_isolate *);
/* The map (JSON, copied) of scripts that are called `name`, whatever they say
 * themselves; does the same. False: it is no source map of version 3, or out of
 * memory. */
RILL_API bool rill_set_source_map(rill_isolate *, const char *name,
                                  const char *json, size_t length);

RILL_END_DECLARATIONS
#endif
