// What an aborted task awaits is ended: its finally block can begin the same anew.
import { spawn } from "rill:task";
import { Semaphore } from "rill:sync";
const begun = new Semaphore(0);
const forms = {
  "read": async (begun) => {
    const { listen, connect } = await import("rill:net");
    const l = await listen({ hostname: "127.0.0.1" });
    const [a, b] = await Promise.all([l.accept(), connect({ hostname: "127.0.0.1", port: l.address.port })]);
    queueMicrotask(() => begun.add());
    try { await a.read(); } finally {
      await b.write("x");
      console.log(`${(await a.read()).length} read`);
      a.abort(); b.abort(); l.close();
    }
  },
  "read with a limit": async (begun) => {
    const { listen, connect } = await import("rill:net");
    const l = await listen({ hostname: "127.0.0.1" });
    const [a, b] = await Promise.all([l.accept(), connect({ hostname: "127.0.0.1", port: l.address.port })]);
    queueMicrotask(() => begun.add());
    try { await a.read({ timeout: 1e6 }); } finally {
      await b.write("x");
      console.log(`${(await a.read({ timeout: 1e6 })).length} read`);
      a.abort(); b.abort(); l.close();
    }
  },
  "accept": async (begun) => {
    const { listen } = await import("rill:net");
    const l = await listen({ hostname: "127.0.0.1" });
    queueMicrotask(() => begun.add());
    try { await l.accept(); } finally {
      const error = await l.accept({ timeout: 1 }).catch((error) => error);
      console.log(error.name);
      l.close();
    }
  },
  "receive": async (begun) => {
    const { datagram } = await import("rill:net");
    const d = await datagram({ hostname: "127.0.0.1" });
    queueMicrotask(() => begun.add());
    try { await d.receive({ timeout: 1e6 }); } finally {
      const error = await d.receive({ timeout: 1 }).catch((error) => error);
      console.log(error.name);
      d.close();
    }
  },
  "timeout": async (begun) => {
    const { timeout } = await import("rill:time");
    queueMicrotask(() => begun.add());
    await timeout((signal) => {
      signal.addEventListener("abort", () => console.log("told", signal.reason.name));
      return new Promise(() => {});
    }, 1e6);
  },
};
for (const [name, f] of Object.entries(forms)) {
  const task = spawn(f, begun);
  await begun.acquire();
  task.abort();
  console.log(name, await task.catch((error) => error.name));
}
