// SPDX-License-Identifier: MIT
// The replacement patterns ($1, $&, $<name>...) of replace and replaceAll.
#ifndef RILL_VM_BUILTINS_STRING_SUBSTITUTE_H
#define RILL_VM_BUILTINS_STRING_SUBSTITUTE_H

#include "vm/objects/isolate.h"

// ECMA-262 22.1.3.19.1 GetSubstitution: appends the replacement for a match of
// `match_length` units at `position` of `string`. `captures` are strings or
// undefined, the first being $1; `named_captures` is an object or undefined.
// False: threw.
bool vm_get_substitution(Isolate *, StringBuilder *out, String *string,
                         uint32_t position, uint32_t match_length,
                         const Value *captures, uint32_t capture_count,
                         Value named_captures,
                         String *replacement_template) VM_CHECKED;

#endif
