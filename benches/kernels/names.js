// SPDX-License-Identifier: MIT
// Names that nobody has had before: made, used as keys once, dropped.
let fresh = 0;
bench("set and delete a new name", () => {
  const o = {};
  for (let i = 0; i < 1000; i++) {
    const name = "n" + fresh++;
    o[name] = i;
    delete o[name];
  }
  return o;
}, 1000);
bench("an object of new names", () => {
  const o = {};
  for (let i = 0; i < 1000; i++) o["n" + fresh++] = i;
  return o;
}, 1000);
bench("parse an object of new names", () => {
  let text = "{";
  for (let i = 0; i < 1000; i++) text += `"n${fresh++}":1,`;
  return JSON.parse(text + '"end":0}');
}, 1000);
