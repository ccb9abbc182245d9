// arguments: --workers=2
// What spawn returns, and what calls travel as: by themselves, or as clones.
import { JoinHandle, JoinSet, pendingTasks, scope, spawn } from "rill:task";

const other = spawn(() => 1);
const handle = spawn(function named() {
  return 7;
});
console.log(handle instanceof JoinHandle, handle instanceof Promise,
            Object.prototype.toString.call(handle));
console.log(handle.name, other.name === "", handle.id > other.id,
            Object.keys(handle).length);
console.log(await handle, await handle, handle.finished);
console.log(handle.name, await handle.then((x) => x + 1));
console.log(await spawn(() => {
  throw 5;
}).catch((error) => error));
handle.abort(); // too late
for (const wrong of [{}, Promise.resolve(), 1]) {
  for (const use of [
    () => JoinHandle.prototype.abort.call(wrong),
    () => Object.getOwnPropertyDescriptor(JoinHandle.prototype, "id").get
            .call(wrong),
    () => new JoinHandle(),
  ]) {
    try {
      use();
      console.log("nothing thrown");
    } catch (error) {
      console.log(error.name, error.message);
    }
  }
}

// Plain values are the same ones; more of them, or others, are copied.
const values = [0, -0, 1.5, NaN, -1, 2 ** 40, true, null, undefined];
for (const value of values) {
  const [echo, back] = await Promise.all(
      [spawn((x) => x, value), spawn((x) => [Object.is(x, -0), typeof x], value)]);
  if (!Object.is(echo, value)) console.log("not the same", value, echo);
  if (back[1] !== typeof value) console.log("not the type", value, back);
}
console.log(await spawn((...all) => all.join(), 1, 2, 3),
            await spawn((...all) => all.join(), 1, 2, 3, 4),
            await spawn(function () {
              return arguments.length;
            }, undefined, 1), await spawn((a, b) => a + b, "x", 1n));
console.log(await spawn((...all) => all.length, ...[, 1]));

// Each call gets a function of its own; members and captures go along.
const marks = () => {
  function inner() {}
  return inner;
};
const counts = function f() {
  f.count = (f.count ?? 0) + 1;
  return f.count;
};
console.log(await Promise.all([1, 2, 3].map(() => spawn(counts))));
const member = () => member.x;
member.x = 3;
console.log(await spawn(member), typeof await spawn(marks));
const plain = (x) => x + 1;
console.log(await spawn(plain, 1));
Object.defineProperty(plain, "name", { value: "renamed" });
const renamed = spawn(plain, 2);
console.log(renamed.name, await renamed);
const named = spawn.with({ name: "given" })(plain, 3);
console.log(named.name, pendingTasks().map(({ id, name, promise }) =>
  [id === named.id, name, promise === named].join()).join(" "), await named);
class WithSymbol {
  static name = Symbol("n");
}
try {
  spawn(WithSymbol);
} catch (error) {
  console.log(error.name);
}

// Many names.
const many = [];
for (let i = 0; i < 5000; i++) {
  many.push(spawn.with({ name: `n${i}` })((x) => x, i));
}
console.log(many.every((h, i) => h.name === `n${i}`),
            (await Promise.all(many)).every((x, i) => x === i));
// More functions than are kept.
let sum = 0;
for (let i = 0; i < 1500; i++) sum += await spawn(new Function(`return ${i}`));
console.log(sum);

// Aborts with a reason, without, before they begin, and of all.
const stuck = () => {
  for (;;);
};
const blockers = [spawn(stuck), spawn(stuck)];
const queued = [spawn(plain, 1), spawn(plain, 2)];
queued[0].abort("reason");
queued[1].abort();
console.log(await queued[0].catch((e) => e), await queued[1].catch((e) => e.name));
for (const b of blockers) b.abort();
console.log((await Promise.allSettled(blockers)).map((r) => r.reason.name).join());

// Scopes let go of what is detached.
let release;
await scope(async (s) => {
  const child = s.spawn(async () => await new Promise(() => {}));
  s.spawn(plain, 1);
  release = child;
  child.detach();
  child.detach();
  console.log(s.size);
});
console.log(release.finished);
release.abort();
await release.catch((error) => console.log(error.name));
const set = new JoinSet();
set.add(spawn(plain, 41));
console.log((await set.next()).value);
