// SPDX-License-Identifier: MIT
// What the programs of this folder have in common.
#ifndef RILL_TESTS_HOSTILE_HARNESS_H
#define RILL_TESTS_HOSTILE_HARNESS_H

#include "rill.h"

// A file as text, to be freed; ends the program if there is none.
char *read_text(const char *path);
// What the script prints is swallowed, and what goes wrong beside it does not
// end it.
void silence(rill_isolate *);

#endif
