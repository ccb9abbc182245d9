// SPDX-License-Identifier: MIT
// How values are shown by console.log, the REPL and util.inspect: the layout is
// Node's (72 columns, nesting of 2, 100 array items).
import {
  collectionEntries,
  promiseDetails,
  prototypeOf,
  proxyDetails,
  kindOf,
  ownPropertyKeys,
} from "rill:internal/introspect";

const identifier = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

const defaults = {
  depth: 2,
  breakLength: 80,
  maxArrayLength: 100,
  maxStringLength: 10000,
  compact: 3,
  showHidden: false,
  colors: false,
  sorted: false,
  getters: false,
};

const palette = {
  number: [33, 39],
  bigint: [33, 39],
  boolean: [33, 39],
  string: [32, 39],
  symbol: [32, 39],
  undefined: [90, 39],
  null: [1, 22],
  special: [36, 39],
  date: [35, 39],
  regexp: [31, 39],
};

function paint(context, text, style) {
  if (!context.colors) return text;
  const [on, off] = palette[style];
  return `\x1b[${on}m${text}\x1b[${off}m`;
}

const escapes = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
  "\\": "\\\\",
};

export function quote(text) {
  let mark = "'";
  if (text.includes("'")) {
    if (!text.includes('"')) mark = '"';
    else if (!text.includes("`") && !text.includes("${")) mark = "`";
  }
  const body = text.replace(/[\x00-\x1f\x7f-\x9f\\]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, (c) => {
    if (escapes[c] !== undefined) return escapes[c];
    const code = c.charCodeAt(0).toString(16);
    return c.charCodeAt(0) > 255 ? `\\u${code}`
        : `\\x${code.toUpperCase().padStart(2, "0")}`;
  });
  return mark + (mark === "'" ? body.replaceAll("'", "\\'") : body) + mark;
}

function formatNumber(value) {
  return Object.is(value, -0) ? "-0" : String(value);
}

function formatPrimitive(context, value, inObject) {
  switch (typeof value) {
    case "string": {
      let text = value;
      let tail = "";
      if (text.length > context.maxStringLength) {
        const left = text.length - context.maxStringLength;
        text = text.slice(0, context.maxStringLength);
        tail = `... ${left} more character${left > 1 ? "s" : ""}`;
      }
      // A long text with line ends is shown line by line.
      if (inObject && context.compact !== true && text.length > 16 &&
          text.length > context.breakLength - context.indentation - 6 &&
          text.includes("\n")) {
        return text.split(/(?<=\n)/)
          .map((line) => paint(context, quote(line), "string"))
          .join(` +\n${" ".repeat(context.indentation + 4)}`) + tail;
      }
      return paint(context, quote(text), "string") + tail;
    }
    case "number":
      return paint(context, formatNumber(value), "number");
    case "bigint":
      return paint(context, `${value}n`, "bigint");
    case "boolean":
      return paint(context, String(value), "boolean");
    case "symbol":
      return paint(context, Symbol.prototype.toString.call(value), "symbol");
    case "undefined":
      return paint(context, "undefined", "undefined");
    default:
      return paint(context, "null", "null");
  }
}

function formatKey(context, key) {
  if (typeof key === "symbol") {
    return `[${paint(context, Symbol.prototype.toString.call(key), "symbol")}]`;
  }
  if (key === "__proto__") return "['__proto__']";
  return identifier.test(key) ? key : paint(context, quote(key), "string");
}

// The name of the constructor that an object was made by, or null.
function constructorName(value) {
  for (let o = value; o !== null; o = prototypeOf(o)) {
    const descriptor = Object.getOwnPropertyDescriptor(o, "constructor");
    if (descriptor !== undefined && typeof descriptor.value === "function" &&
        descriptor.value.name !== "" &&
        (value instanceof descriptor.value || o === value ||
         descriptor.value.prototype === o)) {
      return String(descriptor.value.name);
    }
  }
  return null;
}

function prefixOf(value, name, fallback, size) {
  const tag = safeTag(value);
  const shownSize = size === undefined ? "" : `(${size})`;
  let result = name === null ? `[${fallback}${shownSize}: null prototype]`
                             : `${name}${shownSize}`;
  if (tag !== "" && tag !== name) result += ` [${tag}]`;
  return result + " ";
}

function safeTag(value) {
  let tag;
  try {
    tag = value[Symbol.toStringTag];
  } catch {
    return "";
  }
  if (typeof tag !== "string") return "";
  // One that is shown as a property says enough.
  const { propertyIsEnumerable } = Object.prototype;
  return propertyIsEnumerable.call(value, Symbol.toStringTag) ? "" : tag;
}

