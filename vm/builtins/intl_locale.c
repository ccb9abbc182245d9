// SPDX-License-Identifier: MIT
// Locales of ECMA-402: language tags (6.2), lists of them and what of a request
// ICU has data for (9.2).
#include <stdio.h>
#include <stdlib.h>

#include <unicode/uloc.h>
#include <unicode/unumsys.h>

#include "vm/builtins/builtins.h"
#include "vm/builtins/intl.h"
#include "vm/builtins/intl_locale_tag.h"
#include "vm/objects/operations.h"

// Language tags ---------------------------------------------------------------

static bool is_alpha(char c) {
  return (unsigned)((c | 0x20) - 'a') < 26;
}
static bool is_digit(char c) {
  return (unsigned)(c - '0') < 10;
}

typedef struct {
  const char *at, *end; // the current subtag
  const char *limit;
} Subtags;

static void next_subtag(Subtags *s) {
  s->at = s->end < s->limit ? s->end + 1 : s->limit + 1;
  s->end = s->at;
  while (s->end < s->limit && *s->end != '-')
    s->end++;
}
static size_t length_of(const Subtags *s) {
  return s->at > s->limit ? 0 : (size_t)(s->end - s->at);
}
static bool all(const Subtags *s, bool letters, bool digits) {
  for (const char *p = s->at; p < s->end; p++)
    if (!((letters && is_alpha(*p)) || (digits && is_digit(*p)))) return false;
  return true;
}
// Is it `minimum` to `maximum` long, of these characters?
static bool is_subtag(const Subtags *s, size_t minimum, size_t maximum,
                      bool letters, bool digits) {
  size_t n = length_of(s);
  return n >= minimum && n <= maximum && all(s, letters, digits);
}
static bool is_variant(const Subtags *s) {
  return is_subtag(s, 5, 8, true, true) ||
         (is_subtag(s, 4, 4, true, true) && is_digit(*s->at));
}
static bool same_subtag(const char *a, const char *b, size_t n) {
  for (size_t i = 0; i < n; i++)
    if ((a[i] | 0x20) != (b[i] | 0x20)) return false;
  return true;
}

// unicode_language_id; variants must not repeat.
static bool skip_language_id(Subtags *s) {
  if (!is_subtag(s, 2, 3, true, false) && !is_subtag(s, 5, 8, true, false))
    return false;
  next_subtag(s);
  if (is_subtag(s, 4, 4, true, false)) next_subtag(s);
  if (is_subtag(s, 2, 2, true, false) || is_subtag(s, 3, 3, false, true))
    next_subtag(s);
  for (const char *first = s->at; is_variant(s); next_subtag(s)) {
    Subtags earlier = {first, first, s->limit};
    while (*earlier.end != '-' && earlier.end < s->limit)
      earlier.end++;
    for (; earlier.at < s->at; next_subtag(&earlier))
      if (length_of(&earlier) == length_of(s) &&
          same_subtag(earlier.at, s->at, length_of(s)))
        return false;
  }
  return true;
}

static bool skip_unicode_extension(Subtags *s) {
  const char *start = s->at;
  while (is_subtag(s, 3, 8, true, true))
    next_subtag(s);
  while (is_subtag(s, 2, 2, true, true) && is_alpha(s->at[1])) {
    next_subtag(s);
    while (is_subtag(s, 3, 8, true, true))
      next_subtag(s);
  }
  return s->at != start;
}

static bool skip_transformed_extension(Subtags *s) {
  const char *start = s->at;
  if (is_subtag(s, 2, 8, true, false) && !skip_language_id(s)) return false;
  while (is_subtag(s, 2, 2, true, true) && is_alpha(s->at[0]) &&
         is_digit(s->at[1])) {
    next_subtag(s);
    if (!is_subtag(s, 3, 8, true, true)) return false;
    while (is_subtag(s, 3, 8, true, true))
      next_subtag(s);
  }
  return s->at != start;
}

