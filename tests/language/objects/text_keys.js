// Objects used as maps, with computed keys that no program has had before: such
// keys are not made names of when they are set. All ways to ask for a property
// must agree, whether the key is that string, an equal one, or a name.
"use strict";
function assert(holds, what = "") {
  if (!holds) throw new Error("it does not hold " + what);
}
function assertEqual(actual, expected) {
  if (!Object.is(actual, expected)) throw new Error(`${actual}, not ${expected}`);
}
function assertThrows(type, f) {
  try {
    f();
  } catch (e) {
    return assert(e instanceof type, e);
  }
  throw new Error("does not throw");
}

let fresh = 0;
// Strings that nobody has had, of all representations.
const makers = [
  (n) => "fresh" + n,
  (n) => `${n}: a text that is long enough to be a rope when it is put together, ${n}`,
  (n) => `(${n}) a window of a longer text, which has to be copied (${n})`.slice(1, -1),
  (n) => "\u4e2d" + n,
  (n) => ("\u4e2d" + "narrow " + n).slice(1), // wide units, all of them narrow
  (n) => { let s = "appended"; for (const c of String(n)) s += c + "........"; return s; },
];
const make = (n = fresh++) => makers[n % makers.length](n);
const again = (s) => Array.from(s).join(""); // equal, but another string

function bigMap(count, object = {}) {
  const keys = [];
  for (let i = 0; i < count; i++) {
    const key = make();
    keys.push(key);
    object[key] = i;
  }
  return { object, keys };
}

for (const count of [10, 40, 600, 3000, 20000]) {
  const { object, keys } = bigMap(count);
  for (let i = 0; i < count; i += 1 + (count >> 9)) {
    const key = keys[i];
    assertEqual(object[key], i);
    assertEqual(object[again(key)], i);
    assert(again(key) in object);
    assert(Object.hasOwn(object, again(key)));
    assert(object.hasOwnProperty(again(key)));
    assert(!(key + "!" in object));
    assertEqual(object[key + "!"], undefined);
    assert(!Object.hasOwn(object, key + "?"));
    object[again(key)] = -i;
    assertEqual(object[key], -i);
    object[key] = i;
  }
  // The order is that of insertion, and nothing is there twice.
  assertEqual(Object.keys(object).join("|"), keys.join("|"));
  assertEqual(Object.entries(object).map(([k, v]) => k + v).join(), keys.map((k, i) => k + i).join());
  assertEqual(Object.values(object).length, count);
  const seen = [];
  for (const key in object) seen.push(key);
  assertEqual(seen.join("|"), keys.join("|"));
  assertEqual(JSON.stringify(object), "{" + keys.map((k, i) => JSON.stringify(k) + ":" + i).join() + "}");
  const copy = { ...object };
  assertEqual(Object.keys(copy).join("|"), keys.join("|"));
  copy[again(keys[1])] = "copied";
  assertEqual(object[keys[1]], 1);
  assertEqual(copy[keys[1]], "copied");
  assertEqual(Object.keys(Object.assign({}, object)).join("|"), keys.join("|"));
  assertEqual(Reflect.ownKeys(object).join("|"), keys.join("|"));
  // They are names now.
  for (let i = 0; i < count; i += 1 + (count >> 9)) assertEqual(object[again(keys[i])], i);
  object[make()] = "after that";
  assertEqual(Object.keys(object).length, count + 1);
  const parsed = JSON.parse(JSON.stringify(object));
  assertEqual(Object.keys(parsed).length, count + 1);
  for (let i = 0; i < count; i += 1 + (count >> 9)) assertEqual(parsed[again(keys[i])], i);
}

// A name that is made after the text finds the same property.
{
  const { object, keys } = bigMap(100);
  const key = keys[70];
  const other = { [again(key)]: "a name now" };
  assertEqual(Object.keys(other)[0], key);
  const name = Object.keys(other)[0];
  assertEqual(object[name], 70);
  object[name] = "by name";
  assertEqual(object[again(key)], "by name");
  assertEqual(Object.keys(object).length, 100);
  assertEqual(Object.getOwnPropertyDescriptor(object, again(key)).value, "by name");
  assert(delete object[name]);
  assert(!(key in object));
  assertEqual(Object.keys(object).length, 99);
}

// Code that is compiled with the name.
{
  const { object } = bigMap(100);
  const key = "compiled" + 4711;
  object[key] = 1;
  const get = new Function("o", "return o." + key);
  const set = new Function("o", "v", "o." + key + " = v");
  for (let i = 0; i < 50; i++) {
    set(object, i);
    assertEqual(get(object), i);
    assertEqual(object["compiled" + 4711], i);
  }
  delete object["compiled" + 4711];
  assertEqual(get(object), undefined);
  set(object, "again");
  assertEqual(object["compiled" + 4711], "again");
}

