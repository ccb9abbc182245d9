// SPDX-License-Identifier: MIT
// The names that a CommonJS module exports, as far as its text tells without
// running it. Known are the forms that people and compilers write:
//
//   exports.a =   module.exports.a =   exports['a'] =
//   Object.defineProperty(exports, 'a', ...
//   module.exports = { a, b: ..., 'c': ..., d() {}, ...require('x') }
//   module.exports = require('x')
//   __exportStar(require('x'), exports)   __export(require('x'))
//   Object.keys(x).forEach(... exports[key] ...)  where x = require('x')
//
// Comments, strings and regular expressions are passed over.
#ifndef RILL_RUNTIME_MODULES_EXPORT_SCAN_H
#define RILL_RUNTIME_MODULES_EXPORT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A piece of the scanned text: the text without quotes. (Escapes are left as
// they are: who escapes a name is not found.)
typedef struct TextPiece {
  const char *start;
  size_t length;
} TextPiece;
typedef struct TextPieces {
  TextPiece *items; // malloc'ed
  uint32_t count, capacity;
} TextPieces;

typedef struct ExportScan {
  TextPieces names;     // may repeat
  TextPieces reexports; // specifiers: what they export is exported, too
} ExportScan;

// The pieces point into `text`. False: out of memory. Release in any case.
bool rt_scan_exports(const char *text, size_t length, ExportScan *out);
void rt_release_scan(ExportScan *);

#endif
