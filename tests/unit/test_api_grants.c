// SPDX-License-Identifier: MIT
// Grants: directories under paths of their own, variables by name; nobody gets
// out, whatever links, dots and races are tried.
#include <arpa/inet.h>
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
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/io/granted_network.h"
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
    rill_scope scope;
    rill_scope_open(iso, &scope);
    const char *result = eval(iso, cases[i].source);
    if (strcmp(result, cases[i].result) != 0)
      print_error("%s\n", cases[i].source);
    assert_string_equal(result, cases[i].result);
    rill_scope_close(iso, &scope);
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
      {"const fs = await import('node:fs'); '' + "
       "fs.readFileSync('/shared/note', 'utf8')",
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

// Network
// -----------------------------------------------------------------------

// Loopback servers of an isolate that may all: "TCP HTTP UDP", their ports. The
// HTTP server sends on: /to?URL.
static const char servers[] =
    "const net = await import('node:net'), http = await import('node:http'),"
    "      dgram = await import('node:dgram');"
    "const listen = (s) => new Promise((r) => s.listen(0, '127.0.0.1', r));"
    "globalThis.tcp = net.createServer((c) => c.on('error', () => {})"
    "  .end('hello'));"
    "globalThis.web = http.createServer((q, a) => q.url.startsWith('/to?') ?"
    "  a.writeHead(302, { location: q.url.slice(4) }).end() : a.end('page'));"
    "globalThis.udp = dgram.createSocket('udp4');"
    "udp.on('message', (m, from) => udp.send(m, from.port, from.address));"
    "await listen(tcp); await listen(web);"
    "await new Promise((r) => udp.bind(0, '127.0.0.1', r));"
    "[tcp.address().port, web.address().port, udp.address().port].join(' ')";

typedef struct Servers {
  rill_isolate *isolate;
  int tcp, web, udp;
} Servers;

static Servers serve(void) {
  Servers s = {.isolate = isolate(RILL_ALLOW_ALL, 0)};
  const char *ports = eval(s.isolate, servers);
  if (sscanf(ports, "%d %d %d", &s.tcp, &s.web, &s.udp) != 3)
    fail_msg("%s", ports);
  return s;
}

// The servers run on a thread of their own until they are told to end.
static void *run_servers(void *data) {
  Servers *s = data;
  *s = serve();
  atomic_store(&stop, true);
  rill_run_loop(s->isolate); // until rill_interrupt
  rill_isolate_free(s->isolate);
  return NULL;
}

static const char network_set_up[] =
    "var net, http, https, tls, dgram, dns, task, ports;"
    "const outcome = (p) => Promise.resolve(p).then(String, (e) =>"
    "  e.code ?? e.cause?.code ?? e.message);"
    "const event = (o, name) => new Promise((r, j) =>"
    "  o.once(name, r).once('error', j));"
    "const tcp = (options) => outcome((async () => {"
    "  const c = net.connect(options); let t = '';"
    "  await event(c, 'connect'); for await (const d of c) t += d; return t "
    "})());"
    "const get = (url) => outcome(fetch(url).then((r) => r.text()));"
    "const nodeGet = (url) => outcome(new Promise((r, j) => http.get(url, (a) "
    "=> {"
    "  a.setEncoding('utf8'); a.on('data', r) }).on('error', j)));"
    "const listen = (port, host) => outcome((async () => {"
    "  const s = net.createServer(); s.listen(port, host);"
    "  await event(s, 'listening'); s.close(); return 'listening' })());"
    "const udp = (port, host, from, to) => outcome((async () => {"
    "  const s = dgram.createSocket('udp4');"
    "  try { if (from !== undefined) { s.bind(from, to);"
    "      await event(s, 'listening') }"
    "    await new Promise((r, j) => s.send('x', port, host,"
    "      (e) => e ? j(e) : r()));"
    "    return await event(s, 'message') } finally { s.close() } })());"
    "const socket = (url) => outcome(new Promise((r, j) => {"
    "  const w = new WebSocket(url); w.onopen = () => r('open');"
    "  w.onerror = (e) => j(e.error ?? new Error('refused')) }));";

static rill_isolate *with_grants(rill_grants *g, const Servers *s) {
  rill_options options = RILL_OPTIONS_INIT;
  options.allow = RILL_ALLOW_CONSOLE;
  options.grants = g;
  rill_isolate *iso = rill_isolate_new(&options);
  assert_non_null(iso);
  rill_grants_free(g);
  assert_non_null(rill_eval(iso, network_set_up, RILL_TEXT_END, "set-up.js"));
  char ports[256];
  snprintf(ports, sizeof ports,
           "[net, http, https, tls, dgram, dns, task] = await Promise.all("
           "['node:net', 'node:http', 'node:https', 'node:tls', 'node:dgram',"
           " 'node:dns', 'rill:task'].map((m) => import(m)));"
           "ports = { tcp: %d, web: %d, udp: %d }; 'there'",
           s->tcp, s->web, s->udp);
  assert_string_equal(eval(iso, ports), "there");
  return iso;
}

static void allow(rill_grants *g, const char *host, int first, int last,
                  uint32_t how) {
  assert_int_equal(
      rill_grants_network(g, host, (uint32_t)first, (uint32_t)last, how),
      RILL_OK);
}

static pthread_t server_thread;
static Servers running;
static void start_servers(void) {
  atomic_store(&stop, false);
  assert_int_equal(pthread_create(&server_thread, NULL, run_servers, &running),
                   0);
  while (!atomic_load(&stop))
    usleep(1000);
}
static void end_servers(void) {
  rill_interrupt(running.isolate);
  pthread_join(server_thread, NULL);
}

static void test_network_in_parts(void **state) {
  start_servers();
  rill_grants *g = rill_grants_new();
  allow(g, "127.0.0.1", running.tcp, running.tcp, RILL_GRANT_CONNECT);
  allow(g, "127.0.0.0/30", running.web, running.web, RILL_GRANT_CONNECT);
  allow(g, "127.0.0.1", running.udp, running.udp, RILL_GRANT_SEND);
  allow(g, "127.0.0.1", 0, 0, RILL_GRANT_LISTEN);
  rill_isolate *iso = with_grants(g, &running);
  static const Case cases[] = {
      {"await tcp({ port: ports.tcp, host: '127.0.0.1' })", "hello"},
      {"await tcp({ port: ports.tcp, host: '::ffff:127.0.0.1' })", "hello"},
      {"await get(`http://127.0.0.1:${ports.web}/`)", "page"},
      {"await nodeGet(`http://127.0.0.1:${ports.web}/`)", "page"},
      {"await udp(ports.udp, '127.0.0.1')", "x"},
      {"await listen(0, '127.0.0.1')", "listening"},
      // Other ports, other addresses, other ways.
      {"await tcp({ port: 2, host: '127.0.0.1' })", "EACCES"},
      {"await tcp({ port: ports.tcp, host: '127.0.0.2' })", "EACCES"},
      {"await tcp({ port: ports.tcp, host: '::1' })", "EACCES"},
      {"await tcp({ port: ports.tcp, host: '0.0.0.0' })", "EACCES"},
      {"await udp(2, '127.0.0.1')", "EACCES"},
      {"await udp(ports.udp, '127.0.0.2')", "EACCES"},
      {"await udp(ports.udp, '127.0.0.1', 50000)", "EACCES"},
      {"await listen(0, '0.0.0.0')", "EACCES"},
      {"await listen(0, '::')", "EACCES"},
      {"await listen(2, '127.0.0.1')", "EACCES"},
      {"await outcome(event(http.createServer().listen(0, '0.0.0.0'),"
       " 'listening'))",
       "EACCES"},
      {"await outcome((async () => (await import('rill:http')).serve("
       "{ port: 0, hostname: '0.0.0.0' }, () => 'page'))())",
       "EACCES"},
      {"await outcome((async () => (await import('rill:net')).listen("
       "{ port: 0, hostname: '::1' }))())",
       "EACCES"},
      {"await get(`http://127.0.0.1:2/`)", "EACCES"},
      {"await get(`http://[::1]:${ports.web}/`)", "EACCES"},
      {"await get(`http://0x7f.9:${ports.web}/`)", "EACCES"},
      {"await nodeGet(`http://127.0.0.9:${ports.web}/`)", "EACCES"},
      {"await socket(`ws://127.0.0.9:${ports.web}/`) !== 'open'", "true"},
      {"await outcome(event(tls.connect({ port: 1, host: '127.0.0.9' }),"
       " 'secureConnect'))",
       "EACCES"},
      {"await outcome(event(https.get('https://127.0.0.9/'), 'response'))",
       "EACCES"},
      // Redirects.
      {"await get(`http://127.0.0.1:${ports.web}/to?http://127.0.0.1:"
       "${ports.web}/`)",
       "page"},
      {"await get(`http://127.0.0.1:${ports.web}/to?http://127.0.0.9:"
       "${ports.web}/`)",
       "EACCES"},
      {"await get(`http://127.0.0.1:${ports.web}/to?http://secret.example/`)",
       "EACCES"},
      // Names: none is granted, none is asked for.
      {"await tcp({ port: ports.tcp, host: 'localhost' })", "EACCES"},
      {"await get(`http://localhost:${ports.web}/`)", "EACCES"},
      {"await outcome(dns.promises.lookup('secret.example.com'))", "EACCES"},
      {"await outcome(dns.promises.reverse('192.0.2.1'))", "EACCES"},
      {"await outcome(dns.promises.resolve4('secret.example.com')) !== ''",
       "true"},
      {"await tcp({ port: ports.tcp, host: 'x', lookup: (n, o, done) =>"
       " done(null, o.all ? [{ address: '127.0.0.2', family: 4 }] :"
       " '127.0.0.2', 4) })",
       "EACCES"},
      // What is not of an address.
      {"await listen('/tmp/rill-grants.sock').then((t) => /no access/.test(t))",
       "true"},
      {"await tcp({ path: '/tmp/x' }).then((t) => /no access/.test(t))",
       "true"},
      {"try { (await import('node:os')).networkInterfaces() } catch (e) {"
       " e.message }",
       "The host of this isolate allows no access to the network"},
      {"const s = dgram.createSocket('udp4'); s.bind(0);"
       "await event(s, 'listening');"
       "try { s.addMembership('224.0.0.1'); 'joined' } catch (e) { e.code }"
       " finally { s.close() }",
       "EACCES"},
      // Inherited.
      {"await task.spawn(async (port, other) => {"
       "  const net = await import('node:net');"
       "  const at = (port) => new Promise((r) => net.connect(port, "
       "'127.0.0.1')"
       "    .on('data', (d) => r(d + '')).on('error', (e) => r(e.code)));"
       "  return await at(port) + ' ' + await at(other)"
       "}, ports.tcp, 2)",
       "hello EACCES"},
  };
  CHECK(iso, cases);
  rill_isolate_free(iso);
  end_servers();
}

// A name is granted; where DNS says that it is, only if that is outside.
static void test_names(void **state) {
  start_servers();
  rill_grants *g = rill_grants_new();
  allow(g, "LocalHost", running.tcp, running.tcp, RILL_GRANT_CONNECT);
  allow(g, "localhost", running.web, running.web, RILL_GRANT_CONNECT);
  allow(g, "*", 2, 2, RILL_GRANT_CONNECT);
  rill_isolate *iso = with_grants(g, &running);
  static const Case cases[] = {
      {"await tcp({ port: ports.tcp, host: '127.0.0.1' })", "EACCES"},
      {"await tcp({ port: ports.tcp, host: 'localhost', family: 4 })", "hello"},
      // By its address then, too: it is the same place.
      {"await tcp({ port: ports.tcp, host: '127.0.0.1' })", "hello"},
      {"await tcp({ port: 2, host: '127.0.0.1' })", "EACCES"},
      {"await get(`http://LOCALHOST:${ports.web}/`)", "page"},
      {"await get('http://127.0.0.1:3/')", "EACCES"},
      {"await get(`http://localhost:${ports.web}/to?http://localhost:3/`)",
       "EACCES"},
      // "*" means no names that lead inside.
      {"await tcp({ port: 2, host: 'localhost', family: 4 })", "EACCES"},
      {"await get(`http://localhost:2/`)", "EACCES"},
      {"await get(`http://127.0.0.1:2/`)", "EACCES"},
      {"await get(`http://2130706433:2/`)", "EACCES"},
      {"await tcp({ port: 2, host: '2130706433' })", "EACCES"},
      {"await tcp({ port: 2, host: '169.254.169.254' })", "EACCES"},
      {"await tcp({ port: 2, host: '::ffff:10.0.0.1' })", "EACCES"},
      {"await tcp({ port: 2, host: '64:ff9b::a00:1' })", "EACCES"},
  };
  CHECK(iso, cases);
  rill_isolate_free(iso);
  end_servers();
}

// A socket to send with hears those that it may send to, and nobody else.
static void test_answers_only(void **state) {
  start_servers();
  rill_grants *g = rill_grants_new();
  allow(g, "127.0.0.1", running.udp, running.udp, RILL_GRANT_SEND);
  rill_isolate *iso = with_grants(g, &running);
  const char *port =
      eval(iso,
           "var s = dgram.createSocket('udp4'); s.bind(0);"
           "await event(s, 'listening'); var heard = event(s, 'message');"
           "s.address().port");
  struct sockaddr_in to = {.sin_family = AF_INET,
                           .sin_port = htons((uint16_t)atoi(port)),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int other = socket(AF_INET, SOCK_DGRAM, 0);
  assert_int_equal(
      sendto(other, "evil", 4, 0, (struct sockaddr *)&to, sizeof to), 4);
  assert_string_equal(eval(iso,
                           "s.send('asked', ports.udp, '127.0.0.1');"
                           "const t = await heard + ''; s.close(); t"),
                      "asked");
  close(other);
  rill_isolate_free(iso);
  end_servers();
}

static struct sockaddr_storage address_of(const char *text) {
  struct sockaddr_storage address = {.ss_family = AF_INET};
  if (inet_pton(AF_INET, text, &((struct sockaddr_in *)&address)->sin_addr) ==
      1)
    return address;
  address.ss_family = AF_INET6;
  assert_int_equal(
      inet_pton(AF_INET6, text, &((struct sockaddr_in6 *)&address)->sin6_addr),
      1);
  return address;
}

static void test_rules(void **state) {
  rill_grants *g = rill_grants_new();
  allow(g, "*.Example.com", 443, 444, RILL_GRANT_CONNECT);
  allow(g, "api.test.", 80, 80, RILL_GRANT_SEND);
  static const struct {
    const char *name;
    int port;
    bool granted;
  } names[] = {
      {"a.example.com", 443, true},
      {"A.B.EXAMPLE.COM", 444, true},
      {"a.example.com.", 443, true},
      {"example.com", 443, false},
      {".example.com", 443, false},
      {"aexample.com", 443, false},
      {"a.example.com", 445, false},
      {"a.example.com.evil.test", 443, false},
      {"example.com.", 443, false},
      {"", 443, false},
      {".", 443, false},
      {"api.test", 80, false},
  };
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (grants_have_name(g, names[i].name, names[i].port, RILL_GRANT_CONNECT) !=
        names[i].granted)
      fail_msg("%s:%d", names[i].name, names[i].port);
  assert_true(grants_have_name(g, "API.test", 80, RILL_GRANT_SEND));
  static const struct {
    const char *address;
    bool is_public;
  } addresses[] = {
      {"192.0.2.1", true},
      {"8.8.8.8", true},
      {"127.0.0.1", false},
      {"0.0.0.0", false},
      {"10.1.2.3", false},
      {"172.31.0.1", false},
      {"172.32.0.1", true},
      {"192.168.0.1", false},
      {"169.254.169.254", false},
      {"100.64.0.1", false},
      {"224.0.0.1", false},
      {"255.255.255.255", false},
      {"::", false},
      {"::1", false},
      {"2606:4700::1111", true},
      {"fd00::1", false},
      {"fe80::1", false},
      {"ff02::1", false},
      {"::ffff:10.0.0.1", false},
      {"::ffff:8.8.8.8", true},
      {"64:ff9b::7f00:1", false},
      {"64:ff9b::808:808", true},
      {"2002:7f00:1::", false},
      {"2002:808:808::", true},
      {"::7f00:1", false},
      {"64:ff9b:1::1", false},
      {"::ffff:0:7f00:1", false},
      {"2001::1", false},
  };
  for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
    struct sockaddr_storage address = address_of(addresses[i].address);
    if (grants_have_address_of(g, "a.example.com", &address, 443,
                               RILL_GRANT_CONNECT) != addresses[i].is_public)
      fail_msg("%s", addresses[i].address);
    assert_false(grants_have_address(g, &address, 443, RILL_GRANT_CONNECT));
  }
  allow(g, "10.8.0.0/13", 1, 9, RILL_GRANT_CONNECT);
  allow(g, "fd00:12::/31", 1, 9, RILL_GRANT_CONNECT);
  static const struct {
    const char *address;
    int port;
    bool granted;
  } networks[] = {
      {"10.8.0.0", 1, true},    {"10.15.255.255", 9, true},
      {"10.16.0.0", 1, false},  {"10.7.255.255", 1, false},
      {"10.8.0.0", 10, false},  {"::ffff:10.9.0.1", 5, true},
      {"::10.9.0.1", 5, false}, {"fd00:13::1", 5, true},
      {"fd00:14::1", 5, false},
  };
  for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++) {
    struct sockaddr_storage address = address_of(networks[i].address);
    if (grants_have_address(g, &address, networks[i].port,
                            RILL_GRANT_CONNECT) != networks[i].granted)
      fail_msg("%s:%d", networks[i].address, networks[i].port);
  }
  rill_grants_free(g);
}

