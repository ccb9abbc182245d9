// typescript's compiler transpiles a file of a thousand lines.
const ts = require("typescript");

let source = "";
for (let i = 0; i < 125; i++) {
  source += `export interface P${i} { x: number; y?: string }
export class C${i}<T extends P${i}> {
  private items: T[] = [];
  constructor(readonly name: string, public n = ${i}) {}
  add(item: T): this { this.items.push(item); return this; }
  async get(): Promise<T | undefined> { return this.items?.[0] ?? undefined; }
}
export enum E${i} { A = ${i}, B, C = "c" as any }
`;
}
const result = ts.transpileModule(source, {
  compilerOptions: {
    module: ts.ModuleKind.CommonJS,
    target: ts.ScriptTarget.ES2017,
    sourceMap: true,
  },
});
console.log(source.split("\n").length - 1, "lines");
process.stdout.write(result.outputText + result.sourceMapText);
