// Instances travel with their class: prototype, private members, attributes.
import { readText } from "rill:fs";
import { EventEmitter } from "node:events";
import { spawn } from "rill:task";

class Base {
  #secret;
  static #made = 0;
  constructor(secret) {
    this.#secret = secret;
    Base.#made++;
  }
  get secret() {
    return this.#secret;
  }
  set secret(value) {
    this.#secret = value;
  }
  #twice() {
    return this.#secret * 2;
  }
  get #half() {
    return this.#secret / 2;
  }
  set #half(value) {
    this.#secret = value * 2;
  }
  twice() {
    return this.#twice();
  }
  half(value) {
    if (value !== undefined) this.#half = value;
    return this.#half;
  }
  describe() {
    return "Base " + this.#secret;
  }
  static made() {
    return Base.#made;
  }
  static is(o) {
    return #secret in o && #twice in o && #half in o;
  }
}
class Middle extends Base {
  name = "middle";
  list = [1, 2];
  describe() {
    return `Middle of ${super.describe()}`;
  }
}
class Leaf extends Middle {
  #own = { deep: [3] };
  [Symbol.iterator]() {
    return this.list.values();
  }
  get own() {
    return this.#own;
  }
  describe() {
    return `Leaf of ${super.describe()}`;
  }
}

const base = new Base(21);
console.log(await spawn(() => {
  const before = [base.twice(), base.half(), base.secret, base.describe()];
  base.half(4);
  base.secret += 1;
  return [...before, base.secret, Base.made(), Base.is(base), Base.is({})];
}));
console.log(await spawn((o) => [o.describe(), [...o], o.own.deep, o.name,
                                Object.keys(o)], new Leaf(5)));

// The class is the same as one that comes by another way, and one for all.
const leaves = [new Leaf(1), new Leaf(2)];
console.log(await spawn((more) => [
  leaves[0].constructor === leaves[1].constructor,
  leaves[0] instanceof Leaf && leaves[1] instanceof Base,
  more.get("a").constructor === Leaf,
  more.get("a") === leaves[0],
  [...more.get("b")][0].describe(),
  Base.is(new Leaf(3)),
], new Map([["a", leaves[0]], ["b", new Set([new Middle(9)])]])).then((all) =>
  // Arguments are another part of the same copy.
  all.join()));

// Cycles, and an instance that its own class leads to.
class Node {
  static all = [];
  #parent;
  children = [];
  constructor(parent) {
    this.#parent = parent;
    parent?.children.push(this);
    Node.all.push(this);
  }
  get root() {
    return this.#parent ? this.#parent.root : this;
  }
}
const root = new Node(), child = new Node(root);
console.log(await spawn(() => [
  child.root === root,
  root.children[0] === child,
  Node.all[1] === child,
  child instanceof Node,
  Object.getPrototypeOf(root) === Node.prototype,
]));

// Prototypes without a class, and none.
const prototype = {
  hello() {
    return `hello ${this.who}`;
  },
  get loud() {
    return this.hello().toUpperCase();
  },
};
const greeter = Object.create(prototype, {
  who: { value: "you", enumerable: true },
  hidden: { value: 1 },
  computed: { get: () => 7, configurable: true },
});
console.log(await spawn((o, p) => [
  o.hello(),
  o.loud,
  o.hidden,
  o.computed,
  Object.getPrototypeOf(o) === p,
  JSON.stringify(Object.getOwnPropertyDescriptors(o)),
], greeter, prototype));
console.log(await spawn(
  (o) => [Object.getPrototypeOf(o), o.a],
  Object.assign(Object.create(null), { a: 1 }),
));
function Old(x) {
  this.x = x;
}
Old.prototype.get = function () {
  return this.x;
};
console.log(await spawn((o) => [o.get(), o instanceof Old], new Old(8)));
console.log(await spawn((p, C) => [Object.getOwnPropertyNames(p).join(),
                                   C.prototype === p],
                        Leaf.prototype, Leaf));

