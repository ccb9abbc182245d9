// SPDX-License-Identifier: MIT
// Errors with Node's codes and texts.
import { isOutOfMemory } from "rill:internal/introspect";

// Who answers otherwise where an attempt failed does not where it is for this.
export const isLackOfMemory = (error) =>
  isOutOfMemory(error) || error?.code === "ENOMEM" ||
  (error instanceof RangeError &&
   error.message === "Array buffer allocation failed");

export function codedError(Type, code, message) {
  const error = new Type(message);
  error.code = code;
  return error;
}

// What a value is, as Node words it: "an instance of Date".
export function describe(value) {
  if (value === null || value === undefined) return `${value}`;
  if (typeof value === "function") {
    return `function ${value.name || "<anonymous>"}`;
  }
  if (typeof value === "object") {
    const name = value.constructor?.name;
    return name ? `an instance of ${name}` : "[Object]";
  }
  const text = typeof value === "string"
      ? `'${value.length > 28 ? `${value.slice(0, 25)}...` : value}'`
      : String(value) + (typeof value === "bigint" ? "n" : "");
  return `type ${typeof value} (${text})`;
}

// expected: "of type function", "an instance of Buffer or Uint8Array", ...
export const invalidArgument = (name, expected, value) =>
  codedError(
    TypeError, "ERR_INVALID_ARG_TYPE",
    `The ${
      name.endsWith(" argument") ? name
      : `"${name}" ${name.includes(".") ? "property" : "argument"}`} must be ${
      expected}. Received ${describe(value)}`,
  );

export function checkObject(value, name) {
  if (typeof value !== "object" || value === null) {
    throw invalidArgument(name, "of type object", value);
  }
}

export function checkFunction(value, name) {
  if (typeof value !== "function") {
    throw invalidArgument(name, "of type function", value);
  }
}

// Whatever has `aborted` is taken for a signal.
export function checkAbortSignal(signal, name) {
  if (typeof signal !== "object" || signal === null || !("aborted" in signal)) {
    throw invalidArgument(name, "an instance of AbortSignal", signal);
  }
}

export const outOfRange = (name, range, value) =>
  codedError(
    RangeError, "ERR_OUT_OF_RANGE",
    `The value of "${name}" is out of range. It must be ${range}. Received ${
      typeof value === "bigint" ? `${value}n` : String(value)}`,
  );

export function abortError(cause) {
  const error = codedError(Error, "ABORT_ERR", "The operation was aborted");
  error.name = "AbortError";
  if (cause !== undefined) {
    Object.defineProperty(error, "cause",
                          { value: cause, writable: true, configurable: true });
  }
  return error;
}
