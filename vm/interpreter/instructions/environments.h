// SPDX-License-Identifier: MIT
// Environments: making them, slots of one at hand and of the enclosing ones.
// A part of vm_run (dispatch.c), which includes it within its body.

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
  Environment *e = enclosing(FRAME()->function, pc->b);
  r[pc->a] = e->slots[pc->c];
  NEXT(1);
}
CASE(GET_UPVALUE_CHECKED) {
  Environment *e = enclosing(FRAME()->function, pc->b);
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
  Environment *e = enclosing(FRAME()->function, pc->b);
  gc_store_word(iso->heap, &e->slots[pc->c], r[pc->a]);
  NEXT(1);
}
CASE(GET_IMPORT) {
  RESULT(1, vm_get_import(iso, code->module, pc->b));
}
