// arguments: --stress-jit
// Loops, switches, handlers and generators beside optimized code.
function sw(x) {
  switch (x) { case 1: return 10; case 2: return 20; case 3: return 30; case 4: return 40; case 5: return 50; default: return 99; }
}
let t = 0;
for (let i = 0; i < 100; i++) t += sw(i % 8) + sw(i / 2);
console.log(t, sw(-0), sw(2.0), sw('2'));
function nested(n) {
  let s = 0;
  outer: for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (j == 3) continue outer;
      if (i == 7) break outer;
      try { if (j == 2) throw i; s += i * j; } catch (e) { s += e; } finally { s++; }
    }
  }
  return s;
}
console.log(nested(5), nested(20));
function* gen(n) { for (let i = 0; i < n; i++) yield i * 2; }
let sum = 0;
for (const v of gen(50)) sum += v;
console.log(sum);
async function wait(n) { let s = 0; for (let i = 0; i < n; i++) s += await i; return s; }
wait(20).then((v) => console.log('async', v));
// Integers that overflow, and values that change type in a loop.
function grow(n) { let a = 1; for (let i = 0; i < n; i++) a = a * 3 + i; return a; }
console.log(grow(10), grow(40), grow(700));
function change(n) { let v = 0; for (let i = 0; i < n; i++) v = i == n - 3 ? v + 'x' : v + i; return v; }
console.log(change(10), change(5));
function swap(a, b, n) { for (let i = 0; i < n; i++) { const c = a; a = b; b = c; } return a + '/' + b; }
console.log(swap(1, 2, 3), swap('x', 'y', 100));
function destructure(n) { let [a, b] = [0, 1]; for (let i = 0; i < n; i++) [a, b] = [b, a + b]; return a; }
console.log(destructure(30));
function closures(n) { const fs = []; for (let i = 0; i < n; i++) fs.push(() => i); return fs.map((f) => f()).join(); }
console.log(closures(5));
function args() { let s = 0; for (let i = 0; i < arguments.length; i++) { s += arguments[i]; arguments[i] = 0; } return s + arguments[0]; }
console.log(args(1, 2, 3), args(4, 5));
function post(n) { let i = 0, s = ''; while (i < n) s += i++ + (n - i--) * 0 + (i++, ''); return s; }
console.log(post(5));
function recursive(n) { return n < 2 ? n : recursive(n - 1) + recursive(n - 2); }
console.log(recursive(15));
function deep(n) { return deep(n + 1); }
try { deep(0); } catch (e) { console.log(e instanceof RangeError); }
