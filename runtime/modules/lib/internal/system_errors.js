// SPDX-License-Identifier: MIT
// The system's errors by number, and errors of them as node:util makes them.
import { invalidArgument, outOfRange } from "rill:internal/errors";
import { systemErrors } from "rill:internal/process";

let table;
function errors() {
  if (table === undefined) {
    table = new Map();
    const list = systemErrors();
    for (let i = 0; i < list.length; i += 3) {
      table.set(list[i], [list[i + 1], list[i + 2]]);
    }
  }
  return table;
}

export const getSystemErrorMap = () =>
  new Map([...errors()].map(([number, row]) => [number, [...row]]));

export function getSystemErrorName(number) {
  if (typeof number !== "number") {
    throw invalidArgument("err", "of type number", number);
  }
  if (number >= 0 || !Number.isSafeInteger(number)) {
    throw outOfRange("err", "a negative integer", number);
  }
  return errors().get(number)?.[0] ?? `Unknown system error ${number}`;
}

function systemError(number, syscall, message, from) {
  const error = new Error(message);
  Error.captureStackTrace(error, from);
  error.errno = number;
  error.code = getSystemErrorName(number);
  error.syscall = syscall;
  return error;
}

export function _errnoException(number, syscall, original = undefined) {
  const name = getSystemErrorName(number);
  return systemError(
    number, syscall,
    original ? `${syscall} ${name} ${original}` : `${syscall} ${name}`,
    _errnoException);
}

export function _exceptionWithHostPort(number, syscall, address, port,
                                       additional = undefined) {
  let details = "";
  if (port && port > 0) details = ` ${address}:${port}`;
  else if (address) details = ` ${address}`;
  if (additional) details += ` - Local (${additional})`;
  const error = systemError(
    number, syscall, `${syscall} ${getSystemErrorName(number)}${details}`,
    _exceptionWithHostPort);
  error.address = address;
  if (port) error.port = port;
  return error;
}
