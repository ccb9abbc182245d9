// SPDX-License-Identifier: MIT
// What the files of the public API share. Handles are words of a stack that
// scopes cut back, and that is traced as a whole; texts hang on a list that
// they cut back as well.
#ifndef RILL_RUNTIME_API_API_H
#define RILL_RUNTIME_API_API_H

#include <string.h>

#include "rill.h"
#include "runtime/runtime.h"
#include "runtime/trace/trace.h"
#include "vm/interpreter/inspection.h"

struct rill_handle {
  Value value;
};

enum { API_HANDLES_PER_BLOCK = 64 };
typedef struct ApiHandleBlock {
  struct ApiHandleBlock *below, *above;
  struct rill_handle handles[API_HANDLES_PER_BLOCK];
  uint16_t generations[]; // of an isolate with checks: a number for each handle
} ApiHandleBlock;

typedef struct ApiText {
  struct ApiText *next;
  char bytes[];
} ApiText;

// Where the host made something; file NULL: it did not say.
typedef struct ApiPlace {
  const char *file;
  int line;
} ApiPlace;

typedef struct ApiChecks ApiChecks; // checks.h

struct rill_kept {
  GcHandle value;
  ApiPlace place;
  rill_kept *next, *previous;
};

struct rill_isolate {
  Runtime *rt;
  Isolate *iso;
  void *data;
  ApiHandleBlock *block; // the topmost in use
  uint32_t used;         // handles of it
  ApiText *texts;
  rill_kept *kept;
  ApiChecks *checks;         // rill_options.check; NULL: off
  struct Coverage *coverage; // rill_options.count_lines; owned; NULL: off
  Inspection inspection;     // rill_break_at's
  rill_hooks hooks;
  rill_module_hooks module_hooks;
  struct ApiModule *modules;   // rill_module_define's
  _Atomic bool call_requested; // rill_request_call
  uint32_t failures;           // calls that left an error
  rill_class *classes;         // all of them, freed with the isolate
  rill_error error;
  char *error_texts[5]; // owned
  GcRoot exception;     // EMPTY: none
  bool uncaught;        // on_uncaught was called
  bool ends;            // script was ended that a native function had called
  uv_timer_t deadline;  // rill_set_deadline's; closed with the loop
};

// Takes the pending exception as the error. Returns NULL.
rill_value api_fail(rill_isolate *);
// An error of the API's own. Returns NULL.
rill_value api_fail_host(rill_isolate *, const char *message);

// Misuse (checks.c): with rill_options.check each call asks whether it may be,
// and ends the process, naming the mistake, if not.
// Texts of errors: what getters throw is forgotten. malloc'ed; NULL: none.
char *api_property_text(Isolate *, Value error, PropertyKey);
char *api_describe(Isolate *, Value);
// A deadline or fuel that ran out would end the getters of errors, too, and
// without limits they might never end: they have a moment of their own.
typedef struct ApiLimits {
  uint64_t deadline;
  int64_t fuel;
} ApiLimits;
ApiLimits api_limit_getters(Isolate *);
void api_restore_limits(Isolate *, ApiLimits);

void api_free_classes(rill_isolate *);
void api_free_modules(rill_isolate *);
void api_free_breaks(rill_isolate *);
// The hooks of the runtime are the isolate's from now on.
void api_install_hooks(rill_isolate *);
// EmbedderHooks.load_module.
bool api_load_module(Runtime *, const ModuleLoadRequest *, Module **out);
// As rill_eval_module; NULL: what threw is pending.
rill_value api_run_module(rill_isolate *, Module *module_or_null);
// Borrowed; NULL: the code is of another goal than a module's.
Template *api_compiled_template(rill_compiled *);

void api_check_use(rill_isolate *, const char *function);
void api_check_open(rill_isolate *, const char *function); // on any thread
void api_check_free(rill_isolate *);
void api_check_scope_opened(rill_isolate *, rill_scope *, ApiPlace);
void api_check_scope_closed(rill_isolate *, const rill_scope *);
// A native function returned: `scopes` were open when it was called.
size_t api_check_scopes(rill_isolate *);
void api_check_returned(rill_isolate *, size_t scopes);
rill_value api_check_tag(rill_isolate *, rill_value);
rill_value api_check_untag(rill_isolate *, rill_value);

// Every function of the API begins with it: the calling thread is, or becomes,
// the heap's mutator.
#define api_use(api) api_use_in((api), __func__)
static inline void api_use_in(rill_isolate *api, const char *function) {
  if (unlikely(api->checks != NULL)) api_check_use(api, function);
  if (unlikely(api->rt->in_native)) rt_enter(api->rt);
}

