// SPDX-License-Identifier: MIT
// For the tests of vm/syntax: collects every identifier node of a tree, so that
// a test can ask for "the second x".
#ifndef RILL_TESTS_UNIT_TEST_SYNTAX_WALK_H
#define RILL_TESTS_UNIT_TEST_SYNTAX_WALK_H

#include <stdlib.h>
#include <string.h>

#include "vm/syntax/syntax.h"

typedef struct Walk {
  AstIdentifier *items[512];
  uint32_t count;
} Walk;

static void walk_node(Walk *walk, const void *node);

static void walk_list(Walk *walk, AstList list) {
  for (uint32_t i = 0; i < list.count; i++)
    walk_node(walk, list.items[i]);
}

static void walk_identifier(Walk *walk, AstIdentifier *identifier) {
  if (identifier && walk->count < 512) walk->items[walk->count++] = identifier;
}

static void walk_function(Walk *walk, const AstFunction *function) {
  walk_identifier(walk, function->name);
  walk_list(walk, function->parameters);
  walk_list(walk, function->body);
}

static void walk_class(Walk *walk, const AstClass *class) {
  walk_identifier(walk, class->name);
  walk_node(walk, class->heritage);
  walk_node(walk, class->constructor);
  walk_list(walk, class->elements);
}

static void walk_node(Walk *walk, const void *node) {
  if (!node) return;
  switch ((AstType)((const AstNode *)node)->type) {
  case AST_IDENTIFIER:
  case AST_THIS:
  case AST_NEW_TARGET:
  case AST_PRIVATE_NAME:
  case AST_PSEUDO_REFERENCE:
  case AST_BINDING_IDENTIFIER:
    walk_identifier(walk, (AstIdentifier *)node);
    break;
  case AST_TEMPLATE: {
    const AstTemplate *template = node;
    for (uint32_t i = 0; i < template->expression_count; i++)
      walk_node(walk, template->expressions[i]);
    break;
  }
  case AST_TAGGED_TEMPLATE:
    walk_node(walk, ((const AstTaggedTemplate *)node)->tag);
    walk_node(walk, ((const AstTaggedTemplate *)node)->quasi);
    break;
  case AST_ARRAY:
  case AST_OBJECT:
  case AST_SEQUENCE:
  case AST_ARRAY_PATTERN:
  case AST_OBJECT_PATTERN:
  case AST_DECLARATION:
    walk_list(walk, ((const AstListNode *)node)->list);
    break;
  case AST_PROPERTY:
  case AST_PATTERN_PROPERTY:
    walk_node(walk, ((const AstProperty *)node)->key);
    walk_node(walk, ((const AstProperty *)node)->value);
    break;
  case AST_SPREAD:
  case AST_REST:
  case AST_UNARY:
  case AST_UPDATE:
  case AST_OPTIONAL_CHAIN:
  case AST_AWAIT:
  case AST_YIELD:
  case AST_RETURN:
  case AST_THROW:
  case AST_EXPORT:
  case AST_EXPRESSION_STATEMENT:
    walk_node(walk, ((const AstUnary *)node)->operand);
    break;
  case AST_FUNCTION:
  case AST_ARROW:
  case AST_FUNCTION_DECLARATION:
    walk_function(walk, node);
    break;
  case AST_CLASS:
  case AST_CLASS_DECLARATION:
    walk_class(walk, node);
    break;
  case AST_CLASS_ELEMENT:
    walk_node(walk, ((const AstClassElement *)node)->key);
    walk_node(walk, ((const AstClassElement *)node)->value);
    break;
  case AST_BINARY:
  case AST_LOGICAL:
  case AST_PRIVATE_IN:
  case AST_ASSIGN:
  case AST_COMPOUND_ASSIGN:
  case AST_LOGICAL_ASSIGN:
  case AST_PATTERN_DEFAULT:
  case AST_DECLARATOR:
    walk_node(walk, ((const AstBinary *)node)->left);
    walk_node(walk, ((const AstBinary *)node)->right);
    break;
  case AST_CONDITIONAL:
  case AST_IF:
    walk_node(walk, ((const AstConditional *)node)->test);
    walk_node(walk, ((const AstConditional *)node)->then);
    walk_node(walk, ((const AstConditional *)node)->otherwise);
    break;
  case AST_CALL:
  case AST_NEW:
    walk_node(walk, ((const AstCall *)node)->callee);
    walk_list(walk, ((const AstCall *)node)->arguments);
    break;
  case AST_SUPER_CALL:
    walk_list(walk, ((const AstSuperCall *)node)->arguments);
    break;
  case AST_INTRINSIC_CALL:
    walk_list(walk, ((const AstIntrinsicCall *)node)->arguments);
    break;
  case AST_MEMBER:
    walk_node(walk, ((const AstMember *)node)->object);
    break;
  case AST_INDEX:
    walk_node(walk, ((const AstIndex *)node)->object);
    walk_node(walk, ((const AstIndex *)node)->index);
    break;
  case AST_PRIVATE_MEMBER:
    walk_node(walk, ((const AstPrivateMember *)node)->object);
    walk_node(walk, ((const AstPrivateMember *)node)->name);
    break;
  case AST_SUPER_MEMBER:
    walk_node(walk, ((const AstSuperMember *)node)->index);
    break;
  case AST_IMPORT_CALL:
    walk_node(walk, ((const AstImportCall *)node)->specifier);
    walk_node(walk, ((const AstImportCall *)node)->options);
    break;
  case AST_BLOCK:
    walk_list(walk, ((const AstBlock *)node)->body);
    break;
  case AST_FOR:
    walk_node(walk, ((const AstFor *)node)->initializer);
    walk_node(walk, ((const AstFor *)node)->test);
    walk_node(walk, ((const AstFor *)node)->update);
    walk_node(walk, ((const AstFor *)node)->body);
    break;
  case AST_FOR_IN:
  case AST_FOR_OF:
    walk_node(walk, ((const AstForIn *)node)->target);
    walk_node(walk, ((const AstForIn *)node)->iterated);
    walk_node(walk, ((const AstForIn *)node)->body);
    break;
  case AST_WHILE:
  case AST_DO_WHILE:
    walk_node(walk, ((const AstWhile *)node)->test);
    walk_node(walk, ((const AstWhile *)node)->body);
    break;
  case AST_TRY:
    walk_node(walk, ((const AstTry *)node)->block);
    walk_node(walk, ((const AstTry *)node)->parameter);
    walk_node(walk, ((const AstTry *)node)->handler);
    walk_node(walk, ((const AstTry *)node)->finalizer);
    break;
  case AST_SWITCH:
    walk_node(walk, ((const AstSwitch *)node)->discriminant);
    walk_list(walk, ((const AstSwitch *)node)->cases);
    break;
  case AST_CASE:
    walk_node(walk, ((const AstCase *)node)->test);
    walk_list(walk, ((const AstCase *)node)->body);
    break;
  case AST_LABELED:
    walk_node(walk, ((const AstLabeled *)node)->body);
    break;
  case AST_WITH:
    walk_node(walk, ((const AstWith *)node)->object);
    walk_node(walk, ((const AstWith *)node)->body);
    break;
  case AST_EXPORT_DEFAULT:
    walk_node(walk, ((const AstExportDefault *)node)->value);
    break;
  default:
    break;
  }
}

static int compare_places(const void *a, const void *b) {
  const AstIdentifier *left = *(AstIdentifier *const *)a;
  const AstIdentifier *right = *(AstIdentifier *const *)b;
  return left->base.start < right->base.start   ? -1
         : left->base.start > right->base.start ? 1
                                                : 0;
}

static bool name_equals(const Name *name, const char *text) {
  return name && !name->wide && name->length == strlen(text) &&
         memcmp(name->units, text, name->length) == 0;
}

// The identifier called `name` at place `index` in the text, from 0.
static AstIdentifier *nth(const ParseResult *result, const char *name,
                          uint32_t index) {
  Walk walk = {.count = 0};
  walk_function(&walk, result->program);
  qsort(walk.items, walk.count, sizeof(walk.items[0]), compare_places);
  for (uint32_t i = 0; i < walk.count; i++)
    if (name_equals(walk.items[i]->name, name) && index-- == 0)
      return walk.items[i];
  return NULL;
}

static inline Binding *find_in_scope(const Scope *scope, const char *name) {
  for (Binding *b = scope->first_binding; b; b = b->next)
    if (name_equals(b->name, name)) return b;
  return NULL;
}

#endif
