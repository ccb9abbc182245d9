// SPDX-License-Identifier: MIT
// Isolates that begin alike: code that is compiled once, and run in each.
#include "rill/prepared.h"

#include <stdlib.h>

#include "runtime/api/api.h"
#include "runtime/io/grants.h"

struct rill_prepared {
  _Atomic uint32_t references;
  rill_options isolate;
  bool (*set_up)(rill_isolate *, void *);
  void *data;
  uint64_t timeout_ms;
  rill_compiled *code; // NULL: none
};

void rill_prepared_retain(rill_prepared *p) {
  atomic_fetch_add_explicit(&p->references, 1, memory_order_relaxed);
}

void rill_prepared_release(rill_prepared *p) {
  if (p == NULL ||
      atomic_fetch_sub_explicit(&p->references, 1, memory_order_acq_rel) != 1)
    return;
  rt_grants_release(p->isolate.grants);
  rill_compiled_release(p->code);
  free(p);
}

static bool run(rill_isolate *iso, const rill_prepared *p) {
  if (p->set_up != NULL && !p->set_up(iso, p->data)) {
    if (vm_has_exception(iso->iso)) api_fail(iso); // it threw
    return false;
  }
  if (p->code == NULL) return true;
  if (p->timeout_ms != 0) rill_set_deadline(iso, p->timeout_ms);
  rill_scope scope;
  rill_scope_open(iso, &scope);
  rill_value promise = rill_run_compiled(iso, p->code);
  bool done = promise != NULL && rill_await(iso, promise) != NULL;
  rill_scope_close(iso, &scope);
  if (done && p->timeout_ms != 0) rill_set_deadline(iso, 0);
  return done;
}

// Frees the isolate, which a call failed in.
static void give_up(rill_isolate *iso, rill_error_record **error) {
  if (error != NULL) *error = rill_copy_error(iso);
  rill_isolate_free(iso);
}

rill_isolate *rill_isolate_start(rill_prepared *p, rill_error_record **error) {
  if (error != NULL) *error = NULL;
  rill_isolate *iso = rill_isolate_new(&p->isolate);
  if (iso == NULL || run(iso, p)) return iso;
  give_up(iso, error);
  return NULL;
}

rill_prepared *rill_prepare(const rill_prepared_options *given,
                            rill_error_record **error) {
  rill_prepared_options o = RILL_PREPARED_OPTIONS_INIT;
  if (error != NULL) *error = NULL;
  if (!api_copy_in(&o, given, sizeof o)) return NULL;
  rill_prepared *p = calloc(1, sizeof *p);
  if (p == NULL) return NULL;
  p->references = 1;
  p->isolate = (rill_options)RILL_OPTIONS_INIT;
  if (o.isolate != NULL &&
      !api_copy_in(&p->isolate, o.isolate, sizeof p->isolate)) {
    free(p);
    return NULL;
  }
  p->isolate.size = sizeof p->isolate;
  rt_grants_retain(p->isolate.grants);
  p->set_up = o.set_up;
  p->data = o.data;
  p->timeout_ms = o.timeout_ms;
  rill_isolate *iso = rill_isolate_new(&p->isolate);
  if (iso != NULL) {
    if (o.source != NULL)
      p->code = rill_compile(iso, RILL_GOAL_ASYNC, o.source, o.length,
                             o.name == NULL ? "bootstrap" : o.name);
    bool done = (o.source == NULL || p->code != NULL) && run(iso, p);
    if (done) {
      rill_isolate_free(iso);
      return p;
    }
    give_up(iso, error);
  }
  rill_prepared_release(p);
  return NULL;
}
