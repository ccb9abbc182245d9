// SPDX-License-Identifier: MIT
// Runs one web-platform-test in the global scope of `rill run --shell`, under
// testharness.js: driver.js SUITE TEST VARIANT SCRIPT... The scripts are the
// test's own, in order; paths are relative to the suite. Prints a line for each
// subtest, "result STATUS NAME-AS-JSON MESSAGE-AS-JSON", and "complete STATUS
// MESSAGE" at the end.
"use strict";
{
  const [suite, path, variant, ...scripts] = globalThis.arguments;
  const { print, load, readFile } = globalThis;
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  // Where the suite's server finds a file.
  const resolve = (name) => {
    if (name === "/resources/WebIDLParser.js") {
      name = "/resources/webidl2/lib/webidl2.js";
    }
    return `${suite}/${name.startsWith("/") ? name.slice(1)
        : `${folder}${name}`}`.replace(/[?#].*$/, "");
  };

  globalThis.self = globalThis;
  globalThis.GLOBAL = {
    isWindow: () => false,
    isWorker: () => false,
    isShadowRealm: () => false,
  };
  globalThis.location = {
    href: `http://web-platform.test/${path}${variant}`,
    origin: "http://web-platform.test",
    protocol: "http:",
    host: "web-platform.test",
    hostname: "web-platform.test",
    pathname: `/${path}`,
    search: variant,
    hash: "",
    toString() {
      return this.href;
    },
  };
  // What interfaces exist in a window is what is asked of rill.
  if (scripts.includes("/resources/idlharness.js")) {
    globalThis.Window = function Window() {};
  }
  // Tests take SharedArrayBuffer from there, which rill has without WebAssembly.
  globalThis.WebAssembly = {
    Memory: class {
      buffer = new SharedArrayBuffer(0);
    },
  };
  // Tests fetch their data from the suite; nothing else is offered.
  const { fetch: realFetch, process } = globalThis;
  globalThis.fetch = async (name, options) => {
    const url = String(name?.url ?? name);
    if (/^(data|blob):/.test(url)) return realFetch(name, options);
    if (url.endsWith("/echo-content.py")) {
      const request = new Request("http://web-platform.test/", options);
      return new Response(await request.arrayBuffer());
    }
    const { readFileSync } = process.getBuiltinModule("node:fs");
    return new Response(readFileSync(resolve(url)));
  };

  load(`${suite}/resources/testharness.js`);
  add_result_callback((test) => {
    print("result", test.status, JSON.stringify(test.name),
          JSON.stringify(test.message ?? ""));
  });
  // Some tests wait for what does not keep a program alive.
  const alive = setTimeout(() => {}, 50_000);
  add_completion_callback((tests, status) => {
    clearTimeout(alive);
    print("complete", status.status, JSON.stringify(status.message ?? ""));
  });
  for (const script of scripts) load(resolve(script));
}
