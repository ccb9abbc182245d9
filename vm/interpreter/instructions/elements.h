// SPDX-License-Identifier: MIT
// Properties by value: elements, super, delete, in, instanceof.
// A part of vm_run (dispatch.c), which includes it within its body.

#define DO_GET_ELEMENT(key_value, index_value)                                 \
  Value base = r[pc->b], key = (key_value), v;                                 \
  if (likely(value_is_int(key) && value_is_object(base))) {                    \
    Object *o = value_as_object(base);                                         \
    uint32_t index = (index_value);                                            \
    Elements *e = o->elements;                                                 \
    if (likely(index < elements_length(e))) {                                  \
      v = e->values[index];                                                    \
      if (likely(v != VALUE_EMPTY)) {                                          \
        r[pc->a] = v;                                                          \
        NEXT(1);                                                               \
      }                                                                        \
    } else if (o->cell.kind == CELL_TYPED_ARRAY &&                             \
               typed_array_load(o, index, &v)) {                               \
      r[pc->a] = v;                                                            \
      NEXT(1);                                                                 \
    }                                                                          \
  }                                                                            \
  SAVE_PC();                                                                   \
  CHECK(vm_get_element_slow(iso, base, key, &v));                              \
  r[pc->a] = v;                                                                \
  NEXT(1);
CASE(GET_ELEMENT) {
  DO_GET_ELEMENT(r[pc->c], (uint32_t)value_as_int(key));
}
CASE(GET_ELEMENT_INT) {
  DO_GET_ELEMENT(value_from_int(pc->c), pc->c);
}
#undef DO_GET_ELEMENT
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
    if (o->cell.kind == CELL_TYPED_ARRAY && typed_array_store(o, index, value))
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
    if (likely(index < elements_length(e) && e->values[index] != VALUE_EMPTY)) {
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
