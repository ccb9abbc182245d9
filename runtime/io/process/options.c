// SPDX-License-Identifier: MIT
#include "runtime/io/process/options.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/arguments.h"
#include "runtime/io/granted_paths.h"
#include "runtime/io/net/handle.h"

bool child_allowed(Runtime *rt) {
  if (!rt->options.deny_processes) return true;
  vm_throw_error(rt->isolate, ERROR_ERROR,
                 "The host of this isolate allows no access to processes");
  return false;
}

bool child_may_start(Runtime *rt) {
  const Grants *g = rt->options.grants;
  return (g != NULL && g->program_count > 0) || child_allowed(rt);
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

// Always false.
static bool refuse(Isolate *iso, const ChildOptions *o, int error,
                   const char *what) {
  char operation[512];
  snprintf(operation, sizeof operation, "spawn %s", o->uv.file);
  vm_throw(iso, net_error(iso, error, operation, what, -1));
  return false;
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
    if (kind >= 0 && rt_of(iso)->options.deny_processes)
      return refuse(iso, o, UV_EACCES, "a descriptor of the host");
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

// Within grants ---------------------------------------------------------------

static bool is_granted_variable(const Grants *g, const char *text) {
  const char *end = strchr(text, '=');
  for (size_t i = 0; end != NULL && i < g->variable_count; i++)
    if (strlen(g->variables[i]) == (size_t)(end - text) &&
        memcmp(g->variables[i], text, (size_t)(end - text)) == 0)
      return true;
  return false;
}

// What the host has of what is granted. NULL: out of memory.
static char **granted_variables(const Grants *g) {
  char **list = calloc(g->variable_count + 1, sizeof *list);
  size_t count = 0;
  for (size_t i = 0; list != NULL && i < g->variable_count; i++) {
    const char *value = getenv(g->variables[i]);
    if (value == NULL) continue;
    if (asprintf(&list[count], "%s=%s", g->variables[i], value) < 0) {
      list[count] = NULL;
      free_texts(list);
      return NULL;
    }
    count++;
  }
  return list;
}

// The folder as the host has it: by a descriptor, which the child's own loses.
// 0, or a libuv error.
static int enter_granted_folder(const Grants *g, ChildOptions *o) {
  const char *given = o->uv.cwd;
  if (given == NULL || strcmp(given, "/") == 0) {
    free((char *)given);
    o->uv.cwd = strdup("/");
    return o->uv.cwd == NULL ? UV_ENOMEM : 0;
  }
  GrantedPlace place;
  int error = granted_find(g, given, &place);
  if (error == 0)
    o->folder = granted_open(&place, place.rest, O_PATH | O_DIRECTORY, 0);
  granted_forget(&place);
  if (error != 0) return error;
  if (o->folder < 0) return o->folder;
  char *path;
  if (asprintf(&path, "/proc/self/fd/%d", o->folder) < 0) return UV_ENOMEM;
  free((char *)given);
  o->uv.cwd = path;
  return 0;
}

// False: threw.
static bool stay_within_grants(Isolate *iso, const Grants *g, ChildOptions *o) {
  uv_process_options_t *uv = &o->uv;
  const GrantedProgram *program = NULL;
  for (size_t i = 0; i < g->program_count; i++)
    if (strcmp(g->programs[i].name, uv->file) == 0) program = &g->programs[i];
  if (program == NULL) return refuse(iso, o, UV_EACCES, NULL);
  if (uv->args[0] == NULL || strcmp(uv->args[0], uv->file) != 0)
    return refuse(iso, o, UV_EPERM, "argv0");
  if ((uv->flags & (UV_PROCESS_SETUID | UV_PROCESS_SETGID)) != 0)
    return refuse(iso, o, UV_EPERM, "uid");
  for (char **text = uv->env; text != NULL && *text != NULL; text++)
    if (!is_granted_variable(g, *text)) return refuse(iso, o, UV_EACCES, *text);
  if (uv->env == NULL && (uv->env = granted_variables(g)) == NULL) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  int error = enter_granted_folder(g, o);
  if (error != 0) return refuse(iso, o, error, o->uv.cwd);
  char *path = strdup(program->path);
  if (path == NULL) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  free((char *)uv->file);
  uv->file = path;
  o->is_granted = true;
  return true;
}

bool child_options_take(Isolate *iso, const NativeCall *call, ChildOptions *o) {
  memset(o, 0, sizeof *o);
  o->folder = -1;
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
  Runtime *rt = rt_of(iso);
  return take_descriptors(iso, argv[7], o) &&
         (!rt->options.deny_processes ||
          stay_within_grants(iso, rt->options.grants, o));
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
  close_end(&o->folder);
  free((char *)o->uv.file);
  free((char *)o->uv.cwd);
  free_texts(o->uv.args);
  free_texts(o->uv.env);
}

Value child_spawn_error(Isolate *iso, const ChildOptions *o, int uv_error) {
  char operation[512];
  snprintf(operation, sizeof operation, "spawn %s",
           o->is_granted ? o->uv.args[0] : o->uv.file);
  const char *folder = o->is_granted ? NULL : o->uv.cwd;
  struct stat stat_;
  bool is_bad =
      folder != NULL && (stat(folder, &stat_) != 0 || !S_ISDIR(stat_.st_mode) ||
                         access(folder, X_OK) != 0);
  return net_error(iso, uv_error, operation, is_bad ? folder : NULL, -1);
}
