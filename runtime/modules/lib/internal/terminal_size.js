// SPDX-License-Identifier: MIT
// Modes, sizes and colours of terminals.
import { onSignal } from "rill:internal/signal_listeners";
import { setRaw, windowSize } from "rill:internal/terminal";

export const sizeOf = (fd) => windowSize(fd) ?? [0, 0];
export const setRawMode = (fd, on) => setRaw(fd, on);

// Calls listener(columns, rows) when they change.
export function onResize(fd, listener) {
  let [columns, rows] = sizeOf(fd);
  return onSignal("SIGWINCH", () => {
    const now = sizeOf(fd);
    if (now[0] === columns && now[1] === rows) return;
    [columns, rows] = now;
    listener(columns, rows);
  });
}

const terminals16 = new Set([
  "ansi", "color", "console", "cygwin", "dtterm", "eterm", "gnome", "hurd",
  "jfbterm", "konsole", "kterm", "linux", "mlterm", "mosh", "putty", "st",
  "rxvt-unicode-24bit", "terminator", "xterm", "vt100", "rxvt", "screen",
]);
const trueColor = new Set(["mosh", "rxvt-unicode-24bit", "terminator",
                           "truecolor", "24bit"]);
const services = ["APPVEYOR", "BUILDKITE", "CIRCLECI", "DRONE",
                  "GITHUB_ACTIONS", "GITLAB_CI", "TRAVIS"];

// How many bits of colour an environment stands for: 1, 4, 8 or 24. FORCE_COLOR,
// NODE_DISABLE_COLORS and NO_COLOR go before what the terminal is.
export function colorDepth(env) {
  if (env.FORCE_COLOR !== undefined) {
    switch (env.FORCE_COLOR) {
      case "":
      case "1":
      case "true":
        return 4;
      case "2":
        return 8;
      case "3":
        return 24;
      default:
        return 1;
    }
  }
  if ((env.NODE_DISABLE_COLORS !== undefined && env.NODE_DISABLE_COLORS !== "") ||
      (env.NO_COLOR !== undefined && env.NO_COLOR !== "") ||
      env.TERM === "dumb") {
    return 1;
  }
  if (env.TMUX) return 24;
  if (env.TF_BUILD !== undefined && env.AGENT_NAME !== undefined) return 4;
  if (env.CI !== undefined) {
    if (["GITHUB_ACTIONS", "GITEA_ACTIONS", "CIRCLECI"].some((n) => n in env)) {
      return 24;
    }
    if (services.some((name) => name in env) || env.CI_NAME === "codeship") {
      return 8;
    }
    return 1;
  }
  if (env.TEAMCITY_VERSION !== undefined) {
    return /^(9\.(0*[1-9]\d*)\.|\d{2,}\.)/.test(env.TEAMCITY_VERSION) ? 4 : 1;
  }
  switch (env.TERM_PROGRAM) {
    case "iTerm.app":
      return !env.TERM_PROGRAM_VERSION || /^[0-2]\./.test(env.TERM_PROGRAM_VERSION)
        ? 8 : 24;
    case "HyperTerm":
    case "MacTerm":
      return 24;
    case "Apple_Terminal":
      return 8;
  }
  if (env.COLORTERM === "truecolor" || env.COLORTERM === "24bit") return 24;
  if (env.TERM) {
    if (/truecolor/.test(env.TERM)) return 24;
    if (/^xterm-256/.test(env.TERM)) return 8;
    const name = env.TERM.toLowerCase();
    if (trueColor.has(name)) return 24;
    if (terminals16.has(name) ||
        /ansi|color|linux|direct|^con\d*x\d|^rxvt|^screen|^xterm|^vt100|^vt220/
          .test(name)) {
      return 4;
    }
  }
  return env.COLORTERM ? 4 : 1;
}
