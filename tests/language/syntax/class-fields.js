let n = 0; const k = 'zz';
class A { a = 1; b = [n++]; #p = 5; [k] = n; 3 = 'three'; static s = 1; #m() { return this.#p; } get() { return this.#m() + this.a; } constructor(a) { this.c = a; } }
class B extends A { d = {q: k}; e; constructor(x) { const f = () => super(x); f(); this.z = this.d.q; } }
class C extends B { f = n; }
class D { g = () => this; h = 2; }
console.log(JSON.stringify(new A(7)), new A(1).get(), JSON.stringify(new B(8)), JSON.stringify(new C(9)), new D().g() instanceof D, JSON.stringify(new D));
class E { x = undefinedvar; } try { new E } catch (e) { console.log(e.message) }
class F extends Object { constructor(){ eval('super()'); } y = 4; } console.log(new F().y);