// Deleting.
for (const count of [60, 700, 5000]) {
  const { object, keys } = bigMap(count);
  for (let round = 0; round < 3; round++) {
    for (let i = round; i < keys.length; i += 3) assert(delete object[again(keys[i])]);
    for (let i = round; i < keys.length; i += 3) assertEqual(object[keys[i]], undefined);
    for (let i = round; i < keys.length; i += 3) object[again(keys[i])] = i;
    assertEqual(Object.values(object).length, count);
  }
  for (const key of keys) assert(delete object[key]);
  assertEqual(Object.keys(object).length, 0);
  assert(delete object["never there " + count]);
}
{
  // A queue: one is added, one is deleted. Neither may be found afterwards.
  const queue = {};
  const names = [];
  for (let i = 0; i < 30000; i++) {
    const key = "job " + i + " of a queue";
    queue[key] = i;
    names.push(key);
    if (i >= 50) {
      assertEqual(queue["job " + (i - 50) + " of a queue"], i - 50);
      delete queue[names[i - 50]];
      assert(!Object.hasOwn(queue, names[i - 50]));
    }
  }
  assertEqual(Object.keys(queue).length, 50);
  assertEqual(Object.values(queue)[0], 29950);
}
{
  const o = {};
  for (let i = 0; i < 1000; i++) {
    const key = "one at a time " + i;
    o[key] = i;
    assertEqual(o[again(key)], i);
    delete o[key];
    assertEqual(o[key], undefined);
  }
  assertEqual(JSON.stringify(o), "{}");
}

// What is above the object.
{
  const { object, keys } = bigMap(100);
  const below = Object.create(object);
  assertEqual(below[again(keys[60])], 60);
  assert(again(keys[60]) in below);
  assert(!Object.hasOwn(below, again(keys[60])));
  below[again(keys[60])] = "own";
  assertEqual(object[keys[60]], 60);
  assertEqual(below[keys[60]], "own");
  const late = make();
  assertEqual(below[late], undefined);
  object[again(late)] = "above";
  assertEqual(below[late], "above");
  assert(late in below);
  Object.defineProperty(object, keys[61], { get() { return this; }, set(v) { this.got = v; } });
  assertEqual(below[again(keys[61])], below);
  below[again(keys[61])] = 5;
  assertEqual(below.got, 5);
  Object.defineProperty(object, keys[62], { value: 1, writable: false });
  assertThrows(TypeError, () => { below[again(keys[62])] = 2; });
  // A map below an accessor of that name, which nobody has called yet.
  const accessor = make();
  const calls = [];
  const proto = {};
  for (let i = 0; i < 50; i++) proto[make()] = i;
  Object.defineProperty(proto, again(accessor), { set(v) { calls.push(v); } });
  const map = bigMap(100, Object.create(proto)).object;
  map[again(accessor)] = "set";
  assertEqual(calls.join(), "set");
  assert(!Object.hasOwn(map, accessor));
  const proxied = Object.create(new Proxy({}, { get: (t, k) => "trap " + String(k), has: () => true }));
  bigMap(100, proxied);
  const asked = make();
  assertEqual(proxied[asked], "trap " + asked);
  assert(make() in proxied);
}

// Attributes, sealing, freezing.
{
  const { object, keys } = bigMap(200);
  Object.defineProperty(object, again(keys[150]), { enumerable: false });
  assert(!Object.keys(object).includes(keys[150]));
  assertEqual(object[keys[150]], 150);
  const { object: frozen, keys: names } = bigMap(200);
  Object.freeze(frozen);
  assertThrows(TypeError, () => { frozen[again(names[100])] = 1; });
  assertThrows(TypeError, () => { frozen[make()] = 1; });
  assertThrows(TypeError, () => { delete frozen[again(names[100])]; });
  assertEqual(frozen[again(names[100])], 100);
  assertEqual(frozen[make()], undefined);
  assert(Object.isFrozen(frozen));
  const { object: closed, keys: more } = bigMap(200);
  Object.preventExtensions(closed);
  assertThrows(TypeError, () => { closed[make()] = 1; });
  closed[again(more[100])] = "still";
  assertEqual(closed[more[100]], "still");
  assert(delete closed[again(more[100])]);
  assertThrows(TypeError, () => { closed[again(more[100])] = 1; });
  Object.setPrototypeOf(object, { get [again(keys[0]) + "x"]() { return "inherited"; } });
  assertEqual(object[keys[0] + "x"], "inherited");
  assertEqual(object[again(keys[1])], 1);
}

