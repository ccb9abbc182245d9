// SPDX-License-Identifier: MIT
// Calls. Callee, this and arguments are evaluated straight into the consecutive
// registers of the call; the callee's I/O instruction is chosen here.
#include "vm/bytecode/emitter.h"

#include "vm/io_operations.h"

static void arguments_into(FunctionState *f, const AstList *arguments,
                           Register first) {
  for (uint32_t i = 0; i < arguments->count; i++) {
    bytecode_expression(f, arguments->items[i], (Register)(first + i));
  }
}

// Arguments with a spread: their array, or, of a lone spread, the iterable.
// What CALL_SPREAD's c says.
static uint32_t spread_into(FunctionState *f, const AstList *arguments,
                            Register place) {
  if (arguments->count != 1) {
    bytecode_array_of(f, arguments, place);
    return 0;
  }
  bytecode_expression(f, ((AstUnary *)arguments->items[0])->operand, place);
  return 1;
}

// Registers for callee, this and the arguments (or their array).
static Register call_registers(FunctionState *f, const AstList *arguments,
                               bool has_spread) {
  return bytecode_temps(B(f), 2 + (has_spread ? 1 : arguments->count));
}

static uint32_t call_position(const AstNode *callee, uint32_t start) {
  return callee->type == AST_MEMBER ? ((const AstMember *)callee)->name_start
                                    : start;
}

// Direct eval -----------------------------------------------------------------

static uint32_t eval_site(FunctionState *f, Register environment) {
  Record record = {.kind = RECORD_EVAL_SITE};
  record.eval_site.environment_register = environment;
  record.eval_site.this_register = UINT16_MAX;
  record.eval_site.is_strict = f->is_strict;
  // What the eval code may say is up to the nearest function that is no arrow.
  const FunctionState *owner = f;
  while (owner->ast && owner->ast->kind == FUNCTION_ARROW && owner->outer)
    owner = owner->outer;
  const AstFunction *ast = owner->ast;
  const CompileOptions *options = f->unit->options;
  if (ast) {
    switch ((AstFunctionKind)ast->kind) {
    case FUNCTION_INSTANCE_INITIALIZER:
    case FUNCTION_STATIC_INITIALIZER:
      record.eval_site.in_field_initializer = 1;
      record.eval_site.in_function = 1;
      record.eval_site.in_method = 1;
      break;
    case FUNCTION_DERIVED_CONSTRUCTOR:
      record.eval_site.in_derived_constructor = 1;
      record.eval_site.in_method = 1;
      record.eval_site.in_function = 1;
      break;
    case FUNCTION_METHOD:
    case FUNCTION_GETTER:
    case FUNCTION_SETTER:
    case FUNCTION_CONSTRUCTOR:
      record.eval_site.in_method = 1;
      record.eval_site.in_function = 1;
      break;
    case FUNCTION_NORMAL:
      record.eval_site.in_function = 1;
      break;
    case FUNCTION_EVAL:
      record.eval_site.in_function = options->in_function;
      record.eval_site.in_method = options->in_method;
      record.eval_site.in_derived_constructor = options->in_derived_constructor;
      record.eval_site.in_field_initializer = options->in_field_initializer;
      break;
    default:
      break;
    }
  }
  record.eval_site.in_parameters = f->in_parameters;
  return bytecode_record(B(f), record);
}

// I/O -------------------------------------------------------------------------

static bool name_is(const Name *name, const char *text) {
  size_t length = strlen(text);
  return name && !name->wide && name->length == length &&
         memcmp(name->units, text, length) == 0;
}

int bytecode_io_operation(const CompileUnit *unit, const Binding *binding) {
  static const struct {
    const char *module, *function;
  } operations[] = {
#define IO_OPERATION(name, module, function, length, options)                  \
  {module, function},
#include "vm/io_operations.def"
#undef IO_OPERATION
  };
  if (unit->lazy) {
    for (uint32_t i = 0; i < unit->lazy->name_count; i++) {
      const LazyName *name = &unit->lazy->names[i];
      if (name->kind == BINDING_IMPORT && name->slot == binding->slot) {
        return name->operation;
      }
    }
    return -1;
  }
  const ModuleRecordFacts *module = unit->parse->module;
  const ModuleImport *import = &module->imports[binding->slot];
  const Name *specifier = module->requests[import->request].specifier;
  if (specifier->length < 5 || !import->import_name) return -1;
  for (int i = 0; i < IO_OPERATION_COUNT; i++) {
    bool is_file = strcmp(operations[i].module, "rill:fs") == 0;
    if ((name_is(specifier, operations[i].module) ||
         (is_file && name_is(specifier, "rill:internal/files"))) &&
        name_is(import->import_name, operations[i].function)) {
      return i;
    }
  }
  return -1;
}

