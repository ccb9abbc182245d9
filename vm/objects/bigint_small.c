// SPDX-License-Identifier: MIT
// BigInts of one limb, which nearly all are: their arithmetic in 128 bits,
// without views, scratch space or calls.
#include "vm/objects/bigint.h"
#include "vm/objects/isolate.h"

static inline bool is_small(const BigInt *b) {
  return b->cell.extra <= 1;
}
static inline uint64_t magnitude(const BigInt *b) {
  return b->cell.extra == 0 ? 0 : b->limbs[0];
}
static inline __int128 signed_value(const BigInt *b) {
  __int128 m = (__int128)magnitude(b);
  return bigint_is_negative(b) ? -m : m;
}

static Value make(Isolate *iso, unsigned __int128 m, bool negative) {
  uint32_t count = m == 0 ? 0 : m >> 64 == 0 ? 1 : 2;
  BigInt *b = gc_allocate(iso->heap, sizeof *b + count * sizeof b->limbs[0],
                          CELL_BIGINT);
  b->cell.extra = count;
  if (count == 0) return value_from_cell(b);
  b->cell.flags = negative ? BIGINT_NEGATIVE : 0;
  b->limbs[0] = (uint64_t)m;
  if (count == 2) b->limbs[1] = (uint64_t)(m >> 64);
  return value_from_cell(b);
}
static Value make_signed(Isolate *iso, __int128 n) {
  return make(iso, n < 0 ? -(unsigned __int128)n : (unsigned __int128)n, n < 0);
}

// Operands and result in one limb and not negative, as nearly always: EMPTY if
// the result is not, or the operator is another.
static inline Value natural(Isolate *iso, ArithOperator op, uint64_t x,
                            uint64_t y) {
  uint64_t n;
  switch (op) {
  case ARITH_ADD:
    if (__builtin_add_overflow(x, y, &n)) return VALUE_EMPTY;
    break;
  case ARITH_SUBTRACT:
    if (__builtin_sub_overflow(x, y, &n)) return VALUE_EMPTY;
    break;
  case ARITH_MULTIPLY:
    if (__builtin_mul_overflow(x, y, &n)) return VALUE_EMPTY;
    break;
  case ARITH_AND:
    n = x & y;
    break;
  case ARITH_OR:
    n = x | y;
    break;
  case ARITH_XOR:
    n = x ^ y;
    break;
  default:
    return VALUE_EMPTY;
  }
  if (n == 0) return VALUE_EMPTY;
  BigInt *b =
      gc_allocate(iso->heap, sizeof *b + sizeof b->limbs[0], CELL_BIGINT);
  b->cell.extra = 1;
  b->limbs[0] = n;
  return value_from_cell(b);
}

Value vm_bigint_small_increment(Isolate *iso, const BigInt *b, int delta) {
  if (b->cell.extra != 1 || bigint_is_negative(b)) return VALUE_EMPTY;
  return delta > 0 ? natural(iso, ARITH_ADD, b->limbs[0], 1)
                   : natural(iso, ARITH_SUBTRACT, b->limbs[0], 1);
}

Value vm_bigint_small_binary(Isolate *iso, ArithOperator op, const BigInt *a,
                             const BigInt *b) {
  if (unlikely(!is_small(a) || !is_small(b))) return VALUE_EMPTY;
  if (a->cell.extra + b->cell.extra == 2 &&
      !((a->cell.flags | b->cell.flags) & BIGINT_NEGATIVE)) {
    Value v = natural(iso, op, a->limbs[0], b->limbs[0]);
    if (v != VALUE_EMPTY) return v;
  }
  bool differ = bigint_is_negative(a) != bigint_is_negative(b);
  switch (op) {
  case ARITH_ADD:
    return make_signed(iso, signed_value(a) + signed_value(b));
  case ARITH_SUBTRACT:
    return make_signed(iso, signed_value(a) - signed_value(b));
  case ARITH_MULTIPLY:
    return make(iso, (unsigned __int128)magnitude(a) * magnitude(b), differ);
  case ARITH_DIVIDE:
    if (magnitude(b) == 0) return VALUE_EMPTY;
    return make(iso, magnitude(a) / magnitude(b), differ);
  case ARITH_REMAINDER:
    if (magnitude(b) == 0) return VALUE_EMPTY;
    return make(iso, magnitude(a) % magnitude(b), bigint_is_negative(a));
  case ARITH_SHIFT_LEFT:
    if (bigint_is_negative(b) || magnitude(b) >= 64) return VALUE_EMPTY;
    return make(iso, (unsigned __int128)magnitude(a) << magnitude(b),
                bigint_is_negative(a));
  case ARITH_SHIFT_RIGHT:
    if (bigint_is_negative(b)) return VALUE_EMPTY;
    return make_signed(iso, signed_value(a) >>
                                (magnitude(b) > 127 ? 127 : magnitude(b)));
  case ARITH_AND:
    return make_signed(iso, signed_value(a) & signed_value(b));
  case ARITH_OR:
    return make_signed(iso, signed_value(a) | signed_value(b));
  case ARITH_XOR:
    return make_signed(iso, signed_value(a) ^ signed_value(b));
  default:
    return VALUE_EMPTY;
  }
}
