// SPDX-License-Identifier: MIT
// Ending an executor.
#ifndef RILL_EXECUTOR_SHUTDOWN_H
#define RILL_EXECUTOR_SHUTDOWN_H

#include "runtime/executor/executor.h"

// From now on nothing is spawned, and all tasks are aborted. Does not wait. Any
// thread, tasks included.
void exec_cancel_all(Executor *);

#endif
