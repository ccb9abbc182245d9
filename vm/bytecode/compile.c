// SPDX-License-Identifier: MIT
// The front door: text in, template out. Parses, decides the layout, emits, and
// turns failures of any stage into one CompileError.
#include "vm/bytecode/compile.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "vm/bytecode/emitter.h"
#include "vm/bytecode/verifier.h"
#include "vm/regexp/regexp.h"

// Errors ----------------------------------------------------------------------

void bytecode_clear_error(CompileError *error) {
  // The message is long.
  error->is_reference_error = error->out_of_memory = error->too_deep = false;
  error->message[0] = 0;
  error->line = error->column = 0;
  error->offset = error->end_offset = 0;
}

static void fail_memory(CompileError *error) {
  error->out_of_memory = true;
  snprintf(error->message, sizeof error->message, "Out of memory");
}

static void fail_syntax(CompileError *error, const SyntaxError *from,
                        uint32_t first_line) {
  if (from->type == SYNTAX_ERROR_MEMORY) {
    fail_memory(error);
    return;
  }
  error->is_reference_error = from->type == SYNTAX_ERROR_REFERENCE;
  snprintf(error->message, sizeof error->message, "%s", from->message);
  error->line = from->position.line + first_line - 1;
  error->column = from->position.column;
  error->offset = from->start;
  error->end_offset = from->end;
}

void bytecode_fail_emission(CompileError *error, const CompileUnit *unit) {
  switch (unit->status) {
  case BUILD_UNSUPPORTED:
    snprintf(error->message, sizeof error->message, "%s",
             unit->message ? unit->message : "Unsupported code");
    break;
  case BUILD_TOO_LARGE:
    snprintf(error->message, sizeof error->message, "Function is too large");
    break;
  default:
    fail_memory(error);
  }
  error->line = unit->first_line;
  error->column = 1;
}

// Source ----------------------------------------------------------------------

static uint16_t unit_at(const SourceFile *file, uint32_t i) {
  return file->is_wide ? ((const uint16_t *)file->units)[i]
                       : ((const uint8_t *)file->units)[i];
}

// Gives the emitter's reference up. Those of the templates are left, which
// nobody else has seen yet.
static void leave_file(SourceFile *file, const Template *result) {
  if (result) {
    uint32_t count =
        atomic_load_explicit(&file->references, memory_order_relaxed);
    atomic_store_explicit(&file->references, count - 1, memory_order_relaxed);
  } else {
    vm_source_file_release(file);
  }
}

SourceFile *bytecode_use_file(CompileUnit *unit, size_t bytes) {
  _Atomic uint32_t *count = &unit->file->references;
  if (unit->lazy) {
    atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
  } else { // no other thread has the file yet
    uint32_t more = atomic_load_explicit(count, memory_order_relaxed) + 1;
    atomic_store_explicit(count, more, memory_order_relaxed);
    unit->file->memory += bytes;
  }
  return unit->file;
}

static const char commonjs_head[] =
    "(function (exports, require, module, __filename, __dirname) {";

static const char commonjs_tail[] = "\n})";

// The URL of the last `//# sourceMappingURL=` line, if it ends the text but for
// `tail` units that are not the user's.
static String *source_map_url(const SourceFile *file, const LineTable *lines,
                              uint32_t tail) {
  static const char marker[] = "# sourceMappingURL=";
  uint32_t size = sizeof marker - 1;
  uint32_t end = file->length - tail;
  while (end && unit_at(file, end - 1) <= ' ')
    end--;
  uint32_t line = lines->count;
  while (line > 1 && lines->starts[line - 1] >= end)
    line--;
  uint32_t start = lines->starts[line - 1];
  if (end - start < size + 2 || unit_at(file, start) != '/' ||
      unit_at(file, start + 1) != '/') {
    return NULL;
  }
  for (uint32_t i = 0; i < size; i++) {
    if (unit_at(file, start + 2 + i) != (uint8_t)marker[i]) return NULL;
  }
  start += 2 + size;
  return file->is_wide
             ? vm_atom_from_utf16((const uint16_t *)file->units + start,
                                  end - start)
             : vm_atom_from_latin1((const uint8_t *)file->units + start,
                                   end - start);
}

