// SPDX-License-Identifier: MIT
// Globals, and names that are resolved at run time (with, direct eval).
// A part of vm_run (dispatch.c), which includes it within its body.

#define DO_GET_GLOBAL(the_cache, words)                                        \
  cache = (the_cache);                                                         \
  Object *holder = cache->first.holder;                                        \
  if (likely(cache->epoch == code->realm->global_epoch && holder != NULL &&    \
             holder->shape == cache->first.shape)) {                           \
    Value v = cache->first.kind == IC_GLOBAL_SLOTS                             \
                  ? *(Value *)((char *)holder->slots + cache->first.offset)    \
                  : *(Value *)((char *)holder + cache->first.offset);          \
    if (likely(v != VALUE_EMPTY)) {                                            \
      r[pc->a] = v;                                                            \
      NEXT(words);                                                             \
    }                                                                          \
  }                                                                            \
  RESULT(words, vm_cached_get_global(iso, code, cache, false));
CASE(GET_GLOBAL) {
  DO_GET_GLOBAL(&code->caches[pc->b], 1);
}
CASE(GET_GLOBAL_AT) {
  DO_GET_GLOBAL((InlineCache *)(uintptr_t)X_WORD(), 2);
}
CASE(GET_GLOBAL_OR_UNDEFINED) {
  RESULT(1, vm_cached_get_global(iso, code, &code->caches[pc->b], true));
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
  CHECK(
      vm_define_global_function(iso, code->keys[pc->b], r[pc->a], pc->c != 0));
  NEXT(1);
}

// Dynamic names
CASE(RESOLVE_NAME) {
  SAVE_PC();
  Value v;
  CHECK(vm_resolve_name(iso, environment_of(r[pc->b]), code->keys[pc->c], &v));
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
