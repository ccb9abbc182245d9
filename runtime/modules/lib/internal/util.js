// SPDX-License-Identifier: MIT
// Deep comparison, shared by node:util, node:assert and rill:test.
import { kindOf } from "rill:internal/introspect";

export { kindOf };

function sameEntries(a, b, how, seen) {
  if (a.size !== b.size) return false;
  const unmatched = [];
  for (const entry of a) {
    const [key, value] = a instanceof Map ? entry : [entry, undefined];
    if (b.has(key)) {
      if (a instanceof Map && !equal(value, b.get(key), how, seen)) {
        return false;
      }
    } else {
      unmatched.push([key, value]);
    }
  }
  const candidates = new Set([...b.keys()].filter((key) => !a.has(key)));
  return unmatched.every(([key, value]) => {
    for (const other of candidates) {
      if (equal(key, other, how, seen) &&
          (!(a instanceof Map) || equal(value, b.get(other), how, seen))) {
        candidates.delete(other);
        return true;
      }
    }
    return false;
  });
}

function equal(a, b, how, seen) {
  const custom = how.custom?.(a, b);
  if (custom !== undefined) return custom;
  if (how.same(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
  if (how.prototypes &&
      Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) {
    return false;
  }
  const kind = kindOf(a);
  if (kind !== kindOf(b)) return false;
  if (seen.get(a) === b) return true;
  seen.set(a, b);
  switch (kind) {
    case "Date":
      if (a.getTime() !== b.getTime()) return false;
      break;
    case "RegExp":
      if (String(a) !== String(b) || a.lastIndex !== b.lastIndex) return false;
      break;
    case "Error":
      if (a.message !== b.message || a.name !== b.name) return false;
      break;
    case "Number":
    case "String":
    case "Boolean":
    case "BigInt":
    case "Symbol":
      if (!Object.is(a.valueOf(), b.valueOf())) return false;
      break;
    case "Map":
    case "Set":
      if (!sameEntries(a, b, how, seen)) return false;
      break;
    case "ArrayBuffer":
    case "SharedArrayBuffer":
      return equal(new Uint8Array(a), new Uint8Array(b), how, seen);
    case "Array":
      if (a.length !== b.length) return false;
      break;
    case "Promise":
    case "WeakMap":
    case "WeakSet":
      return false;
  }
  const symbols = (o) => Object.getOwnPropertySymbols(o).filter(
    (s) => Object.prototype.propertyIsEnumerable.call(o, s));
  const keys = Object.keys(a), others = Object.keys(b);
  if (how.symbols) {
    keys.push(...symbols(a));
    others.push(...symbols(b));
  }
  if (how.skipsUndefined) {
    return [...new Set([...keys, ...others])].every(
      (key) => equal(a[key], b[key], how, seen));
  }
  return keys.length === others.length &&
      keys.every((key) => Object.hasOwn(b, key) &&
                          equal(a[key], b[key], how, seen));
}

const LOOSE = { same: (a, b) => a == b || (a !== a && b !== b) };
const STRICT = { same: Object.is, prototypes: true, symbols: true };

// How to compare: same(a, b) of primitives; prototypes: they must be the same;
// symbols: these keys count, too; skipsUndefined: a property of undefined is
// none; custom(a, b): true, false, or undefined for the usual way.
export const isEqualBy = (a, b, how) => equal(a, b, how, new Map());
export const isDeepEqual = (a, b, strict) =>
  isEqualBy(a, b, strict ? STRICT : LOOSE);