function formatProperty(context, value, key, isArrayItem, depth) {
  const descriptor = Object.getOwnPropertyDescriptor(value, key) ??
      { value: value[key], enumerable: true };
  let text;
  if (descriptor.value !== undefined || !(descriptor.get || descriptor.set)) {
    text = formatValue(context, descriptor.value, depth + 1);
  } else {
    const kind = descriptor.get ? (descriptor.set ? "Getter/Setter" : "Getter")
                                : "Setter";
    text = paint(context, `[${kind}]`, "special");
  }
  if (isArrayItem) return text;
  const shown = formatKey(context, key);
  return descriptor.enumerable === false ? `[${String(key)}]: ${text}`
                                         : `${shown}: ${text}`;
}

function formatList(context, items, count, format) {
  const shown = Math.min(count, Math.max(0, context.maxArrayLength));
  const output = [];
  for (let i = 0; i < shown; i++) output.push(format(items[i], i));
  addMore(output, count - shown);
  return output;
}

function addMore(output, more) {
  if (more > 0) output.push(`... ${more} more item${more > 1 ? "s" : ""}`);
}

function formatArray(context, value, depth) {
  const output = [];
  const limit = context.maxArrayLength;
  let index = 0;
  while (index < value.length && output.length < limit) {
    if (Object.hasOwn(value, index)) {
      output.push(formatProperty(context, value, String(index), true, depth));
      index++;
      continue;
    }
    let holes = 0;
    const next = nextIndex(value, index);
    holes = next - index;
    index = next;
    output.push(paint(context, `<${holes} empty item${holes > 1 ? "s" : ""}>`,
                      "undefined"));
  }
  addMore(output, value.length - index);
  return output;
}

function nextIndex(value, from) {
  if (value.length - from < 10000) {
    while (from < value.length && !Object.hasOwn(value, from)) from++;
    return from;
  }
  for (const key of Object.keys(value)) {
    const index = Number(key);
    if (Number.isInteger(index) && index >= from) return index;
  }
  return value.length;
}

function keysOf(context, value, kind) {
  const keys = context.showHidden ? ownPropertyKeys(value) : Object.keys(value);
  if (!context.showHidden) {
    for (const symbol of Object.getOwnPropertySymbols(value)) {
      if (Object.prototype.propertyIsEnumerable.call(value, symbol)) {
        keys.push(symbol);
      }
    }
  }
  const indexed =
      kind === "Array" || kind === "TypedArray" || kind === "String";
  const result = indexed
      ? keys.filter((k) => typeof k === "symbol" || !/^(0|[1-9]\d*)$/.test(k))
      : keys;
  return kind === "Array" && !context.showHidden
      ? result.filter((k) => k !== "length") : result;
}

function functionBase(value, name) {
  const source = Function.prototype.toString.call(value);
  if (source.startsWith("class") && source.endsWith("}")) {
    let text = `[class ${value.name === "" ? "(anonymous)" : value.name}`;
    const parent = Object.getPrototypeOf(value);
    if (typeof parent === "function" && parent.name !== "") {
      text += ` extends ${parent.name}`;
    } else if (parent === null) {
      text += " extends [null prototype]";
    }
    return text + "]";
  }
  const type = name === null ? "Function (null prototype)" : name;
  const shown = value.name;
  return typeof shown === "string" && shown !== "" ? `[${type}: ${shown}]`
                                                   : `[${type} (anonymous)]`;
}

function errorBase(context, value, keys) {
  let stack = typeof value.stack === "string" && value.stack !== ""
      ? value.stack : Error.prototype.toString.call(value);
  const hidden = ["stack", "message"];
  for (const name of hidden) {
    const at = keys.indexOf(name);
    if (at >= 0) keys.splice(at, 1);
  }
  if ("cause" in value && !keys.includes("cause")) keys.push("cause");
  if (Array.isArray(value.errors) && !keys.includes("errors")) {
    keys.push("errors");
  }
  if (!/\n\s+at /.test(stack)) stack = `[${stack}]`;
  return stack.replaceAll("\n", `\n${" ".repeat(context.indentation)}`);
}

