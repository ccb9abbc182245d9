// SPDX-License-Identifier: MIT
// switch, labelled loops, conditions.
function dense() {
  let sum = 0;
  for (let i = 0; i < 20000; i++) {
    switch (i & 7) {
      case 0: sum += 1; break;
      case 1: sum += 3; break;
      case 2: sum ^= 5; break;
      case 3: sum += 7; break;
      case 4: sum -= 2; break;
      case 5: sum += 11; break;
      default: sum++;
    }
  }
  return sum;
}
const words = ["add", "load", "store", "jump", "call", "return", "push", "pop"];
function strings() {
  let sum = 0;
  for (let i = 0; i < 20000; i++) {
    switch (words[i & 7]) {
      case "add": sum += 1; break;
      case "load": sum += 2; break;
      case "store": sum += 3; break;
      case "jump": sum += 4; break;
      case "call": sum += 5; break;
      case "return": sum += 6; break;
      default: sum += 7;
    }
  }
  return sum;
}
function labels() {
  let found = 0;
  outer: for (let i = 2; i < 2000; i++) {
    for (let j = 2; j * j <= i; j++) {
      if (i % j === 0) continue outer;
    }
    found++;
  }
  return found;
}
function logical() {
  let sum = 0;
  for (let i = 0; i < 20000; i++) {
    if ((i & 1 && i & 2) || (i & 8 && !(i & 4))) sum++;
    sum += i > 10000 ? 1 : i < 5 ? 2 : 3;
    sum += (i & 16 ? null : i) ?? 4;
  }
  return sum;
}
bench("switch on integers", dense, 20000);
bench("switch on strings", strings, 20000);
bench("labelled loops", labels, 14000);
bench("logical", logical, 20000);
