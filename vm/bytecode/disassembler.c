// SPDX-License-Identifier: MIT
// Text of templates, made from instructions.def: registers as r1, jump targets
// as absolute words, keys and constants by their content.
#include "vm/bytecode/disassembler.h"

#include <inttypes.h>

#include "vm/bytecode/function_builder.h"
#include "vm/objects/number_text.h"

static void print_atom(FILE *out, const String *s) {
  if (!s) {
    fputs("(none)", out);
    return;
  }
  uint32_t length = string_length(s);
  bool wide = s->cell.flags & STRING_WIDE;
  for (uint32_t i = 0; i < length && i < 60; i++) {
    unsigned c = wide ? s->utf16[i] : s->latin1[i];
    if (c >= ' ' && c < 127) {
      putc((int)c, out);
    } else {
      fprintf(out, "\\u%04x", c);
    }
  }
  if (length > 60) fputs("...", out);
}

static void print_key(FILE *out, PropertyKey key) {
  if (key_is_index(key)) {
    fprintf(out, "%u", key_as_index(key));
  } else {
    print_atom(out, value_as_string(key));
  }
}

static void print_value(FILE *out, Value value) {
  if (value_is_number(value)) {
    char text[NUMBER_TEXT_SIZE];
    size_t length = vm_number_to_text(value_as_number(value), text);
    fprintf(out, "%.*s", (int)length, text);
  } else if (value_is_cell(value)) {
    if (value_as_cell(value)->kind == CELL_STRING) {
      putc('"', out);
      print_atom(out, value_as_string(value));
      putc('"', out);
    } else {
      fputs("bigint", out);
    }
  } else {
    switch (value) {
    case VALUE_NULL:
      fputs("null", out);
      break;
    case VALUE_UNDEFINED:
      fputs("undefined", out);
      break;
    case VALUE_TRUE:
      fputs("true", out);
      break;
    case VALUE_FALSE:
      fputs("false", out);
      break;
    case VALUE_EMPTY:
      fputs("empty", out);
      break;
    default:
      fprintf(out, "#%" PRIx64, value);
    }
  }
}

static void print_cache(FILE *out, const Template *t, uint32_t index) {
  const CacheDescriptor *cache = &t->caches[index];
  fprintf(out, "ic%u", index);
  if (cache->kind != CACHE_LITERAL) {
    putc('.', out);
    print_key(out, t->keys[cache->key]);
    return;
  }
  const Record *record = &t->records[cache->key];
  fputs("{", out);
  for (uint32_t i = 0; i < record->key_list.count; i++) {
    if (i) fputs(", ", out);
    print_key(out, record->key_list.keys[i]);
  }
  fputs("}", out);
}

static void print_operand(FILE *out, const Template *t, uint32_t pc,
                          OperandKind kind, uint32_t value, Instruction word) {
  if (kind == OPERAND_NONE) return;
  putc(' ', out);
  switch (kind) {
  case OPERAND_DST:
  case OPERAND_SRC:
    fprintf(out, "r%u", value);
    break;
  case OPERAND_BASE:
    fprintf(out, "r%u..", value);
    break;
  case OPERAND_INT:
    fprintf(out, "%d", (int16_t)value);
    break;
  case OPERAND_IC:
    print_cache(out, t, value);
    break;
  case OPERAND_KEY:
    putc('\'', out);
    print_key(out, t->keys[value]);
    putc('\'', out);
    break;
  case OPERAND_FUNC:
    fprintf(out, "function%u:", value);
    print_atom(out, t->functions[value]->name);
    break;
  case OPERAND_REC:
    fprintf(out, "record%u", value);
    break;
  case OPERAND_JMP16:
    fprintf(out, "->%u", pc + 1 + (uint32_t)(int16_t)word.c);
    break;
  case OPERAND_JMP32:
    fprintf(out, "->%u", pc + 1 + (uint32_t)word.imm);
    break;
  case OPERAND_IMM32:
    if (word.op == OP_LOAD_CONSTANT) {
      print_value(out, t->constants[word.imm]);
    } else if (word.op == OP_LOAD_SPECIAL) {
      print_value(out, (Value)(uint32_t)word.imm);
    } else {
      fprintf(out, "%d", word.imm);
    }
    break;
  default:
    fprintf(out, "%u", value);
  }
}

// One instruction, without a newline. Returns its width in words.
static uint32_t disassemble_one(FILE *out, const Template *t, uint32_t pc) {
  Instruction word = t->code[pc];
  const InstructionInfo *info = &bytecode_info[word.op];
  fprintf(out, "%5u %-26s", pc, info->name);
  print_operand(out, t, pc, info->a, word.a, word);
  print_operand(out, t, pc, info->b, word.b, word);
  print_operand(out, t, pc, info->c, word.c, word);
  if (info->x == OPERAND_JMP32) {
    fprintf(out, " ->%" PRIu64, pc + 2 + t->code[pc + 1].word);
  } else if (info->x == OPERAND_WORD) {
    fprintf(out, " x%" PRIu64, t->code[pc + 1].word);
  }
  return bytecode_width((Opcode)word.op);
}

static const char *const kinds[] = {
    "function",      "arrow",  "method", "getter", "setter", "class",
    "class derived", "fields", "script", "module", "eval",
};

void vm_disassemble(const Template *t, FILE *out) {
  fprintf(out, "%s%s%s ", t->flags & TEMPLATE_ASYNC ? "async " : "",
          kinds[t->kind], t->flags & TEMPLATE_GENERATOR ? "*" : "");
  print_atom(out, t->name);
  fprintf(out, " (%u parameters, length %u, %u registers)%s\n",
          t->parameter_count, t->length, t->register_count,
          t->flags & TEMPLATE_STRICT ? " strict" : "");
  uint32_t position = 0;
  for (uint32_t pc = 0; pc < t->code_count;) {
    while (position < t->position_count && t->positions[position].pc < pc)
      position++;
    uint32_t width = disassemble_one(out, t, pc);
    if (position < t->position_count && t->positions[position].pc == pc) {
      fprintf(out, "  ; %u:%u", t->positions[position].line,
              t->positions[position].column);
    }
    putc('\n', out);
    pc += width;
  }
  for (uint32_t i = 0; i < t->handler_count; i++) {
    const ExceptionHandler *h = &t->handlers[i];
    fprintf(out, "      [%u, %u) -> %u, exception r%u\n", h->start, h->end,
            h->handler, h->exception_register);
  }
  for (uint32_t i = 0; i < t->record_count; i++) {
    const Record *r = &t->records[i];
    if (r->kind == RECORD_SCOPE) {
      fprintf(out, "      record%u: scope kind %d, %u slots:", i,
              (int)r->scope.kind, r->scope.slot_count);
      for (uint32_t k = 0; k < r->scope.name_count; k++) {
        putc(' ', out);
        print_atom(out, r->scope.names[k].name);
        fprintf(out, "@%u", r->scope.names[k].slot);
      }
      putc('\n', out);
    } else if (r->kind == RECORD_DECLARATIONS) {
      fprintf(out, "      record%u: declares", i);
      for (uint32_t k = 0; k < r->declarations.count; k++) {
        putc(' ', out);
        print_atom(out, r->declarations.names[k].name);
        fprintf(out, "/%d", (int)r->declarations.names[k].kind);
      }
      putc('\n', out);
    }
  }
  for (uint32_t i = 0; i < t->function_count; i++) {
    putc('\n', out);
    vm_disassemble(t->functions[i], out);
  }
}
