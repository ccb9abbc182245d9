// Iterator helpers: chains, closing, and that a long walk leaves no stack behind.
function source(log, n) {
  let i = 0;
  return {
    __proto__: Iterator.prototype,
    next() { return i < n ? { value: i++, done: false } : { value: undefined, done: true }; },
    return() { log.push('closed'); return {}; },
  };
}
const numbers = Array.from({ length: 300000 }, (_, i) => i);
console.log(numbers.values().map(x => x + 1).toArray().length);
console.log(numbers.values().drop(2).take(250000).reduce((a, b) => a + b));
{
  const manual = numbers.values().map(x => x);
  let n = 0;
  while (!manual.next().done) n++;
  console.log(n);
}

const log = [];
console.log(source(log, 5).some(x => x === 2), log.splice(0));
console.log(source(log, 5).take(2).toArray(), log.splice(0));
try {
  source(log, 5).map(() => { throw new Error('mapper'); }).next();
} catch (e) { console.log(e.message, log.splice(0)); }
const unstarted = source(log, 5).filter(x => x);
console.log(unstarted.return(), log.splice(0), unstarted.next(), unstarted.return());
const both = source(log, 2).flatMap(() => source(log, 9));
console.log(both.next().value, both.return(), log.splice(0));

console.log([...source(log, 5).chunks(2)], [...source(log, 4).windows(3)]);
console.log([...source(log, 2).windows(3, 'allow-partial')]);
console.log(source(log, 5).includes(3, 4), source(log, 5).includes(4, 4), log.splice(0));
console.log(source(log, 4).join('-'));
console.log([...Iterator.zip([[1, 2, 3], 'ab'.split('')])]);
console.log([...Iterator.zip([[1, 2], [3]], { mode: 'longest', padding: [0, 9] })]);
console.log([...Iterator.zipKeyed({ a: [1, 2], b: source(log, 9) })].map(o => JSON.stringify(o)), log.splice(0));
try {
  [...Iterator.zip([source(log, 1), source(log, 3)], { mode: 'strict' })];
} catch (e) { console.log(e.name, log.splice(0)); }
try { Iterator.prototype.next; numbers.values().take(NaN); } catch (e) { console.log(e.name, e.message); }
const helper = numbers.values().map(x => x);
for (const method of ['next', 'return']) {
  try { Object.getPrototypeOf(helper)[method].call({}); } catch (e) { console.log(e.name); }
  try { (function* () {})().constructor; Object.getPrototypeOf(function* () {}).prototype[method].call(helper); } catch (e) { console.log(e.name); }
}
