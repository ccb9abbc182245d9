// RegExp: exec, the symbol methods, replacement templates, legacy properties,
// and what happens when a script changes what the fast ways rely on.
const show = (...values) => console.log(values.map((v) => v === undefined ? "undefined" : JSON.stringify(v)).join(" | "));

// exec and its result
const m = /(?<year>\d{4})-(?<month>\d\d)(-\d\d)?/.exec("on 2024-05.");
show(m, m.index, m.input, m.groups, Object.keys(m), Object.getPrototypeOf(m.groups) === null);
const d = /a(?<z>b)?(c)/d.exec("xac");
show(d.indices, d.indices.groups, Object.keys(d));
show(/(?:(?<n>a)|(?<n>b))(?<o>c)?/.exec("b").groups);
const g = /o/g;
show(g.exec("foo").index, g.lastIndex, g.exec("foo").index, g.lastIndex, g.exec("foo"), g.lastIndex);
const y = /o/y;
show(y.test("foo"), y.lastIndex, (y.lastIndex = 1, y.test("foo")), y.lastIndex);
show(/^.$/u.exec("\u{1F600}")[0].length, /^.$/.test("\u{1F600}"), (() => { const r = /\udf06/u; return r.exec("\ud834\udf06"); })());
const u = /./gu; u.lastIndex = 1;
show(u.exec("\ud834\udf06").index, u.lastIndex);

// match, matchAll, search, split
show("abcabc".match(/b/g), "abc".match(/x/g), "aXbX".match(/X/).index, "".match(/(?:)/g));
show([..."a1b22".matchAll(/([a-z])(\d+)/g)].map((m) => [m.index, ...m]));
show("abc".search(/c/), "abc".search(/x/), "\u{1F600}x".search(/x/u));
show("a, b,c".split(/,\s*/), "abc".split(/(?:)/), "abc".split(/(b)/), "a1b2".split(/\d/, 1), "".split(/x/), "".split(/(?:)/));
show("A<B>bold</B>and<CODE>coded</CODE>".split(/<(\/)?([^<>]+)>/));
show("\u{1F600}\u{1F601}".split(/(?:)/u).length, "\u{1F600}".split(/(?:)/).length);

// replace
show("abc".replace(/b/, "[$&|$`|$'|$$|$1|$0]"), "abc".replace(/(b)(c)?/, "$2$1$01$10$3"), "aaa".replace(/a/g, "b"));
show("2024-05".replace(/(?<y>\d+)-(?<m>\d+)/, "$<m>/$<y>/$<none>/$<"), "ab".replace(/(a)/, "$<x>"));
show("abc".replace(/(.)/g, (m, a, i, s) => a.toUpperCase() + i + s.length), "x".replace(/(?<k>x)/, (...all) => JSON.stringify(all.at(-1))));
show("abc".replace(/(?:)/g, "-"), "\u{1F600}".replace(/(?:)/gu, "-"), "aXbX".replaceAll(/X/g, "$&$&"));
show("abc".replace(/b/y, "!"), (() => { const r = /b/y; r.lastIndex = 1; return ["abc".replace(r, "!"), r.lastIndex]; })());

// constructor, source, flags
show(new RegExp("a/b\n").source, new RegExp("").source, RegExp("[/]").source, String(new RegExp("\\/", "gimsuyd")), /a/g.flags);
const r1 = /x/g;
show(RegExp(r1) === r1, new RegExp(r1) === r1, new RegExp(r1, "i").flags, RegExp.prototype.source, RegExp.prototype.flags, RegExp.prototype.global);
show(/a/.compile("b", "g").flags, Object.getOwnPropertyNames(/a/), RegExp.length, RegExp.name);
for (const bad of ["(", "[b-a]", "a**", "(?<a>.)(?<a>.)"]) {
  try { new RegExp(bad); } catch (e) { console.log(e.name + ": " + e.message); }
}
try { new RegExp("a", "gg"); } catch (e) { console.log(e.name + ": " + e.message); }

// Legacy properties
/(b)(c)?/.exec("abd");
show(RegExp.$1, RegExp.$2, RegExp.lastMatch, RegExp["$`"], RegExp["$'"], RegExp.lastParen, RegExp.input);
"k1 k2".replace(/k(\d)/g, "");
show(RegExp.$1, RegExp.rightContext);

// Scripts that interfere
class Loud extends RegExp {
  exec(s) { const r = super.exec(s); if (r) r[0] = r[0].toUpperCase(); return r; }
}
show("abc".replace(new Loud("b"), "[$&]"), "abcb".match(new Loud("b", "g")), new Loud("b").test("b"), "a1b".split(new Loud("\\d")));
const own = /b/;
own.exec = () => null;
show("abc".replace(own, "x"), own.test("b"), "abc".search(own));
const original = RegExp.prototype.exec;
let calls = 0;
RegExp.prototype.exec = function (s) { calls++; return original.call(this, s); };
show("aab".replace(/a/g, "x"), /a/.test("a"), "aab".match(/a/g), "a-b".split(/-/), calls);
RegExp.prototype.exec = original;
const flags = Object.getOwnPropertyDescriptor(RegExp.prototype, "flags");
Object.defineProperty(RegExp.prototype, "flags", { get() { return ""; }, configurable: true });
show("aa".replace(/a/g, "b"));
Object.defineProperty(RegExp.prototype, "flags", flags);
RegExp.prototype.extra = 1;
show("aa".replace(/a/, "b"), "aa".replace(/a/g, "b"));
const frozen = Object.freeze(/a/g);
try { frozen.test("a"); } catch (e) { console.log(e.name); }
const tricky = /a/g;
show("aaa".replace(tricky, () => { tricky.lastIndex = 2; tricky.compile("z"); return "b"; }), tricky.source);
show(/a/g[Symbol.replace]("aXa", "$'"), RegExp.prototype[Symbol.matchAll].name);
const counter = { valueOf() { counter.n++; return 1; }, n: 0 };
const sticky = /b/y; sticky.lastIndex = counter;
show(sticky.test("ab"), sticky.lastIndex, counter.n);

// Larger things
show("x".repeat(100000).replace(/x/g, "yy").length, ("ab".repeat(5000) + "c").match(/(?:a|b)*c/)[0].length, /(?:a|a?b|a)*c/.test("a".repeat(60)));
const many = new RegExp("(a)".repeat(40));
show(many.exec("a".repeat(40)).length, "a".repeat(40).replace(many, "$40$1"), "a".repeat(40).replace(many, (...all) => all.length));
