/* SPDX-License-Identifier: MIT */
/*
 * librill: what a script did: lines executed, with counts, the variables that
 * it left, and those of its frames where they come to a line. Nothing of it
 * costs anything unless it is asked for. Isolate's thread.
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

/* A line is reached. The variables are an object without prototype, from names
 * to the values that they have now: those of the frame's blocks and function,
 * of the functions around and of the module, with `this` of functions, what is
 * inside hiding what is outside; then what rill_variables gives. Bindings that
 * are not initialized are absent, and so is what they hide; imports, names of
 * `with` objects and private names are not among them. The object is a copy:
 * writing to it changes no variable. Handles die when the hook returns. It is
 * called within the script, as a native function is: it may evaluate and call
 * what it likes, without jobs and the event loop running, and until it returns
 * no line calls a hook. False: the script goes on with the error of rill_throw,
 * or of the call that failed, thrown there; it may be caught. */
typedef bool (*rill_break_hook)(rill_isolate *, void *data, const char *file,
                                uint32_t line, rill_value variables);
/* From now on `hook` is called wherever control comes to a line of the file: in
 * each function (and the script or module) that has statements beginning there,
 * before the first of them, at every pass; an arrow function's expression is a
 * statement. `file` is the name that it is evaluated with, the lines are those
 * of the text that is evaluated. Only what is compiled while the line is asked
 * for stops there: ask before evaluating. Functions that touch that line, and
 * those around, keep all their variables in memory; those that stop there are
 * never compiled to machine code. All other code is as without. What
 * rill_compile makes does not stop, nor does what runs in an isolate that does
 * not ask. One hook for each line: the last one; NULL takes it back, in hooks
 * as well. False: out of memory, no file or line 0, an error. */
RILL_API bool rill_break_at(rill_isolate *, const char *file, uint32_t line,
                            rill_break_hook, void *data);

RILL_END_DECLARATIONS
#endif
