// Files, for test_memory.py.
import * as files from "rill:fs";

const folder = await files.temporaryDirectory();
const at = (name) => `${folder.path}/${name}`;
try {
  await files.writeFile(at("a"), "x\n".repeat(1000));
  await files.readText(at("a"));
  for await (const line of files.readLines(at("a"))) line.length;
  for await (const chunk of files.readStream(at("a"))) chunk.length;
  await files.copyFile(at("a"), at("b"));
  for await (const entry of files.walk(folder.path)) entry.path;
  for await (const entry of files.glob(at("{a,b}*"))) entry.length;
  await files.stat(at("a"));
} finally {
  await folder.remove();
}
console.log("end");
