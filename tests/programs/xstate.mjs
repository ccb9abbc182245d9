// xstate: nested and parallel states, guards, delays, and invoked actors.
import { assign, createActor, createMachine, fromPromise, getInitialSnapshot,
         getNextSnapshot, setup } from "xstate";

const lights = createMachine({
  id: "lights",
  initial: "green",
  context: { cycles: 0 },
  states: {
    green: { on: { TIMER: "yellow" } },
    yellow: { on: { TIMER: "red" } },
    red: {
      initial: "walk",
      states: {
        walk: { on: { COUNT: "wait" } },
        wait: { on: { COUNT: "stop" } },
        stop: { type: "final" },
      },
      onDone: {
        target: "green",
        actions: assign({ cycles: ({ context }) => context.cycles + 1 }),
      },
      on: { POWER_CUT: "#lights.broken" },
    },
    broken: { type: "parallel", states: {
      lamp: { initial: "off", states: { off: { on: { KICK: "on" } }, on: {} } },
      horn: { initial: "loud", states: { loud: { on: { KICK: "quiet" } }, quiet: {} } },
    } },
  },
});
let snapshot = getInitialSnapshot(lights);
for (const type of ["TIMER", "TIMER", "COUNT", "COUNT", "TIMER", "TIMER", "POWER_CUT", "KICK"]) {
  snapshot = getNextSnapshot(lights, snapshot, { type });
  console.log(type, JSON.stringify(snapshot.value), snapshot.context.cycles);
}
snapshot = getInitialSnapshot(lights);
for (let i = 0; i < 10000; i++) {
  for (const type of ["TIMER", "TIMER", "COUNT", "COUNT"]) {
    snapshot = getNextSnapshot(lights, snapshot, { type });
  }
}
console.log(snapshot.value, snapshot.context.cycles);

const fetching = setup({
  actors: {
    load: fromPromise(async ({ input }) => {
      if (input.attempt < 2) throw new Error(`attempt ${input.attempt}`);
      return { data: input.attempt };
    }),
  },
  guards: { canRetry: ({ context }) => context.attempt < 5 },
  delays: { pause: 5 },
}).createMachine({
  initial: "loading",
  context: { attempt: 0, log: [] },
  states: {
    loading: {
      invoke: {
        src: "load",
        input: ({ context }) => ({ attempt: context.attempt }),
        onDone: { target: "ready", actions: assign({ data: ({ event }) => event.output.data }) },
        onError: { guard: "canRetry", target: "waiting", actions: assign({
          attempt: ({ context }) => context.attempt + 1,
          log: ({ context, event }) => [...context.log, event.error.message],
        }) },
      },
    },
    waiting: { after: { pause: "loading" } },
    ready: { type: "final" },
  },
});
const actor = createActor(fetching);
actor.subscribe({
  next: (state) => console.log(state.value, state.context),
  complete: () => console.log("complete", actor.getPersistedSnapshot().status),
});
actor.start();
