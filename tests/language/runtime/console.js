// console and util.inspect print as Node does.
const util = require("util");
console.log("%s is %d years and %i, %f, %j %o %O %%", "Ada", 36.5, 42.9, "1.5", { a: 1 }, [1], { b: { c: {} } }, "extra");
console.log([undefined, null, true, -0, 1.5, 10n, "str", Symbol("s")], [], {}, [[]], [, 1, , 2]);
console.log({ a: { b: { c: { d: 1 } } }, f() {}, g: class A {}, h: () => {}, [Symbol("k")]: 1, "quoted-key": 1 });
console.log(new Map([["k", { v: 1 }], [{}, []]]), new Set([1, "2"]), new WeakMap(), Promise.resolve(4), Promise.reject(1).catch(() => {}) && new Promise(() => {}));
console.log([1.5, 2.5, -3], new Uint8Array(3), new ArrayBuffer(4), new Float64Array([1, 2]), Buffer.from("hi"));
console.log(Array.from({ length: 120 }, (_, i) => i));
console.log(["a fairly long string here", "another rather long string", "and a third one", "fourth"]);
console.log({ alpha: "a fairly long value", beta: "another rather long value", gamma: [1, 2, 3], delta: { x: 1 } });
class Foo { constructor() { this.x = 1; } get y() { return 2; } }
console.log(new Foo(), Object.create(null), Object.create({ a: 1 }), new (class extends Map {})([[1, 2]]), [new Foo()]);
const circular = { name: "c" }; circular.self = circular; circular.list = [circular]; console.log(circular);
console.log(new Error("msg").message, [new Date(1e12)], /re/gi, function named() {}, Symbol.iterator, "top 'quoted' string", ["it's"]);
console.log(util.inspect("a\nb\t'\""), util.inspect({ deep: { deeper: { deepest: { x: 1 } } } }, { depth: 0 }), util.format("%s", null, undefined, 5));
console.log(Object.assign(() => {}, { prop: 1 }), Object.assign([1, 2], { extra: true }), new Number(5), new String("s"), [new Boolean(false)]);
console.log(process.argv.length, [..."ab"].entries(), new Map([[1, 2]]).keys(), (function* () {})());
console.group("group"); console.log("indented\ntwice"); console.group(); console.log({ a: 1 }); console.groupEnd(); console.groupEnd(); console.log("back");
console.table([{ a: 1, b: "x" }, { a: 2, c: true }]); console.count(); console.count(); console.assert(true, "no");
console.log("x".repeat(10), [["nested", ["deep", ["deeper", ["deepest"]]]]], { u: undefined, n: null });
console.log(Array(3), [1, 2, 3, 4, 5, 6, 7], ["aaaa", "bb", "cccccc", "d", "eeeee", "ffff", "gg"], [1.25, 100, 3, 4444, 5, 66, 7]);
console.log("x", 5, ["short", 'a11y_click_events_have_key_events Visible, non-interactive element with a click event must be accompanied by a keyboard event\n' + 'https://svelte.dev/e/a11y_click_events_have_key_events']);
console.log({a:{b:"line one is here and more and more and more and more and more\nline two of the text\n\nend", c:["x\ny".repeat(50)]}});
console.log([["some text with enough characters to be split\nwell at its line end okay then so be it"]]);
console.log(new Map([["k\nk".repeat(30), "v\n".repeat(30)]]));
// Writes to the descriptor and the console's keep their order.
{
  const { writeSync } = process.getBuiltinModule("fs");
  console.log("first");
  writeSync(1, "second\n");
  console.log("third");
  writeSync(1, Buffer.from("fourth\n"));
}
