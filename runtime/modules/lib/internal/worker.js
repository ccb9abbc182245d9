// SPDX-License-Identifier: MIT
// Dedicated workers, both sides: what Worker of the web and of
// node:worker_threads have in common. Messages are what rill:internal/clone's
// serialize makes; errors nobody caught come by a channel of their own, whose
// end is the worker's.
import { deserialize, structuredClone } from "rill:internal/clone";
import {
  cancel,
  close,
  newChannel,
  receiveMessage,
  send,
  sendMessage,
} from "rill:internal/sync";
import { pauseBeforeRetry, throwLater } from "rill:internal/timers";
import { end, join, start, terminate } from "rill:internal/worker-thread";

const changed = Symbol("changed");

// The owner's side. listener: message(clone), error(error), exit(code).
export class WorkerLink {
  #sender;
  #handle;
  #code = 0;
  #isOver = false;
  #isReferenced = true;
  #waiting = new Set(); // promises of what comes
  #exited;
  constructor(path, name, workerData, environmentData, listener,
              transfer = undefined) {
    const [sender, workerReceives] = newChannel(0);
    const [workerSends, receiver] = newChannel(0);
    const [workerTells, control] = newChannel(0);
    this.#sender = sender;
    this.#handle = start(path, {
      name,
      workerData,
      environmentData,
      receiver: workerReceives,
      sender: workerSends,
      control: workerTells,
    }, transfer);
    // Only the worker has them now: their end is its end.
    close(workerSends);
    close(workerTells);
    this.#exited = this.#run(receiver, control, listener);
  }
  // A number that no other worker of the process has.
  get id() {
    return this.#handle;
  }
  async #run(receiver, control, listener) {
    const messages = this.#each(receiver, listener.message);
    await this.#each(control, (clone) => {
      this.#code = 1;
      listener.error(deserialize(clone)[0].error);
    });
    await messages;
    const code = join(this.#handle);
    this.#isOver = true;
    if (code === undefined) {
      this.#code = 1;
      listener.error(new Error("The worker ran out of memory"));
    } else {
      this.#code = code || this.#code;
    }
    listener.exit(this.#code);
    return this.#code;
  }
  async #each(receiver, take) {
    for (;;) {
      let waiting, message;
      try {
        waiting = receiveMessage(receiver, this.#isReferenced);
        this.#waiting.add(waiting);
        message = await waiting;
      } catch (error) {
        if (error === changed) continue; // to wait in the other way
        throwLater(error);
        await pauseBeforeRetry();
        continue;
      } finally {
        this.#waiting.delete(waiting);
      }
      if (message === undefined) return;
      try {
        take(message);
      } catch (error) { // a listener's: it ends no listening
        throwLater(error);
      }
    }
  }
  // Does the owner's program go on as long as the worker's does?
  reference(on) {
    if (this.#isReferenced === on) return;
    this.#isReferenced = on;
    for (const waiting of [...this.#waiting]) cancel(waiting, changed);
  }
  post(clone) {
    if (!this.#isOver) sendMessage(this.#sender, clone);
  }
  // A promise of the exit code.
  terminate() {
    if (!this.#isOver) {
      this.#code = 1;
      terminate(this.#handle);
    }
    return this.#exited;
  }
}

// The worker's side ---------------------------------------------------------------

export let own; // what begin was given, in a worker

export function begin(data, id) {
  own = { ...data, id };
}

// What is left of an error whose class or members cannot be cloned.
function plain(error) {
  try {
    return structuredClone(error);
  } catch {
    return new Error(`${error?.stack ?? error}`);
  }
}

// The worker's program had an error that nobody caught.
export function report(error) {
  try {
    send(own.control, { error }, undefined);
  } catch {
    send(own.control, { error: plain(error) }, undefined);
  }
}

// Takes messages while there is someone who listens: {start(), stop()}. What
// deliver() throws ends that, and a worker that does nothing else.
export function inbox(deliver) {
  let waiting, wanted = false, isPumping = false;
  async function pump() {
    isPumping = true;
    try {
      while (wanted) {
        let message;
        try {
          message = await (waiting = receiveMessage(own.receiver, true));
        } catch (error) {
          if (error === undefined) continue; // stopped, maybe started again since
          throwLater(error);
          await pauseBeforeRetry();
          continue;
        } finally {
          waiting = undefined;
        }
        if (message === undefined) return;
        deliver(message);
      }
    } finally {
      isPumping = false;
    }
  }
  return {
    start() {
      if (wanted) return;
      wanted = true;
      if (!isPumping) pump();
    },
    stop() {
      wanted = false;
      if (waiting !== undefined) cancel(waiting, undefined);
    },
  };
}

export const post = (clone) => sendMessage(own.sender, clone);
export { end };
