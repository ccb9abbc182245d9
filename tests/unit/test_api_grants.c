// SPDX-License-Identifier: MIT
// Grants: directories under paths of their own, variables by name; nobody gets
// out, whatever links, dots and races are tried.
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/api_tests.h"

static char base[64];

static const char *in(const char *name) {
  static char paths[4][256];
  static int turn;
  char *path = paths[turn++ % 4];
  snprintf(path, 256, "%s/%s", base, name);
  return path;
}

static void write_text(const char *name, const char *text) {
  FILE *f = fopen(in(name), "w");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
}

// base/secret, and base/shared, base/public, which are granted.
static int set_up(void **state) {
  strcpy(base, "/tmp/rill-grants-XXXXXX");
  if (mkdtemp(base) == NULL) return -1;
  mkdir(in("shared"), 0755);
  mkdir(in("shared/sub"), 0755);
  mkdir(in("public"), 0755);
  write_text("secret", "secret");
  write_text("shared/a.txt", "a");
  write_text("shared/sub/b.txt", "b");
  write_text("public/read.txt", "read");
  symlink("../secret", in("shared/out"));
  symlink(in("secret"), in("shared/absolute"));
  symlink("sub/b.txt", in("shared/inside"));
  symlink("..", in("shared/up"));
  symlink("../escaped", in("shared/dangling"));
  return 0;
}

static int tear_down(void **state) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", base);
  return system(command);
}

static rill_isolate *granted(void) {
  rill_grants *g = rill_grants_new();
  assert_int_equal(
      rill_grants_directory(g, "/data", in("shared"), RILL_GRANT_WRITE),
      RILL_OK);
  assert_int_equal(
      rill_grants_directory(g, "/data/public/", in("public"), RILL_GRANT_READ),
      RILL_OK);
  assert_int_equal(rill_grants_environment(g, "RILL_TEST_GRANTED"), RILL_OK);
  rill_options options = RILL_OPTIONS_INIT;
  options.allow = RILL_ALLOW_CONSOLE;
  options.grants = g;
  rill_isolate *iso = rill_isolate_new(&options);
  assert_non_null(iso);
  rill_grants_free(g); // the isolate has its own
  assert_non_null(rill_await(
      iso,
      rill_eval_async(iso,
                      "var fs = await import('node:fs');"
                      "var rfs = await import('rill:fs');"
                      "function attempt(f) { try { return f() } catch (e) {"
                      " return e.code ?? String(e) } }",
                      RILL_TEXT_END, "set-up.js")));
  return iso;
}

static const char *eval(rill_isolate *iso, const char *source) {
  rill_value promise = rill_eval_async(iso, source, RILL_TEXT_END, "test.js");
  rill_value value = promise == NULL ? NULL : rill_await(iso, promise);
  return value == NULL ? rill_get_error(iso)->message
                       : rill_to_string(iso, value, NULL);
}

typedef struct Case {
  const char *source, *result;
} Case;

static void check(rill_isolate *iso, const Case *cases, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const char *result = eval(iso, cases[i].source);
    if (strcmp(result, cases[i].result) != 0)
      print_error("%s\n", cases[i].source);
    assert_string_equal(result, cases[i].result);
  }
}
#define CHECK(iso, cases) check(iso, cases, sizeof cases / sizeof cases[0])

