// Classes of unicode sets mode: operations, strings longest first in either
// direction, case, and properties of strings.
const show = (re, ...texts) => console.log(String(re), ...texts.map((t) => { const m = re.exec(t); return m ? `${m.index}:${JSON.stringify(m[0])}` : "-"; }));
show(/[\q{a|ab|abc|abca|b|ba|c}]/v, "abcab", "abx", "bab", "cx", "x");
show(/^[\q{a|ab|abc}]c$/v, "abc", "abcc", "ac", "bc");
show(/^[\q{|ab}b]b?$/v, "ab", "b", "bb", "abb", "", "a");
show(/(?<=([\q{b|ab|xab|c}]))d/v, "xabd", "abd", "bd", "ad");
show(/(?<=^[\q{b|ab}]+)d/v, "ababd", "abbd", "aabd");
console.log(/(?<=([\q{b|ab|xab|c}]))d/v.exec("xabd")[1], /(?<=(?=([\q{b|ab|xab}])).*)d/v.exec("xabd")[1]);
show(/[\q{sS|kK|ss}]/iv, "SS", "\u017fs", "\u212aK", "ks");
show(/[\p{RGI_Emoji}--\q{\u{1F600}}]/v, "\u{1F600}\u{1F601}", "\u{1F468}\u200D\u{1F469}\u200D\u{1F467}!", "1\uFE0F\u20E3", "\u{1F1E9}\u{1F1EA}");
show(/^\p{RGI_Emoji}{2}$/v, "\u{1F600}\u{1F44D}\u{1F3FD}", "\u{1F44D}\u{1F3FD}", "\u{1F44D}");
show(/[\p{Emoji_Keycap_Sequence}&&\q{1\uFE0F\u20E3|2}]/v, "0\uFE0F\u20E3", "1\uFE0F\u20E3", "2");
show(/[[a-z]--[aeiou]]+/v, "aeibcde", "aei");
show(/[[a-z]&&[^aeiou]&&[\w--x]]+/iv, "AXBCD", "ax");
show(/[^[a-c]--b]+/v, "abcb", "bd");
show(/[\W&&\p{ASCII}]/iv, "k", "\u212a", "\u017f-");
console.log("\u{1F468}\u200D\u{1F469}\u200D\u{1F467} and \u{1F600}\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}".match(/\p{RGI_Emoji}/gv).length);

// Modifiers and names that several groups have.
show(/a(?i:b)c/, "aBc", "aBC", "abc");
show(/(?-i:a)b/i, "aB", "AB");
show(/^a(?s-m:.^|b$)c/ms, "abc", "ab\nc");
show(/(?m:^b)(?s:.)(?-s:.)/, "a\nb\n\n", "a\nb\nc");
show(/(?i:(a)(?-i:\1))/, "aa", "aA");
for (const text of ["2024-05", "05/2024", "x"]) {
  const m = /(?<year>\d{4})-(?<month>\d\d)|(?<month>\d\d)\/(?<year>\d{4})/.exec(text);
  console.log(m && JSON.stringify(m.groups), text.replace(/(?<y>\d{4})-(?<m>\d\d)|(?<m>\d\d)\/(?<y>\d{4})/, "$<y>.$<m>"));
}
show(/(?:(?<q>")|(?<q>'))[^]*?\k<q>/, `say "it's"`, `'a"b'`, "none");
show(/(?:(?<a>x)|(?<a>y)\k<a>)+$/, "xyy", "yx", "xyyx");
console.log(Object.keys(/(?<b>.)(?:(?<a>x)|(?<a>y))/.exec("zy").groups).join(), /(?:(?<a>x)|(?<a>y))/d.exec("y").indices.groups.a);
