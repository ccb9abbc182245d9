// SPDX-License-Identifier: MIT
// process.exit in what a timer resumes that is due when the loop begins to run:
// the loop must not wait for the other timer.
import { sleep } from "rill:time";

void sleep(100000);
await sleep(5);
const due = sleep(1);
const until = performance.now() + 20;
while (performance.now() < until);
await due;
console.log("before the end");
process.exit(0);
