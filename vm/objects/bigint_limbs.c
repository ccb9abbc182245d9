// SPDX-License-Identifier: MIT
// BigInt arithmetic on limbs: signs and bounds here, magnitudes by GMP's mpn
// layer. Every function returns a normalized result.
#include "vm/objects/bigint_limbs.h"

#include <gmp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "vm/objects/gmp_call.h"
#include "vm/objects/unicode.h"

_Static_assert(sizeof(mp_limb_t) == 8, "limbs are 64 bits");

#define SCRATCH_LIMBS 64
#define IN(p) ((const mp_limb_t *)(p))
#define OUT(p) ((mp_limb_t *)(p))

static const LimbResult zero_result;
static const LimbResult failed_result = {.failed = true};

static LimbResult finish(const uint64_t *limbs, uint64_t count, bool negative) {
  while (count > 0 && limbs[count - 1] == 0)
    count--;
  return (LimbResult){.count = (uint32_t)count, .negative = negative && count};
}

static uint64_t bit_length(LimbView a) {
  if (a.count == 0) return 0;
  return (uint64_t)a.count * 64 -
         (uint64_t)__builtin_clzll(a.limbs[a.count - 1]);
}

static int compare_magnitudes(LimbView a, LimbView b) {
  if (a.count != b.count) return a.count < b.count ? -1 : 1;
  return a.count == 0 ? 0 : mpn_cmp(IN(a.limbs), IN(b.limbs), a.count);
}

static LimbResult add_magnitudes(uint64_t *out, LimbView a, LimbView b,
                                 bool negative) {
  if (a.count < b.count) {
    LimbView swap = a;
    a = b;
    b = swap;
  }
  if (a.count == 0) return zero_result;
  if (b.count == 0) {
    memmove(out, a.limbs, a.count * sizeof *out);
    return finish(out, a.count, negative);
  }
  out[a.count] = mpn_add(OUT(out), IN(a.limbs), a.count, IN(b.limbs), b.count);
  return finish(out, (uint64_t)a.count + 1, negative);
}

// a - b by magnitude; `negative` is the sign if |a| > |b|.
static LimbResult subtract_magnitudes(uint64_t *out, LimbView a, LimbView b,
                                      bool negative) {
  int order = compare_magnitudes(a, b);
  if (order == 0) return zero_result;
  if (order < 0) {
    LimbView swap = a;
    a = b;
    b = swap;
    negative = !negative;
  }
  if (b.count == 0)
    memmove(out, a.limbs, a.count * sizeof *out);
  else
    mpn_sub(OUT(out), IN(a.limbs), a.count, IN(b.limbs), b.count);
  return finish(out, a.count, negative);
}

LimbResult vm_limbs_add(uint64_t *out, LimbView a, LimbView b) {
  return a.negative == b.negative ? add_magnitudes(out, a, b, a.negative)
                                  : subtract_magnitudes(out, a, b, a.negative);
}

LimbResult vm_limbs_subtract(uint64_t *out, LimbView a, LimbView b) {
  return a.negative != b.negative ? add_magnitudes(out, a, b, a.negative)
                                  : subtract_magnitudes(out, a, b, a.negative);
}

// Of no more limbs than this mpn has its scratch memory on the C stack.
enum { MAX_STACKED = 256 };

static bool multiply(uint64_t *out, LimbView a, LimbView b) {
  GmpCall call;
  bool is_guarded = a.count > MAX_STACKED;
  if (is_guarded && !vm_gmp_begins(&call)) return false;
  if (a.limbs == b.limbs && a.count == b.count)
    mpn_sqr(OUT(out), IN(a.limbs), a.count);
  else
    mpn_mul(OUT(out), IN(a.limbs), a.count, IN(b.limbs), b.count);
  if (is_guarded) vm_gmp_end(&call);
  return true;
}

static bool divide(uint64_t *quotient, uint64_t *rest, LimbView a, LimbView b) {
  GmpCall call;
  bool is_guarded = a.count > MAX_STACKED;
  if (is_guarded && !vm_gmp_begins(&call)) return false;
  mpn_tdiv_qr(OUT(quotient), OUT(rest), 0, IN(a.limbs), a.count, IN(b.limbs),
              b.count);
  if (is_guarded) vm_gmp_end(&call);
  return true;
}

