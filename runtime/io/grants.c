// SPDX-License-Identifier: MIT
// The grants themselves: made by the host, then shared.
#include "runtime/io/grants.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/io/granted_paths.h"

rill_grants *rill_grants_new(void) {
  Grants *g = calloc(1, sizeof *g);
  if (g == NULL) return NULL;
  g->references = 1;
  pthread_mutex_init(&g->lock, NULL);
  return g;
}

Grants *rt_grants_retain(Grants *g) {
  if (g != NULL)
    atomic_fetch_add_explicit(&g->references, 1, memory_order_relaxed);
  return g;
}

void rt_grants_release(Grants *g) {
  if (g == NULL ||
      atomic_fetch_sub_explicit(&g->references, 1, memory_order_acq_rel) != 1)
    return;
  for (size_t i = 0; i < g->directory_count; i++) {
    close(g->directories[i].descriptor);
    free(g->directories[i].path);
  }
  for (size_t i = 0; i < g->variable_count; i++)
    free(g->variables[i]);
  for (size_t i = 0; i < g->host_count; i++)
    free(g->hosts[i].name);
  for (size_t i = 0; i < g->program_count; i++) {
    free(g->programs[i].name);
    free(g->programs[i].path);
  }
  free(g->hosts);
  free(g->programs);
  free(g->directories);
  free(g->variables);
  free(g->descriptors);
  pthread_mutex_destroy(&g->lock);
  free(g);
}

void rill_grants_free(rill_grants *g) {
  rt_grants_release(g);
}

rill_status rill_grants_directory(rill_grants *g, const char *path,
                                  const char *directory, uint32_t rights) {
  if (path == NULL || path[0] != '/' || directory == NULL ||
      (rights & ~(uint32_t)RILL_GRANT_WRITE) != 0)
    return RILL_INVALID;
  char *normal = granted_normalize(path);
  GrantedDirectory *grown =
      normal == NULL
          ? NULL
          : realloc(g->directories, (g->directory_count + 1) * sizeof *grown);
  if (grown == NULL) {
    free(normal);
    return RILL_NO_MEMORY;
  }
  g->directories = grown;
  for (size_t i = 0; i < g->directory_count; i++) {
    if (strcmp(grown[i].path, normal) != 0) continue;
    free(normal);
    return RILL_INVALID;
  }
  int descriptor = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    free(normal);
    return RILL_FAILED;
  }
  grown[g->directory_count++] =
      (GrantedDirectory){normal, descriptor, (rights & RILL_GRANT_WRITE) != 0};
  return RILL_OK;
}

rill_status rill_grants_environment(rill_grants *g, const char *name) {
  if (name == NULL || name[0] == 0 || strchr(name, '=') != NULL)
    return RILL_INVALID;
  char *copy = strdup(name);
  char **grown =
      copy == NULL
          ? NULL
          : realloc(g->variables, (g->variable_count + 1) * sizeof *grown);
  if (grown == NULL) {
    free(copy);
    return RILL_NO_MEMORY;
  }
  g->variables = grown;
  grown[g->variable_count++] = copy;
  return RILL_OK;
}

rill_status rill_grants_program(rill_grants *g, const char *name,
                                const char *path) {
  if (name == NULL || name[0] == 0 || strchr(name, '/') != NULL ||
      path == NULL || path[0] != '/')
    return RILL_INVALID;
  for (size_t i = 0; i < g->program_count; i++)
    if (strcmp(g->programs[i].name, name) == 0) return RILL_INVALID;
  struct stat status;
  if (stat(path, &status) != 0) return RILL_FAILED;
  if (!S_ISREG(status.st_mode)) {
    errno = EACCES;
    return RILL_FAILED;
  }
  if (access(path, X_OK) != 0) return RILL_FAILED;
  GrantedProgram *grown =
      realloc(g->programs, (g->program_count + 1) * sizeof *grown);
  if (grown == NULL) return RILL_NO_MEMORY;
  g->programs = grown;
  GrantedProgram program = {strdup(name), strdup(path)};
  if (program.name == NULL || program.path == NULL) {
    free(program.name);
    free(program.path);
    return RILL_NO_MEMORY;
  }
  grown[g->program_count++] = program;
  return RILL_OK;
}
