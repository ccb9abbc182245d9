// SPDX-License-Identifier: MIT
// Import and export declarations and what the linker needs to know of them
// (ECMA-262 16.2, with import attributes, import defer and import source).
#include "vm/syntax/parser.h"

// A growing array in the arena.
typedef struct Rows {
  void *items;
  uint32_t count;
  uint32_t capacity;
} Rows;

// Local exports wait for the end of the module: names may be declared later.
typedef struct LocalExport {
  Name *export_name;
  Name *local_name; // or NULL: `binding` is known
  Binding *binding;
  uint32_t start;
  uint32_t end;
} LocalExport;

typedef struct ModuleBuilder {
  Scope *scope;
  Rows requests, imports, locals, indirect, star;
  bool uses_import_meta;
} ModuleBuilder;

static void *add_row(Parser *p, Rows *rows, size_t size) {
  if (rows->count == rows->capacity) {
    uint32_t capacity = rows->capacity ? rows->capacity * 2 : 8;
    void *items = arena_alloc(&p->lexer.arena, size * capacity);
    if (rows->count) memcpy(items, rows->items, size * rows->count);
    rows->items = items;
    rows->capacity = capacity;
  }
  return memset((char *)rows->items + size * rows->count++, 0, size);
}

void syntax_module_begin(Parser *p) {
  p->module = arena_zalloc(&p->lexer.arena, sizeof(*p->module));
  p->module->scope = p->scope;
}

void syntax_module_set_import_meta(Parser *p) {
  p->module->uses_import_meta = true;
}

// ---- Attributes and requests ----------------------------------------------

// `with { key: "value", ... }`, if any.
static AstList parse_attributes(Parser *p) {
  uint32_t mark = p->item_count;
  if (!accept(p, TOKEN_WITH)) return (AstList){0};
  expect(p, TOKEN_LEFT_BRACE);
  while (!at(p, TOKEN_RIGHT_BRACE)) {
    AstProperty *attribute = NEW(p, AstProperty, AST_PROPERTY, p->token.start);
    if (at(p, TOKEN_STRING)) {
      attribute->key = syntax_parse_string(p);
    } else {
      if (!token_is_identifier_name(p->token.type))
        syntax_unexpected(p, &p->token);
      attribute->key =
          syntax_new_string(p, p->token.name, p->token.start, p->token.end);
      next(p);
    }
    const Name *key = ((AstString *)attribute->key)->value;
    for (uint32_t i = mark; i < p->item_count; i++)
      if (((AstString *)((AstProperty *)p->items[i])->key)->value == key)
        syntax_fail_name(p, attribute->base.start, p->previous_end,
                         "Import attributes has a duplicate key ", key, "");
    expect(p, TOKEN_COLON);
    if (!at(p, TOKEN_STRING)) syntax_unexpected(p, &p->token);
    attribute->value = syntax_parse_string(p);
    push_item(p, attribute);
    if (!accept(p, TOKEN_COMMA)) break;
  }
  expect(p, TOKEN_RIGHT_BRACE);
  return syntax_take_list(p, mark);
}

static bool has_attributes(const ModuleRequest *request, AstList list) {
  if (request->attribute_count != list.count) return false;
  for (uint32_t i = 0; i < list.count; i++) {
    AstProperty *attribute = (AstProperty *)list.items[i];
    bool found = false;
    for (uint32_t k = 0; k < request->attribute_count; k++)
      found |=
          request->attributes[k].key == ((AstString *)attribute->key)->value &&
          request->attributes[k].value ==
              ((AstString *)attribute->value)->value;
    if (!found) return false;
  }
  return true;
}

