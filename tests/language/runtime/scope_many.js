// arguments: --workers=2
// Of more tasks than a block of records has, those in a scope end with the task
// that opened it, and no other: neither those spawned between them nor those
// that were detached; and again in records that were used before.
import { scope, spawn } from "rill:task";
import { Semaphore } from "rill:sync";
import { sleep } from "rill:time";

const COUNT = 1200, OTHERS = COUNT / 3 + COUNT / 5;
const soon = { timeout: 12000 };
const gates = ["begun", "stopped", "go", "done"].map(() => new Semaphore(0));
const [begun, stopped, go, done] = gates;
const sum = new Int32Array(new SharedArrayBuffer(4));

async function opens([begun, stopped, go, done], sum) {
  const child = async () => {
    try {
      begun.add();
      await sleep(1e6);
    } finally {
      stopped.add();
    }
  };
  const other = async (i) => {
    begun.add();
    await go.acquire();
    Atomics.add(sum, 0, i);
    done.add();
  };
  await scope(async (s) => {
    for (let i = 0; i < COUNT; i++) {
      s.spawn(child);
      if (i % 3 === 0) spawn(other, i);
      if (i % 5 === 0) s.spawn(other, -i).detach();
    }
    await sleep(1e6);
  });
}

for (let round = 0; round < 2; round++) {
  const parent = spawn(opens, gates, sum);
  await begun.acquire(COUNT + OTHERS, soon);
  parent.abort(`round ${round}`);
  await parent.catch((reason) => console.log(reason));
  await stopped.acquire(COUNT, soon);
  go.add(OTHERS);
  await done.acquire(OTHERS, soon);
  console.log(Atomics.load(sum, 0));
}
