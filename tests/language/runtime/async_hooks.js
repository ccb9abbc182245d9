// Hooks are told of AsyncResources.
import { AsyncResource, createHook, executionAsyncId } from "node:async_hooks";

// Of AsyncResources; async_hooks_events.js has the rest.
const mine = new Set();
const log = (name) => (id, ...values) => {
  if (name === "init" && values[0] !== "PROMISE" && values[0] !== "Timeout") mine.add(id);
  if (mine.has(id)) console.log(name, id, ...values.slice(0, 2));
};
const hook = createHook({ init: log("init"), before: log("before"),
                          after: log("after"), destroy: log("destroy") });
new AsyncResource("unheard");
console.log(hook.enable() === hook, hook.enable() === hook);
const resource = new AsyncResource("mine", { triggerAsyncId: 7 });
console.log(resource.runInAsyncScope((a) => [a, executionAsyncId() === resource.asyncId()], null, 1));
try {
  resource.runInAsyncScope(() => {
    throw new Error("x");
  });
} catch (error) {
  console.log(error.message);
}
resource.emitDestroy();
try {
  resource.emitDestroy();
} catch ({ code }) {
  console.log(code);
}
await new Promise((resolve) => setTimeout(resolve, 5));
hook.disable();
new AsyncResource("unheard").runInAsyncScope(() => {});
try {
  createHook({ init: 1 });
} catch ({ name, code, message }) {
  console.log(name, code, message);
}