// Takes the text over if it is owned and may become the file's as it is.
static SourceFile *source_file(SourceText *text, const LineTable *lines,
                               uint32_t head, const CompileOptions *options) {
  // Names of the parse are in what TypeScript's types leave behind.
  bool takes = text->owned && !options->is_typescript;
  bool is_wide = text->kind == SOURCE_UTF16;
  size_t units_size = (size_t)text->length << is_wide;
  size_t lines_size = lines->count * sizeof *lines->starts;
  size_t memory = sizeof(SourceFile) + lines_size + units_size;
  SourceFile *file = malloc(memory - (takes ? units_size : 0));
  if (!file) return NULL;
  *file = (SourceFile){.memory = memory,
                       .length = text->length,
                       .is_wide = is_wide,
                       .has_units = !takes,
                       .has_lines = true,
                       .line_count = lines->count};
  atomic_init(&file->references, 1);
  const char *name = options->file_name;
  file->name = name ? vm_atom_from_c(name) : ATOM(anonymous_in_brackets);
  if (!file->name) {
    free(file);
    return NULL;
  }
  file->line_starts = (uint32_t *)(file + 1);
  memcpy(file->line_starts, lines->starts, lines_size);
  file->line_starts[0] = head;
  if (takes) {
    file->units = (void *)text->units;
    text->owned = false;
  } else {
    file->units = (char *)(file + 1) + lines_size;
    if (units_size) memcpy(file->units, text->units, units_size);
  }
  bool is_wrapped = options->goal == COMPILE_COMMONJS;
  file->source_map_url =
      source_map_url(file, lines, is_wrapped ? sizeof commonjs_tail - 1 : 0);
  return file;
}

// Without memory for them nothing is skipped.
static void keep_bodies(SourceFile *file, ParseResult *parse) {
  if (!parse->bodies.count) return;
  file->bodies = malloc(sizeof *file->bodies);
  if (!file->bodies) return;
  SyntaxBodies *bodies = file->bodies;
  *bodies = parse->bodies;
  parse->bodies = (SyntaxBodies){0};
  void *items = realloc(bodies->items, bodies->count * sizeof *bodies->items);
  if (items) bodies->items = items;
  void *uses =
      bodies->use_count
          ? realloc(bodies->uses, bodies->use_count * sizeof *bodies->uses)
          : NULL;
  if (uses) bodies->uses = uses;
}

// Parsing ---------------------------------------------------------------------

static bool validate_regexp(void *data, const Name *pattern, const Name *flags,
                            const WorkWatch *watch, char *message,
                            size_t capacity) {
  uint32_t bits;
  if (!regexp_parse_flags(flags->units, flags->length, flags->wide, &bits)) {
    snprintf(message, capacity, "Invalid regular expression flags");
    return false;
  }
  RegExpError error;
  if (regexp_validate(pattern->units, pattern->length, pattern->wide, bits,
                      watch, &error)) {
    return true;
  }
  if (error.kind == REGEXP_ERROR_OUT_OF_MEMORY)
    message[0] = 0;
  else
    snprintf(message, capacity, "%s at %zu", error.message, error.offset);
  return false;
}

const SyntaxHost bytecode_syntax_host = {.validate_regexp = validate_regexp};

static SourceText source_text(const void *units, uint32_t length,
                              bool is_wide) {
  return is_wide ? syntax_source_utf16(units, length)
                 : syntax_source_latin1(units, length);
}

