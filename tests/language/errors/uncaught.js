// exit: 1
// stderr: uncaught.js:8
// stderr:   throw new TypeError("not this");
// stderr:         ^
// stderr: TypeError: not this
// stderr:     at inner (
function inner() {
  throw new TypeError("not this");
}
console.log("before");
inner();
console.log("never");
