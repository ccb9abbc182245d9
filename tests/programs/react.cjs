// react-dom renders components to HTML, at once and as a stream.
const React = require("react");
const { renderToPipeableStream, renderToStaticMarkup, renderToString } = require("react-dom/server");

const h = React.createElement;
const Theme = React.createContext("light");
function useCounter(start) {
  const [count] = React.useState(() => start * 2);
  return React.useMemo(() => ({ count, id: React.useRef(count).current }), [count]);
}
const Item = React.memo(React.forwardRef(({ name, price, children }, ref) => {
  const theme = React.useContext(Theme);
  const [total] = React.useReducer((a, b) => a + b, price);
  return h("li", { ref, className: `item ${theme}`, "data-price": total, style: { color: "red", marginTop: 4 }, onClick() {} }, name, " & ", children);
}));
class Boundary extends React.Component {
  state = { n: 1 };
  static getDerivedStateFromProps = (props, state) => ({ n: state.n + props.by });
  render() {
    return h(React.Fragment, null, h("b", null, this.state.n), this.props.children);
  }
}
function App({ items }) {
  const { count } = useCounter(items.length), id = React.useId();
  return h(Theme.Provider, { value: "dark" },
    h(Boundary, { by: 2 }, h("h1", { id, dangerouslySetInnerHTML: { __html: "<i>raw</i>" } })),
    h("ul", null, items.map((item) => h(Item, { key: item.name, ...item }, h("em", null, count), null, false, "<text>"))),
    h("input", { defaultValue: 'a"b', checked: true, readOnly: true }), h("select", { defaultValue: "2" }, h("option", { value: "1" }, "one"), h("option", { value: "2" }, "two")),
    h("svg", { viewBox: "0 0 1 1", xlinkHref: "#a" }, h("path", { strokeWidth: 2 })));
}
const items = Array.from({ length: 20 }, (_, i) => ({ name: `Item <${i}>`, price: i * 1.5 }));
console.log(renderToString(h(App, { items })));
console.log(renderToStaticMarkup(h(App, { items: items.slice(0, 2) })));
let length = 0;
for (let i = 0; i < 200; i++) length += renderToString(h(App, { items })).length;
console.log(length);
const Lazy = React.lazy(async () => ({ default: () => h("p", null, "loaded") }));
const stream = renderToPipeableStream(h(React.Suspense, { fallback: h("p", null, "waiting") }, h(Lazy)), { onAllReady() { stream.pipe(out); } });
const { PassThrough } = require("node:stream");
const out = new PassThrough();
let text = "";
out.on("data", (chunk) => text += chunk).on("end", () => console.log(text));
try {
  renderToString(h(() => { throw new Error("in a component"); }));
} catch (error) {
  console.log(error.message);
}
