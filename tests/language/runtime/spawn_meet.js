// arguments: --workers=2
// Two tasks that are spawned together run at the same time: each spins until it
// has seen the other. One behind the other on one worker would never end.
import { spawn } from "rill:task";

const meet = (places, own) => {
  Atomics.add(places, own, 1);
  const round = Atomics.load(places, own);
  while (Atomics.load(places, 1 - own) < round);
  return round;
};
const places = new Int32Array(new SharedArrayBuffer(8));
let rounds = 0;
for (let i = 0; i < 500; i++) {
  const [a, b] = await Promise.all([spawn(meet, places, 0),
                                    spawn(meet, places, 1)]);
  rounds += a === b;
}
console.log(rounds);

// The same for what a task spawns and spins for, without waiting.
console.log(await spawn(async (meet, places) => {
  const child = spawn(meet, places, 1);
  const own = meet(places, 0);
  return own === await child;
}, meet, places));

// While one worker only computes, tasks that are spawned later are done by the
// other, also if the first one's were queued behind it.
const stop = new Int32Array(new SharedArrayBuffer(4));
const busy = spawn((stop) => {
  while (Atomics.load(stop, 0) === 0);
}, stop);
let done = 0;
await Promise.all(Array.from({ length: 200 }, (_, i) =>
  spawn((x) => x, i).then(() => done++)));
console.log(done);
Atomics.store(stop, 0, 1);
await busy;
