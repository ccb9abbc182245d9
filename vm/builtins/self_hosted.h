// SPDX-License-Identifier: MIT
// Builtins written in the language itself, so that their callbacks are called
// without re-entering the interpreter: vm/builtins/self_hosted/*.js, embedded
// in the binary by scripts/embed_self_hosted.py and compiled, each function
// apart, on its first call.
//
// Inside, `%Name(...)` calls an intrinsic (vm/interpreter/intrinsics.def), and
// `%Call(callee, thisValue, ...arguments)` compiles to an ordinary CALL.
#ifndef RILL_VM_BUILTINS_SELF_HOSTED_H
#define RILL_VM_BUILTINS_SELF_HOSTED_H

typedef struct SelfHostedSource {
  const char *name; // as BUILTIN_SCRIPT rows name it
  const char *file;
  unsigned line;
  const char *text; // one function declaration, ASCII
} SelfHostedSource;

// Sorted by name.
extern const SelfHostedSource vm_self_hosted_sources[];
extern const unsigned vm_self_hosted_source_count;

#endif
