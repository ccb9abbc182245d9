// SPDX-License-Identifier: MIT
// The one thing that ICU has no C function for: replacing the deprecated parts
// of a language tag (UTS 35, CanonicalizeUnicodeLocaleId).
#include "vm/builtins/intl_locale_tag.h"

#include <string.h>

#include <string>

#include <unicode/locid.h>

extern "C" bool vm_icu_canonical_tag(const char *tag, char *out, size_t size) {
  UErrorCode status = U_ZERO_ERROR;
  icu::Locale locale = icu::Locale::forLanguageTag(tag, status);
  if (U_FAILURE(status) || locale.isBogus()) return false;
  locale.canonicalize(status);
  if (U_FAILURE(status) || locale.isBogus()) return false;
  std::string text = locale.toLanguageTag<std::string>(status);
  if (U_FAILURE(status) || text.size() >= size) return false;
  memcpy(out, text.c_str(), text.size() + 1);
  return true;
}
