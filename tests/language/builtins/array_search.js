// indexOf, lastIndexOf and includes: equal numbers of several forms, holes,
// strings that are ropes, BigInts, prototypes with indices.
const list = [0, -0, 1.5, 3, 0.5 + 2.5, NaN, "ab", null, undefined, , 5n, true];
for (const x of [0, -0, 1.5, 3, NaN, ["a", "b"].join(""), null, undefined, 5n, true, 7, {}, -1e300, Infinity]) {
  console.log(String(x), list.indexOf(x), list.lastIndexOf(x), list.includes(x));
}
let rope = "a"; rope += "b".repeat(1);
console.log(list.indexOf(rope), [rope].includes("ab"), [, 1].includes(undefined), [, 1].indexOf(undefined));
console.log(list.indexOf(3, 4), list.indexOf(3, -3), list.lastIndexOf(3, 3), list.lastIndexOf(3, -11), list.includes(0, 2));
const zeros = new Float64Array([-0, 2]);
console.log(Array.from(zeros).indexOf(0), Array.from(zeros).lastIndexOf(0), [2 ** 31, 2].indexOf(2 ** 31));
const long = new Array(200000).fill(1); long[199999] = 2; long.length = 300000;
console.log(long.indexOf(2), long.indexOf(3), long.lastIndexOf(1), long.includes(undefined), long.includes(4));
const far = []; far[1e9] = 1;
console.log(far.indexOf(1, 1e9 - 2), far.lastIndexOf(1, -1));
const derived = Object.setPrototypeOf([, 1], { __proto__: Array.prototype, 0: "shown" });
console.log(derived.indexOf("shown"), derived.lastIndexOf("shown"), derived.includes("shown"));
Array.prototype[2] = "late";
console.log([0, 1, ,].indexOf("late"), [0, 1, , 3].lastIndexOf("late"));
