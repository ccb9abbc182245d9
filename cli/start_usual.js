// Run by start_order: what many programs use once.
class Point {
  #x = 1;
  static make(...rest) {
    return new Point(...rest);
  }
  get x() {
    return this.#x;
  }
}

function* count(limit) {
  for (let i = 0; i < limit; i++) yield i;
}

async function main() {
  const point = Point.make(1, 2);
  const names = new Map([["a", 1], ["b", [2, 3.5]]]);
  for (const [name, value] of names) console.log(`${name}`, value, point.x);
  const text = [...count(3)].map((i) => i * 2).filter(Boolean).join(",");
  const { a = 1, ...others } = JSON.parse('{"b": [true, null, "x"]}');
  console.log(text.replace(/\d+/g, "n"), a, Object.keys(others));
  console.log(JSON.stringify({ a, others, date: new Date(0) }));
  try {
    throw new TypeError("expected");
  } catch (error) {
    console.log(error.message, error.stack.length > 0);
  }
  await null;
  await new Promise((resolve) => setTimeout(resolve, 1));
  process.exitCode = [3, 1, 2].sort((x, y) => x - y).at(0) - 1;
}

await main();
