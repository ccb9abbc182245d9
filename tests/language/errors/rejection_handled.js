// exit: 3
process.on("unhandledRejection", (reason) => console.log("unhandled", reason.message));
process.on("uncaughtException", (error) => console.log("uncaught", error.message));
process.on("exit", (code) => console.log("exit", code));
Promise.reject(new Error("r"));
const late = Promise.reject(new Error("late"));
late.catch(() => console.log("handled in time"));
setTimeout(() => { throw new Error("t"); }, 1);
setTimeout(() => console.log("still running"), 5);
process.exitCode = 3;
