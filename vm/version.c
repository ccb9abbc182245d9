// SPDX-License-Identifier: MIT
#include <rill.h>

#define STRINGIFY(x) #x
#define VERSION_TEXT(a, b, c) STRINGIFY(a) "." STRINGIFY(b) "." STRINGIFY(c)

const char *rill_version(void) {
  return VERSION_TEXT(RILL_VERSION_MAJOR, RILL_VERSION_MINOR,
                      RILL_VERSION_PATCH);
}
