// rxjs: operators, subjects and schedulers in virtual time.
const rx = require("rxjs");
const { TestScheduler } = require("rxjs/testing");
const assert = require("node:assert");

rx.range(1, 20000).pipe(
  rx.filter((n) => n % 3 === 0), rx.map((n) => n * n), rx.scan((a, b) => (a + b) % 1000003, 0),
  rx.bufferCount(1000, 500), rx.mergeMap((b) => rx.from(b).pipe(rx.reduce((a, n) => a ^ n, 0))),
).subscribe((n) => console.log(n));
const inVirtualTime = (work) => new TestScheduler((actual, expected) => {
  assert.deepStrictEqual(actual, expected);
  console.log("as expected", actual.map((m) => `${m.frame}:${m.notification.kind}${m.notification.value ?? ""}`).join(" "));
}).run(work);
inVirtualTime(({ hot, expectObservable }) => {
  const source = hot("-a-b-^c--d--e----f|");
  expectObservable(source.pipe(rx.debounceTime(2))).toBe("---c--d--e---(f|)");
});
inVirtualTime(({ cold, expectObservable }) => {
  expectObservable(cold("a-b-(c|)").pipe(rx.switchMap((x) => cold("x-|").pipe(rx.map(() => x))))).toBe("a-b-c-|");
});
inVirtualTime(({ expectObservable }) => {
  expectObservable(rx.timer(10, 5).pipe(rx.take(3))).toBe("10ms a 4ms b 4ms (c|)", { a: 0, b: 1, c: 2 });
});
const subject = new rx.ReplaySubject(2);
[1, 2, 3].forEach((n) => subject.next(n));
subject.subscribe((n) => console.log("replayed", n));
rx.merge(rx.interval(4).pipe(rx.take(2), rx.map((n) => `i${n}`)),
         rx.of("of", rx.asyncScheduler), Promise.resolve("promise"),
         rx.throwError(() => new Error("stop")).pipe(rx.delay(50), rx.retry(2), rx.catchError((e) => rx.of(e.message))))
  .pipe(rx.toArray()).subscribe({ next: (all) => console.log(all.map(String).sort()), complete: () => console.log("done") });
rx.firstValueFrom(rx.combineLatest({ a: rx.of(1, 2), b: rx.of(3).pipe(rx.delay(1)) })).then(console.log);
rx.lastValueFrom(rx.EMPTY).catch((e) => console.log(e.name, e.message));
