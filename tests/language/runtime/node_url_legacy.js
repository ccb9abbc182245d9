// node:url's parse, format and resolve, as on Node.
import url from "node:url";
for (const t of ["http://user:pa%20ss@Host.com:8080/p/a/t/h?query=string&a=1#hash", "/path?x=1", "?x", "#h", "", "path/to", "//host/path", "http://a", "https://a/?b", "mailto:a@b.c", "javascript:alert(1)", "http://a.com/ b'c\"d{e}", "HTTP://EXAMPLE.com:/x", "http:a", "file:///etc/passwd", "http://[::1]:80/x", "http://a@b@c/", "http://ab;cd/", "x:y", "x://y/z", "//a@b/c", "http:\\\\a\\b?c\\d", "http://münchen.de/ü", " http://a/ ", "data:text/plain,a b", "http://a.b/\tbc\ndr\ref g\"hq'j<kl>?mn\\op=q=r", "ws://a", "http://a?b#c?d"]) {
  const u = url.parse(t); console.log(JSON.stringify(t), JSON.stringify(u));
  console.log(JSON.stringify(url.parse(t, true, true)));
}
for (const o of [{ protocol: "http", host: "a", pathname: "b", query: { c: 1, d: ["x", "y"] } }, { hostname: "::1", port: 80, protocol: "https:", pathname: "/x?y#z", hash: "q" }, { pathname: "/a", search: "b#c" }, { protocol: "mailto", auth: "a", host: "b" }, { slashes: true, host: "h" }, new URL("http://u:p@xn--mnchen-3ya.de:80/a?b#c")]) console.log(url.format(o));
console.log(url.format(new URL("http://u:p@xn--mnchen-3ya.de:81/a?b#c"), { auth: false, unicode: true, search: false, fragment: false }));
for (const [a, b] of [["/one/two/three", "four"], ["http://example.com/", "/one"], ["http://example.com/one", "/two"], ["http://a/b/c/d;p?q", "../g"], ["http://a/b/c/d;p?q", "../../../g"], ["http://a/b/c/d;p?q", "./g/"], ["http://a/b/c/d;p?q", "g?y#s"], ["http://a/b/c/d;p?q", "?y"], ["http://a/b/c/d;p?q", "#s"], ["http://a/b/c/d;p?q", ""], ["http://a/b/c/d;p?q", "//g"], ["http://a/b/c/d;p?q", "https://g/x"], ["http://a/b", "http:c"], ["a/b/c", "../../d"], [".", "x"], ["/a/", ".."], ["http://a", "b"], ["http://a/b/../c", "."]]) console.log(JSON.stringify([a, b, url.resolve(a, b)]));
try { url.parse(1) } catch (e) { console.log(e.code) }