static void test_no_network(void **state) {
  rill_grants *g = rill_grants_new();
  rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE, 0);
  static const Case none[] = {
      {"(await import('node:net')).connect(80, '127.0.0.1')",
       "The host of this isolate allows no access to the network"},
      {"await fetch('http://127.0.0.1/').catch((e) => e.message)",
       "The host of this isolate allows no access to the network"},
  };
  CHECK(iso, none);
  rill_isolate_free(iso);
  static const struct {
    const char *host;
    uint32_t first, last, how;
  } wrong[] = {
      {NULL, 1, 2, RILL_GRANT_CONNECT},
      {"", 1, 2, RILL_GRANT_CONNECT},
      {".", 1, 2, RILL_GRANT_CONNECT},
      {"a b", 1, 2, RILL_GRANT_CONNECT},
      {"*.", 1, 2, RILL_GRANT_CONNECT},
      {"a.*", 1, 2, RILL_GRANT_CONNECT},
      {"10.0.0.0/33", 1, 2, RILL_GRANT_CONNECT},
      {"10.0.0.0/", 1, 2, RILL_GRANT_CONNECT},
      {"::/-1", 1, 2, RILL_GRANT_CONNECT},
      {"host", 2, 1, RILL_GRANT_CONNECT},
      {"host", 1, 65536, RILL_GRANT_CONNECT},
      {"host", 1, 2, 0},
      {"host", 1, 2, 16},
      {"host", 1, 2, RILL_GRANT_LISTEN},
      {"*", 1, 2, RILL_GRANT_RECEIVE | RILL_GRANT_SEND},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    assert_int_equal(rill_grants_network(g, wrong[i].host, wrong[i].first,
                                         wrong[i].last, wrong[i].how),
                     RILL_INVALID);
  rill_grants_free(g);
}