static void test_files(void **state) {
  rill_isolate *iso = granted();
  static const Case cases[] = {
      {"fs.readFileSync('/data/a.txt', 'utf8')", "a"},
      {"await rfs.readText('/data/./sub//../sub/b.txt')", "b"},
      {"fs.readFileSync('/data/inside', 'utf8')", "b"},
      {"await fs.promises.writeFile('/data/new.txt', 'new');"
       "await fs.promises.readFile('/data/new.txt', 'utf8')",
       "new"},
      {"fs.appendFileSync('/data/new.txt', '!'); fs.statSync('/data/new.txt')"
       ".size",
       "4"},
      {"fs.mkdirSync('/data/x/y/z', { recursive: true })", "/data/x"},
      {"fs.mkdirSync('/data/x/y/z', { recursive: true })", "undefined"},
      {"fs.mkdirSync('/data/x/w'); fs.readdirSync('/data/x') + ''", "w,y"},
      {"fs.renameSync('/data/new.txt', '/data/x/y/n.txt');"
       "fs.copyFileSync('/data/x/y/n.txt', '/data/x/copy');"
       "fs.readFileSync('/data/x/copy', 'utf8')",
       "new!"},
      {"fs.realpathSync('/data/inside')", "/data/sub/b.txt"},
      {"fs.readlinkSync('/data/out')", "../secret"},
      {"fs.lstatSync('/data/out').isSymbolicLink()", "true"},
      {"fs.lstatSync('/data').isDirectory()", "true"},
      {"fs.existsSync('/data/a.txt') + ' ' + fs.existsSync('/data/no')",
       "true false"},
      {"fs.chmodSync('/data/x/copy', 0o600); fs.truncateSync('/data/x/copy', "
       "1); fs.utimesSync('/data/x/copy', 1, 2);"
       "const s = fs.statSync('/data/x/copy'); s.size + ' ' + s.mtimeMs",
       "1 2000"},
      {"var fd = fs.openSync('/data/x/copy', 'r+'); fs.writeSync(fd, 'Z');"
       "fs.ftruncateSync(fd, 3); fs.fstatSync(fd).size",
       "3"},
      {"fs.closeSync(fd); attempt(() => fs.fstatSync(fd))", "EBADF"},
      {"fs.mkdtempSync('/data/x/t-').replace(/t-.*/, 't')", "/data/x/t"},
      {"fs.rmSync('/data/x', { recursive: true }); fs.existsSync('/data/x')",
       "false"},
      {"fs.writeFileSync('a-relative.txt', '')", "EACCES"},
  };
  check(iso, cases, sizeof cases / sizeof cases[0] - 1);
  assert_string_equal(eval(iso, "attempt(() => fs.writeFileSync('x.txt', ''))"),
                      "EACCES");
  rill_isolate_free(iso);
}

