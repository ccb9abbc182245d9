// js-yaml loads and dumps, with the same result for its own output.
import * as yaml from "js-yaml";

const value = Array.from({ length: 1500 }, (_, i) => ({
  id: i, name: `n: ${i}`, float: i / 7, list: [[], {}, null, true, "yes", "1e3", "multi\nline\n", " lead", "ü€😀"],
  long: "word ".repeat(i % 30),
}));
const text = yaml.dump(value, { noRefs: true, sortKeys: true });
console.log(text.slice(0, 3000), text.length);
console.log(JSON.stringify(yaml.load(text)) === JSON.stringify(value.map(({ float, id, list, long, name }) => ({ float, id, list, long, name }))));
const shared = { a: 1 };
console.log(yaml.dump({ x: shared, y: [shared, shared], n: -0, h: 0x1f, u: "a\u0007b" }, { flowLevel: 2, forceQuotes: true }));
console.log(yaml.load("a: &x [1, 0b11, 0x1F, .nan, 1_000, ~]\nb: *x\nc: !!str 12\nd: >\n  f\n  g\n\n  h\n? k\n: v\n"));
for (const bad of ["a: b: c", "[1, 2", "- *nope", "a: 1\na: 2", "\t- x", "!<bad> x", "{a: }}"]) {
  try {
    console.log(JSON.stringify(yaml.load(bad)));
  } catch (error) {
    console.log(error.name, error.message);
  }
}
