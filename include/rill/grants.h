/* SPDX-License-Identifier: MIT */
/*
 * librill: rights in detail. What RILL_ALLOW_FILES, RILL_ALLOW_NET and
 * RILL_ALLOW_PROCESS give as a whole, grants give in parts: directories, under
 * paths of their own, hosts and ports, programs, and variables of the
 * environment. What an isolate spawns (tasks, Workers, pools) has the same
 * grants, never more.
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
/* None yet, with the host's reference. NULL: out of memory. */
RILL_API rill_grants *rill_grants_new(void);
/* The host's reference. */
RILL_API void rill_grants_free(rill_grants *);

/* Rights to a directory. */
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

/* How a host may be reached. */
enum {
  RILL_GRANT_CONNECT = 1 << 0, /* TCP to it: rill:net, HTTP, fetch, WebSocket */
  RILL_GRANT_LISTEN = 1 << 1,  /* TCP from anybody, at this address of ours */
  RILL_GRANT_SEND = 1 << 2,    /* UDP to it, and its answers */
  RILL_GRANT_RECEIVE = 1 << 3  /* UDP from anybody, at this address of ours */
};
/* A host, or several, and its ports from the first to the last. `host` is
 *  - a name: "api.example.com", in ASCII; case does not matter;
 *  - "*.example.com": all names below that one, at any depth, not itself;
 *  - "*": all names, and all public addresses;
 *  - an address, "192.0.2.7" or "2001:db8::1"; or all of a network,
 *    "10.0.0.0/8", "::/0". LISTEN and RECEIVE take only these.
 * A grant of a name holds for the addresses that the system's resolver has for
 * it. But a name never leads to an address that is not public (loopback,
 * private, link-local, shared, multicast, or one that embeds such an IPv4
 * address), whatever DNS says, unless that address is granted as well; only
 * "localhost" leads to loopback. Names that are not granted are not looked up
 * either. Redirects of fetch are held to the same, and no proxy is used. To
 * listen at port 0, which stands for any free one, it must be among the ports.
 * Unix sockets and the list of network interfaces need RILL_ALLOW_NET.
 * RILL_INVALID: no host, ports that are none, or nothing is granted. */
RILL_API rill_status rill_grants_network(rill_grants *, const char *host,
                                         uint32_t first_port,
                                         uint32_t last_port, uint32_t how);

/* A program that scripts start as `name`, which is no path, and which is the
 * file `path` of the host. Its arguments are the script's to choose: a program
 * that runs others, or reads and writes files that it is told, gives all that.
 * Of the environment it gets what is granted (rill_grants_environment), with
 * the values that the script chooses; its working directory is "/" or a granted
 * directory; its standard streams are pipes or nothing, never the host's. Left
 * out, and refused with EPERM: other users, a name of its own (argv0), and
 * whatever RILL_ALLOW_PROCESS gives besides: signals to others, standard input.
 * RILL_INVALID: the name is a path or taken, the path is not absolute;
 * RILL_FAILED: it is no file that can be executed (errno). */
RILL_API rill_status rill_grants_program(rill_grants *, const char *name,
                                         const char *path);

RILL_END_DECLARATIONS
#endif
