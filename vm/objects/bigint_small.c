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

Value vm_bigint_small_increment(Isolate *iso, const BigInt *b, int delta) {
  if (!bigint_is_natural(b)) return VALUE_EMPTY;
  uint64_t n = b->limbs[0] + (uint64_t)delta;
  return n == 0 ? VALUE_EMPTY : vm_bigint_natural(iso, n);
}

Value vm_bigint_small_binary(Isolate *iso, ArithOperator op, const BigInt *a,
                             const BigInt *b) {
  if (unlikely(!is_small(a) || !is_small(b))) return VALUE_EMPTY;
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
