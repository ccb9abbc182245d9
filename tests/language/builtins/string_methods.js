// String.prototype: results and corner cases, one line a group.
const show = (...values) =>
  console.log(values.map((v) => (typeof v === "string" ? JSON.stringify(v) : String(v))).join(" "));
const error = (f) => {
  try { f(); return "no error"; } catch (e) { return e.constructor.name + ": " + e.message; }
};
const s = "The quick brown fox";
const wide = "naïve \u20ac \u{1f600} end";
show(s.at(0), s.at(-1), s.at(99), s.at(-99), s.charAt(2), s.charAt(-1), s[4], s[99]);
show(s.charCodeAt(1), s.charCodeAt(99), wide.codePointAt(8), wide.charCodeAt(8), wide.codePointAt(9));
show(s.slice(4, 9), s.slice(-3), s.slice(5, 2), s.slice(NaN, "7"), s.slice());
show(s.substring(9, 4), s.substring(-3, 3), s.substring(4), s.substring(NaN, Infinity));
show(s.substr(-3), s.substr(-8, 5), s.substr(4, undefined), s.substr(4, -1), s.substr(0, Infinity));
show(s.indexOf("q"), s.indexOf("zzz"), s.indexOf(""), s.indexOf("", 99), s.indexOf("o", 13), s.indexOf("The", -5));
show(s.lastIndexOf("o"), s.lastIndexOf("o", 12), s.lastIndexOf("T", -1), s.lastIndexOf(""), s.lastIndexOf("x", NaN));
show(wide.indexOf("\u20ac"), wide.lastIndexOf("n"), wide.indexOf("end"), "abc".indexOf("\u20ac"));
show(s.includes("quick"), s.includes("quick", 5), s.startsWith("quick", 4), s.endsWith("quick", 9), s.endsWith(""), s.endsWith("fox", 99));
show("a-b-c".split("-"), "abc".split(""), "abc".split(), "a-b-c".split("-", 2), "".split(""), "".split("x"), "aXbXc".split("X", 0).length);
show("aaa".replace("a", "b"), "aaa".replaceAll("a", "b"), "abc".replaceAll("", "-"), "abc".replace("", "_"));
show("abc".replace("b", (m, at, all) => `[${m},${at},${all}]`), "abcb".replaceAll("b", (m, at) => at));
show("abc".replace("b", "[$&]"), "abc".replace("b", "$$"), "abc".replace("b", "$`|$'"), "abc".replace("b", "$1"));
show("ab".repeat(3), "ab".repeat(0), "".repeat(1e9), "x".repeat(5), error(() => "a".repeat(-1)), error(() => "a".repeat(Infinity)));
show("5".padStart(3, "0"), "abc".padEnd(6, "12345"), "abc".padStart(2), "abc".padStart(6), "x".padEnd(4, ""), "x".padStart(4, "\u20ac"));
show("  \t\n x \u00a0\ufeff\u2029".trim(), " x ".trimStart(), " x ".trimEnd(), "".trim(), "   ".trim());
show("Straße".toUpperCase(), "ÀÉ".toLowerCase(), "ΑΣ".toLowerCase(), "ﬁ".toUpperCase(), "ÿµ".toUpperCase(), "İ".toLowerCase().length);
show("a\u0301".normalize().length, "\u00e1".normalize("NFD").length, "ﬁ".normalize("NFKC"), error(() => "x".normalize("NFX")));
show("a".localeCompare("b"), "b".localeCompare("a"), "a".localeCompare("a"), "a".localeCompare("B"), "\u00e9".localeCompare("e\u0301"));
show("ab\ud800".isWellFormed(), "ab\ud800c".toWellFormed(), wide.isWellFormed(), "\udc00\ud800".toWellFormed());
show(String.fromCharCode(72, 105, 0x20ac, 65536 + 65), String.fromCodePoint(0x1f600, 97), error(() => String.fromCodePoint(1.5)), error(() => String.fromCodePoint(0x110000)));
show(String.raw`a\n${1 + 1}b`, String.raw({ raw: "abc" }, 1, 2, 3), String.raw({ raw: [] }));
show([...wide].length, [..."a\ud83d\ude00b"].join("|"), "x".concat(1, null, undefined, [2, 3]));
show("x".anchor('a"b'), "x".bold(), "x".fontcolor("red"), "x".link("u"), "x".sub());
const object = new String("abc");
show(object.length, object[1], Object.getOwnPropertyNames(object), typeof object, object == "abc", 1 in object, 3 in object);
show(Object.keys(Object.assign(object, { z: 1, 7: 2 })), delete object.z, error(() => { "use strict"; object[0] = "q"; }).slice(0, 45));
show(String(Symbol("d")), String(null), String([1, [2, 3]]), String({}), error(() => `${Symbol("d")}`), error(() => String.prototype.at.call(null)));
show("b" < "a", "a" < "ab", "Z" < "a", "\uffff" > "\u{10000}", "10" < "9", "10" < 9);
let built = "";
for (let i = 0; i < 3000; i++) built += i % 10;
show(built.length, built[2999], built.slice(1000, 1010), built.indexOf("90", 2000));
let front = "";
for (let i = 0; i < 3000; i++) front = i % 10 + front;
show(front.length, front.slice(0, 10), front === built.split("").reverse().join(""));
let deep = "x";
for (let i = 0; i < 100000; i++) deep = (i & 1) ? deep + "y" : "z" + deep;
show(deep.length, deep[0], deep[50000], deep[100000]);
show(error(() => { let t = "0123456789abcdef"; for (;;) t += t; }));
show("a,b".split({ [Symbol.split]: (x, limit) => x + "!" + limit }, 3), "abc".replace({ [Symbol.replace]: (x, y) => x + y }, "R"));
show(error(() => "a".startsWith(/a/)), error(() => "a".replaceAll(/a/, "")), error(() => "a".matchAll(/a/)));
