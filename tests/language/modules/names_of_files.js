// Names of files are UTF-8: in stacks, and for what is imported from them.
import { makeTemporaryDirectory, remove, writeFile } from "rill:fs";

const folder = await makeTemporaryDirectory("/tmp/rill-ü€😀-");
try {
  await writeFile(`${folder}/b.mjs`, "export const b = 1;");
  await writeFile(`${folder}/ä.mjs`, `
export const { b } = await import("./b.mjs");
export const { stack } = new Error("x");`);
  await writeFile(`${folder}/c.cjs`,
                  'module.exports = import("./b.mjs").then((m) => m.b);');
  const { b, stack } = await import(`${folder}/ä.mjs`);
  console.log(b, stack.includes(`${folder}/ä.mjs:3:`));
  console.log(await (await import(`${folder}/c.cjs`)).default);
} finally {
  await remove(folder, { recursive: true });
}
