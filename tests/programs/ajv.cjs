// ajv compiles JSON schemas to functions, and validates schemas themselves.
const Ajv = require("ajv").default;

const ajv = new Ajv({ allErrors: true, code: { source: true }, strict: false, useDefaults: true, coerceTypes: true, discriminator: true });
ajv.addKeyword({ keyword: "even", type: "number", validate: (on, n) => !on || n % 2 === 0 });
ajv.addFormat("word", /^\w+$/);
const schema = {
  $id: "person", type: "object", required: ["name", "age"], additionalProperties: false,
  properties: {
    name: { type: "string", minLength: 2, pattern: "^[A-Z]\\p{L}+$", format: "word" },
    age: { type: "integer", minimum: 0, exclusiveMaximum: 150, even: true },
    tags: { type: "array", uniqueItems: true, items: { enum: ["a", "b", { c: 1 }] }, default: [] },
    boss: { $ref: "person" },
    shape: { discriminator: { propertyName: "kind" }, required: ["kind"], oneOf: [
      { properties: { kind: { const: "circle" }, r: { type: "number" } }, required: ["r"] },
      { properties: { kind: { const: "square" }, side: { type: "number", multipleOf: 0.5 } } } ] },
    more: { if: { type: "string" }, then: { maxLength: 3 }, else: { not: { type: "null" } } },
  },
  patternProperties: { "^x-": { anyOf: [{ type: "number" }, { type: "boolean" }] } },
  dependentRequired: { boss: ["tags"] },
};
const validate = ajv.compile(schema);
console.log(validate.source.validateCode);
for (const value of [
  { name: "Ada", age: "36", boss: { name: "Bö", age: 2 } },
  { name: "a", age: 151.5, tags: ["a", "a", { c: 1 }, "z"], extra: 1, "x-1": "y" },
  { name: "Cy", age: 4, shape: { kind: "circle" }, more: "long" },
  { name: "Cy", age: 4, shape: { kind: "hexagon" }, more: null },
  { name: "Cy", age: 4, shape: { kind: "square", side: 0.75 }, boss: { age: 1 } },
]) {
  console.log(validate(value), JSON.stringify(value), ajv.errorsText(validate.errors));
}
console.log(ajv.validateSchema({ type: "nope", minimum: "x" }), ajv.errorsText());
let valid = 0;
for (let i = 0; i < 100000; i++) valid += validate({ name: "Ada", age: i % 200, tags: ["a"] });
console.log(valid);
