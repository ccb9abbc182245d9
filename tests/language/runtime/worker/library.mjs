// Imported by functions that spawn_modules.js spawns.
import { setTimeout as sleep } from "node:timers/promises";
await sleep(2);
export let calls = 0;
export default function greet(name) {
  calls++;
  return `hello ${name}`;
}
export const where = import.meta.filename.split("/").at(-1);