// The names a direct eval sees, as the parser wants them.
static const Name *const *private_names(const CompileOptions *options,
                                        Name **storage) {
  uint32_t count = options->private_name_count;
  if (!count) return NULL;
  Name *names = calloc(count, sizeof *names);
  const Name **list = calloc(count, sizeof *list);
  if (!names || !list) {
    free(names);
    free(list);
    return NULL;
  }
  for (uint32_t i = 0; i < count; i++) {
    const String *s = options->private_names[i];
    bool wide = s->cell.flags & STRING_WIDE;
    names[i].units = wide ? (const void *)s->utf16 : (const void *)s->latin1;
    names[i].length = string_length(s);
    names[i].wide = wide;
    list[i] = &names[i];
  }
  *storage = names;
  return list;
}

static SyntaxOptions syntax_options(const CompileOptions *options) {
  SyntaxOptions result = {.host = &bytecode_syntax_host};
  switch (options->goal) {
  case COMPILE_MODULE:
    result.goal = SYNTAX_MODULE;
    break;
  case COMPILE_EVAL:
    result.goal =
        options->is_direct_eval ? SYNTAX_DIRECT_EVAL : SYNTAX_INDIRECT_EVAL;
    break;
  case COMPILE_FUNCTION:
    result.goal = SYNTAX_DYNAMIC_FUNCTION;
    result.is_async = options->is_async;
    result.is_generator = options->is_generator;
    break;
  default:
    result.goal = SYNTAX_SCRIPT;
    break;
  }
  result.top_level_await = options->repl && options->goal == COMPILE_SCRIPT;
  result.lazy = options->is_lazy && options->coverage == NULL &&
                options->break_line_count == 0;
  result.shown_lines = options->break_lines;
  result.shown_line_count = options->break_line_count;
  result.first_line = options->first_line;
  result.watch = options->watch;
  result.typescript = options->is_typescript;
  result.self_hosted = options->goal == COMPILE_SELF_HOSTED;
  result.strict = options->is_strict || result.self_hosted;
  result.in_function = options->in_function;
  result.in_method = options->in_method;
  result.in_derived_constructor = options->in_derived_constructor;
  result.in_class_field = options->in_field_initializer;
  return result;
}

// Emission --------------------------------------------------------------------

static void program_body(FunctionState *f, void *data) {
  bytecode_program(f, f->ast);
}

// The program itself; for modules, scripts and eval.
static Template *compile_program(CompileUnit *unit) {
  AstFunction *ast = unit->parse->program;
  Template facts = {
      .kind = bytecode_code_kind(ast),
      .name = ATOM(empty),
      .source_end = unit->file->length,
      .flags = TEMPLATE_HAS_SIMPLE_PARAMETERS,
  };
  if (ast->is_strict) facts.flags |= TEMPLATE_STRICT;
  bool is_async = unit->parse->module ? unit->parse->module->has_top_level_await
                                      : ast->is_async;
  if (is_async) facts.flags |= TEMPLATE_ASYNC;
  if (ast->has_direct_eval) facts.flags |= TEMPLATE_HAS_DIRECT_EVAL;
  FunctionState prototype = {
      .ast = ast,
      .closure_scope = ast->scope->parent,
      .kind = facts.kind,
      .is_strict = ast->is_strict,
      .is_async = is_async,
  };
  Template *t = bytecode_build(unit, &prototype, program_body, NULL, &facts);
  if (t && unit->parse->module) {
    t->module = bytecode_module_facts(unit);
    if (unit->failed) {
      vm_template_release(t);
      return NULL;
    }
  }
  return t;
}

// The function that is all of the program: of CreateDynamicFunction, CommonJS
// and self-hosted code.
static AstFunction *only_function(const AstFunction *program) {
  if (program->body.count != 1) return NULL;
  AstNode *node = program->body.items[0];
  if (node->type == AST_EXPRESSION_STATEMENT) {
    node = ((AstUnary *)node)->operand;
  }
  if (node->type != AST_FUNCTION && node->type != AST_FUNCTION_DECLARATION &&
      node->type != AST_ARROW) {
    return NULL;
  }
  return (AstFunction *)node;
}