// unicode_locale_id of UTS 35 without its legacy parts.
static bool is_valid_tag(const char *tag, size_t length) {
  Subtags s = {tag, tag, tag + length};
  while (s.end < s.limit && *s.end != '-')
    s.end++;
  if (!skip_language_id(&s)) return false;
  uint64_t singletons = 0;
  while (s.at <= s.limit) {
    if (!is_subtag(&s, 1, 1, true, true)) return false;
    char singleton = (char)(*s.at | 0x20); // digits stay themselves
    unsigned bit = is_digit(*s.at) ? (unsigned)(*s.at - '0') + 32
                                   : (unsigned)(singleton - 'a');
    if (singletons >> bit & 1) return false;
    singletons |= UINT64_C(1) << bit;
    next_subtag(&s);
    if (bit == 'u' - 'a') {
      if (!skip_unicode_extension(&s)) return false;
    } else if (bit == 't' - 'a') {
      if (!skip_transformed_extension(&s)) return false;
    } else {
      size_t minimum = bit == 'x' - 'a' ? 1 : 2;
      if (!is_subtag(&s, minimum, 8, true, true)) return false;
      while (is_subtag(&s, minimum, 8, true, true))
        next_subtag(&s);
      if (minimum == 1 && s.at <= s.limit) return false;
    }
  }
  return true;
}

bool vm_intl_canonical_tag(const char *tag, size_t length,
                           char out[INTL_TAG_SIZE]) {
  if (length >= INTL_TAG_SIZE || !is_valid_tag(tag, length)) return false;
  char copy[INTL_TAG_SIZE];
  memcpy(copy, tag, length);
  copy[length] = 0;
  return vm_icu_canonical_tag(copy, out, INTL_TAG_SIZE);
}

bool vm_intl_is_type(const char *text) {
  Subtags s = {text, text, text + strlen(text)};
  while (s.end < s.limit && *s.end != '-')
    s.end++;
  if (s.limit == text) return false;
  while (s.at <= s.limit) {
    if (!is_subtag(&s, 3, 8, true, true)) return false;
    next_subtag(&s);
  }
  return true;
}

// Lists -----------------------------------------------------------------------

void vm_intl_locale_list_free(IntlLocaleList *list) {
  free(list->tags);
  *list = (IntlLocaleList){0};
}

static bool add_tag(Isolate *iso, IntlLocaleList *list, Value v) {
  if (!value_is_string(v) && !value_is_object(v)) {
    vm_throw_type(iso, "Incorrect locale information provided");
    return false;
  }
  char tag[INTL_TAG_SIZE], canonical[INTL_TAG_SIZE];
  uint32_t n = 0;
  const char *known = vm_intl_locale_tag(v);
  if (known != NULL) {
    n = (uint32_t)strlen(known);
    memcpy(tag, known, n);
  } else {
    String *s = vm_to_string(iso, v);
    StringView view;
    if (s == NULL || !vm_string_view(iso, s, &view)) return false;
    for (; n < view.length && n < INTL_TAG_SIZE; n++) {
      uint16_t unit = string_view_at(view, n);
      tag[n] = unit < 128 ? (char)unit : '?';
    }
  }
  if (n == INTL_TAG_SIZE || !vm_intl_canonical_tag(tag, n, canonical)) {
    vm_throw_range(iso, "Incorrect locale information provided");
    return false;
  }
  for (uint32_t i = 0; i < list->count; i++)
    if (strcmp(list->tags[i], canonical) == 0) return true;
  void *grown = realloc(list->tags, (list->count + 1) * sizeof *list->tags);
  if (grown == NULL) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  list->tags = grown;
  strcpy(list->tags[list->count++], canonical);
  return true;
}

