// Attributes, order, integrity levels, prototypes.
const show = (...a) => console.log(a.map((v) => typeof v === "string" ? v : JSON.stringify(v)).join(" "));
const o = { b: 1, 2: "two", a: 2, 1: "one", [Symbol.iterator]: 0 };
show(Object.keys(o), Reflect.ownKeys(o).length);
Object.defineProperty(o, "hidden", { value: 1, configurable: true });
show(Object.keys(o), Object.getOwnPropertyDescriptor(o, "hidden"));
delete o.b;
o.b = 3;
show(Object.keys(o));
const big = {};
for (let i = 0; i < 500; i++) big["k" + i] = i;
for (let i = 0; i < 500; i += 3) delete big["k" + i];
let sum = 0;
for (const k in big) sum += big[k];
show(Object.keys(big).length, sum, "k3" in big, big.k4);

// Integrity.
"use strict";
const frozen = Object.freeze({ x: 1, y: [1, 2] });
try { (function () { "use strict"; frozen.x = 2; })(); } catch (e) { show(e.message); }
try { (function () { "use strict"; frozen.z = 2; })(); } catch (e) { show(e.message); }
try { (function () { "use strict"; delete frozen.x; })(); } catch (e) { show(e.constructor.name); }
frozen.y.push(3);
show(frozen, Object.isFrozen(frozen), Object.isSealed(frozen));
const fa = Object.freeze([1, 2, 3]);
try { fa.push(4); } catch (e) { show(e.constructor.name); }
show(fa, fa.length, fa.map((x) => x * 2));
const sealed = Object.seal([1, 2]);
sealed[0] = 9;
sealed[5] = 1;
show(sealed, Object.isFrozen(sealed));

// Accessors and inheritance.
const base = { get v() { return this.w + 1; }, set v(x) { this.w = x; } };
const derived = Object.create(base);
derived.v = 41;
show(derived.v, Object.keys(derived));
Object.defineProperty(base, "ro", { value: 1 });
derived.ro = 2;
show(derived.ro, Object.hasOwn(derived, "ro"));
class A { static s = 1; #p = 1; get p() { return this.#p; } static has(o) { return #p in o; } }
class B extends A {}
show(B.s, new B().p, A.has(new B()), A.has({}), Object.getOwnPropertyNames(B));
Object.setPrototypeOf(base, { inherited: "yes" });
show(derived.inherited);
try { Object.setPrototypeOf(base, derived); } catch (e) { show(e.message); }
function late() {}
late.prototype.m = () => "m";
show(new late().m(), Object.getOwnPropertyNames(late));
delete late.name;
show(late.name, Object.hasOwn(late, "name"));

// Caches see changes above them.
function read(x) { return x.prop; }
const p = {}, c = Object.create(p);
for (let i = 0; i < 100; i++) read(c);
p.prop = 1;
show(read(c));
delete p.prop;
Object.prototype.prop = 2;
show(read(c));
delete Object.prototype.prop;
show(read(c) === undefined);
show(Object.groupBy([1, 2, 3, 4], (x) => x % 2 ? "odd" : "even"));
show(Object.fromEntries(new Map([["a", 1], ["b", 2]])), Object.entries({ x: 1, get y() { return 2; } }));
