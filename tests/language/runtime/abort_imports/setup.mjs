// For modules that tell when they have begun and when they have cleaned up.
export function setup(begun, cleaned) {
  globalThis.quick = false;
  globalThis.begun = () => begun.add();
  globalThis.cleaned = () => cleaned.add();
}
