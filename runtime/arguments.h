// SPDX-License-Identifier: MIT
// What a native of "rill:internal/..." is given. The modules of rill are their
// callers, but a value of another kind must not be looked at as what it is not.
#ifndef RILL_RUNTIME_ARGUMENTS_H
#define RILL_RUNTIME_ARGUMENTS_H

#include "vm/objects/function.h"

// Whether the arguments are of the kinds of a text with one letter for each:
//   s string  b boolean  n number  i number that is an int32
//   u whole number from 0 to 2^53 - 1  f function  o object  a array
//   . anything
// A capital letter: or undefined, or not there. After it, the others may be
// looked at in argv. False: threw (TypeError).
bool rt_arguments_are(Isolate *, const NativeCall *,
                      const char *kinds) VM_CHECKED;
// The data of a host object of the type. NULL: threw (TypeError).
void *rt_host_argument(Isolate *, const NativeCall *, uint32_t at,
                       const void *type) VM_CHECKED;
// The numbers of an array, which has so many. False: threw.
bool rt_numbers_of(Isolate *, Value array, double *out,
                   uint32_t count) VM_CHECKED;

#endif