static Template *compile_only_function(CompileUnit *unit) {
  AstFunction *ast = only_function(unit->parse->program);
  if (!ast) {
    unit->failed = true;
    unit->status = BUILD_UNSUPPORTED;
    unit->message = "Exactly one function is expected";
    return NULL;
  }
  String *name = ast->name ? bytecode_atom(unit, ast->name->name) : ATOM(empty);
  return bytecode_compile_function(unit, NULL, ast, name, NULL);
}

// May take the text over.
static Template *emit(SourceText *text, ParseResult *parse,
                      const CompileOptions *options, uint32_t head,
                      CompileError *error) {
  CompileUnit unit = {
      .options = options,
      .parse = parse,
      .arena = parse->arenas,
      .first_line = options->first_line ? options->first_line : 1,
      .head = head,
  };
  Template *result = NULL;
  if (syntax_line_table_build(&unit.lines, text, unit.arena)) {
    unit.file = source_file(text, &unit.lines, head, options);
  }
  if (!unit.file) {
    fail_memory(error);
    return NULL;
  }
  if (options->coverage != NULL) {
    unit.coverage = coverage_file_new();
    if (unit.coverage == NULL) {
      vm_source_file_release(unit.file);
      fail_memory(error);
      return NULL;
    }
  }
  if (options->is_typescript) {
    unit.file->is_typescript = true;
    syntax_blank_erasures(parse, unit.file->units);
  }
  bool is_function = options->goal == COMPILE_FUNCTION ||
                     options->goal == COMPILE_COMMONJS ||
                     options->goal == COMPILE_SELF_HOSTED;
  if (bytecode_layout(&unit)) {
    result =
        is_function ? compile_only_function(&unit) : compile_program(&unit);
  }
  if (!result) bytecode_fail_emission(error, &unit);
  keep_bodies(unit.file, parse);
  if (unit.coverage != NULL && result != NULL) {
    unit.coverage->source = unit.file;
    coverage_add(options->coverage, unit.coverage);
  } else {
    coverage_file_free(unit.coverage);
    leave_file(unit.file, result);
  }
#ifndef NDEBUG
  char problem[256];
  if (result && !bytecode_verify(result, problem, sizeof problem) &&
      strcmp(problem, bytecode_verify_no_memory) != 0) {
    fprintf(stderr, "rill: emitted bytecode is wrong: %s\n", problem);
    abort();
  }
#endif
  return result;
}

// CommonJS: the text becomes the body of a function; positions stay, because
// the wrapper's head is subtracted from the first line's columns.
// The body in its wrapper, in the memory of an owned body. False: no memory.
static bool wrap(SourceText *body) {
  uint32_t head = sizeof commonjs_head - 1, tail = sizeof commonjs_tail - 1;
  bool wide = body->kind == SOURCE_UTF16;
  // A hashbang is only allowed at the very start.
  bool hashbang = body->length > 1 && source_unit(body, 0) == '#' &&
                  source_unit(body, 1) == '!';
  size_t length = (size_t)head + body->length + tail;
  size_t size = (size_t)body->length << wide;
  if (length > INT32_MAX) return false;
  uint8_t *units = body->owned ? realloc((void *)body->units, length << wide)
                               : malloc(length << wide);
  if (!units) return false;
  memmove(units + ((size_t)head << wide), body->owned ? units : body->units,
          size);
  for (uint32_t i = 0; i < head + tail; i++) {
    uint8_t c =
        (uint8_t)(i < head ? commonjs_head[i] : commonjs_tail[i - head]);
    size_t at = i < head ? i : i + body->length;
    if (wide) {
      ((uint16_t *)units)[at] = c;
    } else {
      units[at] = c;
    }
  }
  for (uint32_t i = head; hashbang && i < head + 2; i++) {
    if (wide) {
      ((uint16_t *)units)[i] = '/';
    } else {
      units[i] = '/';
    }
  }
  *body = source_text(units, (uint32_t)length, wide);
  body->owned = true;
  return true;
}

