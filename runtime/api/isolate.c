// SPDX-License-Identifier: MIT
// Isolates, scopes, kept values, running code, limits.
#include <stdlib.h>
#include <string.h>

#include "runtime/api/checks.h"
#include "runtime/modules/loader.h"
#include "vm/bytecode/coverage.h"

// What nobody caught: it becomes the error, and the loop stops.
static void on_uncaught(Runtime *rt) {
  rill_isolate *api = rt->embedder;
  bool exits = rt->exit_requested;
  api_fail(api);
  const rill_hooks *hooks = &api->hooks;
  if (hooks->uncaught != NULL && !exits &&
      api->error.kind == RILL_ERROR_THROWN) {
    ApiMark mark = api_mark(api);
    bool goes_on = hooks->uncaught(api, hooks->data, &api->error);
    api_cut_back(api, mark);
    if (goes_on) return;
  }
  api->uncaught = true;
  rt->exiting = true;
}

// runtime->trace_embedder.
static void trace_handles(void *embedder, GcTracer *tracer) {
  rill_isolate *api = embedder;
  uint32_t used = api->used;
  for (ApiHandleBlock *b = api->block; b != NULL; b = b->below) {
    for (uint32_t i = 0; i < used; i++)
      gc_trace_word(tracer, b->handles[i].value);
    used = API_HANDLES_PER_BLOCK;
  }
}

static void start_deadline(rill_isolate *);

static void on_loop(Runtime *rt) {
  rill_isolate *api = rt->embedder;
  uv_timer_init(&rt->loop, &api->deadline);
  api->deadline.data = api;
  start_deadline(api);
}

bool api_runtime_options(const rill_options *given, RuntimeOptions *out) {
  rill_options options = RILL_OPTIONS_INIT;
  if (!api_copy_in(&options, given, sizeof options)) return false;
  *out = (RuntimeOptions){
      .max_heap_bytes = options.max_heap_bytes,
      .stack_bytes = options.stack_bytes,
      .lazy_loop = true,
      .bare = (options.allow & RILL_ALLOW_CONSOLE) == 0,
      .deny_files = (options.allow & RILL_ALLOW_FILES) == 0,
      .deny_net = (options.allow & RILL_ALLOW_NET) == 0,
      .grants = options.grants,
      .deny_processes = (options.allow & RILL_ALLOW_PROCESS) == 0,
  };
  return true;
}

static ApiHandleBlock *new_block(rill_isolate *api) {
  size_t size = sizeof(ApiHandleBlock);
  if (api->checks != NULL) size += API_HANDLES_PER_BLOCK * sizeof(uint16_t);
  return calloc(1, size);
}

// The first block was made before the checks were on.
static bool add_generations(rill_isolate *api) {
  ApiHandleBlock *block = new_block(api);
  if (block == NULL) return false;
  free(api->block);
  api->block = block;
  return true;
}

rill_isolate *rill_isolate_new(const rill_options *given) {
  RuntimeOptions options;
  rill_options own = RILL_OPTIONS_INIT;
  if ((given != NULL && !api_copy_in(&own, given, sizeof own)) ||
      !api_runtime_options(&own, &options))
    return NULL;
  Coverage *coverage = own.count_lines ? coverage_new() : NULL;
  if (coverage != NULL) coverage->of_all = true;
  options.coverage = coverage;
  rill_isolate *api =
      own.count_lines && coverage == NULL ? NULL : api_isolate_new(&options);
  if (api == NULL) {
    if (coverage != NULL) coverage_free(coverage);
    return NULL;
  }
  api->coverage = coverage;
#ifdef NDEBUG
  bool checks = own.check == RILL_CHECK_ON;
#else
  bool checks = own.check != RILL_CHECK_OFF;
#endif
  if (!checks) return api;
  api->checks = api_checks_new();
  if (api->checks != NULL && add_generations(api)) return api;
  rill_isolate_free(api);
  return NULL;
}

rill_isolate *api_isolate_new(const RuntimeOptions *options) {
  rill_isolate *api = calloc(1, sizeof *api);
  ApiHandleBlock *block = calloc(1, sizeof *block);
  Runtime *rt = api == NULL || block == NULL ? NULL : rt_new(options);
  if (rt == NULL) {
    free(api);
    free(block);
    return NULL;
  }
  api->rt = rt;
  api->iso = rt->isolate;
  api->block = block;
  rt->embedder = api;
  rt->on_loop = on_loop;
  rt->on_uncaught = on_uncaught;
  rt->trace_embedder = trace_handles;
  gc_root_add(api->iso->heap, &api->exception, VALUE_EMPTY);
  rill_clear_error(api);
  return api;
}

