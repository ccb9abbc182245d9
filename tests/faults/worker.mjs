// The other side of everything.mjs.
onmessage = (event) => postMessage(event.data);
