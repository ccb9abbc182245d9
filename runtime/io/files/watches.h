// SPDX-License-Identifier: MIT
#ifndef RILL_RUNTIME_IO_FILES_WATCHES_H
#define RILL_RUNTIME_IO_FILES_WATCHES_H

typedef struct Watches Watches;

// After its handle is closed. NULL: nothing.
void rt_watches_free(Watches *);

#endif
