// Tables of more than some thousand entries move to larger ones bit by bit: what
// scripts do meanwhile must not tell.
let state = 7;
const random = (below) =>
  ((state = Math.imul(state, 1664525) + 1013904223 >>> 0) >>> 4) % below;
function same(a, b, what) {
  if (!Object.is(a, b)) throw new Error(`${what}: ${a}, not ${b}`);
}

// Sparse elements against a Map.
{
  const array = [], map = new Map();
  const index = (i) => (i * 1000003) % 4294967291;
  for (let i = 0; i < 40000; i++) {
    array[index(i)] = i;
    map.set(index(i), i);
    const other = index(random(i + 1));
    same(array[other], map.get(other), "element");
    if (i % 3 === 0) {
      same(delete array[other], true, "deleting");
      map.delete(other);
    } else if (i % 3 === 1 && map.has(other)) {
      array[other] = -i;
      map.set(other, -i);
    }
    if (i % 15000 === 14999) same(Object.keys(array).length, map.size, "keys");
  }
  let last = -1;
  for (const key of Object.keys(array)) {
    if (!(key > last)) throw new Error("order");
    last = Number(key);
    same(array[key], map.get(last), "element at the end");
  }
  array.length = 2 ** 31;
  for (const key of map.keys()) same(key in array, key < 2 ** 31, "truncated");
  Object.freeze(array);
  const key = Object.keys(array)[5000];
  same(Object.getOwnPropertyDescriptor(array, key).writable, false, "frozen");
  console.log("sparse", map.size);
}

// A Set goes on being in order, for iterators that stand anywhere in it.
{
  const set = new Set(), there = [];
  const iterators = [];
  for (let i = 0; i < 60000; i++) {
    set.add(i);
    there[i] = true;
    const other = random(i + 1);
    same(set.has(other), there[other], "has");
    if (i % 4 === 0 || i > 45000) {
      same(set.delete(other), there[other], "delete");
      there[other] = false;
    }
    if (i % 6000 === 100) iterators.push({ each: set.values(), at: 0 });
    for (const iterator of iterators) {
      if (random(10) > 2) continue;
      while (iterator.at <= i && !there[iterator.at]) iterator.at++;
      const { value, done } = iterator.each.next();
      if (done) same(iterator.at > i, true, "done");
      else same(value, iterator.at++, "next");
    }
  }
  let size = 0;
  for (const key of set) same(there[key], true, `key ${size++}`);
  same(size, set.size, "size");
  console.log("Set", there.filter(Boolean).length === size, iterators.length);
}

// forEach sees what is added and not what is cleared.
{
  const map = new Map();
  for (let i = 0; i < 16400; i++) map.set(i, i);
  let seen = 0;
  map.forEach((value) => {
    if (value < 20000) map.set(value + 16400, value + 16400);
    if (++seen === 30000) map.clear();
  });
  console.log("forEach", seen, map.size);
}

// WeakMap: keys of which many die.
{
  const map = new WeakMap(), keys = [];
  for (let i = 0; i < 60000; i++) {
    const key = {};
    map.set(key, { i });
    keys[i % 20000] = key;
    const other = random(Math.min(i + 1, 20000));
    same(map.get(keys[other]).i % 20000, other, "value");
    if (i % 5 === 0) {
      same(map.delete(keys[other]), true, "delete");
      same(map.has(keys[other]), false, "has");
      map.set(keys[other], { i: other });
    }
  }
  console.log("WeakMap", keys.every((key, i) => map.get(key).i % 20000 === i));
}

// Vectors that grow where they are.
{
  const array = [];
  for (let i = 0; i < 400000; i++) array.push(i);
  array[450000] = 1;
  const copy = array.slice();
  array.length = 300000;
  array.push("end");
  let sum = 0;
  for (let i = 0; i < 300000; i++) sum += array[i];
  console.log("array", sum, array.at(-1), array[300001], copy.length,
    449999 in copy, copy[450000], copy[399999]);
}

// Objects used as maps, against a Map.
{
  const object = {}, map = new Map();
  function check() {
    const keys = Object.keys(object), wanted = [...map.keys()];
    same(keys.length, wanted.length, "keys");
    let i = 0;
    for (const key in object) {
      same(key, wanted[i], "order");
      same(keys[i++], key, "keys and for-in");
      same(object[key], map.get(key), "value");
    }
  }
  for (const [keys, operations, additions] of
       [[20000, 90000, 6], [20000, 60000, 3], [3000, 60000, 5]]) {
    for (let i = 0; i < operations; i++) {
      const key = "k" + random(keys);
      same(object[key], map.get(key), "before");
      if (random(10) < additions) {
        object[key] = i;
        map.set(key, i);
      } else {
        delete object[key];
        map.delete(key);
      }
      same(key in object, map.has(key), "after");
      if (i % 20000 === 0) check();
    }
    check();
  }
  same(Object.keys({ ...object }).length, map.size, "copy");
  for (const key of [...map.keys()]) {
    delete object[key];
    map.delete(key);
    if (map.size % 1000 === 0) check();
  }
  object.again = true;
  console.log("object", Object.keys(object).join());

  const prototype = {}, child = Object.create(prototype);
  for (let i = 0; i < 4000; i++) {
    prototype["p" + i] = i;
    same(child["p" + i], i, "inherited");
  }
  for (let i = 0; i < 4000; i += 2) {
    delete prototype["p" + i];
    same(child["p" + i], undefined, "inherited no more");
    same(child["p" + (i + 1)], i + 1, "inherited still");
  }
  console.log("prototype", Object.keys(prototype).length);
}
