// SPDX-License-Identifier: MIT
// Unhandled rejections, as in Node: a promise rejected without a handler, and
// still without one when all jobs have run, ends the program unless the
// "unhandledRejection" event is listened to.
#include <stdlib.h>

#include "runtime/embedder.h"

// The promises, as a list of roots, with the contexts they were rejected in.
typedef struct Rejection {
  GcRoot promise, context;
  struct Rejection *next;
} Rejection;

Rejections *rt_rejections_new(void) {
  Rejections *list = calloc(1, sizeof *list);
  if (list == NULL) return NULL;
  list->last = &list->first;
  list->spare = calloc(1, sizeof *list->spare);
  if (list->spare != NULL) return list;
  free(list);
  return NULL;
}

// One is kept for a rejection without memory: it is not to go unnoticed.
static Rejection *new_rejection(Rejections *list) {
  Rejection *rejection = calloc(1, sizeof *rejection);
  if (rejection != NULL) return rejection;
  rejection = list->spare;
  list->spare = NULL;
  return rejection;
}

static void give_back(Rejections *list, Rejection *rejection) {
  if (list->spare != NULL) {
    free(rejection);
  } else {
    *rejection = (Rejection){0};
    list->spare = rejection;
  }
}

static Rejection *take_first(Runtime *rt, Rejections *list) {
  Rejection *rejection = list->first;
  list->first = rejection->next;
  if (list->first == NULL) list->last = &list->first;
  gc_root_remove(rt->isolate->heap, &rejection->promise);
  gc_root_remove(rt->isolate->heap, &rejection->context);
  return rejection;
}

void rt_rejections_drop(Runtime *rt) {
  while (rt->rejections->first != NULL)
    give_back(rt->rejections, take_first(rt, rt->rejections));
}

void rt_rejections_free(Runtime *rt) {
  if (rt->rejections == NULL) return;
  rt_rejections_drop(rt);
  free(rt->rejections->spare);
  free(rt->rejections);
}

void rt_rejection_event(Runtime *rt, PromiseRejectionEvent event, Value promise,
                        Value reason) {
  Rejections *list = rt->rejections;
  if (rt->ignore_rejections) return;
  if (event == PROMISE_REJECTED_WITHOUT_HANDLER) {
    Rejection *rejection = new_rejection(list);
    if (rejection == NULL) return;
    gc_root_add(rt->isolate->heap, &rejection->promise, promise);
    gc_root_add(rt->isolate->heap, &rejection->context,
                rt->isolate->async_context);
    *list->last = rejection;
    list->last = &rejection->next;
    return;
  }
  for (Rejection **at = &list->first; *at != NULL; at = &(*at)->next) {
    if ((*at)->promise.word != promise) continue;
    Rejection *rejection = *at;
    *at = rejection->next;
    if (*at == NULL) list->last = at;
    gc_root_remove(rt->isolate->heap, &rejection->promise);
    gc_root_remove(rt->isolate->heap, &rejection->context);
    give_back(list, rejection);
    return;
  }
}

void rt_rejections_process(Runtime *rt) {
  Isolate *iso = rt->isolate;
  while (rt->rejections->first != NULL && !rt->exiting) {
    Promise *promise =
        (Promise *)value_as_cell(rt->rejections->first->promise.word);
    iso->async_context = rt->rejections->first->context.word;
    give_back(rt->rejections, take_first(rt, rt->rejections));
    if (rt->embedder_hooks != NULL &&
        rt->embedder_hooks->rejection(rt, value_from_cell(promise),
                                      promise->result))
      continue;
    if (value_is_object(rt->event_handler.word)) {
      Value arguments[] = {
          value_from_cell(vm_atom_from_c("unhandledRejection")),
          promise->result, value_from_cell(promise)};
      Value handled =
          vm_call(iso, rt->event_handler.word, VALUE_UNDEFINED, 3, arguments);
      if (value_is_exception(handled)) {
        rt_uncaught(rt);
        continue;
      }
      if (vm_to_boolean(handled)) continue;
    }
    Value reason = promise->result;
    if (!value_is_kind(reason, CELL_ERROR)) {
      char shown[200];
      vm_describe(iso, reason, shown, sizeof shown);
      vm_throw_error(iso, ERROR_ERROR,
                     "This error originated either by throwing inside of an "
                     "async function without a catch block, or by rejecting a "
                     "promise which was not handled with .catch(). The promise "
                     "rejected with the reason \"%s\".",
                     shown);
      rt_uncaught(rt);
    } else {
      vm_throw(iso, reason);
      rt_uncaught(rt);
    }
  }
}