LimbResult vm_limbs_multiply(uint64_t *out, LimbView a, LimbView b) {
  if (a.count == 0 || b.count == 0) return zero_result;
  bool negative = a.negative != b.negative;
  if (a.count < b.count) {
    LimbView swap = a;
    a = b;
    b = swap;
  }
  uint64_t count = (uint64_t)a.count + b.count;
  if (b.count == 1)
    out[a.count] = mpn_mul_1(OUT(out), IN(a.limbs), a.count, b.limbs[0]);
  else if (!multiply(out, a, b))
    return failed_result;
  return finish(out, count, negative);
}

LimbResult vm_limbs_divide(uint64_t *out, LimbView a, LimbView b) {
  if (compare_magnitudes(a, b) < 0) return zero_result;
  bool negative = a.negative != b.negative;
  if (b.count == 1) {
    mpn_divrem_1(OUT(out), 0, IN(a.limbs), a.count, b.limbs[0]);
    return finish(out, a.count, negative);
  }
  uint64_t stack[SCRATCH_LIMBS], *rest = stack;
  if (b.count > SCRATCH_LIMBS) {
    rest = malloc(b.count * sizeof *rest);
    if (rest == NULL) return failed_result;
  }
  bool is_done = divide(out, rest, a, b);
  if (rest != stack) free(rest);
  if (!is_done) return failed_result;
  return finish(out, (uint64_t)a.count - b.count + 1, negative);
}

LimbResult vm_limbs_remainder(uint64_t *out, LimbView a, LimbView b) {
  if (compare_magnitudes(a, b) < 0) {
    memcpy(out, a.limbs, a.count * sizeof *out);
    return finish(out, a.count, a.negative);
  }
  if (b.count == 1) {
    out[0] = mpn_mod_1(IN(a.limbs), a.count, b.limbs[0]);
    return finish(out, 1, a.negative);
  }
  uint32_t quotient_count = a.count - b.count + 1;
  uint64_t stack[SCRATCH_LIMBS], *quotient = stack;
  if (quotient_count > SCRATCH_LIMBS) {
    quotient = malloc(quotient_count * sizeof *quotient);
    if (quotient == NULL) return failed_result;
  }
  bool is_done = divide(quotient, out, a, b);
  if (quotient != stack) free(quotient);
  if (!is_done) return failed_result;
  return finish(out, b.count, a.negative);
}

static bool is_one(LimbView a) {
  return a.count == 1 && a.limbs[0] == 1;
}

uint64_t vm_limbs_power_size(LimbView base, LimbView exponent) {
  if (base.count == 0 || exponent.count == 0 || is_one(base)) return 1;
  if (exponent.count > 1 || exponent.limbs[0] > BIGINT_MAX_BITS)
    return UINT64_MAX;
  uint64_t bits = bit_length(base);
  // Powers of two are exact; others stay below this bound.
  if (mpn_popcount(IN(base.limbs), base.count) == 1)
    bits = (bits - 1) * exponent.limbs[0] + 1;
  else
    bits *= exponent.limbs[0];
  return bits > BIGINT_MAX_BITS ? UINT64_MAX : bits / 64 + 1;
}

LimbResult vm_limbs_power(uint64_t *out, LimbView base, LimbView exponent) {
  bool odd = exponent.count != 0 && (exponent.limbs[0] & 1);
  if (exponent.count == 0 || is_one(base)) {
    out[0] = 1;
    return (LimbResult){.count = 1, .negative = odd && base.negative};
  }
  if (base.count == 0) return zero_result;
  GmpCall call;
  if (!vm_gmp_begins(&call)) return failed_result;
  mpz_t result;
  const __mpz_struct operand[] =
      MPZ_ROINIT_N((mp_limb_t *)base.limbs, (mp_size_t)base.count);
  mpz_init(result);
  mpz_pow_ui(result, operand, exponent.limbs[0]);
  size_t count = mpz_size(result);
  memcpy(out, mpz_limbs_read(result), count * sizeof *out);
  mpz_clear(result);
  vm_gmp_end(&call);
  return finish(out, count, odd && base.negative);
}

static uint64_t left_size(LimbView a, LimbView b) {
  if (a.count == 0 || b.count == 0) return (uint64_t)a.count + 1;
  if (b.count > 1 || b.limbs[0] > BIGINT_MAX_BITS ||
      bit_length(a) + b.limbs[0] > BIGINT_MAX_BITS)
    return UINT64_MAX;
  return a.count + b.limbs[0] / 64 + 1;
}

static uint64_t right_size(LimbView a, LimbView b) {
  if (b.count > 1 || (b.count == 1 && b.limbs[0] / 64 >= a.count)) return 1;
  return a.count - (b.count == 0 ? 0 : b.limbs[0] / 64) + 1;
}

