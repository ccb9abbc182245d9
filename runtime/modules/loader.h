// SPDX-License-Identifier: MIT
// Loading modules: from a specifier to a Module or a CommonJS module object.
#ifndef RILL_RUNTIME_MODULES_LOADER_H
#define RILL_RUNTIME_MODULES_LOADER_H

#include "runtime/runtime.h"

struct ModuleCache {
  GcRoot packages; // a Map of parsed package.json files by absolute path,
                   // undefined where there is none: an object without prototype
  GcRoot realm;    // the program's Realm: builtin modules are its alone
  GcRoot main;     // CommonJS: the main module object, or undefined
  GcRoot module_prototype; // of all module objects: node:module's, or undefined
  struct ImportMap *import_map; // options.import_map, once it has been read
};
// What has been loaded, by absolute path or builtin name: objects without
// prototype. Every realm has modules of its own: the running one's is meant.
typedef enum {
  TABLE_RECORDS,  // Modules
  TABLE_COMMONJS, // CommonJS module objects; scripts see it as require.cache
} ModuleTable;
Object *rt_module_table(Isolate *, ModuleTable);
// Gives the pending SyntaxError of a TypeScript file Node's code.
void rt_code_typescript_error(Isolate *);
// Enters a module in the running realm's table. False: threw.
bool rt_remember_module(Isolate *, const char *path, Module *) VM_CHECKED;
// After a termination: imports of modules of the running realm that it ended
// are rejected.
void rt_reject_terminated_modules(Runtime *, Value error);
// vm_module_stop of the module whose import() gave this promise.
Promise *rt_stop_import(Runtime *, const Promise *import);
ModuleCache *rt_module_cache_new(void); // NULL: out of memory
void rt_module_cache_init(Runtime *);   // once the heap is there
void rt_module_cache_free(Runtime *, ModuleCache *);

// hooks->load_module: answers by vm_module_loaded, before it returns.
void rt_load_module(Runtime *, ModuleLoadRequest *);
// The Module that a request means, from the table or read now: what is private
// in the request does not matter. NULL: threw.
Module *rt_requested_module(Runtime *, const ModuleLoadRequest *) VM_CHECKED;
// modules/import_meta.c
// hooks->import_meta: url, filename, dirname, resolve.
void rt_import_meta(Runtime *, Object *meta, Module *);

// What `with { type: ... }` asks for.
typedef enum {
  IMPORT_BY_FORMAT, // no type
  IMPORT_JSON,
  IMPORT_TEXT,  // the default export is the file as a string
  IMPORT_BYTES, // the default export is a Uint8Array of an immutable buffer
} ImportType;
// The Module of an absolute path or of a builtin's name ("node:fs"), from the
// table or read now. One file may be several modules, of different types. NULL:
// threw.
// `suffix`: as from rt_resolve; another suffix makes another module.
Module *rt_module_of(Runtime *, const char *resolved, const char *suffix,
                     ImportType) VM_CHECKED;
// A module whose default export is the value. NULL: threw, or the value is an
// EXCEPTION.
Module *rt_value_module_new(Isolate *, const char *name, Value) VM_CHECKED;
// Loads and links a module now. False: threw.
bool rt_module_link_now(Isolate *, Module *) VM_CHECKED;
// Builtin modules hold the program's state, its timers and its handlers of
// events: other realms may not have them. False: threw.
bool rt_may_use_builtin(Runtime *, const char *name) VM_CHECKED;
// A builtin module's namespace in the program's realm, evaluated at once
// (builtins never wait).
Value rt_builtin_namespace(Runtime *, const char *name) VM_CHECKED;
// Runs the file (NULL: standard input), of text or of saved code, as the main
// program of that path: a promise of its evaluation, or NULL if it was CommonJS
// and is done. False: threw.
bool rt_load_main(Runtime *, const char *file_or_null, const char *path,
                  Promise **out) VM_CHECKED;

// Throws an error with a property `code`, as Node's errors have. The message is
// NULL if making it threw. Returns false.
bool rt_throw_coded(Isolate *, const char *code, String *message, ErrorType);

// modules/resolver.c: the absolute path of a file, or "node:..." or "rill:...";
// malloc'ed. `referrer` is an absolute path, a builtin's name, or anything else
// (then the working directory counts). NULL: threw.
typedef enum { RESOLVE_IMPORT, RESOLVE_REQUIRE } ResolveMode;
//
// `suffix` (or NULL) gets what an import has behind the path, "?query" or
// "#fragment", malloc'ed, or NULL.
char *rt_resolve(Runtime *, const char *specifier, const char *referrer,
                 ResolveMode, char **suffix) VM_CHECKED;

