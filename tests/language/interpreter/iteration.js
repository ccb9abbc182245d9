// The iterator protocol as instructions see it; changed prototypes.
const closing = { [Symbol.iterator]() { let n = 0; return { next() { return { value: n++, done: n > 5 }; }, return(v) { console.log('closed', n); return {}; } }; } };
for (const v of closing) if (v === 2) break;
try { for (const v of closing) throw new Error('out'); } catch (e) { console.log(e.message); }
const [x, y] = closing; console.log(x, y);
const [...all] = closing; console.log(all.join());
(function () { for (const v of closing) return v; })();
try { const [q] = 5; } catch (e) { console.log(e instanceof TypeError); }
try { for (const v of { [Symbol.iterator]() { return 1; } }); } catch (e) { console.log(e instanceof TypeError); }
const sparse = [1, , 3]; for (const v of sparse) console.log(v);
const growing = [1, 2]; for (const v of growing) { if (growing.length < 5) growing.push(v * 10); } console.log(growing.join());
const shrinking = [1, 2, 3, 4]; for (const v of shrinking) { console.log(v); shrinking.pop(); }
const proto = Object.getPrototypeOf([][Symbol.iterator]());
const next = proto.next;
proto.next = function () { const r = next.call(this); if (!r.done) r.value += '!'; return r; };
for (const v of ['a', 'b']) console.log(v);
console.log(String([...['c']]), Math.max.apply(null, [1, 2]));
proto.next = next;
proto.return = function () { console.log('array iterator closed'); return {}; };
for (const v of [1, 2]) break;
delete proto.return;
const own = [1, 2]; own[Symbol.iterator] = function* () { yield 'own'; }; console.log(String([...own]));
for (const [k, v] of new Map([['k', 1], ['l', 2]])) console.log(k, v);
for (const v of new Set([1, 1, 2])) console.log(v);
for (const ch of 'a😀') console.log(ch);
for (const [i, v] of ['p', 'q'].entries()) console.log(i, v);
console.log(Object.fromEntries([['a', 1]]).a, Array.from({ length: 2 }, (_, i) => i * 2).join());
let order = []; const src = { get a() { order.push('a'); return undefined; }, get b() { order.push('b'); return 2; } };
const { a = (order.push('default'), 1), b } = src; console.log(order.join(), a, b);
