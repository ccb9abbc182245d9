// SPDX-License-Identifier: MIT
// Spread and Array.from read builtin iterators in bulk. Nobody may see it.
const show = (...values) => console.log(JSON.stringify(values));
const big = (n) => Array.from({ length: n }, (_, i) => i);
const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);

const set = new Set([3, 1, "a", 3]), map = new Map([[1, "x"], ["y", 2]]);
show(...set, ...map, ...set.values(), ...set.entries(), ...map.keys());
show(...map.values(), ...map.entries(), ...new Set(), ...new Map());
show(Array.from(set), Array.from(map), Array.from(map.values()), Array.from("añ😀"));
show(Array.from(set, (x, i) => x + String(i)), Math.max(...new Set([4, 9, 2])));

// What is left of an iterator that has begun, and nothing when it has ended.
const left = set.values();
left.next();
show([...left], [...left], left.next());
const pairs = map.entries();
show(Array.from(pairs), pairs.next());

// Deleted entries, growth and clearing between steps.
const changed = new Set(big(100));
const walk = changed.values();
for (let i = 0; i < 10; i++) walk.next();
for (let i = 0; i < 95; i++) changed.delete(i);
for (let i = 200; i < 1000; i++) changed.add(i);
show(same([...walk], [...changed]), [...changed].length);
changed.clear();
changed.add("new");
show([...changed]);
const many = new Map(big(5000).map((i) => [i, -i]));
show(same([...many.keys()], big(5000)), same([...many.values()], big(5000).map((i) => -i || 0)),
     [...many].length, [...many][4999]);
show([0, ...new Set(big(70)), 0].length);

// Holes become undefined, wherever they are.
const holes = big(200);
delete holes[0]; delete holes[130]; delete holes[199];
show([...holes].map((x, i) => (x === undefined ? i : -1)).filter((i) => i >= 0),
     199 in [...holes], Array.from([, 1]).hasOwnProperty(0), 0 in [, 1].slice(0, 2));

// Methods that somebody replaced are called; getters run once.
const SetIterator = Object.getPrototypeOf(new Set().values());
const ArrayIterator = Object.getPrototypeOf([].values());
const counted = (object, key, count) => {
  const before = Object.getOwnPropertyDescriptor(object, key);
  let calls = 0;
  Object.defineProperty(object, key, { configurable: true, get() { calls++; return before.value; } });
  count();
  Object.defineProperty(object, key, before);
  return calls;
};
show(counted(Set.prototype, Symbol.iterator, () => [...set]),
     counted(Array.prototype, Symbol.iterator, () => Array.from([1])),
     counted(Array.prototype, Symbol.iterator, () => { [...[1]]; }),
     counted(SetIterator, "next", () => [...set]),
     counted(ArrayIterator, "next", () => Array.from([1, 2])));
const next = SetIterator.next;
SetIterator.next = function () {
  const r = next.call(this);
  return r.done ? r : { value: [r.value], done: false };
};
show([...set], Array.from(set));
SetIterator.next = next;
class Odd extends Set { *[Symbol.iterator]() { yield "mine"; } }
show([...new Odd([1])], Array.from(new Odd([1])), [...new (class extends Set {})([5])]);
set[Symbol.iterator] = () => [7][Symbol.iterator]();
show([...set]);
Set.prototype[Symbol.iterator] = Set.prototype.entries;
show([...new Set([1])]);
class List extends Array {}
show(List.from(new Map([[1, 2]])) instanceof List, Array.from.call(Object, map)[1]);

// Copies that species may decide about.
const twenty = big(20);
show(twenty.slice(3, 5), twenty.slice(-2), twenty.slice(5, 2), twenty.slice("1", 2.9),
     [1, , 3].slice(1), 1 in [1, , 3].slice(0), new List(1, 2, 3).slice(1) instanceof List);
const spliced = big(6);
show(spliced.splice(1, 2), spliced, spliced.splice(1, 0, "a", "b"), spliced, spliced.splice(3), spliced);
show([1, , 3].splice(0, 2).length, 1 in [1, , 3].splice(0, 2), new List(1, 2, 3).splice(1) instanceof List);
const other = [1, 2, 3];
other.constructor = { [Symbol.species]: function (n) { this.asked = n; } };
show(other.slice(1), other.splice(1));
other.constructor = undefined;
show(Array.isArray(other.slice(0)));
const shrinks = big(10);
show(shrinks.slice(0, { valueOf() { shrinks.length = 3; return 6; } }).length);
