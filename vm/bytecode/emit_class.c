// SPDX-License-Identifier: MIT
// Classes (ECMA-262 15.7.14 ClassDefinitionEvaluation). Private names live in
// the class body's environment; a private method's or accessor's functions are
// in the slots after its name, from where the field initializer adds them to
// each instance.
#include "vm/bytecode/emitter.h"

// Synthesized code ------------------------------------------------------------

// The private name behind an accessor.
static uint32_t storage_key(FunctionState *f) {
  return bytecode_atom_key(f, bytecode_c_atom(f->unit, "accessor storage"));
}

static uint32_t storage_cache(FunctionState *f) {
  uint32_t cache = bytecode_cache(B(f), CACHE_PRIVATE, storage_key(f));
  if (cache == UINT32_MAX) bytecode_fail(B(f), BUILD_TOO_LARGE);
  return cache;
}

static void default_base(FunctionState *f, void *data) {
  if (!f->class_context->has_instance_elements) return;
  Register this_value = temp(f), callee = temp(f);
  bytecode_emit(B(f), OP_LOAD_THIS, this_value, 0, 0);
  if (!f->class_context->inlined) {
    bytecode_emit(B(f), OP_LOAD_CALLEE, callee, 0, 0);
  }
  bytecode_instance_elements(f, this_value, callee);
}

static void default_derived(FunctionState *f, void *data) {
  Register base = bytecode_temps(B(f), 3);
  Register callee = temp(f);
  bytecode_emit(B(f), OP_LOAD_CALLEE, callee, 0, 0);
  bytecode_emit(B(f), OP_GET_SUPER_CONSTRUCTOR, base, callee, 0);
  bytecode_emit(B(f), OP_LOAD_NEW_TARGET, base + 1, 0, 0);
  bytecode_emit(B(f), OP_CONSTRUCT_SPREAD, base, base, 2);
  bytecode_instance_elements(f, base, callee);
  bytecode_emit(B(f), OP_RETURN, base, 0, 0);
}

static void instance_private_methods(FunctionState *, const Scope *,
                                     Register object);

// What an instance gets before its fields.
static void begin_instance(FunctionState *f, const AstClass *node,
                           Register object) {
  if (node->body_scope) {
    instance_private_methods(f, node->body_scope, object);
  }
  if (node->extra_initializers) {
    bytecode_run_kept_initializers(f, object, node->extra_initializers);
  }
}

static void only_methods(FunctionState *f, void *data) {
  Register this_value = temp(f);
  bytecode_emit(B(f), OP_LOAD_THIS, this_value, 0, 0);
  begin_instance(f, data, this_value);
}

static void storage_getter(FunctionState *f, void *data) {
  const AstClassElement *node = data;
  Register object = temp(f), key = temp(f);
  bytecode_emit(B(f), OP_LOAD_THIS, object, 0, 0);
  bytecode_load_binding(f, node->storage, key);
  bytecode_at(B(f), node->base.start);
  bytecode_emit_word(B(f), OP_GET_PRIVATE, object, object, key,
                     storage_cache(f));
  bytecode_return(f, object);
}

static void storage_setter(FunctionState *f, void *data) {
  const AstClassElement *node = data;
  Register object = temp(f), key = temp(f);
  bytecode_emit(B(f), OP_LOAD_THIS, object, 0, 0);
  bytecode_load_binding(f, node->storage, key);
  bytecode_at(B(f), node->base.start);
  bytecode_emit_word(B(f), OP_SET_PRIVATE, object, key, 0, storage_cache(f));
}

// Code without a tree: of the class, or of the getters and setters that an
// accessor has.
static uint32_t synthesize(FunctionState *f, const AstClass *class,
                           const AstNode *node, String *name, CodeKind kind,
                           BodyEmitter body, void *data,
                           const ClassContext *context) {
  Template facts = {
      .kind = kind,
      .name = name,
      .flags =
          TEMPLATE_STRICT | TEMPLATE_HAS_SIMPLE_PARAMETERS | TEMPLATE_USES_THIS,
      .parameter_count = kind == CODE_SETTER,
      .length = kind == CODE_SETTER,
      .source_start = node->start,
      .source_end = node->end,
  };
  FunctionState prototype = {
      .outer = f,
      .closure_scope = class->body_scope ? class->body_scope : class->scope,
      .kind = kind,
      .is_strict = true,
      .class_context = context,
  };
  Template *t = bytecode_build(f->unit, &prototype, body, data, &facts);
  return t ? bytecode_function(B(f), t) : 0;
}

// Private names ---------------------------------------------------------------

