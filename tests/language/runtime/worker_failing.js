// However a worker ends, its owner hears of it: tests/faults/test_allocations.py
// lets each allocation of its start fail.
const worker = new Worker(new URL("./worker/failing.mjs", import.meta.url));
const answer = await new Promise((resolve, reject) => {
  worker.onmessage = ({ data }) => resolve(data);
  worker.onmessageerror = () => resolve("lost");
  worker.onerror = ({ error }) => reject(error);
  worker.postMessage("heard");
});
console.log(answer);
worker.terminate();
