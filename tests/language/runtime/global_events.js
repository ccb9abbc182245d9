// The global object as an event target.
addEventListener("foo", function (event) {
  console.log(event.type, this === globalThis, event.target === globalThis);
});
const once = () => console.log("never");
globalThis.addEventListener("foo", once);
removeEventListener("foo", once);
console.log(dispatchEvent(new Event("foo")));

addEventListener("unhandledrejection", (event) => {
  console.log(event instanceof PromiseRejectionEvent, event.reason,
              event.promise === rejected);
  event.preventDefault();
});
addEventListener("error", (event) => {
  console.log(event.message, event.error.name);
  event.preventDefault();
});
const rejected = Promise.reject(5);
setTimeout(() => {
  throw new RangeError("one");
});
reportError(new TypeError("two"));
await new Promise((resolve) => setTimeout(resolve, 10));

// process's listeners come first.
process.once("uncaughtException", (error) => console.log("process", error.message));
setTimeout(() => {
  throw new RangeError("three");
});
