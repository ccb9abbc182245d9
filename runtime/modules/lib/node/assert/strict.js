// SPDX-License-Identifier: MIT
// node:assert/strict
import assert from "node:assert";

export const {
  AssertionError, deepEqual, deepStrictEqual, doesNotMatch, doesNotReject,
  doesNotThrow, equal, fail, ifError, match, notDeepEqual, notDeepStrictEqual,
  notEqual, notStrictEqual, ok, rejects, strict, strictEqual, throws,
} = assert.strict;
export default assert.strict;
