// SPDX-License-Identifier: MIT
// util.parseArgs: options and positionals of a command line.
import { codedError } from "rill:internal/errors";

const fail = (code, message) => {
  throw codedError(TypeError, `ERR_PARSE_ARGS_${code}`, message);
};

// The arguments as tokens: { kind, index, name, rawName, value, inlineValue }.
function tokensOf(args, options) {
  const longOf = (short) =>
    Object.keys(options).find((name) => options[name].short === short) ?? short;
  const takesValue = (name) => options[name]?.type === "string";
  const tokens = [];
  // What is left of -abc after -a stays at the index of all of it.
  const rest = args.map((text, index) => ({ text: String(text), index }));
  let next = 0;
  while (next < rest.length) {
    const { text, index } = rest[next++];
    if (text === "--") {
      tokens.push({ kind: "option-terminator", index });
      for (; next < rest.length; next++) {
        const { text: value, index: at } = rest[next];
        tokens.push({ kind: "positional", index: at, value });
      }
    } else if (/^--./.test(text)) {
      const equals = text.indexOf("=", 3);
      const rawName = equals < 0 ? text : text.slice(0, equals);
      const name = rawName.slice(2);
      let value = equals < 0 ? undefined : text.slice(equals + 1);
      let inlineValue = equals < 0 ? undefined : true;
      if (value === undefined && takesValue(name) && next < rest.length) {
        value = rest[next++].text;
        inlineValue = false;
      }
      tokens.push({ kind: "option", name, rawName, index, value, inlineValue });
    } else if (/^-./.test(text)) {
      const name = longOf(text[1]);
      const rawName = `-${text[1]}`;
      let value, inlineValue;
      if (takesValue(name)) {
        if (text.length > 2) [value, inlineValue] = [text.slice(2), true];
        else if (next < rest.length) {
          [value, inlineValue] = [rest[next++].text, false];
        }
      } else if (text.length > 2) {
        rest[--next] = { text: `-${text.slice(2)}`, index };
      }
      tokens.push({ kind: "option", name, rawName, index, value, inlineValue });
    } else {
      tokens.push({ kind: "positional", index, value: text });
    }
  }
  return tokens;
}

function check(token, options, allowNegative) {
  const { name, rawName, value, inlineValue } = token;
  const positive = allowNegative && name.startsWith("no-")
      ? name.slice(3) : undefined;
  const known = Object.hasOwn(options, name) ||
      options[positive]?.type === "boolean";
  if (!known) {
    fail("UNKNOWN_OPTION",
         `Unknown option '${rawName}'. To specify a positional argument ` +
           `starting with a '-', place it at the end of the command after ` +
           `'--', as in '-- "${rawName}"`);
  }
  const { type, short } = options[name] ?? {};
  const shown = `${short ? `-${short}, ` : ""}--${name}`;
  if (type === "string" && typeof value !== "string") {
    fail("INVALID_OPTION_VALUE",
         `Option '${shown} <value>' argument missing`);
  }
  if (type !== "string" && value !== undefined) {
    fail("INVALID_OPTION_VALUE",
         `Option '${shown}' does not take an argument`);
  }
  if (inlineValue === false && value.length > 1 && value.startsWith("-")) {
    fail("INVALID_OPTION_VALUE",
         `Option '${rawName}' argument is ambiguous.\nDid you forget to ` +
           `specify the option argument for '${rawName}'?\nTo specify an ` +
           `option argument starting with a dash use '--${name}=-XYZ'${
             rawName.startsWith("--") ? "" : ` or '${rawName}-XYZ'`}.`);
  }
}

export function parseArgs({
  args = process.argv.slice(2),
  options = {},
  strict = true,
  allowPositionals = !strict,
  allowNegative = false,
  tokens: wantTokens = false,
} = {}) {
  const values = { __proto__: null };
  const positionals = [];
  const tokens = tokensOf(args, options);
  const store = (name, value) => {
    if (options[name]?.multiple) (values[name] ??= []).push(value);
    else values[name] = value;
  };
  for (const token of tokens) {
    if (token.kind === "positional") {
      if (!allowPositionals) {
        fail("UNEXPECTED_POSITIONAL",
             `Unexpected argument '${token.value}'. This command does not ` +
               "take positional arguments");
      }
      positionals.push(token.value);
    } else if (token.kind === "option") {
      if (strict) check(token, options, allowNegative);
      const { name, value } = token;
      if (name === "__proto__") continue;
      if (allowNegative && value === undefined && name.startsWith("no-") &&
          !Object.hasOwn(options, name)) {
        store(name.slice(3), false);
      } else {
        store(name, value ?? true);
      }
    }
  }
  for (const [name, { default: missing }] of Object.entries(options)) {
    if (missing !== undefined && values[name] === undefined) {
      values[name] = missing;
    }
  }
  return wantTokens ? { values, positionals, tokens } : { values, positionals };
}
