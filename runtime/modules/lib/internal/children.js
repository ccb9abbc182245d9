// SPDX-License-Identifier: MIT
// What rill:process and node:child_process have in common: the arguments of the
// natives that start a child.
import { env as ownEnvironment } from "rill:internal/environment";
import { codedError, invalidArgument, outOfRange } from "rill:internal/errors";
import { loadBuiltin } from "rill:internal/modules";

// A child's descriptor, where it is none of ours; as in process_options.h.
export const NULL = -1, READS = -2, WRITES = -3, TWO_WAYS = -4;
const DETACHED = 1 << 3;

function checkText(value, name) {
  if (typeof value !== "string") {
    throw invalidArgument(name, "of type string", value);
  }
  if (value.includes("\0")) {
    const shown = value.replaceAll("\0", "\\x00");
    throw codedError(
      TypeError, "ERR_INVALID_ARG_VALUE",
      `The ${name.includes(".") ? "property" : "argument"} '${name}' must be a ` +
        `string without null bytes. Received '${shown}'`);
  }
  return value;
}

function checkId(value, name) {
  if (value === undefined || value === null) return -1;
  if (typeof value !== "number") {
    throw invalidArgument(name, "int32", value);
  }
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 31) return value;
  throw outOfRange(name, ">= 0 && <= 2147483647", value);
}

// A path: a string, or a file URL.
function checkFolder(cwd) {
  if (cwd === undefined || cwd === null) return undefined;
  if (typeof cwd === "object") cwd = loadBuiltin("node:url").fileURLToPath(cwd);
  return checkText(cwd, "options.cwd");
}

function pairs(env) {
  const list = [];
  for (const name in env) {
    const value = env[name];
    if (value === undefined) continue;
    checkText(name, `options.env['${name}']`);
    list.push(`${name}=${checkText(`${value}`, `options.env['${name}']`)}`);
  }
  return list;
}

// The first eight arguments of spawn and spawnSync. argv: with the name.
export function childArguments(file, argv, options, descriptors) {
  checkText(file, "file");
  if (file === "") {
    throw codedError(TypeError, "ERR_INVALID_ARG_VALUE",
                     "The argument 'file' cannot be empty. Received ''");
  }
  const { cwd, env, uid, gid, detached } = options;
  return [
    file,
    argv.map((text, i) => checkText(String(text), `args[${i - 1}]`)),
    pairs(env ?? ownEnvironment),
    checkFolder(cwd),
    detached ? DETACHED : 0,
    checkId(uid, "options.uid"),
    checkId(gid, "options.gid"),
    descriptors,
  ];
}