static LimbResult left(uint64_t *out, LimbView a, LimbView b) {
  if (a.count == 0) return zero_result;
  uint64_t amount = b.count == 0 ? 0 : b.limbs[0];
  uint64_t words = amount / 64;
  unsigned bits = amount % 64;
  memset(out, 0, words * sizeof *out);
  if (bits == 0) {
    memcpy(out + words, a.limbs, a.count * sizeof *out);
    return finish(out, words + a.count, a.negative);
  }
  out[words + a.count] =
      mpn_lshift(OUT(out + words), IN(a.limbs), a.count, bits);
  return finish(out, words + a.count + 1, a.negative);
}

static LimbResult right(uint64_t *out, LimbView a, LimbView b) {
  if (a.count == 0) return zero_result;
  uint64_t amount = b.count == 0 ? 0 : b.count > 1 ? UINT64_MAX : b.limbs[0];
  uint64_t words = amount / 64;
  unsigned bits = amount % 64;
  if (words >= a.count) {
    out[0] = 1;
    return (LimbResult){.count = a.negative, .negative = a.negative};
  }
  uint64_t count = a.count - words;
  uint64_t lost = 0;
  if (bits == 0)
    memcpy(out, a.limbs + words, count * sizeof *out);
  else
    lost = mpn_rshift(OUT(out), IN(a.limbs + words), (mp_size_t)count, bits);
  if (a.negative) {
    for (uint64_t i = 0; lost == 0 && i < words; i++)
      lost |= a.limbs[i];
    out[count] = 0;
    if (lost != 0) {
      out[count] = mpn_add_1(OUT(out), IN(out), (mp_size_t)count, 1);
      count++;
    }
  }
  return finish(out, count, a.negative);
}

uint64_t vm_limbs_shift_left_size(LimbView a, LimbView b) {
  return b.negative ? right_size(a, b) : left_size(a, b);
}
LimbResult vm_limbs_shift_left(uint64_t *out, LimbView a, LimbView b) {
  return b.negative ? right(out, a, b) : left(out, a, b);
}
uint64_t vm_limbs_shift_right_size(LimbView a, LimbView b) {
  return b.negative ? left_size(a, b) : right_size(a, b);
}
LimbResult vm_limbs_shift_right(uint64_t *out, LimbView a, LimbView b) {
  return b.negative ? left(out, a, b) : right(out, a, b);
}

// The limbs of a number in two's complement, one after another.
typedef struct Complement {
  LimbView number;
  uint64_t carry;
} Complement;
static inline uint64_t complement_next(Complement *c, uint32_t i) {
  uint64_t limb = i < c->number.count ? c->number.limbs[i] : 0;
  if (!c->number.negative) return limb;
  limb = ~limb + c->carry;
  c->carry &= limb == 0;
  return limb;
}

// In place: two's complement of `count` limbs with a negative sign to its
// magnitude.
static void negate(uint64_t *limbs, uint64_t count) {
  uint64_t carry = 1;
  for (uint64_t i = 0; i < count; i++) {
    limbs[i] = ~limbs[i] + carry;
    carry &= limbs[i] == 0;
  }
}

#define BITWISE(name, operator)                                                \
  LimbResult name(uint64_t *out, LimbView a, LimbView b) {                     \
    uint32_t count = (a.count > b.count ? a.count : b.count) + 1;              \
    bool negative = a.negative operator b.negative;                            \
    Complement left = {a, 1}, right = {b, 1};                                  \
    for (uint32_t i = 0; i < count; i++)                                       \
      out[i] = complement_next(&left, i) operator complement_next(&right, i);  \
    if (negative) negate(out, count);                                          \
    return finish(out, count, negative);                                       \
  }
BITWISE(vm_limbs_and, &)
BITWISE(vm_limbs_or, |)
BITWISE(vm_limbs_xor, ^)

LimbResult vm_limbs_not(uint64_t *out, LimbView a) {
  static const uint64_t one = 1;
  return vm_limbs_subtract(out, (LimbView){a.limbs, a.count, !a.negative},
                           (LimbView){&one, 1, false});
}

uint64_t vm_limbs_as_n_size(LimbView a, uint64_t bits) {
  uint64_t needed = bits / 64 + (bits % 64 != 0);
  if (!a.negative) return (needed < a.count ? needed : a.count) + 1;
  return needed > BIGINT_MAX_LIMBS ? UINT64_MAX : needed + 1;
}

