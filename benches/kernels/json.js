// SPDX-License-Identifier: MIT
// JSON.
const record = { id: 17, name: "a name", tags: ["x", "y", "z"], on: true, none: null,
                 nested: { a: 1.5, b: [1, 2, 3], c: "text with \"quotes\" and \u00fc" } };
const list = Array.from({ length: 50 }, (_, i) => ({ ...record, id: i }));
const text = JSON.stringify(list);
const pretty = JSON.stringify(list, null, 2);
const numbers = JSON.stringify(Array.from({ length: 1000 }, (_, i) => i * 1.25));
bench("parse records", () => JSON.parse(text).length, 50);
bench("parse with white space", () => JSON.parse(pretty).length, 50);
bench("parse numbers", () => JSON.parse(numbers).length, 1000);
bench("parse with a reviver", () => JSON.parse(text, (key, value) => value).length, 50);
bench("parse small", () => {
  let sum = 0;
  for (let i = 0; i < 500; i++) sum += JSON.parse('{"a":1,"b":[2,3]}').a;
  return sum;
}, 500);
bench("stringify records", () => JSON.stringify(list).length, 50);
bench("stringify indented", () => JSON.stringify(list, null, 2).length, 50);
bench("stringify with a replacer", () => JSON.stringify(list, (key, value) => value).length, 50);
bench("stringify small", () => {
  let sum = 0;
  for (let i = 0; i < 500; i++) sum += JSON.stringify({ a: i, b: [2, 3] }).length;
  return sum;
}, 500);
bench("stringify strings", () => {
  let sum = 0;
  for (let i = 0; i < 500; i++) sum += JSON.stringify("a text without anything special").length;
  return sum;
}, 500);