static void enter_body_scope(FunctionState *f, Scope *scope) {
  bytecode_new_environment(f, scope);
  for (Binding *b = scope->first_binding; b; b = b->next) {
    if (b->kind != BINDING_PRIVATE_NAME) continue;
    uint32_t mark = mark_of(f);
    Register r = temp(f);
    bytecode_emit(B(f), OP_NEW_PRIVATE_NAME, r, bytecode_name_key(f, b->name),
                  b->private_kind != PRIVATE_FIELD);
    Place place = bytecode_place(f, b);
    bytecode_place_store(f, place, r);
    if (b->private_kind != PRIVATE_FIELD && b->private_kind != PRIVATE_METHOD) {
      bytecode_load_value(f, VALUE_UNDEFINED, r);
      place.slot++;
      bytecode_place_store(f, place, r);
      place.slot++;
      bytecode_place_store(f, place, r);
    }
    release(f, mark);
  }
}

// Adds the methods and accessors of one kind to `object`.
static void add_private_methods(FunctionState *f, const Scope *scope,
                                Register object, bool is_static) {
  for (const Binding *b = scope->first_binding; b; b = b->next) {
    if (b->kind != BINDING_PRIVATE_NAME || b->is_static != is_static ||
        b->private_kind == PRIVATE_FIELD) {
      continue;
    }
    uint32_t mark = mark_of(f);
    Register name = temp(f);
    Register functions = bytecode_temps(B(f), 2);
    Place place = bytecode_place(f, b);
    bytecode_place_load(f, place, name);
    place.slot++;
    bytecode_place_load(f, place, functions);
    if (b->private_kind == PRIVATE_METHOD) {
      bytecode_emit(B(f), OP_ADD_PRIVATE, object, name, functions);
    } else {
      place.slot++;
      bytecode_place_load(f, place, (Register)(functions + 1));
      bytecode_emit(B(f), OP_ADD_PRIVATE_ACCESSOR, object, name, functions);
    }
    release(f, mark);
  }
}

static void instance_private_methods(FunctionState *f, const Scope *scope,
                                     Register object) {
  add_private_methods(f, scope, object, false);
}

// Elements --------------------------------------------------------------------

static const char *accessor_prefix(uint8_t op) {
  return op == AST_PROPERTY_GETTER   ? "get "
         : op == AST_PROPERTY_SETTER ? "set "
                                     : NULL;
}

static void private_method(FunctionState *f, AstClassElement *node,
                           Register home) {
  if (node->decorators.count) bytecode_decorated(f, node);
  AstIdentifier *id = (AstIdentifier *)node->key;
  const char *prefix = accessor_prefix(node->base.op);
  String *name = bytecode_atom(f->unit, id->name);
  if (prefix) name = bytecode_prefixed(f->unit, prefix, name);
  Register function = temp(f);
  bytecode_method(f, (AstFunction *)node->value, name, home, function);
  Place place = bytecode_place(f, id->binding);
  place.slot += node->base.op == AST_PROPERTY_SETTER ? 2 : 1;
  bytecode_place_store(f, place, function);
}

static void public_method(FunctionState *f, AstClassElement *node,
                          Register object) {
  Decorated kept = bytecode_decorated(f, node);
  Register key = kept.key, function = kept.function;
  const char *prefix = accessor_prefix(node->base.op);
  AstFunction *ast = (AstFunction *)node->value;
  if (node->base.flags & AST_COMPUTED) {
    bytecode_expression(f, node->key, key);
    bytecode_at(B(f), node->key->start);
    bytecode_emit(B(f), OP_TO_PROPERTY_KEY, key, key, 0);
    bytecode_method(f, ast, ATOM(empty), object, function);
    bytecode_emit(B(f), OP_SET_FUNCTION_NAME, function, key,
                  !prefix                                ? 0
                  : node->base.op == AST_PROPERTY_GETTER ? 1
                                                         : 2);
  } else {
    PropertyKey property = bytecode_literal_key(f->unit, node->key);
    String *name = bytecode_key_name(f->unit, property);
    if (prefix) name = bytecode_prefixed(f->unit, prefix, name);
    bytecode_method(f, ast, name, object, function);
    bytecode_load_key(f, property, key);
  }
  bytecode_at(B(f), node->base.start);
  if (prefix) {
    bytecode_emit_word(B(f), OP_DEFINE_ACCESSOR, object, key, function,
                       node->base.op == AST_PROPERTY_SETTER);
  } else {
    bytecode_emit(B(f), OP_DEFINE_METHOD, object, key, function);
  }
}

