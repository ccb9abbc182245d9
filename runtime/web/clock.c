// SPDX-License-Identifier: MIT
// rill:internal/clock: the monotonic clock of performance.now.
#include "runtime/modules/native_modules.h"
#include "runtime/program/clock.h"

// now(): milliseconds since the time origin.
static Value now(Isolate *iso, const NativeCall *call) {
  return value_from_number(rt_clock_now(rt_of(iso)));
}

// timeOrigin(): milliseconds since 1970; the same at every call.
static Value time_origin(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  if (rt->time_origin == 0) {
    uv_timeval64_t time;
    uv_gettimeofday(&time);
    rt->time_origin = (double)time.tv_sec * 1000 + (double)time.tv_usec / 1000 -
                      (double)(uv_hrtime() - rt->start_nanoseconds) / 1e6;
  }
  return value_from_number(rt->time_origin);
}

static const NativeExport clock_exports[] = {
    {"now", now, 0},
    {"timeOrigin", time_origin, 0},
};
const NativeModule rt_clock_module =
    NATIVE_MODULE("rill:internal/clock", clock_exports);
