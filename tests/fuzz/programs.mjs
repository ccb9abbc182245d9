// Programs made at random print the same whether they are interpreted, compiled at
// the first call or as usual:
//     rill run programs.mjs [SECONDS [SEED [OTHER-ENGINE [ARGUMENT...]]]]
// With another engine, it must print that, too. A program that differs is left in
// the current folder, with what each printed.
import { temporaryDirectory, writeFile } from "rill:fs";
import { execPath, run } from "rill:process";
import { Random } from "./driver.mjs";

const [seconds = "2", seed = "1", ...other] = process.argv.slice(2);
const engines = [
  { name: "interpreted", command: [execPath, "run", "--no-jit"] },
  { name: "compiled", command: [execPath, "run", "--stress-jit"] },
  { name: "usual", command: [execPath, "run"] },
];
if (other.length !== 0) engines.push({ name: other[0], command: other });

// What every program begins with: values as text, and an end to its loops.
const prelude = `
let fuel = 30000;
const burn = () => { if (--fuel < 0) throw new RangeError("fuel"); };
const lines = [];
function show(v, depth = 0) {
  switch (typeof v) {
    case "number": return Object.is(v, -0) ? "-0" : String(v);
    case "string": return JSON.stringify(v.length > 60 ? v.slice(0, 60) + v.length : v);
    case "bigint": return v + "n";
    case "symbol": return "symbol";
    case "function": return "function";
    case "object": break;
    default: return String(v);
  }
  if (v === null) return "null";
  if (v === globalThis) return "global";
  if (depth > 3) return "...";
  const inner = (x) => show(x, depth + 1);
  if (v instanceof Error) return v.name;
  if (v instanceof Map) return "Map" + inner([...v].slice(0, 20));
  if (v instanceof Set) return "Set" + inner([...v].slice(0, 20));
  if (ArrayBuffer.isView(v)) return v.constructor.name + "[" + Array.from(v).slice(0, 20).map(inner) + "]";
  if (Array.isArray(v)) {
    let text = "[" + v.length + ":";
    for (let i = 0; i < v.length && i < 20; i++) text += (i in v ? inner(v[i]) : "-") + ",";
    return text + "]";
  }
  let text = "{";
  for (const key of Reflect.ownKeys(v).slice(0, 20)) {
    const d = Object.getOwnPropertyDescriptor(v, key);
    text += String(key) + (d.writable === false ? "!" : "") + ":" + ("value" in d ? inner(d.value) : "accessor") + ",";
  }
  return text + "}";
}
const say = (...values) => { if (lines.length < 400) lines.push(values.map((v) => show(v)).join(" ")); };
const cap = (s) => typeof s === "string" && s.length > 200 ? s.slice(0, 200) : s;
`;

// Makes one program of random statements. Variables have the type that they mostly
// hold as their first letter.
class Maker {
  #r;
  #scopes = [[]];
  #names = 0;
  #depth = 0;
  #loops = []; // labels that break and continue may name
  #kind = "plain"; // of the function around: plain, generator, async
  #fields = ["a", "b", "c", "x", "length", "0", "1"];

  constructor(random) {
    this.#r = random;
  }

