// Once it waits: an abort stops running script without its finally blocks.
queueMicrotask(globalThis.begun);
try {
  if (!globalThis.quick) await new Promise(() => {});
} finally {
  globalThis.cleaned();
}
