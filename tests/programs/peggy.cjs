// peggy generates parsers from grammars, which then parse real data.
const { readFileSync } = require("node:fs");
const peggy = require("peggy");

const json = peggy.generate(`
text = _ v:value _ { return v; }
value = object / array / string / number
  / "true" { return true; } / "false" { return false; } / "null" { return null; }
object = "{" _ m:(member|.., _ "," _|) _ "}" { return Object.fromEntries(m); }
member = k:string _ ":" _ v:value { return [k, v]; }
array = "[" _ v:(value|.., _ "," _|) _ "]" { return v; }
string = '"' c:char* '"' { return c.join(""); }
char = [^"\\\\] / "\\\\" e:(["\\\\/] / "n" { return "\\n"; }
  / "t" { return "\\t"; } / "b" { return "\\b"; }
  / "u" h:$([0-9a-f]i|4|) { return String.fromCharCode(parseInt(h, 16)); })
  { return e; }
number = "-"? [0-9]+ ("." [0-9]+)? ([eE] [+-]? [0-9]+)? { return Number(text()); }
_ = [ \\t\\n\\r]*
`, { cache: false });
const text = readFileSync("node_modules/typescript/package.json", "utf8");
const parsed = json.parse(text);
console.log(JSON.stringify(parsed) === JSON.stringify(JSON.parse(text)));

const arithmetic = `
expression = head:term tail:(_ ("+" / "-") _ term)*
  { return tail.reduce((r, e) => e[1] === "+" ? r + e[3] : r - e[3], head); }
term = head:factor tail:(_ ("*" / "/") _ factor)*
  { return tail.reduce((r, e) => e[1] === "*" ? r * e[3] : r / e[3], head); }
factor = "(" _ e:expression _ ")" { return e; } / integer
integer "integer" = _ [0-9]+ { return parseInt(text(), 10); }
_ "whitespace" = [ \\t\\n\\r]*
`;
const calculator = peggy.generate(arithmetic, { cache: true });
for (const sum of ["1 + 2 * 3", "(4 - 1) / 7", "2 * (3 + ", "1 ++ 2"]) {
  try {
    console.log(sum, "=", calculator.parse(sum));
  } catch (error) {
    console.log(error.name, error.message, error.location.start);
  }
}
console.log(peggy.generate(arithmetic, { output: "source", format: "es" }));
