// JSON.parse and JSON.stringify.
const show = (...values) =>
  console.log(values.map((v) => (typeof v === "string" ? v : JSON.stringify(v))).join(" | "));
const error = (f) => {
  try { return f(); } catch (e) { return e.constructor.name; }
};
show(JSON.parse('{"a":1,"b":[1,2.5,-0.5,1e3,"x\\u0041\\n\\"\\\\\\/\\b\\f\\r\\t"],"c":{"d":null,"e":true,"f":false}}'));
show(JSON.parse(" [ ] "), JSON.parse("\t{ }\n"), JSON.parse('"\u20ac\\ud83d\\ude00"'), JSON.parse("12"), Object.is(JSON.parse("-0"), -0));
show(JSON.parse("[12345678901234567890,0.1,123456.789,1e-7,5e-324,1.7976931348623157e308,1e400,-1E+2,4.35,0.000001]"));
show(JSON.parse('{"a":1,"a":2,"1":0,"0":5,"__proto__":4}'), Object.keys(JSON.parse('{"__proto__":[]}')));
for (const text of ["", "[1,2", '{"a":x}', '{"a" 1}', '"abc', "[01]", "[1.]", "tru", "-", "1 2", '"\\x"', '"\\u12"', '"\n"', "[1,]", '{"a":1,}', "{a:1}", "NaN", "'a'", "+1", ".5", "[", "]", "\u00a01", '{"a":1 "b":2}', '"\\', "nulll"])
  show(error(() => JSON.parse(text)));
show(JSON.parse('[1,{"a":[2,3]},"x"]', function (k, v) { return typeof v === "number" ? v * 10 : v; }));
show(JSON.parse('{"a":1,"b":{"c":2}}', (k, v) => (k === "a" ? undefined : v)));
const order = [];
JSON.parse('{"a":[1,{"b":2}],"c":3}', function (k, v) { order.push(k + ":" + JSON.stringify(this[k])); return v; });
show(order.join(" "));
show(JSON.stringify({ a: [1, "x", null, undefined, () => 1, Symbol()], b: undefined, c: () => 1, [Symbol()]: 1, d: new Date(0), e: NaN, f: -0, g: Infinity }));
show(JSON.stringify([new Number(3), new String("s"), new Boolean(false), Object(1n).constructor.name, [], {}, [[]], [undefined]]));
show(String(JSON.stringify(undefined)), String(JSON.stringify(() => 1)), JSON.stringify(null), JSON.stringify("a\u2028\ud800\u0007\"\\\n\u20ac"), JSON.stringify("\ud83d\ude00"));
show(JSON.stringify({ a: 1, b: [1, 2, { c: [] }], d: {} }, null, 2));
show(JSON.stringify({ a: [1, {}], b: 2 }, null, "--"), JSON.stringify([1], null, 20), JSON.stringify([1], null, "0123456789abc"));
show(JSON.stringify({ a: 1, b: 2, c: { a: 3, b: 4 } }, ["b", "c", "b", 1, new String("a")]));
show(JSON.stringify({ a: 1, b: "x", c: [1, 2] }, function (k, v) { return typeof v === "number" ? v + 1 : v; }));
show(JSON.stringify({ a: { toJSON(k) { return "J" + k; } }, b: [{ toJSON(k) { return k; } }] }));
show(JSON.stringify({ toJSON() { return undefined; } }) === undefined, JSON.stringify(Object.create({ inherited: 1 }, { own: { value: 1, enumerable: true }, hidden: { value: 2 } })));
const cycle = { a: {} };
cycle.a.b = cycle;
show(error(() => JSON.stringify(cycle)), error(() => JSON.stringify(1n)), error(() => JSON.stringify([cycle.a])));
show(JSON.stringify({ get x() { return 7; }, 2: "two", 1: "one", b: 1, a: 2 }));
const changing = { a: { toJSON() { delete changing.b; changing.z = 1; return 1; } }, b: 2, c: 3 };
show(JSON.stringify(changing), JSON.stringify(changing));
const big = [];
for (let i = 0; i < 500; i++) big.push({ id: i, name: "n" + i, tags: ["a", i], nested: { x: i / 4 } });
const text = JSON.stringify(big);
show(text.length, JSON.stringify(JSON.parse(text)) === text, JSON.parse(text)[499].nested.x);
let nested = 0;
for (let i = 0; i < 1000; i++) nested = [nested];
show(JSON.stringify(JSON.parse(JSON.stringify(nested))).length);
const many = {};
for (let i = 0; i < 400; i++) many["key" + i] = i;
show(JSON.stringify(JSON.parse(JSON.stringify(many))) === JSON.stringify(many));
show(Object.prototype.toString.call(JSON), JSON.parse.length, JSON.stringify.length);

// What is wrong where the text ends.
for (const text of ['1.', '1e', '-', '{"a":1', '[1', '{"a"', '{', '[', '{"a":1,', '"\\', '"\\u1', '"abc', 'tru', ' ']) {
  try {
    JSON.parse(text);
  } catch (e) {
    console.log(text, '|', e.message);
  }
}

// The way round a circle.
{
  const deep = { x: { y: { z: { w: {} } } } };
  deep.x.y.z.w.v = deep;
  class Foo { list = [this]; }
  for (const value of [deep, { k: new Foo() }, { toJSON() { return { value: this, again: deep }; } }]) {
    try {
      JSON.stringify(value);
    } catch (e) {
      console.log(e.name, e.message);
    }
  }
}
