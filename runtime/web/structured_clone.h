// SPDX-License-Identifier: MIT
// Structured clone (WHATWG HTML 2.7): a value becomes a Clone, plain bytes that
// belong to no heap, and a Clone becomes a value, of the same isolate or of
// another one on any thread. Transferred buffers move with the Clone, shared
// bytes are counted.
//
// Objects of the web's classes (platform objects) are cloned or transferred by
// hooks in the language: rt_platform_mark ties them to a prototype. All other
// objects that inherit from a marked prototype cannot be cloned.
#ifndef RILL_RUNTIME_WEB_STRUCTURED_CLONE_H
#define RILL_RUNTIME_WEB_STRUCTURED_CLONE_H

#include "vm/bytecode/template.h"
#include "vm/objects/buffer.h"

// An ArrayBuffer's bytes on their way.
typedef struct CloneBuffer {
  uint8_t *bytes;
  size_t length, max_length;
  bool is_resizable;
  BufferRelease *release;
  void *release_data;
} CloneBuffer;

// An environment of captured variables.
typedef struct CloneEnvironment {
  uint32_t slot_count;
  uint32_t parent; // its number + 1; 0: none that is needed
} CloneEnvironment;

typedef struct Clone {
  uint8_t *bytes; // malloc'ed
  size_t length, capacity;
  size_t transfer_start; // what is transferred: behind the value
  CloneBuffer *buffers;  // transferred ones
  uint32_t buffer_count;
  SharedBytes **shared; // a reference each
  uint32_t shared_count;
  Template **templates; // of functions, and their modules'; a reference each
  uint32_t template_count;
  size_t *modules; // where those are in `bytes` whose imports functions use
  uint32_t module_count;
  struct SyncHandle **handles; // tasks/sync_handles.h; a reference each
  uint32_t handle_count;
  CloneEnvironment *environments;
  uint32_t environment_count;
  bool keeps_apart; // the receiver's own classes are not to be taken for these
  struct InFlight *account; // that it counts on, until it is freed; or NULL
  size_t charged;           // there, shared bytes apart
} Clone;

// StructuredSerializeWithTransfer: `transfer` is an Array of objects, or NULL.
// False: threw, a DataCloneError that names the path to what cannot be cloned;
// nothing is left to free.
bool rt_clone_serialize(Isolate *, Value, Array *transfer,
                        Clone *out) VM_CHECKED;
// StructuredDeserializeWithTransfer; once for each Clone, which must still be
// freed. *transferred (may be NULL) gets the objects of the transfer list.
Value rt_clone_deserialize(Isolate *, Clone *, Array **transferred) VM_CHECKED;
// What goes along with values beside data.
typedef enum {
  CLONE_DATA,      // nothing: the web's rules
  CLONE_FUNCTIONS, // functions, with the variables that they capture, classes
                   // with their members, and symbols
  CLONE_CODE,      // and instances keep their class
} CloneScope;
// Several values as one clone: what they share stays shared. `note` names a
// part in errors; NULL: the part is what is cloned.
typedef struct ClonePart {
  Value value;
  const char *note;
} ClonePart;
bool rt_clone_serialize_parts(Isolate *, const ClonePart *, uint32_t count,
                              Array *transfer, CloneScope,
                              Clone *out) VM_CHECKED;
// The template of a script's function that has no members of its own and
// nothing unusual about it: if its code captures nothing either, any function
// of that template is as good. NULL: it is something else.
const Template *rt_clone_template_alone(Isolate *, Value function);
// What comes along with values; NULL: nothing.
typedef struct CloneArrivals {
  Array *pending; // promises of modules that functions import: to be awaited
                  // before those are called
  Array *handles; // host objects of rill:sync
} CloneArrivals;
// *arrivals and *transferred may be NULL.
bool rt_clone_deserialize_parts(Isolate *, Clone *, Value *parts,
                                uint32_t count, Array **transferred,
                                CloneArrivals *arrivals) VM_CHECKED;