// The specifier, its attributes and the semicolon; returns the request's index.
static uint32_t parse_request(Parser *p, ModulePhase phase) {
  if (!at(p, TOKEN_STRING)) syntax_unexpected(p, &p->token);
  Token token = p->token;
  syntax_parse_string(p);
  AstList list = parse_attributes(p);
  syntax_expect_semicolon(p);
  Rows *rows = &p->module->requests;
  ModuleRequest *requests = rows->items;
  for (uint32_t i = 0; i < rows->count; i++)
    if (requests[i].specifier == token.name && requests[i].phase == phase &&
        has_attributes(&requests[i], list))
      return i;
  ModuleRequest *request = add_row(p, rows, sizeof(*request));
  request->specifier = token.name;
  request->phase = phase;
  request->start = token.start;
  request->end = token.end;
  request->attribute_count = list.count;
  request->attributes =
      arena_alloc(&p->lexer.arena, list.count * sizeof(ModuleAttribute));
  for (uint32_t i = 0; i < list.count; i++) {
    AstProperty *attribute = (AstProperty *)list.items[i];
    request->attributes[i] =
        (ModuleAttribute){((AstString *)attribute->key)->value,
                          ((AstString *)attribute->value)->value};
  }
  return rows->count - 1;
}

static uint32_t parse_from(Parser *p, ModulePhase phase) {
  if (!accept_word(p, p->known.from)) syntax_unexpected(p, &p->token);
  return parse_request(p, phase);
}

// ---- Import ---------------------------------------------------------------

static void add_import(Parser *p, const Token *local, Name *import_name) {
  if (!token_is_identifier(local->type)) syntax_unexpected(p, local);
  Name *name = syntax_check_identifier(p, local);
  AstIdentifier *identifier = syntax_new_identifier(
      p, AST_BINDING_IDENTIFIER, name, local->start, local->end);
  syntax_check_strict_binding(p, identifier);
  ModuleImport *import = add_row(p, &p->module->imports, sizeof(*import));
  import->import_name = import_name;
  import->binding = syntax_declare(p, identifier, BINDING_IMPORT);
  import->start = local->start;
}

// A string as a name must be well-formed Unicode.
static Name *parse_module_name(Parser *p, Token *token) {
  *token = p->token;
  if (at(p, TOKEN_STRING)) {
    const Name *name = token->name;
    for (uint32_t i = 0; i < name->length; i++) {
      uint32_t c = name_unit(name, i);
      if ((c & 0xf800) != 0xd800) continue;
      if ((c & 0x400) || i + 1 == name->length ||
          (name_unit(name, i + 1) & 0xfc00) != 0xdc00)
        FAIL_TOKEN(p,
                   "Invalid module export name: contains unpaired surrogate "
                   "character");
      i++;
    }
    return ((AstString *)syntax_parse_string(p))->value;
  }
  if (!token_is_identifier_name(p->token.type)) syntax_unexpected(p, &p->token);
  next(p);
  return token->name;
}

static void parse_namespace_import(Parser *p) {
  next(p);
  if (!accept_word(p, p->known.as)) syntax_unexpected(p, &p->token);
  add_import(p, &p->token, NULL);
  next(p);
}

static void parse_named_imports(Parser *p) {
  next(p);
  while (!at(p, TOKEN_RIGHT_BRACE)) {
    if (p->typescript && syntax_erase_type_specifier(p)) continue;
    Token token, local;
    Name *name = parse_module_name(p, &token);
    local = token;
    if (accept_word(p, p->known.as)) {
      local = p->token;
      add_import(p, &local, name);
      next(p);
    } else {
      if (token.type == TOKEN_STRING) syntax_unexpected(p, &p->token);
      add_import(p, &local, name);
    }
    if (!accept(p, TOKEN_COMMA)) break;
  }
  expect(p, TOKEN_RIGHT_BRACE);
}

