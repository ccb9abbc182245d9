// SPDX-License-Identifier: MIT
// Properties by name, through inline caches.
// A part of vm_run (dispatch.c), which includes it within its body.

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
#define DO_GET_LENGTH(the_cache, words)                                        \
  Value base = r[pc->b];                                                       \
  if (value_is_cell(base)) {                                                   \
    GcCell *cell = value_as_cell(base);                                        \
    if (cell->kind == CELL_ARRAY) {                                            \
      r[pc->a] = value_from_uint32(((Array *)cell)->length);                   \
      NEXT(words);                                                             \
    }                                                                          \
    if (cell->kind == CELL_STRING) {                                           \
      r[pc->a] = value_from_int((int32_t)string_length((String *)cell));       \
      NEXT(words);                                                             \
    }                                                                          \
  }                                                                            \
  cache = (the_cache);                                                         \
  Value v;                                                                     \
  if (load_other(iso, cache, base, &v)) {                                      \
    r[pc->a] = v;                                                              \
    NEXT(words);                                                               \
  }                                                                            \
  goto get_named_slow;
CASE(GET_LENGTH_AT) {
  DO_GET_LENGTH((InlineCache *)(uintptr_t)X_WORD(), 2);
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
  Environment *e = enclosing((Function *)value_as_cell(r[X_WORD()]), pc->b);
  r[pc->a] = e->slots[pc->c];
  NEXT(2);
}
CASE(GET_LENGTH) {
  DO_GET_LENGTH(&code->caches[pc->c], 1);
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
SHARED(get_method_slow) {
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
SHARED(get_named_slow) {
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
SHARED(set_named_slow) {
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
