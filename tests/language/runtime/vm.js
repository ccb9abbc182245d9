// node:vm: contexts, scripts, functions.
import vm from "node:vm";
const context = vm.createContext({ a: 1, log: console.log });
console.log(vm.runInContext("var b = a + 1; c = 3; function f() { return b }; a = 10; typeof process + typeof Array", context));
console.log(context.a, context.b, context.c, typeof context.f, Object.keys(context).sort());
delete context.d;
context.d = { x: 1 };
console.log(vm.runInContext("typeof b + d.x; d.y = 2; [typeof b, Object.keys(d).join()] + ''", context), context.d.y);
console.log(vm.runInNewContext("x * 2", { x: 21 }), vm.isContext(context), vm.isContext({}), vm.runInNewContext("[]") instanceof Array, Array.isArray(vm.runInNewContext("[]")));
globalThis.shared = 5;
console.log(vm.runInThisContext("shared + 1"), new vm.Script("1 + 1").runInThisContext(), vm.compileFunction("return a + b", ["a", "b"])(1, 2));
for (const f of [() => new vm.Script("let = ="), () => vm.runInNewContext("nope"), () => vm.runInContext("1", {}), () => vm.runInNewContext("throw new TypeError('t')")]) {
  try { f(); } catch (e) { console.log(e.name, e instanceof Error); }
}
const strict = vm.createContext(undefined, { codeGeneration: { strings: false } });
try { vm.runInContext("eval('1')", strict); } catch (e) { console.log(e.name); }
console.log(vm.runInContext("(function(){return { x: /a/.test('a') };})()", strict).x);
