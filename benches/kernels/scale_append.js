// SPDX-License-Identifier: MIT
// 100 MB of text put together piece by piece: nanoseconds for each unit. A file
// of its own, since engines that copy the text at each step pass any time limit.

const n = 1e8;
const piece = "0123456789".repeat(10);
bench("1e8 append", () => {
  let text = "";
  for (let i = 0; i < n; i += 100) text += piece;
  return text.charCodeAt(n >> 1);
}, n);
