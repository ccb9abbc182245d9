// SPDX-License-Identifier: MIT
// What the interpreter relies on beyond the structure that verifier.h checks,
// of code that did not come from the emitter of this process: what is in the
// registers. A register is read only where something was written to it on every
// way there, environments are of the depth and size that their uses say, and
// what is no value of the language (an environment, an enumerator of for-in)
// never becomes one.
#ifndef RILL_VM_BYTECODE_VERIFY_LOADED_H
#define RILL_VM_BYTECODE_VERIFY_LOADED_H

#include "vm/bytecode/serialize.h"

// Templates that have passed bytecode_verify_code, each before those nested in
// it, the script or module first. FAILED: `problem` says what is wrong. Any
// thread.
SerializeStatus bytecode_verify_loaded(Template *const *templates,
                                       uint32_t count, char *problem,
                                       size_t size);

#endif
