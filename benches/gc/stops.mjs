// What lengthens the collector's stops, were it not for handles, segments of
// jobs, slices and the rest: very many of one thing, while garbage is made. Each
// runs in a process of its own.
//
//   rill run benches/gc/stops.mjs [name ...]
import { connect, listen } from "rill:net";
import { run } from "rill:process";
import { sleep } from "rill:time";

const COUNT = 1e6;

function churn(milliseconds, step = () => {}) {
  const end = performance.now() + milliseconds;
  for (let i = 0, keep = []; performance.now() < end; i++) {
    keep = [];
    for (let k = 0; k < 1000; k++) keep.push({ k });
    step(i);
  }
}

const cases = {
  "sleeping functions": () => {
    (async () => {
      for (let i = 0; i < COUNT; i++) sleep(1e6).then(() => {});
      churn(3000);
      process.exit();
    })();
  },
  "timers": () => {
    for (let i = 0; i < COUNT; i++) setTimeout(() => {}, 1e6);
    churn(3000);
    process.exit();
  },
  "queued jobs": async () => {
    for (let round = 0; round < 2; round++) {
      const all = [];
      for (let i = 0; i < COUNT; i++) {
        all.push(Promise.resolve(i).then(() => {
          for (let k = 0, keep = []; k < 10; k++) keep.push({ k });
        }));
      }
      await Promise.all(all);
    }
  },
  "large arrays replaced": () => {
    const box = { array: undefined };
    churn(3000, (i) => {
      if (i % 20 === 0) box.array = new Array(COUNT).fill(box);
    });
  },
  "a large Map": () => {
    const map = new Map();
    for (let i = 0; i < COUNT; i++) map.set(i, { i });
    churn(3000, (i) => {
      for (let k = 0; k < 50; k++) map.set((i * 50 + k) % COUNT, { i });
    });
  },
  "a WeakMap, a tenth of it dying": () => {
    const keys = [], map = new WeakMap();
    for (let i = 0; i < COUNT; i++) map.set(keys[i] = { i }, { i });
    churn(5000, (i) => {
      for (let k = 0; k < 200; k++)
        map.set(keys[(i * 200 + k) % COUNT] = { i }, { i });
    });
  },
  "WeakRefs": () => {
    const targets = [], references = [];
    for (let i = 0; i < COUNT; i++)
      references[i] = new WeakRef(targets[i] = { i });
    churn(5000, (i) => {
      for (let k = 0; k < 200; k++) {
        const at = (i * 200 + k) % COUNT;
        references[at] = new WeakRef(targets[at] = { i });
      }
    });
  },
  "registered finalizers": () => {
    const targets = [], registry = new FinalizationRegistry(() => {});
    for (let i = 0; i < COUNT; i++) registry.register(targets[i] = { i }, i);
    churn(5000, (i) => {
      for (let k = 0; k < 200; k++)
        registry.register(targets[(i * 200 + k) % COUNT] = { i }, i);
    });
  },
  "deep recursion": () => {
    const deep = (n) => n === 0 ? churn(3000) : deep(n - 1) + 1;
    deep(5000);
  },
  "5,000 connections being read": async () => {
    // Each end waits for the other: ten thousand promises of sockets.
    const listener = await listen({ port: 0, backlog: 511 }), all = [];
    for (let i = 0; i < 5000; i++) {
      const [ours, theirs] = await Promise.all([
        connect({ port: listener.address.port }), listener.accept()]);
      for (const c of [ours, theirs]) all.push(c.read());
    }
    churn(3000);
    process.exit();
  },
  "shapes, dying": () => {
    const keep = [];
    churn(3000, (i) => {
      for (let k = 0; k < 100; k++) {
        const n = i * 100 + k;
        keep[n % 20000] = { ["key" + n % 300000]: 1, after: n };
      }
    });
  },
  "interned symbols": () => {
    for (let i = 0; i < COUNT; i++) Symbol.for(`symbol ${i}`);
    churn(3000);
  },
};

const [first, ...others] = process.argv.slice(2);
if (first === "--case") {
  await cases[others[0]]();
} else {
  console.log("                                cycles   stops: p50     p99     max, microseconds");
  for (const name of first === undefined ? Object.keys(cases) : [first, ...others]) {
    const { stderr } = await run(process.execPath,
        ["run", "--gc-stats=json", process.argv[1], "--case", name]);
    const { cycles, pauses } = JSON.parse(stderr);
    const column = (n) => n.toFixed(0).padStart(8);
    console.log(name.padEnd(31) + column(cycles) + "    " +
                column(pauses.p50_us) + column(pauses.p99_us) + column(pauses.max_us));
  }
}