bool vm_intl_locale_list(Isolate *iso, Value locales, IntlLocaleList *list) {
  *list = (IntlLocaleList){0};
  if (value_is_undefined(locales)) return true;
  bool done = false;
  if (value_is_string(locales) || vm_intl_locale_tag(locales) != NULL) {
    done = add_tag(iso, list, locales);
  } else {
    Object *o = vm_to_object(iso, locales);
    double length = 0;
    done = o != NULL && vm_length_of_array_like(iso, o, &length);
    for (double k = 0; done && k < length; k++) {
      PropertyKey key;
      done = vm_to_property_key(iso, value_from_number(k), &key);
      Tri present = done ? vm_has(iso, o, key) : TRI_THREW;
      done = present >= 0;
      if (!done || !present) continue;
      Value v = vm_get(iso, o, key);
      done = !value_is_exception(v) && add_tag(iso, list, v);
    }
  }
  if (!done) vm_intl_locale_list_free(list);
  return done;
}

static Value tags_array(Isolate *iso, const IntlLocaleList *list) {
  Array *array = vm_array_new(iso, list->count);
  for (uint32_t i = 0; array != NULL && i < list->count; i++) {
    String *s = vm_string_from_c(iso, list->tags[i]);
    if (s == NULL || !vm_array_push(iso, array, value_from_cell(s)))
      array = NULL;
  }
  return array != NULL ? value_from_cell(array) : VALUE_EXCEPTION;
}

// 8.3.1
Value vm_intl_get_canonical_locales(Isolate *iso, const NativeCall *call) {
  IntlLocaleList list;
  if (!vm_intl_locale_list(iso, native_argument(call, 0), &list))
    return VALUE_EXCEPTION;
  Value array = tags_array(iso, &list);
  vm_intl_locale_list_free(&list);
  return array;
}

// What ICU has ----------------------------------------------------------------

static bool is_available(const char *name) {
  int32_t low = 0, high = uloc_countAvailable();
  while (low < high) {
    int32_t middle = (low + high) / 2;
    int order = strcmp(uloc_getAvailable(middle), name);
    if (order == 0) return true;
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return false;
}

size_t vm_intl_base_length(const char *tag) {
  const char *p = tag;
  while ((p = strchr(p, '-')) != NULL) {
    p++;
    if (p[0] != 0 && (p[1] == '-' || p[1] == 0)) return (size_t)(p - 1 - tag);
  }
  return strlen(tag);
}

// BestAvailableLocale: the longest prefix of the tag that ICU has data for.
static bool look_up(const char *tag, char out[INTL_TAG_SIZE]) {
  size_t n = vm_intl_base_length(tag);
  memcpy(out, tag, n);
  out[n] = 0;
  for (;;) {
    char name[INTL_TAG_SIZE], full[INTL_TAG_SIZE];
    for (size_t i = 0; i <= n; i++)
      name[i] = out[i] == '-' ? '_' : out[i];
    if (is_available(name)) return true;
    // "zh-TW" is data of zh_Hant_TW.
    UErrorCode status = U_ZERO_ERROR;
    uloc_addLikelySubtags(name, full, sizeof full, &status);
    if (strchr(name, '_') != NULL && U_SUCCESS(status) && is_available(full))
      return true;
    char *last = strrchr(out, '-');
    if (last == NULL) return false;
    *last = 0;
    n = (size_t)(last - out);
  }
}

// A BCP 47 tag that ICU has data for.
static const char *default_locale(void) {
  static _Thread_local char tag[INTL_TAG_SIZE];
  if (tag[0] != 0) return tag;
  char wanted[INTL_TAG_SIZE];
  UErrorCode status = U_ZERO_ERROR;
  uloc_toLanguageTag(uloc_getDefault(), wanted, sizeof wanted, false, &status);
  if (U_FAILURE(status) || strstr(wanted, "posix") != NULL ||
      !look_up(wanted, tag))
    strcpy(tag, "en-US");
  return tag;
}

bool vm_intl_is_plain_english(Value locales, Value options) {
  return value_is_undefined(locales) && value_is_undefined(options) &&
         strcmp(default_locale(), "en-US") == 0;
}

// 9.2.9 FilterLocales
Value vm_intl_supported_locales_of(Isolate *iso, const NativeCall *call) {
  IntlLocaleList list;
  if (!vm_intl_locale_list(iso, native_argument(call, 0), &list))
    return VALUE_EXCEPTION;
  Object *options;
  Value array = VALUE_EXCEPTION;
  if (vm_intl_options(iso, native_argument(call, 1), true, &options) &&
      vm_intl_locale_matcher(iso, options)) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < list.count; i++) {
      char found[INTL_TAG_SIZE];
      if (!look_up(list.tags[i], found)) continue;
      if (kept != i) memcpy(list.tags[kept], list.tags[i], INTL_TAG_SIZE);
      kept++;
    }
    list.count = kept;
    array = tags_array(iso, &list);
  }
  vm_intl_locale_list_free(&list);
  return array;
}

