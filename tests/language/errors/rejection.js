// exit: 1
// stderr: Error: nobody listens
// stderr:     at async outer
async function inner() { await null; throw new Error("nobody listens"); }
async function outer() { await inner(); }
outer();
setTimeout(() => console.log("never"), 100);
console.log("first");
