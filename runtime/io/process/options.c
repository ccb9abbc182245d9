// SPDX-License-Identifier: MIT
#include "runtime/io/process/options.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/arguments.h"
#include "runtime/io/net/handle.h"

bool child_allowed(Runtime *rt) {
  if (!rt->options.deny_processes) return true;
  vm_throw_error(rt->isolate, ERROR_ERROR,
                 "The host of this isolate allows no access to processes");
  return false;
}

static char *text_of(Isolate *iso, Value value) {
  char *text = vm_string_to_utf8(iso, value_as_string(value), NULL);
  if (text == NULL) vm_throw_out_of_memory(iso);
  return text;
}

// An array of strings as a NULL-ended list; NULL: threw.
static char **texts_of(Isolate *iso, Value value) {
  Array *list = (Array *)value_as_cell(value);
  uint32_t count = list->length;
  char **texts = calloc((size_t)count + 1, sizeof *texts);
  if (texts == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  for (uint32_t i = 0; i < count; i++) {
    Value item = vm_get_element(iso, value, value_from_int((int32_t)i));
    if (value_is_string(item)) {
      texts[i] = text_of(iso, item);
    } else if (!value_is_exception(item)) {
      vm_throw_type_value(iso, "%s is no string for a process", item);
    }
    if (texts[i] != NULL) continue;
    while (i > 0)
      free(texts[--i]);
    free(texts);
    return NULL;
  }
  return texts;
}

static void free_texts(char **texts) {
  for (char **text = texts; texts != NULL && *text != NULL; text++)
    free(*text);
  free(texts);
}

static int make_pipe(ChildOptions *o, uint32_t at, int kind) {
  int ends[2];
  if (kind == CHILD_TWO_WAYS
          ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0
          : pipe2(ends, O_CLOEXEC) != 0)
    return uv_translate_sys_error(errno);
  int theirs = kind == CHILD_READS ? 0 : 1;
  o->theirs[at] = ends[theirs];
  o->ours[at] = ends[!theirs];
  return 0;
}

static bool take_descriptors(Isolate *iso, Value value, ChildOptions *o) {
  Array *list = (Array *)value_as_cell(value);
  uint32_t count = list->length;
  if (count > CHILD_MAX_DESCRIPTORS) {
    vm_throw_range(iso, "A child gets at most %d descriptors",
                   CHILD_MAX_DESCRIPTORS);
    return false;
  }
  o->uv.stdio = o->stdio;
  o->uv.stdio_count = (int)count;
  for (uint32_t i = 0; i < count; i++) {
    Value item = vm_get_element(iso, value, value_from_int((int32_t)i));
    if (value_is_exception(item)) return false;
    if (!value_is_int(item)) {
      vm_throw_type_value(iso, "%s is no descriptor", item);
      return false;
    }
    int kind = value_as_int(item);
    o->stdio[i].flags = kind == CHILD_NULL ? UV_IGNORE : UV_INHERIT_FD;
    o->stdio[i].data.fd = kind;
    if (kind >= CHILD_NULL) continue;
    int error = make_pipe(o, i, kind);
    if (error != 0) {
      vm_throw(iso, net_error(iso, error,
                              kind == CHILD_TWO_WAYS ? "socketpair" : "pipe",
                              NULL, -1));
      return false;
    }
    o->stdio[i].data.fd = o->theirs[i];
  }
  return true;
}

bool child_options_take(Isolate *iso, const NativeCall *call, ChildOptions *o) {
  memset(o, 0, sizeof *o);
  for (int i = 0; i < CHILD_MAX_DESCRIPTORS; i++)
    o->ours[i] = o->theirs[i] = -1;
  if (!rt_arguments_are(iso, call, "saASuiia")) return false;
  const Value *argv = call->argv;
  uv_process_options_t *uv = &o->uv;
  if ((uv->file = text_of(iso, argv[0])) == NULL ||
      (uv->args = texts_of(iso, argv[1])) == NULL ||
      (!value_is_undefined(argv[2]) &&
       (uv->env = texts_of(iso, argv[2])) == NULL) ||
      (!value_is_undefined(argv[3]) &&
       (uv->cwd = text_of(iso, argv[3])) == NULL))
    return false;
  uv->flags = (unsigned)value_as_number(argv[4]);
  double uid = value_as_number(argv[5]), gid = value_as_number(argv[6]);
  if (uid >= 0) {
    uv->flags |= UV_PROCESS_SETUID;
    uv->uid = (uv_uid_t)uid;
  }
  if (gid >= 0) {
    uv->flags |= UV_PROCESS_SETGID;
    uv->gid = (uv_gid_t)gid;
  }
  return take_descriptors(iso, argv[7], o);
}

static void close_end(int *descriptor) {
  if (*descriptor >= 0) close(*descriptor);
  *descriptor = -1;
}

void child_options_release(ChildOptions *o) {
  for (int i = 0; i < CHILD_MAX_DESCRIPTORS; i++) {
    close_end(&o->ours[i]);
    close_end(&o->theirs[i]);
  }
  free((char *)o->uv.file);
  free((char *)o->uv.cwd);
  free_texts(o->uv.args);
  free_texts(o->uv.env);
}

Value child_spawn_error(Isolate *iso, const ChildOptions *o, int uv_error) {
  char operation[512];
  snprintf(operation, sizeof operation, "spawn %s", o->uv.file);
  const char *folder = o->uv.cwd;
  struct stat stat_;
  bool is_bad =
      folder != NULL && (stat(folder, &stat_) != 0 || !S_ISDIR(stat_.st_mode) ||
                         access(folder, X_OK) != 0);
  return net_error(iso, uv_error, operation, is_bad ? folder : NULL, -1);
}
