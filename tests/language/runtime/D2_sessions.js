// Sessions: waited for in one isolate, completed by number in another; limits,
// rejections, and closing while many wait.
import { spawn } from "rill:task";
import { Sessions, channel } from "rill:sync";

const outcome = (promise) => promise.then(
  (value) => `value ${JSON.stringify(value)}`,
  (error) => `${error.name}: ${error.message}`);

const sessions = new Sessions();
const [requests, inbox] = channel();
const server = spawn.with({ transfer: [inbox] })(async (sessions, inbox) => {
  for await (const { session, a, b } of inbox) {
    if (b === 0) sessions.reject(session, new RangeError("division by zero"));
    else sessions.complete(session, { quotient: a / b });
  }
}, sessions, inbox);

// Asked at once, answered there, by number.
const ask = (a, b) => {
  const session = sessions.open();
  requests.send({ session, a, b });
  return outcome(sessions.wait(session));
};
console.log(await Promise.all([ask(6, 3), ask(1, 0), ask(1, 4)]));
requests.close();
await server;

const one = sessions.open();
sessions.complete(one, [1, new Map([["a", 1n]])]);
console.log(await sessions.wait(one));
console.log(await outcome(sessions.wait(one)));
console.log(sessions.complete(one, 1), sessions.cancel(one));

// Its limits end a session.
const late = sessions.open(3);
console.log(await outcome(sessions.wait(late, { timeout: 1 })),
            sessions.complete(late, 1), sessions.count);
const stopped = sessions.open();
const controller = new AbortController();
const waits = outcome(sessions.wait(stopped, { signal: controller.signal }));
controller.abort();
console.log(await waits, sessions.count);
console.log(await outcome(sessions.wait(sessions.open(),
  { signal: controller.signal })), sessions.count);

// A service that will not answer.
const two = [sessions.open(9), sessions.open(9), sessions.open(8)];
const three = two.map((session) => outcome(sessions.wait(session)));
console.log(sessions.cancelService(9), sessions.cancel(two[2]));
console.log(await Promise.all(three));

for (const bad of [-1, 1.5, 2 ** 32, "x"]) {
  try {
    sessions.open(bad);
  } catch (error) {
    console.log(error.name, error.message);
  }
}
try {
  sessions.complete(sessions.open(), { f: Symbol.iterator, g: new WeakMap });
} catch (error) {
  console.log(error.name);
}

// D3, D5
const many = Array.from({ length: 20000 }, () => sessions.open());
console.log(new Set(many).size);
const all = Promise.allSettled(many.map((session) => sessions.wait(session)));
for (let i = 0; i < many.length; i += 2) sessions.complete(many[i], i);
sessions.close();
const settled = await all;
console.log(settled.reduce((sum, s) => sum + (s.value ?? 0), 0),
            new Set(settled.map((s) => s.reason?.message?.slice(0, 23))));
try {
  sessions.open();
} catch (error) {
  console.log(error.name, error.message);
}