void api_free_texts(rill_isolate *api, ApiText *until) {
  while (api->texts != until) {
    ApiText *next = api->texts->next;
    free(api->texts);
    api->texts = next;
  }
}

void rill_isolate_free(rill_isolate *api) {
  if (api == NULL) return;
  if (api->checks != NULL) {
    api_check_free(api);
    api_checks_report_leaks(api);
  }
  if (api->iso->frame != NULL || api->iso->native_depth != 0) {
    api_fail_host(api, "rill_isolate_free within a native function");
    return;
  }
  api_use(api);
  while (api->kept != NULL)
    rill_release(api, api->kept);
  ApiHandleBlock *first = api->block;
  while (first->below != NULL)
    first = first->below;
  api_cut_back(api, (ApiMark){first, 0, NULL});
  rill_clear_error(api);
  gc_root_remove(api->iso->heap, &api->exception);
  api_free_breaks(api);
  rt_free(api->rt);
  if (api->coverage != NULL) coverage_free(api->coverage);
  api_free_modules(api);
  api_free_classes(api); // of no instance any more
  while (first != NULL) {
    ApiHandleBlock *above = first->above;
    free(first);
    first = above;
  }
  if (api->checks != NULL) {
    api_checks_close(api);
  } else {
    free(api);
  }
}

void rill_set_data(rill_isolate *api, void *data) {
  api->data = data;
}
void *rill_get_data(rill_isolate *api) {
  return api->data;
}

rill_value api_handle_of_new_block(rill_isolate *api, Value value) {
  ApiHandleBlock *above = api->block->above;
  if (above == NULL) {
    above = new_block(api);
    if (above == NULL) return api_fail_host(api, "Out of memory");
    above->below = api->block;
    api->block->above = above;
  }
  api->block = above;
  api->used = 0;
  return api_handle(api, value);
}

char *api_text(rill_isolate *api, const char *bytes, size_t length) {
  ApiText *text = malloc(sizeof *text + length + 1);
  if (text == NULL) {
    api_fail_host(api, "Out of memory");
    return NULL;
  }
  memcpy(text->bytes, bytes, length);
  text->bytes[length] = 0;
  text->next = api->texts;
  api->texts = text;
  return text->bytes;
}

static inline void open_scope(rill_isolate *api, rill_scope *scope) {
  scope->private_[0] = (uintptr_t)api->block;
  scope->private_[1] = api->used;
  scope->private_[2] = (uintptr_t)api->texts;
}

static __attribute__((noinline)) void
open_checked(rill_isolate *api, rill_scope *scope, const char *file, int line) {
  api_check_use(api, "rill_scope_open");
  api_check_scope_opened(api, scope, (ApiPlace){file, line});
  open_scope(api, scope);
}

void rill_scope_open_at(rill_isolate *api, rill_scope *scope, const char *file,
                        int line) {
  if (unlikely(api->checks != NULL))
    open_checked(api, scope, file, line);
  else
    open_scope(api, scope);
}

static __attribute__((noinline)) void close_slowly(rill_isolate *api,
                                                   rill_scope *scope) {
  if (api->checks != NULL) {
    api_check_use(api, "rill_scope_close");
    api_check_scope_closed(api, scope);
  }
  api_cut_back(api, (ApiMark){(ApiHandleBlock *)scope->private_[0],
                              (uint32_t)scope->private_[1],
                              (ApiText *)scope->private_[2]});
}

void rill_scope_close(rill_isolate *api, rill_scope *scope) {
  if (unlikely(api->checks != NULL ||
               (uintptr_t)api->texts != scope->private_[2])) {
    close_slowly(api, scope);
    return;
  }
  api->block = (ApiHandleBlock *)scope->private_[0];
  api->used = (uint32_t)scope->private_[1];
}

rill_kept *rill_keep_at(rill_isolate *api, rill_value value, const char *file,
                        int line) {
  api_use(api);
  rill_kept *kept = calloc(1, sizeof *kept);
  if (kept == NULL ||
      !gc_handle_add(api->iso->heap, &kept->value, api_value(api, value))) {
    free(kept);
    api_fail_host(api, "Out of memory");
    return NULL;
  }
  kept->place = (ApiPlace){file, line};
  kept->next = api->kept;
  if (api->kept != NULL) api->kept->previous = kept;
  api->kept = kept;
  return kept;
}