// Programs
// ------------------------------------------------------------------------

static const char program_set_up[] =
    "var cp = await import('node:child_process');"
    "var run = (file, args, options) => {"
    "  try { return cp.execFileSync(file, args ?? [], options) + '' }"
    "  catch (e) { return e.code ?? e.message } };"
    "var spawned = (file, args, options) => new Promise((r) => {"
    "  let t = ''; try { const c = cp.spawn(file, args, options);"
    "  c.on('error', (e) => r(e.code)); c.stdout?.on('data', (d) => t += d);"
    "  c.on('close', () => r(t)) } catch (e) { r(e.code) } }); 'there'";

static void test_programs(void **state) {
  rill_grants *g = rill_grants_new();
  assert_int_equal(rill_grants_program(g, "say", "/bin/echo"), RILL_OK);
  assert_int_equal(rill_grants_program(g, "env", "/usr/bin/env"), RILL_OK);
  assert_int_equal(rill_grants_program(g, "pwd", "/bin/pwd"), RILL_OK);
  assert_int_equal(rill_grants_program(g, "cat", "/bin/cat"), RILL_OK);
  assert_int_equal(
      rill_grants_directory(g, "/data", in("shared"), RILL_GRANT_READ),
      RILL_OK);
  assert_int_equal(rill_grants_environment(g, "RILL_TEST_GRANTED"), RILL_OK);
  assert_int_equal(rill_grants_program(g, "say", "/bin/cat"), RILL_INVALID);
  assert_int_equal(rill_grants_program(g, "/bin/sh", "/bin/sh"), RILL_INVALID);
  assert_int_equal(rill_grants_program(g, "x", "bin/sh"), RILL_INVALID);
  assert_int_equal(rill_grants_program(g, "x", "/no/such"), RILL_FAILED);
  assert_int_equal(rill_grants_program(g, "x", "/tmp"), RILL_FAILED);
  setenv("RILL_TEST_GRANTED", "yes", 1);
  setenv("RILL_TEST_SECRET", "no", 1);
  rill_options options = RILL_OPTIONS_INIT;
  options.allow = RILL_ALLOW_CONSOLE;
  options.grants = g;
  rill_isolate *iso = rill_isolate_new(&options);
  assert_non_null(iso);
  rill_grants_free(g);
  assert_string_equal(eval(iso, program_set_up), "there");
  static const Case cases[] = {
      {"run('say', ['hello'])", "hello\n"},
      {"await spawned('say', ['hello'])", "hello\n"},
      {"run('cat', [], { input: 'through' })", "through"},
      {"run('env')", "RILL_TEST_GRANTED=yes\n"},
      {"run('env', [], { env: { RILL_TEST_GRANTED: 'mine' } })",
       "RILL_TEST_GRANTED=mine\n"},
      {"run('pwd')", "/\n"},
      {"run('pwd', [], { cwd: '/data/sub' }).endsWith('/shared/sub\\n')",
       "true"},
      // Nothing else.
      {"run('/bin/echo', ['hello'])", "EACCES"},
      {"run('echo', ['hello'])", "EACCES"},
      {"run('./say')", "EACCES"},
      {"run('sh', ['-c', 'echo'])", "EACCES"},
      {"await spawned('say hello', [], { shell: true })", "EACCES"},
      {"await spawned('/bin/sh', ['-c', 'echo'])", "EACCES"},
      {"run('env', [], { env: { LD_PRELOAD: '/data/x.so' } })", "EACCES"},
      {"run('env', [], { env: { PATH: '/data' } })", "EACCES"},
      {"run('say', ['x'], { argv0: 'sh' })", "EPERM"},
      {"run('say', ['x'], { uid: 0 })", "EPERM"},
      {"run('pwd', [], { cwd: '/etc' })", "EACCES"},
      {"run('pwd', [], { cwd: '/data/up' })", "EACCES"},
      {"await spawned('say', ['x'], { stdio: 'inherit' })", "EACCES"},
      {"await spawned('say', ['x'], { stdio: ['pipe', 'pipe', 2] })", "EACCES"},
      {"try { process.kill(1, 0); 'sent' } catch (e) { e.message }",
       "The host of this isolate allows no access to processes"},
      {"(await (await import('rill:task')).spawn(async () => {"
       "  const cp = await import('node:child_process');"
       "  const run = (f) => { try { return cp.execFileSync(f, ['x']) + '' }"
       "    catch (e) { return e.code } };"
       "  return run('say') + run('/bin/echo') }))",
       "x\nEACCES"},
  };
  CHECK(iso, cases);
  rill_isolate_free(iso);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(test_files),           TEST(test_nobody_gets_out),
      TEST(test_spawned),         TEST(test_environment),
      TEST(test_races),           TEST(test_bad_grants),
      TEST(E11_shared_directory), TEST(test_network_in_parts),
      TEST(test_names),           TEST(test_no_network),
      TEST(test_programs),        TEST(test_answers_only),
      TEST(test_rules),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
