// SPDX-License-Identifier: MIT
// One text for both directions: each struct is walked once, by functions that
// write a field or read it. Numbers are LEB128, instructions are words as they
// are, strings are numbers in a table at the front.
//
//   header    magic, format, tag, fingerprint of the build, length, checksum
//   strings   count; each: length << 1 | is_wide, units
//   source    name, text, line table, source map's URL
//   templates count; breadth first: those nested in one follow each other
//
// What is read is checked here for what the walk itself relies on: counts
// against the bytes that are left, enums, indices of strings. The verifiers
// check the rest.
#include "vm/bytecode/serialize.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rill.h"
#include "vm/bytecode/compile.h"
#include "vm/bytecode/function_builder.h"
#include "vm/bytecode/verifier.h"
#include "vm/bytecode/verify_loaded.h"
#include "vm/io_operations.h"

static const uint8_t magic[8] = {0x7f, 'r', 'i', 'l', 'l', 'b', 'c', '\n'};
enum { FORMAT = 2 }; // of what this file writes

typedef struct Header {
  uint8_t magic[8];
  uint32_t format;
  uint32_t tag;
  uint64_t fingerprint;
  uint64_t length; // of what follows the header
  uint64_t checksum;
  uint64_t reserved; // 0
} Header;
_Static_assert(sizeof(Header) == BYTECODE_HEADER_SIZE, "no padding");

// Hashes ----------------------------------------------------------------------

// Not against forgery: the verifiers are. It finds what storage has spoilt.
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length) {
  const uint8_t *at = bytes;
  for (; length >= 8; at += 8, length -= 8) {
    uint64_t word;
    memcpy(&word, at, 8);
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    hash ^= hash >> 29;
  }
  for (; length; at++, length--) {
    hash = (hash ^ *at) * UINT64_C(0x100000001b3);
    hash ^= hash >> 29;
  }
  return hash;
}

static uint64_t hash_text(uint64_t hash, const char *text) {
  return hash_bytes(hash, text, strlen(text) + 1);
}

