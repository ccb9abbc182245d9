// Classes: fields, private members, accessors, static blocks, inheritance.
const log = [];
class Base {
  static count = 0;
  static #registry = new Map();
  static { this.ready = true; log.push("static block"); }
  #secret = 42;
  plain = log.push("field") && "p";
  ["comp" + "uted"] = 1;
  #method() { return this.#secret; }
  get #hidden() { return this.#secret + 1; }
  set #hidden(v) { this.#secret = v; }
  constructor() { Base.count++; Base.#registry.set(this, Base.count); }
  reveal() { this.#hidden = this.#hidden * 2; return this.#method(); }
  static lookup(o) { return Base.#registry.get(o); }
  static has(o) { return #secret in o; }
  *gen() { yield this.#secret; }
  async later() { return this.#secret; }
  static async *agen() { yield 1; yield 2; }
  get [Symbol.toStringTag]() { return "Base!"; }
}
class Derived extends Base {
  extra = super.reveal() + 1;
  constructor(...args) { super(...args); this.args = args; }
  reveal() { return "derived " + super.reveal(); }
  static get viaSuper() { return super.count; }
}
const d = new Derived(1, 2);
console.log(d.extra, d.reveal(), d.args, Derived.viaSuper, Base.lookup(d), Base.has(d), Base.has({}));
console.log(String(d), [...d.gen()], Object.keys(d), log);
console.log(typeof Derived, Derived.name, Derived.length, Object.getOwnPropertyNames(Derived.prototype));
for (const bad of [() => Base(), () => class extends null { constructor() { super(); } }.prototype && new (class extends null { constructor() { super(); } })(),
                   () => new (class extends Base { constructor() {} })(), () => { Base.has(1); }, () => d.reveal.call({})]) {
  try { bad(); console.log("no error"); } catch (e) { console.log(e.name); }
}
const Anonymous = class { static whoami() { return this.name; } };
console.log(Anonymous.whoami(), (class Named {}).name, new (class { x = this; })().x !== undefined);
class A2 { static x = 1; static y = A2.x + 1; static z = (() => this.y + 1)(); }
console.log(A2.x, A2.y, A2.z);
class Arr extends Array { sum() { return this.reduce((a, b) => a + b, 0); } }
const arr = Arr.from([1, 2, 3]).map((x) => x * 2);
console.log(arr instanceof Arr, arr.sum(), arr.length, Arr.isArray(arr));
class Err extends TypeError { constructor(m) { super(m); this.name = "Err"; } }
try { throw new Err("boom"); } catch (e) { console.log(e instanceof TypeError, String(e)); }
d.later().then((v) => console.log("later", v));
(async () => { for await (const v of Base.agen()) console.log("agen", v); })();
class Counter { static #n = 0; static next = () => ++Counter.#n; }
console.log(Counter.next(), Counter.next());
class Accessors { static get a() { return 1; } static set a(v) { log.push(v); } get 1() { return "one"; } "quoted key"() { return "q"; } }
Accessors.a = 5; console.log(Accessors.a, new Accessors()[1], new Accessors()["quoted key"](), log.at(-1));
function Old(x) { if (!new.target) return new Old(x); this.x = x; }
Old.prototype.get = function () { return this.x; };
class New extends Old { get() { return super.get() + 1; } }
console.log(Old(3).get(), new New(4).get(), Reflect.construct(Old, [1], New) instanceof New);