// modules/package_json.c
// The parsed package.json that rules `path`, and the directory it is in
// (PATH_MAX bytes); or undefined. EXCEPTION: it is no valid JSON.
Value rt_package_scope(Runtime *, const char *path, char *directory) VM_CHECKED;
// A package.json at this path, parsed and cached; undefined: no such file.
Value rt_package_json(Runtime *, const char *path) VM_CHECKED;
// A property that is a string, malloc'ed; else NULL, or threw (out of memory).
char *rt_string_field(Isolate *, Value object, const char *name);

// modules/builtin_modules.c: makes the Module of "rill:..." or "node:...". NULL
// without an exception: no such module.
Module *rt_builtin_module_new(Runtime *, const char *name);
// The full name if a specifier names a builtin ("fs": "node:fs"), else NULL.
const char *rt_builtin_name(const char *specifier);

// modules/commonjs.c
// require() of a resolved file or builtin: module.exports. EXCEPTION: threw.
Value rt_require(Runtime *, const char *resolved,
                 Value parent_module) VM_CHECKED;
// A require function for a file that need not exist.
Value rt_commonjs_require_for(Runtime *, const char *path) VM_CHECKED;
Value rt_commonjs_require_of(Runtime *, Object *module);
// What module objects of the program's realm inherit: Module.prototype of
// node:module.
Object *rt_commonjs_prototype(Runtime *);
// Compiles a text as the body of a CommonJS module; owned as vm_compile_utf8
// says. NULL: threw.
Code *rt_commonjs_compile(Isolate *, char *utf8, size_t length, bool is_owned,
                          const char *path) VM_CHECKED;
// Runs it as a new module object; module.exports. `parent`: the module object
// that requires it, null for the main program, undefined for an ES module's
// import. EXCEPTION: threw.
Value rt_commonjs_run(Runtime *, Code *, const char *path,
                      Value parent) VM_CHECKED;
// The files that led to a require() in `path`, innermost first, as an array.
Array *rt_require_stack(Isolate *, const char *path) VM_CHECKED;
// The module object of a file that has been required; undefined: it has not.
Value rt_commonjs_known(Isolate *, const char *path) VM_CHECKED;

// modules/commonjs_import.c: CommonJS as ES modules see it. A synthetic Module
// that runs the file when it is evaluated; `text` tells its exports (see
// export_scan.h). NULL: threw.
Module *rt_commonjs_module_new(Runtime *, const char *path, Code *,
                               const char *text, size_t length) VM_CHECKED;

// modules/saved_code.c: files of saved code, which is verified; bytes that are
// none, or another build's, throw.
// What the tag of saved code (vm/bytecode/serialize.h) says: a rill_goal, or
// that it is a CommonJS module.
enum { SAVED_SCRIPT = 0, SAVED_MODULE = 2, SAVED_COMMONJS = 3 };
// As a module of ES or CommonJS. NULL: threw.
Module *rt_saved_module(Runtime *, const char *path) VM_CHECKED;
// For require(). 0: it is another thing than CommonJS.
Tri rt_saved_commonjs(Runtime *, const char *path, Code **out) VM_CHECKED;
// The text of a CommonJS module, malloc'ed. NULL: it is none, or threw.
char *rt_saved_commonjs_text(Runtime *, const char *path, size_t *length);
// As rt_load_main.
bool rt_saved_run(Runtime *, const char *bytes, size_t length, const char *path,
                  Promise **out) VM_CHECKED;

// The key under which caches keep a path or name. False: threw.
bool rt_path_key(Isolate *, const char *path, PropertyKey *out) VM_CHECKED;
// What a file is by its name and package.json.
typedef enum {
  FORMAT_COMMONJS,
  FORMAT_MODULE,
  FORMAT_JSON,
  FORMAT_SAVED,   // code that was compiled (rill compile, rill_compiled_save)
  FORMAT_UNKNOWN, // .js without "type": CommonJS unless its syntax is a
                  // module's
  FORMAT_FOREIGN, // another extension: cannot be imported, else as UNKNOWN
  FORMAT_THREW,
} FileFormat;
FileFormat rt_file_format(Runtime *, const char *path);

// The whole file, or of no path what standard input still gives; NULL: threw.
// malloc'ed, ended by 0.
char *rt_read_file(Isolate *, const char *path_or_null,
                   size_t *length) VM_CHECKED;
Value rt_json_parse(Isolate *, const char *utf8, size_t length,
                    const char *path) VM_CHECKED;

#endif
