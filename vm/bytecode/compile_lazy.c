// SPDX-License-Identifier: MIT
// Functions that are compiled when they are first called. Their templates say
// where they stand in the source and what the names mean that they do not
// declare; that is all that parsing and emitting them alone needs.
#include <stdlib.h>

#include "vm/bytecode/emitter.h"

// The names ---------------------------------------------------------------

// False: it is global, or needs nothing of what is around.
static bool describe_name(CompileUnit *unit, const FunctionState *f,
                          const AstIdentifier *id, LazyName *out) {
  const Binding *binding = id->binding;
  Place place = bytecode_reference_place((FunctionState *)f, id);
  if (place.kind != PLACE_UPVALUE && place.kind != PLACE_IMPORT) return false;
  *out = (LazyName){
      .name = bytecode_atom(unit, id->name),
      .kind = (uint8_t)binding->kind,
      .needs_check = (id->base.flags & AST_NEEDS_TDZ_CHECK) != 0,
      .is_static = binding->is_static,
      .private_kind = binding->private_kind,
      .operation = -1,
      .hops = (uint16_t)place.hops,
      .slot = (uint16_t)place.slot,
  };
  if (place.kind == PLACE_IMPORT) {
    out->operation = (int16_t)bytecode_io_operation(unit, binding);
  }
  return true;
}

Template *bytecode_lazy_stub(CompileUnit *unit, AstFunction *ast,
                             const Template *facts) {
  const ReferenceChunk *chunk = ast->scope->references;
  uint32_t count = chunk ? chunk->count : 0;
  LazyFunction *lazy;
  size_t size = sizeof(Template) + sizeof *lazy + count * sizeof *lazy->names;
  Template *t = malloc(size);
  if (!t) {
    unit->failed = true;
    unit->status = BUILD_OUT_OF_MEMORY;
    return NULL;
  }
  lazy = (LazyFunction *)(t + 1);
  bool has_name = ast->base.type == AST_FUNCTION && ast->name;
  *lazy = (LazyFunction){
      .kind = ast->kind,
      .type = ast->base.type,
      .is_strict = ast->scope->parent->is_strict,
      .is_module =
          unit->lazy ? unit->lazy->is_module : unit->parse->module != NULL,
      .name_start = has_name ? ast->name->base.start : UINT32_MAX,
      .rest_start = ast->rest_start,
      .first_line = unit->first_line,
  };
  FunctionState f = {
      .unit = unit, .ast = ast, .closure_scope = ast->scope->parent};
  for (uint32_t i = 0; i < count; i++) {
    LazyName *name = &lazy->names[lazy->name_count];
    lazy->name_count += describe_name(unit, &f, chunk->items[i], name);
  }
  *t = *facts;
  atomic_init(&t->references, 1);
  t->register_count = t->parameter_count;
  t->source = bytecode_use_file(unit, size);
  t->lazy = lazy;
  if (!unit->failed) return t;
  vm_template_release(t);
  return NULL;
}

// Compiling -----------------------------------------------------------------

static SyntaxOuterName *outer_names(const LazyFunction *lazy) {
  SyntaxOuterName *names = calloc(lazy->name_count + 1, sizeof *names);
  if (!names) return NULL;
  for (uint32_t i = 0; i < lazy->name_count; i++) {
    const LazyName *from = &lazy->names[i];
    bool wide = from->name->cell.flags & STRING_WIDE;
    names[i] = (SyntaxOuterName){
        .units = wide ? (const void *)from->name->utf16
                      : (const void *)from->name->latin1,
        .length = string_length(from->name),
        .wide = wide,
        .kind = from->kind,
        .needs_check = from->needs_check,
        .is_static = from->is_static,
        .private_kind = from->private_kind,
        .hops = from->hops,
        .slot = from->slot,
    };
  }
  return names;
}

static Template *emit(const Template *t, ParseResult *parse,
                      CompileError *error) {
  static const CompileOptions options = {.goal = COMPILE_SCRIPT,
                                         .is_lazy = true};
  SourceFile *file = t->source;
  CompileUnit unit = {
      .options = &options,
      .parse = parse,
      .arena = parse->arenas,
      .file = file,
      // Its first line begins behind the text's head.
      .lines = {.starts = file->line_starts, .count = file->line_count},
      .first_line = t->lazy->first_line,
      .lazy = t->lazy,
  };
  Template *result = bytecode_layout(&unit)
                         ? bytecode_compile_function(
                               &unit, NULL, parse->function, t->name, NULL)
                         : NULL;
  if (!result) bytecode_fail_emission(error, &unit);
  return result;
}

// Makes the code known to whoever has the template. The other thread's, if
// there was one.
static Template *publish(LazyFunction *lazy, Template *result) {
  Template *other = NULL;
  if (atomic_compare_exchange_strong_explicit(&lazy->compiled, &other, result,
                                              memory_order_acq_rel,
                                              memory_order_acquire)) {
    return result;
  }
  vm_template_release(result);
  return other;
}

Template *vm_compile_lazy(const Template *t, size_t stack_bytes,
                          const WorkWatch *watch, CompileError *error) {
  LazyFunction *lazy = t->lazy;
  if (!lazy) return (Template *)t;
  Template *compiled =
      atomic_load_explicit(&lazy->compiled, memory_order_acquire);
  if (compiled) return compiled;
  bytecode_clear_error(error);
  SyntaxOuterName *names = outer_names(lazy);
  if (!names) {
    error->out_of_memory = true;
    return NULL;
  }
  const SourceFile *file = t->source;
  SourceText text = file->is_wide
                        ? syntax_source_utf16(file->units, file->length)
                        : syntax_source_latin1(file->units, file->length);
  SyntaxFunction function = {
      .kind = lazy->kind,
      .type = lazy->type,
      .is_async = (t->flags & TEMPLATE_ASYNC) != 0,
      .is_generator = (t->flags & TEMPLATE_GENERATOR) != 0,
      .is_strict = lazy->is_strict,
      .is_module = lazy->is_module,
      .start = t->source_start,
      .name_start = lazy->name_start,
      .rest_start = lazy->rest_start,
      .names = names,
      .name_count = lazy->name_count,
      .bodies = file->bodies,
  };
  SyntaxOptions syntax = {.goal = SYNTAX_LAZY,
                          .strict = lazy->is_strict,
                          .lazy = true,
                          .stack_bytes = stack_bytes,
                          .watch = watch,
                          .function = &function,
                          .host = &bytecode_syntax_host};
  ParseResult parse = syntax_parse(&text, &syntax);
  Template *result = NULL;
  if (parse.program) {
    result = emit(t, &parse, error);
  } else if (parse.error.type == SYNTAX_ERROR_MEMORY) {
    error->out_of_memory = true;
  } else {
    // All of it has been parsed once: what can fail is the depth alone.
    error->too_deep = true;
  }
  syntax_parse_release(&parse);
  free(names);
  return result ? publish(lazy, result) : NULL;
}
