// SPDX-License-Identifier: MIT
// Sorting.
const N = 2000;
const numbers = Array.from({ length: N }, (_, i) => i * 7919 % 10007);
const doubles = numbers.map((x) => x / 7);
const texts = numbers.map((x) => `text${x}`);
const records = numbers.map((x, i) => ({ x, i }));
const sorted = numbers.slice().sort((a, b) => a - b);
bench("numbers by comparator", () => numbers.slice().sort((a, b) => a - b)[0], N);
bench("doubles by comparator", () => doubles.slice().sort((a, b) => b - a)[0], N);
bench("sorted already", () => sorted.slice().sort((a, b) => a - b)[0], N);
bench("default", () => numbers.slice().sort()[0], N);
bench("strings", () => texts.slice().sort()[0], N);
bench("strings by comparator", () => texts.slice().sort((a, b) => a < b ? -1 : a > b ? 1 : 0)[0], N);
bench("records", () => records.slice().sort((a, b) => a.x - b.x || a.i - b.i)[0], N);
bench("typed array", () => Float64Array.from(doubles).sort()[0], N);
bench("toSorted", () => numbers.toSorted((a, b) => a - b)[0], N);
