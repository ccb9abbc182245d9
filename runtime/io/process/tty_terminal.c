// SPDX-License-Identifier: MIT
// Terminals, and standard input of any kind. Raw mode never outlives the
// program: it is left at exit, by every signal that would end the program, and
// while the program is stopped.
#include "runtime/io/process/tty_terminal.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "runtime/io/net/connection.h"
#include "runtime/io/process/module.h"
#include "runtime/io/process/options.h"

// Written with all signals blocked, so that handlers see it whole.
static struct {
  struct termios before, raw;
  int descriptor;
  volatile sig_atomic_t is_raw;
} terminal;

void tty_restore(void) {
  int saved = errno;
  if (terminal.is_raw) {
    terminal.is_raw = 0;
    tcsetattr(terminal.descriptor, TCSANOW, &terminal.before);
  }
  errno = saved;
}

static void raise_by_default(int number) {
  struct sigaction plain = {.sa_handler = SIG_DFL};
  sigset_t only;
  sigaction(number, &plain, NULL);
  sigemptyset(&only);
  sigaddset(&only, number);
  raise(number);
  pthread_sigmask(SIG_UNBLOCK, &only, NULL);
}

static void on_fatal(int number) {
  tty_restore();
  raise_by_default(number);
}

// SIGTSTP and SIGCONT: the shell gets its terminal as it was.
static void on_stop(int number) {
  bool was_raw = terminal.is_raw;
  struct sigaction now;
  tty_restore();
  sigaction(number, NULL, &now);
  raise_by_default(number); // back here when it goes on
  sigaction(number, &now, NULL);
  if (!was_raw) return;
  tcsetattr(terminal.descriptor, TCSANOW, &terminal.raw);
  terminal.is_raw = 1;
}

static void on_continue(int number) {
  if (terminal.is_raw) tcsetattr(terminal.descriptor, TCSANOW, &terminal.raw);
}

// Only where nobody else handles the signal; who does, restores the terminal
// itself (cli/options.c) or goes on.
static void handle(int number, void (*handler)(int)) {
  struct sigaction now, ours = {.sa_handler = handler, .sa_flags = SA_RESTART};
  sigfillset(&ours.sa_mask);
  if (sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_DFL &&
      !(now.sa_flags & SA_SIGINFO))
    sigaction(number, &ours, NULL);
}

static void handle_signals(void) {
  static const int fatal[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGILL,  SIGTRAP,
                              SIGABRT, SIGBUS,  SIGFPE,  SIGUSR1, SIGSEGV,
                              SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGXCPU};
  for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
    handle(fatal[i], on_fatal);
  handle(SIGTSTP, on_stop);
  handle(SIGCONT, on_continue);
}

static int enter_raw(int descriptor) {
  static bool is_set_up;
  struct termios mode;
  if (terminal.is_raw) {
    if (terminal.descriptor == descriptor) return 0;
    tty_restore();
  }
  if (tcgetattr(descriptor, &mode) != 0) return uv_translate_sys_error(errno);
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &old);
  terminal.before = terminal.raw = mode;
  terminal.raw.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INPCK | ISTRIP | IXON);
  terminal.raw.c_oflag |= ONLCR;
  terminal.raw.c_cflag |= CS8;
  terminal.raw.c_lflag &= ~(tcflag_t)(ECHO | ICANON | IEXTEN | ISIG);
  terminal.raw.c_cc[VMIN] = 1;
  terminal.raw.c_cc[VTIME] = 0;
  terminal.descriptor = descriptor;
  int error = tcsetattr(descriptor, TCSANOW, &terminal.raw) == 0
                  ? 0
                  : uv_translate_sys_error(errno);
  terminal.is_raw = error == 0;
  if (!is_set_up) {
    is_set_up = true;
    atexit(tty_restore);
    handle_signals();
  }
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  return error;
}

