// SPDX-License-Identifier: MIT
// What ICU has no C functions for: replacing the deprecated parts of a language
// tag (UTS 35, CanonicalizeUnicodeLocaleId) and changing single parts.
#include "vm/builtins/intl_locale_tag.h"

#include <string.h>

#include <string>

#include <unicode/localebuilder.h>
#include <unicode/locid.h>

static bool write(icu::Locale &locale, UErrorCode &status, char *out,
                  size_t size) {
  if (U_SUCCESS(status)) locale.canonicalize(status);
  if (U_FAILURE(status) || locale.isBogus()) return false;
  std::string text = locale.toLanguageTag<std::string>(status);
  if (U_FAILURE(status) || text.size() >= size) return false;
  memcpy(out, text.c_str(), text.size() + 1);
  return true;
}

extern "C" bool vm_icu_canonical_tag(const char *tag, char *out, size_t size) {
  UErrorCode status = U_ZERO_ERROR;
  icu::Locale locale = icu::Locale::forLanguageTag(tag, status);
  return write(locale, status, out, size);
}

extern "C" bool vm_icu_change_tag(const char *tag, const LocaleChange *changes,
                                  unsigned count, char *out, size_t size) {
  UErrorCode status = U_ZERO_ERROR;
  icu::LocaleBuilder builder;
  builder.setLanguageTag(tag);
  for (unsigned i = 0; i < count; i++) {
    const LocaleChange &change = changes[i];
    switch (change.part) {
    case LOCALE_LANGUAGE:
      builder.setLanguage(change.value);
      break;
    case LOCALE_SCRIPT:
      builder.setScript(change.value);
      break;
    case LOCALE_REGION:
      builder.setRegion(change.value);
      break;
    case LOCALE_VARIANTS:
      builder.setVariant(change.value);
      break;
    case LOCALE_KEYWORD:
      builder.setUnicodeLocaleKeyword(change.key, change.value);
      break;
    }
  }
  icu::Locale locale = builder.build(status);
  return write(locale, status, out, size);
}
