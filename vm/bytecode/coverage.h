// SPDX-License-Identifier: MIT
// Coverage: counters of the functions, statements and arms of branches of the
// files that are compiled while it is on. A counter is a word that a
// COUNT_BLOCK instruction names by its address; without coverage there are no
// such instructions. Files live as long as the Coverage. Any thread.
#ifndef RILL_VM_BYTECODE_COVERAGE_H
#define RILL_VM_BYTECODE_COVERAGE_H

#include <pthread.h>

#include "vm/bytecode/template.h"

typedef struct CoverageCounter {
  uint32_t start, end; // in the source
  _Atomic uint64_t *count;
} CoverageCounter;

typedef struct CoverageFunction {
  CoverageCounter body;
  String *name; // atom
} CoverageFunction;

typedef enum {
  BRANCH_IF,
  BRANCH_CONDITIONAL,
  BRANCH_LOGICAL,
  BRANCH_SWITCH
} BranchKind;
typedef struct CoverageBranch {
  BranchKind kind;
  uint32_t start, end;
} CoverageBranch;
typedef struct CoverageArm {
  CoverageCounter body;
  uint32_t branch; // index
} CoverageArm;

typedef struct CoverageFile {
  struct CoverageFile *next;
  SourceFile *source; // a reference
  uint32_t function_count, statement_count, branch_count, arm_count;
  uint32_t function_capacity, statement_capacity, branch_capacity, arm_capacity;
  CoverageFunction *functions;
  CoverageCounter *statements;
  CoverageBranch *branches;
  CoverageArm *arms;
  // Counters never move: chunks of a fixed size.
  struct CounterChunk *chunks;
  uint32_t chunk_used;
} CoverageFile;

typedef struct Coverage {
  pthread_mutex_t lock;
  CoverageFile *files;
  bool of_all; // scripts and texts, too, not only modules in files
} Coverage;

Coverage *coverage_new(void); // NULL: out of memory
// Frees all; no code that counts may run any more.
void coverage_free(Coverage *);
// Hands a file over, once it is compiled.
void coverage_add(Coverage *, CoverageFile *);

// While a file is compiled. NULL: out of memory.
CoverageFile *coverage_file_new(void);
void coverage_file_free(CoverageFile *);
// These do nothing but say so when memory runs out: NULL or UINT32_MAX.
_Atomic uint64_t *coverage_function(CoverageFile *, String *name,
                                    uint32_t start, uint32_t end);
_Atomic uint64_t *coverage_statement(CoverageFile *, uint32_t start,
                                     uint32_t end);
uint32_t coverage_branch(CoverageFile *, BranchKind, uint32_t start,
                         uint32_t end);
_Atomic uint64_t *coverage_arm(CoverageFile *, uint32_t branch, uint32_t start,
                               uint32_t end);

// Code that is emitted again forgets what the first attempt recorded.
typedef struct CoverageMark {
  uint32_t functions, statements, branches, arms;
} CoverageMark;
CoverageMark coverage_mark(const CoverageFile *);
void coverage_reset(CoverageFile *, CoverageMark);

#endif
