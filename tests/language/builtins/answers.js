// What builtins answer is right, or memory was lacking.
import { answers } from "../answers.mjs";

const thrown = (run) => {
  try {
    return run();
  } catch (error) {
    if (error.message === "Out of memory" ||
        error.message === "Array buffer allocation failed") {
      throw error;
    }
    return error.name;
  }
};
const list = Array.from({ length: 100 }, (_, i) => (i * 37) % 101);
const words = list.map((n) => `w${n} ä${n % 7}`);
const big = 12345678901234567890n ** 20n;

await answers({
  // Arrays.
  sort: () => [...list].sort((a, b) => a - b),
  sortTexts: () => [...words].sort(),
  toSorted: () => list.toSorted((a, b) => b - a),
  splice: () => [[...list].splice(3, 5), list.toSpliced(1, 90), list.with(2, 0).length],
  flat: () => [1, [2, [3, [4]]]].flat(Infinity),
  flatMap: () => list.flatMap((n) => [n, [n]]).length,
  concat: () => list.concat(words, [[1]]).length,
  sparse: () => {
    const a = [1, , 3];
    a[1000000] = 4;
    return [a.length, Object.keys(a), a.indexOf(4)];
  },
  join: () => [words.join("-").length, [[1, [2]], null].toString()],
  reverse: () => [...words].reverse()[3],
  copyWithin: () => [1, 2, 3, 4, 5].copyWithin(0, 3),
  group: () => [Object.groupBy(list, (n) => n % 3),
                Map.groupBy(list, (n) => n % 2).get(1)?.length],
  fromAsync: async () => Array.fromAsync(async function* () {
    yield* list.slice(0, 5);
  }()),
  destructuring: () => {
    const [a, , b = 5, ...c] = list, { length, ...rest } = words.slice(0, 3);
    return [a, b, c.length, length, rest];
  },
  typed: () => [Float64Array.from(list).sort().slice(0, 5),
                new Uint8Array([1, 2, 3]).toReversed(), new BigInt64Array([3n, 1n]).sort().join()],
  buffers: () => {
    const buffer = new ArrayBuffer(8, { maxByteLength: 1000 });
    buffer.resize(500);
    return [buffer.byteLength, buffer.transfer(3).byteLength, buffer.detached];
  },
  base64: () => [new Uint8Array([1, 2, 250]).toBase64(), Uint8Array.fromHex("0aff").join()],
  // Collections.
  map: () => [...new Map(list.map((n, i) => [n, i]))].length,
  deleted: () => {
    const map = new Map(list.map((n) => [n, n]));
    for (const n of list) if (n % 2) map.delete(n);
    return [map.size, [...map.keys()].slice(0, 3)];
  },
  sets: () => [[...new Set(list).intersection(new Set([1, 2, 500]))],
               new Set([1, 2]).symmetricDifference(new Set([2, 3])).size,
               new Set([1]).isSubsetOf(new Set(list))],
  weak: () => {
    const key = {}, map = new WeakMap([[key, 1]]);
    return [map.get(key), map.has({}), new WeakSet([key]).has(key)];
  },
  // Objects.
  keys: () => {
    const o = {};
    for (const w of words) o[w] = w.length;
    for (const w of words.slice(0, 50)) delete o[w];
    return [Object.keys(o).length, Object.entries(o)[3], "w0 ä0" in o];
  },
  assign: () => Object.assign({}, { a: 1, get b() { return 2; } }, [3]),
  define: () => {
    const o = Object.defineProperties({}, { a: { value: 1 }, b: { get: () => 2, enumerable: true } });
    return [Object.getOwnPropertyDescriptors(o), Object.isFrozen(Object.freeze({ ...o }))];
  },
  fromEntries: () => Object.fromEntries(words.map((w, i) => [w, i]))["w1 ä1"],
  order: () => Object.keys({ b: 1, 2: 1, a: 1, 1: 1, [Symbol.iterator]: 1 }),
  classes: () => {
    class A { #x = 1; static s = 2; get x() { return this.#x; } static { this.t = 3; } }
    class B extends A { y = super.x + 1; }
    return [new B(), new B().x, B.s, B.t, B.name];
  },
  proxy: () => {
    const p = new Proxy({ a: 1 }, { get: (t, k) => `${String(k)}!`, ownKeys: () => ["a", "b"],
                                    has: () => true });
    return [p.z, Reflect.ownKeys(p), "q" in p];
  },
  accessors: () => JSON.parse('{"__proto__": 1, "a": {"b": [1]}}', function (k, v) {
    return Array.isArray(v) ? v.length : v;
  }),
  // Texts.
  replace: () => words.join().replace(/w(?<n>\d+)/g, "<$<n>$&>").length,
  replaceAll: () => "a.b.c".replaceAll(".", (m, at) => `[${at}]`),
  split: () => words.join().split(/[, ]/).length,
  matchAll: () => [..."a1b22".matchAll(/(?<l>[a-z])(\d+)/dg)].map((m) => [m.index, m.groups.l, m.indices[2]]),
  regexp: () => [/(a+)+b/.test("aaaaaaaaac"), /^\p{L}+$/v.test("äö"), /(?<=x)y/i.exec("aXY")?.index,
                 thrown(() => new RegExp("("))],
  classSets: () => [/[\p{L}--[a-z]]/v.test("a"), /[[a-c]&&[b-d]]/v.test("b")],
  ignoreCase: () => [/straße/iu.test("STRAßE"), /ſ/iu.test("s")],
  pad: () => ["x".padStart(50, "ab"), "y".repeat(100).length],
  rope: () => {
    let text = "";
    for (const w of words) text = w + text + w;
    return [text.length, text.indexOf("w5 "), text.charCodeAt(500), text.slice(100, 120)];
  },
  cases: () => ["ǅ ß İ".toUpperCase(), "ΑΣ ΑΣΑ".toLowerCase()],
  template: () => String.raw`a\n${1}` + `${[1, 2]}`,
  normalize: () => ["é".normalize("NFD").length, "ﬁ".normalize("NFKC")],
  wellFormed: () => ["\ud800".isWellFormed(), "\ud800a".toWellFormed()],
  uri: () => [encodeURI("ä b"), decodeURIComponent("%E4%B8%96"), escape("ü"), unescape("%u4e16")],
  // Numbers.
  bigint: () => [`${big}`.length, `${big / 7n ** 9n}`.slice(0, 20), `${BigInt.asUintN(100, -big)}`,
                 `${big << 100n}`.length, `${big & ~(1n << 70n)}`.length, `${BigInt("0xff")}`],
  numbers: () => [(0.1).toFixed(20), (123.456).toPrecision(30), (255).toString(2),
                  Number("0x1f"), parseFloat("1e400"), (1e-7).toExponential(3)],
  math: () => [Math.hypot(3, 4), Math.max(...list), Math.sumPrecise?.([1e308, 1e308, -1e308])],
  dates: () => [new Date(Date.UTC(2024, 1, 29)).toISOString(), Date.parse("2024-02-30T00:00:00Z"),
                new Date(0).toUTCString(), new Date(8.64e15 + 1).getTime()],
  // Intl.
  number: () => new Intl.NumberFormat("de", { style: "currency", currency: "EUR" }).format(1234.5),
  date: () => new Intl.DateTimeFormat("fr", { dateStyle: "full", timeZone: "UTC" }).format(0),
  parts: () => new Intl.NumberFormat("en", { notation: "compact" }).formatToParts(1234567).length,
  plural: () => [1, 2, 5].map((n) => new Intl.PluralRules("pl").select(n)),
  collate: () => ["z", "ä", "a"].sort(new Intl.Collator("sv").compare),
  locale: () => [new Intl.Locale("zh-Hans-CN").maximize().toString(),
                 Intl.getCanonicalLocales("EN-us"), thrown(() => new Intl.Locale("x_y"))],
  segments: () => [...new Intl.Segmenter("en", { granularity: "word" }).segment("Hi, you.")].length,
  relative: () => new Intl.RelativeTimeFormat("en").format(-3, "day"),
  listFormat: () => new Intl.ListFormat("en").format(["a", "b", "c"]),
  names: () => new Intl.DisplayNames("de", { type: "region" }).of("FR"),
  locales: () => [(1234.5).toLocaleString("de"), new Date(0).toLocaleDateString("en-US", { timeZone: "UTC" }),
                  "I".toLocaleLowerCase("tr")],
  // JSON.
  json: () => JSON.stringify({ a: [1, { b: words.slice(0, 5) }], c: undefined, d: new Date(0) }, null, 2),
  jsonKeys: () => JSON.stringify({ a: 1, b: { a: 2, c: 3 } }, ["a", "b"]),
  badJson: () => [thrown(() => JSON.parse("[1,")), thrown(() => JSON.stringify({ a: 1n }))],
  circular: () => thrown(() => {
    const o = {};
    o.o = o;
    JSON.stringify(o);
  }),
  raw: () => JSON.stringify([JSON.rawJSON?.("1e1000")]),
  // Code.
  evaluated: () => [(0, eval)("1 + 1"), new Function("a", "return a * 2")(4), thrown(() => eval("1 +"))],
  generator: () => {
    function* g() {
      yield 1;
      yield* [2, 3];
    }
    const it = g();
    return [it.next(), it.next(), it.return(9), it.next()];
  },
  iterators: () => Iterator.from(list).filter((n) => n % 2).map((n) => n * 2).drop(3).take(4).toArray(),
  promises: async () => [await Promise.allSettled([1, Promise.reject(2)]), await Promise.any([Promise.reject(1), 3]),
                         await Promise.race([4, 5])],
  error: () => {
    const error = new AggregateError([new TypeError("a")], "b", { cause: 1 });
    return [`${error}`, error.errors.length, error.cause, error.stack.includes("answers.js")];
  },
  inner: () => {
    const f = (n) => n === 0 ? [] : [n, ...f(n - 1)];
    return f(20).length;
  },
  arguments: () => (function (a, b) {
    arguments[0] = 5;
    return [arguments.length, a, [...arguments]];
  })(1, 2, 3),
  labels: () => {
    outer: for (const a of list) for (const b of list) if (a + b === 150) return [a, b];
  },
  clone: () => structuredClone([new Map([[1, { a: new Set([2]) }]]), new Error("x").message, /a/g.flags]).length,
  temporal: () => typeof Temporal === "undefined" ? 0 : `${Temporal.PlainDate.from("2024-01-31").add({ months: 1 })}`,
});
