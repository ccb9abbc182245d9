// Functions that are compiled when they are first called: whatever they use of
// the code around them is as if they had been compiled with it. The comments in
// the bodies make them long enough not to be compiled at once.
const filler = 'a text that makes the program long enough'.repeat(2);

// Variables of several levels, read and written; each iteration's own.
function counter(start) {
  let count = start;
  const step = 2;
  function up() { /* long enough ................................................................................................ */
    const inner = () => { /* long enough ................................................................................................ */
      count += step;
      return count;
    };
    return inner();
  }
  return { up, get value() { /* long enough ................................................................................................ */ return count; },
           set value(v) { /* long enough ................................................................................................ */ count = v; } };
}
const c = counter(10);
console.log(c.up(), c.up(), c.value, (c.value = 1, c.up()));
const made = [];
for (let i = 0; i < 3; i++) {
  made.push(function () { /* long enough ................................................................................................ */ return i++; });
}
console.log(made.map((f) => f()), made.map((f) => f()));

// Uninitialized variables, constants, and functions' own names.
function early() {
  function reads() { /* long enough ................................................................................................ */ return later; }
  const errors = [];
  try { reads(); } catch (e) { errors.push(e.name + ': ' + e.message); }
  let later = 5;
  errors.push(reads());
  const fixed = 1;
  const writes = () => { /* long enough ................................................................................................ */ fixed = 2; };
  try { writes(); } catch (e) { errors.push(e.name + ': ' + e.message); }
  const own = function self(n) { /* long enough ................................................................................................ */
    self = null;
    return n ? n + self(n - 1) : 0;
  };
  errors.push(own(4), own.name, own.length);
  return errors;
}
console.log(early());

// this, arguments, new.target and super of the function around.
class Base { greet() { return 'base ' + this.name; } static make() { return new this('made'); } }
class Derived extends Base {
  #secret = 'hidden';
  #hide(x) { /* long enough ................................................................................................ */ return '<' + x + '>'; }
  get #both() { /* long enough ................................................................................................ */ return this.name; }
  set #both(v) { /* long enough ................................................................................................ */ this.name = v; }
  static count = (() => { /* long enough ................................................................................................ */ return this.name.length; })();
  field = () => { /* long enough ................................................................................................ */ return this.name + this.#secret; };
  constructor(name) {
    const before = () => { /* long enough ................................................................................................ */ return this; };
    let failed;
    try { before(); } catch (e) { failed = e.name; }
    const call = () => { /* long enough ................................................................................................ */ return super(); };
    call();
    this.name = name;
    this.failed = failed;
    this.same = before() === this;
  }
  greet() { /* long enough ................................................................................................ */ return super.greet() + '!'; }
  twice() { /* long enough ................................................................................................ */
    const inner = () => { /* long enough ................................................................................................ */ return super.greet() + this.#hide(this.#secret); };
    this.#both = this.#both + 's';
    return inner() + (#secret in this);
  }
}
const d = Derived.make();
console.log(d.greet(), d.twice(), d.field(), d.failed, d.same, Derived.count);
function pseudo(a, b) {
  const all = () => { /* long enough ................................................................................................ */
    return [arguments.length, arguments[1], new.target === undefined, this && this.x];
  };
  return all();
}
console.log(pseudo.call({ x: 7 }, 1, 2, 3));
function Shape(x) { /* long enough ................................................................................................ */ this.x = x; this.made = new.target === Shape; }
Shape.prototype.show = function () { /* long enough ................................................................................................ */ return this.x + String(this.made); };
console.log(new Shape(3).show(), Reflect.construct(Shape, [4], Derived).x, new Shape(5) instanceof Shape);
(function () {
  const lonely = function (x) { /* long enough ................................................................................................ */ this.x = x; };
  const other = function (x) { /* long enough ................................................................................................ */ this.y = x; };
  new other(1);
  console.log(Reflect.construct(lonely, [9], other), new other(2), Reflect.construct(lonely, [8], other));
})();

// Parameters: defaults that see others, patterns, rest, mapped arguments.
function parameters(a, { b, c = a + b } = { b: 2 }, ...rest) { /* long enough ................................................................................................ */
  var a;
  return [a, b, c, rest];
}
console.log(parameters(1), parameters(1, { b: 5 }, 6, 7), parameters.length);
function mapped(a) { /* long enough ................................................................................................ */ arguments[0] = 9; return a; }
function strictly(a) { 'use strict'; /* long enough ................................................................................................ */ arguments[0] = 9; return [a, this]; }
console.log(mapped(1), strictly(1));

// Blocks' functions in sloppy code (Annex B), and generators and async ones.
function annexB() { /* long enough ................................................................................................ */
  const before = typeof inBlock;
  { function inBlock() { /* long enough ................................................................................................ */ return before; } }
  return inBlock();
}
console.log(annexB());
function* numbers(n) { /* long enough ................................................................................................ */ for (let i = 0; i < n; i++) { const got = yield i; if (got) i += got; } return filler.length; }
const it = numbers(9);
console.log(it.next().value, it.next(3).value, [...it], [...numbers(3)]);
async function later(x) { /* long enough ................................................................................................ */ await null; return x * 2; }
async function* stream() { /* long enough ................................................................................................ */ yield await later(4); yield* [5, 6]; }
(async () => {
  const out = [];
  for await (const v of stream()) out.push(v);
  const arrow = async (x) => { /* long enough ................................................................................................ */ return (await later(x)) + out.length; };
  console.log(out, await arrow(1));
})();

// Direct eval and with keep what is around them findable.
function dynamic(code) {
  let hidden = 'seen';
  function reads() { /* long enough ................................................................................................ */ return typeof added + hidden; }
  eval(code);
  return reads() + eval('hidden');
}
console.log(dynamic('var added = 1'), dynamic('hidden = "changed"'));
function scoped(o) {
  with (o) { return function () { /* long enough ................................................................................................ */ return x + filler.length; }; }
}
console.log(scoped({ x: 1 })());

// What a function is shown as, and where its errors are.
function shown(a, b = 2) { /* long enough ................................................................................................ */ return a + b; }
console.log(String(shown) === "function shown(a, b = 2) { /* long enough ................................................................................................ */ return a + b; }",
  shown.name, shown.length, Object.keys(shown));
function fails() { /* long enough ................................................................................................ */
  throw new Error('here');
}
try { fails(); } catch (e) { console.log(/lazy_functions\.js:(\d+):(\d+)/.exec(e.stack.split('\n')[1]).slice(1)); }

// Syntax errors in functions that nobody calls are early.
for (const text of ['return x = ;', 'let y; var y;', '"use strict"; with (a) {}', 'break;', 'new.target; super.x;',
  'class A { m() { this.#nowhere; } }', '/(/;', 'let z; { var z; }']) {
  const whole = 'function never() { /* ' + filler.repeat(8) + ' */ ' + text + ' } "ran"';
  try { console.log((0, eval)(whole)); } catch (e) { console.log(e.name + ': ' + e.message); }
}

// The same function from many closures, calling itself before it returns.
function maker(depth) {
  return function recurse(n) { /* long enough ................................................................................................ */
    return n === 0 ? depth : recurse(n - 1) + maker(depth)(0);
  };
}
console.log(maker(2)(3), maker(3)(1));

// A function first called when the stack is nearly full.
function deep(n) {
  function bottom() { /* long enough ................................................................................................ */ return [[[[[[[[n]]]]]]]].flat(Infinity)[0]; }
  try { return deep(n + 1); } catch (e) { return typeof bottom === 'function' ? e.name : ''; }
}
console.log(deep(0));
