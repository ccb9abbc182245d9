// SPDX-License-Identifier: MIT
// node:perf_hooks: the clock.
const { performance } = globalThis;
export { performance };
export default { performance };
