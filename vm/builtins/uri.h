// SPDX-License-Identifier: MIT
// The URI functions and escape, unescape.
#ifndef RILL_VM_BUILTINS_URI_H
#define RILL_VM_BUILTINS_URI_H

#include "vm/objects/isolate.h"

enum { URI_WHOLE, URI_COMPONENT }; // the magic of encode and decode
Value vm_uri_encode(Isolate *, const NativeCall *);
Value vm_uri_decode(Isolate *, const NativeCall *);
Value vm_uri_escape(Isolate *, const NativeCall *);
Value vm_uri_unescape(Isolate *, const NativeCall *);

#endif
