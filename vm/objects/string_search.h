// SPDX-License-Identifier: MIT
// Searching in flat units, in linear time. Pure functions; no function here
// allocates from the heap.
#ifndef RILL_VM_OBJECTS_STRING_SEARCH_H
#define RILL_VM_OBJECTS_STRING_SEARCH_H

#include "vm/objects/string.h"

#define STRING_NOT_FOUND UINT32_MAX

// The first index at or after `from` where the needle occurs; the empty needle
// occurs everywhere, the end included. STRING_NOT_FOUND: nowhere.
uint32_t vm_string_find(StringView haystack, StringView needle, uint32_t from);
// The same for a single unit.
uint32_t vm_string_find_unit(StringView haystack, uint16_t unit, uint32_t from);
// The last index at or before `from`.
uint32_t vm_string_find_last(StringView haystack, StringView needle,
                             uint32_t from);
// Does the needle stand at `index`? False if it would reach past the end.
bool vm_string_stands_at(StringView haystack, StringView needle,
                         uint32_t index);

#endif