function formatRaw(context, value, depth) {
  let kind = kindOf(value);
  if (kind === "Proxy") {
    if (context.showProxy) {
      const [target, handler] = proxyDetails(value);
      return `Proxy [ ${formatValue(context, target, depth + 1)}, ${
        formatValue(context, handler, depth + 1)} ]`;
    }
    let target = value;
    while (kindOf(target) === "Proxy") target = proxyDetails(target)[0];
    if (target === null) return "<Revoked Proxy>";
    value = target;
    kind = kindOf(value);
  }
  const name = constructorName(value);
  const keys = keysOf(context, value, kind);
  let open = "{", close = "}", base = "", isList = false;
  let items = () => [];
  switch (kind) {
    case "Array":
      open = (name === "Array" && safeTag(value) === "")
          ? "[" : `${prefixOf(value, name, "Array", value.length)}[`;
      close = "]";
      isList = true;
      if (value.length === 0 && keys.length === 0) return `${open}]`;
      items = () => formatArray(context, value, depth);
      break;
    case "Arguments":
      open = "[Arguments] {";
      if (keys.length === 0) return "[Arguments] {}";
      break;
    case "TypedArray": {
      open = `${prefixOf(value, name, "TypedArray", value.length)}[`;
      close = "]";
      isList = true;
      if (value.length === 0 && keys.length === 0) return `${open}]`;
      items = () => formatList(context, value, value.length,
                               (v) => formatPrimitive(context, v, true));
      break;
    }
    case "Set": {
      const entries = collectionEntries(value);
      open = `${prefixOf(value, name, "Set", entries.length)}{`;
      items = () => formatList(context, entries, entries.length,
                               (v) => formatValue(context, v, depth + 1));
      if (entries.length === 0 && keys.length === 0) return `${open}}`;
      break;
    }
    case "Map": {
      const entries = collectionEntries(value);
      open = `${prefixOf(value, name, "Map", entries.length / 2)}{`;
      items = () => {
        const pairs = [];
        for (let i = 0; i < entries.length; i += 2) {
          pairs.push([entries[i], entries[i + 1]]);
        }
        return formatList(context, pairs, pairs.length, ([k, v]) =>
          `${formatValue(context, k, depth + 1)} => ${
            formatValue(context, v, depth + 1)}`);
      };
      if (entries.length === 0 && keys.length === 0) return `${open}}`;
      break;
    }
    case "MapIterator":
    case "SetIterator": {
      open = `[${safeTag(value)}] {`;
      const entries = collectionEntries(value);
      items = () => formatList(context, entries, entries.length,
                               (v) => formatValue(context, v, depth + 1));
      if (entries.length === 0 && keys.length === 0) return `${open}  }`;
      break;
    }
    case "Function": {
      base = functionBase(value, name);
      if (keys.length === 0) return paint(context, base, "special");
      break;
    }
    case "RegExp":
      base = RegExp.prototype.toString.call(value);
      if (keys.length === 0) return paint(context, base, "regexp");
      break;
    case "Date":
      base = Number.isNaN(value.getTime()) ? "Invalid Date"
                                           : Date.prototype.toISOString.call(value);
      if (keys.length === 0) return paint(context, base, "date");
      break;
    case "Error":
      base = errorBase(context, value, keys);
      if (keys.length === 0) return base;
      break;
    case "ArrayBuffer":
    case "SharedArrayBuffer": {
      open = `${prefixOf(value, name, kind)}{`;
      items = () => {
        const bytes = new Uint8Array(value);
        const shown = [...bytes.slice(0, 50)]
            .map((b) => b.toString(16).padStart(2, "0")).join(" ");
        const more = bytes.length > 50 ? ` ... ${bytes.length - 50} more bytes`
                                       : "";
        return [`[Uint8Contents]: <${shown}${more}>`,
                `byteLength: ${formatPrimitive(context, value.byteLength)}`];
      };
      break;
    }
    case "DataView":
      open = `${prefixOf(value, name, kind)}{`;
      items = () => ["byteLength", "byteOffset", "buffer"].map((key) =>
        `${key}: ${formatValue(context, value[key], depth + 1)}`);
      break;
    case "Promise": {
      open = `${prefixOf(value, name, kind)}{`;
      items = () => {
        const [state, result] = promiseDetails(value);
        if (state === "pending") return [paint(context, "<pending>", "special")];
        const shown = formatValue(context, result, depth + 1);
        return [state === "rejected"
            ? `${paint(context, "<rejected>", "special")} ${shown}` : shown];
      };
      break;
    }
    case "WeakSet":
    case "WeakMap":
      open = `${prefixOf(value, name, kind)}{`;
      items = () => [paint(context, "<items unknown>", "special")];
      break;
    case "WeakRef":
      open = `${prefixOf(value, name, kind)}{`;
      items = () => [formatValue(context, value.deref(), depth + 1)];
      break;
    case "Module":
      open = "[Module: null prototype] {";
      break;
    case "Number":
    case "Boolean":
    case "BigInt":
    case "Symbol":
    case "String": {
      const primitive = Object(value).valueOf();
      base = `[${kind}: ${formatPrimitive({ ...context, colors: false },
                                          primitive)}]`;
      if (keys.length === 0) return paint(context, base, "string");
      break;
    }
    case "Generator":
    case "AsyncGenerator":
      open = `Object [${kind}] {`;
      if (keys.length === 0) return `${open}}`;
      break;
    default: {
      const plain = name === "Object" && safeTag(value) === "";
      if (!plain) open = `${prefixOf(value, name, "Object")}{`;
      if (keys.length === 0) return `${open}}`;
    }
  }
  if (context.depth !== null && depth > context.depth) {
    const label = kind === "Array" ? "Array" : name ?? "Object: null prototype";
    return paint(context, `[${label}]`, "special");
  }
  context.seen.push(value);
  context.currentDepth = depth;
  let output;
  try {
    output = items();
    if (context.sorted) keys.sort();
    for (const key of keys) {
      output.push(formatProperty(context, value, key, false, depth));
    }
  } finally {
    context.seen.pop();
  }
  let reference = "";
  const circular = context.circular.get(value);
  if (circular !== undefined) {
    reference = paint(context, `<ref *${circular}>`, "special") + " ";
  }
  return reduce(context, output, base, reference, open, close, isList, depth,
                value);
}

