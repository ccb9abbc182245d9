// SPDX-License-Identifier: MIT
// The isolate's side of compilation: queueing hot code with a snapshot,
// installing results at safepoints, backing off after failed guards, and saying
// so under --trace-jit. All on the isolate's thread.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jit-stub/queue.h"
#include "vm/bytecode/disassembler.h"
#include "vm/interpreter/run.h"

enum {
  THRESHOLD = 2, // ticks of about SAFEPOINT_BUDGET back-edges or calls
  DEOPTS_OF_A_VARIANT = 20, // then it is retired
  WINDOW_SAMPLES = 24,      // registers of callees to look at
  COMPILATIONS = 4,         // then the code stays at the baseline
};

static void name_of(const Code *code, char *out, size_t size) {
  const Template *t = code->template;
  size_t length = 0;
  String *name = t->name;
  char text[80] = "";
  if (name != NULL) {
    StringView view = {NULL, 0, false};
    if (vm_string_view(code->isolate, name, &view)) {
      for (; length < view.length && length + 1 < sizeof text; length++) {
        uint32_t unit = string_view_at(view, (uint32_t)length);
        text[length] = unit < 127 && unit >= 32 ? (char)unit : '?';
      }
      text[length] = 0;
    }
  }
  CodePosition at = vm_template_position(t, 0);
  snprintf(out, size, "%s:%u", text[0] ? text : "(anonymous)", at.line);
}

#define TRACE(iso, code, ...)                                                  \
  do {                                                                         \
    if ((iso)->jit->options.trace) {                                           \
      char name[128];                                                          \
      name_of(code, name, sizeof name);                                        \
      fprintf(stderr, "jit: %s ", name);                                       \
      fprintf(stderr, __VA_ARGS__);                                            \
      fputc('\n', stderr);                                                     \
    }                                                                          \
  } while (0)

static void free_job(JitJob *job) {
  if (job->optimized != NULL) vm_optimized_free(job->optimized);
  vm_template_release(job->template);
  jit_callees_free(job->callees);
  free(job->no_guards);
  free(job->doubles);
  free(job->loads_own);
  free(job);
}

// Copies what the compile thread wants to know of the code.
static JitJob *snapshot(JitQueue *q, const Frame *frame) {
  Code *code = frame->code;
  JitJob *job = calloc(1, sizeof *job);
  if (job == NULL) return NULL;
  const Template *t = code->template;
  if (code->no_guards != NULL) {
    job->no_guards = malloc(t->code_count);
    if (job->no_guards == NULL) {
      free(job);
      return NULL;
    }
    memcpy(job->no_guards, code->no_guards, t->code_count);
  }
  // Registers not written yet hold what an earlier activation left, as likely
  // as not of the same function, and so do the words above: frames of its
  // callees, whose registers will be windows. Good for a guess.
  uint32_t count = t->register_count;
  const Value *above = frame->registers + count + sizeof(Frame) / sizeof(Value);
  uint32_t windows =
      above + WINDOW_SAMPLES <= q->isolate->stack_limit ? WINDOW_SAMPLES : 0;
  job->doubles = calloc((count + windows) / 64u + 1, sizeof(uint64_t));
  if (job->doubles != NULL) {
    job->doubles_count = count + windows;
    for (uint32_t r = 0; r < count; r++)
      if (value_is_double(frame->registers[r])) jit_set_add(job->doubles, r);
    for (uint32_t r = 0; r < windows; r++)
      if (value_is_double(above[r])) jit_set_add(job->doubles, count + r);
  }
  job->loads_own = jit_loads_own(code);
  job->callees = jit_find_callees(q->isolate, frame);
  job->owner = q;
  job->code = code;
  job->template = vm_template_retain((Template *)t);
  return job;
}

// Keeps the Codes that the variant refers to alive as long as this one.
static bool keep_inlined(Isolate *iso, Code *code, const OptimizedCode *v) {
  if (v->site_count == 0) return true;
  uint32_t before = code->inlined != NULL ? code->inlined->cell.extra : 0;
  CellList *list = vm_cell_list_new(iso, before + v->site_count);
  if (list == NULL) {
    vm_take_exception(iso);
    return false;
  }
  for (uint32_t i = 0; i < before; i++)
    list->words[i] = code->inlined->words[i];
  for (uint32_t i = 0; i < v->site_count; i++)
    list->words[before + i] = (uintptr_t)v->sites[i].code;
  gc_store_pointer(iso->heap, &code->inlined, list);
  return true;
}

static void forget(JitQueue *q, JitJob *job) {
  JitJob **link = &q->jobs;
  while (*link != job)
    link = &(*link)->next_of_isolate;
  *link = job->next_of_isolate;
}

