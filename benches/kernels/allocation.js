// SPDX-License-Identifier: MIT
// Allocation and the collector.
const tree = (depth) => depth === 0 ? null : { left: tree(depth - 1), right: tree(depth - 1) };
const lasting = tree(14);
bench("short-lived objects", () => {
  let sum = 0;
  for (let i = 0; i < 10000; i++) sum += { a: i, b: 1 }.a;
  return sum;
}, 10000);
bench("trees", () => tree(12), 4095);
bench("list", () => {
  let head = null;
  for (let i = 0; i < 10000; i++) head = { next: head, i };
  return head;
}, 10000);
bench("arrays", () => {
  let last;
  for (let i = 0; i < 5000; i++) last = [i, i, last === undefined];
  return last;
}, 5000);
bench("closures", () => {
  let last;
  for (let i = 0; i < 5000; i++) { const x = i; last = () => x; }
  return last;
}, 5000);
bench("strings", () => {
  let last;
  for (let i = 0; i < 5000; i++) last = "text" + i;
  return last;
}, 5000);
bench("doubles in objects", () => {
  let last = { x: 0.5 };
  for (let i = 0; i < 5000; i++) last = { x: last.x + 0.5 };
  return last;
}, 5000);
bench("replace in a live graph", () => {
  let node = lasting;
  for (let i = 0; i < 300; i++) {
    node = lasting;
    for (let d = 0; d < 9; d++) node = i >> d & 1 ? node.left : node.right;
    node.left = tree(4);
  }
  return node;
}, 4500);
