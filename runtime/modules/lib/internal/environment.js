// SPDX-License-Identifier: MIT
// The environment: values are strings, and TZ is the zone of local time from
// then on. Children get what is in here.
import { environment, setTimeZone } from "rill:internal/process";

export const env = new Proxy(environment(), {
  set(target, key, value) {
    if (typeof key === "symbol") return Reflect.set(target, key, value);
    const text = `${value}`;
    if (!Reflect.set(target, key, text)) return false;
    if (key === "TZ") setTimeZone(text);
    return true;
  },
  deleteProperty(target, key) {
    if (!Reflect.deleteProperty(target, key)) return false;
    if (key === "TZ") setTimeZone(undefined);
    return true;
  },
});