// The key of a computed field, for the initializer.
static void keep_key(FunctionState *f, AstClassElement *node, Register key) {
  bytecode_expression(f, node->key, key);
  bytecode_at(B(f), node->key->start);
  bytecode_emit(B(f), OP_TO_PROPERTY_KEY, key, key, 0);
  bytecode_place_store(f, bytecode_place(f, node->computed_key), key);
}

// The getter or setter of an accessor.
static void access_storage(FunctionState *f, const AstClass *class,
                           AstClassElement *node, bool is_setter, Register key,
                           Register object, Register function) {
  uint32_t mark = mark_of(f);
  bool is_private = node->key->type == AST_PRIVATE_NAME;
  String *name = ATOM(empty);
  if (is_private) {
    name = bytecode_atom(f->unit, ((AstIdentifier *)node->key)->name);
  } else if (!node->computed_key) {
    PropertyKey property = bytecode_literal_key(f->unit, node->key);
    name = bytecode_key_name(f->unit, property);
  }
  if (!node->computed_key) {
    name = bytecode_prefixed(f->unit, is_setter ? "set " : "get ", name);
  }
  uint32_t index = synthesize(
      f, class, &node->base, name, is_setter ? CODE_SETTER : CODE_GETTER,
      is_setter ? storage_setter : storage_getter, node, NULL);
  bytecode_emit(B(f), OP_NEW_FUNCTION, function, bytecode_environment(f),
                index);
  if (node->computed_key) {
    bytecode_emit(B(f), OP_SET_FUNCTION_NAME, function, key, 1 + is_setter);
  }
  if (is_private) {
    Place place = bytecode_place(f, ((AstIdentifier *)node->key)->binding);
    place.slot += 1 + is_setter;
    bytecode_place_store(f, place, function);
  } else {
    bytecode_emit_word(B(f), OP_DEFINE_ACCESSOR, object, key, function,
                       is_setter);
  }
  release(f, mark);
}

static void define_accessor(FunctionState *f, const AstClass *class,
                            AstClassElement *node, Register object) {
  Decorated kept = bytecode_decorated(f, node);
  if (node->computed_key) {
    keep_key(f, node, kept.key);
  } else if (node->key->type != AST_PRIVATE_NAME) {
    bytecode_load_key(f, bytecode_literal_key(f->unit, node->key), kept.key);
  }
  bytecode_at(B(f), node->base.start);
  Register storage = temp(f);
  bytecode_emit(B(f), OP_NEW_PRIVATE_NAME, storage, storage_key(f), 0);
  bytecode_place_store(f, bytecode_place(f, node->storage), storage);
  access_storage(f, class, node, false, kept.key, object, kept.function);
  access_storage(f, class, node, true, kept.key, object,
                 (Register)(kept.function + 1));
}

static void define_element(FunctionState *f, const AstClass *class,
                           AstClassElement *node, Register constructor) {
  Register object = (Register)(constructor + !node->is_static);
  uint32_t mark = mark_of(f);
  switch (node->base.op) {
  case AST_PROPERTY_METHOD:
  case AST_PROPERTY_GETTER:
  case AST_PROPERTY_SETTER:
    if (node->key->type == AST_PRIVATE_NAME) {
      private_method(f, node, object);
    } else {
      public_method(f, node, object);
    }
    break;
  case AST_PROPERTY_FIELD:
    if (node->decorators.count) bytecode_decorated(f, node);
    if (node->computed_key) keep_key(f, node, temp(f));
    break;
  case AST_PROPERTY_ACCESSOR:
    define_accessor(f, class, node, object);
    break;
  default:
    break;
  }
  release(f, mark);
}

