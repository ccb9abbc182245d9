// SPDX-License-Identifier: MIT
// Whole programs: scripts, eval code and modules with their import and export
// tables. Linking a module runs its prologue (hoisted functions), evaluation
// the rest.
#include "vm/bytecode/emitter.h"

#include <stdlib.h>

// Layout ----------------------------------------------------------------------

bool bytecode_module_layout(CompileUnit *unit) {
  const ModuleRecordFacts *module = unit->parse->module;
  if (!module) return true;
  for (uint32_t i = 0; i < module->import_count; i++) {
    Binding *binding = module->imports[i].binding;
    if (!binding) continue;
    binding->emitter_bits |= BINDING_IS_IMPORT;
    binding->slot = i;
  }
  if (module->import_count > UINT16_MAX) {
    unit->failed = true;
    unit->status = BUILD_TOO_LARGE;
    return false;
  }
  return true;
}

// Tables ----------------------------------------------------------------------

static String *atom_or_null(CompileUnit *unit, Name *name) {
  return name ? bytecode_atom(unit, name) : NULL;
}

static bool request(CompileUnit *unit, const ModuleRequest *from,
                    TemplateRequest *to) {
  to->specifier = bytecode_atom(unit, from->specifier);
  to->phase = from->phase;
  to->start = from->start;
  if (!from->attribute_count) return true;
  to->attributes = calloc(from->attribute_count * 2, sizeof *to->attributes);
  if (!to->attributes) return false;
  to->attribute_count = from->attribute_count;
  for (uint32_t i = 0; i < from->attribute_count; i++) {
    to->attributes[2 * i] = bytecode_atom(unit, from->attributes[i].key);
    to->attributes[2 * i + 1] = bytecode_atom(unit, from->attributes[i].value);
  }
  return true;
}

static void exports(CompileUnit *unit, const ModuleRecordFacts *module,
                    ModuleFacts *facts) {
  TemplateExport *next = facts->exports;
  for (uint32_t i = 0; i < module->local_export_count; i++) {
    const ModuleExport *from = &module->local_exports[i];
    if (from->binding->emitter_bits & BINDING_IS_IMPORT) {
      // An imported namespace or source object, exported under a name.
      const ModuleImport *import = &module->imports[from->binding->slot];
      *next++ = (TemplateExport){
          .kind = EXPORT_INDIRECT,
          .export_name = atom_or_null(unit, from->export_name),
          .request = import->request,
          .import_name = atom_or_null(unit, import->import_name),
          .start = from->start,
      };
      continue;
    }
    *next++ = (TemplateExport){
        .kind = EXPORT_LOCAL,
        .export_name = atom_or_null(unit, from->export_name),
        .slot = (uint16_t)from->binding->slot,
    };
  }
  for (uint32_t i = 0; i < module->indirect_export_count; i++) {
    const ModuleExport *from = &module->indirect_exports[i];
    *next++ = (TemplateExport){
        .kind = EXPORT_INDIRECT,
        .export_name = atom_or_null(unit, from->export_name),
        .request = from->request,
        .import_name = atom_or_null(unit, from->import_name),
        .start = from->start,
    };
  }
  for (uint32_t i = 0; i < module->star_export_count; i++) {
    const ModuleExport *from = &module->star_exports[i];
    // `export * as ns` is an indirect export of the namespace.
    *next++ = (TemplateExport){
        .kind = from->export_name ? EXPORT_INDIRECT : EXPORT_STAR,
        .export_name = atom_or_null(unit, from->export_name),
        .request = from->request,
    };
  }
  facts->export_count = (uint32_t)(next - facts->exports);
}

ModuleFacts *bytecode_module_facts(CompileUnit *unit) {
  const ModuleRecordFacts *module = unit->parse->module;
  uint32_t export_count = module->local_export_count +
                          module->indirect_export_count +
                          module->star_export_count;
  ModuleFacts *facts = calloc(1, sizeof *facts);
  if (!facts) {
    unit->failed = true;
    unit->status = BUILD_OUT_OF_MEMORY;
    return NULL;
  }
  facts->requests = calloc(module->request_count + 1, sizeof *facts->requests);
  facts->imports = calloc(module->import_count + 1, sizeof *facts->imports);
  facts->exports = calloc(export_count + 1, sizeof *facts->exports);
  ScopeDescription *environment = calloc(1, sizeof *environment);
  facts->environment = environment;
  bool ok = facts->requests && facts->imports && facts->exports && environment;
  for (uint32_t i = 0; ok && i < module->request_count; i++) {
    ok = request(unit, &module->requests[i], &facts->requests[i]);
    facts->request_count = i + 1;
  }
  if (ok) {
    for (uint32_t i = 0; i < module->import_count; i++) {
      facts->imports[i] =
          (TemplateImport){module->imports[i].request,
                           atom_or_null(unit, module->imports[i].import_name),
                           module->imports[i].start};
    }
    facts->import_count = module->import_count;
    exports(unit, module, facts);
    *environment = bytecode_describe(unit, unit->parse->program->scope);
    size_t size = environment->name_count * sizeof *environment->names;
    ScopeSlot *names = malloc(size + 1);
    if (names) {
      if (size) memcpy(names, environment->names, size);
    } else {
      unit->failed = true;
      unit->status = BUILD_OUT_OF_MEMORY;
    }
    environment->names = names;
    facts->has_top_level_await = module->has_top_level_await;
  } else {
    unit->failed = true;
    unit->status = BUILD_OUT_OF_MEMORY;
  }
  return facts; // freed with the template, complete or not
}