rill_value rill_kept_value(rill_isolate *api, const rill_kept *kept) {
  api_use(api);
  return api_handle(api, gc_handle_word(&kept->value));
}

void rill_release(rill_isolate *api, rill_kept *kept) {
  if (kept == NULL) return;
  api_use(api);
  gc_handle_remove(api->iso->heap, &kept->value);
  if (kept->next != NULL) kept->next->previous = kept->previous;
  if (kept->previous != NULL) {
    kept->previous->next = kept->next;
  } else {
    api->kept = kept->next;
  }
  free(kept);
}

rill_value api_finish_failed(rill_isolate *api) {
  api_fail(api);
  api_leave(api);
  return NULL;
}

rill_value rill_eval(rill_isolate *api, const char *source, size_t length,
                     const char *name) {
  api_enter(api);
  return api_finish(api,
                    vm_evaluate_script(api->iso, source,
                                       api_text_length(source, length), name));
}

rill_value rill_eval_module(rill_isolate *api, const char *source,
                            size_t length, const char *name) {
  api_enter(api);
  Module *module =
      vm_module_compile(api->iso, source, api_text_length(source, length),
                        name == NULL ? "<module>" : name);
  return api_run_module(api, module);
}

rill_value api_run_module(rill_isolate *api, Module *module) {
  Isolate *iso = api->iso;
  if (module == NULL) return api_fail(api);
  rill_value keeper = api_handle(api, value_from_cell(module));
  Promise *promise = vm_module_run(iso, module);
  if (promise == NULL || keeper == NULL) return api_fail(api);
  rill_value done = api_handle(api, value_from_cell(promise));
  if (rill_await(api, done) == NULL) return NULL;
  return api_result(api, vm_module_namespace(iso, module));
}

// Into `few` if they fit; NULL: out of memory.
static Value *copy_arguments(rill_isolate *api, size_t count,
                             const rill_value *arguments, Value *few) {
  Value *values =
      count <= API_FEW_ARGUMENTS ? few : malloc(count * sizeof *values);
  if (values == NULL) {
    api_fail_host(api, "Out of memory");
    return NULL;
  }
  for (size_t i = 0; i < count; i++)
    values[i] = api_value(api, arguments[i]);
  return values;
}

static __attribute__((noinline)) rill_value
call_slowly(rill_isolate *api, rill_value function, rill_value this_value,
            size_t count, const rill_value *arguments) {
  api_enter_in(api, "rill_call");
  Value few[API_FEW_ARGUMENTS];
  Value *values = copy_arguments(api, count, arguments, few);
  if (values == NULL) return NULL;
  Value result = vm_call(api->iso, api_value(api, function),
                         api_value(api, this_value), (uint32_t)count, values);
  if (values != few) free(values);
  return api_finish(api, result);
}

static inline Value plain_value(rill_value handle) {
  return handle != NULL ? handle->value : VALUE_UNDEFINED;
}

// The same for an isolate without checks whose thread has the heap, and for few
// arguments.
rill_value rill_call(rill_isolate *api, rill_value function,
                     rill_value this_value, size_t count,
                     const rill_value *arguments) {
  if (unlikely(api->checks != NULL || api->rt->in_native ||
               count > API_FEW_ARGUMENTS))
    return call_slowly(api, function, this_value, count, arguments);
  api_begin(api);
  Value few[API_FEW_ARGUMENTS];
  for (size_t i = 0; i < count; i++)
    few[i] = plain_value(arguments[i]);
  return api_finish(api,
                    vm_call(api->iso, plain_value(function),
                            plain_value(this_value), (uint32_t)count, few));
}

rill_value rill_construct(rill_isolate *api, rill_value constructor,
                          size_t count, const rill_value *arguments) {
  api_enter(api);
  if (!value_is_constructor(api_value(api, constructor))) {
    vm_throw_type_value(api->iso, "%s is not a constructor",
                        api_value(api, constructor));
    return api_fail(api);
  }
  Value few[API_FEW_ARGUMENTS];
  Value *values = copy_arguments(api, count, arguments, few);
  if (values == NULL) return NULL;
  Value result =
      vm_construct(api->iso, api_value(api, constructor), (uint32_t)count,
                   values, api_value(api, constructor));
  if (values != few) free(values);
  return api_finish(api, result);
}

