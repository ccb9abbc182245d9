// Decorators and accessor fields: results, contexts, early errors.
const T = (n, f) => { try { console.log(n, f()); } catch (e) { console.log(n, e.constructor.name); } };
T('method 1', () => { const d = () => 1; class C { @d m() { } } }); T('method null', () => { const d = () => null; class C { @d m() { } } });
T('field 1', () => { const d = () => 1; class C { @d m; } }); T('accessor f', () => { const d = () => 1; class C { @d accessor m; } });
T('accessor get', () => { const d = () => ({ get: 1 }); class C { @d accessor m; } }); T('class 1', () => { const d = () => 1; @d class C { } });
T('not callable', () => { const d = 1; @d class C { } }); T('add', () => { const d = (v, c) => c.addInitializer(1); @d class C { } });
T('late', () => { let c; const d = (v, x) => { c = x; }; @d class C { } c.addInitializer(() => { }); });
T('this', () => { const r = []; const ns = { d(v, c) { r.push(this === ns); }, get(k) { r.push(this === ns); return function () { r.push(this === undefined); }; }, deep: { d() { r.push(this === ns.deep); } } }; class C { @ns.d a; @ns.get(1) b; @ns.deep.d c; @(ns.d) e; @(ns['d']) f; @((0, ns.d)) g; } return r + ''; });
T('replace', () => { const d = (v, c) => class D extends v { static z = 1; }; let inner; @d class C { static x = this.z; static self = () => C; m() { return C; } static { inner = this; } static p = C.name; } return [C.name, C.x, C.self() === C, new C().m() === C, inner === C, C.p, Object.getPrototypeOf(C).name, Object.hasOwn(C, 'x')] + ''; });
T('names', () => { const r = []; const d = (v, c) => { r.push(String(c.name)); }; const A = @d class { }; (@d class B { }); class C { @d 5() { } @d 'a b'() { } @d [Symbol('s')]() { } @d #p() { } @d static #q; @d 1.50; } return r.join('|'); });
T('access', () => { const a = {}; const d = (v, c) => { a[c.name] = c.access; }; class C { @d x = 1; @d #y = 2; @d m() { return 'm'; } @d get g() { return 'g'; } @d set s(v) { this.z = v; } @d accessor q = 3; @d #pm() { return 'pm'; } @d static st = 4; } const c = new C; a.x.set(c, 5); a['#y'].set(c, 6); a.s.set(c, 7); a.q.set(c, 8); return [a.x.get(c), a['#y'].get(c), a.m.get(c)(), a.g.get(c), c.z, a.q.get(c), a['#pm'].get(c)(), a.st.get(C), a['#y'].has(c), a['#y'].has({}), a.x.has({}), Object.keys(a.m) + '', Object.keys(a.s) + '', Object.keys(a.x) + ''] + ''; });
T('access private fail', () => { let a; const d = (v, c) => { a = c.access; }; class C { @d #y = 2; } return a.get({}); });
T('duplicates', () => { const d = v => () => 'new'; class C { @d m() { return 1; } m() { return 2; } @d static get g() { return 3; } static get g() { return 4; } } return [new C().m(), C.g] + ''; });
T('duplicates2', () => { const d = v => () => 'new'; class C { m() { return 1; } @d m() { return 2; } } return [new C().m()] + ''; });
T('order of keys', () => { const d = v => v; class C { @d a() { } b() { } @d accessor c; @d static z() { } d() { } static y() { } @d f = 1; e = 2; } return [Object.getOwnPropertyNames(C.prototype), Object.getOwnPropertyNames(new C)] + ''; });
T('derived', () => { const log = []; const d = (v, c) => { c.addInitializer(function () { log.push(c.name + this.base); }); }; class B { constructor() { this.base = 'B'; } } class C extends B { @d m() { } @d f = log.push('f'); constructor() { log.push('pre'); super(); log.push('post'); } } new C; class D extends B { @d n() { } } new D; class E { @d o() { } } new E; return log + ''; });
T('accessor plain', () => { class C { accessor x = 1; static accessor y = 2; accessor #z = 3; accessor ['k' + 1] = 4; accessor 'q r'; accessor 7 = () => { }; t() { this.#z++; return this.#z; } } const c = new C; c.x++; C.y += 2; const g = Object.getOwnPropertyDescriptor(C.prototype, 'x'); return [c.x, C.y, c.t(), c.k1, c['q r'], c[7].name, Object.keys(c).length, g.get.name, g.set.name, g.enumerable, g.configurable, Object.getOwnPropertyDescriptor(C.prototype, 'k1').set.name, Object.getOwnPropertyDescriptor(C.prototype, 'k1').set.length] + ''; });
T('accessor brand', () => { class C { accessor x = 1; } return Object.getOwnPropertyDescriptor(C.prototype, 'x').get.call({}); });
T('accessor static sub', () => { class C { static accessor x = 1; } class D extends C { } return D.x; });
T('accessor this', () => { class C { a = 1; accessor b = this.a + 1; c = this.b + 1; accessor f = () => this.c; } const c = new C; return [c.b, c.c, c.f()] + ''; });
T('accessor names', () => { class C { accessor; static accessor = 1; get; accessor
x = 2; } const c = new C; return ['accessor' in c, C.accessor, 'x' in c] + ''; });
T('nested', () => { const r = []; const d = n => () => { r.push(n); }; @d('outer') class C { @d((@d('inner') class { }, 'm')) m() { } static s = @d('st') class { }; } return r + ''; });
T('private in decorator', () => { let r; class C { static #d() { r = true; } static { @C.#d class D { } } } return r; });
T('bound', () => { const bound = (v, { name, addInitializer }) => addInitializer(function () { this[name] = this[name].bind(this); }); class C { q = 5; @bound m() { return this.q; } } const { m } = new C; return m(); });
T('super', () => { const d = v => function () { return 'w' + v.call(this); }; class B { m() { return 'B'; } static s() { return 'BS'; } } class C extends B { @d m() { return super.m(); } @d static s() { return super.s(); } } return [new C().m(), C.s()] + ''; });
T('home', () => { const d = v => class extends v { }; class B { static s = 'base'; } @d class C extends B { static s = super.s + '!'; } return [C.s, Object.hasOwn(C, 's')] + ''; });
T('toString', () => { const d = () => { }; @d class C { m() { } } return C.toString() + new C().m.toString(); });
T('eval', () => { const d = () => { }; class C { @d accessor x = 1; m() { return eval('this.x + 1'); } } return new C().m(); });

T('many', () => { const d = (v, c) => x => (x ?? 0) + 1; class C { @d @d @d a = 1; @d b; @d @d #c = 5; get c() { return this.#c; } } const c = new C; return [c.a, c.b, c.c] + ''; });
T('construct in class decorator', () => { let made; const d = (v, c) => { made = new v().x; }; @d class C { x = 4; } return made; });
T('tdz', () => { const d = () => { C; }; @d class C { } });
T('tdz field', () => { const d = () => { C; }; class C { @d x; } });
for (const s of ['@d function f() {}', '@d let x', 'class C { @d constructor() {} }', 'class C { @d static {} }', '@d.#x class C {}', '@d[0] class C {}', '@d`x` class C {}', '@d()() class C {}', '@d?.x class C {}', '@(d)() class C {}', '@new.x class C {}', '@this class C {}', '@d', 'class C { @d }', 'class C { @d; }', 'if (1) @d class C {}', '({ @d m() {} })', 'class C { accessor x() {} }', 'class C { accessor get x() {} }', 'class C { accessor *x() {} }', 'class C { accessor constructor }', 'class C { static accessor prototype }', 'class C { accessor #x; get #x() {} }', 'class C { accessor static x }', 'class C { accessor x y }', '@yield class C {}', '@await class C {}', '@a.b.c.d(1, ...[2]) @(1 ? d : d) class C { @a @b.c() static async *[x]() {} }', '"use strict"; @yield class C {}', 'class C { @d @d }', 'class C { static @d x }', '@d export class C {}', 'x = @d class {}', 'x = @d function () {}'])
  { try { new Function(s); console.log('ok', s); } catch (e) { console.log(e.name, s); } }
