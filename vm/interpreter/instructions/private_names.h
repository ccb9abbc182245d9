// SPDX-License-Identifier: MIT
// Private names of classes.
// A part of vm_run (dispatch.c), which includes it within its body.

// The name is in an environment's slot, where loaded code may have put
// something else: no verifier knows what a slot holds.
#define CHECK_PRIVATE_NAME(v)                                                  \
  do {                                                                         \
    if (unlikely(!value_is_symbol(v) ||                                        \
                 !(value_as_cell(v)->flags & SYMBOL_PRIVATE))) {               \
      SAVE_PC();                                                               \
      vm_throw_type_value(iso, "%s is not a private name", v);                 \
      goto exception;                                                          \
    }                                                                          \
  } while (0)
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
    if (likely(o->shape == ic->first.shape && load_entry(&ic->first, o, &v))) {
      r[pc->a] = v;
      NEXT(2);
    }
  }
  CHECK_PRIVATE_NAME(name);
  RESULT(2, vm_cached_get_private(iso, code, ic, base, value_as_symbol(name)));
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
  CHECK_PRIVATE_NAME(name);
  SAVE_PC();
  CHECK(vm_cached_set_private(iso, code, ic, base, value_as_symbol(name),
                              r[pc->c]));
  NEXT(2);
}
CASE(ADD_PRIVATE) {
  CHECK_PRIVATE_NAME(r[pc->b]);
  SAVE_PC();
  CHECK(vm_private_add(iso, value_as_object(r[pc->a]),
                       value_as_symbol(r[pc->b]), r[pc->c]));
  NEXT(1);
}
CASE(ADD_PRIVATE_ACCESSOR) {
  CHECK_PRIVATE_NAME(r[pc->b]);
  SAVE_PC();
  CHECK(vm_private_add_accessor(iso, value_as_object(r[pc->a]),
                                value_as_symbol(r[pc->b]), r[pc->c],
                                r[pc->c + 1]));
  NEXT(1);
}
CASE(HAS_PRIVATE) {
  CHECK_PRIVATE_NAME(r[pc->c]);
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
#undef CHECK_PRIVATE_NAME
