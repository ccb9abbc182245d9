// SPDX-License-Identifier: MIT
// Iterator helpers, which Node 20 does not have.
const N = 5000;
const list = Array.from({ length: N }, (_, i) => i);
bench("map, filter, reduce", () =>
  list.values().map((x) => x + 1).filter((x) => x & 1).reduce((a, b) => a + b, 0), N);
bench("take, drop, toArray", () => list.values().drop(10).take(1000).toArray().length, 1000);
