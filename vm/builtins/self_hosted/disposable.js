// AsyncDisposableStack.prototype.disposeAsync (ECMA-262 27.4.3.3) and
// %AsyncIteratorPrototype%[@@asyncDispose] (27.1.5.2). %DisposableTake gives the
// resources, three items each; a resource without method is only awaited.

async function DisposeAsync() {
  const resources = %DisposableTake(this);
  if (resources === undefined) return;
  let failed = false, error, needsAwait = false, hasAwaited = false;
  for (let i = resources.length - 3; i >= 0; i -= 3) {
    if (resources[i] === null) {
      needsAwait = true;
      continue;
    }
    try {
      const result = %DisposableRun(resources, i);
      hasAwaited = true;
      await result;
    } catch (caught) {
      error = failed ? %SuppressedError(caught, error) : caught;
      failed = true;
    }
  }
  if (needsAwait && !hasAwaited) await undefined;
  if (failed) throw error;
}

async function AsyncIteratorDispose() {
  const method = %GetMethod(this, "return");
  if (method !== undefined) await %Call(method, this);
}
