// SPDX-License-Identifier: MIT
// What the runtime asks its embedder. All of it on the isolate's thread.
#ifndef RILL_RUNTIME_EMBEDDER_H
#define RILL_RUNTIME_EMBEDDER_H

#include "runtime/runtime.h"

typedef struct EmbedderHooks {
  // The module of a request: true if the embedder answers it, with NULL if that
  // threw.
  bool (*load_module)(Runtime *, const ModuleLoadRequest *, Module **out);
  // Takes what scripts print; false: it goes where it always goes.
  bool (*output)(Runtime *, bool to_error, const char *bytes, size_t length);
  // A rejection without a handler; true: nothing more is to be done.
  bool (*rejection)(Runtime *, Value promise, Value reason);
  // INTERRUPT_HOST was asked for. False: terminate the script.
  bool (*interrupt)(Runtime *);
} EmbedderHooks;

#endif
