// arguments: --gc-delays=7 --gc-trigger=256K --verify-heap
// Of a deep register stack a collection scans the upper part only, and the rest
// as the script returns to it, or beside it: what hangs on registers alone must
// live all the same, however the frames are left.
function churn(n) {
  let kept = [];
  for (let i = 0; i < n; i++) {
    if (i % 64 === 0) kept = [];
    kept.push({ i, text: "garbage " + i });
  }
  return kept.length;
}
function check(o, n) {
  if (o.n !== n || o.list.length !== 3 || o.list[2].n !== n)
    throw new Error(`${n}: ${JSON.stringify(o)}`);
}
const make = (n) => ({ n, list: [1, "two", { n }] });

let seed = 1;
const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) >>> 8;

// The value is in a register while what is below runs, changes hands when that
// has returned, and is given to the caller.
function deep(n, given) {
  let mine = make(n);
  if (n === 0) {
    churn(20000);
    return mine;
  }
  const below = deep(n - 1, mine);
  check(below, n - 1);
  if (random() % 64 === 0) churn(200);
  check(mine, n);
  const other = mine;
  mine = below;
  check(other, n);
  if (given !== undefined) check(given, n + 1);
  return other;
}
for (let round = 0; round < 6; round++) check(deep(6000), 6000);

// What was in a register goes into a new object, which the collector has no need
// to look into, and the register's place is used for something else.
function chain(n, amount) {
  let mine = make(n);
  if (n === 0) {
    churn(amount);
    return { mine, below: null };
  }
  const below = chain(n - 1, amount), moved = { mine, below };
  mine = null;
  return moved;
}
for (let round = 0; round < 60; round++) {
  let link = chain(4000, 500 + random() % 4000), n = 4000;
  deep(300);
  churn(3000);
  for (; link !== null; link = link.below) check(link.mine, n--);
}

class Thing {
  constructor(n) {
    const mine = make(n);
    this.below = n === 0 ? churn(20000) : new Thing(n - 1);
    if (random() % 64 === 0) churn(100);
    check(mine, n);
    this.below = n;
  }
}
for (let round = 0; round < 3; round++) new Thing(4000);

// Exceptions, finally, C code between, generators, closures.
function throwing(n) {
  const mine = make(n);
  try {
    if (n === 0) {
      churn(20000);
      throw make(-1);
    }
    throwing(n - 1);
  } finally {
    check(mine, n);
    if (random() % 64 === 0) churn(100);
  }
}
for (let round = 0; round < 3; round++) {
  try {
    throwing(4000);
  } catch (e) {
    check(e, -1);
  }
}
function unwound(n) {
  const mine = make(n);
  if (n === 0) {
    churn(20000);
    throw make(-2);
  }
  return [unwound(n - 1), mine];
}
function catching() {
  const mine = make(7);
  try {
    unwound(5000);
  } catch (e) {
    check(e, -2);
  }
  churn(2000);
  check(mine, 7);
}
for (let round = 0; round < 4; round++) catching();

function mixed(n) {
  const mine = make(n);
  let sum = 0;
  if (n === 0) {
    sum = churn(20000);
  } else if (n % 3 === 0) {
    [n].forEach((m) => (sum += mixed(m - 1)));
  } else if (n % 3 === 1) {
    for (const m of (function* () {
      const own = make(n);
      yield mixed(n - 1);
      check(own, n);
      yield 1;
    })()) sum += m;
  } else {
    sum = JSON.parse("1", () => mixed(n - 1));
  }
  if (random() % 16 === 0) churn(100);
  check(mine, n);
  return sum + 1;
}
for (let round = 0; round < 3; round++) mixed(900);

async function later(n) {
  const mine = make(n);
  if (n === 0) churn(20000);
  const below = n === 0 ? null : later(n - 1);
  check(mine, n);
  await null;
  check(mine, n);
  if (below !== null) check(await below, n - 1);
  return mine;
}
later(3000).then((o) => {
  check(o, 3000);
  console.log("all alive");
});
