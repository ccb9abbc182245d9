// SPDX-License-Identifier: MIT
// How far an import goes: `import x`, `import defer * as x`, `import source x`,
// and the same of import().
#ifndef RILL_VM_SYNTAX_MODULE_PHASE_H
#define RILL_VM_SYNTAX_MODULE_PHASE_H

typedef enum {
  PHASE_EVALUATION,
  PHASE_DEFER,  // evaluated when the namespace object is first used
  PHASE_SOURCE, // the module's source object: never linked nor evaluated
} ModulePhase;

#endif
