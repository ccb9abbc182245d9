// immutable: maps, lists, records, ordered sets, lazy sequences.
import * as I from "immutable";

let map = I.Map(), list = I.List();
for (let i = 0; i < 20000; i++) {
  map = map.set(`key${i % 5000}`, i);
  list = list.push(i);
  if (i % 7 === 0) map = map.delete(`key${(i * 31) % 5000}`);
}
console.log(map.size, map.get("key4999"), map.hashCode(), list.size, list.slice(100, 110).toJS());
console.log(list.setIn([3], "x").insert(5, "y").interleave(I.Range(0, 3)).toArray().join());
const deep = I.fromJS({ a: [{ b: { c: 1 } }], d: { e: [1, 2, { f: 3 }] } });
const changed = deep.updateIn(["a", 0, "b", "c"], (n) => n + 1).mergeDeep({ d: { g: 4 } });
console.log(changed.toString(), deep.equals(changed), I.is(deep, I.fromJS(deep.toJS())), changed.getIn(["d", "e", 2, "f"]));
const Point = I.Record({ x: 0, y: 0 }, "Point");
console.log(String(new Point({ x: 3 }).set("y", 4)), new Point().equals(Point({})), I.Set([new Point(), new Point()]).size);
console.log(I.Seq(I.Range(1, Infinity)).filter((n) => n % 3 === 0).map((n) => n * n).skip(2).take(5).toJS());
console.log(I.OrderedMap(list.take(20).groupBy((n) => n % 3)).map((g) => g.reduce((a, b) => a + b)).toString());
console.log(I.OrderedSet("hello world").union("xyz").sort().join(""), I.Stack.of(1, 2, 3).push(0).toString());
console.log(map.withMutations((m) => { for (let i = 0; i < 100; i++) m.set(i, i); }).size, JSON.stringify(deep));
console.log([...map.entrySeq().take(5)].length, map.sortBy((v) => -v).keySeq().first(), I.hash("text"), I.hash(1.5), I.hash(true));
