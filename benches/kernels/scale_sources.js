// SPDX-License-Identifier: MIT
// Source text evaluated: nanoseconds for each, at several sizes.
const unit = (i) => `function f${i}(a, b) { const c = a + b * ${i}; if (c > 10) { return { c, name: "n${i}" }; } return [a, b, c].map((x) => x + 1); }
`;
for (const n of [5e4, 5e5, 5e6]) {
  const size = n.toExponential().replace("+", "");
  let text = "";
  for (let i = 0; text.length < n; i++) text += unit(i);
  const literal = `[${Array.from({ length: n / 10 >> 0 }, (_, i) => i + 1e7).join(",")}]`;
  let serial = 0;
  // A new text each time: nothing is found in a cache.
  bench(`${size} functions`, () => (0, eval)(`(function () { ${text} return ${serial++}; })`)(), n);
  bench(`${size} literal`, () => (0, eval)(`${literal}.length + ${serial++}`), n);
}