static Template *compile_commonjs(SourceText *text,
                                  const CompileOptions *options,
                                  CompileError *error) {
  uint32_t head = sizeof commonjs_head - 1;
  if (!wrap(text)) {
    fail_memory(error);
    return NULL;
  }
  SyntaxOptions syntax = syntax_options(options);
  ParseResult parse = syntax_parse(text, &syntax);
  Template *result = NULL;
  if (parse.program) {
    result = emit(text, &parse, options, head, error);
  } else {
    fail_syntax(error, &parse.error,
                options->first_line ? options->first_line : 1);
    if (error->line <= 1 && error->column > head) error->column -= head;
    if (error->offset >= head) error->offset -= head;
    if (error->end_offset >= head) error->end_offset -= head;
  }
  syntax_parse_release(&parse);
  return result;
}

static Template *compile_dynamic_function(const CompileOptions *options,
                                          bool is_wide, CompileError *error) {
  SourceText parameters =
      source_text(options->parameters, options->parameters_length, is_wide);
  SourceText body = source_text(options->body, options->body_length, is_wide);
  SourceText text = {0};
  SyntaxOptions syntax = syntax_options(options);
  ParseResult parse =
      syntax_parse_dynamic_function(&parameters, &body, &syntax, &text);
  Template *result = NULL;
  if (parse.program) {
    result = emit(&text, &parse, options, 0, error);
  } else {
    fail_syntax(error, &parse.error, 1);
  }
  syntax_parse_release(&parse);
  syntax_source_release(&text);
  return result;
}

static Template *compile_text(SourceText *text, const CompileOptions *options,
                              CompileError *error) {
  bytecode_clear_error(error);
  if (!vm_atoms_init()) {
    fail_memory(error);
    return NULL;
  }
  if (options->goal == COMPILE_COMMONJS) {
    return compile_commonjs(text, options, error);
  }
  if (options->goal == COMPILE_FUNCTION) {
    return compile_dynamic_function(options, text->kind == SOURCE_UTF16, error);
  }
  SyntaxOptions syntax = syntax_options(options);
  Name *names = NULL;
  syntax.private_names = private_names(options, &names);
  if (syntax.private_names) {
    syntax.private_name_count = options->private_name_count;
  }
  ParseResult parse = syntax_parse(text, &syntax);
  Template *result = NULL;
  if (parse.program) {
    result = emit(text, &parse, options, 0, error);
  } else {
    fail_syntax(error, &parse.error,
                options->first_line ? options->first_line : 1);
  }
  syntax_parse_release(&parse);
  free((void *)syntax.private_names);
  free(names);
  return result;
}

Template *vm_compile(const void *units, uint32_t length, bool is_wide,
                     const CompileOptions *options, CompileError *error) {
  SourceText text = source_text(units, length, is_wide);
  Template *result = compile_text(&text, options, error);
  syntax_source_release(&text);
  return result;
}

Template *vm_compile_utf8(char *utf8, size_t length, bool is_owned,
                          const CompileOptions *options, CompileError *error) {
  SourceText text;
  if (!syntax_source_from_utf8(&text, utf8, length)) {
    if (is_owned) free(utf8);
    bytecode_clear_error(error);
    fail_memory(error);
    return NULL;
  }
  if (is_owned && text.owned) {
    free(utf8); // what was not ASCII has been converted
  } else if (is_owned) {
    // Without the byte order mark.
    if (text.units != utf8) memmove(utf8, text.units, text.length);
    text.units = utf8;
    text.owned = true;
  }
  Template *result = compile_text(&text, options, error);
  syntax_source_release(&text);
  return result;
}