// Keys that spell indices, and keys of other types.
{
  const { object } = bigMap(100);
  for (let i = 0; i < 100; i++) object[String(i) + ""] = i;
  assertEqual(Object.keys(object)[0], "0");
  assertEqual(object[7], 7);
  const big = "429496" + 7295;
  object[big] = "no index";
  assertEqual(object[4294967295], "no index");
  object[1.5 + fresh] = "number";
  assertEqual(object[String(1.5 + fresh)], "number");
  const key = { toString: () => "from " + "an object " + 12345 };
  object[key] = 1;
  assertEqual(object["from an object " + 12345], 1);
}

// Loops see what is deleted and added meanwhile.
{
  const { object, keys } = bigMap(100);
  let count = 0;
  for (const key in object) {
    count++;
    assert(key in object);
    if (count === 10) for (let i = 50; i < 100; i++) delete object[again(keys[i])];
    if (count === 20) object[make()] = "late";
  }
  assertEqual(count, 50);
  const replaced = bigMap(100);
  let seen = 0;
  for (const key in replaced.object) {
    if (seen++ === 0) {
      delete replaced.object[again(replaced.keys[99])];
      replaced.object[again(replaced.keys[99])] = "again";
      Object.keys(replaced.object);
    }
  }
  assertEqual(seen, 100);
  // A getter that deletes what is listed after it.
  const listed = bigMap(100);
  Object.defineProperty(listed.object, listed.keys[0], {
    enumerable: true,
    get() { for (let i = 1; i < 100; i++) delete listed.object[again(listed.keys[i])]; return "gone"; },
  });
  assertEqual(JSON.stringify(Object.assign({}, listed.object)), JSON.stringify({ [listed.keys[0]]: "gone" }));
}

// JSON: large objects, keys that come twice, `__proto__`, indices.
{
  const parts = [];
  for (let i = 0; i < 1000; i++) parts.push(`"json ${i}":${i}`);
  parts.push('"json 999":"twice"', '"__proto__":{"x":1}', '"12":12', '"esc\\u0061ped":1', '"json 3":"three"');
  const o = JSON.parse("{" + parts + "}");
  assertEqual(o["json " + 999], "twice");
  assertEqual(o["json " + 3], "three");
  assertEqual(o[12], 12);
  assertEqual(o.escaped, 1);
  assertEqual(Object.getPrototypeOf(o), Object.prototype);
  assert(Object.hasOwn(o, "__proto__"));
  assertEqual(Object.keys(o).length, 1003);
  const revived = JSON.parse("{" + parts + "}", (k, v, { source }) => (k === "json 500" ? source + "!" : v));
  assertEqual(revived["json " + 500], "500!");
}

// Records with computed keys that come again, some of them from one text.
{
  const columns = Array.from({ length: 40 }, (_, i) => "column " + i + " of a table");
  const rows = [];
  for (let r = 0; r < 30; r++) {
    const row = {};
    for (let c = 0; c < 40; c++) row[r % 2 ? columns[c] : again(columns[c])] = r * 100 + c;
    rows.push(row);
  }
  const list = JSON.parse(JSON.stringify(rows));
  for (let r = 0; r < 30; r++) {
    assertEqual(Object.keys(rows[r]).join(), columns.join());
    for (let c = 0; c < 40; c++) {
      assertEqual(rows[r][again(columns[c])], r * 100 + c);
      assertEqual(list[r][columns[c]], r * 100 + c);
    }
  }
}

// Random operations beside a Map.
let seed = 12345;
const random = (n) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % n;
for (const size of [50, 400, 3000, 1e6]) {
  const object = {}, map = new Map();
  const salt = "random " + size + " ";
  for (let step = 0; step < 30000; step++) {
    const key = salt + random(size);
    switch (random(8)) {
    case 0: case 1: case 2: object[key] = step; map.set(key, step); break;
    case 3: assertEqual(delete object[key], true); map.delete(key); break;
    case 4: assertEqual(key in object, map.has(key)); break;
    case 5: assertEqual(Object.hasOwn(object, key), map.has(key)); break;
    default: assertEqual(object[key], map.get(key));
    }
    if (step % 5000 === 4999 || (step % 500 === 0 && size === 50))
      assertEqual(Object.keys(object).join(), [...map.keys()].join());
    if (step % 7000 === 6999) Reflect.ownKeys(object);
  }
  assertEqual(JSON.stringify(object), JSON.stringify(Object.fromEntries(map)));
}
assertEqual(structuredClone(bigMap(300).object) !== undefined, true);
{
  const { object, keys } = bigMap(300);
  const clone = structuredClone(object);
  assertEqual(Object.keys(clone).join("|"), keys.join("|"));
}
console.log("ok");