// A new handle in the innermost scope; NULL: out of memory (an error is left).
rill_value api_handle_of_new_block(rill_isolate *, Value);
static inline rill_value api_handle(rill_isolate *api, Value value) {
  if (unlikely(api->used == API_HANDLES_PER_BLOCK)) {
    return api_handle_of_new_block(api, value);
  }
  rill_value handle = &api->block->handles[api->used++];
  handle->value = value;
  return unlikely(api->checks != NULL) ? api_check_tag(api, handle) : handle;
}
static inline Value api_value(rill_isolate *api, rill_value handle) {
  if (handle == NULL) return VALUE_UNDEFINED;
  if (unlikely(api->checks != NULL)) handle = api_check_untag(api, handle);
  return handle->value;
}
// A scope of the API's own.
typedef struct ApiMark {
  ApiHandleBlock *block;
  uint32_t used;
  ApiText *texts;
} ApiMark;
static inline ApiMark api_mark(const rill_isolate *api) {
  return (ApiMark){api->block, api->used, api->texts};
}
void api_free_texts(rill_isolate *, ApiText *until);
// Blocks above stay, for the next time.
static inline void api_cut_back(rill_isolate *api, ApiMark mark) {
  api->block = mark.block;
  api->used = mark.used;
  if (unlikely(api->texts != mark.texts)) api_free_texts(api, mark.texts);
}

static inline rill_value api_handle_of_cell(rill_isolate *api,
                                            const void *cell) {
  return cell == NULL ? api_fail(api) : api_handle(api, value_from_cell(cell));
}
static inline size_t api_text_length(const char *text, size_t length) {
  return length == RILL_TEXT_END ? strlen(text) : length;
}
// Versioned structs, which begin with their size: what the caller's has, and no
// more, is read or written. False: the size is not set, so limits that the
// caller put there would be ignored.
static inline bool VM_CHECKED api_copy_in(void *own, const void *given,
                                          size_t own_size) {
  size_t size = *(const size_t *)given;
  if (size < sizeof size) return false;
  memcpy(own, given, size < own_size ? size : own_size);
  return true;
}
static inline bool VM_CHECKED api_copy_out(void *given, const void *own,
                                           size_t own_size) {
  size_t size = *(size_t *)given;
  if (size < sizeof size) return false;
  memcpy(given, own, size < own_size ? size : own_size);
  *(size_t *)given = size;
  return true;
}
#define API_UNSIZED(function, initializer)                                     \
  function ": the struct's size is not set: begin with " initializer

// UTF-8 that lives as long as the scope. NULL: out of memory, the error.
const char *api_string_text(rill_isolate *, String *, size_t *length_or_null);
// rill_define_property, of a key that is known.
bool api_define_property(rill_isolate *, Object *, PropertyKey,
                         const rill_property *);
// The handle of a result; an EXCEPTION becomes the error, and NULL.
rill_value api_result(rill_isolate *, Value);
// What a callback of the embedder's returned; EXCEPTION: it threw, or a call
// that it made failed and it passes that on. `failures` as when it was called.
Value api_returned(rill_isolate *, rill_value, uint32_t failures);
// A call of the embedder's function for a script.
Value api_call_host(rill_isolate *, const NativeCall *, rill_function,
                    void *data);
// Slots of native functions hold addresses as Numbers.
static inline Value api_address_value(uintptr_t address) {
  return value_from_double((double)(intptr_t)address);
}
static inline uintptr_t api_address_of(Value value) {
  return (uintptr_t)(intptr_t)value_as_double(value);
}
// In-line copies of arguments, for calls without an allocation.
enum { API_FEW_ARGUMENTS = 8 };
// A call that may run scripts begins.
#define api_enter(api) api_enter_in((api), __func__)
static inline void api_begin(rill_isolate *api) {
  if (api->iso->frame == NULL) {
    api->uncaught = false;
    api->rt->exiting = false;
  }
}
static inline void api_enter_in(rill_isolate *api, const char *function) {
  api_use_in(api, function);
  api_begin(api);
}
// Its jobs run before the call returns to the embedder. False: a job failed,
// which is the error now.
static inline bool api_leave(rill_isolate *api) {
  // Called from within a native function: its caller runs the jobs.
  Runtime *rt = api->rt;
  Isolate *iso = api->iso;
  if (iso->frame != NULL || iso->native_depth != 0) return true;
  if (likely(rt_is_quiet(rt) && !rt->trace->watched)) {
    iso->async_context = VALUE_UNDEFINED;
  } else {
    rt_leave(rt, VALUE_UNDEFINED);
  }
  return !api->uncaught;
}
// What scripts gave, as rill_eval returns it; jobs run first.
rill_value api_finish_failed(rill_isolate *);
static inline rill_value api_finish(rill_isolate *api, Value result) {
  if (value_is_exception(result)) return api_finish_failed(api);
  rill_value handle = api_handle(api, result);
  return api_leave(api) ? handle : NULL;
}
// An isolate for an embedder with these options; and those that its own mean.
// NULL: out of memory or resources.
rill_isolate *api_isolate_new(const RuntimeOptions *);
// False: the options' size is not set.
bool api_runtime_options(const rill_options *, RuntimeOptions *out) VM_CHECKED;
char *api_text(rill_isolate *, const char *bytes, size_t length);

#endif
