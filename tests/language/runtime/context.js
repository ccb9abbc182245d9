// SPDX-License-Identifier: MIT
// rill:context.
import { AsyncContext, Snapshot, Variable } from "rill:context";

const v = new Variable({ name: "v", defaultValue: "default" });
console.log(v.name, v.get(), AsyncContext.Variable === Variable);
await v.run(1, async () => {
  await null;
  console.log(v.get());
  const snapshot = new Snapshot();
  const wrapped = Snapshot.wrap(function (x) {
    return [this.y, x, v.get()];
  });
  v.run(2, () => {
    console.log(v.get(), snapshot.run((x) => [x, v.get()], "x"));
    console.log(wrapped.call({ y: 3 }, 4));
  });
  console.log(v.run(undefined, () => v.get()));
});
console.log(v.get());