// Attributes, symbols and integrity.
const tag = Symbol("tag"), shared = Symbol.for("shared");
class Tagged {
  [tag] = 1;
  [shared] = 2;
  0 = "zero";
}
const tagged = Object.freeze(new Tagged());
console.log(await spawn((o) => [
  o[tag],
  o[Symbol.for("shared")],
  o[0],
  Object.isFrozen(o),
  Object.isFrozen(Object.freeze(new Tagged())),
], tagged));
console.log(await spawn((o) => Object.isExtensible(o),
                        Object.preventExtensions(new Middle(1))));

// Script does not run: accessors travel.
let runs = 0;
class Watched {
  constructor() {
    Object.defineProperty(this, "seen", {
      get: () => ++runs,
      enumerable: true,
    });
  }
}
console.log(await spawn((o) => [o.seen, o.seen], new Watched()), runs);

// Class expressions, in functions, computed bases, mixins, anonymous ones.
const mixin = (Parent) => class extends Parent {
  mixed() {
    return `mixed ${this.describe()}`;
  }
};
const Mixed = mixin(Base), Anonymous = class {
  static {
    this.ready = true;
  }
  ok = () => this.constructor.ready;
};
console.log(await spawn((a, b, c) => [a.mixed(), b.ok(), c.x()], new Mixed(4),
                        new Anonymous(), new (class {
                          #x = 6;
                          x = () => this.#x;
                        })()));

// Private members that a plain object was given, and a class without parent.
class Returns {
  constructor(o) {
    return o;
  }
}
class Stamp extends Returns {
  #stamp = "stamped";
  static of(o) {
    return #stamp in o ? o.#stamp : "none";
  }
}
class Orphan extends null {
  static made = Object.create(Orphan.prototype, { a: { value: 1 } });
}
console.log(await spawn((o, p) => [
  Stamp.of(o),
  Stamp.of(p),
  o.plain,
  Object.getPrototypeOf(o) === Object.prototype,
  Orphan.made.a,
  Orphan.made instanceof Orphan,
  Object.getPrototypeOf(Orphan.prototype),
], new Stamp({ plain: 1 }), { plain: 1 }));

// Of the language's own classes.
class Stack extends Array {
  label = "stack";
  #pops = 0;
  get top() {
    return this.at(-1);
  }
  pop() {
    this.#pops++;
    return super.pop();
  }
  get pops() {
    return this.#pops;
  }
}
class Registry extends Map {
  name = "registry";
  find(f) {
    for (const [key, value] of this) if (f(value)) return key;
  }
}
class Bag extends Set {
  #self = this;
  get self() {
    return this.#self;
  }
}
class Bytes extends Uint8Array {
  sum() {
    return this.reduce((a, b) => a + b, 0);
  }
}
class Day extends Date {
  next() {
    return new Day(this.getTime() + 86400000);
  }
}
class Pattern extends RegExp {
  all(text) {
    return [...text.matchAll(this)].length;
  }
}
class Counter extends Number {
  twice() {
    return this * 2;
  }
}
const stack = Stack.from([1, 2, 3]);
stack.pop();
const bag = new Bag([1]);
bag.add(bag);
console.log(await spawn(() => [
  stack.top,
  stack.pop(),
  stack.pops,
  stack.length,
  stack.label,
  stack instanceof Stack,
  stack.map((x) => x) instanceof Stack,
]));
console.log(await spawn((r, b, y, d, p, n) => [
  r.find((x) => x === 2),
  r.name,
  b.self === b && b.has(b),
  y.sum(),
  d.next().toISOString(),
  p.all("a1b2"),
  n.twice(),
], new Registry([["a", 1], ["b", 2]]), bag, new Bytes([1, 2, 3]), new Day(0),
                        new Pattern("\\d", "g"), new Counter(4)));

// Of classes of builtin modules, which go by name.
class Chat extends EventEmitter {
  said = [];
  say(what) {
    this.said.push(what);
    return this.emit("said", what);
  }
}
const chat = new Chat();
let heard = 0;
chat.on("said", () => ++heard);
console.log(await spawn(() => [chat.say("hi"), chat.said, heard,
                               chat instanceof EventEmitter]), heard);
