// Started by worker_failing.js.
onmessage = ({ data }) => postMessage(data);
onmessageerror = () => postMessage("lost");
