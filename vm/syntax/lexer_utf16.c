// SPDX-License-Identifier: MIT
// The scanner for UTF-16 texts.
#include "vm/objects/number_text.h"
#include "vm/syntax/lexer.h"

#define SCAN_UNIT uint16_t
#define SCAN_WIDE 1
#define SCAN_NAME syntax_scan_utf16
#include "vm/syntax/lexer_scan.h"
