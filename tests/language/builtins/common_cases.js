// What the quick ways of builtins must not change: holes, ropes, wide units,
// setters that change the source, replaced species.
const check = (name, got, expected) =>
  console.log(name, Object.is(got, expected) || JSON.stringify(got) === JSON.stringify(expected) ? "ok" : JSON.stringify(got));

check("join", ["a", "bc", ""].join("--"), "a--bc--");
check("join nothing", [[], [""], ["x"], ["", ""]].map((a) => a.join("")), ["", "", "x", ""]);
check("join holes", [, "a", , undefined, null, 1].join(), ",a,,,,1");
check("join wide", ["a", "\u20ac"].join("|"), "a|\u20ac");
check("join by wide", ["a", "b"].join("\u20ac"), "a\u20acb");
const rope = "abcdefghijklmnopqrstuvwxyz".repeat(3) + String(Math.random()).slice(0, 0);
check("join ropes", [rope + "!", "x" + rope].join(rope + ","), rope + "!" + rope + ",x" + rope);
Array.prototype[1] = "proto";
check("join inherited", ["a", , "c"].join(), "a,proto,c");
delete Array.prototype[1];

check("replaceAll", "aXbXXc".replaceAll("X", "--"), "a--b----c");
check("replaceAll overlapping", "aaaa".replaceAll("aa", "a"), "aa");
check("replaceAll pattern", "a.b.c".replaceAll(".", "$&$&"), "a..b..c");
check("replaceAll by wide", "a.b".replaceAll(".", "\u20ac"), "a\u20acb");
check("replaceAll nothing", "ab".replaceAll("", "-"), "-a-b-");
check("replaceAll by itself", "abab".replaceAll("ab", ""), "");
check("split", "abc".split(""), ["a", "b", "c"]);
check("split wide", "a\u20ac\u{1f600}".split(""), ["a", "\u20ac", "\ud83d", "\ude00"]);
check("split with a limit", "abcdef".split("", 2), ["a", "b"]);
check("split long", "xy".repeat(1000).split("").length, 2000);

{
  const from = { a: 1, b: 2, c: 3 };
  const to = { set a(v) { delete from.b; from.c = "later"; from.d = 4; } };
  Object.assign(to, from);
  check("assign and a setter", Object.entries(to).slice(1), [["c", "later"]]);
  const hidden = Object.defineProperty({ a: 1 }, "b", { value: 2, enumerable: false });
  check("assign hidden", Object.assign({}, hidden), { a: 1 });
  check("assign getter", Object.assign({}, { get a() { return 5; } }), { a: 5 });
  check("assign elements", Object.assign({}, { b: 1, 2: "two" }), { 2: "two", b: 1 });
  let error = "";
  try { Object.assign(Object.freeze({ a: 1 }), { a: 2 }); } catch (e) { error = e.name; }
  check("assign frozen", error, "TypeError");
  const order = [];
  Object.assign(new Proxy({}, { defineProperty(t, k, d) { order.push(k); return Reflect.defineProperty(t, k, d); } }), { x: 1, y: 2 });
  check("assign to a proxy", order, ["x", "y"]);
}
{
  const o = { b: 1, a: "x" };
  Object.defineProperty(o, "hidden", { value: 1, configurable: true });
  o[Symbol()] = 1;
  check("keys", [Object.keys(o), Object.values(o), Object.entries(o)], [["b", "a"], [1, "x"], [["b", 1], ["a", "x"]]]);
  o[1] = "one";
  check("keys with elements", [Object.keys(o), Object.values(o)], [["1", "b", "a"], ["one", 1, "x"]]);
  const list = Object.keys({ p: 1 });
  list.push("q");
  check("a list of its own", [list, Object.keys({})], [["p", "q"], []]);
}
{
  class Bytes extends Uint8Array {}
  check("species", [new Bytes(3).slice(1) instanceof Bytes, new Bytes(3).subarray(1) instanceof Bytes], [true, true]);
  const original = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array), Symbol.species);
  let seen = 0;
  Object.defineProperty(Object.getPrototypeOf(Uint8Array), Symbol.species, { get() { seen++; return Uint16Array; }, configurable: true });
  check("species replaced", [new Uint8Array(3).slice(1) instanceof Uint16Array, seen], [true, 1]);
  Object.defineProperty(Object.getPrototypeOf(Uint8Array), Symbol.species, original);
  check("species restored", new Uint8Array(3).slice(1) instanceof Uint8Array, true);
  class List extends Array {}
  check("array species", [new List(1, 2).map((x) => x) instanceof List, new List(1, 2).slice().length], [true, 2]);
  for (const size of [511, 512, 2047, 2048, 2049]) {
    const a = new Uint8Array(size).fill(7), b = a.slice(1);
    const moved = b.buffer.transfer();
    check(`buffer of ${size}`, [b.length, moved.byteLength, new Uint8Array(moved)[size - 2], a.at(-1)], [0, size - 1, 7, 7]);
  }
  let error = "";
  try { new Uint32Array(new ArrayBuffer(16), 2); } catch (e) { error = e.name; }
  check("alignment", error, "RangeError");
}
