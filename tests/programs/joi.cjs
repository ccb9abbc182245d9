// joi and superstruct describe and check data.
const Joi = require("joi");
const s = require("superstruct");

const schema = Joi.object({
  name: Joi.string().alphanum().min(3).required(), born: Joi.date().iso().less("now"), email: Joi.string().email({ tlds: false }),
  tags: Joi.array().items(Joi.string().valid("a", "b"), Joi.number()).unique().max(3), a: Joi.any(), b: Joi.when("a", { is: Joi.exist(), then: Joi.number().multiple(5).required(), otherwise: Joi.forbidden() }),
  ref: Joi.number().greater(Joi.ref("b")), alt: Joi.alternatives(Joi.boolean(), Joi.string().regex(/^x/)), deep: Joi.object().pattern(/^k\d$/, Joi.number()),
}).with("email", "name").xor("a", "tags").unknown(false);
for (const value of [{ name: "ada", tags: ["a", 1] }, { name: "x!", born: "3000-01-01", tags: ["z", 1, 1, 2], alt: "y", deep: { q: 1 }, more: 1 }, { name: "bob", a: 1, b: 7, ref: 3, email: "nope" }]) {
  const { error, value: out } = schema.validate(value, { abortEarly: false });
  console.log(error?.details.map((d) => d.message) ?? out);
}
console.log(JSON.stringify(schema.describe()).length);
const User = s.object({ id: s.coerce(s.number(), s.string(), Number), roles: s.defaulted(s.array(s.enums(["x", "y"])), ["x"]), sub: s.optional(s.type({ n: s.min(s.integer(), 3) })) });
console.log(s.create({ id: "5" }, User));
for (const bad of [{ id: 1, roles: ["z"] }, { id: {}, roles: [] }, { id: 1, roles: [], sub: { n: 1 } }]) {
  const [error] = s.validate(bad, User);
  console.log(error.message, error.path);
}
