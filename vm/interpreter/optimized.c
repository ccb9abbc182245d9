// SPDX-License-Identifier: MIT
// Changing between baseline and optimized code.
#include "vm/interpreter/optimized.h"

#include <stdlib.h>

#include "vm/interpreter/run.h"

static bool lies_in(const Template *t, const Instruction *pc) {
  return pc >= t->code && pc < t->code + t->code_count;
}

// The variant that `pc` lies in; NULL: the baseline.
static const OptimizedCode *variant_of(const Code *code,
                                       const Instruction *pc) {
  if (likely(code->variants == NULL) || lies_in(code->template, pc))
    return NULL;
  for (const OptimizedCode *v = code->variants; v != NULL; v = v->previous) {
    if (lies_in(v->template, pc)) return v;
  }
  return NULL;
}

const Template *vm_template_of(const Code *code, const Instruction *pc) {
  const OptimizedCode *variant = variant_of(code, pc);
  return variant != NULL ? variant->template : code->template;
}

uint32_t vm_baseline_offset(const Code *code, const Instruction *pc) {
  const OptimizedCode *variant = variant_of(code, pc);
  if (variant != NULL)
    return variant->baseline_pcs[pc - variant->template->code];
  if (!lies_in(code->template, pc)) return UINT32_MAX;
  return (uint32_t)(pc - code->template->code);
}

bool vm_frame_activation(const Frame *frame, uint32_t index, Activation *out) {
  const Code *code = frame->code;
  const OptimizedCode *variant = variant_of(code, frame->pc);
  uint32_t offset, site = 0;
  if (variant != NULL && variant->site_of != NULL) {
    size_t word = (size_t)(frame->pc - variant->template->code);
    site = variant->site_of[word];
    offset = site != 0 ? variant->site_pcs[word] : variant->baseline_pcs[word];
  } else {
    offset = vm_baseline_offset(code, frame->pc);
    if (offset == UINT32_MAX) offset = 0;
  }
  for (; site != 0; index--) {
    const InlineSite *at = &variant->sites[site - 1];
    if (index == 0) {
      *out = (Activation){
          at->code, (Function *)value_as_cell(frame->registers[at->callee]),
          offset, true};
      return true;
    }
    offset = at->call_pc;
    site = at->parent;
  }
  if (index != 0) return false;
  *out = (Activation){code, frame->function, offset, false};
  return true;
}

void vm_heat(Isolate *iso, Frame *frame) {
  Code *code = frame->code;
  code->heat++;
  if (code->tier == TIER_BASELINE && code->heat >= iso->jit_hooks->threshold)
    iso->jit_hooks->hot(iso, frame);
}

void vm_enter_optimized(Isolate *iso, Frame *frame) {
  const Code *code = frame->code;
  if (code->optimized == NULL || !lies_in(code->template, frame->pc)) return;
  const OptimizedCode *variant = code->variants;
  uint32_t pc = (uint32_t)(frame->pc - code->template->code);
  uint32_t low = 0, high = variant->entry_count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (variant->entries[middle].baseline_pc < pc) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == variant->entry_count || variant->entries[low].baseline_pc != pc)
    return;
  // The variant may need more registers than the frame was given.
  Value *top = frame->registers + code->register_count;
  if (top > iso->stack_limit) return;
  iso->stack_top = top;
  frame->pc = variant->template->code + variant->entries[low].optimized_pc;
  iso->jit_hooks->entered(iso, frame->code, pc);
}

void vm_deoptimize(Isolate *iso, Frame *frame) {
  Code *code = frame->code;
  OptimizedCode *variant = (OptimizedCode *)variant_of(code, frame->pc);
  uint32_t optimized_pc = (uint32_t)(frame->pc - variant->template->code);
  uint32_t pc = variant->baseline_pcs[optimized_pc];
  frame->pc = code->template->code + pc;
  variant->deopts++;
  code->deopt_count++;
  iso->jit_hooks->deoptimized(iso, code, variant, optimized_pc, pc);
}

void vm_install_optimized(Code *code, OptimizedCode *variant) {
  const Template *t = variant->template;
  variant->previous = code->variants;
  code->variants = variant;
  code->optimized = t;
  // Never less: frames of the variants before may be on the stack.
  if (t->register_count > code->register_count)
    code->register_count = t->register_count;
  code->instructions = t->code;
  code->tier = TIER_OPTIMIZED;
}

void vm_retire_optimized(Code *code) {
  code->optimized = NULL;
  code->instructions = code->template->code;
}

void vm_optimized_free(OptimizedCode *variant) {
  while (variant != NULL) {
    OptimizedCode *previous = variant->previous;
    vm_template_release(variant->template);
    free(variant->baseline_pcs);
    free(variant->entries);
    free(variant->sites);
    free(variant->site_of);
    free(variant->site_pcs);
    free(variant);
    variant = previous;
  }
}
