/* SPDX-License-Identifier: MIT */
/*
 * librill: what a script did: lines executed, with counts, and the variables
 * that it left. Nothing of it costs anything unless it is asked for. Isolate's
 * thread.
 */
#ifndef RILL_INSPECT_H
#define RILL_INSPECT_H

#include "rill/base.h"

RILL_BEGIN_DECLARATIONS

/* A line on which statements begin, and how often the one that ran most did; 0:
 * it was never reached. */
typedef void (*rill_line_visitor)(void *data, const char *file, uint32_t line,
                                  uint64_t count);
/* Of a file, by the name that it was evaluated with (NULL: of all), in order of
 * lines, for each time that it was compiled. Functions that this isolate's
 * scripts spawned count, too. False: rill_options.count_lines was not set. */
RILL_API bool rill_executed_lines(rill_isolate *, const char *file,
                                  rill_line_visitor, void *data);
/* Counts from 0 again. */
RILL_API void rill_reset_lines(rill_isolate *);

/* What scripts declared at their top: an object without prototype, from names
 * to values. let, const and class bindings that are initialized, then vars,
 * functions and enumerable properties of the global object, whoever made them.
 * Getters are not called: they are left out. */
RILL_API rill_value rill_variables(rill_isolate *);

RILL_END_DECLARATIONS
#endif
