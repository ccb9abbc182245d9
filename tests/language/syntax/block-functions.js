// Annex B.3.3: which variable a function in a block also assigns.
const T = (n, f) => { try { console.log(n, f()); } catch (e) { console.log(n, e.name + ': ' + e.message); } };
T('let', () => { let f = 1; eval('{ function f() {} }'); return f; });
T('const', () => { const f = 1; eval('{ function f() {} }'); return f; });
T('let around', () => { { let f = 1; eval('{ function f() {} }'); } return typeof f; });
T('parameter', () => (function (f) { eval('{ function f() {} }'); return typeof f; })(1));
T('in parameters', () => (function (a = eval('{ function f() {} }'), b = typeof f) { return [b, typeof f]; })());
T('with', () => { const o = { f: 1 }; with (o) { eval('{ function f() {} }'); } return [typeof f, typeof o.f]; });
T('global', () => (0, eval)('{ function gg() {} } typeof gg + Object.getOwnPropertyDescriptor(globalThis, "gg").configurable'));
T('redeclared', () => { let q; { eval('var q'); } });
Object.defineProperty(globalThis, 'fixed', { value: 1 });
T('fixed', () => (0, eval)('function fixed() {}'));
T('fixed in block', () => (0, eval)('{ function fixed() {} } fixed'));
T('before and after', () => { { var before = typeof f; f = 1; function f() {} var after = typeof f; } return [before, after, typeof f]; });
