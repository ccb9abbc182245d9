// Characters of Unicode 16 and 17, whatever the age of the installed ICU:
// properties, case, identifiers and emoji agree with each other.
const garay = "\u{10D50}", garaySmall = "\u{10D70}";
console.log(/^\p{Lu}$/u.test(garay), /^\p{Ll}$/u.test(garaySmall), /^\p{Script=Garay}$/u.test(garay), /^\p{sc=Gara}$/u.test(garay));
console.log(garay.toLowerCase() === garaySmall, garaySmall.toUpperCase() === garay, ("x" + garay + "Y").toLowerCase() === "x" + garaySmall + "y");
console.log(/\u{10D50}/iu.test(garaySmall), /\u{10D50}/i.test(garaySmall), /[\u{10D50}-\u{10D52}]/iu.test("\u{10D71}"), /^(.)\1$/iu.test(garay + garaySmall));
console.log("\uA7CB".toLowerCase() === "\u0264", "\u0264".toUpperCase() === "\uA7CB", /\uA7CB/i.test("\u0264"), /\u0264/iu.test("\uA7CB"), /\p{Lu}/iu.test("\u0264"));
console.log("\u019B".toUpperCase() === "\uA7DC", /\uA7DC/i.test("\u019B"), /[^\uA7DC]/i.test("\u019B"));
console.log(/\ufb05/iu.test("\ufb06"), /\u1fd3/iu.test("\u0390"), /\ufb05/i.test("\ufb06"));
const \u{1C89}\u{16130} = 7;
console.log(\u{1C89}\u{16130}, /(?<\u{1C89}\u{16130}>x)/.exec("x").groups["\u{1C89}\u{16130}"]);
for (const escape of ["\\p{sc=Nonesuch}", "\\p{Sidetic}", "\\p{sc=sidt}", "\\p{RGI_Emoji}", "\\P{L", "\\p{IsL}", "\\p{Block=Thai}"]) {
  try { new RegExp(escape, "u"); console.log(escape); } catch (e) { console.log(e.name, escape); }
}
console.log(/^\p{Cn}$/u.test("\u{10D50}"), /^\P{Cn}$/u.test("\u{10D50}"), /^\p{Any}$/u.test("\u{10D50}"), /^\p{Assigned}$/u.test("\u{10D8F}"), /^\p{sc=Zzzz}$/u.test("\u{10D50}"));
console.log(/^\p{Nd}+$/u.test("\u{10D40}\u{11DE0}1"), /^\d$/u.test("\u{10D40}"), /^\p{scx=Cherokee}$/u.test("\u0301"), /^\p{scx=Zinh}$/u.test("\u0301"));
const emoji = (s) => /^\p{RGI_Emoji}$/v.test(s);
console.log(emoji("\u{1F426}\u200D\u{1F525}"), emoji("\u{1FAE9}"), emoji("\u{1F1E8}\u{1F1F6}"), emoji("\u{1F46F}\u{1F3FB}"));
console.log(emoji("\u{1F9D1}\u{1F3FB}\u200D\u{1F430}\u200D\u{1F9D1}\u{1F3FC}"), emoji("\u{1F9D1}\u{1F3FB}\u200D\u{1F430}\u200D\u{1F9D1}\u{1F3FB}"), emoji("\u{1F6B6}\u200D\u27A1\uFE0F"), emoji("\u{1F6B6}\u{1F3FF}\u200D\u27A1\uFE0F"));
