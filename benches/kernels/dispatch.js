// SPDX-License-Identifier: MIT
// Loops of the simplest instructions.
function integers() {
  let a = 1, b = 2, c = 3;
  for (let i = 0; i < 30000; i++) {
    a = (a + b) | 0;
    b = (b ^ i) & 0xffff;
    c = (c - a) >> 1;
  }
  return a + b + c;
}
function doubles() {
  let x = 0.5, y = 1.5;
  for (let i = 0; i < 30000; i++) {
    x = x * 0.999 + y;
    y = y - x / 3;
  }
  return x + y;
}
function nested() {
  let count = 0;
  for (let i = 0; i < 200; i++) {
    let j = 0;
    while (j < 150) {
      if (j % 3 === 0) count++;
      j++;
    }
  }
  return count;
}
bench("integers", integers, 30000);
bench("doubles", doubles, 30000);
bench("nested", nested, 30000);
