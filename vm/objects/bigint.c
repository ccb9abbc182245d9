// SPDX-License-Identifier: MIT
// BigInt cells around the limb arithmetic. Small results are computed on the C
// stack, so that a cell has the size of the result, not of its bound.
#include "vm/objects/bigint.h"

#include <stdlib.h>

#include "vm/objects/bigint_limbs.h"
#include "vm/objects/charge.h"
#include "vm/objects/gmp_call.h"
#include "vm/objects/isolate.h"
#include "vm/objects/operations.h"
#include "vm/objects/unicode.h"

enum { STACK_LIMBS = 64 };

static inline LimbView view_of(const BigInt *b) {
  return (LimbView){b->limbs, b->cell.extra, bigint_is_negative(b)};
}

static BigInt *throw_too_big(Isolate *iso) {
  vm_throw_range(iso, "Maximum BigInt size exceeded");
  return NULL;
}

static BigInt *out_of_memory(Isolate *iso) {
  vm_throw_out_of_memory(iso);
  return NULL;
}

// Operations that take more than linear time: a charge that grows faster than
// the `limbs` of what they read or make, and the limits in view until the
// matching end_long.
enum { LONG_LIMBS = 1 << 10 };

static bool begin_long(Isolate *iso, uint64_t limbs, WorkWatch *watch) {
  if (likely(limbs < LONG_LIMBS)) return true;
  unsigned bits = 64 - (unsigned)__builtin_clzll(limbs);
  if (!vm_charge(iso, limbs * 16 * bits)) return false;
  *watch = vm_work_watch(iso);
  vm_gmp_watch(watch);
  return true;
}

static void end_long(uint64_t limbs) {
  if (limbs >= LONG_LIMBS) vm_gmp_watch(NULL);
}

// What an operation has failed for.
static BigInt *failed(Isolate *iso) {
  return vm_goes_on(iso) ? out_of_memory(iso) : NULL;
}

BigInt *vm_bigint_new(Isolate *iso, uint32_t limb_count, bool negative) {
  if (!vm_charge(iso, (size_t)limb_count * 16)) return NULL;
  BigInt *b = gc_allocate_any(
      iso->heap, sizeof *b + (size_t)limb_count * sizeof b->limbs[0],
      CELL_BIGINT);
  if (!b) return out_of_memory(iso);
  b->cell.flags = negative ? BIGINT_NEGATIVE : 0;
  b->cell.extra = limb_count;
  return b;
}

// Room for a result of at most `size` limbs.
typedef struct Scratch {
  uint64_t *limbs;
  BigInt *cell; // holds `limbs`, or NULL: they are on the stack
  uint64_t stack[STACK_LIMBS];
} Scratch;

static bool begin(Isolate *iso, Scratch *scratch, uint64_t size) {
  scratch->cell = NULL;
  scratch->limbs = scratch->stack;
  if (size <= STACK_LIMBS) return true;
  // One limb more than the maximum may be needed by what turns out smaller.
  if (size > (uint64_t)BIGINT_MAX_LIMBS + 1) {
    throw_too_big(iso);
    return false;
  }
  scratch->cell = vm_bigint_new(iso, (uint32_t)size, false);
  if (!scratch->cell) return false;
  scratch->limbs = scratch->cell->limbs;
  return true;
}

static BigInt *finish(Isolate *iso, Scratch *scratch, LimbResult result) {
  if (result.failed) return failed(iso);
  if (result.count > BIGINT_MAX_LIMBS) return throw_too_big(iso);
  BigInt *cell = scratch->cell;
  if (cell && result.count >= cell->cell.extra / 2) {
    cell->cell.extra = result.count;
    cell->cell.flags = result.negative ? BIGINT_NEGATIVE : 0;
    return cell;
  }
  BigInt *b = vm_bigint_new(iso, result.count, result.negative);
  if (b) memcpy(b->limbs, scratch->limbs, result.count * sizeof b->limbs[0]);
  return b;
}

BigInt *vm_bigint_from_uint64(Isolate *iso, uint64_t u) {
  BigInt *b = vm_bigint_new(iso, u != 0, false);
  if (b && u) b->limbs[0] = u;
  return b;
}

BigInt *vm_bigint_from_int64(Isolate *iso, int64_t i) {
  BigInt *b = vm_bigint_new(iso, i != 0, i < 0);
  if (b && i) b->limbs[0] = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
  return b;
}

typedef LimbResult (*LimbOperation)(uint64_t *out, LimbView, LimbView);

