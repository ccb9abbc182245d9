// Errors of calls name the expression that is called.
const T = f => { try { const p = f(); p?.catch?.(e => console.log(e.message)); } catch (e) { console.log(e.message); } };
const o = { a: { b: 1, c: null }, arr: [1], fn() { return o; } };
let u, n = null, x = 5;
class K { #p = {}; m() { this.#p.z(); } static s() { super.q(); } }
T(() => u()); T(() => o.m()); T(() => o.a.b()); T(() => o['m']()); T(() => o[x]()); T(() => o.arr[x + 1]());
T(() => o.fn()()); T(() => o.fn(1, 2).fn(3).zip()); T(() => o.fn().fn()()); T(() => (0, o.a)()); T(() => (() => { })()());
T(() => new K().m2()); T(() => new K.x()); T(() => (x = u)()); T(() => (x++)()); T(() => (typeof x)()); T(async () => (await u)());
T(async () => (await o).zz()); T(() => o[o.fn()]()); T(() => [1, 2, x].z()); T(() => [, 1].z()); T(() => ({ a: 1 }).z());
T(() => (class { }).z()); T(() => (x in o)()); T(() => ((o.a))()); T(() => ((o.a).b)()); T(() => (o?.a)()); T(() => o.a?.b());
T(() => o?.fn?.().zz()); T(() => new (o.a.b)()); T(() => new o.fn.y()); T(() => new (o.zz())()); T(() => new u);
T(() => u(...[1])); T(() => new u(...[1])); T(() => x`a`); T(() => o.fn().z`a`); T(() => "it's".q()); T(() => (-1).q());
T(() => this.x()); T(() => globalThis.x()); T(() => K.s()); T(() => new K().m()); T(() => eval('o.a.b( )'));
T(() => new Function('var q; q()')()); T(() => { if (x) (o.a)(); }); T(() => o /* c */ . /* d */ zip());
T(() => o
  .fn()
  .nope()); T(() => o.日本()); T(() => u.call(1)); T(() => o.fn.call.call(1)); T(() => { [1].map(u); }); T(() => Reflect.construct(u));
T(() => { u.x = 1; }); T(() => { n[x] = 1; }); T(() => u['a b']); T(() => u[Symbol('q')]); T(() => { 'use strict'; delete Object.freeze({ q: 1 }).q; });
T(() => { 'use strict'; (5).x = 1; }); T(() => { 'use strict'; 'abc'.length = 1; }); T(() => 'a' in 'b'); T(() => { let { ...r } = null; });
{ let f = () => () => undefined;
T(() => f()()()); T(() => f()()()()); T(() => { for (let i = 0; i < 2; i++) f()()(i)(); }); T(() => [f()()(), f()()()]); T(() => f(f()()())()); T(() => f?.()()()); T(() => (f()())()); T(() => f()`x``y`); 
}
