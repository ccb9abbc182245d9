// What a failed assignment in strict mode says, of what the object has and of what it
// inherits.
"use strict";
class Getter {
  get x() {
    return 1;
  }
}
const tries = {
  "own getter": () => { ({ get a() { return 1; } }).a = 2; },
  "inherited getter": () => { new Getter().x = 2; },
  "own read-only": () => { Object.freeze({ a: 1 }).a = 2; },
  "inherited read-only": () => { Object.create(Object.freeze({ a: 1 })).a = 2; },
  "not extensible": () => { Object.preventExtensions({}).a = 2; },
  "not extensible, of a class": () => { Object.preventExtensions(new Getter()).a = 2; },
  "frozen array": () => { Object.freeze([1]).push(2); },
  "length of a string": () => { "abc".length = 1; },
  "property of a number": () => { (5).a = 1; },
};
for (const [name, attempt] of Object.entries(tries)) {
  try {
    attempt();
    console.log(name, "did not fail");
  } catch (error) {
    console.log(`${name}: ${error.message}`);
  }
}
// A trap is not called for the message.
const log = [];
const parent = new Proxy(Object.freeze({}), {
  set: () => false,
  getOwnPropertyDescriptor: () => log.push("asked"),
});
try {
  Object.create(parent).a = 1;
} catch (error) {
  console.log(error.name, log);
}
