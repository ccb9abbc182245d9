// What is wrong with a pattern, and where.
const patterns = {
  "": ["(", ")", "a(b", "x(?:(?<n>a)", "[b-a]", "a[a", "a**", "*", "x|+a", "(?<a>.)(?<a>.)", "(?<a", "(?<1>a)", "\\k<a>(?<b>.)", "ab{2,1}", "(?", "a(?z:a)", "(?i-i:a)", "(?-:a)", "(?ii:a)", "ab\\", "a(?<=a)*", "{1}", "\\b+"],
  u: ["x\\u{110000}", "\\p{Foo}", "\\p", "{", "a}", "]", "a{", "ab\\1", "[ab\\d-z]", "\\-", "(?=a)*", "\\k<x>", "\\c", "\\08", "[x\\c]", "\\u{", "\\xg", "\u{1F600}["],
  v: ["[a--b&&c]", "[(]", "[a&&&b]", "[!!]", "x[^\\q{ab}]", "\\P{RGI_Emoji}", "[a-z--b]", "[ab[c]", "[a&&]", "[]]", "[a-\\d]", "[z-a]"],
};
for (const flags in patterns) {
  for (const pattern of patterns[flags]) {
    try {
      new RegExp(pattern, flags);
      console.log("accepted", pattern);
    } catch (e) {
      console.log(e.name, e.message.replace("Invalid regular expression: ", ""));
    }
  }
}
for (const flags of ["gg", "x", "uv", "\u{1F600}"]) {
  try { new RegExp("a", flags); } catch (e) { console.log(e.name, e.message); }
}
for (const source of ["/a(/", "/[b-a]/", "x = /(?<a>.)(?<a>.)/u"]) {
  try { (0, eval)(source); } catch (e) { console.log(e.name, e.message); }
}
