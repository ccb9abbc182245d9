// Operators and conversions.
const o = { a: { b: null, f() { return this.b; } } };
console.log(o?.a?.b?.c, o.x?.y.z.w, o.a.f?.(), o.zzz?.(), o?.["a"]?.b ?? "nullish", delete o?.a?.q);
let a = null; a ??= 5; let b = 0; b ||= 7; let c = 1; c &&= 9; console.log(a, b, c);
console.log(2 ** 10, (-2) ** 3, 2 ** -1, 7 % -3, -7 % 3, 5 / 0, -5 % 5, 0 === -0, Object.is(0, -0));
console.log(1 << 31, 1 << 32, -1 >>> 0, -1 >> 31, ~5, 5 & 3, 5 | 3, 5 ^ 3, 2 ** 53 + 1);
console.log("5" * "2", "5" + 2, 5 + +"2", [] + {}, [] + [], null + 1, undefined + 1, true + true, "3" - 1);
console.log(1 < 2 < 3, 3 > 2 > 1, null == 0, null >= 0, undefined == null, NaN != NaN, "b" > "a", [2] > 1, "10" < "9");
console.log(typeof null, typeof undefined, typeof 1n, typeof Symbol(), typeof (() => {}), typeof {}, void 0);
console.log(10n ** 20n, -7n / 2n, -7n % 2n, 5n << 3n, 1n < 2, 2n == 2, 2n === 2, 0xffn & 0x0fn, -(3n), BigInt.asIntN(8, 255n));
try { 1n + 1; } catch (e) { console.log(e.name, e.message); }
console.log(`a${1 + 1}b${`nested ${"x"}`}`, String.raw`\n${1}`, ((s, ...v) => s.raw.join("|") + v)`x${1}y\t${2}z`);
let i = 5; console.log(i++ + ++i, i--, --i, -i, +"0x1f", +"", +" 12 ", +"1e3", +"abc", 0b101, 0o17, 1_000_000);
console.log([1, 2, 3].includes(2), "x" in { x: 1 }, [] instanceof Array, (1, 2, 3));
const obj = { valueOf() { return 42; }, toString() { return "str"; } }; console.log(obj + 1, `${obj}`, obj * 2, obj == 42);
const prim = { [Symbol.toPrimitive](hint) { return hint; } }; console.log(`${prim}`, prim + "", +prim);
console.log({ ...[1, 2], ..."ab", ...null }, [...new Set([1, 1, 2])], Math.max(...[1, 5, 3]));
console.log({ __proto__: { inherited: 1 } }.inherited, { "__proto__": null } instanceof Object, { ["__proto__"]: 1 }.hasOwnProperty("__proto__"));
console.log(((a, b = 2, ...c) => 0).length, (function name() {}).name, (() => {}).name, ({ m() {} }).m.name, ({ get x() { return 1; } }).x);
var e1 = "\u{1F600}".length, e2 = [..."\u{1F600}"].length; console.log(e1, e2, "\x41\u0042", 'line\
continued');
console.log(0.1 + 0.2, 1e21, 1e-7, 123456789012345680000, 5e-324, 1.7976931348623157e308, (25).toString(36), (0.5).toString(2), (1e21).toLocaleString === undefined);
console.log(parseInt("12px"), parseFloat("3.14abc"), Number("12px"), (1234.5678).toFixed(2), (0.000001234).toPrecision(2), (12345).toExponential(1));