static void test_nobody_gets_out(void **state) {
  rill_isolate *iso = granted();
  static const Case cases[] = {
      {"attempt(() => fs.readFileSync('/etc/passwd'))", "EACCES"},
      {"attempt(() => fs.readFileSync('/data/../etc/passwd'))", "EACCES"},
      {"attempt(() => fs.readFileSync('/data/out'))", "EACCES"},
      {"attempt(() => fs.readFileSync('/data/absolute'))", "EACCES"},
      {"attempt(() => fs.readFileSync('/data/up/secret'))", "EACCES"},
      {"attempt(() => fs.writeFileSync('/data/up/new', ''))", "EACCES"},
      {"attempt(() => fs.writeFileSync('/data/out', 'x'))", "EACCES"},
      {"attempt(() => fs.writeFileSync('/data/dangling', 'x'))", "EACCES"},
      {"attempt(() => fs.openSync('/data/dangling', 'wx'))", "EEXIST"},
      {"attempt(() => fs.copyFileSync('/data/a.txt', '/data/out'))", "EACCES"},
      {"attempt(() => fs.copyFileSync('/data/out', '/data/got'))", "EACCES"},
      {"attempt(() => fs.statSync('/data/up'))", "EACCES"},
      {"attempt(() => fs.readdirSync('/data/up'))", "EACCES"},
      {"attempt(() => fs.realpathSync('/data/up'))", "EACCES"},
      {"attempt(() => fs.mkdirSync('/data/up/dir'))", "EACCES"},
      {"attempt(() => fs.mkdirSync('/data/up/d/e', { recursive: true }))",
       "EACCES"},
      {"attempt(() => fs.renameSync('/data/a.txt', '/data/up/a'))", "EACCES"},
      {"attempt(() => fs.renameSync('/data/a.txt', '/tmp/a'))", "EACCES"},
      {"attempt(() => fs.renameSync('/data/sub', '/data'))", "EBUSY"},
      {"attempt(() => fs.rmSync('/data', { recursive: true }))", "EBUSY"},
      {"attempt(() => fs.rmSync('/data/up/secret'))", "EACCES"},
      {"attempt(() => fs.chmodSync('/data/out', 0o777))", "EACCES"},
      {"attempt(() => fs.linkSync('/data/a.txt', '/data/b'))", "EPERM"},
      {"attempt(() => fs.chownSync('/data/a.txt', 0, 0))", "EPERM"},
      {"attempt(() => fs.cpSync('/data/sub', '/data/sub2', { recursive: true "
       "}))",
       "EACCES"},
      {"attempt(() => fs.readFileSync('/proc/self/environ'))", "EACCES"},
      {"attempt(() => fs.fstatSync(0))", "EBADF"},
      {"attempt(() => fs.readSync(3, Buffer.alloc(1)))", "EBADF"},
      // A link that is removed goes itself, what it points to stays.
      {"fs.symlinkSync('..', '/data/sub/link');"
       "fs.rmSync('/data/sub', { recursive: true }); "
       "fs.existsSync('/data/sub')",
       "false"},
      // Read-only.
      {"fs.readFileSync('/data/public/read.txt', 'utf8')", "read"},
      {"attempt(() => fs.writeFileSync('/data/public/read.txt', ''))", "EROFS"},
      {"attempt(() => fs.openSync('/data/public/new', 'w'))", "EROFS"},
      {"attempt(() => fs.unlinkSync('/data/public/read.txt'))", "EROFS"},
      {"attempt(() => fs.mkdirSync('/data/public/a/b', { recursive: true }))",
       "EROFS"},
      {"attempt(() => fs.renameSync('/data/public/read.txt', '/data/r'))",
       "EROFS"},
      {"attempt(() => fs.chmodSync('/data/public/read.txt', 0o777))", "EROFS"},
      {"attempt(() => fs.accessSync('/data/public/read.txt', fs.constants.W_OK"
       "))",
       "EROFS"},
      {"var fd = fs.openSync('/data/public/read.txt');"
       "attempt(() => fs.fchmodSync(fd, 0o777)) + attempt(() => "
       "fs.futimesSync(fd, 1, 1))",
       "EROFSEROFS"},
      {"fs.copyFileSync('/data/public/read.txt', '/data/mine');"
       "fs.readFileSync('/data/mine', 'utf8')",
       "read"},
      // Errors name what the script knows, not where it is.
      {"try { fs.readFileSync('/data/none') } catch (e) { e.message }",
       "ENOENT: no such file or directory, open '/data/none'"},
      // Nothing besides.
      {"attempt(() => fs.watch('/data'))",
       "Error: The host of this isolate allows no access to files"},
      {"process.cwd()", "/"},
  };
  CHECK(iso, cases);
  assert_int_equal(access(in("secret"), F_OK), 0);
  assert_int_not_equal(access(in("escaped"), F_OK), 0);
  rill_isolate_free(iso);
}

static void test_environment(void **state) {
  setenv("RILL_TEST_GRANTED", "yes", 1);
  setenv("RILL_TEST_SECRET", "no", 1);
  rill_isolate *iso = granted();
  assert_string_equal(eval(iso, "JSON.stringify(process.env)"),
                      "{\"RILL_TEST_GRANTED\":\"yes\"}");
  rill_isolate_free(iso);
}

// What is spawned has the same, and no more.
static void test_spawned(void **state) {
  rill_isolate *iso = granted();
  static const Case cases[] = {
      {"var task = await import('rill:task'); await task.spawn(async () => {"
       "const fs = await import('node:fs'); const r = [];"
       "for (const p of ['/data/a.txt', '/data/out', '/etc/passwd'])"
       "{ try { r.push(fs.readFileSync(p, 'utf8')) } catch (e) { "
       "r.push(e.code) } } return r + '' })",
       "a,EACCES,EACCES"},
  };
  CHECK(iso, cases);
  rill_isolate_free(iso);
}

