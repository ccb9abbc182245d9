// SPDX-License-Identifier: MIT
// Compiles files and prints their bytecode: disassemble [-m|-c|-e] [-q] FILE...
// disassemble -i: the manual of the instructions, docs/INSTRUCTIONS.md.
// -m: module, -c: CommonJS, -e: eval code, -q: verify only.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/bytecode/compile.h"
#include "vm/bytecode/disassembler.h"
#include "vm/bytecode/function_builder.h"
#include "vm/bytecode/verifier.h"
#include "vm/syntax/source_text.h"

static char *read_all(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  size_t capacity = 1 << 16, used = 0;
  char *bytes = malloc(capacity);
  for (size_t got;
       bytes && (got = fread(bytes + used, 1, capacity - used, file)) > 0;) {
    used += got;
    if (used == capacity) {
      capacity *= 2;
      bytes = realloc(bytes, capacity);
    }
  }
  fclose(file);
  *length = used;
  return bytes;
}

static int run(const char *path, CompileOptions options, bool quiet) {
  size_t length;
  char *bytes = read_all(path, &length);
  SourceText text;
  if (!bytes || !syntax_source_from_utf8(&text, bytes, length)) {
    fprintf(stderr, "%s: cannot be read\n", path);
    free(bytes);
    return 2;
  }
  options.file_name = path;
  CompileError error;
  Template *t = vm_compile(text.units, text.length, text.kind == SOURCE_UTF16,
                           &options, &error);
  int status = 0;
  if (!t) {
    printf("%s:%u:%u: %s: %s\n", path, error.line, error.column,
           error.is_reference_error ? "ReferenceError" : "SyntaxError",
           error.message);
    status = 1;
  } else {
    char problem[256];
    if (!bytecode_verify(t, problem, sizeof problem)) {
      printf("%s: WRONG BYTECODE: %s\n", path, problem);
      status = 3;
    }
    if (!quiet) vm_disassemble(t, stdout);
    vm_template_release(t);
  }
  syntax_source_release(&text);
  free(bytes);
  return status;
}

static void print_manual(void) {
  static const char *const operands[] = {
      "",    "dst",      "src",    "base",   "int",   "uint",   "cache",
      "key", "function", "record", "jump16", "imm32", "jump32", "word"};
  printf(
      "# Instructions\n\nMade from `vm/bytecode/instructions.def` by "
      "`tests/tools/disassemble -i`; what the\noperand kinds are stands "
      "there. Effects: T throws, C calls script code, E ends, S\nsuspends, "
      "B counts the budget.\n\n| instruction | operands | effects | "
      "meaning |\n|---|---|---|---|\n");
  for (int op = 0; op < OP_COUNT; op++) {
    const InstructionInfo *info = &bytecode_info[op];
    const uint8_t kinds[] = {info->a, info->b, info->c, info->x};
    printf("| %s |", info->name);
    for (int i = 0; i < 4; i++) {
      if (kinds[i]) printf(" %s", operands[kinds[i]]);
    }
    printf(" | ");
    if ((info->effects & EFFECT_CALLS) == EFFECT_CALLS) {
      putchar('C');
    } else if (info->effects & EFFECT_THROWS) {
      putchar('T');
    }
    if (info->effects & EFFECT_ENDS) putchar('E');
    if (info->effects & EFFECT_SUSPENDS) putchar('S');
    if (info->effects & EFFECT_BACKEDGE) putchar('B');
    printf(" | ");
    for (const char *c = info->meaning; *c; c++) {
      if (*c == '|') putchar('\\');
      putchar(*c);
    }
    printf(" |\n");
  }
}

int main(int argc, char **argv) {
  CompileOptions options = {.goal = COMPILE_SCRIPT};
  bool quiet = false;
  int status = 0;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "-m") == 0) {
      options.goal = COMPILE_MODULE;
    } else if (strcmp(argv[i], "-s") == 0) {
      options.goal = COMPILE_SCRIPT;
    } else if (strcmp(argv[i], "-c") == 0) {
      options.goal = COMPILE_COMMONJS;
    } else if (strcmp(argv[i], "-e") == 0) {
      options.goal = COMPILE_EVAL;
      options.is_direct_eval = true;
      options.in_function = true;
    } else if (strcmp(argv[i], "-q") == 0) {
      quiet = true;
    } else if (strcmp(argv[i], "-i") == 0) {
      print_manual();
    } else {
      int result = run(argv[i], options, quiet);
      if (result > status) status = result;
    }
  }
  return status;
}
