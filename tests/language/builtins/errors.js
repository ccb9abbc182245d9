// Errors: constructors, cause, toString, stacks.
const show = (...values) => console.log(values.map(String).join(" | "));
show(new Error("m"), new TypeError("t"), Error("called"), new RangeError(), new Error(undefined).message === "");
show(Object.getOwnPropertyNames(new Error("m", { cause: 1 })).filter((n) => n !== "stack"), new Error("m", { cause: 0 }).cause, "cause" in new Error("m", {}));
const aggregate = new AggregateError([1, new Error("x")], "all", { cause: "c" });
show(aggregate, aggregate.errors.length, aggregate.errors[0], aggregate.cause, aggregate instanceof Error, AggregateError.length);
show(Object.getPrototypeOf(TypeError) === Error, Object.getPrototypeOf(TypeError.prototype) === Error.prototype, TypeError.prototype.name, EvalError.prototype.message === "");
show(Error.prototype.toString.call({ name: "N", message: "M" }), Error.prototype.toString.call({ name: "", message: "M" }), Error.prototype.toString.call({ name: "N" }), Error.prototype.toString.call({}));
class Custom extends Error {
  constructor(message) { super(message); this.name = "Custom"; }
}
const custom = new Custom("mine");
show(custom, custom instanceof Custom, custom instanceof Error, Object.prototype.toString.call(custom));
function outer() { return inner(); }
function inner() { return new Error("deep"); }
const lines = outer().stack.split("\n");
show(lines[0], lines[1].includes("inner"), lines[2].includes("outer"), /:\d+:\d+\)?$/.test(lines[1]));
show(custom.stack.split("\n")[0]);
class Thing { constructor() { this.e = new Error("in ctor"); } }
show(/^    at new Thing \(/.test(new Thing().e.stack.split("\n")[1]));
const holder = { name: "Holder", message: "msg" };
function hideMe() { Error.captureStackTrace(holder, hideMe); }
function visible() { hideMe(); }
visible();
show(holder.stack.split("\n")[0], holder.stack.includes("hideMe"), holder.stack.split("\n")[1].includes("visible"), Object.keys(holder));
Error.stackTraceLimit = 1;
show(outer().stack.split("\n").length);
Error.stackTraceLimit = 0;
show(outer().stack);
Error.stackTraceLimit = 10;
const withStack = new Error("s");
withStack.stack = "replaced";
show(withStack.stack);
const messages = [
  () => null.x, () => undefined.foo, () => { const o = {}; o.f(); }, () => notDefined, () => { const c = 1; c = 2; },
  () => Symbol() + "", () => 1n + 1, () => new (class { #p; static t(o) { return o.#p; } }).t({}), () => [].reduce((a) => a),
  () => new Array(-1), () => "x".repeat(-1), () => (1).toFixed(101), () => decodeURIComponent("%"), () => BigInt("1x"), () => BigInt(1.5), () => 1n / 0n,
];
for (const f of messages) {
  try { f(); show("no error"); } catch (e) { show(e.constructor.name); }
}
async function a1() { await null; throw new Error("async one"); }
async function a2() { await a1(); }
a2().catch((e) => { show(e.message, e.stack.split("\n")[0], e.stack.includes("a1"), e.stack.includes("async a2")); });
// What only inherits from Error may have any stack; libraries copy undefined.
function Derived() {
  this.stack = undefined;
}
Derived.prototype = Object.create(Error.prototype);
show(Object.hasOwn(new Derived(), "stack"));
