// SPDX-License-Identifier: MIT
// The scanner for Latin-1 texts.
#include "vm/objects/number_text.h"
#include "vm/syntax/lexer.h"
#include "vm/syntax/words.h"

#define SCAN_UNIT uint8_t
#define SCAN_WIDE 0
#define SCAN_NAME syntax_scan_latin1
#include "vm/syntax/lexer_scan.h"
