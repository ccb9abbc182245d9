/* SPDX-License-Identifier: MIT */
/*
 * librill: native classes. Scripts see a class of their language: `new`,
 * methods, accessors, `instanceof`, `extends`; each instance carries a pointer
 * of the host's. Isolate's thread.
 */
#ifndef RILL_CLASS_H
#define RILL_CLASS_H

#include "rill/base.h"

RILL_BEGIN_DECLARATIONS

/* A native function: gets this, the arguments and `data`; returns a value, or
 * NULL after rill_throw, or after a call that failed, whose error it passes on
 * (NULL without either returns undefined). It may call anything but
 * rill_isolate_free. */
typedef rill_value (*rill_function)(rill_isolate *, void *data,
                                    rill_value this_value, size_t count,
                                    const rill_value *arguments);
/* Once the object is garbage, or the isolate is freed, on the isolate's thread;
 * it must not call into an isolate. */
typedef void (*rill_finalizer)(void *data);

/* Makes an instance's data; `data` is the class's own. Failure is told as a
 * rill_function tells it: then the finalizer does not run. `this_value` is the
 * new object, already one of the subclass that is constructed. NULL may be
 * data.
 */
typedef void *(*rill_constructor)(rill_isolate *, void *data,
                                  rill_value this_value, size_t count,
                                  const rill_value *arguments);

/* Flags of a member. */
enum {
  RILL_MEMBER_STATIC = 1 << 0 /* of the constructor, not of instances */
};
/* A method, or an accessor. The `data` that its functions get is that of the
 * instance, which is one of the class or of a class that extends it: anything
 * else as `this` is a TypeError. Static ones get the class's data. */
typedef struct rill_member {
  const char *name;             /* "add"; "@@iterator": a well-known symbol */
  rill_function method;         /* NULL: it is an accessor */
  rill_function getter, setter; /* either may be NULL; both: it is a method */
  uint32_t length;              /* the function's property "length" */
  uint32_t flags;               /* RILL_MEMBER_* */
} rill_member;

/* A class of one isolate. */
typedef struct rill_class rill_class;
/* What a class is made of. */
typedef struct rill_class_options {
  size_t size;      /* sizeof(rill_class_options), set by RILL_CLASS_INIT */
  const char *name; /* the constructor's name */
  rill_constructor constructor; /* NULL: only rill_class_instance makes some */
  uint32_t length;              /* of the constructor */
  void *data;                   /* the class's own */
  rill_finalizer finalize;      /* gets an instance's data; may be NULL */
  /* Extends it. Methods of the parent then get the data of this class's
   * instances: that begins with what the parent's would be. Only this class's
   * constructor and finalizer run. NULL: none. */
  const rill_class *parent;
  const rill_member *members; /* methods and accessors */
  size_t member_count;        /* how many those are */
  size_t member_size;         /* sizeof(rill_member) */
} rill_class_options;
/* All defaults. */
#define RILL_CLASS_INIT                                                        \
  {                                                                            \
    sizeof(rill_class_options), NULL, NULL, 0, NULL, NULL, NULL, NULL, 0,      \
        sizeof(rill_member)                                                    \
  }

/* A class of this isolate, which frees it. Everything in the options is copied.
 * NULL: rill_get_error says why. */
RILL_API rill_class *rill_class_new(rill_isolate *, const rill_class_options *);
/* Its constructor; the same each time. */
RILL_API rill_value rill_class_constructor(rill_isolate *, const rill_class *);
/* The same under its name as a global. */
RILL_API bool rill_class_define(rill_isolate *, const rill_class *);
/* An instance around `data`, without running the constructor. NULL: out of
 * memory; the data is still the caller's. */
RILL_API rill_value rill_class_instance(rill_isolate *, const rill_class *,
                                        void *data);
/* Is it an instance of the class or of one that extends it (brand check:
 * prototypes do not matter)? */
RILL_API bool rill_is_instance(rill_isolate *, rill_value, const rill_class *);
/* The data of such an instance, good as long as that; NULL for anything else.
 */
RILL_API void *rill_instance_data(rill_isolate *, rill_value,
                                  const rill_class *);

RILL_END_DECLARATIONS
#endif