static void finish(Isolate *iso, JitJob *job) {
  JitQueue *q = iso->jit;
  Code *code = job->code;
  forget(q, job);
  if (job->optimized != NULL && !keep_inlined(iso, code, job->optimized)) {
    vm_optimized_free(job->optimized);
    job->optimized = NULL;
    snprintf(job->failure, sizeof job->failure, "out of memory");
  }
  if (job->optimized == NULL) {
    code->tier = TIER_GIVEN_UP;
    q->statistics.abandoned++;
    TRACE(iso, code, "abandoned: %s", job->failure);
  } else {
    q->statistics.compiled++;
    q->statistics.compile_nanoseconds += job->nanoseconds;
    if (q->options.trace) {
      char text[512];
      int used = 0;
      for (uint32_t i = 0; i < jit_pass_count; i++)
        used += snprintf(text + used, sizeof text - (size_t)used, ", %s %u",
                         jit_passes[i].name, job->changes[i]);
      text[used] = 0;
      TRACE(iso, code, "compiled in %" PRIu64 " us, %u -> %u words%s",
            job->nanoseconds / 1000, job->words_before, job->words_after, text);
    }
    vm_install_optimized(code, job->optimized);
    job->optimized = NULL;
    code->compilations++;
    q->statistics.installed++;
    TRACE(iso, code, "installed");
    if (q->options.trace && getenv("RILL_JIT_DISASSEMBLE") != NULL) {
      Template alone = *code->optimized;
      alone.function_count = 0;
      vm_disassemble(&alone, stderr);
    }
  }
  free_job(job);
}

static void hot(Isolate *iso, Frame *frame) {
  JitQueue *q = iso->jit;
  Code *code = frame->code;
  const Template *t = code->template;
  if ((t->flags & (TEMPLATE_GENERATOR | TEMPLATE_ASYNC)) ||
      t->kind == CODE_MODULE) {
    code->tier = TIER_GIVEN_UP;
    return;
  }
  JitJob *job = snapshot(q, frame);
  if (job == NULL) return; // as if it had not been hot
  job->next_of_isolate = q->jobs;
  q->jobs = job;
  code->tier = TIER_QUEUED;
  if (q->options.stress) {
    q->statistics.queued++;
    TRACE(iso, code, "queued");
    jit_compile(job);
    finish(iso, job);
    return;
  }
  if (!jit_queue_push(job)) {
    // No thread, or too many jobs: later, if it is still hot then.
    forget(q, job);
    free_job(job);
    code->tier = TIER_BASELINE;
    code->heat = 0;
    return;
  }
  q->statistics.queued++;
  TRACE(iso, code, "queued");
}

static void install(Isolate *iso) {
  JitJob *done = jit_queue_take_done(iso->jit);
  while (done != NULL) {
    JitJob *next = done->next;
    finish(iso, done);
    done = next;
  }
}

static void entered(Isolate *iso, Code *code, uint32_t baseline_pc) {
  iso->jit->statistics.entered++;
  TRACE(iso, code, "osr at word %u, line %u", baseline_pc,
        vm_template_position(code->template, baseline_pc).line);
}

static void deoptimized(Isolate *iso, Code *code, OptimizedCode *variant,
                        uint32_t optimized_pc, uint32_t baseline_pc) {
  JitQueue *q = iso->jit;
  const Template *t = code->template;
  q->statistics.deoptimized++;
  TRACE(iso, code, "deopt at word %u, line %u: %s", baseline_pc,
        vm_template_position(t, baseline_pc).line,
        bytecode_info[variant->template->code[optimized_pc].op].name);
  if (code->no_guards == NULL) code->no_guards = calloc(t->code_count, 1);
  if (code->no_guards != NULL) code->no_guards[baseline_pc] = 1;
  if (variant->deopts < DEOPTS_OF_A_VARIANT ||
      code->optimized != variant->template)
    return;
  vm_retire_optimized(code);
  // The next variant does without the guards that failed, and has to be earned.
  if (code->compilations >= COMPILATIONS) {
    code->tier = TIER_GIVEN_UP;
    TRACE(iso, code, "abandoned: deoptimized too often");
    return;
  }
  code->tier = TIER_BASELINE;
  code->heat = 0;
}

static void trace_callees(GcTracer *tracer, const JitCallee *callee) {
  for (; callee != NULL; callee = callee->next) {
    gc_trace_cell(tracer, callee->code);
    trace_callees(tracer, callee->callees);
  }
}

static void trace_jobs(Isolate *iso, GcTracer *tracer) {
  for (JitJob *job = iso->jit->jobs; job != NULL; job = job->next_of_isolate) {
    gc_trace_cell(tracer, job->code);
    trace_callees(tracer, job->callees);
  }
}

static void detach(Isolate *iso) {
  JitQueue *q = iso->jit;
  jit_queue_detach(q);
  while (q->jobs != NULL) {
    JitJob *next = q->jobs->next_of_isolate;
    free_job(q->jobs);
    q->jobs = next;
  }
  free(q);
  iso->jit = NULL;
}

static const JitHooks background = {.hot = hot,
                                    .install = install,
                                    .deoptimized = deoptimized,
                                    .entered = entered,
                                    .trace = trace_jobs,
                                    .detach = detach,
                                    .period = SAFEPOINT_BUDGET,
                                    .threshold = THRESHOLD};
static const JitHooks stress = {.hot = hot,
                                .install = install,
                                .deoptimized = deoptimized,
                                .entered = entered,
                                .trace = trace_jobs,
                                .detach = detach,
                                .period = 1,
                                .threshold = 1};

bool jit_attach(Isolate *iso, const JitOptions *options) {
  JitQueue *q = calloc(1, sizeof *q);
  if (q == NULL) return false;
  q->isolate = iso;
  q->options = *options;
  iso->jit_hooks = options->stress ? &stress : &background;
  iso->jit = q;
  return true;
}

JitStatistics jit_statistics(const Isolate *iso) {
  return iso->jit->statistics;
}
