// SPDX-License-Identifier: MIT
// The part of Intl's locales that is ICU's C++. Any thread.
#ifndef RILL_VM_BUILTINS_INTL_LOCALE_TAG_H
#define RILL_VM_BUILTINS_INTL_LOCALE_TAG_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// A well-formed BCP 47 tag in canonical form. False: ICU rejects it, or it does
// not fit.
bool vm_icu_canonical_tag(const char *tag, char *out, size_t size);

typedef enum {
  LOCALE_LANGUAGE,
  LOCALE_SCRIPT,
  LOCALE_REGION,
  LOCALE_VARIANTS,
  LOCALE_KEYWORD,
} LocalePart;
typedef struct LocaleChange {
  LocalePart part;
  const char *key; // of LOCALE_KEYWORD: of the Unicode extension
  const char *value;
} LocaleChange;
// The tag with those parts replaced, in canonical form. False: as above.
bool vm_icu_change_tag(const char *tag, const LocaleChange *changes,
                       unsigned count, char *out, size_t size);

#ifdef __cplusplus
}
#endif

#endif