AstNode *syntax_parse_import_declaration(Parser *p) {
  AstNode *node = NEW(p, AstNode, AST_IMPORT, p->token.start);
  next(p);
  if (at(p, TOKEN_STRING)) {
    parse_request(p, PHASE_EVALUATION);
    return finish(p, node);
  }
  uint32_t first = p->module->imports.count;
  ModulePhase phase = PHASE_EVALUATION;
  bool more = true;
  if (at_word(p, p->known.defer) && syntax_peek(p).type == TOKEN_MULTIPLY) {
    phase = PHASE_DEFER;
    next(p);
  } else if (token_is_identifier(p->token.type)) {
    Token local = p->token;
    bool is_source = at_word(p, p->known.source);
    next(p);
    // `import source from 'x'` has no phase, `import source from from 'x'` has.
    if (is_source && token_is_identifier(p->token.type) &&
        (!at_word(p, p->known.from) || syntax_peek(p).type != TOKEN_STRING)) {
      phase = PHASE_SOURCE;
      add_import(p, &p->token, NULL);
      next(p);
      more = false;
    } else {
      add_import(p, &local, p->known.default_);
      more = accept(p, TOKEN_COMMA);
    }
  }
  if (more) {
    if (at(p, TOKEN_MULTIPLY))
      parse_namespace_import(p);
    else if (at(p, TOKEN_LEFT_BRACE))
      parse_named_imports(p);
    else
      syntax_unexpected(p, &p->token);
  }
  uint32_t request = parse_from(p, phase);
  ModuleImport *imports = p->module->imports.items;
  for (uint32_t i = first; i < p->module->imports.count; i++)
    imports[i].request = request;
  return finish(p, node);
}

// ---- Export ---------------------------------------------------------------

// name->atom marks what has been exported; cleared at the end.
static void claim_export(Parser *p, Name *name, uint32_t start, uint32_t end) {
  if (name->atom)
    syntax_fail_name(p, start, end, "Duplicate export of ", name, "");
  name->atom = 1;
}

static void add_local_export(Parser *p, Name *export_name, Name *local_name,
                             Binding *binding, uint32_t start, uint32_t end) {
  claim_export(p, export_name, start, end);
  LocalExport *row = add_row(p, &p->module->locals, sizeof(*row));
  *row = (LocalExport){export_name, local_name, binding, start, end};
}

static void add_indirect_export(Parser *p, Rows *rows, Name *export_name,
                                Name *import_name, uint32_t request,
                                uint32_t start) {
  ModuleExport *row = add_row(p, rows, sizeof(*row));
  row->export_name = export_name;
  row->import_name = import_name;
  row->request = request;
  row->start = start;
}

static void export_targets(Parser *p, AstNode *target) {
  switch (target->type) {
  case AST_BINDING_IDENTIFIER: {
    Name *name = ((AstIdentifier *)target)->name;
    add_local_export(p, name, name, NULL, target->start, target->end);
    return;
  }
  case AST_PATTERN_DEFAULT:
    export_targets(p, ((AstBinary *)target)->left);
    return;
  case AST_REST:
    export_targets(p, ((AstUnary *)target)->operand);
    return;
  case AST_PATTERN_PROPERTY:
    export_targets(p, ((AstProperty *)target)->value);
    return;
  default: {
    AstList list = ((AstListNode *)target)->list;
    for (uint32_t i = 0; i < list.count; i++)
      if (list.items[i]) export_targets(p, list.items[i]);
  }
  }
}

static void parse_star_export(Parser *p) {
  uint32_t start = p->token.start;
  next(p);
  if (accept_word(p, p->known.as)) {
    Token token;
    Name *name = parse_module_name(p, &token);
    claim_export(p, name, token.start, token.end);
    uint32_t request = parse_from(p, PHASE_EVALUATION);
    add_indirect_export(p, &p->module->indirect, name, NULL, request, start);
    return;
  }
  uint32_t request = parse_from(p, PHASE_EVALUATION);
  add_indirect_export(p, &p->module->star, NULL, NULL, request, start);
}

typedef struct Specifier {
  Token local;
  Token exported;
  Name *local_name;
  Name *export_name;
} Specifier;

