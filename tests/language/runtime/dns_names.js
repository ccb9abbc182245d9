// The codes and the order of results of node:dns: what Node 20 prints.
import dns, * as named from "node:dns";
import promises, * as promisesNamed from "node:dns/promises";

const isCode = (name) => /^[A-Z]+$/.test(name) && typeof named[name] === "string";
for (const all of [named, promisesNamed, dns, promises]) {
  console.log(Object.keys(named).filter(isCode).map((name) => all[name]).join(" "));
}
for (const order of ["ipv4first", "ipv6first", "x", 5, undefined, "verbatim"]) {
  try {
    promises.setDefaultResultOrder(order);
    console.log(dns.getDefaultResultOrder(), named.getDefaultResultOrder());
  } catch (e) {
    console.log(e.name, e.code, e.message);
  }
}
for (const options of [{ verbatim: 5 }, { order: "q" }]) {
  for (const lookup of [dns.lookup, promises.lookup]) {
    try {
      lookup("127.0.0.1", options, () => {});
    } catch (e) {
      console.log(e.name, e.code, e.message);
    }
  }
}
for (const options of [{ verbatim: false }, { order: "ipv6first", all: true }, undefined]) {
  console.log(await promises.lookup("::1", options));
}
