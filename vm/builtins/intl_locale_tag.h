// SPDX-License-Identifier: MIT
#ifndef RILL_VM_BUILTINS_INTL_LOCALE_TAG_H
#define RILL_VM_BUILTINS_INTL_LOCALE_TAG_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// A well-formed BCP 47 tag in canonical form. False: ICU rejects it, or it does
// not fit. Any thread.
bool vm_icu_canonical_tag(const char *tag, char *out, size_t size);

#ifdef __cplusplus
}
#endif

#endif