console.log(await spawn((b, e) => [Buffer.isBuffer(b), b.toString(),
                                   e instanceof EventEmitter],
                        Buffer.from("text"), new EventEmitter()));

// What cannot be cloned is named.
const socket = Promise.resolve();
class Client {
  #socket = socket;
  plain = 1;
}
class Uses {
  send() {
    return socket;
  }
}
class Held {
  options = { deep: [new WeakMap()] };
}
class Fixed {
  static cache = new WeakMap();
}
for (const make of [() => new Client(), () => new Uses(), () => new Held(),
                    () => new Fixed(), () => [new Held()],
                    () => new Proxy(() => {}, {})]) {
  const value = make();
  try {
    await spawn(() => value);
  } catch (error) {
    console.log(error.name, error.message);
  }
}

// Errors keep their class, message, stack, cause and members.
class CodedError extends TypeError {
  #detail;
  constructor(message, code, options) {
    super(message, options);
    this.code = code;
    this.#detail = { code };
  }
  get name() {
    return "CodedError";
  }
  get detail() {
    return this.#detail;
  }
}
const describe = (error) => console.log(
  error.name,
  error.message,
  error.code,
  error.detail,
  error.cause?.message,
  error instanceof TypeError,
  /\n +at .*spawn_instances\.js/.test(error.stack),
  String(error),
);
await spawn(() => {
  throw new CodedError("thrown", 5, { cause: new RangeError("why") });
}).catch(describe);
describe(await spawn((e) => [e][0], new CodedError("passed", 6)));
console.log(await spawn((e) => [e instanceof CodedError, e.detail.code],
                        new CodedError("there", 7)));
// One that has what cannot be cloned is told of without that.
await spawn(() => {
  throw new CodedError("bare", new WeakMap());
}).catch(describe);

// Those without a class of their own keep what they were given, too.
await spawn(() => readText("/nope/at/all")).catch((error) => console.log(
  error.constructor === Error, error.code, error.path, error.message));
await spawn(() => Promise.any([Promise.reject(1)])).catch((error) => console.log(
  error.name, error.errors));
console.log(await spawn(() => Object.assign(new RangeError("r"), { at: [1] }))
  .then((error) => [error instanceof RangeError, error.at, Object.keys(error)]));
await spawn(() => {
  throw Object.assign(new Error("bare"), { code: 1, weak: new WeakMap() });
}).catch((error) => console.log(error.message, Object.keys(error)));

// structuredClone knows nothing of this.
const copied = structuredClone(new Leaf(1));
console.log(copied instanceof Leaf, Object.keys(copied));

// The language's own objects are the receiver's, whatever has them.
const objects = {
  Math, Reflect, Intl,
  object: Object.prototype,
  generator: Object.getPrototypeOf(function* () {}).prototype,
  iterator: Object.getPrototypeOf([][Symbol.iterator]()),
  TypeError: TypeError.prototype,
  Uint8Array: Uint8Array.prototype,
  Array: Array.prototype,
  String: String.prototype,
  WeakRef: WeakRef.prototype,
  NumberFormat: Intl.NumberFormat.prototype,
  URL: URL.prototype,
};
for (const [name, value] of Object.entries(objects)) {
  const [back] = await spawn(() => [value]);
  if (back !== value) console.log(name, "is another");
}
const { object, generator, TypeError: type, NumberFormat: format } = objects;
console.log(await spawn(() => [
  object === Object.prototype,
  object.hasOwnProperty.call({ a: 1 }, "a"),
  generator === Object.getPrototypeOf(function* () {}).prototype,
  type === TypeError.prototype,
  format === Intl.NumberFormat.prototype,
]));

// What inherits from something else than objects is copied by the web's rules,
// however far up that is.
for (const odd of [[1], new Map(), new Date(), new Error("odd"), new Proxy({}, {}),
                   new Proxy(function () {}, {})]) {
  for (const above of [odd, Object.create(odd),
                       Object.create(Object.create(odd))]) {
    const o = Object.create(above);
    o.a = 1;
    const c = await spawn((o) => o, o);
    if (c.a !== 1 || Object.getPrototypeOf(c) !== Object.prototype)
      console.log("another", odd, c);
  }
}
function OldError(message) {
  this.message = message;
}
OldError.prototype = new Error();
OldError.prototype.code = 7;
console.log(await spawn(() => {
  const error = new OldError("old");
  return [error instanceof Error, error.message, error.code];
}));