static void define_value(FunctionState *f, AstClassElement *node,
                         Register object) {
  uint32_t mark = mark_of(f);
  AstNode *value_node = node->value;
  bool is_anonymous = value_node && ast_is_anonymous_function(value_node);
  Register key = NO_REGISTER;
  String *name = ATOM(empty);
  PropertyKey property = 0;
  bool is_private = node->key->type == AST_PRIVATE_NAME;
  bool is_computed = node->base.flags & AST_COMPUTED;
  if (is_private) {
    key = temp(f);
    bytecode_load_identifier(f, (AstIdentifier *)node->key, key, false);
    name = bytecode_atom(f->unit, ((AstIdentifier *)node->key)->name);
  } else if (is_computed) {
    key = temp(f);
    bytecode_load_binding(f, node->computed_key, key);
  } else {
    property = bytecode_literal_key(f->unit, node->key);
    name = bytecode_key_name(f->unit, property);
  }
  Register value;
  if (!value_node) {
    value = temp(f);
    bytecode_load_value(f, VALUE_UNDEFINED, value);
  } else if (is_anonymous) {
    value = temp(f);
    bytecode_named_expression(f, value_node, name, value);
    if (is_computed) {
      bytecode_emit(B(f), OP_SET_FUNCTION_NAME, value, key, 0);
    }
  } else {
    value = bytecode_operand(f, value_node);
  }
  bytecode_at(B(f), node->base.start);
  if (node->initializers) {
    if (value < mark) {
      Register copy = temp(f);
      bytecode_move(B(f), copy, value);
      value = copy;
    }
    bytecode_initial_value(f, object, node->initializers, value);
  }
  if (node->storage) {
    key = temp(f);
    bytecode_load_binding(f, node->storage, key);
    is_private = true;
  }
  if (is_private) {
    bytecode_emit(B(f), OP_ADD_PRIVATE, object, key, value);
    return;
  }
  if (!is_computed && !key_is_index(property)) {
    bytecode_init_named(f, object, value_as_string(property), value);
    return;
  }
  if (!is_computed) {
    key = temp(f);
    bytecode_load_key(f, property, key);
  }
  bytecode_emit(B(f), OP_INIT_ELEMENT, object, key, value);
}

static void define_field(FunctionState *f, AstClassElement *node,
                         Register object) {
  define_value(f, node, object);
  if (node->extra_initializers) {
    bytecode_run_kept_initializers(f, object, node->extra_initializers);
  }
}

// Inlining --------------------------------------------------------------------

// No `this`, closure or eval that needs an activation of its own.
static bool is_inlinable(void *data, const AstNode *node) {
  switch ((AstType)node->type) {
  case AST_THIS:
  case AST_NEW_TARGET:
  case AST_FUNCTION:
  case AST_ARROW:
  case AST_CLASS:
  case AST_SUPER_MEMBER:
  case AST_PSEUDO_REFERENCE:
    return false;
  case AST_PROPERTY:
    if (node->op >= AST_PROPERTY_METHOD && node->op <= AST_PROPERTY_SETTER) {
      return false;
    }
    break;
  case AST_CALL:
    if (node->flags & AST_DIRECT_EVAL) return false;
    break;
  default:
    break;
  }
  return bytecode_each_child(node, is_inlinable, data);
}

static bool can_inline(const AstClass *node) {
  const AstFunction *constructor = node->constructor;
  if (node->has_decorators) return false;
  // super() in eval code finds the initializer at the class only.
  if (constructor && constructor->has_inner_direct_eval) return false;
  const AstFunction *initializer = node->instance_initializer;
  if (!initializer) return true;
  if (initializer->body.count > 32 || initializer->has_inner_direct_eval) {
    return false;
  }
  for (uint32_t i = 0; i < initializer->body.count; i++) {
    const AstClassElement *element =
        (const AstClassElement *)initializer->body.items[i];
    if (element->value && !is_inlinable(NULL, element->value)) return false;
  }
  return true;
}

void bytecode_instance_elements(FunctionState *f, Register object,
                                Register constructor) {
  const ClassContext *context = f->class_context;
  if (context && !context->has_instance_elements) return;
  if (!context || !context->inlined) {
    bytecode_emit(B(f), OP_INITIALIZE_FIELDS, object, constructor, 0);
    return;
  }
  const AstClass *node = context->inlined;
  if (node->body_scope) {
    instance_private_methods(f, node->body_scope, object);
  }
  if (!node->instance_initializer) return;
  const AstList *fields = &node->instance_initializer->body;
  for (uint32_t i = 0; i < fields->count; i++) {
    uint32_t mark = mark_of(f);
    define_field(f, (AstClassElement *)fields->items[i], object);
    release(f, mark);
  }
}

void bytecode_class_elements(FunctionState *f, AstFunction *ast) {
  Register object = temp(f);
  bytecode_emit(B(f), OP_LOAD_THIS, object, 0, 0);
  if (ast->kind == FUNCTION_INSTANCE_INITIALIZER) {
    begin_instance(f, f->class_context->class, object);
  }
  for (uint32_t i = 0; i < ast->body.count; i++) {
    AstClassElement *node = (AstClassElement *)ast->body.items[i];
    uint32_t mark = mark_of(f);
    if (node->base.op == AST_PROPERTY_STATIC_BLOCK) {
      bytecode_block(f, (AstBlock *)node->value);
    } else {
      define_field(f, node, object);
    }
    release(f, mark);
  }
}

// The class -------------------------------------------------------------------

