// SPDX-License-Identifier: MIT
/*
 * rill.hpp, the wrapper for C++17: an inventory whose rules are scripts. What
 * is to be freed frees itself; errors are exceptions in both directions.
 *
 *   c++ -std=c++17 wrapper.cpp $(pkg-config --cflags --libs rill) && ./a.out
 */
#include <iostream>
#include <map>
#include <rill.hpp>

static const char rules[] = R"(
  let calls = 0;
  const price = (item) => { calls++; return prices[item] ?? 0; };
  const total = (items) => {
    if (items.length === 0) throw new RangeError("nothing was ordered");
    return items.reduce((sum, item) => sum + price(item) * left(item), 0);
  };
  async function report(items) {
    const sum = await total(items);
    return { sum, calls };
  }
)";

int main() {
  std::map<std::string, int> stock = {{"tea", 5}, {"cake", 2}};
  rill_options options = RILL_OPTIONS_INIT;
  options.max_heap_bytes = 16 << 20;
  rill::Isolate isolate(options);

  // A lambda is a function of the script's, with what it captures. What it
  // throws, the script can catch.
  isolate.define("left",
                 [&](rill::Call &call) { return stock.at(call[0].string()); });
  isolate.define("print", [](rill::Call &call) {
    for (std::size_t i = 0; i < call.count(); i++)
      std::cout << call[i].string() << (i + 1 < call.count() ? " " : "\n");
  });

  try {
    isolate.global().set("prices",
                         isolate.object().set("tea", 3).set("cake", 4));
    isolate.eval(rules, "rules.js");
    // Kept: longer than the scope it was made in.
    rill::Kept total;
    {
      rill::Scope scope(isolate);
      total = rill::Kept(isolate.eval("total"));
    } // handles made since are freed here

    std::cout << "sum: "
              << total.value()(std::vector<std::string>{"tea", "cake"}).number()
              << "\n";
    rill::Value report =
        isolate.global().call("report", std::vector<std::string>{"tea"});
    std::cout << "report: " << report.await().json() << "\n";
    isolate.eval(
        "try { left('milk'); } catch (e) { print('caught', "
        "e instanceof Error); }");

    // Vectors, texts and numbers travel both ways.
    rill::Value list = isolate.value(std::vector<double>{1, 2.5, 4});
    rill::Value doubled =
        list.call("map", isolate.function("double", [](rill::Call &call) {
          return call[0].number() * 2;
        }));
    for (std::uint32_t i = 0; i < doubled.length(); i++)
      std::cout << doubled[i].number() << " ";
    std::cout << "\n";

    total.value()(isolate.array());
  } catch (const rill::Error &e) { // a copy: it needs no isolate
    std::cout << e.file << ":" << e.line << ": " << e.what() << "\n";
  }

  try {
    isolate.set_fuel(100000);
    isolate.eval("for (;;) { try { for (;;); } catch {} }");
  } catch (const rill::Error &e) {
    std::cout << (e.terminated() ? "out of fuel" : e.what()) << "\n";
  }
  isolate.set_fuel(-1);
  std::cout << isolate.eval("6 * 7").string() << "\n"; // it goes on
}
