// super[key] as a target: the base is read once, before the key is converted
// and before the right side is evaluated.
const log = [];
const one = { p: 1, get q() { return 'one'; }, set q(v) { log.push('one ' + v); } };
const two = { p: -1, get q() { return 'two'; }, set q(v) { log.push('two ' + v); } };
const o = {
  __proto__: one,
  reset() { Object.setPrototypeOf(o, one); delete this.p; return this; },
  key(name) { return { toString() { log.push('key'); Object.setPrototypeOf(o, two); return name; } }; },
  compound() { return super[this.key('p')] += 1; },
  increment() { return super[this.key('p')]++; },
  logical() { return super[this.key('p')] &&= 7; },
  assign() { super.q = (Object.setPrototypeOf(o, two), 3); },
  element() { super[this.key('q')] = 4; },
  pattern() { [super.q, super[this.key('q')]] = [5, 6]; },
  loop() { for (super.q of [8, 9]); },
  method() { return super[this.key('q')]; },
};
for (const name of ['compound', 'increment', 'logical', 'assign', 'element', 'pattern', 'loop', 'method']) {
  console.log(name, o.reset()[name](), o.p, log.splice(0).join());
}
const none = { __proto__: null, get() { return super.x; }, update() { super[{ toString() { log.push('never'); } }]++; }, set() { super.x = log.push('value'); } };
for (const name of ['get', 'update', 'set']) {
  try { none[name](); } catch (e) { console.log(name, e.constructor.name, log.splice(0).join()); }
}
// Missing arguments stay missing.
let count;
const sync = { [Symbol.iterator]() { return this; }, next() { count = arguments.length; return { done: true }; } };
(async () => { for await (const _ of sync); console.log(count); })();
