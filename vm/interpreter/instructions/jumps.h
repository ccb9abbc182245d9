// SPDX-License-Identifier: MIT
// Jumps, alone and fused with a comparison.
// A part of vm_run (dispatch.c), which includes it within its body.

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
