// mobx, redux, robot3 and fp-ts: state and effects.
import { pipe } from "fp-ts/lib/function.js";
import * as O from "fp-ts/lib/Option.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { autorun, makeAutoObservable, reaction, runInAction } from "mobx";
import { applyMiddleware, combineReducers, createStore } from "redux";
import { createMachine, interpret, invoke, reduce, state, transition } from "robot3";

class Cart {
  items = [];
  rate = 0.1;
  constructor() {
    makeAutoObservable(this);
  }
  get total() {
    return this.items.reduce((a, i) => a + i.price * i.count, 0) * (1 + this.rate);
  }
  add(item) {
    this.items.push(item);
  }
}
const cart = new Cart();
autorun(() => console.log("total", cart.total.toFixed(2)));
reaction(() => cart.items.length, (n) => console.log("items", n));
cart.add({ price: 5, count: 2 });
runInAction(() => { cart.items[0].count = 3; cart.rate = 0; });
const store = createStore(combineReducers({ n: (n = 0, a) => a.type === "add" ? n + a.by : n, log: (l = [], a) => [...l, a.type].slice(-2) }),
  applyMiddleware(({ dispatch }) => (next) => (action) => typeof action === "function" ? action(dispatch) : next(action)));
store.subscribe(() => store.getState().n === 3 && console.log(store.getState()));
store.dispatch({ type: "add", by: 1 });
store.dispatch((d) => d({ type: "add", by: 2 }));
for (let i = 0; i < 50000; i++) store.dispatch({ type: "add", by: 1 });
console.log(store.getState().n);
const machine = createMachine({ idle: state(transition("go", "load")), load: invoke(async () => 42, transition("done", "end", reduce((c, e) => ({ ...c, data: e.data }))), transition("error", "idle")), end: state() }, () => ({ data: 0 }));
const service = interpret(machine, (s) => console.log("robot", s.machine.current, s.context));
service.send("go");
console.log(await pipe(TE.tryCatch(async () => { throw new Error("te"); }, String), TE.orElse((e) => TE.right(e.length)))(), pipe(O.some(3), O.map((n) => n + 1), O.filter((n) => n > 9), O.toNullable));