bool vm_intl_extension_value(const char *tag, const char *key,
                             char out[INTL_TYPE_SIZE]) {
  const char *p = strstr(tag, "-u-");
  const char *private_use = strstr(tag, "-x-");
  if (p == NULL || (private_use != NULL && private_use < p)) return false;
  p += 2;
  while (*p == '-') {
    const char *start = p + 1, *end = start;
    while (*end != 0 && *end != '-')
      end++;
    if (end - start == 1) return false; // the next singleton
    p = end;
    if (end - start != 2 || memcmp(start, key, 2) != 0) continue;
    const char *value = *end == '-' ? end + 1 : end;
    end = value;
    for (;;) {
      const char *q = end;
      if (q != value) q++;
      const char *first = q;
      while (*q != 0 && *q != '-')
        q++;
      if (q - first < 3) break;
      end = q;
      if (*q == 0) break;
    }
    size_t n = (size_t)(end - value);
    if (n >= INTL_TYPE_SIZE) return false;
    memcpy(out, value, n);
    out[n] = 0;
    if (n == 0) strcpy(out, "true");
    return true;
  }
  return false;
}

void vm_intl_resolve_locale(IntlLocaleList *list, IntlKey *keys, unsigned count,
                            IntlLocale *out) {
  const char *requested = NULL;
  for (uint32_t i = 0; i < list->count && requested == NULL; i++)
    if (look_up(list->tags[i], out->base)) requested = list->tags[i];
  if (requested == NULL) {
    requested = default_locale();
    strcpy(out->base, requested);
  }
  char shown[INTL_TAG_SIZE], all[INTL_TAG_SIZE];
  size_t n = strlen(out->base), shown_length = n, all_length = n;
  memcpy(shown, out->base, n + 1);
  memcpy(all, out->base, n + 1);
  for (unsigned i = 0; i < count; i++) {
    IntlKey *key = &keys[i];
    char value[INTL_TYPE_SIZE];
    bool is_shown = false;
    key->value[0] = 0;
    if (vm_intl_extension_value(requested, key->key, value) &&
        key->is_supported(out->base, value)) {
      strcpy(key->value, value);
      is_shown = true;
    }
    if (key->option[0] != 0) {
      strcpy(value, key->option);
      if (key->is_supported(out->base, value) &&
          strcmp(value, key->value) != 0) {
        strcpy(key->value, value);
        is_shown = false;
      }
    }
    if (key->value[0] == 0) continue;
    char text[INTL_TYPE_SIZE + 8];
    bool is_true = strcmp(key->value, "true") == 0;
    size_t length =
        (size_t)snprintf(text, sizeof text, "-%s%s%s", key->key,
                         is_true ? "" : "-", is_true ? "" : key->value);
    if (all_length + length + 3 >= sizeof all) continue;
    if (all_length == n) memcpy(all + n, "-u", 2), all_length += 2;
    memcpy(all + all_length, text, length + 1);
    all_length += length;
    if (!is_shown) continue;
    if (shown_length == n) memcpy(shown + n, "-u", 2), shown_length += 2;
    memcpy(shown + shown_length, text, length + 1);
    shown_length += length;
  }
  strcpy(out->tag, shown);
  UErrorCode status = U_ZERO_ERROR;
  uloc_forLanguageTag(all, out->icu, sizeof out->icu, NULL, &status);
  if (U_FAILURE(status)) strcpy(out->icu, out->base);
  vm_intl_locale_list_free(list);
}
