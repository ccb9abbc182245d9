// SPDX-License-Identifier: MIT
// Decorators and `accessor` fields (the decorators proposal). Decorators are
// evaluated with the keys, in the order of the text, and applied when all
// elements are there: to what is no field, then to fields, statics first each
// time. Meanwhile an element keeps what applying takes in KEPT registers.
#include "vm/bytecode/emitter.h"

enum {
  KEPT_DECORATORS, // array of a function and its this, for each
  KEPT_KEY,
  KEPT_FUNCTION, // or the getter of an accessor
  KEPT_SETTER,
  KEPT
};

static void intrinsic(FunctionState *f, unsigned index, Register dst,
                      Register first, uint32_t count) {
  bytecode_emit_word(B(f), OP_INTRINSIC, dst, first, count, index);
}
enum {
#define INTRINSIC_ROW(name, ...) INTRINSIC_##name##_INDEX,
#include "vm/interpreter/intrinsics.def"
#undef INTRINSIC_ROW
};

void bytecode_decorators(FunctionState *f, const AstList *list, Register dst) {
  uint32_t mark = mark_of(f);
  Register base = bytecode_temps(B(f), 2 * list->count);
  for (uint32_t i = 0; i < list->count; i++) {
    Register callee = (Register)(base + 2 * i);
    bytecode_at(B(f), list->items[i]->start);
    if (!bytecode_callee(f, list->items[i], callee, NULL)) {
      bytecode_load_value(f, VALUE_UNDEFINED, (Register)(callee + 1));
    }
  }
  bytecode_emit(B(f), OP_NEW_ARRAY, dst, base, 2 * list->count);
  release(f, mark);
}

void bytecode_keep_decorated(FunctionState *f, const AstClass *node) {
  if (!node->has_decorators) return;
  for (uint32_t i = 0; i < node->elements.count; i++) {
    AstClassElement *element = (AstClassElement *)node->elements.items[i];
    if (element->decorators.count) element->kept = bytecode_temps(B(f), KEPT);
  }
}

Decorated bytecode_decorated(FunctionState *f, const AstClassElement *node) {
  if (!node->decorators.count) {
    Register key = temp(f);
    return (Decorated){key, bytecode_temps(B(f), 2)};
  }
  Register kept = (Register)node->kept;
  bytecode_decorators(f, &node->decorators, kept + KEPT_DECORATORS);
  return (Decorated){kept + KEPT_KEY, kept + KEPT_FUNCTION};
}

// Applying --------------------------------------------------------------------

static unsigned decorates(const AstClassElement *node) {
  static const uint8_t kinds[] = {
      [AST_PROPERTY_METHOD] = DECORATES_METHOD,
      [AST_PROPERTY_GETTER] = DECORATES_GETTER,
      [AST_PROPERTY_SETTER] = DECORATES_SETTER,
      [AST_PROPERTY_FIELD] = DECORATES_FIELD,
      [AST_PROPERTY_ACCESSOR] = DECORATES_ACCESSOR,
  };
  return kinds[node->base.op] | (node->is_static ? DECORATES_STATIC : 0) |
         (node->key->type == AST_PRIVATE_NAME ? DECORATES_PRIVATE : 0);
}

static Place private_function(FunctionState *f, const AstClassElement *node,
                              uint32_t which) {
  Place place = bytecode_place(f, ((AstIdentifier *)node->key)->binding);
  place.slot += 1 + which;
  return place;
}

static void load_key(FunctionState *f, AstClassElement *node, Register dst) {
  if (node->key->type == AST_PRIVATE_NAME) {
    bytecode_load_identifier(f, (AstIdentifier *)node->key, dst, false);
  } else if (node->computed_key) {
    bytecode_load_binding(f, node->computed_key, dst);
  } else if (node->base.flags & AST_COMPUTED) {
    bytecode_move(B(f), dst, (Register)(node->kept + KEPT_KEY));
  } else {
    bytecode_load_key(f, bytecode_literal_key(f->unit, node->key), dst);
  }
}

// A new array in `dst`, also kept for the initializer.
static void keep_array(FunctionState *f, const Binding *binding, Register dst) {
  bytecode_emit(B(f), OP_NEW_ARRAY, dst, dst, 0);
  bytecode_place_store(f, bytecode_place(f, binding), dst);
}