// Of all that the words of the code mean something by.
static uint64_t fingerprint(void) {
  uint64_t hash = hash_text(FORMAT, rill_version());
  for (int i = 0; i < OP_COUNT; i++) {
    const InstructionInfo *info = &bytecode_info[i];
    const uint8_t kinds[] = {info->a, info->b, info->c, info->x, info->effects};
    hash = hash_bytes(hash, kinds, sizeof kinds);
    hash = hash_text(hash, info->name);
    hash = hash_text(hash, info->meaning);
  }
#define IO_OPERATION(name, module, function, length, options)                  \
  hash = hash_text(hash, module "." function "#" #length "#" #options);
#include "vm/io_operations.def"
#undef IO_OPERATION
#define INTRINSIC_ROW(name, code) hash = hash_text(hash, #name);
#include "vm/interpreter/intrinsics.def"
#undef INTRINSIC_ROW
  // The order of bytes, and what values look like.
  const uint64_t layout[] = {1, VALUE_NUMBER_TAG, VALUE_EMPTY, sizeof(Record),
                             sizeof(Instruction)};
  return hash_bytes(hash, layout, sizeof layout);
}

static uint64_t checksum(const Header *header, const uint8_t *payload) {
  Header h = *header;
  h.checksum = 0;
  return hash_bytes(hash_bytes(0, &h, sizeof h), payload, h.length);
}

void bytecode_seal(uint8_t *bytes, size_t length) {
  if (length < sizeof(Header)) return;
  Header header = {.format = FORMAT,
                   .fingerprint = fingerprint(),
                   .length = length - sizeof header};
  memcpy(header.magic, magic, sizeof magic);
  uint32_t tag;
  memcpy(&tag, bytes + offsetof(Header, tag), sizeof tag);
  header.tag = tag & 0xff;
  header.checksum = checksum(&header, bytes + sizeof header);
  memcpy(bytes, &header, sizeof header);
}

bool bytecode_is_saved(const void *bytes, size_t length) {
  return length >= sizeof magic && memcmp(bytes, magic, sizeof magic) == 0;
}

// The codec -------------------------------------------------------------------

typedef struct Codec {
  bool reads;
  bool no_memory;
  const char *problem; // the first one, or NULL
  // Writing.
  uint8_t *bytes;
  size_t length, capacity;
  Arena arena;
  CodeBuilder atoms; // its constants: the strings, each once
  size_t stack_bytes;
  // Reading.
  const uint8_t *at, *end;
  String **strings;
  uint32_t string_count;
  SourceFile *source;
  // Templates in order, each with the place of the first nested in it.
  Template **templates;
  uint32_t template_count;
} Codec;

static bool failed(const Codec *c) {
  return c->no_memory || c->problem != NULL;
}

static void fail(Codec *c, const char *problem) {
  if (!failed(c)) c->problem = problem;
  c->at = c->end;
}

static void fail_memory(Codec *c) {
  if (!failed(c)) c->no_memory = true;
  c->at = c->end;
}

static void put(Codec *c, const void *bytes, size_t length) {
  if (length > c->capacity - c->length) {
    size_t capacity = c->capacity ? c->capacity * 2 : 4096;
    while (capacity - c->length < length)
      capacity *= 2;
    uint8_t *grown = realloc(c->bytes, capacity);
    if (!grown) {
      fail_memory(c);
      return;
    }
    c->bytes = grown;
    c->capacity = capacity;
  }
  if (length) memcpy(c->bytes + c->length, bytes, length);
  c->length += length;
}

static void put_number(Codec *c, uint64_t n) {
  uint8_t bytes[10];
  size_t length = 0;
  while (n >= 0x80) {
    bytes[length++] = (uint8_t)(n | 0x80);
    n >>= 7;
  }
  bytes[length++] = (uint8_t)n;
  put(c, bytes, length);
}

static uint64_t get_number(Codec *c) {
  uint64_t n = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (c->at == c->end) break;
    uint8_t byte = *c->at++;
    n |= (uint64_t)(byte & 0x7f) << shift;
    if (!(byte & 0x80)) return n;
  }
  fail(c, "cut off within a number");
  return 0;
}

// Writes `n`, or reads a number of at most `most`.
static uint64_t number(Codec *c, uint64_t n, uint64_t most) {
  if (!c->reads) {
    put_number(c, n);
    return n;
  }
  n = get_number(c);
  if (n <= most) return n;
  fail(c, "a number is out of range");
  return 0;
}

// What is written is shared with other threads, and stays untouched.
#define NUMBER(c, field, most)                                                 \
  do {                                                                         \
    uint64_t number_ = number(c, (uint64_t)(field), most);                     \
    if ((c)->reads) (field) = (__typeof__(field))number_;                      \
  } while (0)
#define NUMBER16(c, field) NUMBER(c, field, UINT16_MAX)
#define NUMBER32(c, field) NUMBER(c, field, UINT32_MAX)

// A difference, which may be negative.
static int64_t difference(Codec *c, int64_t n) {
  uint64_t zigzag = ((uint64_t)n << 1) ^ (uint64_t)(n >> 63);
  zigzag = number(c, zigzag, UINT64_MAX);
  return (int64_t)(zigzag >> 1) ^ -(int64_t)(zigzag & 1);
}

static void raw(Codec *c, void *bytes, size_t length) {
  if (!c->reads) {
    put(c, bytes, length);
  } else if ((size_t)(c->end - c->at) < length) {
    fail(c, "cut off");
  } else if (length) {
    memcpy(bytes, c->at, length);
    c->at += length;
  }
}

