// Classes: fields, private names, accessors, super, static blocks, new.target.
class A {
  #count = 0;
  static #made = 0;
  static made() { return A.#made; }
  name = this.constructor.name;
  ['comp' + 'uted'] = 1;
  constructor(x) { A.#made++; this.x = x; this.target = new.target.name; }
  get count() { return this.#count; }
  set count(v) { this.#count = v; }
  #secret() { return 'secret' + this.x; }
  reveal() { return this.#secret(); }
  static is(o) { return #count in o; }
  static { this.ready = true; }
  toString() { return `A(${this.x})`; }
}
class B extends A {
  y = this.x + 1;
  constructor(...args) { const arrow = () => super(...args); arrow(); }
  toString() { return 'B:' + super.toString(); }
  get count() { return super.count * 10; }
  set count(v) { super.count = v; }
}
const b = new B(5);
b.count = 3;
console.log(String(b), b.count, b.y, b.name, b.target, b.computed, b.reveal());
console.log(A.made(), A.ready, A.is(b), A.is({}), Object.keys(b).join());
try { A(); } catch (e) { console.log(e.message); }
try { A.prototype.reveal.call({}); } catch (e) { console.log(e.constructor.name); }
class C extends A { constructor() { try { this.x; } catch (e) { console.log(e.constructor.name); } super(1); } }
new C();
class D extends A { constructor() { return { plain: true }; } }
console.log(new D().plain);
class E extends A { constructor() { try { return 1; } catch (e) { console.log('not here'); } } }
try { new E(); } catch (e) { console.log(e.constructor.name); }
class Stack extends Array { top() { return this[this.length - 1]; } }
const s = Stack.from([1, 2, 3]);
console.log(s.top(), s.map((v) => v * 2) instanceof Stack, s.length);
const F = class Named { static self() { return Named; } };
console.log(F.name, F.self() === F, typeof Named);
console.log(Reflect.construct(A, [9], class Z {}).target);
const obj = { __proto__: { hi() { return 'proto'; } }, hi() { return super.hi() + '!'; } };
console.log(obj.hi());
function Old(v) { if (!new.target) return new Old(v); this.v = v; }
Old.prototype.get = function () { return this.v; };
console.log(Old(4).get(), new Old(5).get());
Old.prototype = { get() { return 'changed'; } };
console.log(new Old(6).get());