// Long lists of short items are laid out in columns.
function groupItems(context, output, value) {
  let total = 0, longest = 0;
  const hasMore = output.length > context.maxArrayLength;
  const count = hasMore ? output.length - 1 : output.length;
  const separator = 2;
  const lengths = [];
  for (let i = 0; i < count; i++) {
    const length = visibleLength(context, output[i]);
    lengths.push(length);
    total += length + separator;
    if (longest < length) longest = length;
  }
  const actual = longest + separator;
  if (!(actual * 3 + context.indentation < context.breakLength &&
        (total / actual > 5 || longest <= 6))) {
    return output;
  }
  const bias = Math.sqrt(actual - total / output.length);
  const biased = Math.max(actual - 3 - bias, 1);
  const columns = Math.min(
    Math.round(Math.sqrt(2.5 * biased * count) / biased),
    Math.floor((context.breakLength - context.indentation) / actual),
    context.compact * 4,
    15,
  );
  if (columns <= 1) return output;
  const widths = [];
  for (let i = 0; i < columns; i++) {
    let width = 0;
    for (let j = i; j < count; j += columns) {
      if (lengths[j] > width) width = lengths[j];
    }
    widths.push(width + separator);
  }
  const numeric = value !== undefined && Array.from(value).every(
    (v) => typeof v === "number" || typeof v === "bigint");
  const rows = [];
  for (let i = 0; i < count; i += columns) {
    const end = Math.min(i + columns, count);
    let row = "";
    let j = i;
    for (; j < end - 1; j++) {
      const cell = `${output[j]}, `;
      const pad = " ".repeat(widths[j - i] - lengths[j] - separator);
      row += numeric ? pad + cell : cell + pad;
    }
    row += numeric
        ? " ".repeat(widths[j - i] - separator - lengths[j]) + output[j]
        : output[j];
    rows.push(row);
  }
  if (hasMore) rows.push(output[count]);
  return rows;
}