rill_value rill_await(rill_isolate *api, rill_value value) {
  Value v = api_value(api, value);
  if (!value_is_promise(v)) return value;
  if (api->iso->frame != NULL) {
    return api_fail_host(api, "rill_await within a native function");
  }
  api_enter(api);
  Promise *promise = (Promise *)value_as_cell(v);
  promise->object.cell.aux |= PROMISE_IS_HANDLED;
  rt_run_loop(api->rt, promise);
  if (promise_state(promise) == PROMISE_FULFILLED) {
    return api_handle(api, promise->result);
  }
  if (promise_state(promise) == PROMISE_REJECTED) {
    vm_throw(api->iso, promise->result);
    return api_fail(api);
  }
  return api->uncaught
             ? NULL
             : api_fail_host(api, "nothing is left that settles the promise");
}

bool rill_run_loop(rill_isolate *api) {
  if (api->iso->frame != NULL) {
    api_fail_host(api, "rill_run_loop within a native function");
    return false;
  }
  api_enter(api);
  rt_run_loop(api->rt, NULL);
  return !api->uncaught;
}

void rill_interrupt(rill_isolate *api) {
  if (unlikely(api->checks != NULL)) api_check_open(api, __func__);
  rt_interrupt(api->rt);
}

// Nothing runs that would look at the deadline: the loop waits.
static void on_deadline(uv_timer_t *timer) {
  rill_isolate *api = timer->data;
  uint64_t due = api->iso->deadline_nanoseconds, now = uv_hrtime();
  if (due == 0) return;
  if (now < due) {
    uv_timer_start(timer, on_deadline, (due - now) / 1000000 + 1, 0);
    return;
  }
  rt_interrupt(api->rt);
}

// For when the loop waits: script that runs looks at the deadline itself.
static void start_deadline(rill_isolate *api) {
  uint64_t due = api->iso->deadline_nanoseconds, now = uv_hrtime();
  if (due == 0) {
    uv_timer_stop(&api->deadline);
    return;
  }
  uv_update_time(&api->rt->loop);
  uv_timer_start(&api->deadline, on_deadline,
                 due < now ? 0 : (due - now) / 1000000 + 1, 0);
  uv_unref((uv_handle_t *)&api->deadline);
}

void rill_set_deadline(rill_isolate *api, uint64_t milliseconds) {
  uint64_t now = uv_hrtime(), longest = (UINT64_MAX - now) / 1000000;
  if (milliseconds > longest) milliseconds = longest;
  api->iso->deadline_nanoseconds =
      milliseconds == 0 ? 0 : now + milliseconds * 1000000;
  if (api->rt->has_loop) start_deadline(api);
}

// Steps since the last safepoint.
static int64_t used_of_batch(const Isolate *iso) {
  int32_t left = atomic_load_explicit(&iso->budget, memory_order_relaxed);
  return (int64_t)iso->budget_given - left;
}

void rill_set_fuel(rill_isolate *api, int64_t steps) {
  // What was used of the batch before is charged at its end.
  int64_t used = used_of_batch(api->iso);
  if (steps > INT64_MAX - used) steps = INT64_MAX - used;
  api->iso->fuel = steps < 0 ? -1 : steps + used;
}

int64_t rill_fuel(rill_isolate *api) {
  int64_t fuel = api->iso->fuel, used = used_of_batch(api->iso);
  return fuel < 0 ? -1 : fuel > used ? fuel - used : 0;
}

void rill_collect_garbage(rill_isolate *api) {
  api_enter(api);
  gc_collect(api->iso->heap, GC_FULL);
}

bool rill_write_heap_snapshot(rill_isolate *api, const char *path) {
  api_enter(api);
  bool written = rt_write_heap_snapshot(api->rt, path);
  if (!written) api_fail(api);
  return api_leave(api) && written;
}

bool rill_get_gc_statistics(rill_isolate *api, rill_gc_statistics *out) {
  if (out->size < sizeof *out) return false;
  gc_stats(api->iso->heap, out);
  return true;
}

bool rill_get_process_gc_statistics(rill_gc_statistics *out) {
  if (out->size < sizeof *out) return false;
  gc_process_stats(out);
  return true;
}

size_t rill_heap_bytes(rill_isolate *api) {
  GcStats stats;
  gc_stats(api->iso->heap, &stats);
  return stats.heap_bytes;
}
