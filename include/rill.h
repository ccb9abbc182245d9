// SPDX-License-Identifier: MIT
// librill: the public API. Everything an embedder sees is declared here.
#ifndef RILL_H
#define RILL_H

#ifdef __cplusplus
extern "C" {
#endif

#define RILL_VERSION_MAJOR 0
#define RILL_VERSION_MINOR 1
#define RILL_VERSION_PATCH 0

#if defined(__GNUC__)
#define RILL_API __attribute__((visibility("default")))
#else
#define RILL_API
#endif

// The version of the library that is linked, as "MAJOR.MINOR.PATCH".
// [any thread] The string is static; never free it.
RILL_API const char *rill_version(void);

#ifdef __cplusplus
}
#endif
#endif
