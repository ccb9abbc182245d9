// SPDX-License-Identifier: MIT
// The matcher, for one width of units. matcher.c includes this file three
// times, with MATCHER_NAME, UNIT, IS_WIDE and IS_UNICODE set; IS_UNICODE reads
// surrogate pairs as one character.
//
// Backtracking uses a stack of records. A choice is {instruction, position};
// what must be undone on the way back is {UNDO | register, old value}. Loops
// over single characters keep a whole range of positions in two records, the
// lower one tagged BOUND. Positions are 32-bit indices.

#define TEMPLATE_PASTE_(a, b) a##_##b
#define TEMPLATE_PASTE(a, b) TEMPLATE_PASTE_(a, b)
#define LOCAL(name) TEMPLATE_PASTE(name, MATCHER_NAME)

#if IS_WIDE
// Membership of a unit (or code point) above 0xff.
static inline bool LOCAL(has_upper)(const MatchSet *set, uint32_t c) {
  if (set->upper != UPPER_RANGES) return set->upper;
  return range_lookup(set, c);
}
#endif

// Units that the set takes at p < end: 0 if it does not match.
static inline uint32_t LOCAL(take)(const MatchSet *set, const UNIT *p,
                                   const UNIT *end) {
  uint32_t c = *p;
#if !IS_WIDE
  (void)end;
  return set->latin1[c];
#else
  if (likely(c < 256)) return set->latin1[c];
#if IS_UNICODE
  if ((c & 0xfc00) == 0xd800 && p + 1 < end && (p[1] & 0xfc00) == 0xdc00) {
    c = 0x10000 + ((c - 0xd800) << 10) + (p[1] - 0xdc00u);
    return LOCAL(has_upper)(set, c) ? 2 : 0;
  }
#endif
  return LOCAL(has_upper)(set, c);
#endif
}

// A set made of a first set: by the next unit only.
static inline bool LOCAL(begins)(const MatchSet *set, uint32_t c) {
#if IS_WIDE
  if (unlikely(c >= 256)) return set->upper;
#endif
  return set->latin1[c];
}

// The character before p > start.
static inline uint32_t LOCAL(width_before)(const UNIT *p, const UNIT *start) {
#if IS_UNICODE
  if ((p[-1] & 0xfc00) == 0xdc00 && p - 1 > start &&
      (p[-2] & 0xfc00) == 0xd800) {
    return 2;
  }
#endif
  (void)p;
  (void)start;
  return 1;
}

// Takes up to max members of the set.
static inline const UNIT *LOCAL(run)(const MatchSet *set, const UNIT *p,
                                     const UNIT *end, uint32_t max) {
#if !IS_WIDE
  if ((size_t)(end - p) > max) end = p + max;
  while (p < end && set->latin1[*p])
    p++;
  return p;
#else
  while (p < end && max--) {
    uint32_t width = LOCAL(take)(set, p, end);
    if (!width) break;
    p += width;
  }
  return p;
#endif
}

// Whether [from, p) has fewer than `min` characters.
static inline bool LOCAL(fewer)(const UNIT *from, const UNIT *p, uint32_t min) {
  size_t units = (size_t)(p - from);
#if IS_UNICODE
  if (units >= 2 * (size_t)min) return false;
  for (const UNIT *q = from; q + 1 < p; q++) {
    if ((*q & 0xfc00) == 0xd800 && (q[1] & 0xfc00) == 0xdc00) {
      units--;
      q++;
    }
  }
#endif
  return units < min;
}

static bool LOCAL(is_word)(const UNIT *p, bool extended) {
  uint32_t c = *p;
  if (c < 128) return word_characters[c];
  return extended && (c == 0x17f || c == 0x212a);
}

static inline bool LOCAL(is_line_end)(uint32_t c) {
  return c == '\n' || c == '\r' || (IS_WIDE && (c | 1) == 0x2029);
}

