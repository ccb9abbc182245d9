// SPDX-License-Identifier: MIT
// try, throw, catch, finally.
const problem = new Error("made once");
function thrower(i) { if (i & 1) throw problem; return i; }
function maker(i) { throw new Error("number " + i); }
function deep(n) { if (n === 0) throw problem; return deep(n - 1) + 1; }
bench("try that throws nothing", () => {
  let sum = 0;
  for (let i = 0; i < 10000; i++) { try { sum += i; } catch { sum = 0; } }
  return sum;
}, 10000);
bench("throw and catch", () => {
  let sum = 0;
  for (let i = 0; i < 4000; i++) { try { sum += thrower(i); } catch (e) { sum++; } }
  return sum;
}, 2000);
bench("throw in the same function", () => {
  let sum = 0;
  for (let i = 0; i < 3000; i++) { try { throw i; } catch (e) { sum += e; } }
  return sum;
}, 3000);
bench("new Error", () => {
  let sum = 0;
  for (let i = 0; i < 1000; i++) { try { maker(i); } catch (e) { sum += e.message.length; } }
  return sum;
}, 1000);
bench("finally", () => {
  let sum = 0;
  const f = (i) => { try { if (i & 1) return 1; sum += i; } finally { sum++; } return 2; };
  for (let i = 0; i < 10000; i++) sum += f(i);
  return sum;
}, 10000);
bench("through 50 frames", () => {
  let sum = 0;
  for (let i = 0; i < 200; i++) { try { deep(50); } catch { sum++; } }
  return sum;
}, 200);
bench("rethrow", () => {
  let sum = 0;
  const f = () => { try { throw problem; } catch (e) { throw e; } };
  for (let i = 0; i < 2000; i++) { try { f(); } catch { sum++; } }
  return sum;
}, 2000);
bench("TypeError of the engine", () => {
  let sum = 0, nothing;
  for (let i = 0; i < 1000; i++) { try { nothing.property; } catch { sum++; } }
  return sum;
}, 1000);