static int io_operation(FunctionState *f, const AstNode *callee) {
  if (callee->type != AST_IDENTIFIER ||
      callee->resolution == REFERENCE_DYNAMIC) {
    return -1;
  }
  const Binding *binding = ((const AstIdentifier *)callee)->binding;
  return binding && (binding->emitter_bits & BINDING_IS_IMPORT)
             ? bytecode_io_operation(f->unit, binding)
             : -1;
}

bool bytecode_io_call(FunctionState *f, AstCall *node, Register dst,
                      bool awaited) {
  if (node->has_spread || (node->base.flags & AST_OPTIONAL)) return false;
  int operation = io_operation(f, node->callee);
  if (operation < 0) return false;
  uint32_t mark = mark_of(f);
  uint32_t count = node->arguments.count;
  Register first = count ? bytecode_temps(B(f), count) : dst;
  arguments_into(f, &node->arguments, first);
  bytecode_at(B(f), node->base.start);
  bytecode_emit_word(B(f), awaited ? OP_IO_AWAIT : OP_IO, dst, first, count,
                     (uint64_t)operation);
  release(f, mark);
  return true;
}

// Calls -----------------------------------------------------------------------

// f.apply(x, arguments) without an arguments object.
static bool forward_arguments(FunctionState *f, AstCall *node, Register dst,
                              Label *skip) {
  const Binding *binding = f->ast ? f->ast->arguments_binding : NULL;
  if (!binding || !(binding->emitter_bits & BINDING_ARGUMENTS_ELIDED) ||
      !bytecode_forwards_arguments(node, binding)) {
    return false;
  }
  uint32_t mark = mark_of(f);
  bool mapped = !f->is_strict && f->ast->has_simple_parameters;
  uint32_t count = f->ast->parameters.count;
  if (mapped && count && !f->mapped_parameters) {
    f->mapped_parameters =
        bytecode_arena(f->unit, count * sizeof *f->mapped_parameters);
    if (!f->mapped_parameters) return true;
    memset(f->mapped_parameters, 0xff, count * sizeof *f->mapped_parameters);
  }
  Register base = bytecode_temps(B(f), 4);
  bytecode_callee(f, node->callee, base, skip);
  bytecode_expression(f, node->arguments.items[0], (Register)(base + 2));
  bytecode_at(B(f), call_position(node->callee, node->base.start));
  bytecode_emit(B(f), OP_CALL_FORWARD, dst, base, mapped);
  release(f, mark);
  return true;
}

void bytecode_call(FunctionState *f, AstCall *node, Register dst, Label *skip,
                   bool awaited) {
  if (bytecode_io_call(f, node, dst, awaited) ||
      forward_arguments(f, node, dst, skip)) {
    return;
  }
  uint32_t mark = mark_of(f);
  Register base = call_registers(f, &node->arguments, node->has_spread);
  bool has_this = bytecode_callee(f, node->callee, base, skip);
  bool is_plain = !node->has_spread && !(node->base.flags & AST_DIRECT_EVAL);
  if (!has_this && !is_plain) {
    bytecode_load_value(f, VALUE_UNDEFINED, (Register)(base + 1));
  }
  if (skip && (node->base.flags & AST_OPTIONAL)) {
    bytecode_jump(B(f), OP_JUMP_IF_NULLISH, base, skip);
  }
  uint32_t position = call_position(node->callee, node->base.start);
  if (node->has_spread) {
    if (node->base.flags & AST_DIRECT_EVAL) {
      bytecode_array_of(f, &node->arguments, (Register)(base + 2));
      Register environment = bytecode_environment(f);
      bytecode_at(B(f), position);
      bytecode_emit_word(B(f), OP_CALL_EVAL, dst, base, UINT16_MAX,
                         eval_site(f, environment));
    } else {
      uint32_t lone = spread_into(f, &node->arguments, (Register)(base + 2));
      bytecode_at(B(f), position);
      bytecode_emit(B(f), OP_CALL_SPREAD, dst, base, lone);
    }
    release(f, mark);
    return;
  }
  arguments_into(f, &node->arguments, (Register)(base + 2));
  if (node->base.flags & AST_DIRECT_EVAL) {
    Register environment = bytecode_environment(f);
    bytecode_at(B(f), position);
    bytecode_emit_word(B(f), OP_CALL_EVAL, dst, base, node->arguments.count,
                       eval_site(f, environment));
  } else {
    bytecode_at(B(f), position);
    bytecode_emit(B(f), has_this ? OP_CALL : OP_CALL_FUNCTION, dst, base,
                  node->arguments.count);
  }
  release(f, mark);
}

