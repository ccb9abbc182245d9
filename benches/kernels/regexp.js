// SPDX-License-Identifier: MIT
// Regular expressions.
let text = "";
for (let i = 0; i < 100; i++) text += `const value${i} = call("string ${i}", ${i * 7}.5, /* note */ key); // end\n`;
const token = /\s+|\/\/[^\n]*|\/\*[^]*?\*\/|[A-Za-z_$][\w$]*|\d+(?:\.\d+)?|"(?:[^"\\]|\\.)*"|[-+*/=<>!]=?|[(){}[\];,.]/y;
const lines = text.split("\n");
bench("tokenize", () => {
  let count = 0;
  token.lastIndex = 0;
  for (let m; (m = token.exec(text)) !== null && m[0]; count++);
  return count;
}, 2100);
bench("test", () => {
  let count = 0;
  for (const line of lines) if (/^const \w+9 =/.test(line)) count++;
  return count;
}, 100);
bench("exec with groups", () => {
  let sum = 0;
  for (const line of lines) {
    const m = /(\w+) = (\w+)\("([^"]*)"/.exec(line);
    if (m !== null) sum += m[1].length + m[3].length;
  }
  return sum;
}, 100);
bench("named groups", () => {
  let sum = 0;
  for (const line of lines) sum += /(?<name>\w+) = (?<what>\w+)/.exec(line)?.groups.name.length ?? 0;
  return sum;
}, 100);
bench("match all words", () => text.match(/\b\w+\b/g).length, 900);
bench("matchAll", () => {
  let sum = 0;
  for (const m of text.matchAll(/value(\d+)/g)) sum += m[1].length;
  return sum;
}, 100);
bench("replace by text", () => text.replace(/(\w+)\((\S+)/g, "$2<$1>").length, 100);
bench("replace by function", () => text.replace(/\d+/g, (digits) => digits.length).length, 300);
bench("split", () => text.split(/,\s*/).length, 200);
bench("ignoring case", () => text.search(/VALUE99/i), 1);
bench("alternatives", () => text.match(/const|let|var|function|return|call/g).length, 200);
bench("lookahead and backreference", () => text.match(/(\w)\1(?=\w)/g)?.length ?? 0, text.length);
bench("unicode", () => text.match(/\p{Lu}|\p{Nd}+/gu).length, 300);
bench("short test", () => {
  let count = 0;
  const digits = /^\d+$/;
  for (let i = 0; i < 2000; i++) if (digits.test(i & 1 ? "12345" : "12a45")) count++;
  return count;
}, 2000);
