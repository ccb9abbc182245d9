// f.apply(x, arguments), spread calls and `arguments` that is only read.
function list(a, b) { return [this && this.q, a, b, arguments.length].join(); }
function forward() { return list.apply({ q: 7 }, arguments); }
function twice(a) { return forward.apply(null, arguments); }
console.log(twice(1, 2, 3));
list.apply = function (self, args) { return 'own ' + [].slice.call(args); };
console.log(twice(1, 2, 3));
delete list.apply;
function mapped(a) { a = 5; return list.apply(this, arguments); }
console.log(mapped.call({ q: 1 }, 2));
console.log(list(...[1, 2, 3]), list(...[1, , 3]), list(...new Set([5, 6])),
    list(...'xy'), list(0, ...[1]));
const shared = [1];
function change() { shared[0] = 9; return arguments[0]; }
console.log(change(...shared));
class A { constructor(...a) { this.a = a; } }
class B extends A { constructor(...r) { super(...r); } }
class C extends B {}
console.log(new B(1, 2).a.join(), new C(3, 4).a.join(), new A(...[7]).a.join());
try { list(...5); } catch (e) { console.log(e instanceof TypeError); }
