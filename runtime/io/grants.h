// SPDX-License-Identifier: MIT
// What an isolate may reach of files, network, processes and environment, if
// not all. Shared by all isolates that have it; counted, any thread. It never
// changes once an isolate has it.
#ifndef RILL_RUNTIME_IO_GRANTS_H
#define RILL_RUNTIME_IO_GRANTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "rill/grants.h"
#include "runtime/io/files/call.h"

typedef struct GrantedDirectory {
  char *path; // normalized, without a slash at its end: "" is the root
  int descriptor;
  bool may_write;
} GrantedDirectory;

typedef struct GrantedHost {
  char *name;          // in lower case, "" for all names; NULL: addresses
  bool names_below;    // of that name, not itself
  uint8_t address[16]; // IPv4 as ::ffff:0:0/96
  uint8_t prefix;      // bits of it that count
  uint16_t first_port, last_port;
  uint32_t how; // RILL_GRANT_CONNECT, ...
} GrantedHost;

typedef struct GrantedProgram {
  char *name, *path;
} GrantedProgram;

enum { DESCRIPTOR_OPEN = 1, DESCRIPTOR_WRITABLE = 2 };

typedef struct rill_grants Grants;
struct rill_grants {
  _Atomic uint32_t references;
  GrantedDirectory *directories;
  size_t directory_count;
  GrantedHost *hosts;
  size_t host_count;
  GrantedProgram *programs;
  size_t program_count;
  char **variables;
  size_t variable_count;
  pthread_mutex_t lock;
  uint8_t *descriptors; // DESCRIPTOR_*, by number; under the lock
  size_t descriptor_capacity;
};

// Both take NULL.
Grants *rt_grants_retain(Grants *);
void rt_grants_release(Grants *);

// The operation of a call whose `grants` are set, within them.
void file_run_granted(FileCall *);
// Carries an operation out, wherever its paths lead.
void file_perform(FileCall *);
// Undoes what has been opened or made.
void file_undo_granted(FileCall *);

#endif
