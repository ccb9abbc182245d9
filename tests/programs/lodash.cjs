// lodash: collections, strings, functions, deep clone and compare, templates.
const _ = require("lodash");

const people = _.times(500, (i) => ({
  id: i, name: `Name ${i % 37}`, age: (i * 7) % 61,
  tags: _.range(i % 4).map((n) => `t${n}`), at: { x: i % 3, y: [i, { z: -i }] },
}));
console.log(_.chain(people).filter((p) => p.age > 30).groupBy("at.x").mapValues((g) => _.sumBy(g, "age")).value());
console.log(_.orderBy(people, ["age", "name"], ["desc", "asc"]).slice(0, 5).map((p) => p.id));
console.log(_(people).flatMap("tags").countBy().toPairs().sortBy(0).value());
console.log(_.uniqBy(people, "name").length, _.maxBy(people, "at.y[1].z").id, _.partition(people, { age: 7 }).map(_.size));
const copy = _.cloneDeep(people);
console.log(_.isEqual(copy, people), copy[3].at.y !== people[3].at.y);
_.set(copy, "[3].at.y[1].w.v[2]", new Map([[1, new Set([/x/g])]]));
console.log(_.isEqual(copy, people), JSON.stringify(copy[3]), _.get(copy, ["3", "at", "y", 1, "w", "v", 2]).get(1).size);
console.log(_.merge({ a: [{ b: 1 }, 2], c: { d: 1 } }, { a: [{ e: 3 }], c: null, f: undefined }), _.defaultsDeep({ a: { b: 1 } }, { a: { b: 2, c: 3 } }));
console.log(["camelCase", "snakeCase", "kebabCase", "startCase", "deburr", "upperFirst", "words"].map((f) => _[f]("fooBar--déjà VU 42XMLHttp")));
console.log(_.template("<% _.each(items, i => { %>[<%- i %>|<%= i %>]<% }) %>${ n }")({ items: ["<a>", "b"], n: 1 }));
console.log(_.padStart("7", 3, "0"), _.truncate("a long sentence here", { length: 12, separator: " " }), _.escape("<&'>"));
const add = _.curry((a, b, c) => a + b + c);
console.log(add(1)(2)(3), add(_, 2)(1, 3), _.flow([_.toUpper, _.reverse, (x) => x])(["a"]), _.memoize((n) => n * 2)(4));
console.log(_.xor([2, 1], [2, 3]), _.zipObjectDeep(["a.b[0].c", "a.b[1].d"], [1, 2]), _.chunk(_.range(7), 3), _.sortedIndexBy([{ x: 4 }, { x: 5 }], { x: 4.5 }, "x"));
let calls = 0;
const debounced = _.debounce(() => console.log("debounced", ++calls), 50);
debounced();
debounced();
_.defer((text) => console.log(text), "deferred");
