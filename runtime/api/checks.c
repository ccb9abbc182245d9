// SPDX-License-Identifier: MIT
// Misuse of the API, in isolates that are asked to look for it: each mistake
// ends the process with a line that names it.
#include "runtime/api/checks.h"

#include <stdio.h>
#include <stdlib.h>

#include "vm/objects/host_object.h"

enum { TAG_SHIFT = 48 };

static _Noreturn void misuse(const char *function, const char *mistake,
                             const ApiPlace *place) {
  fprintf(stderr, "rill: misuse of the API: %s%s%s", function,
          function[0] == 0 ? "" : ": ", mistake);
  if (place != NULL && place->file != NULL)
    fprintf(stderr, " (%s:%d)", place->file, place->line);
  fputc('\n', stderr);
  abort();
}

ApiChecks *api_checks_new(void) {
  ApiChecks *checks = calloc(1, sizeof *checks);
  if (checks != NULL) checks->owner = pthread_self();
  return checks;
}

void api_check_use(rill_isolate *api, const char *function) {
  const ApiChecks *checks = api->checks;
  if (checks->is_closed) misuse(function, "the isolate has been freed", NULL);
  if (!pthread_equal(checks->owner, pthread_self()))
    misuse(function, "called by another thread than the isolate's", NULL);
  if (vm_host_finalizers_running != 0)
    misuse(function, "called by a finalizer", NULL);
}

void api_check_open(rill_isolate *api, const char *function) {
  if (api->checks->is_closed)
    misuse(function, "the isolate has been freed", NULL);
}

void api_check_free(rill_isolate *api) {
  api_check_use(api, "rill_isolate_free");
  if (api->iso->frame != NULL || api->iso->native_depth != 0)
    misuse("rill_isolate_free", "called by a native function of the isolate",
           NULL);
}

rill_value api_check_tag(rill_isolate *api, rill_value handle) {
  uint16_t *generation = &api->block->generations[handle - api->block->handles];
  if (++*generation == 0) *generation = 1;
  return (rill_value)((uintptr_t)handle | (uintptr_t)*generation << TAG_SHIFT);
}

rill_value api_check_untag(rill_isolate *api, rill_value tagged) {
  uintptr_t generation = (uintptr_t)tagged >> TAG_SHIFT;
  uintptr_t address = (uintptr_t)tagged & (((uintptr_t)1 << TAG_SHIFT) - 1);
  ApiHandleBlock *block = api->block;
  while (block->above != NULL)
    block = block->above;
  bool is_above = block != api->block;
  for (; block != NULL; block = block->below) {
    if (block == api->block) is_above = false;
    uintptr_t first = (uintptr_t)block->handles;
    if (address < first || address >= first + sizeof block->handles) continue;
    size_t index = (address - first) / sizeof block->handles[0];
    if (is_above || block->generations[index] != generation ||
        (block == api->block && index >= api->used))
      misuse("", "a handle is used after its scope was closed", NULL);
    return &block->handles[index];
  }
  misuse("", "a value that is no handle of this isolate", NULL);
}

void api_check_scope_opened(rill_isolate *api, rill_scope *scope,
                            ApiPlace place) {
  ApiChecks *checks = api->checks;
  if (checks->scope_count == checks->scope_capacity) {
    size_t capacity = checks->scope_capacity * 2 + 16;
    ApiScopeRecord *grown =
        realloc(checks->scopes, capacity * sizeof *checks->scopes);
    if (grown == NULL) misuse("rill_scope_open", "out of memory", &place);
    checks->scopes = grown;
    checks->scope_capacity = capacity;
  }
  checks->scopes[checks->scope_count++] = (ApiScopeRecord){scope, place};
}

void api_check_scope_closed(rill_isolate *api, const rill_scope *scope) {
  ApiChecks *checks = api->checks;
  const ApiScopeRecord *top = checks->scope_count == 0
                                  ? NULL
                                  : &checks->scopes[checks->scope_count - 1];
  if (top == NULL) misuse("rill_scope_close", "no scope is open", NULL);
  if (top->scope != scope)
    misuse("rill_scope_close",
           "scopes close in the reverse order of opening; still open is one "
           "made at",
           &top->place);
  checks->scope_count--;
}

size_t api_check_scopes(rill_isolate *api) {
  return api->checks->scope_count;
}

void api_check_returned(rill_isolate *api, size_t scopes) {
  const ApiChecks *checks = api->checks;
  if (checks->scope_count > scopes)
    misuse("", "a native function returned without closing its scope",
           &checks->scopes[checks->scope_count - 1].place);
}

void api_checks_report_leaks(rill_isolate *api) {
  const ApiChecks *checks = api->checks;
  for (size_t i = 0; i < checks->scope_count; i++) {
    ApiPlace place = checks->scopes[i].place;
    fprintf(stderr, "rill: a scope is still open: %s:%d\n", place.file,
            place.line);
  }
  for (const rill_kept *kept = api->kept; kept != NULL; kept = kept->next)
    fprintf(stderr, "rill: a value is still kept: %s:%d\n", kept->place.file,
            kept->place.line);
}

// They can be reached, so that leak checkers do not take them for lost.
static rill_isolate *closed;
static pthread_mutex_t closed_lock = PTHREAD_MUTEX_INITIALIZER;

void api_checks_close(rill_isolate *api) {
  ApiChecks *checks = api->checks;
  free(checks->scopes);
  checks->scopes = NULL;
  checks->scope_count = checks->scope_capacity = 0;
  checks->is_closed = true;
  pthread_mutex_lock(&closed_lock);
  checks->next_closed = closed;
  closed = api;
  pthread_mutex_unlock(&closed_lock);
}
