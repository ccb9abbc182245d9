// SPDX-License-Identifier: MIT
// RegExp.input, lastMatch, $1 and their kin: the proposal "Legacy RegExp
// features". What the last match was is remembered as subject, program and
// index, and matched again when somebody asks.
#include "vm/builtins/regexp_builtins.h"

void vm_regexp_remember_slowly(Isolate *iso, RegExpObject *r, String *s,
                               int32_t index) {
  Value *state = iso->realm->regexp_state->items;
  // Another realm's objects leave no trace; a subclass's wipe what was there.
  if (r->realm != iso->realm) return;
  bool legacy = !(r->object.cell.extra & REGEXP_IS_SUBCLASS);
  gc_store_word(iso->heap, &state[REGEXP_STATE_LAST_SUBJECT],
                legacy ? value_from_cell(s) : VALUE_EMPTY);
  gc_store_word(iso->heap, &state[REGEXP_STATE_LAST_OWNER],
                value_from_cell(r->owner));
  gc_store_word(iso->heap, &state[REGEXP_STATE_INPUT], VALUE_UNDEFINED);
  gc_publish(&state[REGEXP_STATE_LAST_INDEX], value_from_int(index));
}

enum {
  LEGACY_PAREN = 0, // $1 to $9 are 1 to 9
  LEGACY_INPUT = 10,
  LEGACY_LAST_MATCH,
  LEGACY_LAST_PAREN,
  LEGACY_LEFT_CONTEXT,
  LEGACY_RIGHT_CONTEXT,
};

static Value text_of(Isolate *iso, String *s, int32_t start, int32_t end) {
  int32_t bounds[2] = {start, end};
  return vm_regexp_capture(iso, s, bounds);
}

static bool check_receiver(Isolate *iso, const NativeCall *call) {
  if (call->this_value == value_from_cell(INTRINSIC_OBJECT(iso, RegExp))) {
    return true;
  }
  vm_throw_type(iso, "Static RegExp properties belong to RegExp itself");
  return false;
}

// GetLegacyRegExpStaticProperty
static Value get_legacy(Isolate *iso, const NativeCall *call) {
  if (!check_receiver(iso, call)) return VALUE_EXCEPTION;
  uint32_t which = native_magic(call);
  Value subject = regexp_state(iso, REGEXP_STATE_LAST_SUBJECT);
  Value input = regexp_state(iso, REGEXP_STATE_INPUT);
  if (which == LEGACY_INPUT && !value_is_undefined(input)) return input;
  if (value_is_empty(subject)) {
    return vm_throw_type(iso, "The last match was one of a RegExp subclass");
  }
  if (value_is_undefined(subject)) return ATOM_VALUE(empty);
  if (which == LEGACY_INPUT) return subject;
  String *s = value_as_string(subject);
  const Foreign *owner = (const Foreign *)value_as_cell(
      regexp_state(iso, REGEXP_STATE_LAST_OWNER));
  const RegExpProgram *program = owner->pointer;
  int32_t index = value_as_int(regexp_state(iso, REGEXP_STATE_LAST_INDEX));
  StringView v;
  RegExpMatch match;
  if (!vm_string_view(iso, s, &v) ||
      !vm_regexp_match_init(iso, &match, program)) {
    return VALUE_EXCEPTION;
  }
  Value result = ATOM_VALUE(empty);
  Tri matched = vm_regexp_search(iso, program, v, (uint32_t)index, &match);
  const int32_t *bounds = match.captures;
  if (matched == TRI_THREW) {
    result = VALUE_EXCEPTION;
  } else if (matched) {
    switch (which) {
    case LEGACY_LAST_MATCH:
      result = text_of(iso, s, bounds[0], bounds[1]);
      break;
    case LEGACY_LEFT_CONTEXT:
      result = text_of(iso, s, 0, bounds[0]);
      break;
    case LEGACY_RIGHT_CONTEXT:
      result = text_of(iso, s, bounds[1], (int32_t)v.length);
      break;
    case LEGACY_LAST_PAREN:
      which = match.groups - 1;
      if (!which) break;
      __attribute__((fallthrough));
    default:
      if (which < match.groups) {
        result = text_of(iso, s, bounds[2 * which], bounds[2 * which + 1]);
      }
      break;
    }
    if (value_is_undefined(result)) result = ATOM_VALUE(empty);
  }
  vm_regexp_match_free(&match);
  return result;
}

// SetLegacyRegExpStaticProperty, of input alone.
static Value set_input(Isolate *iso, const NativeCall *call) {
  if (!check_receiver(iso, call)) return VALUE_EXCEPTION;
  String *s = vm_to_string(iso, native_argument(call, 0));
  if (!s) return VALUE_EXCEPTION;
  gc_store_word(iso->heap, &iso->realm->regexp_state->items[REGEXP_STATE_INPUT],
                value_from_cell(s));
  return VALUE_UNDEFINED;
}

#define LEGACY(name, which)                                                    \
  {                                                                            \
    name, BUILTIN_GETTER, PROPERTY_CONFIGURABLE, 0, which, get_legacy, NULL,   \
        0, NULL                                                                \
  }
#define LEGACY_SETTABLE(name, which)                                           \
  {                                                                            \
    name, BUILTIN_ACCESSOR, PROPERTY_CONFIGURABLE, 0, which, get_legacy,       \
        set_input, 0, NULL                                                     \
  }
#define LEGACY_NUMBERED(digit) LEGACY("$" #digit, LEGACY_PAREN + digit)

static const Builtin legacy_table[] = {
    LEGACY_SETTABLE("input", LEGACY_INPUT),
    LEGACY_SETTABLE("$_", LEGACY_INPUT),
    LEGACY("lastMatch", LEGACY_LAST_MATCH),
    LEGACY("$&", LEGACY_LAST_MATCH),
    LEGACY("lastParen", LEGACY_LAST_PAREN),
    LEGACY("$+", LEGACY_LAST_PAREN),
    LEGACY("leftContext", LEGACY_LEFT_CONTEXT),
    LEGACY("$`", LEGACY_LEFT_CONTEXT),
    LEGACY("rightContext", LEGACY_RIGHT_CONTEXT),
    LEGACY("$'", LEGACY_RIGHT_CONTEXT),
    LEGACY_NUMBERED(1),
    LEGACY_NUMBERED(2),
    LEGACY_NUMBERED(3),
    LEGACY_NUMBERED(4),
    LEGACY_NUMBERED(5),
    LEGACY_NUMBERED(6),
    LEGACY_NUMBERED(7),
    LEGACY_NUMBERED(8),
    LEGACY_NUMBERED(9),
};

void vm_define_regexp_legacy(Isolate *iso, Object *constructor) {
  VM_DEFINE_BUILTINS(iso, constructor, legacy_table);
}
