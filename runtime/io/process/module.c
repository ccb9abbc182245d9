// SPDX-License-Identifier: MIT
#include "runtime/io/process/module.h"

#include "runtime/modules/native_modules.h"

static const NativeExport child_exports[] = {
    {"killChild", child_kill, 3},
    {"spawn", child_spawn, 8},
    {"spawnSync", child_spawn_sync, 12},
};
const NativeModule rt_child_module =
    NATIVE_MODULE("rill:internal/child", child_exports);

static const NativeExport signal_exports[] = {
    {"sendSignal", signal_send, 2},
    {"unwatchSignal", signal_unwatch, 1},
    {"watchSignal", signal_watch, 2},
};
const NativeModule rt_signal_module =
    NATIVE_MODULE("rill:internal/signal-watch", signal_exports);

static const NativeExport terminal_exports[] = {
    {"descriptorKind", tty_descriptor_kind, 1},
    {"descriptorOf", tty_descriptor_of, 1},
    {"openInput", tty_open_input, 1},
    {"openPipe", tty_open_pipe, 1},
    {"setRaw", tty_set_raw, 2},
    {"windowSize", tty_window_size, 1},
};
const NativeModule rt_terminal_module =
    NATIVE_MODULE("rill:internal/terminal", terminal_exports);