// E11: a directory that the workers of a pool share.
static void E11_shared_directory(void **state) {
  rill_grants *g = rill_grants_new();
  assert_int_equal(
      rill_grants_directory(g, "/shared", in("shared"), RILL_GRANT_WRITE),
      RILL_OK);
  rill_pool_options options = RILL_POOL_OPTIONS_INIT;
  options.workers = 2;
  options.isolate.allow = RILL_ALLOW_CONSOLE;
  options.isolate.grants = g;
  rill_pool *pool = rill_pool_new(&options, NULL);
  assert_non_null(pool);
  rill_grants_free(g);
  static const Case cases[] = {
      {"(await import('node:fs')).writeFileSync('/shared/note', 'hello')",
       "null"},
      {"const fs = await import('node:fs'); '' + fs.readFileSync('/shared/note', 'utf8')",
       "\"hello\""},
      {"await (await import('node:fs/promises')).readFile('/etc/passwd')"
       ".catch(e => e.code)",
       "\"EACCES\""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    rill_request request = RILL_REQUEST_INIT;
    request.source = cases[i].source;
    request.length = RILL_TEXT_END;
    request.form = RILL_RESULT_JSON;
    rill_evaluation *e = NULL;
    assert_int_equal(rill_pool_submit(pool, &request, &e), RILL_OK);
    assert_int_equal(rill_evaluation_wait(e, -1), RILL_OK);
    const char *json = rill_evaluation_json(e, NULL);
    assert_string_equal(json == NULL ? "" : json, cases[i].result);
    rill_evaluation_release(e);
  }
  rill_pool_free(pool);
}

// Somebody exchanges a directory for a link that leads out, all the time.
static atomic_bool stop;
static void *exchange(void *unused) {
  char one[256], two[256], three[256];
  snprintf(one, sizeof one, "%s/shared/race", base);
  snprintf(two, sizeof two, "%s/shared/race-link", base);
  snprintf(three, sizeof three, "%s/shared/race-away", base);
  while (!atomic_load(&stop)) {
    rename(one, three);
    rename(two, one);
    rename(one, two);
    rename(three, one);
  }
  return NULL;
}

static void test_races(void **state) {
  mkdir(in("outside"), 0755);
  write_text("outside/file", "secret");
  mkdir(in("shared/race"), 0755);
  write_text("shared/race/file", "mine");
  symlink("../outside", in("shared/race-link"));
  rill_isolate *iso = granted();
  atomic_store(&stop, false);
  pthread_t thread;
  pthread_create(&thread, NULL, exchange, NULL);
  const char *result = eval(
      iso,
      "const seen = new Set; for (let i = 0; i < 3000; i++) {"
      "seen.add(attempt(() => fs.readFileSync('/data/race/file', 'utf8')));"
      "attempt(() => fs.writeFileSync('/data/race/new' + i % 7, 'x'));"
      "attempt(() => fs.mkdirSync('/data/race/d/e', { recursive: true }));"
      "attempt(() => fs.rmSync('/data/race/d', { recursive: true })) }"
      "[...seen].filter((x) => !['mine', 'EACCES', 'ENOENT', 'ELOOP']"
      ".includes(x)) + ''");
  char copy[256];
  snprintf(copy, sizeof copy, "%s", result);
  atomic_store(&stop, true);
  pthread_join(thread, NULL);
  assert_string_equal(copy, "");
  assert_int_not_equal(access(in("outside/new0"), F_OK), 0);
  assert_int_not_equal(access(in("outside/d"), F_OK), 0);
  assert_int_equal(access(in("outside/file"), F_OK), 0);
  rill_isolate_free(iso);
}

static void test_bad_grants(void **state) {
  rill_grants *g = rill_grants_new();
  assert_int_equal(rill_grants_directory(g, "data", base, 0), RILL_INVALID);
  assert_int_equal(rill_grants_directory(g, "/d", base, 8), RILL_INVALID);
  assert_int_equal(rill_grants_directory(g, "/d", in("none"), 0), RILL_FAILED);
  assert_int_equal(rill_grants_directory(g, "/d", in("secret"), 0),
                   RILL_FAILED);
  assert_int_equal(rill_grants_directory(g, "/d", base, 0), RILL_OK);
  assert_int_equal(rill_grants_directory(g, "/x/../d/", base, 0), RILL_INVALID);
  assert_int_equal(rill_grants_environment(g, "A=B"), RILL_INVALID);
  rill_grants_free(g);
  rill_grants_free(NULL);
  rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE, 0); // without any
  assert_string_equal(
      eval(iso, "(await import('node:fs')).readFileSync('/data/a.txt')"),
      "The host of this isolate allows no access to files");
  rill_isolate_free(iso);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(test_files),           TEST(test_nobody_gets_out),
      TEST(test_spawned),         TEST(test_environment),
      TEST(test_races),           TEST(test_bad_grants),
      TEST(E11_shared_directory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
