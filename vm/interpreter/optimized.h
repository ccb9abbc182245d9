// SPDX-License-Identifier: MIT
// Optimized variants of a Code, and the table of hooks by which the
// interpreter reaches the compile queue (jit-stub/) without knowing it.
//
// A variant is a template of its own whose instructions keep every value in the
// register where the baseline keeps it. So changing between the two is a change
// of the frame's pc: OSR and calls go in by `entries`, a failed guard goes back
// by `baseline_pcs`. Guards fail before their instruction has any effect.
//
// Variants are kept until their Code dies, for frames may still run them. All
// of this belongs to the isolate's thread.
#ifndef RILL_VM_INTERPRETER_OPTIMIZED_H
#define RILL_VM_INTERPRETER_OPTIMIZED_H

#include "vm/interpreter/frame.h"

// What code->tier says.
typedef enum {
  TIER_BASELINE,  // counts heat
  TIER_QUEUED,    // the compile thread has it, or its result is not installed
  TIER_OPTIMIZED, // code->optimized is installed
  TIER_GIVEN_UP,  // stays at the baseline
} CodeTier;

typedef struct OsrEntry {
  uint32_t baseline_pc, optimized_pc;
} OsrEntry;

// A call whose callee's body is part of the optimized code: there is no frame
// of it, but stacks show one.
typedef struct InlineSite {
  uint32_t parent;  // index + 1 of the site this one is in; 0: none
  uint32_t call_pc; // of the call, in the parent's baseline
  uint32_t callee;  // the register that holds the function
  const Code *code; // of the callee; kept alive by code->inlined
} InlineSite;

typedef struct OptimizedCode OptimizedCode;
struct OptimizedCode {
  Template *template;     // a reference is held
  uint32_t *baseline_pcs; // of each optimized word; owned
  OsrEntry *entries;      // sorted by baseline_pc; owned
  uint32_t entry_count;
  InlineSite *sites; // owned
  uint32_t site_count;
  // Of each optimized word, where it is inlined: index + 1 of the site, 0: not
  // at all; and the pc in that callee's baseline. Owned; NULL without sites.
  uint16_t *site_of;
  uint32_t *site_pcs;
  uint32_t deopts;         // guards that failed
  OptimizedCode *previous; // retired variants
};

// What the interpreter asks of whoever compiles. All on the isolate's thread.
typedef struct JitHooks {
  // The frame's code has become hot.
  void (*hot)(Isolate *, Frame *);
  // INTERRUPT_JIT: results are ready.
  void (*install)(Isolate *);
  // A guard failed at `optimized` (a pc in `variant`); the frame goes on at
  // `baseline_pc`.
  void (*deoptimized)(Isolate *, Code *, OptimizedCode *variant,
                      uint32_t optimized_pc, uint32_t baseline_pc);
  // A frame changed from the baseline to optimized code.
  void (*entered)(Isolate *, Code *, uint32_t baseline_pc);
  // Codes being compiled.
  void (*trace)(Isolate *, GcTracer *);
  // The isolate goes away: forget its work, waiting for what runs.
  void (*detach)(Isolate *);
  // Ticks of heat that make code hot, and the back-edges and calls of a tick.
  uint32_t threshold;
  int32_t period;
} JitHooks;

// Heats the frame's code; may queue it. Called by vm_safepoint.
void vm_heat(Isolate *, Frame *);
// Where the frame's pc is what runs next: changes over to optimized code if it
// can be entered there.
void vm_enter_optimized(Isolate *, Frame *);
// The guard at the frame's pc failed: the frame's pc becomes the baseline's.
void vm_deoptimize(Isolate *, Frame *);

// Makes a variant the one that calls enter; takes it over.
void vm_install_optimized(Code *, OptimizedCode *);
// Calls run the baseline again; frames that run the variant go on with it.
void vm_retire_optimized(Code *);
void vm_optimized_free(OptimizedCode *); // and the previous ones

// The activations that a frame stands for, inlined ones first (index 0). False:
// there are no more.
typedef struct Activation {
  const Code *code;
  const Function *function;
  uint32_t offset; // baseline word of what runs
  bool is_inlined;
} Activation;
bool vm_frame_activation(const Frame *, uint32_t index, Activation *out);

// The template that `pc` lies in.
const Template *vm_template_of(const Code *, const Instruction *pc);
// Offset in the baseline's words of what a pc runs; UINT32_MAX: pc is not of
// this code.
uint32_t vm_baseline_offset(const Code *, const Instruction *pc);

#endif
