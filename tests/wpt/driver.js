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
  // It takes SharedArrayBuffer from there, which rill has without WebAssembly.
  if (scripts.includes("/common/sab.js")) {
    globalThis.WebAssembly = {
      Memory: class {
        buffer = new SharedArrayBuffer(0);
      },
    };
  }
  // Tests fetch their data from the suite; nothing else is offered.
  globalThis.fetch = async (name) => {
    const text = readFile(resolve(String(name)));
    return {
      ok: true,
      status: 200,
      text: async () => text,
      json: async () => JSON.parse(text),
    };
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
