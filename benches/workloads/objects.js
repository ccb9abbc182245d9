// Objects: literals, shapes, polymorphic access, prototypes, spread.
class Point { constructor(x, y) { this.x = x; this.y = y; } dot(p) { return this.x * p.x + this.y * p.y; } }
class Point3 extends Point { constructor(x, y, z) { super(x, y); this.z = z; } dot(p) { return super.dot(p) + this.z; } }
function run() {
  let sum = 0;
  const origin = new Point(1, 2);
  for (let i = 0; i < 20000; i++) {
    const p = i & 1 ? new Point(i, 1) : new Point3(i, 2, 3);
    sum += p.dot(origin);
    const o = { a: i, b: p, ["k" + (i & 7)]: 1 };
    const { a, ...rest } = { ...o, c: 3 };
    sum += a + rest.c;
  }
  return sum;
}
if (typeof bench === "function") bench("objects", run);
else for (let i = 0; i < 60; i++) run();