// The text of a back reference, forwards or backwards. NULL: not there.
static const UNIT *LOCAL(reference)(const UNIT *base, const UNIT *end,
                                    const UNIT *p, int32_t from, int32_t to,
                                    uint32_t flags) {
  size_t length = (size_t)(to - from);
  const UNIT *text = base + from, *at = p;
  if (flags & REFERENCE_BEHIND) {
    if ((size_t)(p - base) < length) return NULL;
    at = p - length;
  } else if ((size_t)(end - p) < length) {
    return NULL;
  }
  if (!(flags & REFERENCE_IGNORE_CASE)) {
    // Mostly it is short, and ends at the first unit.
    if (length > 0 &&
        (*text != *at || memcmp(text + 1, at + 1, (length - 1) * sizeof(UNIT))))
      return NULL;
  } else {
    bool unicode = flags & REFERENCE_UNICODE;
    for (size_t i = 0; i < length; i++) {
      uint32_t a = text[i], b = at[i];
      if (a == b) continue;
#if IS_UNICODE
      if ((a & 0xfc00) == 0xd800 && i + 1 < length && (b & 0xfc00) == 0xd800) {
        a = 0x10000 + ((a - 0xd800) << 10) + (text[i + 1] - 0xdc00u);
        b = 0x10000 + ((b - 0xd800) << 10) + (at[i + 1] - 0xdc00u);
        i++;
      } else if ((a & 0xfc00) == 0xdc00 && i && (b & 0xfc00) == 0xdc00 &&
                 (text[i - 1] & 0xfc00) == 0xd800) {
        a = 0x10000 + ((text[i - 1] - 0xd800u) << 10) + (a - 0xdc00);
        b = 0x10000 + ((at[i - 1] - 0xd800u) << 10) + (b - 0xdc00);
      }
#endif
      if (regexp_canonicalize(a, unicode) != regexp_canonicalize(b, unicode)) {
        return NULL;
      }
    }
  }
  return flags & REFERENCE_BEHIND ? at : p + length;
}

// memchr for either of two units: 16 bytes at a time. NULL: not there.
static const UNIT *LOCAL(find_either)(const UNIT *p, const UNIT *end,
                                      uint32_t units) {
  enum { COUNT = 16 / sizeof(UNIT) };
  typedef UNIT Units __attribute__((vector_size(16)));
  const UNIT a = (UNIT)units, b = (UNIT)(units >> 16);
  const Units none = {0};
  for (; end - p >= COUNT; p += COUNT) {
    union {
      Units units;
      uint64_t words[2];
    } found;
    memcpy(&found.units, p, sizeof found.units);
    found.units =
        (Units)((found.units == (none + a)) | (found.units == (none + b)));
    if (found.words[0] | found.words[1]) break;
  }
  for (; p < end; p++) {
    if (*p == a || *p == b) return p;
  }
  return NULL;
}