static BigInt *run(Isolate *iso, LimbOperation operation, uint64_t size,
                   const BigInt *a, const BigInt *b) {
  Scratch scratch;
  if (!begin(iso, &scratch, size)) return NULL;
  return finish(iso, &scratch,
                operation(scratch.limbs, view_of(a), view_of(b)));
}

static BigInt *run_long(Isolate *iso, LimbOperation operation, uint64_t size,
                        const BigInt *a, const BigInt *b) {
  uint64_t work = size < BIGINT_MAX_LIMBS ? size : 0; // else it is refused
  WorkWatch watch;
  if (!begin_long(iso, work, &watch)) return NULL;
  BigInt *result = run(iso, operation, size, a, b);
  end_long(work);
  return result;
}

// Results of up to two limbs, without scratch.
static BigInt *from_magnitude(Isolate *iso, unsigned __int128 magnitude,
                              bool negative) {
  uint64_t low = (uint64_t)magnitude, high = (uint64_t)(magnitude >> 64);
  uint32_t count = high ? 2 : low != 0;
  BigInt *b = gc_allocate(iso->heap, sizeof *b + count * sizeof b->limbs[0],
                          CELL_BIGINT);
  b->cell.flags = negative && count ? BIGINT_NEGATIVE : 0;
  b->cell.extra = count;
  if (count) b->limbs[0] = low;
  if (high) b->limbs[1] = high;
  return b;
}

static inline bool both_single(const BigInt *a, const BigInt *b) {
  return (a->cell.extra | b->cell.extra) <= 1;
}
static inline uint64_t single_limb(const BigInt *b) {
  return b->cell.extra ? b->limbs[0] : 0;
}
static inline __int128 single_value(const BigInt *b) {
  __int128 v = single_limb(b);
  return bigint_is_negative(b) ? -v : v;
}
static BigInt *from_single_value(Isolate *iso, __int128 v) {
  return from_magnitude(
      iso, v < 0 ? -(unsigned __int128)v : (unsigned __int128)v, v < 0);
}
static inline bool both_single_positive(const BigInt *a, const BigInt *b) {
  return both_single(a, b) &&
         !((a->cell.flags | b->cell.flags) & BIGINT_NEGATIVE);
}

static uint64_t larger_plus_one(const BigInt *a, const BigInt *b) {
  return (uint64_t)(a->cell.extra > b->cell.extra ? a->cell.extra
                                                  : b->cell.extra) +
         1;
}

BigInt *vm_bigint_add(Isolate *iso, const BigInt *a, const BigInt *b) {
  if (likely(both_single(a, b)))
    return from_single_value(iso, single_value(a) + single_value(b));
  return run(iso, vm_limbs_add, larger_plus_one(a, b), a, b);
}
BigInt *vm_bigint_subtract(Isolate *iso, const BigInt *a, const BigInt *b) {
  if (likely(both_single(a, b)))
    return from_single_value(iso, single_value(a) - single_value(b));
  return run(iso, vm_limbs_subtract, larger_plus_one(a, b), a, b);
}
BigInt *vm_bigint_multiply(Isolate *iso, const BigInt *a, const BigInt *b) {
  if (likely(both_single(a, b)))
    return from_magnitude(iso,
                          (unsigned __int128)single_limb(a) * single_limb(b),
                          bigint_is_negative(a) != bigint_is_negative(b));
  return run_long(iso, vm_limbs_multiply,
                  (uint64_t)a->cell.extra + b->cell.extra, a, b);
}
BigInt *vm_bigint_and(Isolate *iso, const BigInt *a, const BigInt *b) {
  if (likely(both_single_positive(a, b)))
    return from_magnitude(iso, single_limb(a) & single_limb(b), false);
  return run(iso, vm_limbs_and, larger_plus_one(a, b), a, b);
}
BigInt *vm_bigint_or(Isolate *iso, const BigInt *a, const BigInt *b) {
  if (likely(both_single_positive(a, b)))
    return from_magnitude(iso, single_limb(a) | single_limb(b), false);
  return run(iso, vm_limbs_or, larger_plus_one(a, b), a, b);
}
BigInt *vm_bigint_xor(Isolate *iso, const BigInt *a, const BigInt *b) {
  if (likely(both_single_positive(a, b)))
    return from_magnitude(iso, single_limb(a) ^ single_limb(b), false);
  return run(iso, vm_limbs_xor, larger_plus_one(a, b), a, b);
}

