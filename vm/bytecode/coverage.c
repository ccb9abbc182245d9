// SPDX-License-Identifier: MIT
// Lists that grow, and counters that stay where they are.
#include "vm/bytecode/coverage.h"

#include <stdlib.h>

enum { CHUNK_COUNTERS = 510 };
typedef struct CounterChunk {
  struct CounterChunk *next;
  _Atomic uint64_t counters[CHUNK_COUNTERS];
} CounterChunk;

Coverage *coverage_new(void) {
  Coverage *coverage = calloc(1, sizeof *coverage);
  if (coverage != NULL) pthread_mutex_init(&coverage->lock, NULL);
  return coverage;
}

void coverage_free(Coverage *coverage) {
  if (coverage == NULL) return;
  while (coverage->files != NULL) {
    CoverageFile *file = coverage->files;
    coverage->files = file->next;
    coverage_file_free(file);
  }
  pthread_mutex_destroy(&coverage->lock);
  free(coverage);
}

void coverage_add(Coverage *coverage, CoverageFile *file) {
  pthread_mutex_lock(&coverage->lock);
  file->next = coverage->files;
  coverage->files = file;
  pthread_mutex_unlock(&coverage->lock);
}

CoverageFile *coverage_file_new(void) {
  return calloc(1, sizeof(CoverageFile));
}

void coverage_file_free(CoverageFile *file) {
  if (file == NULL) return;
  while (file->chunks != NULL) {
    CounterChunk *chunk = file->chunks;
    file->chunks = chunk->next;
    free(chunk);
  }
  if (file->source != NULL) vm_source_file_release(file->source);
  free(file->functions);
  free(file->statements);
  free(file->branches);
  free(file->arms);
  free(file);
}

static _Atomic uint64_t *counter(CoverageFile *file) {
  if (file->chunks == NULL || file->chunk_used == CHUNK_COUNTERS) {
    CounterChunk *chunk = calloc(1, sizeof *chunk);
    if (chunk == NULL) return NULL;
    chunk->next = file->chunks;
    file->chunks = chunk;
    file->chunk_used = 0;
  }
  return &file->chunks->counters[file->chunk_used++];
}

// Room for one more of `size` bytes each.
static bool grow(void **list, uint32_t count, uint32_t *capacity, size_t size) {
  if (count < *capacity) return true;
  uint32_t wanted = *capacity * 2 + 16;
  void *moved = realloc(*list, wanted * size);
  if (moved == NULL) return false;
  *list = moved;
  *capacity = wanted;
  return true;
}
#define GROW(file, name)                                                       \
  grow((void **)&(file)->name##s, (file)->name##_count,                        \
       &(file)->name##_capacity, sizeof *(file)->name##s)
// The plural of branch is not branchs.
#define branchs branches

_Atomic uint64_t *coverage_function(CoverageFile *file, String *name,
                                    uint32_t start, uint32_t end) {
  _Atomic uint64_t *count = counter(file);
  if (count == NULL || !GROW(file, function)) return NULL;
  file->functions[file->function_count++] =
      (CoverageFunction){{start, end, count}, name};
  return count;
}

_Atomic uint64_t *coverage_statement(CoverageFile *file, uint32_t start,
                                     uint32_t end) {
  _Atomic uint64_t *count = counter(file);
  if (count == NULL || !GROW(file, statement)) return NULL;
  file->statements[file->statement_count++] =
      (CoverageCounter){start, end, count};
  return count;
}

uint32_t coverage_branch(CoverageFile *file, BranchKind kind, uint32_t start,
                         uint32_t end) {
  if (!GROW(file, branch)) return UINT32_MAX;
  file->branches[file->branch_count] = (CoverageBranch){kind, start, end};
  return file->branch_count++;
}

_Atomic uint64_t *coverage_arm(CoverageFile *file, uint32_t branch,
                               uint32_t start, uint32_t end) {
  if (branch == UINT32_MAX) return NULL;
  _Atomic uint64_t *count = counter(file);
  if (count == NULL || !GROW(file, arm)) return NULL;
  file->arms[file->arm_count++] = (CoverageArm){{start, end, count}, branch};
  return count;
}

CoverageMark coverage_mark(const CoverageFile *file) {
  return (CoverageMark){file->function_count, file->statement_count,
                        file->branch_count, file->arm_count};
}

void coverage_reset(CoverageFile *file, CoverageMark mark) {
  file->function_count = mark.functions;
  file->statement_count = mark.statements;
  file->branch_count = mark.branches;
  file->arm_count = mark.arms;
}
