// arguments: --max-heap=48M
// What is outside the heap counts towards its limit for as long as the object
// that has it is alive, and no longer.
const MiB = 1 << 20;
const kinds = {
  "array buffer": () => new ArrayBuffer(MiB),
  "transferred": () => new ArrayBuffer(MiB).transfer(MiB),
  "transferred and grown": () => new ArrayBuffer(8).transfer(MiB),
  "resized": () => {
    const b = new ArrayBuffer(0, { maxByteLength: 2 * MiB });
    b.resize(MiB);
    return b;
  },
  "shared": () => new SharedArrayBuffer(MiB),
  "grown": () => {
    const b = new SharedArrayBuffer(0, { maxByteLength: 2 * MiB });
    b.grow(MiB);
    return b;
  },
  "cloned": () => structuredClone(new Uint8Array(MiB)),
  "clone's transfer": () => {
    const b = new ArrayBuffer(MiB);
    return structuredClone(b, { transfer: [b] });
  },
  "big integer": () => (1n << 8388600n) + 1n,
  "text": (i) => (String(i) + "x".repeat(MiB)).toUpperCase(),
  "encoded": () => new TextEncoder().encode("x".repeat(MiB)),
  "compression": () => Array.from({ length: 4 }, () => new CompressionStream("gzip")),
};

async function check(name, make) {
  let dropped = 0;
  for (let i = 0; i < 200; i++) {
    make(i);
    dropped++;
    await null; // streams begin in jobs
  }
  const isLimited = fill(make);
  console.log(name, dropped, isLimited);
}

function fill(make) {
  const kept = [];
  try {
    for (let i = 0; i < 1000; i++) kept.push(make(i));
  } catch (e) {
    const count = kept.length;
    kept.length = 0;
    return e instanceof RangeError && count > 8 && count < 64;
  }
}
async function main() {
  for (const [name, make] of Object.entries(kinds)) await check(name, make);

  // A detached buffer takes nothing, nor does one that was made small.
  const detached = [];
  for (let i = 0; i < 200; i++) {
    const b = new ArrayBuffer(MiB);
    b.transfer(0);
    detached.push(b);
  }
  const small = [];
  for (let i = 0; i < 200; i++) {
    const b = new ArrayBuffer(MiB, { maxByteLength: MiB });
    b.resize(16);
    small.push(b);
  }
  // Room to grow takes addresses only.
  const roomy = [];
  for (let i = 0; i < 200; i++)
    roomy.push(new ArrayBuffer(16, { maxByteLength: 64 * MiB }));
  const b = roomy[0];
  b.resize(MiB);
  new Uint8Array(b).fill(1);
  b.resize(10);
  b.resize(100);
  console.log(detached.length, small.length, roomy.length,
              new Uint8Array(b).reduce((x, y) => x + y));
  try {
    b.resize(60 * MiB);
  } catch (e) {
    console.log(e.name, e.message, b.byteLength);
  }
}
main();
