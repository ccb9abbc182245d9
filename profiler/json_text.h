// SPDX-License-Identifier: MIT
#ifndef RILL_PROFILER_JSON_TEXT_H
#define RILL_PROFILER_JSON_TEXT_H

#include <stdio.h>

// A UTF-8 text as a JSON string, quotes included.
void prof_write_json_string(FILE *out, const char *text);

#endif