// An array's count; when reading, its zeroed memory. Each item has at least
// `least` bytes, so that no count asks for more memory than the bytes stand
// for.
static void array(Codec *c, void *items, uint32_t *count, size_t size,
                  size_t least) {
  uint64_t n = number(c, *count, (size_t)(c->end - c->at) / least);
  if (!c->reads) return;
  *count = 0;
  if (!n) return;
  void *memory = calloc(n, size);
  if (!memory) {
    fail_memory(c);
    return;
  }
  *(void **)items = memory;
  *count = (uint32_t)n;
}
#define ARRAY(c, items, count, least)                                          \
  do {                                                                         \
    uint32_t count_ = (count);                                                 \
    array(c, &(items), &count_, sizeof *(items), least);                       \
    if ((c)->reads) (count) = count_;                                          \
  } while (0)

// Strings and values ----------------------------------------------------------

// 0 stands for NULL, which is only taken where it is allowed.
static String *string(Codec *c, String *s, bool may_be_null) {
  if (!c->reads) {
    if (s && !(s->cell.flags & STRING_INTERNED)) {
      fail(c, "a string that is no atom");
      return s;
    }
    put_number(c, s ? 1 + bytecode_constant(&c->atoms, value_from_cell(s)) : 0);
    return s;
  }
  uint64_t n = get_number(c);
  if (n > c->string_count || (n == 0 && !may_be_null)) {
    fail(c, "no such string");
    n = 0;
  }
  if (n) return c->strings[n - 1];
  return may_be_null ? NULL : ATOM(empty);
}
#define STRING(c, field)                                                       \
  do {                                                                         \
    String *string_ = string(c, field, false);                                 \
    if ((c)->reads) (field) = string_;                                         \
  } while (0)
#define STRING_OR_NULL(c, field)                                               \
  do {                                                                         \
    String *string_ = string(c, field, true);                                  \
    if ((c)->reads) (field) = string_;                                         \
  } while (0)

// An index, or the name of a property that is none.
static PropertyKey key(Codec *c, PropertyKey k) {
  bool is_index = !c->reads && key_is_index(k);
  if (number(c, is_index, 1)) {
    uint64_t index = is_index ? key_as_index(k) : 0;
    return key_from_index((uint32_t)number(c, index, UINT32_MAX - 1));
  }
  if (!c->reads && !key_is_string(k)) {
    fail(c, "a key that is a symbol");
    return k;
  }
  String *s = string(c, c->reads ? NULL : (String *)value_as_cell(k), false);
  if (c->reads && s->index != STRING_NOT_INDEX) fail(c, "an index as a name");
  return key_from_atom(s);
}

typedef enum {
  TAG_CONSTANT, // undefined, null, booleans, EMPTY
  TAG_INT,
  TAG_DOUBLE,
  TAG_STRING,
  TAG_BIGINT,
  TAG_COUNT
} ValueTag;

static ValueTag tag_of(Codec *c, Value v) {
  if (value_is_int(v)) return TAG_INT;
  if (value_is_double(v)) return TAG_DOUBLE;
  if (value_is_string(v)) return TAG_STRING;
  if (value_is_bigint(v)) return TAG_BIGINT;
  if (value_is_cell(v)) fail(c, "a constant of an unknown kind");
  return TAG_CONSTANT;
}

// Limbs, normalized.
static Value bigint(Codec *c, Value v) {
  BigInt *n = c->reads ? NULL : value_as_bigint(v);
  uint64_t head = n ? (uint64_t)n->cell.extra << 1 | (n->cell.flags & 1) : 0;
  head = number(c, head, (uint64_t)(c->end - c->at) / 8 << 1 | 1);
  uint32_t limbs = (uint32_t)(head >> 1);
  if (!c->reads) {
    raw(c, n->limbs, limbs * sizeof n->limbs[0]);
    return v;
  }
  if (failed(c)) return VALUE_UNDEFINED;
  n = gc_allocate_shared(sizeof *n + limbs * sizeof n->limbs[0], CELL_BIGINT);
  if (!n) {
    fail_memory(c);
    return VALUE_UNDEFINED;
  }
  n->cell.extra = limbs;
  n->cell.flags = (uint8_t)(head & 1);
  raw(c, n->limbs, limbs * sizeof n->limbs[0]);
  if (limbs ? n->limbs[limbs - 1] == 0 : head & 1) fail(c, "a BigInt's limbs");
  return value_from_cell(n);
}

