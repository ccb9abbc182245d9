// Event, EventTarget, AbortController and AbortSignal.
const target = new EventTarget();
const log = (...words) => console.log(...words);
target.addEventListener("x", (e) => log("bubble", e.eventPhase, e.type));
target.addEventListener("x", () => log("capture"), true);
target.addEventListener("x", () => log("once"), { once: true });
target.addEventListener("x", { handleEvent(e) {
  log("object", this !== e.target, e.currentTarget === target);
} });
target.addEventListener("x", (e) => {
  e.preventDefault();
  log("passive", e.defaultPrevented);
}, { passive: true });
const controller = new AbortController();
target.addEventListener("x", () => log("until abort"),
                        { signal: controller.signal });
const event = new Event("x", { cancelable: true });
log(target.dispatchEvent(event), event.isTrusted, event.composedPath());
controller.abort();
target.addEventListener("x", (e) => {
  e.preventDefault();
  e.stopImmediatePropagation();
});
target.addEventListener("x", () => log("never"));
log(target.dispatchEvent(event), event.defaultPrevented);
target.addEventListener("again", (e) => {
  try {
    target.dispatchEvent(e);
  } catch (error) {
    log(error.name);
  }
});
target.dispatchEvent(new CustomEvent("again", { detail: 5 }));

const { signal } = controller;
log(signal.aborted, signal.reason.name, signal.reason.code);
try {
  signal.throwIfAborted();
} catch (error) {
  log(error === signal.reason);
}
const first = new AbortController(), second = new AbortController();
const any = AbortSignal.any([first.signal, second.signal]);
const nested = AbortSignal.any([any]);
any.onabort = (e) => log("any", e.isTrusted, any.reason);
nested.addEventListener("abort", () => log("nested", nested.reason));
second.abort("why");
first.abort("late");
log(AbortSignal.any([AbortSignal.abort(1), signal]).reason);
log(nested);
try {
  new AbortSignal();
} catch (error) {
  log(error.message);
}
setTimeout(() => {}, 60);
AbortSignal.timeout(5).addEventListener("abort", (e) =>
  log(e.target.reason.name, e.target.reason.code));
log(Object.prototype.toString.call(new Event("y")));
