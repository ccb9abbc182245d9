// slice, concat, spread, Array.from: holes, species, lengths without elements.
const holes = [1, , 3]; holes.length = 5;
const show = (list) => console.log(list.length, Object.keys(list).join(), String(list));
show(holes.slice()); show(holes.slice(1, 4)); show(holes.slice(4)); show(holes.slice(3, 1));
show(holes.concat(holes, 7, [8])); show([...holes]); show([0, ...holes, ...[9]]); show(Array.from(holes));
show([].concat([], [,]));
class Own extends Array { constructor(...args) { super(...args); this.made = true; } }
const own = Own.of(1, 2, 3);
console.log(own.slice(1) instanceof Own, own.slice(1).made, own.concat([4]).length, Own.from([5, 6]) instanceof Own, own.map((x) => x * 2).made);
const ten = [1, 2]; ten.constructor = { [Symbol.species]: function () { return new Array(10); } };
show(ten.slice()); show(ten.concat([3]));
const same = [1, 2, 3]; same.constructor = { [Symbol.species]: function () { return same; } };
show(same.slice(1)); show(same.concat([4]));
const frozen = [1]; frozen.constructor = { [Symbol.species]: function () { return Object.freeze([]); } };
for (const f of ["slice", "concat", "filter"]) { try { show(frozen[f]((x) => true)); } catch (e) { console.log(e.name); } }
show(Array.prototype.slice.call({ length: 3, 0: "a", 2: "c" }));
show([1, 2, 3].map((x, i, all) => { all.length = 1; return x; }));
const sparse = []; sparse[2 ** 31] = 1; show(sparse.slice(2 ** 31 - 1)); 
Array.prototype[1] = "shown";
show(holes.slice()); show([...holes]); show(holes.concat([])); show(Array.from(holes));