static void apply(FunctionState *f, AstClass *class, AstClassElement *node,
                  Register constructor, Register static_extra) {
  enum {
    LIST,
    NAME,
    HOME,
    FUNCTION,
    SETTER,
    INITIALIZERS,
    EXTRA,
    FLAGS,
    COUNT
  };
  uint32_t mark = mark_of(f);
  Register base = bytecode_temps(B(f), COUNT);
  Register kept = (Register)node->kept;
  bool is_private = node->key->type == AST_PRIVATE_NAME;
  unsigned flags = decorates(node), kind = flags & DECORATES_KIND;
  bytecode_at(B(f), node->base.start);
  bytecode_move(B(f), base + LIST, kept + KEPT_DECORATORS);
  load_key(f, node, base + NAME);
  bytecode_move(B(f), base + HOME, (Register)(constructor + !node->is_static));
  bytecode_load_value(f, VALUE_UNDEFINED, base + FUNCTION);
  bytecode_load_value(f, VALUE_UNDEFINED, base + SETTER);
  bytecode_load_value(f, VALUE_UNDEFINED, base + INITIALIZERS);
  if (kind == DECORATES_ACCESSOR) {
    bytecode_move(B(f), base + FUNCTION, kept + KEPT_FUNCTION);
    bytecode_move(B(f), base + SETTER, kept + KEPT_SETTER);
  } else if (kind != DECORATES_FIELD && is_private) {
    bytecode_place_load(f, private_function(f, node, kind == DECORATES_SETTER),
                        base + FUNCTION);
  } else if (kind != DECORATES_FIELD) {
    bytecode_move(B(f), base + FUNCTION, kept + KEPT_FUNCTION);
  }
  if (node->initializers) {
    keep_array(f, node->initializers, base + INITIALIZERS);
    keep_array(f, node->extra_initializers, base + EXTRA);
  } else if (node->is_static) {
    bytecode_move(B(f), base + EXTRA, static_extra);
  } else {
    bytecode_load_binding(f, class->extra_initializers, base + EXTRA);
  }
  bytecode_emit_imm(B(f), OP_LOAD_INT, base + FLAGS, (int32_t)flags);
  intrinsic(f, INTRINSIC_ApplyDecorators_INDEX, base, base, COUNT);
  if (is_private && kind == DECORATES_ACCESSOR) {
    for (int i = 0; i < 2; i++) { // an array of both
      bytecode_emit(B(f), OP_GET_ELEMENT_INT, base + 1, base, i);
      bytecode_place_store(f, private_function(f, node, i), base + 1);
    }
  } else if (is_private && kind != DECORATES_FIELD) {
    bytecode_place_store(f, private_function(f, node, kind == DECORATES_SETTER),
                         base);
  }
  release(f, mark);
}

void bytecode_apply_decorators(FunctionState *f, AstClass *node,
                               Register constructor, Register static_extra) {
  bytecode_emit(B(f), OP_NEW_ARRAY, static_extra, static_extra, 0);
  if (node->extra_initializers) {
    uint32_t mark = mark_of(f);
    keep_array(f, node->extra_initializers, temp(f));
    release(f, mark);
  }
  for (int pass = 0; pass < 4; pass++) {
    for (uint32_t i = 0; i < node->elements.count; i++) {
      AstClassElement *element = (AstClassElement *)node->elements.items[i];
      bool is_field = element->base.op == AST_PROPERTY_FIELD;
      if (element->decorators.count && is_field == (pass >= 2) &&
          element->is_static == (pass % 2 == 0)) {
        apply(f, node, element, constructor, static_extra);
      }
    }
  }
}

void bytecode_decorate_class(FunctionState *f, AstClass *node, String *name,
                             Register decorators, Register constructor,
                             Register extra) {
  uint32_t mark = mark_of(f);
  Register base = bytecode_temps(B(f), 4);
  bytecode_at(B(f), node->base.start);
  bytecode_emit(B(f), OP_NEW_ARRAY, extra, extra, 0);
  bytecode_move(B(f), base, decorators);
  bytecode_move(B(f), base + 1, constructor);
  if (name == ATOM(empty)) {
    bytecode_load_value(f, VALUE_UNDEFINED, base + 2);
  } else {
    bytecode_load_key(f, key_from_atom(name), base + 2);
  }
  bytecode_move(B(f), base + 3, extra);
  intrinsic(f, INTRINSIC_DecorateClass_INDEX, constructor, base, 4);
  release(f, mark);
}

// Initializers ----------------------------------------------------------------

void bytecode_run_initializers(FunctionState *f, Register object,
                               Register array) {
  uint32_t mark = mark_of(f);
  Register base = bytecode_temps(B(f), 2);
  bytecode_move(B(f), base, object);
  bytecode_move(B(f), base + 1, array);
  intrinsic(f, INTRINSIC_RunInitializers_INDEX, base, base, 2);
  release(f, mark);
}

void bytecode_run_kept_initializers(FunctionState *f, Register object,
                                    const Binding *binding) {
  uint32_t mark = mark_of(f);
  Register array = temp(f);
  bytecode_load_binding(f, binding, array);
  bytecode_run_initializers(f, object, array);
  release(f, mark);
}

void bytecode_initial_value(FunctionState *f, Register object,
                            const Binding *binding, Register value) {
  uint32_t mark = mark_of(f);
  Register base = bytecode_temps(B(f), 3);
  bytecode_move(B(f), base, object);
  bytecode_load_binding(f, binding, base + 1);
  bytecode_move(B(f), base + 2, value);
  intrinsic(f, INTRINSIC_RunInitializers_INDEX, value, base, 3);
  release(f, mark);
}
