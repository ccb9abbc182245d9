// Decorators: what is evaluated, called and run, and when.
const log = [];
const d = name => (log.push('eval ' + name), function (value, context) { log.push(`call ${name} ${context.kind} ${String(context.name)} ${context.static} ${context.private} ${typeof value}`); context.addInitializer?.(function () { log.push(`extra ${name} ${this === C ? 'C' : typeof this}`); }); if (context.kind == 'field') return function (v) { log.push(`init ${name} ${v}`); return v + 1; }; if (context.kind == 'accessor') return { get() { log.push('get ' + name); return value.get.call(this); }, set(v) { log.push('set ' + name); value.set.call(this, v); }, init(v) { log.push(`init ${name} ${v}`); return v * 2; } }; if (context.kind == 'class') return; return function (...args) { log.push(`in ${name}`); return value.apply(this, args); }; });
let C;
@d('c1') @d('c2') class X {
  static { C = X; }
  @d('m1') @d('m2') m(a) { return 'm' + a; }
  @d('f1') @d('f2') f = (log.push('value f'), 1);
  @d('sf') static sf = (log.push('value sf'), 5);
  @d('sm') static sm() { return 'sm'; }
  @d('g') get x() { return this._x; }
  @d('s') set x(v) { this._x = v; }
  @d('a') accessor acc = 3;
  @d('sa') static accessor sacc = 4;
  @d('pf') #p = 10; @d('pm') #pm() { return 'pm'; } @d('pa') accessor #pa = 7; @d('spm') static #spm() { return 'spm'; }
  @d('ck') [(log.push('key'), 'ck')]() { return 'ck'; }
  @d('cf') [(log.push('key2'), 'cf')] = 2;
  test() { return [this.#p, this.#pm(), this.#pa, (this.#pa = 5, this.#pa), X.#spm()]; }
}
console.log(log.splice(0).join('\n')); console.log('--- new'); const x = new X; console.log(log.splice(0).join('\n'));
console.log(x.m(1), x.f, X.sf, X.sm(), (x.x = 3, x.x), x.acc, (x.acc = 9, x.acc), X.sacc, x.test(), x.ck(), x.cf); console.log(log.splice(0).join('\n'));
console.log(Object.getOwnPropertyNames(X.prototype).join(), Object.getOwnPropertyNames(X).join(), Object.keys(x).join());
