// SPDX-License-Identifier: MIT
// Source maps (ECMA-426): places in compiled texts become those in the texts
// they were made from, in the stacks of errors. A text's map is what the host
// gave for its name, else what its `//# sourceMappingURL=` leads to: a data:
// URL, or a file next to it where files may be read. A map that is wrong or not
// there changes nothing. Isolate's thread.
#ifndef RILL_RUNTIME_PROGRAM_SOURCE_MAPS_H
#define RILL_RUNTIME_PROGRAM_SOURCE_MAPS_H

#include "runtime/runtime.h"
#include "vm/bytecode/template.h"

// From now on stacks are mapped. False: out of memory.
bool rt_source_maps_enable(Runtime *);
// The map of texts with this name, as JSON; enables, too. False: it is no
// source map, or out of memory.
bool rt_source_map_add(Runtime *, const char *file, const char *json,
                       size_t length);
// HostHooks.map_place: changes all three, or nothing.
void rt_map_place(Runtime *, const SourceFile *, String **file, uint32_t *line,
                  uint32_t *column);
// A line of a text that some map has the content of; malloc'ed. NULL: none.
char *rt_source_map_line(Runtime *, const char *file, uint32_t line);
void rt_source_maps_free(struct SourceMaps *);

#endif
