// SPDX-License-Identifier: MIT
// Source text read and compiled: nanoseconds for each unit of it. Each text is
// new, so that nothing is found in a cache. What follows the colon says how much
// of it is called.
const body = (i) => `
  // A comment that says what the function is for, as there are many of.
  if (node === undefined || node.kind !== ${i}) {
    return visitor.visitEachChild(node, "a string of some length", context);
  }
  var result = [], length = node.members.length;
  for (var index = 0; index < length; index++) {
    var member = node.members[index];
    result.push({ name: member.name, flags: member.flags & 0x${(i * 7919).toString(16)} });
    if (member.isOptional && !/^[a-z_$]+$/i.test(member.name)) result.length = 0;
  }
  return result.map(function (entry) { return entry.name + context.prefix + table[${i}]; });
`;
function declarations(bytes, call) {
  let text = "";
  for (let i = 0; text.length < bytes; i++) {
    text += `function visit${i}(node, visitor, context) {${body(i)}}\n`;
    if (call) text += `visit${i}({ kind: ${i}, members: [] }, null, {});\n`;
  }
  return text;
}
const length = 200000;
const functions = declarations(length, false);
const called = declarations(length, true);
let methods = "";
for (let i = 0; methods.length < length; i++) {
  methods += `  #p${i} = ${i}; visit${i}(node, visitor, context) {${body(i)} return this.#p${i}; }\n`;
}
const modules = Array.from({ length: 20 }, (_, i) =>
  `${i}: function (module, exports, require) { var table = [];\n${declarations(length / 20, false)}\nexports.first = visit0; },`).join("\n");
const comments = "    // as it is in many a file: a line of text, and an indented one\n    /* and\n     * one in several lines\n     */\n".repeat(length / 130 >> 0);
let serial = 0;
const load = (text) => (0, eval)(`(function () { var table = []; ${text}\nreturn ${serial++}; })`)();

bench("functions: none", () => load(functions), length);
bench("functions: all", () => load(called), length);
bench("a class's methods: none", () => load(`return class {${methods}};`), length);
bench("a bundle's modules: all, their functions: none", () =>
  load(`var all = {${modules}}; for (var i in all) all[i]({}, {}, null);`), length);
bench("comments and indentation", () => load(comments), length);
