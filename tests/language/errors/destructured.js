// Errors of destructuring and iteration name what is taken apart.
const T = f => { try { const p = f(); p?.catch?.(e => console.log(e.message)); } catch (e) { console.log(e.message); } };
let u, n = null, x = 5; const o = { a: {}, f() { } };
T(() => { const { a } = u; }); T(() => { const { a } = n; }); T(() => { const { a, b } = o.zz; }); T(() => { let { a: { b } } = {}; });
T(() => { const { 'a b': c } = u; }); T(() => { const { [x]: c } = u; }); T(({ a }) => a); T(() => (({ a }) => a)()); T(() => ((x, { a }) => a)());
T(() => (function ({ a, b }, c) { })()); T(() => (function (c, { a, b }) { })(1, null)); T(() => (function ([a]) { })());
T(() => (function (c, [a]) { })(1, null)); T(() => (function ({ a: { b } }) { })({})); T(() => { for (const { a: { b } } of [{}]); });
T(() => { const [{ a }] = [u]; }); T(() => { const [, { a }] = [u]; }); T(() => { const { ...r } = u; }); T(() => { const {} = u; });
T(() => { var { a } = u, b = 1; }); T(async () => { const { a } = await u; }); T(() => { const { a } = u || n; }); T(() => { const { a } = (u); });
T(() => { const { a } = null; }); T(() => (({ a }) => a)(null)); T(() => o.f.call(({ a } = u))); T(() => { const { length } = u; });
T(() => { const [a] = u; }); T(() => { const [a] = x; }); T(() => { const [a] = {}; }); T(() => { for (const a of u); });
T(() => { for (const a of x); }); T(() => { for (const a of o.a); }); T(() => { for (const [k, v] of o.a); }); T(() => [...u]);
T(() => [1, ...o.a]); T(() => new Map(5)); T(() => new Set(o)); T(() => Object.fromEntries(u)); T(() => Promise.all(5));
T(() => { for (const a of { [Symbol.iterator]() { return 1; } }); });
T(() => { for (const a of o.f()); }); T(() => { const [a] = o.f(1); }); T(async () => { for await (const a of o.a); }); T(async () => { for await (const a of o.f()); });
