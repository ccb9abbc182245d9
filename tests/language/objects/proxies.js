// Traps and their invariants.
const show = (...a) => console.log(a.map((v) => typeof v === "string" ? v : JSON.stringify(v)).join(" "));
const log = [];
const handler = new Proxy({}, {
  get(_, trap) {
    return (target, ...args) => {
      log.push(trap);
      return Reflect[trap](target, ...args);
    };
  },
});
const p = new Proxy({ a: 1 }, handler);
p.b = 2;
p.a;
"a" in p;
delete p.a;
Object.keys(p);
Object.getPrototypeOf(p);
Object.setPrototypeOf(p, null);
Object.isExtensible(p);
Object.preventExtensions(p);
Object.defineProperty(p, "b", { value: 3 });
({ ...p });
show(log);
const fp = new Proxy(function (x) { return [this?.t, x, new.target === undefined]; }, {});
show(fp.call({ t: 1 }, 2), typeof fp);
const cp = new Proxy(class { constructor(x) { this.x = x; } }, { construct(t, args, nt) { return Reflect.construct(t, [args[0] * 2], nt); } });
show(new cp(21));
const inherits = Object.create(new Proxy({}, { get: (t, k, r) => `${String(k)} of ${typeof r}`, has: () => true }));
show(inherits.anything, "x" in inherits);
const target = {};
Object.defineProperty(target, "fixed", { value: 1 });
for (const [trap, use] of [
  [{ get: () => 2 }, (q) => q.fixed],
  [{ has: () => false }, (q) => "fixed" in q],
  [{ deleteProperty: () => true }, (q) => delete q.fixed],
  [{ ownKeys: () => [] }, (q) => Object.keys(q)],
  [{ ownKeys: () => ["fixed", "fixed"] }, (q) => Object.keys(q)],
  [{ ownKeys: () => [1] }, (q) => Object.keys(q)],
  [{ getPrototypeOf: () => 1 }, (q) => Object.getPrototypeOf(q)],
  [{ isExtensible: () => false }, (q) => Object.isExtensible(q)],
  [{ getOwnPropertyDescriptor: () => undefined }, (q) => Object.getOwnPropertyDescriptor(q, "fixed")],
  [{ get: 1 }, (q) => q.fixed],
]) {
  try { show("no error", use(new Proxy(target, trap))); } catch (e) { show(Object.keys(trap)[0], e.constructor.name); }
}
const { proxy, revoke } = Proxy.revocable({}, {});
revoke();
revoke();
try { proxy.x; } catch (e) { show(e.message); }
show(Array.isArray(new Proxy([], {})), Object.prototype.toString.call(new Proxy([], {})));
let deep = {};
for (let i = 0; i < 100000; i++) deep = new Proxy(deep, {});
try { deep.x; show("deep enough"); } catch (e) { show(e.constructor.name); }
show(Reflect.apply(Math.max, null, [1, 3, 2]), Reflect.construct(Date, [0]).getTime(), Reflect.set({}, "a", 1, 1));
// A chain of prototypes that a proxy closes to a circle.
{
  const walks = {
    forIn(o) { for (const key in o); },
    forInLater(o) { for (const key in o) if (key === "a") { delete o.a; delete o.b; } },
    get: (o) => o.absent,
    has: (o) => "absent" in o,
  };
  for (const [name, walk] of Object.entries(walks)) {
    const o = { a: 1, b: 2 };
    Object.setPrototypeOf(o, new Proxy(o, {}));
    try {
      walk(o);
      console.log(name, "ends");
    } catch (e) {
      console.log(name, e.name);
    }
  }
}
