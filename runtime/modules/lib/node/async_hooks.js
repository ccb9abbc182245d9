// SPDX-License-Identifier: MIT
// node:async_hooks: AsyncResource, without identities. Promises carry no
// context, so there is no AsyncLocalStorage and there are no hooks.
import { unsupported } from "rill:internal/unsupported";

export class AsyncResource {
  constructor(type) {
    this.type = type;
  }
  runInAsyncScope(work, thisValue, ...values) {
    return Reflect.apply(work, thisValue, values);
  }
  bind(work, thisValue) {
    return (...values) => this.runInAsyncScope(work, thisValue, ...values);
  }
  static bind(work, type, thisValue) {
    return new AsyncResource(type).bind(work, thisValue);
  }
  emitDestroy() {
    return this;
  }
  asyncId() {
    return 0;
  }
  triggerAsyncId() {
    return 0;
  }
}
export const executionAsyncId = () => 0;
export const triggerAsyncId = () => 0;
export const executionAsyncResource = () => ({});
export const AsyncLocalStorage =
  unsupported("async_hooks", "AsyncLocalStorage");
export const createHook = unsupported("async_hooks", "createHook");
export default {
  AsyncLocalStorage,
  AsyncResource,
  createHook,
  executionAsyncId,
  executionAsyncResource,
  triggerAsyncId,
};