// home: the class before a decorator replaced it.
static void static_elements(FunctionState *f, AstClass *node,
                            Register constructor, Register home,
                            Register extra) {
  if (node->body_scope) {
    add_private_methods(f, node->body_scope, constructor, true);
  }
  if (extra != NO_REGISTER) bytecode_run_initializers(f, constructor, extra);
  if (!node->static_initializer) return;
  uint32_t mark = mark_of(f);
  Register base = bytecode_temps(B(f), 2);
  uint32_t index =
      bytecode_nested(f, node->static_initializer, ATOM(empty), NULL);
  bytecode_emit_word(B(f), OP_NEW_METHOD, base, bytecode_environment(f), index,
                     home);
  bytecode_move(B(f), (Register)(base + 1), constructor);
  bytecode_emit(B(f), OP_CALL, base, base, 0);
  release(f, mark);
}

static void instance_initializer(FunctionState *f, AstClass *node,
                                 const ClassContext *context,
                                 Register constructor) {
  if (!context->has_instance_elements || context->inlined) return;
  uint32_t mark = mark_of(f);
  Register initializer = temp(f);
  uint32_t index =
      node->instance_initializer
          ? bytecode_nested(f, node->instance_initializer, ATOM(empty), context)
          : synthesize(f, node, &node->base, ATOM(empty),
                       CODE_FIELD_INITIALIZER, only_methods, node, NULL);
  bytecode_emit_word(B(f), OP_NEW_METHOD, initializer, bytecode_environment(f),
                     index, constructor + 1);
  bytecode_emit(B(f), OP_SET_FIELD_INITIALIZER, constructor, initializer, 0);
  release(f, mark);
}

static void mark_made_once(FunctionState *f, uint32_t index) {
  if (f->kind == CODE_MODULE && f->repeats == 0 &&
      index < B(f)->functions_count)
    B(f)->functions[index]->flags |= TEMPLATE_MADE_ONCE;
}

void bytecode_class(FunctionState *f, AstClass *node, String *name,
                    Register dst) {
  uint32_t mark = mark_of(f);
  Register outer;
  Register constructor = bytecode_temps(B(f), 2);
  bool was_strict = f->is_strict;
  Register decorators = NO_REGISTER, static_extra = NO_REGISTER;
  if (node->decorators.count) {
    decorators = temp(f);
    bytecode_decorators(f, &node->decorators, decorators);
  }
  f->is_strict = true;
  bytecode_enter_scope(f, node->scope, &outer);
  Register heritage = temp(f);
  if (node->heritage) {
    bytecode_expression(f, node->heritage, heritage);
  } else {
    bytecode_load_value(f, VALUE_EMPTY, heritage);
  }
  if (node->body_scope) enter_body_scope(f, node->body_scope);
  bytecode_keep_decorated(f, node);
  ClassContext context = {.class = node,
                          .has_instance_elements = node->instance_initializer ||
                                                   node->has_private_methods ||
                                                   node->extra_initializers};
  if (context.has_instance_elements && can_inline(node)) {
    context.inlined = node;
  }
  uint32_t index;
  if (node->constructor) {
    index = bytecode_nested(f, node->constructor, name, &context);
  } else {
    index = synthesize(
        f, node, &node->base, name,
        node->heritage ? CODE_DERIVED_CONSTRUCTOR : CODE_CLASS_CONSTRUCTOR,
        node->heritage ? default_derived : default_base, NULL, &context);
  }
  mark_made_once(f, index);
  Register environment = bytecode_environment(f);
  bytecode_at(B(f), node->base.start);
  bytecode_emit_word(B(f), OP_NEW_CLASS, constructor, heritage, index,
                     environment);
  for (uint32_t i = 0; i < node->elements.count; i++) {
    define_element(f, node, (AstClassElement *)node->elements.items[i],
                   constructor);
  }
  Register home = constructor, extra = NO_REGISTER;
  if (node->has_decorators) {
    static_extra = temp(f);
    bytecode_apply_decorators(f, node, constructor, static_extra);
  }
  instance_initializer(f, node, &context, constructor);
  if (node->decorators.count) {
    home = temp(f);
    extra = temp(f);
    bytecode_move(B(f), home, constructor);
    bytecode_decorate_class(f, node, name, decorators, constructor, extra);
  }
  if (node->inner_binding) {
    bytecode_initialize(f, node->inner_binding, constructor);
  }
  static_elements(f, node, constructor, home, static_extra);
  if (extra != NO_REGISTER) bytecode_run_initializers(f, constructor, extra);
  bytecode_leave_scope(f, node->scope, outer);
  f->is_strict = was_strict;
  bytecode_move(B(f), dst, constructor);
  release(f, mark);
}
