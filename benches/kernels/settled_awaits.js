// SPDX-License-Identifier: MIT
// 1e6 awaits of settled promises.
bench("1e6 awaits", async () => {
  const settled = Promise.resolve(1);
  let sum = 0;
  for (let i = 0; i < 1e6; i++) sum += await settled;
  return sum;
}, 1e6);
