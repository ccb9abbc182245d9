// Objects past the limit of shared shapes: order, deletion, copies, for-in.

const N = 5000;
const make = (n = N) => {
  const o = {};
  for (let i = 0; i < n; i++) o[`key${i}`] = i;
  return o;
};
const check = (name, holds) => console.log(name, holds === true ? "ok" : holds);
const keysOf = (o) => {
  const keys = [];
  for (const key in o) keys.push(key);
  return keys;
};

{
  const o = make();
  check("read", Object.keys(o).every((key, i) => key === `key${i}` && o[key] === i));
  let sum = 0;
  for (let i = N - 1; i >= 0; i -= 7) sum += o[`key${i}`];
  check("read backwards", sum === Array.from({ length: Math.ceil(N / 7) }, (_, i) => N - 1 - 7 * i).reduce((a, b) => a + b));
  check("absent", o.key5000 === undefined && o["key" + 5001] === undefined);
  check("inherited", o["toString"] === Object.prototype.toString);
}

{
  const o = make();
  for (let i = 0; i < N; i++) if (i % 10 !== 3) delete o[`key${i}`];
  check("few left", Object.keys(o).length === N / 10);
  check("values stay", Object.keys(o).every((key) => o[key] === Number(key.slice(3)) && o[key] % 10 === 3));
  for (let i = 0; i < N; i++) o[`later${i}`] = i;
  check("order after growth", Object.keys(o)[N / 10] === "later0" && Object.keys(o).length === N + N / 10);
  o.key0 = "again";
  check("back at the end", Object.keys(o).at(-1) === "key0");
  for (const key of Object.keys(o)) delete o[key];
  check("empty", Object.keys(o).length === 0 && o.key3 === undefined);
  o.first = 1;
  check("used again", JSON.stringify(o) === '{"first":1}');
}

{
  // A queue: the table is full of deleted entries again and again.
  const o = make(1000);
  for (let i = 1000; i < 50000; i++) {
    o[`key${i}`] = i;
    delete o[`key${i - 1000}`];
  }
  const keys = Object.keys(o);
  check("queue", keys.length === 1000 && keys[0] === "key49000" && keys.every((key) => o[key] === Number(key.slice(3))));
}

{
  const o = make();
  const seen = [];
  for (const key in o) {
    seen.push(key);
    if (key === "key10") delete o.key11;
    if (key === "key20") for (let i = 21; i < N - 5; i++) delete o[`key${i}`];
    if (key === `key${N - 2}`) o.added = 1;
  }
  check("deleted keys are left out", seen.join() === [...Array(21).keys()].filter((i) => i !== 11).map((i) => `key${i}`).join() + "," + [5, 4, 3, 2, 1].map((i) => `key${N - i}`).join());
  const hidden = make();
  let count = 0;
  for (const key in hidden) {
    if (count++ === 0) Object.defineProperty(hidden, "key1", { enumerable: false });
    if (key === "key1") check("hidden meanwhile", false);
  }
  check("count", count === N - 1);
}

{
  const above = make();
  const o = Object.create(above);
  for (let i = N - 10; i < N + 10; i++) o[`key${i}`] = i;
  Object.defineProperty(o, "key0", { value: 0, enumerable: false });
  const keys = keysOf(o);
  check("prototype's keys", keys.length === N + 9 && keys[0] === `key${N - 10}` && keys[20] === "key1" && new Set(keys).size === keys.length);
  check("index keys of the prototype", keysOf(Object.create([1, 2])).join() === "0,1");
  check("array as prototype", keysOf(Object.setPrototypeOf({ a: 1 }, [])).join() === "a");
}

{
  const o = make();
  const copy = { ...o };
  copy.key0 = "changed";
  copy.more = 1;
  check("copy", o.key0 === 0 && !("more" in o) && copy.key4999 === 4999 && Object.keys(copy).length === N + 1);
  delete o.key7;
  const without = { ...o, key8: "eight" };
  check("copy with gaps", Object.keys(without).length === N - 1 && without.key9 === 9 && without.key8 === "eight" && !("key7" in without));
  const before = { a: 1, ...o };
  check("copy behind others", Object.keys(before)[0] === "a" && before.key4999 === 4999);
  const { key1, ...rest } = o;
  check("rest", key1 === 1 && !("key1" in rest) && rest.key2 === 2);
  let calls = 0;
  Object.defineProperty(o, "key2", { get() { calls++; return "got"; }, enumerable: true });
  const got = { ...o };
  check("getter", got.key2 === "got" && calls === 1 && Object.getOwnPropertyDescriptor(got, "key2").writable);
  Object.defineProperty(o, "key3", { enumerable: false });
  check("hidden", !("key3" in { ...o }));
  Object.freeze(o);
  const thawed = { ...o };
  thawed.key4 = "new";
  check("frozen", thawed.key4 === "new" && o.key4 === 4);
  const s = make();
  s[Symbol.iterator] = 1;
  check("symbol", { ...s }[Symbol.iterator] === 1);
}

{
  "use strict";
  let stored;
  const above = { set special(v) { stored = v; }, get lonely() { return 1; } };
  Object.defineProperty(above, "fixed", { value: 1 });
  const o = Object.setPrototypeOf(make(), above);
  const set = (key, value) => {
    "use strict";
    try {
      o[key] = value;
      return "set";
    } catch (e) {
      return e.constructor.name;
    }
  };
  check("setter above", set("special", 5) === "set" && stored === 5 && !Object.hasOwn(o, "special"));
  check("no setter above", set("lonely", 1) === "TypeError");
  check("read-only above", set("fixed", 2) === "TypeError");
  Object.defineProperty(o, "key5", { writable: false });
  check("read-only", set("key5", 1) === "TypeError" && o.key5 === 5);
  const trapped = Object.setPrototypeOf(make(), new Proxy({}, { set(t, key, v, r) { stored = key; return Reflect.set(t, key, v, r); }, get: (t, key) => `no ${String(key)}` }));
  trapped["what" + N] = 1;
  check("proxy above", stored === "what5000" && trapped["what5000"] === 1 && trapped["never"] === "no never");
  Object.preventExtensions(o);
  check("not extensible", set("key" + N, 1) === "TypeError" && set("key6", 1) === "set");
}

{
  const o = make(2000);
  check("JSON", JSON.stringify(JSON.parse(JSON.stringify(o))) === JSON.stringify(o) && JSON.stringify(o).startsWith('{"key0":0,"key1":1,'));
  o.key1 = undefined;
  o.key2 = "two";
  check("JSON omits", JSON.stringify(o).startsWith('{"key0":0,"key2":"two","key3":3'));
  o.key4 = { toJSON() { delete o.key5; o.key6 = "six"; return 4; } };
  check("JSON and scripts", JSON.stringify(o).startsWith('{"key0":0,"key2":"two","key3":3,"key4":4,"key6":"six","key7":7'));
}
