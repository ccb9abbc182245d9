// SPDX-License-Identifier: MIT
// The terminal's mode, which belongs to the whole process and outlives it.
#ifndef RILL_RUNTIME_IO_PROCESS_TTY_TERMINAL_H
#define RILL_RUNTIME_IO_PROCESS_TTY_TERMINAL_H

// Leaves raw mode, if a script entered it. Any thread; signal handlers, too.
void tty_restore(void);

#endif
