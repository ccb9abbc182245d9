// Timers, immediates, ticks and jobs run in Node's order.
setTimeout(() => { console.log("timeout 1"); Promise.resolve().then(() => console.log("micro in timeout")); process.nextTick(() => console.log("tick in timeout")); }, 1);
setTimeout(() => console.log("timeout 2"), 30);
const cleared = setTimeout(() => console.log("never"), 5);
clearTimeout(cleared);
let n = 0;
const interval = setInterval(() => { console.log("interval", ++n); if (n === 3) clearInterval(interval); }, 40);
setTimeout((a, b) => console.log("arguments", a, b), 1500, 1, 2);
setTimeout(() => { setImmediate(() => console.log("immediate after timeout")); }, 1600);
setTimeout(() => console.log("never: unref"), 100000).unref();
process.nextTick(() => console.log("tick"));
Promise.resolve().then(() => console.log("micro"));
queueMicrotask(() => console.log("queued"));
console.log("sync", typeof interval, interval.hasRef());
const { port1 } = {};
structuredClone(new Map([[1, { a: [1n, new Date(0)] }]])).forEach((v, k) => console.log(k, v));
console.log(new TextDecoder().decode(new TextEncoder().encode("héllo ✓")), atob(btoa("binary\xff")).length);
