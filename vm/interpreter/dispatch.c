// SPDX-License-Identifier: MIT
// The dispatch loop: every instruction of vm/bytecode/instructions.def.
//
// Four locals hold the machine's state: pc (the instruction being run), r (the
// frame's registers, the header just below them), code and iso. A frame's pc is
// written back before everything that can call, throw or collect. Whatever is
// not a fast path is a function elsewhere (calls.h), noinline, so that the
// compiler keeps the four locals in registers.
//
// Calls in the language push a frame and go on in the same loop; C code that
// calls back starts a loop of its own.
#include "vm/builtins/disposable_stack.h"
#include "vm/interpreter/calls.h"
#include "vm/interpreter/io.h"
#include "vm/interpreter/megamorphic.h"
#include "vm/interpreter/modules.h"
#include "vm/interpreter/optimized.h"
#include "vm/interpreter/run.h"
#include "vm/interpreter/typed_access.h"
#include "vm/objects/number_math.h"
#include <stdio.h>
#include <stdlib.h>

#define FRAME() frame_of_registers(r)
#define SAVE_PC() (FRAME()->pc = pc)
#define DISPATCH() goto *labels[pc->op]
#define NEXT(words)                                                            \
  do {                                                                         \
    pc += (words);                                                             \
    DISPATCH();                                                                \
  } while (0)
#define CHECK(condition)                                                       \
  do {                                                                         \
    if (unlikely(!(condition))) goto exception;                                \
  } while (0)
#define CHECK_VALUE(v)                                                         \
  do {                                                                         \
    if (value_is_exception(v)) goto exception;                                 \
  } while (0)
#define X_WORD() (pc[1].word)
#define CASE(name) L_##name:
#define SLOW_CALL __attribute__((noinline, cold))

static inline Environment *environment_of(Value v) {
  return value_is_cell(v) ? (Environment *)value_as_cell(v) : NULL;
}

// One step of the budget. A lost race with another thread's write of 0 only
// delays the stop: `interrupt` is set before.
static inline bool budget_is_up(Isolate *iso) {
  int32_t left = atomic_load_explicit(&iso->budget, memory_order_relaxed) - 1;
  atomic_store_explicit(&iso->budget, left, memory_order_relaxed);
  return unlikely(left <= 0);
}

// Boxes the result of arithmetic on Values: no NaN that such operands give has
// the int32 tag, so no check is needed.
static inline Value box_arithmetic(double d) {
  uint64_t bits;
  memcpy(&bits, &d, sizeof bits);
  return bits + VALUE_DOUBLE_OFFSET;
}
// Two doubles are told by the subtraction that unboxes them.
#define DOUBLE_LIMIT (VALUE_NUMBER_TAG - VALUE_DOUBLE_OFFSET)
static inline bool unbox_doubles(Value x, Value y, double *left,
                                 double *right) {
  uint64_t left_bits = x - VALUE_DOUBLE_OFFSET;
  uint64_t right_bits = y - VALUE_DOUBLE_OFFSET;
  memcpy(left, &left_bits, sizeof *left);
  memcpy(right, &right_bits, sizeof *right);
  return left_bits < DOUBLE_LIMIT && right_bits < DOUBLE_LIMIT;
}
static inline bool both_numbers(Value a, Value b) {
  return value_is_number(a) && value_is_number(b);
}

// x === y without looking into strings and BigInts; -1: that has to be done.
static inline int strict_equals_quickly(Value x, Value y) {
  if (x == y)
    return !value_is_double(x) || value_as_double(x) == value_as_double(x);
  if (value_both_int(x, y)) return 0;
  if (both_numbers(x, y)) return value_as_number(x) == value_as_number(y);
  if (!value_is_cell(x) || !value_is_cell(y)) return 0;
  uint8_t kind = value_as_cell(x)->kind;
  if (kind != value_as_cell(y)->kind) return 0;
  if (kind == CELL_STRING) {
    String *s = value_as_string(x), *t = value_as_string(y);
    if (string_length(s) != string_length(t)) return 0;
    if (s->cell.flags & t->cell.flags & STRING_INTERNED) return 0;
    return -1;
  }
  return kind == CELL_BIGINT ? -1 : 0;
}

// ToBoolean; -1: ask vm_to_boolean.
static inline int truth_quickly(Value v) {
  if (value_is_boolean(v)) return value_as_bool(v);
  if (value_is_int(v)) return value_as_int(v) != 0;
  if (value_is_cell(v)) {
    if (value_as_cell(v)->kind == CELL_STRING)
      return string_length(value_as_string(v)) != 0;
    if (value_as_cell(v)->kind >= CELL_FIRST_OBJECT)
      return !(value_as_cell(v)->flags & OBJECT_IS_HTMLDDA);
    return -1;
  }
  if (value_is_nullish(v)) return 0;
  return -1;
}
static inline bool truth(Value v) {
  int t = truth_quickly(v);
  return likely(t >= 0) ? t : vm_to_boolean(v);
}

// A load through a cache entry whose shape matched. False: the general way.
static inline bool load_entry(const CacheEntry *e, Object *o, Value *out) {
  unsigned kind = e->kind;
  if (likely(kind == IC_OWN_INLINE)) {
    *out = *(Value *)((char *)o + e->offset);
    return true;
  }
  if (kind == IC_PROTOTYPE_INLINE) {
    if (unlikely(!validity_holds(e->validity))) return false;
    *out = *(Value *)((char *)e->holder + e->offset);
    return true;
  }
  if (kind == IC_PROTOTYPE_SLOTS) {
    if (unlikely(!validity_holds(e->validity))) return false;
    *out = *(Value *)((char *)e->holder->slots + e->offset);
    return true;
  }
  if (kind == IC_OWN_SLOTS) {
    *out = *(Value *)((char *)o->slots + e->offset);
    return true;
  }
  if (kind == IC_ABSENT) {
    if (unlikely(!validity_holds(e->validity))) return false;
    *out = VALUE_UNDEFINED;
    return true;
  }
  if (kind == IC_ARRAY_LENGTH) {
    *out = value_from_uint32(((Array *)o)->length);
    return true;
  }
  if (kind == IC_TYPED_ARRAY_LENGTH) {
    if (unlikely(!validity_holds(e->validity))) return false;
    const TypedArray *t = (const TypedArray *)o;
    if (unlikely(buffer_is_shared(t->buffer) || t->length > INT32_MAX))
      return false;
    *out = value_from_int((int32_t)t->length);
    return true;
  }
  return false;
}
// Everything but the first entry of a monomorphic site.
static __attribute__((noinline)) bool
load_other(Isolate *iso, const InlineCache *ic, Value base, Value *out) {
  if (likely(value_is_object(base))) {
    Object *o = value_as_object(base);
    Shape *shape = o->shape;
    if (shape == ic->first.shape) return load_entry(&ic->first, o, out);
    if (ic->state == CACHE_STATE_POLYMORPHIC) {
      const CacheEntry *e = ic->more->entries;
      if (e[0].shape == shape) return load_entry(&e[0], o, out);
      if (e[1].shape == shape) return load_entry(&e[1], o, out);
      if (e[2].shape == shape) return load_entry(&e[2], o, out);
      return false;
    }
    if (ic->state == CACHE_STATE_MEGAMORPHIC) {
      const MegamorphicEntry *m =
          megamorphic_entry(iso, MEGAMORPHIC_LOADS, shape, ic->key);
      return m->entry.shape == shape && m->key == ic->key &&
             load_entry(&m->entry, o, out);
    }
    return false;
  }
  if (value_is_string(base) && ic->first.receiver == RECEIVER_STRING &&
      ic->first.kind != IC_NONE) {
    return load_entry(&ic->first, NULL, out);
  }
  return false;
}

// A store through an entry whose shape matched.
static inline bool store_entry(Isolate *iso, const CacheEntry *e, Object *o,
                               Value v) {
  unsigned kind = e->kind;
  if (likely(kind == IC_STORE_INLINE)) {
    gc_store_word(iso->heap, (Value *)((char *)o + e->offset), v);
    return true;
  }
  if (kind == IC_STORE_SLOTS) {
    gc_store_word(iso->heap, (Value *)((char *)o->slots + e->offset), v);
    return true;
  }
  if (kind == IC_ADD_INLINE) {
    if (unlikely(!validity_holds(e->validity))) return false;
    gc_store_word(iso->heap, (Value *)((char *)o + e->offset), v);
    gc_store_pointer(iso->heap, &o->shape, e->new_shape);
    return true;
  }
  if (kind == IC_ADD_SLOTS) {
    if (unlikely(!validity_holds(e->validity))) return false;
    gc_store_word(iso->heap, (Value *)((char *)o->slots + e->offset), v);
    gc_store_pointer(iso->heap, &o->shape, e->new_shape);
    return true;
  }
  if (kind == IC_ADD_GROW) {
    if (unlikely(!validity_holds(e->validity))) return false;
    if (likely(vm_object_append_slot(iso, o, e->new_shape, v))) return true;
    // The general way throws it again.
    (void)vm_take_exception(iso);
    return false;
  }
  return false;
}
static __attribute__((noinline)) bool
store_other(Isolate *iso, const InlineCache *ic, Object *o, Value v) {
  Shape *shape = o->shape;
  if (shape == ic->first.shape) return store_entry(iso, &ic->first, o, v);
  if (ic->state == CACHE_STATE_POLYMORPHIC) {
    const CacheEntry *e = ic->more->entries;
    if (e[0].shape == shape) return store_entry(iso, &e[0], o, v);
    if (e[1].shape == shape) return store_entry(iso, &e[1], o, v);
    if (e[2].shape == shape) return store_entry(iso, &e[2], o, v);
  } else if (ic->state == CACHE_STATE_MEGAMORPHIC) {
    const MegamorphicEntry *m =
        megamorphic_entry(iso, MEGAMORPHIC_STORES, shape, ic->key);
    return m->entry.shape == shape && m->key == ic->key &&
           store_entry(iso, &m->entry, o, v);
  }
  return false;
}

// o[index] = v where the element vector takes it as it is, or by appending to
// an array.
static inline bool store_element(Isolate *iso, Object *o, uint32_t index,
                                 Value v) {
  Elements *e = o->elements;
  if (likely(index < elements_length(e))) {
    if (likely(e->values[index] != VALUE_EMPTY)) {
      gc_store_word(iso->heap, &e->values[index], v);
      return true;
    }
    if (iso->indexed_prototypes ||
        (o->shape->cell.flags & (SHAPE_NOT_EXTENSIBLE | SHAPE_EXOTIC_ELEMENTS)))
      return false;
    gc_store_word(iso->heap, &e->values[index], v);
    return true;
  }
  if (index == elements_length(e) && index < e->capacity &&
      o->cell.kind == CELL_ARRAY && !iso->indexed_prototypes &&
      !(o->shape->cell.flags &
        (SHAPE_NOT_EXTENSIBLE | SHAPE_EXOTIC_ELEMENTS)) &&
      !(o->cell.flags & OBJECT_LENGTH_READ_ONLY)) {
    Array *array = (Array *)o;
    gc_store_word(iso->heap, &e->values[index], v);
    __atomic_store_n(&e->cell.extra, index + 1, __ATOMIC_RELEASE);
    if (array->length <= index) array->length = index + 1;
    return true;
  }
  return false;
}

// The exception handler of a frame for its pc; NULL: none.
static SLOW_CALL const ExceptionHandler *find_handler(const Frame *frame) {
  const Template *t = vm_template_of(frame->code, frame->pc);
  uint32_t pc = (uint32_t)(frame->pc - t->code);
  for (uint32_t i = 0; i < t->handler_count; i++) {
    const ExceptionHandler *h = &t->handlers[i];
    if (pc >= h->start && pc < h->end) return h;
  }
  return NULL;
}

static SLOW_CALL Value throw_key(Isolate *iso, Code *code, uint32_t key) {
  return vm_throw_not_initialized(iso, code->keys[key]);
}

static SLOW_CALL void throw_error_instruction(Isolate *iso, Code *code,
                                              const Instruction *pc) {
  char text[512];
  PropertyKey key = code->keys[pc->b];
  String *s = key_is_index(key) ? NULL : (String *)value_as_cell(key);
  char *utf8 = s != NULL ? vm_string_to_utf8(iso, s, NULL) : NULL;
  snprintf(text, sizeof text, "%s", utf8 != NULL ? utf8 : "");
  free(utf8);
  vm_throw_error(iso, (ErrorType)pc->a, "%s", text);
}
static SLOW_CALL void throw_constant_assignment(Isolate *iso) {
  vm_throw_type(iso, "Assignment to constant variable.");
}

// Words of each instruction: 2 with an X operand.
#define WORDS_NONE 1
#define WORDS_WORD 2
#define WORDS_JMP32 2
static const uint8_t words_of[OP_COUNT] = {
#define INSTRUCTION(name, a, b, c, x, effects, text) WORDS_##x,
#include "vm/bytecode/instructions.def"
#undef INSTRUCTION
};

