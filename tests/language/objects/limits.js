// Depths and sizes that must end in an error or an answer, not in a crash.
const show = (...a) => console.log(a.join(" "));
const attempt = (name, f) => { try { show(name, f()); } catch (e) { show(name, e.constructor.name); } };
let strings = new String("");
const target = function () {};
for (let i = 0; i < 200000; i++) {
  target.prototype = strings;
  strings = Reflect.construct(String, ["x"], target);
}
attempt("get", () => strings.absent);
attempt("has", () => "absent" in strings);
attempt("set", () => { "use strict"; strings.absent = 1; return "set"; });
let plain = {};
for (let i = 0; i < 200000; i++) plain = Object.create(plain);
attempt("plain", () => plain.absent === undefined && !("absent" in plain));
let bound = function () { return "called"; };
for (let i = 0; i < 200000; i++) bound = bound.bind();
attempt("bound instanceof", () => ({}) instanceof bound);
let proxies = {};
for (let i = 0; i < 200000; i++) proxies = new Proxy(proxies, {});
attempt("keys", () => Object.keys(proxies));
attempt("isArray", () => Array.isArray(proxies));
attempt("freeze", () => Object.freeze(proxies));
const self = Object.setPrototypeOf({}, new Proxy({}, {}));
Object.setPrototypeOf(Object.getPrototypeOf(self), self);
attempt("cycle", () => self.absent);
attempt("length", () => { const a = []; a.length = 4294967295; a.push(1); });
attempt("apply", () => Math.max.apply(null, { length: 1e9 }));
attempt("from", () => Reflect.construct(Array, { length: 2 ** 32 }));
const wide = {};
for (let i = 0; i < 300000; i++) wide["p" + i] = i;
attempt("wide", () => Object.keys(wide).length + Object.entries(wide)[299999][1]);
attempt("getter", () => { const o = { get a() { return this.a; } }; return o.a; });