static Value value(Codec *c, Value v) {
  ValueTag tag = c->reads ? 0 : tag_of(c, v);
  switch ((ValueTag)number(c, tag, TAG_COUNT - 1)) {
  case TAG_INT: {
    int64_t n = difference(c, c->reads ? 0 : value_as_int(v));
    if (n != (int32_t)n) fail(c, "a number is out of range");
    return value_from_int((int32_t)n);
  }
  case TAG_DOUBLE: {
    double d = c->reads ? 0 : value_as_double(v);
    raw(c, &d, sizeof d);
    return value_from_double(d);
  }
  case TAG_STRING:
    return value_from_cell(
        string(c, c->reads ? NULL : value_as_string(v), false));
  case TAG_BIGINT:
    return bigint(c, v);
  default:
    v = number(c, v, VALUE_EMPTY);
    if (v != VALUE_UNDEFINED && v != VALUE_NULL && !value_is_boolean(v) &&
        v != VALUE_EMPTY) {
      fail(c, "a constant of an unknown kind");
      return VALUE_UNDEFINED;
    }
    return v;
  }
}

#define EACH(count) for (uint32_t i = 0; !failed(c) && i < (count); i++)
#define SET(field, expression)                                                 \
  do {                                                                         \
    __typeof__(field) set_ = (expression);                                     \
    if (c->reads) (field) = set_;                                              \
  } while (0)

// What templates are made of --------------------------------------------------

static void scope(Codec *c, ScopeDescription *s) {
  NUMBER(c, s->kind, DESCRIPTION_CLASS);
  NUMBER16(c, s->slot_count);
  ARRAY(c, s->names, s->name_count, 4);
  EACH(s->name_count) {
    ScopeSlot *slot = &s->names[i];
    STRING(c, slot->name);
    NUMBER(c, slot->is_const, 2);
    NUMBER(c, slot->is_lexical, 1);
    NUMBER16(c, slot->slot);
    if (slot->slot >= s->slot_count) fail(c, "a name of no slot");
  }
}

static void strings(Codec *c, String **items, uint32_t count,
                    bool may_be_null) {
  EACH(count) SET(items[i], string(c, items[i], may_be_null));
}

static void eval_site(Codec *c, Record *r) {
  NUMBER16(c, r->eval_site.environment_register);
  NUMBER16(c, r->eval_site.this_register);
  NUMBER(c, r->eval_site.is_strict, 1);
  NUMBER(c, r->eval_site.in_function, 1);
  NUMBER(c, r->eval_site.in_method, 1);
  NUMBER(c, r->eval_site.in_derived_constructor, 1);
  NUMBER(c, r->eval_site.in_field_initializer, 1);
  NUMBER(c, r->eval_site.in_parameters, 1);
}

static void jump_table(Codec *c, Record *r) {
  SET(r->jump_table.low, (int32_t)difference(c, r->jump_table.low));
  ARRAY(c, r->jump_table.offsets, r->jump_table.count, 1);
  EACH(r->jump_table.count) {
    SET(r->jump_table.offsets[i],
        (int32_t)difference(c, r->jump_table.offsets[i]));
  }
}

static void template_strings(Codec *c, Record *r) {
  ARRAY(c, r->template_strings.cooked, r->template_strings.count, 2);
  uint32_t count = r->template_strings.count;
  if (c->reads && count) {
    r->template_strings.raw = calloc(count, sizeof(String *));
    if (!r->template_strings.raw) fail_memory(c);
  }
  strings(c, r->template_strings.cooked, count, true);
  strings(c, r->template_strings.raw, count, false);
}

