// SPDX-License-Identifier: MIT
// Expected is what Node 20 prints.
import dc from "node:diagnostics_channel";
import { AsyncLocalStorage } from "node:async_hooks";

const channel = dc.channel("c");
console.log(channel === dc.channel("c"), channel.hasSubscribers);
const seen = (message, name) => console.log("seen", message, name);
dc.subscribe("c", seen);
console.log(dc.hasSubscribers("c"));
channel.publish({ a: 1 });
console.log(dc.unsubscribe("c", seen), dc.unsubscribe("c", seen));
try { dc.channel(1); } catch (e) { console.log(e.code); }

const store = new AsyncLocalStorage();
channel.bindStore(store, (data) => data.id);
channel.runStores({ id: 7 }, function (x) {
  console.log("in store", store.getStore(), this.y, x);
}, { y: 1 }, 2);
console.log(store.getStore(), channel.unbindStore(store));

const tracing = dc.tracingChannel("op");
const log = (event) => (c) =>
  console.log(event, c.id, c.result, c.error?.message);
tracing.subscribe({
  start: log("start"),
  end: log("end"),
  asyncStart: log("asyncStart"),
  asyncEnd: log("asyncEnd"),
  error: log("error"),
});
console.log(tracing.traceSync((x) => x + 1, { id: 1 }, null, 41));
try {
  tracing.traceSync(() => { throw new Error("no"); }, { id: 2 });
} catch (e) { console.log(e.message); }
console.log(await tracing.tracePromise(async () => 3, { id: 3 }));
await tracing.tracePromise(async () => { throw new Error("late"); }, { id: 4 })
  .catch((e) => console.log(e.message));
await new Promise((resolve) => {
  tracing.traceCallback((x, cb) => setTimeout(cb, 1, null, x), 1, { id: 5 },
                        null, "value", (e, x) => { console.log(x); resolve(); });
});