void bytecode_new(FunctionState *f, AstCall *node, Register dst) {
  uint32_t mark = mark_of(f);
  Register base = call_registers(f, &node->arguments, node->has_spread);
  bytecode_expression(f, node->callee, base);
  uint32_t lone = 0;
  if (node->has_spread) {
    lone = spread_into(f, &node->arguments, (Register)(base + 2));
  } else {
    arguments_into(f, &node->arguments, (Register)(base + 2));
  }
  bytecode_at(B(f), node->base.start);
  if (node->has_spread) {
    bytecode_move(B(f), (Register)(base + 1), base);
    bytecode_emit(B(f), OP_CONSTRUCT_SPREAD, dst, base, lone);
  } else {
    bytecode_emit(B(f), OP_NEW, dst, base, node->arguments.count);
  }
  release(f, mark);
}

void bytecode_super_call(FunctionState *f, AstSuperCall *node, Register dst) {
  uint32_t mark = mark_of(f);
  Register active = bytecode_operand(f, &node->active_function->base);
  Register base = call_registers(f, &node->arguments, node->has_spread);
  bytecode_at(B(f), node->base.start);
  bytecode_emit(B(f), OP_GET_SUPER_CONSTRUCTOR, base, active, 0);
  uint32_t lone = 0;
  if (node->has_spread) {
    lone = spread_into(f, &node->arguments, (Register)(base + 2));
  } else {
    arguments_into(f, &node->arguments, (Register)(base + 2));
  }
  bytecode_load_identifier(f, node->new_target, (Register)(base + 1), false);
  bytecode_at(B(f), node->base.start);
  if (node->has_spread) {
    bytecode_emit(B(f), OP_CONSTRUCT_SPREAD, base, base, lone);
  } else {
    bytecode_emit(B(f), OP_CONSTRUCT, base, base, node->arguments.count);
  }
  // A dynamic `this` (eval code) is checked by the store.
  AstIdentifier *this_reference = node->this_reference;
  if (this_reference->base.resolution == REFERENCE_DYNAMIC) {
    bytecode_store_identifier(f, this_reference, base, NO_REGISTER);
  } else {
    Place place = bytecode_reference_place(f, this_reference);
    Register current =
        place.kind == PLACE_REGISTER ? place.reg : (Register)(base + 1);
    bytecode_place_load(f, place, current);
    bytecode_emit(B(f), OP_CHECK_SUPER_ONCE, current, 0, 0);
    bytecode_place_store(f, place, base);
  }
  bytecode_instance_elements(f, base, active);
  bytecode_move(B(f), dst, base);
  release(f, mark);
}

// Self-hosted code ------------------------------------------------------------

static int intrinsic_index(const Name *name) {
  static const char *const names[] = {
#define INTRINSIC_ROW(name, ...) #name,
#if __has_include("vm/interpreter/intrinsics.def")
#include "vm/interpreter/intrinsics.def"
#endif
#undef INTRINSIC_ROW
    NULL,
  };
  for (int i = 0; names[i]; i++) {
    if (name_is(name, names[i])) return i;
  }
  return -1;
}