// The memory that it takes, shared bytes apart.
size_t rt_clone_bytes(const Clone *);
// From now on and until it is freed it counts on this account of what is on its
// way (tasks/in_flight.h), or, NULL, on none. False: past the limit; it counts
// on none.
bool rt_clone_charge(Clone *, struct InFlight *);
void rt_clone_discharge(Clone *);
// The isolate sends it: it counts on its account. False: past the limit, also
// without what is garbage; threw, and it is freed.
bool rt_clone_send(Isolate *, Clone *) VM_CHECKED;
// The isolate has it as a part of its heap: all but shared bytes is counted
// there. False: as rt_clone_send.
bool rt_clone_hold(Isolate *, Clone *) VM_CHECKED;
// Frees what nobody received, too. Any thread.
void rt_clone_free(Clone *);

// The objects of rill:internal/clone's serialize: one that takes the Clone over
// (EXCEPTION: threw, it is freed), and what one holds, which is empty then.
Value rt_clone_object_new(Isolate *, Clone *) VM_CHECKED;
void rt_clone_object_take(Value object, Clone *out);

// Makes a DOMException of the web's names pending. Formats: printf's.
Value rt_throw_dom_exception(Isolate *, const char *name, const char *format,
                             ...) __attribute__((format(printf, 3, 4)));

// The mark of a class: an object with the hooks, or null. See
// modules/lib/web/idl.js.
Symbol *rt_platform_symbol(Isolate *);

// How a Clone's bytes are read: a tag, then what it says. Numbers are
// little-endian base-128. Every object but the ones of CLONE_REFERENCE gets the
// next number from 0 on, in the order of its tag (a view: behind its buffer).
typedef enum {
  CLONE_UNDEFINED,
  CLONE_NULL,
  CLONE_TRUE,
  CLONE_FALSE,
  CLONE_INT,    // zigzag number
  CLONE_DOUBLE, // 8 bytes
  CLONE_BIGINT, // sign, limb count, limbs
  CLONE_LATIN1, // length, units
  CLONE_UTF16,
  CLONE_KNOWN_NAME,       // of a property: its number, names counted from 0
  CLONE_INDEX,            // of a property
  CLONE_REFERENCE,        // an object's number
  CLONE_PRIMITIVE,        // a primitive's object: the primitive
  CLONE_DATE,             // 8 bytes
  CLONE_REGEXP,           // source, flags
  CLONE_BUFFER,           // length, bytes
  CLONE_RESIZABLE_BUFFER, // maximal length, length, bytes
  CLONE_MOVED_BUFFER,     // its place in Clone.buffers
  CLONE_SHARED_BUFFER,    // its place in Clone.shared
  CLONE_VIEW,  // ElementKind or CLONE_DATA_VIEW, buffer, offset, length + 1, or
               // 0: it tracks the buffer's length
  CLONE_ARRAY, // length, count of dense elements, those, properties, CLONE_END
  CLONE_OBJECT,   // properties, CLONE_END
  CLONE_MAP,      // keys and values in turn, CLONE_END
  CLONE_SET,      // values, CLONE_END
  CLONE_ERROR,    // ErrorType, message, stack, cause: each CLONE_HOLE if absent
  CLONE_PLATFORM, // module, kind, data
  CLONE_MOVED,    // the same, transferred
  CLONE_HOLE,
  CLONE_END,
  // With code only (clone_functions.c).
  CLONE_FUNCTION,
  CLONE_WHOLE_OBJECT, // prototype, members
  CLONE_INSTANCE,     // prototype, properties, CLONE_END, private members
  CLONE_DERIVED,      // prototype, the value as another of its kind, members
  CLONE_PROTOTYPE_OF, // a constructor that goes by name
  CLONE_OF_CLASS,     // a class, and its prototype; or a buffer, and its view
  CLONE_INTRINSIC,    // its number
  CLONE_GLOBAL,       // "Math.sqrt"
  CLONE_EXPORT,       // of a builtin module: its name, the export's
  CLONE_HANDLE,       // its place in Clone.handles
  CLONE_SYMBOL,       // 0: well-known, number; 1: of the registry, key; 2: its
                      // flags, description
} CloneTag;
enum { CLONE_DATA_VIEW = ELEMENT_KIND_COUNT };

#endif