  #pick(...list) {
    return this.#r.pick(list);
  }
  #chance(percent) {
    return this.#r.below(100) < percent;
  }
  #fresh(type, mutable = true) {
    const name = `${type[0]}${this.#names++}`;
    this.#scopes.at(-1).push({ name, type, mutable });
    return name;
  }
  #variable(type, toWrite = false) {
    const all = this.#scopes.flat().filter((v) =>
      (type === "any" || v.type === type || this.#r.below(40) === 0) &&
      (!toWrite || v.mutable));
    return all.length === 0 ? null : this.#r.pick(all).name;
  }
  #within(make) {
    this.#scopes.push([]);
    this.#depth++;
    const text = make();
    this.#depth--;
    this.#scopes.pop();
    return text;
  }

  // Expressions by the type that they mostly have.
  expression(type = this.#pick("number", "number", "string", "array", "object",
                               "boolean", "function")) {
    const deep = this.#depth > 5;
    if (this.#chance(deep ? 70 : 30)) {
      const name = this.#variable(type);
      if (name !== null) return name;
    }
    if (deep) return this.#literal(type);
    this.#depth++;
    const text = this.#chance(4) ? this.#odd() : this.#made(type);
    this.#depth--;
    return text;
  }

  #literal(type) {
    const r = this.#r;
    switch (type) {
      case "number":
        return this.#pick("0", "1", "(-1)", "2", "3", "7", "(-0)", "0.5", "1.5", "NaN",
          "Infinity", "2147483647", "(-2147483648)", "4294967295", "4294967296",
          "9007199254740991", "1e21", "(-1e-7)", String(r.below(100)), "255", "65536");
      case "string":
        return this.#pick('""', '"a"', '"abc"', '"1"', '"12.5"', '"\\u00e9"', '"x\\ud83d\\ude00y"',
          '"length"', '" b "', '"A,b,C"', `"k${r.below(5)}"`);
      case "boolean":
        return this.#pick("true", "false");
      case "array":
        return this.#pick("[]", "[1, 2, 3]", "[1.5, , -0]", '["a", "b"]', "[[1], [2, 3]]",
          "[undefined, null]", "new Array(3)", "[3, 1, 2]", "new Uint8Array([1, 2, 300])",
          "new Float32Array([0.1, 1])");
      case "object":
        return this.#pick("{}", "{a: 1}", "{a: 1, b: 'x'}", "{x: 0, a: [1]}", "null",
          "{get a() { return 3; }}", "new Map([[1, 2]])", "new Set([1, 'a'])",
          "Object.freeze({a: 1})", "Object.create({b: 2})", "new Error('e')")
          .replace(/^\{.*\}$/, "($&)"); // no block
      default:
        return this.#pick("(() => 1)", "((x) => x)", "((x, y) => y)", "Math.abs", "String");
    }
  }

  // Of another type than asked for.
  #odd() {
    return this.#pick("undefined", "null", "5n", "Symbol.iterator",
      this.#literal("string"), this.#literal("object"), this.#literal("number"),
      "globalThis.nothing", "new Date(0)", "/a(b)?/g");
  }

  #made(type) {
    const e = (t) => this.expression(t);
    const generic = () => this.#pick(
      () => `(${e("boolean")} ? ${e(type)} : ${e(type)})`,
      () => `(${e(type)} ?? ${e(type)})`,
      () => `(${e(type)} ${this.#pick("||", "&&")} ${e(type)})`,
      () => `(${e()}, ${e(type)})`,
      () => `(${e("object")})${this.#pick(".", "?.")}${this.#pick("a", "b", "x")}`,
      () => `(${e("array")})${this.#pick("", "?.")}[${e("number")}]`,
      () => `${e("function")}${this.#pick("", "?.")}(${e()}, ${e()})`,
      () => this.#assignment(type),
      () => `(${this.#arrow()})(${e()})`,
    )();
    if (this.#chance(25)) return generic();
    switch (type) {
      case "number":
        return this.#pick(
          () => `(${e("number")} ${this.#pick("+", "-", "*", "/", "%", "**", "&", "|", "^", "<<", ">>", ">>>")} ${e("number")})`,
          () => `(${e("number")} ${this.#pick("+", "-", "*", "|", "&", ">>>")} ${e("number")})`,
          () => `(${this.#pick("-", "+", "~")}(${e("number")}))`,
          () => `Math.${this.#pick("floor", "ceil", "round", "trunc", "abs", "sign", "clz32", "fround", "sqrt")}(${e("number")})`,
          () => `Math.${this.#pick("min", "max", "imul")}(${e("number")}, ${e("number")})`,
          () => `(${e("string")}).length`,
          () => `(${e("array")}).length`,
          () => `(${e("string")}).charCodeAt(${e("number")})`,
          () => `(${e("string")}).indexOf(${e("string")})`,
          () => `(${e("array")}).indexOf(${e()})`,
          () => `parseInt(${e("string")}, ${this.#pick("10", "16", "2")})`,
          () => `Number(${e()})`,
          () => `(${e("array")}).reduce((x, y) => { burn(); return x + y; }, ${e("number")})`,
          () => this.#update(),
        )();
      case "string":
        // toString(36) is exact here, and is not elsewhere.
        return this.#pick(
          () => `cap(${e("string")} + ${e()})`,
          () => `cap(\`${this.#pick("", "p")}\${${e()}}-\${${e("number")}}\`)`,
          () => `(${e("string")}).${this.#pick("toUpperCase", "trim", "toLowerCase")}()`,
          () => `(${e("string")}).slice(${e("number")}, ${e("number")})`,
          () => `(${e("string")}).padStart(${this.#r.below(12)}, ${e("string")})`,
          () => `(${e("string")}).replace(${this.#pick("/[a-c]/g", "/(.)(.)/", "'a'", "/\\d+/g")}, ${this.#pick("'$1z'", "(m) => m + m", "''")})`,
          () => `(${e("array")}).join(${e("string")})`,
          () => `(${e("number")}).toString(${this.#pick("", "2", "16")})`,
          () => `(${e("number")}).toFixed(${this.#r.below(5)})`,
          () => `typeof ${e()}`,
          () => `String(${e("number")})`,
          () => `cap(JSON.stringify(${e()}))`,
          () => `(${e("string")})[${e("number")}]`,
          () => `cap((${e("string")}).repeat(${this.#r.below(4)}))`,
          () => `(${e("string")}).at(${e("number")})`,
        )();
      case "boolean":
        return this.#pick(
          () => `(${e("number")} ${this.#pick("<", ">", "<=", ">=", "==", "!=", "===", "!==")} ${e("number")})`,
          () => `(${e()} ${this.#pick("==", "===", "!==", "<", ">=")} ${e()})`,
          () => `(!${e()})`,
          () => `(${e("string")} in ${e("object")})`,
          () => `(${e()} instanceof ${this.#pick("Array", "Object", "Map", "Error", "Function")})`,
          () => `(${e("array")}).includes(${e()})`,
          () => `Array.isArray(${e()})`,
          () => `Object.is(${e("number")}, ${e("number")})`,
          () => `/${this.#pick("a", "[0-9]+", "^.b?", "(a|b)*c")}/.test(${e("string")})`,
          () => `(delete (${e("object")}).${this.#pick("a", "b", "x")})`,
        )();
      case "array":
        return this.#pick(
          () => `[${e()}, ${e()}]`,
          () => `[...${e("array")}, ${e()}]`,
          () => `[...${e("string")}]`,
          () => `(${e("array")}).map(${this.#arrow()})`,
          () => `(${e("array")}).filter(${this.#arrow()})`,
          () => `(${e("array")}).slice(${e("number")})`,
          () => `(${e("array")}).concat(${e()})`,
          () => `[...${e("array")}].sort(${this.#pick("", "(x, y) => x - y", "(x, y) => x < y ? 1 : -1")})`,
          () => `Object.${this.#pick("keys", "values", "entries")}(Object(${e("object")}))`,
          () => `(${e("string")}).split(${e("string")})`,
          () => `Array.from({length: ${this.#r.below(6)}}, ${this.#arrow()})`,
          () => `((...rest) => rest)(${e()}, ...${e("array")})`,
          () => `(${e("array")}).splice(${this.#r.below(3)}, ${this.#r.below(3)}, ${e()})`,
          () => `(${e("array")}).${this.#pick("reverse()", "flat()", "toSorted()", `fill(${e()}, 1)`, `with(0, ${e()})`)}`,
          () => `(function () { return [...arguments]; })(${e()}, ${e()})`,
          () => `[...${this.#generator()}]`,
        )();
      case "object":
        return this.#pick(
          () => `({a: ${e()}, b: ${e()}})`,
          () => `({${this.#pick("a", "x")}: ${e("number")}, ...${e("object")}})`,
          () => `({[${e("string")}]: ${e()}, x: ${e("number")}})`,
          () => `({a: ${e("number")}, get b() { burn(); return this.a; }, set b(v) { this.a = v; }})`,
          () => `new (${this.#klass()})(${e()})`,
          () => `Object.assign({}, ${e("object")}, ${e("object")})`,
          () => `new Map([[${e()}, ${e()}]])`,
          () => `new Set(${e("array")})`,
          () => `Object.fromEntries([[${e("string")}, ${e()}]])`,
          () => `new Proxy({a: ${e()}}, {get: (t, k) => { burn(); return k === "b" ? 1 : t[k]; }})`,
          () => `(${e("object")} ?? {})`,
        )();
      default:
        return this.#arrow();
    }
  }

  #update() {
    const name = this.#variable("number", true);
    if (name === null) return this.#literal("number");
    return this.#pick(`${name}++`, `++${name}`, `${name}--`, `(${name} += 1)`);
  }

  #assignment(type) {
    const name = this.#variable(type, true);
    const value = this.expression(type);
    if (name === null) return value;
    const operators = type === "number"
      ? ["=", "+=", "-=", "*=", "|=", "&=", "^=", "<<=", ">>>=", "??=", "%="]
      : type === "boolean" ? ["=", "||=", "&&="] : ["=", "??=", "||="];
    return `(${name} ${this.#r.pick(operators)} ${value})`;
  }

  #parameters() {
    const list = [];
    for (let left = this.#r.below(3); left >= 0; left--) {
      list.push(this.#pick(
        () => this.#fresh("number"),
        () => this.#fresh("any"),
        () => `${this.#fresh("number")} = ${this.#literal("number")}`,
        () => `[${this.#fresh("any")}, ${this.#fresh("any")} = 1] = [1, 2]`,
        () => `{a: ${this.#fresh("any")} = 2, ...${this.#fresh("object")}} = {}`,
      )());
    }
    if (this.#chance(15)) list.push(`...${this.#fresh("array")}`);
    return list.join(", ");
  }

  #body(kind, statements) {
    const [loops, before] = [this.#loops, this.#kind];
    this.#loops = [];
    this.#kind = kind;
    const text = `{ burn(); ${this.statements(statements)} return ${this.expression()}; }`;
    this.#loops = loops;
    this.#kind = before;
    return text;
  }

  #arrow() {
    return this.#within(() => this.#chance(60)
      ? `((${this.#parameters()}) => (burn(), ${this.expression()}))`
      : `((${this.#parameters()}) => ${this.#body("plain", 1)})`);
  }

  #generator() {
    return this.#within(() =>
      `(function* (${this.#parameters()}) ${this.#body("generator", 2)})(${this.expression()})`);
  }

  #klass() {
    return this.#within(() => {
      const parent = this.#chance(25) ? ` extends ${this.#pick("Array", "Map", "Object",
        "class { constructor(q) { this.q = q; } m() { return 1; } }")}` : "";
      const s = parent === "" ? "" : "super(); ";
      return `class${parent} { #p = ${this.expression("number")}; a = ${this.expression()}; ` +
        `static s = ${this.expression("number")}; ` +
        `constructor(v) { ${s}burn(); this.x = v; this.#p += ${this.expression("number")}; } ` +
        `get p() { return this.#p; } set p(v) { this.#p = v; } ` +
        `m(v) { burn(); return ${this.#pick("this.#p + v", "this.a", "#p in this", "this.m?.length",
                                            "super.toString?.length", "++this.#p")}; } }`;
    });
  }

  statements(count) {
    let text = "";
    for (let i = 0; i < count; i++) text += this.statement();
    return text;
  }

  // Of numbers only: what compiled code has types for.
  #arithmetic(operands, depth = 3) {
    const e = () => this.#arithmetic(operands, depth - 1);
    if (depth === 0 || this.#chance(15)) {
      return this.#chance(75) ? this.#r.pick(operands) : this.#literal("number");
    }
    return this.#pick(
      () => `(${e()} ${this.#pick("+", "-", "*")} ${e()})`,
      () => `(${e()} ${this.#pick("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", ">>>")} ${e()})`,
      () => `(${e()} ${this.#pick("| 0", ">>> 0", "& 255", "% 7")})`,
      () => `(${this.#pick("-", "~")}(${e()}))`,
      () => `Math.${this.#pick("floor", "abs", "trunc", "sqrt", "round")}(${e()})`,
      () => `Math.${this.#pick("min", "max", "imul")}(${e()}, ${e()})`,
      () => `(${e()} ${this.#pick("<", "<=", "===", "!==")} ${e()} ? ${e()} : ${e()})`,
    )();
  }

  #kernel() {
    const list = this.#pick("[1, 2, 3, 4, 5, 6, 7, 8]", "[0.5, 1, -0, 3, 4, 5, 6, 7]",
      "new Int32Array(8)", "new Uint8Array(8)", "new Float64Array(8)", "new Uint32Array(8)",
      "new Uint8ClampedArray(8)", "Array(8).fill(0)", "{length: 8, 0: 1, 1: 2, 2: 3}");
    const outer = this.#variable("number") ?? "1";
    const read = this.#pick("q[i & 7]", "q[i % 8]", "q[i]", "q[(i + 1) & 7]");
    const a = () => this.#arithmetic(["s", "t", "i", read, outer, "o.a", "o.b"]);
    const step = () => this.#pick(
      () => `s = ${a()};`,
      () => `s ${this.#pick("+=", "-=", "*=", "|=", "^=", "%=")} ${a()};`,
      () => `t ${this.#pick("=", "+=", "-=", "*=")} ${a()};`,
      () => `q[${this.#pick("i & 7", "i % 8", "s & 7", "i")}] = ${a()};`,
      () => `o.${this.#pick("a", "b")} ${this.#pick("=", "+=")} ${a()};`,
      () => `if (${a()} ${this.#pick("<", ">", "===", "<=")} ${a()}) ${this.#pick("continue;", "break;", "s++;", "t--;", "{ s = t; }")}`,
      () => `for (let j = i; j < ${this.#r.below(9)}; j++) { ${this.#pick("s", "t")} += ${this.#arithmetic(["s", "i", "j", read])}; }`,
    )();
    return `{ let s = ${this.#literal("number")}, t = ${this.#literal("number")}; const q = ${list}, o = {a: 1, b: ${this.#literal("number")}}; ` +
      `for (let i = ${this.#pick("0", "0", "1", "-3")}; i < ${this.#pick("8", "40", "300")}; i++) { ${step()} ${step()} ${step()} } say(s, t, q, o); }\n`;
  }

  #block(count) {
    return this.#within(() => `{ ${this.statements(count)} }`);
  }

  #loop(make) {
    const label = `l${this.#names++}`;
    this.#loops.push(label);
    const text = this.#within(() => make(label));
    this.#loops.pop();
    return `${label}: ${text}`;
  }

  statement() {
    const e = (t) => this.expression(t);
    if (this.#depth > 4) return `say(${e()});\n`;
    const declare = () => {
      const type = this.#pick("number", "number", "string", "array", "object", "boolean", "function");
      const mutable = this.#chance(80);
      const value = e(type);
      return `${mutable ? this.#pick("let", "let", "var") : "const"} ${this.#fresh(type, mutable)} = ${value};\n`;
    };
    return this.#pick(
      declare, declare, declare, () => this.#kernel(),
      () => `say(${e()}, ${e()});\n`,
      () => `${this.#assignment(this.#pick("number", "string", "array", "object"))};\n`,
      () => `if (${e("boolean")}) ${this.#block(2)} else ${this.#block(1)}\n`,
      () => this.#loop(() => {
        const name = `i${this.#names++}`;
        this.#scopes.at(-1).push({ name, type: "number", mutable: this.#chance(10) });
        return `for (let ${name} = 0; ${name} < ${1 + this.#r.below(30)}; ${name}++) { burn(); ${this.statements(2)} }\n`;
      }),
      () => this.#loop(() => {
        const source = this.#pick("array", "string");
        const list = e(source);
        const name = this.#fresh("any", false);
        return `for (const ${name} of ${list}) { burn(); ${this.statements(2)} }\n`;
      }),
      () => this.#loop(() => {
        const list = e(this.#pick("object", "array"));
        const name = this.#fresh("string", false);
        return `for (const ${name} in ${list}) { burn(); ${this.statements(1)} }\n`;
      }),
      () => this.#loop(() => {
        const name = this.#fresh("number");
        return `for (let ${name} = ${1 + this.#r.below(12)}, g = 0; g++ < 40 && ${name} > 0;) { burn(); ${this.statements(1)} ${name}--; }\n`;
      }),
      () => this.#loops.length === 0 ? `say(${e()});\n`
        : `if (${e("boolean")}) ${this.#pick("break", "continue")} ${this.#r.pick(this.#loops)};\n`,
      () => `try ${this.#block(2)} catch (error) { say(error); ${this.statements(1)} }` +
        `${this.#chance(40) ? ` finally ${this.#block(1)}` : ""}\n`,
      () => `try { if (${e("boolean")}) throw ${e()}; } catch { } finally ${this.#block(1)}\n`,
      () => `switch (${e("number")}) { case 0: ${this.statements(1)} case ${e("number")}: ${this.#block(1)} break; default: ${this.#block(1)} }\n`,
      () => {
        const text = this.#within(() => `(${this.#parameters()}) ${this.#body("plain", 3)}`);
        return `function ${this.#fresh("function", false)}${text}\n`;
      },
      () => {
        const [x, y] = [e("array"), e("object")];
        return `const [${this.#fresh("any", false)} = 1, , ...${this.#fresh("array", false)}] = ${x}; ` +
          `let {a: ${this.#fresh("any")} = 2, b: ${this.#fresh("any")}} = ${y};\n`;
      },
      () => `(${e("object")}).${this.#r.pick(this.#fields.slice(0, 4))} = ${e()};\n`,
      () => `(${e("array")})[${this.#pick("0", "1", "2", e("number"))}] = ${e()};\n`,
      () => `(${e("array")}).push(${e()});\n`,
      () => this.#kind === "generator" ? `say(yield ${e()});\n`
        : this.#kind === "async" ? `say(await ${e()});\n` : `say(${e()});\n`,
      () => `Object.defineProperty(Object(${e("object")}), ${e("string")}, {value: ${e()}, writable: ${this.#chance(50)}, configurable: true});\n`,
      () => this.#chance(20) && this.#kind !== "generator" && this.#depth > 1 && this.#loops.length > 0
        ? `if (${e("boolean")}) break;\n` : `${this.#update()};\n`,
    )();
  }

  program() {
    let text = prelude;
    const count = 2 + this.#r.below(3);
    for (let i = 0; i < count; i++) {
      const kind = this.#pick("plain", "plain", "plain", "generator", "async");
      const head = { plain: "function", generator: "function*", async: "async function" }[kind];
      const body = this.#within(() => `(${this.#parameters()}) ${this.#body(kind, 6)}`);
      text += `${head} main${i}${body}\n`;
      const call = `main${i}(k, k % 3 === 0 ? "s" : [k], {a: k})`;
      text += `for (let k = 0; k < 60; k++) { fuel = 3000; try { ` + {
        plain: `say(${call});`,
        generator: `say([...${call}]);`,
        async: `${call}.then(say, say);`,
      }[kind] + ` } catch (error) { say(error); } }\n`;
    }
    return `${text}setTimeout(() => console.log(lines.join("\\n")), 0);\n`;
  }
}

async function outcome({ command }, path) {
  const { code, signal, stdout } =
    await run(command[0], [...command.slice(1), path], { timeout: 60000 });
  return code === 0 ? stdout : `code ${code}, signal ${signal}`;
}

const end = performance.now() + Number(seconds) * 1000;
await using folder = await temporaryDirectory();
const path = `${folder.path}/program.cjs`;
let made = 0, differing = 0, failing = 0;
for (let n = Number(seed); performance.now() < end; n++) {
  const text = new Maker(new Random(n)).program();
  await writeFile(path, text);
  const outcomes = await Promise.all(engines.map((engine) => outcome(engine, path)));
  made++;
  if (outcomes[0].startsWith("code ")) failing++;
  if (outcomes.every((said) => said === outcomes[0])) continue;
  differing++;
  console.log(`seed ${n} differs`);
  await writeFile(`program-${n}.cjs`, text);
  for (let i = 0; i < engines.length; i++) {
    await writeFile(`program-${n}.${i}.txt`, outcomes[i]);
  }
}
console.log(`${made} programs, ${failing} that end early, ${differing} that differ`);
process.exitCode = differing === 0 ? 0 : 1;
