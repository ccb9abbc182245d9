// SPDX-License-Identifier: MIT
// node:diagnostics_channel: named channels, stores bound to them, and the five
// channels of a traced operation.
import { checkFunction, codedError } from "rill:internal/errors";
import { throwLater } from "rill:internal/timers";

const channels = new Map();

function checkName(name) {
  if (typeof name === "string" || typeof name === "symbol") return;
  throw codedError(TypeError, "ERR_INVALID_ARG_TYPE",
                   'The "channel" argument must be of type string or symbol. ' +
                   `Received ${name === null ? "null" : typeof name}`);
}

// What a subscriber throws is nobody's that publishes.
function guarded(work) {
  try {
    return work();
  } catch (error) {
    throwLater(error);
    return undefined;
  }
}

export class Channel {
  #subscribers = [];
  #stores = new Map(); // AsyncLocalStorage -> transform
  constructor(name) {
    this.name = name;
  }
  get hasSubscribers() {
    return this.#subscribers.length > 0 || this.#stores.size > 0;
  }
  publish(message) {
    for (const subscriber of this.#subscribers) {
      guarded(() => subscriber(message, this.name));
    }
  }
  subscribe(subscriber) {
    checkFunction(subscriber, "subscription");
    this.#subscribers = [...this.#subscribers, subscriber];
  }
  unsubscribe(subscriber) {
    const at = this.#subscribers.indexOf(subscriber);
    if (at < 0) return false;
    this.#subscribers = this.#subscribers.toSpliced(at, 1);
    return true;
  }
  bindStore(store, transform = undefined) {
    this.#stores.set(store, transform);
  }
  unbindStore(store) {
    return this.#stores.delete(store);
  }
  runStores(data, fn, thisValue, ...args) {
    let run = () => {
      this.publish(data);
      return Reflect.apply(fn, thisValue, args);
    };
    for (const [store, transform] of this.#stores) {
      const inner = run;
      run = () => {
        const value = transform === undefined ? { value: data }
            : guarded(() => ({ value: transform(data) }));
        return value === undefined ? inner() : store.run(value.value, inner);
      };
    }
    return run();
  }
}

export function channel(name) {
  let found = channels.get(name);
  if (found === undefined) {
    checkName(name);
    channels.set(name, found = new Channel(name));
  }
  return found;
}
export const hasSubscribers = (name) =>
  channels.get(name)?.hasSubscribers ?? false;
export const subscribe = (name, f) => channel(name).subscribe(f);
export const unsubscribe = (name, f) => channel(name).unsubscribe(f);

const EVENTS = ["start", "end", "asyncStart", "asyncEnd", "error"];

export class TracingChannel {
  constructor(nameOrChannels) {
    for (const event of EVENTS) {
      this[event] = typeof nameOrChannels === "string"
          ? channel(`tracing:${nameOrChannels}:${event}`)
          : nameOrChannels[event];
    }
  }
  get hasSubscribers() {
    return EVENTS.some((event) => this[event].hasSubscribers);
  }
  subscribe(handlers) {
    for (const event of EVENTS) {
      if (handlers[event]) this[event].subscribe(handlers[event]);
    }
  }
  unsubscribe(handlers) {
    let done = true;
    for (const event of EVENTS) {
      if (handlers[event] && !this[event].unsubscribe(handlers[event])) {
        done = false;
      }
    }
    return done;
  }
  // start, the call, error if it throws, end.
  #around(context, call) {
    return this.start.runStores(context, () => {
      try {
        return call();
      } catch (error) {
        context.error = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }
  traceSync(fn, context = {}, thisValue = undefined, ...args) {
    if (!this.hasSubscribers) return Reflect.apply(fn, thisValue, args);
    return this.#around(context, () =>
      context.result = Reflect.apply(fn, thisValue, args));
  }
  tracePromise(fn, context = {}, thisValue = undefined, ...args) {
    if (!this.hasSubscribers) return Reflect.apply(fn, thisValue, args);
    const settle = (key, value) => {
      context[key] = value;
      if (key === "error") this.error.publish(context);
      this.asyncStart.publish(context);
      this.asyncEnd.publish(context);
    };
    return this.#around(context, () => {
      let promise = Reflect.apply(fn, thisValue, args);
      if (!(promise instanceof Promise)) promise = Promise.resolve(promise);
      return promise.then((value) => {
        settle("result", value);
        return value;
      }, (error) => {
        settle("error", error);
        throw error;
      });
    });
  }
  traceCallback(fn, position = -1, context = {}, thisValue = undefined,
                ...args) {
    if (!this.hasSubscribers) return Reflect.apply(fn, thisValue, args);
    const callback = args.at(position);
    checkFunction(callback, "callback");
    const channels = this;
    function wrapped(error, result) {
      if (error) {
        context.error = error;
        channels.error.publish(context);
      } else {
        context.result = result;
      }
      return channels.asyncStart.runStores(context, () => {
        try {
          return Reflect.apply(callback, this, arguments);
        } finally {
          channels.asyncEnd.publish(context);
        }
      });
    }
    args.splice(position, 1, wrapped);
    return this.#around(context, () => Reflect.apply(fn, thisValue, args));
  }
}

export const tracingChannel = (nameOrChannels) =>
  new TracingChannel(nameOrChannels);

export default {
  Channel,
  channel,
  hasSubscribers,
  subscribe,
  tracingChannel,
  unsubscribe,
};
