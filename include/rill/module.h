/* SPDX-License-Identifier: MIT */
/*
 * librill: evaluation to a promise, code compiled once, and modules of the
 * host's: native ones by name, and hooks that say what a specifier means and
 * where its text comes from. Isolate's thread, unless it says otherwise.
 */
#ifndef RILL_MODULE_H
#define RILL_MODULE_H

#include "rill/base.h"
#include "rill/class.h"

RILL_BEGIN_DECLARATIONS

/* Evaluation ----------------------------------------------------------- */

/* Runs a script that may `await` at its top, up to its first await, and jobs: a
 * promise of its completion value, rejected with what it throws. It shares the
 * global scope with other scripts, and may declare anew what they declared.
 * rill_await, rill_settled or the loop bring the promise on. NULL: a syntax
 * error, or it was terminated. */
RILL_API rill_value rill_eval_async(rill_isolate *, const char *source,
                                    size_t length, const char *name);

/* Code without an isolate: compiled once, run by many, on any threads. */
typedef struct rill_compiled rill_compiled;
/* What compiled code is run as. */
typedef enum rill_goal {
  RILL_GOAL_SCRIPT, /* as for rill_eval */
  RILL_GOAL_ASYNC,  /* as for rill_eval_async */
  RILL_GOAL_MODULE  /* as for rill_eval_module */
} rill_goal;
/* The isolate is only needed for the error. NULL: a syntax error. The result
 * has one reference, the caller's. */
RILL_API rill_compiled *rill_compile(rill_isolate *, rill_goal,
                                     const char *source, size_t length,
                                     const char *name);
/* One more reference. Any thread. */
RILL_API void rill_compiled_retain(rill_compiled *);
/* One less; the last frees it. NULL does nothing. Any thread. */
RILL_API void rill_compiled_release(rill_compiled *);
/* What the goal's function would return. Every run of a module makes a module
 * of its own. */
RILL_API rill_value rill_run_compiled(rill_isolate *, rill_compiled *);

/* The code as bytes, for rill_compiled_load in this or another process: of the
 * same build of rill, or they are refused. All functions are compiled for it;
 * the source text is in the bytes, too. *bytes is malloc'ed, for the caller to
 * free. False: out of memory, or the code is too deep or too complex. */
RILL_API bool rill_compiled_save(rill_isolate *, rill_compiled *,
                                 uint8_t **bytes, size_t *length);
/* What was saved, under its name and for its goal. The bytes need not be
 * trusted: cut off, changed or forged ones are refused, and what is accepted
 * can do no more than a script can. They are not kept. NULL: a RILL_ERROR_HOST
 * that says what is wrong. The result has one reference, the caller's. */
RILL_API rill_compiled *rill_compiled_load(rill_isolate *, const uint8_t *bytes,
                                           size_t length);
/* What it was compiled for. Any thread. */
RILL_API rill_goal rill_compiled_goal(const rill_compiled *);

/* Native modules ------------------------------------------------------- */

/* A native module while it is evaluated. */
typedef struct rill_module rill_module;
/* Sets an export while `init` runs. False: the module has no such export. */
RILL_API bool rill_module_set(rill_isolate *, rill_module *, const char *name,
                              rill_value);
/* An export of a native module: a function, or a value that `init` sets. */
typedef struct rill_export {
  const char *name;       /* what scripts import */
  rill_function function; /* NULL: `init` sets it */
  void *data;             /* given to the function */
} rill_export;
/* What a native module is made of. */
typedef struct rill_module_options {
  size_t size;      /* sizeof(rill_module_options), set by RILL_MODULE_INIT */
  const char *name; /* "host:db": the specifier, exactly */
  const rill_export *exports; /* all that it exports */
  size_t export_count;        /* how many those are */
  size_t export_size;         /* sizeof(rill_export) */
  /* Once, when the module is first evaluated. False: it failed, as a
   * rill_function fails. May be NULL. */
  bool (*init)(rill_isolate *, void *data, rill_module *);
  void *data; /* given to `init` */
} rill_module_options;
/* All defaults. */
#define RILL_MODULE_INIT                                                       \
  {                                                                            \
    sizeof(rill_module_options), NULL, NULL, 0, sizeof(rill_export), NULL,     \
        NULL                                                                   \
  }
/* What `import { x } from "host:db"` finds, whatever resolves other specifiers
 * and whatever the isolate may reach. Everything is copied. False: the name is
 * taken, or an export is named twice. */
RILL_API bool rill_module_define(rill_isolate *, const rill_module_options *);

/* Hooks ---------------------------------------------------------------- */

/* What an import asks for. Its texts are good during the call. */
typedef struct rill_module_request {
  size_t size;            /* sizeof(rill_module_request), set by rill */
  const char *specifier;  /* as the import says it */
  const char *referrer;   /* name of the importing code; "" if it has none */
  bool is_dynamic;        /* import() */
  size_t attribute_count; /* texts in `attributes`: two for each */
  const char *const *attributes; /* key, value, key, value... */
} rill_module_request;

/* What a module's text is. */
typedef enum rill_source_kind {
  RILL_SOURCE_MODULE,     /* an ES module, in UTF-8 */
  RILL_SOURCE_TYPESCRIPT, /* the same, with types, which are stripped */
  RILL_SOURCE_JSON,       /* its default export is the value */
  RILL_SOURCE_TEXT,       /* its default export is the text */
  RILL_SOURCE_COMPILED    /* rill_compile, for RILL_GOAL_MODULE */
} rill_source_kind;
/* What a module is made from. */
typedef struct rill_module_source {
  size_t size;             /* sizeof(rill_module_source), set by rill */
  rill_source_kind kind;   /* what it is */
  const char *text;        /* stays good until `release` is called */
  size_t length;           /* of the text; RILL_TEXT_END at first */
  rill_compiled *compiled; /* a reference of the host's */
  void (*release)(void *data, const char *text); /* may be NULL */
  void *data;                                    /* given to `release` */
} rill_module_source;

/* Functions of the host for imports, each of which may be NULL. */
typedef struct rill_module_hooks {
  size_t size; /* sizeof(rill_module_hooks), set by RILL_MODULE_HOOKS_INIT */
  void *data;  /* given to each of them */
  /* The name of the module that is meant: the same name is the same module. The
   * text is copied at once. NULL: it failed, as a rill_function fails; NULL
   * without an error: the host does not know it, so that rill looks (builtin
   * modules, files as far as they are allowed). */
  const char *(*resolve)(rill_isolate *, void *data,
                         const rill_module_request *);
  /* What is behind a name that `resolve` gave, once for each name and set of
   * attributes. Fills *out; false: it failed, as a rill_function fails. */
  bool (*load)(rill_isolate *, void *data, const char *name,
               const rill_module_request *, rill_module_source *out);
} rill_module_hooks;
/* No hooks. */
#define RILL_MODULE_HOOKS_INIT                                                 \
  { sizeof(rill_module_hooks), NULL, NULL, NULL }
/* From now on; NULL takes them back. */
RILL_API void rill_set_module_hooks(rill_isolate *, const rill_module_hooks *);

RILL_END_DECLARATIONS
#endif