static void record(Codec *c, Record *r) {
  NUMBER(c, r->kind, RECORD_EVAL_SITE);
  switch (r->kind) {
  case RECORD_KEY_LIST:
    ARRAY(c, r->key_list.keys, r->key_list.count, 2);
    EACH(r->key_list.count) {
      SET(r->key_list.keys[i], key(c, r->key_list.keys[i]));
    }
    break;
  case RECORD_VALUE_LIST:
    ARRAY(c, r->value_list.values, r->value_list.count, 2);
    EACH(r->value_list.count) {
      SET(r->value_list.values[i], value(c, r->value_list.values[i]));
    }
    break;
  case RECORD_REGEXP:
    STRING(c, r->regexp.pattern);
    STRING(c, r->regexp.flags);
    break;
  case RECORD_TEMPLATE_STRINGS:
    template_strings(c, r);
    break;
  case RECORD_JUMP_TABLE:
    jump_table(c, r);
    break;
  case RECORD_SCOPE:
    scope(c, &r->scope);
    break;
  case RECORD_DECLARATIONS:
    ARRAY(c, r->declarations.names, r->declarations.count, 2);
    EACH(r->declarations.count) {
      STRING(c, r->declarations.names[i].name);
      NUMBER(c, r->declarations.names[i].kind, DECLARED_ANNEXB_FUNCTION);
    }
    break;
  case RECORD_EVAL_SITE:
    eval_site(c, r);
    break;
  }
}

static void module_request(Codec *c, TemplateRequest *r) {
  STRING(c, r->specifier);
  NUMBER(c, r->phase, PHASE_SOURCE);
  NUMBER(c, r->start, c->source->length);
  uint32_t count = 2 * r->attribute_count;
  ARRAY(c, r->attributes, count, 1);
  if (c->reads) {
    if (count % 2) fail(c, "an attribute without a value");
    r->attribute_count = count / 2;
  }
  strings(c, r->attributes, count, false);
}

static void module_export(Codec *c, TemplateExport *e) {
  NUMBER(c, e->kind, EXPORT_STAR);
  STRING_OR_NULL(c, e->export_name);
  NUMBER16(c, e->slot);
  NUMBER32(c, e->request);
  STRING_OR_NULL(c, e->import_name);
  NUMBER(c, e->start, c->source->length);
}

static void module_facts(Codec *c, ModuleFacts *m) {
  ARRAY(c, m->requests, m->request_count, 4);
  EACH(m->request_count) module_request(c, &m->requests[i]);
  ARRAY(c, m->imports, m->import_count, 3);
  EACH(m->import_count) {
    NUMBER32(c, m->imports[i].request);
    STRING_OR_NULL(c, m->imports[i].import_name);
    NUMBER(c, m->imports[i].start, c->source->length);
  }
  ARRAY(c, m->exports, m->export_count, 6);
  EACH(m->export_count) module_export(c, &m->exports[i]);
  NUMBER(c, m->has_top_level_await, 1);
  if (c->reads && !m->environment) {
    m->environment = calloc(1, sizeof *m->environment);
    if (!m->environment) fail_memory(c);
  }
  if (!failed(c)) scope(c, (ScopeDescription *)m->environment);
}

static void positions(Codec *c, Template *t) {
  ARRAY(c, t->positions, t->position_count, 3);
  CodePosition last = {0};
  EACH(t->position_count) {
    CodePosition *p = &t->positions[i];
    uint64_t step = number(c, (uint64_t)p->pc - last.pc, UINT32_MAX - last.pc);
    int64_t line = difference(c, (int64_t)p->line - last.line);
    uint64_t column = number(c, p->column, UINT32_MAX);
    last =
        (CodePosition){last.pc + (uint32_t)step,
                       (uint32_t)((int64_t)last.line + line), (uint32_t)column};
    SET(*p, last);
  }
}

static void mapped_parameters(Codec *c, Template *t) {
  if (!number(c, t->mapped_parameters != NULL, 1)) return;
  uint32_t count = t->parameter_count;
  ARRAY(c, t->mapped_parameters, count, 1);
  if (c->reads && count != t->parameter_count) fail(c, "mapped parameters");
  EACH(count) NUMBER16(c, t->mapped_parameters[i]);
}

