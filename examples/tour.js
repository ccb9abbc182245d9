// A tour of rill: real files, timers, parallel awaits, classes, generators,
// regular expressions. Run it with ./scripts/run examples/tour.js
import { readDirectory, readText, makeTemporaryDirectory, remove, writeFile }
  from "rill:fs";
import { sleep } from "rill:time";

const here = import.meta.dirname;

// Files: the calls below are I/O instructions; `await` parks this module on the
// request itself, without a promise.
const source = await readText(import.meta.filename);
console.log("this file has", source.split("\n").length, "lines");
const folder = await makeTemporaryDirectory("/tmp/rill-tour-");
await writeFile(`${folder}/poem.txt`, "The rill runs on,\nand never waits.\n");
console.log(await readDirectory(folder), await readText(`${folder}/poem.txt`));
await remove(folder, { recursive: true });

// Waiting in parallel takes as long as the longest wait.
const start = performance.now();
const answers = await Promise.all([300, 100, 200].map(async (ms) => {
  await sleep(ms);
  return `${ms} ms`;
}));
const elapsed = performance.now() - start;
console.log(answers, elapsed >= 299 && elapsed < 580 ? "in parallel" : elapsed);

// Classes with private state, accessors and static blocks.
class Account {
  static #opened = 0;
  static { Account.bank = "First Rill Bank"; }
  #balance = 0n;
  constructor(owner) {
    this.owner = owner;
    Account.#opened++;
  }
  get balance() { return this.#balance; }
  deposit(amount) {
    if (amount <= 0n) throw new RangeError(`cannot deposit ${amount}`);
    this.#balance += amount;
    return this;
  }
  static get opened() { return Account.#opened; }
  static isAccount(value) { return #balance in value; }
}
const account = new Account("Ada").deposit(10n ** 20n).deposit(5n);
console.log(account.balance, Account.opened, Account.bank,
            Account.isAccount(account), Account.isAccount({}));
try {
  account.deposit(-1n);
} catch (error) {
  console.log(`${error}`);
}

// Generators, destructuring, spread.
function* fibonacci() {
  let [a, b] = [0, 1];
  for (;;) {
    yield a;
    [a, b] = [b, a + b];
  }
}
console.log([...fibonacci().take(12)]);
const { first, ...others } = { first: 1, second: 2, third: 3 };
console.log(first, others, Math.max(...Object.values(others)));

// Async iteration.
async function* ticks(count) {
  for (let i = 1; i <= count; i++) {
    await sleep(1);
    yield i;
  }
}
let sum = 0;
for await (const tick of ticks(4)) sum += tick;
console.log("sum of ticks:", sum);

// Regular expressions: named groups, lookbehind, unicode, sticky.
const line = "2026-11-21 price: €1,250.00 (was €1,400.00)";
const { year, month, day } =
  /(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)/.exec(line).groups;
console.log({ year, month, day });
console.log(line.match(/(?<=€)[\d,]+/g), "naïve café".match(/\p{L}+/gu));
console.log(line.replace(/(\d),(\d)/g, "$1$2"));

// Maps, sets, typed arrays, tagged templates.
const words = source.match(/[a-z]{4,}/g);
const counts = new Map();
for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
const [top] = [...counts].toSorted((a, b) => b[1] - a[1]);
console.log("a frequent word:", top[0] === "const" || top[1] > 5);
console.log(new Float64Array([1.5, 2.5]).map((x) => x * 2),
            new Set("mississippi").size);
const shout = (strings, ...values) =>
  String.raw({ raw: strings }, ...values.map((v) => `${v}`.toUpperCase()));
console.log(shout`no ${"waiting"} here`);
console.log(here.endsWith("examples"));
