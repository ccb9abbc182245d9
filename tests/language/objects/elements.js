// Holes, sparse arrays, lengths, index keys that come from elsewhere.
const show = (...a) => console.log(a.map((v) => typeof v === "string" ? v : JSON.stringify(v)).join(" "));
const a = [1, , 3];
show(a.length, 1 in a, a[1] === undefined, Object.keys(a));
a[10] = "ten";
show(a.length, Object.keys(a));
a[4294967294] = "last";
show(a.length, Object.keys(a).length, a[4294967294]);
a["4294967295"] = "no index";
show(a.length, a[4294967295], Object.keys(a).pop());
a.length = 3;
show(a.length, Object.keys(a));
a.length = 0;
a.push(1, 2);
show(a);
const fixed = [1, 2, 3];
Object.defineProperty(fixed, 1, { configurable: false });
fixed.length = 0;
show(fixed.length, fixed);
const ro = [1, 2];
Object.defineProperty(ro, "length", { writable: false });
try { ro.push(3); } catch (e) { show(e.constructor.name); }
ro[5] = 1;
ro[0] = 7;
show(ro, ro.length);
try { [].length = -1; } catch (e) { show(e.name, e.message); }
try { new Array(-1); } catch (e) { show(e.name, e.message); }
const getter = [];
Object.defineProperty(getter, 0, { get() { return "got"; }, enumerable: true });
getter[1] = "plain";
show(getter, getter[0]);
// A setter on a prototype catches stores to holes.
let caught;
Object.defineProperty(Array.prototype, 3, { set(v) { caught = v; }, configurable: true });
const h = [];
h[3] = "x";
show(h.length, caught);
delete Array.prototype[3];
h[3] = "y";
show(h.length, h[3]);
Array.prototype[1] = "proto";
show([0, , 2][1], [0, , 2].join());
delete Array.prototype[1];
const o = { length: 2, 0: "a", 1: "b" };
Array.prototype.push.call(o, "c");
show(o);
const str = new String("hey");
str.x = 1;
str[5] = "five";
show(Reflect.ownKeys(str), str.length, str[1]);
function f(p, q) { arguments[0] = "changed"; q = "q"; return [p, arguments[1], arguments.length, Object.keys(arguments)]; }
show(f(1), f(1, 2, 3));
function g(p) { Object.defineProperty(arguments, 0, { writable: false }); p = 2; return arguments[0]; }
show(g(1));
function d(p) { delete arguments[0]; arguments[0] = 5; return [p, arguments[0]]; }
show(d(1));
function fr(p) { Object.freeze(arguments); p = 2; return arguments[0]; }
show(fr(1));
function st() { "use strict"; try { arguments.callee; } catch (e) { return e.constructor.name; } }
show(st());
const many = [];
for (let i = 0; i < 100000; i++) many[i] = i;
for (let i = 99999; i >= 10; i--) delete many[i];
show(many.length, Object.keys(many).length);
const back = [];
for (let i = 5000; i >= 0; i--) back[i] = i;
show(back.length, back.reduce((x, y) => x + y));
