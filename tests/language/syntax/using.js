// using: disposed of in reverse on every way out, errors chained.
function r(name, fail) { return { name, [Symbol.dispose]() { console.log('dispose', name); if (fail) throw new Error(name); } }; }
function show(f) { try { console.log('->', f()); } catch (e) { const p = []; while (e instanceof SuppressedError) { p.push(e.error.message); e = e.suppressed; } p.push(e.message ?? e); console.log('!', p.join(' over ')); } }
show(() => { using a = r('a'); console.log('body', a.name); return 1; });
show(() => { { using a = r('a'), b = r('b'); console.log('body'); } return 2; });
show(() => { using a = r('a', true), b = r('b', true); throw new Error('body'); });
show(() => { using a = r('a', true); using b = r('b'); using c = r('c', true); return 3; });
show(() => { for (using x of [r(1), null, r(2), undefined, r(3)]) { if (x && x.name == 1) continue; console.log('in', x && x.name); if (x && x.name == 3) break; } return 'done'; });
show(() => { for (using x = r('x'), y = r('y');;) { return 'out'; } });
show(() => { l: for (let i = 0; i < 3; i++) { using x = r(i); for (using y of [r('y')]) { if (i == 1) continue l; if (i == 2) break l; } } return 'end'; });
show(() => { using x = r('x'); const y = using0(); return y; function using0() { return x.name; } });
show(() => { using x = 1; });
show(() => { using x = {}; });
show(() => { const fs = []; for (using x of [r(1), r(2)]) fs.push(() => x.name); return fs.map(f => f()).join(); });
function* g() { using x = r('g'); try { yield 1; yield 2; } finally { console.log('fin'); } }
for (const v of g()) { console.log(v); break; }
class C { static { using x = r('static'); console.log('block'); } }
show(() => { var using = [5]; using [0]; using
x = 1; var x; return using[0]; });
show(() => { var using = 3, of = [[7]]; for (using of of [0]) console.log(using[0]); for (using of = r('of');;) break; return using });
show(() => eval('{ using x = r("eval"); 42 }'));
for (const t of ['using x = 1', '{ using x; }', '{ using [a] = 1; }', '{ using {a} = 1; }', 'switch (1) { case 1: using x = 1; }', 'for (using x in {}) ;', '{ using let = 1 }', 'if (1) using x = 1;', '{ using x = 1; var x; }', '{using x = null; x = 1}', 'async function f() { for (await using x in y); }', 'async () => { await using x; }', '{ await using x = null }', '{using a = null, [b] = null}'])
  try { (0, eval)(t); console.log('ok', t); } catch (e) { console.log(e.name + ': ' + e.message, '|', t); }