BigInt *vm_bigint_divide(Isolate *iso, const BigInt *a, const BigInt *b) {
  if (bigint_is_zero(b)) {
    vm_throw_range(iso, "Division by zero");
    return NULL;
  }
  if (likely(both_single(a, b)))
    return from_magnitude(iso, single_limb(a) / b->limbs[0],
                          bigint_is_negative(a) != bigint_is_negative(b));
  return run_long(iso, vm_limbs_divide, a->cell.extra, a, b);
}

BigInt *vm_bigint_remainder(Isolate *iso, const BigInt *a, const BigInt *b) {
  if (bigint_is_zero(b)) {
    vm_throw_range(iso, "Division by zero");
    return NULL;
  }
  if (likely(both_single(a, b)))
    return from_magnitude(iso, single_limb(a) % b->limbs[0],
                          bigint_is_negative(a));
  return run_long(iso, vm_limbs_remainder, a->cell.extra, a, b);
}

BigInt *vm_bigint_exponentiate(Isolate *iso, const BigInt *a, const BigInt *b) {
  if (bigint_is_negative(b)) {
    vm_throw_range(iso, "Exponent must be non-negative");
    return NULL;
  }
  return run_long(iso, vm_limbs_power,
                  vm_limbs_power_size(view_of(a), view_of(b)), a, b);
}

BigInt *vm_bigint_shift_left(Isolate *iso, const BigInt *a, const BigInt *b) {
  return run(iso, vm_limbs_shift_left,
             vm_limbs_shift_left_size(view_of(a), view_of(b)), a, b);
}

BigInt *vm_bigint_shift_right(Isolate *iso, const BigInt *a, const BigInt *b) {
  return run(iso, vm_limbs_shift_right,
             vm_limbs_shift_right_size(view_of(a), view_of(b)), a, b);
}

BigInt *vm_bigint_negate(Isolate *iso, const BigInt *a) {
  BigInt *b = vm_bigint_new(iso, a->cell.extra,
                            !bigint_is_negative(a) && !bigint_is_zero(a));
  if (b) memcpy(b->limbs, a->limbs, a->cell.extra * sizeof a->limbs[0]);
  return b;
}

BigInt *vm_bigint_not(Isolate *iso, const BigInt *a) {
  Scratch scratch;
  if (!begin(iso, &scratch, (uint64_t)a->cell.extra + 1)) return NULL;
  return finish(iso, &scratch, vm_limbs_not(scratch.limbs, view_of(a)));
}

static BigInt *wrap(Isolate *iso, double bits, const BigInt *a,
                    LimbResult (*operation)(uint64_t *, LimbView, uint64_t)) {
  Scratch scratch;
  uint64_t size = vm_limbs_as_n_size(view_of(a), (uint64_t)bits);
  if (!begin(iso, &scratch, size)) return NULL;
  return finish(iso, &scratch,
                operation(scratch.limbs, view_of(a), (uint64_t)bits));
}

// The low 64 bits as two's complement.
static uint64_t low_bits(const BigInt *a) {
  uint64_t low = a->cell.extra == 0 ? 0 : a->limbs[0];
  return bigint_is_negative(a) ? -low : low;
}

BigInt *vm_bigint_as_int_n(Isolate *iso, double bits, const BigInt *a) {
  if (bits >= 1 && bits <= 64) {
    int unused = 64 - (int)bits;
    return vm_bigint_from_int64(iso,
                                (int64_t)(low_bits(a) << unused) >> unused);
  }
  return wrap(iso, bits, a, vm_limbs_as_int_n);
}

BigInt *vm_bigint_as_uint_n(Isolate *iso, double bits, const BigInt *a) {
  if (bits >= 1 && bits <= 64) {
    int unused = 64 - (int)bits;
    return vm_bigint_from_uint64(iso, low_bits(a) << unused >> unused);
  }
  return wrap(iso, bits, a, vm_limbs_as_uint_n);
}

int vm_bigint_compare(const BigInt *a, const BigInt *b) {
  if (likely(a->cell.extra == 1 && b->cell.extra == 1) &&
      !((a->cell.flags | b->cell.flags) & BIGINT_NEGATIVE))
    return (a->limbs[0] > b->limbs[0]) - (a->limbs[0] < b->limbs[0]);
  int order = vm_limbs_compare(view_of(a), view_of(b));
  return order < 0 ? -1 : order > 0;
}

