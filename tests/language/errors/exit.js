// exit: 5
process.on("exit", (c) => console.log("exit handler", c));
try { setTimeout(() => console.log("never"), 10); process.exit(5); } finally { console.log("finally never runs"); }