static void handlers(Codec *c, Template *t) {
  ARRAY(c, t->handlers, t->handler_count, 4);
  EACH(t->handler_count) {
    ExceptionHandler *h = &t->handlers[i];
    NUMBER32(c, h->start);
    NUMBER32(c, h->end);
    NUMBER32(c, h->handler);
    NUMBER16(c, h->exception_register);
  }
}

// All but what is nested, of which it leaves room for the pointers.
static void template(Codec *c, Template *t) {
  NUMBER32(c, t->flags);
  NUMBER(c, t->kind, CODE_EVAL);
  STRING(c, t->name);
  NUMBER16(c, t->register_count);
  NUMBER16(c, t->parameter_count);
  NUMBER16(c, t->length);
  NUMBER16(c, t->expected_properties);
  NUMBER(c, t->source_start, c->source->length);
  NUMBER(c, t->source_end, c->source->length);
  ARRAY(c, t->code, t->code_count, sizeof(Instruction));
  if (!failed(c)) raw(c, t->code, t->code_count * sizeof(Instruction));
  ARRAY(c, t->constants, t->constant_count, 2);
  EACH(t->constant_count) SET(t->constants[i], value(c, t->constants[i]));
  ARRAY(c, t->keys, t->key_count, 2);
  EACH(t->key_count) SET(t->keys[i], key(c, t->keys[i]));
  ARRAY(c, t->caches, t->cache_count, 2);
  EACH(t->cache_count) {
    NUMBER(c, t->caches[i].kind, CACHE_PRIVATE);
    NUMBER32(c, t->caches[i].key);
  }
  ARRAY(c, t->functions, t->function_count, 1);
  ARRAY(c, t->records, t->record_count, 2);
  EACH(t->record_count) record(c, &t->records[i]);
  handlers(c, t);
  positions(c, t);
  ARRAY(c, t->upvalue_names, t->upvalue_name_count, 3);
  EACH(t->upvalue_name_count) {
    NUMBER16(c, t->upvalue_names[i].hops);
    NUMBER16(c, t->upvalue_names[i].slot);
    NUMBER32(c, t->upvalue_names[i].key);
  }
  mapped_parameters(c, t);
  if (number(c, t->module != NULL, 1)) {
    if (c->reads) t->module = calloc(1, sizeof *t->module);
    if (t->module) {
      module_facts(c, t->module);
    } else {
      fail_memory(c);
    }
  }
}

static void source_file(Codec *c, SourceFile *f) {
  STRING(c, f->name);
  STRING_OR_NULL(c, f->source_map_url);
  NUMBER(c, f->is_typescript, 1);
  NUMBER(c, f->is_wide, 1);
  uint64_t most = (uint64_t)(c->end - c->at) >> f->is_wide;
  NUMBER(c, f->length, most < INT32_MAX ? most : INT32_MAX);
  size_t size = (size_t)f->length << f->is_wide;
  if (c->reads) {
    f->units = malloc(size + 1);
    if (!f->units) fail_memory(c);
  }
  if (!failed(c)) raw(c, f->units, size);
  ARRAY(c, f->line_starts, f->line_count, 1);
  uint32_t last = 0;
  EACH(f->line_count) {
    last += (uint32_t)number(c, f->line_starts[i] - last, f->length - last);
    SET(f->line_starts[i], last);
  }
}

// What is saved passes, too: who saves it wants to know that it will load.
static void verify(Codec *c, char *problem, size_t size) {
  EACH(c->template_count) {
    if (bytecode_verify_code(c->templates[i], problem, size)) continue;
    if (strcmp(problem, bytecode_verify_no_memory) == 0) {
      fail_memory(c);
    } else {
      fail(c, problem);
    }
  }
  if (failed(c)) return;
  switch (
      bytecode_verify_loaded(c->templates, c->template_count, problem, size)) {
  case SERIALIZE_OK:
    break;
  case SERIALIZE_NO_MEMORY:
    fail_memory(c);
    break;
  case SERIALIZE_FAILED:
    fail(c, problem);
    break;
  }
}

// Writing ---------------------------------------------------------------------

