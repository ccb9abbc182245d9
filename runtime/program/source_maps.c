// SPDX-License-Identifier: MIT
// A map is read when the first frame of its text is shown, and kept. Its
// segments are sorted by generated place; the last one at or before a place, on
// the same line, says where that comes from.
#include "runtime/program/source_maps.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/modules/data_url.h"
#include "runtime/modules/loader.h"
#include "runtime/modules/paths.h"
#include "vm/builtins/json.h"
#include "vm/objects/elements.h"

typedef struct Segment {
  uint32_t line, column; // from 0
  int32_t source;        // -1: comes from nowhere
  uint32_t original_line, original_column;
} Segment;

typedef struct MappedSource {
  char *name, *content; // content: NULL if the map has none
} MappedSource;

typedef struct SourceMap {
  struct SourceMap *next;
  char *file;       // what texts are called
  const void *atom; // the name of a text it was looked up for, or NULL
  const void *url;  // and its URL: another text may have the same name
  bool is_given;    // by the host: for all texts of that name
  MappedSource *sources;
  uint32_t source_count;
  Segment *segments;
  uint32_t segment_count, segment_capacity;
} SourceMap;

struct SourceMaps {
  SourceMap *first;
};

static void map_free(SourceMap *map) {
  for (uint32_t i = 0; i < map->source_count; i++) {
    free(map->sources[i].name);
    free(map->sources[i].content);
  }
  free(map->sources);
  free(map->segments);
  free(map->file);
  free(map);
}

void rt_source_maps_free(struct SourceMaps *maps) {
  if (maps == NULL) return;
  while (maps->first != NULL) {
    SourceMap *next = maps->first->next;
    map_free(maps->first);
    maps->first = next;
  }
  free(maps);
}

bool rt_source_maps_enable(Runtime *rt) {
  if (rt->source_maps == NULL)
    rt->source_maps = calloc(1, sizeof *rt->source_maps);
  return rt->source_maps != NULL;
}

// Mappings --------------------------------------------------------------------

static int digit_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// A base 64 VLQ. False: none, or larger than 32 bits.
static bool read_vlq(const char **at, const char *end, int64_t *out) {
  uint64_t n = 0;
  for (unsigned shift = 0; shift < 35 && *at < end; shift += 5) {
    int digit = digit_of(**at);
    if (digit < 0) return false;
    (*at)++;
    n |= (uint64_t)(digit & 31) << shift;
    if (digit & 32) continue;
    *out = n & 1 ? -(int64_t)(n >> 1) : (int64_t)(n >> 1);
    return true;
  }
  return false;
}

static bool add_segment(SourceMap *map, const Segment *segment) {
  if (map->segment_count == map->segment_capacity) {
    uint32_t capacity = map->segment_capacity ? map->segment_capacity * 2 : 64;
    Segment *grown = realloc(map->segments, capacity * sizeof *grown);
    if (grown == NULL) return false;
    map->segments = grown;
    map->segment_capacity = capacity;
  }
  map->segments[map->segment_count++] = *segment;
  return true;
}

static bool in_range(int64_t n) {
  return n >= 0 && n <= INT32_MAX;
}

static int compare_segments(const void *a, const void *b) {
  const Segment *one = a, *two = b;
  if (one->line != two->line) return one->line < two->line ? -1 : 1;
  if (one->column != two->column) return one->column < two->column ? -1 : 1;
  return 0;
}

// One or four or five numbers: column, source, line, column, name. All but the
// column go on from the segment before, whatever its line.
static bool read_segment(const char **at, const char *end, int64_t fields[4],
                         int *count) {
  *count = 0;
  while (*at < end && **at != ',' && **at != ';') {
    int64_t n;
    if (!read_vlq(at, end, &n) || *count == 5) return false;
    if (*count < 4) {
      fields[*count] += n;
      if (!in_range(fields[*count])) return false;
    }
    ++*count;
  }
  return *count == 1 || *count == 4 || *count == 5;
}

// `line` and `column`: where the text begins in the generated one, of
// `source_base` sources that came before.
static bool read_mappings(SourceMap *map, const char *at, size_t length,
                          uint32_t line, uint32_t column,
                          uint32_t source_base) {
  const char *end = at + length;
  int64_t fields[4] = {0}; // column, source, original line and column
  uint32_t start = column;
  for (; at < end; at++) {
    if (*at == ',') continue;
    if (*at == ';') {
      if (line == INT32_MAX) return false;
      line++;
      start = 0;
      fields[0] = 0;
      continue;
    }
    int count;
    if (!read_segment(&at, end, fields, &count)) return false;
    if (count > 1 && fields[1] >= map->source_count - source_base) return false;
    Segment segment = {line, (uint32_t)fields[0] + start, -1,
                       (uint32_t)fields[2], (uint32_t)fields[3]};
    if (count > 1) segment.source = (int32_t)(source_base + fields[1]);
    if (!add_segment(map, &segment)) return false;
    at--; // at the separator, after the loop's step
  }
  return true;
}

