// A child that sends no JSON on its channel is an error of that child, and the
// end of the channel; long messages come whole.
import { spawn } from "node:child_process";

const start = (script) =>
  spawn("sh", ["-c", script], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
for (const script of [
  "echo garbage >&3; read x <&3",
  "echo '{\"a\":1}' >&3; echo '{\"b\":' >&3; read x <&3",
  "printf '[\"' >&3; head -c 1000000 /dev/zero | tr '\\0' x >&3; echo '\"]' >&3",
]) {
  const child = start(script);
  child.on("message", (message) =>
    console.log("message", JSON.stringify(message).length));
  child.on("error", (error) => console.log(error.code, error.message.slice(0, 44)));
  child.on("disconnect", () => console.log("disconnect"));
  await new Promise((resolve) => child.on("exit", (code) => setTimeout(resolve, 20)));
}
