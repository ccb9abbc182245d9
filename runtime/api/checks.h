// SPDX-License-Identifier: MIT
// What an isolate with rill_options.check remembers so that misuse of the API
// can be told from use. Handles of such an isolate carry the number of their
// making in the top 16 bits, which addresses leave free: a slot that is used
// again makes another handle.
#ifndef RILL_RUNTIME_API_CHECKS_H
#define RILL_RUNTIME_API_CHECKS_H

#include <pthread.h>

#include "runtime/api/api.h"

typedef struct ApiScopeRecord {
  const rill_scope *scope;
  ApiPlace place;
} ApiScopeRecord;

struct ApiChecks {
  pthread_t owner;
  bool is_closed;
  ApiScopeRecord *scopes; // that are open, outermost first
  size_t scope_count, scope_capacity;
  rill_isolate *next_closed;
};

// NULL: out of memory.
ApiChecks *api_checks_new(void);
// Says on standard error what is still open, with the places of its making.
void api_checks_report_leaks(rill_isolate *);
// The isolate is gone; the record stays, so that later calls are seen.
void api_checks_close(rill_isolate *);

#endif
