// Garbage on the channel to a child: messages, or an error with a code; then the
// channel is gone, and so is the child.
import { spawn } from "node:child_process";
import fs from "node:fs";
import { temporaryDirectory } from "rill:fs";
import { check, fuzz } from "./driver.mjs";

await using folder = await temporaryDirectory();
const path = `${folder.path}/input`;
await fuzz(['{"a":1}\n', '"text"\n[1,2]\nnull\n', '{"cmd":"NODE_HANDLE","type":"x"}\n',
  '{"cmd":"NODE_","x":[[[[]]]]}\n', '{"__proto__":{"a":1}}\n1e999\n', "\n\n\n", "[1,\n",
  '{"cmd":1}\n', '"\\ud800"\n', "\xef\xbb\xbf1\n"], async (input) => {
  fs.writeFileSync(path, input);
  const child = spawn("sh", ["-c", 'exec cat "$0" >&3', path],
                      { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  let failure;
  child.on("message", () => check(true));
  child.on("internalMessage", () => {});
  child.on("error", (error) => failure = error);
  await new Promise((resolve) => child.on("close", resolve));
  check(failure === undefined || typeof failure.code === "string", failure);
  check(!child.connected, "still connected");
});
