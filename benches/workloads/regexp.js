// RegExps: what tokenizers, templates and text processing do with them, and
// patterns that explode without care.
let text = "";
for (let i = 0; i < 1500; i++) {
  text += `const value${i} = call("string ${i}", ${i * 7}.5, /* note */ key); // end\n`;
}
const token =
  /\s+|\/\/[^\n]*|\/\*[^]*?\*\/|[A-Za-z_$][\w$]*|\d+(?:\.\d+)?|"(?:[^"\\]|\\.)*"|[-+*/=<>!]=?|[(){}[\];,.]/y;
const hostile = "a".repeat(20000);

function tokenize() {
  let count = 0;
  token.lastIndex = 0;
  for (let m; (m = token.exec(text)) !== null && m[0]; count++);
  return count;
}

function run() {
  let count = tokenize();
  count += text.match(/\b\w+\b/g).length;
  count += text.split(/,\s*/).length;
  count += text.replace(/\d+/g, (digits) => digits.length).length;
  count += text.replace(/(\w+)\((\S+)/g, "$2<$1>").length;
  count += text.search(/VALUE1499/i);
  for (const m of text.matchAll(/(?<name>value\d+) = (?<what>\w+)/g)) {
    count += m.groups.name.length;
  }
  count += (text.match(/\b(?:const|let|var|function|return|call)\b/g) || []).length;
  count += text.split("\n").filter((line) => /^\s*const\s+\w+9\b/.test(line)).length;
  count += /(a+)+$|(a|aa)*b/.test(hostile + "!") ? 1 : 0;
  return count;
}
if (typeof bench === "function") bench("regexp", run);
else for (let i = 0; i < 10; i++) run();
