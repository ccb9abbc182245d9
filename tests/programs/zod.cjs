// zod: schemas, transforms, unions, errors.
const { z } = require("zod");

const node = z.lazy(() => z.object({ id: z.number(), children: z.array(node).default([]) }));
const schema = z.object({
  name: z.string().trim().min(2).regex(/^\p{Lu}/u, "capital first"),
  email: z.string().email().optional(), at: z.coerce.date(), ip: z.string().ip().nullish(),
  kind: z.enum(["a", "b"]).catch("a"), size: z.union([z.number().int().positive(), z.string().transform((s) => s.length)]),
  shape: z.discriminatedUnion("type", [z.object({ type: z.literal("circle"), r: z.number() }), z.object({ type: z.literal("square"), side: z.number().multipleOf(0.5) })]),
  map: z.map(z.string(), z.set(z.bigint())).optional(), tree: node.optional(), rest: z.record(z.tuple([z.number(), z.string()]).rest(z.boolean())).default({}),
}).strict().superRefine((value, context) => {
  if (value.name === value.email) context.addIssue({ code: "custom", message: "same", path: ["name", 0] });
});
const good = { name: " Ada ", at: "2020-01-02", kind: "z", size: "four", shape: { type: "circle", r: 1 }, map: new Map([["k", new Set([1n])]]), tree: { id: 1, children: [{ id: 2 }] }, rest: { x: [1, "y", true] } };
console.log(schema.parse(good));
const result = schema.safeParse({ name: "a", email: "no", at: "never", ip: "1.2.3.400", size: -1.5, shape: { type: "blob" }, tree: { id: "x" }, rest: { x: [1] }, extra: 1 });
console.log(JSON.stringify(result.error.issues, null, 1), JSON.stringify(result.error.format()), result.error.flatten());
schema.parseAsync({}).catch((error) => console.log(error.name, error.issues.length, error.message));
let good_count = 0;
for (let i = 0; i < 20000; i++) good_count += schema.safeParse(i % 2 ? good : { ...good, size: 1.5 }).success;
console.log(good_count);
