// yaml: documents with comments, anchors and tags; errors with positions.
import * as YAML from "yaml";

const source = `# head
%YAML 1.2
---
anchors: &a {x: 1, y: [1.5, .inf, -0x1F, 0o17, ~, true, 2001-12-14t21:59:43.10-05:00]}
merge: {<<: *a, z: "esc \\u263A \\n"}   # trailing
text: |+
  keep

folded: >-
  one
  two

    indented
? [complex, key]
: !!set {a, b}
tagged: !!binary aGVsbG8=
multi: 'it''s
  folded'
...
---
- second
- - nested
  - {a: [b, {c: d}]}
`.replace("# head\n", "");
const documents = YAML.parseAllDocuments(source, { merge: true, customTags: ["binary", "set", "timestamp"] });
for (const document of documents) {
  console.log(document.errors.map(String), document.warnings.map(String));
  console.log(document.toJS({ mapAsMap: true }));
  console.log(String(document));
}
const document = YAML.parseDocument("a: 1 # one\nb:\n  - x\n  # y\n  - z\n");
document.setIn(["b", 1], { deep: [1, 2] });
document.addIn(["c"], "long ".repeat(30));
document.get("b").flow = true;
console.log(document.toString({ lineWidth: 40 }));
for (const bad of ["a: b: c", "[1, 2", "a: *missing", "\tx: 1", "a: 1\na: 2", "'x"]) {
  for (const error of YAML.parseDocument(bad).errors) console.log(error.code, error.message);
}
const big = Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`k${i}`, { n: i, list: [i, `s${i}`, null], text: "a: b # c" }]));
const text = YAML.stringify(big);
console.log(text.length, JSON.stringify(YAML.parse(text)) === JSON.stringify(big));
