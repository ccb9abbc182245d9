// super() of what is no constructor.
const T = f => { try { f(); } catch (e) { console.log(e.message); } };
T(() => { class A extends null { } new A; }); T(() => { class A extends null { constructor() { super(); } } new A; }); T(() => { class A extends null { constructor(...a) { super(...a); } } new A; });
T(() => { class B { } class A extends B { constructor() { super(); } } Object.setPrototypeOf(A, Math.max); new A; }); T(() => { const A = class extends Object { }; Object.setPrototypeOf(A, () => { }); new A; });
T(() => { new (class extends Object { constructor() { super(...[1]); } static { Object.setPrototypeOf(this, parseInt); } }); }); T(() => { class A extends Object { constructor() { new u(...[1]); let u; } } new A; }); T(() => { class A extends Object { constructor() { const u = 1; new u(...[1]); } } new A; });
