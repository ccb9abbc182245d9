// Listeners and limits of emitters and of the web's targets, as Node tells of them.
import { EventEmitter, getEventListeners, getMaxListeners, setMaxListeners } from "node:events";
import { aborted } from "node:util";
const tell = (f) => { try { console.log(f()); } catch (error) { console.log(error.code, error.message); } };
const target = new EventTarget(), f = () => {};
target.addEventListener("x", f);
target.addEventListener("x", { handleEvent() {} }, { once: true });
tell(() => getEventListeners(target, "x"));
tell(() => getEventListeners(target, "x")[0] === f);
tell(() => getEventListeners(target, "y"));
const { signal } = new AbortController();
signal.addEventListener("abort", f);
tell(() => getEventListeners(signal, "abort").length);
tell(() => getEventListeners(new EventEmitter().on("y", f), "y").length);
tell(() => getEventListeners({}, "x"));
tell(() => getMaxListeners(target));
setMaxListeners(5, target, signal);
tell(() => [getMaxListeners(target), getMaxListeners(signal)]);
tell(() => getMaxListeners({}));
tell(() => setMaxListeners(3, {}));
tell(() => setMaxListeners(-1));
tell(() => new EventEmitter().setMaxListeners("1"));
tell(() => new EventEmitter().setMaxListeners(NaN));
tell(() => new EventEmitter().setMaxListeners(0).getMaxListeners());

// once() and on() with what is no signal listen to nothing.
const { on, once } = EventEmitter;
for (const signal of [5, {}, null, { aborted: false }]) {
  const emitter = new EventEmitter();
  await once(emitter, "x", { signal }).catch((e) => console.log(e.code, e.message));
  tell(() => on(emitter, "x", { signal }));
  console.log(emitter.eventNames());
}
const waiting = new AbortController();
tell(() => on({}, "x", { signal: waiting.signal }));
await once(null, "x", { signal: waiting.signal }).catch((e) => console.log(e.code));
console.log(getEventListeners(waiting.signal, "abort").length);

// An event target's `error` is an event like others.
{
  const target = new EventTarget();
  const events = on(target, "k");
  target.dispatchEvent(new Event("error"));
  target.dispatchEvent(new Event("k"));
  const { value: [event] } = await events.next();
  console.log(event.type, getEventListeners(target, "error").length);
}
for (const limit of [-1, "x", NaN, undefined]) {
  tell(() => { EventEmitter.defaultMaxListeners = limit; });
}
console.log(EventEmitter.defaultMaxListeners);

// util.aborted() listens as long as its resource lives.
{
  const { signal } = new AbortController();
  for (let i = 0; i < 20; i++) aborted(signal, {});
  console.log(getEventListeners(signal, "abort").length);
  for (let round = 0; round < 300 && getEventListeners(signal, "abort").length > 5; round++) {
    for (let i = 0; i < 10000; i++) new Array(50);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  console.log(getEventListeners(signal, "abort").length <= 5);
  const owner = {}, controller = new AbortController();
  const done = aborted(controller.signal, owner);
  controller.abort();
  console.log((await done).type, typeof owner);
}
