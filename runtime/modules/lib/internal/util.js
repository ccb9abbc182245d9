// SPDX-License-Identifier: MIT
// Deep comparison, shared by node:util and node:assert.
import { kindOf } from "rill:internal/introspect";

export { kindOf };

function sameEntries(a, b, strict, seen) {
  if (a.size !== b.size) return false;
  const unmatched = [];
  for (const entry of a) {
    const [key, value] = a instanceof Map ? entry : [entry, undefined];
    if (b.has(key)) {
      if (a instanceof Map && !equal(value, b.get(key), strict, seen)) {
        return false;
      }
    } else {
      unmatched.push([key, value]);
    }
  }
  const candidates = new Set([...b.keys()].filter((key) => !a.has(key)));
  return unmatched.every(([key, value]) => {
    for (const other of candidates) {
      if (equal(key, other, strict, seen) &&
          (!(a instanceof Map) || equal(value, b.get(other), strict, seen))) {
        candidates.delete(other);
        return true;
      }
    }
    return false;
  });
}

function equal(a, b, strict, seen) {
  if (strict ? Object.is(a, b) : a == b || (a !== a && b !== b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
  if (strict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) {
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
      if (!sameEntries(a, b, strict, seen)) return false;
      break;
    case "ArrayBuffer":
    case "SharedArrayBuffer":
      return equal(new Uint8Array(a), new Uint8Array(b), strict, seen);
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
  if (strict) {
    keys.push(...symbols(a));
    others.push(...symbols(b));
  }
  return keys.length === others.length &&
      keys.every((key) => Object.hasOwn(b, key) &&
                          equal(a[key], b[key], strict, seen));
}

export const isDeepEqual = (a, b, strict) => equal(a, b, strict, new Map());
