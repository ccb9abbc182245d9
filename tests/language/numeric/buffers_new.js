// What is newer than ES2023: transfer, immutable buffers, base64, Float16.
const b = new Uint8Array([1, 2, 3]);
const moved = b.buffer.transfer();
console.log(b.length, b.buffer.detached, moved.byteLength, b[0]);
console.log(new Uint8Array(moved.transfer(5)).join());
const fixed = new Uint8Array([9, 8]).buffer.transferToImmutable();
const view = new Uint8Array(fixed);
view[0] = 1;
console.log(view.join(), fixed.immutable, fixed.sliceToImmutable(1).byteLength);
try {
  view.fill(0);
} catch (e) {
  console.log(e.name);
}
console.log(new Float16Array([1.0009765625, 65520, 1e-8]).join(),
            Math.f16round(1.337), Math.sumPrecise([1e308, 1e308, -1e308, 0.1]));
const text = new Uint8Array([72, 101, 108, 108, 111]).toBase64();
console.log(text, Uint8Array.fromBase64(text).join(),
            Uint8Array.fromHex("00ff7f").toHex());
console.log(new Uint8Array([251, 255]).toBase64({alphabet: "base64url",
                                                 omitPadding: true}));
const target = new Uint8Array(4);
const {read, written} = target.setFromBase64("SGVsbG8=");
console.log(read, written, target.join());
try {
  Uint8Array.fromBase64("a=b");
} catch (e) {
  console.log(e.name);
}
const bits = new Int32Array(new SharedArrayBuffer(4));
const first = Atomics.waitAsync(bits, 0, 0, 5000);
const second = Atomics.waitAsync(bits, 0, 0, 1);
console.log(first.async, Atomics.waitAsync(bits, 0, 1).value);
first.value.then(v => console.log("first", v));
second.value.then(v => console.log("second", v));
setTimeout(() => console.log(Atomics.notify(bits, 0)), 30);