// The first place at or after p where a match may begin; NULL: none.
static const UNIT *LOCAL(search)(const RegExpProgram *program, const UNIT *base,
                                 const UNIT *p, const UNIT *end) {
  switch (program->search) {
  case SEARCH_START:
    return p == base ? p : NULL;
  case SEARCH_UNIT:
#if IS_WIDE
    return find_unit(p, end, program->prefix[0]);
#else
    if (!program->prefix_is_latin1) return NULL;
    return memchr(p, program->prefix_latin1[0], (size_t)(end - p));
#endif
  case SEARCH_STRING: {
    uint32_t length = program->prefix_length, offset = program->search_offset;
#if IS_WIDE
    const UNIT *prefix = program->prefix;
#else
    const UNIT *prefix = program->prefix_latin1;
    if (!program->prefix_is_latin1) return NULL;
#endif
    if ((size_t)(end - p) < length) return NULL;
    const UNIT *limit = end - (length - 1 - offset);
    for (const UNIT *q = p + offset; q < limit; q++) {
#if IS_WIDE
      q = find_unit(q, limit, prefix[offset]);
#else
      q = memchr(q, prefix[offset], (size_t)(limit - q));
#endif
      if (!q) return NULL;
      if (!memcmp(q - offset, prefix, length * sizeof *q)) return q - offset;
    }
    return NULL;
  }
  case SEARCH_SET:
  case SEARCH_SET_OF_ONE:
  case SEARCH_SET_OF_TWO: {
    if (p == base) return p;
    const MatchSet *second = &program->sets[program->second_set];
    // The caller sees to it that a match can still fit.
    const UNIT *q = p + program->search_offset;
    ptrdiff_t to_second =
        (ptrdiff_t)program->second_offset - (ptrdiff_t)program->search_offset;
    const UNIT *limit = end;
    if (to_second > 0) limit -= to_second;
    for (;; q++) {
      if (program->search == SEARCH_SET_OF_ONE) {
        if (q >= limit) return NULL;
#if IS_WIDE
        q = find_unit(q, limit, (uint16_t)program->search_set);
#else
        q = memchr(q, (int)program->search_set, (size_t)(limit - q));
#endif
        if (!q) return NULL;
      } else if (program->search == SEARCH_SET_OF_TWO) {
        if (q >= limit) return NULL;
        q = LOCAL(find_either)(q, limit, program->search_set);
        if (!q) return NULL;
      } else {
        const MatchSet *set = &program->sets[program->search_set];
        while (q < limit && !LOCAL(begins)(set, *q))
          q++;
        if (q >= limit) return NULL;
      }
      if (LOCAL(begins)(second, q[to_second])) {
        return q - program->search_offset;
      }
    }
  }
  case SEARCH_ANY:
    break;
  }
  return p;
}

// Whether there is a unit that every match has.
static bool LOCAL(has_required)(const RegExpProgram *program, const UNIT *p,
                                const UNIT *end) {
  if (!program->required_set) return true;
  const MatchSet *set = &program->sets[program->required_set - 1];
  while (p < end && !LOCAL(begins)(set, *p))
    p++;
  return p < end;
}

// Notes in the memo that the instruction at `pc_` was at q; true if it was.
#define VISIT(pc_, q)                                                          \
  regexp_memo_visit(&memo, (uint32_t)((pc_)-code), (size_t)((q)-base),         \
                    registers)
#define POSITION(q) ((int32_t)((q)-base))
#define ROOM(n)                                                                \
  do {                                                                         \
    if (unlikely(sp + (n) > stack.limit)) {                                    \
      sp = grow_stack(&stack, sp);                                             \
      if (!sp) goto no_room;                                                   \
    }                                                                          \
  } while (0)
#define PUSH(pc_, position_)                                                   \
  do {                                                                         \
    ROOM(1);                                                                   \
    *sp++ = (Record){(uint32_t)(pc_), (position_)};                            \
  } while (0)
// Sets a register so that backtracking restores it.
#define SET_REGISTER(index_, value_)                                           \
  do {                                                                         \
    uint32_t set_index_ = (index_);                                            \
    ROOM(1);                                                                   \
    *sp++ = (Record){RECORD_UNDO | set_index_, registers[set_index_]};         \
    registers[set_index_] = (value_);                                          \
  } while (0)
#define NEXT goto *labels[*pc & 0xff]
#define STEP(n)                                                                \
  do {                                                                         \
    pc += (n);                                                                 \
    NEXT;                                                                      \
  } while (0)
#define GO(target)                                                             \
  do {                                                                         \
    pc = code + (target);                                                      \
    NEXT;                                                                      \
  } while (0)
