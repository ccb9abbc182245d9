// What its caller could not be given a promise of, for want of memory, is not
// waited for: the program ends (tests/faults/test_allocations.py).
import { Semaphore } from "rill:sync";
import { scope } from "rill:task";
import { sleep } from "rill:time";

const errors = new Set(), semaphore = new Semaphore(0);
const fail = () => {
  throw new Error("enough");
};
for (let i = 0; i < 200; i++) {
  await scope((s) => {
    s.spawn(fail);
    return i % 2 === 0 ? sleep(1e8) : semaphore.acquire();
  }).catch((error) => errors.add(error.message));
}
console.log(errors);
