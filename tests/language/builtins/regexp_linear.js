// Patterns that explode in a plain backtracking matcher end at once, on short
// and long subjects. Without the memo most of these never end.
const cases = [
  ["(a+)+$", "a", "b"], ["(a|a)*$", "a", "b"], ["(a*)*b", "a", "c"],
  ["(.*)*x", "a", ""], ["^(([a-z])+.)+[A-Z]([a-z])+$", "a", ""],
  ["(x+x+)+y", "x", ""], ["(x+x+)+y", "x", "zy"], ["(a|aa)+$", "a", "b"],
  ["((a{0,5}){0,5})*b", "a", ""], ["((a{0,5}){0,5})*b", "a", "cb"],
  ["(\\w+\\s?)*$", "a", "!"], ["([^\"]|\"[^\"]*\")*z", "\"a", ""],
  ["(a+?)+?$", "a", "b"], ["(?:a|a)*?$", "a", "b"], ["(.*?)*?x", "a", ""],
  ["(a*?)*?bc", "a", "b"], ["(?:a?){20}a{20}b", "a", ""],
  ["((a+)(b?))+c", "a", ""], ["((?:a{1,3}){1,3}){1,3}b", "a", "cb"],
  ["(?:a{0,50}){0,50}b", "a", ""], ["(?:(?:a{2,30}){2,30}){2,30}b", "a", ""],
  ["^(?:(?:a{2,30})*){3}$", "a", "b"], ["(?:(a)|(a))*bc", "a", "b"],
  ["(?:(?:a*)+)+bc", "a", "b"], ["(?:a|b|ab)*c", "ab", ""],
  ["(\u00e9+)+$", "\u00e9", "b"], ["(?:\\p{L}+\\s?)+$", "a\u0101", "!"],
  [".*.*.*x", "a", ""], ["\\s+$", " ", "x"], ["^(.*?,){11}P", "1,", ""],
  ["(?:(?=a)a+)+$", "a", "b"], ["(?:(?!b)(?:a|a))*$", "a", "b"],
  ["(?:\\ba+|a)+$", "a", "!"], ["(?=(a+)+$)a", "a", "b"],
  ["a.*?b", "a", ""], ["a*b|a*c", "a", ""], ["(?:ab)*c", "ab", ""],
  ["(?:aa?){0,1000}b", "a", ""], ["(?:a|a){3,}?$", "a", "b"],
];
let slow = 0;
for (const [pattern, unit, tail] of cases) {
  const line = [];
  for (const flags of ["", "i", "u", "iu"]) {
    if (pattern.includes("\\p") && !flags.includes("u")) continue;
    for (const length of [40, 1000, 100000]) {
      const text = unit.repeat(length / unit.length) + tail;
      const start = Date.now();
      const match = new RegExp(pattern, flags).exec(text);
      if (Date.now() - start > 5000) slow++;
      line.push(match ? `${match.index}+${match[0].length}` : "-");
    }
  }
  console.log(pattern, unit, tail, [...new Set(line)].join(" "));
}
console.log("slow:", slow);

// What matches is what a plain search would find, with the captures of the
// first way in order of preference.
const text = "a".repeat(5000);
console.log(/^(?:(a+)+b|(a|aa)*c|(a*?)(a+))$/.exec(text).slice(1).map((s) => s && s.length));
console.log(/^(?:(?:(a)|(a))*b|(?:(?:aa|(a))+){2})$/.exec(text + "a").slice(1));
console.log(/(?:(?=(a+?)b|(a))(?:a|a))*?(?:c|$)/.exec(text + "d" + text).slice(1).map((s) => s && s.length));

// Counts beyond any bitmap, and iterations that take nothing.
console.log(/(?:(?:a|a){0,65535}){0,65535}c$/.test("a".repeat(60) + "cx"));
console.log(/(?:(?:a|aa){0,4000000000}){0,4000000000}c$/.test("a".repeat(60) + "cx"));
console.log(/(?:(?:a|aa){5,}){3,}c$/.exec("a".repeat(3000) + "cxaaaaaaaaaaaaaaac").index);