// The template with the code. NULL: failed.
static Template *compiled(Codec *c, Template *t) {
  CompileError error;
  Template *result = vm_compile_lazy(t, c->stack_bytes, NULL, &error);
  if (result) return result;
  if (error.out_of_memory) {
    fail_memory(c);
  } else {
    fail(c, error.too_deep ? "functions are nested too deeply"
                           : "a function is too large");
  }
  return NULL;
}

// Those nested in the template come to the end of the list.
static void enlist(Codec *c, const Template *t, uint32_t *capacity) {
  uint32_t count = c->template_count + t->function_count;
  if (count > *capacity) {
    uint32_t wanted = count * 2;
    Template **grown = realloc(c->templates, wanted * sizeof *grown);
    if (!grown) {
      fail_memory(c);
      return;
    }
    c->templates = grown;
    *capacity = wanted;
  }
  EACH(t->function_count) {
    Template *nested = compiled(c, t->functions[i]);
    if (nested) c->templates[c->template_count++] = nested;
  }
}

static void write_templates(Codec *c, Template *root) {
  uint32_t capacity = 16;
  c->templates = malloc(capacity * sizeof(Template *));
  if (!c->templates) {
    fail_memory(c);
    return;
  }
  c->templates[c->template_count++] = root;
  for (uint32_t i = 0; !failed(c) && i < c->template_count; i++)
    enlist(c, c->templates[i], &capacity);
  put_number(c, c->template_count);
  EACH(c->template_count) {
    if (c->templates[i]->source != root->source ||
        (c->templates[i]->flags & TEMPLATE_SELF_HOSTED))
      fail(c, "code of the engine's own");
    template(c, c->templates[i]);
  }
}

// The strings before what has been written.
static void write_strings(Codec *c, Codec *out) {
  put_number(out, c->atoms.constants_count);
  for (uint32_t i = 0; !failed(out) && i < c->atoms.constants_count; i++) {
    StringView v = string_view_of(value_as_string(c->atoms.constants[i]));
    put_number(out, (uint64_t)v.length << 1 | v.is_wide);
    put(out, v.units, (size_t)v.length << v.is_wide);
  }
  put(out, c->bytes, c->length);
  if (c->atoms.status != BUILD_OK) fail_memory(out);
  if (!failed(out)) {
    out->problem = c->problem;
    out->no_memory = c->no_memory;
  }
}

static SerializeStatus report(const Codec *c, char *problem, size_t size) {
  if (!failed(c)) return SERIALIZE_OK;
  const char *what = c->no_memory ? "Out of memory" : c->problem;
  if (what != problem) snprintf(problem, size, "%s", what);
  return c->no_memory ? SERIALIZE_NO_MEMORY : SERIALIZE_FAILED;
}

SerializeStatus bytecode_save(Template *t, uint8_t tag, size_t stack_bytes,
                              uint8_t **bytes, size_t *length, char *problem,
                              size_t size) {
  Codec c = {.stack_bytes = stack_bytes, .source = t->source};
  Codec out = {0};
  syntax_arena_init(&c.arena, 0, NULL, NULL); // the builder only tries
  bytecode_builder_init(&c.atoms, &c.arena, false);
  source_file(&c, t->source);
  write_templates(&c, t);
  verify(&c, problem, size);
  Header header = {.tag = tag};
  put(&out, &header, sizeof header);
  write_strings(&c, &out);
  syntax_arena_release(&c.arena);
  free(c.templates);
  free(c.bytes);
  SerializeStatus status = report(&out, problem, size);
  if (status != SERIALIZE_OK) {
    free(out.bytes);
    return status;
  }
  bytecode_seal(out.bytes, out.length);
  *bytes = out.bytes;
  *length = out.length;
  return SERIALIZE_OK;
}

// Reading ---------------------------------------------------------------------

