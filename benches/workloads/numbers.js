// Numbers: integer and floating-point loops, typed arrays, Math.
function run() {
  const n = 20000, data = new Float64Array(n), bits = new Int32Array(n);
  let sum = 0;
  for (let i = 0; i < n; i++) { data[i] = Math.sqrt(i) * 1.5; bits[i] = (i * 2654435761) >>> 7; }
  for (let k = 0; k < 5; k++) for (let i = 1; i < n; i++) { sum += data[i] * 0.5 + data[i - 1]; bits[i] ^= bits[i - 1] << 1; }
  for (let i = 0; i < 50000; i++) sum += i % 7 + (i >> 2) - (i & 5);
  return sum + bits[n - 1];
}
if (typeof bench === "function") bench("numbers", run);
else for (let i = 0; i < 60; i++) run();
