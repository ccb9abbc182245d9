// SPDX-License-Identifier: MIT
// A Clone is read once or several times (broadcasts): what can be shared is
// shared anew at each reading, what moves is moved by the first.
#include "runtime/tasks/sync_handles.h"

#include <stdlib.h>

#include "vm/objects/operations.h"

static const char host_type[] = "SyncHandle";

static void finalize(void *data) {
  if (data != NULL) rt_sync_handle_release(data);
}

static SyncHandle *new_handle(const SyncType *type, void *object) {
  SyncHandle *h = object == NULL ? NULL : malloc(sizeof *h);
  if (h != NULL) {
    *h = (SyncHandle){1, type, object};
  } else if (object != NULL) {
    type->release(object);
  }
  return h;
}

HostObject *rt_sync_handle_new(Isolate *iso, const SyncType *type,
                               void *object) {
  SyncHandle *h = new_handle(type, object);
  if (h == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  return vm_host_object_new(iso, host_type, h, finalize);
}

bool rt_is_sync_handle(const HostObject *o) {
  return o->type == host_type;
}

SyncHandle *rt_sync_handle_of(const HostObject *o) {
  return o->data;
}

SyncHandle *rt_sync_argument(Isolate *iso, const NativeCall *call,
                             const SyncType *type, const SyncType *other) {
  Value value = native_argument(call, 0);
  SyncHandle *h = NULL;
  if (value_is_kind(value, CELL_HOST_OBJECT) &&
      rt_is_sync_handle((HostObject *)value_as_cell(value)))
    h = rt_sync_handle_of((HostObject *)value_as_cell(value));
  if (likely(h != NULL && (h->type == type || h->type == other))) return h;
  vm_throw_type(iso, "It is closed, or belongs to another thread");
  return NULL;
}

void rt_sync_handle_release(SyncHandle *h) {
  if (--h->references > 0) return;
  if (h->object != NULL) h->type->release(h->object);
  free(h);
}

Tri rt_sync_handle_take(Isolate *iso, HostObject *o, SyncHandle **out) {
  SyncHandle *h = o->data;
  if (h == NULL) return 0;
  if (h->type->share != NULL) {
    *out = new_handle(h->type, h->type->share(h->object));
    if (*out != NULL) return 1;
    vm_throw_out_of_memory(iso);
    return TRI_THREW;
  }
  if (h->references > 1) return 0;
  o->data = NULL;
  *out = h;
  return 1;
}

HostObject *rt_sync_handle_object(Isolate *iso, const SyncHandle *from) {
  SyncHandle *h = (SyncHandle *)from;
  void *object = NULL;
  if (h->type->share != NULL) {
    object = h->type->share(h->object);
  } else {
    object = h->object;
    h->object = NULL;
  }
  if (object == NULL) {
    vm_throw_error(iso, ERROR_ERROR, "A %s was received twice", h->type->name);
    return NULL;
  }
  return rt_sync_handle_new(iso, h->type, object);
}

void rt_sync_handle_close(HostObject *o) {
  SyncHandle *h = o->data;
  o->data = NULL;
  if (h != NULL) rt_sync_handle_release(h);
}