// Frozen, sealed, and with a length that stays.
class Row extends Array {}
const rows = [Object.freeze(Row.of(1, 2)), Object.seal(Row.of(3)),
              Object.preventExtensions(Row.of(4)),
              Object.defineProperty(Row.of(5), "length", { writable: false }),
              Object.freeze(new Row(9))];
const looks = (a) => [
  a.length, Object.isFrozen(a), Object.isSealed(a), Object.isExtensible(a),
  Object.getOwnPropertyDescriptor(a, "length").writable,
];
const same = JSON.stringify(rows.map(looks));
console.log(await spawn((rows) => JSON.stringify(rows.map(looks)), rows) === same,
            JSON.stringify((await spawn(() => rows)).map(looks)) === same);

// Prototypes of classes, by themselves.
class Above {
  a() {}
}
class Below extends Above {
  b() {}
}
class Error2 extends TypeError {}
class Nothing extends null {}
for (const C of [Above, Below, Error2, Nothing, Row])
  console.log(C.name, (await spawn(() => C.prototype)) === C.prototype,
              await spawn((p) => p === C.prototype, C.prototype));

// A constructor may give private members to whatever object.
class Seal extends (class { constructor(o) { return o; } }) {
  #mark;
  constructor(o, mark) {
    super(o);
    this.#mark = mark;
  }
  get #twice() {
    return this.#mark * 2;
  }
  static read(o) {
    return o.#mark + o.#twice;
  }
}
const marked = [{}, [1], () => 1, new Map([[1, 2]]), new Set([1]), new Date(3),
                 new Error("e"), new TypeError("t", { cause: 1 }), /x/g,
                 new Uint8Array(2), new ArrayBuffer(3), new DataView(new ArrayBuffer(1)),
                 Object("text"), Object(1), { a: 1 }, class {}];
for (const o of marked) new Seal(o, 5);
Object.freeze(marked[14]);
const read2 = await spawn((all) => all.map((o) => Seal.read(o)), marked);
console.log(read2.every((n) => n === 15), read2.length);
const [there, map] = await spawn((all) => [all.map((o) => String(Object.prototype.toString.call(o))),
                                           all[3]], marked);
console.log(there.every((s, i) => s === Object.prototype.toString.call(marked[i])),
            map.get(1), Object.getPrototypeOf(map) === Map.prototype);

// A view that its own buffer leads to.
class Buffer2 extends ArrayBuffer {}
class View2 extends Uint8Array {}
for (const View of [Uint8Array, View2, DataView]) {
  const buffer = new Buffer2(8);
  buffer.view = new View(buffer);
  buffer.other = new View(buffer, 1);
  for (const [v, w] of [await spawn((v, w) => [v, w], buffer.view, buffer.other),
                        await spawn((b) => [b.view, b.other], buffer)])
    console.log(v.buffer.view === v, w.buffer.other === w, v.buffer === w.buffer,
                v instanceof View, w.byteOffset, v.buffer instanceof Buffer2);
}

// Long chains of prototypes, and one that a getter bends into a circle under
// way: o, of P.prototype, has been seen when that becomes its heir.
let chain = null;
for (let i = 0; i < 3000; i++) chain = Object.create(chain, { i: { value: i } });
const depth = (o) => {
  let n = 0;
  while (o !== null && n < 5000) {
    o = Object.getPrototypeOf(o);
    n++;
  }
  return n;
};
console.log(await spawn((chain) => [depth(chain), chain.i], chain));
const trap = {
  get now() {
    Object.setPrototypeOf(bent, null);
    Object.setPrototypeOf(P.prototype, bent);
    return 1;
  },
};
class P {
  static trap = trap;
  where() {
    return trap.now;
  }
}
const bent = Object.create(P.prototype);
console.log(await spawn((o) => depth(o), bent), depth(P.prototype));
