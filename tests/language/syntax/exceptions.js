// try, catch, finally: completion order, nested, rethrow, labels.
function order() { const l = []; try { l.push("t"); try { throw 1; } catch (e) { l.push("c" + e); throw 2; } finally { l.push("f"); } } catch (e) { l.push("o" + e); } return l.join(); }
console.log(order());
const f1 = () => { try { return "try"; } finally { console.log("runs"); } };
const f2 = () => { try { return "try"; } finally { return "finally"; } };
const f3 = () => { for (const i of [1, 2, 3]) { try { if (i === 2) continue; if (i === 3) break; console.log(i); } finally { console.log("fin", i); } } return "end"; };
const f4 = () => { l: try { break l; } finally { console.log("f4"); } return 4; };
const f5 = () => { try { throw new Error("lost"); } finally { return "swallowed"; } };
console.log(f1(), f2(), f3(), f4(), f5());
const f6 = (n) => { while (true) { try { try { if (n === 0) return "ret"; n--; continue; } finally { console.log("inner", n); } } finally { if (n === 5) break; } } return "broke"; };
console.log(f6(2), f6(6));
try { null.x; } catch ({ name, message }) { console.log(name, message); }
for (const t of [() => undefinedVariable, () => undefined.foo, () => (void 0)(), () => ({}).x.y, () => { const c = 1; c = 2; }, () => new (class { #p; static t(o) { return o.#p; } }).constructor.t({}), () => [].reduce((a, b) => a), () => new Array(-1), () => "x".repeat(-1), () => null[Symbol.iterator], () => { for (const x of 5); }, () => Symbol() + "", () => JSON.parse("{bad"), () => BigInt(1.5), () => ({}) instanceof 5, () => "a" in "b", () => decodeURIComponent("%"), () => new Proxy({}, null), () => Object.defineProperty(Object.freeze({}), "x", { value: 1 }), () => structuredClone(() => {})]) {
  try { t(); console.log("no error"); } catch (e) { console.log(e.name); }
}
function deep(n) { return n === 0 ? 0 : 1 + deep(n - 1); }
console.log(deep(5000));
try { (function rec() { rec(); })(); } catch (e) { console.log(e.name, e.message); }
const err = new Error("with cause", { cause: "why" }); console.log(err.cause, err instanceof Error, Object.keys(err).length);
console.log(new AggregateError([1, 2], "agg").errors.length, String(new RangeError("r")), Object.prototype.toString.call(err));
