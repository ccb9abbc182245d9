// SPDX-License-Identifier: MIT
// What the files of the public API share. Handles are words of a stack that
// scopes cut back, and that is traced as a whole; texts hang on a list that
// they cut back as well.
#ifndef RILL_RUNTIME_API_API_H
#define RILL_RUNTIME_API_API_H

#include "rill.h"
#include "runtime/runtime.h"

struct rill_handle {
  Value value;
};

enum { API_HANDLES_PER_BLOCK = 64 };
typedef struct ApiHandleBlock {
  struct ApiHandleBlock *below, *above;
  struct rill_handle handles[API_HANDLES_PER_BLOCK];
} ApiHandleBlock;

typedef struct ApiText {
  struct ApiText *next;
  char bytes[];
} ApiText;

struct rill_kept {
  GcHandle value;
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
  rill_error error;
  char *error_texts[5]; // owned
  GcRoot exception;     // EMPTY: none
  bool uncaught;        // on_uncaught was called
  uv_timer_t deadline;  // rill_set_deadline's; closed with the loop
};

// A new handle in the innermost scope; NULL: out of memory (an error is left).
rill_value api_handle_of_new_block(rill_isolate *, Value);
static inline rill_value api_handle(rill_isolate *api, Value value) {
  if (unlikely(api->used == API_HANDLES_PER_BLOCK)) {
    return api_handle_of_new_block(api, value);
  }
  rill_value handle = &api->block->handles[api->used++];
  handle->value = value;
  return handle;
}
static inline Value api_value(rill_value handle) {
  return handle == NULL ? VALUE_UNDEFINED : handle->value;
}
// The handle of a result; an EXCEPTION becomes the error, and NULL.
rill_value api_result(rill_isolate *, Value);
// What a callback of the embedder's returned; EXCEPTION: it threw, or a call
// that it made failed and it passes that on.
Value api_returned(rill_isolate *, rill_value);
// Takes the pending exception as the error. Returns NULL.
rill_value api_fail(rill_isolate *);
// An error of the API's own. Returns NULL.
rill_value api_fail_host(rill_isolate *, const char *message);
// The thread enters the isolate; its jobs run before the call returns to the
// embedder. False: a job failed, which is the error now.
// In-line copies of arguments, for calls without an allocation.
enum { API_FEW_ARGUMENTS = 8 };
void api_enter(rill_isolate *);
// What scripts gave, as rill_eval returns it; jobs run first.
rill_value api_finish(rill_isolate *, Value);
// An isolate for an embedder with these options; and those that its own mean.
// NULL: out of memory or resources.
rill_isolate *api_isolate_new(const RuntimeOptions *);
void api_runtime_options(const rill_options *, RuntimeOptions *out);
bool api_leave(rill_isolate *);
char *api_text(rill_isolate *, const char *bytes, size_t length);

#endif