// a modulo 2^bits, into all of ceil(bits / 64) limbs; bits is in range.
static uint64_t modulo_power(uint64_t *out, LimbView a, uint64_t bits) {
  uint64_t count = bits / 64 + (bits % 64 != 0);
  if (!a.negative && count > a.count) {
    memcpy(out, a.limbs, a.count * sizeof *out);
    return a.count;
  }
  Complement source = {a, 1};
  for (uint64_t i = 0; i < count; i++)
    out[i] = complement_next(&source, (uint32_t)i);
  if (bits % 64 != 0) out[count - 1] &= (UINT64_C(1) << bits % 64) - 1;
  return count;
}

LimbResult vm_limbs_as_uint_n(uint64_t *out, LimbView a, uint64_t bits) {
  return finish(out, modulo_power(out, a, bits), false);
}

LimbResult vm_limbs_as_int_n(uint64_t *out, LimbView a, uint64_t bits) {
  if (bits == 0) return zero_result;
  if (bits > bit_length(a)) {
    memcpy(out, a.limbs, a.count * sizeof *out);
    return finish(out, a.count, a.negative);
  }
  uint64_t count = modulo_power(out, a, bits);
  uint64_t top = bits - 1;
  if (top / 64 >= count || !(out[top / 64] >> top % 64 & 1))
    return finish(out, count, false);
  negate(out, count);
  if (bits % 64 != 0) out[count - 1] &= (UINT64_C(1) << bits % 64) - 1;
  return finish(out, count, true);
}

int vm_limbs_compare(LimbView a, LimbView b) {
  if (a.negative != b.negative) return a.negative ? -1 : 1;
  int order = compare_magnitudes(a, b);
  return a.negative ? -order : order;
}

bool vm_limbs_equal(LimbView a, LimbView b) {
  return a.count == b.count && a.negative == b.negative &&
         (a.count == 0 ||
          memcmp(a.limbs, b.limbs, a.count * sizeof *a.limbs) == 0);
}

int vm_limbs_compare_double(LimbView a, double d) {
  bool negative = d < 0;
  if (isinf(d)) return negative ? 1 : -1;
  double whole = trunc(d);
  uint64_t limbs[BIGINT_LIMBS_OF_DOUBLE];
  LimbResult r = vm_limbs_from_double(limbs, whole);
  int order = vm_limbs_compare(a, (LimbView){limbs, r.count, r.negative});
  if (order != 0) return order;
  return d > whole ? -1 : d < whole ? 1 : 0;
}

double vm_limbs_to_double(LimbView a) {
  if (a.count == 0) return 0;
  if (a.count > 16) return a.negative ? -INFINITY : INFINITY;
  uint64_t high = a.limbs[a.count - 1];
  int zeros = __builtin_clzll(high);
  // The top 64 bits, the lowest of them sticky, round as the whole does.
  high <<= zeros;
  bool sticky = false;
  if (a.count > 1) {
    uint64_t next = a.limbs[a.count - 2];
    if (zeros != 0) high |= next >> (64 - zeros);
    sticky = next << zeros != 0;
    for (uint32_t i = 0; i + 2 < a.count; i++)
      sticky |= a.limbs[i] != 0;
  }
  double d = ldexp((double)(high | sticky), (int)(a.count - 1) * 64 - zeros);
  return a.negative ? -d : d;
}

LimbResult vm_limbs_from_double(uint64_t *out, double integer) {
  if (integer == 0) return zero_result;
  int exponent;
  double fraction = frexp(fabs(integer), &exponent);
  uint64_t mantissa = (uint64_t)ldexp(fraction, 53);
  int shift = exponent - 53;
  if (shift <= 0) {
    out[0] = shift > -64 ? mantissa >> -shift : 0;
    return finish(out, 1, integer < 0);
  }
  uint32_t word = (uint32_t)shift / 64, bits = (uint32_t)shift % 64;
  memset(out, 0, word * sizeof *out);
  out[word] = mantissa << bits;
  out[word + 1] = bits == 0 ? 0 : mantissa >> (64 - bits);
  return finish(out, word + 2, integer < 0);
}

uint64_t vm_limbs_to_uint64(LimbView a) {
  uint64_t low = a.count == 0 ? 0 : a.limbs[0];
  return a.negative ? -low : low;
}

size_t vm_limbs_text_size(LimbView a, unsigned radix) {
  return (size_t)((double)bit_length(a) / log2(radix) * (1 + 1e-12)) + 4;
}

// 0: no memory.
static size_t get_digits(char *out, unsigned radix, uint64_t *limbs,
                         uint32_t count) {
  GmpCall call;
  if (!vm_gmp_begins(&call)) return 0;
  size_t length =
      mpn_get_str((unsigned char *)out, (int)radix, OUT(limbs), count);
  vm_gmp_end(&call);
  return length;
}