int vm_bigint_compare_double(const BigInt *a, double d) {
  if (d != d) return BIGINT_UNORDERED;
  int order = vm_limbs_compare_double(view_of(a), d);
  return order < 0 ? -1 : order > 0;
}

double vm_bigint_to_double(const BigInt *a) {
  return vm_limbs_to_double(view_of(a));
}

int64_t vm_bigint_to_int64(const BigInt *a) {
  return (int64_t)vm_limbs_to_uint64(view_of(a));
}

BigInt *vm_bigint_from_double(Isolate *iso, double d) {
  Scratch scratch;
  if (!begin(iso, &scratch, BIGINT_LIMBS_OF_DOUBLE)) return NULL;
  return finish(iso, &scratch, vm_limbs_from_double(scratch.limbs, d));
}

String *vm_bigint_to_string(Isolate *iso, const BigInt *a, int radix) {
  char small[128];
  LimbView view = view_of(a);
  size_t size = vm_limbs_text_size(view, (unsigned)radix);
  WorkWatch watch;
  if (!begin_long(iso, a->cell.extra, &watch)) return NULL;
  char *text = size <= sizeof small ? small : malloc(size);
  size_t length = text ? vm_limbs_to_text(view, (unsigned)radix, text) : 0;
  end_long(a->cell.extra);
  String *s = NULL;
  if (length)
    s = vm_string_from_latin1(iso, (const uint8_t *)text, length);
  else
    failed(iso);
  if (text != small) free(text);
  return s;
}

BigInt *vm_bigint_from_digits(Isolate *iso, const uint8_t *latin1,
                              size_t length, int radix, bool negative) {
  Scratch scratch;
  uint64_t size = vm_limbs_from_digits_size(length, (unsigned)radix);
  WorkWatch watch;
  if (!begin(iso, &scratch, size) || !begin_long(iso, size, &watch))
    return NULL;
  LimbResult result = vm_limbs_from_digits(scratch.limbs, (const char *)latin1,
                                           length, (unsigned)radix);
  end_long(size);
  result.negative = negative && result.count > 0;
  return finish(iso, &scratch, result);
}

Tri vm_string_to_bigint(Isolate *iso, String *s, BigInt **out) {
  StringView view;
  if (!vm_string_read(iso, s, &view)) return TRI_THREW;
  uint8_t *narrowed = NULL;
  const uint8_t *units = view.units;
  if (view.is_wide) {
    // Only white space can lie beyond Latin-1: it reads as a space.
    units = narrowed = malloc(view.length ? view.length : 1);
    if (!narrowed) {
      vm_throw_out_of_memory(iso);
      return TRI_THREW;
    }
    for (uint32_t i = 0; i < view.length; i++) {
      uint16_t unit = ((const uint16_t *)view.units)[i];
      narrowed[i] = unit < 256                    ? (uint8_t)unit
                    : vm_unicode_is_trimmed(unit) ? ' '
                                                  : '?';
    }
  }
  size_t start, length;
  unsigned radix;
  bool negative;
  Tri answer = 0;
  if (vm_limbs_parse(units, view.length, &start, &length, &radix, &negative)) {
    *out = length == 0 ? vm_bigint_new(iso, 0, false)
                       : vm_bigint_from_digits(iso, units + start, length,
                                               (int)radix, negative);
    answer = *out ? 1 : TRI_THREW;
  }
  free(narrowed);
  return answer;
}

// ECMA-262 7.1.13
Value vm_to_bigint(Isolate *iso, Value v) {
  v = vm_to_primitive(iso, v, HINT_NUMBER);
  if (value_is_exception(v) || value_is_bigint(v)) return v;
  BigInt *b;
  if (value_is_boolean(v)) {
    b = vm_bigint_from_int64(iso, value_as_bool(v));
    return b ? value_from_cell(b) : VALUE_EXCEPTION;
  }
  if (value_is_string(v)) {
    Tri found = vm_string_to_bigint(iso, value_as_string(v), &b);
    if (found == 1) return value_from_cell(b);
    if (found == TRI_THREW) return VALUE_EXCEPTION;
  }
  char text[160];
  vm_describe(iso, v, text, sizeof text);
  if (value_is_string(v)) {
    size_t length = strlen(text); // without the quotes
    if (length >= 2) text[length - 1] = 0;
    return vm_throw_syntax(iso, "Cannot convert %s to a BigInt", text + 1);
  }
  return vm_throw_type(iso, "Cannot convert %s to a BigInt", text);
}
