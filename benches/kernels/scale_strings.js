// SPDX-License-Identifier: MIT
// Long strings: nanoseconds for each, at several sizes. scale_append.js has the
// longest text that is put together piece by piece.

for (const n of [1e6, 1e7, 1e8]) {
  const size = n.toExponential().replace("+", "");
  const piece = "0123456789".repeat(10);
  const full = piece.repeat(n / 100);
  if (n < 1e8) {
    bench(`${size} append`, () => {
      let text = "";
      for (let i = 0; i < n; i += 100) text += piece;
      return text.charCodeAt(n >> 1);
    }, n);
  }
  bench(`${size} indexOf`, () => full.indexOf("90123x"), n);
  bench(`${size} charCodeAt`, () => {
    let sum = 0;
    for (let i = 0; i < n; i += 10) sum += full.charCodeAt(i);
    return sum;
  }, n / 10);
  bench(`${size} slices`, () => {
    let sum = 0;
    for (let i = 0; i < n; i += 1000) sum += full.slice(i, i + 1000).length;
    return sum;
  }, n / 1000);
  bench(`${size} split and join`, () => full.split("9").join("").length, n / 10);
  bench(`${size} replace`, () => full.replace(/89/g, "-").length, n / 10);
}