static void parse_named_exports(Parser *p) {
  Rows rows = {0};
  next(p);
  while (!at(p, TOKEN_RIGHT_BRACE)) {
    if (p->typescript && syntax_erase_type_specifier(p)) continue;
    Specifier *row = add_row(p, &rows, sizeof(*row));
    row->local_name = parse_module_name(p, &row->local);
    row->exported = row->local;
    row->export_name = row->local_name;
    if (accept_word(p, p->known.as))
      row->export_name = parse_module_name(p, &row->exported);
    if (!accept(p, TOKEN_COMMA)) break;
  }
  expect(p, TOKEN_RIGHT_BRACE);
  const Specifier *specifiers = rows.items;
  if (at_word(p, p->known.from)) {
    uint32_t request = parse_from(p, PHASE_EVALUATION);
    for (uint32_t i = 0; i < rows.count; i++) {
      const Specifier *s = &specifiers[i];
      claim_export(p, s->export_name, s->exported.start, s->exported.end);
      add_indirect_export(p, &p->module->indirect, s->export_name,
                          s->local_name, request, s->local.start);
    }
    return;
  }
  for (uint32_t i = 0; i < rows.count; i++) {
    const Specifier *s = &specifiers[i];
    if (s->local.type == TOKEN_STRING || !token_is_identifier(s->local.type))
      syntax_unexpected(p, &s->local);
    syntax_check_identifier(p, &s->local);
    add_local_export(p, s->export_name, s->local_name, NULL, s->local.start,
                     s->exported.end);
  }
  syntax_expect_semicolon(p);
}

static Binding *add_default_binding(Parser *p, uint32_t start) {
  if (syntax_find_binding(p->known.star_default, p->scope))
    FAIL(p, start, start, "Duplicate export of 'default'");
  return syntax_add_binding(p, p->scope, p->known.star_default,
                            BINDING_DEFAULT_EXPORT, start);
}

static AstNode *parse_default_export(Parser *p, uint32_t start) {
  AstExportDefault *node = NEW(p, AstExportDefault, AST_EXPORT_DEFAULT, start);
  Token keyword = p->token;
  next(p);
  uint32_t value_start = p->token.start, erasures = p->types.erasure_count;
  if (p->typescript) {
    AstNode *erased = syntax_parse_type_default(p, start);
    if (erased) return erased;
  }
  bool is_async = false;
  if (at(p, TOKEN_ASYNC)) {
    Token token = syntax_peek(p);
    is_async =
        token.type == TOKEN_FUNCTION && !(token.flags & TOKEN_AFTER_NEWLINE);
  }
  if (p->decorators.count && !at(p, TOKEN_CLASS) && !at(p, TOKEN_AT))
    syntax_unexpected(p, &p->token);
  if (at(p, TOKEN_FUNCTION) || is_async) {
    if (is_async) next(p);
    node->value =
        syntax_parse_function_declaration(p, value_start, is_async, true);
    if (node->value->type == AST_EMPTY)
      return syntax_end_erased(p, start, erasures);
    AstFunction *function = (AstFunction *)node->value;
    if (!function->name) {
      Binding *binding = add_default_binding(p, keyword.start);
      binding->function = function;
      function->binding = binding;
    }
    node->binding = function->binding;
  } else if (at(p, TOKEN_CLASS) || at(p, TOKEN_AT)) {
    node->value = syntax_parse_class(p, AST_CLASS_DECLARATION, true);
    AstClass *class = (AstClass *)node->value;
    node->binding = class->name ? class->name->binding
                                : add_default_binding(p, keyword.start);
  } else {
    node->value = syntax_parse_assignment(p);
    syntax_expect_semicolon(p);
    node->binding = add_default_binding(p, keyword.start);
  }
  finish(p, node);
  if (node->binding->kind == BINDING_DEFAULT_EXPORT && !node->binding->function)
    node->binding->initialized_at = node->base.end;
  add_local_export(p, p->known.default_, NULL, node->binding, keyword.start,
                   keyword.end);
  return &node->base;
}

