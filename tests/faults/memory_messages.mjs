// Messages whose taking fails while the program waits for something else; for
// test_memory.py. Something has failed before, so telling it takes no memory.
const worker = new Worker(new URL("./worker.mjs", import.meta.url), { type: "module" });
try {
  const first = new Promise((resolve) => process.once("uncaughtException", resolve));
  worker.onmessage = () => {
    worker.onmessage = () => {};
    throw new Error("the first");
  };
  worker.postMessage(0);
  await first;
  await new Promise((resolve) => setTimeout(resolve, 1));
  for (let i = 0; i < 500; i++) worker.postMessage([i]);
  await new Promise((resolve) => setTimeout(resolve, 100));
} finally {
  worker.terminate(); // who listens to uncaught exceptions goes on without this
}
console.log("end");
