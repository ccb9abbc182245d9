// URL and URLSearchParams.
const show = (href, base) => {
  try {
    const url = new URL(href, base);
    console.log([url.href, url.origin, url.username, url.password, url.host,
                 url.port, url.pathname, url.search, url.hash].join(" | "));
  } catch (error) {
    console.log(`${error.name} ${error.code}: ${error.message}`);
  }
};
show("https://user:pa%20ss@EXAMPLE.com:8080/a/./b/../c?x=1#y");
show("HTTP://example.com:80/%7Efoo/../");
show("../x?q#h", "http://h/a/b/c");
show("//other/p", "https://h/a");
show("?only", "https://h/a?b#c");
show("#", "about:blank");
show("http://faß.ExAmPlE/");
show("http://0x7f.1/");
show("http://[2001:db8::0:1]:443/");
show("http://1.2.3.4.5/");
show("file:///C|/x/../..");
show("mailto:a b ?x");
show("web+demo:/.//not-a-host/");
show("blob:https://h:5/id");
show("no base");
show("http://ho st/");
show("http://a%00b/");

const url = new URL("http://example.com/path?a=1&b=2#h");
url.protocol = "https";
url.host = "other:8443";
url.port = "443";
url.pathname = "é ?";
url.username = "me:";
url.search = "c=3";
url.hash = "";
console.log(url.href, [...url.searchParams]);
url.searchParams.append("ä", "& +");
url.searchParams.delete("c");
console.log(String(url), JSON.stringify({ url }));
url.href = "ftp://x/?k";
console.log([...url.searchParams.entries()], URL.canParse("x:"),
            URL.parse("::"));

const params = new URLSearchParams("?a=b&c=%20d+e&c=2&%zz=%ff&=v&&k");
console.log([...params], params.size, params.getAll("c"), params.has("c", "2"));
params.set("c", "one");
params.sort();
console.log(params.toString());
console.log(new URLSearchParams({ x: 1, y: [2, 3] }).toString(),
            new URLSearchParams([["k", "v"]]).toString());
console.log(new URL("http://x/?a=b"));
