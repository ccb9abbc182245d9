/* SPDX-License-Identifier: MIT */
/*
 * librill: rights in detail. What RILL_ALLOW_FILES and RILL_ALLOW_PROCESS give
 * as a whole, grants give in parts: directories, under paths of their own, and
 * variables of the environment. What an isolate spawns (tasks, Workers, pools)
 * has the same grants, never more.
 *
 * A granted directory is a world of its own: its scripts see "/data/x", never
 * the host's path. Neither `..` nor symbolic links lead out of it, also while
 * somebody changes the tree (openat2 with RESOLVE_BENEATH; systems without it
 * refuse every operation with ENOSYS). Symbolic links to absolute paths are not
 * followed. Descriptors are those that the isolates with these grants have
 * opened themselves. Left out, and refused with EPERM: hard links, change of
 * owner, statfs, copies of whole directories; watching, Unix sockets and
 * modules from disk need RILL_ALLOW_FILES.
 */
#ifndef RILL_GRANTS_H
#define RILL_GRANTS_H

#include "rill/base.h"

RILL_BEGIN_DECLARATIONS

/* Set up by one thread, then given to any number of isolates and pools, which
 * keep it as long as they need it. */
typedef struct rill_grants rill_grants;
/* NULL: out of memory. */
RILL_API rill_grants *rill_grants_new(void);
/* The host's reference. */
RILL_API void rill_grants_free(rill_grants *);

enum {
  RILL_GRANT_READ = 0,      /* read-only */
  RILL_GRANT_WRITE = 1 << 0 /* read and write */
};
/* A directory of the host under an absolute path ("/data"; "/": the root). It
 * is opened now: renaming it later changes nothing. Of nested paths the longest
 * counts. RILL_INVALID: no absolute path, or it is taken; RILL_FAILED: it
 * cannot be opened (errno). */
RILL_API rill_status rill_grants_directory(rill_grants *, const char *path,
                                           const char *directory,
                                           uint32_t rights);
/* A variable that process.env shows, with the value that it has when it is
 * asked for. Scripts change a copy. */
RILL_API rill_status rill_grants_environment(rill_grants *, const char *name);

RILL_END_DECLARATIONS
#endif
