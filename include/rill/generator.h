/* SPDX-License-Identifier: MIT */
/*
 * librill: generators and async generators, stepped by the host: it sees each
 * yield, answers it with a value or an exception, or ends the generator early.
 * Isolate's thread.
 */
#ifndef RILL_GENERATOR_H
#define RILL_GENERATOR_H

#include "rill/base.h"

RILL_BEGIN_DECLARATIONS

/* Is it what calling a function* gives? */
RILL_API bool rill_is_generator(rill_isolate *, rill_value);
/* Is it what calling an async function* gives? */
RILL_API bool rill_is_async_generator(rill_isolate *, rill_value);

/* How a generator goes on. */
typedef enum rill_resume {
  RILL_RESUME_NEXT,  /* `yield` gives the value */
  RILL_RESUME_THROW, /* `yield` throws it */
  RILL_RESUME_RETURN /* `yield` returns it: finally blocks run */
} rill_resume;

/* What a step of a generator gave. */
typedef struct rill_step {
  size_t size;      /* sizeof(rill_step), set by RILL_STEP_INIT */
  bool done;        /* it has ended */
  rill_value value; /* what was yielded; if done: returned */
} rill_step;
/* Nothing, to be filled. */
#define RILL_STEP_INIT                                                         \
  { sizeof(rill_step), false, NULL }

/* Generator.prototype.next, throw and return (ECMA-262 27.5.1) of a generator,
 * or the same of an async generator (27.6.1): then the event loop runs until
 * that step is there, so not within a native function. What scripts have made
 * of those methods does not matter. False: it threw, or `generator` is none. */
RILL_API bool rill_generator_step(rill_isolate *, rill_value generator,
                                  rill_resume, rill_value, rill_step *out);
/* The step of an async generator as a promise of { value, done }: for hosts
 * that drive the loop themselves, and for steps that are asked for ahead. */
RILL_API rill_value rill_generator_start(rill_isolate *, rill_value generator,
                                         rill_resume, rill_value);
/* What such an object, or any iterator's result, says. False: it is no object,
 * or a getter threw. */
RILL_API bool rill_step_of(rill_isolate *, rill_value result, rill_step *out);

RILL_END_DECLARATIONS
#endif