static bool check_header(Codec *c, const uint8_t *bytes, size_t length,
                         uint8_t *tag) {
  Header header;
  if (!bytecode_is_saved(bytes, length)) {
    fail(c, "not compiled code of rill");
  } else if (length < sizeof header) {
    fail(c, "cut off");
  } else {
    memcpy(&header, bytes, sizeof header);
    if (header.format != FORMAT || header.fingerprint != fingerprint()) {
      fail(c, "compiled by another build of rill");
    } else if (header.length != length - sizeof header) {
      bool is_short = header.length > length - sizeof header;
      fail(c, is_short ? "cut off" : "bytes behind its end");
    } else if (header.tag > UINT8_MAX || header.reserved != 0 ||
               header.checksum != checksum(&header, bytes + sizeof header)) {
      fail(c, "the checksum does not fit: the bytes have changed");
    } else {
      *tag = (uint8_t)header.tag;
    }
  }
  return !failed(c);
}

static String *read_string(Codec *c) {
  uint64_t head = get_number(c);
  bool is_wide = head & 1;
  size_t length = head >> 1;
  if (length > (size_t)(c->end - c->at) >> is_wide ||
      length > STRING_MAX_LENGTH) {
    fail(c, "cut off within a string");
    return NULL;
  }
  String *s;
  if (is_wide) { // may be at an odd address
    uint16_t *units = malloc(length * sizeof *units + 1);
    if (!units) {
      fail_memory(c);
      return NULL;
    }
    memcpy(units, c->at, length * sizeof *units);
    s = vm_atom_from_utf16(units, length);
    free(units);
  } else {
    s = vm_atom_from_latin1(c->at, length);
  }
  c->at += length << is_wide;
  if (!s) fail_memory(c);
  return s;
}

static void read_strings(Codec *c) {
  ARRAY(c, c->strings, c->string_count, 1);
  EACH(c->string_count) c->strings[i] = read_string(c);
}

static Template *template_new(Codec *c) {
  Template *t = calloc(1, sizeof *t);
  if (!t) {
    fail_memory(c);
    return NULL;
  }
  atomic_init(&t->references, 1);
  t->name = ATOM(empty);
  t->source = c->source;
  atomic_fetch_add_explicit(&c->source->references, 1, memory_order_relaxed);
  return t;
}

// The first template, which owns the others. Each is read into the place that
// the one around it has for it.
static Template *read_templates(Codec *c) {
  ARRAY(c, c->templates, c->template_count, 16);
  if (!failed(c) && !c->template_count) fail(c, "no code");
  if (failed(c)) return NULL;
  uint32_t known = 1; // that have been made
  Template *root = c->templates[0] = template_new(c);
  EACH(c->template_count) {
    if (i == known) {
      fail(c, "a function that nothing contains");
      break;
    }
    Template *t = c->templates[i];
    template(c, t);
    if (failed(c)) break;
    if (t->function_count > c->template_count - known) {
      fail(c, "no such function");
      break;
    }
    for (uint32_t n = 0; !failed(c) && n < t->function_count; n++)
      c->templates[known++] = t->functions[n] = template_new(c);
  }
  if (!failed(c) && c->at != c->end) fail(c, "bytes behind its end");
  return root;
}

Template *bytecode_load(const uint8_t *bytes, size_t length, uint8_t *tag,
                        SerializeStatus *status, char *problem, size_t size) {
  Codec c = {.reads = true};
  Template *root = NULL;
  if (!vm_atoms_init()) {
    fail_memory(&c);
  } else if (check_header(&c, bytes, length, tag)) {
    c.at = bytes + sizeof(Header);
    c.end = bytes + length;
    read_strings(&c);
    c.source = failed(&c) ? NULL : calloc(1, sizeof *c.source);
    if (c.source) {
      atomic_init(&c.source->references, 1);
      source_file(&c, c.source);
    } else {
      fail_memory(&c);
    }
    if (!failed(&c)) root = read_templates(&c);
    if (c.source) c.source->memory = sizeof *c.source + length;
    verify(&c, problem, size);
  }
  free(c.strings);
  free(c.templates);
  if (c.source) vm_source_file_release(c.source);
  *status = report(&c, problem, size);
  if (*status == SERIALIZE_OK) return root;
  if (root) vm_template_release(root);
  return NULL;
}