// Declarations of scripts and sloppy eval -------------------------------------

static int declared_kind(const Binding *b) {
  switch (b->kind) {
  case BINDING_LET:
  case BINDING_CLASS:
    return DECLARED_LET;
  case BINDING_CONST:
  case BINDING_USING:
    return DECLARED_CONST;
  case BINDING_FUNCTION:
    return DECLARED_FUNCTION;
  case BINDING_VAR:
    return b->is_annex_b ? DECLARED_ANNEXB_FUNCTION : DECLARED_VAR;
  default:
    return -1;
  }
}

static void declare_by_name(FunctionState *f, Scope *scope) {
  uint32_t count = 0;
  for (const Binding *b = scope->first_binding; b; b = b->next) {
    count += (b->emitter_bits & BINDING_BY_NAME) && declared_kind(b) >= 0;
  }
  if (!count) return;
  DeclaredName *names = bytecode_arena(f->unit, count * sizeof *names);
  if (!names) return;
  Record record = {.kind = RECORD_DECLARATIONS};
  for (const Binding *b = scope->first_binding; b; b = b->next) {
    int kind = declared_kind(b);
    if (!(b->emitter_bits & BINDING_BY_NAME) || kind < 0) continue;
    DeclaredName *name = &names[record.declarations.count++];
    name->name = bytecode_atom(f->unit, b->name);
    name->kind = (unsigned)kind;
  }
  record.declarations.names = names;
  uint32_t index = bytecode_record(B(f), record);
  if (scope->kind == SCOPE_SCRIPT) {
    bytecode_emit(B(f), OP_DECLARE_GLOBALS, index, f->unit->options->repl, 0);
  } else {
    uint32_t mark = mark_of(f);
    bytecode_emit(B(f), OP_DECLARE_EVAL_VARS, bytecode_environment(f), index,
                  0);
    release(f, mark);
  }
}

// Bodies ----------------------------------------------------------------------

// A statement after which nothing before it can be the completion value.
static bool gives_value(const AstNode *node) {
  switch ((AstType)node->type) {
  case AST_EXPRESSION_STATEMENT:
  case AST_IF:
  case AST_FOR:
  case AST_FOR_IN:
  case AST_FOR_OF:
  case AST_WHILE:
  case AST_DO_WHILE:
  case AST_SWITCH:
  case AST_TRY:
  case AST_WITH:
    return true;
  default:
    return false;
  }
}

static void completed_statements(FunctionState *f, const AstList *body) {
  Register completion = temp(f);
  uint32_t last = body->count;
  while (last > 0 && !gives_value(body->items[last - 1]))
    last--;
  // body[last - 1] gives the value, or what comes after may, or nothing does.
  uint32_t first = last ? last - 1 : 0;
  bytecode_load_value(f, VALUE_UNDEFINED, completion);
  for (uint32_t i = 0; i < body->count; i++) {
    if (i == first) f->completion = completion;
    bytecode_statement(f, body->items[i]);
  }
  bytecode_return(f, completion);
}

void bytecode_program(FunctionState *f, AstFunction *ast) {
  Scope *scope = ast->scope;
  ScopeLayout *layout = layout_of(scope);
  bytecode_at(B(f), 0);
  if (scope->kind == SCOPE_MODULE) {
    layout->environment = temp(f);
    bytecode_emit(B(f), OP_LOAD_ENVIRONMENT, layout->environment, 0, 0);
    f->environment = layout->environment;
  } else {
    if (scope->kind == SCOPE_EVAL) {
      f->environment = temp(f);
      bytecode_emit(B(f), OP_LOAD_ENVIRONMENT, f->environment, 0, 0);
    }
    declare_by_name(f, scope);
    bytecode_new_environment(f, scope);
  }
  for (Binding *b = scope->first_binding; b; b = b->next) {
    if (b->kind >= BINDING_THIS) {
      // Read by LOAD_GLOBAL_THIS, or undefined; eval looks it up by name.
      if (!(b->emitter_bits & BINDING_IN_ENVIRONMENT)) continue;
      uint32_t mark = mark_of(f);
      Register r = temp(f);
      bytecode_load_value(f, VALUE_UNDEFINED, r);
      bytecode_place_store(f, bytecode_place(f, b), r);
      release(f, mark);
      continue;
    }
    bytecode_place_binding(f, b);
  }
  bytecode_hoist_functions(f, scope);
  if (scope->kind == SCOPE_MODULE) {
    bytecode_emit(B(f), OP_START_GENERATOR, 0, 0, 0);
    bytecode_scope_statements(f, scope, &ast->body);
  } else {
    completed_statements(f, &ast->body);
  }
}
