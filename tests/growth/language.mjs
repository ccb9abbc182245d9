// What scripts do without waiting for anything.
let sink, unique = 0;
const times = (n, f) => () => { for (let i = 0; i < n; i++) f(i); };
const caught = (f) => { try { f(); } catch (e) { sink = e; } };
const kept = new FinalizationRegistry(() => {});

export default {
  names: times(1000, () => { sink = { [`k${unique++}`]: 1 }; }),
  "names of JSON": times(500, () => { sink = JSON.parse(`{"k${unique++}":{"j${unique}":1}}`); }),
  symbols: times(1000, () => { sink = { [Symbol(`s${unique++}`)]: 1 }; }),
  dictionaries: times(2, () => {
    const o = {};
    for (let i = 0; i < 1000; i++) o[`k${unique++}`] = i;
    for (const k in o) delete o[k];
  }),
  shapes: times(300, () => {
    const o = {};
    for (let i = 0; i < 8; i++) o[`p${(unique++ * 7) % 50}`] = i;
    sink = o;
  }),
  prototypes: times(300, () => {
    const p = { m() { return 1; } };
    const o = Object.create(p);
    sink = o.m();
    p.n = 2;
    sink = o.n;
  }),
  classes: times(200, () => {
    sink = new (class { #x = 1; static s = 2; get x() { return this.#x; } })().x;
  }),
  arrays: times(20, () => {
    const a = [];
    a[100000] = 1;
    a.length = 3;
    a.push(...Array(1000).keys());
    sink = a.sort().flatMap((x) => [x, x]);
  }),
  "big integers": times(100, () => { sink = (3n ** 2000n).toString().length; }),
  texts: times(100, () => {
    let s = "";
    for (let i = 0; i < 100; i++) s += `ab${unique++}`;
    sink = s.slice(5).toUpperCase().normalize("NFD").split("a");
  }),
  "regular expressions": times(300, () => {
    sink = new RegExp(`a(?<n${unique++ % 900}>b+)|[^c]{2,${unique % 9 + 3}}`).exec("abbb");
  }),
  "regular expressions with errors": times(300, () => caught(() => new RegExp(`(${unique++}`))),
  eval: times(200, () => { sink = (0, eval)(`(function f(a) { return a + ${unique++} })`)(1); }),
  "eval with errors": times(200, () => caught(() => (0, eval)(`let x = ${unique++} 1;`))),
  "new Function": times(200, () => { sink = new Function("a", `return a + ${unique++}`)(1); }),
  templates: times(200, () => { sink = (0, eval)(`((s) => s)\`a\${${unique++}}b\``); }),
  errors: times(200, () => caught(() => null.x)),
  stacks: times(200, () => { sink = new Error(`e${unique++}`).stack; }),
  proxies: times(300, () => {
    sink = new Proxy({}, { get: () => 1 }).x;
    Proxy.revocable({}, {}).revoke();
  }),
  generators: times(300, () => {
    function* g() { try { yield 1; yield 2; } finally { sink = 1; } }
    g().next();
  }),
  "async generators": async () => {
    async function* g() { try { yield 1; yield 2; } finally { sink = 1; } }
    for (let i = 0; i < 100; i++) {
      for await (const x of g()) { sink = x; break; }
      g().next();
    }
  },
  "promises that nobody settles": times(300, () => {
    (async () => { await new Promise(() => {}); })();
  }),
  rejections: async () => {
    for (let i = 0; i < 100; i++)
      await Promise.any([Promise.reject(1), Promise.reject(2)]).catch((e) => { sink = e; });
  },
  "weak references": times(500, () => {
    const o = {};
    sink = new WeakRef(o);
    new WeakMap([[o, { o }]]);
    new WeakSet([o]);
  }),
  registries: times(500, (i) => {
    const token = {};
    kept.register({}, i, token);
    if (i % 2 === 0) kept.unregister(token);
    if (i % 50 === 0) new FinalizationRegistry(() => {}).register({}, i);
  }),
  "disposable stacks": times(200, () => {
    using stack = new DisposableStack();
    stack.defer(() => { sink = 1; });
  }),
  "shared buffers": times(50, () => { sink = new SharedArrayBuffer(10000); }),
  "resizable buffers": times(50, () => {
    sink = new ArrayBuffer(10, { maxByteLength: 100000 });
    sink.resize(50000);
  }),
  "async waits": async () => {
    const a = new Int32Array(new SharedArrayBuffer(4));
    const waits = Array.from({ length: 50 }, () => Atomics.waitAsync(a, 0, 0).value);
    waits.push(Atomics.waitAsync(a, 0, 0, 1).value);
    Atomics.notify(a, 0, 50);
    await Promise.all(waits);
  },
  realms: times(3, () => { sink = new ShadowRealm().evaluate("1 + 1"); }),
  formats: times(5, () => {
    sink = [new Intl.NumberFormat("de").format(1e6), new Intl.DateTimeFormat("fr").format(0),
            new Intl.Collator("sv").compare("a", "b"), (1234.5).toLocaleString("de"),
            [...new Intl.Segmenter("en", { granularity: "word" }).segment("a b")].length];
  }),
  dates: times(200, () => { sink = Date.parse(`2020-01-0${unique++ % 9 + 1}`) + new Date().toISOString(); }),
  "modules that fail": async () => {
    for (let i = 0; i < 10; i++) await import(`./absent${unique++}.mjs`).catch((e) => { sink = e; });
  },
};