AstNode *syntax_parse_export_declaration(Parser *p) {
  uint32_t start = p->token.start;
  next(p);
  uint32_t erasures = p->types.erasure_count;
  if (p->typescript) {
    AstNode *erased = syntax_parse_type_export(p, start);
    if (erased) return erased;
  }
  AstUnary *node = NEW(p, AstUnary, AST_EXPORT, start);
  if (p->decorators.count && !at(p, TOKEN_CLASS) && !at(p, TOKEN_AT) &&
      !at(p, TOKEN_DEFAULT))
    syntax_unexpected(p, &p->token);
  switch (p->token.type) {
  case TOKEN_MULTIPLY:
    parse_star_export(p);
    node->base.type = AST_EMPTY;
    return finish(p, node);
  case TOKEN_LEFT_BRACE:
    parse_named_exports(p);
    node->base.type = AST_EMPTY;
    return finish(p, node);
  case TOKEN_DEFAULT:
    return parse_default_export(p, start);
  case TOKEN_VAR:
  case TOKEN_CONST:
  case TOKEN_LET:
  case TOKEN_FUNCTION:
  case TOKEN_CLASS:
  case TOKEN_ASYNC:
  case TOKEN_AT:
    break;
  default:
    syntax_unexpected(p, &p->token);
  }
  Token first = p->token;
  AstNode *declaration = syntax_parse_statement_list_item(p);
  node->operand = declaration;
  switch (declaration->type) {
  case AST_FUNCTION_DECLARATION: {
    AstIdentifier *name = ((AstFunction *)declaration)->name;
    add_local_export(p, name->name, name->name, NULL, name->base.start,
                     name->base.end);
    break;
  }
  case AST_CLASS_DECLARATION: {
    AstIdentifier *name = ((AstClass *)declaration)->name;
    add_local_export(p, name->name, name->name, NULL, name->base.start,
                     name->base.end);
    break;
  }
  case AST_DECLARATION: {
    AstList list = ((AstListNode *)declaration)->list;
    for (uint32_t i = 0; i < list.count; i++)
      export_targets(p, ((AstBinary *)list.items[i])->left);
    break;
  }
  case AST_EMPTY:
    // An overload, in TypeScript.
    return syntax_end_erased(p, start, erasures);
  default:
    syntax_unexpected(p, &first);
  }
  return finish(p, node);
}

// ---- Facts ----------------------------------------------------------------

static const ModuleImport *find_import(const ModuleBuilder *module,
                                       const Binding *binding) {
  const ModuleImport *imports = module->imports.items;
  for (uint32_t i = 0; i < module->imports.count; i++)
    if (imports[i].binding == binding) return &imports[i];
  return NULL;
}

// Connects local exports to their bindings: the module's scope is still open.
ModuleRecordFacts *syntax_module_end(Parser *p) {
  ModuleBuilder *module = p->module;
  LocalExport *rows = module->locals.items;
  Rows locals = {0};
  for (uint32_t i = 0; i < module->locals.count; i++) {
    LocalExport *row = &rows[i];
    Binding *binding = row->binding;
    if (!binding) binding = syntax_find_binding(row->local_name, module->scope);
    if (!binding)
      syntax_fail_name(p, row->start, row->end, "Export ", row->local_name,
                       p->typescript
                           ? " is not defined in module (of a type, write "
                             "export type)"
                           : " is not defined in module");
    const ModuleImport *import =
        binding->kind == BINDING_IMPORT ? find_import(module, binding) : NULL;
    if (import && import->import_name) {
      add_indirect_export(p, &module->indirect, row->export_name,
                          import->import_name, import->request, row->start);
      continue;
    }
    binding->is_exported = true;
    ModuleExport *export = add_row(p, &locals, sizeof(*export));
    export->export_name = row->export_name;
    export->binding = binding;
    export->start = row->start;
  }
  ModuleRecordFacts *facts = arena_zalloc(&p->lexer.arena, sizeof(*facts));
  facts->requests = module->requests.items;
  facts->request_count = module->requests.count;
  facts->imports = module->imports.items;
  facts->import_count = module->imports.count;
  facts->local_exports = locals.items;
  facts->local_export_count = locals.count;
  facts->indirect_exports = module->indirect.items;
  facts->indirect_export_count = module->indirect.count;
  facts->star_exports = module->star.items;
  facts->star_export_count = module->star.count;
  facts->has_top_level_await = p->context.function->contains_await;
  facts->uses_import_meta = module->uses_import_meta;
  for (uint32_t i = 0; i < locals.count; i++)
    facts->local_exports[i].export_name->atom = 0;
  for (uint32_t i = 0; i < module->indirect.count; i++)
    facts->indirect_exports[i].export_name->atom = 0;
  return facts;
}
