// SPDX-License-Identifier: MIT
#ifndef RILL_RUNTIME_IO_FILES_CACHED_H
#define RILL_RUNTIME_IO_FILES_CACHED_H

#include "runtime/io/files/call.h"

enum { CACHED_DEVICES = 8 };

// What a runtime has learnt about the file systems that it uses.
typedef struct CachedFiles {
  bool is_off; // the kernel has no such calls
  unsigned count;
  struct {
    dev_t device;
    bool is_local;
  } devices[CACHED_DEVICES];
} CachedFiles;

// Does a prepared readFile, readText, stat, lstat or exists on the calling
// thread, if that is a matter of microseconds. False: nothing has happened.
bool file_do_cached(FileCall *, CachedFiles *);

#endif
