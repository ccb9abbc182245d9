// SPDX-License-Identifier: MIT
// Literals, functions and classes.
// A part of vm_run (dispatch.c), which includes it within its body.

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
  CHECK(vm_create_data_or_throw(iso, value_as_object(r[pc->a]), key, r[pc->c]));
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
  CHECK(vm_copy_data_properties(iso, r[pc->a], r[pc->b], &r[pc->c], X_WORD()));
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
  RESULT(1, vm_new_array_constant(iso, &code->template->records[pc->b]));
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
  RESULT(1, vm_new_regexp_literal(iso, code, pc->b));
}
CASE(GET_TEMPLATE_OBJECT) {
  RESULT(1, vm_template_object(iso, code, pc->b));
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
  if (unlikely(!value_is_kind(r[pc->b], CELL_FUNCTION))) NEXT(1);
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
