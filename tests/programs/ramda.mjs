// ramda: currying, lenses, transducers.
import * as R from "ramda";

const total = R.pipe(R.filter(R.propSatisfies(R.lt(R.__, 40), "age")), R.groupBy(R.prop("kind")),
  R.map(R.pipe(R.pluck("age"), R.sum)), R.toPairs, R.sortBy(R.head));
const people = R.times((i) => ({ kind: "abc"[i % 3], age: (i * 13) % 71, deep: { n: [i] } }), 300);
console.log(total(people));
const lens = R.lensPath(["deep", "n", 0]);
console.log(R.view(lens, people[7]), R.over(lens, R.multiply(3), people[7]), R.set(R.lensIndex(1), "x", [1, 2]));
const transducer = R.compose(R.map(R.inc), R.filter(R.modulo(R.__, 2)), R.take(5));
console.log(R.into([], transducer, R.range(0, 1000)), R.transduce(transducer, R.flip(R.append), [], R.range(10, 99)));
console.log(R.converge(R.divide, [R.sum, R.length])([1, 2, 3, 4]), R.curryN(3, (...a) => a)(1)(R.__, 3)(2));
console.log(R.equals({ a: [new Date(0), /x/g, NaN] }, { a: [new Date(0), /x/g, NaN] }), R.toString([{ a: new Map() }, "x", -0, undefined]));
console.log(R.evolve({ a: R.add(1), b: { c: R.toUpper } }, { a: 1, b: { c: "x" }, d: 2 }), R.mergeDeepWith(R.concat, { a: { b: [1] } }, { a: { b: [2], c: 3 } }));
console.log(R.aperture(3, R.range(0, 6)), R.xprod([1, 2], ["a", "b"]), R.scan(R.multiply, 1, [1, 2, 3, 4]), R.unfold((n) => n > 50 ? false : [n, n * 2], 1));
console.log(R.cond([[R.lt(10), R.always("big")], [R.T, (n) => `small ${n}`]])(3), R.sortWith([R.descend(R.prop("age")), R.ascend(R.prop("kind"))], people).slice(0, 3));