// The JSON --------------------------------------------------------------------

// Own property; EMPTY: none.
static Value get(Isolate *iso, Value object, const char *name) {
  return value_is_object(object)
             ? vm_quiet_get(iso, value_as_object(object), vm_key_from_c(name))
             : VALUE_EMPTY;
}

static char *get_text(Isolate *iso, Value v) {
  return value_is_string(v) ? vm_string_to_utf8(iso, value_as_string(v), NULL)
                            : NULL;
}

static uint32_t array_length(Value v) {
  return value_is_kind(v, CELL_ARRAY) ? ((Array *)value_as_cell(v))->length : 0;
}

// Of an array that JSON made.
static Value element(Value array, uint32_t index) {
  const Elements *e = value_as_object(array)->elements;
  return index < elements_length(e) ? e->values[index] : VALUE_EMPTY;
}

// As stacks show it: a path, seen from the directory of the map, or the URL
// that it is. NULL: out of memory.
static char *source_name(const char *root, const char *name,
                         const char *directory) {
  char *both;
  if (asprintf(&both, "%s%s%s", root,
               *root != 0 && root[strlen(root) - 1] != '/' ? "/" : "",
               name) < 0)
    return NULL;
  char path[PATH_MAX];
  if (strncmp(both, "file://", 7) == 0) {
    memmove(both, both + 7, strlen(both + 7) + 1);
    rt_decode_percent(both);
  } else if (strstr(both, "://") == NULL && directory[0] == '/' &&
             rt_path_join(path, directory, both)) {
    free(both);
    both = strdup(path);
  }
  return both;
}

static bool read_sources(Isolate *iso, SourceMap *map, Value json,
                         const char *directory) {
  Value names = get(iso, json, "sources");
  Value contents = get(iso, json, "sourcesContent");
  uint32_t count = array_length(names), known = array_length(contents);
  char *root = get_text(iso, get(iso, json, "sourceRoot"));
  MappedSource *sources = realloc(
      map->sources, ((size_t)map->source_count + count + 1) * sizeof *sources);
  bool done = sources != NULL;
  if (done) map->sources = sources;
  for (uint32_t i = 0; done && i < count; i++) {
    char *name = get_text(iso, element(names, i));
    MappedSource *source = &map->sources[map->source_count++];
    source->name = source_name(root != NULL ? root : "",
                               name != NULL ? name : "<unknown>", directory);
    source->content = i < known ? get_text(iso, element(contents, i)) : NULL;
    free(name);
    done = source->name != NULL;
  }
  free(root);
  return done;
}

static uint32_t offset_of(Isolate *iso, Value section, const char *name) {
  Value v = get(iso, get(iso, section, "offset"), name);
  double d = value_is_number(v) ? value_as_number(v) : -1;
  return d >= 0 && d < INT32_MAX ? (uint32_t)d : UINT32_MAX;
}

static bool read_map(Isolate *iso, SourceMap *map, Value json,
                     const char *directory, uint32_t line, uint32_t column) {
  uint32_t base = map->source_count;
  if (line == UINT32_MAX || column == UINT32_MAX ||
      !read_sources(iso, map, json, directory))
    return false;
  size_t length;
  Value text = get(iso, json, "mappings");
  char *mappings = value_is_string(text)
                       ? vm_string_to_utf8(iso, value_as_string(text), &length)
                       : NULL;
  if (mappings == NULL) return false;
  bool done = read_mappings(map, mappings, length, line, column, base);
  free(mappings);
  return done;
}

// An index map has sections, each a map of its own.
static bool read_json(Isolate *iso, SourceMap *map, Value json,
                      const char *directory) {
  Value version = get(iso, json, "version");
  if (!value_is_number(version) || value_as_number(version) != 3) return false;
  Value sections = get(iso, json, "sections");
  bool done = value_is_kind(sections, CELL_ARRAY) ||
              read_map(iso, map, json, directory, 0, 0);
  for (uint32_t i = 0; done && i < array_length(sections); i++) {
    Value section = element(sections, i);
    done = read_map(iso, map, get(iso, section, "map"), directory,
                    offset_of(iso, section, "line"),
                    offset_of(iso, section, "column"));
  }
  if (done && map->segment_count != 0)
    qsort(map->segments, map->segment_count, sizeof *map->segments,
          compare_segments);
  return done;
}

// What is pending stays so, and parsing leaves nothing.
static bool parse(Isolate *iso, SourceMap *map, const char *json, size_t length,
                  const char *directory) {
  // ")]}'" and a line, against inclusion as a script.
  if (length > 4 && strncmp(json, ")]}'", 4) == 0) {
    const char *rest = memchr(json, '\n', length);
    if (rest == NULL) return false;
    length -= (size_t)(rest - json);
    json = rest;
  }
  bool had = vm_has_exception(iso);
  Value pending = had ? vm_take_exception(iso) : VALUE_EMPTY;
  String *text = vm_string_from_utf8(iso, json, length);
  Value value =
      text != NULL ? vm_json_parse_string(iso, text) : VALUE_EXCEPTION;
  bool done =
      !value_is_exception(value) && read_json(iso, map, value, directory);
  if (!vm_is_terminating(iso)) {
    if (vm_has_exception(iso)) vm_take_exception(iso);
    if (had) vm_throw(iso, pending);
  }
  return done;
}

