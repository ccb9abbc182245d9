// SPDX-License-Identifier: MIT
/*
 * A drawing program with plugins. It gives them a native class, Shape, and a
 * module, `import { draw } from "host:canvas"`. Each plugin has its own
 * isolate: its own rights, memory and time. One that misbehaves is ended; the
 * others do not notice.
 *
 *   cc plugin_host.c $(pkg-config --cflags --libs rill) && ./a.out
 */
#include <rill.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Shape {
  double width, height;
} Shape;

static int shapes_alive;

// new Shape(width, height)
static void *shape_new(rill_isolate *iso, void *data, rill_value this_value,
                       size_t count, const rill_value *arguments) {
  double size[2];
  for (size_t i = 0; i < 2; i++) {
    size[i] = rill_to_number(iso, i < count ? arguments[i] : NULL);
    if (!(size[i] > 0)) {
      rill_throw_error(iso, "a Shape needs a width and a height above 0");
      return NULL;
    }
  }
  Shape *s = malloc(sizeof *s);
  if (s == NULL) {
    rill_throw_error(iso, "out of memory");
    return NULL;
  }
  *s = (Shape){size[0], size[1]};
  shapes_alive++;
  return s;
}
// Once the object is garbage, or its isolate is freed.
static void shape_finalize(void *data) {
  shapes_alive--;
  free(data);
}

// Methods and accessors get the instance's data: rill has checked `this`.
static rill_value shape_get_area(rill_isolate *iso, void *data,
                                 rill_value this_value, size_t count,
                                 const rill_value *arguments) {
  const Shape *s = data;
  return rill_number(iso, s->width * s->height);
}
static rill_value shape_scale(rill_isolate *iso, void *data,
                              rill_value this_value, size_t count,
                              const rill_value *arguments) {
  Shape *s = data;
  double factor = rill_to_number(iso, count > 0 ? arguments[0] : NULL);
  s->width *= factor;
  s->height *= factor;
  return this_value;
}
static const rill_member shape_members[] = {
    {.name = "area", .getter = shape_get_area},
    {.name = "scale", .method = shape_scale, .length = 1},
};

typedef struct Plugin {
  const char *name, *source;
  uint32_t rights;
  rill_isolate *isolate; // NULL: it was ended
  rill_class *shape;
  rill_kept *render;
} Plugin;

// draw(shape): anything else than a Shape, of this isolate, is refused.
static rill_value draw(rill_isolate *iso, void *data, rill_value this_value,
                       size_t count, const rill_value *arguments) {
  Plugin *p = data;
  const Shape *s =
      rill_instance_data(iso, count > 0 ? arguments[0] : NULL, p->shape);
  if (s == NULL) return rill_throw_error(iso, "draw() needs a Shape");
  printf("  %s draws %g x %g\n", p->name, s->width, s->height);
  return NULL;
}

static void end(Plugin *p) {
  if (p->isolate == NULL) return;
  const rill_error *e = rill_get_error(p->isolate);
  if (e->kind == RILL_ERROR_TERMINATED)
    printf("  %s is ended: it took too long\n", p->name);
  else if (e->kind != RILL_ERROR_NONE)
    printf("  %s is ended: %s: %s\n", p->name, e->name, e->message);
  if (p->render != NULL) rill_release(p->isolate, p->render);
  rill_isolate_free(p->isolate);
  p->isolate = NULL;
}

static bool load(Plugin *p) {
  rill_options options = RILL_OPTIONS_INIT;
  options.allow = p->rights;
  options.max_heap_bytes = 8 << 20;
  rill_isolate *iso = p->isolate = rill_isolate_new(&options);
  if (iso == NULL) return false;
  rill_class_options shape = RILL_CLASS_INIT;
  shape.name = "Shape";
  shape.constructor = shape_new;
  shape.length = 2;
  shape.finalize = shape_finalize;
  shape.members = shape_members;
  shape.member_count = sizeof shape_members / sizeof *shape_members;
  p->shape = rill_class_new(iso, &shape);
  rill_export exports[] = {{"draw", draw, p}};
  rill_module_options canvas = RILL_MODULE_INIT;
  canvas.name = "host:canvas";
  canvas.exports = exports;
  canvas.export_count = 1;
  if (p->shape == NULL || !rill_class_define(iso, p->shape) ||
      !rill_module_define(iso, &canvas))
    return false;
  rill_set_fuel(iso, 1000000); // for loading
  rill_value module = rill_eval_module(iso, p->source, RILL_TEXT_END, p->name);
  rill_value render = module == NULL ? NULL : rill_get(iso, module, "render");
  if (render == NULL) return false;
  p->render = rill_keep(iso, render);
  return p->render != NULL;
}

static bool render(Plugin *p, int frame) {
  rill_isolate *iso = p->isolate;
  rill_scope scope;
  rill_scope_open(iso, &scope);
  rill_set_fuel(iso, 100000); // for each call
  rill_value argument = rill_number(iso, frame);
  bool ok = rill_call(iso, rill_kept_value(iso, p->render), NULL, 1,
                      &argument) != NULL;
  rill_scope_close(iso, &scope);
  return ok;
}

#define IMPORT "import { draw } from 'host:canvas';\n"
static Plugin plugins[] = {
    {.name = "squares.js",
     .source = IMPORT
     "class Square extends Shape {\n"
     "  constructor(size) { super(size, size); }\n"
     "}\n"
     "export const render = (n) => draw(new Square(n + 1).scale(10));\n"},
    {.name = "endless.js",
     .source = IMPORT "export function render(n) { if (n === 1) for (;;); }\n"},
    {.name = "greedy.js",
     .source = IMPORT
     "const shapes = [];\n"
     "export const render = () => { for (;;) shapes.push([...shapes]); };\n"},
    {.name = "forger.js",
     .source = IMPORT
     "export const render = () => draw(Object.create(Shape.prototype));\n"},
    {.name = "curious.js",
     .source = "import { readText } from 'rill:fs';\n"
               "export const render = () => readText('/etc/hostname');\n"},
};

int main(void) {
  const size_t count = sizeof plugins / sizeof *plugins;
  printf("loading\n");
  for (size_t i = 0; i < count; i++)
    if (!load(&plugins[i])) end(&plugins[i]);
  for (int frame = 0; frame < 3; frame++) {
    printf("frame %d\n", frame);
    for (size_t i = 0; i < count; i++)
      if (plugins[i].isolate != NULL && !render(&plugins[i], frame))
        end(&plugins[i]);
  }
  for (size_t i = 0; i < count; i++)
    end(&plugins[i]);
  printf("%d shapes left\n", shapes_alive);
}
