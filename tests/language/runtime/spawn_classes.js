// Classes that both sides know stay what they are.
import { channel, Mutex } from "rill:sync";
import { spawn } from "rill:task";
import { all, make as makeLooped } from "./worker/looped.mjs";
import { make, Shape } from "./worker/shapes.mjs";
import * as again from "./worker/shapes.mjs?again";

class Matrix {
  #cells;
  static made = 0;
  static #known = new Set();
  constructor(n) {
    this.#cells = [n];
    Matrix.made++;
  }
  get cells() {
    return this.#cells;
  }
  #sum() {
    Matrix.made++;
    return this.#cells.reduce((a, b) => a + b);
  }
  sum() {
    return this.#sum();
  }
  get #first() {
    return this.#cells[0];
  }
  set #first(value) {
    this.#cells[0] = value;
  }
  bump() {
    return ++this.#first;
  }
  static is(o) {
    return #cells in o && #sum in o && #first in o;
  }
  static known() {
    return Matrix.#known.size;
  }
}

// Results are of the class here, whose variables are meant.
const matrix = await spawn((n) => new Matrix(n), 4);
console.log(matrix instanceof Matrix, matrix.constructor === Matrix,
            Matrix.is(matrix), matrix.cells, Matrix.made);
console.log(matrix.sum(), matrix.bump(), Matrix.made);
console.log(await spawn((m) => m.sum(), matrix));
console.log((await spawn((m) => [m, m.cells], matrix))[0].cells);
const [twice, sent, same] = await spawn((m) => [m, Matrix, m], matrix);
console.log(twice === same, sent === Matrix, twice.constructor === Matrix);

// One that no variable holds which functions use.
class Quiet {
  #x = 1;
  get x() {
    return this.#x;
  }
}
const quiet = await spawn((q) => q, new Quiet());
console.log(quiet instanceof Quiet, quiet.x);

// Parents, also those that a function made; two classes of one text.
const mixin = (Parent) => class extends Parent {
  #mixed = 3;
  mixed() {
    return this.#mixed;
  }
  static has(o) {
    return #mixed in o;
  }
};
const Mixed = mixin(Matrix), Other = mixin(Matrix);
class Leaf extends Mixed {
  #own = 9;
  get #plus() {
    return this.#own + 1;
  }
  own() {
    return this.#plus;
  }
}
const leaf = await spawn(() => new Leaf(1));
console.log(leaf instanceof Leaf, leaf instanceof Mixed, leaf instanceof Other,
            Mixed.has(leaf), Other.has(leaf));
console.log(leaf.own(), leaf.mixed(), leaf.sum(), Matrix.is(leaf));
// Its copy is first here: that it is the parent of another tells which it is.
const [mixed, second] = await spawn(() => [new Mixed(1), new Leaf(2)]);
console.log(mixed instanceof Mixed, mixed instanceof Matrix, mixed.mixed(),
            second instanceof Mixed, second.mixed(), second.own());
const [parent, child] = await spawn(() => [Mixed, new Leaf(3)]);
console.log(Mixed.has(new parent(1)), child instanceof Mixed, child.mixed());
// The copy is still being read when its child is.
const makeBase = () => class {
  static #made = [];
  #base = 1;
  #method() {
    return ++this.#base;
  }
  get #both() {
    return this.#base;
  }
  set #both(value) {
    this.#base = value;
  }
  static keep() {
    makeBase.kept.push(new this());
    return this.#made.push(1);
  }
  derive() {
    return [new Derived(), makeBase.kept];
  }
  base() {
    this.#both += 10;
    return this.#method();
  }
  is(o) {
    return #base in o && #method in o && #both in o;
  }
};
makeBase.kept = [];
const Base = makeBase(), Base2 = makeBase();
class Derived extends Base {
  #own = 2;
  own() {
    return this.#own;
  }
}
Object.freeze(Base.prototype);
console.log(Base.keep());
for (const [base, derived] of [
       await spawn(() => [new Base(), new Derived()]),
       (await spawn(() => [new Derived(), new Base()])).reverse(),
     ]) {
  console.log(base instanceof Base, base instanceof Derived, base.base(),
              derived.base(), derived.own(), derived instanceof Base,
              new Base().is(base), base.is(derived), base.is(new Base2()));
}
const [kept] = await spawn(() => makeBase.kept);
console.log(kept.base(), new Base().is(kept));
const [, [keptToo]] = await spawn(() => new Base().derive());
console.log(keptToo.base(), new Base().is(keptToo), keptToo instanceof Base);
console.log((await spawn(() => Base)) === Base,
            (await spawn(() => new Base())) instanceof Base,
            await spawn((o) => [o.base(), o.derive()[0].own()], new Base()));
