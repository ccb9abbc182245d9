// SPDX-License-Identifier: MIT
// Regular expressions whose matching takes exponential time elsewhere, or close
// to it: each flag, each kind of group, every builtin that matches. What the
// matcher sees through returns; backreferences it cannot.
const as = "a".repeat(64);
const many = "a".repeat(1 << 16);

//# nested plus: value
/^(a+)+$/.test(as + "b");
//# nested star: value
/^(a*)*$/.test(as + "b");
//# star of plus of question: value
/^((a?)+)*c/.test(as);
//# alternatives that overlap: value
/^(a|aa)+$/.test(as + "b");
//# alternatives that are the same: value
/^(a|a)*$/.test(as + "b");
//# alternatives with nothing: value
/^(a|a?)+$/.test(as + "b");
//# dots: value
/^(.*)*x$/.test(as);
//# many dots: value
/.*.*.*.*.*.*.*.*=.*/.test("x".repeat(3000));
//# lazy: value
/^(a+?)+?b/.test(as + "c");
//# counted: value
/^(a{1,30}){1,30}$/.test(as + "b");
//# counted thrice: value
/((a{0,100}){0,100}){0,100}b/.test("a".repeat(300));
//# counted without bound: value
/^(?:a{2,}){2,}$/.test(as + "b");
//# classes: value
/^([a-z]+)*[A-Z]$/.test(as);
//# classes that overlap: value
/^(\w+\s?)*$/.test("word ".repeat(12) + "!");
//# mail address: value
/^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$/.test(as + "!");
//# backreference: value
/^(a+)+\1+b/.test(as);
//# backreferences: value
/(a*)(a*)(a*)(a*)(a*)\1\2\3\4\5b/.test("a".repeat(200));
//# backreferences in alternatives: fuel
/^(a|aa|b\1)*\1c$/.test("a".repeat(80) + "cx");
//# backreferences ignoring case: fuel
/^(A|aa|b\1)*\1c$/i.test("a".repeat(80) + "cx");
//# backreferences of code points: fuel
/^(\u{1F600}|\u{1F600}{2}|b\1)*\1c$/u.test("\u{1F600}".repeat(80) + "cx");
//# backreferences in a lookbehind: value
/(?<=^x\1(a|aa|b\1)*)c/.test("a".repeat(80) + "xc".repeat(9));
//# backreferences that are replaced: fuel
("a".repeat(80) + "cx").replace(/(a|aa|b\1)*\1c$/g, "");
//# backreferences that split: fuel
("a".repeat(80) + "cx").split(/(a|aa|b\1)*\1c$/);
//# backreferences of names: fuel
/^(?<x>a|aa|b\k<x>)*\k<x>c$/v.test("a".repeat(80) + "cx");
//# named backreference: value
/^(?<x>a+)+\k<x>b/.test(as);
//# named duplicates: value
/^(?:(?<x>a+)|(?<x>b+))+\k<x>c/.test(as);
//# lookahead: value
/^(?:(?=(a+))a)+b/.test("a".repeat(20000));
//# lookahead with a loop inside: value
/(?=(a+)+b)/.test(as);
//# negative lookahead: value
/^(?!(a+)+$)/.test(as + "b");
//# lookbehind: value
/(?<=^(a+)+)b/.test(as + "cb");
//# lookbehind, backwards: value
/(?<=b(a+)+)c/.test(as + "c");
//# negative lookbehind: value
/(?<!b(a*)*)c$/.test(as + "c");
//# lookbehind with a backreference: value
/(?<=\1(a+)+)b/.test(as + "b");
//# ignoring case: value
/^(A+)+$/i.test(as + "b");
//# unicode: value
/^(\u{61}+)+$/u.test(as + "b");
//# unicode ignoring case: value
/^(\u{41}+)+$/iu.test(as + "b");
//# unicode properties: value
/^(\p{L}+)+$/u.test(as + "1");
//# unicode sets: value
/^([\p{L}--[b]]+)+$/v.test(as + "1");
//# unicode strings: value
/^(\p{RGI_Emoji}+)+$/v.test("\u{1F600}".repeat(64) + "1");
//# strings of a class: value
/^([\q{a|aa|aaa}]+)+$/v.test(as + "1");
//# sticky: value
/(a+)+$/y.test(as + "b");
//# global: value
(as + "b").match(/(a+)+$/g);
//# multiline: value
/^(.+\n?)+x$/m.test((as + "\n").repeat(3));
//# dotAll: value
/^(.+)+x$/s.test(as);
//# indices: value
/^(a+)+$/d.exec(as + "b");
//# modifiers: value
/^(?i:A+)+$/.test(as + "b");
//# two bytes a unit: value
/^(\u0416+)+$/.test("\u0416".repeat(64) + "b");
//# surrogates: value
/^(?:\u{1F600}+)+$/u.test("\u{1F600}".repeat(64) + "b");
//# word boundaries: value
/^(\b\w+\b\s*)+$/.test("word ".repeat(30) + "!");
//# empty loops: value
/^(?:(?:)*a*)*b/.test(as);
//# quadratic: fuel | value
/a*b/.test(many.repeat(16));
//# quadratic replacement: fuel | value
many.repeat(16).replace(/a*b/g, "");
//# cubic: fuel | value
/a*a*b/.test(many);
//# split: value
(as + "b").split(/(a+)+c/);
//# search: value
(as + "b").search(/(a+)+c/);
//# matchAll: value
[...(as + "b").matchAll(/(a+)+c/g)];
//# replace: value
(as + "b").replace(/(a+)+c/, "");
//# replaceAll: value
(as + "b").replaceAll(/(a+)+c/g, "");
//# match: value
(as + "b").match(/(a+)+c/);
//# Symbol.split: value
RegExp.prototype[Symbol.split].call(/(a+)+c/, as + "b");
//# a pattern of a pattern: value
new RegExp("(" + "a?".repeat(64) + ")" + "a".repeat(64)).test("a".repeat(63));
//# alternatives in thousands: fuel | value
new RegExp("^(?:" + Array.from({ length: 5000 }, (_, i) => "a".repeat(i % 50 + 1)).join("|") + ")+$").test(as + "b");
//# classes in thousands: value | fuel
new RegExp("[" + Array.from({ length: 60000 }, (_, i) => "\\u" + i.toString(16).padStart(4, "0")).join("") + "]").test(as);
//# matching again and again: fuel
for (const r = /a/g;;) r.test("a");
//# compiling again and again: fuel
for (let i = 0;; i++) new RegExp("a" + i % 100).test("a");
//# escapes of a long text: value | fuel | memory
RegExp.escape("\n".repeat(1 << 20));
//# huge count: fuel | error | value
new RegExp("(?:a{1000}){1000}").test(many);
//# enormous count: fuel | error | value
new RegExp("(?:a{65535}){65535}").test(many);
//# counts that overflow: value | error
new RegExp("a{99999999999999999999}").test("a");
//# count of a group without end: fuel | error | memory | value
new RegExp("(?:" + "(a)".repeat(1000) + "){1000}").test(many);
//# captures in thousands: value | error
/x/.test("x") && new RegExp("(a)|".repeat(30000) + "b").exec("b").length;
//# captures in a loop: value
new RegExp("^(?:" + "(a?)".repeat(500) + ")+$").test(as + "b");
//# groups of groups: stack | error | value
new RegExp("(".repeat(100000) + "a" + ")".repeat(100000)).test("a");
//# groups without captures: stack | error | value
new RegExp("(?:".repeat(100000) + "a" + ")".repeat(100000)).test("a");
//# loops of loops: stack | error | value | fuel
new RegExp("(?:".repeat(5000) + "a" + ")*".repeat(5000)).test("ab");
//# lookaheads of lookaheads: stack | error | value
new RegExp("(?=".repeat(50000) + "a" + ")".repeat(50000)).test("a");
//# lookbehinds of lookbehinds: stack | error | value
new RegExp("(?<=".repeat(50000) + "a" + ")".repeat(50000)).test("a");
//# classes of classes: stack | error | value
new RegExp("[".repeat(100000) + "a" + "]".repeat(100000), "v").test("a");
//# classes of differences: stack | error | value
new RegExp("[a--".repeat(50000) + "[b]" + "]".repeat(50000), "v").test("a");
//# modifiers of modifiers: stack | error | value
new RegExp("(?i:".repeat(50000) + "a" + ")".repeat(50000)).test("a");
//# groups of groups in a literal: stack | error | value
eval("/" + "(".repeat(100000) + "a" + ")".repeat(100000) + "/").test("a");
//# alternatives of alternatives: stack | error | value
new RegExp("(|a".repeat(50000) + ")".repeat(50000)).test("b");
//# lookaheads that match a lot: fuel | value | memory | error
new RegExp("(?:(?=a*)a)*b").test(many.repeat(8));
//# captures of a long text: value | memory | stack | error
/(?:(a)|b)*c/.test(many.repeat(64));
//# backtracking of a long text: value | memory | stack | error | fuel
/^(?:a|b|ab)*c/.test("ab".repeat(1 << 22));
