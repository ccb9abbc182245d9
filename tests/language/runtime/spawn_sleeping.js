// What waits on another thread goes on there: its loop is driven, or there is none.
import { spawn } from "rill:task";
import { sleep } from "rill:time";
console.log(await spawn(async () => { await sleep(1); return "slept"; }));
