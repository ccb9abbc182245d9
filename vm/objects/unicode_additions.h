// SPDX-License-Identifier: MIT
// Unicode 17 with an older ICU: amends what ICU says by the rows of
// unicode_additions.def. With an ICU that is not older all of this does
// nothing. Any thread.
#ifndef RILL_VM_OBJECTS_UNICODE_ADDITIONS_H
#define RILL_VM_OBJECTS_UNICODE_ADDITIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <unicode/uchar.h>
#include <unicode/uset.h>

// Makes the set of a property that ICU gave that of Unicode 17.
void vm_unicode_amend_categories(USet *, uint32_t mask); // U_GC_*_MASK
void vm_unicode_amend_script(USet *, const char *code, bool extensions);
// A binary property of characters, or of strings.
void vm_unicode_amend_binary(USet *, UProperty);

// The four letters of a script that ICU does not know, by these or by its name;
// NULL: none.
const char *vm_unicode_new_script(const char *name);

// Whether a character that, for ICU, has not the property does have it.
bool vm_unicode_has_new_property(uint32_t code_point, UProperty);

// Simple case mappings that ICU does not have; the character itself if there
// is none.
uint32_t vm_unicode_new_upper(uint32_t code_point);
uint32_t vm_unicode_new_lower(uint32_t code_point);
uint32_t vm_unicode_new_fold(uint32_t code_point);
// Applies one of the first two to text that ICU has mapped.
void vm_unicode_map_new(uint16_t *units, int32_t length,
                        uint32_t (*mapping)(uint32_t));

#endif
