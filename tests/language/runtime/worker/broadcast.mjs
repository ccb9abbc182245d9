// Answers on a BroadcastChannel until it is told to stop.
const channel = new BroadcastChannel("news");
channel.onmessage = ({ data }) => {
  if (data === "stop") {
    channel.close();
  } else if (data.ask !== undefined) {
    channel.postMessage({ answer: data.ask });
  }
};
channel.postMessage("ready");