#define A (*pc >> 8)
// The budget is spent: asks the host, and starts a memo if this takes long.
#define POLL                                                                   \
  do {                                                                         \
    uint32_t done_ = (uint32_t)(POLL_STEPS - budget);                          \
    if (!poll_host(host, done_)) goto interrupted;                             \
    budget = POLL_STEPS;                                                       \
    steps += done_;                                                            \
    if (!is_long && steps > (uint64_t)STEPS_PER_UNIT * length) {               \
      is_long = true;                                                          \
      memo = (Memo){0};                                                        \
      if (!LOCAL(has_required)(program, attempt, end)) goto no_match;          \
      if (!program->has_references &&                                          \
          !regexp_memo_open(&memo, program, length)) {                         \
        goto no_memory;                                                        \
      }                                                                        \
      if (regexp_memo_is_open(&memo)) labels = memo_labels;                    \
    }                                                                          \
  } while (0)

RegExpResult TEMPLATE_PASTE(regexp_match,
                            MATCHER_NAME)(const RegExpProgram *program,
                                          const UNIT *base, uint32_t length,
                                          uint32_t start, int32_t *captures,
                                          const RegExpHost *host) {
  static const void *const plain_labels[] = {
#define OPCODE(name) &&op_##name,
#include "vm/regexp/opcodes.def"
#undef OPCODE
  };
  // With a memo: choices look there first.
  static const void *const memo_labels[] = {
#define OPCODE(name) &&op_##name,
#define MEMO_OPCODE(name, way) &&memo_##way,
#include "vm/regexp/opcodes.def"
#undef OPCODE
  };
  const void *const *labels = plain_labels;
  const uint32_t *const code = program->code;
  const MatchSet *const sets = program->sets;
  const UNIT *const end = base + length;
  const UNIT *p = base + start, *attempt;
  const uint32_t *pc;
  const bool sticky = program->flags & REGEXP_STICKY;
  const uint32_t capture_count = 2 * program->group_count;
  int32_t inline_registers[INLINE_REGISTERS];
  int32_t *registers = inline_registers;
  Stack stack;
  Record *sp;
  int32_t budget = POLL_STEPS;
  uint64_t steps = 0;
  Memo memo; // open while `labels` are memo_labels
  bool is_long = false;
  RegExpResult result = REGEXP_NO_MATCH;

#if IS_UNICODE
  // A start within a surrogate pair means the pair.
  if (p > base && p < end && (*p & 0xfc00) == 0xdc00 &&
      (p[-1] & 0xfc00) == 0xd800) {
    p--;
  }
#endif
  if (program->is_literal && !sticky) {
    attempt = LOCAL(search)(program, base, p, end);
    tell_steps(host, (uint32_t)((attempt ? attempt : end) - p) >> SCAN_SHIFT);
    if (!attempt) return REGEXP_NO_MATCH;
    captures[0] = POSITION(attempt);
    captures[1] = captures[0] + (int32_t)program->prefix_length;
    return REGEXP_MATCH;
  }
  if (program->register_count > INLINE_REGISTERS) {
    registers = malloc(program->register_count * sizeof *registers);
    if (!registers) return REGEXP_OUT_OF_MEMORY;
  }
  init_stack(&stack, host);

  for (;; p = attempt + 1) {
    if (p > end || (size_t)(end - p) < program->min_length) break;
    if (sticky) {
      attempt = p;
    } else {
      attempt = LOCAL(search)(program, base, p, end);
      budget -= (int32_t)(((attempt ? attempt : end) - p) >> SCAN_SHIFT);
      if (!attempt || (size_t)(end - attempt) < program->min_length) break;
#if IS_UNICODE
      // The search by units may stop within a pair.
      if (attempt > base && attempt < end && (*attempt & 0xfc00) == 0xdc00 &&
          (attempt[-1] & 0xfc00) == 0xd800) {
        continue;
      }
#endif
    }
    p = attempt;
    sp = stack.base;
    if (capture_count > 2) {
      // In pairs: what memset writes with a mask cannot be read again at once,
      // and the first SAVE does.
      for (uint32_t i = 0; i < capture_count; i += 2) {
        memcpy(&registers[i], &(uint64_t){UINT64_MAX}, sizeof(uint64_t));
        __asm__("" : "+r"(i)); // keeps the loop from becoming that call
      }
    }
    pc = code;
    if (unlikely(--budget <= 0)) goto poll_attempt;
  run_attempt:
    NEXT;

  fail:
    // Back to the newest choice.
    if (unlikely(--budget <= 0)) goto poll_fail;
  unwind:
    for (;;) {
      if (sp == stack.base) break;
      sp--;
      if (sp->what & RECORD_UNDO) {
        registers[sp->what & ~RECORD_UNDO] = sp->value;
        continue;
      }
      pc = code + sp->what;
      p = base + sp->value;
      NEXT;
    }
    if (sticky || program->search == SEARCH_START) break;
    continue;

  poll_attempt:
    POLL;
    goto run_attempt;
  poll_fail:
    POLL;
    goto unwind;

  op_MATCH:
    registers[0] = POSITION(attempt);
    registers[1] = POSITION(p);
    memcpy(captures, registers, capture_count * sizeof *captures);
    result = REGEXP_MATCH;
    goto done;
  op_FAIL:
    goto fail;
  op_CHARACTER:
    if (p == end || *p != A) goto fail;
    p++;
    STEP(1);
  op_STRING : {
#if IS_WIDE
    uint32_t count = A, i = 0;
    if ((size_t)(end - p) < count) goto fail;
    const uint16_t *text = (const uint16_t *)(pc + 1);
    for (; i + 2 <= count; i += 2) {
      if (load_word(p + i) != load_word(text + i)) goto fail;
    }
    if (i < count && p[i] != text[i]) goto fail;
    p += count;
    STEP(1 + (count + 1) / 2);
#else
    goto fail; // has a unit above 0xff
#endif
  }
  op_STRING_LATIN1 : {
    uint32_t count = A;
    if ((size_t)(end - p) < count) goto fail;
    const uint8_t *text = (const uint8_t *)(pc + 1);
#if IS_WIDE
    for (uint32_t i = 0; i < count; i++) {
      if (p[i] != text[i]) goto fail;
    }
#else
    uint32_t i = 0;
    for (; i + 4 <= count; i += 4) {
      if (load_word(p + i) != load_word(text + i)) goto fail;
    }
    for (; i < count; i++) {
      if (p[i] != text[i]) goto fail;
    }
#endif
    p += count;
    STEP(1 + (count + 3) / 4);
  }
  op_MASKED : {
    uint32_t count = A;
    if ((size_t)(end - p) < count) goto fail;
    for (uint32_t i = 0; i < count; i++) {
      uint32_t word = pc[1 + i];
      if ((p[i] & (word >> 16)) != (word & 0xffff)) goto fail;
    }
    p += count;
    STEP(1 + count);
  }
  op_SET : {
    if (p == end) goto fail;
    uint32_t width = LOCAL(take)(&sets[A], p, end);
    if (!width) goto fail;
    p += width;
    STEP(1);
  }
  op_PEEK:
    if (p == end || !LOCAL(take)(&sets[A], p, end)) goto fail;
    STEP(1);
  op_PEEK_NOT:
    if (p != end && LOCAL(take)(&sets[A], p, end)) goto fail;
    STEP(1);
  op_ADVANCE:
    p += A;
    STEP(1);
  op_BACK:
    if (p == base) goto fail;
    p -= LOCAL(width_before)(p, base);
    STEP(1);
  op_JUMP:
    GO(A);
  op_SPLIT:
    PUSH(A, POSITION(p));
    if (unlikely(--budget <= 0)) goto poll_next;
    STEP(1);
  op_SPLIT_LATER:
    PUSH(pc + 1 - code, POSITION(p));
    GO(A);
  op_GUARD:
    if (p == end || !LOCAL(begins)(&sets[A], *p)) GO(pc[1]);
    STEP(2);
  op_GUARD_SPLIT:
    if (p == end || !LOCAL(begins)(&sets[A], *p)) GO(pc[1]);
    PUSH(pc[1], POSITION(p));
    STEP(2);
  op_REPEAT:
    if (p != end && LOCAL(begins)(&sets[A], *p)) {
      if (unlikely(--budget <= 0)) goto poll_repeat;
      GO(pc[1]);
    }
    STEP(2);
  op_REPEAT_SPLIT:
    if (p != end && LOCAL(begins)(&sets[A], *p)) {
      PUSH(pc + 2 - code, POSITION(p));
      GO(pc[1]);
    }
    STEP(2);
  op_DISPATCH : {
    if (p == end) goto fail;
    const MatchSet *table = &sets[A];
    uint32_t c = *p, target;
#if IS_WIDE
    target = c < 256 ? table->latin1[c] : table->upper;
#else
    target = table->latin1[c];
#endif
    if (!target) goto fail;
    GO(pc[target]);
  }
  op_SAVE:
    SET_REGISTER(A, POSITION(p));
    STEP(1);
  op_CLEAR:
    for (uint32_t i = A, last = pc[1]; i < last; i++) {
      if (registers[i] != REGEXP_UNSET) SET_REGISTER(i, REGEXP_UNSET);
    }
    STEP(2);
  op_LOOP : {
    const UNIT *from = p;
    uint32_t min = pc[1];
    p = LOCAL(run)(&sets[A], p, end, pc[2]);
    if (min > 0 && LOCAL(fewer)(from, p, min)) goto fail;
    budget -= (int32_t)((p - from) >> SCAN_SHIFT);
    STEP(3);
  }
  op_LOOP_GREEDY : {
    const UNIT *low = p;
    uint32_t min = pc[1];
    const MatchSet *set = &sets[A];
    const UNIT *high = LOCAL(run)(set, p, end, pc[2]);
    if (min) {
#if IS_UNICODE
      low = LOCAL(run)(set, p, end, min);
      if (LOCAL(fewer)(p, low, min)) goto fail;
#else
      if ((size_t)(high - p) < min) goto fail;
      low = p + min;
#endif
    }
    budget -= (int32_t)((high - p) >> SCAN_SHIFT);
    p = high;
    pc += 3;
    // The range of ends to try is [low, p], from above.
    if (low == p) STEP(1);
    ROOM(2);
    sp[0] = (Record){RECORD_BOUND, POSITION(low)};
    sp[1] = (Record){0, POSITION(p)};
    sp += 2;
    goto greedy_choose;
  }
  op_RETRY_GREEDY:
    // Reached by backtracking only: p is the next end to try. The lower record
    // lies below the popped one.
    sp++;
  greedy_choose : {
    const UNIT *low = base + sp[-2].value;
    uint32_t hint = A;
    for (;;) {
      if (hint) {
        const MatchSet *next = &sets[hint - 1];
        const UNIT *from = p;
        if (p == end && p > low) p -= LOCAL(width_before)(p, base);
        while (p > low && !LOCAL(begins)(next, *p)) {
          p -= LOCAL(width_before)(p, base);
        }
        budget -= (int32_t)((from - p) >> SCAN_SHIFT);
      }
      // Loops with a maximum come to the same end from several places.
      if (likely(labels == plain_labels) || pc[-1] == REPEAT_INFINITE ||
          !VISIT(pc, p)) {
        break;
      }
      if (p == low) {
        sp -= 2;
        goto fail;
      }
      p -= LOCAL(width_before)(p, base);
    }
    if (p == low) {
      sp -= 2; // the last one
    } else {
      sp[-1] = (Record){(uint32_t)(pc - code),
                        POSITION(p - LOCAL(width_before)(p, base))};
    }
    STEP(1);
  }
  op_LOOP_LAZY : {
    uint32_t min = pc[1], max = pc[2];
    if (min) {
      const UNIT *from = p;
      p = LOCAL(run)(&sets[A], p, end, min);
      if (LOCAL(fewer)(from, p, min)) goto fail;
    }
    pc += 3;
    ROOM(2);
    sp[0] = (Record){RECORD_BOUND,
                     (int32_t)(max - min > INT32_MAX ? INT32_MAX : max - min)};
    sp += 2;
    goto lazy_choose;
  }
  op_RETRY_LAZY:
    // Reached by backtracking only: one more character, then go on.
    sp++;
  lazy_retry : {
    const MatchSet *set = &sets[pc[1]];
    uint32_t width;
    if (p == end || sp[-2].value == 0 || !(width = LOCAL(take)(set, p, end))) {
      sp -= 2;
      goto fail;
    }
    p += width;
    sp[-2].value--;
  }
  lazy_choose:
    if (unlikely(labels == memo_labels)) {
      if (VISIT(pc, p)) {
        // Without a maximum all ends after this one have been chosen, too.
        if (pc[-1] != REPEAT_INFINITE) goto lazy_retry;
        sp -= 2;
        goto fail;
      }
      if (A && (p == end || !LOCAL(begins)(&sets[A - 1], *p))) goto lazy_retry;
    } else if (A) {
      // Where what follows cannot begin there is no need to try.
      const MatchSet *stop = &sets[pc[2]];
      const UNIT *limit = end;
      if (end - p > sp[-2].value) limit = p + sp[-2].value;
      const UNIT *from = p;
      while (p < limit && !LOCAL(begins)(stop, *p))
        p++;
      sp[-2].value -= (int32_t)(p - from);
      budget -= (int32_t)((p - from) >> SCAN_SHIFT);
      if (p == end || !LOCAL(begins)(&sets[A - 1], *p)) goto lazy_retry;
    }
    sp[-1] = (Record){(uint32_t)(pc - code), POSITION(p)};
    STEP(3);
  op_COUNTER_ZERO:
    SET_REGISTER(A, 0);
    STEP(1);
  op_COUNTER_LOOP:
  op_COUNTER_LAZY : {
    uint32_t count = (uint32_t)registers[A];
    if (count >= pc[1]) {
      if (count >= pc[2]) GO(pc[3]);
      if ((*pc & 0xff) == OP_COUNTER_LAZY) {
        PUSH(pc + 4 - code, POSITION(p));
        GO(pc[3]);
      }
      PUSH(pc[3], POSITION(p));
    }
    STEP(4);
  }
  op_COUNTER_INCREMENT:
    SET_REGISTER(A, (int32_t)((uint32_t)registers[A] + 1));
    if (unlikely(--budget <= 0)) goto poll_next;
    STEP(1);
  op_EMPTY_CHECK:
    if (registers[A] == POSITION(p)) goto fail;
    STEP(1);
  op_EMPTY_CHECK_MIN:
    if (registers[A] == POSITION(p) && (uint32_t)registers[pc[1]] > pc[2]) {
      goto fail;
    }
    STEP(3);
  op_LOOK:
    registers[A] = (int32_t)(sp - stack.base);
    registers[A + 1] = POSITION(p);
    STEP(1);
  op_LOOK_END:
    // Choices within are dropped; undo records stay for who is outside.
    p = base + registers[A + 1];
    sp = drop_choices(stack.base + registers[A], sp);
    STEP(2);
  op_LOOK_NOT:
    registers[A] = (int32_t)(sp - stack.base);
    PUSH(pc[1], POSITION(p));
    STEP(2);
  op_LOOK_NOT_END : {
    Record *bottom = stack.base + registers[A];
    while (sp > bottom) {
      sp--;
      if (sp->what & RECORD_UNDO) {
        registers[sp->what & ~RECORD_UNDO] = sp->value;
      }
    }
    goto fail;
  }
  op_START:
    if (p != base) goto fail;
    STEP(1);
  op_START_LINE:
    if (p != base && !LOCAL(is_line_end)(p[-1])) goto fail;
    STEP(1);
  op_END:
    if (p != end) goto fail;
    STEP(1);
  op_END_LINE:
    if (p != end && !LOCAL(is_line_end)(*p)) goto fail;
    STEP(1);
  op_WORD_BOUNDARY : {
    bool extended = A & 2;
    bool before = p > base && LOCAL(is_word)(p - 1, extended);
    bool after = p < end && LOCAL(is_word)(p, extended);
    if ((before != after) == (A & 1)) goto fail;
    STEP(1);
  }
  op_BACK_REFERENCE : {
    uint32_t count = A;
    for (uint32_t i = 0; i < count; i++) {
      int32_t from = registers[2 * pc[1 + i]];
      int32_t to = registers[2 * pc[1 + i] + 1];
      if (from == REGEXP_UNSET || to == REGEXP_UNSET) continue;
      p = LOCAL(reference)(base, end, p, from, to, pc[1 + count]);
      if (!p) goto fail;
      break;
    }
    STEP(2 + count);
  }
  poll_next:
    POLL;
    STEP(1);
  poll_repeat:
    POLL;
    GO(pc[1]);
  memo_choice:
    if (VISIT(pc, p)) goto fail;
    goto *plain_labels[*pc & 0xff];
  memo_LOOP : {
    const UNIT *from = p;
    uint32_t min = pc[1], max = pc[2];
    if (max != REPEAT_INFINITE) goto memo_choice;
    p = LOCAL(run)(&sets[A], p, end, min);
    if (min > 0 && LOCAL(fewer)(from, p, min)) goto fail;
    // A place within the same run that has been noted came to the same end.
    for (;;) {
      if (VISIT(pc, p)) goto fail;
      uint32_t width = p == end ? 0 : LOCAL(take)(&sets[A], p, end);
      if (!width) break;
      p += width;
    }
    STEP(3);
  }
  memo_LOOP_GREEDY : {
    const UNIT *from = p;
    uint32_t min = pc[1], max = pc[2];
    if (max != REPEAT_INFINITE) goto memo_choice;
    const UNIT *low = LOCAL(run)(&sets[A], p, end, min);
    if (min > 0 && LOCAL(fewer)(from, low, min)) goto fail;
    // From a place that has been noted all ends have been chosen.
    const UNIT *next = low;
    p = NULL;
    while (!VISIT(pc, next)) {
      p = next;
      uint32_t width = next == end ? 0 : LOCAL(take)(&sets[A], next, end);
      if (!width) break;
      next += width;
    }
    if (!p) goto fail;
    pc += 3;
    if (low == p) STEP(1);
    ROOM(2);
    sp[0] = (Record){RECORD_BOUND, POSITION(low)};
    sp[1] = (Record){0, POSITION(p)};
    sp += 2;
    goto greedy_choose;
  }
  memo_LOOP_LAZY:
    if (pc[2] != REPEAT_INFINITE) goto memo_choice;
    goto op_LOOP_LAZY;
  memo_LOOK_END:
    regexp_memo_forget(&memo, pc[1] >> 1, (uint32_t)(pc - code), pc[1] & 1);
    goto *plain_labels[*pc & 0xff];
  }
no_match:
  result = REGEXP_NO_MATCH;
  goto done;

no_room:
  result = stack.too_large ? REGEXP_TOO_COMPLEX : REGEXP_OUT_OF_MEMORY;
  goto done;
no_memory:
  result = REGEXP_OUT_OF_MEMORY;
  goto done;
interrupted:
  result = REGEXP_INTERRUPTED;
done:
  tell_steps(host, budget < POLL_STEPS ? (uint32_t)(POLL_STEPS - budget) : 0);
  free_stack(&stack);
  if (unlikely(is_long)) regexp_memo_close(&memo);
  if (registers != inline_registers) free(registers);
  return result;
}
