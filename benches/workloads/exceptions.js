// try, throw, catch, finally.
function risky(i) { if (i % 5 === 0) throw new Error("five"); return i; }
function run() {
  let sum = 0;
  for (let i = 0; i < 20000; i++) {
    try { sum += risky(i); } catch (e) { sum += e.message.length; } finally { sum++; }
  }
  return sum;
}
if (typeof bench === "function") bench("exceptions", run);
else for (let i = 0; i < 40; i++) run();