function visibleLength(context, text) {
  const plain = context.colors ? text.replace(/\x1b\[\d+m/g, "") : text;
  return plain.length;
}

function reduce(context, output, base, reference, open, close, isList, depth,
                value) {
  const entries = output.length;
  if (isList && entries > 6) output = groupItems(context, output, value);
  const lead = base === "" ? "" : `${base} `;
  if (context.currentDepth - depth < context.compact &&
      entries === output.length) {
    const start = output.length + context.indentation + open.length +
        base.length + 10;
    if (totalFits(context, output, start) && !base.includes("\n")) {
      const joined = output.join(", ");
      if (!joined.includes("\n")) {
        return `${reference}${lead}${open} ${joined} ${close}`;
      }
    }
  }
  const indentation = `\n${" ".repeat(context.indentation)}`;
  return `${reference}${lead}${open}${indentation}  ${
    output.join(`,${indentation}  `)}${indentation}${close}`;
}

function totalFits(context, output, start) {
  let total = output.length + start;
  if (total + output.length > context.breakLength) return false;
  for (const text of output) {
    total += visibleLength(context, text);
    if (total > context.breakLength) return false;
  }
  return true;
}

function formatValue(context, value, depth) {
  if ((typeof value !== "object" && typeof value !== "function") ||
      value === null) {
    return formatPrimitive(context, value, depth > 0);
  }
  if (context.customInspect !== false && kindOf(value) !== "Proxy") {
    const custom = value[Symbol.for("nodejs.util.inspect.custom")];
    if (typeof custom === "function" && custom !== inspect) {
      const left = context.depth === null ? null : context.depth - depth;
      const shown = custom.call(value, left, { ...context, depth: left },
                                inspect);
      if (shown !== value) {
        return typeof shown === "string"
            ? shown.replaceAll("\n", `\n${" ".repeat(context.indentation)}`)
            : formatValue(context, shown, depth);
      }
    }
  }
  if (context.seen.includes(value)) {
    let index = context.circular.get(value);
    if (index === undefined) {
      index = context.circular.size + 1;
      context.circular.set(value, index);
    }
    return paint(context, `[Circular *${index}]`, "special");
  }
  context.indentation += depth === 0 ? 0 : 2;
  try {
    return formatRaw(context, value, depth);
  } finally {
    context.indentation -= depth === 0 ? 0 : 2;
  }
}

export function inspect(value, options, ...legacy) {
  const context = {
    ...defaults,
    seen: [],
    circular: new Map(),
    indentation: 0,
    currentDepth: 0,
  };
  if (typeof options === "boolean") {
    context.showHidden = options;
    if (legacy[0] !== undefined) context.depth = legacy[0];
    if (legacy[1] !== undefined) context.colors = legacy[1];
  } else if (options !== undefined && options !== null) {
    for (const key of Object.keys(options)) context[key] = options[key];
    context.seen = [];
    context.circular = new Map();
    context.indentation = 0;
  }
  if (context.depth === Infinity) context.depth = null;
  if (context.maxArrayLength === null) context.maxArrayLength = Infinity;
  if (context.maxStringLength === null) context.maxStringLength = Infinity;
  return formatValue(context, value, 0);
}
inspect.custom = Symbol.for("nodejs.util.inspect.custom");
inspect.defaultOptions = defaults;
// The codes that begin and end each style of a terminal's text.
inspect.colors = {
  __proto__: null,
  reset: [0, 0],
  bold: [1, 22],
  dim: [2, 22],
  italic: [3, 23],
  underline: [4, 24],
  blink: [5, 25],
  inverse: [7, 27],
  hidden: [8, 28],
  strikethrough: [9, 29],
  doubleunderline: [21, 24],
};
for (const [i, name] of [
  "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
].entries()) {
  const bright = name[0].toUpperCase() + name.slice(1);
  Object.assign(inspect.colors, {
    [name]: [30 + i, 39],
    [`bg${bright}`]: [40 + i, 49],
    [`${name}Bright`]: [90 + i, 39],
    [`bg${bright}Bright`]: [100 + i, 49],
  });
}
inspect.colors.gray = inspect.colors.grey = inspect.colors.blackBright;

function formatOne(options, specifier, value) {
  switch (specifier) {
    case "s":
      if (typeof value === "number") return formatNumber(value);
      if (typeof value === "bigint") return `${value}n`;
      if (typeof value !== "object" || value === null) return String(value);
      if (typeof value.toString === "function" &&
          value.toString !== Object.prototype.toString &&
          value.toString !== Array.prototype.toString &&
          value.toString !== Error.prototype.toString) {
        return String(value);
      }
      return inspect(value, { ...options, depth: 0 });
    case "d":
      if (typeof value === "bigint") return `${value}n`;
      if (typeof value === "symbol" || typeof value === "object") return "NaN";
      return formatNumber(Number(value));
    case "i":
      if (typeof value === "bigint") return `${value}n`;
      if (typeof value === "symbol" || typeof value === "object") return "NaN";
      return formatNumber(parseInt(value));
    case "f":
      return typeof value === "symbol" ? "NaN" : formatNumber(parseFloat(value));
    case "j":
      try {
        return JSON.stringify(value);
      } catch (error) {
        if (error instanceof TypeError) return "[Circular]";
        throw error;
      }
    case "O":
      return inspect(value, options);
    case "o":
      return inspect(value, { ...options, showHidden: true, depth: 4 });
    default: // c: CSS is dropped
      return "";
  }
}

export function formatWithOptions(options, ...values) {
  let result = "";
  let next = 0;
  if (typeof values[0] === "string") {
    if (values.length === 1) return values[0];
    next = 1;
    result = values[0].replace(/%[sdifjoOc%]/g, (match) => {
      if (match === "%%") return "%";
      if (next >= values.length) return match;
      return formatOne(options, match[1], values[next++]);
    });
  }
  for (; next < values.length; next++) {
    if (next > 0) result += " ";
    const value = values[next];
    result += typeof value === "string" ? value : inspect(value, options);
  }
  return result;
}

export const format = (...values) => formatWithOptions({}, ...values);
