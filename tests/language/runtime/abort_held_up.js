// Aborting a task whose thread is held up by what another one, which has ended,
// left behind in a loop: nobody could end that, and the abort waited for ever.
import { spawnSync } from "node:child_process";

const program = new URL("abort_held_up/program.mjs", import.meta.url).pathname;
const child = spawnSync(process.execPath, ["run", "--workers=1", program]);
console.log(child.status, String(child.stdout), String(child.stderr));
