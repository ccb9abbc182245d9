// The other side of everything.mjs's fork.
process.on("message", (message) => process.send(message));
