// Members of builtins are made when somebody first looks; nobody may notice.
// Each line is the first to touch its object.
console.log(Object.getOwnPropertyNames(WeakRef.prototype).join());
console.log(Reflect.ownKeys(DisposableStack).map(String).join());
console.log(Object.isFrozen(Object.freeze(WeakSet.prototype)), WeakSet.prototype.has.name);
WeakMap.prototype.get = 1;
console.log(WeakMap.prototype.get, Object.getOwnPropertyNames(WeakMap.prototype).join());
console.log(delete DataView.prototype.getInt8, "getInt8" in DataView.prototype, "getInt16" in DataView.prototype);
Object.setPrototypeOf(Atomics, { inherited: 2 });
console.log(Atomics.inherited, typeof Atomics.add, Object.keys(Atomics).length);
class Own extends SharedArrayBuffer {}
console.log(new Own(8).slice(2).byteLength, Own.length);
console.log(Object.assign(Object.create(FinalizationRegistry.prototype), { x: 1 }).register.length);
let seen = "";
for (const key in Object.create(Intl.Segmenter.prototype)) seen += key;
console.log(seen === "", Intl.Segmenter.prototype[Symbol.toStringTag]);
const bound = Intl.Collator.bind(null);
console.log(bound.name, bound.length, Intl.Collator.prototype.constructor === Intl.Collator);
RegExp.prototype.exec = function () { return null; };
console.log(/a/.test("a"), "a".replace(/a/, "b"));
// A realm's members are its own, whoever touches them first.
const other = new ShadowRealm().evaluate("(f) => f(Object.getPrototypeOf(Map.prototype.get) === Function.prototype)");
console.log(other((same) => same));
console.log(Object.getPrototypeOf(Map.prototype.get) === Function.prototype);
// A cache that saw nothing learns of what appears later.
const read = (o) => o.toJSON;
for (let i = 0; i < 100; i++) read(new Set());
Set.prototype.toJSON = 3;
console.log(read(new Set()));
