// mocha runs a suite with hooks, asynchronous tests, retries and failures.
const assert = require("node:assert");
const { default: Mocha } = require("mocha");

const mocha = new Mocha({ timeout: 200 });
const events = [];
mocha.suite.emit("pre-require", globalThis, "", mocha);
describe("outer", function () {
  before(() => events.push("before"));
  beforeEach(() => events.push("beforeEach"));
  after(async () => events.push("after"));
  it("passes", () => assert.strictEqual(1, 1));
  it("fails", () => assert.deepStrictEqual({ a: [1, 2] }, { a: [1, 3] }));
  it("waits", (done) => void setTimeout(done, 5));
  it("awaits", async () => {
    await null;
    throw new TypeError("rejected");
  });
  it("is pending");
  it.skip("is skipped", () => {});
  it("times out", function (done) {
    this.timeout(5);
  });
  let tries = 0;
  it("retries", function () {
    this.retries(3);
    if (++tries < 3) throw new Error(`try ${tries}`);
  });
  describe("inner", () => {
    it("sees outer hooks", () => assert.ok(events.filter((e) => e === "beforeEach").length > 5));
    it("skips itself", function () {
      this.skip();
    });
  });
});
const runner = mocha.reporter(function (runner) {
  for (const event of ["start", "suite", "suite end", "pass", "fail", "pending", "retry", "end"]) {
    runner.on(event, (subject, error) =>
      console.log(event, subject?.fullTitle?.() ?? "", error?.name ?? "", error?.message.split("\n")[0] ?? ""));
  }
}).run((failures) => {
  console.log(failures, runner.stats.passes, runner.stats.pending, events.join());
});