// The other way round.
static size_t set_digits(uint64_t *out, unsigned radix,
                         const unsigned char *digits, size_t length) {
  GmpCall call;
  if (!vm_gmp_begins(&call)) return 0;
  mp_size_t count = mpn_set_str(OUT(out), digits, length, (int)radix);
  vm_gmp_end(&call);
  return (size_t)count;
}

size_t vm_limbs_to_text(LimbView a, unsigned radix, char *out) {
  static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  char *p = out;
  if (a.negative) *p++ = '-';
  if (a.count <= 1) {
    char scratch[64];
    unsigned length = 0;
    uint64_t n = a.count == 0 ? 0 : a.limbs[0];
    do
      scratch[length++] = digits[n % radix];
    while ((n /= radix) != 0);
    while (length > 0)
      *p++ = scratch[--length];
    *p = 0;
    return (size_t)(p - out);
  }
  // mpn_get_str overwrites its operand and wants a limb more.
  uint64_t stack[SCRATCH_LIMBS], *copy = stack;
  if (a.count + 1 > SCRATCH_LIMBS) {
    copy = malloc(((size_t)a.count + 1) * sizeof *copy);
    if (copy == NULL) return 0;
  }
  memcpy(copy, a.limbs, a.count * sizeof *copy);
  size_t length = get_digits(p, radix, copy, a.count);
  if (copy != stack) free(copy);
  if (length == 0) return 0;
  size_t zeros = 0;
  while (zeros + 1 < length && p[zeros] == 0)
    zeros++;
  for (size_t i = zeros; i < length; i++)
    p[i - zeros] = digits[(unsigned char)p[i]];
  p += length - zeros;
  *p = 0;
  return (size_t)(p - out);
}

uint64_t vm_limbs_from_digits_size(size_t digits, unsigned radix) {
  double bits = (double)digits * log2(radix) * (1 + 1e-12);
  if (bits > (double)BIGINT_MAX_BITS) return UINT64_MAX;
  return (uint64_t)bits / 64 + 3;
}

LimbResult vm_limbs_from_digits(uint64_t *out, const char *digits,
                                size_t length, unsigned radix) {
  while (length > 0 && *digits == '0') {
    digits++;
    length--;
  }
  if (length == 0) return zero_result;
  uint64_t small = 0;
  if (length <= 12) {
    for (size_t i = 0; i < length; i++)
      small = small * radix + vm_unicode_digit_value((uint8_t)digits[i]);
    out[0] = small;
    return finish(out, 1, false);
  }
  unsigned char stack[SCRATCH_LIMBS * 8], *values = stack;
  if (length > sizeof stack) {
    values = malloc(length);
    if (values == NULL) return failed_result;
  }
  if (radix <= 10) {
    for (size_t i = 0; i < length; i++)
      values[i] = (unsigned char)(digits[i] - '0');
  } else {
    for (size_t i = 0; i < length; i++)
      values[i] = (unsigned char)vm_unicode_digit_value((uint8_t)digits[i]);
  }
  size_t count = set_digits(out, radix, values, length);
  if (values != stack) free(values);
  return count == 0 ? failed_result : finish(out, count, false);
}

bool vm_limbs_parse(const uint8_t *units, size_t count, size_t *start,
                    size_t *length, unsigned *radix, bool *negative) {
  size_t i = 0;
  while (i < count && vm_unicode_is_trimmed(units[i]))
    i++;
  while (count > i && vm_unicode_is_trimmed(units[count - 1]))
    count--;
  *negative = false;
  *radix = 10;
  *start = i;
  *length = 0;
  if (i == count) return true;
  if (count - i > 2 && units[i] == '0') {
    uint8_t letter = units[i + 1] | 0x20;
    unsigned prefix = letter == 'x'   ? 16
                      : letter == 'o' ? 8
                      : letter == 'b' ? 2
                                      : 0;
    if (prefix != 0) {
      *radix = prefix;
      i += 2;
    }
  }
  if (*radix == 10 && (units[i] == '-' || units[i] == '+')) {
    *negative = units[i++] == '-';
    if (i == count) return false;
  }
  *start = i;
  *length = count - i;
  if (*radix <= 10) {
    unsigned highest = 0;
    for (; i < count; i++) {
      uint8_t value = (uint8_t)(units[i] - '0');
      highest = value > highest ? value : highest;
    }
    return highest < *radix;
  }
  for (; i < count; i++)
    if (vm_unicode_digit_value(units[i]) >= *radix) return false;
  return true;
}
