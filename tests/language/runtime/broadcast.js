// BroadcastChannel between isolates, and workers that keep nobody waiting.
const channel = new BroadcastChannel("news");
const other = new BroadcastChannel("other");
other.onmessage = () => console.log("never");
const heard = [];
channel.onmessage = ({ data }) => heard.push(data);
async function next() {
  while (heard.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return heard.shift();
}

const url = new URL("./worker/broadcast.mjs", import.meta.url);
new Worker(url);
console.log(await next());
new Worker(url);
console.log(await next());

const same = new BroadcastChannel("news");
let count = 0;
same.onmessage = ({ data }) => count++;
channel.postMessage({ ask: new Map([[1, [2]]]) });
console.log(await next(), await next());
channel.postMessage("stop");
console.log(count);
same.close();
try {
  same.postMessage(1);
} catch (error) {
  console.log(error.name);
}

// A worker that listens and is never told to stop does not hold up the end.
const left = new Worker(url);
console.log(await next());
left.unref();
left.ref();
left.unref();
channel.close();
console.log("end");