void bytecode_intrinsic_call(FunctionState *f, AstIntrinsicCall *node,
                             Register dst) {
  uint32_t mark = mark_of(f);
  uint32_t count = node->arguments.count;
  if (name_is(node->name, "Call") && count >= 2) {
    Register base = bytecode_temps(B(f), count);
    arguments_into(f, &node->arguments, base);
    bytecode_at(B(f), node->base.start);
    bytecode_emit(B(f), OP_CALL, dst, base, count - 2);
    release(f, mark);
    return;
  }
  // A statement: nobody reads dst.
  if (name_is(node->name, "CreateDataPropertyOrThrow") && count == 3) {
    Register base = bytecode_temps(B(f), count);
    arguments_into(f, &node->arguments, base);
    bytecode_at(B(f), node->base.start);
    bytecode_emit(B(f), OP_INIT_ELEMENT, base, base + 1, base + 2);
    release(f, mark);
    return;
  }
  int index = intrinsic_index(node->name);
  if (index < 0) {
    B(f)->failure_message = "Unknown intrinsic";
    bytecode_fail(B(f), BUILD_UNSUPPORTED);
    return;
  }
  Register first = count ? bytecode_temps(B(f), count) : dst;
  arguments_into(f, &node->arguments, first);
  bytecode_at(B(f), node->base.start);
  bytecode_emit_word(B(f), OP_INTRINSIC, dst, first, count, (uint64_t)index);
  release(f, mark);
}

bool bytecode_iterator_direct(FunctionState *f, const AstNode *iterated,
                              Register iterator) {
  if (iterated->type != AST_INTRINSIC_CALL) return false;
  const AstIntrinsicCall *node = (const AstIntrinsicCall *)iterated;
  if (!name_is(node->name, "IteratorDirect") || node->arguments.count != 2)
    return false;
  arguments_into(f, &node->arguments, iterator);
  bytecode_load_value(f, VALUE_UNDEFINED, (Register)(iterator + 2));
  return true;
}

// Tagged templates, import() --------------------------------------------------

static uint32_t template_record(FunctionState *f, const AstTemplate *quasi) {
  uint32_t count = quasi->expression_count + 1;
  Record record = {.kind = RECORD_TEMPLATE_STRINGS};
  record.template_strings.count = count;
  String **cooked = bytecode_arena(f->unit, count * sizeof *cooked);
  String **raw = bytecode_arena(f->unit, count * sizeof *raw);
  record.template_strings.cooked = cooked;
  record.template_strings.raw = raw;
  for (uint32_t i = 0; cooked && raw && i < count; i++) {
    const AstTemplatePart *part = &quasi->parts[i];
    cooked[i] = part->cooked ? bytecode_atom(f->unit, part->cooked) : NULL;
    raw[i] = bytecode_atom(f->unit, part->raw);
  }
  return bytecode_record(B(f), record);
}

void bytecode_tagged_template(FunctionState *f, AstTaggedTemplate *node,
                              Register dst) {
  uint32_t mark = mark_of(f);
  uint32_t count = node->quasi->expression_count;
  Register base = bytecode_temps(B(f), 3 + count);
  if (!bytecode_callee(f, node->tag, base, NULL)) {
    bytecode_load_value(f, VALUE_UNDEFINED, (Register)(base + 1));
  }
  bytecode_emit(B(f), OP_GET_TEMPLATE_OBJECT, base + 2,
                template_record(f, node->quasi), 0);
  for (uint32_t i = 0; i < count; i++) {
    bytecode_expression(f, node->quasi->expressions[i],
                        (Register)(base + 3 + i));
  }
  bytecode_at(B(f), call_position(node->tag, node->base.start));
  bytecode_emit(B(f), OP_CALL, dst, base, count + 1);
  release(f, mark);
}

void bytecode_import_call(FunctionState *f, AstImportCall *node, Register dst) {
  uint32_t mark = mark_of(f);
  Register specifier = temp(f), options = temp(f);
  bytecode_expression(f, node->specifier, specifier);
  if (node->options) {
    bytecode_expression(f, node->options, options);
  } else {
    bytecode_load_value(f, VALUE_UNDEFINED, options);
  }
  bytecode_at(B(f), node->base.start);
  bytecode_emit_word(B(f), OP_IMPORT_CALL, dst, specifier, options,
                     node->phase);
  release(f, mark);
}