// A class of a function is another each time it runs.
function local() {
  return class {
    #x = 5;
    get x() {
      return this.#x;
    }
  };
}
const Local = local();
const of = await spawn((o) => o, new Local());
console.log(of instanceof Local, of.x);

// So is one of a loop, wherever in it: neither stands for a copy of the other.
const pairs = { all };
const pair = (name, C) => (pairs[name] ??= []).push(C) < 2;
for (const n of [0, 1]) {
  { pair("of", class { #x = n; static x(o) { return o.#x; } }); }
}
for (const n in { 0: 0, 1: 0 })
  switch (n) {
  default:
    pair("in", class { #x = n; static x(o) { return o.#x; } });
  }
for (const { C = class { #x = 0; static x(o) { return o.#x; } } } of [{}, {}])
  pair("target", C);
for (let n = 0; pair("test", class { #x = n; static x(o) { return o.#x; } });)
  n++;
for (let n = 0; n < 2;
     n++, pair("update", class { #x = n; static x(o) { return o.#x; } }));
let turns = 0;
again: while (turns < 2) {
  try {
    continue again;
  } finally {
    turns++;
    pair("finally", class { #x = turns; static x(o) { return o.#x; } });
  }
}
do ; while (pair("do", class { #x = turns++; static x(o) { return o.#x; } }));
for (const [name, [A, B]] of Object.entries(pairs)) {
  const [a, b, a2, b2] = await spawn((A, B) => [new A(7), new B(8), A, B], A, B);
  const [alone] = await spawn((A) => [new A(9)], A);
  const x = (C, o) => C.x ? C.x(o) : o.who();
  console.log(name, a instanceof a2, a instanceof b2, a instanceof B, b instanceof A,
              alone instanceof B, a2 === b2, x(a2, a), x(b2, b));
}
const looped = await spawn(() => makeLooped(0, 42));
console.log(looped.who(), looped instanceof all[1], all[1].is(looped));
// But what is evaluated once in its head, or behind it, is one class.
for (const C of [class { #x = 3; static x(o) { return o.#x; } }])
  pair("head", C);
for (let C = class { #x = 4; static x(o) { return o.#x; } }; C; C = null)
  pair("initializer", C);
{ pair("behind", class { #x = 5; static x(o) { return o.#x; } }); }
for (const name of ["head", "initializer", "behind"]) {
  const [C] = pairs[name];
  const o = await spawn((C) => new C(), C);
  console.log(name, o instanceof C, C.x(o));
}

// Instances before a class that their prototype does not lead to.
class Hidden {
  #x = 1;
  #method() {
    return Hidden.name;
  }
  get x() {
    return [this.#x, this.#method()];
  }
}
delete Hidden.prototype.constructor;
class Replaced {
  #x = 2;
  get #accessor() {
    return [this.#x];
  }
  set #accessor(value) {
    this.#x = value;
  }
  get x() {
    this.#accessor = 3;
    return this.#accessor;
  }
}
Object.defineProperty(Replaced.prototype, "constructor",
                      { get() { throw 0; } });
for (const C of [Hidden, Replaced]) {
  const frozen = Object.freeze(new C());
  const [a, f, c, b] = await spawn((a, f, C) => [a, f, C, new C()],
                                   new C(), frozen, C);
  console.log(c === C, a instanceof C, a.x, b instanceof C, b.x);
  console.log(f instanceof C, Object.isFrozen(f), f.x);
}

// Functions of a class, before the class.
const read = Object.getOwnPropertyDescriptor(Matrix.prototype, "cells").get;
console.log(await spawn((read) => [read.call(new Matrix(6)),
                                   read.call(matrix)], read));
const [reads, back] = await spawn((read) => [read, new Matrix(8)], read);
console.log(reads.call(back), reads.call(matrix), read.call(back));

// Errors.
class Failure extends RangeError {
  #code;
  constructor(message, code, options) {
    super(message, options);
    this.#code = code;
  }
  get code() {
    return this.#code;
  }
}
try {
  await spawn(() => {
    throw new Failure("failed", 7, { cause: new Failure("inner", 8) });
  });
} catch (error) {
  console.log(error instanceof Failure, error instanceof RangeError,
              error.message, error.code, error.cause instanceof Failure,
              error.cause.code);
}

// By way of another task, and of a channel.
const nested = await spawn(async () => {
  const { spawn } = await import("rill:task");
  const inner = await spawn((m) => m, new Leaf(5));
  return [inner, inner instanceof Leaf];
});
console.log(nested[0] instanceof Leaf, nested[0].own());
const [sender, receiver] = channel(1);
await sender.send(leaf);
const { value: received } = await receiver.next();
console.log(received instanceof Leaf, received !== leaf, received.own());

// A module's class is the worker's own where the module is imported, also when
// its copy would come first.
const shape = make(3);
const uses = () => make(4);
console.log(await spawn((shapes) => {
  const [one] = shapes, other = uses();
  return [
    one instanceof Shape,
    Shape.is(one),
    one.doubled() instanceof Shape,
    one.constructor === other.constructor,
  ];
}, [shape]));
console.log(await spawn((a) => [a.constructor === uses().constructor, a.sides],
                        shape));
const shapes = await spawn(() => [make(5), new again.Shape(6)]);
console.log(shapes[0] instanceof Shape, shapes[1] instanceof Shape,
            shapes[1] instanceof again.Shape, shapes[0].doubled().sides,
            shapes[1].sides, Shape.is(shapes[0]), again.Shape.is(shapes[1]));
const url = await spawn((f) => f(), again.where);
console.log(url.endsWith("shapes.mjs?again"));

// However much was sent since the class went.
const mutex = new Mutex();
let later;
{
  using guard = await mutex.lock();
  const held = { C: class { #k = 1; get k() { return this.#k; } } };
  later = [held.C, spawn(async (C, mutex) => {
    using guard = await mutex.lock();
    return new C();
  }, held.C, mutex)];
  for (let i = 0; i < 3; i++) {
    const functions = Array.from({ length: 1000 },
                                 (_, n) => (0, eval)(`() => ${i * 1000 + n}`));
    await spawn((functions) => functions.length, functions);
  }
}
const late = await later[1];
console.log(late instanceof later[0], late.k);

// Many classes, which no variables of their modules hold.
const many = [];
for (let i = 0; i < 40; i++) {
  const text = `export default { C: class { #n = ${i}; n() { return this.#n; } } }`;
  const url = `data:text/javascript,${encodeURIComponent(text)}`;
  many.push((await import(url)).default.C);
}
const ofMany = await spawn((many) => many.map((C) => new C()), many);
console.log(ofMany.every((o, i) => o instanceof many[i] && o.n() === i));
// Those that are garbage make room.
const sends = "await spawn((C) => 0, class { #x = 1; });\n".repeat(100);
const sending = `import { spawn } from "rill:task";\n${sends}`;
await import(`data:text/javascript,${encodeURIComponent(sending)}`);
console.log((await spawn((C) => new C(), many[0])) instanceof many[0]);