// Finding ---------------------------------------------------------------------

// The bytes of a map's file; malloc'ed. NULL: there is none to be had.
static char *read_map_file(Runtime *rt, const char *path, size_t *length) {
  Isolate *iso = rt->isolate;
  if (rt->options.deny_files) return NULL;
  bool had = vm_has_exception(iso);
  Value pending = had ? vm_take_exception(iso) : VALUE_EMPTY;
  char *text = rt_read_file(iso, path, length);
  if (text == NULL) vm_take_exception(iso);
  if (had) vm_throw(iso, pending);
  return text;
}

// Fills a new map from a text's URL. False: there is none.
static bool load(Runtime *rt, SourceMap *map, const SourceFile *file) {
  Isolate *iso = rt->isolate;
  char *url = vm_string_to_utf8(iso, file->source_map_url, NULL);
  if (url == NULL) return false;
  char directory[PATH_MAX] = "", path[PATH_MAX];
  if (map->file[0] == '/') rt_directory_of(directory, map->file);
  char *json = NULL;
  size_t length;
  if (strncmp(url, "data:", 5) == 0) {
    json = rt_data_url_bytes(url, &length);
  } else if (directory[0] == '/' && strstr(url, "://") == NULL) {
    rt_decode_percent(url);
    if (rt_path_join(path, directory, url)) {
      json = read_map_file(rt, path, &length);
      rt_directory_of(directory, path);
    }
  }
  free(url);
  bool done = json != NULL && parse(iso, map, json, length, directory);
  free(json);
  return done;
}

static SourceMap *map_new(Runtime *rt, char *file) {
  SourceMap *map = file != NULL ? calloc(1, sizeof *map) : NULL;
  if (map == NULL) {
    free(file);
    return NULL;
  }
  map->file = file;
  map->next = rt->source_maps->first;
  rt->source_maps->first = map;
  return map;
}

// Without anything that could be found in it.
static void map_clear(SourceMap *map) {
  map->segment_count = 0;
}

static SourceMap *map_of(Runtime *rt, const SourceFile *file) {
  for (SourceMap *m = rt->source_maps->first; m != NULL; m = m->next)
    if (!m->is_given && m->atom == file->name && m->url == file->source_map_url)
      return m;
  char *name = vm_string_to_utf8(rt->isolate, file->name, NULL);
  for (SourceMap *m = rt->source_maps->first; name != NULL && m != NULL;
       m = m->next) {
    if (!m->is_given || strcmp(m->file, name) != 0) continue;
    free(name);
    return m;
  }
  if (file->source_map_url == NULL) {
    free(name);
    return NULL;
  }
  SourceMap *map = map_new(rt, name);
  if (map == NULL) return NULL;
  map->atom = file->name; // atoms are never freed
  map->url = file->source_map_url;
  if (!load(rt, map, file)) map_clear(map);
  return map;
}

bool rt_source_map_add(Runtime *rt, const char *file, const char *json,
                       size_t length) {
  if (!rt_source_maps_enable(rt)) return false;
  SourceMap *map = map_new(rt, strdup(file));
  if (map == NULL) return false;
  char directory[PATH_MAX] = "";
  if (file[0] == '/') rt_directory_of(directory, file);
  map->is_given = parse(rt->isolate, map, json, length, directory);
  if (map->is_given) return true;
  rt->source_maps->first = map->next;
  map_free(map);
  return false;
}

void rt_map_place(Runtime *rt, const SourceFile *file, String **name,
                  uint32_t *line, uint32_t *column) {
  if (rt->source_maps == NULL || file == NULL || file->name == NULL ||
      *line == 0 || vm_is_terminating(rt->isolate))
    return;
  const SourceMap *map = map_of(rt, file);
  if (map == NULL) return;
  Segment wanted = {*line - 1, *column - 1, 0, 0, 0};
  uint32_t low = 0, high = map->segment_count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (compare_segments(&map->segments[middle], &wanted) <= 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return;
  const Segment *found = &map->segments[low - 1];
  if (found->line != wanted.line || found->source < 0) return;
  String *source = vm_atom_from_c(map->sources[found->source].name);
  if (source == NULL) return;
  *name = source;
  *line = found->original_line + 1;
  *column = found->original_column + 1;
}

char *rt_source_map_line(Runtime *rt, const char *file, uint32_t line) {
  if (rt->source_maps == NULL) return NULL;
  for (const SourceMap *m = rt->source_maps->first; m != NULL; m = m->next) {
    for (uint32_t i = 0; i < m->source_count; i++) {
      if (m->sources[i].content == NULL ||
          strcmp(m->sources[i].name, file) != 0)
        continue;
      return rt_text_line(m->sources[i].content, line);
    }
  }
  return NULL;
}
