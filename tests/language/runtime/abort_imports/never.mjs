globalThis.begun();
try {
  if (!globalThis.quick) await new Promise(() => {});
} finally {
  globalThis.cleaned();
}
