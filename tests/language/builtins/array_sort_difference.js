// Comparators that are a difference: of numbers, and of what is none.
const numbers = Array.from({ length: 1000 }, (_, i) => i * 7919 % 1009 - 500);
const up = numbers.toSorted((a, b) => a - b), down = numbers.toSorted((a, b) => b - a);
console.log(up.slice(0, 4), down.slice(0, 4), up.every((x, i) => i === 0 || up[i - 1] <= x), down.every((x, i) => i === 0 || down[i - 1] >= x));
const signs = [0, -0, 3, -0, 0, -Infinity, 2.5, Infinity, 3.0, -1e308, 1e308];
const text = (list) => list.map((x) => Object.is(x, -0) ? "-0" : String(x)).join(" ");
for (let i = 0; i < 2; i++) {
  console.log(text(signs.slice().sort((a, b) => a - b)), "|", text(signs.slice().sort(function (a, b) { return b - a; })));
  console.log(text([3, NaN, 1].sort((a, b) => a - b)), text(["10", 9, "8"].sort((a, b) => a - b)), text([5n, 1n, 3n].sort((a, b) => Number(a - b))));
  try { [5n, 1n].sort((a, b) => a - b); } catch (e) { console.log(e.name); }
  console.log(text([3, undefined, 1, , 2].sort((a, b) => a - b)), text([3, 1, 2].sort((a, b, c) => a - b)), text([3, 1, 2].sort((a) => a - 2)));
  const seen = [];
  [2, { valueOf() { seen.push(1); return 1; } }].sort((a, b) => a - b);
  console.log(seen.length);
}