// setRaw(descriptor, on)
Value tty_set_raw(Isolate *iso, const NativeCall *call) {
  if (!child_allowed(rt_of(iso))) return VALUE_EXCEPTION;
  if (!value_as_bool(call->argv[1])) {
    tty_restore();
    return VALUE_UNDEFINED;
  }
  int error = enter_raw((int)value_as_number(call->argv[0]));
  return error == 0
             ? VALUE_UNDEFINED
             : vm_throw(iso, net_error(iso, error, "setRawMode", NULL, -1));
}

// descriptorKind(descriptor): "TTY", "PIPE", "TCP", "UDP", "FILE" or "UNKNOWN"
Value tty_descriptor_kind(Isolate *iso, const NativeCall *call) {
  static const char *const names[UV_HANDLE_TYPE_MAX] = {
      [UV_TTY] = "TTY", [UV_NAMED_PIPE] = "PIPE", [UV_TCP] = "TCP",
      [UV_UDP] = "UDP", [UV_FILE] = "FILE",
  };
  const char *name =
      names[uv_guess_handle((uv_file)value_as_number(call->argv[0]))];
  String *text = vm_string_from_c(iso, name == NULL ? "UNKNOWN" : name);
  return text == NULL ? VALUE_EXCEPTION : value_from_cell(text);
}

// descriptorOf(handle): its number; undefined if it is closed.
Value tty_descriptor_of(Isolate *iso, const NativeCall *call) {
  NetHandle *h = net_handle_any(iso, native_argument(call, 0));
  uv_os_fd_t descriptor;
  if (h == NULL) return VALUE_EXCEPTION;
  return !h->closing && uv_fileno(&h->uv.any, &descriptor) == 0
             ? value_from_int(descriptor)
             : VALUE_UNDEFINED;
}

// openPipe(descriptor): a connection over a socket or pipe that is ours.
Value tty_open_pipe(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  if (!child_allowed(rt) || net_handles_of(rt) == NULL) return VALUE_EXCEPTION;
  int descriptor = (int)value_as_number(call->argv[0]);
  Connection *c;
  if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0)
    return vm_throw(
        iso, net_error(iso, uv_translate_sys_error(errno), "open", NULL, -1));
  int error = connection_open(rt, descriptor, true, &c);
  return error == 0 ? connection_object(c)
                    : vm_throw(iso, net_error(iso, error, "open", NULL, -1));
}

// A descriptor of our own for what is read, because it is made non-blocking,
// and others that share a descriptor would notice. Sockets cannot be opened
// again: those are shared.
static int own_descriptor(int descriptor) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  int own = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  return own >= 0 ? own : fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
}

// openInput(descriptor): a connection over it, which nobody but the caller
// closes; null for files and what cannot be waited for.
Value tty_open_input(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  if (!child_allowed(rt) || net_handles_of(rt) == NULL) return VALUE_EXCEPTION;
  int descriptor = (int)value_as_number(call->argv[0]);
  uv_handle_type type = uv_guess_handle(descriptor);
  if (type != UV_TTY && type != UV_NAMED_PIPE && type != UV_TCP)
    return VALUE_NULL;
  int own = own_descriptor(descriptor);
  Connection *c;
  int error = own < 0 ? uv_translate_sys_error(errno)
                      : connection_open(rt, own, type != UV_TCP, &c);
  return error == 0 ? connection_object(c)
                    : vm_throw(iso, net_error(iso, error, "open", NULL, -1));
}

// windowSize(descriptor): [columns, rows]; undefined if it has none.
Value tty_window_size(Isolate *iso, const NativeCall *call) {
  struct winsize size;
  if (ioctl((int)value_as_number(call->argv[0]), TIOCGWINSZ, &size) != 0)
    return VALUE_UNDEFINED;
  Value both[] = {value_from_int(size.ws_col), value_from_int(size.ws_row)};
  Array *list = vm_array_from(iso, both, 2);
  return list == NULL ? VALUE_EXCEPTION : value_from_cell(list);
}
