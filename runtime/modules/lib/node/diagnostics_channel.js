// SPDX-License-Identifier: MIT
// node:diagnostics_channel

const channels = new Map();

export class Channel {
  #subscribers = [];
  constructor(name) {
    this.name = name;
  }
  get hasSubscribers() {
    return this.#subscribers.length > 0;
  }
  publish(message) {
    for (const subscriber of this.#subscribers) subscriber(message, this.name);
  }
  subscribe(subscriber) {
    this.#subscribers = [...this.#subscribers, subscriber];
  }
  unsubscribe(subscriber) {
    const at = this.#subscribers.indexOf(subscriber);
    if (at < 0) return false;
    this.#subscribers = this.#subscribers.toSpliced(at, 1);
    return true;
  }
}

export function channel(name) {
  if (!channels.has(name)) channels.set(name, new Channel(name));
  return channels.get(name);
}
export const hasSubscribers = (name) =>
  channels.get(name)?.hasSubscribers ?? false;
export const subscribe = (name, f) => channel(name).subscribe(f);
export const unsubscribe = (name, f) => channel(name).unsubscribe(f);

export default { Channel, channel, hasSubscribers, subscribe, unsubscribe };
