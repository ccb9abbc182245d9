// SPDX-License-Identifier: MIT
// The list is short: the isolates that have made a BroadcastChannel. Only those
// of one family hear each other: an isolate, and those that scripts started
// from it; not what else the host of the process runs.
#include "runtime/tasks/broadcast.h"

#include <pthread.h>
#include <stdlib.h>

#include "runtime/modules/native_modules.h"
#include "runtime/tasks/sync_handles.h"
#include "vm/objects/array.h"

typedef struct Peer {
  struct Peer *next;
  Isolate *isolate;
  uint64_t family;
  const SyncType *type; // of the sender
  void *sender;
} Peer;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Peer *peers; // under the lock

// NULL: threw.
static SyncHandle *sender_of(Isolate *iso, const NativeCall *call) {
  Value sender = native_argument(call, 0);
  if (value_is_kind(sender, CELL_HOST_OBJECT)) {
    const HostObject *o = (HostObject *)value_as_cell(sender);
    SyncHandle *h = rt_is_sync_handle(o) ? rt_sync_handle_of(o) : NULL;
    if (h != NULL && h->type->share != NULL) return h;
  }
  vm_throw_type_value(iso, "%s is no open sender", sender);
  return NULL;
}

// join(sender): once an isolate.
static Value join(Isolate *iso, const NativeCall *call) {
  const SyncHandle *h = sender_of(iso, call);
  if (h == NULL) return VALUE_EXCEPTION;
  Peer *peer = malloc(sizeof *peer);
  void *sender = peer == NULL ? NULL : h->type->share(h->object);
  if (sender == NULL) {
    free(peer);
    return vm_throw_out_of_memory(iso);
  }
  *peer = (Peer){.isolate = iso,
                 .family = rt_of(iso)->options.family,
                 .type = h->type,
                 .sender = sender};
  pthread_mutex_lock(&lock);
  peer->next = peers;
  peers = peer;
  pthread_mutex_unlock(&lock);
  return VALUE_UNDEFINED;
}

// Shares of the others' senders: their number, or -1: no memory.
static int take_others(Isolate *iso, SyncHandle **out) {
  int count = 0;
  uint64_t family = rt_of(iso)->options.family;
  pthread_mutex_lock(&lock);
  for (const Peer *p = peers; p != NULL; p = p->next)
    count++;
  SyncHandle *list = calloc((size_t)count + 1, sizeof *list);
  count = list == NULL ? -1 : 0;
  for (const Peer *p = peers; p != NULL && list != NULL; p = p->next) {
    if (p->isolate == iso || p->family != family) continue;
    void *sender = p->type->share(p->sender);
    if (sender != NULL)
      list[count++] = (SyncHandle){.type = p->type, .object = sender};
  }
  pthread_mutex_unlock(&lock);
  *out = list;
  return count;
}

// others(): senders to the other isolates, for the caller to close.
static Value others(Isolate *iso, const NativeCall *call) {
  SyncHandle *list;
  int count = take_others(iso, &list);
  if (count < 0) return vm_throw_out_of_memory(iso);
  Array *array = vm_array_new(iso, 0);
  for (int i = 0; i < count; i++) {
    HostObject *o = rt_sync_handle_new(iso, list[i].type, list[i].object);
    if (o == NULL || array == NULL) {
      array = NULL; // the rest is given up as well
    } else if (!vm_array_push(iso, array, value_from_cell(o))) {
      array = NULL;
    }
  }
  free(list);
  return array == NULL ? VALUE_EXCEPTION : value_from_cell(array);
}

void rt_broadcast_leave(Runtime *rt) {
  Peer *gone = NULL;
  pthread_mutex_lock(&lock);
  for (Peer **at = &peers; *at != NULL; at = &(*at)->next) {
    if ((*at)->isolate != rt->isolate) continue;
    gone = *at;
    *at = gone->next;
    break;
  }
  pthread_mutex_unlock(&lock);
  if (gone == NULL) return;
  gone->type->release(gone->sender);
  free(gone);
}

static const NativeExport broadcast_exports[] = {
    {"join", join, 1},
    {"others", others, 0},
};
const NativeModule rt_broadcast_module =
    NATIVE_MODULE("rill:internal/broadcast", broadcast_exports);