Value vm_run(Isolate *iso, Frame *entry, bool exception_first) {
  static const void *const labels[OP_COUNT] = {
#define INSTRUCTION(name, a, b, c, x, effects, text) &&L_##name,
#include "vm/bytecode/instructions.def"
#undef INSTRUCTION
  };
  Value *r = entry->registers;
  Code *code = entry->code;
  const Instruction *pc = entry->pc;
  CallRequest request;
  InlineCache *cache; // of get_named_slow and such

  if (unlikely(exception_first)) goto exception;
  DISPATCH();

  // Constants and moves
  CASE(LOAD_CONSTANT) {
    r[pc->a] = code->constants[pc->imm];
    NEXT(1);
  }
  CASE(LOAD_INT) {
    r[pc->a] = value_from_int(pc->imm);
    NEXT(1);
  }
  CASE(LOAD_SPECIAL) {
    r[pc->a] = (Value)(uint32_t)pc->imm;
    NEXT(1);
  }
  CASE(LOAD_UNDEFINED) {
    Value *first = &r[pc->a];
    for (uint32_t i = 0, count = pc->b; i < count; i++)
      first[i] = VALUE_UNDEFINED;
    NEXT(1);
  }
  CASE(MOVE) {
    r[pc->a] = r[pc->b];
    NEXT(1);
  }

  // The running function
  CASE(LOAD_THIS) {
    r[pc->a] = FRAME()->this_value;
    NEXT(1);
  }
  CASE(COERCE_THIS_GET_NAMED) {
    Value v = FRAME()->this_value;
    if (unlikely(!value_is_object(v))) v = vm_coerce_this(iso, v);
    r[pc->b] = v;
    goto L_GET_NAMED; // the operands are in the same fields
  }
  CASE(COERCE_THIS_GET_METHOD) {
    Value v = FRAME()->this_value;
    if (unlikely(!value_is_object(v))) v = vm_coerce_this(iso, v);
    r[pc->b] = v;
    goto L_GET_METHOD;
  }
  CASE(COERCE_THIS_SET_NAMED) {
    Value v = FRAME()->this_value;
    if (unlikely(!value_is_object(v))) v = vm_coerce_this(iso, v);
    r[pc->a] = v;
    goto L_SET_NAMED;
  }
  CASE(LOAD_THIS_GET_NAMED) {
    r[pc->b] = FRAME()->this_value;
    goto L_GET_NAMED;
  }
  CASE(LOAD_THIS_GET_METHOD) {
    r[pc->b] = FRAME()->this_value;
    goto L_GET_METHOD;
  }
  CASE(LOAD_THIS_SET_NAMED) {
    r[pc->a] = FRAME()->this_value;
    goto L_SET_NAMED;
  }
  CASE(COERCE_THIS) {
    Value v = FRAME()->this_value;
    if (unlikely(!value_is_object(v))) v = vm_coerce_this(iso, v);
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(LOAD_GLOBAL_THIS) {
    r[pc->a] = code->realm->global_this;
    NEXT(1);
  }
  CASE(LOAD_NEW_TARGET) {
    r[pc->a] = FRAME()->new_target;
    NEXT(1);
  }
  CASE(LOAD_CALLEE) {
    r[pc->a] = value_from_cell(FRAME()->function);
    NEXT(1);
  }
  CASE(LOAD_HOME_OBJECT) {
    Object *home = FRAME()->function->home_object;
    r[pc->a] = home != NULL ? value_from_cell(home) : VALUE_UNDEFINED;
    NEXT(1);
  }
  CASE(NEW_ARGUMENTS) {
    SAVE_PC();
    Value v = vm_new_arguments(iso, FRAME(), r[pc->b], pc->c == 1);
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(NEW_REST) {
    SAVE_PC();
    Value v = vm_new_rest(iso, FRAME(), pc->b);
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(ARGUMENT_COUNT) {
    r[pc->a] = value_from_int((int32_t)FRAME()->argc);
    NEXT(1);
  }
  CASE(GET_ARGUMENT) {
    Value key = r[pc->b];
    Frame *frame = FRAME();
    if (likely(value_is_int(key) &&
               (uint32_t)value_as_int(key) < frame->argc)) {
      r[pc->a] = frame->argv[(uint32_t)value_as_int(key)];
      NEXT(1);
    }
    SAVE_PC();
    // Anything else is seen by what an arguments object would have.
    Value object = vm_new_arguments(iso, frame, VALUE_UNDEFINED, false);
    CHECK_VALUE(object);
    Value v;
    CHECK(vm_get_element_slow(iso, object, key, &v));
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(CHECK_INITIALIZED) {
    if (unlikely(r[pc->a] == VALUE_EMPTY)) {
      SAVE_PC();
      throw_key(iso, code, pc->b);
      goto exception;
    }
    NEXT(1);
  }
  CASE(CHECK_THIS) {
    if (unlikely(r[pc->a] == VALUE_EMPTY)) {
      SAVE_PC();
      vm_throw_reference(
          iso,
          "Must call super constructor in derived class before accessing "
          "'this' or returning from derived constructor");
      goto exception;
    }
    NEXT(1);
  }
  CASE(CHECK_SUPER_ONCE) {
    if (unlikely(r[pc->a] != VALUE_EMPTY)) {
      SAVE_PC();
      vm_throw_reference(iso, "Super constructor may only be called once");
      goto exception;
    }
    NEXT(1);
  }

  // Environments
  CASE(LOAD_ENVIRONMENT) {
    Environment *e = FRAME()->function->environment;
    r[pc->a] = e != NULL ? value_from_cell(e) : VALUE_UNDEFINED;
    NEXT(1);
  }
  CASE(NEW_ENVIRONMENT) {
    SAVE_PC();
    Environment *e = vm_environment_new(iso, environment_of(r[pc->b]), pc->c);
    CHECK(e != NULL);
    r[pc->a] = value_from_cell(e);
    NEXT(1);
  }
  CASE(NEW_SCOPE_ENVIRONMENT) {
    SAVE_PC();
    Environment *e =
        vm_scope_environment_new(iso, code, environment_of(r[pc->b]),
                                 &code->template->records[pc->c].scope);
    CHECK(e != NULL);
    r[pc->a] = value_from_cell(e);
    NEXT(1);
  }
  CASE(COPY_ENVIRONMENT) {
    SAVE_PC();
    Environment *e =
        vm_environment_copy(iso, (Environment *)value_as_cell(r[pc->b]));
    CHECK(e != NULL);
    r[pc->a] = value_from_cell(e);
    NEXT(1);
  }
  CASE(NEW_WITH_ENVIRONMENT) {
    SAVE_PC();
    Environment *e =
        vm_with_environment_new(iso, environment_of(r[pc->b]), r[pc->c]);
    CHECK(e != NULL);
    r[pc->a] = value_from_cell(e);
    NEXT(1);
  }
  CASE(GET_SLOT) {
    r[pc->a] = ((Environment *)value_as_cell(r[pc->b]))->slots[pc->c];
    NEXT(1);
  }
  CASE(GET_SLOT_CHECKED) {
    Value v = ((Environment *)value_as_cell(r[pc->b]))->slots[pc->c];
    if (unlikely(v == VALUE_EMPTY)) {
      SAVE_PC();
      throw_key(iso, code, (uint32_t)X_WORD());
      goto exception;
    }
    r[pc->a] = v;
    NEXT(2);
  }
  CASE(SET_SLOT) {
    Environment *e = (Environment *)value_as_cell(r[pc->a]);
    gc_store_word(iso->heap, &e->slots[pc->b], r[pc->c]);
    NEXT(1);
  }
  CASE(GET_UPVALUE) {
    Environment *e = FRAME()->function->environment;
    for (unsigned hops = pc->b; hops != 0; hops--)
      e = e->parent;
    r[pc->a] = e->slots[pc->c];
    NEXT(1);
  }
  CASE(GET_UPVALUE_CHECKED) {
    Environment *e = FRAME()->function->environment;
    for (unsigned hops = pc->b; hops != 0; hops--)
      e = e->parent;
    Value v = e->slots[pc->c];
    if (unlikely(v == VALUE_EMPTY)) {
      SAVE_PC();
      throw_key(iso, code, (uint32_t)X_WORD());
      goto exception;
    }
    r[pc->a] = v;
    NEXT(2);
  }
  CASE(SET_UPVALUE) {
    Environment *e = FRAME()->function->environment;
    for (unsigned hops = pc->b; hops != 0; hops--)
      e = e->parent;
    gc_store_word(iso->heap, &e->slots[pc->c], r[pc->a]);
    NEXT(1);
  }
  CASE(GET_IMPORT) {
    SAVE_PC();
    Value v = vm_get_import(iso, code->module, pc->b);
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(1);
  }

  // Globals
  CASE(GET_GLOBAL) {
    const InlineCache *ic = &code->caches[pc->b];
    Object *holder = ic->first.holder;
    if (likely(ic->epoch == code->realm->global_epoch && holder != NULL &&
               holder->shape == ic->first.shape)) {
      Value v = ic->first.kind == IC_GLOBAL_SLOTS
                    ? *(Value *)((char *)holder->slots + ic->first.offset)
                    : *(Value *)((char *)holder + ic->first.offset);
      if (likely(v != VALUE_EMPTY)) {
        r[pc->a] = v;
        NEXT(1);
      }
    }
    SAVE_PC();
    Value v = vm_cached_get_global(iso, code, &code->caches[pc->b], false);
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(GET_GLOBAL_OR_UNDEFINED) {
    SAVE_PC();
    Value v = vm_cached_get_global(iso, code, &code->caches[pc->b], true);
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(SET_GLOBAL) {
    const InlineCache *ic = &code->caches[pc->b];
    Object *holder = ic->first.holder;
    if (likely(ic->epoch == code->realm->global_epoch && holder != NULL &&
               holder->shape == ic->first.shape)) {
      Value *slot = ic->first.kind == IC_GLOBAL_SLOTS
                        ? (Value *)((char *)holder->slots + ic->first.offset)
                        : (Value *)((char *)holder + ic->first.offset);
      if (likely(*slot != VALUE_EMPTY && ic->first.misses)) {
        gc_store_word(iso->heap, slot, r[pc->a]);
        NEXT(1);
      }
    }
    SAVE_PC();
    CHECK(vm_cached_set_global(iso, code, &code->caches[pc->b], r[pc->a],
                               code->is_strict));
    NEXT(1);
  }
  CASE(INIT_GLOBAL_LEXICAL) {
    SAVE_PC();
    vm_init_global_lexical(iso, code->keys[pc->b], r[pc->a]);
    NEXT(1);
  }
  CASE(DECLARE_GLOBALS) {
    SAVE_PC();
    CHECK(vm_declare_globals(iso, &code->template->records[pc->a], pc->b != 0));
    NEXT(1);
  }
  CASE(DEFINE_GLOBAL_FUNCTION) {
    SAVE_PC();
    CHECK(vm_define_global_function(iso, code->keys[pc->b], r[pc->a],
                                    pc->c != 0));
    NEXT(1);
  }

  // Dynamic names
  CASE(RESOLVE_NAME) {
    SAVE_PC();
    Value v;
    CHECK(
        vm_resolve_name(iso, environment_of(r[pc->b]), code->keys[pc->c], &v));
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(GET_RESOLVED) {
    SAVE_PC();
    Value v;
    CHECK(vm_get_resolved(iso, code, r[pc->b], code->keys[pc->c], false, &v));
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(GET_RESOLVED_OR_UNDEFINED) {
    SAVE_PC();
    Value v;
    CHECK(vm_get_resolved(iso, code, r[pc->b], code->keys[pc->c], true, &v));
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(SET_RESOLVED) {
    SAVE_PC();
    CHECK(vm_set_resolved(iso, code, r[pc->a], code->keys[pc->c], r[pc->b]));
    NEXT(1);
  }
  CASE(DELETE_RESOLVED) {
    SAVE_PC();
    Value v;
    CHECK(vm_delete_resolved(iso, r[pc->b], code->keys[pc->c], &v));
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(GET_RESOLVED_THIS) {
    r[pc->a] = vm_resolved_this(r[pc->b]);
    NEXT(1);
  }
  CASE(DECLARE_EVAL_VARS) {
    SAVE_PC();
    CHECK(vm_declare_eval_vars(iso, code, r[pc->a],
                               &code->template->records[pc->b]));
    NEXT(1);
  }
  CASE(SET_HOISTED) {
    SAVE_PC();
    CHECK(vm_set_hoisted(iso, r[pc->a], code->keys[pc->b], r[pc->c]));
    NEXT(1);
  }
  CASE(INIT_EVAL_VAR) {
    SAVE_PC();
    CHECK(vm_init_eval_var(iso, r[pc->a], code->keys[pc->b], r[pc->c]));
    NEXT(1);
  }

  // Properties
#define DO_GET_NAMED(the_cache, words)                                         \
  Value base = r[pc->b];                                                       \
  InlineCache *ic = (the_cache);                                               \
  if (likely(value_is_object(base))) {                                         \
    const Object *o = value_as_object(base);                                   \
    if (likely(o->shape == ic->first.shape)) {                                 \
      if (likely(ic->first.kind == IC_OWN_INLINE)) {                           \
        r[pc->a] = *(const Value *)((const char *)o + ic->first.offset);       \
        NEXT(words);                                                           \
      }                                                                        \
      if (ic->first.kind == IC_OWN_SLOTS) {                                    \
        r[pc->a] =                                                             \
            *(const Value *)((const char *)o->slots + ic->first.offset);       \
        NEXT(words);                                                           \
      }                                                                        \
    }                                                                          \
  }                                                                            \
  Value v;                                                                     \
  if (likely(load_other(iso, ic, base, &v))) {                                 \
    r[pc->a] = v;                                                              \
    NEXT(words);                                                               \
  }                                                                            \
  cache = ic;                                                                  \
  goto get_named_slow;
  CASE(GET_NAMED) {
    DO_GET_NAMED(&code->caches[pc->c], 1);
  }
  CASE(GET_NAMED_AT) {
    DO_GET_NAMED((InlineCache *)(uintptr_t)X_WORD(), 2);
  }
  CASE(GET_LENGTH_AT) {
    Value base = r[pc->b];
    if (value_is_cell(base)) {
      GcCell *cell = value_as_cell(base);
      if (cell->kind == CELL_ARRAY) {
        r[pc->a] = value_from_uint32(((Array *)cell)->length);
        NEXT(2);
      }
      if (cell->kind == CELL_STRING) {
        r[pc->a] = value_from_int((int32_t)string_length((String *)cell));
        NEXT(2);
      }
    }
    cache = (InlineCache *)(uintptr_t)X_WORD();
    Value v;
    if (load_other(iso, cache, base, &v)) {
      r[pc->a] = v;
      NEXT(2);
    }
    goto get_named_slow;
  }
  CASE(GET_GLOBAL_AT) {
    cache = (InlineCache *)(uintptr_t)X_WORD();
    Object *holder = cache->first.holder;
    if (likely(cache->epoch == code->realm->global_epoch && holder != NULL &&
               holder->shape == cache->first.shape)) {
      Value v = cache->first.kind == IC_GLOBAL_SLOTS
                    ? *(Value *)((char *)holder->slots + cache->first.offset)
                    : *(Value *)((char *)holder + cache->first.offset);
      if (likely(v != VALUE_EMPTY)) {
        r[pc->a] = v;
        NEXT(2);
      }
    }
    SAVE_PC();
    Value v = vm_cached_get_global(iso, code, cache, false);
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(2);
  }
#define TAKE_JUMP32()                                                          \
  do {                                                                         \
    pc += 1 + (int64_t)pc->imm;                                                \
    DISPATCH();                                                                \
  } while (0)
#define IS_CALLEE(v)                                                           \
  (value_is_kind(v, CELL_FUNCTION) &&                                          \
   (uintptr_t)((Function *)value_as_cell(v))->code == X_WORD())
  CASE(GUARD_CALLEE) {
    Value callee = r[pc->a];
    if (likely(IS_CALLEE(callee))) NEXT(2);
    goto deoptimize;
  }
  CASE(GUARD_METHOD) {
    Value callee = r[pc->a], receiver = r[pc->a + 1];
    if (likely(IS_CALLEE(callee) && value_is_object(receiver))) NEXT(2);
    goto deoptimize;
  }
  CASE(JUMP_IF_NOT_CALLEE) {
    Value callee = r[pc->a];
    if (likely(IS_CALLEE(callee))) NEXT(2);
    TAKE_JUMP32();
  }
  CASE(JUMP_IF_NOT_METHOD) {
    Value callee = r[pc->a], receiver = r[pc->a + 1];
    if (likely(IS_CALLEE(callee) && value_is_object(receiver))) NEXT(2);
    TAKE_JUMP32();
  }
#undef IS_CALLEE
  CASE(LOAD_VALUE) {
    r[pc->a] = X_WORD();
    NEXT(2);
  }
  CASE(COERCE_VALUE) {
    Value v = r[pc->b];
    if (unlikely(!value_is_object(v))) {
      SAVE_PC();
      v = vm_coerce_this(iso, v);
    }
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(GET_FUNCTION_UPVALUE) {
    Environment *e = ((Function *)value_as_cell(r[X_WORD()]))->environment;
    for (unsigned hops = pc->b; hops != 0; hops--)
      e = e->parent;
    r[pc->a] = e->slots[pc->c];
    NEXT(2);
  }
  CASE(GET_LENGTH) {
    Value base = r[pc->b];
    if (value_is_cell(base)) {
      GcCell *cell = value_as_cell(base);
      if (cell->kind == CELL_ARRAY) {
        r[pc->a] = value_from_uint32(((Array *)cell)->length);
        NEXT(1);
      }
      if (cell->kind == CELL_STRING) {
        r[pc->a] = value_from_int((int32_t)string_length((String *)cell));
        NEXT(1);
      }
    }
    Value v;
    if (load_other(iso, &code->caches[pc->c], base, &v)) {
      r[pc->a] = v;
      NEXT(1);
    }
    cache = &code->caches[pc->c];
    goto get_named_slow;
  }
#define DO_GET_METHOD(the_cache, words)                                        \
  Value base = r[pc->b];                                                       \
  Value v;                                                                     \
  InlineCache *ic = (the_cache);                                               \
  if (likely(value_is_object(base))) {                                         \
    const Object *o = value_as_object(base);                                   \
    if (likely(o->shape == ic->first.shape)) {                                 \
      if (likely(ic->first.kind == IC_PROTOTYPE_INLINE &&                      \
                 validity_holds(ic->first.validity))) {                        \
        r[pc->a] = *(const Value *)((const char *)ic->first.holder +           \
                                    ic->first.offset);                         \
        r[pc->a + 1] = base;                                                   \
        NEXT(words);                                                           \
      }                                                                        \
      if (likely(ic->first.kind == IC_PROTOTYPE_SLOTS &&                       \
                 validity_holds(ic->first.validity))) {                        \
        r[pc->a] = *(const Value *)((const char *)ic->first.holder->slots +    \
                                    ic->first.offset);                         \
        r[pc->a + 1] = base;                                                   \
        NEXT(words);                                                           \
      }                                                                        \
    }                                                                          \
  }                                                                            \
  if (likely(load_other(iso, ic, base, &v))) {                                 \
    r[pc->a] = v;                                                              \
    r[pc->a + 1] = base;                                                       \
    NEXT(words);                                                               \
  }                                                                            \
  cache = ic;                                                                  \
  goto get_method_slow;
  CASE(GET_METHOD) {
    DO_GET_METHOD(&code->caches[pc->c], 1);
  }
  CASE(GET_METHOD_AT) {
    DO_GET_METHOD((InlineCache *)(uintptr_t)X_WORD(), 2);
  }
get_method_slow : {
  SAVE_PC();
  Value base = r[pc->b], v;
  switch (vm_get_named_slow(iso, code, cache, base, &v)) {
  case ACCESS_DONE:
    r[pc->a] = v;
    r[pc->a + 1] = base;
    goto next_instruction;
  case ACCESS_CALL:
    r[pc->a + 1] = base;
    request.callee = v;
    request.this_value = base;
    goto call_getter;
  case ACCESS_THREW:
    goto exception;
  }
  __builtin_unreachable();
}
get_named_slow : {
  SAVE_PC();
  Value base = r[pc->b], v;
  switch (vm_get_named_slow(iso, code, cache, base, &v)) {
  case ACCESS_DONE:
    r[pc->a] = v;
    goto next_instruction;
  case ACCESS_CALL:
    request.callee = v;
    request.this_value = base;
    goto call_getter;
  case ACCESS_THREW:
    goto exception;
  }
  __builtin_unreachable();
}
#define DO_SET_NAMED(the_cache, words)                                         \
  Value base = r[pc->a], value = r[pc->c];                                     \
  InlineCache *ic = (the_cache);                                               \
  if (likely(value_is_object(base))) {                                         \
    Object *o = value_as_object(base);                                         \
    if (likely(o->shape == ic->first.shape)) {                                 \
      if (likely(ic->first.kind == IC_STORE_INLINE)) {                         \
        gc_store_word(iso->heap, (Value *)((char *)o + ic->first.offset),      \
                      value);                                                  \
        NEXT(words);                                                           \
      }                                                                        \
      if (likely(ic->first.kind == IC_ADD_INLINE &&                            \
                 validity_holds(ic->first.validity))) {                        \
        gc_store_word(iso->heap, (Value *)((char *)o + ic->first.offset),      \
                      value);                                                  \
        gc_store_pointer(iso->heap, &o->shape, ic->first.new_shape);           \
        NEXT(words);                                                           \
      }                                                                        \
    }                                                                          \
    if (likely(store_other(iso, ic, o, value))) NEXT(words);                   \
  }                                                                            \
  cache = ic;                                                                  \
  goto set_named_slow;
  CASE(SET_NAMED) {
    DO_SET_NAMED(&code->caches[pc->b], 1);
  }
  CASE(SET_NAMED_AT) {
    DO_SET_NAMED((InlineCache *)(uintptr_t)X_WORD(), 2);
  }
set_named_slow : {
  Value base = r[pc->a], value = r[pc->c];
  SAVE_PC();
  Value setter;
  switch (vm_set_named_slow(iso, code, cache, base, value, &setter)) {
  case ACCESS_DONE:
    goto next_instruction;
  case ACCESS_CALL:
    request.callee = setter;
    request.this_value = base;
    request.new_target = VALUE_UNDEFINED;
    request.argv = &r[pc->c];
    request.argc = 1;
    request.result_register = 0;
    request.flags = FRAME_DISCARD;
    request.top = r + code->register_count;
    goto call_request;
  case ACCESS_THREW:
    goto exception;
  }
  __builtin_unreachable();
}
  CASE(GET_ELEMENT) {
    Value base = r[pc->b], key = r[pc->c];
    if (likely(value_is_int(key) && value_is_object(base))) {
      Object *o = value_as_object(base);
      uint32_t index = (uint32_t)value_as_int(key);
      Elements *e = o->elements;
      if (likely(index < elements_length(e))) {
        Value v = e->values[index];
        if (likely(v != VALUE_EMPTY)) {
          r[pc->a] = v;
          NEXT(1);
        }
      } else if (o->cell.kind == CELL_TYPED_ARRAY) {
        Value v;
        if (typed_array_load(o, index, &v)) {
          r[pc->a] = v;
          NEXT(1);
        }
      }
    }
    SAVE_PC();
    Value v;
    CHECK(vm_get_element_slow(iso, base, key, &v));
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(GET_ELEMENT_INT) {
    Value base = r[pc->b], key = value_from_int(pc->c);
    if (likely(value_is_object(base))) {
      Object *o = value_as_object(base);
      uint32_t index = pc->c;
      Elements *e = o->elements;
      if (likely(index < elements_length(e))) {
        Value v = e->values[index];
        if (likely(v != VALUE_EMPTY)) {
          r[pc->a] = v;
          NEXT(1);
        }
      } else if (o->cell.kind == CELL_TYPED_ARRAY) {
        Value v;
        if (typed_array_load(o, index, &v)) {
          r[pc->a] = v;
          NEXT(1);
        }
      }
    }
    SAVE_PC();
    Value v;
    CHECK(vm_get_element_slow(iso, base, key, &v));
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(GET_ELEMENT_METHOD) {
    Value base = r[pc->b], key = r[pc->c], v;
    if (value_is_int(key) && value_is_object(base)) {
      Object *o = value_as_object(base);
      uint32_t index = (uint32_t)value_as_int(key);
      if (index < elements_length(o->elements) &&
          o->elements->values[index] != VALUE_EMPTY) {
        r[pc->a] = o->elements->values[index];
        r[pc->a + 1] = base;
        NEXT(1);
      }
    }
    SAVE_PC();
    CHECK(vm_get_element_slow(iso, base, key, &v));
    r[pc->a] = v;
    r[pc->a + 1] = base;
    NEXT(1);
  }
  CASE(SET_ELEMENT) {
    Value base = r[pc->a], key = r[pc->b], value = r[pc->c];
    if (likely(value_is_int(key) && value_is_object(base))) {
      Object *o = value_as_object(base);
      uint32_t index = (uint32_t)value_as_int(key);
      if (likely(store_element(iso, o, index, value))) NEXT(1);
      if (o->cell.kind == CELL_TYPED_ARRAY &&
          typed_array_store(o, index, value))
        NEXT(1);
    }
    SAVE_PC();
    CHECK(vm_set_element_slow(iso, code, base, key, value));
    NEXT(1);
  }
  CASE(GET_SUPER) {
    SAVE_PC();
    Value v;
    CHECK(vm_get_super(iso, FRAME(), r[pc->b], r[pc->c], &v));
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(GET_SUPER_BASE) {
    SAVE_PC();
    Value v;
    CHECK(vm_get_super_base(iso, FRAME(), &v));
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(GET_SUPER_FROM) {
    SAVE_PC();
    Value v;
    CHECK(vm_get_super_from(iso, r[pc->c + 1], r[pc->b], r[pc->c], &v));
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(SET_SUPER) {
    SAVE_PC();
    CHECK(vm_set_super(iso, code, r[pc->b + 1], r[pc->a], r[pc->b], r[pc->c]));
    NEXT(1);
  }
  CASE(DELETE_NAMED) {
    SAVE_PC();
    Value v;
    CHECK(vm_delete_instruction(iso, code, r[pc->b], code->keys[pc->c], &v));
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(DELETE_ELEMENT) {
    SAVE_PC();
    Value v;
    CHECK(vm_delete_element(iso, code, r[pc->b], r[pc->c], &v));
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(HAS_PROPERTY) {
    Value key = r[pc->b], base = r[pc->c];
    if (likely(value_is_int(key) && value_is_object(base))) {
      Elements *e = value_as_object(base)->elements;
      uint32_t index = (uint32_t)value_as_int(key);
      if (likely(index < elements_length(e) &&
                 e->values[index] != VALUE_EMPTY)) {
        r[pc->a] = VALUE_TRUE;
        NEXT(1);
      }
    }
    SAVE_PC();
    Tri has = vm_has_property_slow(iso, key, base);
    CHECK(has >= 0);
    r[pc->a] = value_from_bool(has);
    NEXT(1);
  }
  CASE(INSTANCE_OF) {
    SAVE_PC();
    Tri is = vm_instance_of_instruction(iso, r[pc->b], r[pc->c]);
    CHECK(is >= 0);
    r[pc->a] = value_from_bool(is);
    NEXT(1);
  }
  CASE(NEW_PRIVATE_NAME) {
    SAVE_PC();
    PropertyKey key = code->keys[pc->b];
    r[pc->a] = value_from_cell(vm_symbol_new(
        iso, (String *)value_as_cell(key),
        pc->c == 1 ? SYMBOL_PRIVATE | SYMBOL_PRIVATE_METHOD : SYMBOL_PRIVATE));
    NEXT(1);
  }
  CASE(GET_PRIVATE) {
    InlineCache *ic = &code->caches[X_WORD()];
    Value base = r[pc->b], name = r[pc->c];
    // The key is the symbol itself: one class evaluated twice has two.
    if (likely(value_is_object(base) && ic->key == name)) {
      Object *o = value_as_object(base);
      Value v;
      if (likely(o->shape == ic->first.shape &&
                 load_entry(&ic->first, o, &v))) {
        r[pc->a] = v;
        NEXT(2);
      }
    }
    SAVE_PC();
    Value v = vm_cached_get_private(iso, code, ic, base, value_as_symbol(name));
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(2);
  }
  CASE(SET_PRIVATE) {
    InlineCache *ic = &code->caches[X_WORD()];
    Value base = r[pc->a], name = r[pc->b];
    if (likely(value_is_object(base) && ic->key == name)) {
      Object *o = value_as_object(base);
      if (likely(o->shape == ic->first.shape &&
                 store_entry(iso, &ic->first, o, r[pc->c])))
        NEXT(2);
    }
    SAVE_PC();
    CHECK(vm_cached_set_private(iso, code, ic, base, value_as_symbol(name),
                                r[pc->c]));
    NEXT(2);
  }
  CASE(ADD_PRIVATE) {
    SAVE_PC();
    CHECK(vm_private_add(iso, value_as_object(r[pc->a]),
                         value_as_symbol(r[pc->b]), r[pc->c]));
    NEXT(1);
  }
  CASE(ADD_PRIVATE_ACCESSOR) {
    SAVE_PC();
    CHECK(vm_private_add_accessor(iso, value_as_object(r[pc->a]),
                                  value_as_symbol(r[pc->b]), r[pc->c],
                                  r[pc->c + 1]));
    NEXT(1);
  }
  CASE(HAS_PRIVATE) {
    Value base = r[pc->b];
    if (unlikely(!value_is_object(base))) {
      SAVE_PC();
      (void)!vm_has_property_slow(
          iso, value_from_cell(value_as_symbol(r[pc->c])->description), base);
      goto exception;
    }
    r[pc->a] = value_from_bool(
        vm_private_has(iso, value_as_object(base), value_as_symbol(r[pc->c])));
    NEXT(1);
  }

  // Literals and classes
  CASE(NEW_OBJECT) {
    SAVE_PC();
    Shape *shape = code->realm->object_shape;
    if (unlikely(pc->b > shape->inline_capacity))
      shape = vm_shape_root(iso, CELL_OBJECT,
                            code->realm->intrinsics[INTRINSIC_ObjectPrototype],
                            pc->b);
    r[pc->a] = value_from_cell(vm_object_from_shape(iso, shape));
    NEXT(1);
  }
  CASE(NEW_OBJECT_LITERAL) {
    SAVE_PC();
    InlineCache *ic = &code->caches[pc->c];
    Shape *shape = ic->first.shape;
    if (likely(shape != NULL)) {
      uint32_t count = ic->first.offset;
      Object *o = (Object *)gc_allocate(
          iso->heap, sizeof(Object) + shape->inline_capacity * sizeof(Value),
          CELL_OBJECT);
      o->cell.aux = shape->inline_capacity;
      o->elements = iso->empty_elements;
      const Value *from = &r[pc->b];
      for (uint32_t i = 0; i < count; i++)
        o->inline_slots[i] = from[i];
      o->shape = shape;
      r[pc->a] = value_from_cell(o);
      NEXT(1);
    }
    Value v;
    CHECK(vm_new_object_literal(iso, code, ic, &r[pc->b], &v));
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(INIT_NAMED) {
    InlineCache *ic = &code->caches[pc->b];
    Object *o = value_as_object(r[pc->a]);
    if (likely(o->shape == ic->first.shape &&
               store_entry(iso, &ic->first, o, r[pc->c])))
      NEXT(1);
    SAVE_PC();
    CHECK(vm_init_named_slow(iso, code, ic, o, r[pc->c]));
    NEXT(1);
  }
  CASE(INIT_ELEMENT) {
    Object *o = value_as_object(r[pc->a]);
    if (o->cell.kind == CELL_ARRAY && value_is_int(r[pc->b]) &&
        store_element(iso, o, (uint32_t)value_as_int(r[pc->b]), r[pc->c]))
      NEXT(1);
    SAVE_PC();
    PropertyKey key;
    CHECK(vm_to_property_key(iso, r[pc->b], &key));
    CHECK(
        vm_create_data_or_throw(iso, value_as_object(r[pc->a]), key, r[pc->c]));
    NEXT(1);
  }
  CASE(DEFINE_METHOD) {
    SAVE_PC();
    CHECK(vm_define_method(iso, value_as_object(r[pc->a]), r[pc->b], r[pc->c]));
    NEXT(1);
  }
  CASE(DEFINE_ACCESSOR) {
    SAVE_PC();
    CHECK(vm_define_accessor(iso, value_as_object(r[pc->a]), r[pc->b], r[pc->c],
                             X_WORD()));
    NEXT(2);
  }
  CASE(SET_LITERAL_PROTOTYPE) {
    SAVE_PC();
    Value v = r[pc->b];
    if (value_is_object(v) || value_is_null(v)) {
      Tri done =
          vm_set_prototype_of(iso, value_as_object(r[pc->a]),
                              value_is_null(v) ? NULL : value_as_object(v));
      CHECK(done >= 0);
    }
    NEXT(1);
  }
  CASE(COPY_DATA_PROPERTIES) {
    SAVE_PC();
    CHECK(
        vm_copy_data_properties(iso, r[pc->a], r[pc->b], &r[pc->c], X_WORD()));
    NEXT(2);
  }
  CASE(NEW_ARRAY) {
    SAVE_PC();
    Array *array = vm_array_from(iso, &r[pc->b], pc->c);
    CHECK(array != NULL);
    r[pc->a] = value_from_cell(array);
    NEXT(1);
  }
  CASE(NEW_ARRAY_CONSTANT) {
    SAVE_PC();
    Value v = vm_new_array_constant(iso, &code->template->records[pc->b]);
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(ARRAY_PUSH) {
    SAVE_PC();
    CHECK(vm_array_push(iso, (Array *)value_as_cell(r[pc->a]), r[pc->b]));
    NEXT(1);
  }
  CASE(ARRAY_SPREAD) {
    SAVE_PC();
    CHECK(vm_array_spread(iso, (Array *)value_as_cell(r[pc->a]), r[pc->b]));
    NEXT(1);
  }
  CASE(NEW_REGEXP) {
    SAVE_PC();
    Value v = vm_new_regexp_literal(iso, code, pc->b);
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(GET_TEMPLATE_OBJECT) {
    SAVE_PC();
    Value v = vm_template_object(iso, code, pc->b);
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(CONCAT) {
    SAVE_PC();
    Value v;
    CHECK(vm_concat(iso, &r[pc->b], pc->c, &v));
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(NEW_FUNCTION) {
    SAVE_PC();
    Code *nested = vm_code_nested(iso, code, pc->c);
    CHECK(nested != NULL);
    // Arrows have their creator's home object.
    Object *home = nested->template->kind == CODE_ARROW
                       ? FRAME()->function->home_object
                       : NULL;
    r[pc->a] = value_from_cell(
        vm_function_new(iso, nested, environment_of(r[pc->b]), home));
    NEXT(1);
  }
  CASE(NEW_METHOD) {
    SAVE_PC();
    Code *nested = vm_code_nested(iso, code, pc->c);
    CHECK(nested != NULL);
    r[pc->a] = value_from_cell(vm_function_new(
        iso, nested, environment_of(r[pc->b]), value_as_object(r[X_WORD()])));
    NEXT(2);
  }
  CASE(NEW_CLASS) {
    SAVE_PC();
    Value pair[2];
    CHECK(vm_new_class(iso, code, pc->c, r[pc->b], environment_of(r[X_WORD()]),
                       pair));
    r[pc->a] = pair[0];
    r[pc->a + 1] = pair[1];
    NEXT(2);
  }
  CASE(SET_FIELD_INITIALIZER) {
    Function *f = (Function *)value_as_cell(r[pc->a]);
    gc_store_word(iso->heap, &f->field_initializer, r[pc->b]);
    NEXT(1);
  }
  CASE(INITIALIZE_FIELDS) {
    Function *f = (Function *)value_as_cell(r[pc->b]);
    Value initializer = f->field_initializer;
    if (initializer == VALUE_UNDEFINED || initializer == 0) NEXT(1);
    SAVE_PC();
    request.callee = initializer;
    request.this_value = r[pc->a];
    request.new_target = VALUE_UNDEFINED;
    request.argv = NULL;
    request.argc = 0;
    request.result_register = 0;
    request.flags = FRAME_DISCARD;
    request.top = r + code->register_count;
    goto call_request;
  }
  CASE(SET_FUNCTION_NAME) {
    SAVE_PC();
    CHECK(vm_set_function_name(iso, r[pc->a], r[pc->b], pc->c));
    NEXT(1);
  }

  // Calls
  CASE(CALL_FUNCTION) {
    r[pc->b + 1] = VALUE_UNDEFINED;
  } // goes on as CALL
  CASE(CALL) {
    const Value *argument = &r[pc->b];
    Value callee = argument[0];
    SAVE_PC();
    if (likely(value_is_cell(callee))) {
      GcCell *cell = value_as_cell(callee);
      if (likely(cell->kind == CELL_FUNCTION)) {
        Function *function = (Function *)cell;
        Code *target = function->code;
        if (likely(target->plain_call_realm == code->realm)) {
          Frame *frame = (Frame *)(r + code->register_count);
          Value *registers = frame->registers;
          uint32_t argc = pc->c;
          uint32_t parameters = target->parameter_count;
          Value *top = registers + target->register_count;
          if (likely(top <= iso->stack_limit)) {
            frame->caller = FRAME();
            frame->code = target;
            frame->function = function;
            frame->this_value = argument[1];
            frame->new_target = VALUE_UNDEFINED;
            frame->argv = argument + 2;
            // argc, the result register, no flags; fiber is not looked at.
            frame->call_word = argc | (uint64_t)pc->a << 32;
            uint32_t i = 0;
            if (likely(argc >= parameters)) {
              for (; i < parameters; i++)
                registers[i] = argument[2 + i];
            } else {
              for (; i < argc; i++)
                registers[i] = argument[2 + i];
              for (; i < parameters; i++)
                registers[i] = VALUE_UNDEFINED;
            }
            iso->frame = frame;
            iso->stack_top = top;
            r = registers;
            code = target;
            pc = target->instructions;
            if (budget_is_up(iso)) goto safepoint;
            DISPATCH();
          }
        }
      } else if (cell->kind == CELL_NATIVE_FUNCTION) {
        NativeFunction *native = (NativeFunction *)cell;
        if (likely(!(cell->flags & NATIVE_RUNS_IN_LOOP) &&
                   native->realm == code->realm)) {
          NativeCall call = {argument[1], VALUE_UNDEFINED, callee, pc->c,
                             argument + 2};
          Value v = native->code(iso, &call);
          CHECK_VALUE(v);
          r[pc->a] = v;
          NEXT(1);
        }
      }
    }
    request.callee = callee;
    request.this_value = argument[1];
    request.new_target = VALUE_UNDEFINED;
    request.argv = argument + 2;
    request.argc = pc->c;
    request.result_register = pc->a;
    request.flags = 0;
    request.top = r + code->register_count;
    goto call_request;
  }
call_getter:
  // request.callee and this_value are set; the result goes to r[a].
  request.new_target = VALUE_UNDEFINED;
  request.argv = NULL;
  request.argc = 0;
  request.result_register = pc->a;
  request.flags = 0;
  request.top = r + code->register_count;
call_request:
  if (words_of[pc->op] != 1) request.flags |= FRAME_TWO_WORDS;
  switch (vm_prepare_call(iso, &request)) {
  case CALL_PUSHED:
    goto enter_frame;
  case CALL_RETURNED:
    if (!(request.flags & FRAME_DISCARD)) r[pc->a] = request.result;
    goto next_instruction;
  case CALL_THREW:
    goto exception;
  }
  __builtin_unreachable();

  // Goes on after the call instruction at pc.
next_instruction:
  pc += words_of[pc->op];
  DISPATCH();

enter_frame : {
  Frame *frame = iso->frame;
  r = frame->registers;
  code = frame->code;
  pc = frame->pc;
  if (unlikely(frame->flags & FRAME_RESUMED) && iso->exception != VALUE_EMPTY)
    goto exception;
  if (budget_is_up(iso)) goto safepoint;
  DISPATCH();
}

safepoint:
  // At a target: the frame's pc is what runs next.
  SAVE_PC();
  CHECK(vm_safepoint(iso));
  if (code->optimized != NULL) vm_enter_optimized(iso, FRAME());
  pc = FRAME()->pc;
  DISPATCH();

  // The guard at pc failed, before any effect: on in the baseline.
deoptimize:
  SAVE_PC();
  vm_deoptimize(iso, FRAME());
  pc = FRAME()->pc;
  DISPATCH();

  CASE(CALL_FORWARD) {
    SAVE_PC();
    Frame *frame = FRAME();
    Value apply = r[pc->b];
    request.new_target = VALUE_UNDEFINED;
    request.result_register = pc->a;
    request.flags = 0;
    request.top = r + code->register_count;
    if (likely(value_is_kind(apply, CELL_NATIVE_FUNCTION) &&
               (value_as_cell(apply)->flags & NATIVE_RUNS_IN_LOOP) &&
               ((NativeFunction *)value_as_cell(apply))->magic ==
                   LOOP_FUNCTION_APPLY)) {
      request.callee = r[pc->b + 1];
      request.this_value = r[pc->b + 2];
      request.argv = frame->argv;
      request.argc = frame->argc;
      goto call_request;
    }
    // Another function of that name.
    Value arguments = vm_new_arguments(iso, frame, VALUE_UNDEFINED, pc->c == 1);
    CHECK_VALUE(arguments);
    r[pc->b + 3] = arguments;
    request.callee = apply;
    request.this_value = r[pc->b + 1];
    request.argv = &r[pc->b + 2];
    request.argc = 2;
    goto call_request;
  }
  CASE(CALL_SPREAD) {
    SAVE_PC();
    request.callee = r[pc->b];
    request.this_value = r[pc->b + 1];
    request.new_target = VALUE_UNDEFINED;
    request.result_register = pc->a;
    request.flags = 0;
    request.top = r + code->register_count;
    if (pc->c != 0) {
      CHECK(vm_arguments_of_iterable(iso, &request, &r[pc->b + 2]));
    } else {
      Array *array = (Array *)value_as_cell(r[pc->b + 2]);
      request.argv = array->object.elements->values;
      request.argc = elements_length(array->object.elements);
    }
    goto call_request;
  }
  CASE(CALL_EVAL) {
    SAVE_PC();
    request.callee = r[pc->b];
    request.this_value = r[pc->b + 1];
    request.new_target = VALUE_UNDEFINED;
    request.argv = &r[pc->b + 2];
    request.argc = pc->c;
    if (pc->c == UINT16_MAX) { // eval(...spread)
      Elements *e = value_as_object(r[pc->b + 2])->elements;
      request.argv = e->values;
      request.argc = elements_length(e);
    }
    request.result_register = pc->a;
    request.flags = 0;
    request.top = r + code->register_count;
    CallOutcome outcome;
    if (vm_call_eval(iso, FRAME(), pc, &request, &outcome)) {
      if (outcome == CALL_THREW) goto exception;
      r[pc->a] = request.result;
      NEXT(2);
    }
    goto call_request;
  }
  CASE(NEW) {
    r[pc->b + 1] = r[pc->b];
  } // goes on as CONSTRUCT
  CASE(CONSTRUCT) {
    SAVE_PC();
    const Value *argument = &r[pc->b];
    request.callee = argument[0];
    request.this_value = VALUE_EMPTY;
    request.new_target = argument[1];
    request.argv = argument + 2;
    request.argc = pc->c;
    request.result_register = pc->a;
    request.flags = FRAME_CONSTRUCT;
    request.top = r + code->register_count;
  }
construct : {
  // The common cases: a constructor in the language that needs no `this` yet
  // (of a derived class), or whose new_target has made objects before.
  if (likely(value_is_kind(request.callee, CELL_FUNCTION) &&
             value_is_kind(request.new_target, CELL_FUNCTION))) {
    Function *function = (Function *)value_as_cell(request.callee);
    Function *maker = (Function *)value_as_cell(request.new_target);
    Code *target = function->code;
    Code *made = maker->code; // its construct_* are about new_target
    bool is_derived = (target->cell.flags & CODE_FLAG_DERIVED) != 0;
    uint32_t slot = made->construct_slot;
    Value *registers = ((Frame *)request.top)->registers;
    Value *top = registers + target->register_count;
    if (likely((is_derived ||
                (made->construct_target == maker &&
                 maker->object.shape == made->construct_target_shape &&
                 maker->object.slots->values[slot] ==
                     value_from_cell(made->construct_prototype))) &&
               (function->object.cell.flags & OBJECT_CONSTRUCTOR) &&
               top <= iso->stack_limit && target->realm == code->realm)) {
      Frame *frame = (Frame *)request.top;
      frame->this_value = VALUE_EMPTY;
      if (!is_derived) {
        Shape *shape = made->construct_shape;
        Object *object = (Object *)gc_allocate(
            iso->heap, sizeof(Object) + shape->inline_capacity * sizeof(Value),
            CELL_OBJECT);
        object->cell.aux = shape->inline_capacity;
        object->elements = iso->empty_elements;
        object->shape = shape;
        frame->this_value = value_from_cell(object);
      }
      frame->caller = FRAME();
      frame->code = target;
      frame->function = function;
      frame->new_target = request.new_target;
      frame->argv = request.argv;
      uint32_t argc = request.argc;
      frame->call_word =
          argc | (uint64_t)pc->a << 32 | (uint64_t)FRAME_CONSTRUCT << 48;
      uint32_t parameters = target->parameter_count;
      uint32_t i = 0, copied = argc < parameters ? argc : parameters;
      for (; i < copied; i++)
        registers[i] = request.argv[i];
      for (; i < parameters; i++)
        registers[i] = VALUE_UNDEFINED;
      iso->frame = frame;
      iso->stack_top = top;
      r = registers;
      code = target;
      pc = target->instructions;
      if (budget_is_up(iso)) goto safepoint;
      DISPATCH();
    }
  }
  goto construct_request;
}
construct_request:
  switch (vm_prepare_construct(iso, &request)) {
  case CALL_PUSHED:
    goto enter_frame;
  case CALL_RETURNED:
    r[pc->a] = request.result;
    goto next_instruction;
  case CALL_THREW:
    goto exception;
  }
  __builtin_unreachable();
  CASE(CONSTRUCT_SPREAD) {
    SAVE_PC();
    request.callee = r[pc->b];
    request.this_value = VALUE_EMPTY;
    request.new_target = r[pc->b + 1];
    request.result_register = pc->a;
    request.flags = FRAME_CONSTRUCT;
    request.top = r + code->register_count;
    if (pc->c == 2) { // as the running function was called
      request.argv = FRAME()->argv;
      request.argc = FRAME()->argc;
    } else if (pc->c != 0) {
      CHECK(vm_arguments_of_iterable(iso, &request, &r[pc->b + 2]));
    } else {
      Array *array = (Array *)value_as_cell(r[pc->b + 2]);
      request.argv = array->object.elements->values;
      request.argc = elements_length(array->object.elements);
    }
    goto construct;
  }
  CASE(GET_SUPER_CONSTRUCTOR) {
    SAVE_PC();
    Value v = vm_super_constructor(iso, r[pc->b]);
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(INTRINSIC) {
    SAVE_PC();
    NativeCall call = {VALUE_UNDEFINED, VALUE_UNDEFINED, VALUE_UNDEFINED, pc->c,
                       &r[pc->b]};
    Value v = vm_intrinsic_table[X_WORD()](iso, &call);
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(2);
  }
  CASE(IO) {
    SAVE_PC();
    Value v = vm_io_submit(iso, (uint32_t)X_WORD(), pc->c, &r[pc->b]);
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(2);
  }
  CASE(IO_AWAIT) {
    SAVE_PC();
    Value v;
    CHECK(vm_io_await(iso, FRAME(), (uint32_t)X_WORD(), pc->c, &r[pc->b], &v));
    request.result = v;
    goto deliver_result;
  }
  CASE(RETURN) {
    Value v = r[pc->a];
    Frame *frame = FRAME();
    if (unlikely(frame->flags != 0)) {
      if (frame->flags == FRAME_CONSTRUCT) {
        if (!value_is_object(v)) v = frame->this_value;
      } else {
        frame->pc = pc;
        request.result = v;
        goto return_with_flags;
      }
    }
    Frame *caller = frame->caller;
    iso->frame = caller;
    iso->stack_top = (Value *)frame;
    r = caller->registers;
    code = caller->code;
    pc = caller->pc;
    r[frame->result_register] = v;
    NEXT(1);
  }
  CASE(RETURN_UNDEFINED) {
    Value v = VALUE_UNDEFINED;
    Frame *frame = FRAME();
    if (unlikely(frame->flags != 0)) {
      if (frame->flags == FRAME_CONSTRUCT) {
        if (!value_is_object(v)) v = frame->this_value;
      } else {
        frame->pc = pc;
        request.result = v;
        goto return_with_flags;
      }
    }
    Frame *caller = frame->caller;
    iso->frame = caller;
    iso->stack_top = (Value *)frame;
    r = caller->registers;
    code = caller->code;
    pc = caller->pc;
    r[frame->result_register] = v;
    NEXT(1);
  }
  CASE(RETURN_CONSTRUCTED) {
    Value v = r[pc->a];
    if (!value_is_object(v)) {
      SAVE_PC();
      Value this_value = r[pc->b];
      if (unlikely(!value_is_undefined(v) || this_value == VALUE_EMPTY)) {
        // The body is over: its caller throws, in the caller's realm.
        Frame *frame = FRAME();
        if (frame->caller != NULL) iso->realm = frame->caller->code->realm;
        if (!value_is_undefined(v)) {
          vm_throw_type(iso,
                        "Derived constructors may only return object or "
                        "undefined");
        } else {
          vm_throw_reference(
              iso,
              "Must call super constructor in derived class before "
              "accessing 'this' or returning from derived constructor");
        }
        iso->frame = frame->caller;
        iso->stack_top = (Value *)frame;
        if (frame->flags & FRAME_ENTRY) return VALUE_EXCEPTION;
        goto exception;
      }
      v = this_value;
    }
    request.result = v;
    goto return_with_flags;
  }
return_with_flags : {
  Frame *frame = FRAME();
  unsigned flags = frame->flags;
  Value v = request.result;
  if ((flags & FRAME_CONSTRUCT) && !value_is_object(v)) v = frame->this_value;
  if (flags & (FRAME_ASYNC | FRAME_GENERATOR)) {
    v = vm_finish_frame(iso, frame, v);
    if (flags & FRAME_STEP) {
      // A generator that for-of runs has ended.
      request.result = VALUE_EMPTY;
      goto deliver_result;
    }
  }
  request.result = v;
  goto deliver_result;
}
  // The frame is done, or suspended: request.result goes to whoever runs it. A
  // frame with FRAME_STEP gives the bare value, or EMPTY at the end.
deliver_result : {
  Frame *frame = FRAME();
  unsigned flags = frame->flags;
  Value v = request.result;
  Frame *caller = frame->caller;
  iso->frame = caller;
  iso->stack_top = (Value *)frame;
  if (flags & FRAME_ENTRY) return v;
  r = caller->registers;
  code = caller->code;
  pc = caller->pc;
  if (unlikely(code->realm != iso->realm)) iso->realm = code->realm;
  if (unlikely(flags & (FRAME_STEP | FRAME_NEXT_CALL))) {
    // The caller is at an ITERATOR_STEP.
    Value *it = &r[pc->b];
    if (flags & FRAME_NEXT_CALL) {
      Tri more = vm_iterator_step_finish(iso, it, v, &v);
      CHECK(more >= 0);
      if (!more) v = VALUE_EMPTY;
    }
    if (v == VALUE_EMPTY) {
      it[1] = it[2] = VALUE_UNDEFINED;
      it[0] = VALUE_UNDEFINED;
      r[pc->a] = VALUE_UNDEFINED;
      if (pc->op == OP_ITERATOR_STEP) {
        pc += 2 + (int64_t)(int32_t)X_WORD();
        DISPATCH();
      }
      NEXT(1);
    }
    r[pc->a] = v;
    goto next_instruction;
  }
  if (!(flags & FRAME_DISCARD)) r[frame->result_register] = v;
  goto next_instruction;
}
  CASE(IMPORT_CALL) {
    SAVE_PC();
    Value v =
        vm_import_call(iso, code, r[pc->b], r[pc->c], (ModulePhase)X_WORD());
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(2);
  }
  CASE(IMPORT_META) {
    SAVE_PC();
    Value v = vm_import_meta(iso, code->module);
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(1);
  }

  // Arithmetic. Each handler: ints, then doubles, then the slow path.
#define SLOW_BINARY(operator, right)                                           \
  do {                                                                         \
    SAVE_PC();                                                                 \
    CHECK(vm_slow_binary(iso, &r[pc->a], operator, r[pc->b], (right)));        \
    NEXT(1);                                                                   \
  } while (0)
// Doubles, then doubles with ints among them. (With unbox_doubles the compiler
// makes slower code of this.)
#define DOUBLE_BINARY(x, y, expression)                                        \
  do {                                                                         \
    uint64_t left_bits = (x)-VALUE_DOUBLE_OFFSET;                              \
    uint64_t right_bits = (y)-VALUE_DOUBLE_OFFSET;                             \
    double left, right;                                                        \
    if (likely(left_bits < DOUBLE_LIMIT && right_bits < DOUBLE_LIMIT)) {       \
      memcpy(&left, &left_bits, sizeof left);                                  \
      memcpy(&right, &right_bits, sizeof right);                               \
      r[pc->a] = box_arithmetic(expression);                                   \
      NEXT(1);                                                                 \
    }                                                                          \
    if (both_numbers(x, y)) {                                                  \
      left = value_as_number(x);                                               \
      right = value_as_number(y);                                              \
      r[pc->a] = box_arithmetic(expression);                                   \
      NEXT(1);                                                                 \
    }                                                                          \
  } while (0);
  CASE(ADD) {
    Value x = r[pc->b], y = r[pc->c];
    if (likely(value_both_int(x, y))) {
      int32_t sum;
      if (likely(!__builtin_add_overflow(value_as_int(x), value_as_int(y),
                                         &sum))) {
        r[pc->a] = value_from_int(sum);
        NEXT(1);
      }
    }
    DOUBLE_BINARY(x, y, left + right)
    if (value_is_string(x) && value_is_string(y)) {
      SAVE_PC();
      String *s = vm_string_concat(iso, value_as_string(x), value_as_string(y));
      CHECK(s != NULL);
      r[pc->a] = value_from_cell(s);
      NEXT(1);
    }
    SLOW_BINARY(ARITH_ADD, y);
  }
  CASE(SUBTRACT) {
    Value x = r[pc->b], y = r[pc->c];
    if (likely(value_both_int(x, y))) {
      int32_t difference;
      if (likely(!__builtin_sub_overflow(value_as_int(x), value_as_int(y),
                                         &difference))) {
        r[pc->a] = value_from_int(difference);
        NEXT(1);
      }
    }
    DOUBLE_BINARY(x, y, left - right)
    SLOW_BINARY(ARITH_SUBTRACT, y);
  }
  CASE(MULTIPLY) {
    Value x = r[pc->b], y = r[pc->c];
    if (likely(value_both_int(x, y))) {
      int32_t product;
      if (likely(!__builtin_mul_overflow(value_as_int(x), value_as_int(y),
                                         &product) &&
                 (product != 0 || (value_as_int(x) | value_as_int(y)) >= 0))) {
        r[pc->a] = value_from_int(product);
        NEXT(1);
      }
    }
    DOUBLE_BINARY(x, y, left * right)
    SLOW_BINARY(ARITH_MULTIPLY, y);
  }
  CASE(DIVIDE) {
    Value x = r[pc->b], y = r[pc->c];
    if (value_both_int(x, y) && value_as_int(y) != 0) {
      double d = (double)value_as_int(x) / value_as_int(y);
      int64_t i = (int64_t)d;
      // A quotient of ints that is one again is likely to be an index.
      r[pc->a] = (double)i == d && i != 0 && i == (int32_t)i
                     ? value_from_int((int32_t)i)
                     : box_arithmetic(d);
      NEXT(1);
    }
    DOUBLE_BINARY(x, y, left / right)
    SLOW_BINARY(ARITH_DIVIDE, y);
  }
  CASE(REMAINDER) {
    Value x = r[pc->b], y = r[pc->c];
    if (likely(value_both_int(x, y))) {
      int32_t left = value_as_int(x), right = value_as_int(y);
      if (likely(left >= 0 && right > 0)) {
        r[pc->a] =
            value_from_int((right & (right - 1)) == 0
                               ? left & (right - 1)
                               : (int32_t)((uint32_t)left % (uint32_t)right));
        NEXT(1);
      }
    }
    if (both_numbers(x, y)) {
      r[pc->a] = value_from_number(
          vm_number_remainder(value_as_number(x), value_as_number(y)));
      NEXT(1);
    }
    SLOW_BINARY(ARITH_REMAINDER, y);
  }
  CASE(EXPONENT) {
    SLOW_BINARY(ARITH_EXPONENT, r[pc->c]);
  }
  // The int32 of a number, modulo 2^32; ints and in-range doubles inline.
#define INT_OPERANDS(x, y)                                                     \
  int32_t left, right;                                                         \
  if (likely(value_both_int(x, y))) {                                          \
    left = value_as_int(x);                                                    \
    right = value_as_int(y);                                                   \
  } else if (both_numbers(x, y)) {                                             \
    left = number_to_int32(x);                                                 \
    right = number_to_int32(y);                                                \
  } else
  CASE(BIT_AND) {
    Value x = r[pc->b], y = r[pc->c];
    INT_OPERANDS(x, y) SLOW_BINARY(ARITH_AND, y);
    r[pc->a] = value_from_int(left & right);
    NEXT(1);
  }
  CASE(BIT_OR) {
    Value x = r[pc->b], y = r[pc->c];
    INT_OPERANDS(x, y) SLOW_BINARY(ARITH_OR, y);
    r[pc->a] = value_from_int(left | right);
    NEXT(1);
  }
  CASE(BIT_XOR) {
    Value x = r[pc->b], y = r[pc->c];
    INT_OPERANDS(x, y) SLOW_BINARY(ARITH_XOR, y);
    r[pc->a] = value_from_int(left ^ right);
    NEXT(1);
  }
  CASE(SHIFT_LEFT) {
    Value x = r[pc->b], y = r[pc->c];
    INT_OPERANDS(x, y) SLOW_BINARY(ARITH_SHIFT_LEFT, y);
    r[pc->a] = value_from_int((int32_t)((uint32_t)left << (right & 31)));
    NEXT(1);
  }
  CASE(SHIFT_RIGHT) {
    Value x = r[pc->b], y = r[pc->c];
    INT_OPERANDS(x, y) SLOW_BINARY(ARITH_SHIFT_RIGHT, y);
    r[pc->a] = value_from_int(left >> (right & 31));
    NEXT(1);
  }
  CASE(SHIFT_RIGHT_UNSIGNED) {
    Value x = r[pc->b], y = r[pc->c];
    INT_OPERANDS(x, y) SLOW_BINARY(ARITH_SHIFT_RIGHT_UNSIGNED, y);
    r[pc->a] = value_from_uint32((uint32_t)left >> (right & 31));
    NEXT(1);
  }
  CASE(EQUAL) {
    Value x = r[pc->b], y = r[pc->c];
    if (likely(value_both_int(x, y))) {
      r[pc->a] = value_from_bool(x == y);
      NEXT(1);
    }
    SAVE_PC();
    Tri equal = vm_equal_quickly(iso, x, y);
    CHECK(equal >= 0);
    r[pc->a] = value_from_bool(equal);
    NEXT(1);
  }
  CASE(NOT_EQUAL) {
    Value x = r[pc->b], y = r[pc->c];
    if (likely(value_both_int(x, y))) {
      r[pc->a] = value_from_bool(x != y);
      NEXT(1);
    }
    SAVE_PC();
    Tri equal = vm_equal_quickly(iso, x, y);
    CHECK(equal >= 0);
    r[pc->a] = value_from_bool(!equal);
    NEXT(1);
  }
  CASE(STRICT_EQUAL) {
    int equal = strict_equals_quickly(r[pc->b], r[pc->c]);
    if (unlikely(equal < 0)) {
      SAVE_PC();
      equal = vm_strict_equals(iso, r[pc->b], r[pc->c]);
    }
    r[pc->a] = value_from_bool(equal);
    NEXT(1);
  }
  CASE(STRICT_NOT_EQUAL) {
    int equal = strict_equals_quickly(r[pc->b], r[pc->c]);
    if (unlikely(equal < 0)) {
      SAVE_PC();
      equal = vm_strict_equals(iso, r[pc->b], r[pc->c]);
    }
    r[pc->a] = value_from_bool(!equal);
    NEXT(1);
  }
#define COMPARISON(NAME, operator, slow)                                       \
  CASE(NAME) {                                                                 \
    Value x = r[pc->b], y = r[pc->c];                                          \
    if (likely(value_both_int(x, y))) {                                        \
      r[pc->a] = value_from_bool(value_as_int(x) operator value_as_int(y));    \
      NEXT(1);                                                                 \
    }                                                                          \
    if (likely(both_numbers(x, y))) {                                          \
      r[pc->a] =                                                               \
          value_from_bool(value_as_number(x) operator value_as_number(y));     \
      NEXT(1);                                                                 \
    }                                                                          \
    SAVE_PC();                                                                 \
    int answer = slow(iso, x, y);                                              \
    CHECK(answer >= 0);                                                        \
    r[pc->a] = value_from_bool(answer);                                        \
    NEXT(1);                                                                   \
  }
  COMPARISON(LESS, <, vm_slow_less)
  COMPARISON(LESS_EQUAL, <=, vm_slow_less_equal)
  COMPARISON(GREATER, >, vm_slow_greater)
  COMPARISON(GREATER_EQUAL, >=, vm_slow_greater_equal)

#define IMMEDIATE() ((int16_t)pc->c)
  CASE(ADD_INT) {
    Value x = r[pc->b];
    int32_t result;
    if (likely(value_is_int(x) && !__builtin_add_overflow(
                                      value_as_int(x), IMMEDIATE(), &result))) {
      r[pc->a] = value_from_int(result);
      NEXT(1);
    }
    if (likely(value_is_number(x))) {
      r[pc->a] = box_arithmetic(value_as_number(x) + IMMEDIATE());
      NEXT(1);
    }
    SLOW_BINARY(ARITH_ADD, value_from_int(IMMEDIATE()));
  }
  CASE(SUBTRACT_INT) {
    Value x = r[pc->b];
    int32_t result;
    if (likely(value_is_int(x) && !__builtin_sub_overflow(
                                      value_as_int(x), IMMEDIATE(), &result))) {
      r[pc->a] = value_from_int(result);
      NEXT(1);
    }
    if (likely(value_is_number(x))) {
      r[pc->a] = box_arithmetic(value_as_number(x) - IMMEDIATE());
      NEXT(1);
    }
    SLOW_BINARY(ARITH_SUBTRACT, value_from_int(IMMEDIATE()));
  }
  CASE(MULTIPLY_INT) {
    Value x = r[pc->b];
    int32_t result;
    if (likely(value_is_int(x) &&
               !__builtin_mul_overflow(value_as_int(x), IMMEDIATE(), &result) &&
               (result != 0 || (value_as_int(x) | IMMEDIATE()) >= 0))) {
      r[pc->a] = value_from_int(result);
      NEXT(1);
    }
    if (likely(value_is_number(x))) {
      r[pc->a] = box_arithmetic(value_as_number(x) * IMMEDIATE());
      NEXT(1);
    }
    SLOW_BINARY(ARITH_MULTIPLY, value_from_int(IMMEDIATE()));
  }
  CASE(REMAINDER_INT) {
    Value x = r[pc->b];
    int32_t right = IMMEDIATE();
    if (likely(value_is_int(x) && value_as_int(x) >= 0 && right > 0)) {
      uint32_t left = (uint32_t)value_as_int(x);
      r[pc->a] = value_from_int((right & (right - 1)) == 0
                                    ? (int32_t)(left & (uint32_t)(right - 1))
                                    : (int32_t)(left % (uint32_t)right));
      NEXT(1);
    }
    if (value_is_number(x)) {
      r[pc->a] =
          value_from_number(vm_number_remainder(value_as_number(x), right));
      NEXT(1);
    }
    SLOW_BINARY(ARITH_REMAINDER, value_from_int(right));
  }
#define INT_IMMEDIATE(NAME, operator, expression)                              \
  CASE(NAME) {                                                                 \
    Value x = r[pc->b];                                                        \
    int32_t right = IMMEDIATE();                                               \
    if (likely(value_is_number(x))) {                                          \
      int32_t left =                                                           \
          likely(value_is_int(x)) ? value_as_int(x) : number_to_int32(x);      \
      r[pc->a] = expression;                                                   \
      NEXT(1);                                                                 \
    }                                                                          \
    SLOW_BINARY(operator, value_from_int(right));                              \
  }
  INT_IMMEDIATE(BIT_AND_INT, ARITH_AND, value_from_int(left & right))
  INT_IMMEDIATE(BIT_OR_INT, ARITH_OR, value_from_int(left | right))
  INT_IMMEDIATE(SHIFT_LEFT_INT, ARITH_SHIFT_LEFT,
                value_from_int((int32_t)((uint32_t)left << (right & 31))))
  INT_IMMEDIATE(SHIFT_RIGHT_INT, ARITH_SHIFT_RIGHT,
                value_from_int(left >> (right & 31)))
  INT_IMMEDIATE(SHIFT_RIGHT_UNSIGNED_INT, ARITH_SHIFT_RIGHT_UNSIGNED,
                value_from_uint32((uint32_t)left >> (right & 31)))

  CASE(NEGATE) {
    Value x = r[pc->b];
    if (likely(value_is_int(x) && value_as_int(x) != 0 &&
               value_as_int(x) != INT32_MIN)) {
      r[pc->a] = value_from_int(-value_as_int(x));
      NEXT(1);
    }
    if (likely(value_is_number(x))) {
      // Not by box_arithmetic: negation flips the sign of a NaN.
      r[pc->a] = value_from_double(-value_as_number(x));
      NEXT(1);
    }
    SAVE_PC();
    Value v = vm_negate(iso, x);
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(BIT_NOT) {
    Value x = r[pc->b];
    if (likely(value_is_number(x))) {
      r[pc->a] = value_from_int(
          ~(likely(value_is_int(x)) ? value_as_int(x) : number_to_int32(x)));
      NEXT(1);
    }
    SAVE_PC();
    Value v = vm_bitwise_not(iso, x);
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(NOT) {
    r[pc->a] = value_from_bool(!truth(r[pc->b]));
    NEXT(1);
  }
  CASE(TYPEOF) {
    r[pc->a] = value_from_cell(vm_typeof(iso, r[pc->b]));
    NEXT(1);
  }
  CASE(POST_INCREMENT) {
    Value x = r[pc->b];
    if (likely(value_is_int(x) && value_as_int(x) != INT32_MAX)) {
      r[pc->a] = x;
      r[pc->b] = value_from_int(value_as_int(x) + 1);
      NEXT(1);
    }
    SAVE_PC();
    x = vm_to_numeric(iso, x);
    CHECK_VALUE(x);
    r[pc->a] = x;
    x = vm_increment_any(iso, x, 1);
    CHECK_VALUE(x);
    r[pc->b] = x;
    NEXT(1);
  }
  CASE(POST_DECREMENT) {
    Value x = r[pc->b];
    if (likely(value_is_int(x) && value_as_int(x) != INT32_MIN)) {
      r[pc->a] = x;
      r[pc->b] = value_from_int(value_as_int(x) - 1);
      NEXT(1);
    }
    SAVE_PC();
    x = vm_to_numeric(iso, x);
    CHECK_VALUE(x);
    r[pc->a] = x;
    x = vm_increment_any(iso, x, -1);
    CHECK_VALUE(x);
    r[pc->b] = x;
    NEXT(1);
  }
  CASE(INCREMENT) {
    Value x = r[pc->b];
    if (likely(value_is_int(x) && value_as_int(x) != INT32_MAX)) {
      r[pc->a] = value_from_int(value_as_int(x) + 1);
      NEXT(1);
    }
    if (likely(value_is_number(x))) {
      r[pc->a] = box_arithmetic(value_as_number(x) + 1);
      NEXT(1);
    }
    SAVE_PC();
    Value v = vm_increment_any(iso, x, 1);
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(DECREMENT) {
    Value x = r[pc->b];
    if (likely(value_is_int(x) && value_as_int(x) != INT32_MIN)) {
      r[pc->a] = value_from_int(value_as_int(x) - 1);
      NEXT(1);
    }
    if (likely(value_is_number(x))) {
      r[pc->a] = box_arithmetic(value_as_number(x) - 1);
      NEXT(1);
    }
    SAVE_PC();
    Value v = vm_increment_any(iso, x, -1);
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(TO_NUMBER) {
    Value x = r[pc->b];
    if (unlikely(!value_is_number(x))) {
      SAVE_PC();
      x = vm_to_number(iso, x);
      CHECK_VALUE(x);
    }
    r[pc->a] = x;
    NEXT(1);
  }
  CASE(TO_NUMERIC) {
    Value x = r[pc->b];
    if (unlikely(!value_is_number(x))) {
      SAVE_PC();
      x = vm_to_numeric(iso, x);
      CHECK_VALUE(x);
    }
    r[pc->a] = x;
    NEXT(1);
  }
  CASE(TO_STRING) {
    Value x = r[pc->b];
    if (!value_is_string(x)) {
      SAVE_PC();
      String *s = vm_to_string(iso, x);
      CHECK(s != NULL);
      x = value_from_cell(s);
    }
    r[pc->a] = x;
    NEXT(1);
  }
  CASE(TO_PROPERTY_KEY) {
    Value x = r[pc->b];
    if (!value_is_int(x) && !value_is_symbol(x)) {
      SAVE_PC();
      if (!value_is_string(x)) {
        x = vm_to_primitive(iso, x, HINT_STRING);
        CHECK_VALUE(x);
        if (!value_is_symbol(x)) {
          String *s = vm_to_string(iso, x);
          CHECK(s != NULL);
          x = value_from_cell(s);
        }
      }
    }
    r[pc->a] = x;
    NEXT(1);
  }
  CASE(TO_OBJECT) {
    Value x = r[pc->b];
    if (!value_is_object(x)) {
      SAVE_PC();
      Object *o = vm_to_object(iso, x);
      CHECK(o != NULL);
      x = value_from_cell(o);
    }
    r[pc->a] = x;
    NEXT(1);
  }
  CASE(CHECK_COERCIBLE) {
    if (unlikely(value_is_nullish(r[pc->a]))) {
      SAVE_PC();
      vm_throw_not_coercible(iso, r[pc->a]);
      goto exception;
    }
    NEXT(1);
  }
  CASE(GET_DISPOSER) {
    SAVE_PC();
    Value v = vm_get_disposer(iso, r[pc->b], pc->c);
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(SUPPRESS_ERROR) {
    SAVE_PC();
    Value v = vm_suppressed_error(iso, r[pc->b], r[pc->c]);
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(CHECK_OBJECT) {
    if (unlikely(!value_is_object(r[pc->a]))) {
      SAVE_PC();
      vm_throw_type_value(iso, "Iterator result %s is not an object", r[pc->a]);
      goto exception;
    }
    NEXT(1);
  }

  // Jumps
#define TAKE_LOOP32()                                                          \
  do {                                                                         \
    pc += 1 + (int64_t)pc->imm;                                                \
    if (budget_is_up(iso)) goto safepoint;                                     \
    DISPATCH();                                                                \
  } while (0)
#define TAKE_JUMP16()                                                          \
  do {                                                                         \
    pc += 1 + (int64_t)(int16_t)pc->c;                                         \
    DISPATCH();                                                                \
  } while (0)
#define TAKE_LOOP16()                                                          \
  do {                                                                         \
    pc += 1 + (int64_t)(int16_t)pc->c;                                         \
    if (budget_is_up(iso)) goto safepoint;                                     \
    DISPATCH();                                                                \
  } while (0)
  // JUMP keeps its offset in b and c.
  CASE(JUMP) {
    TAKE_JUMP32();
  }
  CASE(LOOP) {
    TAKE_LOOP32();
  }
  CASE(JUMP_IF_TRUE) {
    if (truth(r[pc->a])) TAKE_JUMP32();
    NEXT(1);
  }
  CASE(JUMP_IF_FALSE) {
    if (!truth(r[pc->a])) TAKE_JUMP32();
    NEXT(1);
  }
  CASE(JUMP_IF_NULLISH) {
    if (value_is_nullish(r[pc->a])) TAKE_JUMP32();
    NEXT(1);
  }
  CASE(JUMP_IF_NOT_NULLISH) {
    if (!value_is_nullish(r[pc->a])) TAKE_JUMP32();
    NEXT(1);
  }
  CASE(JUMP_IF_STRING) {
    Value x = r[pc->a], atom = code->keys[pc->b];
    if (x == atom ||
        (value_is_string(x) && !(value_as_cell(x)->flags & STRING_INTERNED) &&
         vm_strict_equals(iso, x, atom))) {
      TAKE_JUMP16();
    }
    NEXT(1);
  }
  CASE(JUMP_IF_NOT_STRING) {
    Value x = r[pc->a], atom = code->keys[pc->b];
    if (x != atom &&
        !(value_is_string(x) && !(value_as_cell(x)->flags & STRING_INTERNED) &&
          vm_strict_equals(iso, x, atom))) {
      TAKE_JUMP16();
    }
    NEXT(1);
  }
  CASE(JUMP_IF_IS) {
    if (r[pc->a] == pc->b) TAKE_JUMP16();
    NEXT(1);
  }
  CASE(JUMP_IF_IS_NOT) {
    if (r[pc->a] != pc->b) TAKE_JUMP16();
    NEXT(1);
  }
  CASE(JUMP_IF_UNDEFINED) {
    if (value_is_undefined(r[pc->a])) TAKE_JUMP32();
    NEXT(1);
  }
  CASE(JUMP_IF_NOT_UNDEFINED) {
    if (!value_is_undefined(r[pc->a])) TAKE_JUMP32();
    NEXT(1);
  }
  CASE(JUMP_IF_EMPTY) {
    if (r[pc->a] == VALUE_EMPTY) TAKE_JUMP32();
    NEXT(1);
  }
  CASE(JUMP_TABLE) {
    Value x = r[pc->a];
    if (!value_is_int(x) && value_is_double(x)) {
      Value as_int = value_from_number(value_as_double(x));
      // case 0 matches -0 too.
      x = value_as_double(x) == 0 ? value_from_int(0) : as_int;
    }
    if (likely(value_is_int(x))) {
      const Record *record = &code->template->records[pc->b];
      uint32_t index =
          (uint32_t)value_as_int(x) - (uint32_t)record->jump_table.low;
      if (index < record->jump_table.count) {
        pc += 1 + (int64_t)record->jump_table.offsets[index];
        DISPATCH();
      }
    }
    NEXT(1);
  }
  CASE(JUMP_TABLE_OWN) {
    Value x = r[pc->a];
    if (!value_is_int(x) && value_is_double(x)) {
      Value as_int = value_from_number(value_as_double(x));
      x = value_as_double(x) == 0 ? value_from_int(0) : as_int;
    }
    if (likely(value_is_int(x))) {
      const Record *record = (const Record *)(uintptr_t)X_WORD();
      uint32_t index =
          (uint32_t)value_as_int(x) - (uint32_t)record->jump_table.low;
      if (index < record->jump_table.count) {
        pc += 2 + (int64_t)record->jump_table.offsets[index];
        DISPATCH();
      }
    }
    NEXT(2);
  }
  CASE(LOOP_IF_TRUE) {
    if (truth(r[pc->a])) TAKE_LOOP32();
    NEXT(1);
  }
  CASE(LOOP_IF_FALSE) {
    if (!truth(r[pc->a])) TAKE_LOOP32();
    NEXT(1);
  }
#define COMPARE_JUMP(NAME, operator, slow, right_operand, wanted, take)        \
  CASE(NAME) {                                                                 \
    Value x = r[pc->a];                                                        \
    Value y = right_operand;                                                   \
    if (likely(value_both_int(x, y))) {                                        \
      if ((value_as_int(x) operator value_as_int(y)) == wanted) take();        \
      NEXT(1);                                                                 \
    }                                                                          \
    double left, right;                                                        \
    if (likely(unbox_doubles(x, y, &left, &right))) {                          \
      if ((left operator right) == wanted) take();                             \
      NEXT(1);                                                                 \
    }                                                                          \
    if (both_numbers(x, y)) {                                                  \
      if ((value_as_number(x) operator value_as_number(y)) == wanted) take();  \
      NEXT(1);                                                                 \
    }                                                                          \
    SAVE_PC();                                                                 \
    int answer = slow(iso, x, y);                                              \
    CHECK(answer >= 0);                                                        \
    if (answer == wanted) take();                                              \
    NEXT(1);                                                                   \
  }
#define INT_OPERAND_B value_from_int((int16_t)pc->b)
#define COMPARE_JUMPS(NAME, operator, slow)                                    \
  COMPARE_JUMP(JUMP_IF_##NAME, operator, slow, r[pc->b], 1, TAKE_JUMP16)       \
  COMPARE_JUMP(JUMP_IF_NOT_##NAME, operator, slow, r[pc->b], 0, TAKE_JUMP16)   \
  COMPARE_JUMP(LOOP_IF_##NAME, operator, slow, r[pc->b], 1, TAKE_LOOP16)       \
  COMPARE_JUMP(JUMP_IF_##NAME##_INT, operator, slow, INT_OPERAND_B, 1,         \
               TAKE_JUMP16)                                                    \
  COMPARE_JUMP(JUMP_IF_NOT_##NAME##_INT, operator, slow, INT_OPERAND_B, 0,     \
               TAKE_JUMP16)                                                    \
  COMPARE_JUMP(LOOP_IF_##NAME##_INT, operator, slow, INT_OPERAND_B, 1,         \
               TAKE_LOOP16)
  COMPARE_JUMPS(LESS, <, vm_slow_less)
  COMPARE_JUMPS(LESS_EQUAL, <=, vm_slow_less_equal)
  COMPARE_JUMPS(GREATER, >, vm_slow_greater)
  COMPARE_JUMPS(GREATER_EQUAL, >=, vm_slow_greater_equal)

#define LOOSE_JUMP(NAME, right_operand, wanted, take)                          \
  CASE(NAME) {                                                                 \
    Value x = r[pc->a];                                                        \
    Value y = right_operand;                                                   \
    if (likely(value_both_int(x, y))) {                                        \
      if ((x == y) == wanted) take();                                          \
      NEXT(1);                                                                 \
    }                                                                          \
    SAVE_PC();                                                                 \
    Tri equal = vm_equal_quickly(iso, x, y);                                   \
    CHECK(equal >= 0);                                                         \
    if (equal == wanted) take();                                               \
    NEXT(1);                                                                   \
  }
  LOOSE_JUMP(JUMP_IF_EQUAL, r[pc->b], 1, TAKE_JUMP16)
  LOOSE_JUMP(JUMP_IF_EQUAL_INT, INT_OPERAND_B, 1, TAKE_JUMP16)
  LOOSE_JUMP(JUMP_IF_NOT_EQUAL, r[pc->b], 0, TAKE_JUMP16)
  LOOSE_JUMP(JUMP_IF_NOT_EQUAL_INT, INT_OPERAND_B, 0, TAKE_JUMP16)
  LOOSE_JUMP(LOOP_IF_EQUAL, r[pc->b], 1, TAKE_LOOP16)
  LOOSE_JUMP(LOOP_IF_EQUAL_INT, INT_OPERAND_B, 1, TAKE_LOOP16)
  LOOSE_JUMP(LOOP_IF_NOT_EQUAL, r[pc->b], 0, TAKE_LOOP16)
  LOOSE_JUMP(LOOP_IF_NOT_EQUAL_INT, INT_OPERAND_B, 0, TAKE_LOOP16)
#define STRICT_JUMP(NAME, wanted, take)                                        \
  CASE(NAME) {                                                                 \
    int equal = strict_equals_quickly(r[pc->a], r[pc->b]);                     \
    if (unlikely(equal < 0)) {                                                 \
      SAVE_PC();                                                               \
      equal = vm_strict_equals(iso, r[pc->a], r[pc->b]);                       \
    }                                                                          \
    if (equal == wanted) take();                                               \
    NEXT(1);                                                                   \
  }
#define STRICT_JUMP_INT(NAME, wanted, take)                                    \
  CASE(NAME) {                                                                 \
    Value x = r[pc->a];                                                        \
    int32_t y = (int16_t)pc->b;                                                \
    bool equal = value_is_int(x)      ? value_as_int(x) == y                   \
                 : value_is_double(x) ? value_as_double(x) == y                \
                                      : false;                                 \
    if (equal == wanted) take();                                               \
    NEXT(1);                                                                   \
  }
  STRICT_JUMP(JUMP_IF_STRICT_EQUAL, 1, TAKE_JUMP16)
  STRICT_JUMP_INT(JUMP_IF_STRICT_EQUAL_INT, 1, TAKE_JUMP16)
  STRICT_JUMP(JUMP_IF_STRICT_NOT_EQUAL, 0, TAKE_JUMP16)
  STRICT_JUMP_INT(JUMP_IF_STRICT_NOT_EQUAL_INT, 0, TAKE_JUMP16)
  STRICT_JUMP(LOOP_IF_STRICT_EQUAL, 1, TAKE_LOOP16)
  STRICT_JUMP_INT(LOOP_IF_STRICT_EQUAL_INT, 1, TAKE_LOOP16)
  STRICT_JUMP(LOOP_IF_STRICT_NOT_EQUAL, 0, TAKE_LOOP16)
  STRICT_JUMP_INT(LOOP_IF_STRICT_NOT_EQUAL_INT, 0, TAKE_LOOP16)

  // Iteration
  CASE(GET_ITERATOR) {
    SAVE_PC();
    CHECK(vm_get_iterator_slow(iso, &r[pc->a], r[pc->b]));
    NEXT(1);
  }
  CASE(GET_ASYNC_ITERATOR) {
    SAVE_PC();
    CHECK(vm_get_async_iterator_slow(iso, &r[pc->a], r[pc->b]));
    NEXT(1);
  }
  CASE(ITERATOR_STEP) {
    Value *it = &r[pc->b];
    // An array by its values, without an iterator object: next is EMPTY, the
    // state is the index.
    if (likely(it[1] == VALUE_EMPTY)) {
      Array *array = (Array *)value_as_cell(it[0]);
      uint32_t index = (uint32_t)value_as_int(it[2]);
      if (likely(index < elements_length(array->object.elements) &&
                 array->object.elements->values[index] != VALUE_EMPTY)) {
        it[2] = value_from_int((int32_t)index + 1);
        r[pc->a] = array->object.elements->values[index];
        NEXT(2);
      }
      if (index >= array->length) {
        it[0] = it[1] = it[2] = VALUE_UNDEFINED;
        r[pc->a] = VALUE_UNDEFINED;
        pc += 2 + (int64_t)(int32_t)X_WORD();
        DISPATCH();
      }
    }
    SAVE_PC();
    goto iterator_step;
  }
  CASE(ITERATOR_STEP_OR_UNDEFINED) {
    Value *it = &r[pc->b];
    if (it[0] == VALUE_UNDEFINED) {
      r[pc->a] = VALUE_UNDEFINED;
      NEXT(1);
    }
    if (likely(it[1] == VALUE_EMPTY)) {
      Array *array = (Array *)value_as_cell(it[0]);
      uint32_t index = (uint32_t)value_as_int(it[2]);
      if (likely(index < elements_length(array->object.elements) &&
                 array->object.elements->values[index] != VALUE_EMPTY)) {
        it[2] = value_from_int((int32_t)index + 1);
        r[pc->a] = array->object.elements->values[index];
        NEXT(1);
      }
    }
    SAVE_PC();
    goto iterator_step;
  }
iterator_step : {
  Value *it = &r[pc->b];
  Value next = it[1];
  // `next` in the language, and generators, run in this loop.
  if (value_is_kind(next, CELL_FUNCTION)) {
    request.callee = next;
    request.this_value = it[0];
    request.new_target = VALUE_UNDEFINED;
    request.argv = NULL;
    request.argc = 0;
    request.result_register = pc->a;
    request.flags = FRAME_NEXT_CALL;
    request.top = r + code->register_count;
    switch (vm_prepare_call(iso, &request)) {
    case CALL_PUSHED:
      goto enter_frame;
    case CALL_THREW:
      it = &r[pc->b];
      it[0] = it[1] = it[2] = VALUE_UNDEFINED;
      goto exception;
    case CALL_RETURNED:
      break;
    }
    Value v = VALUE_UNDEFINED;
    Tri more = vm_iterator_step_finish(iso, it, request.result, &v);
    CHECK(more >= 0);
    r[pc->a] = v;
    if (!more && pc->op == OP_ITERATOR_STEP) {
      pc += 2 + (int64_t)(int32_t)X_WORD();
      DISPATCH();
    }
    goto next_instruction;
  }
  if (value_is_kind(next, CELL_NATIVE_FUNCTION)) {
    Generator *generator =
        vm_generator_of_next(it[0], (NativeFunction *)value_as_cell(next));
    if (generator != NULL && generator->fiber != NULL &&
        generator->fiber->cell.flags != FIBER_RUNNING) {
      request.result_register = pc->a;
      request.flags = FRAME_STEP;
      request.top = r + code->register_count;
      switch (vm_prepare_resume(iso, &request, generator, RESUME_NEXT,
                                VALUE_UNDEFINED)) {
      case CALL_PUSHED:
        goto enter_frame;
      default:
        it[0] = it[1] = it[2] = VALUE_UNDEFINED;
        goto exception;
      }
    }
  }
  Value v = VALUE_UNDEFINED;
  Tri more = vm_iterator_step_slow(iso, it, &v);
  CHECK(more >= 0);
  r[pc->a] = more ? v : VALUE_UNDEFINED;
  if (!more && pc->op == OP_ITERATOR_STEP) {
    pc += 2 + (int64_t)(int32_t)X_WORD();
    DISPATCH();
  }
  goto next_instruction;
}
  CASE(ITERATOR_REST) {
    SAVE_PC();
    Value v;
    CHECK(vm_iterator_rest(iso, &r[pc->b], &v));
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(ITERATOR_CLOSE) {
    SAVE_PC();
    CHECK(vm_iterator_close_registers(iso, &r[pc->a], false));
    NEXT(1);
  }
  CASE(ITERATOR_CLOSE_QUIETLY) {
    SAVE_PC();
    CHECK(vm_iterator_close_registers(iso, &r[pc->a], true));
    NEXT(1);
  }
  CASE(ITERATOR_MARK_DONE) {
    Value *it = &r[pc->a];
    it[0] = it[1] = it[2] = VALUE_UNDEFINED;
    NEXT(1);
  }
  CASE(ITERATOR_CALL_NEXT) {
    SAVE_PC();
    CHECK(vm_iterator_materialize(iso, &r[pc->b]));
    request.callee = r[pc->b + 1];
    request.this_value = r[pc->b];
    request.new_target = VALUE_UNDEFINED;
    // for await passes nothing: EMPTY.
    request.argv = &r[pc->c];
    request.argc = r[pc->c] != VALUE_EMPTY;
    request.result_register = pc->a;
    request.flags = 0;
    request.top = r + code->register_count;
    goto call_request;
  }
  CASE(ITERATOR_METHOD) {
    SAVE_PC();
    CHECK(vm_iterator_materialize(iso, &r[pc->b]));
    Value v = vm_get_method(iso, r[pc->b], code->keys[pc->c]);
    CHECK_VALUE(v);
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(FOR_IN_START) {
    SAVE_PC();
    Value v;
    CHECK(vm_for_in_start(iso, r[pc->b], &v));
    r[pc->a] = v;
    NEXT(1);
  }
  CASE(FOR_IN_STEP) {
    SAVE_PC();
    Value v;
    Tri more = vm_for_in_step(iso, r[pc->b], &v);
    CHECK(more >= 0);
    if (!more) {
      pc += 2 + (int64_t)(int32_t)X_WORD();
      DISPATCH();
    }
    r[pc->a] = v;
    NEXT(2);
  }

  // Suspension
  CASE(START_GENERATOR) {
    SAVE_PC();
    Value v = vm_start_generator(iso, FRAME());
    CHECK_VALUE(v);
    request.result = v;
    goto deliver_result;
  }
  CASE(YIELD) {
    SAVE_PC();
    Frame *frame = FRAME();
    Value v = r[pc->b];
    if (code->cell.flags & CODE_FLAG_ASYNC) {
      vm_fiber_suspend(iso, frame, FIBER_SUSPENDED_YIELD);
      vm_async_generator_yield(iso, frame->fiber, v);
      request.result = VALUE_UNDEFINED;
    } else {
      vm_fiber_suspend(iso, frame, FIBER_SUSPENDED_YIELD);
      request.result =
          frame->flags & FRAME_STEP ? v : vm_iterator_result(iso, v, false);
    }
    goto deliver_result;
  }
  CASE(YIELD_DELEGATE) {
    SAVE_PC();
    Frame *frame = FRAME();
    Value v = r[pc->b];
    vm_fiber_suspend(iso, frame, FIBER_SUSPENDED_YIELD);
    if (code->cell.flags & CODE_FLAG_ASYNC) {
      vm_async_generator_yield(iso, frame->fiber, v);
      request.result = VALUE_UNDEFINED;
      goto deliver_result;
    }
    request.result = v;
    // A for-of takes the inner result object apart as it would any other.
    if (frame->flags & FRAME_STEP)
      frame->flags = (uint16_t)((frame->flags & ~FRAME_STEP) | FRAME_NEXT_CALL);
    goto deliver_result;
  }
  CASE(AWAIT) {
    SAVE_PC();
    Value v;
    CHECK(vm_await_value(iso, FRAME(), r[pc->b], &v));
    request.result = v;
    goto deliver_result;
  }

  // Exceptions
  CASE(THROW) {
    SAVE_PC();
    vm_throw(iso, r[pc->a]);
    goto exception;
  }
  CASE(THROW_ERROR) {
    SAVE_PC();
    throw_error_instruction(iso, code, pc);
    goto exception;
  }
  CASE(THROW_CONSTANT_ASSIGNMENT) {
    SAVE_PC();
    throw_constant_assignment(iso);
    goto exception;
  }
  CASE(COUNT_BLOCK) {
    _Atomic uint64_t *count = (_Atomic uint64_t *)(uintptr_t)X_WORD();
    // Other threads may count, too: what is lost then does not matter.
    atomic_store_explicit(
        count, atomic_load_explicit(count, memory_order_relaxed) + 1,
        memory_order_relaxed);
    NEXT(2);
  }
  CASE(DEBUGGER) {
    NEXT(1);
  }

  // Typed and fused instructions of optimized code. What is not the short path
  // goes on as the first instruction alone; the second follows.
#define BOTH_DOUBLES(x, y) (value_is_double(x) && value_is_double(y))
#define TYPED_DOUBLE(NAME, operator)                                           \
  CASE(NAME##_DOUBLE) {                                                        \
    Value x = r[pc->b], y = r[pc->c];                                          \
    if (likely(BOTH_DOUBLES(x, y))) {                                          \
      r[pc->a] =                                                               \
          box_arithmetic(value_as_double(x) operator value_as_double(y));      \
      NEXT(1);                                                                 \
    }                                                                          \
    goto L_##NAME;                                                             \
  }
  TYPED_DOUBLE(ADD, +)
  TYPED_DOUBLE(SUBTRACT, -)
  TYPED_DOUBLE(MULTIPLY, *)
  // The value of a monomorphic own property, or on as `otherwise`.
#define LOAD_OWN(result, at, cache_of, otherwise)                              \
  do {                                                                         \
    Value from = r[(at)->b];                                                   \
    const InlineCache *ic = (cache_of);                                        \
    if (unlikely(!value_is_object(from) ||                                     \
                 value_as_object(from)->shape != ic->first.shape ||            \
                 ic->first.kind != IC_OWN_INLINE))                             \
      otherwise;                                                               \
    result = *(const Value *)((const char *)value_as_object(from) +            \
                              ic->first.offset);                               \
    r[(at)->a] = result;                                                       \
  } while (0)
  CASE(GET_NAMED__GET_NAMED) {
    Value v;
    LOAD_OWN(v, pc, &code->caches[pc->c], goto L_GET_NAMED);
    LOAD_OWN(v, pc + 1, &code->caches[pc[1].c], NEXT(1));
    (void)v;
    NEXT(2);
  }
  CASE(GET_NAMED_AT__GET_NAMED_AT) {
    Value v;
    LOAD_OWN(v, pc, (const InlineCache *)(uintptr_t)X_WORD(),
             goto L_GET_NAMED_AT);
    LOAD_OWN(v, pc + 2, (const InlineCache *)(uintptr_t)pc[3].word, NEXT(2));
    (void)v;
    NEXT(4);
  }
  CASE(GET_NAMED__MULTIPLY_DOUBLE)
  CASE(GET_NAMED__MULTIPLY) {
    Value v;
    LOAD_OWN(v, pc, &code->caches[pc->c], goto L_GET_NAMED);
    (void)v;
    Value x = r[pc[1].b], y = r[pc[1].c];
    if (unlikely(!BOTH_DOUBLES(x, y))) NEXT(1);
    r[pc[1].a] = box_arithmetic(value_as_double(x) * value_as_double(y));
    NEXT(2);
  }
#define MULTIPLY_THEN(NAME, operator)                                          \
  CASE(MULTIPLY_DOUBLE__##NAME##_DOUBLE) {                                     \
    Value x = r[pc->b], y = r[pc->c];                                          \
    if (unlikely(!BOTH_DOUBLES(x, y))) goto L_MULTIPLY;                        \
    r[pc->a] = box_arithmetic(value_as_double(x) * value_as_double(y));        \
    x = r[pc[1].b], y = r[pc[1].c];                                            \
    if (unlikely(!BOTH_DOUBLES(x, y))) NEXT(1);                                \
    r[pc[1].a] =                                                               \
        box_arithmetic(value_as_double(x) operator value_as_double(y));        \
    NEXT(2);                                                                   \
  }
  MULTIPLY_THEN(ADD, +)
  MULTIPLY_THEN(SUBTRACT, -)
  // The element of a vector, or on as GET_ELEMENT.
#define LOAD_ELEMENT(result, at, otherwise)                                    \
  do {                                                                         \
    Value base = r[(at)->b], key = r[(at)->c];                                 \
    if (unlikely(!value_is_int(key) || !value_is_object(base))) otherwise;     \
    const Elements *e = value_as_object(base)->elements;                       \
    uint32_t index = (uint32_t)value_as_int(key);                              \
    if (unlikely(index >= elements_length(e) ||                                \
                 e->values[index] == VALUE_EMPTY))                             \
      otherwise;                                                               \
    result = e->values[index];                                                 \
    r[(at)->a] = result;                                                       \
  } while (0)
  CASE(GET_ELEMENT__ADD) {
    Value v;
    LOAD_ELEMENT(v, pc, goto L_GET_ELEMENT);
    (void)v;
    Value x = r[pc[1].b], y = r[pc[1].c];
    int32_t sum;
    if (unlikely(
            !value_both_int(x, y) ||
            __builtin_add_overflow(value_as_int(x), value_as_int(y), &sum)))
      NEXT(1);
    r[pc[1].a] = value_from_int(sum);
    NEXT(2);
  }
  CASE(GET_ELEMENT__ADD_DOUBLE) {
    Value v;
    LOAD_ELEMENT(v, pc, goto L_GET_ELEMENT);
    (void)v;
    Value x = r[pc[1].b], y = r[pc[1].c];
    if (unlikely(!BOTH_DOUBLES(x, y))) NEXT(1);
    r[pc[1].a] = box_arithmetic(value_as_double(x) + value_as_double(y));
    NEXT(2);
  }
#define ELEMENT_THEN(NAME, expression)                                         \
  CASE(GET_ELEMENT__##NAME) {                                                  \
    Value v;                                                                   \
    LOAD_ELEMENT(v, pc, goto L_GET_ELEMENT);                                   \
    v = r[pc[1].b];                                                            \
    if (unlikely(!value_is_int(v))) NEXT(1);                                   \
    int32_t left = value_as_int(v), right = (int16_t)pc[1].c;                  \
    r[pc[1].a] = value_from_int(expression);                                   \
    NEXT(2);                                                                   \
  }
  ELEMENT_THEN(BIT_AND_INT, left & right)
  ELEMENT_THEN(SHIFT_RIGHT_INT, left >> (right & 31))
  CASE(INCREMENT__GET_ELEMENT) {
    Value x = r[pc->b];
    if (unlikely(!value_is_int(x) || value_as_int(x) == INT32_MAX))
      goto L_INCREMENT;
    r[pc->a] = value_from_int(value_as_int(x) + 1);
    LOAD_ELEMENT(x, pc + 1, NEXT(1));
    NEXT(2);
  }
  CASE(MULTIPLY__ADD) {
    Value x = r[pc->b], y = r[pc->c];
    int32_t result;
    if (unlikely(
            !value_both_int(x, y) ||
            __builtin_mul_overflow(value_as_int(x), value_as_int(y), &result) ||
            result == 0))
      goto L_MULTIPLY;
    r[pc->a] = value_from_int(result);
    x = r[pc[1].b], y = r[pc[1].c];
    if (unlikely(
            !value_both_int(x, y) ||
            __builtin_add_overflow(value_as_int(x), value_as_int(y), &result)))
      NEXT(1);
    r[pc[1].a] = value_from_int(result);
    NEXT(2);
  }
  CASE(ADD__MULTIPLY) {
    Value x = r[pc->b], y = r[pc->c];
    int32_t result;
    if (unlikely(
            !value_both_int(x, y) ||
            __builtin_add_overflow(value_as_int(x), value_as_int(y), &result)))
      goto L_ADD;
    r[pc->a] = value_from_int(result);
    x = r[pc[1].b], y = r[pc[1].c];
    if (unlikely(
            !value_both_int(x, y) ||
            __builtin_mul_overflow(value_as_int(x), value_as_int(y), &result) ||
            result == 0))
      NEXT(1);
    r[pc[1].a] = value_from_int(result);
    NEXT(2);
  }
  CASE(MOVE__MOVE) {
    r[pc->a] = r[pc->b];
    r[pc[1].a] = r[pc[1].b];
    NEXT(2);
  }

  // The pending exception leaves the instruction at the frame's pc.
exception:
  for (;;) {
    Frame *frame = iso->frame;
    r = frame->registers;
    code = frame->code;
    if (unlikely(iso->realm != code->realm)) iso->realm = code->realm;
    iso->stack_top = r + code->register_count;
    if (!iso->terminating) {
      const ExceptionHandler *handler = find_handler(frame);
      if (handler != NULL) {
        r[handler->exception_register] = iso->exception;
        iso->exception = VALUE_EMPTY;
        pc = vm_template_of(code, frame->pc)->code + handler->handler;
        DISPATCH();
      }
    }
    unsigned flags = frame->flags;
    Frame *caller = frame->caller;
    if (flags & (FRAME_ASYNC | FRAME_GENERATOR)) {
      // An async function's failure is the result of its call.
      Value v = vm_fail_frame(iso, frame);
      if (v != VALUE_EXCEPTION) {
        request.result = v;
        goto deliver_result;
      }
    }
    iso->frame = caller;
    iso->stack_top = (Value *)frame;
    if (flags & FRAME_ENTRY) return VALUE_EXCEPTION;
    pc = caller->pc;
    if (flags & (FRAME_STEP | FRAME_NEXT_CALL)) {
      // An abrupt next leaves the iterator done.
      Value *it = &caller->registers[pc->b];
      it[0] = it[1] = it[2] = VALUE_UNDEFINED;
    }
  }
}
