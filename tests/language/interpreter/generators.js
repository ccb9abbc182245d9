// Generators: resumption by next, throw and return; delegation; for-of.
function* counter(n) {
  try {
    for (let i = 0; i < n; i++) {
      const sent = yield i;
      if (sent !== undefined) console.log('sent', sent);
    }
    return 'end';
  } finally {
    console.log('finally');
  }
}
const c = counter(3);
console.log(JSON.stringify(c.next()), JSON.stringify(c.next('a')));
console.log(JSON.stringify(c.return('r')), JSON.stringify(c.next()));
for (const v of counter(5)) {
  if (v === 2) break;
  console.log(v);
}
function* outer() {
  const result = yield* counter(2);
  console.log('inner returned', result);
  try {
    yield 'x';
  } catch (e) {
    console.log('caught', e);
    yield 'recovered';
  }
}
const o = outer();
console.log(JSON.stringify([o.next(), o.next(), o.next(), o.throw('t'), o.next()]));
function* self() {
  try {
    it.next();
  } catch (e) {
    console.log(e instanceof TypeError);
  }
  yield 1;
}
const it = self();
it.next();
console.log(String([...counter(3)]), Math.max(...counter(4)));
const [a, , b = 'd', ...rest] = (function* () { yield* [1, 2, undefined, 4, 5]; })();
console.log(a, b, String(rest));
function* args() { yield arguments.length; yield [...arguments].join(); }
console.log(String([...args(1, 2, 3)]));
const fresh = counter(1);
try { fresh.throw(new Error('early')); } catch (e) { console.log(e.message); }
console.log(JSON.stringify(fresh.next()));
class Tree {
  constructor(l, v, r) { this.l = l; this.v = v; this.r = r; }
  *[Symbol.iterator]() {
    if (this.l) yield* this.l;
    yield this.v;
    if (this.r) yield* this.r;
  }
}
console.log(String([...new Tree(new Tree(null, 1, null), 2, new Tree(null, 3, null))]));
