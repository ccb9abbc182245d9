// The clock that tests pause, and simulations: the same seed, the same order.
import { clock, simulate } from "rill:test";
import { sleep } from "rill:time";
import { Mutex, channel } from "rill:sync";
import { spawn } from "rill:task";

const log = [];
setTimeout(() => log.push("old"), 60000);
clock.pause({ now: 0 });
setTimeout(() => {
  log.push("b");
  queueMicrotask(() => log.push("job"));
  setImmediate(() => log.push("immediate"));
}, 10);
setTimeout(() => log.push("a"), 10 - 1);
const interval = setInterval(() => log.push(`tick ${Date.now()}`), 4);
sleep(12).then(() => log.push("sleep"));
await clock.advance(12);
clearInterval(interval);
console.log(log.join(", "));
await clock.runAll();
console.log(log.at(-1), clock.pending);
clock.resume();

async function program() {
  const order = [];
  const mutex = new Mutex();
  const [sender, receiver] = channel(1);
  const worker = async (name) => {
    for (let i = 0; i < 3; i++) {
      await sleep(1);
      using guard = await mutex.lock();
      order.push(name + i);
      await sender.send(name);
    }
  };
  const reader = (async () => {
    for (let i = 0; i < 6; i++) order.push(await receiver.receive());
  })();
  setImmediate(() => order.push("immediate"));
  setTimeout(() => order.push("t1"), 2);
  setTimeout(() => order.push("t2"), 2);
  await Promise.all([worker("x"), worker("y"), reader,
                     spawn((n) => n + 1, 1).then((n) => order.push(n))]);
  return `${order.join(" ")} ${Math.random()}`;
}
const first = await simulate(program, { runs: 100 });
const second = await simulate(program, { runs: 100 });
console.log(first.every(({ trace, value }, i) =>
  trace === second[i].trace && value === second[i].value));
console.log(new Set(first.map(({ trace }) => trace)).size > 50);
const [alone] = await simulate(program, { seed: 77 });
console.log(alone.value === first[76].value);
