// SPDX-License-Identifier: MIT
// The paused clock and simulations, for rill:test.
import { checkFunction } from "rill:internal/errors";
import {
  advanceClock,
  clockState,
  endSimulation,
  isSimulating,
  pauseClock,
  resumeClock,
  setAutoAdvance,
  setWall,
  startSimulation,
  tickClock,
} from "rill:internal/test";
import { setImmediate } from "rill:internal/timers";
import { dictionary } from "rill:internal/web/idl";

function paused() {
  const state = clockState();
  if (state === undefined) throw new Error("The clock is not paused");
  return state;
}

function milliseconds(value) {
  const ms = Number(value);
  if (!(ms >= 0)) {
    throw new RangeError(`Time goes forward only: ${ms} milliseconds`);
  }
  return ms;
}

function advance(ms) {
  const [, , , , , advancing] = paused();
  if (advancing) throw new Error("The clock is being advanced already");
  return new Promise((resolve) => advanceClock(ms, () => resolve()));
}

let last = Promise.resolve();
// One after the other.
const queued = (ms) => last = last.then(() => advance(ms));

export const clock = {
  // From now on time passes only when it is told to. Options: now (a Date or
  // milliseconds), autoAdvance.
  pause(options = undefined) {
    const { now, autoAdvance = false } = dictionary(options);
    pauseClock();
    if (now !== undefined) clock.setTime(now);
    setAutoAdvance(Boolean(autoAdvance));
    return { [Symbol.dispose]: () => clock.resume() };
  },
  resume() {
    resumeClock();
  },
  get isPaused() {
    return clockState() !== undefined;
  },
  // Milliseconds of the monotonic clock.
  get now() {
    return performance.now();
  },
  // How many timers wait.
  get pending() {
    return paused()[2];
  },
  setTime(time) {
    paused();
    const ms = Number(time);
    if (Number.isNaN(ms)) throw new RangeError("Invalid time");
    setWall(ms);
  },
  set autoAdvance(on) {
    paused();
    setAutoAdvance(Boolean(on));
  },
  // Lets time pass: each timer fires in its turn, with all that it sets off.
  async advance(ms) {
    paused();
    await queued(milliseconds(ms));
  },
  // To the next timer; false: there is none.
  async next() {
    const [now, , count, , due] = paused();
    if (count === 0) return false;
    await queued(Math.max(0, due - now));
    return true;
  },
  // Until no timer is left but those without a reference. An interval must be
  // cleared by then: more than `limit` timers are an error.
  async runAll({ limit = 100000 } = {}) {
    for (let i = 0; i < limit; i++) {
      // What can go on without time does so first.
      await clock.settle();
      const [, , , referenced] = paused();
      if (referenced === 0) return;
      await clock.next();
    }
    throw new Error(`${limit} timers have fired, and there are still more`);
  },
  // What is ready now, immediates and what they set off, without time.
  async settle() {
    await new Promise((resolve) => setImmediate(resolve));
  },
  // At once, without jobs in between, as Node's mock timers do.
  tick(ms = 1) {
    paused();
    tickClock(milliseconds(ms));
  },
};

// The seed of simulate()'s run that is under way.
export let currentSeed;
// Counts up when a run is given up.
let generation = 0;

// Back to the real clock, whatever was begun.
export function resetClock() {
  generation++;
  currentSeed = undefined;
  if (isSimulating()) endSimulation();
  resumeClock();
  last = Promise.resolve();
}

export class SimulationError extends Error {
  constructor(seed, result, cause) {
    super(`The simulation fails with seed ${seed}; again: { seed: ${seed} }`,
          { cause });
    this.name = "SimulationError";
    this.seed = seed;
    this.trace = result.trace;
    this.events = result.events;
  }
}

function checkSeed(seed) {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`A seed is an integer from 0 on, not ${seed}`);
  }
  return seed;
}

async function simulateOnce(fn, seed, jitter, log) {
  const begun = ++generation;
  startSimulation(seed, jitter, log);
  currentSeed = seed;
  let failed = false, value, error;
  try {
    value = await fn({ seed });
  } catch (caught) {
    [failed, error] = [true, caught];
  }
  if (begun !== generation) throw new Error("The simulation was given up");
  currentSeed = undefined;
  const [events, trace, names] = endSimulation();
  return { seed, events, trace, log: names, value, failed, error };
}

// Runs fn once for each of `runs` seeds from `seed` on: time passes by itself,
// and the seed decides what of all that is ready goes on next. The first that
// fails is thrown as a SimulationError; else the results.
export async function simulate(fn, options = undefined) {
  checkFunction(fn, "fn");
  const { seed = 1, runs = 1, jitter = 1, log = false } = dictionary(options);
  checkSeed(seed);
  if (!Number.isSafeInteger(runs) || runs < 1) {
    throw new RangeError(`runs is an integer from 1 on, not ${runs}`);
  }
  if (typeof jitter !== "number" || !(jitter >= 0 && jitter < 1e9)) {
    throw new RangeError(`jitter is milliseconds from 0 on, not ${jitter}`);
  }
  if (clockState() !== undefined) {
    throw new Error("A simulation cannot begin while the clock is paused");
  }
  const results = [];
  for (let i = 0; i < runs; i++) {
    const { failed, error, ...result } =
        await simulateOnce(fn, seed + i, jitter, Boolean(log));
    if (failed) throw new SimulationError(seed + i, result, error);
    results.push(result);
  }
  return results;
}
